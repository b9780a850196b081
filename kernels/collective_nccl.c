// Sums over cards with NCCL: one communicator a card, one thread a rank.
//
// Over several processes NCCL is started without blocking, and asked until it is ready: a process
// that never comes must not hold up the others. Once it runs, nobody here waits for a peer on the
// host; a card that waits for one that has died is ended with its process, by the job's heartbeats
// (cluster/cluster.h).
//
// Invariants
// 1. Rank i is devices[i]; its sums run on that device's own stream, in the order of the calls, so
//    nothing waits on the host.
// 2. NCCL matches the calls of the ranks by their order, so every rank has to make the same
//    sequence of calls.
#include "kernels/collective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef TENGEN_NCCL

#include <nccl.h>

struct nccl_group {
    int num;
    struct device **devices;
    ncclComm_t *ranks;
};

bool nccl_group_new(struct nccl_group **out, struct device *const *devices, int num, char why[DEVICE_TEXT]) {
    struct nccl_group *group = calloc(1, sizeof(*group));
    int *cards = calloc((size_t)num, sizeof(*cards));
    ncclResult_t result = ncclSystemError;
    if (!group || !cards) goto fail;
    group->devices = calloc((size_t)num, sizeof(struct device *));
    group->ranks = calloc((size_t)num, sizeof(ncclComm_t));
    if (!group->devices || !group->ranks) goto fail;
    for (int i = 0; i < num; i++) {
        group->devices[i] = devices[i];
        cards[i] = device_index(devices[i]);
        for (int k = 0; k < i; k++) {
            if (cards[k] != cards[i]) continue;
            snprintf(why, DEVICE_TEXT, "NCCL: card %d is named twice", cards[i]);
            goto fail_said;
        }
    }
    if ((result = ncclCommInitAll(group->ranks, num, cards)) != ncclSuccess) goto fail;
    group->num = num; // from here on free destroys the communicators
    free(cards);
    *out = group;
    return true;
fail:
    snprintf(why, DEVICE_TEXT, "NCCL: %s", ncclGetErrorString(result));
fail_said:
    free(cards);
    nccl_group_free(group);
    return false;
}

_Static_assert(sizeof(ncclUniqueId) == NCCL_ID_BYTES, "the size of NCCL's id");

bool nccl_new_id(unsigned char id[NCCL_ID_BYTES], char why[DEVICE_TEXT]) {
    ncclUniqueId unique;
    const ncclResult_t result = ncclGetUniqueId(&unique);
    if (result != ncclSuccess) {
        snprintf(why, DEVICE_TEXT, "NCCL: %s", ncclGetErrorString(result));
        return false;
    }
    memcpy(id, &unique, NCCL_ID_BYTES);
    return true;
}

// Asks a communicator that is started or used without blocking until it has finished.
static ncclResult_t settle(ncclComm_t comm) {
    const struct timespec pause = {0, 1000000};
    ncclResult_t state = ncclInProgress;
    for (int i = 0; i < NCCL_JOIN_SECONDS * 1000; i++) {
        const ncclResult_t result = ncclCommGetAsyncError(comm, &state);
        if (result != ncclSuccess || state != ncclInProgress) return result != ncclSuccess ? result : state;
        nanosleep(&pause, NULL);
    }
    return ncclSystemError;
}

bool nccl_group_join(struct nccl_group **out, struct device *const *devices, int num, const unsigned char id[NCCL_ID_BYTES],
                     int first, int all_cards, char why[DEVICE_TEXT]) {
    struct nccl_group *group = calloc(1, sizeof(*group));
    ncclUniqueId unique;
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    ncclResult_t result = ncclSystemError;
    config.blocking = 0;
    memcpy(&unique, id, NCCL_ID_BYTES);
    if (!group) goto fail;
    group->devices = calloc((size_t)num, sizeof(struct device *));
    group->ranks = calloc((size_t)num, sizeof(ncclComm_t));
    if (!group->devices || !group->ranks) goto fail;
    result = ncclGroupStart();
    for (int i = 0; i < num && result == ncclSuccess; i++) {
        group->devices[i] = devices[i];
        (void)device_stream(devices[i]); // makes the card current
        result = ncclCommInitRankConfig(&group->ranks[i], all_cards, unique, first + i, &config);
        if (result == ncclInProgress) result = ncclSuccess;
    }
    const ncclResult_t ended = ncclGroupEnd();
    if (result == ncclSuccess && ended != ncclSuccess && ended != ncclInProgress) result = ended;
    for (int i = 0; i < num && result == ncclSuccess; i++) result = settle(group->ranks[i]);
    if (result != ncclSuccess) goto fail;
    group->num = num; // from here on free destroys the communicators
    *out = group;
    return true;
fail:
    snprintf(why, DEVICE_TEXT, "NCCL over %d cards: %s", all_cards, ncclGetErrorString(result));
    for (int i = 0; group && group->ranks && i < num; i++)
        if (group->ranks[i]) ncclCommAbort(group->ranks[i]);
    nccl_group_free(group);
    return false;
}

void nccl_group_free(struct nccl_group *group) {
    if (!group) return;
    for (int i = 0; i < group->num; i++) {
        device_wait(group->devices[i]);
        ncclCommDestroy(group->ranks[i]);
    }
    free(group->devices);
    free(group->ranks);
    free(group);
}

void nccl_all_reduce(struct nccl_group *group, int rank, float *data, size_t count) {
    const cudaStream_t stream = (cudaStream_t)device_stream(group->devices[rank]);
    ncclResult_t result = ncclAllReduce(data, data, count, ncclFloat, ncclSum, group->ranks[rank], stream);
    if (result == ncclInProgress) result = settle(group->ranks[rank]);
    if (result == ncclSuccess) return;
    fprintf(stderr, "nccl: all-reduce of %zu floats on rank %d: %s\n", count, rank, ncclGetErrorString(result));
    abort();
}

int nccl_version(void) {
    int version = 0;
    return ncclGetVersion(&version) == ncclSuccess ? version : 0;
}

#else // Without NCCL everything works but training on several cards.

struct nccl_group {
    int num;
};

bool nccl_group_new(struct nccl_group **out, struct device *const *devices, int num, char why[DEVICE_TEXT]) {
    snprintf(why, DEVICE_TEXT, "this program was built without NCCL (Debian's name is libnccl-dev): one card only");
    return false;
}

bool nccl_new_id(unsigned char id[NCCL_ID_BYTES], char why[DEVICE_TEXT]) {
    snprintf(why, DEVICE_TEXT, "this program was built without NCCL");
    return false;
}

bool nccl_group_join(struct nccl_group **out, struct device *const *devices, int num, const unsigned char id[NCCL_ID_BYTES],
                     int first, int all_cards, char why[DEVICE_TEXT]) {
    snprintf(why, DEVICE_TEXT, "this program was built without NCCL");
    return false;
}

void nccl_group_free(struct nccl_group *group) { free(group); }

void nccl_all_reduce(struct nccl_group *group, int rank, float *data, size_t count) {
    fprintf(stderr, "nccl: no group can exist in a build without NCCL\n");
    abort();
}

int nccl_version(void) { return 0; }

#endif
