// The ranks of a job, which meet by MPI. This is the only file that knows mpi.h.
//
// Two threads of a rank use MPI, one at a time under `calls`: the one that makes the calls of
// cluster.h, and the ticker. All calls of MPI between the first and the last are non-blocking: who
// waits looks, lets go of the mutex and sleeps, since a waiting loop of MPI's own would take a
// whole core from the searches.
//
// Sums. One running sum over the ranks' parts goes from rank to rank, and then the total does:
//
//   chunk c:  rank 0: 0 + its parts -> rank 1: + its parts -> ... -> last rank: the total
//             last rank -> rank 0 -> rank 1 -> ... -> the last but one
//
// Several chunks are under way, so that all links work at the same time and a rank sends each
// float at most twice, however many ranks there are. A ring all-reduce [Patarasuk & Yuan 2009]
// sends as much and begins each chunk at another rank; here all begin at rank 0, which makes the
// order of the additions the same for every element, and that of one process with all the parts.
//
// Heartbeats. Every TICK the ticker of a rank sends rank 0 a beat, and rank 0 sends all of them
// one. A beat carries the wish to stop. Whoever hears nothing for too long says so and ends the
// job.
//
// Invariants:
//   1. MPI is called with `calls` held, except before the ticker begins and after it has ended.
//   2. The ticker alone uses `beats`, the communicator, and the arrays of struct peer.
//   3. `hosts`, rank and size never change after cluster_mpi_open.
#include "cluster/cluster_parts.h"

#include "base/memory.h"

#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TICK 0.25 // seconds between two looks of the ticker; chosen
#define BEAT 0.5  // seconds between two beats; chosen
// The seconds after which a call that ends the job must have done so.
enum { ABORT_SECONDS = 5 };
// Floats that travel together in a sum. It was chosen: with fewer, latency counts on fast networks,
// and with more, a rank waits longer for its first chunk.
enum { CHUNK = 32768 };
// Chunks that a rank sends at once. With more, MPI sends pieces of all in turn, so that the first one
// arrives hardly before the last, and the next rank has nothing to do until then: at 100 Mb/s a sum
// took twice the time.
enum { MAX_SENDS = 2 };
enum { PIECE_BYTES = 64 << 20 }; // of a broadcast, since MPI counts in int
enum { LOOKS = 50 };             // before the first sleep of whoever waits; chosen
enum { TAG_PARTIAL = 1, TAG_TOTAL, TAG_BEAT };

struct beat {
    int32_t wants_stop;
};

struct peer { // whom the ticker hears
    int rank;
    double heard; // the clock at its last beat
    double beaten;
    struct beat in, out;
    MPI_Request receive, send;
};

struct mpi_cluster {
    struct cluster base;
    MPI_Comm world, beats;
    pthread_mutex_t calls;
    pthread_t ticker;
    atomic_bool ends;
    int num_peers; // of rank 0 all others, of the others rank 0
    struct peer *peers;
    float *partial; // [max_count]: the running sums that this rank passes on
    size_t max_count;
};

static double now(const struct mpi_cluster *m) { return clock_seconds(m->base.params.clock); }

