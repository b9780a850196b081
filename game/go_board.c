// The Go board: stones, chains, captures, and which moves are legal.
//
// A chain is a ring of stones with pseudo-liberties that are kept incrementally: the number, the
// sum and the sum of squares of the empty points next to it, each counted once for every stone that
// it touches. A chain whose number is 0 is captured; one whose liberties are all the same point (n
// * squares = sum^2) is in atari.
//
// Invariants, after every call:
//  1. The head of a stone is a stone of its chain. The ring through `next` visits the chain once.
//  2. libs, sum and squares of a head are right; those of other stones mean nothing.
//  3. key is the exclusive or of the keys of all stones.
//  4. The history holds the key of every position since the start, or since the clean-up began.
//     Under positional superko these are keys of the stones alone, and a pass adds none. Else they
//     include the mover, and a pass adds one too.
//
// The ko rule can mostly be decided without the history: a move at p can bring an earlier position
// back only if a stone of that colour stood at p before and was removed. `lost` says where that has
// happened. Suicide is the exception, because it removes stones and leaves none at p.
#include "game/go.h"

#include <assert.h>
#include <string.h>

// The part of a key that says who is to move.
static inline uint64_t mover_key(int mover) { return mover ? 0x9e3779b97f4a7c15u : 0; }

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

// Removes a chain from the board, gives its neighbours their liberties back, and returns its size.
static inline __attribute__((always_inline)) int chain_remove(struct go_point *points, const int step[4], int head,
                                                              uint64_t *key) {
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

// Makes the chain of head `from` part of that of head `into`.
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
    const uint16_t next = a->next; // exchanging the successors makes one ring of two
    a->next = b->next;
    b->next = next;
}

// Removes the mover's own chain, which has no liberties left. It is not inlined, because the usual
// rules forbid suicide.
static __attribute__((noinline)) void suicide(const struct game *g, struct go_state *s, int head) {
    const int w = go_stride(g), step[4] = {-w, -1, 1, w}, own = chain_remove(s->points, step, head, &s->key);
    assert(own > 1);
    s->captures[!s->to_move] = (uint16_t)(s->captures[!s->to_move] + own);
    s->stones[s->to_move] = (uint16_t)(s->stones[s->to_move] - own);
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
    if (!points[me->head].libs) suicide(g, s, me->head);
}

// The key of the position as the history has it.
static inline uint64_t history_key(const struct game *g, const struct go_state *s) {
    return go_ko_now(g, s) == GO_KO_POSITIONAL ? s->key : s->key ^ mover_key(s->to_move);
}

static inline bool is_in_history(const struct game *g, const struct go_state *s, uint64_t key) {
    if (!(s->seen[key >> 6 & 15] >> (key & 63) & 1)) return false;
    const uint64_t *history = go_history(g, s);
    unsigned found = 0;
    // Without an early exit the compiler can use vectors.
    for (int i = 0; i < s->num_history; i++) found |= history[i] == key;
    return found;
}

static inline void history_add(const struct game *g, struct go_state *s, uint64_t key) {
    go_history(g, s)[s->num_history++] = key;
    s->seen[key >> 6 & 15] |= 1ull << (key & 63);
}

void go_start(const struct game *g, void *state) {
    struct go_state *s = state;
    memset(s, 0, g->state_bytes);
    for (int p = 0; p < go_num_points(g); p++) s->points[p].color = GO_BORDER;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) s->points[go_point_at(g, y, x)].color = GO_EMPTY;
    for (int i = 0; i < 3; i++) s->last[i] = GO_NO_MOVE;
    history_add(g, s, s->key);
}

// Adds the position after a move to a history whose keys include the mover. Two passes in a row are
// not taken for a cycle: they end the game, or its first part.
static __attribute__((noinline)) void remember(const struct game *g, struct go_state *s) {
    const uint64_t key = history_key(g, s);
    if (go_ko_now(g, s) == GO_KO_SIMPLE && s->passes < 2) s->is_void = is_in_history(g, s, key);
    history_add(g, s, key);
}

static void cleanup_begin(const struct game *g, struct go_state *s) {
    s->prisoners = (int16_t)(s->captures[0] - s->captures[1]);
    s->is_cleanup = true;
    s->passes = 0;
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++) {
            struct go_point *p = &s->points[go_point_at(g, y, x)];
            p->lost = (uint8_t)(p->color << GO_STOOD_SHIFT);
        }
    s->num_history = 0;
    memset(s->seen, 0, sizeof s->seen);
    history_add(g, s, history_key(g, s));
}

