// What the table of verbs costs: the same random games are played through `struct game_type` and by
// direct calls of the same functions, alternately in one process, move by move. Connect Four, where
// a move takes less time than a call, is played by whole playouts too. The sources are included, so
// that their static functions can be called here.
//
//   test_game_table_bench [SECONDS]
//
// SECONDS is the processor time for each game and way, by default 0.02. The ratio is printed and
// not tested, because on a busy machine it varies by more than the 5 % that the table may cost.
#include "game/game.h"

// These functions are called as from another file, not inlined and not specialised for this caller,
// so that only the table makes a difference.
#define NOT_INLINED(name)                                                                                                      \
    __attribute__((noipa)) static void name##_start(const struct game *, void *);                                              \
    __attribute__((noipa)) static enum outcome name##_outcome(const struct game *, const void *);                              \
    __attribute__((noipa)) static int name##_playout_move(const struct game *, const void *, struct rng *);                    \
    __attribute__((noipa)) static void name##_play(const struct game *, void *, int)
__attribute__((noipa)) static void connect4_playout(const struct game *, void *, struct rng *);
NOT_INLINED(connect4);
NOT_INLINED(othello);
NOT_INLINED(hex);

#include "game/connect4.c"
#include "game/hex.c"
#define NUM_PLANES OTHELLO_NUM_PLANES // both files have a constant of this name
#include "game/othello.c"
#undef NUM_PLANES

#include "tests/test.h"

#include <time.h>

enum { STATE_BYTES = 4096, GAMES_A_TURN = 200 };

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Plays games by direct calls and returns the number of their plies.
#define DIRECT(name)                                                                                                           \
    static long long name##_direct(const struct game *g, void *state, struct rng *rng) {                                       \
        long long plies = 0;                                                                                                   \
        for (int i = 0; i < GAMES_A_TURN; i++) {                                                                               \
            name##_start(g, state);                                                                                            \
            for (; name##_outcome(g, state) == OUTCOME_NONE; plies++)                                                          \
                name##_play(g, state, name##_playout_move(g, state, rng));                                                     \
        }                                                                                                                      \
        return plies;                                                                                                          \
    }
DIRECT(connect4)
DIRECT(othello)
DIRECT(hex)

static long long connect4_direct_playouts(const struct game *g, void *state, struct rng *rng) {
    long long plies = 0;
    for (int i = 0; i < GAMES_A_TURN; i++) {
        connect4_start(g, state);
        connect4_playout(g, state, rng);
        plies += connect4_ply(g, state);
    }
    return plies;
}

static long long playouts_by_table(const struct game *g, void *state, struct rng *rng) {
    long long plies = 0;
    for (int i = 0; i < GAMES_A_TURN; i++) {
        game_start(g, state);
        g->type->playout(g, state, rng);
        plies += game_ply(g, state);
    }
    return plies;
}

static long long by_table(const struct game *g, void *state, struct rng *rng) {
    long long plies = 0;
    for (int i = 0; i < GAMES_A_TURN; i++) {
        game_start(g, state);
        for (; game_outcome(g, state) == OUTCOME_NONE; plies++) game_play(g, state, g->type->playout_move(g, state, rng));
    }
    return plies;
}

typedef long long games_function(const struct game *, void *, struct rng *);

static void compare(const char *name, const char *how, games_function *table, games_function *direct, double wanted) {
    struct game g;
    _Alignas(16) static char state[STATE_BYTES];
    struct rng one, other;
    double seconds[2] = {0, 0};
    long long plies = 0;
    EXPECT_INT(game_open(&g, name, NULL), STATUS_OK);
    CHECK(g.state_bytes <= sizeof state);
    rng_init(&one, 1, 0);
    rng_init(&other, 1, 0);
    while (seconds[0] < wanted || seconds[1] < wanted) {
        const double a = cpu_seconds();
        const long long told = table(&g, state, &one);
        const double b = cpu_seconds();
        EXPECT_INT(direct(&g, state, &other), told);
        seconds[0] += b - a;
        seconds[1] += cpu_seconds() - b;
        plies += told;
    }
    printf("%s %s: %.1f M moves/s through the table, %.1f M direct: the table takes %.1f %% longer\n", name, how,
           (double)plies / seconds[0] / 1e6, (double)plies / seconds[1] / 1e6, 100 * (seconds[0] / seconds[1] - 1));
}

int main(int argc, char **argv) {
    const double wanted = argc > 1 ? atof(argv[1]) : 0.02;
    compare("connect4", "by moves", by_table, connect4_direct, wanted);
    compare("connect4", "by playouts", playouts_by_table, connect4_direct_playouts, wanted);
    compare("othello", "by moves", by_table, othello_direct, wanted);
    compare("hex", "by moves", by_table, hex_direct, wanted);
    return TEST_END();
}
