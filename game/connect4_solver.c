// Connect Four solved by alpha-beta over boards of bits with a transposition table [Tromp's
// Fhourstones; the tests on whole boards of bits and the bounds by distance are from Pons 2015].
//
// A value says for the mover how early the game is decided. When the mover wins by the next stone
// and s stones are on the board it is (area + 1 - s) / 2, the number of stones that the mover has
// still in hand, that one included. A loss is the negative of the opponent's value, a draw is 0. So
// 7 x 6 is worth 1 to the first player, who wins by the 41st of 42 stones.
//
// Invariants of `search`: the mover can't place a fourth stone at once, which is seen on the bits
// before a node is searched. Of the moves only those are tried after which the opponent can't
// either. They are ordered by the number of points that they would make winning, and then from the
// centre outwards.
//
// An entry of the table is one word: 50 bits of position, 6 of the number of stones, 8 of bound.
// The position is the sum of the mover's stones and of all stones, which is unique, because the top
// stone of every column carries into the bit above it. A bucket has two entries: one keeps the
// position that is nearest to the start, which was the most expensive, the other is always
// replaced. Mirrored positions share an entry.
#include "game/connect4.h"

#include "base/memory.h"

#include <stdlib.h>

enum {
    MAX_AREA = 42,    // larger boards take days
    BUCKET_BITS = 22, // 64 MiB (chosen, not tuned)
    KNOWN_BITS = 14,  // of the number of exact answers that are kept for good
    // When more stones than this are still to come, the positions after all moves are looked up
    // before any is searched (chosen by times).
    PROBED_LEFT = 14,
    // From this ply on, looking for the mirrored position costs more than it saves (chosen, not
    // tuned).
    MIRROR_PLIES = 28,
    KEY_SHIFT = 14, // a position of 42 points takes at most 10 x 5 bits
};

// An answer that was asked for and is kept.
struct exact {
    uint64_t key;
    int8_t value;
    bool used;
};

struct connect4 {
    int width, height, stride, area;
    uint64_t bottom, board;       // the bits of the lowest row, and of all points
    int order[CONNECT4_MAX_SIDE]; // columns from the centre outwards
    // [2 << BUCKET_BITS]: position << KEY_SHIFT | stones << 8 | code of the bound; 0: empty.
    uint64_t *table;
    struct exact *known; // [1 << KNOWN_BITS]: open addressing, and at most half full
    int num_known;
};

// A position.
struct place {
    uint64_t mine, all;
    int ply;
};

static void know_first_moves(struct connect4 *v);

static enum status connect4_open(void **self, const struct game *game, const void *state) {
    const int stride = game->height + 1, area = game->height * game->width;
    if (area > MAX_AREA || game->max_plies < area)
        return status_fail(STATUS_UNSUPPORTED, "solver: connect4 %dx%d is %s", game->height, game->width,
                           area > MAX_AREA ? "too large (at most 42 points)" : "not played to its end");
    struct connect4 *v = memory_new(1, sizeof *v, "a solver");
    *v = (struct connect4){.width = game->width, .height = game->height, .stride = stride, .area = area};
    for (int x = 0; x < v->width; x++) {
        v->bottom |= 1ull << x * stride;
        v->board |= ((1ull << v->height) - 1) << x * stride;
        v->order[x] =
            v->width % 2 ? v->width / 2 + (x & 1 ? -(x + 1) / 2 : x / 2) : v->width / 2 - 1 + (x & 1 ? (x + 1) / 2 : -x / 2);
    }
    v->table = memory_new((size_t)2 << BUCKET_BITS, sizeof *v->table, "a solver's table");
    v->known = memory_new((size_t)1 << KNOWN_BITS, sizeof *v->known, "a solver's answers");
    know_first_moves(v);
    *self = v;
    return STATUS_OK;
}

static void connect4_close(void *self) {
    struct connect4 *v = self;
    free(v->table);
    free(v->known);
    free(v);
}

// Empty points that would complete four in a row of the stones `s`.
static inline uint64_t winning_points(const struct connect4 *v, uint64_t s, uint64_t all) {
    uint64_t won = s << 1 & s << 2 & s << 3; // only above a column's stones can a point be empty
    const int steps[3] = {v->stride, v->stride + 1, v->stride - 1};
    for (int d = 0; d < 3; d++) {
        const int k = steps[d];
        uint64_t pair = s << k & s << 2 * k;
        won |= pair & s << 3 * k;
        won |= pair & s >> k;
        pair = s >> k & s >> 2 * k;
        won |= pair & s >> 3 * k;
        won |= pair & s << k;
    }
    return won & (v->board ^ all);
}

