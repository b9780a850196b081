// Whole-file reading and atomic replacing.
//
// The new bytes are written to PATH.tmp-0 and fsynced, that file is renamed to PATH, and the folder
// is fsynced: after a crash at any instant PATH holds all of the old bytes or all of the new ones.
// The temporary file is locked while it is written. Another writer of the same PATH therefore uses
// PATH.tmp-1, and a temporary file that a killed program has left is unlocked and serves the next
// writer. So a leftover stays at most until PATH is written again, and dir_list doesn't list it.
#include "base/files.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOO_LONG_NAME = 300 }; // bytes; no file system takes a name of more than NAME_MAX, 255

// What a file of this mode is, for messages; NULL: a regular file.
static const char *other_kind(mode_t mode) {
    return S_ISREG(mode)    ? NULL
           : S_ISDIR(mode)  ? "a folder"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

// Opening a pipe waits for its writer, and opening a device may do anything. O_NONBLOCK opens at
// once, so that the kind of file can be checked before it is read; on a regular file it has no
// effect. Where a pipe is allowed, waiting for its writer is right.
static enum status open_input(const char *path, bool may_be_pipe, int *out, size_t *num_bytes) {
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | (may_be_pipe ? 0 : O_NONBLOCK | O_NOCTTY));
    if (fd < 0) return status_fail(STATUS_IO, "%s: can't open: %s", path, strerror(errno));
    if (fstat(fd, &info)) {
        const int why = errno;
        close(fd);
        return status_fail(STATUS_IO, "%s: can't look at it: %s", path, strerror(why));
    }
    const char *other = other_kind(info.st_mode);
    if (other && !(may_be_pipe && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode)))) {
        close(fd);
        return status_fail(STATUS_IO, "%s: is %s, not a file", path, other);
    }
    *out = fd;
    if (num_bytes) *num_bytes = other || info.st_size < 0 ? 0 : (size_t)info.st_size;
    return STATUS_OK;
}

enum status file_open(const char *path, int *fd, size_t *num_bytes) { return open_input(path, false, fd, num_bytes); }

enum status file_expect_regular(const char *path) {
    struct stat info;
    const char *other = stat(path, &info) ? NULL : other_kind(info.st_mode);
    return other ? status_fail(STATUS_IO, "%s: is %s, not a file", path, other) : STATUS_OK;
}

static enum status read_input(const char *path, bool may_be_pipe, char **data, size_t *num_bytes) {
    int fd = -1;
    size_t size = 0, length = 0;
    *data = NULL;
    *num_bytes = 0;
    TRY(open_input(path, may_be_pipe, &fd, &size));
    size_t capacity = size ? size : 4096; // pipes and files in /proc have no size
    char *bytes = malloc(capacity + 1);
    while (bytes) {
        // One byte more than there should be is asked for, to find out that the file ends there.
        const ssize_t got = read(fd, bytes + length, capacity - length + 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const int why = errno;
            free(bytes);
            close(fd);
            return status_fail(STATUS_IO, "%s: can't read: %s", path, strerror(why));
        }
        if (got == 0) break;
        length += (size_t)got;
        if (length <= capacity) continue;
        capacity *= 2; // the file has grown, or it is a pipe
        char *more = realloc(bytes, capacity + 1);
        if (!more) free(bytes);
        bytes = more;
    }
    close(fd);
    if (!bytes) return status_fail(STATUS_MEMORY, "%s: no memory to read it", path);
    bytes[length] = 0;
    *data = bytes;
    *num_bytes = length;
    return STATUS_OK;
}

enum status file_read(const char *path, char **data, size_t *num_bytes) { return read_input(path, false, data, num_bytes); }
enum status file_read_input(const char *path, char **data, size_t *num_bytes) {
    return read_input(path, true, data, num_bytes);
}

static bool write_all(int fd, const char *data, size_t num_bytes) {
    while (num_bytes > 0) {
        const ssize_t put = write(fd, data, num_bytes);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        data += put;
        num_bytes -= (size_t)put;
    }
    return true;
}

// Makes a rename durable. Where the file system can't sync a folder, there is nothing to be done.
static void sync_folder_of(const char *path) {
    char folder[PATH_BYTES];
    path_format(folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash)
        strcpy(folder, ".");
    else
        slash[slash == folder] = 0; // the folder of "/file" is "/"
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    (void)fsync(fd);
    close(fd);
}

