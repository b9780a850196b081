// Law: logits that have all moved away in one direction come back, although this does not change
// the cross-entropy of the softmax. Otherwise rounding errors alone make the net of a game without
// global actions drift away: the logits of Connect Four were at 2e9 after 40 minutes.
#include "tests/net/backends.h"
#include "tests/net/support.h"

enum { ROWS = 12, STEPS = 400 };

static void comes_back(const struct tested *t, float shift) {
    struct net_config config = small_config();
    config.num_global_actions = 0;
    struct train_params params = train_params_default;
    params.learning_rate = 3e-3;
    params.weight_decay = 0;
    struct rng rng;
    struct net *net;
    struct thread_pool *pool;
    struct batch *batch;
    struct train *train;
    struct losses losses;
    rng_init(&rng, 22, 0);
    EXPECT_INT(net_new(&net, &config, &rng), STATUS_OK);
    // those of this move, and of the reply
    float *bias = net->weights + net_find(net, "policy.points.bias")->offset;
    bias[0] = bias[1] = shift;
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &config, ROWS, 5, 5), STATUS_OK);
    struct train_spec spec = train_spec_of(t->spec.name, 1, ROWS, 5, 5);
    spec.backend = t->spec;
    EXPECT_INT(train_new(&train, net, &spec), STATUS_OK);
    for (int i = 0; i < STEPS; i++) {
        batch_clear(batch);
        for (int k = 0; k < ROWS; k++) random_row(batch, &config, &rng, 5, 5);
        EXPECT_INT(train_step(train, pool, &batch, 1, &params, &losses), STATUS_OK);
    }
    train_sync(train);
    for (int head = 0; head < 2; head++) {
        const float now = bias[head];
        EXPECT_(fabsf(now) < fabsf(shift) - 0.5f, "%s: head %d, moved by %g, is at %g after %d steps", t->label, head, shift,
                now, STEPS);
    }
    train_free(train);
    batch_free(batch);
    thread_pool_free(pool);
    net_free(net);
}

static void check(const struct tested *t, const void *context) {
    (void)context;
    if (!strcmp(t->label, "ref") || t->spec.precision == PRECISION_F16) return; // slow; plays only
    comes_back(t, 4);
    comes_back(t, -10);
}

int main(void) {
    for_each_backend(check, NULL);
    return TEST_END();
}
