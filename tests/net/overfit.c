// Law: training drives the loss of one batch to the entropy of its targets, with every head and with masked boards.
#include "tests/net/support.h"

enum { ROWS = 12, STEPS = 500 };

static void sharpen(float *distribution, int count) { // all mass on the largest
    int best = 0;
    for (int i = 1; i < count; i++)
        if (distribution[i] > distribution[best]) best = i;
    for (int i = 0; i < count; i++) distribution[i] = i == best;
}

static void overfit(const char *backend, bool masked) {
    struct net_config config = small_config();
    config.channels = 32;
    config.head_channels = 16;
    config.value_hidden = 32;
    struct train_params params = train_params_default;
    params.learning_rate = 3e-3;
    params.weight_decay = 0;
    struct rng rng;
    struct net *net;
    struct pool *pool;
    struct batch *batch;
    struct train *train;
    struct losses losses, first;
    rng_init(&rng, 21, masked);
    EXPECT_INT(net_new(&net, &config, &rng), STATUS_OK); // from a fresh net, as a run starts
    EXPECT_INT(pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &config, ROWS, 5, 5), STATUS_OK);
    for (int i = 0; i < ROWS; i++) {
        const int side = masked ? 3 + i % 3 : 5;
        random_row(batch, &config, &rng, side, side);
        sharpen(batch->policy + i * batch->actions, batch->actions);
        sharpen(batch->reply + i * batch->actions, batch->actions);
        sharpen(batch->value + 3 * i, 3);
        sharpen(batch->short_value + 3 * i, 3);
        batch->policy_weight[i] = batch->reply_weight[i] = batch->value_weight[i] = batch->score_weight[i] =
            batch->ownership_weight[i] = 1;
        for (int p = 0; p < 25; p++)
            batch->ownership[i * 25 + p] = (float)(rng_below(&rng, 2) ? 1 : -1) * batch->mask[i * 25 + p];
    }
    const struct train_spec spec = train_spec_of(backend, 1, ROWS, 5, 5);
    EXPECT_INT(train_new(&train, net, &spec), STATUS_OK);
    for (int i = 0; i < STEPS; i++) {
        EXPECT_INT(train_step(train, pool, &batch, 1, &params, &losses), STATUS_OK);
        if (i == 0) first = losses;
    }
    // A fresh net knows nothing: near log 3 for win/draw/loss, log 2 a point for ownership.
    EXPECT_NEAR(first.value, log(3), 0.25);
    EXPECT_NEAR(first.ownership, log(2), 0.1);
    EXPECT_NEAR(losses.policy, 0, 0.02);
    EXPECT_NEAR(losses.reply, 0, 0.08);
    EXPECT_NEAR(losses.value, 0, 0.02);
    EXPECT_NEAR(losses.short_value, 0, 0.02);
    EXPECT_NEAR(losses.score, 0, 0.02);
    EXPECT_NEAR(losses.ownership, 0, 0.05);
    train_free(train);
    batch_free(batch);
    pool_free(pool);
    net_free(net);
}

int main(void) {
    overfit("auto", false);
    overfit("auto", true);
    return TEST_END();
}