static inline uint64_t landing_points(const struct connect4 *v, uint64_t all) { return (all + v->bottom) & v->board; }

// The moves that don't lose at once. When the opponent threatens to win, only that point is left
// (none when there are two such points); and no move may be just below a point where the opponent
// wins.
static inline uint64_t safe_moves(const struct connect4 *v, const struct place *p) {
    uint64_t moves = landing_points(v, p->all);
    const uint64_t theirs = winning_points(v, p->all ^ p->mine, p->all), forced = moves & theirs;
    if (forced) {
        if (forced & (forced - 1)) return 0;
        moves = forced;
    }
    return moves & ~(theirs >> 1);
}

static uint64_t key_of(const struct connect4 *v, const struct place *p) {
    const uint64_t key = p->mine + p->all;
    if (p->ply >= MIRROR_PLIES) return key;
    const uint64_t column = (1ull << v->stride) - 1;
    uint64_t mirror = 0;
    for (int x = 0; x < v->width; x++) mirror = mirror << v->stride | (key >> x * v->stride & column);
    return mirror < key ? mirror : key;
}

static inline uint64_t *bucket_of(const struct connect4 *v, uint64_t key) {
    // This is Fibonacci hashing [Knuth, The Art of Computer Programming, section 6.4].
    return v->table + 2 * ((key * 0x9e3779b97f4a7c15u) >> (64 - BUCKET_BITS));
}

// The code of an upper bound is its value + 64, that of a lower bound its value + 192, so that no
// code is 0.
enum { UPPER = 64, LOWER = 192, LEAST_LOWER = 128 };

static inline int table_find(const struct connect4 *v, uint64_t key) {
    const uint64_t *bucket = bucket_of(v, key);
    for (int i = 0; i < 2; i++)
        if (bucket[i] >> KEY_SHIFT == key) return (int)(bucket[i] & 255);
    return 0;
}

static void table_store(const struct connect4 *v, uint64_t key, int code, int ply) {
    uint64_t *bucket = bucket_of(v, key);
    const bool first = !bucket[0] || bucket[0] >> KEY_SHIFT == key || ply <= (int)(bucket[0] >> 8 & 63);
    bucket[!first] = key << KEY_SHIFT | (uint64_t)ply << 8 | (uint64_t)code;
}

struct candidate {
    uint64_t move;
    int worth;
};

// Writes the safe moves, those to be tried first in front, and returns their number.
static int ordered_moves(const struct connect4 *v, const struct place *p, uint64_t safe, struct candidate *out) {
    int n = 0;
    for (int k = 0; k < v->width; k++) {
        const uint64_t move = safe & (((1ull << v->height) - 1) << v->order[k] * v->stride);
        if (!move) continue;
        const int worth = __builtin_popcountll(winning_points(v, p->mine | move, p->all | move));
        int i = n++;
        for (; i > 0 && out[i - 1].worth < worth; i--) out[i] = out[i - 1];
        out[i] = (struct candidate){move, worth};
    }
    return n;
}

// The value where it is between alpha and beta; else a bound on it that is at that edge or beyond.
static int search(const struct connect4 *v, const struct place *p, int alpha, int beta) {
    const uint64_t safe = safe_moves(v, p);
    const int left = v->area - p->ply;
    if (!safe) return -(left / 2); // the opponent's next stone wins
    if (left <= 2) return 0;
    // Neither side wins within two plies, which bounds the value.
    const int least = -((left - 2) / 2), most = (left - 1) / 2;
    if (alpha < least) alpha = least;
    if (beta > most) beta = most;
    if (alpha >= beta) return alpha;
    const uint64_t key = key_of(v, p);
    const int code = table_find(v, key);
    if (code >= LEAST_LOWER) {
        if (code - LOWER >= beta) return code - LOWER;
        if (code - LOWER > alpha) alpha = code - LOWER;
    } else if (code) {
        if (code - UPPER <= alpha) return code - UPPER;
        if (code - UPPER < beta) beta = code - UPPER;
    }
    struct candidate moves[CONNECT4_MAX_SIDE];
    const int n = ordered_moves(v, p, safe, moves);
    // When the table says that one of the moves is good enough, nothing has to be searched.
    for (int i = 0; i < n && left > PROBED_LEFT; i++) {
        const struct place next = {p->all ^ p->mine, p->all | moves[i].move, p->ply + 1};
        const int known = table_find(v, key_of(v, &next));
        if (known && known < LEAST_LOWER && UPPER - known >= beta) return UPPER - known;
    }
    for (int i = 0; i < n; i++) {
        const struct place next = {p->all ^ p->mine, p->all | moves[i].move, p->ply + 1};
        const int value = -search(v, &next, -beta, -alpha);
        if (value >= beta) {
            table_store(v, key, LOWER + value, p->ply);
            return value;
        }
        if (value > alpha) alpha = value;
    }
    table_store(v, key, UPPER + alpha, p->ply);
    return alpha;
}

