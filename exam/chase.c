// The attacker plays a liberty and leaves one. The chain runs to it, or captures stones around it
// that are in atari. With three liberties it is free, with one it is caught, and with two the
// attacker goes on. Ko is left out: a line in which a single stone is taken back at once counts as
// too long, and such a position is not asked about.
#include "exam/chase.h"

#include <string.h>

// Positions of one reading, and moves of the attacker in one line: a ladder that crosses 19 x 19 has
// fewer, and a ko has no end.
enum { MOST_READ = 4000, MOST_DEPTH = 80, MOST_CHOICES = 12, NOBODY = -1 };
// Of nets: attacker's moves after the first, and the liberties with which a chain is free.
enum { NET_MOVES = 2, FREE = 4 };

struct reading {
    int target, nodes, depth;
    bool is_too_long;
};

// Lists the stones of a chain and its liberties up to `most`; returns how many of these there are.
static int chain(const struct shape *b, int start, int *stones, int *num_stones, int *liberties, int most) {
    bool is_seen[SHAPE_MAX_POINTS] = {false};
    int n = 0, libs = 0, around[4];
    stones[n++] = start;
    is_seen[start] = true;
    for (int i = 0; i < n; i++) {
        const int k = shape_around(b->side, stones[i], around);
        for (int d = 0; d < k; d++) {
            const int p = around[d];
            if (is_seen[p]) continue;
            if (b->at[p] == b->at[start]) {
                is_seen[p] = true;
                stones[n++] = p;
            } else if (!b->at[p]) {
                is_seen[p] = true;
                if (libs < most) liberties[libs++] = p;
            }
        }
    }
    *num_stones = n;
    return libs;
}

int chase_liberties(const struct shape *b, int point, int *liberties, int most) {
    int stones[SHAPE_MAX_POINTS], n;
    return chain(b, point, stones, &n, liberties, most);
}

// Plays a stone; *taken is the number of stones captured. False: it would be a suicide.
static bool play(struct shape *b, int point, int color, int *taken) {
    int stones[SHAPE_MAX_POINTS], n, liberty, around[4];
    const int k = shape_around(b->side, point, around);
    b->at[point] = (int8_t)color;
    *taken = 0;
    for (int d = 0; d < k; d++) {
        if (b->at[around[d]] != -color || chain(b, around[d], stones, &n, &liberty, 1)) continue;
        for (int i = 0; i < n; i++) b->at[stones[i]] = 0;
        *taken += n;
    }
    return chain(b, point, stones, &n, &liberty, 1) > 0;
}

static bool attack(struct reading *r, const struct shape *b, int first, int *moves);

// What the chain, with one liberty, may do: run, or capture one of its attackers.
static int list_escapes(const struct reading *r, const struct shape *b, int *escapes) {
    int stones[SHAPE_MAX_POINTS], n, around[4], other[SHAPE_MAX_POINTS], m, liberty[2], num = 0;
    num = chain(b, r->target, stones, &n, escapes, 1); // the first liberty, the only one in an atari
    for (int i = 0; i < n; i++) {
        const int k = shape_around(b->side, stones[i], around);
        for (int d = 0; d < k; d++) {
            if (b->at[around[d]] != -b->at[r->target] || chain(b, around[d], other, &m, liberty, 2) != 1) continue;
            bool is_listed = false;
            for (int e = 0; e < num; e++) is_listed |= escapes[e] == liberty[0];
            if (!is_listed && num < MOST_CHOICES) escapes[num++] = liberty[0];
        }
    }
    return num;
}

