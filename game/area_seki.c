// Which living stones are in seki, at the end of a game whose dead stones are agreed on.
//
// In a seki, groups of both sides depend on the same few empty points, where neither can play, and
// have no two eyes of their own. So the board shows most of it:
//
//   region   connected empty points. One with stones of one side alone around it is that side's
//            own, else it is shared.
//   group    chains of one side that are connected through its own regions.
//   poor     a group that is not pass-alive (Benson), and whose own regions are at most one of at
//            most three points, or belong to nobody by the judge. A net that has learned rules with
//            a tax on seki judges so.
//   seki     poor groups of both sides around the same shared region, if that is small. A large one
//            is the open board of a game that is not over.
//
// A living group that is not solidly connected may look poor, too. But the group with which it
// shares empty points is then a strong one.
#include "base/memory.h"
#include "game/area.h"
#include "game/go.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE, MOST_SHARED = 7, MOST_POOR = 3 };

// An own region whose mean owner is less than this for its side is nobody's.
static const float sure_ownership = 0.5f;

struct groups {
    int number[MAX_POINTS]; // of the stone's group: one of the points of the group
    // By the group's number:
    bool is_alive[MAX_POINTS];   // a chain of it is pass-alive
    int num_regions[MAX_POINTS]; // its own ones
    int num_points[MAX_POINTS];  // in these
    float owner_sum[MAX_POINTS]; // of these points, +1 for the group's side
};

struct region {
    uint16_t points[MAX_POINTS];
    int num_points;
    bool sides[2];            // whether stones of that player lie next to it
    bool touched[MAX_POINTS]; // those stones
};

// Takes the region around the empty point p. False: p is none, or not the region's first point.
static bool take_region(const struct area_board *board, int p, struct region *out) {
    if (board->point[p]) return false;
    memset(out->touched, 0, sizeof out->touched);
    out->num_points = area_region(board, p, out->points, out->sides);
    for (int i = 0; i < out->num_points; i++)
        if (out->points[i] < p) return false;
    area_touch(board, out->points, out->num_points, out->touched);
    return true;
}

static void join(struct groups *g, int num_board_points, int into, int from) {
    for (int p = 0; p < num_board_points; p++)
        if (g->number[p] == from) g->number[p] = into;
}

static void find_groups(const struct area_board *board, struct groups *g) {
    const int points = board->height * board->width;
    for (int p = 0; p < points; p++) g->number[p] = -1;
    for (int p = 0; p < points; p++) {
        uint16_t chain[MAX_POINTS];
        const int n = g->number[p] < 0 ? area_chain(board, p, chain) : 0;
        for (int i = 0; i < n; i++) g->number[chain[i]] = p;
    }
    for (int p = 0; p < points; p++) {
        struct region region;
        int first = -1;
        if (!take_region(board, p, &region) || region.sides[0] == region.sides[1]) continue;
        for (int q = 0; q < points; q++) {
            if (!region.touched[q]) continue;
            if (first < 0) first = g->number[q];
            if (g->number[q] != first) join(g, points, first, g->number[q]);
        }
    }
}

static void find_alive(const struct game *game, const struct area_board *board, struct groups *g) {
    uint8_t marks[GO_MAX_POINTS];
    void *state = memory_raw(1, game->state_bytes, "a position");
    CHECK(go_set_up(game, state, board->point, 0) == STATUS_OK); // what has no liberty was captured
    go_pass_alive(game, state, marks);
    for (int p = 0; p < game->height * game->width; p++)
        if (board->point[p] && marks[go_point_of(game, p)]) g->is_alive[g->number[p]] = true;
    free(state);
}

static void count_regions(const struct area_board *board, const float *owner, struct groups *g) {
    const int points = board->height * board->width;
    for (int p = 0; p < points; p++) {
        struct region region;
        if (!take_region(board, p, &region) || region.sides[0] == region.sides[1]) continue;
        int q = 0;
        while (!region.touched[q]) q++;
        const int group = g->number[q]; // all stones around an own region are of one group
        g->num_regions[group]++;
        g->num_points[group] += region.num_points;
        for (int i = 0; i < region.num_points; i++)
            g->owner_sum[group] += region.sides[0] ? owner[region.points[i]] : -owner[region.points[i]];
    }
}

static bool is_poor(const struct groups *g, int group) {
    if (g->is_alive[group]) return false;
    return (g->num_regions[group] <= 1 && g->num_points[group] <= MOST_POOR) ||
           g->owner_sum[group] < sure_ownership * (float)g->num_points[group];
}

void area_find_seki(const struct game *game, const struct area_board *board, const float *owner, uint8_t *status) {
    struct area_board b = *board;
    struct groups groups = {0};
    const int points = b.height * b.width;
    for (int p = 0; p < points; p++)
        if (status[p] == AREA_DEAD) b.point[p] = 0;
    find_groups(&b, &groups);
    find_alive(game, &b, &groups);
    count_regions(&b, owner, &groups);
    for (int p = 0; p < points; p++) {
        struct region region;
        bool poor[2] = {false, false}, in_seki[MAX_POINTS] = {false};
        if (!take_region(&b, p, &region) || region.sides[0] != region.sides[1] || region.num_points > MOST_SHARED) continue;
        for (int q = 0; q < points; q++) {
            if (!region.touched[q] || !is_poor(&groups, groups.number[q])) continue;
            poor[b.point[q] < 0] = true;
            in_seki[groups.number[q]] = true;
        }
        for (int q = 0; q < points && poor[0] && poor[1]; q++)
            if (b.point[q] && in_seki[groups.number[q]]) status[q] = AREA_SEKI;
    }
}
