// The replay buffer: chunk files of whole games on disk, and in memory the newest of them that the trainer draws from.
//
// A chunk is a small header (magic "TENGREP1", version, counts, range of games, sizes, CRC-32C over all the rest of the file)
// and one zstd frame of concatenated records (run/record.h). It is written once, whole, fsynced and renamed, and never
// changed. Which chunks exist is said by the run's database (run/run.h), not by the folder.
//
// The window counts full rows. One thread at a time may change a replay; between changes any number may pick from it.
#ifndef RUN_REPLAY_H
#define RUN_REPLAY_H

#include "base/rng.h"
#include "run/record.h"

struct replay_chunk {
    long long number;                // file NNNNNN.chunk
    long long first_game, last_game; // smallest and largest index in it; indices need not be contiguous
    int num_games;
    long long full_rows, fast_rows, plies;
    long long bytes;   // of the file
    uint32_t checksum; // as in the file's header
};

// What a chunk holds at most, unpacked. A writer is far below it (chunk_fit), so that only a forged one is refused for its size.
#define CHUNK_MAX_BYTES (64LL << 20)
// How many of these games, at least one, make a chunk of a sensible size: CHUNK_MAX_BYTES / 4.
int chunk_fit(const struct record *games, int num_games);
// Writes folder/NNNNNN.chunk and fills `info`. num_games >= 1.
enum status chunk_write(const char *folder, long long number, const struct record *games, int num_games,
                        struct replay_chunk *info);
// Reads a chunk file whole. *games is malloced, num_games records, the caller's to record_done and free. `game` (NULL: any) is the
// name that every record must carry; `learned` (NULL: not verified): every record must pass record_verify. Refuses, naming the file, one
// that is cut, altered, of another version or of another game, before it takes more memory than games of its size could need.
enum status chunk_read(const char *path, const char *game, const struct game *learned, struct record **games, int *num_games,
                       struct replay_chunk *info);

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
