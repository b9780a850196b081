// Laws of runs on several boards:
//   1. `sizes` says on which boards games are played and how often. Each has its own fair komi, and
//      the largest is the run's.
//   2. What can't be read or does not fit is refused.
//   3. Games come in these shares on any number of threads, with those that begin like the one
//      before. Rows of several boards share a batch under a mask, and a net learns from them.

#include "selfplay/boards.h"
#include "net/net.h"
#include "selfplay/actor.h"
#include "selfplay/sampler.h"
#include "tests/test.h"

#include <time.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct config config_of(const char *game, const char *sizes) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = game;
    config.sizes = sizes;
    return config;
}

static void a_list_is_read(void) {
    struct config config = config_of("go", "5:3,7,6x5:0.5");
    struct game game;
    struct boards boards;
    char text[BOARDS_TEXT_BYTES];
    int least, greatest;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(game.height, 7);
    EXPECT_INT(config.size[1], 7);
    EXPECT_INT(boards_init(&boards, &config, &game), STATUS_OK);
    EXPECT_INT(boards.num, 3);
    EXPECT_TEXT(boards_text(&boards, text), "67 % on 5x5 (komi 24.5), 22 % on 7x7 (komi 9), 11 % on 6x5 (komi 7)");
    boards_sides(&boards, &least, &greatest);
    EXPECT_INT(least, 5);
    EXPECT_INT(greatest, 7);
    int counts[3] = {0};
    for (int i = 0; i < 900; i++) counts[boards_draw(&boards, i / 900.0) - boards.at]++;
    EXPECT_INT(counts[0], 600);
    EXPECT_INT(counts[1], 200);
    EXPECT_INT(boards_draw(&boards, 0) - boards.at, 0);
    EXPECT_INT(boards_draw(&boards, 0.999999999) - boards.at, 2);

    config = config_of("go", "");
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(boards_init(&boards, &config, &game), STATUS_OK);
    EXPECT_INT(boards.num, 1);
    EXPECT_INT(boards_draw(&boards, 0.5)->height, game.height);
    config = config_of("go", "9,9x5");
    config.komi = 5.5; // It belongs to the run's own board alone.
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(boards_init(&boards, &config, &game), STATUS_OK);
    EXPECT_NEAR(boards.at[0].komi, 5.5, 0);
    EXPECT(boards.at[1].komi != 5.5);
}

