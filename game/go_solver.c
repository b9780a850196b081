// Go on up to nine points, solved by depth-first proof-number search [Nagai 2002; Kishimoto &
// Mueller 2005].
//
// A question is "is Black at least `bound` points ahead at the end, when both sides play their
// best?", and a value is found by a few questions. Under positional superko the future depends on
// all positions that have occurred, so that the key of a position covers the *set* of them. So
// there are no cycles, the graph-history interaction problem doesn't arise, and every answer is
// final. Lines end at two passes; pass-alive stones and territory (go_benson.c) bound the answer
// earlier.
//
// max_plies is no part of the key. The solver answers only for positions that are far from it
// (FAR_PLIES); should a line reach it nevertheless, a CHECK ends the program.
//
// phi and delta are the proof number and the disproof number from the mover's view: the least
// number of leaves that must still be settled to show that the answer is the one the mover wants,
// or that it is not.
#include "game/go_solver.h"

#include "base/memory.h"
#include "game/go.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_AREA = 9,
    MAX_ROW = 6, // points of a board of one row; some positions of longer ones take over a minute
    MAX_MOVES = MAX_AREA + 1,
    MAX_BOARDS = 1 << 16,   // size of the table of the 3^9 boards
    FAR_PLIES = 256,        // plies that must be left; the longest line of a proof is far shorter
    MANY_ENTRIES = 4000000, // 160 to 320 MB
    ENDLESS = 1 << 30,      // the proof number of what can't be shown
};

struct key {
    uint64_t word[2]; // two keys of different positions are equal with a probability of 2^-128
};

struct entry {
    struct key key; // zero: the entry is free
    uint32_t phi, delta;
    int8_t low, high; // bounds on Black's margin without komi
    int8_t bound;     // the question to which phi and delta belong
};

struct board {
    uint64_t key;
    uint16_t stones[2]; // [player]: a set of actions
    bool is_used;
};

struct go_solving {
    struct game game;
    int area;
    struct board *boards;  // [MAX_BOARDS], open addressing
    struct entry *entries; // open addressing, at most half full
    size_t num_entries, max_entries;
    char *states; // [max_plies + 1] along the line being searched
};

// Fills the table of boards with every board, legal or not.
static void list_boards(struct go_solving *v) {
    int n = 1;
    for (int a = 0; a < v->area; a++) n *= 3;
    for (int b = 0; b < n; b++) {
        struct board board = {0};
        for (int a = 0, rest = b; a < v->area; a++, rest /= 3) {
            if (rest % 3 == 0) continue;
            board.key ^= go_stone_key(rest % 3, go_point_of(&v->game, a));
            board.stones[rest % 3 - 1] |= (uint16_t)(1u << a);
        }
        size_t i = board.key % MAX_BOARDS;
        while (v->boards[i].is_used) i = (i + 1) % MAX_BOARDS;
        board.is_used = true;
        v->boards[i] = board;
    }
}

static const struct board *find_board(const struct go_solving *v, uint64_t key) {
    size_t i = key % MAX_BOARDS;
    while (v->boards[i].key != key || !v->boards[i].is_used) i = (i + 1) % MAX_BOARDS;
    return &v->boards[i];
}

static struct key key_of(const struct go_solving *v, const void *state) {
    const struct go_state *s = state;
    const uint64_t *history = go_history(&v->game, s);
    struct key key = {{s->key ^ (uint64_t)s->to_move << 8 ^ s->passes, 0}};
    key.word[1] = rng_mix(key.word[0] + 1);
    for (int i = 0; i < s->num_history; i++) { // a sum doesn't depend on the order
        key.word[0] += rng_mix(history[i] ^ 0x7365656e);
        key.word[1] += rng_mix(history[i] ^ 0x62656e21);
    }
    return key;
}

static struct entry *find(struct entry *entries, size_t max_entries, struct key key) {
    size_t i = rng_mix(key.word[0]) & (max_entries - 1);
    for (; entries[i].key.word[0] || entries[i].key.word[1]; i = (i + 1) & (max_entries - 1))
        if (entries[i].key.word[0] == key.word[0] && entries[i].key.word[1] == key.word[1]) break;
    return &entries[i];
}

static void grow(struct go_solving *v) {
    const size_t max_entries = 2 * v->max_entries;
    struct entry *entries = memory_new(max_entries, sizeof *entries, "a solver's table");
    for (size_t i = 0; i < v->max_entries; i++)
        if (v->entries[i].key.word[0] || v->entries[i].key.word[1])
            *find(entries, max_entries, v->entries[i].key) = v->entries[i];
    free(v->entries);
    v->entries = entries;
    v->max_entries = max_entries;
}

static void forget(struct go_solving *v) {
    memset(v->entries, 0, v->max_entries * sizeof *v->entries);
    v->num_entries = 0;
}

// Black's margin without komi of a finished position.
static int margin_of(const struct go_solving *v, const void *state) {
    uint8_t owners[GO_MAX_POINTS];
    const double score = go_count(&v->game, state, owners) + v->game.komi;
    return (int)(score + MAX_AREA + 0.5) - MAX_AREA; // rounds to the nearest
}

