// Perft by copies of the state, one for each level of the recursion, in one array. The moves of the
// last ply are counted and not played.
#include "game/perft.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static unsigned long long perft_below(const struct game *g, char *state, int depth) {
    uint16_t actions[GAME_MAX_ACTIONS];
    const int n = game_legal(g, state, actions);
    if (n == 0) return g->type->perft_keeps_finished;
    if (depth == 1) return (unsigned long long)n;
    unsigned long long total = 0;
    for (int i = 0; i < n; i++) {
        char *next = state + g->state_bytes;
        memcpy(next, state, g->state_bytes);
        game_play(g, next, actions[i]);
        total += perft_below(g, next, depth - 1);
    }
    return total;
}

unsigned long long perft(const struct game *g, const void *state, int depth, unsigned long long *counts) {
    if (depth < 1) return 1;
    uint16_t actions[GAME_MAX_ACTIONS];
    const int n = game_legal(g, state, actions);
    const int deepest = depth < g->max_plies + 1 ? depth : g->max_plies + 1; // no line is longer
    char *states = memory_raw((size_t)deepest + 1, g->state_bytes, "perft");
    unsigned long long total = n == 0 && g->type->perft_keeps_finished;
    for (int i = 0; i < n; i++) {
        memcpy(states, state, g->state_bytes);
        game_play(g, states, actions[i]);
        const unsigned long long count = depth == 1 ? 1 : perft_below(g, states, depth - 1);
        if (counts) counts[i] = count;
        total += count;
    }
    free(states);
    return total;
}
