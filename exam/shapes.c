// Blocks are flooded on plain arrays; nothing here knows Go's chains but by their stones. An eye is
// a point of a block whose neighbours all belong to the block, so that its owner's stones surround
// it. Two of them make the block pass-alive as long as its stones stay connected [Benson 1976].
#include "exam/shapes.h"

#include "base/memory.h"
#include "game/go_rules.h"

#include <stdlib.h>
#include <string.h>

int shape_around(int side, int point, int around[4]) {
    const int y = point / side, x = point % side;
    int n = 0;
    if (y > 0) around[n++] = point - side;
    if (x > 0) around[n++] = point - 1;
    if (x + 1 < side) around[n++] = point + 1;
    if (y + 1 < side) around[n++] = point + side;
    return n;
}

void shape_turn(struct shape *shape, int symmetry) {
    const struct shape from = *shape;
    const int side = shape->side;
    for (int p = 0; p < side * side; p++) {
        int y = p / side, x = p % side;
        if (symmetry & 1) y = side - 1 - y;
        if (symmetry & 2) x = side - 1 - x;
        const int to = symmetry & 4 ? x * side + y : y * side + x;
        shape->at[to] = from.at[p];
        shape->is_open[to] = from.is_open[p];
    }
}

void shape_swap(struct shape *shape) {
    for (int p = 0; p < shape->side * shape->side; p++) shape->at[p] = (int8_t)-shape->at[p];
}

static void shuffle(int *list, int n, struct rng *rng) {
    for (int i = n - 1; i > 0; i--) {
        const int k = (int)rng_below(rng, (uint32_t)i + 1), kept = list[i];
        list[i] = list[k];
        list[k] = kept;
    }
}

// Whether the point is a stone of that colour in a wall.
static bool is_wall(const struct shape *s, int p, int color) { return !s->is_open[p] && s->at[p] == color; }

// Lists the block of the wall that has this point.
static int flood(const struct shape *s, int start, int *list) {
    bool is_in[SHAPE_MAX_POINTS] = {false};
    int n = 0, around[4];
    list[n++] = start;
    is_in[start] = true;
    for (int i = 0; i < n; i++) {
        const int k = shape_around(s->side, list[i], around);
        for (int d = 0; d < k; d++)
            if (!is_in[around[d]] && is_wall(s, around[d], s->at[start])) {
                is_in[around[d]] = true;
                list[n++] = around[d];
            }
    }
    return n;
}

// Opens an eye at p where that keeps the rest of its block, `size` stones, connected.
static bool open_eye(struct shape *s, int p, int size) {
    const int color = s->at[p];
    int around[4], list[SHAPE_MAX_POINTS];
    const int n = shape_around(s->side, p, around);
    for (int d = 0; d < n; d++)
        if (!is_wall(s, around[d], color)) return false;
    s->at[p] = 0;
    if (flood(s, around[0], list) == size - 1) return true;
    s->at[p] = (int8_t)color;
    return false;
}

bool shape_wall(struct shape *s, struct rng *rng) {
    bool is_done[SHAPE_MAX_POINTS] = {false};
    int list[SHAPE_MAX_POINTS];
    for (int p = 0; p < s->side * s->side; p++) {
        if (is_done[p] || s->is_open[p] || !s->at[p]) continue;
        int left = flood(s, p, list), eyes = 0;
        const int n = left;
        for (int i = 0; i < n; i++) is_done[list[i]] = true;
        shuffle(list, n, rng);
        for (int i = 0; i < n && eyes < 2; i++)
            if (open_eye(s, list[i], left)) eyes++, left--;
        if (eyes < 2) return false;
    }
    return true;
}

