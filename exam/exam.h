// Exams: what a net knows, asked in questions with exact answers.
//
// A subject makes papers: positions that are drawn from a seed, with the truth about each by the
// rules or by exact search, never from books. It is one row of the table in exam.c and one file,
// such as go_ladders.c. Whoever answers (marks.h) is told the position and nothing else.
//
//   subject --make(seed, number)--> paper of items --marks.h--> marks of a net, a search, a program
//
// A paper is a pure function of its wish. Papers may be made on several threads at once, and a
// finished one may be read from any thread.
#ifndef EXAM_EXAM_H
#define EXAM_EXAM_H

#include "game/game.h"

enum {
    EXAM_NOT_ASKED = 2, // as a result
    EXAM_NO_PAIR = -1,
    EXAM_MAX_SUBJECTS = 64,
};
// The seeds of the two usual papers. What is tuned is looked at with the first; the second is kept
// for control, so that tuning to the exam shows.
enum { EXAM_SEED_EVERYDAY = 1, EXAM_SEED_CONTROL = 1000003 };

// A question. Its memory belongs to the paper.
struct exam_item {
    struct game game; // open, with the item's own komi
    void *state;      // [game.state_bytes]: not over
    bool *right;      // [game.num_actions]: the moves that are right; NULL: no move is asked
    int num_legal, num_right;
    // For the mover when both sides play their best: +1 a win, 0 a draw, -1 a loss.
    int result;       // EXAM_NOT_ASKED: it isn't asked
    double score;     // the mover's final margin with komi; NAN: it isn't asked
    long long nodes;  // of the search that found the truth: how hard it is
    const char *kind; // a string constant, such as "works" or "ko"
    int pair;         // items with the same number differ in one thing; EXAM_NO_PAIR: it has none
    int band;         // where a subject has steps (plies, lengths): the step
};

struct exam_subject;

struct exam_paper {
    const struct exam_subject *subject;
    struct exam_item *items; // [num_items]
    int num_items, max_items;
    uint64_t seed;
    long long refused; // positions that were drawn, and whose truth was not found in bounded time
};

struct exam_wish {
    // The board and rules that the examinee knows. Subjects with boards of their own (opening
    // theory, boards small enough for a solver) take from it the rules alone.
    const struct game *like;
    uint64_t seed;
    // About how many; pairs are not torn apart, and a subject that has no more gives fewer. 0: its
    // usual number.
    int num_items;
    const volatile bool *stop; // may be NULL
    // Called after every item; may be NULL.
    void (*on_item)(void *context, int done, int of);
    void *context;
};

struct exam_subject {
    const char *name;  // for command lines and files: "ladders"
    const char *title; // for people: "Ladders"
    const char *game;  // the game it is about
    int usual_items;
    // Whether the moves of its items are the questions that count. If not, the results are.
    bool asks_moves;
    // A pair is one question, which is answered right where both of its items are.
    bool by_pairs;
    // Whether there is such a paper for this board. NULL: for every board of the game.
    bool (*fits)(const struct game *like);
    // Fills a paper that is empty. STATUS_CANCELLED: stopped.
    enum status (*make)(const struct exam_wish *wish, struct exam_paper *paper);
};

// The table of subjects; exam_subject_at returns NULL beyond its end.
const struct exam_subject *exam_subject_at(int index);
const struct exam_subject *exam_subject_find(const char *game, const char *name);
// Fills `subjects` [EXAM_MAX_SUBJECTS] with those of a list like "ladders,life" that fit the board,
// or with all that fit it (list NULL or ""), and returns their number in *num. STATUS_USAGE: the
// list has a name that the game doesn't know.
enum status exam_subjects_for(const struct game *like, const char *list, const struct exam_subject **subjects, int *num);

// Makes a paper; the caller frees what is in it with exam_paper_done, after failures, too.
enum status exam_make(const struct exam_subject *subject, const struct exam_wish *wish, struct exam_paper *paper);
void exam_paper_done(struct exam_paper *paper);

// For subjects. Adds an item with a copy of the state; its moves and results are not asked until
// they are filled in. The pointer is good until the next item is added.
struct exam_item *exam_add(struct exam_paper *paper, const struct game *game, const void *state, const char *kind);
// Gives the item its flags, with no move right yet.
bool *exam_ask_moves(struct exam_item *item);
// Removes the item that was added last.
void exam_drop(struct exam_paper *paper);
// Finds the item's result, and with `moves` which of its moves are right, by proofs (proof.h, which
// says what closed points and waits are). False: the truth was not found; the item is to be dropped.
// Its `nodes` are those of all proofs.
struct proof;
bool exam_prove(struct exam_item *item, struct proof *proof, const bool *closed, int waits, bool moves);
// Says to whoever waits that so many items are done. STATUS_CANCELLED: stopped.
enum status exam_progress(const struct exam_wish *wish, const struct exam_paper *paper);
// Whether a subject's loop goes on: items are missing, nothing has failed, and nobody has stopped it
// (then *status becomes STATUS_CANCELLED).
bool exam_goes_on(const struct exam_wish *wish, const struct exam_paper *paper, enum status *status);
int exam_wanted(const struct exam_wish *wish, const struct exam_subject *subject);

extern const struct exam_subject exam_go_tiny, exam_go_openings, exam_go_ladders, exam_go_life, exam_go_races, exam_go_endgame,
    exam_go_traps;
extern const struct exam_subject exam_connect4_plies, exam_othello_endings, exam_hex_small, exam_hex_rooms, exam_gomoku_fours,
    exam_breakthrough_races;

#endif
