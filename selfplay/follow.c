// A follower begins with nothing: settings, weights, optimiser and window come from rank 0, so that a
// run goes on with any number of ranks, and no folder is shared. Then it does as it is told.
#include "selfplay/follow.h"

#include "selfplay/budget.h"
#include "selfplay/checkpoint.h"
#include "selfplay/learner.h"

static enum status open_follower(struct learner *l, struct config *config, struct game *game, const struct loop_params *params,
                                 int *session) {
    struct budget budget;
    config->disk = 0; // There is no folder here.
    TRY(config_resolve(config, game));
    if (config->threads <= 0) config->threads = params->processors;
    TRY(learner_try_devices(l));
    const struct net_config shape = config_net(config, game);
    TRY(net_new(&l->net, &shape, NULL));
    TRY(budget_init(&budget, config, game, l->net));
    TRY(learner_open(l));
    TRY(learner_share(l));
    TRY(cluster_broadcast(l->cluster, session, sizeof *session));
    TRY(cluster_broadcast(l->cluster, &l->starts_trained, sizeof l->starts_trained));
    return learner_begin(l, *session);
}

static enum status play_gate(const struct learner *l) {
    const struct checkpoint_params gate = {
        .cluster = l->cluster, .config = l->config, .game = l->game, .net = l->net, .clock = l->clock, .stop = l->stop};
    return checkpoint_follow_gate(&gate);
}

static enum status obey(struct learner *l) {
    struct team_games games = {0};
    enum status status = STATUS_OK;
    for (bool ends = false; !ends && status == STATUS_OK;) {
        struct order order = {0};
        struct losses losses;
        status = team_order(l->cluster, &order);
        if (status != STATUS_OK) break;
        switch (order.kind) {
        case ORDER_PLAY:
            team_games_done(&games);
            status = learner_play(l, &order, &games);
            break;
        case ORDER_LEARN:
            learner_learn(l, &order, games.records, games.num);
            team_games_done(&games);
            break;
        case ORDER_STEP:
            status = learner_step(l, &order, &losses);
            break;
        case ORDER_GATE:
            status = play_gate(l);
            break;
        case ORDER_REFRESH:
            status = learner_refresh(l, NULL);
            break;
        case ORDER_END:
            ends = true;
            break;
        }
    }
    team_games_done(&games);
    return status;
}

enum status follow_run(const struct loop_params *params) {
    struct options_text text = {0};
    struct game game;
    struct learner learner = {
        .config = params->config, .game = &game, .clock = params->clock, .cluster = params->cluster, .stop = params->stop};
    int session = 0;
    enum status status = team_share_config(params->cluster, params->config, &text);
    if (status == STATUS_OK) status = open_follower(&learner, params->config, &game, params, &session);
    if (status == STATUS_OK) status = obey(&learner);
    learner_done(&learner);
    options_text_done(&text);
    return status;
}
