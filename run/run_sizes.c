// What a run takes on the disk, by its parts. The folder is walked through descriptors and no link is followed, so that a link in
// the folder leads the count nowhere else.
#include "run/run_read.h"

#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 4 }; // the deepest that this program makes is 1

static long long entry_bytes(const struct stat *info) {
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

// Adds the files under an open folder, which it closes: to `part`, or where that is NULL each to its own.
static enum status add_folder(int fd, const char *path, struct run_sizes *sizes, long long *part, int depth) {
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
        long long *to = part ? part : part_of(sizes, name);
        *to += entry_bytes(&info);
        if (!S_ISDIR(info.st_mode) || depth == MAX_DEPTH) continue;
        const int below = openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            status = add_folder(below, path, sizes, to, depth + 1);
        else if (errno != ENOENT) // gone since
            status = status_fail(STATUS_IO, "%s/%s: can't read the folder: %s", path, name, strerror(errno));
    }
    closedir(dir);
    return status;
}

enum status run_read_sizes(const char *path, struct run_sizes *sizes) {
    *sizes = (struct run_sizes){0};
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return status_fail(STATUS_IO, "%s: can't read the folder: %s", path, strerror(errno));
    struct stat info;
    if (!fstat(fd, &info)) sizes->other += entry_bytes(&info);
    TRY(add_folder(fd, path, sizes, NULL, 0));
    sizes->total = sizes->nets + sizes->replay + sizes->games + sizes->trainer + sizes->database + sizes->other;
    return STATUS_OK;
}
