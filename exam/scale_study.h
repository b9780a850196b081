// A study of scale: nets of several shapes that learned for several budgets of time, rated on one
// ladder, and what follows from them. Plain data: whoever trains and rates (selfplay/scaling.h)
// fills in a study, and from it follow the findings, without a clock, a file or chance.
#ifndef EXAM_SCALE_STUDY_H
#define EXAM_SCALE_STUDY_H

#include "exam/scale_fit.h"
#include "exam/scale_value.h"

enum { SCALE_MARKS = 2, SCALE_MOST_SHAPES = 16, SCALE_MOST_BUDGETS = 16, SCALE_NAME_BYTES = 64 };

// A net of the study at one number of visits.
struct scale_net {
    char cell[SCALE_NAME_BYTES]; // The training that it comes from, such as "4x48-20m-s1".
    int blocks, channels, visits;
    long long seed, step, games, samples, parameters;
    double budget, seconds; // Of the training in all, and of training until this net; seconds.
    double evaluations;     // Of self-play until then.
    double net_flops;       // Floating-point operations of one evaluation.
    double elo, low, high;  // With its interval of 95 %.
    int rated_games;
    bool is_last, is_held_out;    // The training's last net; of the run that was predicted.
    char beats[SCALE_NAME_BYTES]; // The strongest fixed opponent that it was the first to beat; "": none.
    // Of the last nets of the largest budget and of the run held out; .num is 0 elsewhere.
    struct scale_value_error values[SCALE_FREQUENCIES][SCALE_THIRDS];
    double marks[SCALE_MARKS]; // Exact marks of the raw net, 0 to 1; NAN: none.
};

// What was said of the largest run before it was trained.
struct scale_prediction {
    bool is_made;
    int blocks, channels;
    double budget, elo, low, high;
    char date[32];
};

struct scale_study {
    char game[SCALE_NAME_BYTES], scale[96], machine[256]; // Such as "connect4 6x7", "uct:1024 = 1000".
    int threads, visits, rating_games;                    // `visits` are the usual ones.
    struct scale_net *nets;
    int num_nets;
    const char *mark_names[SCALE_MARKS]; // NULL: there is none.
    struct scale_prediction prediction;
    char value_cell[SCALE_NAME_BYTES]; // The training whose games the values were judged by; "": none.
    int value_games;                   // How many of them.
};

// Of all seeds of one shape at one budget.
struct scale_group {
    int num;
    double elo, spread, hours, flops; // Means, and the standard deviation of Elo over seeds (NAN: of one).
    double interval;                  // Half of the widest interval of their ratings.
};

// Errors of values of one shape in one class of positions.
struct scale_value_group {
    int num, positions; // Nets and positions.
    double mean, error; // Over nets, with its standard error.
    bool is_worse;      // Than the next smaller shape, by more than three standard errors.
};

struct scale_findings {
    int num_shapes, num_budgets;
    struct {
        int blocks, channels;
        long long parameters;
        double net_flops;
    } shapes[SCALE_MOST_SHAPES];        // Ascending by the cost of an evaluation.
    double budgets[SCALE_MOST_BUDGETS]; // Ascending, without the held-out run's.
    struct scale_group groups[SCALE_MOST_BUDGETS][SCALE_MOST_SHAPES];
    int best[SCALE_MOST_BUDGETS]; // The shape with the highest mean; -1: none is rated.
    // Laws over decimal logarithms, where .num is 0 if there is too little to fit: the frontier
    // (all seeds of the best shape at each budget) over hours and over FLOP, Elo over parameters at
    // equal steps, and Elo over the FLOP of training and of a move.
    struct scale_fit hours, flops, parameters, trade;
    long long common_step; // Of equal steps; 0: there is none.
    struct scale_group at_step[SCALE_MOST_SHAPES];
    // What 100 Elo more than the best of the largest budget cost in hours of this machine, with its
    // interval; NAN: not known.
    double hundred, hundred_low, hundred_high;
    struct scale_value_group values[SCALE_FREQUENCIES][SCALE_THIRDS][SCALE_MOST_SHAPES];
    const struct scale_net *held_out; // The last net of the predicted run; NULL: not there.
};

// Floating-point operations of the training until this net: one evaluation for each of self-play
// and three (forward, and twice that backward) for each row that was learned from.
double scale_training_flops(const struct scale_net *net);
// Those of one move at the net's visits, where the raw net makes one evaluation.
double scale_move_flops(const struct scale_net *net);
// What the study says. It points into the study.
void scale_find(struct scale_findings *out, const struct scale_study *study);
// Foretells a run of this length with the best shape of the largest budget. False: no law is known.
bool scale_predict(struct scale_prediction *out, const struct scale_study *study, double budget);

#endif
