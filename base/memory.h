// Memory from the heap, with one policy: what can't be had ends the program, with one line that says what it was for.
//
// A training that runs out of memory has nothing better to do: what counts is committed to its folder, and the same command
// goes on. Where the size comes from the world (a file's length, a header), the caller bounds it before asking, or asks malloc
// itself and refuses with STATUS_MEMORY. Everything here is released with free. Any thread.
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

// `count` things of `size` bytes, zeroed; never NULL, also for none. `what` completes "no memory for ...": "the replay window".
void *memory_new(size_t count, size_t size, const char *what) __attribute__((malloc, returns_nonnull));
// The same without the zeros: for what is written whole before it is read.
void *memory_raw(size_t count, size_t size, const char *what) __attribute__((malloc, returns_nonnull));
// `old` (NULL: nothing yet) with room for `count` things; what it held stays, what is new is not zeroed.
void *memory_resize(void *old, size_t count, size_t size, const char *what) __attribute__((returns_nonnull));
char *memory_text(const char *text, const char *what) __attribute__((malloc, returns_nonnull)); // a copy
// For memory that something else was to get (an open_memstream, a library): ends the program the same way.
_Noreturn void memory_failed(size_t num_bytes, const char *what);

#endif
