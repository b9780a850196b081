// Laws: a process alone is rank 0 of 1; what it gives comes back; its sum is the running sum of its
// parts; a NULL cluster answers the same. A launcher's variable makes it one of several, and then
// it refuses to go on alone.
#include "cluster/cluster.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(struct cluster *cluster) {
    const float a[3] = {1, 1e8f, -0.5f}, b[3] = {2, 1, 0.5f}, c[3] = {3, -1e8f, 4}, *const parts[] = {a, b, c};
    float total[3] = {9, 9, 9};
    struct cluster_strings all;
    EXPECT_INT(cluster_rank(cluster), 0);
    EXPECT_INT(cluster_size(cluster), 1);
    EXPECT_INT(cluster_neighbours(cluster), 1);
    EXPECT(*cluster_host(cluster, 0));
    EXPECT_INT(cluster_broadcast(cluster, total, sizeof total), STATUS_OK);
    EXPECT_NEAR(total[0], 9, 0);
    EXPECT_INT(cluster_sum(cluster, parts, 3, total, 3), STATUS_OK);
    for (int i = 0; i < 3; i++) EXPECT_NEAR(total[i], a[i] + b[i] + c[i], 0);
    EXPECT_INT(cluster_gather(cluster, "tengen", 6, &all), STATUS_OK);
    EXPECT(all.ends[0] == 6 && !memcmp(all.data, "tengen", 6));
    cluster_strings_done(&all);
    EXPECT_INT(cluster_barrier(cluster, 1), STATUS_OK);
    EXPECT_INT(cluster_traffic(cluster).bytes_sent, 0);
}

int main(void) {
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    const struct clock clock = {seconds, NULL};
    const volatile bool stop = true;
    struct cluster *cluster;
    for (int i = 0; i < 3; i++) unsetenv(names[i]);
    EXPECT(!cluster_is_job());
    EXPECT_INT(cluster_open(&cluster, &(struct cluster_params){.clock = &clock, .stop = &stop}), STATUS_OK);
    EXPECT(cluster_stop(cluster) == &stop);
    check(cluster);
    cluster_close(cluster);
    check(NULL);
    setenv(names[2], "1", 1);
    EXPECT(!cluster_is_job());
    setenv(names[2], "3", 1);
    EXPECT(cluster_is_job());
    // srun without an MPI that both know: it may not train three times.
    EXPECT_INT(cluster_open(&cluster, &(struct cluster_params){.clock = &clock}), STATUS_UNSUPPORTED);
    EXPECT(!cluster);
    return TEST_END();
}
