// Checkpoints: the averaged net as a file, the gate that lets it become the best, and its games on the ladder.
#ifndef SELFPLAY_CHECKPOINT_H
#define SELFPLAY_CHECKPOINT_H

#include "arena/match.h"
#include "base/clock.h"
#include "net/train.h"
#include "run/run.h"
#include "selfplay/config.h"

struct checkpoint_params {
    struct run *run;
    const struct config *config;
    const struct game *game;
    struct train *train;
    const struct net *net; // in training: meta up to date, weights after train_sync
    const struct clock *clock;
    double (*wall)(void);
    double seconds, begun;    // of the run, and the clock, when these parameters were filled in
    double evaluations_per_s; // of self-play; 0: not known
    const volatile bool *stop;
};
// Saves the trainer so that the run can go on from here; no checkpoint.
enum status checkpoint_trainer(const struct checkpoint_params *params);
// Saves trainer and averaged net as a checkpoint, no games.
enum status checkpoint_save(const struct checkpoint_params *params);
// Saves trainer and averaged net, plays the gate and ladder games, and logs one line of each.
enum status checkpoint_make(const struct checkpoint_params *params);
// Whether a gate's match lets the candidate become the best: SPRT decides; undecided after all games, two fifths of the points are enough.
// Forty games have a standard error of 50 Elo, training from one checkpoint to the next adds a dozen, and so a net that has trained longer
// and scores a little less than half is more likely the better one. Half of the points would refuse half of equals: docs/lab.md.
bool checkpoint_passes(const struct match_result *of_candidate);
// Elo of the newest checkpoint that has one; NAN: none yet. For the metrics.
enum status checkpoint_elo(struct run *run, double *elo);

#endif
