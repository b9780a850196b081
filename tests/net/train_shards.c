// Law: training on any number of devices is training on one with the whole batch, to rounding; the
// replicas of one training hold the same bits; with the same number of devices it is bit-equal for
// any number of workers and threads, and through a restart; a broken row is refused by all
// replicas, and none waits for ever.
#include "net/train_parts.h" // to damage a replica
#include "tests/net/backends.h"
#include "tests/net/support.h"

#include <unistd.h>

enum { SHARDS = 5, SIDE = 5, STEPS = 4, MAX_DEVICES = 6 };
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
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        memcpy(parts[i].to + from * parts[i].width, parts[i].source, n * parts[i].width * sizeof(float));
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        const size_t width = loss_target_floats(kind, points, a);
        memcpy(big->targets[kind] + from * width, shard->targets[kind], n * width * sizeof(float));
        memcpy(big->weights[kind] + from, shard->weights[kind], n * sizeof(float));
    }
    big->n += shard->n;
}

struct setup {
    const struct tested *t;
    struct backend_info info;
    // Sums in host memory are repeatable to the bit. A card's library may choose another algorithm
    // when it is opened again.
    bool exact;
    bool small; // only bf16, for kernels that are emulated on the host
    const struct net_config *config;
    struct batch **shards, *big;
};

// A net in training, with everything that it needs.
struct training {
    struct net *net;
    struct thread_pool *pool;
    struct train *train;
};

static struct train_params test_params(int step) {
    struct train_params params = train_params_default;
    params.learning_rate = 1e-3 * (step + 1);
    // AdamW divides by |gradient| + epsilon, and a tiny epsilon would turn the rounding of
    // gradients near 0 into whole steps.
    params.epsilon = 1e-3;
    return params;
}

static struct training begin(const struct setup *s, int devices, int workers, int threads, const struct net *from) {
    struct training t;
    struct train_spec spec = train_spec_of(s->t->spec.name, workers, s->big->n, SIDE, SIDE);
    spec.backend = s->t->spec;
    const int indices[MAX_DEVICES] = {0, 1, 2, 3, 4, 5};
    spec.num_devices = devices;
    spec.devices = indices;
    t.net = from ? NULL : lively_net(s->config, 12);
    if (from) EXPECT_INT(net_copy(&t.net, from), STATUS_OK);
    EXPECT_INT(thread_pool_new(&t.pool, threads), STATUS_OK);
    EXPECT_INT(train_new(&t.train, t.net, &spec), STATUS_OK);
    return t;
}

static void end(struct training *t) {
    train_free(t->train);
    thread_pool_free(t->pool);
    net_free(t->net);
}

static void steps(struct training *t, struct batch **shards, int num_shards, int from, int to) {
    struct losses losses;
    for (int i = from; i < to; i++) {
        const struct train_params params = test_params(i);
        EXPECT_INT(train_step(t->train, t->pool, shards, num_shards, &params, &losses), STATUS_OK);
        EXPECT_INT(train_check_replicas(t->train), STATUS_OK);
    }
    train_sync(t->train);
}

static bool same_bits(struct training *a, struct training *b) {
    struct net *x, *y;
    const size_t bytes = a->net->num_weights * sizeof(float);
    EXPECT_INT(train_average(a->train, &x), STATUS_OK);
    EXPECT_INT(train_average(b->train, &y), STATUS_OK);
    const bool same = !memcmp(a->net->weights, b->net->weights, bytes) && !memcmp(x->weights, y->weights, bytes);
    net_free(x);
    net_free(y);
    return same;
}

static double largest_difference(size_t count, const float *a, const float *b, double *largest) {
    double worst = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        worst = test_worse(worst, a[i], b[i]);
        most = test_larger(most, b[i]);
    }
    if (largest) *largest = most;
    return worst;
}

// Weights move by about the sum of the rates, 0.01, in STEPS; rounding of fp32 gradients by 1e-6 of
// that. Activations of a card round to 8 bits, and in another order for another batch.
static void expect_near(const struct setup *s, struct training *t, const struct training *expected, const char *what,
                        int devices) {
    const double worst = largest_difference(t->net->num_weights, t->net->weights, expected->net->weights, NULL);
    EXPECT_(worst < (s->exact ? 1e-6 : 1e-3), "%s, %s, %d devices: weights differ by %g", s->t->label, what, devices, worst);
}

