// Any bytes are read as a chunk of the replay buffer. If the first byte is 0, the rest is a file
// whose checksum is corrected. Otherwise the rest is a list of records, packed into a chunk that is
// sound but for them. What is accepted is used as for learning, row by row.
#include "run/bytes.h"
#include "selfplay/sampler.h"
#include "tests/fuzz/fuzz.h"

#include <zstd.h>

// The fields of run/chunk.c by their numbers, as a stranger would write them.
static void pack(const uint8_t *records, size_t num_bytes, struct byte_buffer *file) {
    struct byte_buffer rest = {0};
    const size_t bound = ZSTD_compressBound(num_bytes);
    uint8_t *frame = malloc(bound);
    CHECK(frame);
    const size_t frame_bytes = ZSTD_compress(frame, bound, records, num_bytes, 1);
    struct record record;
    struct replay_chunk counts = {.num_games = 0};
    for (size_t at = 0, used; at < num_bytes && record_read(&record, records + at, num_bytes - at, &used, "input") == STATUS_OK;
         at += used) {
        if (!counts.num_games || record.index < counts.first_game) counts.first_game = record.index;
        if (!counts.num_games || record.index > counts.last_game) counts.last_game = record.index;
        counts.num_games++;
        counts.full_rows += record_rows(&record, PLY_FULL, NULL);
        counts.fast_rows += record_rows(&record, PLY_FAST, NULL);
        counts.plies += record.num_plies;
        record_done(&record);
    }
    buffer_put(&rest, (uint64_t)counts.num_games, 4);
    buffer_put(&rest, 1, 4);
    const long long numbers[] = {counts.first_game, counts.last_game, counts.full_rows, counts.fast_rows, counts.plies};
    for (int i = 0; i < 5; i++) buffer_put(&rest, (uint64_t)numbers[i], 8);
    buffer_put(&rest, num_bytes, 8);
    buffer_put(&rest, frame_bytes, 8);
    buffer_append(&rest, frame, frame_bytes);
    buffer_append(file, "TENGREP1", 8);
    buffer_put(file, 1, 4);
    buffer_put(file, crc32c(0, rest.data, rest.num_bytes), 4);
    buffer_append(file, rest.data, rest.num_bytes);
    free(frame);
    free(rest.data);
}

static void learn(const struct record *record) {
    struct config config = {0};
    struct game game;
    struct batch *batch;
    if (record_verify(record, NULL, "input") || record_open_game(record, &game) || game.height * game.width > 81) return;
    options_defaults(config_table, &config);
    config.blocks = 1;
    config.channels = 8;
    const struct net_config net = net_config_for(&game, 1, 8);
    CHECK(batch_new(&batch, &net, 1, game.height, game.width) == STATUS_OK);
    for (int ply = 0; ply < record->num_plies; ply++) {
        batch_clear(batch);
        if (record->plies[ply].kind != PLY_FREE && record->plies[ply].weight > 0)
            sampler_row(record, ply, ply % game.num_symmetries, &config, batch);
    }
    batch_free(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    struct byte_buffer file = {0};
    struct record *games;
    struct replay_chunk info;
    int num_games;
    char path[PATH_BYTES];
    if (num_bytes < 17) return 0;
    if (data[0] == 0) {
        buffer_append(&file, data + 1, num_bytes - 1);
        const uint32_t sum = crc32c(0, file.data + 16, file.num_bytes - 16);
        for (int i = 0; i < 4; i++) file.data[12 + i] = (uint8_t)(sum >> 8 * i);
    } else {
        pack(data + 1, num_bytes - 1, &file);
    }
    fuzz_file(path, "000001.chunk", file.data, file.num_bytes);
    if (chunk_read(path, NULL, NULL, &games, &num_games, &info) == STATUS_OK) {
        for (int i = 0; i < num_games; i++) {
            learn(&games[i]);
            record_done(&games[i]);
        }
        free(games);
    }
    free(file.data);
    return 0;
}
