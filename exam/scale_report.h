// What a study of scale says, for people, spreadsheets and papers.
//
//   report.md        tables, laws with their intervals, the prediction beside what came of it
//   scale.csv        one row for each net and number of visits, with units in the header
//   scale.gnuplot    draws the pictures; people may edit it and run it again
//   scale-parameters, scale-compute, scale-trade .svg .png
//   expect.csv       the rows that selfplay/expect.csv takes, so that `train` says what to expect
//
// Functions return STATUS_IO where a file can't be written.
#ifndef EXAM_SCALE_REPORT_H
#define EXAM_SCALE_REPORT_H

#include "base/log.h"
#include "base/status.h"
#include "exam/scale_study.h"

#include <stdio.h>

// Writes the files above except pictures and expect.csv, each whole or not at all.
enum status scale_write(const struct scale_study *study, const char *folder);
// Runs gnuplot there. Where there is none, *drawn is false, and the log says how to install it.
enum status scale_draw(const char *folder, const struct log *log, bool *drawn);
// Prints report.md.
void scale_print(const struct scale_study *study, FILE *out);

#endif
