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

struct player; // what plays: shared by all its seats (arena/seat.h), read-only after open

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

#endif
