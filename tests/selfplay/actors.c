// Law: what the slots play depends on seed, session and slot alone: 1, 2 and 3 threads write the same games, byte for byte.
// Law: every record can be replayed by the rules and ends as it says.

#include "selfplay/actor.h"
#include "selfplay/sampler.h"
#include "tests/test.h"

#include <time.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct byte_buffer play(const struct config *config, const struct game *game, int threads, int iterations, int *games) {
    struct pool *pool;
    struct evaluator *evaluators[8];
    struct actors *actors;
    EXPECT_INT(pool_new(&pool, threads), STATUS_OK);
    for (int i = 0; i < threads; i++) EXPECT_INT(evaluator_hash(&evaluators[i], 7), STATUS_OK);
    EXPECT_INT(actors_new(&actors, config, game, 1), STATUS_OK);
    const struct clock clock = {seconds, NULL};
    struct byte_buffer bytes = {0};
    *games = 0;
    for (int it = 0; it < iterations; it++) {
        const struct actors_round round = {
            .pool = pool, .evaluators = evaluators, .progress = 0.3, .step = it, .games_done = *games, .clock = &clock};
        struct record *records;
        struct actors_stats stats;
        EXPECT_INT(actors_play(actors, &round, &records, &stats), STATUS_OK);
        EXPECT_INT(stats.evaluations, (long long)config->slots * config->evaluations);
        for (int i = 0; i < stats.games; i++) {
            EXPECT_INT(sampler_verify(&records[i], "test"), STATUS_OK);
            records[i].index = (*games)++;
            const size_t begin = bytes.num_bytes;
            record_write(&records[i], &bytes);
            struct record back; // what self-play writes, a resumed run must be able to read
            size_t used;
            EXPECT_INT(record_read(&back, bytes.data + begin, bytes.num_bytes - begin, &used, "test"), STATUS_OK);
            EXPECT(record_equal(&back, &records[i]));
            record_done(&back);
            record_done(&records[i]);
        }
        free(records);
    }
    actors_free(actors);
    for (int i = 0; i < threads; i++) evaluator_free(evaluators[i]);
    pool_free(pool);
    return bytes;
}

static void same_games_for_any_threads(const char *name, int size, int iterations) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = name;
    config.size[0] = config.size[1] = size;
    config.slots = 24;
    config.evaluations = 100;
    config.pass_ban_games = 5;
    struct game game;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    int games[4] = {0};
    struct byte_buffer logs[4] = {0};
    for (int threads = 1; threads <= 3; threads++) logs[threads] = play(&config, &game, threads, iterations, &games[threads]);
    fprintf(stderr, "%s: %d games, %zu bytes\n", name, games[1], logs[1].num_bytes);
    EXPECT(games[1] > 20);
    for (int threads = 2; threads <= 3; threads++) {
        EXPECT_INT(games[threads], games[1]);
        EXPECT_INT(logs[threads].num_bytes, logs[1].num_bytes);
        EXPECT(logs[threads].num_bytes == logs[1].num_bytes && !memcmp(logs[threads].data, logs[1].data, logs[1].num_bytes));
    }
    for (int threads = 1; threads <= 3; threads++) free(logs[threads].data);
}

int main(void) {
    same_games_for_any_threads("tictactoe", 0, 2);
    same_games_for_any_threads("go", 5, 8);
    return TEST_END();
}
