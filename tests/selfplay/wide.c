// Law: a game as wide as chess, with 80 planes and 4,672 actions, goes the whole way: it is
// encoded, searched, recorded, packed into a chunk, read, sampled, judged by a net and trained on.
// Its games end by its own bound, however many plies for each point that is.
//
// The game is made up and lives here alone: this program has a table of games of its own
// (game/game_table.c is alone in its file so that it can). What is legal and who wins follow from a
// hash of the moves; the last plane and the last action are in use.

#include "game/symmetry.h"
#include "net/net_evaluator.h"
#include "run/replay.h"
#include "selfplay/actor.h"
#include "selfplay/sampler.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIDE = 8, POINTS = SIDE * SIDE, POLICY_PLANES = 73, ACTIONS = POLICY_PLANES * POINTS, PLANES = 80, GLOBALS = 2 };
// 218 are the most moves of a chess position; 161 is 2.5 * 64 + 1.
enum { MOST_LEGAL = 218, SHORTEST = 190, LONGEST = 260 };

struct wide_state {
    uint64_t key;
    int ply;
};

static enum status wide_open(struct game *g, const struct game_options *o) {
    g->height = g->width = SIDE;
    g->rules = "standard";
    g->policy_planes = POLICY_PLANES;
    g->num_actions = ACTIONS;
    g->max_legal = MOST_LEGAL;
    g->num_planes = PLANES;
    g->num_globals = GLOBALS;
    g->num_symmetries = 2;
    g->max_plies = o->max_plies && o->max_plies < LONGEST ? o->max_plies : LONGEST;
    g->state_bytes = sizeof(struct wide_state);
    return STATUS_OK;
}
static void wide_start(const struct game *g, void *s) { *(struct wide_state *)s = (struct wide_state){.key = rng_mix(1)}; }
static int wide_to_move(const struct game *g, const void *s) { return ((const struct wide_state *)s)->ply & 1; }
static int wide_ply(const struct game *g, const void *s) { return ((const struct wide_state *)s)->ply; }
static enum outcome wide_outcome(const struct game *g, const void *state) {
    const struct wide_state *s = state;
    if (s->ply < SHORTEST || (s->ply < g->max_plies && s->key % 16)) return OUTCOME_NONE;
    return (enum outcome)(OUTCOME_FIRST + rng_mix(s->key) % 3);
}
// Every 36th action or so, up to the most, and always the very last one.
static int wide_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct wide_state *s = state;
    int n = 0;
    if (wide_outcome(g, s) != OUTCOME_NONE) return 0;
    for (int a = 0; a < ACTIONS - 1 && n < MOST_LEGAL - 1; a++)
        if (rng_mix(s->key + (uint64_t)a) % 36 == 0) actions[n++] = (uint16_t)a;
    actions[n++] = ACTIONS - 1;
    return n;
}
static void wide_play(const struct game *g, void *state, int action) {
    struct wide_state *s = state;
    s->key = rng_mix(s->key ^ (uint64_t)(action + 1));
    s->ply++;
}
static uint64_t wide_hash(const struct game *g, const void *state) {
    const struct wide_state *s = state;
    return rng_mix(s->key ^ (uint64_t)s->ply);
}
static bool plane_bit(const struct wide_state *s, int point, int plane) {
    return plane == 0 || (rng_mix(s->key ^ (uint64_t)(point * PLANES + plane)) & 1);
}
static void wide_encode(const struct game *g, const void *state, int symmetry, float *planes, int row_points, int channels,
                        float *globals) {
    const struct wide_state *s = state;
    for (int p = 0; p < POINTS; p++) {
        int y, x;
        symmetry_point(SIDE, SIDE, symmetry, p / SIDE, p % SIDE, &y, &x);
        float *out = planes + (size_t)(y * row_points + x) * (size_t)channels;
        for (int c = 0; c < PLANES; c++) out[c] = plane_bit(s, p, c);
    }
    globals[0] = (float)s->ply / LONGEST;
    globals[1] = 1;
}
static void wide_print(const struct game *g, const void *s, char *out, size_t out_bytes) { snprintf(out, out_bytes, "wide\n"); }
static void wide_action_text(const struct game *g, int action, char out[GAME_TEXT_BYTES]) {
    snprintf(out, GAME_TEXT_BYTES, "m%d", action);
}
static int wide_action_parse(const struct game *g, const char *text) {
    const int action = *text == 'm' ? atoi(text + 1) : ACTIONS;
    return action < ACTIONS ? action : GAME_NO_ACTION;
}

