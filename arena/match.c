// A match: a list of games for a room (arena/room.h) to play, and the counting of their results.
//
// Invariants
// 1. The opening, the colours and the seats' random numbers of game i depend on the parameters and
//    on i only. So the result does not depend on threads.
// 2. Pairs count in ascending order. A sequential test that looked at pairs as they finish would
//    favour short games.
//
// Where several processes play, they do so in rounds: each plays its pairs below `end_pair`, and then
// all exchange their results and count. Without a sequential test there is one round.
#include "arena/match.h"

#include "arena/room.h"
#include "arena/stats.h"
#include "base/files.h"
#include "base/memory.h"
#include "game/sgf.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PLIES = UINT16_MAX }; // of any game

// What counts of a game.
struct game_result {
    bool is_finished, is_disputed;
    enum outcome outcome;
    uint64_t moves_hash;
    // The player who forfeited it: 0 is A, 1 is B, -1 is nobody.
    int forfeit;
};

// Shared by the threads of a match. The mutex guards `results` and the fields below it.
struct match {
    // First, since the scheduler's functions cast it to the match.
    struct scheduler scheduler;
    const struct match_params *params;
    const struct player *players[2]; // A, B
    int num_games;
    struct opening *openings;    // [num_games / 2]
    struct game_result *results; // [num_games]
    pthread_mutex_t mutex;
    int next_game, end_pair; // Pairs from end_pair on are not played in this round.
    FILE *told;              // What the other parts are told of this round's games; NULL: there are none.
    // The first counted_pairs pairs are finished and are counted in `pairs`, by A's half points.
    int counted_pairs;
    int pairs[5];
    // What the sequential test has decided, and its log-likelihood ratio; 0: nothing yet.
    int sprt;
    double llr;
    // The first failure, at which everybody stops.
    enum status status;
};

static bool is_stopped(const struct match *match) { return match->params->stop && *match->params->stop; }

static bool match_is_ended(struct scheduler *scheduler) {
    struct match *match = (struct match *)scheduler;
    pthread_mutex_lock(&match->mutex);
    const bool ended = match->sprt || match->status != STATUS_OK || is_stopped(match);
    pthread_mutex_unlock(&match->mutex);
    return ended;
}

static bool a_is_first(const struct match *match, int index) {
    return match->params->a_side == 0 ? index % 2 == 0 : match->params->a_side == 1;
}

static enum lane_take match_take(struct scheduler *scheduler, const struct lane_game *last, struct lane_game *out) {
    (void)last;
    struct match *match = (struct match *)scheduler;
    const struct match_params *params = match->params;
    pthread_mutex_lock(&match->mutex);
    while (params->parts && match->next_game / 2 % params->parts != params->part) match->next_game++;
    const int index = match->next_game < 2 * match->end_pair ? match->next_game++ : -1;
    pthread_mutex_unlock(&match->mutex);
    if (index < 0) return TAKE_NEVER;
    const int first = a_is_first(match, index) ? 0 : 1;
    *out = (struct lane_game){.pair = index / 2,
                              .index = index,
                              .players = {first, 1 - first},
                              .opening = match->openings[index / 2],
                              .seed = match->params->seed};
    for (int side = 0; side < 2; side++) out->streams[side] = 2 + 2 * (uint64_t)index + (uint64_t)out->players[side];
    return TAKE_GAME;
}

static void match_fail(struct scheduler *scheduler, enum status status) {
    struct match *match = (struct match *)scheduler;
    pthread_mutex_lock(&match->mutex);
    if (match->status == STATUS_OK) match->status = status;
    pthread_mutex_unlock(&match->mutex);
}

// A's points in game `index`, in halves: 0, 1 or 2.
static int half_points(const struct match *match, int index) {
    return 1 + outcome_for(match->results[index].outcome, a_is_first(match, index) ? 0 : 1);
}

// Counts the pairs that can be counted now, in the order of their index.
static void count_pairs(struct match *match) {
    const struct match_params *params = match->params;
    double reject = 0, accept = 0;
    if (params->sprt) stats_sprt_bounds(params->sprt_alpha, params->sprt_beta, &reject, &accept);
    while (!match->sprt && match->counted_pairs < match->num_games / 2) {
        const int first = 2 * match->counted_pairs;
        if (!match->results[first].is_finished || !match->results[first + 1].is_finished) break;
        match->pairs[half_points(match, first) + half_points(match, first + 1)]++;
        match->counted_pairs++;
        if (!params->sprt) continue;
        match->llr = stats_sprt_llr(match->pairs, params->sprt_elo0, params->sprt_elo1);
        match->sprt = match->llr >= accept ? 1 : match->llr <= reject ? -1 : 0;
    }
}

