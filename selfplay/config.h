// Every setting of a training run: one plain struct and one table of options, which config.ini,
// --set, --print-config and --help share. A resolved config may be read from any thread.
#ifndef SELFPLAY_CONFIG_H
#define SELFPLAY_CONFIG_H

#include "base/options.h"
#include "game/game.h"
#include "mcts/search.h"
#include "net/devices.h"
#include "net/net.h"
#include "net/train.h"

#include <stdint.h>

// Fields whose default depends on the game and its size hold 0 (or the number named) until
// config_resolve fills them in.
struct config {
    // What is learned, and for how long.
    const char *game;
    int size[2]; // Height and width; 0: the largest of `sizes`, else the game's default.
    // The boards of self-play, with their shares (selfplay/boards.h). Empty: `size` alone.
    const char *sizes;
    double komi; // GAME_KOMI_DEFAULT: the fair one.
    const char *rules;
    // More rule sets, with commas between them. Each self-play game draws one of them or `rules`.
    const char *rules_mix;
    // Seconds of training in all, over all sessions of the run; 0: games alone are the budget.
    double time;
    long long games; // Self-play games in all; 0: no limit.
    const char *backend;
    const char *devices, *precision; // See net/devices.h.
    long long vram;                  // Bytes of each device; 0: all.
    // The bytes that the run's folder and the process may take; 0: any number.
    long long disk, memory;
    int threads; // 0: one for each processor.
    long long seed;

    // The net.
    const char *from;  // The MODEL to begin with (selfplay/origin.h). Empty: from nothing.
    bool freeze_trunk; // The blocks of its trunk stay as they are.
    // 0 (pool_every: -1): the parent's, else by board and time.
    int blocks, channels, pool_every, head_channels, value_hidden;

    // Self-play.
    int slots;       // The games in play at once; 0: by the devices.
    int play_batch;  // The positions in a batch that threads share; 0: by the size of the board.
    int evaluations; // Net evaluations of a slot in one iteration.
    // Simulations of full and of fast searches, at progress 0 and 1.
    int visits_start, visits_end, fast_start, fast_end;
    double full_share; // The share of moves that get a full search.
    int candidates;    // The most root moves of sequential halving.
    // The standard deviation, in points, of the komi in the wide half of the games.
    double komi_noise;
    // The mean number of first plies drawn from the raw policy, as a share of the board's points.
    double opening_share;
    // Certain values climb the tree, and it plays by them; for games without a score.
    bool prove;
    double value_scale;   // The c_scale of Gumbel search.
    double scatter_share; // The share of games that begin with uniformly random plies.
    // The share of games that begin at an undecided position of the slot's game before.
    double fork_share;
    // The share of games that begin like the slot's game before, up to an early move and another
    // one there.
    double deviate_share;
    // When |value| was beyond decided_value for six plies, only this share of full searches is
    // made.
    double decided_value, decided_share;
    double pass_ban_games; // In the first so many games nobody passes before pass_ban_plies.
    double pass_ban_plies; // As a share of the board's points.
    // The longest self-play game, as a multiple of the board's points; 0: struct game's long_plies.
    double max_plies;
    // The share of the budget, at its beginning, that is played on the board of config_curriculum.
    double curriculum;
    double score_weight; // The weight of the bounded score utility in search.

    // Replay.
    int window_min; // In full rows.
    int first_rows; // Full rows before the first step; 0: by window_min and the parent.
    // window = min * (1 + scale * ((rows / min) ^ exponent - 1) / exponent) [Wu 2019].
    double window_exponent, window_scale;
    int window_max;
    double reuse;           // How many times a full row is trained on, in the mean.
    double fast_noise;      // The factor of the Gumbel draws in fast searches.
    const char *quarantine; // The games that stay out of the window (selfplay/quarantine.h). Empty: none.
    // The share of training rows that come from fast searches: value targets without a policy
    // target.
    double fast_rows;

    // Training.
    int batch, shards; // The rows of an optimiser step, which are split into so many shards.
    // The learning rate decays to the factor decay_to, from progress decay_start to 1.
    double learning_rate, warmup_steps, decay_start, decay_to;
    double muon_momentum, muon_scale, weight_decay, clip_norm, average_decay;
    // The weights of those losses that a setting changes (net/losses.h).
    double loss_weights[NUM_LOSSES];
    // The weight of the final result in the value target; the rest is the average of later search
    // values.
    double outcome_weight;
    double value_horizon, short_horizon; // In plies.

    // Checkpoints, the gate and the ladder.
    double checkpoints; // How many there are, evenly over the budget.
    int gate_games, gate_visits;
    double gate_elo; // The gate is SPRT(0, this).
    // The most ladder games of a checkpoint, against random, uct:64, ... and earlier checkpoints;
    // 0: none.
    int anchor_games;
    double arena_share; // The share of the run's time that ladder games may take.
    int keep_games;     // One game in so many is written as SGF; 0: none.
};

// The batches in flight of a card: one computes, one waits behind it, and one is being filled.
enum { PLAY_BATCHES = 3 };

extern const struct option config_table[];

// Opens the game that the config names. Fills in every 0 that depends on it, and what depends on
// the net that `from` names. STATUS_USAGE where settings do not go together.
enum status config_resolve(struct config *config, struct game *game);
// Fills in what depends on a net that is known already, so that config_resolve need not read
// `from`. `knows`: the net plays this game.
void config_begin(struct config *config, const struct net_config *shape, bool knows);
// Whether there is something for config_begin to fill in.
bool config_is_open(const struct config *config);
// The settings as config.ini has them, as a malloced text.
char *config_text(const struct config *config);
// Writes the command that makes such a run, from a resolved config: it names what differs from what
// would be chosen without being named.
void config_command(const struct config *config, char *out, size_t out_bytes);
// The devices that the config names. They must stay where they are while anything runs on them.
enum status config_devices(const struct config *config, struct devices *devices);
struct net_config config_net(const struct config *config, const struct game *game);
// Its learning_rate is the highest, from which the schedule falls.
struct train_params config_train(const struct config *config);
struct search_params config_search(const struct config *config, const struct game *game);
// The learning rate at a step and a progress (the share of the budget that is spent, 0 to 1).
double config_learning_rate(const struct config *config, long long step, double progress);
// The smaller board that the first part `curriculum` of the budget is played on, where that is
// above 0: three quarters of each side, with its own fair komi. STATUS_USAGE where the game has no
// such board that the same net could play. The other settings stay those of the large board.
enum status config_curriculum(const struct config *config, const struct game *game, struct game *small);
// The plies over which later search values are averaged in games on a board of so many points.
// value_horizon belongs to the run's own board; where `sizes` mixes in others, theirs are in
// proportion.
double config_value_horizon(const struct config *config, int points);
// The points at which a score is most of its utility in search.
float config_score_scale(const struct game *game);
// The ply at which a self-play game on this board is cut, as an option of game_open; 0 where only
// the bound of the rules counts.
int config_max_plies(const struct config *config, const struct game *game);
// The rows that the replay window holds when so many full rows have been played.
long long config_window(const struct config *config, long long full_rows);

// The rule sets of self-play are `rules` and those of rules_mix.
enum { CONFIG_RULES_BYTES = 128 };
int config_num_rules(const struct config *config);
// The text of one of them. 0 is `rules` as it was resolved, given as `own`; `out` is storage for
// the others.
const char *config_rules_at(const struct config *config, int index, const char *own, char out[CONFIG_RULES_BYTES]);

#endif
