// Chunk files: whole games of self-play on disk.
//
// A chunk is a small header (magic "TENGREP1", version, counts, range of games, sizes, CRC-32C over all the rest of the file)
// and one zstd frame of concatenated records (run/record.h). It is written once, whole, fsynced and renamed, and never
// changed. Which chunks exist is said by the run's database (run/run.h), not by the folder.
#ifndef RUN_CHUNK_H
#define RUN_CHUNK_H

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

#endif