// A colour's stones at the points that are marked for it, as a set of actions.
static unsigned stones_of(const struct go_solving *v, const struct go_state *s, const uint8_t *among, int color) {
    unsigned set = 0;
    for (int a = 0; a < v->area; a++) {
        const int p = go_point_of(&v->game, a);
        if (s->points[p].color == color && among[p] == color) set |= 1u << a;
    }
    return set;
}

// Whether superko can't stop this colour from capturing what is dead in its pass-alive territory.
// This is so when no earlier position had all of its present pass-alive stones. These are never
// captured, and stones that it adds there stay too, so that none of the positions to come can be an
// earlier one.
static bool may_capture(const struct go_solving *v, const struct go_state *s, const uint8_t *alive, int color) {
    const unsigned stones = stones_of(v, s, alive, color);
    const uint64_t *history = go_history(&v->game, s);
    for (int i = 0; i < s->num_history; i++) {
        if (history[i] == s->key) continue;
        const unsigned before = find_board(v, history[i])->stones[color == GO_WHITE];
        if ((before & stones) == stones) return false;
    }
    return true;
}

// Whether a point of pass-alive area is one of its stones or an eye of one point among them.
static bool is_sure(const struct go_solving *v, const struct go_state *s, int point, int color) {
    const int w = go_stride(&v->game), step[4] = {-w, -1, 1, w};
    if (s->points[point].color != GO_EMPTY) return s->points[point].color == color;
    for (int d = 0; d < 4; d++) {
        const int around = s->points[point + step[d]].color;
        if (around != GO_BORDER && around != color) return false;
    }
    return true;
}

// The points that are this colour's whatever the other side does. Territory with dead stones in it
// counts only if the colour can capture them: superko must allow it, and the other side must not be
// able to end the game by a pass before.
static int sure_points(const struct go_solving *v, const struct go_state *s, const uint8_t *alive, int color) {
    const bool all = (!s->passes || s->to_move == (color == GO_WHITE)) && may_capture(v, s, alive, color);
    int count = 0;
    for (int a = 0; a < v->area; a++) {
        const int p = go_point_of(&v->game, a);
        count += alive[p] == color && (all || is_sure(v, s, p, color));
    }
    return count;
}

// Sets what is known of a position without a search.
static void first_bounds(const struct go_solving *v, const struct go_state *s, struct entry *e) {
    uint8_t alive[GO_MAX_POINTS];
    if (go_is_over(&v->game, s)) {
        CHECK(s->passes == 2);
        e->low = e->high = (int8_t)margin_of(v, s);
        return;
    }
    go_pass_alive(&v->game, s, alive);
    e->low = (int8_t)(2 * sure_points(v, s, alive, GO_BLACK) - v->area);
    e->high = (int8_t)(v->area - 2 * sure_points(v, s, alive, GO_WHITE));
}

// The entry of a position, which is added where there is none. That may move all entries.
static struct entry *meet(struct go_solving *v, const void *state, struct key key) {
    if (2 * v->num_entries >= v->max_entries) grow(v);
    struct entry *e = find(v->entries, v->max_entries, key);
    if (e->key.word[0] || e->key.word[1]) return e;
    v->num_entries++;
    *e = (struct entry){.key = key, .bound = INT8_MIN};
    first_bounds(v, state, e);
    return e;
}

static uint32_t sum_of(uint32_t a, uint32_t b) { return a + b < ENDLESS ? a + b : ENDLESS; }

// Makes phi and delta of an entry those of this question.
static void ask(struct entry *e, int bound, int mover) {
    if (e->bound == bound) return;
    const bool is_open = e->low < bound && e->high >= bound, is_good = (e->low >= bound) == (mover == 0);
    e->phi = is_open ? 1 : is_good ? 0 : ENDLESS;
    e->delta = is_open ? 1 : is_good ? ENDLESS : 0;
    e->bound = (int8_t)bound;
}

struct child {
    struct key key;
    uint16_t action;
};

static int list_children(struct go_solving *v, const char *state, struct child *children) {
    uint16_t actions[MAX_MOVES];
    char *next = (char *)(uintptr_t)state + v->game.state_bytes;
    const int n = go_legal(&v->game, state, actions);
    for (int i = 0; i < n; i++) {
        memcpy(next, state, v->game.state_bytes);
        go_play(&v->game, next, actions[i]);
        children[i] = (struct child){.key = key_of(v, next), .action = actions[i]};
        meet(v, next, children[i].key);
    }
    return n;
}

// Narrows the bounds on the margin when the question has been answered.
static void settle(struct entry *e, int bound, int mover) {
    if (e->phi && e->delta) return;
    const bool is_so = (e->phi == 0) == (mover == 0);
    if (is_so && e->low < bound) e->low = (int8_t)bound;
    if (!is_so && e->high >= bound) e->high = (int8_t)(bound - 1);
}

