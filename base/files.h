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
bool dir_exists(const char *path);
enum status dir_make(const char *path); // and its parents; fine when it is there
// Sorted names (not paths) in a folder that end with `suffix` ("" for all), temporary files left out.
// *names is one malloced block with the pointers first: free(*names) frees all.
enum status dir_list(const char *path, const char *suffix, char ***names, int *num_names);
// Formats a path; aborts when it would be cut. Returns `out`.
#define PATH_BYTES 4096
char *path_format(char out[PATH_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));

// SHA-256 [FIPS 180-4] as 64 lower-case hex digits and a zero.
void sha256_hex(const void *data, size_t num_bytes, char out[65]);

#endif
