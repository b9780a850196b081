// Every setting of a training run: one plain struct, one option table (config.ini, --set, --print-config, --help).
#ifndef SELFPLAY_CONFIG_H
#define SELFPLAY_CONFIG_H

#include "base/options.h"
#include "game/game.h"
#include "mcts/search.h"
#include "net/devices.h"
#include "net/net.h"
#include "net/train.h"

#include <stdint.h>

// Fields whose default depends on the game and its size hold 0 (or the sentinel named) until config_resolve fills them in.
struct config {
    // What is learned, and for how long
    const char *game;
    int size[2];       // height, width; 0: the largest of `sizes`, else the game's default
    const char *sizes; // boards of self-play, with shares (selfplay/boards.h); empty: `size` alone
    double komi;       // GAME_KOMI_DEFAULT: fair
    const char *rules;
    const char *rules_mix; // more rule sets with commas between: each self-play game draws one of them or `rules`
    double time;           // seconds of training in all, over all sessions of the run; 0: by games alone
    long long games;       // self-play games in all; 0: no limit
    const char *backend;
    const char *devices, *precision; // net/devices.h
    long long vram;                  // bytes of each device; 0: all
    long long disk, memory;          // bytes that the run's folder and the process may take; 0: any
    int threads;                     // 0: one a processor
    long long seed;

    // The net
    const char *from;  // MODEL to begin with (selfplay/origin.h); empty: from nothing
    bool freeze_trunk; // its trunk's blocks stay as they are
    int blocks, channels, pool_every, head_channels, value_hidden; // 0 (pool_every: -1): the parent's, else by board and time

    // Self-play
    int slots;                                          // games in play at once; 0: by backend
    int play_batch;                                     // positions in a batch that threads share; 0: by board size
    int evaluations;                                    // a slot, an iteration
    int visits_start, visits_end, fast_start, fast_end; // simulations of full and fast searches, at progress 0 and 1
    double full_share;                                  // of moves that get a full search
    int candidates;                                     // most root moves of sequential halving
    double komi_noise;                                  // points, standard deviation of the wide half of the games
    double opening_share; // mean number of first plies sampled from the raw policy, as a share of the board's points
    bool prove;           // certain values climb the tree and are played by it: games without a score
    double value_scale;   // c_scale of Gumbel search
    double scatter_share; // of games that begin with uniformly random plies
    double fork_share;    // of games that begin at an undecided position of the slot's game before
    double deviate_share; // of games that begin like it, up to an early move and another one there
    double decided_value, decided_share; // beyond |value|, for six plies, full searches are this much rarer
    double pass_ban_games;               // in the first so many games, no pass before pass_ban_plies
    double pass_ban_plies;               // as a share of the board's points
    double max_plies;    // of a self-play game, as a multiple of the board's points; 0: struct game's long_plies
    double curriculum;   // share of the budget, at its begin, that plays on config_curriculum's board
    double score_weight; // of the bounded score utility in search

    // Replay
    int window_min;                       // full rows
    int first_rows;                       // full rows before the first step; 0: by window_min and parent
    double window_exponent, window_scale; // window = min * (1 + scale * ((rows / min) ^ exponent - 1) / exponent) [Wu 2019]
    int window_max;
    double reuse;      // times that a full row is trained on, in the mean
    double fast_noise; // factor of the Gumbel draws in fast searches
    double fast_rows;  // share of training rows drawn from fast searches: value targets without a policy

    // Training
    int batch, shards;                                         // rows a step, split into so many shards
    double learning_rate, warmup_steps, decay_start, decay_to; // decays from progress decay_start to 1 to this factor
    double muon_momentum, muon_scale, weight_decay, clip_norm, average_decay;
    double loss_weights[NUM_LOSSES]; // of those that a setting changes (net/losses.h)
    double outcome_weight;           // of the final result in the value target; the rest is the average of later search values
    double value_horizon, short_horizon; // plies

    // Checkpoints, gate and yardsticks
    double checkpoints; // number of them, evenly over the budget
    int gate_games, gate_visits;
    double gate_elo;    // SPRT(0, this)
    int anchor_games;   // most ladder games of a checkpoint, against random, uct:64, ... and the checkpoints before; 0: none
    double arena_share; // of the run's time that ladder games may take
    int keep_games;     // every so many games one is written as SGF; 0: none
};

// Batches of a card in the making or on the device at once: one computes, one waits behind it, one is filled.
enum { PLAY_LANES = 3 };

extern const struct option config_table[];

// Opens the game that the config names and fills in every 0 that depends on it, and what depends on the net that `from` names.
enum status config_resolve(struct config *config, struct game *game);
// Fills in what depends on a net that is known already, so that config_resolve need not read `from`. knows: it plays the game.
void config_begin(struct config *config, const struct net_config *shape, bool knows);
bool config_is_open(const struct config *config); // there is something for it to fill in
// The command that makes such a run, of a resolved config: what differs from what would be chosen without being said.
void config_command(const struct config *config, char *out, size_t out_bytes);
// The devices that the config names. They stay where they are while anything runs on them.
enum status config_devices(const struct config *config, struct devices *devices);
struct net_config config_net(const struct config *config, const struct game *game);
struct train_params config_train(const struct config *config); // learning_rate is that at full height
struct search_params config_search(const struct config *config, const struct game *game);
// The learning rate at a step and a progress (share of the budget, 0..1).
double config_learning_rate(const struct config *config, long long step, double progress);
// The smaller board that the first `curriculum` of the budget is played on, where that is above 0: three quarters of each side, its own fair
// komi. Refused where the game has no such board that the same net could play. The other settings stay those of the large board.
enum status config_curriculum(const struct config *config, const struct game *game, struct game *small);
// Plies over which later search values are averaged, in games on a board of so many points: value_horizon is of the run's own board, where
// `sizes` mixes others in it is in proportion.
double config_value_horizon(const struct config *config, int points);
float config_score_scale(const struct game *game); // points at which a score is most of its utility in search
// Plies at which a self-play game on this board is cut, as an option of game_open: 0 where the rules' own bound is what counts.
int config_max_plies(const struct config *config, const struct game *game);
// Rows that the replay window holds when so many full rows have been played.
long long config_window(const struct config *config, long long full_rows);

// Rule sets of self-play: `rules`, and those of rules_mix.
enum { CONFIG_RULES_BYTES = 128 };
int config_num_rules(const struct config *config);
// The text of one; 0 is `rules` as resolved, given as `own`. out: storage for the others.
const char *config_rules_at(const struct config *config, int index, const char *own, char out[CONFIG_RULES_BYTES]);

#endif
