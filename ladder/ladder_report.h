// What a ladder says, for people, spreadsheets and papers.
//
//   elo.csv           one row a player, with units in the header
//   elo.gnuplot       draws all that follows from elo.csv; people may edit it and run it again
//   elo.svg, elo.png  Elo with 95 % bars over training time, with yardsticks below, if any
//   elo-games, elo-positions, elo-device-hours .svg .png
//                     the same over self-play games, training rows and device-hours
//
// Functions return STATUS_IO where a file can't be written.
#ifndef LADDER_LADDER_REPORT_H
#define LADDER_LADDER_REPORT_H

#include "ladder/ladder.h"

#include <stdio.h>

enum { LADDER_SCALE_BYTES = 96 };
// Names what fixes the scale, as in "GNU Go level 10 = 1800".
char *ladder_scale_text(const struct ladder *ladder, char out[LADDER_SCALE_BYTES]);

// Writes elo.csv and elo.gnuplot into `folder`, each whole or not at all.
enum status ladder_write(const struct ladder *ladder, const char *folder);
// Runs gnuplot there. Where there is none, *drawn is false, and the log says how to install it.
enum status ladder_draw(const char *folder, const struct log *log, bool *drawn);
// Prints the table, the times at which anchors were beaten, and doubts.
void ladder_print(const struct ladder *ladder, FILE *out);
// Writes the worst contradiction between games and ratings as a line; false: there is none.
bool ladder_doubt(const struct ladder *ladder, char *out, size_t out_bytes);

#endif
