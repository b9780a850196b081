// The invariants that mcts/tree.c lists hold after any search, and advancing the root loses and
// changes nothing below it.
#include "tests/mcts/toy.h"

// Checks every node of the tree.
static void check_tree(const struct search *s) {
    const struct tree *t = &s->tree;
    uint32_t next_edge = 0;
    for (uint32_t i = 0; i < t->num_nodes; i++) {
        const struct node *node = &t->nodes[i];
        const struct edge *edges = tree_edges(t, node);
        EXPECT_INT(node->first_edge, next_edge);
        next_edge += node->num_edges;
        EXPECT_INT(node->pending, 0);
        EXPECT(node->kind == (node->num_edges ? NODE_OPEN : NODE_FINAL));
        EXPECT(fabs(node->value_sum) <= node->visits + 1e-6);
        EXPECT(node->win_sum >= 0 && node->loss_sum >= 0 && node->win_sum + node->loss_sum <= node->visits * (1 + 1e-6));
        if (s->params.score_weight <= 0) EXPECT_NEAR(node->value_sum, node->win_sum - node->loss_sum, 1e-5 * node->visits);
        if (i) {
            EXPECT(node->parent < i);
            EXPECT_INT(tree_edges(t, &t->nodes[node->parent])[node->parent_edge].child, i);
        } else {
            EXPECT(node->parent == TREE_NONE);
        }
        uint32_t visits = 1;
        double value = node->prior_value, square = value * value, score = 0, mass = 0, prior = 0;
        for (int k = 0; k < node->num_edges; k++) {
            prior += edges[k].prior;
            EXPECT((edges[k].child != TREE_NONE) == (k < node->num_tried));
            EXPECT_INT(edges[k].pending, 0);
            if (k > node->num_tried) EXPECT(edges[k].prior <= edges[node->num_tried].prior);
            if (k >= node->num_tried) {
                EXPECT_INT(edges[k].visits, 0);
                continue;
            }
            const struct node *child = &t->nodes[edges[k].child];
            const double sign = child->to_move == node->to_move ? 1 : -1;
            EXPECT_INT(edges[k].visits, child->visits);
            EXPECT_NEAR(edges[k].value, sign * child->value_sum / child->visits, 1e-6);
            visits += child->visits;
            value += sign * child->value_sum;
            square += child->square_sum;
            score += sign * child->score_sum;
            mass += edges[k].prior;
        }
        if (!node->num_edges) continue;
        EXPECT_INT(node->visits, visits);
        EXPECT_NEAR(node->value_sum, value, 1e-5 * visits);
        EXPECT_NEAR(node->square_sum, square, 1e-5 * visits);
        EXPECT_NEAR(node->tried_mass, mass, 1e-5);
        EXPECT_NEAR(prior, 1, 1e-5);
        EXPECT(fabs(node->score_sum - score) <= 10 + 1e-3); // the node's own judgement is within 10
    }
    EXPECT_INT(t->num_edges, next_edge);
}

// Checks that the state to which the path of a node leads has that node's mover and moves.
static void check_states(const struct search *s, const struct toy_state *root) {
    const struct tree *t = &s->tree;
    struct toy_state *states = malloc(t->num_nodes * sizeof *states);
    states[0] = *root;
    for (uint32_t i = 0; i < t->num_nodes; i++) {
        const struct node *node = &t->nodes[i];
        uint16_t legal[64];
        if (i) {
            states[i] = states[node->parent];
            toy_play(s->game, &states[i], tree_edges(t, &t->nodes[node->parent])[node->parent_edge].action);
        }
        EXPECT_INT(node->to_move, states[i].mover);
        EXPECT_INT(node->num_edges, toy_legal(s->game, &states[i], legal));
    }
    free(states);
}

// Checks that the subtree of `old` below `a` is that of `new` below `b`.
static void check_same(const struct tree *old, uint32_t a, const struct tree *new, uint32_t b) {
    const struct node *x = &old->nodes[a], *y = &new->nodes[b];
    EXPECT(x->value_sum == y->value_sum && x->win_sum == y->win_sum && x->loss_sum == y->loss_sum &&
           x->score_sum == y->score_sum);
    EXPECT(x->visits == y->visits && x->prior_value == y->prior_value && x->tried_mass == y->tried_mass);
    EXPECT(x->num_edges == y->num_edges && x->num_tried == y->num_tried && x->to_move == y->to_move && x->kind == y->kind);
    for (int i = 0; i < x->num_edges; i++) {
        const struct edge *e = &tree_edges(old, x)[i], *f = &tree_edges(new, y)[i];
        EXPECT(e->prior == f->prior && e->value == f->value && e->visits == f->visits && e->action == f->action);
        EXPECT((e->child == TREE_NONE) == (f->child == TREE_NONE));
        if (e->child != TREE_NONE && f->child != TREE_NONE) check_same(old, e->child, new, f->child);
    }
}

