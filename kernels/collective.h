// Sums over cards with NCCL. Plain C.
#ifndef KERNELS_COLLECTIVE_H
#define KERNELS_COLLECTIVE_H

#include "kernels/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct nccl_group; // one communicator a device of one process
// devices[num]: distinct cards. false: `why`.
bool nccl_group_new(struct nccl_group **out, struct device *const *devices, int num, char why[DEVICE_TEXT]);
void nccl_group_free(struct nccl_group *group);
// data[count] fp32 of every card becomes the sum over the cards, on each card's stream. Each rank calls it from its own thread.
void nccl_all_reduce(struct nccl_group *group, int rank, float *data, size_t count);
int nccl_version(void); // as NCCL numbers it

#ifdef __cplusplus
}
#endif
#endif
