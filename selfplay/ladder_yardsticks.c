// What is known exactly, asked of the raw net: no search, no opponent, no luck.
//
//   tic-tac-toe  share of all 4,520 unfinished positions in which the policy's first choice is one of the solver's best moves
//   5x5, 7x7 Go  Black's winrate on the empty board at the komi just below and just above perfect play (25 and 9 points for Black
//                [5x5: van der Werf 2003; 7x7: Li Zhe 2015, by analysis, not proved]): a perfect judge says 1 and 0
#include "selfplay/ladder_parts.h"

#include "base/files.h"
#include "game/solver.h"
#include "net/net_evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TICTACTOE_POSITIONS = 6000, TICTACTOE_ACTIONS = 9 }; // room for 4,520

// --- Tic-tac-toe ------------------------------------------------------------------------------------------------------

struct positions {
    const struct game *game;
    unsigned char *states;
    uint64_t keys[TICTACTOE_POSITIONS];
    int num;
};

static void visit(struct positions *p, const unsigned char *state) {
    const struct game *game = p->game;
    if (game_outcome(game, state) != OUTCOME_NONE) return;
    const uint64_t key = game_hash(game, state);
    for (int i = 0; i < p->num; i++)
        if (p->keys[i] == key) return;
    CHECK(p->num < TICTACTOE_POSITIONS);
    p->keys[p->num] = key;
    memcpy(p->states + (size_t)p->num++ * game->state_bytes, state, game->state_bytes);
    uint16_t legal[TICTACTOE_ACTIONS];
    const int n = game_legal(game, state, legal);
    unsigned char *next = malloc(game->state_bytes);
    CHECK(next);
    for (int i = 0; i < n; i++) {
        memcpy(next, state, game->state_bytes);
        game_play(game, next, legal[i]);
        visit(p, next);
    }
    free(next);
}

static bool is_best_move(struct solver *solver, const struct game *game, const void *state, const float *logits) {
    uint16_t legal[TICTACTOE_ACTIONS];
    double values[TICTACTOE_ACTIONS], most = -INFINITY;
    const int n = game_legal(game, state, legal);
    int choice = 0;
    solver_moves(solver, state, values);
    for (int i = 0; i < n; i++) {
        if (logits[legal[i]] > logits[legal[choice]]) choice = i;
        most = fmax(most, values[i]);
    }
    return values[choice] == most;
}

struct exact {
    struct positions positions;
    bool (*best)[TICTACTOE_ACTIONS]; // [num]: each action one of the best
};

static enum status exact_new(struct exact **out, const struct game *game) {
    struct exact *exact = calloc(1, sizeof *exact);
    CHECK(exact);
    exact->positions.game = game;
    exact->positions.states = malloc((size_t)TICTACTOE_POSITIONS * game->state_bytes);
    unsigned char *start = malloc(game->state_bytes);
    exact->best = calloc(TICTACTOE_POSITIONS, sizeof *exact->best);
    CHECK(exact->positions.states && start && exact->best);
    game_start(game, start);
    visit(&exact->positions, start);
    free(start);
    struct solver *solver;
    const enum status status = solver_new(&solver, game);
    for (int i = 0; i < exact->positions.num && status == STATUS_OK; i++)
        for (int action = 0; action < TICTACTOE_ACTIONS; action++) {
            const void *state = exact->positions.states + (size_t)i * game->state_bytes;
            float logits[TICTACTOE_ACTIONS] = {0};
            logits[action] = 1;
            exact->best[i][action] = game_is_legal(game, state, action) && is_best_move(solver, game, state, logits);
        }
    if (status == STATUS_OK) solver_free(solver);
    *out = exact;
    return status;
}

static void exact_free(struct exact *exact) {
    if (!exact) return;
    free(exact->positions.states);
    free(exact->best);
    free(exact);
}

enum { JUDGED_AT_ONCE = 32 };

