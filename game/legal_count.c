// How many Go positions are legal: every chain has a liberty [Tromp & Farneback 2007, section 2].
//
// The board is scanned point by point, row by row. What the points behind may still ask of those ahead is the border: the
// last `size` points scanned, one a column. For each: empty, or a stone with a liberty, or a stone of a chain that still
// waits for one; and which waiting stones are of one chain. Positions behind with the same border are counted together.
//
//   . X O .         done; the border is the row's start below the line and the rest above it
//   X X|O .
//   ---'
//
// A chain that waits and leaves the border without having met an empty point dies: those positions are dropped. A border
// is one word: 3 bits a column for what it is and 4 for the first column of its chain when it waits; swapping colours
// changes nothing, so the first stone of a border counts as Black.
#include "game/legal_count.h"

#include "base/rng.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SIZE = 6 }; // 7x7 has 8.4e22 legal positions: more than 64 bits hold
enum kind { EMPTY, BLACK, WHITE, BLACK_WAITS, WHITE_WAITS };

struct border {
    int kind[MAX_SIZE], chain[MAX_SIZE]; // chain: label of a waiting one; others: -1
};

struct table {
    uint64_t *keys; // key + 1; 0: free
    uint64_t *counts;
    size_t used, capacity; // a power of two, at most half full
};

static enum status table_init(struct table *t, size_t capacity) {
    *t = (struct table){calloc(capacity, sizeof *t->keys), calloc(capacity, sizeof *t->counts), 0, capacity};
    return t->keys && t->counts ? STATUS_OK : status_fail(STATUS_MEMORY, "legal: no memory for %zu borders", capacity);
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

static enum status table_add(struct table *t, uint64_t key, uint64_t count) {
    if (2 * t->used >= t->capacity) {
        struct table larger;
        const enum status status = table_init(&larger, 2 * t->capacity);
        if (status != STATUS_OK) {
            table_done(&larger);
            return status;
        }
        for (size_t i = 0; i < t->capacity; i++)
            if (t->keys[i]) table_put(&larger, t->keys[i] - 1, t->counts[i]);
        table_done(t);
        *t = larger;
    }
    table_put(t, key, count);
    return STATUS_OK;
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

// The chain waits no longer.
static void release(struct border *b, int size, int chain) {
    if (chain < 0) return;
    for (int i = 0; i < size; i++)
        if (b->chain[i] == chain) {
            b->chain[i] = -1;
            b->kind[i] -= 2;
        }
}

// Puts EMPTY, BLACK or WHITE in column x below what is there. False: a chain died.
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
    // The stone above leaves the border: its chain must go on in this one or elsewhere on it.
    bool elsewhere = false;
    for (int i = 0; i < size; i++) elsewhere |= i != x && above >= 0 && b->chain[i] == above;
    if (above >= 0 && above_color != color && !elsewhere) return false;
    const int fresh = MAX_SIZE + 1;
    b->kind[x] = color + 2;
    b->chain[x] = fresh;
    bool breathes = breathes_above || breathes_left;
    if (above_color == color) { // joins the chain above
        if (above < 0) breathes = true;
        for (int i = 0; i < size; i++)
            if (above >= 0 && b->chain[i] == above) b->chain[i] = fresh;
    }
    if (x && left_color == color) {
        const int chain = b->chain[x - 1]; // may be fresh by now
        if (left < 0) breathes = true;
        for (int i = 0; i < size; i++)
            if (left >= 0 && b->chain[i] == chain) b->chain[i] = fresh;
    }
    if (breathes) release(b, size, fresh);
    return true;
}

static enum status scan_point(const struct table *from, struct table *to, int size, int x, bool first_row) {
    for (size_t i = 0; i < from->capacity; i++) {
        if (!from->keys[i]) continue;
        for (int color = EMPTY; color <= WHITE; color++) {
            struct border b = border_unpack(from->keys[i] - 1, size);
            if (first_row) b.kind[x] = 3 - color; // no point above: as if the other colour were there, with liberties
            if (first_row && color == EMPTY) b.kind[x] = BLACK;
            if (advance(&b, size, x, color)) TRY(table_add(to, border_pack(&b, size), from->counts[i]));
        }
    }
    return STATUS_OK;
}

enum status legal_count(int size, unsigned long long *count) {
    if (size < 1) return status_fail(STATUS_USAGE, "legal: there is no %dx%d board", size, size);
    if (size > MAX_SIZE)
        return status_fail(STATUS_UNSUPPORTED, "legal: the count of %dx%d does not fit in 64 bits", size, size);
    struct table from, to = {0};
    enum status status = table_init(&from, 1024);
    if (status == STATUS_OK) table_put(&from, 0, 1);
    for (int i = 0; i < size * size && status == STATUS_OK; i++) {
        status = table_init(&to, 1024);
        if (status == STATUS_OK) status = scan_point(&from, &to, size, i % size, i < size);
        table_done(&from);
        from = to;
        to = (struct table){0};
    }
    uint64_t total = 0;
    for (size_t i = 0; i < from.capacity && status == STATUS_OK; i++) {
        if (!from.keys[i]) continue;
        const struct border b = border_unpack(from.keys[i] - 1, size);
        bool waits = false;
        for (int x = 0; x < size; x++) waits |= b.kind[x] > WHITE;
        if (!waits) total += from.counts[i];
    }
    table_done(&from);
    TRY(status);
    *count = total;
    return STATUS_OK;
}
