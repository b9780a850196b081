// The two directions of a conversation: lines that come in and answers that go out. A thread of its
// own reads, so that lines are known while the engine thinks. It never waits but in poll(2) and for
// room in the queue.
//
// One thread, the engine's, may call these functions.
#ifndef GTP_GTP_CHANNEL_H
#define GTP_GTP_CHANNEL_H

#include "base/status.h"

#include <stdio.h>

struct gtp_channel;

// What ends a search at hand.
enum gtp_patience {
    // `stop`, `stop-ponder`, `gogui-interrupt`, `kata-search_cancel` or `quit` as the next command,
    // the comment `# interrupt`, the end of the input, and an output that nobody reads.
    GTP_UNTIL_STOP,
    // Any line at all, even an empty one.
    GTP_UNTIL_ANY,
};

// Begins to read. Streams with a descriptor are read and written through it, without stdio's
// buffers; it may be O_NONBLOCK. Fails with STATUS_IO where there can be no thread.
enum status gtp_channel_new(struct gtp_channel **channel, FILE *in, FILE *out);
void gtp_channel_free(struct gtp_channel *channel); // NULL is fine

// The next line without its newline, which the caller may change and which is valid until the next
// call. This waits for it. NULL: the input has ended, or nobody reads the answers. NUL bytes and a
// byte order mark before the first line are left out.
char *gtp_channel_line(struct gtp_channel *channel);
// The same, but where there is none it does not wait; with `wait` not for much more than a tenth of a
// second. NULL: there is none.
char *gtp_channel_line_if(struct gtp_channel *channel, bool wait);
// Whether the input has ended and all its lines were taken, or nobody reads the answers.
bool gtp_channel_has_ended(struct gtp_channel *channel);
// Whether the search that the latest line asked for has to end. `quit` and the end of the input
// count if they came later than that line. If they came with it, in one go, then a script is being
// read, which wants its answers.
bool gtp_channel_interrupts(struct gtp_channel *channel, enum gtp_patience patience);
// Waits until gtp_channel_interrupts(GTP_UNTIL_ANY) is true.
void gtp_channel_wait(struct gtp_channel *channel);
// Writes it all, or finds that nobody reads.
void gtp_channel_write(struct gtp_channel *channel, const char *bytes, size_t num_bytes);
// STATUS_IO, with a message, if nobody reads the answers.
enum status gtp_channel_status(const struct gtp_channel *channel);

#endif
