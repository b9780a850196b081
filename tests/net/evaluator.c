// Laws of the net as an evaluator, on real positions:
// 1. an answer is the net's raw output, put back through the symmetry point by point;
// 2. on ref it does not depend on the batch a position shares, down to the bit;
// 3. a net whose kernels are symmetric answers the same through every symmetry;
// 4. update changes the answers to the new net's; probabilities sum to 1.
#include "game/symmetry.h"
#include "net/net_evaluator.h"
#include "net/pass.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

enum { POSITIONS = 23 };

struct sample {
    struct game game;
    void *state;
};

// Random play from the start, stopped before the end.
static void sample_init(struct sample *s, const char *name, int size, struct rng *rng) {
    const struct game_options options = {.height = size, .width = size, .komi = GAME_KOMI_DEFAULT};
    uint16_t actions[GAME_MAX_ACTIONS];
    EXPECT_INT(game_open(&s->game, name, &options), STATUS_OK);
    s->state = aligned_alloc(64, (s->game.state_bytes + 63) / 64 * 64);
    void *next = aligned_alloc(64, (s->game.state_bytes + 63) / 64 * 64);
    game_start(&s->game, s->state);
    const int plies = (int)rng_below(rng, (uint32_t)(size * size));
    for (int i = 0; i < plies; i++) {
        const int n = game_legal(&s->game, s->state, actions);
        memcpy(next, s->state, s->game.state_bytes);
        game_play(&s->game, next, actions[rng_below(rng, (uint32_t)n)]);
        if (game_outcome(&s->game, next) != OUTCOME_NONE) break;
        memcpy(s->state, next, s->game.state_bytes);
    }
    free(next);
}

struct answer {
    float logits[GAME_MAX_ACTIONS], ownership[361];
    struct judgement judgement;
};

static void answers_init(struct answer *a, int n) {
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < GAME_MAX_ACTIONS; k++) a[i].logits[k] = NAN;
        a[i].judgement = (struct judgement){.logits = a[i].logits, .ownership = a[i].ownership};
    }
}

static double distance(const struct game *g, const struct answer *a, const struct answer *b) {
    double worst = test_worse(0, a->judgement.score, b->judgement.score);
    for (int k = 0; k < g->num_actions; k++) worst = test_worse(worst, a->logits[k], b->logits[k]);
    for (int k = 0; k < 3; k++) worst = test_worse(worst, a->judgement.wdl[k], b->judgement.wdl[k]);
    for (int k = 0; k < g->height * g->width; k++) worst = test_worse(worst, a->ownership[k], b->ownership[k]);
    return worst;
}

// The absolute tolerance, given the largest logit. fp32 sums may have another order, and in half
// precisions roundings may differ, as in parity.c.
static double tolerance(const struct tested *t, const struct game *g, const struct answer *a) {
    double size = 1;
    for (int k = 0; k < g->num_actions; k++) size = test_larger(size, a->logits[k]);
    return 1e-4 + 8 * t->rounding * test_larger(size, a->judgement.score);
}

// Judges one position by hand: it is encoded alone, and the symmetry is undone point by point.
static void naive(const struct net *net, struct backend *backend, const struct position *p, struct answer *out) {
    const struct game *g = p->game;
    const int h = g->height, w = g->width, points = h * w;
    float *planes = calloc((size_t)(points * g->num_planes), sizeof *planes), globals[256] = {0}, value[7], own[361];
    float *logits = malloc(sizeof *logits * (size_t)g->num_actions);
    struct pass *pass;
    EXPECT_INT(pass_new(&pass, net, backend, false, 1, h, w), STATUS_OK);
    g->type->encode(g, p->state, p->symmetry, planes, w, g->num_planes, globals);
    pass_input(pass, (struct image){1, h, w}, planes, globals, NULL);
    pass_forward(pass);
    backend->verbs->download(backend, logits, pass->logits, (size_t)g->num_actions);
    backend->verbs->download(backend, value, pass->value, (size_t)(g->has_score ? 7 : 6));
    backend->verbs->download(backend, own, pass->ownership, (size_t)points);
    for (int a = 0; a < g->num_actions; a++) out->logits[a] = logits[game_permute(g, p->symmetry, a)];
    for (int a = 0; a < points; a++) {
        int y, x;
        symmetry_point(h, w, p->symmetry, a / w, a % w, &y, &x);
        out->ownership[a] = g->has_ownership ? tanhf(own[y * w + x]) : 0;
    }
    double sum = 0;
    for (int k = 0; k < 3; k++) sum += exp(value[k]);
    for (int k = 0; k < 3; k++) out->judgement.wdl[k] = (float)(exp(value[k]) / sum);
    out->judgement.score = g->has_score ? 10 * value[6] : 0;
    pass_free(pass);
    free(planes);
    free(logits);
}

