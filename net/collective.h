// Sums over the replicas of a data-parallel training: all that they ever say to each other.
//
// Replicas on cards meet through NCCL (kernels/collective.h), each on a card of its own. Replicas of any other backend are
// simulated devices of this process and meet in its memory; they always add in rank order, so their sums are repeatable.
#ifndef NET_COLLECTIVE_H
#define NET_COLLECTIVE_H

#include "net/backend.h"

#include <stddef.h>

struct collective;

// ranks[num_ranks]: backends of one kind, borrowed until collective_free. One rank is fine: its sums are what they were.
// STATUS_DEVICE says why the ranks can't meet (no NCCL in this build, a card named twice).
enum status collective_new(struct collective **out, struct backend *const *ranks, int num_ranks, size_t max_count);
void collective_free(struct collective *collective);              // NULL is fine; before the backends are closed
const char *collective_name(const struct collective *collective); // "one device", "host memory", "NCCL"

// data[count <= max_count], a device array of every rank, becomes the sum over the ranks, with the same bits on each of them.
// Every rank calls it from a thread of its own, all with the same counts in the same order; it may wait for the other ranks.
// Verbs called afterwards see the sum.
void collective_sum(struct collective *collective, int rank, float *data, size_t count);

#endif
