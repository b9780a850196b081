// Exact values: by the game's own search where it has one; for tic-tac-toe by alpha-beta [Knuth &
// Moore 1975] with a table of positions, whose entries hold bounds low <= value <= high for the
// side to move.
#include "game/solver.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MOVES = 9 };

struct entry {
    uint64_t key; // game_hash
    int8_t low, high;
    bool used;
};

struct solver {
    struct game game;
    // The game's own solver, made by game.type->solver. Then only `game` and states[0] are used
    // too.
    void *own;
    struct entry *entries; // open addressing, at most half full
    size_t num_entries, max_entries;
    char *states; // [max_plies + 1]: the states along the line that is searched
};

static struct entry *find(struct entry *entries, size_t max_entries, uint64_t key) {
    size_t i = rng_mix(key) & (max_entries - 1);
    while (entries[i].used && entries[i].key != key) i = (i + 1) & (max_entries - 1);
    return &entries[i];
}

static void table_grow(struct solver *v) {
    const size_t max_entries = v->max_entries * 2;
    struct entry *entries = memory_new(max_entries, sizeof *entries, "a solver's table");
    for (size_t i = 0; i < v->max_entries; i++)
        if (v->entries[i].used) *find(entries, max_entries, v->entries[i].key) = v->entries[i];
    free(v->entries);
    v->entries = entries;
    v->max_entries = max_entries;
}

// Narrows the bounds of a position.
static void table_store(struct solver *v, uint64_t key, int low, int high) {
    if (2 * v->num_entries >= v->max_entries) table_grow(v);
    struct entry *e = find(v->entries, v->max_entries, key);
    if (!e->used) {
        *e = (struct entry){.key = key, .low = -1, .high = 1, .used = true};
        v->num_entries++;
    }
    if (low > e->low) e->low = (int8_t)low;
    if (high < e->high) e->high = (int8_t)high;
}

// The value where it is between alpha and beta; else a bound on it that is at that edge or beyond.
// The sides must move in turn.
static int search(struct solver *v, char *state, int alpha, int beta) {
    const struct game *g = &v->game;
    const enum outcome outcome = game_outcome(g, state);
    if (outcome != OUTCOME_NONE) return outcome_for(outcome, game_to_move(g, state));
    const uint64_t key = game_hash(g, state);
    const struct entry *known = find(v->entries, v->max_entries, key);
    if (known->used) {
        if (known->low >= beta || known->low == known->high) return known->low;
        if (known->high <= alpha) return known->high;
        if (known->low > alpha) alpha = known->low;
        if (known->high < beta) beta = known->high;
    }
    const int floor = alpha;
    uint16_t actions[MAX_MOVES];
    const int n = game_legal(g, state, actions);
    int value = -2;
    for (int i = 0; i < n && value < beta && value < 1; i++) {
        char *next = state + g->state_bytes;
        memcpy(next, state, g->state_bytes);
        game_play(g, next, actions[i]);
        const int found = -search(v, next, -beta, -alpha);
        if (found > value) value = found;
        if (value > alpha) alpha = value;
    }
    table_store(v, key, value > floor ? value : -1, value < beta ? value : 1);
    return value;
}

static enum status own_new(struct solver **out, const struct game *game, const void *state) {
    struct solver *v = memory_new(1, sizeof *v, "a solver");
    v->game = *game;
    v->states = memory_raw(1, game->state_bytes, "a solver");
    if (!state) game_start(game, v->states);
    const enum status status = game->type->solver->open(&v->own, game, state ? state : v->states);
    if (status != STATUS_OK) {
        solver_free(v);
        return status;
    }
    *out = v;
    return STATUS_OK;
}

static enum status generic_new(struct solver **out, const struct game *game) {
    if (strcmp(game->type->name, "tictactoe") != 0)
        return status_fail(STATUS_UNSUPPORTED, "solver: none for %s", game->type->name);
    struct solver *v = memory_new(1, sizeof *v, "a solver");
    v->game = *game;
    v->max_entries = 1 << 12;
    v->entries = memory_new(v->max_entries, sizeof *v->entries, "a solver's table");
    v->states = memory_raw((size_t)game->max_plies + 1, game->state_bytes, "a solver's states");
    *out = v;
    return STATUS_OK;
}

enum status solver_new_at(struct solver **out, const struct game *game, const void *state) {
    return game->type->solver ? own_new(out, game, state) : generic_new(out, game);
}

enum status solver_new(struct solver **out, const struct game *game) { return solver_new_at(out, game, NULL); }

void solver_free(struct solver *v) {
    if (!v) return;
    if (v->own) v->game.type->solver->close(v->own);
    free(v->entries);
    free(v->states);
    free(v);
}

bool solver_serves(struct solver *v, const void *state) {
    return !v->own || !v->game.type->solver->serves || v->game.type->solver->serves(v->own, state);
}

double solver_value(struct solver *v, const void *state) {
    if (v->own) return v->game.type->solver->value(v->own, state);
    memcpy(v->states, state, v->game.state_bytes);
    return search(v, v->states, -1, 1);
}

// The value for `mover`. The state may be v->states.
static double value_for(struct solver *v, const void *state, int mover) {
    const double value = solver_value(v, state);
    return game_to_move(&v->game, state) == mover ? value : 0 - value; // unlike -value, never -0
}

bool solver_move_keeps(struct solver *v, const void *state, int action, double value) {
    const struct game *g = &v->game;
    const struct solver_type *own = v->own ? g->type->solver : NULL;
    const int mover = game_to_move(g, state);
    char *next = v->states;
    memcpy(next, state, g->state_bytes);
    game_play(g, next, action);
    if (!own || !own->at_least) return value_for(v, next, mover) >= value;
    if (game_to_move(g, next) == mover) return own->at_least(v->own, next, (int)ceil(value));
    // For a whole number x, the opponent's value, -x >= value iff x < floor(-value) + 1.
    return !own->at_least(v->own, next, (int)floor(-value) + 1);
}

int solver_moves(struct solver *v, const void *state, double *values) {
    const struct game *g = &v->game;
    uint16_t actions[GAME_MAX_ACTIONS];
    const int n = game_legal(g, state, actions), mover = game_to_move(g, state);
    for (int i = 0; i < n; i++) {
        memcpy(v->states, state, g->state_bytes);
        game_play(g, v->states, actions[i]);
        values[i] = value_for(v, v->states, mover);
    }
    return n;
}
