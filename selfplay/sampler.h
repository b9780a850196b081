// From recorded games to training rows: draws plies from the replay window, replays them, encodes
// them through a random symmetry, and computes every target.
#ifndef SELFPLAY_SAMPLER_H
#define SELFPLAY_SAMPLER_H

#include "net/train.h"
#include "run/replay.h"
#include "selfplay/config.h"

// Clears `batch` and fills it with `rows` rows. The replay must hold full rows. Threads may fill
// different batches at once.
void sampler_fill(const struct replay *replay, const struct config *config, struct rng *rng, int rows, struct batch *batch);

// Appends one row to the batch: ply `ply` of `record` through `symmetry`.
void sampler_row(const struct record *record, int ply, int symmetry, const struct config *config, struct batch *batch);

// The value target of a ply: win, draw and loss for its mover. outcome_weight of it is the result.
// The rest is the average of this and later search values with weights that fall by exp(-1 /
// horizon) a ply; after the end the result stands for all of them.
void sampler_value(const struct record *record, int ply, double outcome_weight, double horizon, float wdl[3]);

#endif
