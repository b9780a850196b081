// Inside arena/: what a player is made of. Others use arena/player.h.
#ifndef ARENA_PLAYER_PARTS_H
#define ARENA_PLAYER_PARTS_H

#include "arena/player.h"

enum player_kind { PLAYER_NET, PLAYER_RANDOM, PLAYER_UCT, PLAYER_SOLVER, PLAYER_GTP };

struct player {
    enum player_kind kind;
    char *name;
    const struct net *net; // PLAYER_NET: owned_net, or borrowed
    struct net *owned_net;
    char *path; // of the net, for messages
    char backend[32];
    struct search_params search;
    int visits;            // PLAYER_NET: visits of the root a move, 0 or 1: the raw policy. PLAYER_UCT: simulations
    int batch;             // leaves of one game in one batch; 0: the match decides
    double temperature;    // of the choice of moves
    int temperature_plies; // ... in the first plies of the game; 0: in all of it
    char *command;         // PLAYER_GTP
    double move_seconds;   // PLAYER_GTP: time for one answer
};

#endif
