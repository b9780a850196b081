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

// Which part an entry of the run folder belongs to.
static long long *part_of(struct run_disk *disk, const char *name) {
    if (!strcmp(name, "nets")) return &disk->nets;
    if (!strcmp(name, "replay")) return &disk->replay;
    if (!strcmp(name, "games")) return &disk->games;
    if (!strncmp(name, "trainer-", 8)) return &disk->trainer;
    if (!strncmp(name, "run.sqlite", 10)) return &disk->database;
    return &disk->other;
}

// Adds the files under an open folder, which it closes: to `part`, or where that is NULL each to its own.
static enum status add_folder(int fd, const char *path, struct run_disk *disk, long long *part, int depth) {
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
        long long *to = part ? part : part_of(disk, name);
        if (S_ISREG(info.st_mode)) *to += info.st_size;
        if (!S_ISDIR(info.st_mode) || depth == MAX_DEPTH) continue;
        const int below = openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            status = add_folder(below, path, disk, to, depth + 1);
        else if (errno != ENOENT) // gone since
            status = status_fail(STATUS_IO, "%s/%s: can't read the folder: %s", path, name, strerror(errno));
    }
    closedir(dir);
    return status;
}

enum status run_read_disk(const char *path, struct run_disk *disk) {
    *disk = (struct run_disk){0};
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return status_fail(STATUS_IO, "%s: can't read the folder: %s", path, strerror(errno));
    TRY(add_folder(fd, path, disk, NULL, 0));
    disk->total = disk->nets + disk->replay + disk->games + disk->trainer + disk->database + disk->other;
    return STATUS_OK;
}
