// A slot plays one game after another.
//
//   begin: komi, then one of  - the start
//                             - a fork: an undecided position of the slot's last game
//                             - a deviation: an early position of it, and another move there
//                             - a scatter: uniformly random plies
//          then, except after a deviation, a few plies drawn from the raw policy
//          (all of these are openings: they are played, but not learned from)
//   then:  each move is by a full search (its policy is a target) or by a fast one (only its value
//          is) [Wu 2019, 3.1]
//   end:   the rules' end, or as soon as no play can change the result; what a search has proven
//          its tree plays to the end
//
// Invariants:
//   1. Between slot_gather and slot_absorb exactly one leaf is pending.
//   2. Every random choice comes from the game's own stream, which (seed, session, slot, game of
//      the slot) name.
//   3. A ply is recorded before it is played.

#include "selfplay/slot.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum thought { THINK_OPENING, THINK_FAST, THINK_FULL };

enum {
    DECIDED_PLIES = 6, // It was chosen: both sides have agreed for three moves each.
    // It was chosen: after so many games without a judgement, the next one has some.
    CACHED_GAMES = 8,
};

struct slot {
    const struct config *config;
    const struct boards *boards;
    const struct game *board; // The board of the last game begun.
    struct game game;         // The same, with this game's komi and rules.
    uint64_t session;
    int index, num_slots, num_begun;
    long long net_step; // The step of the net whose judgements the search has cached.
    struct rng rng;
    struct search *search;
    bool playing, thinking;
    enum thought thought;
    int raw_plies; // The openings that are still to be drawn from the raw policy.
    int decided;   // The consecutive plies whose value says the same clear winner.
    int decided_side;
    struct record record; // The record that is being written.
    struct record *finished;
    uint16_t *last; // The moves of the last game, with some of which the next may begin.
    // The number of all of them, and of those up to an undecided position (0: there is none).
    int last_plies, fork_plies;
    double last_komi;
    const char *last_rules;
    int num_finished, max_finished;
    struct actors_stats stats;
    int8_t *owner;               // [height, width]
    float *policy;               // [num_actions]
    uint16_t *legal;             // [num_actions]
    struct search_move *moves;   // [num_actions]
    unsigned char *state, *next; // [state_bytes] each
};

enum status slot_new(struct slot **out, const struct config *config, const struct boards *boards, uint64_t session, int index,
                     int num_slots) {
    const struct game *game = &boards->own; // It is the largest board, so that every game fits.
    struct slot *slot = memory_new(1, sizeof *slot, "a game in play");
    *slot = (struct slot){
        .config = config, .boards = boards, .game = *game, .session = session, .index = index, .num_slots = num_slots};
    const size_t n = (size_t)game->num_actions;
    slot->owner = memory_raw((size_t)(game->height * game->width), 1, "a game in play");
    slot->last = memory_raw((size_t)game->max_plies + 1, sizeof *slot->last, "a game in play");
    slot->policy = memory_raw(n, sizeof *slot->policy, "a game in play");
    slot->legal = memory_raw(n, sizeof *slot->legal, "a game in play");
    slot->moves = memory_raw(n, sizeof *slot->moves, "a game in play");
    slot->state = memory_raw(1, game->state_bytes, "a game in play");
    slot->next = memory_raw(1, game->state_bytes, "a game in play");
    const struct search_params params = config_search(config, game);
    const enum status status = search_new(&slot->search, &params);
    if (status != STATUS_OK) {
        slot_free(slot);
        return status;
    }
    *out = slot;
    return STATUS_OK;
}

void slot_free(struct slot *slot) {
    if (!slot) return;
    search_free(slot->search);
    record_done(&slot->record);
    for (int i = 0; i < slot->num_finished; i++) record_done(&slot->finished[i]);
    free(slot->finished);
    free(slot->last);
    free(slot->owner);
    free(slot->policy);
    free(slot->legal);
    free(slot->moves);
    free(slot->state);
    free(slot->next);
    free(slot);
}

