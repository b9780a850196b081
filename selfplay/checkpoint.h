// Checkpoints: the averaged net as a file, the gate that lets it become the best, and its games on
// the ladder. All of this runs in the thread of the loop, which owns the run.
#ifndef SELFPLAY_CHECKPOINT_H
#define SELFPLAY_CHECKPOINT_H

#include "arena/match.h"
#include "base/clock.h"
#include "net/train.h"
#include "run/run.h"
#include "selfplay/config.h"

struct checkpoint_params {
    // The ranks that play the gate together (selfplay/team.h), of which this is rank 0; NULL: alone.
    struct cluster *cluster;
    struct run *run;
    const struct config *config;
    const struct game *game;
    struct train *train;
    // The net in training, with its meta up to date and its weights as of train_sync.
    const struct net *net;
    const struct clock *clock;
    double (*wall)(void);
    // Seconds of the run, and the clock, when these parameters were filled in.
    double seconds, begun;
    double evaluations_per_s; // Of self-play; 0: not known.
    const volatile bool *stop;
};
// Saves the trainer so that the run can go on from here, without a checkpoint.
enum status checkpoint_trainer(const struct checkpoint_params *params);
// Saves the trainer and the averaged net as a checkpoint, without games.
enum status checkpoint_save(const struct checkpoint_params *params);
// Saves the trainer and the averaged net, plays the gate and ladder games, and logs one line of
// each.
enum status checkpoint_make(const struct checkpoint_params *params);
// What a rank above 0 does at ORDER_GATE: it plays its part of the match. Of the parameters it needs
// those that don't speak of the run.
enum status checkpoint_follow_gate(const struct checkpoint_params *params);
// Whether the match of its gate lets the candidate become the best. The SPRT decides; where it is
// undecided after all games, two fifths of the points are enough. Forty games have a standard error
// of 50 Elo, while training from one checkpoint to the next adds a dozen. So a net that has trained
// longer and scores a little less than half is more likely the better one, and to ask for half of
// the points would refuse half of all equals (docs/lab.md).
bool checkpoint_passes(const struct match_result *of_candidate);
// The same for the log, with the reason: a net that lost more games than it won may pass. Returns
// `out`.
enum { CHECKPOINT_VERDICT_BYTES = 80 };
char *checkpoint_verdict(const struct match_result *of_candidate, char out[CHECKPOINT_VERDICT_BYTES]);
// The Elo of the newest checkpoint that has one; NAN: there is none yet. It is for the metrics.
enum status checkpoint_elo(struct run *run, double *elo);

#endif
