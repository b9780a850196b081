// How many Go positions are legal, that is, have a liberty for every chain [Tromp & Farneback 2007,
// section 2].
//
// The board is scanned point by point and row by row. All that matters of the points behind is the
// border: the last `size` points scanned, one for each column. Each of them is empty, or a stone
// with a liberty, or a stone of a chain that still waits for one; and it is known which waiting
// stones are of the same chain. All positions with the same border are counted together.
//
//   . X O .      Two rows have been scanned up to the bar: the border is X X in the second row and
//   X X|         O . in the first.
//
// When a waiting chain leaves the border without having met an empty point, its positions are
// dropped. A border is packed into one word, with 3 bits for each column's kind and 4 for the first
// column of its chain when it waits. Since exchanging the colours changes no count, the first stone
// of a border is always taken for a black one.
#include "game/legal_count.h"

#include "base/memory.h"
#include "base/rng.h"

#include <stdint.h>
#include <stdlib.h>

enum { MAX_SIZE = 6 }; // 7x7 has 8.4e22 legal positions, more than 64 bits can hold
enum kind { EMPTY, BLACK, WHITE, BLACK_WAITS, WHITE_WAITS };

struct border {
    int kind[MAX_SIZE], chain[MAX_SIZE]; // chain: the label of one that waits, else -1
};

struct table {
    uint64_t *keys; // key + 1; 0: free
    uint64_t *counts;
    size_t used, capacity; // the capacity is a power of two; at most half of it is used
};

static void table_init(struct table *t, size_t capacity) {
    static const char what[] = "the borders of boards";
    *t =
        (struct table){memory_new(capacity, sizeof *t->keys, what), memory_new(capacity, sizeof *t->counts, what), 0, capacity};
}
static void table_done(struct table *t) {
    free(t->keys);
    free(t->counts);
    *t = (struct table){0};
}

static void table_put(struct table *t, uint64_t key, uint64_t count) {
    size_t i = rng_mix(key) & (t->capacity - 1);
    while (t->keys[i] && t->keys[i] != key + 1) i = (i + 1) & (t->capacity - 1);
    t->used += !t->keys[i];
    t->keys[i] = key + 1;
    t->counts[i] += count;
}

static void table_add(struct table *t, uint64_t key, uint64_t count) {
    if (2 * t->used >= t->capacity) {
        struct table larger;
        table_init(&larger, 2 * t->capacity);
        for (size_t i = 0; i < t->capacity; i++)
            if (t->keys[i]) table_put(&larger, t->keys[i] - 1, t->counts[i]);
        table_done(t);
        *t = larger;
    }
    table_put(t, key, count);
}

static uint64_t border_pack(const struct border *b, int size) {
    int first = 0;
    for (int i = 0; i < size && !first; i++) first = b->kind[i];
    const bool swap = first == WHITE || first == WHITE_WAITS;
    uint64_t key = 0;
    for (int i = 0; i < size; i++) {
        const int kind = b->kind[i] && swap ? (b->kind[i] - 1) / 2 * 2 + 1 + ((b->kind[i] - 1) % 2 ^ 1) : b->kind[i];
        int chain = 0;
        while (b->chain[i] >= 0 && b->chain[chain] != b->chain[i]) chain++;
        key = key << 7 | (uint64_t)(kind << 4 | chain);
    }
    return key;
}

static struct border border_unpack(uint64_t key, int size) {
    struct border b;
    for (int i = size - 1; i >= 0; i--, key >>= 7) {
        b.kind[i] = (int)(key >> 4 & 7);
        b.chain[i] = b.kind[i] >= BLACK_WAITS ? (int)(key & 15) : -1;
    }
    return b;
}

// Gives a chain a liberty, so that it no longer waits.
static void release(struct border *b, int size, int chain) {
    if (chain < 0) return;
    for (int i = 0; i < size; i++)
        if (b->chain[i] == chain) {
            b->chain[i] = -1;
            b->kind[i] -= 2;
        }
}

// Puts EMPTY, BLACK or WHITE in column x, below the point that is there now. Returns false when a
// chain that waits leaves the border.
static bool advance(struct border *b, int size, int x, int color) {
    const int above = b->chain[x], left = x ? b->chain[x - 1] : -1;
    const int above_color = b->kind[x] > WHITE ? b->kind[x] - 2 : b->kind[x];
    const int left_color = x ? (b->kind[x - 1] > WHITE ? b->kind[x - 1] - 2 : b->kind[x - 1]) : EMPTY;
    const bool breathes_above = b->kind[x] == EMPTY, breathes_left = x && b->kind[x - 1] == EMPTY;
    if (color == EMPTY) {
        release(b, size, above);
        if (x) release(b, size, b->chain[x - 1]);
        b->kind[x] = EMPTY;
        b->chain[x] = -1;
        return true;
    }
    // The stone above leaves the border: its chain must go on in this point or elsewhere on the
    // border.
    bool elsewhere = false;
    for (int i = 0; i < size; i++) elsewhere |= i != x && above >= 0 && b->chain[i] == above;
    if (above >= 0 && above_color != color && !elsewhere) return false;
    const int fresh = MAX_SIZE + 1;
    b->kind[x] = color + 2;
    b->chain[x] = fresh;
    bool breathes = breathes_above || breathes_left;
    if (above_color == color) { // the new stone joins the chain above
        if (above < 0) breathes = true;
        for (int i = 0; i < size; i++)
            if (above >= 0 && b->chain[i] == above) b->chain[i] = fresh;
    }
    if (x && left_color == color) {
        const int chain = b->chain[x - 1]; // it is `fresh` when the chain above is the same one
        if (left < 0) breathes = true;
        for (int i = 0; i < size; i++)
            if (left >= 0 && b->chain[i] == chain) b->chain[i] = fresh;
    }
    if (breathes) release(b, size, fresh);
    return true;
}

static void scan_point(const struct table *from, struct table *to, int size, int x, bool first_row) {
    for (size_t i = 0; i < from->capacity; i++) {
        if (!from->keys[i]) continue;
        for (int color = EMPTY; color <= WHITE; color++) {
            struct border b = border_unpack(from->keys[i] - 1, size);
            // Above the first row there is nothing, which a stone of the other colour with
            // liberties stands for.
            if (first_row) b.kind[x] = 3 - color;
            if (first_row && color == EMPTY) b.kind[x] = BLACK;
            if (advance(&b, size, x, color)) table_add(to, border_pack(&b, size), from->counts[i]);
        }
    }
}

enum status legal_count(int size, unsigned long long *count) {
    if (size < 1) return status_fail(STATUS_USAGE, "legal: there is no %dx%d board", size, size);
    if (size > MAX_SIZE)
        return status_fail(STATUS_UNSUPPORTED, "legal: the count of %dx%d does not fit in 64 bits", size, size);
    struct table from, to;
    table_init(&from, 1024);
    table_put(&from, 0, 1);
    for (int i = 0; i < size * size; i++) {
        table_init(&to, 1024);
        scan_point(&from, &to, size, i % size, i < size);
        table_done(&from);
        from = to;
    }
    uint64_t total = 0;
    for (size_t i = 0; i < from.capacity; i++) {
        if (!from.keys[i]) continue;
        const struct border b = border_unpack(from.keys[i] - 1, size);
        bool waits = false;
        for (int x = 0; x < size; x++) waits |= b.kind[x] > WHITE;
        if (!waits) total += from.counts[i];
    }
    table_done(&from);
    *count = total;
    return STATUS_OK;
}
