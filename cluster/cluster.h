// The processes of one job, called ranks: 0, 1, ... size - 1, on one host or on many. Each of them
// runs the same program, and all make the same calls in the same order.
//
// There are two implementations. A process that nobody started as one of several is alone
// (cluster_one.c): it is rank 0 of 1, and every call returns at once. Under mpirun or srun the ranks
// meet by MPI (cluster_mpi.c), where the build has it. A NULL cluster is allowed everywhere and is
// one process, too.
//
// Waiting costs no processor time: a rank that waits sleeps between looks. A rank that dies, hangs
// or is cut off is noticed by the others' heartbeats: one line says which rank and host it is, and
// the job ends (CLUSTER_SILENCE). So no call here waits for ever.
//
// One thread of a rank makes the calls. cluster_stop may be read from any thread.
#ifndef CLUSTER_CLUSTER_H
#define CLUSTER_CLUSTER_H

#include "base/clock.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct cluster;

// Seconds without a sign of life after which rank 0 ends the job; the others allow five and ten
// more, so that one rank speaks first. Chosen: a loaded host answers within two.
#define CLUSTER_SILENCE 15.0

struct cluster_params {
    const struct clock *clock; // of real time; borrowed
    // Set by this process's signal handler; NULL: there is none. Once it is set on any rank,
    // cluster_stop is set on all of them, within about a second.
    const volatile bool *stop;
};
// Whether a launcher has started this process as one of several; told by the environment.
bool cluster_is_job(void);
// Meets the other ranks. Where there are some, the messages of ranks above 0 carry their names from
// here on (base/status.h). STATUS_UNSUPPORTED: one of several, but this build has no MPI.
enum status cluster_open(struct cluster **out, const struct cluster_params *params);
// Every rank calls it, after its work. NULL is fine.
void cluster_close(struct cluster *cluster);
// Ends all ranks at once, for a failure that one of them has already said. Alone it ends the
// process.
_Noreturn void cluster_abort(struct cluster *cluster, int exit_status);

int cluster_rank(const struct cluster *cluster);
int cluster_size(const struct cluster *cluster);
// The name of the host on which a rank runs.
const char *cluster_host(const struct cluster *cluster, int rank);
// How many ranks run on this rank's host, this one included.
int cluster_neighbours(const struct cluster *cluster);
// Whether a stop was asked for on any rank. Ranks see it at different moments: what they do about
// it together, rank 0 has to decide.
const volatile bool *cluster_stop(const struct cluster *cluster);

// data[num_bytes] of rank 0 goes to all.
enum status cluster_broadcast(struct cluster *cluster, void *data, size_t num_bytes);

struct cluster_strings { // one byte string of every rank, in the order of the ranks
    uint8_t *data;       // malloced; the caller frees it
    size_t *ends;        // [size]: where each ends in `data`; freed with it by cluster_strings_done
};
void cluster_strings_done(struct cluster_strings *strings);
// Every rank gives a byte string of any length and gets all of them. STATUS_UNSUPPORTED where they
// have more than CLUSTER_GATHER_MAX bytes together.
#define CLUSTER_GATHER_MAX ((size_t)1 << 30)
enum status cluster_gather(struct cluster *cluster, const void *data, size_t num_bytes, struct cluster_strings *all);

// total[count], on every rank with the same bits, becomes the sum of all arrays parts[num_parts] of
// all ranks: one running sum from the first part of rank 0 to the last part of the last rank, which
// begins with 0. So the bits depend on the parts and their order, and not on how they are dealt out
// over ranks. A rank may have no part. Parts and `total` don't overlap.
enum status cluster_sum(struct cluster *cluster, const float *const *parts, int num_parts, float *total, size_t count);

// Waits until every rank has called it; STATUS_DEVICE after `seconds`.
enum status cluster_barrier(struct cluster *cluster, double seconds);

struct cluster_traffic {    // of this rank, since cluster_open
    long long bytes_sent;   // as handed to MPI
    double seconds_waiting; // inside the calls above
};
struct cluster_traffic cluster_traffic(const struct cluster *cluster);

#endif
