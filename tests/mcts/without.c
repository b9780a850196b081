// A search without one move of its root proves the best of the others, in any tree, and after the
// next move goes on as if nothing had been left out.
#include "tests/mcts/toy.h"

// The value under best play for the root's mover when one move is left out; -2: there is no other
// move.
static int solve_without(const struct game *game, const struct toy_state *root, int left_out) {
    uint16_t actions[64];
    const int n = toy_legal(game, root, actions);
    int best = -2;
    for (int i = 0; i < n; i++) {
        if (actions[i] == left_out) continue;
        struct toy_state next = *root;
        toy_play(game, &next, actions[i]);
        const int value = toy_solve(game, &next) * (root->mover ? -1 : 1);
        if (value > best) best = value;
    }
    return best;
}

static int num_roots, num_other_values; // the latter have another value without the move

static void one_move(struct search *s, const struct game *game, struct evaluator *judge, int left_out, struct rng *rng) {
    struct toy_state root;
    struct search_summary sum;
    struct search_move moves[64];
    toy_start(game, &root);
    const int value = solve_without(game, &root, left_out);
    if (value == -2) {
        EXPECT(!search_start_without(s, game, &root, left_out, rng));
        return;
    }
    num_roots++;
    num_other_values += value != toy_solve(game, &root) * (root.mover ? -1 : 1);
    EXPECT(search_start_without(s, game, &root, left_out, rng));
    search_run(s, judge, 100000, false, 4);
    search_summary(s, &sum);
    if (sum.proven) EXPECT_NEAR(sum.value, value, 0);
    const int n = search_moves(s, moves);
    for (int i = 0; i < n; i++) EXPECT(moves[i].action != left_out);
    for (int k = 0; k < 2; k++) EXPECT(search_choose(s, k, rng) != left_out);
    toy_play(game, &root, left_out);
    if (!search_advance(s, left_out)) return;
    search_run(s, judge, 100000, false, 4);
    search_summary(s, &sum);
    if (sum.proven) EXPECT_NEAR(sum.value, toy_solve(game, &root) * (root.mover ? -1 : 1), 0);
}

static void no_priors_are_mixed_up(struct search *cached, const struct game *game, struct evaluator *judge,
                                   const struct rng *rng) {
    const struct search_params params = {
        .kind = SEARCH_PUCT, .max_leaves = 1, .c_puct = 1, .c_puct_base = 1e4f, .gumbel_candidates = 1};
    struct search *plain = toy_search(&params);
    struct search_move a[64], b[64];
    struct toy_state root;
    toy_start(game, &root);
    for (int left_out = -1; left_out < game->num_actions; left_out++) {
        const int action = left_out < 0 ? GAME_NO_ACTION : left_out;
        if (!search_start_without(cached, game, &root, action, rng) || !search_start_without(plain, game, &root, action, rng))
            continue;
        search_run(cached, judge, 1, false, 1);
        search_run(plain, judge, 1, false, 1);
        const int n = search_moves(cached, a);
        EXPECT_INT(search_moves(plain, b), n);
        for (int i = 0; i < n; i++) EXPECT(a[i].action == b[i].action && a[i].prior == b[i].prior);
    }
    search_free(plain);
}

int main(void) {
    struct search_params params = search_params_default;
    params.prove = true;
    params.max_leaves = 4;
    params.cache_entries = 64; // it holds judgements of roots with and without some move
    for (int kind = SEARCH_PUCT; kind <= SEARCH_GUMBEL; kind++) {
        params.kind = kind;
        struct search *s = toy_search(&params);
        struct evaluator judge = toy_evaluator();
        struct rng rng;
        rng_init(&rng, 1, (uint64_t)kind);
        for (int seed = 0; seed < 100; seed++) {
            struct game game;
            uint16_t actions[64];
            struct toy_state root;
            toy_open(&game, 4, 4, seed);
            toy_start(&game, &root);
            no_priors_are_mixed_up(s, &game, &judge, &rng);
            for (int i = toy_legal(&game, &root, actions); i-- > 0;) one_move(s, &game, &judge, actions[i], &rng);
        }
        search_free(s);
    }
    printf("%d roots, %d of another value without the move\n", num_roots, num_other_values);
    EXPECT(num_roots > 400 && num_other_values > 50);
    return TEST_END();
}