// A game on its way to the other parts: this, then the reason, then the actions.
struct told_game {
    struct game_result result;
    int index, plies, reason_bytes;
    double score, seconds;
};

static void tell(struct match *match, const struct match_game *game) {
    const struct told_game told = {.result = match->results[game->index],
                                   .index = game->index,
                                   .plies = game->plies,
                                   .reason_bytes = game->reason ? (int)strlen(game->reason) + 1 : 0,
                                   .score = game->score,
                                   .seconds = game->seconds};
    fwrite(&told, sizeof told, 1, match->told);
    if (game->reason) fwrite(game->reason, 1, (size_t)told.reason_bytes, match->told);
    fwrite(game->actions, sizeof *game->actions, (size_t)game->plies, match->told);
}

static void match_finished(struct scheduler *scheduler, const struct lane_game *played, const struct lane_end *end) {
    struct match *match = (struct match *)scheduler;
    const struct match_params *params = match->params;
    const char *first = player_name(match->players[played->players[0]]),
               *second = player_name(match->players[played->players[1]]);
    const struct match_game game = {
        .index = (int)played->index,
        .black = first,
        .white = second,
        .a_is_first = played->players[0] == 0,
        .outcome = end->outcome,
        .score = end->score,
        .plies = end->num_actions,
        .actions = end->actions,
        .reason = end->reason,
        .seconds = end->seconds,
    };
    if (params->sgf_dir) {
        char path[PATH_BYTES];
        path_format(path, "%s/game%05d.sgf", params->sgf_dir, game.index);
        const enum status status = lane_write_sgf(params->game, first, second, end, path);
        if (status != STATUS_OK) match_fail(scheduler, status);
    }
    pthread_mutex_lock(&match->mutex);
    match->results[game.index] = (struct game_result){
        .is_finished = true,
        .is_disputed = end->is_disputed,
        .outcome = end->outcome,
        .moves_hash = end->moves_hash,
        .forfeit = end->forfeit < 0 ? -1 : played->players[end->forfeit],
    };
    count_pairs(match);
    if (match->told) tell(match, &game);
    if (params->on_game) params->on_game(params->context, &game);
    pthread_mutex_unlock(&match->mutex);
}

// Takes the games of the other parts.
static void hear(struct match *match, const char *all, size_t num_bytes) {
    const struct match_params *params = match->params;
    uint16_t *actions = memory_raw(MAX_PLIES, sizeof *actions, "the games of a match");
    for (const char *at = all; at < all + num_bytes;) {
        struct told_game told;
        memcpy(&told, at, sizeof told);
        const char *reason = at + sizeof told, *moves = reason + told.reason_bytes;
        at = moves + (size_t)told.plies * sizeof *actions;
        if (told.index / 2 % params->parts == params->part) continue; // It is our own.
        CHECK(told.index >= 0 && told.index < match->num_games && told.plies <= MAX_PLIES);
        memcpy(actions, moves, (size_t)told.plies * sizeof *actions);
        match->results[told.index] = told.result;
        const bool first = a_is_first(match, told.index);
        const struct match_game game = {.index = told.index,
                                        .black = player_name(match->players[first ? 0 : 1]),
                                        .white = player_name(match->players[first ? 1 : 0]),
                                        .a_is_first = first,
                                        .outcome = told.result.outcome,
                                        .score = told.score,
                                        .plies = told.plies,
                                        .actions = actions,
                                        .reason = told.reason_bytes ? reason : NULL,
                                        .seconds = told.seconds};
        if (params->on_game) params->on_game(params->context, &game);
    }
    free(actions);
}

