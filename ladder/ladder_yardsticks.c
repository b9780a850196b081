// What is known exactly, asked of the raw net: without search, opponent or luck.
//
//   tic-tac-toe  the share of all 4,520 unfinished positions in which the policy's first choice is
//                one of the solver's best moves
//   Connect Four, small Othello and Hex
//                the share of a fixed set of random positions in which the policy's first choice
//                gives nothing away: a win stays a win, and a draw a draw (`tengen eval RUN
//                --solver --positions N` asks more of them, and also of a search)
//   5x5, 7x7 Go  Black's winrate on the empty board, at the komi just below and just above perfect
//                play (25 and 9 points for Black [5x5: van der Werf 2003; 7x7: Li Zhe 2015, by
//                analysis, not proved]): a perfect judge says 1 and 0
#include "ladder/ladder_parts.h"

#include "base/files.h"
#include "base/memory.h"
#include "game/solver.h"
#include "net/net_evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_POSITIONS = 6000, // Enough for the 4,520 of tic-tac-toe.
    // They give a standard error of 2 % at 90 %, and take half a minute of solving at Connect Four.
    RANDOM_POSITIONS = 200,
    MAX_ACTIONS = 64, // Of a game with a solver.
};

// --- Games with a solver -------------------------------------------------------------------------

// The boards whose solver is quick, from which ply on it is, and how many plies.
static const struct solvable {
    const char *game;
    int max_points, min_plies, max_plies; // 0 and 0: all positions.
    const char *name;
} solvables[] = {
    {"tictactoe", 9, 0, 0, "best_moves"},
    {"connect4", 42, 12, 20, "sound_moves"},
    {"hex", 25, 2, 12, "sound_moves"},
    {"othello", 16, 2, 8, "sound_moves"},
};

static const struct solvable *find_solvable(const struct game *game) {
    for (size_t i = 0; i < sizeof solvables / sizeof *solvables; i++) {
        const struct solvable *s = &solvables[i];
        if (!strcmp(game->type->name, s->game) && game->height * game->width <= s->max_points &&
            s->max_plies < game->height * game->width && game->num_actions <= MAX_ACTIONS)
            return s;
    }
    return NULL;
}

struct exact {
    const struct game *game;
    unsigned char *states;
    uint64_t keys[MAX_POSITIONS];
    int num;
    bool (*best)[MAX_ACTIONS]; // [num]: whether each action gives nothing away.
};

static void *state_at(const struct exact *p, int i) { return p->states + (size_t)i * p->game->state_bytes; }

// Adds a position; true where it is new.
static bool add_position(struct exact *p, const unsigned char *state) {
    const uint64_t key = game_hash(p->game, state);
    for (int i = 0; i < p->num; i++)
        if (p->keys[i] == key) return false;
    CHECK(p->num < MAX_POSITIONS);
    p->keys[p->num] = key;
    memcpy(state_at(p, p->num++), state, p->game->state_bytes);
    return true;
}

static void visit(struct exact *p, const unsigned char *state) {
    const struct game *game = p->game;
    if (game_outcome(game, state) != OUTCOME_NONE || !add_position(p, state)) return;
    uint16_t legal[MAX_ACTIONS];
    const int n = game_legal(game, state, legal);
    unsigned char *next = memory_raw(1, game->state_bytes, "a position");
    for (int i = 0; i < n; i++) {
        memcpy(next, state, game->state_bytes);
        game_play(game, next, legal[i]);
        visit(p, next);
    }
    free(next);
}

// Draws positions, the same ones at every call.
static void draw_positions(struct exact *p, const struct solvable *s, unsigned char *state) {
    struct rng rng;
    rng_init(&rng, 0x7961726473746963, 0); // The constant spells "yardstic".
    for (int tries = 0; p->num < RANDOM_POSITIONS && tries < 100 * RANDOM_POSITIONS; tries++) {
        const int plies = s->min_plies + (int)rng_below(&rng, (uint32_t)(s->max_plies - s->min_plies + 1));
        uint16_t legal[MAX_ACTIONS];
        int n;
        game_start(p->game, state);
        for (int i = 0; (n = game_legal(p->game, state, legal)) > 0 && i < plies; i++)
            game_play(p->game, state, legal[rng_below(&rng, (uint32_t)n)]);
        if (n > 1) add_position(p, state);
    }
}

static void mark_best(struct exact *p, struct solver *solver, int i) {
    uint16_t legal[MAX_ACTIONS];
    const int n = game_legal(p->game, state_at(p, i), legal);
    const double value = solver_value(solver, state_at(p, i)), floor = value > 0 ? 1e-9 : value < 0 ? -1e9 : 0;
    for (int k = 0; k < n; k++) p->best[i][legal[k]] = solver_move_keeps(solver, state_at(p, i), legal[k], floor);
}

static void exact_free(struct exact *exact) {
    if (!exact) return;
    free(exact->states);
    free(exact->best);
    free(exact);
}

