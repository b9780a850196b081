// Laws, in a job of several ranks: every call gives what one process computes from all that the
// ranks hold. A sum has the bits of one running sum over all parts, however they are dealt out;
// strings come in the order of the ranks, empty ones included; a stop that one rank wants reaches
// all; a barrier that a rank does not come to ends in time; waiting takes next to no processor time.
#include "base/rng.h"
#include "cluster/cluster.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Part `part` of a sum, the same on whichever rank makes it. The magnitudes differ widely, so that
// another order of additions has other bits.
static float *make_part(int seed, int part, size_t count) {
    float *out = malloc((count + 1) * sizeof *out);
    struct rng rng;
    rng_init(&rng, (uint64_t)seed, (uint64_t)part);
    for (size_t i = 0; i < count; i++) out[i] = (float)(rng_normal(&rng) * (double)(1 << rng_below(&rng, 20)));
    return out;
}

static void check_sum(struct cluster *cluster, int seed, size_t count, int num_parts, bool all_on_last) {
    const int rank = cluster_rank(cluster), size = cluster_size(cluster);
    const int from = all_on_last ? (rank == size - 1 ? 0 : num_parts) : num_parts * rank / size;
    const int to = all_on_last ? num_parts : num_parts * (rank + 1) / size;
    float *mine[16], *total = malloc((count + 1) * sizeof *total), *expected = calloc(count + 1, sizeof *expected);
    for (int p = 0; p < num_parts; p++) {
        float *part = make_part(seed, p, count);
        for (size_t i = 0; i < count; i++) expected[i] += part[i];
        if (p >= from && p < to)
            mine[p - from] = part;
        else
            free(part);
    }
    memset(total, 0xff, (count + 1) * sizeof *total);
    EXPECT_INT(cluster_sum(cluster, (const float *const *)mine, to > from ? to - from : 0, total, count), STATUS_OK);
    EXPECT_(!memcmp(total, expected, count * sizeof *total), "rank %d: the sum of %d parts of %zu floats differs", rank,
            num_parts, count);
    for (int p = from; p < to; p++) free(mine[p - from]);
    free(total);
    free(expected);
}

static void check_sums(struct cluster *cluster) {
    static const size_t counts[] = {0, 1, 1000, 65536, 65537, 400000};
    for (int i = 0; i < 6; i++)
        for (int parts = 0; parts <= 7; parts += i < 4 ? 1 : 3)
            check_sum(cluster, 10 * i + parts, counts[i], parts, parts == 3);
}

static void check_strings(struct cluster *cluster) {
    const int rank = cluster_rank(cluster), size = cluster_size(cluster);
    for (int round = 0; round < 20; round++) {
        // Lengths differ, and some are 0.
        const size_t length = (size_t)((rank * 7 + round * 5) % 11) * (round == 19 ? 300000 : 1);
        char *mine = malloc(length + 1);
        memset(mine, 'a' + rank, length);
        struct cluster_strings all;
        EXPECT_INT(cluster_gather(cluster, mine, length, &all), STATUS_OK);
        size_t at = 0;
        for (int r = 0; r < size; r++) {
            const size_t expected = (size_t)((r * 7 + round * 5) % 11) * (round == 19 ? 300000 : 1);
            EXPECT_INT((long long)(all.ends[r] - at), (long long)expected);
            for (; at < all.ends[r]; at++)
                if (all.data[at] != 'a' + r) break;
            EXPECT_INT((long long)at, (long long)all.ends[r]);
        }
        cluster_strings_done(&all);
        free(mine);
    }
}

static void check_broadcast(struct cluster *cluster) {
    const size_t count = 70 << 20; // more than one piece
    unsigned char *data = malloc(count);
    memset(data, cluster_rank(cluster) ? 0 : 7, count);
    EXPECT_INT(cluster_broadcast(cluster, data, count), STATUS_OK);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) wrong += data[i] != 7;
    EXPECT_INT((long long)wrong, 0);
    free(data);
}

// The last rank comes two seconds late, and the others sleep meanwhile.
static void check_waiting(struct cluster *cluster) {
    EXPECT_INT(cluster_barrier(cluster, 60), STATUS_OK);
    const double before = processor_seconds();
    const bool is_last = cluster_rank(cluster) == cluster_size(cluster) - 1;
    if (is_last) sleep(2);
    EXPECT_INT(cluster_barrier(cluster, 60), STATUS_OK);
    const double used = processor_seconds() - before;
    if (!is_last) EXPECT(cluster_traffic(cluster).seconds_waiting >= 1);
    EXPECT_(used < 0.4, "rank %d waited with %.2f s of processor time", cluster_rank(cluster), used);
}

int main(void) {
    const struct clock clock = {seconds, NULL};
    volatile bool stop = false;
    struct cluster *cluster;
    if (cluster_open(&cluster, &(struct cluster_params){.clock = &clock, .stop = &stop})) return 1;
    const int rank = cluster_rank(cluster), size = cluster_size(cluster);
    EXPECT_INT(size, 3);
    EXPECT_INT(cluster_neighbours(cluster), size);
    check_sums(cluster);
    check_strings(cluster);
    check_broadcast(cluster);
    check_waiting(cluster);
    EXPECT(cluster_traffic(cluster).bytes_sent > 0);
    EXPECT(!*cluster_stop(cluster));
    EXPECT_INT(cluster_barrier(cluster, 60), STATUS_OK);
    if (rank == size - 1) stop = true;
    const double begun = seconds(NULL);
    while (!*cluster_stop(cluster) && seconds(NULL) - begun < 10) usleep(10000);
    EXPECT_(*cluster_stop(cluster), "rank %d has not heard of the stop", rank);
    cluster_close(cluster);
    return TEST_END();
}
