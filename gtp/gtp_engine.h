// Inside arena/: the state of our GTP engine. Outside, gtp_serve is all there is.
//
// The record is what the controller told us: moves of any colour in any order. The position is derived from it by replay:
// between two stones stands one pass where the colours need it, and none where they don't. So two stones of one colour in a
// row, handicap stones, and play that is taken up again after two passes are all legal games; positional superko is not
// touched by passes, and two passes only ever end the game for scoring. So the clean-up of territory scoring is only ever searched, never
// played: over GTP who lives is agreed (gtp_score.c).
#ifndef GTP_GTP_ENGINE_H
#define GTP_GTP_ENGINE_H

#include "game/area.h"
#include "gtp/gtp.h"
#include "gtp/gtp_clock.h"
#include "gtp/gtp_parse.h"

struct gtp_move {
    int color, action;
    float winrate; // of the mover, NAN: not ours
};

struct gtp_engine {
    const struct gtp_params *params;
    struct evaluator *evaluator; // borrowed
    struct search *search;
    struct game game;
    double komi;       // as told, without the handicap bonus that game.komi has in it; GAME_KOMI_DEFAULT: fair for the size
    const char *rules; // canonical: a string constant
    struct rng rng;

    struct gtp_move *moves; // the record
    int num_moves, max_moves;
    int num_handicap; // the first moves that are handicap stones

    void *state;       // derived: the position with `to_play` to move
    uint16_t *actions; // ... and the actions that lead there
    int num_actions, to_play;

    uint16_t *root_actions; // actions that lead to the search's root
    int num_root_actions;   // -1: no tree
    int root_without;       // the move that the root lacks, GAME_NO_ACTION: none
    struct judgement judgements[64];
    float *logits; // [64, num_actions], storage of the judgements
    struct gtp_clock clock;
    bool quit;
};

enum { GTP_TEXT_BYTES = 1 << 16 };
struct gtp_reply {
    bool failed;
    int num_bytes;
    char text[GTP_TEXT_BYTES];
};
void gtp_say(struct gtp_reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gtp_refuse(struct gtp_reply *reply, const char *error);

enum status gtp_engine_init(struct gtp_engine *engine, const struct gtp_params *params, struct evaluator *evaluator);
void gtp_engine_done(struct gtp_engine *engine);
// A new game of this size; false, and nothing changed: we don't play that.
bool gtp_engine_resize(struct gtp_engine *engine, int size, double komi);
void gtp_engine_clear(struct gtp_engine *engine);
bool gtp_engine_set_komi(struct gtp_engine *engine, double komi);
double gtp_engine_komi(const struct gtp_engine *engine); // without the handicap bonus
// Of an empty board; false: not readable.
bool gtp_engine_set_rules(struct gtp_engine *engine, const char *text);
// The first moves are this many handicap stones: White gets the rules' bonus for them.
void gtp_engine_set_handicap(struct gtp_engine *engine, int num_stones);
// Derives the position with this colour to move.
void gtp_engine_derive(struct gtp_engine *engine, int color);
// Adds to the record. False: illegal.
bool gtp_engine_play(struct gtp_engine *engine, int color, int action);
bool gtp_engine_undo(struct gtp_engine *engine);
// Colour that would move next: the other one than the last move's; Black at the start, White after handicap stones.
int gtp_engine_next_color(const struct gtp_engine *engine);
// Thinks. GAME_NO_ACTION: resigns. *winrate: of the mover, NAN where no search decided.
int gtp_engine_think(struct gtp_engine *engine, int color, float *winrate);
// gtp_score.c: stones as they stand, and what we hold them for, enum area_status [h * w].
void gtp_engine_board(const struct gtp_engine *engine, struct area_board *board);
void gtp_engine_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status);
double gtp_engine_score(struct gtp_engine *engine); // Black's margin with komi, dead stones off

// Fixed handicap points in the order of the standard [GTP 2, 4.1.1]; returns their number, 0: none for this size and number.
int gtp_handicap_points(int size, int num_stones, uint16_t points[9]);

// Answers one command (gtp_commands.c).
void gtp_answer(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply);
// Reads commands until quit or end of input, with any judge.
enum status gtp_loop(const struct gtp_params *params, struct evaluator *evaluator, FILE *in, FILE *out);

#endif