static void what_can_not_be_is_refused(void) {
    static const char *const wrong[] = {",",   "9,",   "9,,7", "9:0", "9:x", "9:-1",    "x",   "9:2:3",
                                        "9,9", "9,20", "0,9",  "7,8", "9 7", "9:1e999", "5x10"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct config config = config_of("go", wrong[i]);
        struct game game;
        config.size[0] = config.size[1] = 9;
        EXPECT_(config_resolve(&config, &game) == STATUS_USAGE, "'%s' is taken", wrong[i]);
    }
    struct config config = config_of("go", "7,9");
    struct game game;
    config.curriculum = 0.5;
    EXPECT_INT(config_resolve(&config, &game), STATUS_USAGE);
    config = config_of("tictactoe", "3,9");
    EXPECT_INT(config_resolve(&config, &game), STATUS_USAGE);
    config = config_of("go", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,5x6,6x5");
    EXPECT_INT(config_resolve(&config, &game), STATUS_USAGE);
}

static struct record *play(const struct config *config, const struct game *game, int threads, int iterations, int *num) {
    struct thread_pool *pool;
    struct evaluator *evaluators[4];
    struct actors *actors;
    struct record *all = NULL;
    const struct clock clock = {seconds, NULL};
    EXPECT_INT(thread_pool_new(&pool, threads), STATUS_OK);
    for (int i = 0; i < threads; i++) EXPECT_INT(evaluator_hash(&evaluators[i], 7), STATUS_OK);
    EXPECT_INT(actors_new(&actors, config, game, &(struct actors_place){.session = 1}), STATUS_OK);
    *num = 0;
    for (int it = 0; it < iterations; it++) {
        const struct actors_round round = {
            .pool = pool, .evaluators = evaluators, .progress = 0.3, .step = it, .games_done = *num, .clock = &clock};
        struct record *records;
        struct actors_stats stats;
        EXPECT_INT(actors_play(actors, &round, &records, &stats), STATUS_OK);
        all = realloc(all, (size_t)(*num + stats.games + 1) * sizeof *all);
        for (int i = 0; i < stats.games; i++) {
            EXPECT_INT(record_verify(&records[i], game, "test"), STATUS_OK);
            all[(*num)++] = records[i];
        }
        free(records);
    }
    actors_free(actors);
    for (int i = 0; i < threads; i++) evaluator_free(evaluators[i]);
    thread_pool_free(pool);
    return all;
}

static void games_come_in_their_shares(const char *name, const char *sizes, int largest, double share_of_largest) {
    struct config config = config_of(name, sizes);
    struct game game;
    config.slots = 24;
    config.evaluations = 200;
    config.deviate_share = 0.3;
    config.visits_start = config.visits_end = config.fast_start = config.fast_end = 4;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(game.height, largest);
    int num, num_twin, num_large = 0;
    struct record *records = play(&config, &game, 1, 30, &num), *twin = play(&config, &game, 3, 30, &num_twin);
    EXPECT_INT(num_twin, num);
    for (int i = 0; i < num && i < num_twin; i++) {
        EXPECT(record_equal(&records[i], &twin[i]));
        num_large += records[i].height == largest;
        records[i].index = i;
    }
    // Small games end first, so that at most the games in play are missing. Beyond that we allow
    // four standard deviations.
    const double share = (double)num_large / num, bound = 4 * sqrt(0.25 / num) + 24.0 / num;
    fprintf(stderr, "%s on %s: %d games, %.3f on the largest, expected %.3f +- %.3f\n", name, sizes, num, share,
            share_of_largest, bound);
    EXPECT(num > 150);
    EXPECT_NEAR(share, share_of_largest, bound);

    // In a batch of all boards, targets and legal moves lie on the board alone, and training lowers
    // the loss.
    const struct net_config shape = net_config_for(&game, 1, 8);
    struct net *net;
    struct replay *replay;
    struct batch *batch;
    struct rng rng;
    rng_init(&rng, 1, 1);
    EXPECT_INT(net_new(&net, &shape, &rng), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &shape, 64, game.height, game.width), STATUS_OK);
    EXPECT_INT(replay_new(&replay), STATUS_OK);
    replay_add(replay, records, num);
    sampler_fill(replay, &config, &rng, 64, batch);
    EXPECT_INT(batch->n, 64);
    EXPECT_INT(batch->height, largest);
    const int points = batch->height * batch->width;
    int num_small = 0;
    for (int i = 0; i < 64; i++) {
        const float *mask = batch->mask + (size_t)i * (size_t)points;
        const size_t row = (size_t)i * (size_t)batch->actions;
        double sum = 0;
        num_small += mask[points - 1] == 0;
        for (int k = 0; k < batch->actions; k++) {
            const bool on = k >= shape.policy_planes * points || mask[k % points] > 0;
            EXPECT(on || (batch->targets[LOSS_POLICY][row + (size_t)k] == 0 && batch->legal[row + (size_t)k] == 0));
            sum += batch->targets[LOSS_POLICY][row + (size_t)k];
        }
        if (batch->weights[LOSS_POLICY][i] > 0) EXPECT_NEAR(sum, 1, 1e-4);
    }
    EXPECT(num_small > 5 && num_small < 64);
    struct train *train;
    struct thread_pool *pool;
    struct losses losses, first;
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(train_new(&train, net,
                         &(struct train_spec){.backend = {.name = "ref"},
                                              .workers_per_device = 1,
                                              .max_shard_rows = 64,
                                              .height = game.height,
                                              .width = game.width}),
               STATUS_OK);
    for (int step = 0; step < 30; step++) {
        const struct train_params params = config_train(&config);
        EXPECT_INT(train_step(train, pool, &batch, 1, &params, step ? &losses : &first), STATUS_OK);
    }
    EXPECT_(losses.total < 0.95 * first.total, "the loss goes from %g to %g", first.total, losses.total);
    train_free(train);
    thread_pool_free(pool);
    batch_free(batch);
    replay_free(replay);
    net_free(net);
    for (int i = 0; i < num_twin; i++) record_done(&twin[i]);
    free(records);
    free(twin);
}

int main(void) {
    a_list_is_read();
    what_can_not_be_is_refused();
    games_come_in_their_shares("go", "4:2,6:1", 6, 1.0 / 3);
    games_come_in_their_shares("hex", "3,5", 5, 0.5);
    return TEST_END();
}
