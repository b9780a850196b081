// Searches during random games of Go: every node has exactly the legal moves (superko included),
// batches are legal and complete, and equal inputs give equal searches.
#include "tests/mcts/toy.h"

static struct evaluator *judge;
static int num_settled; // final nodes of games that are settled but not over

// Plays the moves from the root to every node, waiting or not, and checks that it has the legal
// moves.
static void check_legal(const struct search *s, uint32_t index, const void *state, int depth) {
    const struct node *node = &s->tree.nodes[index];
    const struct edge *edges = tree_edges(&s->tree, node);
    uint16_t legal[512];
    uint8_t is_legal[512] = {0};
    const int n = game_legal(s->game, state, legal);
    EXPECT_INT(node->to_move, game_to_move(s->game, state));
    if (node->kind == NODE_FINAL) {
        EXPECT((s->params.stop_settled ? game_certain(s->game, state) : game_outcome(s->game, state)) != OUTCOME_NONE);
        num_settled += n > 0;
        return;
    }
    if (index && s->params.stop_settled) EXPECT_INT(game_certain(s->game, state), OUTCOME_NONE);
    EXPECT_INT(node->num_edges, n);
    for (int i = 0; i < n; i++) is_legal[legal[i]] = 1;
    for (int i = 0; i < node->num_edges; i++) {
        EXPECT(is_legal[edges[i].action] == 1);
        is_legal[edges[i].action] = 2; // so that no other edge may have it
    }
    void *next = malloc(s->game->state_bytes);
    for (int i = 0; i < node->num_tried; i++) {
        memcpy(next, state, s->game->state_bytes);
        game_play(s->game, next, edges[i].action);
        check_legal(s, edges[i].child, next, depth + 1);
    }
    free(next);
}

static void check_results(const struct search *s, const void *state, struct rng *rng) {
    const struct game *g = s->game;
    uint16_t legal[512], line[512];
    struct search_move moves[512];
    float policy[512];
    const int n = game_legal(g, state, legal);
    EXPECT_INT(search_moves(s, moves), n);
    double sum = 0;
    search_policy(s, policy);
    for (int i = 0, a = 0; a < g->num_actions; a++) {
        sum += policy[a];
        if (i < n && legal[i] == a) {
            EXPECT_INT(moves[i].action, a);
            EXPECT((moves[i].visits == 0) == isnan(moves[i].value));
            i++;
        } else {
            EXPECT(policy[a] == 0);
        }
    }
    EXPECT_NEAR(sum, 1, 1e-4);
    for (int i = 0; i < 4; i++) EXPECT(game_is_legal(g, state, search_choose(s, i * 0.5, rng)));
    const int length = search_line(s, line, 512);
    EXPECT(length > 0 && line[0] == search_choose(s, 0, rng));
    void *next = malloc(g->state_bytes);
    memcpy(next, state, g->state_bytes);
    for (int i = 0; i < length; i++) {
        EXPECT(game_is_legal(g, next, line[i]));
        game_play(g, next, line[i]);
    }
    free(next);
}

// Runs a search with batches and checks that leaves are distinct and unfinished, and that as many
// simulations are made as were asked for.
static void batched(struct search *s, const struct game *g, int simulations, int max) {
    struct position positions[8];
    struct judgement judgements[8];
    static float logits[8][512];
    for (int i = 0; i < 8; i++) judgements[i] = (struct judgement){.logits = logits[i]};
    search_begin(s, simulations, false);
    struct search_summary before, after;
    search_summary(s, &before);
    int n, batches = 0, leaves = 0;
    while ((n = search_gather(s, max, positions)) > 0) {
        EXPECT(n <= max);
        for (int i = 0; i < n; i++) {
            EXPECT_INT(game_outcome(g, positions[i].state), OUTCOME_NONE);
            EXPECT(positions[i].symmetry >= 0 && positions[i].symmetry < g->num_symmetries);
            for (int k = 0; k < i; k++) EXPECT(s->leaves[i].node != s->leaves[k].node);
        }
        const struct edge *edges = tree_edges(&s->tree, &s->tree.nodes[0]);
        // Candidates are not halved while a visit of the phase is pending.
        const int num_tried = s->params.kind == SEARCH_GUMBEL ? s->tree.nodes[0].num_tried : 0;
        for (int i = 0; i < num_tried; i++)
            if (edges[i].pending) EXPECT(s->root.moves[edges[i].action].alive);
        evaluator_judge(judge, n, positions, judgements);
        search_absorb(s, n, judgements);
        batches++;
        leaves += n;
    }
    search_summary(s, &after);
    EXPECT_INT(after.simulations - before.simulations, simulations);
    if (max == 8 && leaves > 100) EXPECT_(leaves > 2 * batches, "%d leaves in %d batches", leaves, batches);
}

static void play_game(int size, enum search_kind kind, bool settled, int max, uint64_t seed) {
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = size, .width = size, .komi = GAME_KOMI_DEFAULT})) exit(1);
    struct search_params p = search_params_default;
    p.prove = false; // with proofs visits would end at proven nodes
    p.kind = kind;
    p.stop_settled = settled;
    p.gumbel_noise = true;
    p.root_noise_weight = 0.25f;
    struct search *s = toy_search(&p), *other = toy_search(&p);
    struct rng rng;
    rng_init(&rng, seed, 0);
    void *state = malloc(game.state_bytes);
    game_start(&game, state);
    uint16_t legal[512];
    for (bool going = false; game_certain(&game, state) == OUTCOME_NONE;) {
        if (!going) search_start(s, &game, state, &rng);
        batched(s, &game, 60, max);
        if (!going) { // the same is searched again by another search in two halves
            search_start(other, &game, state, &rng);
            batched(other, &game, 60, max);
            EXPECT(s->tree.num_nodes == other->tree.num_nodes);
            EXPECT(!memcmp(s->tree.nodes, other->tree.nodes, s->tree.num_nodes * sizeof *s->tree.nodes));
            EXPECT(!memcmp(s->tree.edges, other->tree.edges, s->tree.num_edges * sizeof *s->tree.edges));
        }
        check_legal(s, 0, state, 0);
        check_results(s, state, &rng);
        // Most moves are random, which leads to captures, kos and odd shapes.
        int action = search_choose(s, 1, &rng);
        if (rng_below(&rng, 3)) action = legal[rng_below(&rng, (uint32_t)game_legal(&game, state, legal))];
        game_play(&game, state, action);
        going = rng_below(&rng, 2) && game_outcome(&game, state) == OUTCOME_NONE && search_advance(s, action);
    }
    free(state);
    search_free(s);
    search_free(other);
}

int main(void) {
    if (evaluator_hash(&judge, 3)) return 1;
    for (uint64_t i = 0; i < 48; i++)
        play_game((int)(i % 4) + 2, i / 4 % 2 ? SEARCH_GUMBEL : SEARCH_PUCT, i / 8 % 2, i / 16 % 2 ? 8 : 1, i);
    for (uint64_t i = 0; i < 4; i++) play_game(9, i % 2 ? SEARCH_GUMBEL : SEARCH_PUCT, i / 2, 8, i);
    EXPECT_(num_settled > 100, "only %d settled nodes seen", num_settled);
    evaluator_free(judge);
    return TEST_END();
}
