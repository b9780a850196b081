// Flood fill over at most 361 points: this runs once a game, not in a search.
#include "arena/area.h"

#include <string.h>

enum { MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE };

void area_start(struct area_board *board, int height, int width) {
    memset(board, 0, sizeof *board);
    board->height = height;
    board->width = width;
}

static int neighbours(const struct area_board *board, int point, int out[4]) {
    const int y = point / board->width, x = point % board->width;
    int n = 0;
    if (y > 0) out[n++] = point - board->width;
    if (x > 0) out[n++] = point - 1;
    if (x < board->width - 1) out[n++] = point + 1;
    if (y < board->height - 1) out[n++] = point + board->width;
    return n;
}

// All points of one colour connected to `point`. borders: which colours lie next to the region, indexed by colour + 1.
static int region(const struct area_board *board, int point, uint16_t *out, bool borders[3]) {
    bool seen[MAX_POINTS] = {false};
    const int color = board->point[point];
    int n = 0;
    memset(borders, 0, 3 * sizeof *borders);
    out[n++] = point;
    seen[point] = true;
    for (int i = 0; i < n; i++) {
        int next[4];
        const int num_next = neighbours(board, out[i], next);
        for (int k = 0; k < num_next; k++) {
            const int other = board->point[next[k]];
            if (other != color) borders[other + 1] = true;
            if (other != color || seen[next[k]]) continue;
            seen[next[k]] = true;
            out[n++] = next[k];
        }
    }
    return n;
}

int area_chain(const struct area_board *board, int point, uint16_t *chain) {
    bool borders[3];
    return board->point[point] ? region(board, point, chain, borders) : 0;
}

static void capture(struct area_board *board, int point) {
    uint16_t chain[MAX_POINTS];
    bool borders[3];
    const int n = region(board, point, chain, borders);
    if (borders[1]) return; // it has a liberty
    for (int i = 0; i < n; i++) board->point[chain[i]] = 0;
}

void area_play(struct area_board *board, int color, int point) {
    if (point < 0 || point >= board->height * board->width) return;
    board->point[point] = color;
    int next[4];
    const int n = neighbours(board, point, next);
    for (int k = 0; k < n; k++)
        if (board->point[next[k]] == -color) capture(board, next[k]);
    capture(board, point);
}

int area_score(const struct area_board *board, const uint8_t *dead) {
    struct area_board b = *board;
    bool done[MAX_POINTS] = {false};
    const int points = b.height * b.width;
    int score = 0;
    for (int p = 0; p < points; p++)
        if (dead && dead[p]) b.point[p] = 0;
    for (int p = 0; p < points; p++) {
        score += b.point[p];
        if (b.point[p] || done[p]) continue;
        uint16_t empty[MAX_POINTS];
        bool borders[3];
        const int n = region(&b, p, empty, borders);
        for (int i = 0; i < n; i++) done[empty[i]] = true;
        if (borders[2] != borders[0]) score += borders[2] ? n : -n;
    }
    return score;
}
