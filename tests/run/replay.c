// Laws: a chunk is whole or refused by its name; rows are drawn by weight; a resumed window is the
// uninterrupted one.
#include "run/replay.h"

#include "tests/run/folder.h"

#include <zstd.h>

static struct record *random_games(struct rng *rng, long long first, int num_games) {
    struct record *games = calloc((size_t)num_games, sizeof *games);
    for (int i = 0; i < num_games; i++) random_record(&games[i], rng, first + i);
    return games;
}

static void done_games(struct record *games, int num_games) {
    for (int i = 0; i < num_games; i++) record_done(&games[i]);
    free(games);
}

static void test_a_chunk_read_back_holds_the_same_games(const char *folder) {
    struct rng rng;
    rng_init(&rng, 1, 1);
    for (int round = 0; round < 20; round++) {
        const int num_games = 1 + (int)rng_below(&rng, 30);
        struct record *games = random_games(&rng, 100 * round, num_games), *back;
        struct replay_chunk wrote, read;
        char path[PATH_BYTES];
        int num_back;
        EXPECT_INT(chunk_write(folder, round, games, num_games, &wrote), STATUS_OK);
        path_format(path, "%s/%06d.chunk", folder, round);
        EXPECT_INT(chunk_read(path, "go", NULL, &back, &num_back, &read), STATUS_OK);
        EXPECT_INT(num_back, num_games);
        for (int i = 0; i < num_back; i++) EXPECT(record_equal(&games[i], &back[i]));
        EXPECT_INT(read.number, round);
        EXPECT_INT(read.first_game, 100 * round);
        EXPECT_INT(read.last_game, 100 * round + num_games - 1);
        EXPECT_INT(read.full_rows, wrote.full_rows);
        EXPECT_INT(read.fast_rows, wrote.fast_rows);
        EXPECT_INT(read.plies, wrote.plies);
        EXPECT_INT(read.bytes, wrote.bytes);
        EXPECT_INT(read.checksum, wrote.checksum);
        done_games(games, num_games);
        done_games(back, num_back);
    }
}

static bool is_refused(const char *path, const void *bytes, size_t num_bytes) {
    struct record *games;
    struct replay_chunk info;
    int num_games;
    unlink(path); // A file system may flush a file that is cut to nothing and written again.
    // We don't use file_write, which would mean thousands of fsyncs.
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, num_bytes, file) == num_bytes);
    fclose(file);
    const enum status status = chunk_read(path, "go", NULL, &games, &num_games, &info);
    if (status == STATUS_OK) done_games(games, num_games);
    return status == STATUS_FORMAT;
}

static void test_a_cut_or_altered_chunk_is_refused_whatever_the_byte(const char *folder) {
    struct rng rng;
    rng_init(&rng, 2, 1);
    struct record *games = random_games(&rng, 7, 3);
    struct replay_chunk info;
    char path[PATH_BYTES], copy[PATH_BYTES], *bytes;
    size_t num_bytes;
    EXPECT_INT(chunk_write(folder, 900, games, 3, &info), STATUS_OK);
    done_games(games, 3);
    path_format(path, "%s/000900.chunk", folder);
    path_format(copy, "%s/000901.chunk", folder);
    CHECK(file_read(path, &bytes, &num_bytes) == STATUS_OK);
    // The frame says that it ends with a checksum of its content [RFC 8878, 3.1.1.1.1].
    EXPECT((uint8_t)bytes[80 + 4] & 4);
    const int kept = stderr_to("/dev/null");
    size_t refused = 0;
    EXPECT(!is_refused(copy, bytes, num_bytes));
    for (size_t i = 0; i < num_bytes; i++) {
        bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
        refused += is_refused(copy, bytes, num_bytes);
        bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
        refused += is_refused(copy, bytes, i);
    }
    refused += is_refused(copy, bytes, num_bytes + 1); // With the zero behind it.
    stderr_back(kept);
    EXPECT_INT(refused, 2 * num_bytes + 1);
    free(bytes);
}

static void put_crc(char *bytes, size_t num_bytes) {
    const uint32_t crc = crc32c(0, bytes + 16, num_bytes - 16);
    for (int i = 0; i < 4; i++) bytes[12 + i] = (char)(crc >> 8 * i);
}

