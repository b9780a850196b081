// The settings of a training and their defaults. A default that depends on the game, its size or
// the devices is the word "auto". It stands for a number outside the sensible ones, which
// config_resolve replaces. "Chosen" means that a number was never tuned.

#include "selfplay/config.h"

#include "base/memory.h"
#include "selfplay/boards.h"
#include "selfplay/origin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct config, name)

// Makes a row for each loss that has a setting.
#define NO_ROW(...)
#define LOSS_ROW(id, function, metric, unit, target, exists, weight, option, help)                                             \
    {option, OPTION_REAL, FIELD(loss_weights[LOSS_##id]), #weight, 0, 100, "times", NULL, help},

const struct option config_table[] = {
    {"game", OPTION_TEXT, FIELD(game), "go", 0, 0, "", NULL, "the game to learn, from the list above"},
    {"size", OPTION_SIZE, FIELD(size), NULL, 0, 19, "points", NULL,
     "the size of the board: its side, or HEIGHTxWIDTH; without it the largest of --sizes, or the game's own"},
    {"sizes", OPTION_TEXT, FIELD(sizes), "", 0, 0, "", NULL,
     "boards on which self-play games are played, with their shares if wanted, as in 7,9:2,13; the largest is "
     "--size; each has its own fair komi"},
    {"komi", OPTION_REAL, FIELD(komi), "fair", 0, 0, "points", "fair=-1e9",
     "the centre of the komi that the net is trained on; fair: the fair value of the board"},
    {"rules", OPTION_TEXT, FIELD(rules), "", 0, 0, "", NULL,
     "the rule set, from the list above; for Go with changes if wanted, as in chinese+ko=simple; empty: the game's "
     "default"},
    {"rules-mix", OPTION_TEXT, FIELD(rules_mix), "", 0, 0, "", NULL,
     "more rule sets, with commas between them; each self-play game draws one of them or --rules, so that one net "
     "learns them all"},
    {"time", OPTION_DURATION, FIELD(time), "0", 0, 1e9, "", NULL,
     "the training time in all, over all sessions of the run; 0: 20m where --games sets no end either, else no "
     "limit"},
    {"games", OPTION_LONG, FIELD(games), "0", 0, 1e15, "games", NULL,
     "the number of self-play games in all; the last iteration is completed, so there are some more; 0: no limit"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net is computed: auto, ref, cpu or cuda"},
    DEVICE_OPTION_ROWS(struct config),
    {"disk", OPTION_BYTES, FIELD(disk), "0", 0, 1e15, "bytes", NULL,
     "the space that the run's folder may take, like 2G: the window shrinks, then SGF records and nets are "
     "removed; 0: no limit"},
    {"memory", OPTION_BYTES, FIELD(memory), "0", 0, 1e15, "bytes", NULL,
     "the memory that the process may take, like 2G: fewer games are played at once and the window is smaller; 0: "
     "no limit"},
    {"threads", OPTION_INT, FIELD(threads), "auto", 0, 1024, "threads", "auto=0",
     "the number of worker threads; auto: one for each processor"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "the number from which everything random in the run follows"},

    {"from", OPTION_TEXT, FIELD(from), "", 0, 0, "", NULL,
     "the MODEL to begin with: all of its weights for the same game on any board, those of its trunk for another "
     "game; empty: the net begins with random weights"},
    {"freeze-trunk", OPTION_FLAG, FIELD(freeze_trunk), "false", 0, 0, "", NULL,
     "with --from: the blocks of the trunk stay as they are, and only the stem and the heads learn"},
    {"blocks", OPTION_INT, FIELD(blocks), "auto", 0, 100, "blocks", "auto=0",
     "the number of residual blocks of the trunk; auto: as in --from, else by board size and time"},
    {"channels", OPTION_INT, FIELD(channels), "auto", 0, 1024, "channels", "auto=0",
     "the number of channels of the trunk; auto: as in --from, else by board size and time"},
    {"pool-every", OPTION_INT, FIELD(pool_every), "auto", -1, 100, "blocks", "auto=-1",
     "every so many blocks have global pooling; 0: none has; auto: as in --from, else 2"},
    {"head-channels", OPTION_INT, FIELD(head_channels), "auto", 0, 1024, "channels", "auto=0",
     "the number of channels of the policy and value heads; auto: as in --from, else 32"},
    {"value-hidden", OPTION_INT, FIELD(value_hidden), "auto", 0, 4096, "units", "auto=0",
     "the width of the dense layer in the value head; auto: as in --from, else 64"},

    {"slots", OPTION_INT, FIELD(slots), "auto", 0, 1e6, "games", "auto=0",
     "the number of self-play games in progress at once; auto: 128 on processors, three batches on each card"},
    {"play-batch", OPTION_INT, FIELD(play_batch), "auto", 0, 65536, "positions", "auto=0",
     "the number of positions in a batch that threads share on a card; auto: by board size"},
    {"evaluations", OPTION_INT, FIELD(evaluations), "192", 1, 1e6, "evaluations", NULL,
     "the number of net evaluations of each game in progress, in one iteration"},
    {"visits-start", OPTION_INT, FIELD(visits_start), "auto", 0, 1e6, "simulations", "auto=0",
     "the length of a full search at the start of the run; auto: 16, or halfway to --visits-end for a net that "
     "knows the game (--from)"},
    {"visits-end", OPTION_INT, FIELD(visits_end), "auto", 0, 1e6, "simulations", "auto=0",
     "the length of a full search at the end of the run; auto: by the device and by the time that the run begins "
     "with"},
    {"fast-start", OPTION_INT, FIELD(fast_start), "auto", 0, 1e6, "simulations", "auto=0",
     "the length of a fast search at the start of the run; auto: 4, or halfway to --fast-end for a net that knows "
     "the game"},
    {"fast-end", OPTION_INT, FIELD(fast_end), "auto", 0, 1e6, "simulations", "auto=0",
     "the length of a fast search at the end of the run; auto: by the device and by the time that the run begins "
     "with"},
    {"full-share", OPTION_REAL, FIELD(full_share), "0.5", 0.001, 1, "share", NULL,
     "the share of moves that get a full search, which trains the policy"},
    {"candidates", OPTION_INT, FIELD(candidates), "16", 2, 1024, "moves", NULL,
     "the most moves among which sequential halving chooses at the root"},
    {"value-scale", OPTION_REAL, FIELD(value_scale), "1", 0.001, 10, "factor", NULL,
     "the weight of values beside the policy, in searches and in policy targets (c_scale of Gumbel search)"},
    {"komi-noise", OPTION_REAL, FIELD(komi_noise), "5", 0, 100, "points", NULL,
     "the standard deviation of the komi in half of the games; the others stay close to --komi"},
    {"opening-share", OPTION_REAL, FIELD(opening_share), "0.04", 0, 1, "share", NULL,
     "the mean number of first moves that are drawn from the raw policy, as a share of the board's points"},
    {"scatter-share", OPTION_REAL, FIELD(scatter_share), "auto", -1, 1, "share", "auto=-1",
     "the share of games that begin with uniformly random moves; auto: by board size and number of moves"},
    {"fork-share", OPTION_REAL, FIELD(fork_share), "0.2", 0, 1, "share", NULL,
     "the share of games that begin at an undecided position of an earlier game"},
    {"fork-surprise", OPTION_GONE, 0, "0", 0, 0, "", NULL, "surprising positions were not worth more than any undecided one"},
    {"deviate-share", OPTION_REAL, FIELD(deviate_share), "auto", -1, 1, "share", "auto=-1",
     "the share of games that begin like the one before up to an early move, and then play a random other one; "
     "auto: by board size and number of moves"},
    {"decided-value", OPTION_REAL, FIELD(decided_value), "0.9", 0, 1, "", NULL,
     "a game is decided when the chance of winning less that of losing is beyond this for some moves"},
    {"decided-share", OPTION_REAL, FIELD(decided_share), "0.25", 0, 1, "share", NULL,
     "the share of full searches that are still made in decided games"},
    {"pass-ban-games", OPTION_REAL, FIELD(pass_ban_games), "auto", -1, 1e9, "games", "auto=-1",
     "the number of first games in which nobody may pass early; auto: 500, or 0 for a net that knows the game"},
    {"pass-ban-plies", OPTION_REAL, FIELD(pass_ban_plies), "0.7", 0, 10, "share", NULL,
     "the number of moves before which a pass is early, as a share of the board's points"},
    {"max-plies", OPTION_REAL, FIELD(max_plies), "auto", 0, 100, "times", "auto=0",
     "the number of moves after which a self-play game is cut, as a multiple of the board's points, at least 1; "
     "auto: the game's own limit (for Go 2.5)"},
    {"curriculum", OPTION_REAL, FIELD(curriculum), "0", 0, 1, "share", NULL,
     "the share of the budget that is first spent on a smaller board, with three quarters of each side, where the "
     "game has one"},
    {"prove", OPTION_FLAG, FIELD(prove), "true", 0, 0, "", NULL,
     "in games without a score, searches conclude what follows for certain from finished positions, and play by it"},
    {"score-weight", OPTION_REAL, FIELD(score_weight), "0.3", 0, 1, "", NULL,
     "the weight of the score beside winning in self-play searches"},

    {"window-min", OPTION_INT, FIELD(window_min), "10000", 1, 1e9, "rows", NULL,
     "the number of full rows in the replay window at first"},
    {"first-rows", OPTION_INT, FIELD(first_rows), "auto", 0, 1e9, "rows", "auto=0",
     "the number of full rows before the first training step; auto: a tenth of --window-min, or a quarter for a "
     "net that knows the game"},
    {"window-exponent", OPTION_REAL, FIELD(window_exponent), "0.65", 0.01, 1, "", NULL,
     "the exponent by which the window grows with the rows that were played"},
    {"window-scale", OPTION_REAL, FIELD(window_scale), "0.6", 0, 10, "", NULL, "the factor of the window's growth"},
    {"window-max", OPTION_INT, FIELD(window_max), "1000000", 1, 1e9, "rows", NULL, "the most full rows in the replay window"},
    {"reuse", OPTION_REAL, FIELD(reuse), "3", 0.01, 100, "times", NULL,
     "the mean number of times that each full row is trained on"},

    {"quarantine", OPTION_TEXT, FIELD(quarantine), "", 0, 0, "", NULL,
     "games of earlier sessions that stay out of the replay window, with commas between: net:DIGEST or net:STEP (games "
     "begun from that checkpoint to the next), step:FIRST-LAST, program:TEXT (sessions of a version or commit); "
     "`tengen audit` says what is suspect; empty: none"},

    {"fast-noise", OPTION_REAL, FIELD(fast_noise), "0", 0, 10, "factor", NULL,
     "the factor of the Gumbel noise by which fast searches choose; 0: they play their best move"},
    {"fast-rows", OPTION_REAL, FIELD(fast_rows), "0.15", 0, 0.95, "share", NULL,
     "the share of training rows that come from fast searches and have no policy target"},

    {"batch", OPTION_INT, FIELD(batch), "256", 1, 65536, "rows", NULL, "the number of rows in one optimiser step"},
    {"shards", OPTION_INT, FIELD(shards), "4", 1, 1024, "parts", NULL,
     "the number of parts of a batch that are computed side by side; it must divide --batch"},
    {"learning-rate", OPTION_REAL, FIELD(learning_rate), "3e-3", 0, 1, "", NULL,
     "the highest learning rate, after the warm-up and before the decay"},
    {"muon-momentum", OPTION_REAL, FIELD(muon_momentum), "0.95", 0, 0.999, "", NULL,
     "the momentum of Muon on the trunk's convolutions; 0: AdamW trains all weights"},
    {"muon-scale", OPTION_REAL, FIELD(muon_scale), "1", 0.01, 100, "times", NULL,
     "the learning rate of Muon, as a multiple of --learning-rate"},
    {"warmup-steps", OPTION_REAL, FIELD(warmup_steps), "auto", -1, 1e9, "steps", "auto=-1",
     "the number of first steps over which the learning rate rises; auto: 50, or 200 with --from"},
    {"decay-start", OPTION_REAL, FIELD(decay_start), "0.6", 0, 1, "share", NULL,
     "the share of the budget after which the learning rate falls"},
    {"decay-to", OPTION_REAL, FIELD(decay_to), "0.05", 0, 1, "share", NULL,
     "the share of the learning rate that is left at the end"},
    {"weight-decay", OPTION_REAL, FIELD(weight_decay), "0.02", 0, 1, "", NULL, "the weight decay of AdamW"},
    {"clip-norm", OPTION_REAL, FIELD(clip_norm), "1", 0, 1e6, "", NULL,
     "the largest norm of a gradient, to which longer ones are clipped; 0: they are not clipped"},
    {"average-decay", OPTION_REAL, FIELD(average_decay), "0.995", 0, 1, "factor", NULL,
     "the decay, at each step, of the average of the weights that self-play uses"},
    LOSSES(NO_ROW,
           LOSS_ROW){"outcome-weight", OPTION_REAL, FIELD(outcome_weight), "auto", -1, 1, "share", "auto=-1",
                     "the share of the final result in the value target, beside later search values; auto: by board size and "
                     "number of moves"},
    {"value-horizon", OPTION_REAL, FIELD(value_horizon), "auto", 0, 1e6, "plies", "auto=0",
     "the number of moves over which later search values are averaged in the value target; auto: a quarter of the "
     "board's points"},
    {"short-horizon", OPTION_REAL, FIELD(short_horizon), "5", 0.1, 1e6, "plies", NULL,
     "the number of moves over which the short-term value is averaged"},

    {"checkpoints", OPTION_REAL, FIELD(checkpoints), "12", 1, 1e6, "checkpoints", NULL,
     "the number of checkpoints, spread evenly over the budget"},
    {"gate-games", OPTION_INT, FIELD(gate_games), "40", 0, 1e6, "games", NULL,
     "the most games of a checkpoint against the best one; if they leave it undecided, two fifths of the points "
     "are enough (meant for some forty games); 0: every checkpoint becomes the best"},
    {"gate-visits", OPTION_INT, FIELD(gate_visits), "32", 1, 1e6, "simulations", NULL,
     "the number of simulations of each move in the gate's games"},
    {"gate-elo", OPTION_REAL, FIELD(gate_elo), "35", 1, 1000, "Elo", NULL,
     "the difference in strength that the gate tests for, as SPRT(0, this) with errors of 5 %"},
    {"anchor-games", OPTION_INT, FIELD(anchor_games), "400", 0, 1e6, "games", NULL,
     "the most games of a checkpoint on the ladder, against fixed opponents and earlier checkpoints; 0: none"},
    {"arena-share", OPTION_REAL, FIELD(arena_share), "0.1", 0, 1, "share", NULL,
     "the share of the run's time that ladder games may take"},
    {"keep-games", OPTION_INT, FIELD(keep_games), "100", 0, 1e9, "games", NULL,
     "one self-play game in so many is kept as an SGF file, where SGF has the game; 0: none"},
    {NULL, OPTION_INT, 0, NULL, 0, 0, NULL, NULL, NULL},
};

// Chooses the trunk by the number of points and, on processors, by the time there is; the times are
// for two cores (90 minutes for 9x9 Go with 4x48). A net that is too large for its time plays too
// few games to learn from.
static void choose_trunk(struct config *c, int points, const struct devices *devices) {
    static const struct {
        // Each row holds up to so many points and so many hours; 0 hours: any time.
        int points, hours, blocks, channels;
    } trunks[] = {{16, 0, 2, 32},  {25, 0, 4, 32},   {49, 0, 4, 48},   {100, 2, 4, 48},
                  {100, 0, 5, 64}, {1000, 2, 4, 48}, {1000, 8, 5, 64}, {1000, 0, 6, 96}};
    const double hours = devices->cards ? INFINITY : c->time > 0 ? c->time / 3600 : INFINITY;
    int i = 0;
    while (points > trunks[i].points || (trunks[i].hours && hours > trunks[i].hours)) i++;
    if (!c->blocks) c->blocks = trunks[i].blocks;
    if (!c->channels) c->channels = trunks[i].channels;
}

// A mark in visits_start and fast_start, for which choose_searches puts a number.
enum { HALFWAY = -1 };

bool config_is_open(const struct config *c) {
    return !c->blocks || !c->channels || c->pool_every < 0 || !c->head_channels || !c->value_hidden || !c->visits_start ||
           !c->fast_start || c->pass_ban_games < 0 || !c->first_rows || c->warmup_steps < 0;
}

// A net that knows the game must not be spoiled by what suits one that knows nothing: the moments
// of the optimiser and the replay window are empty, and the games that end first are short ones.
void config_begin(struct config *c, const struct net_config *shape, bool knows) {
    if (!c->blocks) c->blocks = shape->blocks;
    if (!c->channels) c->channels = shape->channels;
    if (c->pool_every < 0) c->pool_every = shape->pool_every;
    if (!c->head_channels) c->head_channels = shape->head_channels;
    if (!c->value_hidden) c->value_hidden = shape->value_hidden;
    if (!c->visits_start) c->visits_start = knows ? HALFWAY : 16;
    if (!c->fast_start) c->fast_start = knows ? HALFWAY : 4;
    if (c->pass_ban_games < 0) c->pass_ban_games = knows ? 0 : 500;
    // Both numbers were chosen. first_rows is never 0, which would mean that it is open.
    if (!c->first_rows) c->first_rows = 1 + (c->window_min - 1) / (knows ? 4 : 10);
    if (c->warmup_steps < 0) c->warmup_steps = c->from && c->from[0] ? 200 : 50;
}

// Reads the file of --from only where a setting depends on it: a run that goes on has all of them
// in its config.ini.
static enum status choose_beginning(struct config *c, const struct game *game) {
    const bool has_parent = c->from && c->from[0];
    // These were chosen; choose_trunk sets the rest.
    struct net_config shape = {.pool_every = 2, .head_channels = 32, .value_hidden = 64};
    bool knows = false;
    if (c->freeze_trunk && !has_parent)
        return status_fail(STATUS_USAGE, "freeze-trunk: there is nothing to freeze without --from");
    if (has_parent && config_is_open(c)) {
        struct net *parent;
        TRY(origin_load(c->from, &parent));
        shape = parent->config;
        knows = !strcmp(parent->meta.game, game->type->name);
        net_free(parent);
    }
    config_begin(c, &shape, knows);
    return STATUS_OK;
}

// Halfway up the ramp of the actors' searches, which rises evenly in the logarithm.
static int halfway(int usual_start, int end) {
    const int start = (int)lround(sqrt((double)usual_start * end));
    return start < end ? start : end;
}

// Searches grow to what the time is worth: 64 and 16 on processors, 128 and 24 on cards. Short
// trainings, whose nets are still learning what a few simulations show, were measured with 48 and
// 10.
static void choose_searches(struct config *c, const struct devices *devices) {
    const bool is_long = c->time >= 5400;
    if (!c->visits_end) c->visits_end = devices->cards ? 128 : is_long ? 64 : 48;
    if (!c->fast_end) c->fast_end = devices->cards ? 24 : is_long ? 16 : 10;
    if (c->visits_start == HALFWAY) c->visits_start = halfway(16, c->visits_end);
    if (c->fast_start == HALFWAY) c->fast_start = halfway(4, c->fast_end);
    if (c->visits_end < c->visits_start) c->visits_end = c->visits_start;
    if (c->fast_end < c->fast_start) c->fast_end = c->fast_start;
}

enum status config_devices(const struct config *c, struct devices *devices) {
    return devices_init(devices, c->backend, c->devices, c->vram, c->precision);
}

// About 160,000 points in a batch fill a card (an H100 at 9x9: 2,048 positions), and there are as
// many games as its batches in flight hold.
static void choose_batches(struct config *c, int points, const struct devices *devices) {
    if (!c->play_batch) c->play_batch = points <= 36 ? 4096 : points <= 100 ? 2048 : points <= 200 ? 1024 : 512;
    if (!c->slots) c->slots = devices->cards ? PLAY_BATCHES * c->play_batch * devices->num : 128;
}

int config_num_rules(const struct config *c) {
    int n = 1;
    for (const char *at = c->rules_mix; at && *at; at += strcspn(at, ","), at += *at == ',') n++;
    return n;
}

const char *config_rules_at(const struct config *c, int index, const char *own, char out[CONFIG_RULES_BYTES]) {
    if (!index) return own;
    const char *at = c->rules_mix;
    while (--index) at += strcspn(at, ",") + 1;
    snprintf(out, CONFIG_RULES_BYTES, "%.*s", (int)strcspn(at, ","), at);
    return out;
}

// Refuses, before any game is played, rule sets that a game can't be played by.
static enum status check_rules(const struct config *c, const struct game_options *options, const struct game *own) {
    const char *mix = c->rules_mix ? c->rules_mix : "";
    if (*mix == ',' || (*mix && mix[strlen(mix) - 1] == ',') || strstr(mix, ",,"))
        return status_fail(STATUS_USAGE, "rules-mix: '%.80s' names a rule set with no name: a comma too many", mix);
    for (int i = 1; i < config_num_rules(c); i++) {
        struct game_options other = *options;
        struct game game;
        char text[CONFIG_RULES_BYTES];
        other.rules = config_rules_at(c, i, NULL, text);
        TRY(game_open(&game, c->game, &other));
        if (game.state_bytes != own->state_bytes || game.num_actions != own->num_actions ||
            game.num_globals != own->num_globals)
            return status_fail(STATUS_USAGE, "rules-mix: one net can't play %s by '%s' and by '%s'", c->game, own->rules, text);
    }
    return STATUS_OK;
}

// The most moves that any position of a few random games has.
static int most_moves(const struct game *game) {
    enum { GAMES = 8 };
    struct rng rng;
    rng_init(&rng, 0, 0);
    void *state = memory_raw(1, game->state_bytes, "a position");
    uint16_t *legal = memory_raw((size_t)game->num_actions, sizeof *legal, "the moves of a position");
    int most = 0;
    for (int i = 0; i < GAMES; i++) {
        game_start(game, state);
        for (int n; (n = game_legal(game, state, legal)) > 0; game_play(game, state, legal[rng_below(&rng, (uint32_t)n)]))
            if (n > most) most = n;
    }
    free(state);
    free(legal);
    return most;
}

int config_max_plies(const struct config *c, const struct game *game) {
    const int longest = c->max_plies > 0 ? (int)(c->max_plies * game->height * game->width) + 1 : game->long_plies;
    return longest < game->max_plies ? longest : 0;
}

enum status config_resolve(struct config *c, struct game *game) {
    TRY(options_expect_lines(config_table, c)); // else config.ini would say something else
    if (!c->size[0]) TRY(boards_largest(c->sizes, c->size));
    struct game_options options = {.height = c->size[0], .width = c->size[1], .komi = c->komi};
    options.rules = c->rules && c->rules[0] ? c->rules : NULL;
    struct game probe;
    TRY(game_open(&probe, c->game, &options));
    const int points = probe.height * probe.width;
    if (c->max_plies > 0 && c->max_plies < 1)
        return status_fail(STATUS_USAGE, "max-plies: %g of the points is less than the points; auto: the game's own limit",
                           c->max_plies);
    options.max_plies = config_max_plies(c, &probe);
    TRY(game_open(game, c->game, &options));
    TRY(check_rules(c, &options, game));
    c->size[0] = game->height;
    c->size[1] = game->width;
    c->komi = game->komi;
    if (c->time <= 0 && c->games <= 0) c->time = 20 * 60;
    TRY(choose_beginning(c, game));
    if (c->decay_to <= 0 || c->decay_to > 1) return status_fail(STATUS_USAGE, "decay-to: %g is not within (0, 1]", c->decay_to);
    if ((c->visits_end && c->visits_end < c->visits_start) || (c->fast_end && c->fast_end < c->fast_start))
        return status_fail(STATUS_USAGE, "visits-end and fast-end can't be below visits-start and fast-start");
    if (c->batch % c->shards)
        return status_fail(STATUS_USAGE, "batch: %d rows can't be split into %d equal shards", c->batch, c->shards);
    if (c->window_max < c->window_min) c->window_max = c->window_min;
    // Where the board or the choice of moves is small, a game can be learned everywhere, and not
    // only along good play.
    const bool few_moves = most_moves(game) <= 10;
    if (c->scatter_share < 0) c->scatter_share = points <= 16 ? 0.5 : few_moves ? 0.3 : 0.05;
    // Games of the best play soon become the same few; without others their neighbours are
    // forgotten.
    if (c->deviate_share < 0) c->deviate_share = points > 16 && few_moves ? 0.4 : 0;
    // Searches see much of what is to come, so that their values are worth more than one game's
    // result.
    if (c->outcome_weight < 0) c->outcome_weight = points > 16 && few_moves ? 0.2 : 0.5;
    struct boards boards; // What can't be played on is refused now.
    TRY(boards_init(&boards, c, game));
    if (c->value_horizon <= 0) c->value_horizon = fmax(2, points / 4.0);
    struct devices devices;
    TRY(config_devices(c, &devices));
    choose_trunk(c, points, &devices);
    choose_batches(c, points, &devices);
    choose_searches(c, &devices);
    return STATUS_OK;
}

enum status config_curriculum(const struct config *c, const struct game *game, struct game *small) {
    struct game_options options = {.height = (3 * game->height + 2) / 4,
                                   .width = (3 * game->width + 2) / 4,
                                   .komi = GAME_KOMI_DEFAULT,
                                   .rules = game->rules};
    if (game_open(small, c->game, &options) != STATUS_OK)
        return status_fail(STATUS_USAGE, "curriculum: %s on %dx%d has no board of %dx%d to begin with", c->game, game->height,
                           game->width, options.height, options.width);
    const int longest = config_max_plies(c, small);
    options.max_plies = longest ? longest : small->max_plies;
    if (options.max_plies > game->max_plies)
        // Its games must fit where those of the large board do.
        options.max_plies = game->max_plies;
    if (options.max_plies < small->max_plies) TRY(game_open(small, c->game, &options));
    if (small->height * small->width >= game->height * game->width || small->num_planes != game->num_planes ||
        small->num_globals != game->num_globals || small->policy_planes != game->policy_planes ||
        small->num_global_actions != game->num_global_actions)
        return status_fail(STATUS_USAGE, "curriculum: %s has no smaller board than %dx%d for the same net", c->game,
                           game->height, game->width);
    return STATUS_OK;
}

char *config_text(const struct config *config) {
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    if (!file) memory_failed(0, "the settings as text");
    options_print(config_table, config, file);
    fclose(file);
    return text;
}

void config_command(const struct config *config, char *out, size_t out_bytes) {
    struct config usual = {0};
    struct game game;
    options_defaults(config_table, &usual);
    // The comparison is with a run that begins from nothing, so that what a parent's net has chosen
    // is said.
    usual.game = config->game;
    memcpy(usual.size, config->size, sizeof usual.size);
    usual.time = config->time;
    usual.games = config->games;
    CHECK(config_resolve(&usual, &game) == STATUS_OK); // The same game was opened for `config`.
    char *said = config_text(config), *unsaid = config_text(&usual), *a = said, *b = unsaid;
    size_t length = (size_t)snprintf(out, out_bytes, "tengen train");
    // Both texts have the same keys in the same order.
    for (; *a && *b; a += strcspn(a, "\n") + 1, b += strcspn(b, "\n") + 1) {
        static const char *const always[] = {"game", "size", "time", "games", "seed"};
        const int line = (int)strcspn(a, "\n"), key = (int)strcspn(a, " ");
        bool wanted = line != (int)strcspn(b, "\n") || strncmp(a, b, (size_t)line) != 0;
        for (size_t i = 0; i < sizeof always / sizeof *always; i++)
            wanted |= (int)strlen(always[i]) == key && !strncmp(a, always[i], (size_t)key);
        const int value = key + 3; // The value comes behind " = ".
        const bool no_budget =
            (config->time == 0 && !strncmp(a, "time ", 5)) || (config->games == 0 && !strncmp(a, "games ", 6));
        if (wanted && !no_budget && line > value && length < out_bytes)
            length += (size_t)snprintf(out + length, out_bytes - length, " --%.*s %.*s", key, a, line - value, a + value);
    }
    free(said);
    free(unsaid);
}

struct net_config config_net(const struct config *c, const struct game *game) {
    struct net_config net = net_config_for(game, c->blocks, c->channels);
    net.pool_every = c->pool_every;
    net.head_channels = c->head_channels;
    net.value_hidden = c->value_hidden;
    return net;
}

struct train_params config_train(const struct config *c) {
    struct train_params train = train_params_default;
    train.learning_rate = c->learning_rate;
    train.muon_momentum = c->muon_momentum;
    train.muon_scale = c->muon_scale;
    train.weight_decay = c->weight_decay;
    train.clip_norm = c->clip_norm;
    train.average_decay = c->average_decay;
    train.freeze_trunk = c->freeze_trunk;
    for (int kind = 0; kind < NUM_LOSSES; kind++)
        if (loss_table[kind].is_tuned) train.loss_weights[kind] = c->loss_weights[kind];
    return train;
}

double config_value_horizon(const struct config *c, int points) {
    return c->sizes && c->sizes[0] ? c->value_horizon * points / (c->size[0] * c->size[1]) : c->value_horizon;
}

// It was chosen so that a win by one side of the board is most of the utility.
float config_score_scale(const struct game *game) { return sqrtf((float)(game->height * game->width)); }

struct search_params config_search(const struct config *c, const struct game *game) {
    struct search_params search = search_params_default;
    search.kind = SEARCH_GUMBEL;
    // Only one leaf is in flight for each game, so that targets are free of virtual loss.
    search.max_leaves = 1;
    search.gumbel_candidates = c->candidates;
    search.gumbel_noise = 1;
    search.gumbel_c_scale = (float)c->value_scale;
    search.score_weight = game->has_score ? (float)c->score_weight : 0;
    search.score_scale = config_score_scale(game);
    search.prove = c->prove && !game->has_score;
    search.random_symmetry = true;
    search.stop_settled = true;
    search.cache_entries = 1024; // It was chosen: the last few searches of a game.
    return search;
}

double config_learning_rate(const struct config *c, long long step, double progress) {
    double rate = c->learning_rate;
    if (c->warmup_steps > 0) rate *= fmin(1, (step + 1) / c->warmup_steps);
    if (progress > c->decay_start) {
        const double part = fmin(1, (progress - c->decay_start) / fmax(1e-9, 1 - c->decay_start));
        rate *= pow(c->decay_to, part); // The steps are even on a logarithmic scale.
    }
    return rate;
}

long long config_window(const struct config *c, long long full_rows) {
    const double min = c->window_min;
    if (full_rows <= min) return c->window_min;
    const double window = min * (1 + c->window_scale * (pow(full_rows / min, c->window_exponent) - 1) / c->window_exponent);
    return (long long)fmin(window, c->window_max);
}