static double share_of_best_moves(const struct exact *exact, struct evaluator *evaluator) {
    const struct positions *p = &exact->positions;
    int agree = 0;
    for (int begin = 0; begin < p->num; begin += JUDGED_AT_ONCE) {
        float logits[JUDGED_AT_ONCE][TICTACTOE_ACTIONS];
        struct position positions[JUDGED_AT_ONCE];
        struct judgement judgements[JUDGED_AT_ONCE];
        const int n = p->num - begin < JUDGED_AT_ONCE ? p->num - begin : JUDGED_AT_ONCE;
        for (int i = 0; i < n; i++) {
            positions[i] = (struct position){p->game, p->states + (size_t)(begin + i) * p->game->state_bytes, 0};
            judgements[i] = (struct judgement){.logits = logits[i]};
        }
        evaluator_judge(evaluator, n, positions, judgements);
        for (int i = 0; i < n; i++) {
            uint16_t legal[TICTACTOE_ACTIONS];
            const int num_legal = game_legal(p->game, positions[i].state, legal);
            int choice = legal[0];
            for (int j = 1; j < num_legal; j++)
                if (logits[i][legal[j]] > logits[i][choice]) choice = legal[j];
            agree += exact->best[begin + i][choice];
        }
    }
    return (double)agree / p->num;
}

// --- Go ---------------------------------------------------------------------------------------------------------------

static const struct {
    int side;
    double komi[LADDER_YARDSTICKS];
    const char *names[LADDER_YARDSTICKS];
} solved[] = {{5, {24.5, 25.5}, {"black_at_24.5", "black_at_25.5"}}, {7, {8.5, 9.5}, {"black_at_8.5", "black_at_9.5"}}};
enum { NUM_SOLVED = sizeof solved / sizeof *solved };

static int find_solved(const struct game *game) {
    for (int i = 0; i < NUM_SOLVED; i++)
        if (!strcmp(game->type->name, "go") && game->height == solved[i].side && game->width == solved[i].side) return i;
    return -1;
}

static enum status empty_board(const struct game *like, double komi, struct evaluator *evaluator, double *winrate) {
    const struct game_options options = {.height = like->height, .width = like->width, .komi = komi, .rules = like->rules};
    struct game game;
    TRY(game_open(&game, like->type->name, &options));
    void *state = malloc(game.state_bytes);
    float *logits = malloc((size_t)game.num_actions * sizeof *logits);
    CHECK(state && logits);
    game_start(&game, state);
    const struct position position = {&game, state, 0};
    struct judgement judgement = {.logits = logits};
    evaluator_judge(evaluator, 1, &position, &judgement);
    *winrate = judgement.wdl[0] + judgement.wdl[1] / 2;
    free(state);
    free(logits);
    return STATUS_OK;
}

// --- All --------------------------------------------------------------------------------------------------------------

static enum status judge_entry(struct ladder *l, struct ladder_entry *e, const struct exact *exact, const char *backend_text) {
    char path[PATH_BYTES];
    struct net *net = NULL;
    struct backend *backend = NULL;
    struct evaluator *evaluator = NULL;
    path_format(path, "%s/nets/%06lld.safetensors", l->runs[e->run], e->step);
    if (!file_exists(path)) return STATUS_OK; // a net that was taken away leaves its row without them
    enum status status = net_load(&net, path);
    if (status == STATUS_OK) status = backend_open(&backend, &(struct backend_spec){.name = backend_text});
    if (status == STATUS_OK) status = net_evaluator_new(&evaluator, net, backend, JUDGED_AT_ONCE);
    if (status == STATUS_OK && exact) e->yardsticks[0] = share_of_best_moves(exact, evaluator);
    const int k = find_solved(&l->game);
    for (int i = 0; i < LADDER_YARDSTICKS && status == STATUS_OK && k >= 0; i++)
        status = empty_board(&l->game, solved[k].komi[i], evaluator, &e->yardsticks[i]);
    evaluator_free(evaluator);
    if (backend) backend_close(backend);
    net_free(net);
    return status;
}

enum status ladder_judge_yardsticks(struct ladder *l, const char *backend) {
    const int k = find_solved(&l->game);
    const bool is_tictactoe = !strcmp(l->game.type->name, "tictactoe");
    if (k < 0 && !is_tictactoe) return STATUS_OK;
    struct exact *exact = NULL;
    enum status status = is_tictactoe ? exact_new(&exact, &l->game) : STATUS_OK;
    for (int i = 0; i < l->num_entries && status == STATUS_OK; i++)
        if (l->entries[i].kind == LADDER_CHECKPOINT) status = judge_entry(l, &l->entries[i], exact, backend);
    exact_free(exact);
    if (is_tictactoe) {
        l->yardstick_names[0] = "best_moves";
        l->yardstick_units[0] = "share of positions";
    }
    for (int i = 0; i < LADDER_YARDSTICKS && k >= 0; i++) {
        l->yardstick_names[i] = solved[k].names[i];
        l->yardstick_units[i] = "winrate of the raw net";
    }
    return status;
}