// The gradient of the shards on any number of devices is that of the batch as one.
static void check_gradient(const struct setup *s, int devices, int workers) {
    const struct train_params params = train_params_default;
    struct training t = begin(s, devices, workers, 2, NULL);
    struct losses parts, whole;
    const size_t count = t.net->num_weights;
    float *a = malloc(count * sizeof *a), *b = malloc(count * sizeof *b);
    double most;
    EXPECT_INT(train_gradient(t.train, t.pool, s->shards, SHARDS, &params, a, &parts), STATUS_OK);
    EXPECT_INT(train_gradient(t.train, t.pool, (struct batch **)&s->big, 1, &params, b, &whole), STATUS_OK);
    const double worst = largest_difference(count, a, b, &most), bound = s->exact ? 1e-5 : 0.03;
    EXPECT_(worst < bound * most, "%s, %d devices: the gradient of the shards is off by %g where the largest is %g",
            s->t->label, devices, worst, most);
    EXPECT_NEAR(parts.total, whole.total, bound);
    EXPECT_NEAR(parts.policy_entropy, whole.policy_entropy, 1e-5);
    EXPECT_NEAR(parts.of[LOSS_OWNERSHIP], whole.of[LOSS_OWNERSHIP], bound);
    EXPECT_NEAR(parts.gradient_norm, whole.gradient_norm, bound * whole.gradient_norm);
    EXPECT_INT(parts.rows, whole.rows);
    EXPECT_INT(train_evaluate(t.train, t.pool, s->shards, SHARDS, &params, &whole), STATUS_OK);
    EXPECT_NEAR(parts.total, whole.total, s->exact ? 0 : bound);
    free(a);
    free(b);
    end(&t);
}

static void check_devices(const struct setup *s, int max_devices) {
    struct training whole = begin(s, 1, 1, 1, NULL);
    steps(&whole, (struct batch **)&s->big, 1, 0, STEPS);
    for (int devices = 1; devices <= max_devices; devices++) {
        check_gradient(s, devices, 1);
        struct training t = begin(s, devices, 1, 1, NULL);
        steps(&t, s->shards, SHARDS, 0, STEPS);
        expect_near(s, &t, &whole, "shards against the whole batch", devices);
        EXPECT_INT(t.net->meta.step, STEPS);
        EXPECT_INT(t.net->meta.samples, STEPS * s->big->n);
        end(&t);
    }
    end(&whole);
}

static void check_workers(const struct setup *s, int max_devices) {
    for (int devices = 1; devices <= max_devices; devices++) {
        struct training one = begin(s, devices, 1, 1, NULL);
        steps(&one, s->shards, SHARDS, 0, STEPS);
        // The workers of a device, and the threads of the pool.
        const int cases[][2] = {{1, 3}, {2, 2}, {3, 2}, {2, 3}, {8, 4}};
        for (int i = 0; i < test_rounds(5); i++) {
            struct training other = begin(s, devices, cases[i][0], cases[i][1], NULL);
            steps(&other, s->shards, SHARDS, 0, STEPS);
            EXPECT_(same_bits(&one, &other), "%s, %d devices: %d workers on %d threads differ from 1", s->t->label, devices,
                    cases[i][0], cases[i][1]);
            end(&other);
        }
        check_gradient(s, devices, 2);
        end(&one);
    }
}

// Saves on one number of devices and loads on another.
static void check_restart(const struct setup *s, int before, int after) {
    char path[] = "/tmp/tengen-shards-XXXXXX";
    const int file = mkstemp(path);
    EXPECT(file >= 0);
    close(file);
    struct training straight = begin(s, before, 1, 1, NULL);
    steps(&straight, s->shards, SHARDS, 0, 2);
    EXPECT_INT(train_save(straight.train, path), STATUS_OK);
    struct training resumed = begin(s, after, after == before ? 2 : 1, 2, straight.net);
    EXPECT_INT(train_load(resumed.train, path), STATUS_OK);
    EXPECT_INT(train_check_replicas(resumed.train), STATUS_OK);
    EXPECT(same_bits(&straight, &resumed));
    steps(&straight, s->shards, SHARDS, 2, STEPS);
    steps(&resumed, s->shards, SHARDS, 2, STEPS);
    if (before == after && s->exact)
        EXPECT_(same_bits(&straight, &resumed), "%s: a restart on %d devices changes the bits", s->t->label, before);
    else
        expect_near(s, &resumed, &straight, "restart", after);
    unlink(path);
    end(&straight);
    end(&resumed);
}

// With one broken row in the shard of one replica all replicas refuse the step, nothing changes,
// and training goes on as if nothing had happened.
static void check_refusal(const struct setup *s, int devices, int workers, int shard) {
    struct training good = begin(s, devices, workers, 2, NULL), t = begin(s, devices, workers, 2, NULL);
    struct losses losses;
    const struct train_params params = test_params(1);
    float *target = &s->shards[shard]->targets[LOSS_VALUE][0];
    const float saved = *target;
    steps(&good, s->shards, SHARDS, 0, 1);
    steps(&t, s->shards, SHARDS, 0, 1);
    *target = NAN;
    EXPECT_INT(train_step(t.train, t.pool, s->shards, SHARDS, &params, &losses), STATUS_FORMAT);
    *target = saved;
    EXPECT_INT(train_check_replicas(t.train), STATUS_OK);
    train_sync(t.train);
    if (s->exact) EXPECT(same_bits(&good, &t));
    EXPECT_INT(t.net->meta.step, 1);
    steps(&good, s->shards, SHARDS, 1, 3);
    steps(&t, s->shards, SHARDS, 1, 3);
    if (s->exact) EXPECT(same_bits(&good, &t));
    expect_near(s, &t, &good, "after a refusal", devices);
    end(&good);
    end(&t);
}

