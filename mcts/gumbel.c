// Policy improvement by planning with Gumbel [Danihelka, Guez, Schrittwieser & Silver 2022].
//
//   root    The candidates are the m largest g(a) + logit(a). Sequential halving compares them by
//           g + logit + sigma(q) [sections 3 and 3.4, algorithm 2].
//   below   The edge is the argmax of pi'(a) - N(a) / (1 + sum N), by which visits follow the
//           improved policy without randomness [section 5, equation 14].
//   pi'     is softmax(logit + sigma(completed Q)), where the Q of a move without visits is v_mix
//           [equations 8, 11 and 33].
//   sigma   is (c_visit + max N) * c_scale * (q + 1) / 2. Utilities are in [-1, 1] in every game
//           here. They are mapped to [0, 1] by (q + 1) / 2, and not by the smallest and the largest
//           seen, because that would magnify noise where all moves are equal.
//
// Logits enter as the logarithm of the prior, which differs from them by a constant that cancels in
// every formula here. All moves without visits share one value, so that normalising pi' needs the
// visited edges and one number for the rest, and the cost of a selection grows only with the tried
// edges. Pending descents count as visits and leave values alone, as in puct.c. After tree reuse
// sequential halving counts the visits of this search, while values and sigma use all visits.
//
// With params.prove a move whose value is certain has that value as its Q. The root doesn't visit
// it again: its visits go to the other candidates, or, when all candidates are certain, to moves
// that were not considered. A move that loses for certain is no candidate.
#include "mcts/gumbel.h"

#include "mcts/maths.h"

#include <math.h>

// What the formulas need to know of a node. It is computed in one pass over its tried edges.
struct summary {
    float mixed;     // v_mix
    float slope;     // sigma(q) is slope * q and a constant that cancels
    uint32_t visits; // the sum of N, pending descents included
};

static struct summary summary_of(const struct tree *tree, const struct node *node, const struct search_params *params) {
    const struct edge *edges = tree_edges(tree, node);
    uint32_t sum = 0, pending = 0, most = 0;
    double mass = 0, weighted = 0;
    for (int i = 0; i < node->num_tried; i++) {
        const uint32_t visits = edges[i].visits;
        sum += visits;
        pending += edges[i].pending;
        if (visits > most) most = visits;
        if (visits) {
            mass += edges[i].prior;
            weighted += (double)edges[i].prior * edge_value(&edges[i]);
        }
    }
    const double mean = mass > 0 ? weighted / mass : 0;
    return (struct summary){.mixed = (float)((node->prior_value + sum * mean) / (1.0 + sum)),
                            .slope = (params->gumbel_c_visit + (float)most) * params->gumbel_c_scale * 0.5f,
                            .visits = sum + pending};
}

double gumbel_mixed_value(const struct tree *tree, const struct node *node) {
    const struct search_params params = search_params_default;
    return summary_of(tree, node, &params).mixed;
}

static float completed(const struct edge *edge, const struct summary *s) { return edge->visits ? edge_value(edge) : s->mixed; }

// The largest completed Q. Weights are computed as prior * e^(sigma(q) - sigma(top)), which can't
// overflow.
static float top_value(const struct edge *edges, const struct node *node, const struct summary *s) {
    float top = node->num_tried < node->num_edges ? s->mixed : -INFINITY;
    for (int i = 0; i < node->num_tried; i++) {
        const float q = completed(&edges[i], s);
        if (q > top) top = q;
    }
    return top;
}

