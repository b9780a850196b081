// What to expect of a training: when measured runs of the same game became stronger than whom, at
// the pace of this machine.
#ifndef SELFPLAY_EXPECT_H
#define SELFPLAY_EXPECT_H

#include "selfplay/config.h"

enum { EXPECT_TEXT_BYTES = 400 };

// Writes one line for the log. `evaluations_per_s` is that of self-play over the whole time of the
// loop, with training and arena. `budget` is in seconds; 0: none. Returns false, without a text,
// where no run of this game, board and net was measured or the pace is not known.
bool expect_text(const struct config *config, const struct game *game, double evaluations_per_s, double budget,
                 char out[EXPECT_TEXT_BYTES]);

#endif
