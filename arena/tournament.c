// A tournament: it hands the schedule's choice to a room (arena/room.h), and keeps account of what
// was played.
//
//   take:      schedule_next --> the opening of that pair, random streams --> a lane
//   finished:  a lane --> repeated? never started? --> counts, schedule, caller
//                                                  --> every few games a new rating
//
// Invariants
// 1. A mutex guards everything in struct tournament. The caller's functions are called under it,
//    one at a time.
// 2. A game is a pure function of the seed, the names of its players in order, and the pair. So it
//    can be played again and is the same.
// 3. Each half of a pair is played once over all sessions. Old games set the number of the next new
//    pair, and halves that a killed session left open are played before anything else.
#include "arena/tournament.h"

#include "arena/room.h"
#include "arena/tournament_schedule.h"
#include "base/files.h"
#include "base/memory.h"

#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    // A new rating is fitted when the games are one in 50 more; chosen: a fit takes less than a
    // millisecond.
    FIT_SHARE = 50,
    // Games with programs at once, of which each is a process that thinks.
    PROGRAMS_PER_THREAD = 2,
    // The most lanes of a thread, if the caller does not say. Games that are in play when the last
    // interval has become narrow are played for nothing.
    TOURNAMENT_LANES = 16,
    // The most bytes of a player's name in the name of a file.
    NAME_BYTES = 40,
};

// A set of keys with open addressing, at most half full; 0 is no key.
struct hash_set {
    uint64_t *keys;
    size_t size, num;
};

struct tournament {
    // First, since the scheduler's functions cast it to the tournament.
    struct scheduler scheduler;
    const struct tournament_params *params;
    pthread_mutex_t mutex;
    struct schedule schedule;
    struct openings *openings;
    struct hash_set seen;
    struct rating_pair *table; // [n, n], by first and second player
    struct rating_pair *rows;  // those of them that have games
    // The last rating, and how many games it was fitted to.
    struct rating rating;
    int fitted_games;
    struct tournament_result counts;
    int in_play;
    bool is_satisfied;
    double started;
    // The first failure, at which everybody stops.
    enum status status;
};

// --- The account of games ---------------------------------------------------------------------

// Adds a key. False: it was there already.
static bool hash_set_add(struct hash_set *set, uint64_t key) {
    if (key == 0) key = 1;
    if (2 * (set->num + 1) > set->size) {
        const struct hash_set old = *set;
        set->size = old.size ? 2 * old.size : 1024;
        set->keys = memory_new(set->size, sizeof *set->keys, "the games of a tournament");
        for (size_t i = 0; i < old.size; i++) {
            if (!old.keys[i]) continue;
            size_t at = old.keys[i] & (set->size - 1);
            while (set->keys[at]) at = (at + 1) & (set->size - 1);
            set->keys[at] = old.keys[i];
        }
        free(old.keys);
    }
    size_t at = key & (set->size - 1);
    for (; set->keys[at]; at = (at + 1) & (set->size - 1))
        if (set->keys[at] == key) return false;
    set->keys[at] = key;
    set->num++;
    return true;
}

static uint64_t hash_text(const char *text, uint64_t hash) {
    for (; *text; text++) hash = rng_mix(hash ^ (unsigned char)*text);
    return rng_mix(hash);
}

static bool never_started(const struct tournament_game *game) {
    return game->forfeit >= 0 && game->reason && !strncmp(game->reason, LANE_NEVER_STARTED, strlen(LANE_NEVER_STARTED));
}

// Enters a game, old or new, and sets its is_duplicate. Returns whether it counts.
static bool enter(struct tournament *t, struct tournament_game *game) {
    const int n = t->params->num_players;
    const uint64_t players = (uint64_t)(game->first * n + game->second);
    game->is_duplicate |= !hash_set_add(&t->seen, rng_mix(game->moves_hash ^ rng_mix(players)));
    const bool is_counted = !game->is_duplicate && !never_started(game);
    t->counts.duplicates += game->is_duplicate;
    t->counts.disputes += game->is_disputed;
    if (game->forfeit >= 0) t->counts.forfeits[game->forfeit]++;
    if (!is_counted) return false;
    const int points = outcome_for(game->outcome, 0);
    struct rating_pair *row = &t->table[game->first * n + game->second];
    row->wins += points > 0;
    row->draws += points == 0;
    row->losses += points < 0;
    t->counts.games++;
    return true;
}