static enum status exact_new(struct exact **out, const struct game *game, const struct solvable *s) {
    struct exact *exact = memory_new(1, sizeof *exact, "the positions of a yardstick");
    exact->game = game;
    exact->states = memory_raw(MAX_POSITIONS, game->state_bytes, "the positions of a yardstick");
    exact->best = memory_new(MAX_POSITIONS, sizeof *exact->best, "the positions of a yardstick");
    unsigned char *state = memory_raw(1, game->state_bytes, "a position");
    game_start(game, state);
    if (s->max_plies)
        draw_positions(exact, s, state);
    else
        visit(exact, state);
    free(state);
    struct solver *solver;
    const enum status status = solver_new(&solver, game);
    if (status != STATUS_OK) {
        exact_free(exact);
        return status;
    }
    for (int i = 0; i < exact->num; i++) mark_best(exact, solver, i);
    solver_free(solver);
    *out = exact;
    return STATUS_OK;
}

enum { JUDGED_AT_ONCE = 32 };

static double share_of_best_moves(const struct exact *exact, struct evaluator *evaluator) {
    int agree = 0;
    for (int begin = 0; begin < exact->num; begin += JUDGED_AT_ONCE) {
        float logits[JUDGED_AT_ONCE][MAX_ACTIONS];
        struct position positions[JUDGED_AT_ONCE];
        struct judgement judgements[JUDGED_AT_ONCE];
        const int n = exact->num - begin < JUDGED_AT_ONCE ? exact->num - begin : JUDGED_AT_ONCE;
        for (int i = 0; i < n; i++) {
            positions[i] = (struct position){exact->game, state_at(exact, begin + i), 0};
            judgements[i] = (struct judgement){.logits = logits[i]};
        }
        evaluator_judge(evaluator, n, positions, judgements);
        for (int i = 0; i < n; i++) {
            uint16_t legal[MAX_ACTIONS];
            const int num_legal = game_legal(exact->game, positions[i].state, legal);
            int choice = legal[0];
            for (int j = 1; j < num_legal; j++)
                if (logits[i][legal[j]] > logits[i][choice]) choice = legal[j];
            agree += exact->best[begin + i][choice];
        }
    }
    return (double)agree / exact->num;
}

// --- Go ------------------------------------------------------------------------------------------

static const struct {
    const char *game;
    int side;
    double komi[LADDER_YARDSTICKS];
    const char *names[LADDER_YARDSTICKS];
} solved[] = {{"go", 5, {24.5, 25.5}, {"black_at_24.5", "black_at_25.5"}},
              {"go", 7, {8.5, 9.5}, {"black_at_8.5", "black_at_9.5"}}};
enum { NUM_SOLVED = sizeof solved / sizeof *solved };

static int find_solved(const struct game *game) {
    for (int i = 0; i < NUM_SOLVED; i++)
        if (!strcmp(game->type->name, solved[i].game) && game->height == solved[i].side && game->width == solved[i].side)
            return i;
    return -1;
}

static enum status empty_board(const struct game *like, double komi, struct evaluator *evaluator, double *winrate) {
    const struct game_options options = {.height = like->height, .width = like->width, .komi = komi, .rules = like->rules};
    struct game game;
    TRY(game_open(&game, like->type->name, &options));
    void *state = memory_raw(1, game.state_bytes, "a position");
    float *logits = memory_raw((size_t)game.num_actions, sizeof *logits, "the logits of a position");
    game_start(&game, state);
    const struct position position = {&game, state, 0};
    struct judgement judgement = {.logits = logits};
    evaluator_judge(evaluator, 1, &position, &judgement);
    *winrate = judgement.wdl[0] + judgement.wdl[1] / 2;
    free(state);
    free(logits);
    return STATUS_OK;
}

// --- All -----------------------------------------------------------------------------------------

static enum status judge_entry(struct ladder *l, struct ladder_entry *e, const struct exact *exact, const char *backend_text) {
    char path[PATH_BYTES];
    struct net *net = NULL;
    struct backend *backend = NULL;
    struct evaluator *evaluator = NULL;
    path_format(path, "%s/nets/%06lld.safetensors", l->runs[e->run], e->step);
    // The row of a net that was removed stays without them.
    if (!file_exists(path)) return STATUS_OK;
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
    const struct solvable *solvable = find_solvable(&l->game);
    if (k < 0 && !solvable) return STATUS_OK;
    struct exact *exact = NULL;
    enum status status = solvable ? exact_new(&exact, &l->game, solvable) : STATUS_OK;
    for (int i = 0; i < l->num_entries && status == STATUS_OK; i++)
        if (l->entries[i].kind == LADDER_CHECKPOINT) status = judge_entry(l, &l->entries[i], exact, backend);
    exact_free(exact);
    if (solvable) {
        l->yardstick_names[0] = solvable->name;
        l->yardstick_units[0] = "share of positions";
    }
    for (int i = 0; i < LADDER_YARDSTICKS && k >= 0; i++) {
        l->yardstick_names[i] = solved[k].names[i];
        l->yardstick_units[i] = "winrate of the raw net";
    }
    return status;
}
