// The losses of training. Each has a row in LOSSES and a function in losses.c.
//
// A row says everything that others need to know. Batches have a target and a weight for it, passes
// upload them, a training adds up and reports, the loop smooths and logs, and settings offer a
// weight; all of them walk the table.
#ifndef NET_LOSSES_H
#define NET_LOSSES_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct batch;
struct net_config;
struct pass;

// A row is FIXED(id, function, metric, unit, target, exists, weight), or, where a setting of a run
// changes the weight, TUNED(id, function, metric, unit, target, exists, weight, option, help).
//   function   losses.c computes the loss in <function>_loss
//   metric     its name in metrics.csv and TensorBoard, which must not change
//   exists     a function of losses.c that says whether a net has it
//   weight     what it is multiplied by in the objective
// The weights of policy, reply, value and ownership are in KataGo's proportions [Wu 2019,
// Methods.md: 1, 0.15, 1.2 to 1.5, and 1.5 for the mean over a board]. That of the score is such
// that its gradient, which the weight bounds, stays far below the value's.
#define LOSSES(FIXED, TUNED)                                                                                                   \
    FIXED(POLICY, policy, "policy_loss", "nats", LOSS_TARGET_ACTIONS, always, 1)                                               \
    TUNED(REPLY, reply, "reply_loss", "nats", LOSS_TARGET_ACTIONS, always, 0.15, "loss-reply",                                 \
          "weight of the opponent's reply; the policy's is 1")                                                                 \
    FIXED(VALUE, value, "value_loss", "nats", LOSS_TARGET_RESULT, always, 1.2)                                                 \
    TUNED(SHORT_VALUE, short_value, "short_value_loss", "nats", LOSS_TARGET_RESULT, always, 0.5, "loss-short",                 \
          "weight of the short-term value")                                                                                    \
    TUNED(SCORE, score, "score_loss", "", LOSS_TARGET_NUMBER, has_score, 0.05, "loss-score",                                   \
          "weight of the score, where the game has one")                                                                       \
    TUNED(OWNERSHIP, ownership, "ownership_loss", "", LOSS_TARGET_POINTS, has_ownership, 1.5, "loss-ownership",                \
          "weight of the points' owners, where the game has them")

enum loss_kind {
#define LOSS_ID(id, ...) LOSS_##id,
    LOSSES(LOSS_ID, LOSS_ID)
#undef LOSS_ID
        NUM_LOSSES
};

enum loss_target {       // what a row of a batch holds for a loss
    LOSS_TARGET_ACTIONS, // [actions]: probabilities
    LOSS_TARGET_RESULT,  // [3]: win, draw, loss probabilities for the mover
    LOSS_TARGET_NUMBER,  // [1]: a number
    LOSS_TARGET_POINTS,  // [h, w]: zero off the board
};

struct loss {
    const char *metric, *unit;
    enum loss_target target;
    double weight; // the default weight in the objective
    bool is_tuned; // whether a setting can change it
};
extern const struct loss loss_table[NUM_LOSSES];

// The number of floats of a row's target.
size_t loss_target_floats(enum loss_kind kind, size_t points, size_t actions);

// Weighted means over the rows, in nats and with the z-loss (softmax_loss in backend_verbs.h). That
// of the score is a Huber loss in units of ten points.
struct losses {
    double of[NUM_LOSSES];
    double total; // the objective: the sum of weight * loss, divided by all rows
    // The mean entropy of the targets, below which the policy loss can't fall.
    double policy_entropy;
    double gradient_norm;
    long long rows;
};

// --- Private to net/.

// Takes the buffers that the pass needs for targets, weights and losses.
enum status losses_take(struct pass *pass);
// Uploads the targets of the batch. Computes the losses, which losses_read returns, and, for the
// backward pass, the gradients at the heads' outputs of the sum over kinds of scales[kind] * loss.
// It does not wait for the device.
void losses_run(struct pass *pass, const struct batch *batch, const double scales[NUM_LOSSES]);
// Returns for each kind the sum over rows of weight * loss. It waits for the device, and may come
// after pass_backward.
void losses_read(struct pass *pass, double losses[NUM_LOSSES]);

#endif
