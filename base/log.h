// Progress lines for people: they go to stderr and, when the run has one, to a file. stdout is for
// results only.
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

// Any thread may write to a log: each line is one locked write, so that lines never mix.
struct log {
    FILE *file; // borrowed, flushed after each line; NULL: no file
    bool quiet; // true: nothing goes to stderr
};

// Writes one line and adds the newline. Without a log (NULL) it does nothing.
void log_line(const struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
