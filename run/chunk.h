// Chunk files hold whole games of self-play on disk.
//
// A chunk is a small header (magic "TENGREP1", version, counts, range of games, sizes, and a
// CRC-32C over all the rest of the file) and one zstd frame of concatenated records (run/record.h).
// It is written once and whole, fsynced and renamed into place, and never changed. The run's
// database (run/run.h) says which chunks exist; a file that merely lies in the folder is not part
// of the run. Any thread may call these functions.
#ifndef RUN_CHUNK_H
#define RUN_CHUNK_H

#include "run/record.h"

struct replay_chunk {
    long long number; // The file is called NNNNNN.chunk.
    // The smallest and the largest index of its games. The indices between need not all be there.
    long long first_game, last_game;
    int num_games;
    long long full_rows, fast_rows, plies;
    long long bytes;   // This is the size of the file.
    uint32_t checksum; // This is the CRC-32C that stands in the file's header.
};

// A chunk holds at most this many bytes, unpacked. A writer stays far below it (chunk_fit), so that
// only a forged chunk is ever refused for its size.
#define CHUNK_MAX_BYTES (64LL << 20)
// How many of these games, at least one, make a chunk of a sensible size (a quarter of
// CHUNK_MAX_BYTES).
int chunk_fit(const struct record *games, int num_games);
// Writes folder/NNNNNN.chunk and fills `info`. There must be at least one game. STATUS_IO on
// failure.
enum status chunk_write(const char *folder, long long number, const struct record *games, int num_games,
                        struct replay_chunk *info);
// Reads a whole chunk file. *games is a malloced array of num_games records: the caller calls
// record_done on each, then free. `game` is the name that every record must carry (NULL: any).
// Every record must pass record_verify against `learned` (NULL: records are not verified). A file
// that is cut, altered, of another version or of another game is refused by its name, before it
// takes more memory than games of its size could need.
enum status chunk_read(const char *path, const char *game, const struct game *learned, struct record **games, int *num_games,
                       struct replay_chunk *info);

#endif
