// A study of scale: trains a grid of shapes, budgets and seeds, rates all nets on one ladder,
// foretells one larger run before it is trained, and writes the report (exam/scale_report.h).
//
//   FOLDER/cells/4x48-20m-s1   a run folder for each training (run/run.h)
//   FOLDER/state.csv           the settings, the trainings that are finished, and the time of rating
//   FOLDER/prediction.csv      what was foretold; it is written once and never again
//   FOLDER/report.md, ...      the report
//
// Everything that is finished is kept, however the program ends: the same call goes on. More
// shapes, budgets or seeds add to a study that is there; other settings of the training are
// refused, since its nets would not compare. One process works in a folder at a time.
#ifndef SELFPLAY_SCALING_H
#define SELFPLAY_SCALING_H

#include "base/clock.h"
#include "base/log.h"
#include "exam/scale_study.h"
#include "selfplay/config.h"

enum { SCALING_MOST_DIALS = 8, SCALING_MOST_SEEDS = 100 };

struct scaling_shape {
    int blocks, channels;
};

struct scaling_params {
    const char *folder;
    // The settings of every training before they are resolved. Shape, time and seed are the grid's.
    const struct config *config;
    const struct scaling_shape *shapes;
    const double *budgets; // Seconds.
    int num_shapes, num_budgets, seeds;
    double hold_out;       // Seconds of the run that is predicted; 0: none.
    double rating_seconds; // For the ladder's games in all; it ends sooner where all is known.
    double half_interval;  // Elo to which every net shall be known.
    int visits;            // Of a move on the ladder.
    // Other numbers of visits at which the last nets of the first seed play.
    const int *dials;
    int num_dials;
    const char *machine;
    int processors;         // The threads where the config leaves them open.
    bool is_processor_time; // What the clock counts, for the state.
    const struct clock *clock;
    double (*wall)(void);
    const volatile bool *stop;
    const struct log *log;
    bool only_report; // Nothing is trained or played.
};

// STATUS_CANCELLED: it was stopped, and all that was finished is kept; no report is written then.
enum status scaling_run(const struct scaling_params *params);

// Reads "2x16,4x32". STATUS_USAGE, with a message, for anything else, and for one shape twice.
enum status scaling_read_shapes(const char *text, struct scaling_shape shapes[SCALE_MOST_SHAPES], int *num);
// Reads "20m,1h", likewise.
enum status scaling_read_budgets(const char *text, double budgets[SCALE_MOST_BUDGETS], int *num);
// Reads "0,4,16", likewise; "none" is none.
enum status scaling_read_visits(const char *text, int visits[SCALING_MOST_DIALS], int *num);

#endif