// The most writers of one path at the same time: far more than there are threads.
enum { MAX_ASIDE = 1000 };

// Whether the open file is still the one that has this name.
static bool is_named(int fd, const char *path) {
    struct stat held, named;
    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 && held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

// Opens an empty, locked file beside `path` and writes its name to `aside`. Returns -1 when that
// fails; errno says why.
static int open_aside(const char *path, char aside[PATH_BYTES]) {
    for (int i = 0; i < MAX_ASIDE;) {
        path_format(aside, "%s.tmp-%d", path, i);
        const int fd = open(aside, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
        if (fd < 0) return -1;
        // On a file system without locks flock fails for another reason: then the file is ours.
        const bool is_taken = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        // Between open and flock another writer may have renamed it to `path`: it must not be cut.
        const bool is_ours = !is_taken && is_named(fd, aside);
        if (is_ours && ftruncate(fd, 0) == 0) return fd;
        const int why = errno;
        close(fd);
        errno = why;
        if (is_ours) return -1;
        i += is_taken;
    }
    errno = EBUSY;
    return -1;
}

enum status file_write(const char *path, const void *data, size_t num_bytes) {
    char aside[PATH_BYTES];
    const int fd = open_aside(path, aside);
    if (fd < 0) return status_fail(STATUS_IO, "%s: can't create: %s", path, strerror(errno));
    // The file is renamed before it is closed, because closing it releases the lock.
    const bool ok = write_all(fd, data, num_bytes) && fsync(fd) == 0 && rename(aside, path) == 0;
    const int why = errno;
    if (!ok) unlink(aside);
    close(fd); // after a successful fsync nothing is left that could fail here
    if (!ok) return status_fail(STATUS_IO, "%s: can't write: %s", path, strerror(why));
    sync_folder_of(path);
    return STATUS_OK;
}

bool file_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

enum status file_expect(const char *path, const char *format, ...) {
    struct stat info;
    if (stat(path, &info) == 0) return STATUS_OK;
    if (errno != ENOENT && errno != ENOTDIR) return status_fail(STATUS_IO, "%s: %s", path, strerror(errno));
    char text[PATH_BYTES + 256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return status_fail(STATUS_IO, "%s", text);
}

enum status file_expect_most(const char *path, long long max_bytes) {
    struct stat info;
    if (stat(path, &info) || (long long)info.st_size <= max_bytes) return STATUS_OK;
    return status_fail(STATUS_FORMAT, "%s: is of %lld bytes; such a file has %lld at most", path, (long long)info.st_size,
                       max_bytes);
}

bool file_is_empty(const char *path) {
    struct stat info;
    return stat(path, &info) != 0 || info.st_size == 0;
}

bool dir_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

enum status dir_make(const char *path) {
    if (!*path) return status_fail(STATUS_IO, "can't make a folder without a name");
    if (strlen(path) >= PATH_BYTES) return status_fail(STATUS_IO, "%.200s...: the path is too long", path);
    char part[PATH_BYTES];
    path_format(part, "%s", path);
    for (char *at = part + 1;; at++) {
        if (*at && *at != '/') continue;
        const char kept = *at;
        *at = 0;
        if (mkdir(part, 0777) && errno != EEXIST)
            return status_fail(STATUS_IO, "%s: can't make the folder: %s", part, strerror(errno));
        *at = kept;
        if (!kept) break;
    }
    if (!dir_exists(path)) return status_fail(STATUS_IO, "%s: is there, but is no folder", path);
    return STATUS_OK;
}

// Whether a name ends with ".tmp-" and digits, as open_aside makes them.
static bool is_temporary(const char *name) {
    const char *mark = NULL;
    for (const char *at = name; (at = strstr(at, ".tmp-")); at++) mark = at;
    return mark && strspn(mark + 5, "0123456789-") == strlen(mark + 5);
}

static bool ends_with(const char *name, const char *suffix) {
    const size_t n = strlen(name), s = strlen(suffix);
    return n >= s && !strcmp(name + n - s, suffix);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

enum status dir_list(const char *path, const char *suffix, char ***names, int *num_names) {
    *names = NULL;
    *num_names = 0;
    DIR *dir = opendir(path);
    if (!dir) return status_fail(STATUS_IO, "%s: can't open the folder: %s", path, strerror(errno));
    char *text = NULL; // the names one after the other, each with its terminating zero
    size_t length = 0, capacity = 0;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..") || !ends_with(name, suffix) || is_temporary(name)) continue;
        const size_t bytes = strlen(name) + 1;
        if (length + bytes > capacity) {
            capacity = 2 * capacity + bytes + 1024;
            text = memory_resize(text, capacity, 1, "the names in a folder");
        }
        memcpy(text + length, name, bytes);
        length += bytes;
        count++;
    }
    const size_t pointer_bytes = (size_t)count * sizeof(char *);
    char **block = memory_raw(pointer_bytes + length + 1, 1, "the names in a folder");
    char *copy = (char *)block + pointer_bytes;
    if (length) memcpy(copy, text, length);
    for (int i = 0; i < count; i++, copy += strlen(copy) + 1) block[i] = copy;
    qsort(block, (size_t)count, sizeof *block, by_name);
    free(text);
    closedir(dir);
    *names = block;
    *num_names = count;
    return STATUS_OK;
}

char *path_format(char out[PATH_BYTES], const char *format, ...) {
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(out, PATH_BYTES, format, args);
    va_end(args);
    CHECK(length >= 0);
    // The end of the cut path becomes a name that is too long for every file system.
    if (length >= PATH_BYTES) memset(out + PATH_BYTES - 1 - TOO_LONG_NAME, '.', TOO_LONG_NAME);
    return out;
}

// Messages show the folder's name instead of this path: name_folders in status.c replaces it.
static void set_at(struct folder *folder, const char *path) {
    path_format(folder->at, "/proc/self/fd/%d", folder->fd);
    if (folder_is_moved(folder)) path_format(folder->at, "%s", path);
}

enum status folder_open(struct folder *folder, const char *path) {
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0) return status_fail(STATUS_IO, "%s: can't open the folder: %s", path, strerror(errno));
    set_at(folder, path);
    return STATUS_OK;
}

enum status folder_open_in(struct folder *folder, const struct folder *parent, const char *name) {
    char path[PATH_BYTES];
    folder->fd = -1;
    path_format(path, "%s/%s", parent->at, name);
    if (mkdirat(parent->fd, name, 0777) && errno != EEXIST)
        return status_fail(STATUS_IO, "%s: can't make the folder: %s", path, strerror(errno));
    struct stat info;
    if (fstatat(parent->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode))
        return status_fail(STATUS_IO, "%s: is a symbolic link, not a folder; nothing was touched", path);
    folder->fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->fd < 0) return status_fail(STATUS_IO, "%s: can't open the folder: %s", path, strerror(errno));
    set_at(folder, path);
    return STATUS_OK;
}

void folder_close(struct folder *folder) {
    if (folder->fd >= 0) close(folder->fd);
    folder->fd = -1;
}

bool folder_is_moved(const struct folder *folder) {
    struct stat held, named;
    return fstat(folder->fd, &held) || stat(folder->at, &named) || held.st_dev != named.st_dev || held.st_ino != named.st_ino;
}

enum status folder_remove(const struct folder *folder, const char *name) {
    if (unlinkat(folder->fd, name, 0) == 0 || errno == ENOENT) return STATUS_OK;
    return status_fail(STATUS_IO, "%s/%s: can't remove: %s", folder->at, name, strerror(errno));
}

static long long entry_bytes(const struct stat *info) {
    const long long blocks = 512 * (long long)info->st_blocks;
    return blocks > (long long)info->st_size ? blocks : (long long)info->st_size;
}

enum status folder_size(const struct folder *folder, long long *num_bytes, long long *num_files) {
    struct stat info;
    // A second descriptor has its own position in the list of entries.
    const int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        const int why = errno;
        if (fd >= 0) close(fd);
        return status_fail(STATUS_IO, "%s: can't open the folder: %s", folder->at, strerror(why));
    }
    if (fstat(fd, &info) == 0) *num_bytes += entry_bytes(&info);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        // An entry that is gone counts nothing; a folder is counted when it is asked for itself.
        if (fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) || S_ISDIR(info.st_mode)) continue;
        *num_bytes += entry_bytes(&info);
        if (num_files) ++*num_files;
    }
    closedir(dir);
    return STATUS_OK;
}
