// The slow twin of PUCT: one heap object for each node, recursion, every edge scored at every node,
// and no means that are kept. It does the same arithmetic in the same precision, so that visits
// must agree exactly.
#include "mcts/maths.h"
#include "tests/mcts/toy.h"

struct twin {
    int to_move, n, visits;
    uint16_t *actions;
    float *priors;
    struct twin **children;
    double value; // the sum of the values for the mover
    double mass;  // the sum of the tried priors, as floats
    bool over;
    float over_value; // the value of a finished game for the mover
};

static float utility(const struct game *g, const struct search_params *p, const float wdl[3], float score) {
    if (p->score_weight <= 0 || !g->has_score) return wdl[0] - wdl[2];
    return (1 - p->score_weight) * (wdl[0] - wdl[2]) + p->score_weight * maths_tanh(score / p->score_scale);
}

// Makes the node of `state` and writes its utility for its mover to *out. A settled root is
// searched like any other.
static struct twin *twin_new(const struct game *g, const void *state, struct evaluator *judge, const struct search_params *p,
                             bool root, float *out) {
    struct twin *t = calloc(1, sizeof *t);
    t->to_move = game_to_move(g, state);
    t->actions = calloc((size_t)g->num_actions, sizeof *t->actions);
    t->priors = calloc((size_t)g->num_actions, sizeof *t->priors);
    t->children = calloc((size_t)g->num_actions, sizeof(struct twin *));
    t->n = game_legal(g, state, t->actions);
    enum outcome outcome = game_outcome(g, state);
    if (outcome == OUTCOME_NONE && p->stop_settled && !root) outcome = game_certain(g, state);
    if (outcome != OUTCOME_NONE) {
        const int result = outcome_for(outcome, t->to_move);
        const float wdl[3] = {result > 0, result == 0, result < 0};
        const float score = g->has_score ? (float)game_score(g, state) * (t->to_move ? -1.0f : 1.0f) : 0;
        t->over = true;
        *out = t->over_value = utility(g, p, wdl, score);
        return t;
    }
    float *logits = calloc((size_t)g->num_actions, sizeof *logits);
    struct judgement j = {.logits = logits};
    evaluator_judge(judge, 1, &(struct position){.game = g, .state = state}, &j);
    float top = logits[t->actions[0]], sum = 0;
    for (int i = 0; i < t->n; i++) top = logits[t->actions[i]] > top ? logits[t->actions[i]] : top;
    for (int i = 0; i < t->n; i++) sum += t->priors[i] = maths_exp(logits[t->actions[i]] - top);
    for (int i = 0; i < t->n; i++) t->priors[i] *= 1 / sum;
    free(logits);
    *out = utility(g, p, j.wdl, j.score);
    return t;
}

static void twin_free(struct twin *t) {
    if (!t) return;
    for (int i = 0; i < t->n; i++) twin_free(t->children[i]);
    free(t->actions);
    free(t->priors);
    free(t->children);
    free(t);
}

// Makes one simulation, whose moves change `state`, and returns the utility for the first player.
static double twin_visit(struct twin *t, const struct game *g, void *state, struct evaluator *judge,
                         const struct search_params *p) {
    double first;
    if (t->over) {
        first = t->to_move ? -t->over_value : t->over_value;
    } else {
        const double n = t->visits;
        const float c = (float)((p->c_puct + maths_log((n + p->c_puct_base + 1) / p->c_puct_base)) * sqrt(n));
        const float unseen = (float)(t->value / n) - p->fpu_reduction * sqrtf((float)t->mass);
        int best = 0;
        float best_score = -INFINITY;
        for (int i = 0; i < t->n; i++) {
            const struct twin *child = t->children[i];
            const float mean =
                child ? (float)(child->value / child->visits) * (child->to_move == t->to_move ? 1.0f : -1.0f) : unseen;
            const float score = mean + c * t->priors[i] / (float)(1 + (child ? child->visits : 0));
            if (score > best_score) best = i, best_score = score;
        }
        game_play(g, state, t->actions[best]);
        if (t->children[best]) {
            first = twin_visit(t->children[best], g, state, judge, p);
        } else {
            float value;
            struct twin *child = t->children[best] = twin_new(g, state, judge, p, false, &value);
            t->mass = (float)t->mass + t->priors[best];
            first = child->to_move ? -value : value;
            child->visits = 1;
            child->value = value;
        }
    }
    t->visits++;
    t->value += t->to_move ? -first : first;
    return first;
}

