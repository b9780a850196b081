// A whole random game of Go on a board that knows only what random play needs.
//
// Moves are uniform over the legal ones that don't fill an eye of one's own, as in go_playout_move,
// but on flat arrays that are kept incrementally: a list of the empty points (a move is drawn from
// it, and a point that may not be played is swapped to the end, out of reach, until the next move),
// the number of neighbours of each kind for every point, and pseudo-liberties for every chain.
// There are no keys and no history: the simple ko rule prevents most repetitions, and the limit of
// plies ends longer cycles, which are rare in random play. So this serves every ko rule and, as no
// playout commits suicide, every rule set that counts area.
//
// Invariants:
// 1. list[0 .. num_empty) are the empty points, and at[p] is the place of p in the list.
// 2. near[p] counts p's neighbours: bits 0-3 black or border, 4-7 white or border, 8-11 empty.
// 3. libs[head] is the number of pairs of a stone of the chain and an empty neighbour of it,
// size[head]
//    the number of its stones; its stones form a ring through next[].
// 4. The head of a point without a stone is the point itself, and its libs are about MANY. So
// liberties
//    can be given and taken without a test whether there is a stone.
//
// Most of the time is lost by branches that the processor predicts wrongly. This is why there is
// invariant 4, why is_tight asks about all four neighbours at once before any is looked at, and why
// there is a compiled body for each of the usual strides.
#include "game/go.h"

#define PLAYOUT_INLINE static inline __attribute__((always_inline))

enum { NEAR_BLACK = 1, NEAR_WHITE = 16, NEAR_EMPTY = 256, MANY = 0x4000 };

struct board {
    int ko; // the point that the simple ko rule forbids; 0: none
    int num_empty;
    uint16_t near[GO_MAX_POINTS], head[GO_MAX_POINTS], next[GO_MAX_POINTS], libs[GO_MAX_POINTS], size[GO_MAX_POINTS];
    uint16_t list[GAME_MAX_SIDE * GAME_MAX_SIDE], at[GO_MAX_POINTS];
    uint8_t color[GO_MAX_POINTS];
};

static inline int near_unit(int color) { return color == GO_BLACK ? NEAR_BLACK : NEAR_WHITE; }
static inline int own_near(int near, int color) { return (color == GO_BLACK ? near : near >> 4) & 15; }

static void board_init(struct board *b, const struct game *g, const struct go_state *s) {
    const int w = go_stride(g), num = go_num_points(g);
    b->num_empty = b->ko = 0;
    for (int p = 0; p < num; p++) {
        const struct go_point *from = &s->points[p];
        const bool stone = from->color == GO_BLACK || from->color == GO_WHITE;
        b->color[p] = from->color;
        b->head[p] = stone ? from->head : (uint16_t)p;
        b->next[p] = from->next;
        b->libs[p] = stone ? from->libs : MANY;
        b->size[p] = b->near[p] = 0;
    }
    for (int y = 0; y < g->height; y++)
        for (int x = 0, p = go_point_at(g, y, 0); x < g->width; x++, p++) {
            static const uint16_t counts[4] = {NEAR_EMPTY, NEAR_BLACK, NEAR_WHITE, NEAR_BLACK + NEAR_WHITE};
            b->near[p] = (uint16_t)(counts[b->color[p - w]] + counts[b->color[p - 1]] + counts[b->color[p + 1]] +
                                    counts[b->color[p + w]]);
            if (b->color[p] == GO_EMPTY) {
                b->at[p] = (uint16_t)b->num_empty;
                b->list[b->num_empty++] = (uint16_t)p;
            } else {
                b->size[b->head[p]]++;
            }
        }
    // A single stone that the last move has captured must not be recaptured at once where that
    // would bring the position back.
    for (int i = 0; i < b->num_empty && s->last[0] < go_pass(g); i++)
        if ((s->points[b->list[i]].lost & (s->to_move + 1)) && go_ko_forbids(g, s, b->list[i])) b->ko = b->list[i];
}

