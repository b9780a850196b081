// Files are whole or absent, folders are made when they are needed, and lists of names are sorted.
#include "base/files.h"

#include "tests/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[PATH_BYTES];

static char *in_folder(char out[PATH_BYTES], const char *name) { return path_format(out, "%s/%s", folder, name); }

static void reads_what_was_written(void) {
    char path[PATH_BYTES], *data;
    size_t n;
    in_folder(path, "a.bin");
    static const char bytes[] = "one\0two\nthree";
    EXPECT_INT(file_write(path, bytes, sizeof bytes), STATUS_OK);
    EXPECT_INT(file_read(path, &data, &n), STATUS_OK);
    EXPECT_INT(n, sizeof bytes);
    EXPECT(!memcmp(data, bytes, n) && data[n] == 0);
    free(data);
    EXPECT_INT(file_write(path, "", 0), STATUS_OK);
    EXPECT_INT(file_read(path, &data, &n), STATUS_OK);
    EXPECT_INT(n, 0);
    EXPECT_TEXT(data, "");
    free(data);
}

static void reads_large_files_and_pipes(void) {
    char path[PATH_BYTES], *big = malloc(3000000), *data;
    size_t n;
    if (!big) exit(1);
    for (int i = 0; i < 3000000; i++) big[i] = (char)(i * 31 >> 3);
    EXPECT_INT(file_write(in_folder(path, "big"), big, 3000000), STATUS_OK);
    EXPECT_INT(file_read(path, &data, &n), STATUS_OK);
    EXPECT(n == 3000000 && !memcmp(data, big, n));
    free(data);
    int ends[2];
    EXPECT_INT(pipe(ends), 0);
    const pid_t writer = fork();
    if (writer == 0) {
        size_t put = 0;
        while (put < 500000) {
            const ssize_t w = write(ends[1], big + put, 500000 - put);
            if (w <= 0) _exit(1);
            put += (size_t)w;
        }
        _exit(0);
    }
    close(ends[1]);
    path_format(path, "/proc/self/fd/%d", ends[0]);
    EXPECT_INT(file_read_input(path, &data, &n), STATUS_OK);
    EXPECT(n == 500000 && !memcmp(data, big, n));
    free(data);
    close(ends[0]);
    waitpid(writer, NULL, 0);
    free(big);
}

// A file whose reading would wait for ever or never end is refused at once. Else the alarm ends the
// test.
static void pipes_and_devices_are_no_files(void) {
    char path[PATH_BYTES], *data;
    size_t n;
    int fd;
    const char *const places[] = {in_folder(path, "pipe"), folder, "/dev/zero", "/dev/tty"};
    EXPECT_INT(mkfifo(path, 0600), 0);
    alarm(20);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        EXPECT_INT(file_read(places[i], &data, &n), STATUS_IO);
        EXPECT(!data);
        EXPECT_INT(file_open(places[i], &fd, NULL), STATUS_IO);
        EXPECT_INT(file_expect_regular(places[i]), STATUS_IO);
        if (i) EXPECT_INT(file_read_input(places[i], &data, &n), STATUS_IO);
    }
    alarm(0);
    unlink(path);
    // Whoever opens it will say that it is missing.
    EXPECT_INT(file_expect_regular(path), STATUS_OK);
    EXPECT_INT(file_write(path, "some", 4), STATUS_OK);
    EXPECT_INT(file_expect_regular(path), STATUS_OK);
    EXPECT_INT(file_open(path, &fd, &n), STATUS_OK);
    EXPECT_INT(n, 4);
    close(fd);
}

static void missing_files_are_refused(void) {
    char path[PATH_BYTES], *data;
    size_t n;
    EXPECT_INT(file_read(in_folder(path, "not-there"), &data, &n), STATUS_IO);
    EXPECT(!data);
    EXPECT_INT(file_read(folder, &data, &n), STATUS_IO);
    EXPECT_INT(file_write(in_folder(path, "no/folder/x"), "x", 1), STATUS_IO);
    EXPECT(!file_exists(in_folder(path, "not-there")) && !dir_exists(path));
}

