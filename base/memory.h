// Memory from the heap, with one policy: when there is none, the program ends with one line that
// says what it was for.
//
// A training that runs out of memory has nothing better to do: all that counts is in its folder
// already, and the same command continues it. Where a size comes from outside (a file's length, a
// header), the caller bounds it before it asks here, or asks malloc itself and refuses with
// STATUS_MEMORY. All of this memory is released with free. Any thread may call.
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

// Space for `count` things of `size` bytes, zeroed. It is never NULL, not even for none of them.
// `what` completes the message "no memory for ...", as "the replay window" does.
void *memory_new(size_t count, size_t size, const char *what) __attribute__((malloc, returns_nonnull));
// The same without the zeros, for what is written completely before it is read.
void *memory_raw(size_t count, size_t size, const char *what) __attribute__((malloc, returns_nonnull));
// Resizes `old` (NULL: there is none yet) to `count` things. What it held stays as far as it fits;
// what is new is not zeroed.
void *memory_resize(void *old, size_t count, size_t size, const char *what) __attribute__((returns_nonnull));
// A copy of `text`.
char *memory_text(const char *text, const char *what) __attribute__((malloc, returns_nonnull));
// Ends the program in the same way when somebody else (open_memstream, a library) got no memory.
_Noreturn void memory_failed(size_t num_bytes, const char *what);

#endif
