// Players: whoever can be asked for a move. Ours (a net with search), random, UCT with random rollouts, the exact solver, and any
// program that speaks GTP. A player is opened from text as the command line has it:
//
//   MODEL | random | uct:ROLLOUTS | solver | gtp:COMMAND LINE        MODEL: a .safetensors file, or a run folder (its best net)
//   options after the last '@': run7@visits=200,temperature=0        (player.c's tables list them by kind; a GTP command
//   line may contain '@' itself, where not all that follows are such options: those of other kinds of player are refused)
//
// A player spec is read once (and its net loaded once); every game lane has its own seat: its own tree, rng and process.
#ifndef ARENA_PLAYER_H
#define ARENA_PLAYER_H

#include "base/clock.h"
#include "game/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"

struct player; // what plays: shared by all its seats, read-only after open
struct seat;   // one game's worth of it

enum { PLAYER_RAW = -1 }; // visits: the raw policy
struct player_options {   // for what the text does not say
    int visits;           // of nets; 0: 100
    const char *backend;
    const char *name; // NULL: derived from the text
};
enum status player_open(struct player **player, const char *text, const struct player_options *options);
// A player around a net already in memory (borrowed).
enum status player_from_net(struct player **player, const struct net *net, const char *name, const struct search_params *search,
                            int visits, double temperature, const char *backend);
void player_free(struct player *player);
const char *player_name(const struct player *player);
// The net behind it, NULL for others. For defaults such as the board size.
const struct net *player_net(const struct player *player);
const char *player_net_path(const struct player *player);  // of its file; NULL: it has none
bool player_is_program(const struct player *player);       // a GTP program: its own process
const char *player_command(const struct player *player);   // of a program: its command line without our options; NULL: none
double player_answer_seconds(const struct player *player); // of a program: how long it may take to answer
// Says so when it can't play this game (a net of another game; a GTP program and a game without GTP).
enum status player_check_game(const struct player *player, const struct game *game);
// An evaluator for one thread's seats, NULL (and OK) where the player needs none.
enum status player_evaluator(const struct player *player, int max_batch, struct evaluator **out);

enum seat_state {
    SEAT_READY,
    SEAT_WANTS_JUDGEMENT,
    SEAT_WAITING, // an outside program thinks: ask again, at best when seat_descriptor is readable
    SEAT_FAILED,
};

// A seat is used by one thread.
enum status seat_new(struct seat **seat, const struct player *player, const struct clock *clock);
void seat_free(struct seat *seat);
// Starts a game at the position reached by `actions` from the start (programs are told the moves). `side`: which player it will be.
// `by_agreement`: the end is counted without the stones that the other side holds for dead.
enum status seat_begin(struct seat *seat, const struct game *game, int side, bool by_agreement, const uint16_t *actions,
                       int num_actions, const struct rng *rng);
void seat_observe(struct seat *seat, int action); // any move of the game, its own too
// Its turn: think. WANTS_JUDGEMENT: *n positions are to be judged by its evaluator and handed to seat_absorb; then call again.
// READY: *action is its move (GAME_NO_ACTION: it resigns). FAILED: it crashed, hung or cheated; `seat_reason` says how.
enum seat_state seat_think(struct seat *seat, int max, struct position *positions, int *n, int *action);
int seat_descriptor(struct seat *seat); // of a seat that is WAITING or whose opinion is PENDING; -1: none
void seat_absorb(struct seat *seat, int n, const struct judgement *judgements);
const char *seat_reason(const struct seat *seat);
// After two passes, Go: what the program says of its stones, into status [h * w] (zero before), enum area_status (arena/area.h); seki is
// asked for only where the rules tax it. Never waits: while it is PENDING ask again, at best when seat_descriptor is readable.
enum seat_opinion {
    OPINION_NONE, // ours, which capture first; and a program that refuses, breaks or does not answer in time
    OPINION_PENDING,
    OPINION_SAID,
};
enum seat_opinion seat_stones(struct seat *seat, uint8_t *status);
double seat_value(const struct seat *seat); // its winrate for the move it just made, 0..1; NAN: unknown

#endif
