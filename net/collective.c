// The sum over all ranks (an all-reduce) is a reduce-scatter followed by an all-gather:
//
//   rank k:  download data  |  total[chunk k] =         |  upload total
//            to parts[k]    |  parts[0] + parts[1] ...  |  to data
//                       all wait                     all wait
//
// Invariants of the sums in host memory
// 1. parts[k] is written by rank k alone, and the others read it only between the two waits.
// 2. Chunk k of `total` is written by rank k alone between the two waits, and all read it after the
//    second. Nobody reaches the next round's first wait while still reading, so that two waits a
//    round are enough.
// 3. Every element is added in the order of the ranks, whoever adds it.
//
// One chunk for each rank is also how ring all-reduce works [Patarasuk & Yuan 2009], which NCCL
// runs between cards.
#include "net/collective.h"

#include "base/memory.h"
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
    struct nccl_group *nccl; // for cards; in host memory the fields below
    float *total;            // [max_count]
    float **parts;           // [num_ranks][max_count]
    size_t *counts;          // [num_ranks]: what each rank passed in this round
    pthread_barrier_t all_here;
    bool has_barrier;
    bool spans_cluster;
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

// What a process tells the others: how many cards it has, and which NCCL.
struct cards {
    int num, version;
};

// Finds out whether the cards of all processes can sum together, how many there are, and which
// number this process's first one has.
static enum status count_cards(const struct collective *c, struct cluster *cluster, bool *can, int *first, int *all_cards) {
    struct cards mine = {0, 0};
#ifdef TENGEN_CUDA
    if (!strcmp(backend_name(c->ranks[0]), "cuda")) mine = (struct cards){c->num_ranks, nccl_version()};
#endif
    struct cluster_strings all;
    TRY(cluster_gather(cluster, &mine, sizeof mine, &all));
    *can = mine.version > 0;
    *first = *all_cards = 0;
    for (int i = 0; i < cluster_size(cluster); i++) {
        struct cards other;
        memcpy(&other, all.data + (size_t)i * sizeof other, sizeof other);
        if (i == cluster_rank(cluster)) *first = *all_cards;
        *all_cards += other.num;
        *can = *can && other.num > 0 && other.version == mine.version;
    }
    cluster_strings_done(&all);
    return STATUS_OK;
}

static enum status meet_over_cluster(struct collective *c, struct cluster *cluster) {
    int first, all_cards;
    TRY(count_cards(c, cluster, &c->spans_cluster, &first, &all_cards));
    if (!c->spans_cluster) return STATUS_OK;
#ifdef TENGEN_CUDA
    unsigned char id[NCCL_ID_BYTES] = {0};
    char why[DEVICE_TEXT] = "";
    if (cluster_rank(cluster) == 0 && !nccl_new_id(id, why))
        return status_fail(STATUS_DEVICE, "train: %d cards can't train together: %s", all_cards, why);
    TRY(cluster_broadcast(cluster, id, sizeof id));
    struct device **cards = memory_new((size_t)c->num_ranks, sizeof *cards, "the list of cards");
    for (int i = 0; i < c->num_ranks; i++) cards[i] = backend_cuda_device(c->ranks[i]);
    const bool done = nccl_group_join(&c->nccl, cards, c->num_ranks, id, first, all_cards, why);
    free(cards);
    return done ? STATUS_OK : status_fail(STATUS_DEVICE, "train: %d cards can't train together: %s", all_cards, why);
#else
    return status_fail(STATUS_DEVICE, "train: cards in a build without CUDA");
#endif
}

static enum status meet_on_cards(struct collective *c) {
#ifdef TENGEN_CUDA
    char why[DEVICE_TEXT] = "";
    struct device **cards = memory_new((size_t)c->num_ranks, sizeof *cards, "the list of cards");
    for (int i = 0; i < c->num_ranks; i++) cards[i] = backend_cuda_device(c->ranks[i]);
    const bool done = nccl_group_new(&c->nccl, cards, c->num_ranks, why);
    free(cards);
    return done ? STATUS_OK : status_fail(STATUS_DEVICE, "train: %d cards can't train together: %s", c->num_ranks, why);
#else
    return status_fail(STATUS_DEVICE, "train: cards in a build without CUDA");
#endif
}

static enum status meet_in_memory(struct collective *c) {
    // aligned_alloc needs a multiple of the alignment that is not 0.
    const size_t bytes = (c->max_count * sizeof *c->total + 63) / 64 * 64 + 64;
    bool taken = (c->total = aligned_alloc(64, bytes)) != NULL;
    c->counts = memory_new((size_t)c->num_ranks, sizeof *c->counts, "the replicas' sums");
    c->parts = memory_new((size_t)c->num_ranks, sizeof *c->parts, "the replicas' sums");
    for (int i = 0; taken && i < c->num_ranks; i++) taken = (c->parts[i] = aligned_alloc(64, bytes)) != NULL;
    c->has_barrier = taken && pthread_barrier_init(&c->all_here, NULL, (unsigned)c->num_ranks) == 0;
    return c->has_barrier ? STATUS_OK : status_fail(STATUS_MEMORY, "train: not enough memory for %d replicas", c->num_ranks);
}

enum status collective_new(struct collective **out, struct backend *const *ranks, int num_ranks, size_t max_count,
                           struct cluster *cluster) {
    *out = NULL;
    CHECK(num_ranks >= 1);
    struct collective *c = memory_new(1, sizeof *c, "the replicas' sums");
    c->ranks = memory_new((size_t)num_ranks, sizeof(struct backend *), "the replicas' sums");
    c->num_ranks = num_ranks;
    c->max_count = max_count;
    for (int i = 0; i < num_ranks; i++) {
        CHECK(!strcmp(backend_name(ranks[i]), backend_name(ranks[0])));
        c->ranks[i] = ranks[i];
    }
    enum status status = STATUS_OK;
    if (cluster_size(cluster) > 1) status = meet_over_cluster(c, cluster);
    if (num_ranks > 1 && !c->spans_cluster && status == STATUS_OK)
        status = !strcmp(backend_name(ranks[0]), "cuda") ? meet_on_cards(c) : meet_in_memory(c);
    if (status)
        collective_free(c);
    else
        *out = c;
    return status;
}

const char *collective_name(const struct collective *c) {
    return c->nccl ? "NCCL" : c->num_ranks == 1 ? "one device" : "host memory";
}

bool collective_spans_cluster(const struct collective *c) { return c->spans_cluster; }

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
    if (c->num_ranks == 1 && !c->nccl) return;
#ifdef TENGEN_CUDA
    if (c->nccl) {
        nccl_all_reduce(c->nccl, rank, data, count);
        return;
    }
#endif
    sum_in_memory(c, rank, data, count);
}
