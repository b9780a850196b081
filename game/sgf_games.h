// The games that SGF has a number for. Only game/ and its tests include this; everybody else uses
// game/sgf.h.
#ifndef GAME_SGF_GAMES_H
#define GAME_SGF_GAMES_H

#include <stdbool.h>

struct sgf_game {
    int number;         // GM
    const char *name;   // of the row in the table of games
    int default_size;   // that of a record without SZ
    bool cells;         // points are written as in Hex, letter and number: e4; else as two letters
    const char *beyond; // the move that has no point: "" for a pass, "swap-pieces", or NULL
};
struct sgf_record;
// How many handicap stones a record without HA has: its black stones, if there are two or more in a
// game of Go, nothing else is set up, and White moves first. Else 0.
int sgf_usual_handicap(const struct sgf_record *record);
// Both return NULL where there is none.
const struct sgf_game *sgf_game_by_number(int number);
const struct sgf_game *sgf_game_by_name(const char *name);

#endif
