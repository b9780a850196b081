// Sums over the cards of one process, or of all ranks of a job, with NCCL, as plain C. collective_nccl.c runs on cards,
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
// The same over several processes, each of which has num of all_cards cards, from number `first` on.
// The id is the one that the first process has made; all of them call this at the same time. It
// does not wait for ever: after NCCL_JOIN_SECONDS it is false.
enum { NCCL_ID_BYTES = 128, NCCL_JOIN_SECONDS = 120 };
bool nccl_new_id(unsigned char id[NCCL_ID_BYTES], char why[DEVICE_TEXT]);
bool nccl_group_join(struct nccl_group **out, struct device *const *devices, int num, const unsigned char id[NCCL_ID_BYTES],
                     int first, int all_cards, char why[DEVICE_TEXT]);
void nccl_group_free(struct nccl_group *group);
// The fp32 array data[count] of every card becomes the sum over the cards, in the order of each
// card's stream. Every rank (the index in `devices`) has to call it with the same count, each from
// a thread of its own; so have those of the other processes.
void nccl_all_reduce(struct nccl_group *group, int rank, float *data, size_t count);
// As NCCL numbers it; 0 in a build without NCCL. Only equal versions may meet.
int nccl_version(void);

#ifdef __cplusplus
}
#endif
#endif