void go_play(const struct game *g, void *state, int action) {
    struct go_state *s = state;
    assert(!go_is_over(g, s) && action >= 0 && action <= go_pass(g));
    if (action == go_pass(g)) {
        s->passes++;
    } else {
        s->passes = 0;
        stone_put(g, s, go_point_of(g, action));
        if (go_ko_now(g, s) == GO_KO_POSITIONAL) history_add(g, s, s->key);
    }
    s->last[2] = s->last[1];
    s->last[1] = s->last[0];
    s->last[0] = (uint16_t)action;
    s->ply++;
    s->to_move ^= 1;
    if (go_ko_now(g, s) != GO_KO_POSITIONAL) remember(g, s);
    if (s->passes == 2 && go_has_territory(g) && !s->is_cleanup && s->ply < g->max_plies) cleanup_begin(g, s);
}

// Whether a stone at p would have a liberty, join a chain that keeps one, or capture.
static inline bool is_breathing(const struct go_point *points, int w, int p, int color) {
    const int step[4] = {-w, -1, 1, w};
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &points[p + step[d]];
        if (q->color == GO_EMPTY) return true;
        if (q->color != GO_BORDER && (q->color == color) != go_in_atari(&points[q->head])) return true;
    }
    return false;
}

// Removes the chains of this colour whose last liberty is p from a position's key.
static inline __attribute__((always_inline)) void key_without(const struct go_point *points, int w, int p, int color,
                                                              uint64_t *key) {
    const int step[4] = {-w, -1, 1, w};
    int taken[4], num_taken = 0;
    for (int d = 0; d < 4; d++) {
        const struct go_point *q = &points[p + step[d]];
        if (q->color != color || !go_in_atari(&points[q->head])) continue;
        bool counted = false;
        for (int i = 0; i < num_taken; i++) counted |= taken[i] == q->head;
        if (counted) continue;
        taken[num_taken++] = q->head;
        int stone = q->head;
        do {
            *key ^= go_stone_key(color, stone);
            stone = points[stone].next;
        } while (stone != q->head);
    }
}

static enum status no_liberty(const struct game *g, int p) {
    char text[GAME_TEXT_BYTES];
    const int y = p / go_stride(g) - 1, x = p % go_stride(g) - 1;
    g->type->action_text(g, y * g->width + x, text);
    return status_fail(STATUS_USAGE, "go: the chain at %s has no liberty", text);
}

// Stones are put one after another. A chain loses its last liberty on the way iff it has none in
// the end: while some of its stones are still missing, their points are its liberties.
enum status go_set_up(const struct game *g, void *state, const int8_t *stones, int to_move) {
    struct go_state *s = state;
    go_start(g, s);
    for (int action = 0; action < go_pass(g); action++) {
        if (!stones[action]) continue;
        const int p = go_point_of(g, action);
        s->to_move = stones[action] < 0;
        if (!is_breathing(s->points, go_stride(g), p, s->to_move + 1)) return no_liberty(g, p);
        stone_put(g, s, p);
        for (int lost = 0; s->captures[s->to_move] && lost < go_num_points(g); lost++)
            if (s->points[lost].lost) return no_liberty(g, lost);
    }
    s->to_move = (uint8_t)to_move;
    s->num_history = 0;
    memset(s->seen, 0, sizeof s->seen);
    history_add(g, s, history_key(g, s));
    return STATUS_OK;
}

// The key of the stones after the mover's move at p. breathes: the move is no suicide.
static inline __attribute__((always_inline)) uint64_t key_after(const struct game *g, const struct go_state *s, int p,
                                                                bool breathes) {
    const int color = s->to_move + 1;
    uint64_t key = s->key;
    if (breathes) key ^= go_stone_key(color, p);
    key_without(s->points, go_stride(g), p, breathes ? GO_BLACK ^ GO_WHITE ^ color : color, &key);
    return key;
}