static int compare_u64(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void match_rate(const int pair_counts[5], struct match_result *result) {
    stats_pair_rate(pair_counts, &result->score, &result->score_low, &result->score_high);
    result->elo = stats_elo_of_rate(result->score);
    result->elo_low = stats_elo_of_rate(result->score_low);
    result->elo_high = stats_elo_of_rate(result->score_high);
}

static void summarise(const struct match *match, struct match_result *result) {
    memset(result, 0, sizeof *result);
    result->games = 2 * match->counted_pairs;
    uint64_t *hashes = memory_raw((size_t)result->games, sizeof *hashes, "the result of a match");
    for (int i = 0; i < result->games; i++) {
        const struct game_result *game = &match->results[i];
        const int points = half_points(match, i);
        result->wins += points == 2;
        result->draws += points == 1;
        result->losses += points == 0;
        result->first_wins += game->outcome == OUTCOME_FIRST;
        result->first_draws += game->outcome == OUTCOME_DRAW;
        result->forfeits_a += game->forfeit == 0;
        result->forfeits_b += game->forfeit == 1;
        result->disputes += game->is_disputed;
        hashes[i] = game->moves_hash;
    }
    qsort(hashes, (size_t)result->games, sizeof *hashes, compare_u64);
    for (int i = 0; i < result->games; i++) result->distinct += i == 0 || hashes[i] != hashes[i - 1];
    free(hashes);
    match_rate(match->pairs, result);
    result->sprt = match->sprt;
    result->sprt_llr = match->llr;
}

static enum status draw_openings(struct match *match) {
    const struct match_params *params = match->params;
    struct openings *openings = NULL;
    const struct openings_params wanted = {
        .game = params->game, .plies = params->opening_plies, .band = params->opening_band, .seed = params->seed};
    enum status status = openings_new(&openings, &wanted);
    for (int i = 0; status == STATUS_OK && i < match->num_games / 2 && !is_stopped(match); i++)
        openings_at(openings, i, &match->openings[i]);
    openings_free(openings);
    return status;
}

// One round: the room plays this part's pairs below end_pair, and the parts exchange their results.
static enum status play_round(struct match *match, struct room *room) {
    char *mine = NULL, *all = NULL;
    size_t num_bytes = 0, all_bytes = 0;
    if (match->params->parts && !(match->told = open_memstream(&mine, &num_bytes))) memory_failed(0, "the games of a match");
    enum status status = room_play(room);
    if (match->told) {
        fclose(match->told);
        match->told = NULL;
        if (status == STATUS_OK) status = match->status;
        if (status == STATUS_OK)
            status = match->params->exchange(match->params->exchange_context, mine, num_bytes, &all, &all_bytes);
        if (status == STATUS_OK) hear(match, all, all_bytes);
        if (status == STATUS_OK) count_pairs(match);
    }
    free(mine);
    free(all);
    return status;
}

enum { ROUND_PAIRS = 8 }; // Of each part in a round of a sequential test. Chosen: few are played in vain.

static enum status play_rounds(struct match *match, struct room *room) {
    const int num_pairs = match->num_games / 2;
    const bool in_rounds = match->params->parts && match->params->sprt;
    while (!match->sprt && match->end_pair < num_pairs) {
        match->end_pair += in_rounds ? ROUND_PAIRS * match->params->parts : num_pairs;
        if (match->end_pair > num_pairs) match->end_pair = num_pairs;
        TRY(play_round(match, room));
        if (match->counted_pairs < match->end_pair) return STATUS_OK; // It was stopped, here or in another part.
    }
    return STATUS_OK;
}

enum status match_run(const struct match_params *params, const struct player *a, const struct player *b,
                      struct match_result *result) {
    struct match match = {
        .scheduler = {.take = match_take, .finished = match_finished, .is_ended = match_is_ended, .fail = match_fail},
        .params = params,
        .players = {a, b},
    };
    struct room room = {
        .game = params->game,
        .players = match.players,
        .num_players = 2,
        .threads = params->threads < 1 ? 1 : params->threads,
        .clock = params->clock,
        .scheduler = &match.scheduler,
    };
    enum status status = STATUS_OK;
    memset(result, 0, sizeof *result);
    TRY(player_check_game(a, params->game));
    TRY(player_check_game(b, params->game));
    if (params->sgf_dir) {
        TRY(sgf_check_game(params->game->type->name));
        char first[PATH_BYTES];
        if (file_exists(path_format(first, "%s/game%05d.sgf", params->sgf_dir, 2 * params->part)))
            return status_fail(STATUS_IO, "%s: is there from another match, and is not written over", first);
        TRY(dir_make(params->sgf_dir));
    }
    match.num_games = params->games < 2 ? 2 : (params->games + 1) / 2 * 2;
    const int parts = params->parts ? params->parts : 1;
    room_choose(&room, params->lanes, params->max_batch, (match.num_games + parts - 1) / parts);
    match.openings = memory_new((size_t)match.num_games / 2, sizeof *match.openings, "the openings of a match");
    match.results = memory_new((size_t)match.num_games, sizeof *match.results, "the games of a match");
    CHECK(pthread_mutex_init(&match.mutex, NULL) == 0);
    if ((status = draw_openings(&match)) != STATUS_OK) goto out;
    if ((status = play_rounds(&match, &room)) != STATUS_OK) goto out;
    summarise(&match, result);
    status = match.status;
    if (status == STATUS_OK && !match.sprt && match.counted_pairs < match.num_games / 2) status = STATUS_CANCELLED;
out:
    pthread_mutex_destroy(&match.mutex);
    free(match.openings);
    free(match.results);
    return status;
}