static void check(const struct tested *t, const char *game, const int *sizes, int num_sizes) {
    struct sample samples[POSITIONS];
    struct position positions[POSITIONS];
    struct answer *batch = calloc(POSITIONS, sizeof *batch), *other = calloc(POSITIONS, sizeof *other);
    struct backend *backend;
    struct evaluator *evaluator;
    struct rng rng;
    rng_init(&rng, 41, 0);
    for (int i = 0; i < POSITIONS; i++) {
        sample_init(&samples[i], game, sizes[i % num_sizes], &rng);
        positions[i] = (struct position){&samples[i].game, samples[i].state,
                                         (int)rng_below(&rng, (uint32_t)samples[i].game.num_symmetries)};
    }
    struct net_config config = net_config_for(&samples[0].game, 2, 16);
    struct net *net = lively_net(&config, 42), *second = lively_net(&config, 43);
    EXPECT_INT(backend_open(&backend, &t->spec), STATUS_OK);
    EXPECT_INT(net_evaluator_new(&evaluator, net, backend, 32), STATUS_OK);
    answers_init(batch, POSITIONS);
    struct judgement judgements[POSITIONS];
    for (int i = 0; i < POSITIONS; i++) judgements[i] = batch[i].judgement;
    evaluator_judge(evaluator, POSITIONS, positions, judgements);
    for (int i = 0; i < POSITIONS; i++) {
        batch[i].judgement = judgements[i];
        const float *wdl = judgements[i].wdl;
        EXPECT_NEAR(wdl[0] + wdl[1] + wdl[2], 1, 1e-5);
        answers_init(other, 1);
        naive(net, backend, &positions[i], other);
        const double off = distance(&samples[i].game, &batch[i], other);
        const double allowed = tolerance(t, &samples[i].game, other);
        EXPECT_(off < allowed, "%s: %s position %d through symmetry %d is off by %g", t->label, game, i, positions[i].symmetry,
                off);
        answers_init(other, 1);
        evaluator_judge(evaluator, 1, &positions[i], &other->judgement);
        const double alone = distance(&samples[i].game, &batch[i], other);
        EXPECT_(alone <= (strcmp(t->label, "ref") ? allowed : 0), "%s: alone, %s position %d differs by %g", t->label, game, i,
                alone);
    }
    EXPECT_INT(net_evaluator_update(evaluator, second), STATUS_OK);
    answers_init(other, 1);
    answers_init(batch, 1);
    evaluator_judge(evaluator, 1, positions, &other->judgement);
    naive(second, backend, positions, batch);
    EXPECT(distance(&samples[0].game, batch, other) < tolerance(t, &samples[0].game, batch));
    struct net_evaluator_stats stats;
    net_evaluator_stats(evaluator, &stats);
    // Each size of the first batch is a pass of its own.
    EXPECT_INT(stats.batches, num_sizes + POSITIONS + 1);
    EXPECT_INT(stats.evaluations, 2 * POSITIONS + 1);
    evaluator_free(evaluator);
    backend_close(backend);
    net_free(net);
    net_free(second);
    for (int i = 0; i < POSITIONS; i++) free(samples[i].state);
    free(batch);
    free(other);
}

// Makes kernels that stay the same when turned and mirrored: they have one value for the centre,
// one for the edges and one for the corners.
static void symmetrise(struct net *net) {
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        if (t->num_dims != 4) continue;
        float *w = net->weights + t->offset;
        const int step = t->dims[2] * t->dims[3];
        for (int k = 0; k < step; k++)
            for (int tap = 0; tap < 9; tap++)
                // corners are the even taps, edges the odd ones
                if (tap != 4) w[tap * step + k] = w[(tap % 2) * step + k];
    }
}

static void check_symmetry(const struct tested *t) {
    struct rng rng;
    struct sample sample;
    struct backend *backend;
    struct evaluator *evaluator;
    struct answer *answers = calloc(8, sizeof *answers);
    struct position positions[8];
    struct judgement judgements[8];
    rng_init(&rng, 44, 0);
    sample_init(&sample, "go", 7, &rng);
    const struct net_config config = net_config_for(&sample.game, 3, 16);
    struct net *net = lively_net(&config, 45);
    symmetrise(net);
    EXPECT_INT(backend_open(&backend, &t->spec), STATUS_OK);
    EXPECT_INT(net_evaluator_new(&evaluator, net, backend, 8), STATUS_OK);
    answers_init(answers, 8);
    for (int k = 0; k < 8; k++) {
        positions[k] = (struct position){&sample.game, sample.state, k};
        judgements[k] = answers[k].judgement;
    }
    evaluator_judge(evaluator, 8, positions, judgements);
    double size = 1; // of the outputs, which are large in this net
    for (int a = 0; a < sample.game.num_actions; a++) size = test_larger(size, answers[0].logits[a]);
    for (int k = 0; k < 8; k++) {
        answers[k].judgement = judgements[k];
        const double off = distance(&sample.game, &answers[0], &answers[k]);
        EXPECT_(off < (1e-5 + 8 * t->rounding) * size,
                "%s: through symmetry %d a symmetric net answers differently by %g of %g", t->label, k, off, size);
    }
    double lopsided = 0; // shows that the position itself is not symmetric
    for (int a = 0; a < 49; a++)
        lopsided = test_larger(lopsided, answers[0].logits[a] - answers[0].logits[a / 7 * 7 + 6 - a % 7]);
    EXPECT_(lopsided > 1e-3 * size, "the answers hardly differ: %g of %g", lopsided, size);
    evaluator_free(evaluator);
    backend_close(backend);
    net_free(net);
    free(sample.state);
    free(answers);
}

static void check_backend(const struct tested *t, const void *small) {
    check(t, "go", (int[]){5}, 1);
    if (!*(const bool *)small) check(t, "go", (int[]){7, 5, 9, 2}, 4);
    check(t, "tictactoe", (int[]){3}, 1);
    check_symmetry(t);
}

int main(int argc, char **argv) {
    const bool small = argc > 1 && !strcmp(argv[1], "small");
    for_each_backend(check_backend, &small);
    return TEST_END();
}
