// Laws:
//   1. What the slots play depends on seed, session and slot alone: 1, 2 and 3 threads write the
//      same games, byte for byte.
//   2. Every record can be replayed by the rules and ends as it says.
//   3. A curriculum begins its games on the smaller board while it lasts and on the run's
//      afterwards, and its batches are as small as their rows.
//   4. A deviation repeats the slot's last game up to an early move, makes another one there, and
//      thinks from then on.
//   5. In the first games nobody passes early, and what is no pass is not banned with it: Hex's
//      second player may swap.
//   6. A self-play game is cut where the game says, or where the setting does, and never beyond the
//      rules' own bound.
//   7. Where rules are mixed, games of every set are played, and each is of the set that it says.

#include "run/replay.h"
#include "selfplay/actor.h"
#include "selfplay/sampler.h"
#include "tests/test.h"

#include <time.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char *const mix[] = {"chinese", "new-zealand", "japanese", "ko=simple+score=area+suicide=0+bonus=n+tax=none"};
enum { MIX = sizeof mix / sizeof *mix };

static void count_rules(const struct record *record, int counts[MIX]) {
    int k = 0;
    while (k < MIX && strcmp(record->rules, mix[k])) k++;
    EXPECT_(k < MIX, "a game by '%s'", record->rules);
    if (k < MIX) counts[k]++;
}

