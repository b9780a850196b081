// The replay buffer in memory: the newest games of the chunk files (run/chunk.h), from which the
// trainer draws its rows.
//
// Its window is counted in full rows. One thread at a time may change a replay; between changes any
// number of threads may pick from it.
#ifndef RUN_REPLAY_H
#define RUN_REPLAY_H

#include "base/rng.h"
#include "run/chunk.h"

struct replay;

enum status replay_new(struct replay **replay);
void replay_free(struct replay *replay); // NULL is fine.
// Moves these games in as the newest and zeroes their structs. Pointers from replay_pick become
// invalid.
void replay_add(struct replay *replay, struct record *games, int num_games);
// Drops the oldest games for as long as those that stay hold at least `window` full rows.
void replay_trim(struct replay *replay, long long window);
// Fills an empty replay from `folder` with the newest of the listed chunks that together hold
// `window` full rows, as an uninterrupted run would hold them. The chunks ascend, as run_chunks
// gives them. A file that isn't the listed one is refused, and so is what chunk_read refuses.
enum status replay_load(struct replay *replay, const char *folder, const char *game, const struct game *learned,
                        const struct replay_chunk *chunks, int num_chunks, long long window);

// Takes out all games that are unwanted, and returns how many those were.
int replay_remove(struct replay *replay, bool (*is_unwanted)(const void *context, const struct record *record),
                  const void *context);

int replay_num_games(const struct replay *replay);
const struct record *replay_game(const struct replay *replay, int i); // Game 0 is the oldest.
// `kind` is PLY_FULL or PLY_FAST.
long long replay_rows(const struct replay *replay, enum ply_kind kind);
long long replay_bytes(const struct replay *replay); // About how many bytes of memory it takes.
// The summed weight of the rows.
double replay_weight(const struct replay *replay, enum ply_kind kind);
// Draws a row of this kind, each with a probability in proportion to its weight, so that its loss
// needs no weight again. Returns false where there is none. It takes O(log games + plies of one
// game).
bool replay_pick(const struct replay *replay, struct rng *rng, enum ply_kind kind, const struct record **record, int *ply);

#endif
