// Hex on small boards, solved by a depth-first search that proves who wins and remembers *where*,
// so that one losing move rules out all other moves that don't interfere with the proof
// ("must-play" [Hayward, Bjornsson, Johanson, Kan, Po & van Rijswijck 2005]).
//
// Every result comes with a carrier: a set of empty points such that the winner wins by playing in
// them alone, whatever the loser does elsewhere (additional stones never harm their owner). So when
// a move of the mover loses with carrier C, every move outside C loses in the same way, and only
// moves inside all carriers found so far are left to try. When none is left the position is lost.
//
//   over       a chain links both sides; the carrier is empty
//   win by m   m, and the carrier of the opponent's loss after it
//   loss       the union of the carriers of the opponent's wins after all moves that were tried
//
// Points are bits of a word, with size + 1 bits to a row, so that shifts never run into the next
// row. The table keeps the result of a position under its stones and mover, without collisions; a
// position and the one that is turned by half share an entry.
#include "base/memory.h"
#include "game/game_table.h"
#include "game/hex.h"
#include "game/solver.h"

#include <stdlib.h>

// All openings of 5x5 take a second. Two sets of 30 bits and the mover are as much as a key can
// hold.
enum { MAX_SIDE = 5 };

struct entry {
    uint64_t key;    // the mover's stones, the other's, the mover, and 1 as lowest bit; 0: free
    uint64_t result; // the carrier, and 1 as lowest bit where the mover wins
};

struct hex_solving {
    struct game game;
    int stride;
    uint64_t board, sides[2][2]; // sides of [player]: top and bottom, left and right
    struct entry *entries;       // open addressing, at most half full
    size_t num_entries, max_entries;
    long long nodes;
};

struct proof {
    bool wins; // the side to move wins
    uint64_t carrier;
};

static uint64_t around(const struct hex_solving *v, uint64_t set) {
    const int down = v->stride, left = v->stride - 1;
    return (set << 1 | set >> 1 | set << down | set >> down | set << left | set >> left) & v->board;
}

// All that is linked to `side` through `stones`, and the points next to it.
static uint64_t reach(const struct hex_solving *v, uint64_t stones, uint64_t side) {
    uint64_t at = side, more;
    while ((more = at | around(v, at & stones)) != at) at = more;
    return at;
}

static uint64_t turned(const struct hex_solving *v, uint64_t set) {
    const int last = v->stride * v->game.height - 2;
    uint64_t out = 0;
    for (; set; set &= set - 1) out |= 1ull << (last - __builtin_ctzll(set));
    return out;
}

static struct entry *find(struct entry *entries, size_t max_entries, uint64_t key) {
    size_t i = rng_mix(key) & (max_entries - 1);
    while (entries[i].key && entries[i].key != key) i = (i + 1) & (max_entries - 1);
    return &entries[i];
}

static void table_store(struct hex_solving *v, uint64_t key, uint64_t result) {
    if (2 * v->num_entries >= v->max_entries) {
        const size_t max_entries = 2 * v->max_entries;
        struct entry *entries = memory_new(max_entries, sizeof *entries, "a solver's table");
        for (size_t i = 0; i < v->max_entries; i++)
            if (v->entries[i].key) *find(entries, max_entries, v->entries[i].key) = v->entries[i];
        free(v->entries);
        v->entries = entries;
        v->max_entries = max_entries;
    }
    struct entry *e = find(v->entries, v->max_entries, key);
    v->num_entries += !e->key;
    *e = (struct entry){key, result};
}

static uint64_t lowest_two(uint64_t set) {
    const uint64_t rest = set & (set - 1);
    return (set & -set) | (rest & -rest);
}

// The chain of `stones` that holds `at`.
static uint64_t chain(const struct hex_solving *v, uint64_t stones, uint64_t at) {
    for (uint64_t more; (more = at | (around(v, at) & stones)) != at;) at = more;
    return at;
}

