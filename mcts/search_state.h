// The inside of a search, for search.c (the state machine), search_result.c
// and detail.c (reading it) alone.
#ifndef MCTS_SEARCH_STATE_H
#define MCTS_SEARCH_STATE_H

#include "mcts/cache.h"
#include "mcts/owners.h"
#include "mcts/search.h"
#include "mcts/select.h"
#include "mcts/tree.h"

struct leaf {
    uint32_t node;
    uint64_t key; // its key in the cache
};

struct search {
    struct search_params params;
    const struct game *game; // NULL: there is no root
    uint64_t identity;       // cache_identity of the game
    struct rng rng;
    struct tree tree;
    struct cache cache;
    struct root root;
    struct owners owners; // of the tree's nodes, where they are kept
    bool keeps_owners;    // as search_keep_ownership said
    uint16_t *avoid;      // [2, num_avoid]: as search_restrict said; NULL: nothing is left out
    int num_avoid;
    bool is_restricted;   // moves are left out of the present tree by `avoid`
    int left_out;     // the legal move that the root lacks; GAME_NO_ACTION: it has all
    long long target; // the visits of the root at which the work is done
    long long cache_hits;

    unsigned char *states; // the root's state, and one for each leaf, state_stride bytes apart
    size_t state_stride, states_bytes;
    struct leaf *leaves; // [max_leaves]
    uint32_t *collided;  // [max_leaves]: nodes where descents of this gather have collided
    int num_waiting;     // leaves that wait for their judgements

    // With params.average_root the root is judged under every symmetry before anything else.
    bool turning;         // the leaves that wait are the root under symmetries
    int num_turned;       // under so many symmetries it has been judged
    float *turned_priors; // [max_actions]: sums by edge
    float turned_wdl[3], turned_score;
    float turned_owners[GAME_MAX_SIDE * GAME_MAX_SIDE]; // means for the root's mover

    int max_actions; // size of the arrays by action
    uint16_t *legal; // [max_actions]
    float *priors;   // [max_actions]
    uint16_t *path;  // [max_path]: the actions of a descent
    int max_path;

    float *logits; // [logits_count]: those of the judgements of search_run
    size_t logits_count;
    float *ownership; // theirs, where they are kept
    size_t ownership_count;
};

// Reading the root, for search_result.c and detail.c. The edge of the move to play; the edge below a
// node that most visits went through; and the value of an edge with visits less lcb_deviations
// standard errors, for the root's mover.
int search_best_edge(const struct search *s);
int search_most_visited(const struct tree *tree, const struct node *node);
double search_lower_bound(const struct search *s, const struct edge *edge);

#endif
