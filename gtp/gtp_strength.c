// A strength is a few numbers and a search that suits them. The search is made anew when they
// change, which costs its tree and nothing else.
#include "gtp/gtp_strength.h"

#include "gtp/gtp_engine.h"

static enum status make_search(struct gtp_engine *engine) {
    struct search_params params = search_params_default;
    params.kind = SEARCH_PUCT;
    params.max_leaves = GTP_MAX_BATCH;
    params.root_noise_weight = 0;
    params.stop_settled = true;
    params.average_root = !engine->strength.is_rated;
    search_free(engine->search);
    engine->search = NULL;
    engine->num_root_actions = -1;
    return search_new(&engine->search, &params);
}

enum status gtp_strength_init(struct gtp_engine *engine) {
    const struct gtp_params *params = engine->params;
    engine->strength = (struct gtp_strength){.visits = params->visits, .batch = params->batch};
    TRY(make_search(engine));
    if (params->setting) gtp_engine_play_as(engine, params->setting);
    return STATUS_OK;
}

void gtp_engine_play_as(struct gtp_engine *engine, const struct net_setting *setting) {
    // No visits would mean as many as a clock allows. One is the raw net, which only judges.
    const int visits = setting->visits > 0 ? setting->visits : 1;
    engine->strength =
        (struct gtp_strength){.visits = visits, .batch = 1, .temperature = setting->temperature, .is_rated = true};
    CHECK(make_search(engine) == STATUS_OK); // such parameters were taken before
}

void gtp_engine_play_freely(struct gtp_engine *engine) {
    if (!engine->strength.is_rated) return;
    engine->strength = (struct gtp_strength){.visits = engine->given->visits, .batch = engine->given->batch};
    CHECK(make_search(engine) == STATUS_OK);
}

bool gtp_engine_set_level(struct gtp_engine *engine, int level) {
    if (!engine->params->net || level < 1 || level > NET_LEVELS) return false;
    const struct net_setting setting = net_level(&engine->params->net->meta, level);
    gtp_engine_play_as(engine, &setting);
    engine->strength.level = level;
    return true;
}