static enum status fit(struct tournament *t) {
    const struct tournament_params *params = t->params;
    const int n = params->num_players;
    int num = 0;
    for (int k = 0; k < n * n; k++)
        if (t->table[k].wins + t->table[k].draws + t->table[k].losses) t->rows[num++] = t->table[k];
    struct rating rating;
    TRY(rating_fit(&rating, n, params->anchor, params->anchor_elo, t->rows, num));
    rating_done(&t->rating);
    t->rating = rating;
    t->counts.num_pairs = num;
    t->fitted_games = t->counts.games;
    t->is_satisfied = params->half_interval > 0 && schedule_is_satisfied(&t->schedule, &t->rating);
    return STATUS_OK;
}

static enum status enter_old(struct tournament *t) {
    const struct tournament_params *params = t->params;
    for (int k = 0; k < params->num_old; k++) {
        struct tournament_game game = params->old[k];
        if (game.first < 0 || game.second < 0 || game.first >= params->num_players || game.second >= params->num_players ||
            game.first == game.second || game.pair < 0 || game.forfeit >= params->num_players)
            return status_fail(STATUS_USAGE, "tournament: old game %d is of players %d and %d among %d", k, game.first,
                               game.second, params->num_players);
        const bool is_counted = enter(t, &game);
        schedule_add(&t->schedule, &game, is_counted);
    }
    schedule_settle(&t->schedule);
    return STATUS_OK;
}

// --- The scheduler of the room ----------------------------------------------------------------

static bool is_stopped(const struct tournament *t) { return t->status != STATUS_OK || (t->params->stop && *t->params->stop); }

static double elapsed(const struct tournament *t) {
    return t->params->clock ? clock_seconds(t->params->clock) - t->started : 0;
}

// Not even games in play have time left.
static bool is_late(const struct tournament *t) {
    const struct tournament_params *params = t->params;
    return params->max_seconds > 0 && params->grace_seconds > 0 && elapsed(t) >= params->max_seconds + params->grace_seconds;
}

static bool tournament_is_ended(struct scheduler *scheduler) {
    struct tournament *t = (struct tournament *)scheduler;
    pthread_mutex_lock(&t->mutex);
    const bool is_ended = is_stopped(t) || is_late(t);
    pthread_mutex_unlock(&t->mutex);
    return is_ended;
}

static void tournament_fail(struct scheduler *scheduler, enum status status) {
    struct tournament *t = (struct tournament *)scheduler;
    pthread_mutex_lock(&t->mutex);
    if (t->status == STATUS_OK) t->status = status;
    pthread_mutex_unlock(&t->mutex);
}

static enum lane_take take_locked(struct tournament *t, const struct lane_game *last, struct lane_game *out) {
    const struct tournament_params *params = t->params;
    if (is_stopped(t)) return TAKE_NEVER;
    if (params->max_seconds > 0 && elapsed(t) >= params->max_seconds) return TAKE_NEVER;
    struct owed_game next, own;
    if (last) own = (struct owed_game){.first = last->players[0], .second = last->players[1], .pair = last->pair};
    if (!schedule_next(&t->schedule, &t->rating, !t->is_satisfied, last ? &own : NULL, &next))
        return t->in_play > 0 ? TAKE_LATER : TAKE_NEVER;
    *out = (struct lane_game){.pair = next.pair, .players = {next.first, next.second}};
    openings_at(t->openings, (int)next.pair, &out->opening);
    const uint64_t first = hash_text(params->players[next.first].name, 1);
    out->seed = rng_mix(params->seed ^ hash_text(params->players[next.second].name, first));
    for (int side = 0; side < 2; side++) out->streams[side] = 2 * (uint64_t)next.pair + (uint64_t)side;
    t->in_play++;
    return TAKE_GAME;
}

static enum lane_take tournament_take(struct scheduler *scheduler, const struct lane_game *last, struct lane_game *out) {
    struct tournament *t = (struct tournament *)scheduler;
    pthread_mutex_lock(&t->mutex);
    const enum lane_take taken = take_locked(t, last, out);
    pthread_mutex_unlock(&t->mutex);
    return taken;
}

