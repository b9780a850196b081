// The root's average over symmetries: priors and value are the plain means of all judgements,
// whatever the batches, on a fresh root and on one that was kept from the move before, whose visits
// stay.
#include "tests/mcts/toy.h"

static struct evaluator *hash;

// An evaluator that gives another judgement for each symmetry.
static void judge_turned(struct evaluator *self, int n, const struct position *positions, struct judgement *out) {
    (void)self;
    evaluator_judge(hash, n, positions, out);
    for (int i = 0; i < n; i++) {
        const int turn = positions[i].symmetry;
        for (int a = 0; a < positions[i].game->num_actions; a++) out[i].logits[a] *= 0.2f * (float)(1 + (turn * 7 + a) % 8);
        out[i].wdl[0] *= (float)turn / 8;
        out[i].wdl[1] = 1 - out[i].wdl[0] - out[i].wdl[2];
        out[i].score += (float)turn;
    }
}

// Computes the means by their definition. priors: [num_actions].
static void mean_of(const struct game *game, const void *state, struct evaluator *judge, double *priors, double wdl[3]) {
    uint16_t legal[128];
    float logits[128];
    const int n = game_legal(game, state, legal);
    memset(priors, 0, (size_t)game->num_actions * sizeof *priors);
    wdl[0] = wdl[1] = wdl[2] = 0;
    for (int turn = 0; turn < game->num_symmetries; turn++) {
        struct judgement j = {.logits = logits};
        double sum = 0;
        evaluator_judge(judge, 1, &(struct position){.game = game, .state = state, .symmetry = turn}, &j);
        for (int i = 0; i < n; i++) sum += exp(logits[legal[i]]);
        for (int i = 0; i < n; i++) priors[legal[i]] += exp(logits[legal[i]]) / sum / game->num_symmetries;
        for (int i = 0; i < 3; i++) wdl[i] += j.wdl[i] / (double)game->num_symmetries;
    }
}

static void check_priors(const struct search *s, const double *priors) {
    struct search_move moves[128];
    const int n = search_moves(s, moves);
    double mass = 0;
    for (int i = 0; i < n; i++) {
        EXPECT_NEAR(moves[i].prior, priors[moves[i].action], 1e-5);
        if (moves[i].visits) mass += priors[moves[i].action];
    }
    EXPECT_NEAR(s->tree.nodes[0].tried_mass, mass, 1e-4);
}

static void one_search(const struct game *game, struct evaluator *judge, int batch, enum search_kind kind) {
    struct search_params p = search_params_default;
    p.average_root = true;
    p.kind = kind;
    p.prove = false;
    struct search *s;
    if (search_new(&s, &p)) exit(1);
    struct rng rng;
    rng_init(&rng, 3, 0);
    void *state = malloc(game->state_bytes);
    double priors[128], wdl[3];
    struct search_summary sum;
    game_start(game, state);
    game_play(game, state, 7);
    search_start(s, game, state, &rng);
    search_run(s, judge, 1, false, batch); // judges the root alone
    mean_of(game, state, judge, priors, wdl);
    check_priors(s, priors);
    search_summary(s, &sum);
    EXPECT_INT(sum.simulations, 1);
    for (int i = 0; i < 3; i++) EXPECT_NEAR(sum.wdl[i], wdl[i], 1e-5);
    for (int move = 0; move < 3; move++) {
        search_run(s, judge, 60, false, batch);
        check_priors(s, priors);
        const int action = search_choose(s, 0, &rng);
        EXPECT(search_advance(s, action));
        game_play(game, state, action);
        search_summary(s, &sum);
        const long long kept = sum.simulations;
        search_run(s, judge, 1, false, batch);
        mean_of(game, state, judge, priors, wdl);
        check_priors(s, priors);
        search_summary(s, &sum);
        EXPECT_INT(sum.simulations, kept + 1);
    }
    free(state);
    search_free(s);
}

int main(void) {
    struct game game;
    struct evaluator judge = {.name = "turned", .max_batch = 64, .judge = judge_turned};
    if (evaluator_hash(&hash, 5)) return 1;
    if (game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT})) return 1;
    for (int batch = 1; batch <= 8; batch++)
        for (int kind = 0; kind < 2; kind++) one_search(&game, &judge, batch, kind ? SEARCH_GUMBEL : SEARCH_PUCT);
    evaluator_free(hash);
    return TEST_END();
}
