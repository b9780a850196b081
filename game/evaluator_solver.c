// The exact solver as a judge. It asks the solver through its header alone: for a position's value, and which moves keep it.
#include "game/evaluator.h"
#include "game/solver.h"

#include <stdlib.h>
#include <string.h>

struct solver_evaluator {
    struct evaluator base; // first: the caller holds a pointer to it
    struct solver *solver;
    struct game game; // that the solver answers for
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
        for (int k = 0; k < moves; k++) // e^-100: no mass
            out[i].logits[actions[k]] = solver_move_keeps(v, positions[i].state, actions[k], best) ? 0 : -100;
        out[i].wdl[0] = best > 0;
        out[i].wdl[1] = best == 0;
        out[i].wdl[2] = best < 0;
        out[i].score = g->has_score ? (float)best : 0;
        if (out[i].ownership) memset(out[i].ownership, 0, sizeof(float) * (size_t)(g->height * g->width)); // not known
    }
}

static void solver_evaluator_free(struct evaluator *self) {
    solver_free(((struct solver_evaluator *)self)->solver);
    free(self);
}

enum status evaluator_solver(struct evaluator **out, const struct game *game) {
    struct solver_evaluator *e = calloc(1, sizeof *e);
    if (!e) return status_fail(STATUS_MEMORY, "evaluator solver: out of memory");
    const enum status status = solver_new(&e->solver, game);
    if (status != STATUS_OK) {
        free(e);
        return status;
    }
    e->game = *game;
    e->base = (struct evaluator){.name = "solver", .max_batch = 1024, .judge = judge_solver, .free = solver_evaluator_free};
    *out = &e->base;
    return STATUS_OK;
}
