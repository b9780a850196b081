// Law: the gradient of N shards is that of one big batch to rounding, and training is bit-equal for any number of workers.
#include "tests/net/support.h"

enum { SHARDS = 5, SIDE = 5, STEPS = 4 };
static const int shard_rows[SHARDS] = {7, 3, 8, 1, 5};

static void copy_rows(struct batch *big, const struct batch *shard, const struct net_config *c) {
    const size_t from = (size_t)big->n, n = (size_t)shard->n, points = SIDE * SIDE, a = (size_t)big->actions;
    const struct {
        float *to;
        const float *source;
        size_t width;
    } parts[] = {
        {big->planes, shard->planes, points * c->num_planes},
        {big->globals, shard->globals, c->num_globals},
        {big->mask, shard->mask, points},
        {big->legal, shard->legal, a},
        {big->policy, shard->policy, a},
        {big->policy_weight, shard->policy_weight, 1},
        {big->reply, shard->reply, a},
        {big->reply_weight, shard->reply_weight, 1},
        {big->value, shard->value, 3},
        {big->value_weight, shard->value_weight, 1},
        {big->short_value, shard->short_value, 3},
        {big->score, shard->score, 1},
        {big->score_weight, shard->score_weight, 1},
        {big->ownership, shard->ownership, points},
        {big->ownership_weight, shard->ownership_weight, 1},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        memcpy(parts[i].to + from * parts[i].width, parts[i].source, n * parts[i].width * sizeof(float));
    big->n += shard->n;
}

static void check_sum(const char *backend, const struct net_config *c, struct batch **shards, struct batch *big) {
    const struct train_params params = train_params_default;
    struct net *net = lively_net(c, 11);
    struct train *train;
    struct pool *pool;
    struct losses parts, whole;
    float *a = malloc(net->num_weights * sizeof *a), *b = malloc(net->num_weights * sizeof *b);
    EXPECT_INT(pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(train_new(&train, net, backend, 1, big->n, SIDE, SIDE), STATUS_OK);
    EXPECT_INT(train_gradient(train, pool, shards, SHARDS, &params, a, &parts), STATUS_OK);
    EXPECT_INT(train_gradient(train, pool, &big, 1, &params, b, &whole), STATUS_OK);
    double worst = 0, most = 0;
    for (size_t i = 0; i < net->num_weights; i++) {
        worst = fmax(worst, fabs((double)a[i] - b[i]));
        most = fmax(most, fabs(b[i]));
    }
    EXPECT_(worst < 1e-5 * most, "%s: the gradient of the shards is off by %g where the largest is %g", backend, worst, most);
    EXPECT_NEAR(parts.total, whole.total, 1e-5);
    EXPECT_NEAR(parts.policy_entropy, whole.policy_entropy, 1e-5);
    EXPECT_NEAR(parts.ownership, whole.ownership, 1e-5);
    EXPECT_INT(parts.rows, whole.rows);
    free(a);
    free(b);
    train_free(train);
    pool_free(pool);
    net_free(net);
}

static struct net *trained(const char *backend, const struct net_config *c, struct batch **shards, int workers, int threads) {
    struct train_params params = train_params_default;
    struct net *net = lively_net(c, 12);
    struct train *train;
    struct pool *pool;
    struct losses losses;
    EXPECT_INT(pool_new(&pool, threads), STATUS_OK);
    EXPECT_INT(train_new(&train, net, backend, workers, 8, SIDE, SIDE), STATUS_OK);
    for (int i = 0; i < STEPS; i++) {
        params.learning_rate = 1e-3 * (i + 1);
        EXPECT_INT(train_step(train, pool, shards, SHARDS, &params, &losses), STATUS_OK);
    }
    train_free(train);
    pool_free(pool);
    return net;
}

static void check_workers(const char *backend, const struct net_config *c, struct batch **shards) {
    struct net *one = trained(backend, c, shards, 1, 1);
    const int cases[][2] = {{2, 2}, {3, 2}, {2, 3}, {8, 4}}; // workers of the trainer, threads of the pool
    for (int i = 0; i < 4; i++) {
        struct net *other = trained(backend, c, shards, cases[i][0], cases[i][1]);
        EXPECT_(!memcmp(one->weights, other->weights, one->num_weights * sizeof(float)),
                "%s: %d workers on %d threads differ from 1", backend, cases[i][0], cases[i][1]);
        net_free(other);
    }
    net_free(one);
}

int main(void) {
    struct net_config config = small_config();
    config.channels = 16; // whole vectors, as oneDNN's kernels like
    struct rng rng;
    struct batch *shards[SHARDS], *big;
    int rows = 0;
    rng_init(&rng, 11, 1);
    for (int i = 0; i < SHARDS; i++) {
        EXPECT_INT(batch_new(&shards[i], &config, shard_rows[i], SIDE, SIDE), STATUS_OK);
        for (int k = 0; k < shard_rows[i]; k++) random_row(shards[i], &config, &rng, i == 1 ? 4 : SIDE, SIDE); // one is masked
        rows += shard_rows[i];
    }
    EXPECT_INT(batch_new(&big, &config, rows, SIDE, SIDE), STATUS_OK);
    for (int i = 0; i < SHARDS; i++) copy_rows(big, shards[i], &config);
    for (int i = 0; i < backend_count(); i++) {
        struct backend_info info;
        backend_describe(i, &info);
        if (!info.usable) continue;
        check_sum(info.name, &config, shards, big);
        check_workers(info.name, &config, shards);
    }
    for (int i = 0; i < SHARDS; i++) batch_free(shards[i]);
    batch_free(big);
    return TEST_END();
}