// Where wrong bytes have a right CRC, the readers behind it are on their own. They must not crash,
// leak or read out of bounds.
static void test_a_forged_chunk_never_breaks_the_readers(const char *folder) {
    struct rng rng;
    rng_init(&rng, 3, 1);
    struct record *games = random_games(&rng, 7, 4);
    struct byte_buffer content = {0};
    struct replay_chunk info;
    char path[PATH_BYTES], *bytes;
    size_t num_bytes;
    EXPECT_INT(chunk_write(folder, 902, games, 4, &info), STATUS_OK);
    for (int i = 0; i < 4; i++) record_write(&games[i], &content);
    done_games(games, 4);
    path_format(path, "%s/000902.chunk", folder);
    CHECK(file_read(path, &bytes, &num_bytes) == STATUS_OK);
    path_format(path, "%s/000903.chunk", folder);
    char *forged = malloc(num_bytes + ZSTD_compressBound(content.num_bytes));
    uint8_t *inside = malloc(content.num_bytes);
    int refused = 0, passed = 0;
    const int kept = stderr_to("/dev/null");
    for (int i = 0; i < 4000; i++) {
        size_t length = num_bytes;
        memcpy(forged, bytes, num_bytes);
        if (i % 2) { // Bytes of the header or of the frame.
            const size_t at = 16 + rng_below(&rng, i % 4 == 1 ? 64 : (uint32_t)num_bytes - 16);
            forged[at] = (char)rng_u64(&rng);
        } else { // Bytes of the records inside a sound frame.
            memcpy(inside, content.data, content.num_bytes);
            inside[rng_below(&rng, (uint32_t)content.num_bytes)] = (uint8_t)rng_u64(&rng);
            const size_t frame =
                ZSTD_compress(forged + 80, ZSTD_compressBound(content.num_bytes), inside, content.num_bytes, 1);
            length = 80 + frame;
            for (int k = 0; k < 8; k++) forged[72 + k] = (char)(frame >> 8 * k);
        }
        put_crc(forged, length);
        const bool is_bad = is_refused(path, forged, length);
        refused += is_bad;
        passed += !is_bad;
    }
    stderr_back(kept);
    EXPECT(refused > 1000 && passed > 100);
    free(inside);
    free(forged);
    free(bytes);
    free(content.data);
}

static void test_a_foreign_file_is_refused_by_name(const char *folder) {
    struct rng rng;
    rng_init(&rng, 4, 1);
    struct record *games = random_games(&rng, 0, 2), *back;
    struct replay_chunk info;
    int num_back;
    char path[PATH_BYTES], *bytes;
    size_t num_bytes;
    EXPECT_INT(chunk_write(folder, 904, games, 2, &info), STATUS_OK);
    done_games(games, 2);
    path_format(path, "%s/000904.chunk", folder);
    EXPECT_REFUSED(chunk_read(path, "othello", NULL, &back, &num_back, &info), STATUS_FORMAT, path,
                   "holds games of go, not othello");
    CHECK(file_read(path, &bytes, &num_bytes) == STATUS_OK);
    bytes[8] = 2;
    CHECK(file_write(path, bytes, num_bytes) == STATUS_OK);
    EXPECT_REFUSED(chunk_read(path, "go", NULL, &back, &num_back, &info), STATUS_FORMAT, path, "version 2");
    CHECK(file_write(path,
                     "PK, something else altogether, and long enough to hold a whole header of a chunk, were it one at all",
                     96) == STATUS_OK);
    EXPECT_REFUSED(chunk_read(path, "go", NULL, &back, &num_back, &info), STATUS_FORMAT, path, "is not a chunk");
    CHECK(file_write(path, bytes, 60) == STATUS_OK);
    free(bytes);
    path_format(path, "%s/000999.chunk", folder);
    EXPECT_REFUSED(chunk_read(path, "go", NULL, &back, &num_back, &info), STATUS_IO, path, "");
}

