// Law: after collective_sum every rank holds, bit by bit, what adding the ranks' arrays in rank
// order gives, round after round, for any counts, and nothing beyond the end is touched. NCCL adds
// in an order of its own: to rounding, and the same bits on every card.
#include "net/collective.h"
#include "base/rng.h"
#include "net/backend_verbs.h"
#include "tests/test.h"

#include <pthread.h>

enum { MAX_RANKS = 5, MAX_COUNT = 1000, ROUNDS = 60, GUARD = 8 };

struct rank {
    struct collective *collective;
    struct backend *backend;
    int rank, num_ranks, failures;
    bool in_rank_order;
    double checksum; // of all rounds: the same on every rank
};

static size_t count_of(int round, int num_ranks) { // none, fewer than there are ranks, all
    struct rng rng;
    rng_init(&rng, (uint64_t)round, (uint64_t)num_ranks);
    return round == 0 ? 0 : round == 1 ? 1 : round == 2 ? MAX_COUNT : rng_below(&rng, round % 2 ? 8 : MAX_COUNT + 1);
}

// Of very different sizes, so that the order matters.
static void fill_part(int round, int rank, size_t count, float *out) {
    struct rng rng;
    rng_init(&rng, (uint64_t)round * 64 + (uint64_t)rank, 3);
    for (size_t i = 0; i < count; i++) out[i] = (float)(rng_normal(&rng) * pow(10, 6 * rng_double(&rng)));
}

static void *rank_main(void *argument) {
    struct rank *self = argument;
    struct backend *b = self->backend;
    const struct backend_verbs *v = b->verbs;
    float *data, *part = malloc((MAX_COUNT + GUARD) * sizeof *part), *expected = malloc(MAX_COUNT * sizeof *expected);
    // The sums of |part|, with which rounding is compared.
    float *sizes = malloc(MAX_COUNT * sizeof *sizes);
    if (v->alloc(b, MAX_COUNT + GUARD, &data)) exit(1);
    for (int round = 0; round < ROUNDS; round++) {
        const size_t count = count_of(round, self->num_ranks);
        for (int k = 0; k < self->num_ranks; k++) {
            fill_part(round, k, count, part);
            for (size_t i = 0; i < count; i++) {
                expected[i] = k ? expected[i] + part[i] : part[i];
                sizes[i] = (k ? sizes[i] : 0) + fabsf(part[i]);
            }
        }
        fill_part(round, self->rank, count, part);
        for (int i = 0; i < GUARD; i++) part[count + (size_t)i] = 77;
        v->upload(b, data, part, count + GUARD);
        collective_sum(self->collective, self->rank, data, count);
        v->download(b, part, data, count + GUARD);
        for (size_t i = 0; i < count; i++) {
            const double error = fabs((double)part[i] - expected[i]), bound = self->in_rank_order ? 0 : 1e-6 * sizes[i];
            self->failures += !(error <= bound);
            self->checksum = self->checksum * 1.5 + part[i];
            if (fabs(self->checksum) > 1e12) self->checksum *= 1e-12;
        }
        for (int i = 0; i < GUARD; i++) self->failures += part[count + (size_t)i] != 77;
    }
    v->release(b, data);
    free(part);
    free(expected);
    free(sizes);
    return NULL;
}

static void check(const char *backend, int num_ranks) {
    struct rank ranks[MAX_RANKS];
    struct backend *backends[MAX_RANKS];
    struct collective *collective;
    pthread_t threads[MAX_RANKS];
    for (int i = 0; i < num_ranks; i++)
        EXPECT_INT(backend_open(&backends[i], &(struct backend_spec){.name = backend, .device = i}), STATUS_OK);
    EXPECT_INT(collective_new(&collective, backends, num_ranks, MAX_COUNT, NULL), STATUS_OK);
    const bool cards = !strcmp(backend, "cuda");
    EXPECT_TEXT(collective_name(collective), num_ranks == 1 ? "one device" : cards ? "NCCL" : "host memory");
    for (int i = 0; i < num_ranks; i++) {
        ranks[i] = (struct rank){collective, backends[i], i, num_ranks, 0, !cards, 0};
        if (pthread_create(&threads[i], NULL, rank_main, &ranks[i])) exit(1);
    }
    for (int i = 0; i < num_ranks; i++) {
        pthread_join(threads[i], NULL);
        EXPECT(ranks[i].checksum == ranks[0].checksum);
        EXPECT_(ranks[i].failures == 0, "%s: rank %d of %d: %d failures", backend, i, num_ranks, ranks[i].failures);
    }
    collective_free(collective);
    for (int i = 0; i < num_ranks; i++) backend_close(backends[i]);
}

int main(void) {
    for (int i = 0; i < backend_count(); i++) {
        struct backend_info info;
        backend_describe(i, &info);
        if (!info.usable) continue;
        const int most = strcmp(info.name, "cuda") != 0 || info.num_devices > MAX_RANKS ? MAX_RANKS : info.num_devices;
        for (int num = 1; num <= most; num++) check(info.name, num);
    }
    return TEST_END();
}
