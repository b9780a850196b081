// Laws, in a job of several ranks: each has some of the shards, and the training is, bit for bit,
// that of one process with all of them, losses and norms included, for any number of threads. With
// several devices in each rank, or on cards, it is that training to rounding, and the same bits on
// every rank. (Cards are simulated ones, where this is built with the kernels' emulation.) What one
// rank has lost or rounded otherwise comes back from rank 0; a broken row is refused by all ranks.
#include "net/train_parts.h" // to damage a replica
#include "tests/net/support.h"

#include <time.h>

enum { SHARDS = 5, SIDE = 5, STEPS = 4 };
static const int shard_rows[SHARDS] = {7, 3, 8, 1, 5};

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct training {
    struct net *net;
    struct thread_pool *pool;
    struct train *train;
};

static struct training begin(const char *backend, struct cluster *cluster, int devices, int workers,
                             const struct net_config *config, int seed) {
    const int at[] = {0, 1, 2};
    struct training t = {.net = lively_net(config, (uint64_t)seed)};
    struct train_spec spec = train_spec_of(backend, workers, 8, SIDE, SIDE);
    spec.num_devices = devices;
    spec.devices = at;
    spec.backend.precision = PRECISION_F32;
    spec.cluster = cluster;
    EXPECT_INT(thread_pool_new(&t.pool, workers), STATUS_OK);
    EXPECT_INT(train_new(&t.train, t.net, &spec), STATUS_OK);
    return t;
}

static void end(struct training *t) {
    train_free(t->train);
    thread_pool_free(t->pool);
    net_free(t->net);
}

static struct train_params params_at(int step) {
    struct train_params params = train_params_default;
    params.learning_rate = 1e-3 * (step + 1);
    params.epsilon = 1e-3;
    for (int i = 0; i < SHARDS; i++) params.total_rows += shard_rows[i];
    return params;
}

static double difference(struct training *a, struct training *b) {
    double worst = 0;
    struct net *x, *y;
    train_sync(a->train);
    train_sync(b->train);
    EXPECT_INT(train_average(a->train, &x), STATUS_OK);
    EXPECT_INT(train_average(b->train, &y), STATUS_OK);
    for (size_t i = 0; i < a->net->num_weights; i++) {
        worst = test_worse(worst, a->net->weights[i], b->net->weights[i]);
        worst = test_worse(worst, x->weights[i], y->weights[i]);
    }
    net_free(x);
    net_free(y);
    return worst;
}

static void check(const char *backend, struct cluster *cluster, struct batch **shards, const struct net_config *config,
                  int devices, int workers, double bound) {
    const int rank = cluster_rank(cluster), size = cluster_size(cluster);
    const int first = (rank * SHARDS + size - 1) / size, last = ((rank + 1) * SHARDS + size - 1) / size;
    // Only rank 0 knows where the training begins.
    struct training alone = begin(backend, NULL, 1, 2, config, 12),
                    shared = begin(backend, cluster, devices, workers, config, rank ? 99 : 12);
    EXPECT_INT(train_share(shared.train), STATUS_OK);
    int differed = -1;
    for (int i = 0; i < STEPS; i++) {
        const struct train_params params = params_at(i);
        struct losses a, b;
        EXPECT_INT(train_step(alone.train, alone.pool, shards, SHARDS, &params, &a), STATUS_OK);
        EXPECT_INT(train_step(shared.train, shared.pool, shards + first, last - first, &params, &b), STATUS_OK);
        EXPECT_NEAR(a.total, b.total, bound);
        EXPECT_NEAR(a.gradient_norm, b.gradient_norm, 10 * bound);
        EXPECT_NEAR(a.policy_entropy, b.policy_entropy, bound);
        EXPECT_INT(a.rows, b.rows);
        EXPECT_INT(train_agree(shared.train, &differed), STATUS_OK);
        EXPECT_INT(differed, 0);
    }
    const double worst = difference(&alone, &shared);
    EXPECT_(worst <= bound, "%s, %d devices, %d workers, rank %d: weights differ by %g", backend, devices, workers, rank,
            worst);
    EXPECT_INT(shared.net->meta.step, STEPS);
    // The last rank's weights are damaged, and come back.
    if (rank == size - 1) {
        train_sync(shared.train);
        shared.net->weights[5] += 1;
        train_upload(shared.train);
    }
    EXPECT_INT(train_agree(shared.train, &differed), STATUS_OK);
    EXPECT_INT(differed, 1);
    EXPECT_NEAR(difference(&alone, &shared), worst, 0);
    // One rank's row is broken.
    const struct train_params params = params_at(0);
    struct losses losses;
    float *target = &shards[SHARDS - 1]->targets[LOSS_VALUE][0], saved = *target;
    *target = NAN;
    EXPECT_INT(train_step(shared.train, shared.pool, shards + first, last - first, &params, &losses), STATUS_FORMAT);
    *target = saved;
    EXPECT_NEAR(difference(&alone, &shared), worst, 0);
    end(&alone);
    end(&shared);
}

static bool is_usable(const char *name) {
    for (int i = 0; i < backend_count(); i++) {
        struct backend_info info;
        backend_describe(i, &info);
        if (!strcmp(info.name, name) && info.usable) return true;
    }
    return false;
}

int main(int argc, char **argv) {
    const struct clock clock = {seconds, NULL};
    struct net_config config = small_config();
    config.channels = 16;
    struct cluster *cluster;
    struct batch *shards[SHARDS];
    struct rng rng;
    if (cluster_open(&cluster, &(struct cluster_params){.clock = &clock})) return 1;
    rng_init(&rng, 11, 1);
    for (int i = 0; i < SHARDS; i++) {
        EXPECT_INT(batch_new(&shards[i], &config, shard_rows[i], SIDE, SIDE), STATUS_OK);
        for (int k = 0; k < shard_rows[i]; k++) random_row(shards[i], &config, &rng, SIDE, SIDE);
    }
    check("ref", cluster, shards, &config, 1, 1, 0);
    check("ref", cluster, shards, &config, 1, 2, 0);
    check("ref", cluster, shards, &config, 2, 1, 1e-5);
    if (is_usable("cpu")) check("cpu", cluster, shards, &config, 1, 2, 0);
    // A card for each rank, and one for each replica: real cards would have to be as many.
    if (argc > 1 && !strcmp(argv[1], "cards") && is_usable("cuda")) {
        check("cuda", cluster, shards, &config, 1, 1, 1e-5);
        check("cuda", cluster, shards, &config, 2, 1, 1e-5);
    }
    for (int i = 0; i < SHARDS; i++) batch_free(shards[i]);
    cluster_close(cluster);
    return TEST_END();
}
