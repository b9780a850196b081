// Inside game/: the games that SGF has a number for.
#ifndef GAME_SGF_COMMON_H
#define GAME_SGF_COMMON_H

#include <stdbool.h>

struct sgf_game {
    int number;       // GM
    const char *name; // of the row in the table of games
    int default_size; // where SZ is missing
    bool has_pass;
};
const struct sgf_game *sgf_game_by_number(int number); // NULL: none
const struct sgf_game *sgf_game_by_name(const char *name);

#endif
