// The tree has sums over all visits below a node. What one node's own judgement said is its sums
// less those of its children: so nothing more than the sums has to be kept for it.
#include "mcts/detail.h"

#include "mcts/search_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct node *root_of(const struct search *s) {
    CHECK(s->game != NULL && !s->num_waiting);
    return &s->tree.nodes[0];
}

static float deviation_of(const struct node *node) {
    const double mean = node->score_sum / node->visits;
    return (float)sqrt(fmax(0, node->score_square_sum / node->visits - mean * mean));
}

static void certain_wdl(enum proof proof, float wdl[3]) {
    wdl[0] = proof == PROOF_WIN, wdl[1] = proof == PROOF_DRAW, wdl[2] = proof == PROOF_LOSS;
}

// Sums of a node as its own mover sees them, or as the other side does.
static void mean_wdl(double win_sum, double loss_sum, double visits, bool same, float wdl[3]) {
    wdl[0] = (float)((same ? win_sum : loss_sum) / visits);
    wdl[2] = (float)((same ? loss_sum : win_sum) / visits);
    wdl[1] = fmaxf(0, 1 - wdl[0] - wdl[2]);
}

// The visits of a node that went on to none of its children.
static double own_visits(const struct tree *tree, const struct node *node) {
    const struct edge *edges = tree_edges(tree, node);
    double n = node->visits;
    for (int i = 0; i < node->num_tried; i++) n -= edges[i].visits;
    return n;
}

static void read_raw(const struct search *s, const struct node *root, struct detail_root *out) {
    const struct edge *edges = tree_edges(&s->tree, root);
    double win = root->win_sum, loss = root->loss_sum, score = root->score_sum;
    for (int i = 0; i < root->num_tried; i++) {
        const struct node *child = &s->tree.nodes[edges[i].child];
        const bool same = child->to_move == root->to_move;
        win -= same ? child->win_sum : child->loss_sum;
        loss -= same ? child->loss_sum : child->win_sum;
        score -= same ? child->score_sum : -child->score_sum;
    }
    const double n = own_visits(&s->tree, root);
    mean_wdl(fmax(0, win), fmax(0, loss), n, true, out->raw_wdl);
    out->raw_utility = root->prior_value;
    out->raw_score = (float)(score / n);
}

void detail_root(const struct search *s, struct detail_root *out) {
    const struct node *root = root_of(s);
    *out = (struct detail_root){.to_move = root->to_move, .visits = root->visits, .proven = root->proof != PROOF_NONE};
    if (!root->visits) {
        for (int i = 0; i < 3; i++) out->wdl[i] = out->raw_wdl[i] = NAN;
        out->utility = out->score = out->score_deviation = out->raw_utility = out->raw_score = NAN;
        return;
    }
    mean_wdl(root->win_sum, root->loss_sum, root->visits, true, out->wdl);
    out->utility = (float)node_value(root);
    out->score = (float)(root->score_sum / root->visits);
    out->score_deviation = deviation_of(root);
    read_raw(s, root, out);
    if (!out->proven) return;
    certain_wdl((enum proof)root->proof, out->wdl);
    out->utility = out->wdl[0] - out->wdl[2];
}

static struct detail_move move_of(const struct search *s, const struct edge *edge) {
    const struct node *root = root_of(s);
    struct detail_move m = {.action = edge->action,
                            .visits = (int)edge->visits,
                            .prior = edge->prior,
                            .wdl = {NAN, NAN, NAN},
                            .utility = NAN,
                            .score = NAN,
                            .score_deviation = NAN,
                            .lower_bound = NAN};
    if (!edge->visits) return m;
    const struct node *child = &s->tree.nodes[edge->child];
    const bool same = child->to_move == root->to_move;
    mean_wdl(child->win_sum, child->loss_sum, child->visits, same, m.wdl);
    m.utility = edge->value;
    m.score = (float)((same ? child->score_sum : -child->score_sum) / child->visits);
    m.score_deviation = deviation_of(child);
    m.lower_bound = (float)search_lower_bound(s, edge);
    m.proven = edge->proof != PROOF_NONE;
    if (!m.proven) return m;
    certain_wdl((enum proof)edge->proof, m.wdl);
    m.utility = m.lower_bound = edge_value(edge);
    return m;
}

