// Errors of the outside world: files, input, missing devices, cancelled work.
//
// The function that first knows what went wrong says it once, in one line that names what, where
// and why, by returning status_fail(...). Everyone above only passes the status on, with TRY or a
// `goto out`. A broken program is not an error of the world: CHECK ends it, in every build.
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>

enum status {
    STATUS_OK = 0,
    STATUS_IO,          // the operating system refused: a missing file, a full disk, a broken pipe
    STATUS_FORMAT,      // a file or line is cut short, altered, or of another version or game
    STATUS_USAGE,       // a wrong option, key or value; the command line exits with 2
    STATUS_MEMORY,      // there is not enough memory, here or on a device
    STATUS_DEVICE,      // a device or backend is missing or failed
    STATUS_UNSUPPORTED, // a sensible request that this build, game or net can't serve
    STATUS_CANCELLED,   // the user asked to stop, and everything is saved
};

// The variable of the environment that names this process where it is one of several, as in "rank 2
// on host". It belongs to whoever starts threads: it is set before them.
#define STATUS_PROCESS "TENGEN_PROCESS"

// Prints "tengen: <message>\n" to stderr as one write and returns `status`; with STATUS_PROCESS set
// "tengen: <process>: <message>\n". Any thread may call.
enum status status_fail(enum status status, const char *format, ...) __attribute__((format(printf, 2, 3), cold));

// Writes to stderr, but drops what nobody reads: a reader that has stopped reading must not stop
// us. A whole line of at most 4096 bytes is one write. Any thread may call.
void status_say(const char *text, size_t num_bytes);
// From here to status_heard, messages of this thread are not printed but put into `text`, each in
// place of the one before: for whoever answers somebody else's request and has to tell them why it
// failed. Without the "tengen: " and the newline. text[0] is made 0.
void status_hear(char *text, size_t text_bytes);
void status_heard(void);

// Passes a failure on, where there is nothing to undo; where there is, use `goto out`.
#define TRY(expression)                                                                                                        \
    do {                                                                                                                       \
        const enum status try_status_ = (expression);                                                                          \
        if (try_status_ != STATUS_OK) return try_status_;                                                                      \
    } while (0)

// An invariant of the program, checked in every build. When it is broken, this prints the file,
// line, function and condition, and aborts.
#define CHECK(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__, __func__))
_Noreturn void check_failed(const char *condition, const char *file, int line, const char *function);

#endif
