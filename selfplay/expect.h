// What to expect of a training: when measured runs of the same game became stronger than whom, at this machine's pace.
#ifndef SELFPLAY_EXPECT_H
#define SELFPLAY_EXPECT_H

#include "selfplay/config.h"

enum { EXPECT_TEXT_BYTES = 400 };

// One line for the log. evaluations_per_s: of self-play over the whole loop's time, training and arena included. budget: seconds, 0:
// none. False, and no text, where no run of this game, board and net was measured or the pace is not known.
bool expect_text(const struct config *config, const struct game *game, double evaluations_per_s, double budget,
                 char out[EXPECT_TEXT_BYTES]);

#endif