// Finds the value by questions whether it is above a number, halving the range in which it lies.
// The first questions are near 0, because who wins narrows the range most.
static int solve(struct connect4 *v, const struct place *p) {
    const int left = v->area - p->ply;
    if (winning_points(v, p->mine, p->all) & landing_points(v, p->all)) return (left + 1) / 2;
    int low = -(left / 2), high = (left + 1) / 2;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (middle <= 0 && low / 2 < middle) middle = low / 2;
        if (middle >= 0 && high / 2 > middle) middle = high / 2;
        const int value = search(v, p, middle, middle + 1);
        if (value <= middle)
            high = value;
        else
            low = value;
    }
    return low;
}

// The entry of an exact answer: it is `used` when the position was asked for before.
static struct exact *known_find(const struct connect4 *v, uint64_t key) {
    const uint64_t mask = (1u << KNOWN_BITS) - 1;
    uint64_t i = rng_mix(key) & mask;
    while (v->known[i].used && v->known[i].key != key) i = (i + 1) & mask;
    return &v->known[i];
}

static void known_store(struct connect4 *v, uint64_t key, int value) {
    if (v->num_known >= 1 << (KNOWN_BITS - 1)) return;
    v->num_known++;
    *known_find(v, key) = (struct exact){key, (int8_t)value, true};
}

// Stores the values of the empty board of 7 x 6 and of its seven first moves, each of which takes
// minutes to search [values: Tromp, John's Connect Four playground; Pons]. A test to be run by hand
// (test_game_connect4 100000 whole) derives them from all second moves.
static void know_first_moves(struct connect4 *v) {
    static const int8_t after[7] = {2, 1, 0, -1, 0, 1, 2}; // for the second player, by column
    if (v->width != 7 || v->height != 6) return;
    known_store(v, key_of(v, &(struct place){0, 0, 0}), 1);
    for (int x = 0; x < 4; x++) {
        const struct place p = {0, 1ull << x * v->stride, 1};
        known_store(v, key_of(v, &p), after[x]);
    }
}

static struct place place_of(const struct connect4_state *s) {
    return (struct place){s->stones[s->ply & 1][0], s->stones[0][0] | s->stones[1][0], s->ply};
}

static int finished_value(const struct connect4 *v, const struct connect4_state *s) {
    // Else the stone that was placed last has won, and the side to move has lost.
    return s->outcome == OUTCOME_DRAW ? 0 : -((v->area + 2 - s->ply) / 2);
}

static double connect4_value(void *self, const void *state) {
    struct connect4 *v = self;
    const struct connect4_state *s = state;
    if (s->outcome != OUTCOME_NONE) return finished_value(v, s);
    const struct place p = place_of(s);
    const uint64_t key = key_of(v, &p);
    const struct exact *known = known_find(v, key);
    if (known->used) return known->value;
    const int value = solve(v, &p);
    known_store(v, key, value);
    return value;
}

// This takes a single search with a null window.
static bool connect4_at_least(void *self, const void *state, int bound) {
    struct connect4 *v = self;
    const struct connect4_state *s = state;
    if (s->outcome != OUTCOME_NONE) return finished_value(v, s) >= bound;
    const struct place p = place_of(s);
    const struct exact *known = known_find(v, key_of(v, &p));
    if (known->used) return known->value >= bound;
    if (winning_points(v, p.mine, p.all) & landing_points(v, p.all)) return (v->area - p.ply + 1) / 2 >= bound;
    return search(v, &p, bound - 1, bound) >= bound;
}

const struct solver_type connect4_solver = {
    .open = connect4_open, .close = connect4_close, .value = connect4_value, .at_least = connect4_at_least};
