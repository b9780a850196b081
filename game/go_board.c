// The Go board: stones, chains, captures, legality.
//
// Chains are rings of stones with pseudo-liberties kept incrementally: number, sum and sum of squares of the adjacent empty
// points, each counted once for every stone it touches. None left: captured. All equal (n * squares = sum^2): atari.
//
// Invariants, after every call:
//  1. head[p] of a stone is a stone of its chain, and the ring through next[] visits that chain once.
//  2. libs, sum, squares of a head are those of the empty neighbours of its stones; other stones' are stale.
//  3. key is the exclusive or of the keys of all stones; history holds the key of every position since the start.
//
// Superko needs no search of the history as a rule: a play at p can bring a position back only if a stone of that colour
// stood at p before, so one must have been captured there. `lost` remembers where that happened, for each colour.
#include "game/go.h"

#include <assert.h>
#include <string.h>

void go_start(const struct game *g, void *state) {
    struct go_state *s = state;
    memset(s, 0, g->state_bytes);
    for (int p = 0; p < go_num_points(g); p++) s->points[p].color = GO_BORDER;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) s->points[go_point_at(g, y, x)].color = GO_EMPTY;
    for (int i = 0; i < 3; i++) s->last[i] = GO_NO_MOVE;
    go_history(g, s)[s->num_history++] = s->key;
}

static inline void liberty_add(struct go_point *head, int p) {
    head->libs++;
    head->sum += (uint32_t)p;
    head->squares += (uint32_t)(p * p);
}
static inline void liberty_remove(struct go_point *head, int p) {
    head->libs--;
    head->sum -= (uint32_t)p;
    head->squares -= (uint32_t)(p * p);
}

// Takes a chain off the board and gives its neighbours their liberties back; returns its size.
static int chain_remove(struct go_point *points, const int step[4], int head, uint64_t *key) {
    const int color = points[head].color;
    int n = 0, p = head;
    do {
        struct go_point *stone = &points[p];
        stone->color = GO_EMPTY;
        stone->lost |= (uint8_t)color;
        *key ^= go_stone_key(color, p);
        for (int d = 0; d < 4; d++) {
            const struct go_point *q = &points[p + step[d]];
            if (q->color == (GO_BLACK ^ GO_WHITE ^ color)) liberty_add(&points[q->head], p);
        }
        n++;
        p = stone->next;
    } while (p != head);
    return n;
}

// Joins the chain of `from` into that of `into`.
static void chain_join(struct go_point *points, int into, int from) {
    struct go_point *a = &points[into], *b = &points[from];
    a->libs += b->libs;
    a->sum += b->sum;
    a->squares += b->squares;
    int p = from;
    do {
        points[p].head = (uint16_t)into;
        p = points[p].next;
    } while (p != from);
    const uint16_t next = a->next; // two rings become one
    a->next = b->next;
    b->next = next;
}

static void stone_put(const struct game *g, struct go_state *s, int p) {
    const int color = s->to_move + 1, other = GO_BLACK ^ GO_WHITE ^ color, w = go_stride(g);
    const int step[4] = {-w, -1, 1, w};
    struct go_point *points = s->points, *me = &points[p];
    assert(me->color == GO_EMPTY);
    *me = (struct go_point){.color = (uint8_t)color, .lost = me->lost, .head = (uint16_t)p, .next = (uint16_t)p};
    s->key ^= go_stone_key(color, p);
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &points[p + step[d]];
        if (q->color == GO_EMPTY)
            liberty_add(me, p + step[d]);
        else if (q->color != GO_BORDER)
            liberty_remove(&points[q->head], p);
    }
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &points[p + step[d]];
        if (q->color == color && q->head != me->head) chain_join(points, q->head, me->head);
    }
    int captured = 0;
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &points[p + step[d]];
        if (q->color == other && !points[q->head].libs) captured += chain_remove(points, step, q->head, &s->key);
    }
    s->captures[s->to_move] = (uint16_t)(s->captures[s->to_move] + captured);
    s->stones[s->to_move]++;
    s->stones[!s->to_move] = (uint16_t)(s->stones[!s->to_move] - captured);
    assert(points[me->head].libs > 0);
}

void go_play(const struct game *g, void *state, int action) {
    struct go_state *s = state;
    assert(!go_is_over(g, s) && action >= 0 && action <= go_pass(g));
    if (action == go_pass(g)) {
        s->passes++;
    } else {
        s->passes = 0;
        stone_put(g, s, go_point_of(g, action));
        go_history(g, s)[s->num_history++] = s->key;
    }
    s->last[2] = s->last[1];
    s->last[1] = s->last[0];
    s->last[0] = (uint16_t)action;
    s->ply++;
    s->to_move ^= 1;
}

