// What a run takes on the disk, by its parts. The folder is walked through descriptors and no link
// is followed, so that a link in the folder can't lead the count elsewhere. The same walk serves a
// reader, who has a path, and the writer, who holds the folder open.
#include "base/files.h"
#include "run/run_parts.h"
#include "run/run_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 4 }; // The deepest folder that this program makes lies at depth 1.

// The totals to which the files of an entry are added. `history` is NULL for what is no history.
struct parts {
    long long *part, *history;
};

long long run_entry_bytes(const struct stat *info) {
    const long long blocks = 512 * (long long)info->st_blocks;
    return blocks > (long long)info->st_size ? blocks : (long long)info->st_size;
}

// Which part an entry of the run folder belongs to.
static long long *part_of(struct run_sizes *sizes, const char *name) {
    if (!strcmp(name, "nets")) return &sizes->nets;
    if (!strcmp(name, "replay")) return &sizes->replay;
    if (!strcmp(name, "games")) return &sizes->games;
    if (!strncmp(name, "trainer-", 8)) return &sizes->trainer;
    if (!strncmp(name, "run.sqlite", 10)) return &sizes->database;
    return &sizes->other;
}

static struct parts parts_of(struct run_sizes *sizes, const char *name) {
    static const char *const history[] = {"run.sqlite", "metrics.csv", "log.txt", "tb"};
    struct parts parts = {part_of(sizes, name), NULL};
    for (size_t i = 0; i < sizeof history / sizeof *history; i++)
        if (!strcmp(name, history[i])) parts.history = &sizes->history;
    return parts;
}

// Adds up the files under an open folder, and closes it. They count for `parts`; where that is
// NULL, this is the run folder, and each entry counts for its own.
static enum status add_folder(int fd, const char *path, struct run_sizes *sizes, const struct parts *parts, int depth) {
    DIR *dir = fdopendir(fd);
    if (!dir) {
        const int why = errno;
        close(fd);
        return status_fail(STATUS_IO, "%s: can't read the folder: %s", path, strerror(why));
    }
    enum status status = STATUS_OK;
    for (struct dirent *entry; !status && (entry = readdir(dir));) {
        struct stat info;
        const char *name = entry->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..") || fstatat(dirfd(dir), name, &info, AT_SYMLINK_NOFOLLOW)) continue;
        const struct parts to = parts ? *parts : parts_of(sizes, name);
        *to.part += run_entry_bytes(&info);
        if (to.history) *to.history += run_entry_bytes(&info);
        if (!S_ISDIR(info.st_mode) || depth == MAX_DEPTH) continue;
        const int below = openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            status = add_folder(below, path, sizes, &to, depth + 1);
        else if (errno != ENOENT) // ENOENT: it has gone since it was listed.
            status = status_fail(STATUS_IO, "%s/%s: can't read the folder: %s", path, name, strerror(errno));
    }
    closedir(dir);
    return status;
}

// Takes the descriptor of an open folder, -1 with errno where it couldn't be opened, and closes it.
static enum status measure(int fd, const char *path, struct run_sizes *sizes) {
    *sizes = (struct run_sizes){0};
    if (fd < 0) return status_fail(STATUS_IO, "%s: can't read the folder: %s", path, strerror(errno));
    struct stat info;
    if (!fstat(fd, &info)) sizes->other += run_entry_bytes(&info);
    TRY(add_folder(fd, path, sizes, NULL, 0));
    sizes->total = sizes->nets + sizes->replay + sizes->games + sizes->trainer + sizes->database + sizes->other;
    return STATUS_OK;
}

enum status run_read_sizes(const char *path, struct run_sizes *sizes) {
    return measure(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path, sizes);
}

// Opening "." again gives the walk a position of its own in the folder.
enum status run_disk(const struct run *run, struct run_sizes *sizes) {
    return measure(openat(run->home.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), run->path, sizes);
}
