// A library for LD_PRELOAD that makes one call on a folder's files fail, or kills the process
// there.
//
// It counts every call that makes, changes, moves, removes or syncs a file below FAULT_FOLDER. At
// call number FAULT_AT it does what FAULT_KIND says: kill, short (half of a write), or the name of
// an error (ENOSPC, EIO). If FAULT_COUNT names a file, the number of calls is written there at the
// end. It wraps the C library's functions, so it works on SQLite's calls, too.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long fault_at = -1;
static const char *folder, *kind = "";
static int fault_error = EIO;

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("FAULT_AT");
    folder = getenv("FAULT_FOLDER");
    if (at) fault_at = atol(at);
    if (getenv("FAULT_KIND")) kind = getenv("FAULT_KIND");
    if (!strcmp(kind, "ENOSPC")) fault_error = ENOSPC;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNT");
    const int file = path ? (int)open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (file >= 0) dprintf(file, "%ld\n", atomic_load(&calls));
}

// The path of a descriptor; "": it has none.
static const char *path_of(int descriptor, char out[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, out, PATH_MAX - 1);
    out[length > 0 ? length : 0] = 0;
    return out;
}

static bool is_below(int folder_descriptor, const char *path) {
    char base[PATH_MAX];
    int descriptor;
    if (!folder || !path) return false;
    if (sscanf(path, "/proc/self/fd/%d", &descriptor) == 1) return strstr(path_of(descriptor, base), folder) != NULL;
    if (path[0] == '/' || folder_descriptor == AT_FDCWD) return strstr(path, folder) != NULL;
    return strstr(path_of(folder_descriptor, base), folder) != NULL;
}

static bool is_file_below(int descriptor) {
    char path[PATH_MAX];
    return folder && descriptor > 2 && strstr(path_of(descriptor, path), folder) != NULL;
}

// Counts a call. True: it shall fail, and errno is set.
static bool fails(void) {
    if (atomic_fetch_add(&calls, 1) + 1 != fault_at) return false;
    if (!strcmp(kind, "kill")) kill(getpid(), SIGKILL);
    errno = fault_error;
    return true;
}

#define REAL(name)                                                                                                             \
    static __typeof__(&name) real;                                                                                             \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// Writes, which may be cut in half.
#define WRAP_WRITE(name, parameters, half, arguments)                                                                          \
    ssize_t name parameters {                                                                                                  \
        REAL(name);                                                                                                            \
        if (is_file_below(file) && fails()) {                                                                                  \
            if (!strcmp(kind, "short") && num_bytes > 1) return real half;                                                     \
            return -1;                                                                                                         \
        }                                                                                                                      \
        return real arguments;                                                                                                 \
    }
WRAP_WRITE(write, (int file, const void *data, size_t num_bytes), (file, data, num_bytes / 2), (file, data, num_bytes))
WRAP_WRITE(pwrite, (int file, const void *data, size_t num_bytes, off_t at), (file, data, num_bytes / 2, at),
           (file, data, num_bytes, at))
WRAP_WRITE(pwrite64, (int file, const void *data, size_t num_bytes, off64_t at), (file, data, num_bytes / 2, at),
           (file, data, num_bytes, at))

#define WRAP(name, parameters, is_ours, arguments)                                                                             \
    int name parameters {                                                                                                      \
        REAL(name);                                                                                                            \
        return (is_ours) && fails() ? -1 : real arguments;                                                                     \
    }
WRAP(fsync, (int file), is_file_below(file), (file))
WRAP(fdatasync, (int file), is_file_below(file), (file))
WRAP(ftruncate, (int file, off_t length), is_file_below(file), (file, length))
WRAP(ftruncate64, (int file, off64_t length), is_file_below(file), (file, length))
WRAP(flock, (int file, int operation), is_file_below(file), (file, operation))
WRAP(rename, (const char *from, const char *to), is_below(AT_FDCWD, to), (from, to))
WRAP(renameat, (int a, const char *from, int b, const char *to), is_below(b, to), (a, from, b, to))
WRAP(linkat, (int a, const char *from, int b, const char *to, int flags), is_below(b, to), (a, from, b, to, flags))
WRAP(unlink, (const char *path), is_below(AT_FDCWD, path), (path))
WRAP(unlinkat, (int at, const char *path, int flags), is_below(at, path), (at, path, flags))
WRAP(mkdir, (const char *path, mode_t mode), is_below(AT_FDCWD, path), (path, mode))
WRAP(mkdirat, (int at, const char *path, mode_t mode), is_below(at, path), (at, path, mode))

// Calls that open a file to make or to write it. Opening it to read is left alone.
#define MODE_OF(flags)                                                                                                         \
    va_list list;                                                                                                              \
    va_start(list, flags);                                                                                                     \
    const mode_t mode = (flags) & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;                                          \
    va_end(list)
#define WRITES(flags) (((flags)&O_ACCMODE) != O_RDONLY || (flags)&O_CREAT)
#define WRAP_OPEN(name)                                                                                                        \
    int name(const char *path, int flags, ...) {                                                                               \
        REAL(name);                                                                                                            \
        MODE_OF(flags);                                                                                                        \
        return WRITES(flags) && is_below(AT_FDCWD, path) && fails() ? -1 : real(path, flags, mode);                            \
    }
#define WRAP_OPENAT(name)                                                                                                      \
    int name(int at, const char *path, int flags, ...) {                                                                       \
        REAL(name);                                                                                                            \
        MODE_OF(flags);                                                                                                        \
        return WRITES(flags) && is_below(at, path) && fails() ? -1 : real(at, path, flags, mode);                              \
    }
WRAP_OPEN(open)
WRAP_OPEN(open64)
WRAP_OPENAT(openat)
WRAP_OPENAT(openat64)

#define WRAP_FOPEN(name)                                                                                                       \
    FILE *name(const char *path, const char *mode) {                                                                           \
        REAL(name);                                                                                                            \
        return strpbrk(mode, "wa+") && is_below(AT_FDCWD, path) && fails() ? NULL : real(path, mode);                          \
    }
WRAP_FOPEN(fopen)
WRAP_FOPEN(fopen64)

// The C library writes streams by internal calls, which can't be wrapped, so the flush stands for
// them.
int fflush(FILE *stream) {
    REAL(fflush);
    const int file = stream ? fileno(stream) : -1;
    return is_file_below(file) && fails() ? EOF : real(stream);
}
int fclose(FILE *stream) {
    REAL(fclose);
    const bool ours = stream && is_file_below(fileno(stream));
    if (ours && fails()) {
        const int error = errno;
        real(stream);
        errno = error;
        return EOF;
    }
    return real(stream);
}
