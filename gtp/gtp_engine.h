// Inside gtp/: the state of our GTP engine. Other folders use gtp/gtp.h.
//
// The record is what the controller told us: a position that was set up, or the start of the game,
// and then moves of any colour in any order. The position is derived from it by playing the stones
// from where it begins. Between two stones there is one pass if their colours need it, and none
// otherwise, whatever passes the record has. So two stones of one colour in a row, and play that
// goes on after two passes, make legal games. Positional superko does not depend on passes, and two
// passes in a row only ever end the game for scoring. Handicap stones are set up. Therefore the clean-up of territory scoring occurs in searches only, never in
// the game: over GTP the players agree on who lives (gtp_score.c).
#ifndef GTP_GTP_ENGINE_H
#define GTP_GTP_ENGINE_H

#include "game/area.h"
#include "gtp/gtp.h"
#include "gtp/gtp_clock.h"
#include "gtp/gtp_parse.h"

struct gtp_move {
    int color, action;
    float winrate; // the mover's winning chance, 0..1; NAN: it was not our move
};

// The most leaves that one batch may have.
enum { GTP_MAX_BATCH = 64 };

struct gtp_engine {
    const struct gtp_params *params;
    // Borrowed.
    struct evaluator *evaluator;
    struct search *search;
    struct game game;
    // As the commands said it, for every game. GAME_KOMI_DEFAULT: the fair value for the size.
    double komi;
    // The rules in their canonical form, a string constant.
    const char *rules;
    // Those of the game at hand, for which a record may have brought others. game.komi has the
    // handicap bonus in it, this has not.
    double game_komi;
    const char *game_rules;
    struct rng rng;

    // The record. Where it begins: is_set_up says that it does with these stones, [height * width]
    // of +1 Black, -1 White, 0 none, and with setup_color to move; else at the start of the game.
    bool is_set_up;
    int8_t setup[GAME_MAX_SIDE * GAME_MAX_SIDE];
    int setup_color;
    // For how many handicap stones White gets the rules' bonus.
    int num_handicap;
    struct gtp_move *moves;
    int num_moves, max_moves;

    // Derived from the record: the position with to_play to move, and the actions that lead there
    // from the beginning, where base_color is to move.
    void *state;
    uint16_t *actions;
    int num_actions, to_play, base_color;

    // The actions that lead to the search's root; num_root_actions is -1 where there is no tree.
    uint16_t *root_actions;
    int num_root_actions;
    // The move that the root leaves out; GAME_NO_ACTION: none.
    int root_without;
    // Judgements of one batch, and their logits: [GTP_MAX_BATCH, num_actions].
    struct judgement judgements[GTP_MAX_BATCH];
    float *logits;
    struct gtp_clock clock;
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
// A new game on a board of this size, with the komi and the rules that the commands said.
bool gtp_engine_resize(struct gtp_engine *engine, int width, int height);
// The same with the komi (GAME_KOMI_DEFAULT: the fair one) and the rules of a record, which hold
// for this game alone. rules: a canonical text.
bool gtp_engine_new_game(struct gtp_engine *engine, int width, int height, double komi, const char *rules);
// A new game on the same board, with the komi and the rules that the commands said.
void gtp_engine_clear(struct gtp_engine *engine);
bool gtp_engine_set_komi(struct gtp_engine *engine, double komi);
// The komi of the game at hand without the handicap bonus.
double gtp_engine_komi(const struct gtp_engine *engine);
// Sets the rules while the board is empty. False: the text names no rules.
bool gtp_engine_set_rules(struct gtp_engine *engine, const char *text);
// Whether nothing stands on the board and nobody has moved.
bool gtp_engine_is_empty(const struct gtp_engine *engine);
// Makes the record begin with these stones, [height * width] of +1 Black, -1 White, 0 none, and
// with this colour to move. No move comes before, so that `undo` ends here. False: the rules allow
// no such position, or the game can't be set up; that has been said on stderr.
bool gtp_engine_set_up(struct gtp_engine *engine, const int8_t *stones, int color);
// The stones on the board, in the same form.
void gtp_engine_stones_now(struct gtp_engine *engine, int8_t *stones);
// Says for how many handicap stones White gets the rules' bonus.
void gtp_engine_set_handicap(struct gtp_engine *engine, int num_stones);
// Derives the position with this colour to move.
void gtp_engine_derive(struct gtp_engine *engine, int color);
// Makes the state after the first `num_actions` of the derived actions.
void gtp_engine_replay(const struct gtp_engine *engine, void *state, int num_actions);
// Adds a move to the record. False: it is illegal.
bool gtp_engine_play(struct gtp_engine *engine, int color, int action);
// Takes the last move back. False: there is none. What was set up stays.
bool gtp_engine_undo(struct gtp_engine *engine);
// The colour that is expected to move next: the opponent of the last move's; at the beginning the
// one that was set up to move, else Black.
int gtp_engine_next_color(const struct gtp_engine *engine);
// Thinks and returns a move (gtp_think.c); GAME_NO_ACTION: it resigns. *winrate is the mover's winning chance,
// 0..1, and NAN where no search decided.
int gtp_engine_think(struct gtp_engine *engine, int color, float *winrate);
// The stones as they stand, what we take them for (enum area_status, [height * width]), and Black's
// margin with komi when the dead ones are off. In gtp_score.c.
void gtp_engine_board(const struct gtp_engine *engine, struct area_board *board);
void gtp_engine_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status);
double gtp_engine_score(struct gtp_engine *engine);

// The fixed handicap points in the order of the standard [GTP 2, 4.1.1]. Returns their number; 0:
// the standard has none for this board and number of stones. It has none for oblong boards.
int gtp_handicap_points(int width, int height, int num_stones, uint16_t points[9]);

// Answers one command. In gtp_commands.c.
void gtp_answer(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply);
// Reads and answers commands until `quit` or the end of the input, with any evaluator as the net.
enum status gtp_loop(const struct gtp_params *params, struct evaluator *evaluator, FILE *in, FILE *out);

#endif