// Whether bridges link a player's sides. A bridge joins two chains, or a chain and a side, by two
// empty points that both touch and no other bridge uses: when the opponent takes one of them, the
// other still joins. Chains are joined one after the other from one side to the opposite one.
// carrier: the points of the bridges.
static bool is_bridged(const struct hex_solving *v, int player, uint64_t stones, uint64_t empty, uint64_t *carrier) {
    const uint64_t *sides = v->sides[player];
    uint64_t linked = 0, used = 0;
    for (bool changed = true; changed;) {
        uint64_t free_points = (around(v, linked) | sides[0]) & empty & ~used;
        changed = false;
        uint64_t pair = free_points & sides[1]; // is there a bridge to the far side itself?
        const bool arrives = pair & (pair - 1);
        if (arrives || (linked & sides[1])) {
            if (arrives) used |= lowest_two(pair);
            *carrier = used;
            return true;
        }
        for (uint64_t left = stones & ~linked; left;) {
            const uint64_t next = chain(v, stones, left & -left);
            left &= ~next;
            pair = around(v, next) & free_points;
            const bool touches = next & sides[0];
            if (!touches && !(pair & (pair - 1))) continue;
            if (!touches) used |= lowest_two(pair);
            linked |= next;
            free_points = (around(v, linked) | sides[0]) & empty & ~used;
            changed = true;
        }
    }
    return false;
}

// The empty points where a player could place a stone of a shortest link between its two sides, one
// that needs the fewest stones.
static uint64_t shortest(const struct hex_solving *v, int player, uint64_t stones, uint64_t empty) {
    uint64_t far[MAX_SIDE * MAX_SIDE], seen = reach(v, stones, v->sides[player][1]), on = seen & empty;
    int length = 0; // far[i]: points from which i + 1 stones, one of them there, reach the far side
    for (far[0] = on; on; far[length] = on) {
        const uint64_t next = reach(v, stones | on, on);
        on = next & empty & ~seen;
        seen |= next;
        length++;
    }
    uint64_t near = reach(v, stones, v->sides[player][0]) & empty, out = 0;
    int i = 0;
    while (i < length && !(far[i] & near)) i++;
    for (; i < length && i >= 0; i--) {
        near &= far[i];
        out |= near;
        near = reach(v, stones | near, near) & empty;
    }
    return out;
}

// The move to try first: one on shortest links of both players, else of one, that is near the
// middle.
static uint64_t choose(const struct hex_solving *v, uint64_t moves, uint64_t mine, uint64_t theirs) {
    if (mine & moves & theirs)
        moves &= mine & theirs;
    else if (moves & (mine | theirs))
        moves &= mine | theirs;
    const int size = v->game.height, middle = size - 1; // the middle in half points
    uint64_t best = 0;
    int least = 1 << 10;
    for (; moves; moves &= moves - 1) {
        const int p = __builtin_ctzll(moves), dy = 2 * (p / v->stride) - middle, dx = 2 * (p % v->stride) - middle;
        const int distance = dy * dy + dx * dx + dy * dx; // squared, on a grid of hexagons
        if (distance < least) {
            least = distance;
            best = moves & -moves;
        }
    }
    return best;
}

