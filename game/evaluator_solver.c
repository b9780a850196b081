// The exact solver as an evaluator. It asks the solver for a position's value and for the moves
// that keep it.
#include "game/evaluator.h"

#include "base/memory.h"
#include "game/solver.h"

#include <stdlib.h>
#include <string.h>

struct solver_evaluator {
    struct evaluator base; // must be first, because callers hold a pointer to it
    struct solver *solver;
    struct game game; // the game that the solver answers for
};

static void judge_solver(struct evaluator *self, int n, const struct position *positions, struct judgement *out) {
    const struct game *own = &((struct solver_evaluator *)self)->game;
    struct solver *v = ((struct solver_evaluator *)self)->solver;
    for (int i = 0; i < n; i++) {
        const struct game *g = positions[i].game;
        CHECK(g->type == own->type && g->height == own->height && g->width == own->width && g->komi == own->komi &&
              g->max_plies == own->max_plies);
        uint16_t actions[GAME_MAX_ACTIONS];
        const int moves = game_legal(g, positions[i].state, actions);
        const double best = solver_value(v, positions[i].state);
        for (int a = 0; a < g->num_actions; a++) out[i].logits[a] = 0;
        for (int k = 0; k < moves; k++) // e^-100 is as good as a probability of 0
            out[i].logits[actions[k]] = solver_move_keeps(v, positions[i].state, actions[k], best) ? 0 : -100;
        out[i].wdl[0] = best > 0;
        out[i].wdl[1] = best == 0;
        out[i].wdl[2] = best < 0;
        out[i].score = g->has_score ? (float)best : 0;
        // The solver doesn't know who will own a point.
        if (out[i].ownership) memset(out[i].ownership, 0, sizeof(float) * (size_t)(g->height * g->width));
    }
}

static void solver_evaluator_free(struct evaluator *self) {
    solver_free(((struct solver_evaluator *)self)->solver);
    free(self);
}

enum status evaluator_solver(struct evaluator **out, const struct game *game) {
    struct solver *solver;
    TRY(solver_new(&solver, game));
    struct solver_evaluator *e = memory_new(1, sizeof *e, "an evaluator");
    e->solver = solver;
    e->game = *game;
    e->base = (struct evaluator){.name = "solver", .max_batch = 1024, .judge = judge_solver, .free = solver_evaluator_free};
    *out = &e->base;
    return STATUS_OK;
}
