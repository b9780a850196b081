// Players: whoever can be asked for a move. They are a net with a search, uniformly random play,
// UCT with random rollouts, the exact solver, and any program that speaks GTP. A player is opened
// from text as the command line has it:
//
//   MODEL | random | uct:ROLLOUTS | solver | gtp:COMMAND LINE
//
// where MODEL is a .safetensors file, or a run folder, which stands for its best net. Options
// follow the last '@', as in run7@visits=200,temperature=0; the tables in player.c list them by
// kind, and options that belong to another kind are refused. The command line of a GTP program may
// contain '@' itself: what follows it counts as options only if every word of it is one.
//
// The text is read once, and the net loaded once. Each game has its own seat (arena/seat.h), with
// its own tree, random numbers or process.
#ifndef ARENA_PLAYER_H
#define ARENA_PLAYER_H

#include "base/clock.h"
#include "game/evaluator.h"
#include "mcts/search.h"
#include "net/net.h"

// What plays. All its seats share it, and from any thread, since it never changes once it is open.
struct player;

// As a number of visits: no search, the raw policy chooses.
enum { PLAYER_RAW = -1 };
// What holds where the text says nothing.
struct player_options {
    // Visits of nets; 0: 100.
    int visits;
    // NULL: auto.
    const char *backend;
    // NULL: the text is the name.
    const char *name;
};
// STATUS_USAGE: the text is not a player. Otherwise it fails as loading a net fails.
enum status player_open(struct player **player, const char *text, const struct player_options *options);
// A player around a net that is in memory already, and is borrowed. search NULL: as a player that
// is opened from text searches.
enum status player_from_net(struct player **player, const struct net *net, const char *name, const struct search_params *search,
                            int visits, double temperature, const char *backend);
void player_free(struct player *player);
const char *player_name(const struct player *player);
// The net that plays, for defaults such as the board size; NULL: the player is no net.
const struct net *player_net(const struct player *player);
// The path of the net's file; NULL: there is none.
const char *player_net_path(const struct player *player);
// Whether it is a GTP program, with processes of its own.
bool player_is_program(const struct player *player);
// The program's command line without our options; NULL: the player is no program.
const char *player_command(const struct player *player);
// How many seconds the program may take to answer.
double player_answer_seconds(const struct player *player);
// How it searches, with *visits for each move; NULL: it doesn't (random play, the solver, programs).
// A net that plays its raw policy has 0 or 1 visits.
const struct search_params *player_search(const struct player *player, int *visits);
// STATUS_UNSUPPORTED, or what the net or the solver says: it can't play this game. So it is for a
// net of another game, and for a GTP program where the game has no GTP.
enum status player_check_game(const struct player *player, const struct game *game);
// An evaluator for the seats of one thread; NULL, with STATUS_OK: the player needs none.
enum status player_evaluator(const struct player *player, int max_batch, struct evaluator **out);

#endif
