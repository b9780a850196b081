// Rows to learn from, in host memory. All are in one frame of height x width points; smaller boards
// fill its top left and are masked. `actions` is policy_planes * height * width +
// num_global_actions of the frame. One thread at a time may change a batch.
#ifndef NET_BATCH_H
#define NET_BATCH_H

#include "base/status.h"
#include "net/losses.h"

struct batch {
    int n, max_n, height, width, actions;
    float *planes;  // [n, h, w, num_planes]
    float *globals; // [n, num_globals]
    float *mask;    // [n, h, w]: 1 on the board, 0 off it
    float *legal;   // [n, actions]: 1 for legal actions, 0 for others
    // The targets of each loss. net/losses.h says the shape of a row.
    //   LOSS_POLICY       the probabilities to learn
    //   LOSS_REPLY        the opponent's next policy
    //   LOSS_VALUE        the game's outcome, mixed with search values
    //   LOSS_SHORT_VALUE  an average of the next few search values
    //   LOSS_SCORE        the final margin for the mover in points, with komi
    //   LOSS_OWNERSHIP    +1 for the mover's points, -1 for the other's, 0 for all others
    float *targets[NUM_LOSSES];
    float *weights[NUM_LOSSES]; // [n] each, 0 where the row has no such target
};
enum status batch_new(struct batch **batch, const struct net_config *config, int max_n, int height, int width);
void batch_free(struct batch *batch);
// Empties the batch and makes its frame height x width, which may not exceed those of batch_new. A
// batch of small boards alone then costs what small boards cost.
void batch_reframe(struct batch *batch, int height, int width);
void batch_clear(struct batch *batch); // sets n to 0 and all arrays to zeros
// The row's target of a loss.
static inline float *batch_target(const struct batch *b, enum loss_kind kind, int row) {
    return b->targets[kind] + (size_t)row * loss_target_floats(kind, (size_t)b->height * (size_t)b->width, (size_t)b->actions);
}

#endif