// Compares the whole fast tree with the twin's.
static void compare(const struct tree *tree, uint32_t index, const struct twin *t) {
    const struct node *node = &tree->nodes[index];
    EXPECT_INT(node->visits, t->visits);
    EXPECT_NEAR(node->value_sum, t->value, 1e-9 * t->visits);
    const struct edge *edges = tree_edges(tree, node);
    for (int i = 0; i < t->n && !t->over; i++) {
        int k = 0;
        while (k < node->num_edges && edges[k].action != t->actions[i]) k++;
        EXPECT(k < node->num_edges);
        EXPECT_INT(edges[k].visits, t->children[i] ? t->children[i]->visits : 0);
        if (t->children[i] && edges[k].child != TREE_NONE) compare(tree, edges[k].child, t->children[i]);
    }
}

static void twin_search(const struct game *g, const void *state, struct evaluator *judge, const struct search_params *p,
                        int simulations) {
    struct search *search = toy_search(p);
    struct rng rng;
    rng_init(&rng, 1, 1);
    search_start(search, g, state, &rng);
    search_run(search, judge, simulations, false, 1);
    float value;
    struct twin *root = twin_new(g, state, judge, p, true, &value);
    root->visits = 1;
    root->value = value;
    void *scratch = malloc(g->state_bytes);
    for (int i = 1; i < simulations; i++) {
        memcpy(scratch, state, g->state_bytes);
        twin_visit(root, g, scratch, judge, p);
    }
    compare(&search->tree, 0, root);
    free(scratch);
    twin_free(root);
    search_free(search);
}

static struct search_params some_params(struct rng *rng, int i) {
    struct search_params p = search_params_default;
    p.prove = false; // with proofs visits would end at proven nodes
    p.c_puct = 0.3f + (float)rng_double(rng) * 2;
    p.c_puct_base = i % 2 ? 50 : 19652; // with the small one the logarithm is large enough to count
    p.fpu_reduction = i % 3 ? (float)rng_double(rng) : 0;
    p.score_weight = i % 4 ? 0 : 0.4f;
    p.stop_settled = i % 5 != 0;
    p.random_symmetry = false;
    return p;
}

static void play_games(const char *name, int size, int searches, int simulations, int seed) {
    struct game game;
    if (game_open(&game, name, &(struct game_options){.height = size, .width = size, .komi = GAME_KOMI_DEFAULT})) exit(1);
    struct evaluator *judge;
    if (evaluator_hash(&judge, 5)) exit(1);
    struct rng rng;
    rng_init(&rng, (uint64_t)seed, 0);
    void *state = malloc(game.state_bytes);
    uint16_t *legal = malloc((size_t)game.num_actions * sizeof *legal);
    game_start(&game, state);
    for (int i = 0; i < searches; i++) {
        const struct search_params p = some_params(&rng, i);
        twin_search(&game, state, judge, &p, 1 + (int)rng_below(&rng, (uint32_t)simulations));
        for (uint32_t k = 1 + rng_below(&rng, 8); k > 0; k--) {
            const int n = game_legal(&game, state, legal);
            if (n) game_play(&game, state, legal[rng_below(&rng, (uint32_t)n)]);
            if (game_outcome(&game, state) != OUTCOME_NONE) game_start(&game, state);
        }
    }
    free(legal);
    free(state);
    evaluator_free(judge);
}

int main(void) {
    struct evaluator judge = toy_evaluator();
    struct rng rng;
    rng_init(&rng, 3, 0);
    for (int i = 0; i < 300; i++) {
        struct game game;
        struct toy_state state;
        toy_open(&game, 2 + (int)rng_below(&rng, 40), 2 + (int)rng_below(&rng, 9), i);
        toy_start(&game, &state);
        const struct search_params p = some_params(&rng, i);
        twin_search(&game, &state, &judge, &p, 1 + (int)rng_below(&rng, 700));
    }
    play_games("tictactoe", 0, 100, 600, 1);
    play_games("go", 5, 100, 400, 2);
    play_games("go", 9, 60, 400, 3);
    return TEST_END();
}
