// A position to look at: the start of a game, a moment of an SGF record, or where given moves lead.
#ifndef CLI_POSITION_H
#define CLI_POSITION_H

#include "cli/game_options.h"
#include "game/sgf.h"

// Opens the game and makes the state, which the caller frees. sgf: the record's file; NULL: the
// start of the game. move_number: how many moves of the record are played; -1: all. moves: further
// moves as the game writes them, separated by commas or blanks; NULL: none.
//
// What the settings leave open is decided by the record, then by `run` (what the model was trained
// for). A record that breaks the rules is refused (STATUS_FORMAT), and the message names the move.
enum status position_make(struct game *game, void **state, const struct game_settings *settings,
                          const struct game_settings *run, const struct net *net, const char *sgf, int move_number,
                          const char *moves);

// Opens the game of a record, as position_make does. Messages begin with `sgf`, the file's name.
enum status position_game(struct game *game, const struct game_settings *settings, const struct game_settings *run,
                          const struct net *net, const struct sgf_record *record, const char *sgf);

#endif
