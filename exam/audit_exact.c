// Results and search values against the exact solver, in positions that it reaches.
//
// A chunk's positions are sampled by its own random stream, a bounded number of the whole run. A
// result that differs from the exact value means that somebody erred after the position; a sure
// search value of the wrong sign means that the search erred in it. Both become rarer as the net
// learns; values that are wrong more often than right are no play, but a fault.
#include "exam/audit_parts.h"

#include "base/memory.h"
#include "game/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_POSITIONS = 600, // of a run; chosen: seconds for every solver that there is
    MOST_IN_CHUNK = 40,
    LEAST_IN_CHUNK = 3,
    LEAST_SURE = 50,     // sure values, for a verdict
    CONNECT4_EMPTY = 22, // empty points from which the solver answers in milliseconds
    OTHELLO_EMPTY = 12,
    HEX_SIDE = 5,
};

struct sample {
    char *state; // [state_bytes]
    struct game game;
    double value; // of the search, for the mover
    int result;   // for the mover
};

struct audit_exact {
    struct audited *run;
    struct sample samples[MOST_IN_CHUNK];
    int num_samples, max_samples;
    long long seen; // positions of this chunk within reach
    struct rng rng;
    struct solver *solver;
    struct game solved; // the game of the solver
    long long num, wrong_results, num_sure, wrong_values;
};

struct audit_exact *audit_exact_new(struct audited *run) {
    struct audit_exact *part = memory_new(1, sizeof *part, "an audit");
    part->run = run;
    const int per_chunk = run->num_chunks ? MOST_POSITIONS / run->num_chunks : 0;
    part->max_samples = per_chunk < LEAST_IN_CHUNK ? LEAST_IN_CHUNK : per_chunk > MOST_IN_CHUNK ? MOST_IN_CHUNK : per_chunk;
    rng_init(&part->rng, 0x6578616374, 0);
    return part;
}

void audit_exact_free(struct audit_exact *part) {
    if (!part) return;
    for (int i = 0; i < MOST_IN_CHUNK; i++) free(part->samples[i].state);
    solver_free(part->solver);
    free(part);
}

// Whether the solver answers soon for this position, of a game that is played to its end.
static bool is_within_reach(const struct audit_at *at) {
    const struct game *game = at->game;
    const char *name = game->type->name;
    const int points = game->height * game->width, empty = points - at->ply;
    if (!strcmp(name, "tictactoe")) return true;
    if (!strcmp(name, "connect4")) return points <= 42 && game->max_plies == points && empty <= CONNECT4_EMPTY;
    if (!strcmp(name, "hex")) return game->height <= HEX_SIDE && game->max_plies >= points;
    if (strcmp(name, "othello")) return false;
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    int counts[2];
    game_stones(game, at->state, stones);
    game_count_stones(game, stones, counts);
    return points - counts[0] - counts[1] <= OTHELLO_EMPTY && game->max_plies >= 2 * (points - 4);
}

// Keeps each position of the chunk with the same probability [Vitter 1985, algorithm R].
void audit_exact_position(struct audit_exact *part, const struct audit_at *at) {
    const struct record_ply *ply = &at->record->plies[at->ply];
    if (ply->kind == PLY_FREE || !is_within_reach(at)) return;
    const long long seen = part->seen++;
    const uint32_t place = seen < part->max_samples ? (uint32_t)seen : rng_below(&part->rng, (uint32_t)part->seen);
    if (place >= (uint32_t)part->max_samples) return;
    struct sample *sample = &part->samples[place];
    sample->state = memory_resize(sample->state, 1, at->game->state_bytes, "an audit");
    memcpy(sample->state, at->state, at->game->state_bytes);
    sample->game = *at->game;
    sample->value = ((double)ply->win - (double)ply->loss) / RECORD_PROB_ONE;
    sample->result = outcome_for(at->record->outcome, ply->mover);
    if (place >= (uint32_t)part->num_samples) part->num_samples = (int)place + 1;
}

static enum status want_solver(struct audit_exact *part, const struct sample *sample) {
    const bool is_same = part->solver && part->solved.height == sample->game.height &&
                         part->solved.width == sample->game.width && part->solved.max_plies == sample->game.max_plies &&
                         part->solved.rules == sample->game.rules;
    if (is_same && solver_serves(part->solver, sample->state)) return STATUS_OK;
    solver_free(part->solver);
    part->solver = NULL;
    part->solved = sample->game;
    return solver_new_at(&part->solver, &part->solved, sample->state);
}

enum status audit_exact_chunk(struct audit_exact *part, int chunk) {
    for (int i = 0; i < part->num_samples; i++) {
        const struct sample *sample = &part->samples[i];
        TRY(want_solver(part, sample));
        const double value = solver_value(part->solver, sample->state);
        const int exact = value > 0 ? 1 : value < 0 ? -1 : 0;
        part->num++;
        part->wrong_results += exact != sample->result;
        if (fabs(sample->value) < 0.5) continue;
        part->num_sure++;
        part->wrong_values += (sample->value > 0 ? 1 : -1) != exact;
    }
    part->num_samples = 0;
    part->seen = 0;
    return STATUS_OK;
}

void audit_exact_end(struct audit_exact *part) {
    if (!part->num) {
        audit_say(part->run, "exact", AUDIT_NONE, NAN, "", NULL,
                  "no position of these games is within reach of an exact solver");
        return;
    }
    const double results = (double)part->wrong_results / (double)part->num;
    const double values = part->num_sure ? (double)part->wrong_values / (double)part->num_sure : NAN;
    const enum audit_verdict verdict = part->num_sure < LEAST_SURE ? AUDIT_NONE
                                       : values > 0.5              ? AUDIT_BAD
                                       : values > 0.3              ? AUDIT_LOOK
                                                                   : AUDIT_GOOD;
    audit_say(part->run, "exact", verdict, values, "share", NULL,
              "in %lld positions that were solved, %.1f %% of the results are not the exact ones, and %.1f %% of the %lld "
              "search values beyond +-0.5",
              part->num, 100 * results, 100 * values, part->num_sure);
}
