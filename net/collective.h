// Sums over the replicas of a data-parallel training, which are the only things that replicas
// exchange.
//
// Replicas on cards use NCCL (kernels/collective.h), each on a card of its own. Replicas on other
// backends are simulated devices of this process and use its memory; they always add in the order
// of their ranks, so that their sums are repeatable.
//
// Where the ranks of a job (cluster/cluster.h) train together and all of them on cards with the same
// NCCL, it sums over the cards of all of them, and finds the others by an id from rank 0. A rank
// here is a replica of this process; those of the job are called processes.
#ifndef NET_COLLECTIVE_H
#define NET_COLLECTIVE_H

#include "cluster/cluster.h"
#include "net/backend.h"

#include <stddef.h>

struct collective;

// ranks[num_ranks] are backends of one kind, borrowed until collective_free. Where there is only
// one, a sum is what it was. STATUS_DEVICE says why the ranks can't work together (no NCCL in this
// build, or a card named twice).
// `cluster` (borrowed; NULL: none) are the processes, all of which call this.
enum status collective_new(struct collective **out, struct backend *const *ranks, int num_ranks, size_t max_count,
                           struct cluster *cluster);
// Before the backends are closed; NULL is allowed.
void collective_free(struct collective *collective);
// Whether collective_sum adds over all processes of the cluster; otherwise over the ranks of this one.
bool collective_spans_cluster(const struct collective *collective);
// How the ranks meet: "one device", "host memory" or "NCCL".
const char *collective_name(const struct collective *collective);

// data[count], a device array of every rank with count <= max_count, becomes the sum over the
// ranks, with the same bits on each of them. Every rank has to call it, from a thread of its own
// and with the same counts in the same order, and may have to wait for the others. Verbs that are
// called afterwards see the sum.
void collective_sum(struct collective *collective, int rank, float *data, size_t count);

#endif
