// Pass-alive areas: the sets of bits against a twin that walks lists, over random and real-looking games on many sizes.
#include "game/go.h"
#include "tests/game/go_benson_twin.h"
#include "tests/test.h"

int main(void) {
    struct rng rng;
    long long positions = 0, owned = 0, points = 0, settled = 0;
    rng_init(&rng, 6, 0);
    for (int k = 0; k < 400; k++) {
        struct game g;
        const int height = 1 + (int)rng_below(&rng, k % 8 ? 9 : 19),
                  width = k % 2 ? height : 1 + (int)rng_below(&rng, k % 8 ? 9 : 19);
        EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = height, .width = width}), STATUS_OK);
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
    return TEST_END();
}
