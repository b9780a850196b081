// Rows to learn from: host memory, all in one frame of height x width points; smaller boards fill its top left and are masked.
// `actions` = policy_planes * height * width + num_global_actions of the frame.
#ifndef NET_BATCH_H
#define NET_BATCH_H

#include "base/status.h"
#include "net/losses.h"

struct batch {
    int n, max_n, height, width, actions;
    float *planes;  // [n, h, w, num_planes]
    float *globals; // [n, num_globals]
    float *mask;    // [n, h, w]: 1 on the board
    float *legal;   // [n, actions]: 1 legal, 0 not
    // By loss (net/losses.h says the shape of a row):
    //   LOSS_POLICY       target probabilities
    //   LOSS_REPLY        the opponent's next policy
    //   LOSS_VALUE        game outcome mixed with search values
    //   LOSS_SHORT_VALUE  average of the next few search values
    //   LOSS_SCORE        final margin for the mover, with komi, points
    //   LOSS_OWNERSHIP    +1 mover's, -1 the other's, 0 neither or off the board
    float *targets[NUM_LOSSES];
    float *weights[NUM_LOSSES]; // [n] each; 0: the row has no such target
};
enum status batch_new(struct batch **batch, const struct net_config *config, int max_n, int height, int width);
void batch_free(struct batch *batch);
// Empties it and makes its frame height x width, at most those of batch_new: rows of small boards alone cost what small boards cost.
void batch_reframe(struct batch *batch, int height, int width);
void batch_clear(struct batch *batch); // n = 0 and zeroes everywhere
// The row's target of a loss.
static inline float *batch_target(const struct batch *b, enum loss_kind kind, int row) {
    return b->targets[kind] + (size_t)row * loss_target_floats(kind, (size_t)b->height * (size_t)b->width, (size_t)b->actions);
}

#endif