static const struct game_type wide_type = {.name = "wide",
                                           .title = "Wide",
                                           .open = wide_open,
                                           .start = wide_start,
                                           .to_move = wide_to_move,
                                           .ply = wide_ply,
                                           .legal = wide_legal,
                                           .play = wide_play,
                                           .outcome = wide_outcome,
                                           .hash = wide_hash,
                                           .encode = wide_encode,
                                           .permute = symmetry_permute,
                                           .symmetry_inverse = symmetry_inverse,
                                           .print = wide_print,
                                           .action_text = wide_action_text,
                                           .action_parse = wide_action_parse};

// The table of games of this program.
int game_count(void) { return 1; }
const struct game_type *game_at(int index) { return index == 0 ? &wide_type : NULL; }

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int play_games(const struct config *config, const struct game *game, struct record **out) {
    struct thread_pool *pool;
    struct evaluator *evaluator;
    struct actors *actors;
    struct actors_stats stats;
    const struct clock clock = {seconds, NULL};
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(evaluator_hash(&evaluator, 3), STATUS_OK);
    EXPECT_INT(actors_new(&actors, config, game, &(struct actors_place){.session = 1}), STATUS_OK);
    const struct actors_round round = {.pool = pool, .evaluators = &evaluator, .clock = &clock};
    EXPECT_INT(actors_play(actors, &round, out, &stats), STATUS_OK);
    actors_free(actors);
    evaluator_free(evaluator);
    thread_pool_free(pool);
    return stats.games;
}

// What self-play wrote agrees with the rules, beyond the plies and actions that smaller games have.
static void check_records(const struct game *game, const struct record *records, int n) {
    int longest = 0, last_played = 0, last_target = 0, most_probs = 0;
    for (int i = 0; i < n; i++) {
        const struct record *r = &records[i];
        EXPECT_INT(record_verify(r, game, "wide"), STATUS_OK);
        if (r->num_plies > longest) longest = r->num_plies;
        for (int ply = 0; ply < r->num_plies; ply++) {
            const struct record_ply *p = &r->plies[ply];
            last_played += p->action == ACTIONS - 1;
            if (p->num_probs) last_target += r->probs[p->first_prob + p->num_probs - 1u].action == ACTIONS - 1;
            if (p->num_probs > most_probs) most_probs = p->num_probs;
        }
        EXPECT(r->num_plies >= SHORTEST && r->num_plies <= game->max_plies);
    }
    printf("%d games, at most %d plies and %d moves in a policy; action %d played %d times, %d times a target\n", n, longest,
           most_probs, ACTIONS - 1, last_played, last_target);
    EXPECT(n >= 4 && last_played > 0 && last_target > 20 && most_probs > 30);
}

// Writes the games as one chunk and reads them back into a replay.
static void through_a_chunk(const struct game *game, const struct record *records, int n, struct replay *replay) {
    char folder[] = "/tmp/tengen_wide_XXXXXX", path[64];
    struct replay_chunk wrote, read;
    struct record *back;
    int num_back;
    EXPECT(mkdtemp(folder));
    EXPECT_INT(chunk_write(folder, 7, records, n, &wrote), STATUS_OK);
    snprintf(path, sizeof path, "%s/000007.chunk", folder);
    EXPECT_INT(chunk_read(path, "wide", game, &back, &num_back, &read), STATUS_OK);
    EXPECT_INT(num_back, n);
    for (int i = 0; i < n; i++) EXPECT(record_equal(&records[i], &back[i]));
    replay_add(replay, back, num_back);
    free(back);
    remove(path);
    remove(folder);
}

// Compares one row with the position to which it belongs, by the rules alone.
static void check_row(const struct game *game, const struct record *record, int ply, int symmetry, const struct config *config,
                      struct batch *batch) {
    struct wide_state state;
    uint16_t legal[MOST_LEGAL];
    static const int planes[] = {0, 31, 32, 63, 64, 79};
    batch_reframe(batch, SIDE, SIDE);
    sampler_row(record, ply, symmetry, config, batch);
    EXPECT_INT(batch->actions, ACTIONS);
    wide_start(game, &state);
    for (int i = 0; i < ply; i++) wide_play(game, &state, record->plies[i].action);
    for (int p = 0; p < POINTS; p++)
        for (size_t k = 0; k < sizeof planes / sizeof *planes; k++) {
            // On the first plane it is the point itself.
            const int to = game_permute(game, symmetry, p);
            EXPECT_NEAR(batch->planes[to * PLANES + planes[k]], plane_bit(&state, p, planes[k]), 0);
        }
    float sum = 0, num_legal = 0;
    for (int a = 0; a < ACTIONS; a++) sum += batch->targets[LOSS_POLICY][a], num_legal += batch->legal[a];
    EXPECT_NEAR(sum, 1, 1e-3);
    const int n = wide_legal(game, &state, legal);
    EXPECT_NEAR(num_legal, n, 0);
    for (int i = 0; i < n; i++) EXPECT_NEAR(batch->legal[game_permute(game, symmetry, legal[i])], 1, 0);
    const struct record_ply *p = &record->plies[ply];
    for (int i = 0; i < p->num_probs; i++) {
        const struct record_prob *prob = &record->probs[p->first_prob + (uint32_t)i];
        EXPECT_NEAR(batch->targets[LOSS_POLICY][game_permute(game, symmetry, prob->action)],
                    (double)prob->prob / RECORD_PROB_ONE, 1e-3);
    }
}

