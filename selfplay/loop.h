// The whole loop in one process: self-play, replay, training, checkpoints, gate and yardsticks, in a run folder.
//
//   iteration: every slot plays its share of evaluations -> finished games -> replay window
//              -> optimiser steps owed for the new rows -> the averaged net plays on -> one commit to the run folder
//   checkpoint (evenly over the budget): nets/STEP.safetensors; SPRT against the best decides what `best` names;
//              a few games against the present rung of fixed opponents show people where the run stands
//
// With --games as the only budget a run is a function of its settings and seed; threads do not matter (CPU backends).
#ifndef SELFPLAY_LOOP_H
#define SELFPLAY_LOOP_H

#include "base/clock.h"
#include "selfplay/config.h"

struct loop_params {
    const char *path;      // run folder; made when it is not there, continued when it is
    struct config *config; // resolved in place
    const char *machine;   // for the nets' provenance; NULL: not said
    int processors;        // threads where the config leaves them open, at least 1
    const struct clock *clock;
    double (*wall)(void);      // seconds since 1970, for files' stamps
    const volatile bool *stop; // set by a signal handler: save and return STATUS_CANCELLED
    bool quiet;                // the log goes to log.txt only
};
struct loop_report {
    long long games, step, best_step;
    double seconds;  // of training, all sessions
    char digest[65]; // of the newest checkpoint
};
enum status loop_run(const struct loop_params *params, struct loop_report *report);

#endif
