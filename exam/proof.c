// Nodes are named by keys in a table that forgets nothing within a root. As in game/go_solver.c phi
// and delta are the proof and the disproof number from the mover's view: the least number of leaves
// that must still be settled to show that the mover reaches what it wants, or that it doesn't. What
// it wants is the hero's win for the hero, and its failure for the other.
//
// Invariants:
//  1. states[0] is the root; states[d + 1] is a child of states[d] along the line that is searched.
//  2. seen[d] is the sum over the distinct boards of states[since[d]..d] of their mixed keys, where
//     since[d] is the depth after the last wait. A pass leaves the board as it is and adds nothing.
//  3. An entry whose phi or delta is 0 is final.
#include "exam/proof.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE,
    MAX_DEPTH = 400,    // plies of a line; longer ones end the question. Chosen, not tuned.
    MAX_CHILDREN = 512, // more than boards of up to 19 x 19 with one plane have
    WAIT = 0xffff,      // as an action
    ENDLESS = 1 << 30,  // the proof number of what can't be shown
};

struct entry {
    uint64_t key; // 0: free
    uint32_t phi, delta;
};

struct child {
    uint64_t key;
    uint16_t action;
};

struct proof {
    struct proof_params params;
    const struct game *game;
    char *states; // [MAX_DEPTH + 1] of state_bytes
    size_t state_bytes;
    uint64_t boards[MAX_DEPTH + 1], seen[MAX_DEPTH + 1];
    bool passed[MAX_DEPTH + 1];    // the last move was a pass
    int since[MAX_DEPTH + 1];      // where the history begins
    int waits_left[MAX_DEPTH + 1]; // of the side that is not the hero
    const bool *closed;            // NULL: no point is
    int waits;
    struct entry *entries; // open addressing, at most half full
    size_t num_entries, max_entries;
    struct child *children; // a stack of the lists along the line
    size_t num_children, max_children;
    int hero;
    long long nodes, total;
    bool is_stopped;
};

struct proof *proof_new(const struct proof_params *params) {
    struct proof *p = memory_new(1, sizeof *p, "a proof");
    p->params = *params;
    p->max_entries = 1 << 12;
    p->entries = memory_new(p->max_entries, sizeof *p->entries, "a proof's table");
    return p;
}

void proof_free(struct proof *p) {
    if (!p) return;
    free(p->states);
    free(p->entries);
    free(p->children);
    free(p);
}

static void *state_at(const struct proof *p, int depth) { return p->states + (size_t)depth * p->game->state_bytes; }

// A key of the stones alone.
static uint64_t board_key(const struct game *game, const void *state) {
    int8_t stones[MAX_POINTS];
    uint64_t key = 0x70726f6f66;
    game_stones(game, state, stones);
    for (int i = 0; i < game->height * game->width; i++)
        if (stones[i]) key ^= rng_mix((uint64_t)i * 4 + (uint64_t)(stones[i] + 2));
    return key;
}

static bool was_board(const struct proof *p, int depth, uint64_t board) {
    for (int d = p->since[depth]; d < depth; d++)
        if (p->boards[d] == board) return true;
    return false;
}

// Fills in what is known of states[depth], which has just been made.
static void enter(struct proof *p, int depth, int action) {
    const bool is_first = depth == 0 || action == WAIT;
    p->boards[depth] = board_key(p->game, state_at(p, depth));
    p->passed[depth] = !is_first && action == p->game->pass_action;
    p->since[depth] = is_first ? depth : p->since[depth - 1];
    const uint64_t before = is_first ? 0 : p->seen[depth - 1];
    p->seen[depth] = before + (was_board(p, depth, p->boards[depth]) ? 0 : rng_mix(p->boards[depth]));
    p->waits_left[depth] = depth == 0 ? 0 : p->waits_left[depth - 1] - (action == WAIT);
}

// Makes states[depth + 1] the position after an action or a wait.
static void step(struct proof *p, int depth, int action) {
    if (action == WAIT) {
        int8_t stones[MAX_POINTS];
        game_stones(p->game, state_at(p, depth), stones);
        const int mover = game_to_move(p->game, state_at(p, depth));
        CHECK(game_set_up(p->game, state_at(p, depth + 1), stones, !mover) == STATUS_OK);
    } else {
        memcpy(state_at(p, depth + 1), state_at(p, depth), p->game->state_bytes);
        game_play(p->game, state_at(p, depth + 1), action);
    }
    enter(p, depth + 1, action);
}