static void check_sampling(const struct game *game, const struct replay *replay, const struct config *config,
                           struct batch *batch) {
    struct rng rng;
    const struct record *record;
    int ply;
    rng_init(&rng, 5, 0);
    for (int i = 0; i < 40; i++) {
        EXPECT(replay_pick(replay, &rng, PLY_FULL, &record, &ply));
        check_row(game, record, ply, i & 1, config, batch);
    }
    batch_clear(batch);
    sampler_fill(replay, config, &rng, batch->max_n, batch);
    EXPECT_INT(batch->n, batch->max_n);
}

// A small net judges the start and learns the sampled rows.
static void check_net(const struct game *game, const struct config *config, struct batch *batch) {
    const struct net_config net_config = config_net(config, game);
    struct net *net;
    struct backend *backend;
    struct evaluator *evaluator;
    struct train *train;
    struct thread_pool *pool;
    struct rng rng;
    struct wide_state state;
    struct losses first, last;
    rng_init(&rng, 2, 0);
    EXPECT_INT(net_new(&net, &net_config, &rng), STATUS_OK);
    EXPECT_INT(backend_open(&backend, &(struct backend_spec){.name = "cpu"}), STATUS_OK);
    EXPECT_INT(net_evaluator_new(&evaluator, net, backend, 2), STATUS_OK);
    float *logits = malloc(ACTIONS * sizeof *logits);
    struct judgement judgement = {.logits = logits};
    wide_start(game, &state);
    evaluator_judge(evaluator, 1, &(struct position){.game = game, .state = &state}, &judgement);
    for (int a = 0; a < ACTIONS; a++) EXPECT(isfinite(logits[a]));
    EXPECT_NEAR(judgement.wdl[0] + judgement.wdl[1] + judgement.wdl[2], 1, 1e-5);
    evaluator_free(evaluator);
    backend_close(backend);
    free(logits);

    const struct train_spec spec = {
        .backend = {.name = "cpu"}, .workers_per_device = 1, .max_shard_rows = batch->max_n, .height = SIDE, .width = SIDE};
    const struct train_params params = config_train(config);
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(train_new(&train, net, &spec), STATUS_OK);
    EXPECT_INT(train_step(train, pool, &batch, 1, &params, &first), STATUS_OK);
    for (int i = 0; i < 20; i++) EXPECT_INT(train_step(train, pool, &batch, 1, &params, &last), STATUS_OK);
    printf("policy loss %.3f, after 20 more steps %.3f\n", first.of[LOSS_POLICY], last.of[LOSS_POLICY]);
    EXPECT(isfinite(first.total) && last.of[LOSS_POLICY] < first.of[LOSS_POLICY] - 0.1);
    train_free(train);
    thread_pool_free(pool);
    net_free(net);
}

int main(void) {
    struct config config = {0};
    struct game game;
    struct record *records = NULL;
    struct replay *replay;
    struct batch *batch;
    options_defaults(config_table, &config);
    config.game = "wide";
    config.slots = 8;
    config.evaluations = 2500;
    config.blocks = 1, config.channels = 16;
    EXPECT_INT(config_resolve(&config, &game), STATUS_OK);
    EXPECT_INT(game.max_plies, LONGEST); // No multiple of the points cuts it.
    const int n = play_games(&config, &game, &records);
    check_records(&game, records, n);
    EXPECT_INT(replay_new(&replay), STATUS_OK);
    through_a_chunk(&game, records, n, replay);
    const struct net_config net = config_net(&config, &game);
    EXPECT_INT(batch_new(&batch, &net, 32, SIDE, SIDE), STATUS_OK);
    check_sampling(&game, replay, &config, batch);
    check_net(&game, &config, batch);
    batch_free(batch);
    replay_free(replay);
    for (int i = 0; i < n; i++) record_done(&records[i]);
    free(records);
    return TEST_END();
}
