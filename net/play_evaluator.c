// Positions are passed on with another `struct game`, of which only the parts of the rules differ:
// a state means the same under both, since its shape depends on board and length alone.
#include "net/play_evaluator.h"

#include "base/memory.h"
#include "net/learned.h"

#include <stdlib.h>
#include <string.h>

struct play_evaluator {
    struct evaluator base;
    struct evaluator *inner;
    // Of the net: what it has learned. The weights are the inner evaluator's.
    struct net_meta *meta;
    // The last rules that were asked for, a string constant, whether they have been learned, and
    // else what is shown instead.
    const char *asked, *shown_rules;
    bool is_shown_otherwise;
    uint8_t shown[sizeof((struct game *)0)->rule];
    struct game *games; // [max_batch]
    struct position *positions;
};

static void look_up(struct play_evaluator *e, const struct game *game) {
    struct game other;
    const char *main_rules = net_main_rules(e->meta);
    const struct game_options options = {
        .height = game->height, .width = game->width, .komi = GAME_KOMI_DEFAULT, .rules = main_rules};
    e->asked = game->rules;
    e->is_shown_otherwise = false;
    if (!main_rules || net_has_learned_rules(e->meta, game->rules)) return;
    if (strcmp(e->meta->game, game->type->name) || game_open(&other, e->meta->game, &options) != STATUS_OK) return;
    if (other.num_actions != game->num_actions || other.num_planes != game->num_planes) return;
    memcpy(e->shown, other.rule, sizeof e->shown);
    e->shown_rules = other.rules;
    e->is_shown_otherwise = true;
}

static void judge(struct evaluator *base, int n, const struct position *positions, struct judgement *judgements) {
    struct play_evaluator *e = (struct play_evaluator *)base;
    CHECK(n <= base->max_batch);
    for (int i = 0; i < n; i++) {
        const struct game *game = positions[i].game;
        e->positions[i] = positions[i];
        if (e->asked != game->rules) look_up(e, game);
        if (!e->is_shown_otherwise) continue;
        e->games[i] = *game;
        e->games[i].rules = e->shown_rules;
        memcpy(e->games[i].rule, e->shown, sizeof e->shown);
        e->positions[i].game = &e->games[i];
    }
    evaluator_judge(e->inner, n, e->positions, judgements);
}

static void play_evaluator_free(struct evaluator *base) {
    struct play_evaluator *e = (struct play_evaluator *)base;
    evaluator_free(e->inner);
    free(e->meta);
    free(e->games);
    free(e->positions);
    free(e);
}

enum status play_evaluator_new(struct evaluator **out, const struct net *net, struct backend *backend, int max_batch) {
    static const char what[] = "a net evaluator";
    struct evaluator *inner;
    *out = NULL;
    TRY(net_evaluator_new(&inner, net, backend, max_batch));
    struct play_evaluator *e = memory_new(1, sizeof *e, what);
    e->base = (struct evaluator){.name = "net", .max_batch = max_batch, .judge = judge, .free = play_evaluator_free};
    e->inner = inner;
    e->meta = memory_new(1, sizeof *e->meta, what);
    *e->meta = net->meta;
    e->games = memory_new((size_t)max_batch, sizeof *e->games, what);
    e->positions = memory_new((size_t)max_batch, sizeof *e->positions, what);
    *out = &e->base;
    return STATUS_OK;
}
