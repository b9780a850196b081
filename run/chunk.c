// A chunk file is a header of 80 bytes and one compressed frame with the records of its games. All
// numbers are little-endian:
//
//   0  "TENGREP1"                 24 i64 first_game     56 i64 plies
//   8  u32 version                32 i64 last_game      64 u64 bytes of all records, unpacked
//   12 u32 CRC-32C of bytes 16..  40 i64 full_rows      72 u64 bytes of the zstd frame
//   16 u32 num_games              48 i64 fast_rows      80 zstd frame with content checksum
//   20 u32 number of the chunk
//
// The CRC catches any altered byte before anything is unpacked. The frame has a checksum of its
// own, by which other tools can verify what they unpack (skip 80 bytes, then `zstd -d`). The counts
// of the header must agree with what the records say.
#include "run/chunk.h"

#include "base/files.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
    HEADER_BYTES = 80,
    CRC_FROM = 16,
    CHUNK_VERSION = 1,
    ZSTD_LEVEL = 3,       // This is zstd's own default.
    MIN_RECORD_BYTES = 50 // The fixed fields of a record alone take more.
};

static void count_games(const struct record *games, int num_games, struct replay_chunk *info) {
    *info = (struct replay_chunk){.num_games = num_games, .first_game = games[0].index, .last_game = games[0].index};
    for (int i = 0; i < num_games; i++) {
        if (games[i].index < info->first_game) info->first_game = games[i].index;
        if (games[i].index > info->last_game) info->last_game = games[i].index;
        info->full_rows += record_rows(&games[i], PLY_FULL, NULL);
        info->fast_rows += record_rows(&games[i], PLY_FAST, NULL);
        info->plies += games[i].num_plies;
    }
}

// Writes the part of the header that tells about the games, from num_games to plies.
static void put_counts(struct byte_buffer *out, const struct replay_chunk *info) {
    buffer_put(out, (uint64_t)info->num_games, 4);
    buffer_put(out, (uint64_t)info->number, 4);
    const long long counts[] = {info->first_game, info->last_game, info->full_rows, info->fast_rows, info->plies};
    for (int i = 0; i < 5; i++) buffer_put(out, (uint64_t)counts[i], 8);
}

int chunk_fit(const struct record *games, int num_games) {
    long long num_bytes = 0;
    for (int i = 0; i < num_games; i++) {
        // We count each game at its widest, as if every ply had a full search.
        const struct record *game = &games[i];
        num_bytes += 256 + 15 * (long long)game->num_plies + 4 * (long long)game->num_probs + game->height * game->width;
        if (i > 0 && num_bytes > CHUNK_MAX_BYTES / 4) return i;
    }
    return num_games;
}

enum status chunk_write(const char *folder, long long number, const struct record *games, int num_games,
                        struct replay_chunk *info) {
    CHECK(num_games >= 1 && number >= 0 && number <= UINT32_MAX);
    struct byte_buffer content = {0}, rest = {0}, file = {0};
    char path[PATH_BYTES];
    path_format(path, "%s/%06lld.chunk", folder, number);
    count_games(games, num_games, info);
    info->number = number;
    for (int i = 0; i < num_games; i++) record_write(&games[i], &content);

    const size_t bound = ZSTD_compressBound(content.num_bytes);
    void *frame = memory_raw(bound, 1, "a packed chunk");
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    if (!zstd) memory_failed(0, "packing a chunk");
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    const size_t frame_bytes = ZSTD_compress2(zstd, frame, bound, content.data, content.num_bytes);
    CHECK(!ZSTD_isError(frame_bytes)); // It can't fail, for the buffer is as large as the bound.
    put_counts(&rest, info);
    buffer_put(&rest, content.num_bytes, 8);
    buffer_put(&rest, frame_bytes, 8);
    buffer_append(&rest, frame, frame_bytes);

    info->checksum = crc32c(0, rest.data, rest.num_bytes);
    buffer_append(&file, "TENGREP1", 8);
    buffer_put(&file, CHUNK_VERSION, 4);
    buffer_put(&file, info->checksum, 4);
    buffer_append(&file, rest.data, rest.num_bytes);
    info->bytes = (long long)file.num_bytes;
    const enum status status = file_write(path, file.data, file.num_bytes);
    ZSTD_freeCCtx(zstd);
    free(frame);
    free(content.data);
    free(rest.data);
    free(file.data);
    return status;
}

