// What a ladder says, for people, spreadsheets and papers.
//
//   elo.csv       one row a player, header with units      elo.gnuplot   draws all that follows from elo.csv; edit and run it again
//   elo.svg, elo.png                                       Elo with 95 % bars over training time, yardsticks below where there are some
//   elo-games, elo-positions, elo-device-hours .svg .png   the same over self-play games, training rows and device-hours
#ifndef LADDER_LADDER_REPORT_H
#define LADDER_LADDER_REPORT_H

#include "ladder/ladder.h"

#include <stdio.h>

enum { LADDER_SCALE_BYTES = 96 };
// "GNU Go level 10 = 1800".
char *ladder_scale_text(const struct ladder *ladder, char out[LADDER_SCALE_BYTES]);

// Writes elo.csv and elo.gnuplot into `folder`, whole or not at all.
enum status ladder_write(const struct ladder *ladder, const char *folder);
// Runs gnuplot there. *drawn false, with a line that says how to install it, where there is none.
enum status ladder_draw(const char *folder, const struct log *log, bool *drawn);
// Table, times to beat the anchors, doubts.
void ladder_print(const struct ladder *ladder, FILE *out);
// The worst contradiction between games and ratings as a line; false: none.
bool ladder_doubt(const struct ladder *ladder, char *out, size_t out_bytes);

#endif
