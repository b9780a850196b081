// The losses of training: one row each, in LOSSES, and one function each, in losses.c.
//
// A row says everything that others need to know: batches carve up a target and a weight for it, passes upload them, trainers add
// up and report, the loop smooths and logs, settings offer a weight. All of them walk the table.
#ifndef NET_LOSSES_H
#define NET_LOSSES_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct batch;
struct net_config;
struct pass;

// FIXED(id, function, metric, unit, target, exists, weight)
// TUNED(id, function, metric, unit, target, exists, weight, option, help): a setting of a run changes the weight.
// function: losses.c computes it in function_loss. metric: its name in metrics.csv and TensorBoard, a promise. exists: what a net must
// have, of losses.c. weight: what it is multiplied by in the objective. Policy, reply, value and ownership in KataGo's proportions
// [Wu 2019, Methods.md: 1, 0.15, 1.2 to 1.5, 1.5 a board mean]; score so that its gradient, bounded by the weight, stays far below the
// value's.
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
    LOSS_TARGET_NUMBER,  // [1]
    LOSS_TARGET_POINTS,  // [h, w]: zero off the board
};

struct loss {
    const char *metric, *unit;
    enum loss_target target;
    double weight; // in the objective, unless a setting says otherwise
    bool is_tuned; // there is such a setting
};
extern const struct loss loss_table[NUM_LOSSES];

// Floats of a row's target.
size_t loss_target_floats(enum loss_kind kind, size_t points, size_t actions);

// Means over rows with weight, in nats, the z-loss (backend_verbs.h) included; the score's is Huber in units of 10 points.
struct losses {
    double of[NUM_LOSSES];
    double total;          // the objective: sum of weight * loss over rows, divided by all rows
    double policy_entropy; // of the target: the floor of the policy loss
    double gradient_norm;
    long long rows;
};

// Private to net/.

// Takes what the pass needs for the losses: targets, weights, rows.
enum status losses_take(struct pass *pass);
// Uploads the targets of the batch and computes losses (sums over rows of weight * loss, read by losses_read) and, for the backward
// pass, the gradients of sum over kinds of scales[kind] * loss at the heads' outputs. Does not wait for the device.
void losses_run(struct pass *pass, const struct batch *batch, const double scales[NUM_LOSSES]);
void losses_read(struct pass *pass, double losses[NUM_LOSSES]); // waits; may come after pass_backward

#endif
