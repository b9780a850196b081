// All-reduce: a reduce-scatter and an all-gather.
//
//   rank k:  download data -> parts[k]  |  total[chunk k] = parts[0] + parts[1] + ...  |  upload total -> data
//                                 everybody waits                             everybody waits
//
// Invariants of the sums in this process: 1. parts[k] is written by rank k alone, and read by the others between the two waits
// only; 2. chunk k of `total` is written by rank k alone between the two waits, and read by all after the second; the next
// round's first wait is reached by nobody who still reads. So two waits a round are enough. 3. Every element is added in rank
// order, whoever adds it.
// Rank-wise chunks are those of ring all-reduce [Patarasuk & Yuan 2009], which NCCL runs between cards.
#include "net/collective.h"

#include "net/backend_verbs.h"
#ifdef TENGEN_CUDA
#include "kernels/collective.h"
#include "net/backend_cuda.h"
#endif

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct collective {
    int num_ranks;
    size_t max_count;
    struct backend **ranks;
    struct nccl_group *nccl; // cards; else the rest
    float *total;            // [max_count]
    float **parts;           // [num_ranks][max_count]
    size_t *counts;          // [num_ranks]: of the round
    pthread_barrier_t all_here;
    bool has_barrier;
};

void collective_free(struct collective *c) {
    if (!c) return;
#ifdef TENGEN_CUDA
    nccl_group_free(c->nccl);
#endif
    if (c->has_barrier) pthread_barrier_destroy(&c->all_here);
    for (int i = 0; c->parts && i < c->num_ranks; i++) free(c->parts[i]);
    free(c->parts);
    free(c->total);
    free(c->counts);
    free(c->ranks);
    free(c);
}

static enum status meet_on_cards(struct collective *c) {
#ifdef TENGEN_CUDA
    char why[DEVICE_TEXT] = "";
    struct device **cards = calloc((size_t)c->num_ranks, sizeof *cards);
    if (!cards) return status_fail(STATUS_MEMORY, "train: out of memory");
    for (int i = 0; i < c->num_ranks; i++) cards[i] = backend_cuda_device(c->ranks[i]);
    const bool done = nccl_group_new(&c->nccl, cards, c->num_ranks, why);
    free(cards);
    return done ? STATUS_OK : status_fail(STATUS_DEVICE, "train: %d cards can't train together: %s", c->num_ranks, why);
#else
    return status_fail(STATUS_DEVICE, "train: cards in a build without CUDA");
#endif
}

static enum status meet_in_memory(struct collective *c) {
    const size_t bytes = (c->max_count * sizeof *c->total + 63) / 64 * 64 + 64; // aligned_alloc wants multiples; never 0
    bool taken = (c->total = aligned_alloc(64, bytes)) != NULL;
    taken &= (c->counts = calloc((size_t)c->num_ranks, sizeof *c->counts)) != NULL;
    taken &= (c->parts = calloc((size_t)c->num_ranks, sizeof *c->parts)) != NULL;
    for (int i = 0; taken && i < c->num_ranks; i++) taken = (c->parts[i] = aligned_alloc(64, bytes)) != NULL;
    c->has_barrier = taken && pthread_barrier_init(&c->all_here, NULL, (unsigned)c->num_ranks) == 0;
    return c->has_barrier ? STATUS_OK : status_fail(STATUS_MEMORY, "train: not enough memory for %d replicas", c->num_ranks);
}

enum status collective_new(struct collective **out, struct backend *const *ranks, int num_ranks, size_t max_count) {
    *out = NULL;
    CHECK(num_ranks >= 1);
    struct collective *c = calloc(1, sizeof *c);
    if (c) c->ranks = calloc((size_t)num_ranks, sizeof(struct backend *));
    if (!c || !c->ranks) {
        free(c);
        return status_fail(STATUS_MEMORY, "train: out of memory");
    }
    c->num_ranks = num_ranks;
    c->max_count = max_count;
    for (int i = 0; i < num_ranks; i++) {
        CHECK(!strcmp(backend_name(ranks[i]), backend_name(ranks[0])));
        c->ranks[i] = ranks[i];
    }
    enum status status = STATUS_OK;
    if (num_ranks > 1) status = !strcmp(backend_name(ranks[0]), "cuda") ? meet_on_cards(c) : meet_in_memory(c);
    if (status)
        collective_free(c);
    else
        *out = c;
    return status;
}

const char *collective_name(const struct collective *c) {
    return c->num_ranks == 1 ? "one device" : c->nccl ? "NCCL" : "host memory";
}

static void sum_in_memory(struct collective *c, int rank, float *data, size_t count) {
    struct backend *b = c->ranks[rank];
    b->verbs->download(b, c->parts[rank], data, count);
    c->counts[rank] = count;
    pthread_barrier_wait(&c->all_here);
    const size_t num = (size_t)c->num_ranks, from = count * (size_t)rank / num, to = count * ((size_t)rank + 1) / num;
    memcpy(c->total + from, c->parts[0] + from, (to - from) * sizeof *c->total);
    for (int k = 1; k < c->num_ranks; k++) {
        CHECK(c->counts[k] == c->counts[0]);
        for (size_t i = from; i < to; i++) c->total[i] += c->parts[k][i];
    }
    pthread_barrier_wait(&c->all_here);
    b->verbs->upload(b, data, c->total, count);
}

void collective_sum(struct collective *c, int rank, float *data, size_t count) {
    CHECK(rank >= 0 && rank < c->num_ranks && count <= c->max_count);
    if (c->num_ranks == 1) return;
#ifdef TENGEN_CUDA
    if (c->nccl) {
        nccl_all_reduce(c->nccl, rank, data, count);
        return;
    }
#endif
    sum_in_memory(c, rank, data, count);
}
