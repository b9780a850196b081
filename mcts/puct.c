// PUCT takes the edge with the largest value + c(N) * prior * sqrt(N) / (1 + n) [Silver et al.
// 2017, methods; the growing c is that of AlphaZero, Silver et al. 2018].
//
// Pending descents count as visits in the exploration term but leave the value alone, so that the
// leaves of one batch differ although no value is made worse ("watch the unobserved", Liu et al.
// 2020). An untried move is taken to be worth the parent's value less fpu_reduction * sqrt(prior
// mass already tried), which is first-play urgency by reduction as Leela Zero and KataGo have it. A
// move that is proven lost is not visited again.
#include "mcts/puct.h"

#include "mcts/maths.h"

#include <math.h>

struct puct_terms {
    float explore; // c(N) * sqrt(N)
    float first;   // value of a move without visits
};

static struct puct_terms terms_of(const struct node *node, const struct search_params *params) {
    const double n = (double)node->visits + node->pending;
    const double c = params->c_puct + maths_log((n + params->c_puct_base + 1) / params->c_puct_base);
    return (struct puct_terms){.explore = (float)(c * sqrt(n)),
                               .first = (float)node_value(node) - params->fpu_reduction * sqrtf(node->tried_mass)};
}

static float score_of(const struct edge *edge, float prior, struct puct_terms t) {
    return (edge->visits ? edge->value : t.first) + t.explore * prior / (float)(1 + edge->visits + edge->pending);
}

int puct_select(const struct tree *tree, const struct node *node, const struct search_params *params) {
    const struct puct_terms t = terms_of(node, params);
    const struct edge *edges = tree_edges(tree, node);
    const int n = node->num_tried + (node->num_tried < node->num_edges);
    int best = 0;
    float best_score = -INFINITY;
    for (int i = 0; i < n; i++) {
        const float score = edges[i].proof == PROOF_LOSS ? -INFINITY : score_of(&edges[i], edges[i].prior, t);
        if (score > best_score) best = i, best_score = score;
    }
    return best;
}

int puct_select_root(const struct tree *tree, const struct root *root, const struct search_params *params) {
    const struct node *node = &tree->nodes[0];
    if (!root->noisy) return puct_select(tree, node, params);
    const struct puct_terms t = terms_of(node, params);
    const struct edge *edges = tree_edges(tree, node);
    int best = 0;
    float best_score = -INFINITY;
    for (int i = 0; i < node->num_edges; i++) {
        const float prior = root->moves[edges[i].action].prior;
        const float score = edges[i].proof == PROOF_LOSS ? -INFINITY : score_of(&edges[i], prior, t);
        if (score > best_score) best = i, best_score = score;
    }
    return best;
}

// Writes the root's priors to the power 1 / (1 + 4 wideness) [KataGo's analysisWideRootNoise].
static void widen(const struct node *node, const struct edge *edges, struct root_move *moves, float wideness) {
    const float power = 1 / (1 + 4 * wideness);
    float sum = 0;
    for (int i = 0; i < node->num_edges; i++) {
        const float prior = edges[i].prior > 1e-30f ? edges[i].prior : 1e-30f; // a logarithm needs one above 0
        const float wide = wideness > 0 ? maths_exp(power * (float)maths_log(prior)) : edges[i].prior;
        moves[edges[i].action].prior = wide;
        sum += wide;
    }
    for (int i = 0; wideness > 0 && i < node->num_edges; i++) moves[edges[i].action].prior /= sum;
}

void puct_prepare_root(const struct tree *tree, struct root *root, const struct search_params *params, struct rng *rng) {
    const struct node *node = &tree->nodes[0];
    const struct edge *edges = tree_edges(tree, node);
    const float weight = params->root_noise_weight;
    root->noisy = weight > 0 || params->root_wideness > 0;
    if (!root->noisy) return;
    widen(node, edges, root->moves, params->root_wideness);
    if (weight <= 0) return;
    // Dirichlet noise is made of Gamma draws over their sum. The total concentration is divided
    // among the moves, so that the noise has the same effect on boards of every size.
    const double shape = (double)params->root_noise_alpha / node->num_edges;
    double sum = 0;
    for (int i = 0; i < node->num_edges; i++) {
        const double draw = rng_gamma(rng, shape);
        root->moves[edges[i].action].noise = (float)draw;
        sum += draw;
    }
    for (int i = 0; i < node->num_edges; i++) {
        struct root_move *move = &root->moves[edges[i].action];
        const float noise = sum > 0 ? (float)(move->noise / sum) : 1.0f / node->num_edges;
        move->prior = (1 - weight) * move->prior + weight * noise;
    }
}
