// Sums over the cards of one process with NCCL, as plain C. collective_nccl.c runs on cards,
// collective_host.c on simulated ones.
#ifndef KERNELS_COLLECTIVE_H
#define KERNELS_COLLECTIVE_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nccl_group; // the cards that sum together, with one communicator each
// The cards in devices[num] are distinct and outlive the group. Where it returns false, `why` says
// the reason.
bool nccl_group_new(struct nccl_group **out, struct device *const *devices, int num, char why[DEVICE_TEXT]);
void nccl_group_free(struct nccl_group *group);
// The fp32 array data[count] of every card becomes the sum over the cards, in the order of each
// card's stream. Every rank (the index in `devices`) has to call it with the same count, each from
// a thread of its own.
void nccl_all_reduce(struct nccl_group *group, int rank, float *data, size_t count);
int nccl_version(void); // as NCCL numbers it; 0 in a build without NCCL

#ifdef __cplusplus
}
#endif
#endif
