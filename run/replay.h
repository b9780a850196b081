// The replay buffer in memory: the newest games of the chunk files (run/chunk.h), which the trainer draws from.
//
// The window counts full rows. One thread at a time may change a replay; between changes any number may pick from it.
#ifndef RUN_REPLAY_H
#define RUN_REPLAY_H

#include "base/rng.h"
#include "run/chunk.h"

struct replay;

enum status replay_new(struct replay **replay);
void replay_free(struct replay *replay); // NULL is fine
// Moves these games in as the newest (their structs are zeroed). Pointers from replay_pick are void afterwards.
void replay_add(struct replay *replay, struct record *games, int num_games);
// Drops the oldest games for as long as those that stay hold at least `window` full rows.
void replay_trim(struct replay *replay, long long window);
// Fills an empty replay from folder with the newest of the listed chunks (ascending, as run_chunks gives them) that make up
// `window` full rows, oldest first, trimmed: as an uninterrupted run would hold them. Refuses a file that isn't the one listed, and
// what chunk_read refuses.
enum status replay_load(struct replay *replay, const char *folder, const char *game, const struct game *learned,
                        const struct replay_chunk *chunks, int num_chunks, long long window);

int replay_num_games(const struct replay *replay);
const struct record *replay_game(const struct replay *replay, int i);   // 0: the oldest
long long replay_rows(const struct replay *replay, enum ply_kind kind); // PLY_FULL or PLY_FAST
long long replay_bytes(const struct replay *replay);                    // of memory, about
double replay_weight(const struct replay *replay, enum ply_kind kind);  // their summed weight
// Draws a row of this kind, each with probability in proportion to its weight (so its loss needs no weight again).
// False: there is none. O(log games + plies of one game).
bool replay_pick(const struct replay *replay, struct rng *rng, enum ply_kind kind, const struct record **record, int *ply);

#endif
