// Every position of every game is a visit: its hash, where it stands, and how the game ended for
// the mover. Sorted by hash, equal neighbours are one position. Only those that are drawn are
// played out again to have their states.
#include "exam/scale_value.h"

#include "base/memory.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JUDGED_AT_ONCE = 32 };

struct visit {
    uint64_t hash;
    int game, ply;
    float result; // For the mover: 1, 0 or -1.
};

struct kept_game {
    uint16_t *actions;
    int num;
};

struct chosen {
    unsigned char *states; // [num], each of game->state_bytes
    double results[SCALE_VALUE_EACH];
    int num;
};

struct scale_positions {
    struct game game;
    struct kept_game games[SCALE_VALUE_GAMES];
    int num_games;
    struct visit *visits;
    size_t num_visits, max_visits;
    struct chosen chosen[SCALE_FREQUENCIES][SCALE_THIRDS];
};

void scale_positions_new(struct scale_positions **out, const struct game *game) {
    *out = memory_new(1, sizeof **out, "the positions of a study");
    (*out)->game = *game;
}

void scale_positions_free(struct scale_positions *p) {
    if (!p) return;
    for (int i = 0; i < p->num_games; i++) free(p->games[i].actions);
    for (int f = 0; f < SCALE_FREQUENCIES; f++)
        for (int t = 0; t < SCALE_THIRDS; t++) free(p->chosen[f][t].states);
    free(p->visits);
    free(p);
}

static void add_visit(struct scale_positions *p, const struct visit *visit) {
    if (p->num_visits == p->max_visits) {
        p->max_visits = 2 * p->max_visits + 1024;
        p->visits = memory_resize(p->visits, p->max_visits, sizeof *p->visits, "the positions of a study");
    }
    p->visits[p->num_visits++] = *visit;
}

// Replays the first plies of a kept game into `state`.
static void replay(const struct scale_positions *p, int game, int plies, void *state) {
    game_start(&p->game, state);
    for (int i = 0; i < plies; i++) game_play(&p->game, state, p->games[game].actions[i]);
}

bool scale_positions_add(struct scale_positions *p, const struct record *record) {
    const struct game *g = &p->game;
    if (strcmp(record->game, g->type->name) || record->height != g->height || record->width != g->width ||
        (float)record->komi != (float)g->komi || strcmp(record->rules, g->rules) || record->num_plies < SCALE_THIRDS ||
        p->num_games == SCALE_VALUE_GAMES)
        return false;
    struct kept_game *kept = &p->games[p->num_games];
    kept->num = record->num_plies;
    kept->actions = memory_raw((size_t)kept->num, sizeof *kept->actions, "the positions of a study");
    for (int i = 0; i < kept->num; i++) kept->actions[i] = record->plies[i].action;
    void *state = memory_raw(1, g->state_bytes, "a position");
    game_start(g, state);
    const int first = record->outcome == OUTCOME_FIRST ? 1 : record->outcome == OUTCOME_SECOND ? -1 : 0;
    for (int i = 0; i < kept->num; i++) {
        add_visit(p, &(struct visit){.hash = game_hash(g, state),
                                     .game = p->num_games,
                                     .ply = i,
                                     .result = (float)(game_to_move(g, state) ? -first : first)});
        game_play(g, state, kept->actions[i]);
    }
    free(state);
    p->num_games++;
    return true;
}

static int compare_visits(const void *a, const void *b) {
    const struct visit *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->game != y->game ? x->game - y->game : x->ply - y->ply;
}

static int frequency_of(size_t count) { return count == 1 ? 0 : count < 10 ? 1 : 2; }

// Takes a position into its class: the first ones for certain, and later ones in place of earlier
// ones, so that all have the same chance. `seen` counts those of the class.
static void offer(struct scale_positions *p, struct rng *rng, const struct visit *visit, size_t count, double result,
                  uint32_t seen[SCALE_FREQUENCIES][SCALE_THIRDS]) {
    const int f = frequency_of(count), third = SCALE_THIRDS * visit->ply / p->games[visit->game].num;
    struct chosen *c = &p->chosen[f][third];
    const uint32_t place = seen[f][third] < SCALE_VALUE_EACH ? seen[f][third] : rng_below(rng, seen[f][third] + 1);
    seen[f][third]++;
    if (place >= SCALE_VALUE_EACH) return;
    if (!c->states) c->states = memory_raw(SCALE_VALUE_EACH, p->game.state_bytes, "the positions of a study");
    replay(p, visit->game, visit->ply, c->states + place * p->game.state_bytes);
    c->results[place] = result;
    if ((int)place >= c->num) c->num = (int)place + 1;
}

void scale_positions_choose(struct scale_positions *p, uint64_t seed) {
    uint32_t seen[SCALE_FREQUENCIES][SCALE_THIRDS] = {{0}};
    struct rng rng;
    rng_init(&rng, seed, 0x76616c7565); // "value"
    if (p->num_visits) qsort(p->visits, p->num_visits, sizeof *p->visits, compare_visits);
    for (size_t i = 0, end; i < p->num_visits; i = end) {
        double sum = 0;
        for (end = i; end < p->num_visits && p->visits[end].hash == p->visits[i].hash; end++) sum += p->visits[end].result;
        offer(p, &rng, &p->visits[i], end - i, sum / (double)(end - i), seen);
    }
}

static void judge_class(const struct scale_positions *p, const struct chosen *c, struct evaluator *evaluator, float *logits,
                        struct scale_value_error *out) {
    double sum = 0, squares = 0;
    *out = (struct scale_value_error){.num = c->num};
    for (int begin = 0; begin < c->num; begin += JUDGED_AT_ONCE) {
        struct position positions[JUDGED_AT_ONCE];
        struct judgement judgements[JUDGED_AT_ONCE];
        const int n = c->num - begin < JUDGED_AT_ONCE ? c->num - begin : JUDGED_AT_ONCE;
        for (int i = 0; i < n; i++) {
            positions[i] = (struct position){&p->game, c->states + (size_t)(begin + i) * p->game.state_bytes, 0};
            judgements[i] = (struct judgement){.logits = logits + (size_t)i * (size_t)p->game.num_actions};
        }
        evaluator_judge(evaluator, n, positions, judgements);
        for (int i = 0; i < n; i++) {
            const double apart = judgements[i].wdl[0] - judgements[i].wdl[2] - c->results[begin + i];
            sum += apart * apart;
            squares += apart * apart * apart * apart;
        }
    }
    if (!c->num) return;
    out->mean = sum / c->num;
    out->error = c->num > 1 ? sqrt(fmax(0, squares / c->num - out->mean * out->mean) / (c->num - 1)) : INFINITY;
}

void scale_positions_judge(const struct scale_positions *p, struct evaluator *evaluator,
                           struct scale_value_error out[SCALE_FREQUENCIES][SCALE_THIRDS]) {
    float *logits = memory_raw((size_t)JUDGED_AT_ONCE * (size_t)p->game.num_actions, sizeof *logits, "the logits of positions");
    for (int f = 0; f < SCALE_FREQUENCIES; f++)
        for (int t = 0; t < SCALE_THIRDS; t++) judge_class(p, &p->chosen[f][t], evaluator, logits, &out[f][t]);
    free(logits);
}
