// Boards and rules that the net has not learned. It plays them all, and says once what it has not
// met.
//
// With a net that has never counted territory a game of territory is played as one of area
// (arena/by_area.h).
#include "gtp/gtp_engine.h"

#include "arena/by_area.h"
#include "game/go_rules.h"
#include "net/learned.h"

bool gtp_engine_counts_otherwise(const struct gtp_engine *engine) {
    return engine->game.rule[GO_SCORING] != engine->counted.rule[GO_SCORING];
}

void gtp_engine_choose_game(struct gtp_engine *engine) {
    if (!by_area_game(engine->params->net, &engine->counted, &engine->game)) engine->game = engine->counted;
}

void gtp_engine_warn(struct gtp_engine *engine) {
    char text[NET_UNLEARNED_BYTES];
    const struct net *net = engine->params->net;
    const char *unlearned = net ? net_unlearned(&net->meta, &engine->counted, text) : NULL;
    if (!unlearned) return;
    uint64_t key = 1;
    for (const char *c = unlearned; *c; c++) key = rng_mix(key ^ (unsigned char)*c);
    for (int i = 0; i < engine->num_warned; i++)
        if (engine->warned[i] == key) return;
    if (engine->num_warned == GTP_MAX_WARNED) return;
    engine->warned[engine->num_warned++] = key;
    net_warn_unlearned(engine->params->model_name, unlearned, gtp_engine_counts_otherwise(engine) ? BY_AREA_WORDS : NULL);
}

bool gtp_engine_is_for_nothing(struct gtp_engine *engine, int action) {
    const struct game *game = &engine->game;
    const int pass = game->pass_action, most = engine->evaluator->max_batch;
    if (!gtp_engine_counts_otherwise(engine) || action == pass || action == GAME_NO_ACTION) return false;
    void *before = NULL;
    if (engine->num_actions && engine->actions[engine->num_actions - 1] == pass) {
        before = (char *)engine->state + game->state_bytes;
        gtp_engine_replay(engine, before, engine->num_actions - 1);
    }
    struct by_area question = {0};
    struct position positions[GTP_MAX_BATCH];
    by_area_ask(&question, game, engine->state, before, action);
    for (int i = 0; i < GTP_MAX_BATCH; i++)
        engine->judgements[i].ownership = engine->ownership + i * game->height * game->width;
    for (int n; (n = by_area_gather(&question, most < GTP_MAX_BATCH ? most : GTP_MAX_BATCH, positions)) > 0;) {
        evaluator_judge(engine->evaluator, n, positions, engine->judgements);
        by_area_absorb(&question, n, engine->judgements);
    }
    const bool is_for_nothing = by_area_is_for_nothing(&question);
    by_area_done(&question);
    return is_for_nothing;
}