// A player's name as part of the name of a file. Where characters must be replaced or cut off, a
// hash is added, so that two players never share a file.
static void file_name(const char *name, char out[NAME_BYTES + 12]) {
    int n = 0;
    bool is_changed = false;
    for (; name[n] && n < NAME_BYTES; n++) {
        const bool is_plain = isalnum((unsigned char)name[n]) || strchr("._=,+-", name[n]);
        is_changed |= !is_plain;
        out[n] = name[n];
        if (!is_plain) out[n] = '-';
    }
    out[n] = 0;
    if (is_changed || name[n]) snprintf(out + n, 12, "-%08x", (unsigned)hash_text(name, 0));
}

static enum status write_sgf(const struct tournament *t, const struct lane_game *played, const struct lane_end *end) {
    const struct tournament_params *params = t->params;
    const char *first = params->players[played->players[0]].name, *second = params->players[played->players[1]].name;
    char path[PATH_BYTES], black[NAME_BYTES + 12], white[NAME_BYTES + 12];
    file_name(first, black);
    file_name(second, white);
    path_format(path, "%s/%s_%s_%05lld.sgf", params->sgf_dir, black, white, played->pair);
    return lane_write_sgf(params->game, first, second, end, path);
}

// Counts the starts that failed in a row. A player that fails again and again is left out, and a
// line says so.
static void watch_starts(struct tournament *t, const struct tournament_game *game) {
    const bool is_failed = never_started(game);
    for (int k = 0; k < 2; k++) {
        const int player = k ? game->second : game->first;
        if (!is_failed || game->forfeit != player)
            t->schedule.failed_starts[player] = 0;
        else if (schedule_failed_start(&t->schedule, player))
            status_fail(STATUS_IO, "tournament: %s is left out: %s", t->params->players[player].name, game->reason);
    }
}

// The games after which a new one makes a new rating. Where all games are of one player, those of
// the others don't count.
static int games_between_fits(const struct tournament *t) {
    return (t->params->only_first ? t->schedule.games[0] : t->counts.games) / FIT_SHARE;
}

static void tournament_finished(struct scheduler *scheduler, const struct lane_game *played, const struct lane_end *end) {
    struct tournament *t = (struct tournament *)scheduler;
    const struct tournament_params *params = t->params;
    struct tournament_game game = {
        .first = played->players[0],
        .second = played->players[1],
        .pair = played->pair,
        .outcome = end->outcome,
        .score = end->score,
        .plies = end->num_actions,
        .moves_hash = end->moves_hash,
        .forfeit = end->forfeit < 0 ? -1 : played->players[end->forfeit],
        .is_disputed = end->is_disputed,
        .reason = end->reason,
        .seconds = end->cost,
        .actions = end->actions,
    };
    enum status status = params->sgf_dir ? write_sgf(t, played, end) : STATUS_OK;
    pthread_mutex_lock(&t->mutex);
    t->in_play--;
    const bool is_counted = enter(t, &game);
    schedule_finished(&t->schedule, &game, is_counted);
    watch_starts(t, &game);
    if (params->on_game) params->on_game(params->context, &game);
    if (status == STATUS_OK && t->counts.games - t->fitted_games > games_between_fits(t)) {
        status = fit(t);
        if (status == STATUS_OK && params->on_rating) params->on_rating(params->context, &t->rating, t->counts.games);
    }
    if (status != STATUS_OK && t->status == STATUS_OK) t->status = status;
    pthread_mutex_unlock(&t->mutex);
}

// --- From beginning to end --------------------------------------------------------------------

