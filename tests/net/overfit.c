// Law: training drives the loss of one batch to the entropy of its targets, with every head and
// with masked boards. The argument "small" means 40 steps in bf16, after which the total must have
// halved. It is for kernels that are emulated on the host.
#include "tests/net/backends.h"
#include "tests/net/support.h"

enum { ROWS = 12, STEPS = 500, FEW_STEPS = 40 };

static void sharpen(float *distribution, int count) { // gives the largest all of the mass
    int best = 0;
    for (int i = 1; i < count; i++)
        if (distribution[i] > distribution[best]) best = i;
    for (int i = 0; i < count; i++) distribution[i] = i == best;
}

static void expect_learned(const struct tested *t, const struct losses *losses) {
    const struct {
        const char *name;
        double loss, bound;
    } heads[] = {{"policy", losses->of[LOSS_POLICY], 0.02}, {"reply", losses->of[LOSS_REPLY], 0.08},
                 {"value", losses->of[LOSS_VALUE], 0.02},   {"short-term value", losses->of[LOSS_SHORT_VALUE], 0.02},
                 {"score", losses->of[LOSS_SCORE], 0.02},   {"ownership", losses->of[LOSS_OWNERSHIP], 0.05}};
    for (int i = 0; i < 6; i++)
        EXPECT_(heads[i].loss <= heads[i].bound, "%s: the loss of %s is still %g", t->label, heads[i].name, heads[i].loss);
}

static void overfit(const struct tested *t, bool masked, int steps) {
    struct net_config config = small_config();
    config.channels = 32;
    config.head_channels = 16;
    config.value_hidden = 32;
    struct train_params params = train_params_default;
    params.learning_rate = 3e-3;
    params.weight_decay = 0;
    struct rng rng;
    struct net *net;
    struct thread_pool *pool;
    struct batch *batch;
    struct train *train;
    struct losses losses, first = {0};
    rng_init(&rng, 21, masked);
    EXPECT_INT(net_new(&net, &config, &rng), STATUS_OK); // from a fresh net, as a run starts
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &config, ROWS, 5, 5), STATUS_OK);
    for (int i = 0; i < ROWS; i++) {
        const int side = masked ? 3 + i % 3 : 5;
        random_row(batch, &config, &rng, side, side);
        sharpen(batch_target(batch, LOSS_POLICY, i), batch->actions);
        sharpen(batch_target(batch, LOSS_REPLY, i), batch->actions);
        sharpen(batch_target(batch, LOSS_VALUE, i), 3);
        sharpen(batch_target(batch, LOSS_SHORT_VALUE, i), 3);
        for (int kind = 0; kind < NUM_LOSSES; kind++) batch->weights[kind][i] = 1;
        for (int p = 0; p < 25; p++)
            batch_target(batch, LOSS_OWNERSHIP, i)[p] = (float)(rng_below(&rng, 2) ? 1 : -1) * batch->mask[i * 25 + p];
    }
    struct train_spec spec = train_spec_of(t->spec.name, 1, ROWS, 5, 5);
    spec.backend = t->spec;
    EXPECT_INT(train_new(&train, net, &spec), STATUS_OK);
    for (int i = 0; i < steps; i++) {
        EXPECT_INT(train_step(train, pool, &batch, 1, &params, &losses), STATUS_OK);
        if (i == 0) first = losses;
    }
    // A new net knows nothing: its loss is near log 3 for win, draw and loss, and near log 2 a
    // point for ownership.
    EXPECT_NEAR(first.of[LOSS_VALUE], log(3), 0.25);
    EXPECT_NEAR(first.of[LOSS_OWNERSHIP], log(2), 0.1);
    if (steps < STEPS)
        EXPECT_(losses.total < first.total / 2, "%s: the loss fell from %g to %g", t->label, first.total, losses.total);
    else
        expect_learned(t, &losses);
    train_free(train);
    batch_free(batch);
    thread_pool_free(pool);
    net_free(net);
}

static void check(const struct tested *t, const void *small) {
    if (!strcmp(t->label, "ref") || t->spec.precision == PRECISION_F16) return; // slow; plays only
    if (*(const bool *)small && t->spec.precision != PRECISION_BF16) return;
    if (!*(const bool *)small) overfit(t, false, STEPS);
    overfit(t, true, *(const bool *)small ? FEW_STEPS : STEPS);
}

int main(int argc, char **argv) {
    const bool small = argc > 1 && !strcmp(argv[1], "small");
    if (for_each_backend(check, &small) < 2) return TEST_SKIP("ref is the only usable backend");
    return TEST_END();
}