// A stone here would have a liberty, join a chain that keeps one, or capture.
static inline bool is_breathing(const struct go_point *points, int w, int p, int color) {
    const int step[4] = {-w, -1, 1, w};
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &points[p + step[d]];
        if (q->color == GO_EMPTY) return true;
        if (q->color != GO_BORDER && (q->color == color) != go_in_atari(&points[q->head])) return true;
    }
    return false;
}

// The mover's play at p brings an earlier position back.
static bool repeats(const struct game *g, const struct go_state *s, int p) {
    const int color = s->to_move + 1, other = GO_BLACK ^ GO_WHITE ^ color, w = go_stride(g);
    const int step[4] = {-w, -1, 1, w};
    uint64_t key = s->key ^ go_stone_key(color, p);
    int taken[4], num_taken = 0;
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &s->points[p + step[d]];
        if (q->color != other || !go_in_atari(&s->points[q->head])) continue;
        bool counted = false;
        for (int i = 0; i < num_taken; i++) counted |= taken[i] == q->head;
        if (counted) continue;
        taken[num_taken++] = q->head;
        int stone = q->head;
        do {
            key ^= go_stone_key(other, stone);
            stone = s->points[stone].next;
        } while (stone != q->head);
    }
    const uint64_t *history = go_history(g, s);
    unsigned found = 0;
    for (int i = 0; i < s->num_history; i++) found |= history[i] == key; // no early exit: runs in vectors
    return found;
}

bool go_superko_forbids(const struct game *g, const struct go_state *s, int p) {
    const int color = s->to_move + 1;
    return (s->points[p].lost & color) && is_breathing(s->points, go_stride(g), p, color) && repeats(g, s, p);
}

static inline bool is_legal_point(const struct game *g, const struct go_state *s, int p) {
    const int color = s->to_move + 1;
    return s->points[p].color == GO_EMPTY && is_breathing(s->points, go_stride(g), p, color) &&
           !((s->points[p].lost & color) && repeats(g, s, p));
}

int go_legal(const struct game *g, const void *state, uint16_t *actions) {
    const struct go_state *s = state;
    if (go_is_over(g, s)) return 0;
    int n = 0, action = 0;
    for (int y = 0; y < g->height; y++) {
        const int row = go_point_at(g, y, 0);
        for (int x = 0; x < g->width; x++, action++)
            if (is_legal_point(g, s, row + x)) actions[n++] = (uint16_t)action;
    }
    actions[n++] = (uint16_t)action;
    return n;
}

// All neighbours are the mover's, and no more of the diagonal ones are the opponent's than a real eye bears.
static bool is_own_eye(const struct go_point *points, int w, int p, int color) {
    const int side[4] = {-w, -1, 1, w}, corner[4] = {-w - 1, -w + 1, w - 1, w + 1};
    int off_board = 0, hostile = 0;
    for (int d = 0; d < 4; d++) {
        const int c = points[p + side[d]].color;
        if (c != color && c != GO_BORDER) return false;
    }
    for (int d = 0; d < 4; d++) {
        const int c = points[p + corner[d]].color;
        off_board |= c == GO_BORDER;
        hostile += c == (GO_BLACK ^ GO_WHITE ^ color);
    }
    return hostile + off_board < 2;
}

// Uniform over the legal plays that fill no own eye: by rejection while that is quick, else from the list.
int go_playout_move(const struct game *g, const void *state, struct rng *rng) {
    const struct go_state *s = state;
    const int color = s->to_move + 1, area = g->height * g->width, w = go_stride(g);
    for (int tries = 0; tries < 12; tries++) { // about what the list costs
        const int action = (int)rng_below(rng, (uint32_t)area), p = go_point_of(g, action);
        if (s->points[p].color == GO_EMPTY && !is_own_eye(s->points, w, p, color) && is_legal_point(g, s, p)) return action;
    }
    uint16_t actions[GAME_MAX_SIDE * GAME_MAX_SIDE];
    int n = 0, action = 0;
    for (int y = 0; y < g->height; y++) {
        const int row = go_point_at(g, y, 0);
        for (int x = 0; x < g->width; x++, action++)
            if (s->points[row + x].color == GO_EMPTY && !is_own_eye(s->points, w, row + x, color) &&
                is_legal_point(g, s, row + x))
                actions[n++] = (uint16_t)action;
    }
    return n ? actions[rng_below(rng, (uint32_t)n)] : go_pass(g);
}

int go_liberties(const struct game *g, const struct go_state *s, int head, int limit) {
    const int w = go_stride(g), step[4] = {-w, -1, 1, w};
    int found[4], n = 0, p = head;
    do {
        for (int d = 0; d < 4; d++) {
            const int q = p + step[d];
            if (s->points[q].color != GO_EMPTY) continue;
            bool counted = false;
            for (int i = 0; i < n; i++) counted |= found[i] == q;
            if (counted) continue;
            found[n++] = q;
            if (n == limit) return n;
        }
        p = s->points[p].next;
    } while (p != head);
    return n;
}