// Whether the chain in atari is caught whatever it does.
static bool is_caught(struct reading *r, const struct shape *b, int *moves) {
    int escapes[MOST_CHOICES], liberties[3];
    const int n = list_escapes(r, b, escapes);
    *moves = 0;
    for (int i = 0; i < n; i++) {
        struct shape next = *b;
        int taken, longest = 0;
        if (!play(&next, escapes[i], b->at[r->target], &taken)) continue;
        const int left = chase_liberties(&next, r->target, liberties, 3);
        if (left >= 3) return false;
        if (left == 2 && !attack(r, &next, NOBODY, &longest)) return false;
        // One that takes a single stone and is in atari again could be a ko.
        if (left == 1 && taken == 1) r->is_too_long = true;
        if (longest > *moves) *moves = longest;
    }
    return true;
}

// Whether the attacker, to move, catches the chain, which has two liberties. first: the only move
// that it may begin with; NOBODY: either.
static bool attack(struct reading *r, const struct shape *b, int first, int *moves) {
    int liberties[2];
    *moves = 0;
    if (++r->nodes > MOST_READ || r->depth >= MOST_DEPTH) r->is_too_long = true;
    if (r->is_too_long) return false;
    r->depth++;
    bool works = false;
    const int n = chase_liberties(b, r->target, liberties, 2);
    for (int i = 0; i < n; i++) {
        struct shape next = *b;
        int taken;
        if ((first != NOBODY && liberties[i] != first) || !play(&next, liberties[i], -b->at[r->target], &taken)) continue;
        works = is_caught(r, &next, moves);
        ++*moves;
        if (works) break;
    }
    r->depth--;
    return works;
}

enum chase_result chase_read(const struct shape *board, int target, int first, int *moves) {
    struct reading r = {.target = target};
    const bool works = attack(&r, board, first, moves);
    return r.is_too_long ? CHASE_TOO_LONG : works ? CHASE_CATCHES : CHASE_FAILS;
}

static bool is_free(const struct shape *b, int target, int moves_left);

// Whether the attacker, to move, has a move after which the chain is not free.
static bool is_held(const struct shape *b, int target, int moves_left) {
    int liberties[FREE], moves;
    const int n = chase_liberties(b, target, liberties, FREE);
    if (n >= FREE) return false;
    if (n <= 1) return true;
    if (n == 2 && chase_read(b, target, NOBODY, &moves) == CHASE_CATCHES) return true;
    if (!moves_left) return false;
    for (int i = 0; i < n; i++) {
        int points[5], around = shape_around(b->side, liberties[i], points), taken;
        points[around++] = liberties[i];
        for (int d = 0; d < around; d++) {
            struct shape next = *b;
            if (b->at[points[d]] || !play(&next, points[d], -b->at[target], &taken)) continue;
            if (!is_free(&next, target, moves_left - 1)) return true;
        }
    }
    return false;
}

// Whether the chain, to move, gets away.
static bool is_free(const struct shape *b, int target, int moves_left) {
    int liberties[FREE], escapes[MOST_CHOICES];
    struct reading r = {.target = target};
    const int n = chase_liberties(b, target, liberties, FREE);
    if (n >= FREE) return true;
    int num = list_escapes(&r, b, escapes);
    for (int i = 1; i < n && num < MOST_CHOICES; i++) escapes[num++] = liberties[i];
    for (int i = 0; i < num; i++) {
        struct shape next = *b;
        int taken;
        if (play(&next, escapes[i], b->at[target], &taken) && !is_held(&next, target, moves_left)) return true;
    }
    return false;
}

int chase_escapes(const struct shape *board, int target, int *moves, int most) {
    const struct reading r = {.target = target};
    int escapes[MOST_CHOICES];
    const int n = list_escapes(&r, board, escapes), kept = n < most ? n : most;
    memcpy(moves, escapes, (size_t)kept * sizeof *moves);
    return kept;
}

bool chase_gets_away(const struct shape *board, int target, int move) {
    struct shape next = *board;
    int taken;
    return play(&next, move, board->at[target], &taken) && !is_held(&next, target, NET_MOVES);
}

bool chase_play(struct shape *board, int point, int color) {
    int taken;
    return play(board, point, color, &taken);
}
