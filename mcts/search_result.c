// Reading a search: moves, policy, choice, summary, principal variation. Nothing here changes the
// tree. The array `priors`, which is unused between simulations, holds intermediate results.
#include "mcts/search_state.h"

#include "mcts/gumbel.h"

#include <math.h>
#include <string.h>

static const struct node *root_of(const struct search *s) {
    CHECK(s->game != NULL);
    return &s->tree.nodes[0];
}

// Sets the means over the visited moves that are weighted by search_policy; without visited moves
// these are the plain means.
static void weigh_by_policy(const struct search *s, const struct node *root, struct search_summary *out) {
    const struct edge *edges = tree_edges(&s->tree, root);
    if (s->params.kind == SEARCH_GUMBEL) gumbel_policy(&s->tree, root, &s->params, s->priors);
    double sum = 0, value = 0, win = 0, loss = 0, score = 0;
    bool all_lost = true; // every visited move loses for certain
    for (int i = 0; i < root->num_tried; i++) {
        const struct node *child = &s->tree.nodes[edges[i].child];
        if (!child->visits) continue;
        const bool same = child->to_move == root->to_move;
        const double weight = s->params.kind == SEARCH_GUMBEL ? s->priors[i] : child->visits, mean = weight / child->visits;
        all_lost &= edges[i].proof == PROOF_LOSS;
        sum += weight;
        value += weight * edge_value(&edges[i]);
        if (edges[i].proof) {
            win += weight * (edges[i].proof == PROOF_WIN);
            loss += weight * (edges[i].proof == PROOF_LOSS);
        } else {
            win += mean * (same ? child->win_sum : child->loss_sum);
            loss += mean * (same ? child->loss_sum : child->win_sum);
        }
        score += mean * (same ? child->score_sum : -child->score_sum);
    }
    // Then a move that was not visited decides, of which the plain means know more.
    if (all_lost && !root->proof) sum = 0;
    out->policy_value = sum > 0 ? (float)(value / sum) : out->value;
    out->policy_wdl[0] = sum > 0 ? (float)(win / sum) : out->wdl[0];
    out->policy_wdl[2] = sum > 0 ? (float)(loss / sum) : out->wdl[2];
    out->policy_wdl[1] = fmaxf(0, 1 - out->policy_wdl[0] - out->policy_wdl[2]);
    out->policy_score = sum > 0 ? (float)(score / sum) : out->score;
}

static void be_certain(const struct node *root, struct search_summary *out) {
    for (int i = 0; i < 3; i++) out->wdl[i] = out->policy_wdl[i] = root->proof == PROOF_WIN - i;
    out->value = out->policy_value = out->wdl[0] - out->wdl[2];
}

void search_summary(const struct search *s, struct search_summary *out) {
    const struct node *root = root_of(s);
    *out =
        (struct search_summary){.simulations = root->visits, .num_nodes = (int)s->tree.num_nodes, .cache_hits = s->cache_hits};
    if (!root->visits) return;
    const double n = root->visits;
    out->value = (float)(root->value_sum / n);
    out->wdl[0] = (float)(root->win_sum / n);
    out->wdl[2] = (float)(root->loss_sum / n);
    out->wdl[1] = fmaxf(0, 1 - out->wdl[0] - out->wdl[2]);
    out->score = (float)(root->score_sum / n);
    out->prior_value = root->prior_value;
    out->max_depth = tree_max_depth(&s->tree);
    weigh_by_policy(s, root, out);
    out->proven = root->proof != PROOF_NONE;
    if (out->proven) be_certain(root, out);
}

long long search_visits(const struct search *s) { return root_of(s)->visits; }

int search_moves(const struct search *s, struct search_move *out) {
    const struct node *root = root_of(s);
    const struct edge *edges = tree_edges(&s->tree, root);
    for (int i = 0; i < root->num_edges; i++) {
        const struct edge *e = &edges[i];
        struct search_move move = {
            .action = e->action, .visits = (int)e->visits, .prior = e->prior, .value = NAN, .score = NAN};
        if (e->visits) {
            const struct node *child = &s->tree.nodes[e->child];
            const double mean = child->score_sum / child->visits;
            move.value = e->value;
            move.score = (float)(child->to_move == root->to_move ? mean : -mean);
        }
        int at = i; // insertion, because the untried edges are nearly in order
        for (; at > 0 && out[at - 1].action > move.action; at--) out[at] = out[at - 1];
        out[at] = move;
    }
    return root->num_edges;
}

// Prefers a certain win to everything and everything to a certain loss; then more visits, then the
// larger value, then the larger prior, then the lower action.
int search_most_visited(const struct tree *tree, const struct node *node) {
    const struct edge *edges = tree_edges(tree, node);
    int best = 0;
    for (int i = 1; i < node->num_edges; i++) {
        const struct edge *a = &edges[i], *b = &edges[best];
        const int rank = edge_rank(a) - edge_rank(b);
        if (rank                     ? rank > 0
            : a->visits != b->visits ? a->visits > b->visits
            : a->value != b->value   ? a->value > b->value
            : a->prior != b->prior   ? a->prior > b->prior
                                     : a->action < b->action)
            best = i;
    }
    return best;
}

