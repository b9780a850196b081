// Exact values by alpha-beta over everything that the rest of the game depends on [Knuth & Moore 1975].
//
// Tic-tac-toe: that is the position. Go under positional superko: the stones, the mover, whether the last move was a pass,
// and the *set* of earlier positions. On up to four points there are at most 81 boards, so the set is 81 bits and the
// table key is exact: no graph-history interaction. Games so small always end before max_plies (checked), which
// therefore is not in the key.
//
// Table entries hold bounds low <= value <= high for the side to move, in whole points without komi.
#include "game/solver.h"
#include "game/evaluator.h"
#include "game/go.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_AREA = 4, MAX_BOARDS = 81, MAX_MOVES = 9 };

struct key {
    uint64_t seen[2]; // Go: bit of each position that has been on the board, the present one included
    uint64_t here;    // Go: number of the present one, mover, passes; others: the game's hash
};

struct entry {
    struct key key;
    int8_t low, high;
    bool used;
};

struct solver {
    struct game game;
    void *own; // of game.type->solver: then only `game` and the first of `states` are used
    bool is_go;
    int best;                    // most that can be won
    int num_boards;              // Go
    uint64_t boards[MAX_BOARDS]; // key of each
    struct entry *entries;       // open addressing, at most half full
    size_t num_entries, max_entries;
    char *states; // [max_plies + 1] along the line being searched
};

// The keys of all boards, whether legal or not: 3^area.
static void list_boards(struct solver *v) {
    const int area = v->game.height * v->game.width;
    v->num_boards = 1;
    for (int p = 0; p < area; p++) v->num_boards *= 3;
    for (int b = 0; b < v->num_boards; b++)
        for (int p = 0, rest = b; p < area; p++, rest /= 3)
            if (rest % 3) v->boards[b] ^= go_stone_key(rest % 3, go_point_of(&v->game, p));
}

static int board_number(const struct solver *v, uint64_t key) {
    for (int i = 0; i < v->num_boards; i++)
        if (v->boards[i] == key) return i;
    CHECK(!"a position of this board");
    return 0;
}

static struct key key_of(const struct solver *v, const void *state) {
    struct key key = {.here = 0};
    if (!v->is_go) {
        key.here = game_hash(&v->game, state);
        return key;
    }
    const struct go_state *s = state;
    const uint64_t *history = go_history(&v->game, s);
    for (int i = 0; i < s->num_history; i++) {
        const int b = board_number(v, history[i]);
        key.seen[b / 64] |= 1ull << b % 64;
    }
    key.here = (uint64_t)board_number(v, s->key) << 8 | (uint64_t)s->to_move << 4 | s->passes;
    return key;
}

// The key after `action` led from `before` to `state`.
static struct key key_next(const struct solver *v, const struct key *before, const void *state) {
    if (!v->is_go) return key_of(v, state);
    const struct go_state *s = state;
    struct key key = *before;
    const int b = board_number(v, s->key);
    key.seen[b / 64] |= 1ull << b % 64;
    key.here = (uint64_t)b << 8 | (uint64_t)s->to_move << 4 | s->passes;
    return key;
}

static struct entry *find(struct entry *entries, size_t max_entries, const struct key *key) {
    size_t i = rng_mix(key->seen[0] ^ rng_mix(key->seen[1] ^ rng_mix(key->here))) & (max_entries - 1);
    while (entries[i].used && memcmp(&entries[i].key, key, sizeof *key)) i = (i + 1) & (max_entries - 1);
    return &entries[i];
}

static void table_grow(struct solver *v) {
    const size_t max_entries = v->max_entries * 2;
    struct entry *entries = calloc(max_entries, sizeof *entries);
    CHECK(entries);
    for (size_t i = 0; i < v->max_entries; i++)
        if (v->entries[i].used) *find(entries, max_entries, &v->entries[i].key) = v->entries[i];
    free(v->entries);
    v->entries = entries;
    v->max_entries = max_entries;
}

// Tightens what is known of `key`.
static void table_store(struct solver *v, const struct key *key, int low, int high) {
    if (2 * v->num_entries >= v->max_entries) table_grow(v);
    struct entry *e = find(v->entries, v->max_entries, key);
    if (!e->used) {
        *e = (struct entry){.key = *key, .low = (int8_t)-v->best, .high = (int8_t)v->best, .used = true};
        v->num_entries++;
    }
    if (low > e->low) e->low = (int8_t)low;
    if (high < e->high) e->high = (int8_t)high;
}

