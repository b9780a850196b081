// Proofs are right: whatever a search has proven, in any tree, with batches and after moving on, is the value under best play; a
// search of a small tree proves its root, stops, and plays a move that keeps the value.
#include "tests/mcts/toy.h"

enum { TREES = 200 };
static int proven[4], unfinished, reconsidered; // nodes by kind, and searches, over all trees

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

// Two candidates at most, of up to four moves: where both turn out to be lost, Gumbel must go on to the others.
static void note_reconsidered(const struct search *s) {
    const struct node *root = &s->tree.nodes[0];
    const struct edge *edges = tree_edges(&s->tree, root);
    int num_lost = 0;
    for (int i = 0; i < root->num_tried; i++) num_lost += edges[i].proof == PROOF_LOSS;
    reconsidered += s->params.kind == SEARCH_GUMBEL && num_lost >= 2 && root->num_tried > 2;
}

static void one_tree(int seed, enum search_kind kind, int batch, float noise) {
    struct game game;
    toy_open(&game, 4, 5, seed);
    struct search_params p = search_params_default;
    p.prove = true;
    p.kind = kind;
    p.gumbel_noise = noise;
    if (seed % 2) p.gumbel_candidates = 2;
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
    search_run(s, judge, 100000, false, batch); // 4^5 endings at most
    check_node(s, 0, &root);
    note_reconsidered(s);
    if (s->tree.nodes[0].proof)
        check_choice(s, &root, &rng);
    else
        unfinished++; // content with a certain draw where the judge thinks all else is lost
    for (;;) {        // the proofs move along
        const int action = search_choose(s, 0, &rng);
        toy_play(&game, &root, action);
        if (!search_advance(s, action)) break;
        check_node(s, 0, &root);
        search_run(s, judge, 1000, true, batch);
        check_node(s, 0, &root);
        if (s->tree.nodes[0].proof) check_choice(s, &root, &rng);
    }
    evaluator_free(judge);
    search_free(s);
}

int main(void) {
    static const enum search_kind kinds[] = {SEARCH_PUCT, SEARCH_GUMBEL};
    for (int k = 0; k < 2; k++) {
        unfinished = 0;
        for (int seed = 0; seed < TREES; seed++) one_tree(seed, kinds[k], seed % 3 ? 1 : 8, seed % 5 ? 0 : 0.25f);
        printf("%s: %d of %d searches did not end\n", k ? "Gumbel" : "PUCT", unfinished, TREES);
        // Sequential halving leaves moves aside for good: it proves what it meets, not all that there is.
        EXPECT_(unfinished < (k ? TREES / 2 : TREES / 50), "%d searches did not end", unfinished);
    }
    printf("%d nodes open, %d lost, %d drawn, %d won; %d roots where both candidates were lost\n", proven[0], proven[1],
           proven[2], proven[3], reconsidered);
    EXPECT(reconsidered > 10);
    EXPECT(proven[PROOF_NONE] > 100 && proven[PROOF_LOSS] > 100 && proven[PROOF_DRAW] > 100 && proven[PROOF_WIN] > 100);
    return TEST_END();
}