// The value less lcb_deviations standard errors [Leela Zero; KataGo]. By this a move with a few
// visits less that is surely better is preferred to the most visited one.
double search_lower_bound(const struct search *s, const struct edge *edge) {
    const struct node *root = root_of(s);
    const struct node *child = &s->tree.nodes[edge->child];
    const double n = child->visits, mean = child->value_sum / n;
    const double variance = fmax(0, child->square_sum / n - mean * mean);
    // One visit that is won and one that is lost are added, so that equal values of few visits
    // don't make the error 0.
    const double error = sqrt((variance * n + 2 * (1 + mean * mean)) / ((n + 2) * (n + 1)));
    return (child->to_move == root->to_move ? mean : -mean) - s->params.lcb_deviations * error;
}

// The move with the largest lower bound among those with enough visits. Certain wins and losses
// count as in search_most_visited.
static int largest_lower_bound(const struct search *s) {
    const struct node *root = root_of(s);
    const struct edge *edges = tree_edges(&s->tree, root);
    int best = search_most_visited(&s->tree, root);
    if (!edges[best].visits) return best;
    const double enough = s->params.lcb_share * edges[best].visits;
    double best_bound = search_lower_bound(s, &edges[best]);
    const int rank = edge_rank(&edges[best]);
    for (int i = 0; i < root->num_tried; i++) {
        if (!edges[i].visits || edges[i].visits < enough || edge_rank(&edges[i]) != rank) continue;
        const double bound = search_lower_bound(s, &edges[i]);
        if (bound > best_bound) best = i, best_bound = bound;
    }
    return best;
}

int search_best_edge(const struct search *s) {
    if (s->params.kind == SEARCH_GUMBEL) return gumbel_winner(&s->tree, &s->root, &s->params);
    return s->params.lcb_deviations > 0 ? largest_lower_bound(s) : search_most_visited(&s->tree, root_of(s));
}

void search_policy(const struct search *s, float *out) {
    const struct node *root = root_of(s);
    CHECK(root->kind == NODE_OPEN);
    const struct edge *edges = tree_edges(&s->tree, root);
    memset(out, 0, (size_t)s->game->num_actions * sizeof *out);
    if (s->params.kind == SEARCH_GUMBEL) {
        gumbel_policy(&s->tree, root, &s->params, s->priors);
        for (int i = 0; i < root->num_edges; i++) out[edges[i].action] = s->priors[i];
        return;
    }
    long long sum = 0;
    for (int i = 0; i < root->num_edges; i++) sum += edges[i].visits;
    // Without visits below the root only the priors are known.
    for (int i = 0; i < root->num_edges; i++) out[edges[i].action] = sum ? (float)edges[i].visits / (float)sum : edges[i].prior;
}

int search_choose(const struct search *s, double temperature, struct rng *rng) {
    const struct node *root = root_of(s);
    CHECK(root->kind == NODE_OPEN);
    const struct edge *edges = tree_edges(&s->tree, root);
    if (!(temperature > 0) || root->proof) return edges[search_best_edge(s)].action;
    // The weights are the improved policy of the visited moves (Gumbel) or the visits (PUCT), to
    // the power 1 / temperature and relative to the largest.
    long long visits = 0;
    float top = 0;
    if (s->params.kind == SEARCH_GUMBEL) gumbel_policy(&s->tree, root, &s->params, s->priors);
    for (int i = 0; i < root->num_edges; i++) visits += edges[i].visits;
    for (int i = 0; i < root->num_edges; i++) {
        if ((visits && !edges[i].visits) || edges[i].proof == PROOF_LOSS)
            s->priors[i] = 0;
        else if (s->params.kind == SEARCH_PUCT)
            s->priors[i] = visits ? (float)edges[i].visits : edges[i].prior;
        if (s->priors[i] > top) top = s->priors[i];
    }
    double sum = 0;
    for (int i = 0; i < root->num_edges; i++) {
        s->priors[i] = s->priors[i] > 0 ? (float)pow((double)s->priors[i] / top, 1 / temperature) : 0;
        sum += s->priors[i];
    }
    double ball = rng_double(rng) * sum;
    int chosen = -1;
    for (int i = 0; i < root->num_edges; i++) {
        if (!(s->priors[i] > 0)) continue;
        chosen = i;
        if ((ball -= s->priors[i]) < 0) break;
    }
    return edges[chosen < 0 ? search_best_edge(s) : chosen].action;
}

int search_line(const struct search *s, uint16_t *actions, int max_actions) {
    const struct node *node = root_of(s);
    int length = 0;
    while (length < max_actions && node->kind == NODE_OPEN) {
        const int i = length ? search_most_visited(&s->tree, node) : search_best_edge(s);
        const struct edge *edge = &tree_edges(&s->tree, node)[i];
        if (length && !edge->visits) break;
        actions[length++] = edge->action;
        if (edge->child == TREE_NONE) break;
        node = &s->tree.nodes[edge->child];
    }
    return length;
}