// Value for the side to move of a finished position, in whole points without komi.
static int final_value(const struct solver *v, const void *state) {
    const int mover = game_to_move(&v->game, state);
    if (!v->is_go) return outcome_for(game_outcome(&v->game, state), mover);
    const int margin = (int)(game_score(&v->game, state) + v->game.komi + (double)v->best + 0.5) - v->best; // to the nearest
    return mover ? -margin : margin;
}

// Moves in a good order: Go's answer to a pass first (it ends the game and bounds the value), other passes last.
static int ordered_moves(const struct solver *v, const void *state, uint16_t *actions) {
    const int n = game_legal(&v->game, state, actions);
    if (v->is_go && ((const struct go_state *)state)->passes) {
        memmove(actions + 1, actions, sizeof *actions * (size_t)(n - 1));
        actions[0] = (uint16_t)go_pass(&v->game);
    }
    return n;
}

// Fail-soft: the value where it is inside (alpha, beta), else a bound on it beyond the window's edge.
static int search(struct solver *v, char *state, const struct key *key, int alpha, int beta) {
    const struct game *g = &v->game;
    if (game_outcome(g, state) != OUTCOME_NONE) return final_value(v, state);
    const struct entry *known = find(v->entries, v->max_entries, key);
    if (known->used) {
        if (known->low >= beta || known->low == known->high) return known->low;
        if (known->high <= alpha) return known->high;
        if (known->low > alpha) alpha = known->low;
        if (known->high < beta) beta = known->high;
    }
    const int floor = alpha;
    uint16_t actions[MAX_MOVES];
    const int n = ordered_moves(v, state, actions);
    int value = -v->best - 1;
    for (int i = 0; i < n && value < beta && value < v->best; i++) {
        char *next = state + g->state_bytes;
        memcpy(next, state, g->state_bytes);
        game_play(g, next, actions[i]);
        const struct key next_key = key_next(v, key, next);
        const int found = -search(v, next, &next_key, -beta, -alpha);
        if (found > value) value = found;
        if (value > alpha) alpha = value;
    }
    table_store(v, key, value > floor ? value : -v->best, value < beta ? value : v->best);
    return value;
}

static enum status own_new(struct solver **out, const struct game *game, const void *state) {
    struct solver *v = calloc(1, sizeof *v);
    if (!v) return status_fail(STATUS_MEMORY, "solver: out of memory");
    v->game = *game;
    v->states = malloc(game->state_bytes);
    enum status status = v->states ? STATUS_OK : status_fail(STATUS_MEMORY, "solver: out of memory");
    if (status == STATUS_OK) {
        if (!state) game_start(game, v->states);
        status = game->type->solver->open(&v->own, game, state ? state : v->states);
    }
    if (status != STATUS_OK) {
        solver_free(v);
        return status;
    }
    *out = v;
    return STATUS_OK;
}

