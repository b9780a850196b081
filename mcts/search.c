// The search as a state machine. One simulation has four steps:
//
//   descend   from the root, by puct.c or gumbel.c, to an edge without a child or to a final node.
//             This touches no state.
//   play      the moves of the path on a copy of the root's state. The new node gets its legal
//             moves.
//   judge     is done outside. A position that is over, settled, or in the cache needs no
//             judgement.
//   back up   by tree_back.
//
// Invariants:
//  1. Between absorb and the next gather no descent is pending, and no node of the tree waits,
//     except for the root of a fresh tree.
//  2. leaf_state(i) is the state of leaves[i].node, and leaves are in the order of gather's
//     positions.
//  3. root_state is the state of node 0. The root is never final: search_start is not given a
//     finished position, and search_advance doesn't enter one. A settled root is searched like any
//     other.
//  4. The root has one visit for its judgement (if it was judged as the root) and one for each
//     descent.
//  5. A descent ends at a proven node, and the work is done when the root is proven (params.prove).
//
// A descent that meets a waiting node has collided. It stays pending until the gather ends, so that
// the next descent goes elsewhere. After max_leaves collisions the gather returns the leaves that
// it has.
#include "mcts/search_state.h"

#include "base/memory.h"
#include "mcts/gumbel.h"
#include "mcts/maths.h"
#include "mcts/puct.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct search_params search_params_default = {
    .kind = SEARCH_PUCT,
    .max_leaves = 8,            // chosen, not tuned
    .c_puct = 1.25f,            // Silver et al. 2018, pseudocode
    .c_puct_base = 19652,       // the same
    .fpu_reduction = 0.2f,      // KataGo's default
    .root_noise_weight = 0,     // for play; 0.25 in self-play (Silver et al. 2017)
    .root_noise_alpha = 10.83f, // 361 points times 0.03 (Silver et al. 2017), a total as in KataGo
    .root_wideness = 0,
    .gumbel_candidates = 16,    // Danihelka et al. 2022, section 6
    .gumbel_c_visit = 50,       // the same
    .gumbel_c_scale = 1,        // the same
    .gumbel_noise = 0,          // for play
    .score_weight = 0,          // win minus loss alone
    .score_scale = 10,          // points (chosen, not tuned)
    .random_symmetry = true,
    .average_root = false, // docs/lab.md: no gain is shown in matches; gtp and eval set it
    .stop_settled = true,
    .lcb_deviations = 5, // KataGo's lcbStdevs; docs/lab.md says what it is worth here
    .lcb_share = 0.15f,  // KataGo's minVisitPropForLCB
    .prove = true,
    .cache_entries = 0, // transpositions hardly occur in Go, where keys cover superko's history
};

enum { STATE_ALIGN = 64 }; // bytes; every state starts on a cache line of its own

// ---- life ----

enum status search_new(struct search **search, const struct search_params *params) {
    *search = NULL;
    if (params->max_leaves < 1 || params->max_leaves > 4096)
        return status_fail(STATUS_USAGE, "search: max_leaves is %d, must be 1 to 4096", params->max_leaves);
    if (!(params->c_puct_base > 0))
        return status_fail(STATUS_USAGE, "search: c_puct_base is %g, must be above 0", params->c_puct_base);
    if (params->gumbel_candidates < 1 || params->gumbel_candidates > GUMBEL_MAX_CANDIDATES)
        return status_fail(STATUS_USAGE, "search: gumbel_candidates is %d, must be 1 to %d", params->gumbel_candidates,
                           GUMBEL_MAX_CANDIDATES);
    if (!(params->score_weight >= 0 && params->score_weight <= 1))
        return status_fail(STATUS_USAGE, "search: score_weight is %g, must be 0 to 1", params->score_weight);
    if (params->score_weight > 0 && !(params->score_scale > 0))
        return status_fail(STATUS_USAGE, "search: score_scale is %g, must be above 0", params->score_scale);
    if (params->root_noise_weight > 0 && !(params->root_noise_alpha > 0))
        return status_fail(STATUS_USAGE, "search: root_noise_alpha is %g, must be above 0", params->root_noise_alpha);
    if (!(params->root_wideness >= 0))
        return status_fail(STATUS_USAGE, "search: root_wideness is %g, must not be negative", params->root_wideness);
    struct search *s = memory_new(1, sizeof *s, "a search");
    s->params = *params;
    tree_init(&s->tree);
    cache_init(&s->cache, params->cache_entries);
    s->leaves = memory_new((size_t)params->max_leaves, sizeof *s->leaves, "a search's leaves");
    s->collided = memory_new((size_t)params->max_leaves, sizeof *s->collided, "a search's leaves");
    *search = s;
    return STATUS_OK;
}