// Half of the games lie close around the centre, so that the fair result is known exactly; half lie
// wide, so that value and score are learned as functions of komi. Whole and half points are equally
// likely, for draws are part of the game.
static double draw_komi(const struct config *config, double centre, struct rng *rng) {
    if (rng_u64(rng) & 1) return centre + 0.5 * ((int)rng_below(rng, 5) - 2);
    return floor(2 * (centre + config->komi_noise * rng_normal(rng)) + 0.5) / 2;
}

static void push_ply(struct slot *slot, int action, enum ply_kind kind, const struct search_summary *summary) {
    const int mover = game_to_move(&slot->game, slot->state);
    // We record the policy-weighted mean: sequential halving looks at bad moves on purpose, and the
    // plain mean would make sharp positions look lost.
    record_add_ply(&slot->record, action, mover, kind, 1, summary ? summary->policy_wdl : NULL,
                   summary ? summary->policy_score : 0);
}

// Plays an action, unless it would end the game.
static bool opening_play(struct slot *slot, int action) {
    memcpy(slot->next, slot->state, slot->game.state_bytes);
    game_play(&slot->game, slot->next, action);
    if (game_certain(&slot->game, slot->next) != OUTCOME_NONE) return false;
    push_ply(slot, action, PLY_FREE, NULL);
    memcpy(slot->state, slot->next, slot->game.state_bytes);
    return true;
}

static bool is_open(const struct record_ply *ply) {
    const bool drawn = !ply->win && !ply->loss; // It is a draw for certain.
    return ply->kind != PLY_FREE && !drawn &&
           // It was chosen: nobody is sure of the result.
           abs(ply->win - ply->loss) < (int)(0.8 * RECORD_PROB_ONE);
}

// Picks an undecided position of a finished game, as the number of its moves; 0: there is none.
static int pick_fork(struct slot *slot, const struct record *record) {
    int num_open = 0;
    for (int i = 0; i < record->num_plies; i++) num_open += is_open(&record->plies[i]);
    int left = (int)(rng_double(&slot->rng) * num_open);
    for (int i = 0; i < record->num_plies; i++)
        if (is_open(&record->plies[i]) && left-- == 0) return i;
    return 0;
}

// Keeps what the next game may begin with.
static void remember(struct slot *slot, const struct record *record) {
    for (int i = 0; i < record->num_plies; i++) slot->last[i] = record->plies[i].action;
    slot->last_plies = record->num_plies;
    slot->last_komi = record->komi;
    slot->last_rules = slot->game.rules;
    slot->fork_plies = pick_fork(slot, record);
}

// Plays the first moves of the last game. False: one of them would end this one.
static bool repeat(struct slot *slot, int plies) {
    for (int i = 0; i < plies; i++)
        if (!opening_play(slot, slot->last[i])) return false;
    return true;
}

static void begin_at_fork(struct slot *slot) {
    // One move from the raw policy leaves the known path.
    if (repeat(slot, slot->fork_plies)) slot->raw_plies = 1;
}

// Writes the legal moves except the pass into slot->legal; returns their number.
static int moves_without_pass(struct slot *slot) {
    const int num_legal = game_legal(&slot->game, slot->state, slot->legal);
    int n = 0;
    for (int i = 0; i < num_legal; i++)
        if (slot->legal[i] != slot->game.pass_action) slot->legal[n++] = slot->legal[i];
    return n;
}

// Good play is soon the same game again and again; deviations teach what all the moves beside it
// are worth.
static void deviate(struct slot *slot) {
    const int half = slot->game.height * slot->game.width / 2, most = slot->last_plies < half ? slot->last_plies : half;
    const int length = most > 0 ? (int)rng_below(&slot->rng, (uint32_t)most) : 0;
    slot->raw_plies = 0;
    if (!repeat(slot, length)) return;
    int n = 0;
    const int num_legal = moves_without_pass(slot);
    for (int i = 0; i < num_legal; i++)
        if (slot->legal[i] != slot->last[length]) slot->legal[n++] = slot->legal[i];
    if (n > 0) opening_play(slot, slot->legal[rng_below(&slot->rng, (uint32_t)n)]);
}

