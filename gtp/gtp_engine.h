// Inside gtp/: the state of our GTP engine. Other folders use gtp/gtp.h.
//
// The record is what the controller told us: a position that was set up, or the start of the game,
// and then moves. The position is derived from it by playing them from where it begins. In Go these
// are moves of any colour in any order. Between two stones there is one pass if their colours need
// it, and none otherwise, whatever passes the record has. So two stones of one colour in a row, and
// play that goes on after two passes, make legal games. Positional superko does not depend on
// passes, and two passes in a row only ever end the game for scoring. Therefore the clean-up of
// territory scoring occurs in searches only, never in the game: over GTP the players agree on who
// lives (gtp_score.c). Handicap stones are set up. In the other games a pass is put in where the
// rules force one, and otherwise the sides move when it is their turn.
#ifndef GTP_GTP_ENGINE_H
#define GTP_GTP_ENGINE_H

#include "game/area.h"
#include "gtp/gtp.h"
#include "gtp/gtp_channel.h"
#include "gtp/gtp_clock.h"
#include "gtp/gtp_handicap.h"
#include "gtp/gtp_parse.h"
#include "gtp/gtp_strength.h"

struct gtp_engine;
struct gtp_move {
    int color, action;
    float winrate; // the mover's winning chance, 0..1; NAN: it was not our move
};

// Who hears of a search while it goes on.
struct gtp_watch {
    double interval;                                          // seconds between reports
    void (*report)(struct gtp_engine *engine, void *context); // NULL: nobody
    void *context;
};

// The most leaves that one batch may have.
enum { GTP_MAX_BATCH = 64 };
// More kinds of warnings than this are not given.
enum { GTP_MAX_WARNED = 32 };

struct gtp_engine {
    // A copy of what the engine was given (`given`), which commands may change (gtp_settings.h).
    // `params` points to it.
    struct gtp_params settings;
    const struct gtp_params *params;
    const struct gtp_params *given;
    // Borrowed.
    struct evaluator *evaluator;
    struct search *search;
    struct gtp_strength strength;
    const char *game_name;
    // The game that is played and searched, and the one by whose rules and komi the score is
    // counted. They differ where the net has not learned to count so (gtp_unlearned.c).
    struct game game, counted;
    // The limit that the game was opened with; 0: its default. It grows with the record.
    int max_plies;
    // As the commands said it, for every game. GAME_KOMI_DEFAULT: the fair value for the size.
    double komi;
    // The rules in their canonical form, a string constant.
    const char *rules;
    // Those of the game at hand, for which a record may have brought others. game.komi has the
    // handicap bonus in it and is within the game's bounds; this is neither.
    double game_komi;
    const char *game_rules;
    struct rng rng;

    // The record. Where it begins: is_set_up says that it does with these stones, [height * width]
    // of +1 Black, -1 White, 0 none, and with setup_color to move; else at the start of the game.
    bool is_set_up;
    int8_t setup[GAME_MAX_SIDE * GAME_MAX_SIDE];
    int setup_color;
    // How many handicap stones were set up, and for how many White gets the rules' bonus: Black's
    // moves before any other are handicap stones, too.
    int num_handicap, num_counted;
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
    // The root lacks some of its moves.
    bool is_root_partial;
    // Judgements of one batch, their logits [GTP_MAX_BATCH, num_actions], and their ownership
    // [GTP_MAX_BATCH, height, width], which only some searches want.
    struct judgement judgements[GTP_MAX_BATCH];
    float *logits, *ownership;
    struct gtp_clock clock;
    // Keys of the warnings that were given (gtp_unlearned.c).
    uint64_t warned[GTP_MAX_WARNED];
    int num_warned;
    // What it thought about its latest move, for people; "": nothing.
    char explanation[256];
    // The controller asks for the rules, as GoGui does, so that it reads GTP's vertices.
    bool asks_rules;
    // The controller, which may interrupt a search; NULL: there is none but the caller.
    struct gtp_channel *channel;
    struct gtp_watch watch;
    enum gtp_patience patience; // of a search for a move
    // The moves that such a search leaves out, as for search_restrict; NULL: none.
    const uint16_t *until;
    // The latest think has searched, so that its search may be reported.
    bool has_searched;
    // It was said that the clock gives no time.
    bool has_said_empty;
    // Dead stones are captured before the engine passes.
    bool cleans_up;
    // The engine may search on while the controller is silent, and it has moved last.
    bool ponders, is_pondering;
    bool quit;
};

