// The inside of a search, shared by search.c (the state machine) and search_result.c (reading it). Nobody else's business.
#ifndef MCTS_SEARCH_STATE_H
#define MCTS_SEARCH_STATE_H

#include "mcts/cache.h"
#include "mcts/search.h"
#include "mcts/select.h"
#include "mcts/tree.h"

struct leaf {
    uint32_t node;
    uint64_t key; // of the cache
};

struct search {
    struct search_params params;
    const struct game *game; // NULL: no root
    uint64_t identity;       // of the game, for cache keys
    struct rng rng;
    struct tree tree;
    struct cache cache;
    struct root root;
    int left_out;     // legal move that the root lacks; GAME_NO_ACTION: none
    long long target; // root visits at which the work is done
    long long cache_hits;

    unsigned char *states; // root_state, then a slot a leaf
    size_t state_stride, states_bytes;
    struct leaf *leaves; // [max_leaves]
    uint32_t *collided;  // [max_leaves]
    int num_waiting;

    // params.average_root: the root is judged through every symmetry before anything else.
    bool turning;         // what waits are such judgements
    int num_turned;       // judged so far; all symmetries: done
    float *turned_priors; // [max_actions]: sums by edge
    float turned_wdl[3], turned_score;

    int max_actions; // size of the arrays by action
    uint16_t *legal; // [max_actions]
    float *priors;   // [max_actions]
    uint16_t *path;  // [max_path]: actions of a descent
    int max_path;

    float *logits; // [logits_count]: for search_run
    size_t logits_count;
};

#endif