static enum status generic_new(struct solver **out, const struct game *game) {
    const bool is_go = !strcmp(game->type->name, "go");
    if (is_go ? game->height * game->width > MAX_AREA : strcmp(game->type->name, "tictactoe"))
        return status_fail(STATUS_UNSUPPORTED, "solver: %s %dx%d is too large (tictactoe, and go up to %d points, are not)",
                           game->type->name, game->height, game->width, MAX_AREA);
    if (is_go && (game->rule[GO_KO] != GO_KO_POSITIONAL || game->rule[GO_SCORING] != GO_AREA))
        return status_fail(STATUS_UNSUPPORTED, "solver: go by rules '%s': only positional superko with area scoring is solved",
                           game->rules);
    struct solver *v = calloc(1, sizeof *v);
    if (!v) return status_fail(STATUS_MEMORY, "solver: out of memory");
    v->game = *game;
    v->is_go = is_go;
    v->best = is_go ? game->height * game->width : 1;
    if (is_go) list_boards(v);
    if (is_go && game->max_plies < 2 * v->num_boards && game->max_plies < 2 * 57 + 2) { // 57: legal boards of 2x2, 41 of 1x4
        free(v);
        return status_fail(STATUS_UNSUPPORTED, "solver: go with a limit of %d plies can end before it is played out",
                           game->max_plies);
    }
    v->max_entries = 1 << 12;
    v->entries = calloc(v->max_entries, sizeof *v->entries);
    v->states = malloc(game->state_bytes * (size_t)(game->max_plies + 1));
    if (!v->entries || !v->states) {
        solver_free(v);
        return status_fail(STATUS_MEMORY, "solver: out of memory");
    }
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

// From whole points to the game's score with komi; -komi for the first player.
static double with_komi(const struct solver *v, int value, int mover) {
    if (!v->is_go) return value;
    return mover ? value + v->game.komi : value - v->game.komi;
}

double solver_value(struct solver *v, const void *state) {
    if (v->own) return v->game.type->solver->value(v->own, state);
    memcpy(v->states, state, v->game.state_bytes);
    const struct key key = key_of(v, state);
    return with_komi(v, search(v, v->states, &key, -v->best, v->best), game_to_move(&v->game, state));
}

bool solver_move_keeps(struct solver *v, const void *state, int action, double value) {
    const struct game *g = &v->game;
    const struct solver_type *own = v->own ? g->type->solver : NULL;
    const int mover = game_to_move(g, state);
    char *next = v->states;
    memcpy(next, state, g->state_bytes);
    game_play(g, next, action);
    const bool stays = game_to_move(g, next) == mover;
    if (own && own->at_least) // of whole numbers: -x >= value where x < floor(-value) + 1
        return stays ? own->at_least(v->own, next, (int)ceil(value)) : !own->at_least(v->own, next, (int)floor(-value) + 1);
    if (own) return (stays ? 1 : -1) * own->value(v->own, next) >= value;
    const struct key before = key_of(v, state), key = key_next(v, &before, next);
    const int found = search(v, next, &key, -v->best, v->best);
    return with_komi(v, stays ? found : -found, mover) >= value;
}

int solver_moves(struct solver *v, const void *state, double *values) {
    const struct game *g = &v->game;
    uint16_t actions[GAME_MAX_ACTIONS];
    const int n = game_legal(g, state, actions), mover = game_to_move(g, state);
    const struct key before = v->own ? (struct key){.here = 0} : key_of(v, state);
    for (int i = 0; i < n; i++) {
        memcpy(v->states, state, g->state_bytes);
        game_play(g, v->states, actions[i]);
        if (v->own) {
            const double value = v->game.type->solver->value(v->own, v->states);
            values[i] = game_to_move(g, v->states) == mover ? value : 0 - value; // a draw stays +0
            continue;
        }
        const struct key key = key_next(v, &before, v->states);
        const int value = search(v, v->states, &key, -v->best, v->best);
        values[i] = with_komi(v, game_to_move(g, v->states) == mover ? value : -value, mover);
    }
    return n;
}

struct solver_evaluator {
    struct evaluator base; // first: the caller holds a pointer to it
    struct solver *solver;
};

static void judge_solver(struct evaluator *self, int n, const struct position *positions, struct judgement *out) {
    struct solver *v = ((struct solver_evaluator *)self)->solver;
    for (int i = 0; i < n; i++) {
        const struct game *g = positions[i].game;
        CHECK(g->type == v->game.type && g->height == v->game.height && g->width == v->game.width && g->komi == v->game.komi &&
              g->max_plies == v->game.max_plies);
        uint16_t actions[GAME_MAX_ACTIONS];
        const int moves = game_legal(g, positions[i].state, actions);
        const double best = solver_value(v, positions[i].state);
        for (int a = 0; a < g->num_actions; a++) out[i].logits[a] = 0;
        for (int k = 0; k < moves; k++) // e^-100: no mass
            out[i].logits[actions[k]] = solver_move_keeps(v, positions[i].state, actions[k], best) ? 0 : -100;
        out[i].wdl[0] = best > 0;
        out[i].wdl[1] = best == 0;
        out[i].wdl[2] = best < 0;
        out[i].score = g->has_score ? (float)best : 0;
        if (out[i].ownership) memset(out[i].ownership, 0, sizeof(float) * (size_t)(g->height * g->width)); // not known
    }
}

static void solver_evaluator_free(struct evaluator *self) {
    solver_free(((struct solver_evaluator *)self)->solver);
    free(self);
}

enum status evaluator_solver(struct evaluator **out, const struct game *game) {
    struct solver_evaluator *e = calloc(1, sizeof *e);
    if (!e) return status_fail(STATUS_MEMORY, "evaluator solver: out of memory");
    const enum status status = solver_new(&e->solver, game);
    if (status != STATUS_OK) {
        free(e);
        return status;
    }
    e->base = (struct evaluator){.name = "solver", .max_batch = 1024, .judge = judge_solver, .free = solver_evaluator_free};
    *out = &e->base;
    return STATUS_OK;
}