// Weights that are changed outside reach every replica and every worker.
static void check_upload(const struct setup *s, int devices, int workers) {
    struct training t = begin(s, devices, workers, 2, NULL);
    const struct train_params params = train_params_default;
    struct losses got, expected;
    steps(&t, s->shards, SHARDS, 0, 2);
    for (size_t i = 0; i < t.net->num_weights; i++) t.net->weights[i] *= 0.5f;
    train_upload(t.train);
    EXPECT_INT(train_check_replicas(t.train), STATUS_OK);
    struct training fresh = begin(s, 1, 1, 1, t.net);
    const size_t count = t.net->num_weights;
    float *a = malloc(count * sizeof *a), *b = malloc(count * sizeof *b);
    double most;
    EXPECT_INT(train_gradient(t.train, t.pool, s->shards, SHARDS, &params, a, &got), STATUS_OK);
    EXPECT_INT(train_gradient(fresh.train, fresh.pool, s->shards, SHARDS, &params, b, &expected), STATUS_OK);
    const double worst = largest_difference(count, a, b, &most);
    EXPECT_(worst < (s->exact ? 1e-5 : 0.03) * most, "%s: %d devices did not take the weights: off by %g of %g", s->info.name,
            devices, worst, most);
    free(a);
    free(b);
    end(&fresh);
    end(&t);
}

// Replicas that differ are noticed and not saved.
static void check_harm(const struct setup *s, int devices) {
    struct training t = begin(s, devices, 1, 1, NULL);
    steps(&t, s->shards, SHARDS, 0, 1);
    const struct replica *last = &t.train->replicas[devices - 1];
    struct backend *b = replica_primary(last)->backend;
    float x;
    b->verbs->download(b, &x, last->states[STATE_VARIANCE] + 3, 1);
    x += 1;
    b->verbs->upload(b, last->states[STATE_VARIANCE] + 3, &x, 1);
    EXPECT_INT(train_check_replicas(t.train), STATUS_DEVICE);
    EXPECT_INT(train_save(t.train, "/tmp/tengen-shards-never-written"), STATUS_DEVICE);
    EXPECT(access("/tmp/tengen-shards-never-written", F_OK) != 0);
    end(&t);
}

static void check_backend(const struct setup *s) {
    if (s->exact) {
        check_devices(s, MAX_DEVICES); // more devices than shards: some have none
        check_workers(s, 3);
    } else {
        check_devices(s, s->info.num_devices < MAX_DEVICES ? s->info.num_devices : MAX_DEVICES);
    }
    const int most = s->exact || s->info.num_devices > 4 ? 4 : s->info.num_devices;
    check_restart(s, most, most);
    check_restart(s, 1, most);
    check_restart(s, most, 1);
    for (int shard = 0; shard < SHARDS; shard += 2) check_refusal(s, most, 1 + shard / 2, shard);
    check_upload(s, most, 1);
    check_upload(s, most, 2);
    if (most > 1) check_harm(s, most);
}

static void check_tested(const struct tested *t, const void *context) {
    struct setup s = *(const struct setup *)context;
    if (t->spec.precision == PRECISION_F16) return; // plays only
    if (s.small && t->spec.precision != PRECISION_BF16) return;
    s.t = t;
    s.exact = strcmp(t->spec.name, "cuda") != 0;
    for (int i = 0; i < backend_count() && (i == 0 || strcmp(s.info.name, t->spec.name) != 0); i++)
        backend_describe(i, &s.info);
    check_backend(&s);
}

static void check_f16(const struct net_config *c) {
    struct net *net = lively_net(c, 12);
    struct train *train;
    struct train_spec spec = train_spec_of("auto", 1, 8, SIDE, SIDE);
    spec.backend.precision = PRECISION_F16;
    EXPECT_INT(train_new(&train, net, &spec), STATUS_USAGE);
    EXPECT(!train);
    net_free(net);
}

int main(int argc, char **argv) {
    struct net_config config = small_config();
    config.channels = 16; // whole vectors, as oneDNN's kernels like
    struct rng rng;
    struct batch *shards[SHARDS], *big;
    int rows = 0;
    rng_init(&rng, 11, 1);
    for (int i = 0; i < SHARDS; i++) {
        EXPECT_INT(batch_new(&shards[i], &config, shard_rows[i], SIDE, SIDE), STATUS_OK);
        // One is masked.
        for (int k = 0; k < shard_rows[i]; k++) random_row(shards[i], &config, &rng, i == 1 ? 4 : SIDE, SIDE);
        rows += shard_rows[i];
    }
    EXPECT_INT(batch_new(&big, &config, rows, SIDE, SIDE), STATUS_OK);
    for (int i = 0; i < SHARDS; i++) copy_rows(big, shards[i], &config);
    const struct setup s = {.small = argc > 1 && !strcmp(argv[1], "small"), .config = &config, .shards = shards, .big = big};
    for_each_backend(check_tested, &s);
    check_f16(&config);
    for (int i = 0; i < SHARDS; i++) batch_free(shards[i]);
    batch_free(big);
    return TEST_END();
}
