// Who owns which point: pass-alive chains and their territory [Benson 1976], and area by the rules.
//
// The regions of a colour are the connected parts of the board without its stones. A region is
// vital to a chain when all its empty points are liberties of the chain. Where suicide of several
// stones is allowed, all its points must touch the chain, because the other side can remove its
// stones from the region at any time and so make every point of it empty. Chains with fewer than
// two vital regions are dropped, then regions that touch a dropped chain, and so on until nothing
// changes. The chains that are left can't be captured even if their owner always passes.
//
// A region between such chains is their owner's territory when at most one of its points touches
// none of the owner's stones. The other side would need two such points for its two eyes, so that
// whatever it has or plays there is dead.
//
// Only regions whose empty points all touch the colour can be vital to anything, and with fewer
// than two of them no chain is pass-alive. This answers most questions early.
#include "game/go.h"
#include "game/go_bits.h"

#include <string.h>

enum { MAX_REGIONS = GAME_MAX_SIDE * GAME_MAX_SIDE };

struct region {
    struct go_bits points, empty, border; // border: the colour's stones next to it
};

struct chain {
    struct go_bits stones, around; // around: its liberties and the other side's stones next to it
    bool falls;                    // it is not pass-alive
};

// A position as sets.
struct picture {
    struct go_bits board, stones[2], empty;
    bool suicide; // suicide of several stones is allowed
};

static inline int bit_of(const struct game *g, int point) { return point - go_stride(g) - 1; }

static void picture_take(const struct game *g, const struct go_state *s, struct picture *out) {
    memset(out, 0, sizeof *out);
    out->suicide = g->rule[GO_SUICIDE] == GO_SUICIDE_ALLOWED;
    struct go_bits *sets[3] = {&out->empty, &out->stones[0], &out->stones[1]};
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int p = go_point_at(g, y, x);
            bits_set(sets[s->points[p].color], bit_of(g, p));
        }
    for (int i = 0; i < GO_BITS_WORDS; i++) out->board.w[i] = out->empty.w[i] | out->stones[0].w[i] | out->stones[1].w[i];
}

// Lists the connected parts of `from`, which is a union of regions, and returns their number.
GO_BITS_INLINE int list_regions(const struct picture *pic, int player, const struct go_bits *from, int stride, int words,
                                struct region *regions) {
    struct go_bits rest = *from;
    int n = 0;
    for (; bits_any(&rest, words); n++) {
        struct region *r = &regions[n];
        r->points = bits_flood(&rest, from, stride, words);
        r->empty = bits_and(&r->points, &pic->empty, words);
        r->border = bits_grow(&r->points, &pic->stones[player], stride, words);
        rest = bits_without(&rest, &r->points, words);
    }
    return n;
}

// The player's pass-alive stones, given the regions that may be vital.
GO_BITS_INLINE struct go_bits find_alive(const struct picture *pic, int player, int stride, int words,
                                         const struct region *regions, int num_regions) {
    struct chain chains[MAX_REGIONS];
    int num_chains = 0;
    struct go_bits alive = pic->stones[player], rest = alive;
    const struct go_bits open = bits_without(&pic->board, &alive, words);
    while (bits_any(&rest, words)) {
        struct chain *c = &chains[num_chains++];
        c->stones = bits_flood(&rest, &pic->stones[player], stride, words);
        c->around = bits_grow(&c->stones, &open, stride, words);
        c->falls = false;
        rest = bits_without(&rest, &c->stones, words);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < num_chains; i++) {
            struct chain *c = &chains[i];
            int vital = 0;
            for (int k = 0; k < num_regions && !c->falls && vital < 2; k++)
                vital += bits_within(pic->suicide ? &regions[k].points : &regions[k].empty, &c->around, words) &&
                         bits_within(&regions[k].border, &alive, words);
            if (c->falls || vital >= 2) continue;
            c->falls = changed = true;
            alive = bits_without(&alive, &c->stones, words);
        }
    }
    return alive;
}

// Adds those of the regions that are the player's territory.
GO_BITS_INLINE void add_territory(const struct region *regions, int num_regions, const struct go_bits *alive,
                                  const struct go_bits *near, int words, struct go_bits *area) {
    for (int k = 0; k < num_regions; k++) {
        const struct go_bits interior = bits_without(&regions[k].points, near, words);
        if (bits_count(&interior, words) < 2 && bits_any(&regions[k].border, words) &&
            bits_within(&regions[k].border, alive, words))
            bits_add(area, &regions[k].points, words);
    }
}

