// Law: self-play learns tic-tac-toe from its rules. On nearly all of its 4,520 unfinished positions
// the raw policy's first choice is a move that the exact solver would also play, and the value has
// the solver's sign.
//
//   tictactoe_policy [MODEL [PERCENT]]   without a model it trains one, by 20,000 games, and asks
//                                        for 95 %

#include "base/files.h"
#include "game/solver.h"
#include "net/model_path.h"
#include "net/net_evaluator.h"
#include "selfplay/loop.h"
#include "tests/test.h"

#include <time.h>
#include <unistd.h>

enum { MAX_POSITIONS = 6000, ACTIONS = 9 };

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double wall(void) { return 1.7e9; }

struct seen {
    const struct game *game;
    unsigned char *states;
    uint64_t keys[MAX_POSITIONS];
    int num;
};

static void visit(struct seen *seen, const unsigned char *state) {
    const struct game *game = seen->game;
    if (game_outcome(game, state) != OUTCOME_NONE) return;
    const uint64_t key = game_hash(game, state);
    for (int i = 0; i < seen->num; i++)
        if (seen->keys[i] == key) return;
    CHECK(seen->num < MAX_POSITIONS);
    seen->keys[seen->num] = key;
    memcpy(seen->states + (size_t)seen->num++ * game->state_bytes, state, game->state_bytes);
    uint16_t legal[ACTIONS];
    const int n = game_legal(game, state, legal);
    unsigned char *next = malloc(game->state_bytes);
    for (int i = 0; i < n; i++) {
        memcpy(next, state, game->state_bytes);
        game_play(game, next, legal[i]);
        visit(seen, next);
    }
    free(next);
}

static double agreement(const struct net *net, const struct seen *seen) {
    struct backend *backend;
    struct evaluator *evaluator;
    struct solver *solver;
    CHECK(backend_open(&backend, &(struct backend_spec){.name = "auto"}) == STATUS_OK &&
          net_evaluator_new(&evaluator, net, backend, 8) == STATUS_OK);
    CHECK(solver_new(&solver, seen->game) == STATUS_OK);
    int agree = 0;
    for (int i = 0; i < seen->num; i++) {
        const unsigned char *state = seen->states + (size_t)i * seen->game->state_bytes;
        float logits[ACTIONS];
        uint16_t legal[ACTIONS];
        double values[ACTIONS], most = -2;
        const struct position position = {seen->game, state, 0};
        struct judgement judgement = {.logits = logits};
        evaluator_judge(evaluator, 1, &position, &judgement);
        const int n = solver_moves(solver, state, values);
        EXPECT_INT(game_legal(seen->game, state, legal), n);
        int choice = 0;
        for (int j = 0; j < n; j++) {
            if (logits[legal[j]] > logits[legal[choice]]) choice = j;
            most = fmax(most, values[j]);
        }
        agree += values[choice] == most;
    }
    solver_free(solver);
    evaluator_free(evaluator);
    backend_close(backend);
    return 100.0 * agree / seen->num;
}

static void train(const char *folder) {
    struct config config = {0};
    options_defaults(config_table, &config);
    config.game = "tictactoe";
    config.games = 20000;
    config.gate_games = config.anchor_games = 0;
    const struct clock clock = {seconds, NULL};
    const struct loop_params params = {
        .path = folder, .config = &config, .processors = 2, .clock = &clock, .wall = wall, .quiet = true};
    EXPECT_INT(loop_run(&params, NULL), STATUS_OK);
}

int main(int argc, char **argv) {
    char folder[PATH_BYTES] = "", base[] = "/tmp/tengen-tictactoe-XXXXXX", path[PATH_BYTES];
    if (argc < 2) {
        CHECK(mkdtemp(base));
        train(path_format(folder, "%s/run", base));
    }
    struct game game;
    struct net *net;
    CHECK(game_open(&game, "tictactoe", NULL) == STATUS_OK);
    if (model_resolve(argc < 2 ? folder : argv[1], path) != STATUS_OK || net_load(&net, path) != STATUS_OK) return 1;
    struct seen seen = {.game = &game, .states = malloc(MAX_POSITIONS * game.state_bytes)};
    unsigned char *start = malloc(game.state_bytes);
    game_start(&game, start);
    visit(&seen, start);
    EXPECT_INT(seen.num, 4520);
    const double percent = agreement(net, &seen), wanted = argc > 2 ? atof(argv[2]) : 95;
    printf("raw policy agrees with the solver on %.2f %% of %d unfinished positions\n", percent, seen.num);
    EXPECT_(percent >= wanted, "%.2f %% agree, expected at least %.2f", percent, wanted);
    free(start);
    free(seen.states);
    net_free(net);
    if (folder[0]) {
        char command[PATH_BYTES + 16];
        snprintf(command, sizeof command, "rm -rf '%s'", base);
        EXPECT_INT(system(command), 0);
    }
    return TEST_END();
}
