// Answers to papers, and the marks they get.
//
//   marks_judge     a raw net (or any evaluator): its policy's first choice and its value
//   marks_search    a search with an evaluator
//   marks_random    uniformly random moves
//   marks_program   a program that speaks GTP, where it can be told the position
//
// Each fills answers [paper->num_items]; marks_count turns them into marks. The answers are a
// function of the paper, the examinee and the seed.
#ifndef EXAM_MARKS_H
#define EXAM_MARKS_H

#include "arena/player.h"
#include "exam/exam.h"

struct exam_answer {
    bool is_given; // false: the examinee can't be told this position
    int action;    // its move; GAME_NO_ACTION: none
    // The probability that it gives to all right moves together; NAN: it has none, or none is asked.
    double probability;
    double value; // what it expects for the mover, -1..1; NAN: it doesn't say
};

struct exam_marks {
    // Questions are the moves asked, or in a subject that doesn't count moves the results; or pairs of
    // these, in a subject by_pairs.
    int questions, right;
    int moves, moves_right;     // items that asked for a move and were answered
    int results, results_right; // items that asked for a result: the sign of the value
    double probability;         // mean over `moves`; NAN: it isn't known
    double value_error;         // mean distance of the value from the result, 0..2; NAN: not known
    double chance;              // the share of questions that chance answers right
};

struct marks_params {
    uint64_t seed;
    const volatile bool *stop; // may be NULL
    const struct clock *clock; // for programs
    // Called as items are answered, with how many more; may be NULL.
    void (*on_items)(void *context, int num);
    void *context;
};

enum { MARKS_BATCH = 32 }; // positions that are judged at once

enum status marks_judge(const struct exam_paper *paper, struct evaluator *evaluator, const struct marks_params *params,
                        struct exam_answer *answers);
// The search has `visits` of the root for each position. evaluator NULL: one random playout a leaf.
enum status marks_search(const struct exam_paper *paper, struct evaluator *evaluator, const struct search_params *search,
                         int visits, const struct marks_params *params, struct exam_answer *answers);
void marks_random(const struct exam_paper *paper, const struct marks_params *params, struct exam_answer *answers);
// Positions with a history (a ko, a pass), and boards that are not square, are not given. STATUS_IO:
// the program broke.
enum status marks_program(const struct exam_paper *paper, const struct player *player, const struct marks_params *params,
                          struct exam_answer *answers);
// Whichever of these the player needs. visits: PLAYER_RAW, or as many as it is to make; UCT and
// random play have their own.
enum status marks_player(const struct exam_paper *paper, const struct player *player, struct evaluator *evaluator, int visits,
                         const struct marks_params *params, struct exam_answer *answers);

void marks_count(const struct exam_paper *paper, const struct exam_answer *answers, struct exam_marks *marks);
// The share of questions answered right with its 95 % interval [Wilson 1927]; NAN without questions.
void marks_share(const struct exam_marks *marks, double *share, double *low, double *high);

#endif