static void scatter(struct slot *slot) {
    const int points = slot->game.height * slot->game.width;
    const int length = (int)rng_below(&slot->rng, (uint32_t)(points <= 16 ? points : points / 2));
    for (int i = 0; i < length; i++) {
        const int n = moves_without_pass(slot);
        if (!n || !opening_play(slot, slot->legal[rng_below(&slot->rng, (uint32_t)n)])) return;
    }
}

// Draws the game that is played next on this board: its komi and rules.
static void draw_game(struct slot *slot, const struct game *board, bool branches) {
    const struct config *config = slot->config;
    const int num_rules = config_num_rules(config);
    char text[CONFIG_RULES_BYTES];
    struct game_options options = {.height = board->height, .width = board->width, .max_plies = board->max_plies};
    options.komi = !board->has_komi ? GAME_KOMI_DEFAULT
                   : branches       ? slot->last_komi
                                    : draw_komi(config, board->komi, &slot->rng);
    options.rules = board->rules;
    if (branches) options.rules = slot->last_rules;
    // No number is drawn where there is nothing to choose, so that old seeds give old games.
    else if (num_rules > 1)
        options.rules = config_rules_at(config, (int)rng_below(&slot->rng, (uint32_t)num_rules), board->rules, text);
    // It was open before, with another komi, and config_resolve tried the rules.
    CHECK(game_open(&slot->game, board->type->name, &options) == STATUS_OK);
    CHECK(slot->game.state_bytes <= slot->boards->own.state_bytes && slot->game.num_actions <= slot->boards->own.num_actions);
}

// One number decides how a game begins: like the one before, in two ways, or scattered, or plainly.
static bool wants_fork(const struct slot *slot, double how) { return slot->fork_plies > 0 && how < slot->config->fork_share; }
static bool wants_deviation(const struct slot *slot, double how) {
    const double scattered = slot->config->fork_share + slot->config->scatter_share;
    return slot->last_plies > 0 && how >= scattered && how < scattered + slot->config->deviate_share;
}

// A game that begins like the one before stays on its board. So only the others decide the shares
// of the boards, and those are as asked for.
static const struct game *choose_board(struct slot *slot, const struct actors_round *round, bool branches) {
    const struct boards *boards = slot->boards;
    if (round->small_board) return &boards->small;
    // No number is drawn where there is nothing to choose, so that old seeds give old games.
    if (boards->num == 1) return &boards->own;
    return branches ? slot->board : boards_draw(boards, rng_double(&slot->rng));
}

static void begin_game(struct slot *slot, const struct actors_round *round) {
    const struct config *config = slot->config;
    // The stream names the game: slots are far fewer than 2^20, and the games of a slot fewer than
    // 2^40.
    const uint64_t stream = rng_mix(slot->session) ^ ((uint64_t)slot->index << 40 | (uint64_t)slot->num_begun++);
    rng_init(&slot->rng, (uint64_t)config->seed, stream);
    const double how = rng_double(&slot->rng);
    const struct game *board = choose_board(slot, round, wants_fork(slot, how) || wants_deviation(slot, how));
    const bool same_board = board->height == slot->game.height && board->width == slot->game.width;
    const double scattered = config->fork_share + config->scatter_share;
    const bool fork = same_board && wants_fork(slot, how), deviation = same_board && wants_deviation(slot, how);
    slot->board = board;
    if (!same_board || board->has_komi || config_num_rules(config) > 1) draw_game(slot, board, fork || deviation);
    const int points = board->height * board->width;
    if (slot->boards->num > 1) search_set_score_scale(slot->search, config_score_scale(board));
    record_init(&slot->record, &slot->game);
    slot->record.seed = stream;
    // They count in the order of beginning.
    slot->record.index = (long long)(slot->num_begun - 1) * slot->num_slots + slot->index;
    slot->record.net_step = round->step;
    slot->raw_plies = (int)(-log(1 - rng_double(&slot->rng)) * config->opening_share * points + 0.5);
    slot->decided = 0;
    game_start(&slot->game, slot->state);
    if (fork)
        begin_at_fork(slot);
    else if (deviation)
        deviate(slot);
    else if (how < scattered)
        scatter(slot);
    slot->playing = true;
}

