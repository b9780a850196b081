// Evaluators without a net do what their header promises.
#include "game/evaluator.h"
#include "tests/test.h"

// A judgement with its storage.
struct sheet {
    float logits[362], ownership[361];
    struct judgement judgement;
};

static void ask(struct evaluator *e, const struct game *g, const void *state, int symmetry, struct sheet *out) {
    for (int a = 0; a < 362; a++) out->logits[a] = NAN;
    for (int p = 0; p < 361; p++) out->ownership[p] = NAN;
    out->judgement = (struct judgement){.logits = out->logits, .ownership = out->ownership, .score = NAN};
    evaluator_judge(e, 1, &(struct position){g, state, symmetry}, &out->judgement);
    EXPECT_NEAR(out->judgement.wdl[0] + out->judgement.wdl[1] + out->judgement.wdl[2], 1, 1e-5);
    for (int i = 0; i < 3; i++) EXPECT(out->judgement.wdl[i] >= 0 && out->judgement.wdl[i] <= 1);
    for (int a = 0; a < g->num_actions; a++) EXPECT(isfinite(out->logits[a]));
    for (int p = 0; p < g->height * g->width; p++) EXPECT(out->ownership[p] >= -1 && out->ownership[p] <= 1);
    EXPECT(isfinite(out->judgement.score));
}

static void hash_is_a_function_of_seed_and_position(void) {
    struct evaluator *a, *b, *c;
    struct game g;
    struct sheet x, y;
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = 9, .komi = 7}), STATUS_OK);
    EXPECT_INT(evaluator_hash(&a, 7), STATUS_OK);
    EXPECT_INT(evaluator_hash(&b, 7), STATUS_OK);
    EXPECT_INT(evaluator_hash(&c, 8), STATUS_OK);
    char *state = malloc(g.state_bytes);
    game_start(&g, state);
    int wins = 0;
    uint64_t signature = 0;
    for (int ply = 0; ply < 60; ply++) {
        ask(a, &g, state, 0, &x);
        ask(b, &g, state, 5, &y);
        EXPECT(!memcmp(x.logits, y.logits, sizeof(float) * 82) && !memcmp(x.ownership, y.ownership, sizeof(float) * 81));
        EXPECT(!memcmp(x.judgement.wdl, y.judgement.wdl, sizeof x.judgement.wdl) && x.judgement.score == y.judgement.score);
        ask(c, &g, state, 0, &y);
        EXPECT(memcmp(x.logits, y.logits, sizeof(float) * 82));
        wins += x.judgement.wdl[0] > 0.5f;
        uint32_t bits[2];
        memcpy(bits, x.judgement.wdl, sizeof bits);
        signature = rng_mix(signature ^ bits[0] ^ (uint64_t)bits[1] << 32);
        uint16_t legal[82];
        const int n = game_legal(&g, state, legal);
        game_play(&g, state, legal[ply * 31 % (n - 1)]);
    }
    EXPECT(wins > 15 && wins < 45);
    EXPECT_(signature == 0xaffe4927b9a0adfu, "signature of the hash evaluator is 0x%llx", (unsigned long long)signature);
    free(state);
    evaluator_free(a), evaluator_free(b), evaluator_free(c);
}

static void uniform_knows_nothing(void) {
    struct evaluator *e;
    struct game g;
    struct sheet x;
    char state[64];
    EXPECT_INT(game_open(&g, "tictactoe", NULL), STATUS_OK);
    EXPECT_INT(evaluator_uniform(&e), STATUS_OK);
    game_start(&g, state);
    ask(e, &g, state, 3, &x);
    EXPECT_NEAR(x.judgement.wdl[1], 1, 0);
    for (int a = 0; a < 9; a++) EXPECT_NEAR(x.logits[a], x.logits[0], 0);
    evaluator_free(e);
}

static void rollouts_of_tictactoe_agree_with_the_known_share(void) {
    struct evaluator *e;
    struct game g;
    struct sheet x;
    char state[64];
    EXPECT_INT(evaluator_rollouts(&e, 0, 1), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "tictactoe", NULL), STATUS_OK);
    EXPECT_INT(evaluator_rollouts(&e, 40000, 1), STATUS_OK);
    game_start(&g, state);
    ask(e, &g, state, 0, &x);
    // The first player's known share in random play, within five standard errors.
    EXPECT_NEAR(x.judgement.wdl[0] + x.judgement.wdl[1] / 2, 0.6484, 0.012);
    game_play(&g, state, 4);
    ask(e, &g, state, 0, &x);
    EXPECT(x.judgement.wdl[0] < x.judgement.wdl[2]); // from the mover's side
    evaluator_free(e);
}

static void rollouts_of_go_know_who_owns_what(void) {
    struct evaluator *e, *again;
    struct game g;
    struct sheet x, y;
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = 5, .komi = 0.5}), STATUS_OK);
    EXPECT_INT(evaluator_rollouts(&e, 500, 1), STATUS_OK);
    EXPECT_INT(evaluator_rollouts(&again, 500, 1), STATUS_OK);
    char *state = malloc(g.state_bytes);
    game_start(&g, state);
    static const int wall[] = {1, 6, 10, 11, 16, 21}; // column B and A3, with two eyes on the left
    for (int i = 0; i < 6; i++) {
        if (i) game_play(&g, state, 25);
        game_play(&g, state, wall[i]);
    }
    EXPECT_INT(game_to_move(&g, state), 1);
    ask(e, &g, state, 0, &x);
    ask(again, &g, state, 2, &y);
    EXPECT(!memcmp(x.judgement.wdl, y.judgement.wdl, sizeof x.judgement.wdl)); // equal seeds
    EXPECT(x.judgement.wdl[2] > x.judgement.wdl[0] && x.judgement.score < 0);
    EXPECT(x.ownership[0] < -0.9f && x.ownership[20] < -0.9f); // the eyes are the other side's
    for (int a = 0; a < 26; a++) EXPECT_NEAR(x.logits[a], x.logits[0], 0);
    free(state);
    evaluator_free(e), evaluator_free(again);
}

int main(void) {
    hash_is_a_function_of_seed_and_position();
    uniform_knows_nothing();
    rollouts_of_tictactoe_agree_with_the_known_share();
    rollouts_of_go_know_who_owns_what();
    return TEST_END();
}