// Searches a position whose question is open until its phi or its delta reaches the limit. The
// state must be in v->states, where the states of the line follow it.
static void prove(struct go_solving *v, char *state, struct key key, int bound, uint32_t phi_limit, uint32_t delta_limit) {
    struct child children[MAX_MOVES];
    const int mover = ((const struct go_state *)(void *)state)->to_move;
    const int n = list_children(v, state, children);
    char *next = state + v->game.state_bytes;
    for (;;) {
        uint32_t phi = ENDLESS, delta = 0, second = ENDLESS, best_phi = 0;
        int best = 0;
        for (int i = 0; i < n; i++) {
            struct entry *e = find(v->entries, v->max_entries, children[i].key);
            ask(e, bound, !mover);
            delta = sum_of(delta, e->phi);
            if (e->delta < phi) {
                second = phi;
                phi = e->delta;
                best_phi = e->phi;
                best = i;
            } else if (e->delta < second) {
                second = e->delta;
            }
        }
        if (phi >= phi_limit || delta >= delta_limit) {
            struct entry *e = find(v->entries, v->max_entries, key);
            e->phi = phi;
            e->delta = delta;
            settle(e, bound, mover);
            return;
        }
        memcpy(next, state, v->game.state_bytes);
        go_play(&v->game, next, children[best].action);
        // The limit is a quarter above the second best, so that the search changes less often
        // between positions that are nearly equal [Pawlewicz & Lew 2007].
        const uint32_t more = sum_of(second, second / 4 + 1);
        prove(v, next, children[best].key, bound, delta_limit - delta + best_phi, phi_limit < more ? phi_limit : more);
    }
}

// Whether Black's margin is `bound` or more.
static bool is_at_least(struct go_solving *v, const void *state, int bound) {
    memcpy(v->states, state, v->game.state_bytes);
    const struct key key = key_of(v, state);
    struct entry *e = meet(v, state, key);
    ask(e, bound, ((const struct go_state *)state)->to_move);
    if (e->phi && e->delta) {
        prove(v, v->states, key, bound, ENDLESS, ENDLESS);
        e = find(v->entries, v->max_entries, key);
    }
    CHECK(e->low >= bound || e->high < bound);
    return e->low >= bound;
}

static double go_solver_value(void *self, const void *state) {
    struct go_solving *v = self;
    // Little is lost by forgetting: games with different histories hardly ever reach the same key.
    if (v->num_entries > MANY_ENTRIES) forget(v);
    const struct entry *e = meet(v, state, key_of(v, state));
    int low = e->low, high = e->high;
    while (low < high) {
        const int middle = (low + high + 1 + 2 * MAX_AREA) / 2 - MAX_AREA; // the mean, rounded up
        if (is_at_least(v, state, middle))
            low = middle;
        else
            high = middle - 1;
    }
    const double score = low - v->game.komi;
    return ((const struct go_state *)state)->to_move ? 0 - score : score; // unlike -score, never -0
}

static void go_solver_close(void *self) {
    struct go_solving *v = self;
    free(v->boards);
    free(v->entries);
    free(v->states);
    free(v);
}

// Whether no line can end by max_plies. On four points or fewer no game is longer than twice the
// number of legal positions, of which 2x2 has 57 and 1x4 has 41.
static bool is_far_from_limit(const struct game *game, const void *state) {
    if (game->height * game->width <= 4) return game->max_plies >= 2 * 57 + 2;
    return game->max_plies - game_ply(game, state) >= FAR_PLIES;
}

static bool go_solver_serves(void *self, const void *state) {
    return is_far_from_limit(&((struct go_solving *)self)->game, state);
}

static enum status go_solver_open(void **self, const struct game *game, const void *state) {
    const int area = game->height * game->width;
    if (area > MAX_AREA || (area > MAX_ROW && (game->height == 1 || game->width == 1)))
        return status_fail(STATUS_UNSUPPORTED, "solver: go %dx%d is too large: it takes up to %d points, %d in a single row",
                           game->height, game->width, MAX_AREA, MAX_ROW);
    if (game->rule[GO_KO] != GO_KO_POSITIONAL || game->rule[GO_SCORING] != GO_AREA || game->rule[GO_TAX] != GO_TAX_NONE)
        return status_fail(STATUS_UNSUPPORTED, "solver: go by rules '%s': only positional superko with area scoring is solved",
                           game->rules);
    if (!is_far_from_limit(game, state))
        return status_fail(STATUS_UNSUPPORTED, "solver: go with a limit of %d plies can end before it is played out",
                           game->max_plies);
    struct go_solving *v = memory_new(1, sizeof *v, "a solver");
    v->game = *game;
    v->area = area;
    v->max_entries = 1 << 12;
    v->entries = memory_new(v->max_entries, sizeof *v->entries, "a solver's table");
    v->states = memory_raw((size_t)game->max_plies + 1, game->state_bytes, "a solver's states");
    v->boards = memory_new(MAX_BOARDS, sizeof *v->boards, "a solver's boards");
    list_boards(v);
    *self = v;
    return STATUS_OK;
}

const struct solver_type go_solver = {
    .open = go_solver_open, .close = go_solver_close, .value = go_solver_value, .serves = go_solver_serves};
