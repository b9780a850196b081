// Progress lines for people: to stderr, and to a file when the run has one. stdout is for results only.
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

// A log belongs to its maker; calls on one log may come from any thread (each line is one locked write).
struct log {
    FILE *file; // also written here, flushed a line; NULL for none. Borrowed.
    bool quiet; // true: nothing to stderr
};

// Writes one line (the newline is added). `log` may be NULL: then nothing happens.
void log_line(const struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
