// What the files of a study of scale share. Nothing outside them includes this.
#ifndef SELFPLAY_SCALING_PARTS_H
#define SELFPLAY_SCALING_PARTS_H

#include "selfplay/scaling.h"

enum { SCALING_SETTINGS_BYTES = 2048 };

struct scaling_cell {
    char name[SCALE_NAME_BYTES];
    struct scaling_shape shape;
    double budget, seconds; // `seconds` are those that its training took.
    int seed;
    bool is_held_out, is_finished;
};

struct scaling {
    const struct scaling_params *params;
    char settings[SCALING_SETTINGS_BYTES]; // What all trainings share, as one line.
    struct game game;
    struct scaling_cell *cells; // Those of the plan, short ones first, and then the one held out.
    int num_cells;
    // Of the two rounds of rating: the seconds that were played, and how many trainings there were
    // when it came to its end (0: it has not).
    double rated[2];
    int rated_cells[2];
    struct scale_prediction prediction;
    double began, began_wall, told; // Of this session, and of the last line of progress.
    const struct scaling_cell *now; // In training.
};

// How many trainings are finished, with or without the one held out.
int scaling_num_finished(const struct scaling *s, bool with_held_out);
// Adds a cell to the plan, where it is not in it; returns it. Pointers to other cells become
// invalid.
struct scaling_cell *scaling_add_cell(struct scaling *s, const struct scaling_cell *cell);
// Puts the cell's shape, time and seed into a config, and leaves the ladder to the study.
void scaling_cell_config(struct config *config, const struct scaling_cell *cell);
// Writes down what all trainings share, and opens the game.
enum status scaling_settings(struct scaling *s);
// Reads state.csv and prediction.csv where they are there. STATUS_USAGE: the study was begun with
// other settings.
enum status scaling_load(struct scaling *s);
enum status scaling_save(const struct scaling *s);
enum status scaling_save_prediction(const struct scaling *s);
// Writes expect.csv: for each budget the best shape's middle training, as selfplay/expect.csv has
// it.
enum status scaling_save_expect(const struct scaling *s, const struct scale_study *study);
// Reads the finished trainings and their ladder (with_values: and games and nets, to see where
// values err) into a study, which scaling_study_done frees.
enum status scaling_gather(const struct scaling *s, bool with_values, struct scale_study *study);
void scaling_study_done(struct scale_study *study);

#endif