GO_BITS_INLINE void find_area(const struct picture *pic, int player, int stride, int words, struct go_bits *area) {
    struct region regions[MAX_REGIONS];
    const struct go_bits *own = &pic->stones[player];
    const struct go_bits near = bits_grow(own, &pic->board, stride, words), open = bits_without(&pic->board, own, words);
    // Regions that have an empty point which touches none of the player's stones are never vital.
    struct go_bits large = bits_without(&pic->empty, &near, words);
    bits_fill(&large, &open, stride, words);
    const struct go_bits rest = bits_without(&open, &large, words);
    for (int i = 0; i < words; i++) area->w[i] = 0;
    int num_regions = list_regions(pic, player, &rest, stride, words, regions);
    if (num_regions < 2) return;
    const struct go_bits alive = find_alive(pic, player, stride, words, regions, num_regions);
    if (!bits_any(&alive, words)) return;
    bits_add(area, &alive, words);
    add_territory(regions, num_regions, &alive, &near, words, area);
    num_regions = list_regions(pic, player, &large, stride, words, regions);
    add_territory(regions, num_regions, &alive, &near, words, area);
}

// Compiles find_area for each number of words that the usual boards have.
static void area_of(const struct game *g, const struct picture *pic, int player, struct go_bits *area) {
    const int stride = go_stride(g);
    switch ((g->height * stride + 63) / 64) {
    case 1:
        find_area(pic, player, stride, 1, area);
        break;
    case 2:
        find_area(pic, player, stride, 2, area);
        break;
    case 3:
        find_area(pic, player, stride, 3, area);
        break;
    case 4:
        find_area(pic, player, stride, 4, area);
        break;
    default:
        find_area(pic, player, stride, 6, area);
        break;
    }
}

void go_pass_alive(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]) {
    struct picture pic;
    memset(marks, 0, (size_t)go_num_points(g));
    picture_take(g, s, &pic);
    for (int player = 0; player < 2; player++) {
        struct go_bits area;
        if (!s->stones[player]) continue;
        area_of(g, &pic, player, &area);
        for (int i = 0; i < GO_BITS_WORDS && i * 64 < g->height * go_stride(g); i++)
            for (uint64_t w = area.w[i]; w; w &= w - 1)
                marks[i * 64 + __builtin_ctzll(w) + go_stride(g) + 1] = (uint8_t)(player + 1);
    }
}

bool go_is_settled(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]) {
    // With stones on less than half of the points it hardly ever is, and the question is expensive.
    if (2 * (s->stones[0] + s->stones[1]) < g->height * g->width) return false;
    go_pass_alive(g, s, marks);
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++)
            if (!marks[go_point_at(g, y, x)]) return false;
    return true;
}

// The empty points that are connected with the player's stones.
GO_BITS_INLINE struct go_bits find_reach(const struct picture *pic, int player, int stride, int words) {
    struct go_bits reach = bits_grow(&pic->stones[player], &pic->empty, stride, words);
    bits_fill(&reach, &pic->empty, stride, words);
    return reach;
}

void go_area(const struct game *g, const struct go_state *s, uint8_t marks[GO_MAX_POINTS]) {
    struct picture pic;
    picture_take(g, s, &pic);
    const int stride = go_stride(g), small = g->height * stride <= 128;
    const struct go_bits black = small ? find_reach(&pic, 0, stride, 2) : find_reach(&pic, 0, stride, GO_BITS_WORDS);
    const struct go_bits white = small ? find_reach(&pic, 1, stride, 2) : find_reach(&pic, 1, stride, GO_BITS_WORDS);
    memset(marks, 0, (size_t)go_num_points(g));
    for (int i = 0; i < GO_BITS_WORDS && i * 64 < g->height * stride; i++) {
        const uint64_t owned[2] = {pic.stones[0].w[i] | (black.w[i] & ~white.w[i]),
                                   pic.stones[1].w[i] | (white.w[i] & ~black.w[i])};
        for (int player = 0; player < 2; player++)
            for (uint64_t w = owned[player]; w; w &= w - 1)
                marks[i * 64 + __builtin_ctzll(w) + stride + 1] = (uint8_t)(player + 1);
    }
}
