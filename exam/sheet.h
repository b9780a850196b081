// A sheet of marks: who was examined in which subjects, and its table and pictures. Any thread may
// write one; it is a plain value.
#ifndef EXAM_SHEET_H
#define EXAM_SHEET_H

#include "exam/marks.h"

#include <stdio.h>

enum sheet_kind {
    SHEET_CHECKPOINT, // of a run
    SHEET_FIXED,      // an examinee that never changes, beside a run
    SHEET_PLAYER,     // whoever else was named
};

struct sheet_row {
    const char *name; // borrowed
    enum sheet_kind kind;
    const char *run; // of a checkpoint: its folder, borrowed; else NULL
    long long step;
    double seconds; // of training
    int visits;     // PLAYER_RAW: no search; 0: the examinee has its own, or doesn't search
    bool is_examined[EXAM_MAX_SUBJECTS];
    struct exam_marks marks[EXAM_MAX_SUBJECTS]; // by subject of the sheet
};

struct sheet {
    struct game game;
    uint64_t seed;
    const struct exam_subject *subjects[EXAM_MAX_SUBJECTS];
    int num_items[EXAM_MAX_SUBJECTS];
    int num_subjects;
    struct sheet_row *rows; // [num_rows]; the checkpoints of a run ascend by step
    int num_rows;
};

// The time of training from which on no raw checkpoint of the run (NULL: of any) has less than
// `share` in this subject; INFINITY: not yet.
double sheet_passed(const struct sheet *sheet, const char *run, int subject, double share);
// Writes exam.csv and exam.gnuplot into a folder that is there.
enum status sheet_write(const struct sheet *sheet, const char *folder);
// Draws exam.svg and exam.png there. Where there is no gnuplot *drawn is false.
enum status sheet_draw(const char *folder, bool *drawn);
// Prints a table for people.
void sheet_print(const struct sheet *sheet, FILE *out);
// Such as "raw" or "100 visits"; "" for who has no choice. Returns out.
char *sheet_visits_text(int visits, char out[32]);

#endif
