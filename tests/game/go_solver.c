// Go's solver is compared with a slow twin: alpha-beta that knows nothing of pass-alive stones,
// follows every line to its two passes, and keys positions by the sorted list of earlier ones. They
// are asked about random positions of boards up to 3x3, wherever the twin comes to an end.
#include "game/go.h"
#include "game/solver.h"
#include "tests/test.h"

#include <stdlib.h>

enum { MOST_NODES = 50000, MAX_ENTRIES = 1 << 17 };

struct entry {
    uint64_t key;
    int8_t low, high;
};

struct twin {
    const struct game *game;
    struct entry *entries; // [MAX_ENTRIES]
    char *states;
    int area, nodes;
};

static int by_number(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t key_of(const struct twin *t, const struct go_state *s) {
    uint64_t sorted[1024], key = rng_mix(s->key ^ (uint64_t)(s->to_move * 4 + s->passes));
    memcpy(sorted, go_history(t->game, s), s->num_history * sizeof *sorted);
    qsort(sorted, s->num_history, sizeof *sorted, by_number);
    for (int i = 0; i < s->num_history; i++) key = rng_mix(key * 31 + sorted[i]);
    return key;
}

// Black's margin by area: stones, and empty regions that touch one colour only.
static int count(const struct twin *t, const struct go_state *s) {
    uint8_t marks[GO_MAX_POINTS];
    int margin = 0;
    go_area(t->game, s, marks);
    for (int a = 0; a < t->area; a++) {
        const int mark = marks[go_point_of(t->game, a)];
        margin += (mark == GO_BLACK) - (mark == GO_WHITE);
    }
    return margin;
}

static int search(struct twin *t, char *state, int alpha, int beta) {
    const struct game *g = t->game;
    const struct go_state *s = (const void *)state;
    if (s->passes == 2) return s->to_move ? -count(t, s) : count(t, s);
    if (t->nodes++ >= MOST_NODES || s->ply + 1 >= g->max_plies) return t->nodes = MOST_NODES, 0;
    const uint64_t key = key_of(t, s);
    size_t at = key % MAX_ENTRIES;
    while (t->entries[at].key && t->entries[at].key != key) at = (at + 1) % MAX_ENTRIES;
    if (!t->entries[at].key) t->entries[at] = (struct entry){key, (int8_t)-t->area, (int8_t)t->area};
    if (t->entries[at].low >= beta) return t->entries[at].low;
    if (t->entries[at].high <= alpha) return t->entries[at].high;
    if (t->entries[at].low > alpha) alpha = t->entries[at].low;
    if (t->entries[at].high < beta) beta = t->entries[at].high;
    const int floor = alpha;
    uint16_t actions[16];
    const int n = game_legal(g, state, actions);
    int value = -t->area - 1;
    for (int k = 0; k < n && value < beta && t->nodes < MOST_NODES; k++) {
        char *next = state + g->state_bytes;
        memcpy(next, state, g->state_bytes);
        // After a pass, a pass is tried first.
        game_play(g, next, actions[s->passes ? n - 1 - k : k]);
        const int found = -search(t, next, -beta, -alpha);
        if (found > value) value = found;
        if (value > alpha) alpha = value;
    }
    if (t->nodes < MOST_NODES) {
        if (value > floor && value > t->entries[at].low) t->entries[at].low = (int8_t)value;
        if (value < beta && value < t->entries[at].high) t->entries[at].high = (int8_t)value;
    }
    return value;
}

static int num_compared, num_values[32];

static void compare(const struct game *g, struct solver *solver, struct twin *t, const char *state) {
    memset(t->entries, 0, MAX_ENTRIES * sizeof *t->entries);
    memcpy(t->states, state, g->state_bytes);
    t->nodes = 0;
    const int value = search(t, t->states, -t->area, t->area);
    if (t->nodes >= MOST_NODES) return;
    num_compared++;
    const int margin = game_to_move(g, state) ? -value : value;
    num_values[margin + 16]++;
    EXPECT_NEAR(solver_value(solver, state), game_to_move(g, state) ? g->komi - margin : margin - g->komi, 0);
}

static void one_board(int height, int width, int games, bool suicide) {
    struct game g;
    struct solver *solver;
    struct rng rng;
    const struct game_options options = {
        .height = height, .width = width, .komi = 0.5, .rules = suicide ? "tromp-taylor" : NULL};
    EXPECT_INT(game_open(&g, "go", &options), STATUS_OK);
    EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
    struct twin t = {.game = &g, .area = height * width};
    t.entries = malloc(MAX_ENTRIES * sizeof *t.entries);
    t.states = malloc((size_t)(g.max_plies + 1) * g.state_bytes);
    char *state = malloc(g.state_bytes);
    CHECK(t.entries && t.states && state);
    rng_init(&rng, 1, (uint64_t)(height * 16 + width));
    num_compared = 0;
    for (int i = 0; i < games; i++) {
        uint16_t actions[16];
        const int plies = (int)rng_below(&rng, 24);
        game_start(&g, state);
        for (int ply = 0; ply < plies; ply++) {
            const int n = game_legal(&g, state, actions);
            if (!n) break;
            game_play(&g, state, actions[rng_below(&rng, (uint32_t)n)]);
        }
        if (game_outcome(&g, state) == OUTCOME_NONE) compare(&g, solver, &t, state);
    }
    printf("%dx%d%s: %d of %d positions compared\n", height, width, suicide ? " with suicide" : "", num_compared, games);
    EXPECT(num_compared >= games / 10);
    solver_free(solver);
    free(t.entries);
    free(t.states);
    free(state);
}

int main(void) {
    for (int suicide = 0; suicide < 2; suicide++) {
        one_board(1, 4, 100, suicide);
        one_board(2, 2, 100, suicide);
        one_board(1, 5, 60, suicide);
        one_board(2, 3, 40, suicide);
        one_board(3, 3, 60, suicide);
    }
    int kinds = 0;
    for (int i = 0; i < 32; i++) kinds += num_values[i] > 0;
    printf("%d different margins\n", kinds);
    EXPECT(kinds > 8);
    return TEST_END();
}
