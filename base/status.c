// Messages of errors. Each is printed by one write, so that lines of several threads never mix.
#include "base/status.h"

#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PIPE_BYTES = 4096, // PIPE_BUF of Linux
    // How long a message waits for a reader that is slow (chosen, not tuned).
    PATIENCE_MS = 5,
};
#define MESSAGE_BYTES 8192 // a message with a path of PATH_MAX bytes fits (chosen, not tuned)

// Replaces the path /proc/self/fd/N of a folder that is held open (base/files.h), which would tell
// the user nothing, by the folder's name.
static void name_folders(char line[MESSAGE_BYTES]) {
    static const char mark[] = "/proc/self/fd/";
    char name[PATH_MAX], rest[MESSAGE_BYTES];
    for (char *at = line; (at = strstr(at, mark)); at++) {
        const char *end = at + strlen(mark) + strspn(at + strlen(mark), "0123456789");
        snprintf(rest, sizeof rest, "%s", end);
        at[end - at] = 0;
        const ssize_t length = readlink(at, name, sizeof name - 1);
        name[length > 0 ? length : 0] = 0;
        const bool is_folder = name[0] == '/' && rest[0] != 0;
        if (!is_folder) snprintf(name, sizeof name, "%s", at);
        snprintf(at, MESSAGE_BYTES - (size_t)(at - line), "%s%s", name, rest);
    }
}

// A pipe of which poll says that it can be written has room for PIPE_BUF bytes. Setting O_NONBLOCK
// instead would change the terminal of the program that started us.
void status_say(const char *text, size_t num_bytes) {
    while (num_bytes) {
        struct pollfd polled = {.fd = STDERR_FILENO, .events = POLLOUT};
        const int ready = poll(&polled, 1, PATIENCE_MS);
        if (ready < 0 && errno == EINTR) continue;
        // Writing to a pipe that nobody has open would end the program.
        if (ready <= 0 || polled.revents != POLLOUT) return;
        const ssize_t n = write(STDERR_FILENO, text, num_bytes < PIPE_BYTES ? num_bytes : PIPE_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return;
        text += n;
        num_bytes -= (size_t)n;
    }
}

// Where this thread's messages go instead of to stderr. It is the thread's own, and unlike an
// argument it reaches whatever function finds the fault.
static _Thread_local struct {
    char *text;
    size_t bytes;
} heard;

void status_hear(char *text, size_t text_bytes) {
    CHECK(!heard.text && text_bytes > 0);
    heard.text = text;
    heard.bytes = text_bytes;
    text[0] = 0;
}

void status_heard(void) { heard.text = NULL; }

enum status status_fail(enum status status, const char *format, ...) {
    char line[MESSAGE_BYTES];
    const char *process = getenv(STATUS_PROCESS);
    int length = snprintf(line, sizeof line, "tengen: %.200s%s", process ? process : "", process && *process ? ": " : "");
    va_list args;
    va_start(args, format);
    const int added = vsnprintf(line + length, sizeof line - (size_t)length - 1, format, args);
    va_end(args);
    length = added < 0 ? length : length + added;
    if (length > MESSAGE_BYTES - 2) length = MESSAGE_BYTES - 2;
    line[length] = 0;
    name_folders(line);
    length = (int)strlen(line);
    if (length > MESSAGE_BYTES - 2) length = MESSAGE_BYTES - 2; // it is cut, but still one line
    // What a message quotes (a file's bytes, an argument) may hold anything; the message has to
    // stay one line without control codes.
    line[length] = 0;
    length = (int)strlen(text_printable(line));
    if (heard.text) {
        snprintf(heard.text, heard.bytes, "%s", line + strlen("tengen: "));
        text_utf8(heard.text); // which may have been cut within a character
        return status;
    }
    line[length++] = '\n';
    status_say(line, (size_t)length);
    return status;
}

_Noreturn void check_failed(const char *condition, const char *file, int line, const char *function) {
    const char *process = getenv(STATUS_PROCESS);
    fprintf(stderr, "tengen: %.200s%sbroken: %s:%d: %s: CHECK(%s)\n", process ? process : "", process && *process ? ": " : "",
            file, line, function, condition);
    abort();
}
