// Inside game/: the games that SGF has a number for.
#ifndef GAME_SGF_GAMES_H
#define GAME_SGF_GAMES_H

#include <stdbool.h>

struct sgf_game {
    int number;         // GM
    const char *name;   // of the row in the table of games
    int default_size;   // where SZ is missing
    bool cells;         // points are letter and number, e4, as Hex has them; else two letters
    const char *beyond; // the move that is no point: "" a pass, "swap-pieces"; NULL: there is none
};
const struct sgf_game *sgf_game_by_number(int number); // NULL: none
const struct sgf_game *sgf_game_by_name(const char *name);

#endif
