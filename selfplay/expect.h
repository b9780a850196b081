// What to expect of a training: how strong measured runs of the same game became when, at the pace
// of this machine.
//
// The runs stand in selfplay/expect.csv, which is part of the program. `tengen scale` writes rows
// for it (expect.csv in its folder). Rows of one run stand together and ascend in time; a run is
// known by its game, board, shape, seconds and evaluations.
#ifndef SELFPLAY_EXPECT_H
#define SELFPLAY_EXPECT_H

#include "selfplay/config.h"

enum { EXPECT_TEXT_BYTES = 500 };

#define EXPECT_HEADER                                                                                                          \
    "game,height,width,blocks,channels,run_seconds,evaluations [of self-play in the run],at_seconds,elo,elo_low,elo_high,"     \
    "scale,beats [for the first time],note\n"
// printf's arguments are those columns.
#define EXPECT_ROW "%s,%d,%d,%d,%d,%.1f,%.0f,%.1f,%.0f,%.0f,%.0f,%s,%s,%s\n"

// The lines of the table, the header first (cmake/lines.cmake).
extern const char *const expect_lines[];
extern const int expect_lines_count;

// Writes one line for the log. `evaluations_per_s` is that of self-play over the whole time of the
// loop, with training and arena. `budget` is in seconds; 0: none. Where no run of this game and
// board was measured, the line says so. Returns false, without a text, where the pace is not known.
bool expect_text(const struct config *config, const struct game *game, double evaluations_per_s, double budget,
                 char out[EXPECT_TEXT_BYTES]);

#endif