static struct tree copy_tree(const struct tree *tree) {
    struct tree copy = *tree;
    copy.nodes = malloc(tree->num_nodes * sizeof *copy.nodes);
    copy.edges = malloc((tree->num_edges + 1) * sizeof *copy.edges);
    copy.moved = NULL;
    memcpy(copy.nodes, tree->nodes, tree->num_nodes * sizeof *copy.nodes);
    memcpy(copy.edges, tree->edges, tree->num_edges * sizeof *copy.edges);
    return copy;
}

static int advances, fresh;

// Plays a game: searches, checks, advances by any legal move, checks, and so on to the end.
static void play_game(int seed, const struct search_params *params, struct rng *rng) {
    struct game game;
    struct toy_state state;
    struct evaluator judge = toy_evaluator();
    toy_open(&game, 2 + (int)rng_below(rng, 12), 3 + (int)rng_below(rng, 8), seed);
    toy_start(&game, &state);
    struct search *s = toy_search(params);
    search_start(s, &game, &state, rng);
    for (;;) {
        const bool total = rng_below(rng, 2);
        const int simulations = 1 + (int)rng_below(rng, 300);
        const long long before = s->tree.nodes[0].visits;
        search_run(s, &judge, simulations, total, 1 + (int)rng_below(rng, 8));
        const long long expected = total ? (before > simulations ? before : simulations) : before + simulations;
        EXPECT_INT(s->tree.nodes[0].visits, expected);
        check_tree(s);
        check_states(s, &state);
        struct search_move moves[64];
        const int n = search_moves(s, moves);
        for (int i = 1; i < n; i++) EXPECT(moves[i - 1].action < moves[i].action);
        struct search_summary sum;
        float policy[64];
        search_summary(s, &sum);
        // The means weighted by the policy follow from search_moves and search_policy.
        if (simulations > 1 && sum.simulations > 1) {
            double weight = 0, value = 0, score = 0;
            search_policy(s, policy);
            for (int i = 0; i < n; i++) {
                if (!moves[i].visits) continue;
                weight += policy[moves[i].action];
                value += policy[moves[i].action] * moves[i].value;
                score += policy[moves[i].action] * moves[i].score;
            }
            EXPECT_NEAR(sum.policy_value, value / weight, 1e-4);
            EXPECT_NEAR(sum.policy_score, score / weight, 1e-3);
            EXPECT_NEAR(sum.policy_wdl[0] + sum.policy_wdl[1] + sum.policy_wdl[2], 1, 1e-5);
            if (params->score_weight <= 0) EXPECT_NEAR(sum.policy_wdl[0] - sum.policy_wdl[2], sum.policy_value, 1e-4);
        }
        const int action = rng_below(rng, 2) ? search_choose(s, 0, rng) : moves[rng_below(rng, (uint32_t)n)].action;
        struct tree old = copy_tree(&s->tree);
        uint32_t child = TREE_NONE;
        for (int i = 0; i < n; i++)
            if (tree_edges(&old, &old.nodes[0])[i].action == action) child = tree_edges(&old, &old.nodes[0])[i].child;
        toy_play(&game, &state, action);
        const bool going = search_advance(s, action);
        EXPECT(going == (toy_outcome(&game, &state) == OUTCOME_NONE));
        if (going && child != TREE_NONE) {
            check_same(&old, child, &s->tree, 0);
            check_tree(s);
            advances++;
        }
        if (going && child == TREE_NONE) {
            EXPECT_INT(s->tree.num_nodes, 1);
            fresh++;
        }
        free(old.nodes);
        free(old.edges);
        if (!going) break;
        check_states(s, &state);
    }
    search_free(s);
}

int main(void) {
    struct rng rng;
    rng_init(&rng, 11, 0);
    for (int i = 0; i < 400; i++) {
        struct search_params p = search_params_default;
        p.prove = false; // with proofs visits would end at proven nodes
        p.kind = i % 2 ? SEARCH_GUMBEL : SEARCH_PUCT;
        p.gumbel_noise = i % 4 > 1;
        p.root_noise_weight = i % 3 ? 0 : 0.25f;
        p.score_weight = i % 5 ? 0 : 0.3f;
        p.cache_entries = i % 7 ? 0 : 64;
        play_game(i, &p, &rng);
    }
    EXPECT_(advances > 500 && fresh > 50, "only %d advances with and %d without a subtree", advances, fresh);
    return TEST_END();
}