static int ramp(int start, int end, double progress) {
    return (int)lround(start * pow((double)end / start, fmin(1, fmax(0, progress))));
}

static bool draw_full(struct slot *slot) {
    const struct config *config = slot->config;
    return rng_double(&slot->rng) < config->full_share * (slot->decided >= DECIDED_PLIES ? config->decided_share : 1);
}

static void begin_thought(struct slot *slot, const struct actors_round *round) {
    const struct config *config = slot->config;
    int simulations = 1;
    if (slot->raw_plies > 0) {
        slot->raw_plies--;
        slot->thought = THINK_OPENING;
    } else if (draw_full(slot)) {
        slot->thought = THINK_FULL;
        simulations = ramp(config->visits_start, config->visits_end, round->progress);
    } else {
        slot->thought = THINK_FAST;
        simulations = ramp(config->fast_start, config->fast_end, round->progress);
    }
    const struct rng stream = slot->rng;
    // The search draws from a copy of the stream, so that ours must move on.
    rng_u64(&slot->rng);
    struct rng own;
    rng_init(&own, rng_mix(stream.s[0] ^ stream.s[3]), stream.s[1]);
    search_start(slot->search, &slot->game, slot->state, &own);
    search_set_noise(slot->search, slot->thought == THINK_FAST ? config->fast_noise : 1);
    search_begin(slot->search, simulations, false);
    slot->thinking = true;
}

static int draw_prior(struct slot *slot) {
    const int n = search_moves(slot->search, slot->moves);
    double at = rng_double(&slot->rng), sum = 0;
    for (int i = 0; i < n; i++) sum += slot->moves[i].prior;
    at *= sum;
    int action = slot->moves[0].action;
    for (int i = 0; i < n && at >= 0; i++) {
        if (slot->moves[i].prior > 0) action = slot->moves[i].action;
        at -= slot->moves[i].prior;
    }
    return action;
}

static void note_decided(struct slot *slot, const struct search_summary *summary) {
    const double value = summary->policy_wdl[0] - summary->policy_wdl[2];
    const int mover = game_to_move(&slot->game, slot->state), winner = value > 0 ? mover : !mover;
    const bool clear = fabs(value) > slot->config->decided_value;
    slot->decided = !clear ? 0 : slot->decided && winner == slot->decided_side ? slot->decided + 1 : 1;
    slot->decided_side = winner;
}

static void end_game(struct slot *slot, enum outcome outcome) {
    const struct game *game = &slot->game;
    const float score = game->has_score ? (float)game_score(game, slot->state) : 0;
    if (game->has_ownership) game->type->ownership(game, slot->state, slot->owner);
    slot->record.opening_plies = 0;
    while (slot->record.opening_plies < slot->record.num_plies &&
           slot->record.plies[slot->record.opening_plies].kind == PLY_FREE)
        slot->record.opening_plies++;
    record_finish(&slot->record, outcome, score, game->has_ownership ? slot->owner : NULL);
    if (slot->num_finished == slot->max_finished) {
        slot->max_finished = slot->max_finished ? 2 * slot->max_finished : 4;
        slot->finished = memory_resize(slot->finished, (size_t)slot->max_finished, sizeof *slot->finished, "finished games");
    }
    slot->stats.plies += slot->record.num_plies;
    remember(slot, &slot->record);
    record_move(&slot->finished[slot->num_finished++], &slot->record);
    slot->stats.games++;
    slot->playing = false;
}