void search_free(struct search *s) {
    if (!s) return;
    tree_done(&s->tree);
    cache_done(&s->cache);
    owners_done(&s->owners);
    free(s->avoid);
    free(s->root.moves);
    free(s->states);
    free(s->leaves);
    free(s->collided);
    free(s->legal);
    free(s->priors);
    free(s->turned_priors);
    free(s->path);
    free(s->logits);
    free(s->ownership);
    free(s);
}

// Makes the storage large enough for a game. This allocates only when the game is larger than all
// before.
static void fit_game(struct search *s, const struct game *game) {
    s->state_stride = (game->state_bytes + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
    const size_t wanted = s->state_stride * (size_t)(s->params.max_leaves + 1);
    if (wanted > s->states_bytes) {
        free(s->states);
        s->states = aligned_alloc(STATE_ALIGN, wanted);
        if (!s->states) memory_failed(wanted, "a search's states");
        s->states_bytes = wanted;
    }
    if (game->num_actions > s->max_actions) {
        const size_t n = (size_t)game->num_actions;
        s->legal = memory_resize(s->legal, n, sizeof *s->legal, "a search");
        s->priors = memory_resize(s->priors, n, sizeof *s->priors, "a search");
        s->turned_priors = memory_resize(s->turned_priors, n, sizeof *s->turned_priors, "a search");
        s->root.moves = memory_resize(s->root.moves, n, sizeof *s->root.moves, "a search");
        s->max_actions = game->num_actions;
    }
    cache_fit(&s->cache, game->max_legal);
}

static unsigned char *root_state(const struct search *s) { return s->states; }
static unsigned char *leaf_state(const struct search *s, int i) { return s->states + (size_t)(i + 1) * s->state_stride; }

// Takes out of s->legal, the n legal moves of a side so many plies below the root, those that
// search_restrict said. Returns how many are left, which is n where it would be none.
static int restrict_legal(struct search *s, int n, int side, int depth) {
    if (!s->is_restricted) return n;
    const uint16_t *until = s->avoid + side * s->num_avoid;
    int kept = 0;
    for (int i = 0; i < n; i++) kept += until[s->legal[i]] <= depth;
    if (!kept || kept == n) return n;
    kept = 0;
    for (int i = 0; i < n; i++)
        if (until[s->legal[i]] <= depth) s->legal[kept++] = s->legal[i];
    return kept;
}

// Adds a node to the tree, with the n moves in s->legal.
static uint32_t add_node(struct search *s, uint32_t parent, int edge, int to_move, int n) {
    const uint32_t node = tree_add(&s->tree, parent, edge, to_move, s->legal, n);
    owners_add(&s->owners, &s->tree, node);
    return node;
}

// Makes root_state the root of an empty tree, as a waiting node without the move `left_out`.
// Returns false when there is no other move.
static bool plant_root(struct search *s, int left_out) {
    const int num_legal = game_legal(s->game, root_state(s), s->legal);
    const int to_move = game_to_move(s->game, root_state(s));
    int n = 0;
    for (int i = 0; i < num_legal; i++)
        if (s->legal[i] != left_out) s->legal[n++] = s->legal[i];
    s->left_out = left_out;
    tree_clear(&s->tree);
    if (!n) return false;
    n = restrict_legal(s, n, to_move, 0);
    add_node(s, TREE_NONE, 0, to_move, n);
    return true;
}

// Starts to keep owners, or not to, as search_keep_ownership and the game say.
static void fit_owners(struct search *s) {
    const bool keeps = s->keeps_owners && s->game && s->game->has_ownership;
    const int num_points = keeps ? s->game->height * s->game->width : 0;
    if (num_points != s->owners.num_points) owners_begin(&s->owners, num_points, &s->tree);
}

void search_keep_ownership(struct search *s, bool keep) {
    CHECK(!s->num_waiting && !(keep && s->cache.num_entries));
    s->keeps_owners = keep;
    fit_owners(s);
}

bool search_wants_ownership(const struct search *s) { return s->owners.num_points > 0; }

void search_restrict(struct search *s, const uint16_t *until, int num_actions) {
    free(s->avoid);
    s->avoid = NULL;
    s->num_avoid = num_actions;
    if (!until) return;
    s->avoid = memory_raw(2 * (size_t)num_actions, sizeof *until, "a search");
    memcpy(s->avoid, until, 2 * (size_t)num_actions * sizeof *until);
}

static void forget_work(struct search *s) {
    memset(s->root.moves, 0, (size_t)s->game->num_actions * sizeof *s->root.moves);
    s->root.noisy = false;
    s->target = 0;
    s->num_waiting = 0;
    s->num_turned = 0;
}

static bool start(struct search *s, const struct game *game, const void *state, int left_out, const struct rng *rng) {
    s->game = game;
    s->identity = cache_identity(game);
    s->rng = *rng;
    fit_game(s, game);
    memcpy(root_state(s), state, game->state_bytes);
    forget_work(s);
    CHECK(!s->avoid || s->num_avoid == game->num_actions);
    s->is_restricted = s->avoid != NULL;
    tree_clear(&s->tree);
    fit_owners(s);
    if (plant_root(s, left_out)) return true;
    s->game = NULL;
    return false;
}

void search_start(struct search *s, const struct game *game, const void *state, const struct rng *rng) {
    CHECK(start(s, game, state, GAME_NO_ACTION, rng));
}

bool search_start_without(struct search *s, const struct game *game, const void *state, int action, const struct rng *rng) {
    return start(s, game, state, action, rng);
}

void search_forget(struct search *s) { cache_clear(&s->cache); }
void search_set_noise(struct search *s, double gumbel_noise) { s->params.gumbel_noise = (float)gumbel_noise; }
void search_set_wideness(struct search *s, float root_wideness) { s->params.root_wideness = root_wideness; }
void search_set_score_scale(struct search *s, float score_scale) { s->params.score_scale = score_scale; }

static void prepare_root(struct search *s, long long simulations, struct rng *rng) {
    const int n = simulations < INT32_MAX ? (int)simulations : INT32_MAX;
    if (s->params.kind == SEARCH_GUMBEL)
        gumbel_prepare_root(&s->tree, &s->root, &s->params, n, rng);
    else if (rng)
        puct_prepare_root(&s->tree, &s->root, &s->params, rng);
}

// Draws the noise or chooses the candidates of an open root for the work that has begun.
static void prepare_work(struct search *s) { prepare_root(s, s->target - s->tree.nodes[0].visits, &s->rng); }

static bool is_settled(const struct search *s, const void *state) {
    return s->params.stop_settled && s->game->type->settled && s->game->type->settled(s->game, state) != OUTCOME_NONE;
}

bool search_advance(struct search *s, int action) {
    CHECK(s->game && !s->num_waiting);
    const struct node *node = &s->tree.nodes[0];
    const struct edge *edges = tree_edges(&s->tree, node);
    int i = 0;
    while (i < node->num_edges && edges[i].action != action) i++;
    CHECK(i < node->num_edges || action == s->left_out || s->is_restricted);
    const uint32_t child = i < node->num_edges && !s->is_restricted ? edges[i].child : TREE_NONE;
    s->left_out = GAME_NO_ACTION;
    game_play(s->game, root_state(s), action);
    forget_work(s);
    if (child == TREE_NONE) {
        s->is_restricted = false;
        if (plant_root(s, GAME_NO_ACTION) && !is_settled(s, root_state(s))) return true;
    } else if (s->tree.nodes[child].kind == NODE_OPEN) {
        const uint32_t before = s->tree.num_nodes;
        tree_advance(&s->tree, child);
        owners_follow(&s->owners, &s->tree, before);
        prepare_root(s, 0, NULL);
        return true;
    }
    s->game = NULL;
    return false;
}

// ---- one simulation ----

// The utility of a judgement or a result for the side whose probabilities these are.
static float utility_of(const struct search *s, const float wdl[3], float score) {
    const float value = wdl[0] - wdl[2];
    if (s->params.score_weight <= 0 || !s->game->has_score) return value;
    return (1 - s->params.score_weight) * value + s->params.score_weight * maths_tanh(score / s->params.score_scale);
}

static void back_judgement(struct search *s, uint32_t index, const float wdl[3], float score, bool pending) {
    const struct node *node = &s->tree.nodes[index];
    struct tree_value v = {.utility = node->prior_value, .win = wdl[0], .loss = wdl[2], .score = score};
    if (node->to_move) v = (struct tree_value){.utility = -v.utility, .win = wdl[2], .loss = wdl[0], .score = -score};
    tree_back(&s->tree, index, &v, pending);
}

// priors[i] is the softmax over the legal moves. An evaluator whose logits are not finite is
// broken.
static void softmax_legal(const float *logits, const struct edge *edges, int n, float *priors) {
    float top = logits[edges[0].action];
    for (int i = 0; i < n; i++) {
        priors[i] = logits[edges[i].action];
        if (priors[i] > top) top = priors[i];
    }
    for (int i = 0; i < n; i++) priors[i] = maths_exp(priors[i] - top);
    float sum = 0;
    for (int i = 0; i < n; i++) sum += priors[i];
    CHECK(isfinite(sum) && isfinite(top) && sum > 0);
    const float share = 1 / sum;
    for (int i = 0; i < n; i++) priors[i] *= share;
}

// Makes a judged position an open node with one visit.
static void open_leaf(struct search *s, uint32_t index, const float *priors, const float wdl[3], float score, bool pending) {
    tree_open(&s->tree, index, priors, utility_of(s, wdl, score));
    back_judgement(s, index, wdl, score, pending);
    if (index == 0) prepare_work(s);
}

// Visits a final node again, which has the same value as the first time.
static void revisit_final(struct search *s, uint32_t index) {
    const struct node *node = &s->tree.nodes[index];
    const double sign = node->to_move ? -1 : 1, n = node->visits;
    struct tree_value v = {.utility = sign * node->value_sum / n, .score = sign * node->score_sum / n};
    v.win = (node->to_move ? node->loss_sum : node->win_sum) / n;
    v.loss = (node->to_move ? node->win_sum : node->loss_sum) / n;
    tree_back(&s->tree, index, &v, false);
}

// Visits a proven node. Its result is certain; its score is the mean so far.
static void revisit_proven(struct search *s, uint32_t index) {
    const struct node *node = &s->tree.nodes[index];
    const enum proof proof = (enum proof)node->proof;
    const float wdl[3] = {proof == PROOF_WIN, proof == PROOF_DRAW, proof == PROOF_LOSS};
    const double sign = node->to_move ? -1 : 1;
    const float score = (float)(node->score_sum / node->visits);
    struct tree_value v = {.utility = sign * utility_of(s, wdl, score), .score = sign * score};
    v.win = node->to_move ? wdl[2] : wdl[0];
    v.loss = node->to_move ? wdl[0] : wdl[2];
    tree_back(&s->tree, index, &v, false);
}

static void first_visit_final(struct search *s, uint32_t index, const void *state, enum outcome outcome) {
    struct node *node = &s->tree.nodes[index];
    const int result = outcome_for(outcome, node->to_move);
    const float wdl[3] = {result > 0, result == 0, result < 0};
    float score = s->game->has_score ? (float)game_score(s->game, state) : 0;
    if (node->to_move) score = -score;
    node->prior_value = utility_of(s, wdl, score);
    if (s->owners.num_points) {
        int8_t owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
        s->game->type->ownership(s->game, state, owner);
        owners_set_exact(&s->owners, index, owner);
    }
    back_judgement(s, index, wdl, score, false);
    if (s->params.prove) tree_prove(&s->tree, index, result > 0 ? PROOF_WIN : result < 0 ? PROOF_LOSS : PROOF_DRAW);
}

// Makes a waiting node leaf `i`, whose state is in place, and returns true; or opens the node by a
// judgement from the cache and returns false.
static bool ask(struct search *s, uint32_t index, int i) {
    const void *state = leaf_state(s, i);
    const int n = s->tree.nodes[index].num_edges;
    uint64_t key = 0;
    if (s->cache.num_entries && !s->is_restricted) { // else priors would be those of other moves
        key = cache_key(s->identity, s->game, state);
        // A root without one of its moves has other priors.
        if (!index && s->left_out != GAME_NO_ACTION) key = rng_mix(key ^ (uint64_t)(s->left_out + 1));
        const struct cache_entry *entry = cache_find(&s->cache, key, n);
        if (entry) {
            s->cache_hits++;
            open_leaf(s, index, entry->priors, entry->wdl, entry->score, false);
            return false;
        }
    }
    s->leaves[i] = (struct leaf){.node = index, .key = key};
    tree_pend(&s->tree, index, 1);
    return true;
}

// Adds the child below an edge of `parent`, which the path leads to. Returns true when it waits as
// leaf `i`.
static bool grow_leaf(struct search *s, uint32_t parent, int edge, int path_length, int i) {
    unsigned char *state = leaf_state(s, i);
    memcpy(state, root_state(s), s->game->state_bytes);
    for (int k = 0; k < path_length; k++) game_play(s->game, state, s->path[k]);
    int n = game_legal(s->game, state, s->legal);
    enum outcome outcome = OUTCOME_NONE;
    if (!n)
        outcome = game_outcome(s->game, state);
    else if (s->params.stop_settled && s->game->type->settled)
        outcome = s->game->type->settled(s->game, state);
    if (outcome != OUTCOME_NONE) n = 0;
    const int to_move = game_to_move(s->game, state);
    n = restrict_legal(s, n, to_move, path_length);
    const uint32_t index = add_node(s, parent, edge, to_move, n);
    if (n) return ask(s, index, i);
    first_visit_final(s, index, state, outcome);
    return false;
}

enum descent {
    DESCENT_LEAF,     // it has made a leaf that must be judged
    DESCENT_RESOLVED, // it needed no judgement and is backed up
    DESCENT_COLLIDED, // it has met a node that waits
    DESCENT_WAIT,     // the root can't choose before the leaves are judged
};

// One simulation from an open root. What must be judged becomes leaf `leaf`; a node that waits is
// written to *collided.
static enum descent descend(struct search *s, int leaf, uint32_t *collided) {
    uint32_t index = 0;
    for (int length = 0;; length++) {
        const struct node *node = &s->tree.nodes[index];
        if (node->kind == NODE_FINAL) {
            revisit_final(s, index);
            return DESCENT_RESOLVED;
        }
        if (node->proof) {
            revisit_proven(s, index);
            return DESCENT_RESOLVED;
        }
        if (node->kind == NODE_WAITING) {
            *collided = index;
            return DESCENT_COLLIDED;
        }
        const bool gumbel = s->params.kind == SEARCH_GUMBEL;
        int i;
        if (index)
            i = gumbel ? gumbel_select(&s->tree, node, &s->params) : puct_select(&s->tree, node, &s->params);
        else
            i = gumbel ? gumbel_select_root(&s->tree, &s->root, &s->params) : puct_select_root(&s->tree, &s->root, &s->params);
        if (i == SELECT_WAIT) return DESCENT_WAIT;
        if (length == s->max_path) {
            s->max_path = s->max_path ? 2 * s->max_path : 64;
            s->path = memory_resize(s->path, (size_t)s->max_path, sizeof *s->path, "a search");
        }
        s->path[length] = tree_edges(&s->tree, node)[i].action;
        if (i >= node->num_tried) {
            i = tree_try(&s->tree, index, i);
            return grow_leaf(s, index, i, length + 1, leaf) ? DESCENT_LEAF : DESCENT_RESOLVED;
        }
        index = tree_edges(&s->tree, node)[i].child;
    }
}

// ---- the state machine ----

void search_begin(struct search *s, int simulations, bool total) {
    CHECK(s->game && !s->num_waiting);
    const struct node *node = &s->tree.nodes[0];
    s->target = total ? simulations : (long long)node->visits + simulations;
    s->root.noisy = false;
    if (node->kind == NODE_OPEN) prepare_work(s);
}

void search_stop(struct search *s) {
    CHECK(!s->num_waiting);
    s->target = 0;
}

static bool is_done(const struct search *s) {
    const struct node *node = &s->tree.nodes[0];
    return node->proof || (long long)node->visits + node->pending >= s->target;
}

// Gathers the next positions of the root's average over the symmetries.
static int gather_turned(struct search *s, int max, struct position *positions) {
    const int left = s->game->num_symmetries - s->num_turned, n = left < max ? left : max;
    if (!s->num_turned) {
        memset(s->turned_priors, 0, s->tree.nodes[0].num_edges * sizeof *s->turned_priors);
        memset(s->turned_wdl, 0, sizeof s->turned_wdl);
        s->turned_score = 0;
        memset(s->turned_owners, 0, sizeof s->turned_owners);
    }
    for (int i = 0; i < n; i++) {
        memcpy(leaf_state(s, i), root_state(s), s->game->state_bytes);
        positions[i] = (struct position){.game = s->game, .state = leaf_state(s, i), .symmetry = s->num_turned + i};
    }
    s->turning = true;
    s->num_waiting = n;
    return n;
}

static void absorb_turned(struct search *s, int n, const struct judgement *judgements) {
    struct node *root = &s->tree.nodes[0];
    const float share = 1.0f / (float)s->game->num_symmetries;
    for (int k = 0; k < n; k++) {
        softmax_legal(judgements[k].logits, tree_edges(&s->tree, root), root->num_edges, s->priors);
        for (int i = 0; i < root->num_edges; i++) s->turned_priors[i] += share * s->priors[i];
        for (int i = 0; i < 3; i++) s->turned_wdl[i] += share * judgements[k].wdl[i];
        s->turned_score += share * judgements[k].score;
        CHECK(judgements[k].ownership || !s->owners.num_points);
        for (int p = 0; p < s->owners.num_points; p++) s->turned_owners[p] += share * judgements[k].ownership[p];
    }
    s->turning = false;
    s->num_turned += n;
    if (s->num_turned < s->game->num_symmetries) return;
    if (s->owners.num_points) owners_set(&s->owners, 0, s->turned_owners, root->to_move);
    if (root->kind == NODE_WAITING) {
        open_leaf(s, 0, s->turned_priors, s->turned_wdl, s->turned_score, false);
    } else { // the root was kept from the last move, and so are its visits and values
        tree_reprior(&s->tree, 0, s->turned_priors);
        prepare_work(s);
    }
}

static bool wants_turned(const struct search *s) {
    return s->params.average_root && s->game->num_symmetries > 1 && s->num_turned < s->game->num_symmetries;
}

int search_gather(struct search *s, int max, struct position *positions) {
    CHECK(s->game && !s->num_waiting);
    if (max > s->params.max_leaves) max = s->params.max_leaves;
    if (wants_turned(s) && !is_done(s) && max > 0) return gather_turned(s, max, positions);
    int n = 0, num_collided = 0;
    if (s->tree.nodes[0].kind == NODE_WAITING && !is_done(s) && max > 0) {
        memcpy(leaf_state(s, 0), root_state(s), s->game->state_bytes);
        if (ask(s, 0, 0)) n = max = 1; // nothing else can be done before the root is judged
    }
    while (n < max && num_collided < s->params.max_leaves && !is_done(s)) {
        uint32_t collided;
        const enum descent descent = descend(s, n, &collided);
        if (descent == DESCENT_WAIT) break;
        if (descent == DESCENT_LEAF) n++;
        if (descent == DESCENT_COLLIDED) {
            tree_pend(&s->tree, collided, 1);
            s->collided[num_collided++] = collided;
        }
    }
    for (int i = 0; i < num_collided; i++) tree_pend(&s->tree, s->collided[i], -1);
    for (int i = 0; i < n; i++) {
        const bool turned = s->params.random_symmetry && s->game->num_symmetries > 1;
        positions[i].game = s->game;
        positions[i].state = leaf_state(s, i);
        positions[i].symmetry = turned ? (int)rng_below(&s->rng, (uint32_t)s->game->num_symmetries) : 0;
    }
    s->num_waiting = n;
    return n;
}

void search_absorb(struct search *s, int n, const struct judgement *judgements) {
    CHECK(n == s->num_waiting);
    s->num_waiting = 0;
    if (s->turning) {
        absorb_turned(s, n, judgements);
        return;
    }
    for (int i = 0; i < n; i++) {
        const struct leaf *leaf = &s->leaves[i];
        const struct judgement *j = &judgements[i];
        const struct node *node = &s->tree.nodes[leaf->node];
        softmax_legal(j->logits, tree_edges(&s->tree, node), node->num_edges, s->priors);
        CHECK(j->ownership || !s->owners.num_points);
        if (s->owners.num_points) owners_set(&s->owners, leaf->node, j->ownership, node->to_move);
        struct cache_entry *entry = s->is_restricted ? NULL : cache_add(&s->cache, leaf->key, node->num_edges);
        if (entry) {
            memcpy(entry->wdl, j->wdl, sizeof entry->wdl);
            entry->score = j->score;
            memcpy(entry->priors, s->priors, node->num_edges * sizeof *s->priors);
        }
        open_leaf(s, leaf->node, s->priors, j->wdl, j->score, true);
    }
}

void search_run(struct search *s, struct evaluator *evaluator, int simulations, bool total, int batch) {
    enum { MAX_BATCH = 64 };
    struct position positions[MAX_BATCH];
    struct judgement judgements[MAX_BATCH];
    if (batch > s->params.max_leaves) batch = s->params.max_leaves;
    if (batch > evaluator->max_batch) batch = evaluator->max_batch;
    if (batch > MAX_BATCH) batch = MAX_BATCH;
    const size_t stride = (size_t)s->game->num_actions, wanted = stride * (size_t)batch;
    if (wanted > s->logits_count) {
        s->logits = memory_resize(s->logits, wanted, sizeof *s->logits, "a search");
        s->logits_count = wanted;
    }
    const size_t points = (size_t)s->owners.num_points;
    if (points * (size_t)batch > s->ownership_count) {
        s->ownership_count = points * (size_t)batch;
        s->ownership = memory_resize(s->ownership, s->ownership_count, sizeof *s->ownership, "a search");
    }
    for (int i = 0; i < batch; i++)
        judgements[i] = (struct judgement){.logits = s->logits + (size_t)i * stride,
                                           .ownership = points ? s->ownership + (size_t)i * points : NULL};
    search_begin(s, simulations, total);
    int n;
    while ((n = search_gather(s, batch, positions)) > 0) {
        evaluator_judge(evaluator, n, positions, judgements);
        search_absorb(s, n, judgements);
    }
}
