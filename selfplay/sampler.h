// From recorded games to training rows: draws plies from the replay window, replays them, encodes them through a random
// symmetry, and computes every target.
#ifndef SELFPLAY_SAMPLER_H
#define SELFPLAY_SAMPLER_H

#include "net/train.h"
#include "run/replay.h"
#include "selfplay/config.h"

// Fills `batch` (cleared first) with `rows` rows. The replay must hold full rows. Threads may fill different batches at once.
void sampler_fill(const struct replay *replay, const struct config *config, struct rng *rng, int rows, struct batch *batch);

// One row: ply `ply` of `record` through `symmetry`, appended to the batch.
void sampler_row(const struct record *record, int ply, int symmetry, const struct config *config, struct batch *batch);

// The value target of a ply: win, draw, loss for its mover: outcome_weight of the result and, for the rest, the average of this
// and later search values with weights falling by exp(-1 / horizon) a ply, the result standing for all after the end.
void sampler_value(const struct record *record, int ply, double outcome_weight, double horizon, float wdl[3]);

#endif
