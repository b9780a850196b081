// Monte Carlo tree search of one position as a state machine: gather leaves, have them judged,
// absorb the judgements.
//
// A search has no threads and no locks; one thread at a time may use it. Parallelism comes from
// many searches whose leaves share a batch. In self-play each of them gives one leaf, so that no
// training target depends on the size of a batch. The search of a single position (GTP, analysis)
// fills batches by gathering several leaves, where descents that wait count as visits.
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
    // PUCT [Silver et al. 2017] with first-play urgency by reduction.
    SEARCH_PUCT,
    // [Danihelka et al. 2022]: sequential halving at the root, and below it a deterministic choice
    // by the policy that completed Q values improve.
    SEARCH_GUMBEL,
};

struct search_params {
    enum search_kind kind;
    int max_leaves; // the most leaves that one gather may return, 1..4096
    // Exploration in PUCT: c(N) is c_puct + log((visits + base + 1) / base).
    float c_puct, c_puct_base;
    // A child without visits is taken to have the parent's value less this times sqrt(visited prior
    // mass).
    float fpu_reduction;
    float root_noise_weight; // the share of Dirichlet noise in the root's prior (PUCT); 0: none
    float root_noise_alpha;  // the total concentration, divided among the legal moves
    // The root's priors are taken to the power 1 / (1 + 4 root_wideness), so that more moves are
    // looked at (PUCT); 0: as they are.
    float root_wideness;
    int gumbel_candidates;   // the most root moves that sequential halving considers, 1..4096
    float gumbel_c_visit, gumbel_c_scale;
    // The factor of the root's Gumbel draws. 0, for play and matches: candidates by prior alone.
    float gumbel_noise;
    float score_weight;   // 0..1: the weight of a bounded utility of the score
    float score_scale;    // the points at which that utility is tanh(1)
    bool random_symmetry; // each leaf is judged under a random symmetry
    // The root's priors, and the value of a fresh root, are means over all symmetries, each of
    // which takes a judgement.
    bool average_root;
    bool stop_settled; // settled positions (game_type.settled) count as finished
    // At temperature 0 the chosen move has the largest value less so many standard errors; 0: the
    // most visits. Only moves with at least the share lcb_share of the most visited one's visits
    // are considered.
    float lcb_deviations, lcb_share;
    // What follows from finished positions is certain: it is not searched again, and it decides the
    // choice.
    bool prove;
    size_t cache_entries; // of the evaluation cache, which outlives search_start; 0: no cache
};
// PUCT for play. search.c says where each value comes from.
extern const struct search_params search_params_default;

struct search;

// Fails with STATUS_USAGE for a parameter out of its range.
enum status search_new(struct search **search, const struct search_params *params);
void search_free(struct search *search); // NULL is fine

// Sets the root and forgets the tree. `game` is borrowed until the next start. `state` is copied;
// it must not be finished.
void search_start(struct search *search, const struct game *game, const void *state, const struct rng *rng);
// The same without one legal move of the root: no simulation goes there, and it is not chosen.
// Returns false when there is no other move; then the search has no root.
bool search_start_without(struct search *search, const struct game *game, const void *state, int action, const struct rng *rng);
// Leaves moves out of every search that is started from now on. until: [2, num_actions], by side: a
// side's action is not searched where fewer plies than this lie between the root and the move (none
// do for the root's own moves); 0: it is searched everywhere. Where no other move is legal, all are
// searched. NULL: nothing is left out. search_advance forgets a tree from which moves were left out,
// and what it starts has all moves. `until` is copied; num_actions must be that of the games.
void search_restrict(struct search *search, const uint16_t *until, int num_actions);
// Says whether the nodes that are judged from now on keep what the evaluator thinks of the owner of
// every point, one byte each (detail.h reads them). Then each judgement that is absorbed must have
// its `ownership`, unless the game has none. It is kept in a tree that lives on, and can't be had
// together with a cache, which has no room for it.
void search_keep_ownership(struct search *search, bool keep);
// Whether the judgements of the present root's search must have their `ownership`.
bool search_wants_ownership(const struct search *search);
// Empties the evaluation cache, for another evaluator, whose judgements differ. The tree stays.
void search_forget(struct search *search);
// Makes the position after a legal action the root and keeps what is known below it. Returns false
// when the game is over or settled there; then the search has no root.
bool search_advance(struct search *search, int action);
// Sets params.gumbel_noise for searches that begin from now on.
void search_set_noise(struct search *search, double gumbel_noise);
// Sets params.root_wideness for searches that begin from now on.
void search_set_wideness(struct search *search, float root_wideness);
// Sets params.score_scale for searches that begin from now on.
void search_set_score_scale(struct search *search, float score_scale);
// Asks for so many simulations, or with `total` for as many as the root lacks to have so many
// visits in all, those from before search_advance included.
void search_begin(struct search *search, int simulations, bool total);
// Descends until `max` leaves wait for judgement or the work is done. Returns how many wait, 0 when
// the work is done. The search owns positions[i].state until search_absorb. The first leaf of a
// fresh tree is the root itself.
int search_gather(struct search *search, int max, struct position *positions);
// Takes the judgements of the last gather, in its order.
void search_absorb(struct search *search, int n, const struct judgement *judgements);
// Ends the work early. No leaf may be waiting.
void search_stop(struct search *search);

// Runs a whole search with an evaluator. `batch` is the most leaves that are judged at once;
// neither params.max_leaves nor evaluator->max_batch is exceeded.
void search_run(struct search *search, struct evaluator *evaluator, int simulations, bool total, int batch);

// What was found, for the side to move at the root.
struct search_summary {
    float value;       // the mean utility of the root, -1..1
    float wdl[3];      // the mean win, draw and loss
    float score;       // the mean score
    float prior_value; // the utility of the evaluator's judgement of the root
    // Value, wdl and score as means over the visited moves, weighted by search_policy instead of by
    // visits. Sequential halving visits bad candidates too, so that the plain mean of a Gumbel
    // search is too low for the mover. These are better as value targets and as winrates to show. A
    // move whose value is certain counts with that value.
    float policy_value, policy_wdl[3], policy_score;
    bool proven;           // wdl is certain (params.prove): one of the three is 1
    long long simulations; // visits of the root
    int num_nodes, max_depth;
    long long cache_hits;
};
void search_summary(const struct search *search, struct search_summary *out);
// The visits of the root, without the work of a summary.
long long search_visits(const struct search *search);
// A legal move of the root.
struct search_move {
    uint16_t action;
    int visits;
    float prior;
    float value, score; // means for the root's mover; NAN for a move without visits
};
// Writes the legal moves in ascending order of their actions, and returns their number.
int search_moves(const struct search *search, struct search_move *out);
// The move to play. A certain win is preferred to everything, and everything to a certain loss. At
// temperature 0 a Gumbel search takes the winner of sequential halving, PUCT the move that
// lcb_deviations says. Else a move is drawn: of a Gumbel search by search_policy over the visited
// moves, of PUCT by visits, both to the power 1 / temperature.
int search_choose(const struct search *search, double temperature, struct rng *rng);
// The policy target: softmax(logits + sigma(completed Q)) for Gumbel, the shares of the visits for
// PUCT. out: [num_actions], with sum 1, and 0 for illegal moves.
void search_policy(const struct search *search, float *out);
// Writes the principal variation from the root and returns its length.
int search_line(const struct search *search, uint16_t *actions, int max_actions);

#endif
