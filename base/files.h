// Files that are whole or absent: everything is written to a temporary file, synced, and renamed
// into place. The functions may be called from any thread, and they take and return paths as the
// operating system has them. What fails has been said when they return.
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

// Reads a whole file. The caller frees *data, which ends with a zero byte that is not counted.
// Only regular files are read: a pipe, device or socket of that name is refused at once, because
// opening it could wait for ever for whoever writes to it.
enum status file_read(const char *path, char **data, size_t *num_bytes);
// The same for an input that the user names, which may also be a pipe ("<(command)", /dev/stdin).
// A pipe is read until its end, so that a second call finds it empty.
enum status file_read_input(const char *path, char **data, size_t *num_bytes);
// Opens a regular file for reading; the caller closes *fd. *num_bytes (may be NULL) receives its
// present size. Like file_read, it refuses other kinds of files and never waits.
enum status file_open(const char *path, int *fd, size_t *num_bytes);
// Returns OK where there is a regular file or nothing at all; else STATUS_IO, which says what else
// is there. To be called before a library opens a file by its name.
enum status file_expect_regular(const char *path);
// Replaces the contents of `path` by these bytes: after a crash at any instant the file holds all
// of the old bytes or all of the new ones.
enum status file_write(const char *path, const void *data, size_t num_bytes);
bool file_exists(const char *path);   // true for an entry of any kind
bool file_is_empty(const char *path); // true also where there is no file
// Returns OK where there is something of that name. Where there is nothing the message is what
// `format` says; where the operating system doesn't tell, it is "PATH: why". Both are STATUS_IO.
enum status file_expect(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Returns OK where a file has at most `max_bytes` bytes and where there is none, else
// STATUS_FORMAT. To be called before a file that a stranger may have made is read into memory.
enum status file_expect_most(const char *path, long long max_bytes);
bool dir_exists(const char *path);
// Makes a folder and its parents. A folder that is there already is no error.
enum status dir_make(const char *path);
// Lists a folder: the sorted names (not paths) that end with `suffix` ("" for all), without the
// temporary files of file_write. *names is one block that begins with the pointers, so that
// free(*names) frees the names too.
enum status dir_list(const char *path, const char *suffix, char ***names, int *num_names);
// Formats a path into `out` and returns it. A path that is too long is not cut, because a shorter
// one might name something else: it becomes a path that the operating system refuses ("File name
// too long") wherever it is used.
#define PATH_BYTES 4096
char *path_format(char out[PATH_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

// A folder that is held open. Whoever goes through it, by `fd` with the ...at calls of POSIX or by
// paths that begin with `at`, stays in this folder even when it is renamed and another one takes
// its name. Messages show the name that the folder has when they are printed.
struct folder {
    int fd; // -1: closed
    // "/proc/self/fd/N". Where there is no /proc it is the folder's own path, which may come to
    // lead elsewhere: folder_is_moved tells.
    char at[PATH_BYTES];
};
enum status folder_open(struct folder *folder, const char *path);
// Opens a folder in a folder, and makes it where it is missing. A symbolic link is refused, because
// whoever removes files here would remove them elsewhere.
enum status folder_open_in(struct folder *folder, const struct folder *parent, const char *name);
// Closing a closed folder does nothing.
void folder_close(struct folder *folder);
// Whether paths that begin with `at` lead elsewhere by now.
bool folder_is_moved(const struct folder *folder);
// Removes a file, or a link without following it. A name that is gone already is no error.
enum status folder_remove(const struct folder *folder, const char *name);
// Adds what the folder and the entries directly in it take to *num_bytes: of each the larger of its
// length and its blocks on the disk, links not followed. Adds the number of these entries to
// *num_files, which may be NULL.
enum status folder_size(const struct folder *folder, long long *num_bytes, long long *num_files);

// Writes the SHA-256 [FIPS 180-4] of the data as 64 lower-case hex digits and a zero.
void sha256_hex(const void *data, size_t num_bytes, char out[65]);

#endif
