// Law: what is read back is what was written, and nothing but a record is ever read.
#include "run/record.h"

#include "tests/run/folder.h"

static void test_a_record_read_back_equals_the_one_written(void) {
    struct rng rng;
    rng_init(&rng, 1, 1);
    for (int i = 0; i < 500; i++) {
        struct record record, back;
        struct byte_buffer bytes = {0};
        size_t used = 0;
        random_record(&record, &rng, i);
        buffer_append(&bytes, "front", 5); // The record does not begin at an aligned address.
        record_write(&record, &bytes);
        const size_t length = bytes.num_bytes - 5;
        buffer_append(&bytes, "behind", 6);
        EXPECT_INT(record_read(&back, bytes.data + 5, bytes.num_bytes - 5, &used, "test"), STATUS_OK);
        EXPECT_INT(used, length);
        EXPECT(record_equal(&record, &back));
        EXPECT_INT(back.index, i);
        EXPECT_INT(back.num_plies, record.num_plies);
        EXPECT_INT(back.num_probs, record.num_probs);
        EXPECT_TEXT(back.game, "go");
        EXPECT_TEXT(back.rules, "chinese");
        EXPECT_NEAR(back.komi, 7.5, 0);
        if (back.num_plies > 0 && back.plies[back.num_plies - 1].kind != PLY_FREE) {
            back.plies[back.num_plies - 1].win ^= 1;
            EXPECT(!record_equal(&record, &back));
        }
        record_done(&record);
        record_done(&back);
        free(bytes.data);
    }
}

static void test_values_and_policies_are_kept_to_their_stated_precision(void) {
    const struct game_type type = {.name = "go"};
    const struct game game = {.type = &type, .height = 3, .width = 3, .rules = "chinese", .max_plies = 30};
    struct record record;
    record_init(&record, &game);
    struct rng rng;
    rng_init(&rng, 2, 1);
    for (int i = 0; i < 2000; i++) {
        // v = 1: there is no draw, and both sides may be rounded up.
        const double u = rng_double(&rng), v = i % 3 ? rng_double(&rng) : 1;
        const float wdl[3] = {(float)(u * v), (float)(1 - v), (float)((1 - u) * v)};
        float policy[10], back[10], kept[3], sum = 0;
        for (int a = 0; a < 10; a++) sum += policy[a] = (float)rng_double(&rng);
        for (int a = 0; a < 10; a++) policy[a] /= sum;
        record_add_ply(&record, i % 10, i % 2, PLY_FULL, 0.25f, wdl, 1.5f);
        record_set_policy(&record, policy, 10);
        record_wdl(&record.plies[i], kept);
        for (int k = 0; k < 3; k++) EXPECT_NEAR(kept[k], wdl[k], 1.6 / RECORD_PROB_ONE);
        EXPECT_NEAR(kept[0] + kept[1] + kept[2], 1, 1e-6);
        EXPECT(record_policy(&record, i, back, 10));
        EXPECT(!record_policy(&record, i, back, 9)); // There is an action beyond the head.
        for (int a = 0; a < 10; a++) EXPECT_NEAR(back[a], policy[a], 12.0 / RECORD_PROB_ONE);
        EXPECT_NEAR(record_weight(&record.plies[i]), 0.25, 0);
    }
    uint64_t weight;
    EXPECT_INT(record_rows(&record, PLY_FULL, &weight), 2000);
    EXPECT_INT(weight, 2000 * RECORD_WEIGHT_ONE / 4);
    EXPECT_INT(record_rows(&record, PLY_FAST, NULL), 0);
    record_done(&record);
}

static void test_a_cut_record_is_refused_at_every_length(void) {
    struct rng rng;
    rng_init(&rng, 3, 1);
    struct record record = {0}, back;
    struct byte_buffer bytes = {0};
    size_t used;
    do {
        record_done(&record);
        random_record(&record, &rng, 0);
    } while (record.num_probs == 0 || !record.ownership);
    record_write(&record, &bytes);
    const int kept = stderr_to("/dev/null");
    int refused = 0;
    for (size_t n = 0; n < bytes.num_bytes; n++) {
        // It has the exact size, so that a sanitizer sees a read past the end.
        uint8_t *cut = malloc(n + 1);
        memcpy(cut, bytes.data, n);
        cut = realloc(cut, n ? n : 1);
        refused += record_read(&back, cut, n, &used, "test") == STATUS_FORMAT;
        if (n >= 4) { // The same with a length that fits, so that the fields inside end too early.
            for (int i = 0; i < 4; i++) cut[i] = (uint8_t)((n - 4) >> (8 * i));
            refused += record_read(&back, cut, n, &used, "test") == STATUS_FORMAT;
        }
        free(cut);
    }
    stderr_back(kept);
    EXPECT_INT(refused, 2 * bytes.num_bytes - 4);
    record_done(&record);
    free(bytes.data);
}

// The bytes of a record are canonical: whatever passes is written again as exactly these bytes.
static void test_mutated_bytes_are_refused_or_mean_what_they_say(void) {
    struct rng rng;
    rng_init(&rng, 4, 1);
    int passed = 0, refused = 0, changed = 0;
    const int kept = stderr_to("/dev/null");
    for (int i = 0; i < 20000; i++) {
        struct record record, back;
        struct byte_buffer bytes = {0}, again = {0};
        size_t used = 0;
        random_record(&record, &rng, i);
        record_write(&record, &bytes);
        for (int n = 1 + (int)rng_below(&rng, 3); n > 0; n--) {
            const size_t at = rng_below(&rng, (uint32_t)bytes.num_bytes);
            bytes.data[at] = rng_below(&rng, 2) ? (uint8_t)rng_u64(&rng) : (uint8_t)(bytes.data[at] ^ 1u << rng_below(&rng, 8));
        }
        if (record_read(&back, bytes.data, bytes.num_bytes, &used, "test") == STATUS_OK) {
            passed++;
            record_write(&back, &again);
            changed += again.num_bytes != used || memcmp(again.data, bytes.data, used) != 0;
            float policy[50];
            for (int ply = 0; ply < back.num_plies; ply++) record_policy(&back, ply, policy, 50);
            record_done(&back);
        } else {
            refused++;
            changed += back.plies || back.probs || back.ownership; // There is nothing to free.
        }
        record_done(&record);
        free(bytes.data);
        free(again.data);
    }
    stderr_back(kept);
    EXPECT_INT(changed, 0);
    EXPECT(passed > 1000 && refused > 1000); // Both cases came up.
}

int main(void) {
    test_a_record_read_back_equals_the_one_written();
    test_values_and_policies_are_kept_to_their_stated_precision();
    test_a_cut_record_is_refused_at_every_length();
    test_mutated_bytes_are_refused_or_mean_what_they_say();
    return TEST_END();
}
