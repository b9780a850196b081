// collective.h among simulated devices, for tests: threads meet at a barrier and add slices in the
// ranks' order, so that the sum is the same on every rank and in every run.
//
// The threads of several processes meet in shared memory, to which the id is the key: long arrays go
// through it piece by piece, each rank's in a part of its own. It is unlinked once all have come.
//
// Invariant: between two barriers every rank's array, or part, is valid, and each element is read and
// written by one thread only.
#include "kernels/collective.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 4096 }; // floats of a rank that are shared at once; chosen, so that tests need several

struct shared {
    atomic_int ready;  // the barrier is made
    atomic_int joined; // how many of the cards have come
    pthread_barrier_t barrier;
    float parts[]; // [num][PIECE]
};

struct nccl_group {
    int num, first; // of all processes, and the number of this one's first
    pthread_barrier_t barrier;
    float **arrays;        // the data of each rank, valid during a call; NULL: `shared` is used
    struct shared *shared; // NULL: one process
    size_t shared_bytes;
};

bool nccl_group_new(struct nccl_group **out, struct device *const *devices, int num, char why[DEVICE_TEXT]) {
    struct nccl_group *group = calloc(1, sizeof(*group));
    float **arrays = calloc((size_t)num, sizeof(*arrays));
    if (!group || !arrays || pthread_barrier_init(&group->barrier, NULL, (unsigned)num)) {
        snprintf(why, DEVICE_TEXT, "out of memory");
        free(group);
        free(arrays);
        return false;
    }
    group->num = num;
    group->arrays = arrays;
    *out = group;
    return true;
}

bool nccl_new_id(unsigned char id[NCCL_ID_BYTES], char why[DEVICE_TEXT]) {
    uint64_t drawn;
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) {
        snprintf(why, DEVICE_TEXT, "no random number for an id");
        return false;
    }
    memset(id, 0, NCCL_ID_BYTES);
    snprintf((char *)id, NCCL_ID_BYTES, "/tengen-nccl-%016llx", (unsigned long long)drawn);
    return true;
}

// The first process makes the memory, and the others find it.
static struct shared *map_shared(const char *name, bool makes, size_t num_bytes, int all_cards) {
    const struct timespec pause = {0, 1000000};
    int file = -1;
    for (int i = 0; file < 0 && i < NCCL_JOIN_SECONDS * 1000; i++) {
        file = shm_open(name, makes ? O_RDWR | O_CREAT | O_EXCL : O_RDWR, 0600);
        if (file < 0) nanosleep(&pause, NULL);
    }
    if (file < 0) return NULL;
    if (ftruncate(file, (off_t)num_bytes)) return close(file), NULL;
    struct shared *shared = mmap(NULL, num_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared == MAP_FAILED) return NULL;
    if (makes) {
        pthread_barrierattr_t how;
        pthread_barrierattr_init(&how);
        pthread_barrierattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
        pthread_barrier_init(&shared->barrier, &how, (unsigned)all_cards);
        pthread_barrierattr_destroy(&how);
        atomic_store(&shared->ready, 1);
    }
    for (int i = 0; !atomic_load(&shared->ready) && i < NCCL_JOIN_SECONDS * 1000; i++) nanosleep(&pause, NULL);
    return shared;
}

bool nccl_group_join(struct nccl_group **out, struct device *const *devices, int num, const unsigned char id[NCCL_ID_BYTES],
                     int first, int all_cards, char why[DEVICE_TEXT]) {
    struct nccl_group *group = calloc(1, sizeof(*group));
    const size_t num_bytes = sizeof(struct shared) + sizeof(float) * PIECE * (size_t)all_cards;
    struct shared *shared = group ? map_shared((const char *)id, first == 0, num_bytes, all_cards) : NULL;
    if (!shared) {
        snprintf(why, DEVICE_TEXT, "no shared memory for %d simulated cards", all_cards);
        free(group);
        return false;
    }
    if (atomic_fetch_add(&shared->joined, num) + num == all_cards) shm_unlink((const char *)id);
    *group = (struct nccl_group){.num = all_cards, .first = first, .shared = shared, .shared_bytes = num_bytes};
    *out = group;
    return true;
}

void nccl_group_free(struct nccl_group *group) {
    if (!group) return;
    if (group->shared)
        munmap(group->shared, group->shared_bytes);
    else
        pthread_barrier_destroy(&group->barrier);
    free(group->arrays);
    free(group);
}

// One thread's share of adding `count` floats of all arrays. Each of them gets the sum.
static void add_slice(const struct nccl_group *group, size_t mine, float *const *arrays, size_t count) {
    const size_t num = (size_t)group->num;
    for (size_t i = count * mine / num; i < count * (mine + 1) / num; i++) {
        float sum = arrays[0][i];
        for (size_t k = 1; k < num; k++) sum += arrays[k][i];
        for (size_t k = 0; k < num; k++) arrays[k][i] = sum;
    }
}

static void reduce_shared(struct nccl_group *group, size_t mine, float *data, size_t count) {
    struct shared *shared = group->shared;
    float **arrays = calloc((size_t)group->num, sizeof(*arrays));
    if (!arrays) abort();
    for (int k = 0; k < group->num; k++) arrays[k] = shared->parts + (size_t)k * PIECE;
    for (size_t at = 0; at < count; at += PIECE) {
        const size_t piece = count - at < PIECE ? count - at : PIECE;
        memcpy(arrays[mine], data + at, piece * sizeof(float));
        pthread_barrier_wait(&shared->barrier);
        add_slice(group, mine, arrays, piece);
        pthread_barrier_wait(&shared->barrier);
        memcpy(data + at, arrays[mine], piece * sizeof(float));
    }
    free(arrays);
}

void nccl_all_reduce(struct nccl_group *group, int rank, float *data, size_t count) {
    if (group->shared) {
        reduce_shared(group, (size_t)(group->first + rank), data, count);
        return;
    }
    group->arrays[rank] = data;
    pthread_barrier_wait(&group->barrier);
    add_slice(group, (size_t)rank, group->arrays, count);
    pthread_barrier_wait(&group->barrier);
}

int nccl_version(void) { return 1; } // one that meets its like