// A writer is killed again and again while it rewrites a file, which is always one of the whole
// versions.
static void a_killed_writer_leaves_a_whole_file(void) {
    enum { VERSION_BYTES = 100000 };
    char path[PATH_BYTES], *version = malloc(VERSION_BYTES);
    if (!version) exit(1);
    in_folder(path, "victim");
    memset(version, '0', VERSION_BYTES);
    EXPECT_INT(file_write(path, version, VERSION_BYTES), STATUS_OK);
    for (int round = 0; round < 12; round++) {
        const pid_t writer = fork();
        if (writer == 0)
            for (int i = 1;; i++) {
                memset(version, 'a' + i % 26, VERSION_BYTES);
                if (file_write(path, version, VERSION_BYTES)) _exit(1);
            }
        usleep(2000 + 1733 * (unsigned)round);
        kill(writer, SIGKILL);
        waitpid(writer, NULL, 0);
        char *data;
        size_t n;
        EXPECT_INT(file_read(path, &data, &n), STATUS_OK);
        EXPECT_INT(n, VERSION_BYTES);
        for (size_t i = 1; i < n; i++)
            if (data[i] != data[0]) {
                EXPECT_INT(data[i], data[0]);
                break;
            }
        free(data);
    }
    free(version);
}

// Killed writers leave at most what the next writer of that path takes over, and writers at the
// same time don't disturb each other.
static void what_a_killed_writer_leaves_goes_with_the_next_write(void) {
    enum { WRITERS = 4, WRITES = 60, VERSION_BYTES = 20000 };
    char path[PATH_BYTES], aside[PATH_BYTES], **names, *data;
    int num_names = 0, num_left = 0;
    pid_t writers[WRITERS];
    size_t n;
    EXPECT_INT(dir_make(in_folder(path, "many")), STATUS_OK);
    in_folder(path, "many/victim");
    for (int left = 0; left < 2; left++) { // with one unlocked leftover of a kill, and with two
        const int fd = open(path_format(aside, "%s.tmp-%d", path, left), O_CREAT | O_WRONLY, 0600);
        EXPECT(fd >= 0 && write(fd, "half", 4) == 4);
        close(fd);
    }
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        if (writers[i]) continue;
        char *version = malloc(VERSION_BYTES);
        if (!version) _exit(1);
        memset(version, 'a' + i, VERSION_BYTES);
        for (int k = 0; k < WRITES; k++)
            if (file_write(path, version, VERSION_BYTES)) _exit(1);
        _exit(0);
    }
    for (int i = 0, how; i < WRITERS; i++) EXPECT(waitpid(writers[i], &how, 0) > 0 && how == 0);
    EXPECT_INT(file_read(path, &data, &n), STATUS_OK);
    EXPECT_INT(n, VERSION_BYTES);
    for (size_t i = 1; i < n; i++) num_left += data[i] != data[0];
    EXPECT_INT(num_left, 0);
    free(data);
    in_folder(path, "many/other");
    const pid_t killed = fork();
    if (killed == 0)
        for (;;) (void)file_write(path, "x", 1);
    usleep(20000);
    kill(killed, SIGKILL);
    waitpid(killed, NULL, 0);
    EXPECT_INT(file_write(path, "whole", 5), STATUS_OK);
    DIR *dir = opendir(in_folder(path, "many"));
    for (struct dirent *e; dir && (e = readdir(dir));) num_names += strncmp(e->d_name, "other", 5) == 0;
    if (dir) closedir(dir);
    EXPECT_INT(num_names, 1);
    EXPECT_INT(dir_list(path, "", &names, &num_names), STATUS_OK);
    free(names);
    EXPECT_INT(num_names, 2);
}

// A path that does not fit is refused wherever it is used, and names nothing that exists.
static void a_path_that_is_too_long_is_refused(void) {
    char long_name[2 * PATH_BYTES], path[PATH_BYTES], *data;
    size_t n;
    memset(long_name, 0, sizeof long_name);
    for (size_t i = 0; i + 1 < PATH_BYTES - 23; i += 2) memcpy(long_name + i, "./", 2);
    path_format(path, "%s/%s", folder, long_name);
    EXPECT_INT(strlen(path), PATH_BYTES - 1);
    EXPECT(!file_exists(path) && !dir_exists(path));
    EXPECT_INT(file_read(path, &data, &n), STATUS_IO);
    EXPECT_INT(file_write(path, "x", 1), STATUS_IO);
    EXPECT_INT(dir_make(path), STATUS_IO);
    struct folder held;
    EXPECT_INT(folder_open(&held, path), STATUS_IO);
    for (size_t i = 0; i + 2 < sizeof long_name; i += 2) memcpy(long_name + i, "./", 2);
    EXPECT_INT(dir_make(long_name), STATUS_IO);
    EXPECT_INT(file_write(long_name, "x", 1), STATUS_IO);
}