static enum status check(const struct tournament_params *params) {
    if (params->num_players < 2 || params->anchor < 0 || params->anchor >= params->num_players)
        return status_fail(STATUS_USAGE, "tournament: %d players with anchor %d", params->num_players, params->anchor);
    if (params->first_like < 0 || params->first_like >= params->num_players)
        return status_fail(STATUS_USAGE, "tournament: player 0 is like player %d among %d", params->first_like,
                           params->num_players);
    if (params->max_games <= 0 && params->max_seconds <= 0 && params->half_interval <= 0)
        return status_fail(STATUS_USAGE, "tournament: no bound on games, time or intervals: it would never end");
    if (params->max_seconds > 0 && !params->clock)
        return status_fail(STATUS_USAGE, "tournament: a bound on time needs a clock");
    for (int i = 0; i < params->num_players; i++) {
        for (int j = 0; j < i; j++)
            if (!strcmp(params->players[i].name, params->players[j].name))
                return status_fail(STATUS_USAGE, "tournament: two players are called %s", params->players[i].name);
        if (!params->players[i].player) continue;
        TRY(player_check_game(params->players[i].player, params->game));
        if (player_is_program(params->players[i].player) && !params->clock)
            return status_fail(STATUS_USAGE, "tournament: %s is a program and needs a clock", params->players[i].name);
    }
    return params->sgf_dir ? dir_make(params->sgf_dir) : STATUS_OK;
}

static enum status prepare(struct tournament *t) {
    const struct tournament_params *params = t->params;
    const int n = params->num_players;
    const size_t size = (size_t)n * (size_t)n;
    const int threads = params->threads < 1 ? 1 : params->threads;
    t->table = memory_new(size, sizeof *t->table, "the players of a tournament");
    t->rows = memory_new(size, sizeof *t->rows, "the players of a tournament");
    t->counts.forfeits = memory_new((size_t)n, sizeof *t->counts.forfeits, "the players of a tournament");
    for (int k = 0; k < n * n; k++) t->table[k].first = k / n, t->table[k].second = k % n;
    schedule_init(&t->schedule, params, PROGRAMS_PER_THREAD * threads);
    const struct openings_params openings = {
        .game = params->game,
        .plies = params->opening_plies,
        .band = 2 * params->opening_band, // from a winning chance, 0..1, to an expectation, -1..1
        .is_about_even = true,
        .judge = params->judge,
        .backend = params->backend,
        .seed = params->seed,
    };
    TRY(openings_new(&t->openings, &openings));
    TRY(enter_old(t));
    return fit(t);
}

static enum status play(struct tournament *t) {
    const struct tournament_params *params = t->params;
    const int n = params->num_players;
    const struct player **players = memory_new((size_t)n, sizeof *players, "the players of a tournament");
    for (int i = 0; i < n; i++) players[i] = params->players[i].player;
    struct room room = {
        .game = params->game,
        .players = players,
        .num_players = n,
        .threads = params->threads < 1 ? 1 : params->threads,
        .clock = params->clock,
        .scheduler = &t->scheduler,
    };
    room_choose(&room, params->lanes, 0, 0);
    if (params->lanes <= 0 && room.lanes > TOURNAMENT_LANES) room.lanes = TOURNAMENT_LANES;
    const enum status status = room_play(&room);
    free(players);
    return status;
}

enum status tournament_run(const struct tournament_params *params, struct tournament_result *result) {
    struct tournament t = {
        .scheduler = {.take = tournament_take,
                      .finished = tournament_finished,
                      .is_ended = tournament_is_ended,
                      .fail = tournament_fail},
        .params = params,
    };
    enum status status;
    *result = (struct tournament_result){0};
    TRY(check(params));
    t.started = params->clock ? clock_seconds(params->clock) : 0;
    CHECK(pthread_mutex_init(&t.mutex, NULL) == 0);
    if ((status = prepare(&t)) != STATUS_OK) goto out;
    if ((status = play(&t)) != STATUS_OK) goto out;
    if ((status = fit(&t)) != STATUS_OK) goto out;
    status = t.status == STATUS_OK && params->stop && *params->stop ? STATUS_CANCELLED : t.status;
    t.counts.seconds = elapsed(&t);
    *result = t.counts;
    result->rating = t.rating;
    result->pairs = t.rows;
    t.counts.forfeits = NULL;
    t.rating = (struct rating){0};
    t.rows = NULL;
out:
    rating_done(&t.rating);
    free(t.counts.forfeits);
    free(t.rows);
    free(t.table);
    free(t.seen.keys);
    openings_free(t.openings);
    schedule_done(&t.schedule);
    pthread_mutex_destroy(&t.mutex);
    return status;
}

void tournament_result_done(struct tournament_result *result) {
    rating_done(&result->rating);
    free(result->pairs);
    free(result->forfeits);
    *result = (struct tournament_result){0};
}
