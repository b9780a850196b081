// Allocation that never fails. When there is no memory the program ends by _exit, not by exit:
// other threads may be in the middle of anything, and what the handlers of exit would flush is not
// needed, since whoever writes a file that counts also syncs it.
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void memory_failed(size_t num_bytes, const char *what) {
    char line[256];
    const int length = snprintf(line, sizeof line, "tengen: no memory for %.150s (%zu bytes)\n", what, num_bytes);
    // The result of write has to be looked at, though nothing can be done about a failure.
    if (write(STDERR_FILENO, line, (size_t)length) < 0) _exit(1);
    _exit(1);
}

static size_t product(size_t count, size_t size, const char *what) {
    size_t num_bytes;
    if (__builtin_mul_overflow(count, size, &num_bytes)) memory_failed(SIZE_MAX, what);
    return num_bytes;
}

void *memory_new(size_t count, size_t size, const char *what) {
    const size_t num_bytes = product(count, size, what);
    void *memory = calloc(1, num_bytes ? num_bytes : 1);
    if (!memory) memory_failed(num_bytes, what);
    return memory;
}

void *memory_raw(size_t count, size_t size, const char *what) { return memory_resize(NULL, count, size, what); }

void *memory_resize(void *old, size_t count, size_t size, const char *what) {
    const size_t num_bytes = product(count, size, what);
    void *memory = realloc(old, num_bytes ? num_bytes : 1);
    if (!memory) memory_failed(num_bytes, what);
    return memory;
}

char *memory_text(const char *text, const char *what) {
    const size_t num_bytes = strlen(text) + 1;
    return memcpy(memory_resize(NULL, num_bytes, 1, what), text, num_bytes);
}