int gumbel_select(const struct tree *tree, const struct node *node, const struct search_params *params) {
    const struct edge *edges = tree_edges(tree, node);
    const int tried = node->num_tried;
    if (!tried) return 0;
    const struct summary s = summary_of(tree, node, params);
    const float top = top_value(edges, node, &s);
    float total = 0, weight_of_first = 0, untried_weight = 0;
    if (tried < node->num_edges) {
        untried_weight = maths_exp(s.slope * (s.mixed - top));
        const float rest = 1 - node->tried_mass;
        total = untried_weight * (rest > edges[tried].prior ? rest : edges[tried].prior);
    }
    // One pass computes the normaliser, a second one chooses. Mostly few edges are tried, so that
    // keeping some weights saves computing their exponentials twice.
    enum { KEPT = 32 };
    float kept[KEPT];
    for (int i = 0; i < tried; i++) {
        const float weight = edges[i].prior * maths_exp(s.slope * (completed(&edges[i], &s) - top));
        if (i < KEPT) kept[i] = weight;
        total += weight;
    }
    const float share = 1 / total, per_visit = 1 / (1 + (float)s.visits);
    int best = 0;
    float best_score = -INFINITY;
    for (int i = 0; i < tried; i++) {
        weight_of_first = i < KEPT ? kept[i] : edges[i].prior * maths_exp(s.slope * (completed(&edges[i], &s) - top));
        const float score = weight_of_first * share - (float)(edges[i].visits + edges[i].pending) * per_visit;
        if (score > best_score && edges[i].proof != PROOF_LOSS) best = i, best_score = score;
    }
    if (tried < node->num_edges && edges[tried].prior * untried_weight * share > best_score) best = tried;
    return best;
}

void gumbel_policy(const struct tree *tree, const struct node *node, const struct search_params *params, float *out) {
    const struct edge *edges = tree_edges(tree, node);
    const struct summary s = summary_of(tree, node, params);
    const float top = top_value(edges, node, &s);
    double total = 0;
    for (int i = 0; i < node->num_edges; i++) {
        out[i] = edges[i].prior * maths_exp(s.slope * (completed(&edges[i], &s) - top));
        total += out[i];
    }
    for (int i = 0; i < node->num_edges; i++) out[i] = (float)(out[i] / total);
}

static float root_score(const struct root_move *move, const struct edge *edge, const struct summary *s) {
    return move->gumbel + move->logit + s->slope * completed(edge, s);
}

// Keeps alive the best `count` of the moves that are alive and don't lose for certain.
static void keep_best(const struct tree *tree, struct root *root, const struct search_params *params, int count) {
    const struct node *node = &tree->nodes[0];
    const struct edge *edges = tree_edges(tree, node);
    const struct summary s = summary_of(tree, node, params);
    float scores[GUMBEL_MAX_CANDIDATES];
    int kept[GUMBEL_MAX_CANDIDATES], num_kept = 0;
    for (int i = 0; i < node->num_edges; i++) {
        struct root_move *move = &root->moves[edges[i].action];
        if (!move->alive) continue;
        move->alive = false;
        if (edges[i].proof == PROOF_LOSS) continue;
        const float score = root_score(move, &edges[i], &s);
        int at = num_kept; // insertion; of equal scores the lower action is first
        while (at > 0 && (score > scores[at - 1] || (score == scores[at - 1] && edges[i].action < edges[kept[at - 1]].action)))
            at--;
        if (at == count) continue;
        if (num_kept < count) num_kept++;
        for (int k = num_kept - 1; k > at; k--) scores[k] = scores[k - 1], kept[k] = kept[k - 1];
        scores[at] = score;
        kept[at] = i;
    }
    for (int k = 0; k < num_kept; k++) root->moves[edges[kept[k]].action].alive = true;
    root->num_alive = num_kept;
}

int gumbel_phase_visits(int n, int m, int alive) {
    int rounds = 0; // becomes ceil(log2 m)
    while (1 << rounds < m) rounds++;
    const int visits = rounds ? n / (rounds * alive) : n;
    return visits > 1 ? visits : 1;
}