// Compares draws with weights counted by hand, by Pearson's chi-square.
static void test_rows_are_drawn_in_proportion_to_their_weight(void) {
    enum { DRAWS = 200000 };
    struct rng rng;
    rng_init(&rng, 5, 1);
    struct replay *replay;
    CHECK(replay_new(&replay) == STATUS_OK);
    const struct record *record;
    int ply;
    EXPECT(!replay_pick(replay, &rng, PLY_FULL, &record, &ply)); // It is empty.
    // They come in several portions, and the oldest are dropped on the way.
    for (int i = 0; i < 8; i++) {
        struct record *games = random_games(&rng, 8 * i, 8);
        replay_add(replay, games, 8);
        done_games(games, 8);
        replay_trim(replay, 80);
    }
    for (enum ply_kind kind = PLY_FULL; kind <= PLY_FAST; kind++) {
        const int num_games = replay_num_games(replay);
        int *counts = calloc((size_t)num_games * 64, sizeof *counts);
        for (int i = 0; i < DRAWS; i++) {
            EXPECT(replay_pick(replay, &rng, kind, &record, &ply));
            EXPECT(record->plies[ply].kind == kind && record->plies[ply].weight > 0);
            const long long game = record->index - replay_game(replay, 0)->index;
            counts[64 * game + ply]++;
        }
        double chi = 0, total = 0;
        int cells = 0, rows = 0;
        for (int pass = 0; pass < 2; pass++) // The total comes first.
            for (int g = 0; g < num_games; g++)
                for (int p = 0; p < replay_game(replay, g)->num_plies; p++) {
                    const struct record_ply *at = &replay_game(replay, g)->plies[p];
                    if (at->kind != kind || at->weight == 0) continue;
                    if (pass == 0) {
                        total += record_weight(at);
                        rows++;
                        continue;
                    }
                    const double expected = DRAWS * record_weight(at) / total, off = counts[64 * g + p] - expected;
                    chi += off * off / expected;
                    cells++;
                }
        EXPECT_INT(replay_rows(replay, kind), rows);
        EXPECT_NEAR(replay_weight(replay, kind), total, 1e-6);
        // Chi-square is about normal with this mean and twice this variance.
        const double freedom = cells - 1;
        EXPECT_NEAR(chi, freedom, 5 * sqrt(2 * freedom));
        free(counts);
    }
    replay_free(replay);
}

// The naive twin sums the rows of the newest games until there are enough.
static int games_to_keep(const long long *rows, int num_games, long long window) {
    int kept = 0;
    for (long long sum = 0; kept < num_games && sum < window; kept++) sum += rows[num_games - 1 - kept];
    return kept;
}

static void test_a_resumed_window_is_the_uninterrupted_one(const char *folder) {
    enum { CHUNKS = 60 };
    struct rng rng;
    rng_init(&rng, 6, 1);
    struct replay *replay;
    struct replay_chunk chunks[CHUNKS];
    long long rows[CHUNKS * 12], total = 0;
    int num_games = 0;
    CHECK(replay_new(&replay) == STATUS_OK);
    for (int i = 0; i < CHUNKS; i++) {
        const int n = 1 + (int)rng_below(&rng, 12);
        struct record *games = random_games(&rng, num_games, n);
        for (int k = 0; k < n; k++) total += rows[num_games + k] = record_rows(&games[k], PLY_FULL, NULL);
        EXPECT_INT(chunk_write(folder, i, games, n, &chunks[i]), STATUS_OK);
        replay_add(replay, games, n);
        num_games += n;
        done_games(games, n);
        // It grows more slowly than the data, as that of a run does.
        const long long window = 30 + total * 2 / 5;
        replay_trim(replay, window);
        EXPECT_INT(replay_num_games(replay), games_to_keep(rows, num_games, window));
        if (i % 6 != 5) continue;
        struct replay *resumed;
        CHECK(replay_new(&resumed) == STATUS_OK);
        EXPECT_INT(replay_load(resumed, folder, "go", NULL, chunks, i + 1, window), STATUS_OK);
        EXPECT_INT(replay_num_games(resumed), replay_num_games(replay));
        EXPECT_INT(replay_rows(resumed, PLY_FULL), replay_rows(replay, PLY_FULL));
        EXPECT_INT(replay_rows(resumed, PLY_FAST), replay_rows(replay, PLY_FAST));
        for (int k = 0; k < replay_num_games(resumed); k++)
            EXPECT(record_equal(replay_game(resumed, k), replay_game(replay, k)));
        struct rng a = rng, b = rng; // It also gives the same draws.
        for (int k = 0; k < 100; k++) {
            const struct record *left, *right;
            int left_ply, right_ply;
            EXPECT(replay_pick(replay, &a, PLY_FAST, &left, &left_ply) &&
                   replay_pick(resumed, &b, PLY_FAST, &right, &right_ply));
            EXPECT(left->index == right->index && left_ply == right_ply);
        }
        replay_free(resumed);
    }
    // A list that counts other games than the chunk holds is noticed, and it is said what differs.
    char path[PATH_BYTES], other[PATH_BYTES], *bytes, told[64];
    size_t num_bytes;
    struct replay *resumed;
    path_format(path, "%s/%06d.chunk", folder, CHUNKS - 1);
    snprintf(told, sizeof told, "expected %d of %08x", ++chunks[CHUNKS - 1].num_games, (unsigned)chunks[CHUNKS - 1].checksum);
    CHECK(replay_new(&resumed) == STATUS_OK);
    EXPECT_REFUSED(replay_load(resumed, folder, "go", NULL, chunks, CHUNKS, 50), STATUS_FORMAT, path, told);
    replay_free(resumed);
    chunks[CHUNKS - 1].num_games--;
    // A sound chunk of another run in the place of ours is noticed.
    path_format(other, "%s/%06d.chunk", folder, CHUNKS - 2);
    CHECK(file_read(other, &bytes, &num_bytes) == STATUS_OK && file_write(path, bytes, num_bytes) == STATUS_OK);
    free(bytes);
    CHECK(replay_new(&resumed) == STATUS_OK);
    EXPECT_REFUSED(replay_load(resumed, folder, "go", NULL, chunks, CHUNKS, 50), STATUS_FORMAT, path,
                   "is not the chunk that this run wrote");
    replay_free(resumed);
    replay_free(replay);
}

