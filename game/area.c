// Regions and chains by flood fill over at most 361 points. This runs once for a game and never in
// a search, so that simple code is fast enough.
#include "game/area.h"

#include "game/go_rules.h"

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

// Writes all points of one colour that are connected with `point`, and returns their number.
// borders[colour + 1] tells whether that colour lies next to them.
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
    board->captures[board->point[point] > 0] += n;
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

void area_owners(const struct area_board *board, const uint8_t *dead, int8_t *owner) {
    struct area_board b = *board;
    bool done[MAX_POINTS] = {false};
    const int points = b.height * b.width;
    for (int p = 0; p < points; p++)
        if (dead && dead[p]) b.point[p] = 0;
    for (int p = 0; p < points; p++) {
        if (b.point[p]) owner[p] = b.point[p];
        if (b.point[p] || done[p]) continue;
        uint16_t empty[MAX_POINTS];
        bool borders[3];
        const int n = region(&b, p, empty, borders);
        for (int i = 0; i < n; i++) {
            done[empty[i]] = true;
            owner[empty[i]] = (int8_t)(borders[2] - borders[0]);
        }
    }
}

int area_score(const struct area_board *board, const uint8_t *dead) {
    int8_t owner[MAX_POINTS];
    int score = 0;
    area_owners(board, dead, owner);
    for (int p = 0; p < board->height * board->width; p++) score += owner[p];
    return score;
}

int area_region(const struct area_board *board, int point, uint16_t *points, bool sides[2]) {
    bool borders[3];
    const int n = region(board, point, points, borders);
    sides[0] = borders[2];
    sides[1] = borders[0];
    return n;
}

void area_touch(const struct area_board *board, const uint16_t *points, int n, bool *touched) {
    for (int i = 0; i < n; i++) {
        int next[4];
        for (int k = neighbours(board, points[i], next); k-- > 0;) touched[next[k]] |= board->point[next[k]] != 0;
    }
}

// Whether a region lies inside a group in seki. The board must be without its dead stones.
static bool is_seki(const struct area_board *board, const uint8_t *status, const uint16_t *points, int n) {
    bool touched[MAX_POINTS] = {false};
    area_touch(board, points, n, touched);
    for (int p = 0; p < board->height * board->width; p++)
        if (touched[p] && status[p] == AREA_SEKI) return true;
    return false;
}

// A chain is dead if the mean expected owner of its points is the other side by at least this much.
// Chosen: far more sure than not.
static const float sure_ownership = 0.5f;

void area_find_dead(const struct area_board *board, const float *owner, uint8_t *status) {
    for (int p = 0; p < board->height * board->width; p++) {
        uint16_t chain[MAX_POINTS];
        float sum = 0;
        const int n = area_chain(board, p, chain);
        for (int i = 0; i < n; i++) sum += owner[chain[i]];
        if (n > 0 && sum / (float)n * board->point[p] < -sure_ownership) status[p] = AREA_DEAD;
    }
}

double area_agreed(const struct game *game, const struct area_board *board, const uint8_t *status) {
    struct area_board b = *board;
    bool done[MAX_POINTS] = {false};
    const bool territory = game->rule[GO_SCORING] == GO_TERRITORY, tax = game->rule[GO_TAX] == GO_TAX_SEKI;
    const int points = b.height * b.width;
    int stones = 0, prisoners = b.captures[0] - b.captures[1], empty = 0;
    for (int p = 0; p < points; p++) {
        if (status[p] != AREA_DEAD) continue;
        prisoners -= b.point[p];
        b.point[p] = 0;
    }
    for (int p = 0; p < points; p++) {
        stones += b.point[p];
        if (b.point[p] || done[p]) continue;
        uint16_t list[MAX_POINTS];
        bool sides[2];
        const int n = area_region(&b, p, list, sides);
        for (int i = 0; i < n; i++) done[list[i]] = true;
        if (sides[0] != sides[1] && !(tax && is_seki(&b, status, list, n))) empty += sides[0] ? n : -n;
    }
    return empty + (territory ? prisoners : stones) - game->komi;
}
