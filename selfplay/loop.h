// The whole loop in one process: self-play, replay, training, checkpoints, gate and ladder, in a
// run folder.
//
//   iteration: every slot plays its share of evaluations -> finished games -> replay window
//              -> optimiser steps owed for the new rows -> the averaged net plays on
//              -> one commit to the run folder
//   checkpoint (evenly over the budget): nets/STEP.safetensors; an SPRT against the best decides
//              what `best` names; a few ladder games show people where the run stands
//
// With --games as the only budget a run is a function of its settings and its seed; the number of
// threads does not matter (on the CPU backends).
#ifndef SELFPLAY_LOOP_H
#define SELFPLAY_LOOP_H

#include "base/clock.h"
#include "cluster/cluster.h"
#include "selfplay/config.h"

struct loop_params {
    // The ranks that train together, of which this process is rank 0; the others call follow_run
    // (selfplay/follow.h). After a failure the caller ends them (cluster_abort). NULL: this process
    // alone.
    struct cluster *cluster;
    // The run folder. It is made when it is not there, and continued when it is.
    const char *path;
    struct config *config; // Resolved in place.
    const char *machine;   // For the provenance of the nets; NULL: not said.
    int processors;        // The threads where the config leaves them open; at least 1.
    const struct clock *clock;
    double (*wall)(void); // Seconds since 1970, which date files.
    // Set by a signal handler: the run saves and returns STATUS_CANCELLED.
    const volatile bool *stop;
    // The command that goes on after a stop, for the log; NULL: the one that has begun the session.
    const char *go_on;
    bool quiet; // The log goes to log.txt only.
    // Called with the share of the budget that is spent, after each progress line; NULL: nobody is.
    void (*on_progress)(void *context, double progress);
    void *context;
};
struct loop_report {
    long long games, step, best_step;
    double seconds;  // Of training, over all sessions.
    char digest[65]; // Of the newest checkpoint.
};
enum status loop_run(const struct loop_params *params, struct loop_report *report);

#endif
