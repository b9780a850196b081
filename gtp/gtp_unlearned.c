// Boards and rules that the net has not learned. It plays them all, and says once what it has not
// met.
//
// A net that has never counted territory fills its own at the end of a game, where by area scoring
// that costs nothing, and loses a point with each stone. So with such a net a game of territory
// scoring is played and searched as one of area scoring: the two scores differ by the stones that
// one side has placed more, which is none or one where nobody passes early. Half a point of komi
// stands for that. And where area scoring would allow a move for nothing, it passes instead. Only
// the score is counted as the real rules have it.
#include "gtp/gtp_engine.h"

#include "game/go_rules.h"
#include "net/learned.h"

#include <math.h>
#include <string.h>

enum { SYMMETRIES = 8 };

// Points. A move that gains less than this is one for nothing: the last neutral point gains one.
// Chosen, not tuned.
#define FOR_NOTHING 0.5

static bool has_learned_territory(const struct net_meta *meta) {
    for (int i = 0; i < meta->num_learned; i++) {
        struct go_rules rules;
        const char *text = meta->learned[i].rules;
        if (!text[0] || (go_rules_read(&rules, text) && rules.part[GO_SCORING] == GO_TERRITORY)) return true;
    }
    return meta->num_learned == 0; // as far as is known
}

bool gtp_engine_counts_otherwise(const struct gtp_engine *engine) {
    return engine->game.rule[GO_SCORING] != engine->counted.rule[GO_SCORING];
}

void gtp_engine_choose_game(struct gtp_engine *engine) {
    const struct game *counted = &engine->counted;
    const struct net *net = engine->params->net;
    struct go_rules rules = go_rules_of(counted);
    engine->game = *counted;
    if (!net || rules.part[GO_SCORING] != GO_TERRITORY || has_learned_territory(&net->meta)) return;
    rules.part[GO_SCORING] = GO_AREA;
    rules.part[GO_TAX] = GO_TAX_NONE;
    const struct game_options options = {.height = counted->height,
                                         .width = counted->width,
                                         .komi = fmin(counted->komi + 0.5, 1000),
                                         .rules = go_rules_text(&rules),
                                         .max_plies = engine->max_plies};
    CHECK(game_open(&engine->game, "go", &options) == STATUS_OK);
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
    net_warn_unlearned(engine->params->model_name, unlearned,
                       gtp_engine_counts_otherwise(engine)
                           ? "it plays as under chinese rules, and passes when nothing is left to gain"
                           : NULL);
}

// What a position with the opponent to move is worth to the other side: the exact score where it is
// certain, else what the net expects through all symmetries of the board.
static double worth(struct gtp_engine *engine, const void *state) {
    const struct game *game = &engine->game;
    const int other = game_to_move(game, state);
    if (game_certain(game, state) != OUTCOME_NONE) return other ? game_score(game, state) : -game_score(game, state);
    struct position positions[SYMMETRIES];
    double sum = 0;
    const int num = game->num_symmetries < SYMMETRIES ? game->num_symmetries : SYMMETRIES;
    for (int done = 0; done < num;) {
        const int n = num - done < engine->evaluator->max_batch ? num - done : engine->evaluator->max_batch;
        for (int i = 0; i < n; i++) positions[i] = (struct position){game, state, done + i};
        evaluator_judge(engine->evaluator, n, positions, engine->judgements);
        for (int i = 0; i < n; i++) sum -= engine->judgements[i].score;
        done += n;
    }
    return sum / num;
}

bool gtp_engine_is_for_nothing(struct gtp_engine *engine, int action) {
    const struct game *game = &engine->game;
    const int pass = game->pass_action;
    if (!gtp_engine_counts_otherwise(engine) || action == pass || action == GAME_NO_ACTION) return false;
    void *after = (char *)engine->state + game->state_bytes;
    memcpy(after, engine->state, game->state_bytes);
    game_play(game, after, action);
    const double played = worth(engine, after);
    // The board as it is with the opponent to move. After its pass that is the position before it:
    // another pass would end the game, with dead stones counted as living ones.
    const bool was_pass = engine->num_actions && engine->actions[engine->num_actions - 1] == pass;
    if (was_pass) {
        gtp_engine_replay(engine, after, engine->num_actions - 1);
    } else {
        memcpy(after, engine->state, game->state_bytes);
        game_play(game, after, pass);
    }
    return played - worth(engine, after) < FOR_NOTHING;
}