// Solves a position that nobody has won yet, in which `player` is to move.
static struct proof prove(struct hex_solving *v, int player, uint64_t mine, uint64_t theirs) {
    const int other = !player;
    const uint64_t empty = v->board & ~(mine | theirs);
    const uint64_t wins = reach(v, mine, v->sides[player][0]) & reach(v, mine, v->sides[player][1]) & empty;
    if (wins) return (struct proof){true, wins & -wins};
    const uint64_t threats = reach(v, theirs, v->sides[other][0]) & reach(v, theirs, v->sides[other][1]) & empty;
    if (threats & (threats - 1)) return (struct proof){false, lowest_two(threats)};
    // Of the position and the one turned by half, the smaller one is the key.
    const int bits = v->stride * v->game.height;
    const uint64_t a = mine << bits | theirs, turned_mine = turned(v, mine), turned_theirs = turned(v, theirs);
    const uint64_t b = turned_mine << bits | turned_theirs;
    const bool is_turned = b < a;
    const uint64_t key = (is_turned ? b : a) << 2 | (uint64_t)player << 1 | 1;
    const struct entry *known = find(v->entries, v->max_entries, key);
    if (known->key) {
        const uint64_t carrier = known->result >> 1;
        return (struct proof){known->result & 1, is_turned ? turned(v, carrier) : carrier};
    }
    struct proof proof = {false, threats};
    if (!threats && is_bridged(v, other, theirs, empty, &proof.carrier)) return proof;
    for (uint64_t left = threats ? threats : empty; left; left &= left - 1) {
        const uint64_t move = left & -left;
        if (!is_bridged(v, player, mine | move, empty & ~move, &proof.carrier)) continue;
        proof.carrier |= move;
        proof.wins = true;
        return proof;
    }
    v->nodes++;
    const uint64_t my_paths = shortest(v, player, mine, empty), their_paths = shortest(v, other, theirs, empty);
    for (uint64_t moves = threats ? threats : empty; moves;) {
        const uint64_t move = choose(v, moves, my_paths, their_paths);
        const struct proof answer = prove(v, other, theirs, mine | move);
        if (!answer.wins) {
            proof = (struct proof){true, move | answer.carrier};
            break;
        }
        proof.carrier |= answer.carrier;
        moves &= answer.carrier & ~move;
    }
    table_store(v, key, (is_turned ? turned(v, proof.carrier) : proof.carrier) << 1 | proof.wins);
    return proof;
}

static void hex_solver_close(void *self) {
    struct hex_solving *v = self;
    if (v) free(v->entries);
    free(v);
}

static enum status hex_solver_open(void **self, const struct game *g, const void *state) {
    const int size = g->height;
    if (size > MAX_SIDE)
        return status_fail(STATUS_UNSUPPORTED, "solver: hex %dx%d is too large: it takes up to %dx%d", size, size, MAX_SIDE,
                           MAX_SIDE);
    if (g->max_plies < size * size + g->num_global_actions)
        return status_fail(STATUS_UNSUPPORTED, "solver: hex with a limit of %d plies can end before it is decided",
                           g->max_plies);
    struct hex_solving *v = memory_new(1, sizeof *v, "a solver");
    v->game = *g;
    v->stride = size + 1;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            const uint64_t at = 1ull << (y * v->stride + x);
            v->board |= at;
            if (!y) v->sides[0][0] |= at;
            if (y == size - 1) v->sides[0][1] |= at;
            if (!x) v->sides[1][0] |= at;
            if (x == size - 1) v->sides[1][1] |= at;
        }
    v->max_entries = 1 << 12;
    v->entries = memory_new(v->max_entries, sizeof *v->entries, "a solver's table");
    *self = v;
    return STATUS_OK;
}

static double hex_solver_value(void *self, const void *state) {
    struct hex_solving *v = self;
    const struct game *g = &v->game;
    const struct hex_state *s = state;
    const int mover = s->to_move;
    const enum outcome outcome = game_outcome(g, state);
    if (outcome != OUTCOME_NONE) return outcome_for(outcome, mover);
    // The second player swaps if the first move wins and lets it stand if it loses.
    if (g->num_global_actions && !s->ply) return -1;
    uint64_t stones[2] = {0, 0}, mirrored = 0;
    for (int player = 0; player < 2; player++)
        for (int y = 0; y < g->height; y++)
            for (uint32_t row = hex_stones(g, s, player)[y]; row; row &= row - 1) {
                stones[player] |= 1ull << (y * v->stride + __builtin_ctz(row));
                mirrored |= 1ull << (__builtin_ctz(row) * v->stride + y);
            }
    if (hex_may_swap(g, s) && !prove(v, 0, 0, mirrored).wins) return 1;
    return prove(v, mover, stones[mover], stones[!mover]).wins ? 1 : -1;
}

const struct solver_type hex_solver = {.open = hex_solver_open, .close = hex_solver_close, .value = hex_solver_value};