static void sleep_for(double seconds) {
    const struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

static void lock(struct mpi_cluster *m) { pthread_mutex_lock(&m->calls); }
static void unlock(struct mpi_cluster *m) { pthread_mutex_unlock(&m->calls); }

static enum status check(int result, const char *what) {
    if (result == MPI_SUCCESS) return STATUS_OK;
    char text[MPI_MAX_ERROR_STRING] = "unknown error";
    int length;
    MPI_Error_string(result, text, &length);
    return status_fail(STATUS_DEVICE, "MPI: %s: %s", what, text);
}

// Ends the job. The alarm's signal ends this process where MPI can't.
static _Noreturn void end_job(int exit_status) {
    signal(SIGALRM, SIG_DFL);
    alarm(ABORT_SECONDS);
    MPI_Abort(MPI_COMM_WORLD, exit_status);
    _exit(exit_status);
}

static void mpi_abort(struct cluster *cluster, int exit_status) {
    struct mpi_cluster *m = (struct mpi_cluster *)cluster;
    lock(m);
    end_job(exit_status);
}

// Waits for a request. `limit`: seconds, 0: the heartbeats watch over it.
static enum status wait_for(struct mpi_cluster *m, MPI_Request *request, double limit, const char *what) {
    const double begun = now(m);
    double pause = 20e-6;
    for (int look = 0;; look++) {
        int done;
        lock(m);
        const int result = MPI_Test(request, &done, MPI_STATUS_IGNORE);
        unlock(m);
        TRY(check(result, what));
        if (done) break;
        if (look < LOOKS) {
            sched_yield();
            continue;
        }
        if (limit > 0 && now(m) - begun > limit)
            return status_fail(STATUS_DEVICE, "the ranks of this job have not all come to %s within %.0f s", what, limit);
        sleep_for(pause);
        if (pause < 1e-3) pause *= 1.2;
    }
    m->base.traffic.seconds_waiting += now(m) - begun;
    return STATUS_OK;
}

static enum status mpi_broadcast(struct cluster *cluster, void *data, size_t num_bytes) {
    struct mpi_cluster *m = (struct mpi_cluster *)cluster;
    for (size_t at = 0; at < num_bytes; at += PIECE_BYTES) {
        const size_t left = num_bytes - at, piece = left < PIECE_BYTES ? left : PIECE_BYTES;
        MPI_Request request;
        lock(m);
        const int result = MPI_Ibcast((char *)data + at, (int)piece, MPI_BYTE, 0, m->world, &request);
        unlock(m);
        TRY(check(result, "broadcast"));
        TRY(wait_for(m, &request, 0, "a broadcast"));
    }
    if (!cluster->rank) cluster->traffic.bytes_sent += (long long)num_bytes;
    return STATUS_OK;
}

static enum status mpi_gather(struct cluster *cluster, const void *data, size_t num_bytes, struct cluster_strings *all) {
    struct mpi_cluster *m = (struct mpi_cluster *)cluster;
    const size_t size = (size_t)cluster->size;
    const uint64_t mine = num_bytes;
    uint64_t *sizes = memory_raw(size, sizeof *sizes, "what the ranks exchange");
    int *counts = memory_raw(2 * size, sizeof *counts, "what the ranks exchange"), *starts = counts + size;
    MPI_Request request;
    lock(m);
    int result = MPI_Iallgather(&mine, sizeof mine, MPI_BYTE, sizes, sizeof mine, MPI_BYTE, m->world, &request);
    unlock(m);
    enum status status = check(result, "gather");
    if (status == STATUS_OK) status = wait_for(m, &request, 0, "a gather");
    uint64_t sum = 0;
    all->ends = memory_raw(size, sizeof *all->ends, "what the ranks exchange");
    for (size_t i = 0; i < size && status == STATUS_OK; i++) {
        if (sizes[i] > CLUSTER_GATHER_MAX - sum) {
            status =
                status_fail(STATUS_UNSUPPORTED, "the ranks have more than %zu bytes to exchange at once", CLUSTER_GATHER_MAX);
            break;
        }
        starts[i] = (int)sum;
        counts[i] = (int)sizes[i];
        sum += sizes[i];
        all->ends[i] = (size_t)sum;
    }
    if (status == STATUS_OK) {
        all->data = memory_raw((size_t)sum, 1, "what the ranks exchange");
        lock(m);
        result = MPI_Iallgatherv(data, (int)num_bytes, MPI_BYTE, all->data, counts, starts, MPI_BYTE, m->world, &request);
        unlock(m);
        status = check(result, "gather");
        if (status == STATUS_OK) status = wait_for(m, &request, 0, "a gather");
        cluster->traffic.bytes_sent += (long long)(num_bytes * (size - 1));
    }
    free(sizes);
    free(counts);
    if (status) cluster_strings_done(all);
    return status;
}

struct summing {
    struct mpi_cluster *m;
    const float *const *parts;
    int num_parts;
    float *total;
    size_t count;
    int num_chunks, num_sends;
    MPI_Request *partials, *totals, *sends; // [num_chunks], [num_chunks], [2 * num_chunks]
};

static size_t chunk_from(const struct summing *s, int chunk) { return (size_t)chunk * CHUNK; }
static size_t chunk_end(const struct summing *s, int chunk) {
    const size_t end = (size_t)(chunk + 1) * CHUNK;
    return end < s->count ? end : s->count;
}

static enum status send_chunk(struct summing *s, const float *from, int chunk, int to, int tag) {
    struct mpi_cluster *m = s->m;
    const size_t at = chunk_from(s, chunk), count = chunk_end(s, chunk) - at;
    if (s->num_sends >= MAX_SENDS) TRY(wait_for(m, &s->sends[s->num_sends - MAX_SENDS], 0, "a sum"));
    m->base.traffic.bytes_sent += (long long)(count * sizeof *from);
    lock(m);
    const int result = MPI_Isend(from + at, (int)count, MPI_FLOAT, to, tag, m->world, &s->sends[s->num_sends++]);
    unlock(m);
    return check(result, "sum");
}

// Everything that will come is asked for first, so that it can come while we add.
static enum status expect_chunks(struct summing *s) {
    struct mpi_cluster *m = s->m;
    const int rank = m->base.rank, size = m->base.size;
    int result = MPI_SUCCESS;
    lock(m);
    for (int c = 0; c < s->num_chunks && result == MPI_SUCCESS; c++) {
        const size_t at = chunk_from(s, c), count = chunk_end(s, c) - at;
        if (rank > 0)
            result = MPI_Irecv(m->partial + at, (int)count, MPI_FLOAT, rank - 1, TAG_PARTIAL, m->world, &s->partials[c]);
        if (rank < size - 1 && result == MPI_SUCCESS)
            result =
                MPI_Irecv(s->total + at, (int)count, MPI_FLOAT, (rank + size - 1) % size, TAG_TOTAL, m->world, &s->totals[c]);
    }
    unlock(m);
    return check(result, "sum");
}

static enum status pass_chunks(struct summing *s) {
    struct mpi_cluster *m = s->m;
    const int rank = m->base.rank, size = m->base.size, last = size - 1;
    TRY(expect_chunks(s));
    for (int c = 0; c < s->num_chunks; c++) {
        const size_t from = chunk_from(s, c), end = chunk_end(s, c);
        if (rank > 0)
            TRY(wait_for(m, &s->partials[c], 0, "a sum"));
        else
            memset(m->partial + from, 0, (end - from) * sizeof *m->partial);
        cluster_add_parts(s->parts, s->num_parts, m->partial, from, end);
        if (rank == last) memcpy(s->total + from, m->partial + from, (end - from) * sizeof *s->total);
        TRY(send_chunk(s, m->partial, c, rank == last ? 0 : rank + 1, rank == last ? TAG_TOTAL : TAG_PARTIAL));
    }
    for (int c = 0; c < s->num_chunks && rank < last; c++) {
        TRY(wait_for(m, &s->totals[c], 0, "a sum"));
        if (rank + 1 < last) TRY(send_chunk(s, s->total, c, rank + 1, TAG_TOTAL));
    }
    for (int i = 0; i < s->num_sends; i++) TRY(wait_for(m, &s->sends[i], 0, "a sum"));
    return STATUS_OK;
}

static enum status mpi_sum(struct cluster *cluster, const float *const *parts, int num_parts, float *total, size_t count) {
    struct mpi_cluster *m = (struct mpi_cluster *)cluster;
    if (count > m->max_count) {
        m->partial = memory_resize(m->partial, count, sizeof *m->partial, "the ranks' sums");
        m->max_count = count;
    }
    struct summing s = {.m = m, .parts = parts, .num_parts = num_parts, .total = total, .count = count};
    s.num_chunks = (int)((count + CHUNK - 1) / CHUNK);
    const size_t chunks = (size_t)s.num_chunks;
    s.partials = memory_raw(4 * chunks, sizeof *s.partials, "the ranks' sums");
    for (size_t i = 0; i < 4 * chunks; i++) s.partials[i] = MPI_REQUEST_NULL;
    s.totals = s.partials + chunks;
    s.sends = s.totals + chunks;
    const enum status status = pass_chunks(&s);
    free(s.partials);
    return status;
}

static enum status mpi_barrier(struct cluster *cluster, double seconds) {
    struct mpi_cluster *m = (struct mpi_cluster *)cluster;
    MPI_Request request;
    lock(m);
    const int result = MPI_Ibarrier(m->world, &request);
    unlock(m);
    TRY(check(result, "barrier"));
    return wait_for(m, &request, seconds, "the same point");
}

// Takes the beats that have come from a peer, and sends it one when it is time.
static void look_at(struct mpi_cluster *m, struct peer *peer, double time) {
    int done = 1;
    while (MPI_Test(&peer->receive, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done) {
        if (peer->in.wants_stop) m->base.stop = true;
        peer->heard = time;
        if (MPI_Irecv(&peer->in, sizeof peer->in, MPI_BYTE, peer->rank, TAG_BEAT, m->beats, &peer->receive)) return;
    }
    if (time - peer->beaten < BEAT || MPI_Test(&peer->send, &done, MPI_STATUS_IGNORE) || !done) return;
    peer->out.wants_stop = m->base.stop;
    peer->beaten = time;
    MPI_Isend(&peer->out, sizeof peer->out, MPI_BYTE, peer->rank, TAG_BEAT, m->beats, &peer->send);
}

// Rank 0 speaks first, then rank 1, then the others, so that the line is said once.
static double patience(const struct mpi_cluster *m) {
    return CLUSTER_SILENCE + (m->base.rank == 0 ? 0 : m->base.rank == 1 ? 5 : 10);
}

static void *tick(void *context) {
    struct mpi_cluster *m = context;
    double last = now(m);
    while (!atomic_load(&m->ends)) {
        sleep_for(TICK);
        const double time = now(m);
        // A process that was itself suspended must not blame the others.
        const double slept = time - last > 2 ? time - last : 0;
        last = time;
        if (m->base.params.stop && *m->base.params.stop) m->base.stop = true;
        lock(m);
        for (int i = 0; i < m->num_peers; i++) {
            struct peer *peer = &m->peers[i];
            peer->heard += slept;
            look_at(m, peer, time);
            if (time - peer->heard <= patience(m)) continue;
            status_fail(
                STATUS_DEVICE,
                "rank %d on %s has given no sign of life for %.0f s: it hangs, has died or is cut off; the job ends, and "
                "the same command goes on from the last commit",
                peer->rank, m->base.hosts[peer->rank], time - peer->heard);
            end_job(1);
        }
        unlock(m);
    }
    return NULL;
}

static void free_cluster(struct mpi_cluster *m) {
    free(m->base.hosts);
    free(m->peers);
    free(m->partial);
    free(m);
}

static void mpi_close(struct cluster *cluster) {
    struct mpi_cluster *m = (struct mpi_cluster *)cluster;
    if (mpi_barrier(cluster, 60)) end_job(1); // It has been said.
    atomic_store(&m->ends, true);
    pthread_join(m->ticker, NULL);
    for (int i = 0; i < m->num_peers; i++) {
        MPI_Cancel(&m->peers[i].receive);
        MPI_Request_free(&m->peers[i].receive);
        if (m->peers[i].send != MPI_REQUEST_NULL) MPI_Request_free(&m->peers[i].send);
    }
    pthread_mutex_destroy(&m->calls);
    MPI_Comm_free(&m->beats);
    MPI_Comm_free(&m->world);
    MPI_Finalize();
    free_cluster(m);
}

static const struct cluster_verbs mpi_verbs = {mpi_close, mpi_abort, mpi_broadcast, mpi_gather, mpi_sum, mpi_barrier};

static enum status meet(struct mpi_cluster *m) {
    char host[CLUSTER_HOST_BYTES] = "";
    gethostname(host, sizeof host - 1);
    TRY(check(MPI_Allgather(host, sizeof host, MPI_BYTE, m->base.hosts, sizeof host, MPI_BYTE, m->world), "hosts"));
    m->num_peers = m->base.rank == 0 ? m->base.size - 1 : 1;
    m->peers = memory_new((size_t)m->num_peers, sizeof *m->peers, "a cluster");
    for (int i = 0; i < m->num_peers; i++) {
        struct peer *peer = &m->peers[i];
        *peer = (struct peer){.rank = m->base.rank == 0 ? i + 1 : 0, .heard = now(m), .send = MPI_REQUEST_NULL};
        TRY(check(MPI_Irecv(&peer->in, sizeof peer->in, MPI_BYTE, peer->rank, TAG_BEAT, m->beats, &peer->receive),
                  "heartbeats"));
    }
    if (m->base.rank == 0) return STATUS_OK;
    char name[CLUSTER_HOST_BYTES + 32];
    snprintf(name, sizeof name, "rank %d on %s", m->base.rank, host);
    setenv(STATUS_PROCESS, name, 1);
    return STATUS_OK;
}

enum status cluster_mpi_open(struct cluster **out, const struct cluster_params *params) {
    int provided = MPI_THREAD_SINGLE;
    setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0); // for what still waits inside Open MPI: its start and its end
    TRY(check(MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided), "start"));
    if (provided < MPI_THREAD_SERIALIZED)
        return status_fail(STATUS_UNSUPPORTED, "MPI: this one can't be used by two threads in turn");
    struct mpi_cluster *m = memory_new(1, sizeof *m, "a cluster");
    m->base = (struct cluster){.verbs = &mpi_verbs, .params = *params};
    enum status status = check(MPI_Comm_dup(MPI_COMM_WORLD, &m->world), "start");
    if (!status) status = check(MPI_Comm_dup(MPI_COMM_WORLD, &m->beats), "start");
    if (status) return status;
    MPI_Comm_set_errhandler(m->world, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(m->beats, MPI_ERRORS_RETURN);
    MPI_Comm_rank(m->world, &m->base.rank);
    MPI_Comm_size(m->world, &m->base.size);
    m->base.hosts = memory_new((size_t)m->base.size, sizeof *m->base.hosts, "a cluster");
    atomic_init(&m->ends, false);
    status = meet(m);
    if (status) return status; // The process ends, and MPI with it.
    pthread_mutex_init(&m->calls, NULL);
    if (pthread_create(&m->ticker, NULL, tick, m)) return status_fail(STATUS_MEMORY, "no thread for the heartbeats");
    *out = &m->base;
    return STATUS_OK;
}