static inline void list_swap(struct board *b, int i, int j) {
    const uint16_t p = b->list[i], q = b->list[j];
    b->list[i] = q, b->at[q] = (uint16_t)i;
    b->list[j] = p, b->at[p] = (uint16_t)j;
}

// Whether p is an eye, by the rule of is_own_eye in go_board.c.
PLAYOUT_INLINE bool is_eye(const struct board *b, int w, int p, int color) {
    const int other = GO_BLACK ^ GO_WHITE ^ color;
    const uint8_t *c = b->color;
    if (own_near(b->near[p], color) != 4) return false;
    const int hostile = (c[p - w - 1] == other) + (c[p - w + 1] == other) + (c[p + w - 1] == other) + (c[p + w + 1] == other);
    const bool edge =
        c[p - w - 1] == GO_BORDER || c[p - w + 1] == GO_BORDER || c[p + w - 1] == GO_BORDER || c[p + w + 1] == GO_BORDER;
    return hostile + edge < 2;
}

// Adds `by` to the liberties of the chains next to p, once for each stone that touches it.
PLAYOUT_INLINE void change_liberties(struct board *b, int w, int p, int by) {
    const int step[4] = {-w, -1, 1, w};
    for (int d = 0; d < 4; d++) {
        uint16_t *libs = &b->libs[b->head[p + step[d]]];
        *libs = (uint16_t)(*libs + by);
    }
}

// Whether a chain next to p has no liberties left, those at p not counted.
PLAYOUT_INLINE bool is_tight(const struct board *b, int w, int p) {
    return !b->libs[b->head[p - w]] | !b->libs[b->head[p - 1]] | !b->libs[b->head[p + 1]] | !b->libs[b->head[p + w]];
}

// Whether a move at p, which no longer counts as a liberty, captures or keeps a liberty.
PLAYOUT_INLINE bool breathes(const struct board *b, int w, int p, int color) {
    const int step[4] = {-w, -1, 1, w};
    if (b->near[p] >= NEAR_EMPTY) return true;
    for (int d = 0; d < 4; d++) {
        const int q = p + step[d], c = b->color[q];
        if (c != GO_BORDER && (c == color) == (b->libs[b->head[q]] > 0)) return true;
    }
    return false;
}

// Joins the chains of two heads.
static void chain_join(struct board *b, int a, int c) {
    if (b->size[a] < b->size[c]) {
        const int t = a;
        a = c, c = t;
    }
    b->size[a] = (uint16_t)(b->size[a] + b->size[c]);
    b->libs[a] = (uint16_t)(b->libs[a] + b->libs[c]);
    int p = c;
    do {
        b->head[p] = (uint16_t)a;
        p = b->next[p];
    } while (p != c);
    const uint16_t next = b->next[a];
    b->next[a] = b->next[c];
    b->next[c] = next;
}

PLAYOUT_INLINE void chain_remove(struct board *b, int w, int head) {
    const int step[4] = {-w, -1, 1, w}, change = NEAR_EMPTY - near_unit(b->color[head]);
    int p = head;
    do {
        b->color[p] = GO_EMPTY;
        b->head[p] = (uint16_t)p;
        b->libs[p] = MANY;
        b->at[p] = (uint16_t)b->num_empty;
        b->list[b->num_empty++] = (uint16_t)p;
        for (int d = 0; d < 4; d++) {
            const int q = p + step[d];
            b->near[q] = (uint16_t)(b->near[q] + change);
            b->libs[b->head[q]]++; // it doesn't matter that the vanishing chain gets some too
        }
        p = b->next[p];
    } while (p != head);
}