// Checks the header and fills `info`. *content_bytes is the size of the records once unpacked;
// *frame and *frame_bytes are where the compressed ones lie.
static enum status read_header(const char *path, struct byte_reader *in, struct replay_chunk *info, uint64_t *content_bytes,
                               const uint8_t **frame, uint64_t *frame_bytes) {
    const uint8_t *magic = reader_take(in, 8);
    if (!magic || memcmp(magic, "TENGREP", 7)) return status_fail(STATUS_FORMAT, "%s: is not a chunk of a replay buffer", path);
    const unsigned version = (unsigned)reader_get(in, 4);
    if (magic[7] != '1' || (!in->is_short && version != CHUNK_VERSION))
        return status_fail(STATUS_FORMAT, "%s: chunk of version %u, this program reads %d", path, version, CHUNK_VERSION);
    info->checksum = (uint32_t)reader_get(in, 4);
    info->num_games = (int)reader_get(in, 4);
    info->number = (long long)reader_get(in, 4);
    long long *counts[] = {&info->first_game, &info->last_game, &info->full_rows, &info->fast_rows, &info->plies};
    for (int i = 0; i < 5; i++) *counts[i] = (long long)reader_get(in, 8);
    *content_bytes = reader_get(in, 8);
    *frame_bytes = reader_get(in, 8);
    if (in->is_short || *frame_bytes > in->num_bytes - HEADER_BYTES)
        return status_fail(STATUS_FORMAT, "%s: is cut short (%zu bytes)", path, in->num_bytes);
    const uint32_t sum = crc32c(0, in->data + CRC_FROM, in->num_bytes - CRC_FROM);
    if (sum != info->checksum || *frame_bytes != in->num_bytes - HEADER_BYTES)
        return status_fail(STATUS_FORMAT, "%s: is altered (checksum %08x, its header says %08x)", path, (unsigned)sum,
                           (unsigned)info->checksum);
    if (info->num_games < 1) return status_fail(STATUS_FORMAT, "%s: has an impossible header", path);
    *frame = reader_take(in, *frame_bytes);
    info->bytes = (long long)in->num_bytes;
    return STATUS_OK;
}

// Called before memory is asked for: the frame must agree with the header about its size, and so
// many games must be able to take that size.
static enum status check_size(const char *path, const struct game *learned, int num_games, uint64_t content_bytes,
                              const uint8_t *frame, uint64_t frame_bytes) {
    if (content_bytes > CHUNK_MAX_BYTES)
        return status_fail(STATUS_FORMAT, "%s: says that it unpacks to %llu bytes; a chunk holds %lld at most", path,
                           (unsigned long long)content_bytes, CHUNK_MAX_BYTES);
    if (ZSTD_getFrameContentSize(frame, frame_bytes) != content_bytes ||
        (uint64_t)num_games > content_bytes / MIN_RECORD_BYTES ||
        (learned && content_bytes / (uint64_t)num_games > record_max_bytes(learned)))
        return status_fail(STATUS_FORMAT, "%s: has an impossible header", path);
    return STATUS_OK;
}

// Reads all records of the unpacked content. Each is verified before the next one takes memory.
static enum status read_games(const char *path, const char *game, const struct game *learned, const uint8_t *content,
                              size_t num_bytes, struct record *games, int num_games) {
    size_t at = 0;
    for (int i = 0; i < num_games; i++) {
        size_t used;
        TRY(record_read(&games[i], content + at, num_bytes - at, &used, path));
        at += used;
        if (game && strcmp(games[i].game, game))
            return status_fail(STATUS_FORMAT, "%s: holds games of %s, not %s", path, games[i].game, game);
        if (learned) TRY(record_verify(&games[i], learned, path));
    }
    return at == num_bytes ? STATUS_OK : status_fail(STATUS_FORMAT, "%s: holds more games than its header says", path);
}

enum status chunk_read(const char *path, const char *game, const struct game *learned, struct record **games, int *num_games,
                       struct replay_chunk *info) {
    char *data = NULL;
    uint8_t *content = NULL;
    struct record *read = NULL;
    const uint8_t *frame = NULL;
    uint64_t content_bytes = 0, frame_bytes = 0;
    struct byte_reader in = {0};
    *info = (struct replay_chunk){0};
    *games = NULL;
    *num_games = 0;
    // Even content that doesn't compress makes a file that is only a little larger than itself.
    enum status status = file_expect_most(path, HEADER_BYTES + (long long)ZSTD_compressBound(CHUNK_MAX_BYTES));
    if (!status) status = file_read(path, &data, &in.num_bytes);
    if (status) goto out;
    in.data = (const uint8_t *)data;
    status = read_header(path, &in, info, &content_bytes, &frame, &frame_bytes);
    if (status) goto out;
    status = check_size(path, learned, info->num_games, content_bytes, frame, frame_bytes);
    if (status) goto out;
    content = memory_raw(content_bytes, 1, "games of a chunk");
    read = memory_new((size_t)info->num_games, sizeof *read, "games of a chunk");
    const size_t got = ZSTD_decompress(content, content_bytes, frame, frame_bytes);
    if (ZSTD_isError(got) || got != content_bytes)
        status = status_fail(STATUS_FORMAT, "%s: can't be unpacked: %s", path,
                             ZSTD_isError(got) ? ZSTD_getErrorName(got) : "another length than its header says");
    else
        status = read_games(path, game, learned, content, content_bytes, read, info->num_games);
    if (status) goto out;
    struct replay_chunk counted;
    count_games(read, info->num_games, &counted);
    if (counted.first_game != info->first_game || counted.last_game != info->last_game ||
        counted.full_rows != info->full_rows || counted.fast_rows != info->fast_rows || counted.plies != info->plies) {
        status = status_fail(STATUS_FORMAT, "%s: its header does not describe its games", path);
        goto out;
    }
    *games = read;
    *num_games = info->num_games;
    read = NULL;
out:
    if (read) {
        for (int i = 0; i < info->num_games; i++) record_done(&read[i]);
        free(read);
    }
    free(content);
    free(data);
    return status;
}
