// Law: the gradient of every tensor of the whole net is what finite differences of its loss say, on
// full and masked boards.
#include "tests/net/backends.h"
#include "tests/net/support.h"

// The loss at w + e d, along a direction d within one tensor.
static double loss_at(struct train *train, struct thread_pool *pool, struct batch *batch, const struct train_params *params,
                      float *weights, size_t count, const float *saved, const float *direction, double e) {
    struct losses losses;
    for (size_t i = 0; i < count; i++) weights[i] = (float)(saved[i] + e * direction[i]);
    train_upload(train);
    EXPECT_INT(train_evaluate(train, pool, &batch, 1, params, &losses), STATUS_OK);
    memcpy(weights, saved, count * sizeof *saved);
    return losses.total;
}

// Compares the slope along a random direction d with the product of gradient and d. A large step
// crosses kinks of the relu, the rounding of fp32 activations spoils a small one, and where there
// is a kink right here only the slope of one side is the gradient's. So the best of three sizes,
// and of both sides and their mean, has to agree.
static void check_tensor(struct train *train, struct net *net, struct thread_pool *pool, struct batch *batch,
                         const struct train_params *params, const struct net_tensor *t, const float *gradient,
                         struct rng *rng) {
    const double steps[3] = {3e-3, 1e-3, 3e-4};
    float *saved = malloc(t->count * sizeof *saved), *direction = malloc(t->count * sizeof *direction);
    float *weights = net->weights + t->offset;
    double expected = 0, norm = 0, best = 1e9;
    memcpy(saved, weights, t->count * sizeof *saved);
    for (size_t i = 0; i < t->count; i++) {
        direction[i] = (float)rng_normal(rng);
        norm += (double)direction[i] * direction[i];
    }
    for (size_t i = 0; i < t->count; i++) {
        direction[i] /= (float)sqrt(norm);
        expected += (double)gradient[t->offset + i] * direction[i];
    }
    const double here = loss_at(train, pool, batch, params, weights, t->count, saved, direction, 0);
    for (int i = 0; i < 3; i++) {
        const double up = loss_at(train, pool, batch, params, weights, t->count, saved, direction, steps[i]);
        const double down = loss_at(train, pool, batch, params, weights, t->count, saved, direction, -steps[i]);
        const double slopes[3] = {(up - here) / steps[i], (up - down) / (2 * steps[i]), (here - down) / steps[i]};
        for (int k = 0; k < 3; k++)
            if (fabs(slopes[k] - expected) < fabs(best - expected)) best = slopes[k];
    }
    EXPECT_(fabs(best - expected) < 0.01 * fabs(expected) + 7e-4, "%s: finite difference %.6g, gradient %.6g", t->name, best,
            expected);
    free(saved);
    free(direction);
}

static void check_net(const struct backend_spec *backend, const struct net_config *config, bool masked, uint64_t seed) {
    const struct train_params params = train_params_default;
    struct net *net = lively_net(config, seed);
    struct rng rng;
    struct thread_pool *pool;
    struct train *train;
    struct batch *batch;
    struct losses losses;
    rng_init(&rng, seed, 1);
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(batch_new(&batch, config, 6, 5, 4), STATUS_OK);
    for (int i = 0; i < 6; i++) random_row(batch, config, &rng, masked ? 3 + i % 3 : 5, masked ? 2 + i % 3 : 4);
    batch->weights[LOSS_POLICY][2] = batch->weights[LOSS_OWNERSHIP][3] = batch->weights[LOSS_SCORE][4] = 0;
    struct train_spec spec = train_spec_of(backend->name, 1, 6, 5, 4);
    spec.backend = *backend;
    EXPECT_INT(train_new(&train, net, &spec), STATUS_OK);
    float *gradient = malloc(net->num_weights * sizeof *gradient);
    EXPECT_INT(train_gradient(train, pool, &batch, 1, &params, gradient, &losses), STATUS_OK);
    for (int i = 0; i < net->num_tensors; i++) {
        double norm = 0;
        const struct net_tensor *t = &net->tensors[i];
        for (size_t k = 0; k < t->count; k++) norm += fabs(gradient[t->offset + k]);
        EXPECT_(norm > 0, "%s: no gradient at all", t->name);
        for (int k = 0; k < 3; k++) check_tensor(train, net, pool, batch, &params, t, gradient, &rng);
    }
    free(gradient);
    train_free(train);
    batch_free(batch);
    thread_pool_free(pool);
    net_free(net);
}

// The rounding of half precisions is too coarse for differences. parity.c compares their gradients
// with those of ref.
static void check_backend(const struct tested *t, const void *small) {
    struct net_config config = small_config();
    if (t->rounding > 0) return;
    check_net(&t->spec, &config, true, 2);
    if (small) return;
    check_net(&t->spec, &config, false, 1);
    config.num_globals = config.num_global_actions = 0;
    config.has_score = config.has_ownership = false;
    config.policy_planes = 2;
    config.pool_every = 0;
    check_net(&t->spec, &config, false, 3);
}

int main(int argc, char **argv) {
    (void)argv;
    for_each_backend(check_backend, argc > 1 ? "small" : NULL);
    return TEST_END();
}
