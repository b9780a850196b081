// Monte Carlo tree search of one position as a state machine: gather leaves, have them judged, absorb the judgements.
//
// A search has one owner, no threads and no locks. Parallelism comes from many searches (lanes) whose leaves share a
// batch, one leaf a lane in self-play, so that no target is distorted by virtual loss; a single position (GTP, analysis)
// fills batches by gathering several leaves with pending visits counted.
//
//   search_start(s, game, state, rng) or search_advance(s, action)       set the root
//   search_begin(s, simulations)                                         set the work
//   while ((n = search_gather(s, max, positions)) > 0) { judge; search_absorb(s, n, judgements); }
//   search_choose(s, ...), search_policy(s, ...), search_value(s, ...)   read the result
//
// The result depends on the root, the parameters, the rng and the judgements alone.
#ifndef MCTS_SEARCH_H
#define MCTS_SEARCH_H

#include "base/rng.h"
#include "game/evaluator.h"

enum search_kind {
    SEARCH_PUCT,   // [Silver et al. 2017], with first-play urgency by reduction
    SEARCH_GUMBEL, // [Danihelka et al. 2022]: sequential halving at the root, completed-Q improvement, deterministic below
};

struct search_params {
    enum search_kind kind;
    int max_leaves;            // most leaves one gather may return; sizes the storage
    float c_puct, c_puct_base; // exploration: c_puct + log((visits + base + 1) / base)
    float fpu_reduction;       // an unvisited child's value: the parent's less this times sqrt(visited prior mass)
    float root_noise_weight;   // share of Dirichlet noise in the root prior (PUCT); 0: none
    float root_noise_alpha;    // total concentration, spread over the legal moves
    int gumbel_candidates;     // most root moves that sequential halving considers, 1..4096
    float gumbel_c_visit, gumbel_c_scale;
    float gumbel_noise;   // factor of the root's Gumbel draws; 0: none, candidates by prior alone (play and matches)
    float score_weight;   // weight of a bounded score utility beside win minus loss, 0..1
    float score_scale;    // points at which that utility is tanh(1)
    bool random_symmetry; // judge each leaf through a random symmetry
    bool average_root; // priors of the root (and value of a fresh one) are means over all symmetries: so many judgements more
    bool stop_settled; // treat settled positions (game_type.settled) as finished
    float lcb_deviations; // temperature 0 picks the largest value less so many standard errors; 0: the most visits
    float lcb_share;      // ... of the moves with at least this share of the most visited one's visits
    bool prove;           // what follows from finished positions is certain, is not searched again and decides the choice
    size_t cache_entries; // evaluation cache; 0: none. The cache outlives search_start.
};
extern const struct search_params search_params_default; // PUCT for play; every field sourced in search.c

struct search;

// Says which parameter is out of its range (STATUS_USAGE).
enum status search_new(struct search **search, const struct search_params *params);
void search_free(struct search *search); // NULL is fine

// Sets the root; forgets the tree. `game` is borrowed until the next start; `state` is copied and must not be finished.
void search_start(struct search *search, const struct game *game, const void *state, const struct rng *rng);
// The same, without one legal move of the root: no simulation goes there, and it is not chosen. False: there is no other, and no root.
bool search_start_without(struct search *search, const struct game *game, const void *state, int action, const struct rng *rng);
// Empties the evaluation cache: another judge comes, whose judgements differ. The tree stays.
void search_forget(struct search *search);
// Moves the root down a legal action, keeping what was learned below it. False: the game is over (or settled) there; start anew.
bool search_advance(struct search *search, int action);
// The factor of the Gumbel draws in searches begun from now on, instead of the parameter's.
void search_set_noise(struct search *search, double gumbel_noise);
// The points at which the utility of a score is tanh(1), in searches begun from now on.
void search_set_score_scale(struct search *search, float score_scale);
// Asks for simulations counted from now (`total` false) or until the root has that many visits in all (`total` true: tree reuse).
void search_begin(struct search *search, int simulations, bool total);
// Descends until `max` leaves wait for judgement, or the work is done. Returns how many, 0 when done.
// positions[i].state is owned by the search until absorb. The root itself is the first leaf of a fresh tree.
int search_gather(struct search *search, int max, struct position *positions);
// Takes the judgements of the last gather, in its order.
void search_absorb(struct search *search, int n, const struct judgement *judgements);
// Stops early: no further leaves; pending ones must have been absorbed.
void search_stop(struct search *search);

// Runs a whole search with an evaluator: gather, judge, absorb until done. `batch` at most params.max_leaves.
void search_run(struct search *search, struct evaluator *evaluator, int simulations, bool total, int batch);

// What was found. All for the side to move at the root.
struct search_summary {
    float value;       // mean utility of the root, -1..1
    float wdl[3];      // mean win, draw, loss
    float score;       // mean score
    float prior_value; // the judge's own utility of the root
    // The same three as means over the visited moves, weighted by search_policy instead of by visits: sequential halving visits bad
    // candidates too, so that a Gumbel search's plain mean is too low for the mover. Better as a value target or a winrate to show.
    // A move whose value is certain counts with that.
    float policy_value, policy_wdl[3], policy_score;
    bool proven;           // wdl is certain (params.prove): one of them is 1
    long long simulations; // visits of the root
    int num_nodes, max_depth;
    long long cache_hits;
};
void search_summary(const struct search *search, struct search_summary *out);
// One line a legal root move, in ascending order of action.
struct search_move {
    uint16_t action;
    int visits;
    float prior, value, score; // value: mean utility for the root's mover; that of an unvisited move is NAN
};
int search_moves(const struct search *search, struct search_move *out); // returns their number
// The move to play, a certain win before all others and a certain loss after them. Gumbel: the winner of sequential halving. PUCT:
// temperature 0 picks by lcb_deviations (0: by visits, ties by value); above, visits ^ (1 / temperature).
int search_choose(const struct search *search, double temperature, struct rng *rng);
// Policy target [num_actions]: Gumbel: softmax(logits + sigma(completed Q)); PUCT: visit shares. Sums to 1, zero on illegal moves.
void search_policy(const struct search *search, float *out);
// Principal variation from the root; returns its length.
int search_line(const struct search *search, uint16_t *actions, int max_actions);

#endif
