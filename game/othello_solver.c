// The ending of Othello, solved by alpha-beta with null windows over the final margin of discs.
//
// Far from the end the moves that leave the fewest replies are tried first ("fastest first"), and
// together with a transposition table this is what makes such searches deep. Within five empty
// points of the end it costs more than it saves, and moves are tried as they come.
//
// A value is the final margin for the mover; empty points count for nobody. 4x4 is solved from the
// start, larger boards from where few enough points are empty. A pass changes the mover and so
// negates the window.
//
// A bucket of the table has one entry, which is always replaced. It holds bounds for one position,
// which is given by the mover's discs and the other's.
#include "game/othello.h"

#include "base/memory.h"

#include <stdlib.h>

enum {
    MAX_EMPTY = 18,   // of 8x8: all moves of a position take 2 seconds on average (chosen by times)
    MAX_EMPTY_6 = 20, // of 6x6 (chosen by times)
    // The fewest empty points at which moves are sorted and the table is used (chosen, not tuned).
    ORDERED_EMPTY = 6,
    TABLE_BITS = 20, // 24 MiB
};

struct entry {
    uint64_t mine, other;
    int8_t low, high, used;
};

struct othello {
    uint64_t board;
    int most_empty;      // the most empty points of a position that it answers for
    struct entry *table; // [1 << TABLE_BITS]
};

static int most_empty(int size) { return size == 8 ? MAX_EMPTY : MAX_EMPTY_6; }

static int num_empty(uint64_t board, const struct othello_state *s) {
    return __builtin_popcountll(board & ~(s->discs[0] | s->discs[1]));
}

static enum status othello_open(void **self, const struct game *game, const void *state) {
    const uint64_t board = othello_board(game->width);
    const int empty = num_empty(board, state), reach = most_empty(game->width);
    if (empty > reach || game->max_plies < 2 * (game->width * game->width - 4))
        return status_fail(
            STATUS_UNSUPPORTED, "solver: othello %dx%d with %d empty points %s", game->height, game->width, empty,
            empty > reach ? "is too large: it takes 8x8 with up to 18 of them, 6x6 with up to 20" : "is not played to its end");
    struct othello *v = memory_new(1, sizeof *v, "a solver");
    v->table = memory_new((size_t)1 << TABLE_BITS, sizeof *v->table, "a solver's table");
    v->board = board;
    v->most_empty = reach;
    *self = v;
    return STATUS_OK;
}

static void othello_close(void *self) {
    struct othello *v = self;
    free(v->table);
    free(v);
}

static int margin_of(uint64_t mine, uint64_t other) { return __builtin_popcountll(mine) - __builtin_popcountll(other); }

static int search(const struct othello *v, uint64_t mine, uint64_t other, uint64_t moves, int alpha, int beta);

// The value of placing at `place` for the mover.
static int after(const struct othello *v, uint64_t mine, uint64_t other, uint64_t place, int alpha, int beta) {
    const uint64_t turned = othello_turned(mine, other, place);
    const uint64_t next_mine = other & ~turned, next_other = mine | turned | place;
    return -search(v, next_mine, next_other, othello_moves(next_mine, next_other, v->board), -beta, -alpha);
}

struct candidate {
    uint64_t place;
    int replies;
};

static int ordered(const struct othello *v, uint64_t mine, uint64_t other, uint64_t moves, struct candidate *out) {
    int n = 0;
    for (; moves; moves &= moves - 1) {
        const uint64_t place = moves & -moves, turned = othello_turned(mine, other, place);
        const int replies = __builtin_popcountll(othello_moves(other & ~turned, mine | turned | place, v->board));
        int i = n++;
        for (; i > 0 && out[i - 1].replies > replies; i--) out[i] = out[i - 1];
        out[i] = (struct candidate){place, replies};
    }
    return n;
}

// The search far from the end: moves are sorted, and the table is used.
static int search_far(const struct othello *v, uint64_t mine, uint64_t other, uint64_t moves, int alpha, int beta) {
    struct entry *e = &v->table[rng_mix(mine ^ rng_mix(other)) >> (64 - TABLE_BITS)];
    const bool found = e->used && e->mine == mine && e->other == other;
    if (found) {
        if (e->low >= beta || e->low == e->high) return e->low;
        if (e->high <= alpha) return e->high;
        if (e->low > alpha) alpha = e->low;
        if (e->high < beta) beta = e->high;
    }
    int low = found ? e->low : -64, high = found ? e->high : 64;
    const int floor = alpha;
    struct candidate places[64];
    const int n = ordered(v, mine, other, moves, places);
    int value = -65;
    for (int i = 0; i < n && value < beta; i++) {
        const int got = after(v, mine, other, places[i].place, alpha, beta);
        if (got > value) value = got;
        if (value > alpha) alpha = value;
    }
    if (value > floor && value > low) low = value;
    if (value < beta && value < high) high = value;
    *e = (struct entry){mine, other, (int8_t)low, (int8_t)high, 1};
    return value;
}

// The value where it is between alpha and beta; else a bound on it that is at that edge or beyond.
// `moves` are the mover's.
static int search(const struct othello *v, uint64_t mine, uint64_t other, uint64_t moves, int alpha, int beta) {
    if (!moves) {
        const uint64_t replies = othello_moves(other, mine, v->board);
        return replies ? -search(v, other, mine, replies, -beta, -alpha) : margin_of(mine, other);
    }
    if (__builtin_popcountll(v->board & ~(mine | other)) >= ORDERED_EMPTY)
        return search_far(v, mine, other, moves, alpha, beta);
    int value = -65;
    for (; moves && value < beta; moves &= moves - 1) {
        const int got = after(v, mine, other, moves & -moves, alpha, beta);
        if (got > value) value = got;
        if (value > alpha) alpha = value;
    }
    return value;
}

// Null windows that close in on the value from the side that each answer shows [MTD(f), Plaat et
// al. 1996].
static double othello_value(void *self, const void *state) {
    const struct othello *v = self;
    const struct othello_state *s = state;
    const uint64_t mine = s->discs[s->to_move], other = s->discs[!s->to_move];
    int low = -64, high = 64, guess = 0;
    if (s->is_over) return margin_of(mine, other);
    while (low < high) {
        const int beta = guess > low ? guess : low + 1;
        guess = search(v, mine, other, s->moves, beta - 1, beta);
        if (guess < beta)
            high = guess;
        else
            low = guess;
    }
    return low;
}

static bool othello_at_least(void *self, const void *state, int bound) {
    const struct othello *v = self;
    const struct othello_state *s = state;
    const uint64_t mine = s->discs[s->to_move], other = s->discs[!s->to_move];
    return (s->is_over ? margin_of(mine, other) : search(v, mine, other, s->moves, bound - 1, bound)) >= bound;
}

static bool othello_serves(void *self, const void *state) {
    const struct othello *v = self;
    return num_empty(v->board, state) <= v->most_empty;
}

const struct solver_type othello_solver = {.open = othello_open,
                                           .close = othello_close,
                                           .value = othello_value,
                                           .at_least = othello_at_least,
                                           .serves = othello_serves};
