// Whatever a search has proven, in any tree, with batches and after moves, is the value under best
// play. A search of a small tree proves its root, stops, and plays a move that keeps the value.
#include "tests/mcts/toy.h"

enum { TREES = 200 };
// Nodes by kind, and searches, over all trees.
static int proven[4], unfinished, reconsidered, played_out;

static enum proof truth_of(const struct game *g, const struct toy_state *s) {
    const int value = toy_solve(g, s) * (s->mover ? -1 : 1);
    return value > 0 ? PROOF_WIN : value < 0 ? PROOF_LOSS : PROOF_DRAW;
}

static void check_node(const struct search *s, uint32_t index, const struct toy_state *state) {
    const struct node *node = &s->tree.nodes[index];
    const struct edge *edges = tree_edges(&s->tree, node);
    if (node->proof) EXPECT_INT(node->proof, truth_of(s->game, state));
    if (node->kind == NODE_FINAL) EXPECT(node->proof);
    proven[node->proof]++;
    for (int i = 0; i < node->num_tried; i++) {
        const struct node *child = &s->tree.nodes[edges[i].child];
        struct toy_state next = *state;
        toy_play(s->game, &next, edges[i].action);
        const bool is_turned = child->to_move != node->to_move;
        EXPECT_INT(edges[i].proof, is_turned && child->proof ? PROOF_WIN + PROOF_LOSS - child->proof : child->proof);
        check_node(s, edges[i].child, &next);
    }
}

static void check_choice(struct search *s, const struct toy_state *root, struct rng *rng) {
    static const double temperatures[] = {0, 1};
    const enum proof truth = truth_of(s->game, root);
    struct search_summary sum;
    search_summary(s, &sum);
    EXPECT_NEAR(sum.value, truth == PROOF_WIN ? 1 : truth == PROOF_LOSS ? -1 : 0, 0);
    EXPECT_NEAR(sum.wdl[1], truth == PROOF_DRAW, 0);
    for (int k = 0; k < 2; k++) {
        struct toy_state next = *root;
        toy_play(s->game, &next, search_choose(s, temperatures[k], rng));
        EXPECT_INT(toy_solve(s->game, &next), toy_solve(s->game, root));
    }
}

// A Gumbel search with one candidate must go on to the other moves when that one's value is
// certain.
static void goes_on_to_others(struct search *s, const struct game *game, const struct toy_state *root, struct evaluator *judge,
                              struct rng *rng) {
    search_start(s, game, root, rng);
    search_run(s, judge, 100000, false, 1);
    reconsidered += s->tree.nodes[0].num_tried > 1;
    check_node(s, 0, root);
}

// A proven root stays proven to the end of the game without further search, whoever moves, and the
// game ends as it says.
static void plays_itself_out(struct search *s, struct toy_state state, struct rng *rng) {
    struct search_summary sum;
    search_summary(s, &sum);
    EXPECT(sum.proven);
    const int value = toy_solve(s->game, &state);
    const struct game *game = s->game;
    for (;;) {
        const int action = search_choose(s, 0, rng);
        toy_play(game, &state, action);
        const enum outcome outcome = toy_outcome(game, &state);
        if (outcome != OUTCOME_NONE) {
            EXPECT_INT(outcome_for(outcome, 0), value);
            return;
        }
        if (!search_advance(s, action)) {
            EXPECT(!"the tree of a proven root ends before the game");
            return;
        }
        search_summary(s, &sum);
        EXPECT(sum.proven);
        played_out++;
    }
}

static void one_tree(int seed, enum search_kind kind, int batch, float noise) {
    struct game game;
    toy_open(&game, 4, 5, seed);
    struct search_params p = search_params_default;
    p.prove = true;
    p.kind = kind;
    p.gumbel_noise = noise;
    if (seed % 2) p.gumbel_candidates = 1;
    p.root_noise_weight = noise;
    p.score_weight = 0.3f;
    struct search *s;
    struct evaluator *judge;
    if (search_new(&s, &p) || evaluator_hash(&judge, (uint64_t)seed)) exit(1);
    struct rng rng;
    rng_init(&rng, (uint64_t)seed, 0);
    struct toy_state root;
    toy_start(&game, &root);
    search_start(s, &game, &root, &rng);
    for (int step = 0; step < 8; step++) {
        search_run(s, judge, 20, false, batch);
        check_node(s, 0, &root);
    }
    search_run(s, judge, 100000, false, batch); // there are at most 4^5 endings
    check_node(s, 0, &root);
    if (s->tree.nodes[0].proof)
        check_choice(s, &root, &rng);
    else
        unfinished++; // it keeps to a certain draw where the evaluator thinks all else is lost
    for (;;) {        // proofs stay when the root moves on
        const int action = search_choose(s, 0, &rng);
        toy_play(&game, &root, action);
        if (!search_advance(s, action)) break;
        check_node(s, 0, &root);
        search_run(s, judge, 1000, true, batch);
        check_node(s, 0, &root);
        if (s->tree.nodes[0].proof) check_choice(s, &root, &rng);
    }
    toy_start(&game, &root);
    if (kind == SEARCH_GUMBEL && seed % 2) goes_on_to_others(s, &game, &root, judge, &rng);
    search_start(s, &game, &root, &rng);
    search_run(s, judge, 100000, false, batch);
    if (s->tree.nodes[0].proof) plays_itself_out(s, root, &rng);
    evaluator_free(judge);
    search_free(s);
}

int main(void) {
    static const enum search_kind kinds[] = {SEARCH_PUCT, SEARCH_GUMBEL};
    for (int k = 0; k < 2; k++) {
        unfinished = 0;
        for (int seed = 0; seed < TREES; seed++) one_tree(seed, kinds[k], seed % 3 ? 1 : 8, seed % 5 ? 0 : 0.25f);
        printf("%s: %d of %d searches did not end\n", k ? "Gumbel" : "PUCT", unfinished, TREES);
        // Below its root a Gumbel search never visits moves without promise, so that it can't prove
        // them.
        EXPECT_(unfinished < (k ? TREES / 2 : TREES / 50), "%d searches did not end", unfinished);
    }
    printf("%d nodes open, %d lost, %d drawn, %d won; %d roots that went on to other candidates, %d plies played out\n",
           proven[0], proven[1], proven[2], proven[3], reconsidered, played_out);
    EXPECT(reconsidered > 10 && played_out > 500);
    EXPECT(proven[PROOF_NONE] > 100 && proven[PROOF_LOSS] > 100 && proven[PROOF_DRAW] > 100 && proven[PROOF_WIN] > 100);
    return TEST_END();
}