// An answer, which grows as it has to. Begin with zeros.
struct gtp_reply {
    bool failed;
    // The answer's head is written already, and what is left of it is the text.
    bool is_begun;
    size_t num_bytes; // of `text` before the zero at its end
    char *text;
    size_t max_bytes; // the room that `text` has
};
// Makes the answer an empty success.
void gtp_reply_start(struct gtp_reply *reply);
void gtp_reply_done(struct gtp_reply *reply);
// Appends to the answer.
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
// The same with the bonus.
double gtp_engine_full_komi(const struct gtp_engine *engine);
// Sets the rules. False: the text names none, or the moves of the record are not legal in them.
bool gtp_engine_set_rules(struct gtp_engine *engine, const char *text);
// Whether nothing stands on the board and nobody has moved.
bool gtp_engine_is_empty(const struct gtp_engine *engine);
// Makes the record begin with these stones, [height * width] of +1 Black, -1 White, 0 none, and
// with this colour to move. No move comes before, so that `undo` ends here. False: the rules allow
// no such position, or the game can't be set up; that has been said on stderr.
bool gtp_engine_set_up(struct gtp_engine *engine, const int8_t *stones, int color);
// The stones on the board, in the same form.
void gtp_engine_stones_now(struct gtp_engine *engine, int8_t *stones);
// Says for how many stones that were set up White gets the rules' bonus.
void gtp_engine_set_handicap(struct gtp_engine *engine, int num_stones);
// Derives the position with this colour to move, or with the other one where the rules don't let
// it (to_play says which).
void gtp_engine_derive(struct gtp_engine *engine, int color);
// Makes the state after the first `num_actions` of the derived actions.
void gtp_engine_replay(const struct gtp_engine *engine, void *state, int num_actions);
// Adds a move to the record. False: it is illegal, or not this colour's turn in a game whose sides
// can't move out of turn.
bool gtp_engine_play(struct gtp_engine *engine, int color, int action);
// Takes the last move back. False: there is none. What was set up stays.
bool gtp_engine_undo(struct gtp_engine *engine);
// The colour that is expected to move next: the opponent of the last move's; at the beginning the
// one that was set up to move, else Black. After gtp_engine_derive with it, to_play is who moves.
int gtp_engine_next_color(const struct gtp_engine *engine);
// The pass that ends the game as a win, because the opponent has passed, where the search saw no
// win before that: by the rules it wins, but stones that are dead may be what wins it. Analysis
// leaves it out. GAME_NO_ACTION: there is none.
int gtp_engine_doubtful_pass(struct gtp_engine *engine);
// Thinks and returns a move (gtp_think.c); GAME_NO_ACTION: it resigns. *winrate is the mover's
// winning chance, 0..1, and NAN where no search decided.
int gtp_engine_think(struct gtp_engine *engine, int color, float *winrate);
// Adds a move of our own to the record, after which the engine may ponder.
void gtp_engine_play_own(struct gtp_engine *engine, int color, int action, float winrate);
// By these rules (Tromp and Taylor's) the players don't agree on who lives: all stones that stand
// live.
bool gtp_engine_counts_as_it_stands(const struct gtp_engine *engine);
// The stones as they stand, what we take them for (enum area_status, [height * width]), and Black's
// margin with komi when the dead ones are off. In gtp_score.c.
void gtp_engine_board(const struct gtp_engine *engine, struct area_board *board);
void gtp_engine_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status);
double gtp_engine_score(struct gtp_engine *engine);
// What gtp_engine_stones would say under rules by which dead stones are taken off.
void gtp_engine_guess_stones(struct gtp_engine *engine, const struct area_board *board, uint8_t *status);

// Boards and rules that the net has not learned (gtp_unlearned.c). The first sets engine->game by
// engine->counted; then whether the two count differently. Warnings are given once a kind.
void gtp_engine_choose_game(struct gtp_engine *engine);
bool gtp_engine_counts_otherwise(const struct gtp_engine *engine);
void gtp_engine_warn(struct gtp_engine *engine);
// Whether a move gains nothing over passing, where that matters: where the engine plays by area but
// territory is counted.
bool gtp_engine_is_for_nothing(struct gtp_engine *engine, int action);

// Searches on until the controller says something, if the engine has moved last and may ponder.
void gtp_engine_ponder(struct gtp_engine *engine);

// Answers one command. In gtp_commands.c.
void gtp_answer(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply);
// Reads and answers commands until `quit` or the end of the input, with any evaluator as the net.
enum status gtp_loop(const struct gtp_params *params, struct evaluator *evaluator, FILE *in, FILE *out);

#endif
