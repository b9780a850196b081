// A question is two sums of scores that are gathered and absorbed in one order: first all
// symmetries of the position after the move, then those of the other. What is certain is not asked.
#include "arena/by_area.h"

#include "base/memory.h"
#include "game/go_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Points. A move that gains less than this is one for nothing: the last neutral point gains one.
// Chosen, not tuned.
#define FOR_NOTHING 0.5
// The owner of a point is sure if it is expected to be one side's by this much of 1. Chosen: of moves
// that fill territory go9 is surer than 0.95, and of those in a fight it never was above 0.8.
#define SURE_OWNER 0.9

static bool has_learned_territory(const struct net_meta *meta) {
    for (int i = 0; i < meta->num_learned; i++) {
        struct go_rules rules;
        const char *text = meta->learned[i].rules;
        if (!text[0] || (go_rules_read(&rules, text) && rules.part[GO_SCORING] == GO_TERRITORY)) return true;
    }
    return meta->num_learned == 0; // as far as is known
}

bool by_area_game(const struct net *net, const struct game *counted, struct game *played) {
    if (strcmp(counted->type->name, "go")) return false;
    struct go_rules rules = go_rules_of(counted);
    if (!net || rules.part[GO_SCORING] != GO_TERRITORY || has_learned_territory(&net->meta)) return false;
    rules.part[GO_SCORING] = GO_AREA;
    rules.part[GO_TAX] = GO_TAX_NONE;
    const struct game_options options = {.height = counted->height,
                                         .width = counted->width,
                                         .komi = fmin(counted->komi + 0.5, 1000), // the most that the game takes

                                         .rules = go_rules_text(&rules),
                                         .max_plies = counted->max_plies};
    // This board was open before, only with other rules.
    CHECK(game_open(played, "go", &options) == STATUS_OK && played->state_bytes == counted->state_bytes);
    return true;
}

bool by_area_wants_owners(const struct game *counted) {
    return !strcmp(counted->type->name, "go") && counted->rule[GO_SCORING] == GO_TERRITORY;
}

void by_area_done(struct by_area *q) {
    for (int i = 0; i < 2; i++) free(q->states[i]);
    *q = (struct by_area){0};
}

// Settles what can be known without a net.
static void settle(struct by_area *q, int i) {
    const struct game *game = q->game;
    if (game_certain(game, q->states[i]) == OUTCOME_NONE) return;
    const double score = game_score(game, q->states[i]);
    q->sums[i] = game->num_symmetries * (game_to_move(game, q->states[i]) ? score : -score);
    if (i) q->owners = game->num_symmetries; // what is certain has sure owners
}

void by_area_ask(struct by_area *q, const struct game *game, const void *state, const void *before, int action) {
    *q = (struct by_area){.game = game, .states = {q->states[0], q->states[1]}, .action = action};
    for (int i = 0; i < 2; i++) {
        q->states[i] = memory_resize(q->states[i], 1, game->state_bytes, "a position");
        memcpy(q->states[i], i && before ? before : state, game->state_bytes);
        if (i == 0 || !before) game_play(game, q->states[i], i ? game->pass_action : action);
        settle(q, i);
    }
}

// The next position that needs a judgement, or 2 * num_symmetries.
static int skip_certain(const struct by_area *q, int at) {
    const int num = q->game->num_symmetries;
    while (at < 2 * num && game_certain(q->game, q->states[at / num]) != OUTCOME_NONE) at++;
    return at;
}

int by_area_gather(struct by_area *q, int max, struct position *positions) {
    const int num = q->game->num_symmetries;
    int n = 0;
    for (q->asked = skip_certain(q, q->asked); n < max && q->asked < 2 * num; q->asked = skip_certain(q, q->asked + 1))
        positions[n++] = (struct position){q->game, q->states[q->asked / num], q->asked % num};
    return n;
}

void by_area_absorb(struct by_area *q, int n, const struct judgement *judgements) {
    const int num = q->game->num_symmetries;
    q->answered = skip_certain(q, q->answered);
    for (int i = 0; i < n; i++, q->answered = skip_certain(q, q->answered + 1)) {
        q->sums[q->answered / num] -= judgements[i].score; // the opponent is to move
        if (q->answered < num) continue;
        CHECK(judgements[i].ownership);
        q->owners += judgements[i].ownership[q->action];
    }
}

bool by_area_is_for_nothing(const struct by_area *q) {
    const int num = q->game->num_symmetries;
    return (q->sums[0] - q->sums[1]) / num < FOR_NOTHING && fabs(q->owners) / num >= SURE_OWNER;
}