// Whether the ko rule forbids the mover's move at p.
static bool repeats(const struct game *g, const struct go_state *s, int p, bool breathes) {
    const uint64_t key = key_after(g, s, p, breathes);
    const int ko = go_ko_now(g, s);
    if (ko == GO_KO_POSITIONAL) return is_in_history(g, s, key);
    const uint64_t told_apart = key ^ mover_key(!s->to_move);
    if (ko == GO_KO_SITUATIONAL) return is_in_history(g, s, told_apart);
    return s->num_history > 1 && go_history(g, s)[s->num_history - 2] == told_apart;
}

// Whether a move at p that is a suicide would be one of several stones.
static inline bool is_suicide_of_many(const struct go_point *points, int w, int p, int color) {
    return points[p - w].color == color || points[p - 1].color == color || points[p + 1].color == color ||
           points[p + w].color == color;
}

// Whether the board and the suicide rule allow the mover to play at p. *breathes: it is no suicide.
static inline bool is_possible(const struct game *g, const struct go_state *s, int p, bool *breathes) {
    const int color = s->to_move + 1, w = go_stride(g);
    *breathes = is_breathing(s->points, w, p, color);
    return *breathes || (g->rule[GO_SUICIDE] == GO_SUICIDE_ALLOWED && is_suicide_of_many(s->points, w, p, color));
}

// Whether a possible move could bring an earlier position back.
static inline bool may_repeat(const struct go_state *s, int p, bool breathes) {
    return !breathes || (s->points[p].lost & (s->to_move + 1));
}

bool go_ko_forbids(const struct game *g, const struct go_state *s, int p) {
    bool breathes;
    if (!(s->points[p].lost & (s->to_move + 1)) && g->rule[GO_SUICIDE] != GO_SUICIDE_ALLOWED) return false;
    return is_possible(g, s, p, &breathes) && may_repeat(s, p, breathes) && repeats(g, s, p, breathes);
}

bool go_is_cycle(const struct game *g, const struct go_state *s, int action) {
    if (go_ko_now(g, s) != GO_KO_SIMPLE) return false;
    if (action == go_pass(g)) return !s->passes && is_in_history(g, s, s->key ^ mover_key(!s->to_move));
    const int p = go_point_of(g, action);
    bool breathes;
    return s->points[p].color == GO_EMPTY && is_possible(g, s, p, &breathes) && may_repeat(s, p, breathes) &&
           is_in_history(g, s, key_after(g, s, p, breathes) ^ mover_key(!s->to_move));
}

static inline bool is_legal_point(const struct game *g, const struct go_state *s, int p) {
    const int color = s->to_move + 1;
    if (s->points[p].color != GO_EMPTY) return false;
    if (is_breathing(s->points, go_stride(g), p, color)) return !((s->points[p].lost & color) && repeats(g, s, p, true));
    return g->rule[GO_SUICIDE] == GO_SUICIDE_ALLOWED && is_suicide_of_many(s->points, go_stride(g), p, color) &&
           !repeats(g, s, p, false);
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

// Whether p is an eye of the mover: all neighbours are its stones, and at most one of the diagonal
// neighbours, at the edge none, is the opponent's.
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

// What random playouts may do: any legal move that neither fills an eye of one's own nor is a
// suicide, without which they would not come to an end.
static inline bool is_sensible(const struct game *g, const struct go_state *s, int p) {
    const int color = s->to_move + 1, w = go_stride(g);
    return s->points[p].color == GO_EMPTY && !is_own_eye(s->points, w, p, color) && is_breathing(s->points, w, p, color) &&
           !((s->points[p].lost & color) && repeats(g, s, p, true));
}

// Uniform over the sensible moves: draws points until one is sensible, and after a few makes a
// list.
int go_playout_move(const struct game *g, const void *state, struct rng *rng) {
    const struct go_state *s = state;
    const int area = g->height * g->width;
    for (int tries = 0; tries < 12; tries++) { // so many draws cost about as much as the list
        const int action = (int)rng_below(rng, (uint32_t)area);
        if (is_sensible(g, s, go_point_of(g, action))) return action;
    }
    uint16_t actions[GAME_MAX_SIDE * GAME_MAX_SIDE];
    int n = 0, action = 0;
    for (int y = 0; y < g->height; y++) {
        const int row = go_point_at(g, y, 0);
        for (int x = 0; x < g->width; x++, action++)
            if (is_sensible(g, s, row + x)) actions[n++] = (uint16_t)action;
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