static uint64_t key_at(const struct proof *p, int depth) {
    const uint64_t mover = (uint64_t)game_to_move(p->game, state_at(p, depth));
    uint64_t key =
        p->boards[depth] ^ rng_mix(0x6d6f766572 + mover * 4 + (uint64_t)p->passed[depth] * 2 + (uint64_t)p->hero * 8);
    key ^= rng_mix((uint64_t)p->waits_left[depth]);
    if (p->params.has_history) key = rng_mix(key) + p->seen[depth];
    return key ? key : 1;
}

static struct entry *find(struct entry *entries, size_t max_entries, uint64_t key) {
    size_t i = rng_mix(key) & (max_entries - 1);
    while (entries[i].key && entries[i].key != key) i = (i + 1) & (max_entries - 1);
    return &entries[i];
}

static void grow(struct proof *p) {
    const size_t max_entries = 2 * p->max_entries;
    struct entry *entries = memory_new(max_entries, sizeof *entries, "a proof's table");
    for (size_t i = 0; i < p->max_entries; i++)
        if (p->entries[i].key) *find(entries, max_entries, p->entries[i].key) = p->entries[i];
    free(p->entries);
    p->entries = entries;
    p->max_entries = max_entries;
}

// The entry of states[depth], made where there is none: then it says what the rules say.
static struct entry *meet(struct proof *p, int depth) {
    const uint64_t key = key_at(p, depth);
    if (2 * p->num_entries >= p->max_entries) grow(p);
    struct entry *e = find(p->entries, p->max_entries, key);
    if (e->key) return e;
    p->num_entries++;
    *e = (struct entry){.key = key, .phi = 1, .delta = 1};
    const enum outcome outcome = game_certain(p->game, state_at(p, depth));
    if (outcome == OUTCOME_NONE) return e;
    const bool is_heros = game_to_move(p->game, state_at(p, depth)) == p->hero;
    const bool is_good = (outcome_for(outcome, p->hero) > 0) == is_heros;
    e->phi = is_good ? 0 : ENDLESS;
    e->delta = is_good ? ENDLESS : 0;
    return e;
}

static bool is_left_out(const struct proof *p, const int8_t *stones, int mover, int action) {
    if (p->closed && action != p->game->pass_action && p->closed[action]) return true;
    return mover == p->hero && action != p->game->pass_action && p->params.is_foolish &&
           p->params.is_foolish(p->game, stones, mover, action);
}

// Pushes the children of states[depth] and returns their number.
static __attribute__((noinline)) int list_children(struct proof *p, int depth) {
    // The search calls this at every depth, so that larger arrays would fill the stack.
    uint16_t actions[MAX_CHILDREN];
    int8_t stones[MAX_POINTS];
    const struct game *game = p->game;
    const int mover = game_to_move(game, state_at(p, depth)), n = game_legal(game, state_at(p, depth), actions);
    int kept = 0;
    game_stones(game, state_at(p, depth), stones);
    if (p->num_children + (size_t)n + 1 > p->max_children) {
        p->max_children = 2 * (p->num_children + (size_t)n + 1);
        p->children = memory_resize(p->children, p->max_children, sizeof *p->children, "a proof's moves");
    }
    for (int i = 0; i <= n; i++) {
        const int action = i < n ? actions[i] : WAIT;
        if (action == WAIT ? mover == p->hero || !p->waits_left[depth] : is_left_out(p, stones, mover, action)) continue;
        step(p, depth, action);
        const uint64_t key = meet(p, depth + 1)->key;
        p->children[p->num_children + (size_t)kept++] = (struct child){.key = key, .action = (uint16_t)action};
    }
    return kept;
}

static uint32_t sum_of(uint32_t a, uint32_t b) { return a + b < ENDLESS ? a + b : ENDLESS; }

