// Files that are whole or absent: every write goes aside, is synced, and is renamed into place.
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

// Reads a whole file. *data is malloced (a zero byte is added past the end, not counted) and the caller's to free.
// Regular files only: a pipe, device or socket in a file's place is refused at once, without waiting for whoever might write to it.
enum status file_read(const char *path, char **data, size_t *num_bytes);
// The same for what the user names as input, who may mean a pipe ("<(command)", /dev/stdin): that is read until its end, once.
enum status file_read_input(const char *path, char **data, size_t *num_bytes);
// A regular file, open to read, for the caller to close; *num_bytes (may be NULL) is its size now. Never waits, as file_read.
enum status file_open(const char *path, int *fd, size_t *num_bytes);
// OK where there is nothing or a regular file; else STATUS_IO says what stands in its place. For files that a library opens by name.
enum status file_expect_regular(const char *path);
// Replaces `path` by these bytes: written to a temporary neighbour, fsynced, renamed, folder fsynced.
enum status file_write(const char *path, const void *data, size_t num_bytes);
bool file_exists(const char *path);   // any kind of entry
bool file_is_empty(const char *path); // or is not there
// OK where there is something; else STATUS_IO, "PATH: why", where it can't be told, and what `format` says where there is nothing.
enum status file_expect(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
// OK where a file has at most so many bytes, and where there is none: for one that is read next and may be anybody's.
enum status file_expect_most(const char *path, long long max_bytes);
bool dir_exists(const char *path);
enum status dir_make(const char *path); // and its parents; fine when it is there
// Sorted names (not paths) in a folder that end with `suffix` ("" for all), temporary files left out.
// *names is one malloced block with the pointers first: free(*names) frees all.
enum status dir_list(const char *path, const char *suffix, char ***names, int *num_names);
// Formats a path. One that is too long becomes one that the operating system refuses ("File name too long") wherever it is used:
// never a shorter path, which might name something else. Returns `out`.
#define PATH_BYTES 4096
char *path_format(char out[PATH_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

// A folder that is held open. What goes through it stays in that folder, also when the folder is renamed and another one takes
// its name: by `fd` with the ...at calls of POSIX, and by paths that begin with `at`. Messages name the folder as it is called then.
struct folder {
    int fd;              // -1: closed
    char at[PATH_BYTES]; // "/proc/self/fd/N"; without a /proc the folder's own path, and folder_is_moved may come true
};
enum status folder_open(struct folder *folder, const char *path);
// A folder in a folder, made where it is missing. Refuses a symbolic link: whoever cleans up here would do so elsewhere.
enum status folder_open_in(struct folder *folder, const struct folder *parent, const char *name);
void folder_close(struct folder *folder); // a closed one is fine
// Paths that begin with `at` lead elsewhere by now.
bool folder_is_moved(const struct folder *folder);
enum status folder_remove(const struct folder *folder,
                          const char *name); // a file or a link, not followed; fine when it is gone
// Bytes that a folder and what lies directly in it take, each entry the larger of its length and its blocks on the disk; links are
// not followed. Adds to *num_bytes and *num_files (entries, NULL: not wanted).
enum status folder_size(const struct folder *folder, long long *num_bytes, long long *num_files);

// SHA-256 [FIPS 180-4] as 64 lower-case hex digits and a zero.
void sha256_hex(const void *data, size_t num_bytes, char out[65]);

#endif