// Places a stone at p, which no longer counts as a liberty of the chains next to it.
PLAYOUT_INLINE void stone_put(struct board *b, int w, int p, int color) {
    const int other = GO_BLACK ^ GO_WHITE ^ color, change = near_unit(color) - NEAR_EMPTY;
    const int step[4] = {-w, -1, 1, w};
    const bool tight = is_tight(b, w, p), surrounded = own_near(b->near[p], other) == 4;
    list_swap(b, b->at[p], b->num_empty - 1);
    b->num_empty--;
    b->color[p] = (uint8_t)color;
    b->head[p] = b->next[p] = (uint16_t)p;
    b->size[p] = 1;
    b->libs[p] = b->near[p] >> 8;
    for (int d = 0; d < 4; d++) {
        const int q = p + step[d];
        b->near[q] = (uint16_t)(b->near[q] + change);
        if (b->color[q] == color && b->head[q] != b->head[p]) chain_join(b, b->head[q], b->head[p]);
    }
    b->ko = 0;
    if (!tight) return;
    const int before = b->num_empty;
    for (int d = 0; d < 4; d++) {
        const int q = p + step[d];
        if (b->color[q] == other && b->libs[b->head[q]] == 0) chain_remove(b, w, b->head[q]);
    }
    if (surrounded && b->num_empty == before + 1) b->ko = b->list[before];
}

// Plays a random move and returns its point, or returns 0 when only a pass is left.
PLAYOUT_INLINE int play_random(struct board *b, int w, int color, struct rng *rng) {
    for (int n = b->num_empty; n > 0; n--) {
        const int i = (int)rng_below(rng, (uint32_t)n), p = b->list[i];
        if (p != b->ko && !is_eye(b, w, p, color)) {
            change_liberties(b, w, p, -1);
            if (breathes(b, w, p, color)) {
                stone_put(b, w, p, color);
                return p;
            }
            change_liberties(b, w, p, 1);
        }
        list_swap(b, i, n - 1);
    }
    b->ko = 0;
    return 0;
}

// Plays to the end and returns the number of plies. `points`, unless it is NULL, receives the
// moves, 0 for a pass.
PLAYOUT_INLINE int play_out(struct board *b, int w, int color, int passes, int max_plies, struct rng *rng, uint16_t *points) {
    int n = 0;
    while (passes < 2 && n < max_plies) {
        const int p = play_random(b, w, color, rng);
        passes = p ? 0 : passes + 1;
        if (points) points[n] = (uint16_t)p;
        n++;
        color ^= GO_BLACK ^ GO_WHITE;
    }
    return n;
}

int go_playout_moves(const struct game *g, void *state, struct rng *rng, uint16_t *actions) {
    struct go_state *s = state;
    struct board b;
    const int w = go_stride(g), color = s->to_move + 1, left = g->max_plies - s->ply;
    board_init(&b, g, s);
    const int n = w == 10   ? play_out(&b, 10, color, s->passes, left, rng, actions)
                  : w == 20 ? play_out(&b, 20, color, s->passes, left, rng, actions)
                            : play_out(&b, w, color, s->passes, left, rng, actions);
    for (int i = 0; i < n && actions; i++)
        actions[i] = (uint16_t)(actions[i] ? (actions[i] / w - 1) * g->width + actions[i] % w - 1 : go_pass(g));
    s->ply = (uint16_t)(s->ply + n);
    s->passes = 2;
    s->to_move = (uint8_t)(s->to_move ^ (n & 1));
    s->stones[0] = s->stones[1] = 0;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            const int point = go_point_at(g, y, x), c = b.color[point];
            s->points[point].color = (uint8_t)c;
            if (c != GO_EMPTY) s->stones[c - 1]++;
        }
    return n;
}

// Territory scoring needs to know which stones stood when the clean-up began, so that its games are
// played on the full board, which is slower.
void go_playout(const struct game *g, void *state, struct rng *rng) {
    if (go_has_territory(g))
        while (!go_is_over(g, state)) go_play(g, state, go_playout_move(g, state, rng));
    else
        go_playout_moves(g, state, rng, NULL);
}
