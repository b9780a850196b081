// Lines that come in while something else is going on: a thread of its own reads them. One other
// thread may call these functions.
#ifndef GTP_INBOX_H
#define GTP_INBOX_H

#include "base/status.h"

struct inbox;

// A line longer than this arrives cut to its beginning, and is then no JSON any more.
enum { INBOX_LINE_BYTES = 16 << 20 };

// Begins to read the descriptor, which may be O_NONBLOCK, and which stays the caller's. STATUS_IO
// says why that is not possible.
enum status inbox_new(struct inbox **inbox, int fd);
void inbox_free(struct inbox *inbox); // does not wait for input; NULL is fine
// The next line without its end, for the caller to free; NULL: there is none. With `wait` it waits
// for one, but not for much more than a tenth of a second, so that the caller can look whether it
// still wants one.
char *inbox_line(struct inbox *inbox, bool wait);
// Whether the input has ended and all its lines were taken.
bool inbox_has_ended(struct inbox *inbox);

#endif