bool shape_grow(struct shape *s, int start, int size, int height, int width, struct rng *rng) {
    const int side = s->side, y0 = start / side, x0 = start % side;
    for (int have = 0; have < size; have++) {
        int edge[SHAPE_MAX_POINTS], n = 0, around[4];
        for (int p = 0; p < side * side; p++) {
            const int y = abs(p / side - y0), x = abs(p % side - x0);
            if (s->is_open[p] || y >= height || x >= width) continue;
            bool touches = p == start;
            const int k = shape_around(side, p, around);
            for (int d = 0; d < k; d++) touches |= s->is_open[around[d]];
            if (touches && (have > 0 || p == start)) edge[n++] = p;
        }
        if (!n) return false;
        s->is_open[edge[rng_below(rng, (uint32_t)n)]] = true;
    }
    return true;
}

int shape_block(struct shape *s, int start, int count, int color, struct rng *rng) {
    const int side = s->side;
    int got = 0, order[SHAPE_MAX_POINTS], n = 0, around[4];
    for (int p = 0; p < side * side; p++) order[n++] = p;
    shuffle(order, n, rng);
    for (int distance = 0; distance < 2 * side && got < count; distance++)
        for (int i = 0; i < n && got < count; i++) {
            const int p = order[i];
            if (abs(p / side - start / side) + abs(p % side - start % side) != distance || s->is_open[p]) continue;
            bool touches = false;
            const int k = shape_around(side, p, around);
            for (int d = 0; d < k; d++) touches |= s->is_open[around[d]];
            if (touches) continue;
            s->at[p] = (int8_t)color;
            got++;
        }
    return got;
}

void shape_closed(const struct shape *s, bool *closed) {
    for (int p = 0; p < s->side * s->side; p++) closed[p] = !s->is_open[p];
}

int shape_margin(const struct shape *s) {
    int margin = 0, around[4];
    for (int p = 0; p < s->side * s->side; p++) {
        if (s->is_open[p]) continue;
        margin += s->at[p];
        if (s->at[p]) continue;
        shape_around(s->side, p, around); // an eye: all of its neighbours are its owner's
        margin += s->at[around[0]];
    }
    return margin;
}

int shape_empties(const struct shape *s) {
    int n = 0;
    for (int p = 0; p < s->side * s->side; p++) n += s->is_open[p] && !s->at[p];
    return n;
}

bool shape_fits(const struct game *like) {
    if (strcmp(like->type->name, "go") != 0 || like->height != like->width) return false;
    const struct go_rules rules = go_rules_of(like);
    return rules.part[GO_KO] == GO_KO_POSITIONAL && rules.part[GO_SCORING] == GO_AREA && rules.part[GO_TAX] == GO_TAX_NONE;
}

struct game shape_game(const struct game *like, int side, double komi) {
    struct game game;
    const struct game_options options = {.height = side, .width = side, .komi = komi, .rules = like->rules};
    CHECK(game_open(&game, "go", &options) == STATUS_OK);
    return game;
}

// Whether every chain of the shape has a liberty, which a set-up demands.
static bool breathes(const struct shape *s) {
    int list[SHAPE_MAX_POINTS], around[4];
    struct shape all = *s; // without open points flood() sees every chain
    memset(all.is_open, 0, sizeof all.is_open);
    for (int p = 0; p < s->side * s->side; p++) {
        if (!s->at[p]) continue;
        const int n = flood(&all, p, list);
        bool has = false;
        for (int i = 0; i < n && !has; i++) {
            const int k = shape_around(s->side, list[i], around);
            for (int d = 0; d < k; d++) has |= !s->at[around[d]];
        }
        if (!has) return false;
    }
    return true;
}

void *shape_state(const struct game *game, const struct shape *shape, int to_move) {
    if (!breathes(shape)) return NULL;
    void *state = memory_raw(1, game->state_bytes, "a position of an exam");
    CHECK(game_set_up(game, state, shape->at, to_move) == STATUS_OK);
    return state;
}

bool shape_fills_eye(const struct game *game, const int8_t *stones, int mover, int action) {
    int around[4];
    const int n = shape_around(game->width, action, around);
    for (int d = 0; d < n; d++)
        if (stones[around[d]] != 1 - 2 * mover) return false;
    return true;
}

struct proof *shape_proof(long long max_nodes) {
    return proof_new(&(struct proof_params){.has_history = true, .max_nodes = max_nodes, .is_foolish = shape_fills_eye});
}