static enum outcome play(struct slot *slot, int action) {
    game_play(&slot->game, slot->state, action);
    return game_certain(&slot->game, slot->state);
}

// Records what the search has found, and returns its move.
static int choose(struct slot *slot, enum ply_kind kind, const struct search_summary *summary) {
    const int action = search_choose(slot->search, 0, &slot->rng);
    push_ply(slot, action, kind, summary);
    note_decided(slot, summary);
    if (kind == PLY_FULL) {
        search_policy(slot->search, slot->policy);
        record_set_policy(&slot->record, slot->policy, slot->game.num_actions);
        slot->stats.full_rows++;
    }
    return action;
}

// What the search has proven is played to its end by its tree, which holds an answer to every move,
// so that the result is the proven one. The policies of these plies are exact, and as large a share
// of them as of other plies become targets.
static enum outcome play_proof(struct slot *slot, int action) {
    for (;;) {
        const enum outcome outcome = play(slot, action);
        if (outcome != OUTCOME_NONE) return outcome;
        struct search_summary summary;
        CHECK(search_advance(slot->search, action));
        search_summary(slot->search, &summary);
        CHECK(summary.proven);
        action = choose(slot, draw_full(slot) ? PLY_FULL : PLY_FAST, &summary);
        slot->stats.moves++;
    }
}

static void end_thought(struct slot *slot) {
    struct search_summary summary;
    search_summary(slot->search, &summary);
    int action;
    if (slot->thought == THINK_OPENING) {
        action = draw_prior(slot);
        push_ply(slot, action, PLY_FREE, NULL);
    } else {
        action = choose(slot, slot->thought == THINK_FULL ? PLY_FULL : PLY_FAST, &summary);
    }
    slot->stats.simulations += summary.simulations;
    slot->stats.moves++;
    const enum outcome outcome = summary.proven ? play_proof(slot, action) : play(slot, action);
    slot->thinking = false;
    if (outcome != OUTCOME_NONE) end_game(slot, outcome);
}

struct position slot_gather(struct slot *slot, const struct actors_round *round) {
    if (slot->net_step != round->step) search_forget(slot->search);
    slot->net_step = round->step;
    for (int games = 0;;) {
        // A game of few positions might be played from the cache alone for ever.
        if (!slot->playing && games++ == CACHED_GAMES) search_forget(slot->search);
        if (!slot->playing) begin_game(slot, round);
        if (!slot->thinking) begin_thought(slot, round);
        struct position position;
        if (search_gather(slot->search, 1, &position) > 0) return position;
        end_thought(slot);
    }
}

void slot_absorb(struct slot *slot, const struct actors_round *round, struct judgement *judgement) {
    // Two passes in an empty game make value follow colour: a net that knows nothing must not learn
    // that.
    const struct game *game = &slot->game;
    if (round->games_done < slot->config->pass_ban_games && game->pass_action != GAME_NO_ACTION &&
        slot->record.num_plies < slot->config->pass_ban_plies * game->height * game->width)
        judgement->logits[game->pass_action] = -1e4f;
    search_absorb(slot->search, 1, judgement);
    slot->stats.evaluations++;
}

struct record *slot_take(struct slot *slot, int *num_records, struct actors_stats *stats) {
    stats->evaluations += slot->stats.evaluations;
    stats->simulations += slot->stats.simulations;
    stats->moves += slot->stats.moves;
    stats->full_rows += slot->stats.full_rows;
    stats->games += slot->stats.games;
    stats->plies += slot->stats.plies;
    memset(&slot->stats, 0, sizeof slot->stats);
    struct record *records = slot->finished;
    *num_records = slot->num_finished;
    slot->finished = NULL;
    slot->num_finished = slot->max_finished = 0;
    return records;
}

const struct record *slot_record(const struct slot *slot) { return slot->playing ? &slot->record : NULL; }