// `counts` are the games by their rules. A curriculum lasts half of the iterations.
static struct byte_buffer play(const struct config *config, const struct game *game, int threads, int iterations, int *games,
                               int counts[MIX]) {
    struct thread_pool *pool;
    struct evaluator *evaluators[8];
    struct actors *actors;
    EXPECT_INT(thread_pool_new(&pool, threads), STATUS_OK);
    for (int i = 0; i < threads; i++) EXPECT_INT(evaluator_hash(&evaluators[i], 7), STATUS_OK);
    EXPECT_INT(actors_new(&actors, config, game, &(struct actors_place){.session = 1}), STATUS_OK);
    const struct clock clock = {seconds, NULL};
    struct byte_buffer bytes = {0};
    *games = 0;
    for (int it = 0; it < iterations; it++) {
        const struct actors_round round = {.pool = pool,
                                           .evaluators = evaluators,
                                           .progress = 0.3,
                                           .small_board = config->curriculum > 0 && it < iterations / 2,
                                           .step = it,
                                           .games_done = *games,
                                           .clock = &clock};
        struct record *records;
        struct actors_stats stats;
        EXPECT_INT(actors_play(actors, &round, &records, &stats), STATUS_OK);
        EXPECT_INT(stats.evaluations, (long long)config->slots * config->evaluations);
        long long plies = 0;
        for (int i = 0; i < stats.games; i++) plies += records[i].num_plies;
        EXPECT_INT(stats.plies, plies);
        for (int i = 0; i < stats.games; i++) {
            EXPECT_INT(record_verify(&records[i], NULL, "test"), STATUS_OK);
            if (!strcmp(game->type->name, "go")) count_rules(&records[i], counts);
            records[i].index = (*games)++;
            const size_t begin = bytes.num_bytes;
            record_write(&records[i], &bytes);
            struct record back; // A resumed run must be able to read what self-play writes.
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
    thread_pool_free(pool);
    return bytes;
}

static void same_games_for_any_threads(const char *name, int size, int iterations, const char *rules_mix) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = name;
    config.size[0] = config.size[1] = size;
    config.slots = 24;
    config.evaluations = 100;
    config.pass_ban_games = 5;
    config.rules_mix = rules_mix;
    struct game game;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    int games[4] = {0}, counts[4][MIX] = {{0}};
    struct byte_buffer logs[4] = {0};
    for (int threads = 1; threads <= 3; threads++)
        logs[threads] = play(&config, &game, threads, iterations, &games[threads], counts[threads]);
    for (int k = 0; k < MIX && !strcmp(name, "go"); k++)
        EXPECT_((k == 0 || *rules_mix) == (counts[1][k] > 0), "%d games by %s", counts[1][k], mix[k]);
    fprintf(stderr, "%s: %d games, %zu bytes\n", name, games[1], logs[1].num_bytes);
    EXPECT(games[1] > 20);
    for (int threads = 2; threads <= 3; threads++) {
        EXPECT_INT(games[threads], games[1]);
        EXPECT_INT(logs[threads].num_bytes, logs[1].num_bytes);
        EXPECT(logs[threads].num_bytes == logs[1].num_bytes && !memcmp(logs[threads].data, logs[1].data, logs[1].num_bytes));
    }
    for (int threads = 1; threads <= 3; threads++) free(logs[threads].data);
}

// Reads games as `play` wrote them, the oldest first.
static int read_games(const struct byte_buffer *bytes, struct record *out, int max) {
    int n = 0;
    for (size_t at = 0, used; at < bytes->num_bytes && n < max; at += used)
        EXPECT_INT(record_read(&out[n++], bytes->data + at, bytes->num_bytes - at, &used, "test"), STATUS_OK);
    return n;
}

static void a_curriculum_begins_on_a_smaller_board(void) {
    enum { ITERATIONS = 12, MOST = 4000 };
    struct config config = {0};
    options_defaults(config_table, &config);
    config.size[0] = config.size[1] = 6;
    config.slots = 16;
    config.evaluations = 200;
    config.curriculum = 0.5;
    struct game game, small;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(config_curriculum(&config, &game, &small), STATUS_OK);
    EXPECT_INT(small.height, 5);
    EXPECT_NEAR(small.komi, 24.5, 0);
    int games[2], counts[MIX] = {0};
    struct byte_buffer logs[2];
    for (int i = 0; i < 2; i++) logs[i] = play(&config, &game, 1 + 2 * i, ITERATIONS, &games[i], counts);
    EXPECT(logs[0].num_bytes == logs[1].num_bytes && !memcmp(logs[0].data, logs[1].data, logs[0].num_bytes));

    struct record *records = calloc(MOST, sizeof *records);
    const int n = read_games(&logs[0], records, MOST);
    int last_small = -1, first_large = n, num_small = 0;
    for (int i = 0; i < n; i++) {
        const struct record *r = &records[i];
        const bool is_small = r->height == 5;
        EXPECT(is_small ? r->width == 5 : r->height == 6 && r->width == 6);
        num_small += is_small;
        if (is_small) last_small = i;
        if (!is_small && i < first_large) first_large = i;
        // The step is the iteration in which a game began.
        EXPECT(is_small == (r->net_step < ITERATIONS / 2));
    }
    EXPECT_(num_small > 20 && n - num_small > 20, "%d games, %d of them small", n, num_small);
    fprintf(stderr, "curriculum: %d games, %d on 5x5; the first on 6x6 is %d, the last on 5x5 %d\n", n, num_small, first_large,
            last_small);

    // Rows of small boards alone make a small batch; among others they are framed.
    struct replay *replay;
    struct batch *batch;
    const struct net_config net = config_net(&config, &game);
    struct rng rng;
    rng_init(&rng, 1, 1);
    EXPECT_INT(batch_new(&batch, &net, 64, 6, 6), STATUS_OK);
    EXPECT_INT(replay_new(&replay), STATUS_OK);
    replay_add(replay, records, first_large);
    sampler_fill(replay, &config, &rng, 64, batch);
    EXPECT_INT(batch->height, 5);
    EXPECT_INT(batch->actions, 26);
    EXPECT_INT(batch->n, 64);
    for (int i = 0; i < 64 * 25; i++) EXPECT_NEAR(batch->mask[i], 1, 0);
    replay_add(replay, records + first_large, n - first_large);
    sampler_fill(replay, &config, &rng, 64, batch);
    EXPECT_INT(batch->height, 6);
    double on_board = 0;
    for (int i = 0; i < 64 * 36; i++) on_board += batch->mask[i];
    EXPECT(on_board > 64 * 25 && on_board < 64 * 36);
    batch_free(batch);
    replay_free(replay);
    free(records);
    for (int i = 0; i < 2; i++) free(logs[i].data);

    // A small board may be allowed more plies than a large one; its games must fit all the same.
    config.size[0] = 2, config.size[1] = 5;
    config.max_plies = 10;
    config.komi = GAME_KOMI_DEFAULT;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(config_curriculum(&config, &game, &small), STATUS_OK);
    EXPECT(small.max_plies <= game.max_plies && small.state_bytes <= game.state_bytes);

    config.game = "tictactoe"; // It has one size.
    config.size[0] = config.size[1] = 0;
    config.komi = GAME_KOMI_DEFAULT;
    EXPECT_INT(config_resolve(&config, &game), STATUS_USAGE);
}

static void deviations_leave_the_last_game(const char *name, int size) {
    enum { MOST = 4000 };
    struct config config = {0};
    struct game game;
    options_defaults(config_table, &config);
    config.game = name;
    config.slots = 1;
    config.size[0] = config.size[1] = size;
    config.deviate_share = 1;
    config.scatter_share = config.fork_share = config.opening_share = 0;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    int num_games, counts[MIX] = {0}, deviations = 0, places = 0;
    bool is_place[GAME_MAX_ACTIONS] = {false}; // The plies at which one was made.
    struct byte_buffer log = play(&config, &game, 1, 60, &num_games, counts);
    struct record *records = calloc(MOST, sizeof *records);
    const int n = read_games(&log, records, MOST);
    for (int i = 1; i < n; i++) {
        const struct record *before = &records[i - 1], *r = &records[i];
        const int last = r->opening_plies - 1; // This move deviates.
        EXPECT(last < game.height * game.width / 2 && last < before->num_plies);
        for (int ply = 0; ply < last; ply++) EXPECT_INT(r->plies[ply].action, before->plies[ply].action);
        if (last < 0 || r->plies[last].action == before->plies[last].action)
            continue; // It was the only move, or it would have ended the game.
        deviations++;
        places += !is_place[last];
        is_place[last] = true;
        EXPECT(r->plies[last + 1].kind != PLY_FREE);
    }
    printf("%s: %d games, %d deviations, at %d different plies\n", name, n, deviations, places);
    EXPECT(n > 40 && deviations > n * 8 / 10 && places > game.height * game.width / 5);
    for (int i = 0; i < n; i++) record_done(&records[i]);
    free(records);
    free(log.data);
}

static void mixes_that_no_net_can_play_are_refused(void) {
    static const char *const cases[][2] = {
        {"go", "ing"}, {"go", "aga,,japanese"}, {"go", "aga,japanese+ko=super"}, {"hex", "swap"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config = {0};
        struct game game;
        options_defaults(config_table, &config);
        config.game = cases[i][0];
        config.rules_mix = cases[i][1];
        EXPECT_INT(config_resolve(&config, &game), STATUS_USAGE);
    }
}

// Plays the first games of a run. Counts the actions without a point that are no passes (swaps) and
// how often a full search had one among its targets, and finds the earliest pass.
static void play_first_games(const char *name, int size, const char *rules, int *swaps, int *targets, int *first_pass) {
    enum { MOST = 4000 };
    struct config config = {0};
    struct game game;
    options_defaults(config_table, &config);
    config.game = name;
    config.size[0] = config.size[1] = size;
    config.rules = rules;
    config.slots = 8;
    config.pass_ban_games = 1e9;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    int num_games, counts[MIX] = {0};
    struct byte_buffer log = play(&config, &game, 1, 12, &num_games, counts);
    struct record *records = calloc(MOST, sizeof *records);
    const int n = read_games(&log, records, MOST), global = game.policy_planes * game.height * game.width;
    *swaps = *targets = 0;
    *first_pass = INT32_MAX;
    for (int i = 0; i < n; i++) {
        for (int ply = 0; ply < records[i].num_plies; ply++) {
            const struct record_ply *p = &records[i].plies[ply];
            const int last = p->num_probs ? records[i].probs[p->first_prob + p->num_probs - 1u].action : -1;
            if (p->action == game.pass_action && ply < *first_pass) *first_pass = ply;
            *swaps += p->action != game.pass_action && p->action >= global;
            *targets += last != game.pass_action && last >= global;
        }
        record_done(&records[i]);
    }
    printf("%s %s: %d games, %d swaps, %d times a target, first pass at ply %d\n", name, game.rules, n, *swaps, *targets,
           *first_pass);
    EXPECT(n > 20);
    free(records);
    free(log.data);
}

static void early_passes_are_banned_and_swaps_are_not(void) {
    int swaps, targets, first_pass;
    play_first_games("hex", 4, "swap", &swaps, &targets, &first_pass);
    EXPECT_(swaps > 5 && targets > 10, "%d swaps, %d targets", swaps, targets);
    EXPECT_INT(first_pass, INT32_MAX);
    play_first_games("go", 5, NULL, &swaps, &targets, &first_pass);
    EXPECT_INT(swaps + targets, 0);
    EXPECT_(first_pass >= 0.7 * 25 && first_pass < INT32_MAX, "a pass at ply %d", first_pass);
}

static void games_are_cut_where_the_game_says(void) {
    static const struct {
        const char *name;
        int size;
        double max_plies;
        int expected; // 0: the rules' own bound.
    } cases[] = {{"go", 9, 0, 203},   {"go", 5, 0, 63},          {"go", 9, 3, 244},
                 {"go", 9, 100, 0},   {"breakthrough", 8, 0, 0}, {"breakthrough", 8, 2.5, 161},
                 {"hex", 11, 0, 0},   {"connect4", 0, 0, 0},     {"othello", 8, 0, 0},
                 {"gomoku", 15, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config = {0};
        struct game game, own;
        options_defaults(config_table, &config);
        config.game = cases[i].name;
        config.size[0] = config.size[1] = cases[i].size;
        config.max_plies = cases[i].max_plies;
        EXPECT_INT(game_open(&own, cases[i].name, &(struct game_options){.height = cases[i].size, .komi = GAME_KOMI_DEFAULT}),
                   STATUS_OK);
        EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
        EXPECT_INT(game.max_plies, cases[i].expected ? cases[i].expected : own.max_plies);
    }
    struct config config = {0};
    struct game game;
    options_defaults(config_table, &config);
    config.max_plies = 0.5; // No board fills in that.
    EXPECT_INT(config_resolve(&config, &game), STATUS_USAGE);
}

// Games whose every position has few moves begin with random plies, where nothing else is said.
static void few_moves_are_scattered(void) {
    static const struct {
        const char *game;
        int size;
        double share, deviate;
    } cases[] = {{"connect4", 0, 0.3, 0.4}, {"tictactoe", 0, 0.5, 0}, {"othello", 4, 0.5, 0},
                 {"othello", 6, 0.05, 0},   {"go", 9, 0.05, 0},       {"hex", 5, 0.05, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config = {0};
        struct game game;
        options_defaults(config_table, &config);
        config.game = cases[i].game;
        config.size[0] = config.size[1] = cases[i].size;
        EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
        EXPECT_NEAR(config.scatter_share, cases[i].share, 0);
        EXPECT_NEAR(config.deviate_share, cases[i].deviate, 0);
    }
}

int main(void) {
    same_games_for_any_threads("tictactoe", 0, 2, "");
    same_games_for_any_threads("connect4", 4, 8, "");
    // There are fewer positions than judgements: the cache must not play alone for ever.
    same_games_for_any_threads("hex", 2, 2, "");
    same_games_for_any_threads("go", 5, 8, "");
    same_games_for_any_threads("go", 5, 8, "nz,japanese,chinese+ko=simple");
    a_curriculum_begins_on_a_smaller_board();
    few_moves_are_scattered();
    early_passes_are_banned_and_swaps_are_not();
    games_are_cut_where_the_game_says();
    deviations_leave_the_last_game("connect4", 0);
    deviations_leave_the_last_game("hex", 4);
    mixes_that_no_net_can_play_are_refused();
    return TEST_END();
}