// When an open folder is renamed and another one takes its name, everything goes on in the open
// one.
static void a_held_folder_is_where_it_was_opened(void) {
    char a[PATH_BYTES], b[PATH_BYTES], path[PATH_BYTES];
    struct folder held, below, link;
    EXPECT_INT(dir_make(in_folder(a, "held")), STATUS_OK);
    EXPECT_INT(folder_open(&held, a), STATUS_OK);
    EXPECT_INT(folder_open_in(&below, &held, "below"), STATUS_OK); // it is made
    EXPECT_INT(rename(a, in_folder(b, "renamed")), 0);
    EXPECT_INT(dir_make(path_format(path, "%s/below", a)), STATUS_OK);
    EXPECT_INT(file_write(path_format(path, "%s/x", held.at), "x", 1), STATUS_OK);
    EXPECT_INT(file_write(path_format(path, "%s/y", below.at), "y", 1), STATUS_OK);
    EXPECT(file_exists(path_format(path, "%s/x", b)) && file_exists(path_format(path, "%s/below/y", b)));
    EXPECT(!file_exists(path_format(path, "%s/x", a)) && !file_exists(path_format(path, "%s/below/y", a)));
    EXPECT(!folder_is_moved(&held));
    long long num_bytes = 0, num_files = 0;
    EXPECT_INT(folder_size(&below, &num_bytes, &num_files), STATUS_OK);
    EXPECT_INT(num_files, 1);
    EXPECT(num_bytes >= 1);
    EXPECT_INT(file_write(path_format(path, "%s/below/y", a), "other", 5), STATUS_OK);
    EXPECT_INT(folder_remove(&below, "y"), STATUS_OK);
    EXPECT_INT(folder_remove(&below, "y"), STATUS_OK); // it is gone already, which is no error
    EXPECT(!file_exists(path_format(path, "%s/below/y", b)) && file_exists(path_format(path, "%s/below/y", a)));
    EXPECT_INT(symlink(path_format(path, "%s/below", a), path_format(b, "%s/link", held.at)), 0);
    EXPECT_INT(folder_open_in(&link, &held, "link"), STATUS_IO);
    EXPECT_INT(link.fd, -1);
    folder_close(&below);
    folder_close(&held);
    folder_close(&held); // closing it again does nothing
}

static void folders_list_sorted_without_temporaries(void) {
    char path[PATH_BYTES];
    EXPECT_INT(dir_make(in_folder(path, "deep/er/est")), STATUS_OK);
    EXPECT_INT(dir_make(path), STATUS_OK); // it is there already, which is no error
    EXPECT(dir_exists(path));
    static const char *const names[] = {"b.sgf", "a.sgf", "c.txt", "a.sgf.tmp-12-34", ".tmp-hold.sgf"};
    for (int i = 0; i < 5; i++) {
        char file[PATH_BYTES];
        path_format(file, "%s/%s", path, names[i]);
        const int fd = open(file, O_CREAT | O_WRONLY, 0600);
        EXPECT(fd >= 0);
        close(fd);
    }
    char **found;
    int n;
    EXPECT_INT(dir_list(path, ".sgf", &found, &n), STATUS_OK);
    EXPECT_INT(n, 3);
    EXPECT_TEXT(found[0], ".tmp-hold.sgf");
    EXPECT_TEXT(found[1], "a.sgf");
    EXPECT_TEXT(found[2], "b.sgf");
    free(found);
    EXPECT_INT(dir_list(path, "", &found, &n), STATUS_OK);
    EXPECT_INT(n, 4);
    free(found);
    EXPECT_INT(dir_list(in_folder(path, "nowhere"), "", &found, &n), STATUS_IO);
    EXPECT_INT(dir_make(in_folder(path, "a.bin/below-a-file")), STATUS_IO);
}

static void remove_all(const char *path) {
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        char below[PATH_BYTES];
        path_format(below, "%s/%s", path, e->d_name);
        if (dir_exists(below))
            remove_all(below);
        else
            unlink(below);
    }
    if (dir) closedir(dir);
    rmdir(path);
}

int main(void) {
    const char *base = getenv("TMPDIR");
    path_format(folder, "%s/tengen-files-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder)) return 1;
    reads_what_was_written();
    reads_large_files_and_pipes();
    pipes_and_devices_are_no_files();
    missing_files_are_refused();
    a_killed_writer_leaves_a_whole_file();
    what_a_killed_writer_leaves_goes_with_the_next_write();
    a_path_that_is_too_long_is_refused();
    a_held_folder_is_where_it_was_opened();
    folders_list_sorted_without_temporaries();
    remove_all(folder);
    return TEST_END();
}