static bool has_odd_step(const void *context, const struct record *record) {
    return record->net_step % 2 == 1 && record->index >= *(const long long *)context;
}

// Law: a window from which games are taken out is the window that never had them, row for row.
static void test_a_window_without_some_games_is_one_that_never_had_them(void) {
    struct rng rng;
    rng_init(&rng, 12, 0);
    for (int round = 0; round < 50; round++) {
        struct replay *with, *without;
        CHECK(replay_new(&with) == STATUS_OK && replay_new(&without) == STATUS_OK);
        const int num = 1 + (int)rng_below(&rng, 60);
        const long long from = (long long)rng_below(&rng, 80) - 20;
        int gone = 0;
        struct record *games = random_games(&rng, 0, num), *kept = calloc((size_t)num, sizeof *kept);
        int num_kept = 0;
        for (int i = 0; i < num; i++) {
            if (has_odd_step(&from, &games[i])) {
                gone++;
                continue;
            }
            // A copy by way of its bytes.
            struct byte_buffer bytes = {0};
            size_t used;
            record_write(&games[i], &bytes);
            CHECK(record_read(&kept[num_kept++], bytes.data, bytes.num_bytes, &used, "a copy") == STATUS_OK);
            free(bytes.data);
        }
        replay_add(with, games, num);
        replay_add(without, kept, num_kept);
        EXPECT_INT(replay_remove(with, has_odd_step, &from), gone);
        EXPECT_INT(replay_num_games(with), num_kept);
        struct rng a = rng, b = rng;
        for (int kind = PLY_FULL; kind <= PLY_FAST; kind++) {
            EXPECT_INT(replay_rows(with, (enum ply_kind)kind), replay_rows(without, (enum ply_kind)kind));
            EXPECT_NEAR(replay_weight(with, (enum ply_kind)kind), replay_weight(without, (enum ply_kind)kind), 0);
            for (int i = 0; i < 50; i++) {
                const struct record *x = NULL, *y = NULL;
                int at_x = 0, at_y = 0;
                const bool has = replay_pick(with, &a, (enum ply_kind)kind, &x, &at_x);
                EXPECT(has == replay_pick(without, &b, (enum ply_kind)kind, &y, &at_y));
                if (has) EXPECT(record_equal(x, y) && at_x == at_y);
            }
        }
        // And it goes on as the other does.
        struct record *more = random_games(&rng, num, 3), *again = calloc(3, sizeof *again);
        for (int i = 0; i < 3; i++) {
            struct byte_buffer bytes = {0};
            size_t used;
            record_write(&more[i], &bytes);
            CHECK(record_read(&again[i], bytes.data, bytes.num_bytes, &used, "a copy") == STATUS_OK);
            free(bytes.data);
        }
        replay_add(with, more, 3);
        replay_add(without, again, 3);
        replay_trim(with, 10);
        replay_trim(without, 10);
        EXPECT_INT(replay_num_games(with), replay_num_games(without));
        EXPECT_INT(replay_rows(with, PLY_FULL), replay_rows(without, PLY_FULL));
        replay_free(with);
        replay_free(without);
        done_games(games, num);
        done_games(kept, num_kept);
        done_games(more, 3);
        done_games(again, 3);
    }
}

int main(void) {
    char folder[PATH_BYTES];
    make_folder(folder, "replay");
    test_a_chunk_read_back_holds_the_same_games(folder);
    test_a_cut_or_altered_chunk_is_refused_whatever_the_byte(folder);
    test_a_forged_chunk_never_breaks_the_readers(folder);
    test_a_foreign_file_is_refused_by_name(folder);
    test_rows_are_drawn_in_proportion_to_their_weight();
    test_a_resumed_window_is_the_uninterrupted_one(folder);
    remove_folder(folder);
    test_a_window_without_some_games_is_one_that_never_had_them();
    return TEST_END();
}
