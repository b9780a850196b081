// Games that are being played at this moment, for people who watch a training: one small file of
// the run folder, `live`, that the training replaces about once a second and readers never trust.
//
// It is no part of what the run is: nothing is lost with it, so it is neither synced nor in the
// database. It is there only while games are played.
#ifndef RUN_LIVE_H
#define RUN_LIVE_H

#include "run/record.h"

enum { LIVE_MAX_GAMES = 8, LIVE_MAX_BYTES = 1 << 18 };

// ---- writing ----

struct live_writer;
// `folder` is the run's; it is copied. `seconds` of *clock lie between two files.
struct live_writer *live_writer_new(const char *folder, double seconds, double (*wall)(void));
void live_writer_free(struct live_writer *writer); // removes the file; NULL is fine
// Whether so much time has passed since the last file. `now` is of any clock, the same each time.
bool live_is_due(const struct live_writer *writer, double now);
// Writes unfinished records, [num], of which those are left out that the file has no space for. One
// thread at a time may write, and nobody may change the records meanwhile. Where the file can't be
// written nothing is said, and nothing written any more: nobody is to stop learning for that.
void live_write(struct live_writer *writer, double now, long long step, const struct record *const *records, int num);

// ---- reading ----

struct live_games {
    double wall; // when it was written, in seconds since 1970
    long long step;
    int num;
    struct record records[LIVE_MAX_GAMES]; // their moves are legal, their policies are of legal moves
};
// *found is false where there is no file. STATUS_FORMAT names the file and what is wrong with it;
// then and where there is none, there is nothing to free.
enum status live_read(const char *folder, struct live_games *games, bool *found);
void live_done(struct live_games *games);

#endif
