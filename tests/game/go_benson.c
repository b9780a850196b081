// Pass-alive areas: the sets of bits are compared with a twin that walks lists, in random and
// realistic games of many sizes, with suicide and without. And what is settled stays so, whatever
// one side does while the other passes.
#include "game/go.h"
#include "tests/game/go_benson_twin.h"
#include "tests/test.h"

// When the side that has won a settled position only passes and the other plays at random, the
// result stays.
static int stays(const struct game *g, const struct go_state *s, struct rng *rng) {
    const enum outcome outcome = g->type->settled(g, s);
    if (outcome != OUTCOME_FIRST && outcome != OUTCOME_SECOND) return 0;
    struct go_state *t = malloc(g->state_bytes);
    memcpy(t, s, g->state_bytes);
    for (uint16_t actions[362]; game_outcome(g, t) == OUTCOME_NONE;) {
        const int n = game_legal(g, t, actions);
        const bool winner = t->to_move == (outcome == OUTCOME_SECOND);
        // The loser passes only where it has no other move.
        game_play(g, t, winner || n == 1 ? go_pass(g) : actions[rng_below(rng, (uint32_t)(n - 1))]);
        // After two passes dead stones count as alive.
        if (game_outcome(g, t) != OUTCOME_NONE) break;
        const enum outcome now = g->type->settled(g, t);
        EXPECT_(now == OUTCOME_NONE || now == outcome, "%s %dx%d: settled for %d, later for %d", g->rules, g->height, g->width,
                outcome, now);
    }
    free(t);
    return 1;
}

static void settled_is_for_good(const char *rules, int games) {
    struct game g;
    struct rng rng;
    int checked = 0;
    rng_init(&rng, 8, 1);
    for (int k = 0; k < games; k++) {
        const int height = 2 + (int)rng_below(&rng, 4), width = 3 + (int)rng_below(&rng, 3);
        EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = height, .width = width, .komi = 0.5, .rules = rules}),
                   STATUS_OK);
        struct go_state *s = malloc(g.state_bytes);
        game_start(&g, s);
        for (uint16_t actions[32]; game_outcome(&g, s) == OUTCOME_NONE;) {
            const int n = game_legal(&g, s, actions);
            game_play(&g, s, rng_below(&rng, 6) ? g.type->playout_move(&g, s, &rng) : actions[rng_below(&rng, (uint32_t)n)]);
            if (game_outcome(&g, s) == OUTCOME_NONE && g.type->settled(&g, s) != OUTCOME_NONE && !rng_below(&rng, 4))
                checked += stays(&g, s, &rng);
        }
        free(s);
    }
    EXPECT_(checked > games / 4, "%s: %d settled positions of %d games", rules, checked, games);
}

int main(void) {
    struct rng rng;
    long long positions = 0, owned = 0, points = 0, settled = 0;
    rng_init(&rng, 6, 0);
    for (int k = 0; k < 400; k++) {
        struct game g;
        const int height = 1 + (int)rng_below(&rng, k % 8 ? 9 : 19),
                  width = k % 2 ? height : 1 + (int)rng_below(&rng, k % 8 ? 9 : 19);
        EXPECT_INT(game_open(&g, "go",
                             &(struct game_options){.height = height, .width = width, .rules = k % 3 ? NULL : "tromp-taylor"}),
                   STATUS_OK);
        struct go_state *s = malloc(g.state_bytes);
        game_start(&g, s);
        for (uint16_t actions[362]; game_outcome(&g, s) == OUTCOME_NONE;) {
            uint8_t fast[GO_MAX_POINTS], slow[GO_MAX_POINTS];
            const int n = game_legal(&g, s, actions);
            game_play(&g, s, rng_below(&rng, 6) ? g.type->playout_move(&g, s, &rng) : actions[rng_below(&rng, (uint32_t)n)]);
            go_pass_alive(&g, s, fast);
            twin_pass_alive(&g, s, slow);
            EXPECT(!memcmp(fast, slow, (size_t)go_num_points(&g)));
            positions++;
            points += g.height * g.width;
            for (int p = 0; p < go_num_points(&g); p++) owned += fast[p] != 0;
            settled += go_is_settled(&g, s, fast);
        }
        free(s);
    }
    printf("%lld positions, %lld of %lld points pass-alive, %lld positions settled\n", positions, owned, points, settled);
    EXPECT(owned > points / 100 && settled > 50);
    settled_is_for_good("chinese", 400);
    settled_is_for_good("tromp-taylor", 400);
    settled_is_for_good("new-zealand", 400);
    return TEST_END();
}
