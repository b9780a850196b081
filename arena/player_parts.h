// Inside arena/: what a player is made of. Others use arena/player.h.
#ifndef ARENA_PLAYER_PARTS_H
#define ARENA_PLAYER_PARTS_H

#include "arena/player.h"

enum player_kind { PLAYER_NET, PLAYER_RANDOM, PLAYER_UCT, PLAYER_SOLVER, PLAYER_GTP };

struct player {
    enum player_kind kind;
    char *name;
    // PLAYER_NET: the net, which is either owned_net or borrowed, and its path (NULL: none).
    const struct net *net;
    struct net *owned_net;
    char *path;
    char backend[32];
    struct search_params search;
    // PLAYER_NET: visits of the root for each move, where 0 and 1 mean the raw policy. PLAYER_UCT:
    // simulations for each move.
    int visits;
    // The most leaves of one game in one batch; 0: the match decides.
    int batch;
    // The temperature of the choice of moves, in the first temperature_plies of the game (0: in
    // all).
    double temperature;
    int temperature_plies;
    // PLAYER_GTP: the command line, and the seconds that one answer may take.
    char *command;
    double move_seconds;
};

#endif
