// Inside gtp/: the state of our GTP engine. Other folders use gtp/gtp.h.
//
// The record is what the controller told us: moves of any colour in any order. The position is
// derived from it by playing the stones from the start of the game. Between two stones there is one
// pass if their colours need it, and none otherwise, whatever passes the record has. So two stones
// of one colour in a row, handicap stones, and play that goes on after two passes all make legal
// games. Positional superko does not depend on passes, and two passes in a row only ever end the
// game for scoring. Therefore the clean-up of territory scoring occurs in searches only, never in
// the game: over GTP the players agree on who lives (gtp_score.c).
#ifndef GTP_GTP_ENGINE_H
#define GTP_GTP_ENGINE_H

#include "game/area.h"
#include "gtp/gtp.h"
#include "gtp/gtp_clock.h"
#include "gtp/gtp_parse.h"
#include "gtp/gtp_strength.h"

struct gtp_move {
    int color, action;
    float winrate; // the mover's winning chance, 0..1; NAN: it was not our move
};

// The most leaves that one batch may have.
enum { GTP_MAX_BATCH = 64 };
// More kinds of warnings than this are not given.
enum { GTP_MAX_WARNED = 32 };

struct gtp_engine {
    const struct gtp_params *params;
    // Borrowed.
    struct evaluator *evaluator;
    struct search *search;
    struct gtp_strength strength;
    // The game that is played and searched, and the one by whose rules and komi the score is
    // counted. They differ where the net has not learned to count so (gtp_unlearned.c).
    struct game game, counted;
    // As the controller told it. game.komi has the handicap bonus in it, this has not.
    // GAME_KOMI_DEFAULT: the fair value for the size.
    double komi;
    // The rules in their canonical form, a string constant.
    const char *rules;
    struct rng rng;

    // The record. Its first num_handicap moves are handicap stones.
    struct gtp_move *moves;
    int num_moves, max_moves;
    int num_handicap;

    // Derived from the record: the position with to_play to move, and the actions that lead there.
    void *state;
    uint16_t *actions;
    int num_actions, to_play;

    // The actions that lead to the search's root; num_root_actions is -1 where there is no tree.
    uint16_t *root_actions;
    int num_root_actions;
    // The move that the root leaves out; GAME_NO_ACTION: none.
    int root_without;
    // Judgements of one batch, and their logits: [GTP_MAX_BATCH, num_actions].
    struct judgement judgements[GTP_MAX_BATCH];
    float *logits;
    struct gtp_clock clock;
    // Keys of the warnings that were given (gtp_unlearned.c).
    uint64_t warned[GTP_MAX_WARNED];
    int num_warned;
    bool quit;
};

enum { GTP_TEXT_BYTES = 1 << 16 };
struct gtp_reply {
    bool failed;
    int num_bytes;
    char text[GTP_TEXT_BYTES];
};
// Appends to the answer. What does not fit is cut off.
void gtp_say(struct gtp_reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The failure that the standard wants for commands that there are not.
#define GTP_UNKNOWN "unknown command"
// Makes the answer a failure with this text.
void gtp_refuse(struct gtp_reply *reply, const char *error);

enum status gtp_engine_init(struct gtp_engine *engine, const struct gtp_params *params, struct evaluator *evaluator);
void gtp_engine_done(struct gtp_engine *engine);
// The functions below return false, and change nothing, when they are asked for what the rules, the
// net or the standard do not allow. GTP has one fixed error text for each command, so no reason is
// returned.
//
// A new game on a board of this size.
bool gtp_engine_resize(struct gtp_engine *engine, int size, double komi);
// A new game with the same size, komi and rules.
void gtp_engine_clear(struct gtp_engine *engine);
bool gtp_engine_set_komi(struct gtp_engine *engine, double komi);
// The komi without the handicap bonus.
double gtp_engine_komi(const struct gtp_engine *engine);
// Sets the rules while the board is empty. False: the text names no rules.
bool gtp_engine_set_rules(struct gtp_engine *engine, const char *text);
// Says how many of the first moves are handicap stones, for which White gets the rules' bonus.
void gtp_engine_set_handicap(struct gtp_engine *engine, int num_stones);
// Derives the position with this colour to move.
void gtp_engine_derive(struct gtp_engine *engine, int color);
// Adds a move to the record. False: it is illegal.
bool gtp_engine_play(struct gtp_engine *engine, int color, int action);
// Takes the last move back. False: there is none.
bool gtp_engine_undo(struct gtp_engine *engine);
// The colour that is expected to move next: the opponent of the last move's, and Black at the
// start.
int gtp_engine_next_color(const struct gtp_engine *engine);
// Thinks and returns a move (gtp_think.c); GAME_NO_ACTION: it resigns. *winrate is the mover's winning chance,
// 0..1, and NAN where no search decided.
int gtp_engine_think(struct gtp_engine *engine, int color, float *winrate);
// The stones as they stand, what we take them for (enum area_status, [height * width]), and Black's
// margin with komi when the dead ones are off. In gtp_score.c.
void gtp_engine_board(const struct gtp_engine *engine, struct area_board *board);
void gtp_engine_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status);
double gtp_engine_score(struct gtp_engine *engine);

// Boards and rules that the net has not learned (gtp_unlearned.c). The first sets engine->game by
// engine->counted; then whether the two count differently. Warnings are given once a kind.
void gtp_engine_choose_game(struct gtp_engine *engine);
bool gtp_engine_counts_otherwise(const struct gtp_engine *engine);
void gtp_engine_warn(struct gtp_engine *engine);
// Whether a move gains nothing over passing, where that matters: where the engine plays by area but
// territory is counted.
bool gtp_engine_is_for_nothing(struct gtp_engine *engine, int action);

// The fixed handicap points in the order of the standard [GTP 2, 4.1.1]. Returns their number; 0:
// the standard has none for this size and number of stones.
int gtp_handicap_points(int size, int num_stones, uint16_t points[9]);

// Answers one command. In gtp_commands.c.
void gtp_answer(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply);
// Reads and answers commands until `quit` or the end of the input, with any evaluator as the net.
enum status gtp_loop(const struct gtp_params *params, struct evaluator *evaluator, FILE *in, FILE *out);

#endif
