// A position to look at: the start of a game, a moment of an SGF record, or what given moves lead to.
#ifndef CLI_POSITION_H
#define CLI_POSITION_H

#include "cli/game_options.h"

// Opens the game and makes the state (malloced, the caller's). sgf NULL: the start of the game. move_number: moves of the record
// to play, -1 for all. moves: further moves, as the game writes them, apart by commas or blanks; NULL: none.
// What the settings leave open the record decides, then `run` (what the model was trained for). A record that breaks the rules is
// refused with its move.
enum status position_make(struct game *game, void **state, const struct game_settings *settings,
                          const struct game_settings *run, const struct net *net, const char *sgf, int move_number,
                          const char *moves);

#endif
