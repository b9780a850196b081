// Sets of points as bits, for questions about whole regions at once. Only game/ and its tests
// include this.
//
// bit = y * stride + x with stride = width + 1. The column beyond the right edge is never set, so
// that shifts don't run into the next row. 19x19 needs six words. Every function takes the number
// of words and is inlined, so that its loops are unrolled where the caller passes a constant.
#ifndef GAME_GO_BITS_H
#define GAME_GO_BITS_H

#include <stdbool.h>
#include <stdint.h>

enum { GO_BITS_WORDS = 6 };
#define GO_BITS_INLINE static inline __attribute__((always_inline))

struct go_bits {
    uint64_t w[GO_BITS_WORDS];
};

GO_BITS_INLINE void bits_set(struct go_bits *b, int bit) { b->w[bit >> 6] |= 1ull << (bit & 63); }
GO_BITS_INLINE bool bits_has(const struct go_bits *b, int bit) { return b->w[bit >> 6] >> (bit & 63) & 1; }
GO_BITS_INLINE bool bits_any(const struct go_bits *a, int words) {
    uint64_t any = 0;
    for (int i = 0; i < words; i++) any |= a->w[i];
    return any != 0;
}
GO_BITS_INLINE int bits_count(const struct go_bits *a, int words) {
    int n = 0;
    for (int i = 0; i < words; i++) n += __builtin_popcountll(a->w[i]);
    return n;
}
GO_BITS_INLINE struct go_bits bits_and(const struct go_bits *a, const struct go_bits *b, int words) {
    struct go_bits out = {{0}};
    for (int i = 0; i < words; i++) out.w[i] = a->w[i] & b->w[i];
    return out;
}
GO_BITS_INLINE struct go_bits bits_without(const struct go_bits *a, const struct go_bits *b, int words) {
    struct go_bits out = {{0}};
    for (int i = 0; i < words; i++) out.w[i] = a->w[i] & ~b->w[i];
    return out;
}
GO_BITS_INLINE void bits_add(struct go_bits *a, const struct go_bits *b, int words) {
    for (int i = 0; i < words; i++) a->w[i] |= b->w[i];
}
// Whether all of a is in b.
GO_BITS_INLINE bool bits_within(const struct go_bits *a, const struct go_bits *b, int words) {
    uint64_t outside = 0;
    for (int i = 0; i < words; i++) outside |= a->w[i] & ~b->w[i];
    return !outside;
}
// a together with its neighbours, as far as these points are in `board`.
GO_BITS_INLINE struct go_bits bits_grow(const struct go_bits *a, const struct go_bits *board, int stride, int words) {
    struct go_bits out = {{0}};
    for (int i = 0; i < words; i++) {
        const uint64_t here = a->w[i], before = i ? a->w[i - 1] : 0, after = i + 1 < words ? a->w[i + 1] : 0;
        out.w[i] = (here | here << 1 | before >> 63 | here >> 1 | after << 63 | here << stride | before >> (64 - stride) |
                    here >> stride | after << (64 - stride)) &
                   board->w[i];
    }
    return out;
}
// Grows `region` to all of `board` that is connected with it.
GO_BITS_INLINE void bits_fill(struct go_bits *region, const struct go_bits *board, int stride, int words) {
    for (uint64_t grown = 1; grown;) {
        const struct go_bits next = bits_grow(region, board, stride, words);
        grown = 0;
        for (int i = 0; i < words; i++) grown |= next.w[i] ^ region->w[i];
        for (int i = 0; i < words; i++) region->w[i] = next.w[i];
    }
}
// The part of `board` that is connected with the lowest bits of `from`, which must not be empty.
GO_BITS_INLINE struct go_bits bits_flood(const struct go_bits *from, const struct go_bits *board, int stride, int words) {
    struct go_bits region = {{0}};
    int i = 0;
    while (!from->w[i]) i++;
    region.w[i] = from->w[i] & -from->w[i];
    bits_fill(&region, board, stride, words);
    return region;
}

#endif