// Searches states[depth] until its phi or its delta reaches the limit.
static void search(struct proof *p, int depth, uint64_t key, uint32_t phi_limit, uint32_t delta_limit) {
    if (depth >= MAX_DEPTH - 1 || ++p->nodes > p->params.max_nodes) {
        p->is_stopped = true;
        return;
    }
    const struct game *game = p->game;
    const bool is_heros = game_to_move(game, state_at(p, depth)) == p->hero;
    const size_t first = p->num_children;
    const int n = list_children(p, depth);
    p->num_children += (size_t)n;
    while (!p->is_stopped) {
        uint32_t phi = ENDLESS, delta = 0, second = ENDLESS, best_phi = 0;
        int best = -1;
        for (int i = 0; i < n; i++) {
            const struct entry *e = find(p->entries, p->max_entries, p->children[first + (size_t)i].key);
            // A side that passes twice in a row, or the sides at the end, move alternately, so that a
            // child's mover is always the other.
            delta = sum_of(delta, e->phi);
            if (e->delta < phi || best < 0) {
                second = phi;
                phi = e->delta;
                best_phi = e->phi;
                best = i;
            } else if (e->delta < second) {
                second = e->delta;
            }
        }
        if (phi >= phi_limit || delta >= delta_limit || best < 0) {
            struct entry *e = find(p->entries, p->max_entries, key);
            // A hero whose every move is left out has shown nothing.
            e->phi = best < 0 ? (is_heros ? ENDLESS : 0) : phi;
            e->delta = best < 0 ? (is_heros ? 0 : ENDLESS) : delta;
            break;
        }
        const struct child child = p->children[first + (size_t)best];
        step(p, depth, child.action);
        // The limit is a quarter above the second best, so that the search changes less often
        // between positions that are nearly equal [Pawlewicz & Lew 2007].
        const uint32_t more = sum_of(second, second / 4 + 1);
        search(p, depth + 1, child.key, delta_limit - delta + best_phi, phi_limit < more ? phi_limit : more);
    }
    p->num_children = first;
}

void proof_begin(struct proof *p, const struct game *game, const void *state, const bool *closed, int waits) {
    CHECK(game->max_legal <= MAX_CHILDREN);
    if (p->state_bytes < game->state_bytes) {
        free(p->states);
        p->states = memory_raw(MAX_DEPTH + 1, game->state_bytes, "a proof's states");
        p->state_bytes = game->state_bytes;
    }
    p->game = game;
    p->total = 0;
    memcpy(p->states, state, game->state_bytes);
    memset(p->entries, 0, p->max_entries * sizeof *p->entries);
    p->num_entries = 0;
    p->closed = closed;
    p->waits = closed ? waits : 0;
    enter(p, 0, WAIT);
}

// Whether `hero` wins states[depth]; what can't be shown is PROOF_NO. `waited` is the side that has
// waited since the root; -1: none has.
static enum proof_answer ask(struct proof *p, int depth, int hero, int waited) {
    p->hero = hero;
    p->waits_left[depth] = p->waits - (waited == !hero && p->waits > 0);
    p->nodes = 0;
    p->is_stopped = false;
    p->num_children = 0;
    const struct entry *e = meet(p, depth);
    const uint64_t key = e->key;
    const bool is_heros = game_to_move(p->game, state_at(p, depth)) == hero;
    if (e->phi && e->delta) search(p, depth, key, ENDLESS, ENDLESS);
    p->total += p->nodes;
    if (p->is_stopped) return PROOF_UNKNOWN;
    e = find(p->entries, p->max_entries, key);
    return (e->phi == 0) == is_heros ? PROOF_YES : PROOF_NO;
}

enum proof_answer proof_wins_after(struct proof *p, const uint16_t *actions, int num_actions) {
    CHECK(num_actions < MAX_DEPTH / 2);
    const int root_mover = game_to_move(p->game, p->states);
    for (int d = 0; d < num_actions; d++) step(p, d, actions[d]);
    const int waited = num_actions && actions[0] == WAIT ? root_mover : -1;
    const enum outcome certain = game_certain(p->game, state_at(p, num_actions));
    p->nodes = 0;
    if (certain != OUTCOME_NONE) return outcome_for(certain, root_mover) > 0 ? PROOF_YES : PROOF_NO;
    // The side to move is asked first: it has the choice, and wins more often.
    const int first = game_to_move(p->game, state_at(p, num_actions));
    const enum proof_answer own = ask(p, num_actions, first, waited);
    if (own == PROOF_YES) return first == root_mover ? PROOF_YES : PROOF_NO;
    const long long nodes = p->nodes;
    const enum proof_answer others = ask(p, num_actions, !first, waited);
    p->nodes += nodes;
    if (others == PROOF_YES) return first == root_mover ? PROOF_NO : PROOF_YES;
    return PROOF_UNKNOWN;
}

enum proof_answer proof_wins(struct proof *p) { return proof_wins_after(p, NULL, 0); }

enum proof_answer proof_wins_after_wait(struct proof *p) {
    const uint16_t wait = WAIT;
    return proof_wins_after(p, &wait, 1);
}

long long proof_nodes(const struct proof *p) { return p->nodes; }
long long proof_total(const struct proof *p) { return p->total; }
