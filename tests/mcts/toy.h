// A game made for tests of the search: a random tree. Who moves, what is legal and how the game
// ends all follow from a hash of the moves, and a side often moves twice in a row. It is small
// enough to be solved by recursion.
#ifndef TESTS_MCTS_TOY_H
#define TESTS_MCTS_TOY_H

#include "mcts/search_state.h"
#include "tests/test.h"

struct toy_state {
    uint64_t hash;
    int ply, mover;
};

static inline void toy_start(const struct game *g, void *s) {
    *(struct toy_state *)s = (struct toy_state){.hash = (uint64_t)g->table[0]};
}
static inline int toy_to_move(const struct game *g, const void *s) { return ((const struct toy_state *)s)->mover; }
static inline int toy_ply(const struct game *g, const void *s) { return ((const struct toy_state *)s)->ply; }
static inline int toy_legal(const struct game *g, const void *s, uint16_t *actions) {
    const struct toy_state *toy = s;
    int n = 0;
    if (toy->ply == g->max_plies) return 0;
    for (int a = 0; a < g->num_actions; a++)
        if (rng_mix(toy->hash * 31 + (uint64_t)a) % 4 || a == g->num_actions - 1) actions[n++] = (uint16_t)a;
    return n;
}
static inline void toy_play(const struct game *g, void *s, int action) {
    struct toy_state *toy = s;
    toy->hash = rng_mix(toy->hash * 1000003 + (uint64_t)action + 1);
    toy->ply++;
    if (toy->hash % 3) toy->mover ^= 1;
}
static inline double toy_score(const struct game *g, const void *s) {
    return (double)(rng_mix(((const struct toy_state *)s)->hash ^ 99) % 21) - 10; // 0: a draw
}
static inline enum outcome toy_outcome(const struct game *g, const void *s) {
    if (((const struct toy_state *)s)->ply < g->max_plies) return OUTCOME_NONE;
    const double score = toy_score(g, s);
    return score > 0 ? OUTCOME_FIRST : score < 0 ? OUTCOME_SECOND : OUTCOME_DRAW;
}
static inline uint64_t toy_hash(const struct game *g, const void *s) { return rng_mix(((const struct toy_state *)s)->hash); }

// Opens tree number `seed`, with at most `actions` moves at a node and games of `plies` plies.
static inline void toy_open(struct game *game, int actions, int plies, int seed) {
    static const struct game_type type = {.name = "toy",
                                          .start = toy_start,
                                          .to_move = toy_to_move,
                                          .ply = toy_ply,
                                          .legal = toy_legal,
                                          .play = toy_play,
                                          .outcome = toy_outcome,
                                          .score = toy_score,
                                          .hash = toy_hash};
    *game = (struct game){.type = &type,
                          .height = 1,
                          .width = actions,
                          .rules = "toy",
                          .num_actions = actions,
                          .max_legal = actions,
                          .pass_action = GAME_NO_ACTION,
                          .policy_planes = 1,
                          .num_symmetries = 1,
                          .max_plies = plies,
                          .has_score = true,
                          .state_bytes = sizeof(struct toy_state),
                          .table = {seed}};
}

// The outcome under best play for the first player: +1, 0, or -1.
static inline int toy_solve(const struct game *g, const struct toy_state *s) {
    uint16_t actions[64];
    const int n = toy_legal(g, s, actions);
    if (!n) return outcome_for(toy_outcome(g, s), 0);
    int best = s->mover ? 1 : -1;
    for (int i = 0; i < n; i++) {
        struct toy_state next = *s;
        toy_play(g, &next, actions[i]);
        const int value = toy_solve(g, &next);
        if (s->mover ? value < best : value > best) best = value;
    }
    return best;
}

// An evaluator that depends on the hash of the state alone, as evaluator_hash does.
static inline void toy_judge(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++) {
        const uint64_t key = game_hash(positions[i].game, positions[i].state);
        for (int a = 0; a < positions[i].game->num_actions; a++)
            // -2 .. 2.
            judgements[i].logits[a] = (float)(rng_mix(key + (uint64_t)a) >> 40) / (1 << 23) * 2 - 2;
        const float win = (float)(rng_mix(key ^ 1) >> 40) / (1 << 24), rest = 1 - win;
        judgements[i].wdl[0] = win;
        judgements[i].wdl[1] = rest * 0.25f;
        judgements[i].wdl[2] = rest - rest * 0.25f;
        judgements[i].score = 20 * win - 10;
    }
}
static inline struct evaluator toy_evaluator(void) {
    return (struct evaluator){.name = "toy", .max_batch = 64, .judge = toy_judge};
}

static inline struct search *toy_search(const struct search_params *params) {
    struct search *search = NULL;
    if (search_new(&search, params) != STATUS_OK) exit(1);
    return search;
}

#endif
