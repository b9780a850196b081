// Evaluators that need no net: uniform, hash, and random rollouts. That of the exact solver is in
// evaluator_solver.c.
#include "game/evaluator.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

// Any number of positions would do here, but callers allocate storage for a full batch.
enum { MAX_BATCH = 1024 };

struct simple {
    struct evaluator base; // must be first, because callers hold a pointer to it
    uint64_t seed;
    struct rng rng;
    int num_rollouts;
    void *state; // for rollouts, as large as the largest game so far needs
    size_t state_bytes;
};

static void simple_free(struct evaluator *e) {
    free(((struct simple *)e)->state);
    free(e);
}

static struct simple *simple_new(const char *name,
                                 void (*judge)(struct evaluator *, int, const struct position *, struct judgement *)) {
    struct simple *e = memory_new(1, sizeof *e, "an evaluator");
    e->base = (struct evaluator){.name = name, .max_batch = MAX_BATCH, .judge = judge, .free = simple_free};
    return e;
}

static void judge_uniform(struct evaluator *e, int n, const struct position *positions, struct judgement *out) {
    for (int i = 0; i < n; i++) {
        const struct game *g = positions[i].game;
        memset(out[i].logits, 0, sizeof(float) * (size_t)g->num_actions);
        out[i].wdl[0] = out[i].wdl[2] = 0;
        out[i].wdl[1] = 1;
        out[i].score = 0;
        if (out[i].ownership) memset(out[i].ownership, 0, sizeof(float) * (size_t)(g->height * g->width));
    }
}

enum status evaluator_uniform(struct evaluator **out) {
    *out = &simple_new("uniform", judge_uniform)->base;
    return STATUS_OK;
}

// A float in [0, 1) from 24 bits, which is exact and therefore the same on every machine.
static inline float unit(uint64_t bits) { return (float)(bits & 0xffffff) * 0x1p-24f; }

// Fills `out` with numbers in [low, high), two from each word of a stream.
static void hash_fill(uint64_t seed, int n, float low, float high, float *out) {
    for (int i = 0; i < n; i += 2) {
        const uint64_t word = rng_mix(seed + (uint64_t)i);
        out[i] = low + (high - low) * unit(word);
        if (i + 1 < n) out[i + 1] = low + (high - low) * unit(word >> 32);
    }
}

// Logits between 0 and 4 make priors that differ as those of a net do, and draws are rare (chosen,
// not tuned).
static void judge_hash(struct evaluator *e, int n, const struct position *positions, struct judgement *out) {
    const uint64_t seed = ((const struct simple *)e)->seed;
    for (int i = 0; i < n; i++) {
        const struct game *g = positions[i].game;
        const int area = g->height * g->width;
        const uint64_t key = rng_mix(game_hash(g, positions[i].state) ^ seed);
        hash_fill(key, g->num_actions, 0, 4, out[i].logits);
        const uint64_t a = rng_mix(key ^ 0x5bd1e995u), b = rng_mix(a);
        const float draw = unit(b) * 0.125f;
        out[i].wdl[0] = unit(a) * (1 - draw);
        out[i].wdl[1] = draw;
        out[i].wdl[2] = 1 - out[i].wdl[0] - draw;
        out[i].score = g->has_score ? (unit(a) - 0.5f) * (float)area : 0;
        if (out[i].ownership) hash_fill(b, area, -1, 1, out[i].ownership);
    }
}

enum status evaluator_hash(struct evaluator **out, uint64_t seed) {
    struct simple *e = simple_new("hash", judge_hash);
    e->seed = rng_mix(seed);
    *out = &e->base;
    return STATUS_OK;
}

// Plays one random game to its end.
static void rollout(const struct game *g, void *state, struct rng *rng) {
    uint16_t actions[GAME_MAX_ACTIONS];
    if (g->type->playout) {
        g->type->playout(g, state, rng);
        return;
    }
    if (g->type->playout_move) {
        while (game_outcome(g, state) == OUTCOME_NONE) game_play(g, state, g->type->playout_move(g, state, rng));
        return;
    }
    for (int n; (n = game_legal(g, state, actions)) > 0;) game_play(g, state, actions[rng_below(rng, (uint32_t)n)]);
}

static void judge_rollouts(struct evaluator *self, int n, const struct position *positions, struct judgement *out) {
    struct simple *e = (struct simple *)self;
    for (int i = 0; i < n; i++) {
        const struct game *g = positions[i].game;
        const int area = g->height * g->width, mover = game_to_move(g, positions[i].state);
        const float sign = mover ? -1 : 1;
        if (e->state_bytes < g->state_bytes) {
            free(e->state);
            e->state = memory_raw(1, g->state_bytes, "rollouts");
            e->state_bytes = g->state_bytes;
        }
        int wins = 0, draws = 0;
        double score = 0;
        int owned[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
        for (int k = 0; k < e->num_rollouts; k++) {
            memcpy(e->state, positions[i].state, g->state_bytes);
            rollout(g, e->state, &e->rng);
            const int result = outcome_for(game_outcome(g, e->state), mover);
            wins += result > 0;
            draws += !result;
            if (g->has_score) score += game_score(g, e->state);
            if (out[i].ownership && g->has_ownership) {
                int8_t owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
                g->type->ownership(g, e->state, owner);
                for (int p = 0; p < area; p++) owned[p] += owner[p];
            }
        }
        const float share = 1 / (float)e->num_rollouts;
        memset(out[i].logits, 0, sizeof(float) * (size_t)g->num_actions);
        out[i].wdl[0] = (float)wins * share;
        out[i].wdl[1] = (float)draws * share;
        out[i].wdl[2] = (float)(e->num_rollouts - wins - draws) * share;
        out[i].score = sign * (float)score * share;
        if (out[i].ownership)
            for (int p = 0; p < area; p++) out[i].ownership[p] = sign * (float)owned[p] * share;
    }
}

enum status evaluator_rollouts(struct evaluator **out, int num_rollouts, uint64_t seed) {
    if (num_rollouts < 1) return status_fail(STATUS_USAGE, "evaluator rollouts: %d rollouts, at least 1 needed", num_rollouts);
    struct simple *e = simple_new("rollouts", judge_rollouts);
    e->num_rollouts = num_rollouts;
    rng_init(&e->rng, seed, 0);
    *out = &e->base;
    return STATUS_OK;
}
