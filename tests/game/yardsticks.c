// Published exact figures for each game: distinct positions, winning first moves, the first
// player's share in random play. Perft is in perft.c.
//
//   test_game_yardsticks [long]
//
// With "long": Connect Four's positions to ply 10, Othello's perft to depth 11, and a million
// random games.
#include "game/perft.h"
#include "game/solver.h"
#include "tests/test.h"

static void open_game(struct game *g, const char *name, int size, const char *rules) {
    EXPECT_INT(game_open(g, name, &(struct game_options){.height = size, .komi = GAME_KOMI_DEFAULT, .rules = rules}),
               STATUS_OK);
}

// --- distinct positions by ply ---

struct layer {
    size_t num, capacity; // the capacity is a power of two
    uint64_t *keys;       // [capacity], 0: free
    char *states;         // [num]
};

static struct layer layer_new(size_t most, size_t state_bytes) {
    struct layer l = {.capacity = 2, .states = malloc(most * state_bytes)};
    while (l.capacity < 2 * most) l.capacity *= 2;
    l.keys = calloc(l.capacity, sizeof *l.keys);
    CHECK(l.keys && l.states);
    return l;
}

static void layer_add(struct layer *l, const struct game *g, const void *state) {
    const uint64_t key = game_hash(g, state);
    size_t i = key & (l->capacity - 1);
    while (l->keys[i] && l->keys[i] != key) i = (i + 1) & (l->capacity - 1);
    if (l->keys[i]) return;
    l->keys[i] = key;
    memcpy(l->states + l->num++ * g->state_bytes, state, g->state_bytes);
}

static void distinct_positions_of_connect_four(int plies) {
    static const size_t known[] = {1, 7, 49, 238, 1120, 4263, 16422, 54859, 184275, 558186, 1662623};
    struct game g;
    open_game(&g, "connect4", 0, NULL);
    char next[256];
    CHECK(g.state_bytes <= sizeof next);
    struct layer now = layer_new(1, g.state_bytes);
    game_start(&g, next);
    layer_add(&now, &g, next);
    for (int ply = 0;; ply++) {
        EXPECT_INT(now.num, known[ply]);
        struct layer after = layer_new(ply < plies ? now.num * 7 : 1, g.state_bytes);
        for (size_t i = 0; i < now.num && ply < plies; i++) {
            uint16_t legal[GAME_MAX_ACTIONS];
            const void *state = now.states + i * g.state_bytes;
            for (int k = 0, n = game_legal(&g, state, legal); k < n; k++) {
                memcpy(next, state, g.state_bytes);
                game_play(&g, next, legal[k]);
                layer_add(&after, &g, next);
            }
        }
        free(now.keys);
        free(now.states);
        now = after;
        if (ply == plies) break;
    }
    free(now.keys);
    free(now.states);
}

// --- solved ---

static void winning_first_moves_of_hex(void) {
    static const int known[] = {0, 0, 2, 5, 4};
    for (int size = 2; size <= 4; size++) {
        struct game g;
        struct solver *solver;
        double values[GAME_MAX_ACTIONS];
        int winning = 0;
        open_game(&g, "hex", size, "standard");
        EXPECT_INT(solver_new(&solver, &g), STATUS_OK);
        void *state = malloc(g.state_bytes);
        game_start(&g, state);
        for (int i = 0, n = solver_moves(solver, state, values); i < n; i++) {
            winning += values[i] > 0;
            // On 4x4 these are the points of the short diagonal between the obtuse corners, where y
            // + x is size - 1.
            if (size == 4) EXPECT_INT(values[i] > 0, i / size + i % size == size - 1);
        }
        EXPECT_INT(winning, known[size]);
        free(state);
        solver_free(solver);
    }
}

// --- random play ---

static void first_players_share(const char *name, int size, const char *rules, double known, int games) {
    struct game g;
    struct rng rng;
    double sum = 0, squares = 0;
    uint16_t legal[GAME_MAX_ACTIONS];
    open_game(&g, name, size, rules);
    void *state = malloc(g.state_bytes);
    rng_init(&rng, 11, 0);
    for (int i = 0; i < games; i++) {
        game_start(&g, state);
        for (int n; (n = game_legal(&g, state, legal)) > 0;) game_play(&g, state, legal[rng_below(&rng, (uint32_t)n)]);
        const double points = 0.5 + 0.5 * outcome_for(game_outcome(&g, state), 0);
        sum += points;
        squares += points * points;
    }
    const double mean = sum / games, error = sqrt((squares / games - mean * mean) / games);
    printf("%s %d: the first player takes %.4f (+- %.4f) of the points in %d random games; known: %.4f\n", name, g.height, mean,
           error, games, known);
    EXPECT_NEAR(mean, known, 5 * error + 0.001); // the published figures are samples, too
    free(state);
}

static void perft_of_othello_to_the_deepest(void) {
    struct game g;
    open_game(&g, "othello", 8, NULL);
    void *state = malloc(g.state_bytes);
    game_start(&g, state);
    EXPECT_INT(perft(&g, state, 11, NULL), 212258800);
    free(state);
}

int main(int argc, char **argv) {
    const bool is_long = argc > 1 && !strcmp(argv[1], "long");
    const int games = is_long ? 1000000 : 10000;
    distinct_positions_of_connect_four(is_long ? 10 : 7);
    winning_first_moves_of_hex();
    first_players_share("connect4", 0, NULL, .5572, games);
    first_players_share("othello", 8, NULL, .4734, is_long ? games / 5 : games / 4);
    first_players_share("hex", 11, "standard", .5197, is_long ? games / 5 : games / 4);
    first_players_share("hex", 7, "standard", .5440, games / 2);
    first_players_share("breakthrough", 8, NULL, .5072, is_long ? games / 5 : games / 4);
    first_players_share("tictactoe", 0, NULL, .6484, games);
    if (is_long) perft_of_othello_to_the_deepest();
    return TEST_END();
}