static int rank_of(const struct detail_move *m) { return m->proven ? (m->wdl[0] == 1) - (m->wdl[2] == 1) : 0; }

static int compare_moves(const void *a, const void *b) {
    const struct detail_move *x = a, *y = b;
    if (!x->visits != !y->visits) return x->visits ? -1 : 1;
    const int by_rank = rank_of(y) - rank_of(x);
    if (by_rank) return by_rank;
    if (x->visits != y->visits) return x->visits < y->visits ? 1 : -1;
    if (x->visits && x->utility != y->utility) return x->utility < y->utility ? 1 : -1;
    if (x->prior != y->prior) return x->prior < y->prior ? 1 : -1;
    return x->action - y->action;
}

int detail_moves(const struct search *s, struct detail_move *out) {
    const struct node *root = root_of(s);
    if (root->kind != NODE_OPEN) return 0;
    const struct edge *edges = tree_edges(&s->tree, root);
    const int n = root->num_edges, best = search_best_edge(s);
    for (int i = 0; i < n; i++) out[i] = move_of(s, &edges[i]);
    const struct detail_move first = out[best];
    out[best] = out[0];
    out[0] = first;
    qsort(out + 1, (size_t)(n - 1), sizeof *out, compare_moves);
    return n;
}

// The child of the root that an action leads to; TREE_NONE: it was not searched.
static uint32_t child_of(const struct search *s, int action, int *visits) {
    const struct node *root = root_of(s);
    const struct edge *edges = tree_edges(&s->tree, root);
    for (int i = 0; i < root->num_edges; i++)
        if (edges[i].action == action) {
            *visits = (int)edges[i].visits;
            return edges[i].child;
        }
    *visits = 0;
    return TREE_NONE;
}

int detail_line(const struct search *s, int action, uint16_t *actions, int *visits, int max_actions) {
    if (max_actions < 1) return 0;
    int length = 1;
    actions[0] = (uint16_t)action;
    for (uint32_t index = child_of(s, action, &visits[0]); length < max_actions && index != TREE_NONE;) {
        const struct node *node = &s->tree.nodes[index];
        if (node->kind != NODE_OPEN) break;
        const struct edge *edge = &tree_edges(&s->tree, node)[search_most_visited(&s->tree, node)];
        if (!edge->visits) break;
        visits[length] = (int)edge->visits;
        actions[length++] = edge->action;
        index = edge->child;
    }
    return length;
}

// The node after `index` in the subtree of `top`, parents first; TREE_NONE: there are no more.
static uint32_t next_below(const struct tree *tree, uint32_t top, uint32_t index) {
    const struct node *node = &tree->nodes[index];
    if (node->num_tried) return tree_edges(tree, node)[0].child;
    while (index != top) {
        const struct node *above = &tree->nodes[node->parent];
        const int next = node->parent_edge + 1;
        if (next < above->num_tried) return tree_edges(tree, above)[next].child;
        index = node->parent;
        node = above;
    }
    return TREE_NONE;
}

bool detail_ownership(const struct search *s, int action, float *mean, float *deviation) {
    enum { MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE };
    const int points = s->owners.num_points;
    double sum[MAX_POINTS] = {0}, square[MAX_POINTS] = {0}, weight = 0;
    int visits;
    root_of(s); // checks that there is a root
    const uint32_t top = action == GAME_NO_ACTION ? 0 : child_of(s, action, &visits);
    for (uint32_t i = top; i != TREE_NONE; i = next_below(&s->tree, top, i)) {
        const int8_t *owner = owners_of(&s->owners, i);
        const double own = owner ? own_visits(&s->tree, &s->tree.nodes[i]) : 0;
        if (!(own > 0)) continue;
        weight += own;
        for (int p = 0; p < points; p++) sum[p] += own * owner[p];
        for (int p = 0; deviation && p < points; p++) square[p] += own * owner[p] * owner[p];
    }
    if (!(weight > 0)) return false;
    for (int p = 0; p < points; p++) {
        const double m = sum[p] / weight;
        mean[p] = (float)(m / OWNERS_SCALE);
        if (deviation) deviation[p] = (float)(sqrt(fmax(0, square[p] / weight - m * m)) / OWNERS_SCALE);
    }
    return true;
}
