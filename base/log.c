// Progress lines. A line is formatted completely and then written to each stream in one call.
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>

#define LINE_BYTES 4096 // longer lines are cut (chosen, not tuned)

void log_line(const struct log *log, const char *format, ...) {
    if (!log) return;
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    if (length < 0) return;
    length = (int)strlen(text_printable(line)); // names in it may come from a stranger's file
    line[length++] = '\n';
    if (!log->quiet) fwrite(line, 1, (size_t)length, stderr);
    if (log->file) {
        flockfile(log->file);
        fwrite_unlocked(line, 1, (size_t)length, log->file);
        fflush_unlocked(log->file);
        funlockfile(log->file);
    }
}