void gumbel_prepare_root(const struct tree *tree, struct root *root, const struct search_params *params, int simulations,
                         struct rng *rng) {
    const struct node *node = &tree->nodes[0];
    const struct edge *edges = tree_edges(tree, node);
    // Moves are indexed by action and variables are drawn in the order of actions, so that the
    // draws don't depend on the order of the edges, which changes.
    for (int i = 0; i < node->num_edges; i++)
        root->moves[edges[i].action] =
            (struct root_move){.logit = (float)maths_log(edges[i].prior), .base = edges[i].visits, .alive = true};
    root->budget = simulations > 0 ? simulations : 0;
    root->num_alive = node->num_edges;
    root->level = 0;
    if (params->gumbel_noise > 0 && rng) {
        for (int i = 0, action = 0; i < node->num_edges; action++) {
            if (!root->moves[action].alive) continue;
            root->moves[action].gumbel = params->gumbel_noise * (float)rng_gumbel(rng);
            i++;
        }
    }
    int m = params->gumbel_candidates;
    if (m > root->budget) m = root->budget;
    if (m > node->num_edges) m = node->num_edges;
    root->considered = m > 1 ? m : 1;
    keep_best(tree, root, params, root->considered);
    if (!root->num_alive) return; // every move loses for certain, and there is nothing to search
    root->level = gumbel_phase_visits(root->budget, root->considered, root->num_alive);
}

// Whether the values of all candidates are certain.
static bool knows_all(const struct tree *tree, const struct root *root) {
    const struct node *node = &tree->nodes[0];
    const struct edge *edges = tree_edges(tree, node);
    for (int i = 0; i < node->num_edges; i++)
        if (root->moves[edges[i].action].alive && !edges[i].proof) return false;
    return true;
}

// Makes candidates of the moves whose value is not certain, because all present ones are certain.
static void consider_rest(const struct tree *tree, struct root *root, const struct search_params *params) {
    const struct node *node = &tree->nodes[0];
    const struct edge *edges = tree_edges(tree, node);
    for (int i = 0; i < node->num_edges; i++) root->moves[edges[i].action].alive = !edges[i].proof;
    keep_best(tree, root, params, root->considered);
    CHECK(root->num_alive > 0); // else the root is proven and is not searched
}

int gumbel_select_root(const struct tree *tree, struct root *root, const struct search_params *params) {
    const struct node *node = &tree->nodes[0];
    const struct edge *edges = tree_edges(tree, node);
    for (;;) {
        const struct summary s = summary_of(tree, node, params);
        int best = -1;
        uint32_t fewest = (uint32_t)root->level;
        float best_score = -INFINITY;
        for (int i = 0; i < node->num_edges; i++) {
            const struct root_move *move = &root->moves[edges[i].action];
            if (!move->alive || edges[i].proof) continue;
            const uint32_t visits = edges[i].visits + edges[i].pending - move->base;
            if (visits > fewest || visits >= (uint32_t)root->level) continue;
            const float score = root_score(move, &edges[i], &s);
            if (visits < fewest || score > best_score) best = i, best_score = score, fewest = visits;
        }
        if (best >= 0) return best;
        // A phase ends when all its visits have their results.
        if (node->pending) return SELECT_WAIT;
        keep_best(tree, root, params, root->num_alive / 2 > 2 ? root->num_alive / 2 : 2);
        if (knows_all(tree, root)) consider_rest(tree, root, params);
        root->level += gumbel_phase_visits(root->budget, root->considered, root->num_alive);
    }
}

int gumbel_winner(const struct tree *tree, const struct root *root, const struct search_params *params) {
    const struct node *node = &tree->nodes[0];
    const struct edge *edges = tree_edges(tree, node);
    const struct summary s = summary_of(tree, node, params);
    uint32_t most = 0;
    int rank = -1;
    for (int i = 0; i < node->num_edges; i++) {
        const uint32_t visits = edges[i].visits - root->moves[edges[i].action].base;
        const int r = edge_rank(&edges[i]);
        if (r > rank || (r == rank && visits > most)) rank = r, most = visits;
    }
    int best = 0;
    float best_score = -INFINITY;
    for (int i = 0; i < node->num_edges; i++) {
        const struct root_move *move = &root->moves[edges[i].action];
        if (edge_rank(&edges[i]) != rank || (!edges[i].proof && edges[i].visits - move->base < most)) continue;
        const float score = root_score(move, &edges[i], &s);
        if (score > best_score) best = i, best_score = score;
    }
    return best;
}
