// Says what failed, once: one write a message, so that lines of several threads never mix.
#include "base/status.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_BYTES 8192 // longer than two PATH_MAX paths and their sentence; chosen, not tuned

enum status status_fail(enum status status, const char *format, ...) {
    char line[MESSAGE_BYTES];
    int length = snprintf(line, sizeof line, "tengen: ");
    va_list args;
    va_start(args, format);
    const int added = vsnprintf(line + length, sizeof line - (size_t)length - 1, format, args);
    va_end(args);
    length = added < 0 ? length : length + added;
    if (length > MESSAGE_BYTES - 2) length = MESSAGE_BYTES - 2; // cut, but still one line
    // What a message quotes may hold anything (a file's bytes, an argument): it stays one line without control codes.
    line[length] = 0;
    length = (int)strlen(text_printable(line));
    line[length++] = '\n';
    fwrite(line, 1, (size_t)length, stderr); // stderr is unbuffered: one write(2)
    return status;
}

_Noreturn void check_failed(const char *condition, const char *file, int line, const char *function) {
    fprintf(stderr, "tengen: broken: %s:%d: %s: CHECK(%s)\n", file, line, function, condition);
    abort();
}
