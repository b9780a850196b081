// Sums over the cards of one process with NCCL: one communicator a card, one thread a rank.
//
// Invariants
// 1. Rank i is devices[i]; its sums run on that device's own stream, in the order of the calls, so
//    nothing waits on the host.
// 2. NCCL matches the calls of the ranks by their order, so every rank has to make the same
//    sequence of calls.
#include "kernels/collective.h"

#include <stdio.h>
#include <stdlib.h>

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
    const ncclResult_t result = ncclAllReduce(data, data, count, ncclFloat, ncclSum, group->ranks[rank], stream);
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

void nccl_group_free(struct nccl_group *group) { free(group); }

void nccl_all_reduce(struct nccl_group *group, int rank, float *data, size_t count) {
    fprintf(stderr, "nccl: no group can exist in a build without NCCL\n");
    abort();
}

int nccl_version(void) { return 0; }

#endif
