// One game of a match, move by move.
//
// A game ends by the rules, when it is certain (game_certain), by resignation, or by forfeit of a side that crashed, hung or
// cheated. A Go game that ended by two passes and has a GTP program in it is scored without the stones that the program calls
// dead: programs pass with dead stones on the board, which the rules as such count as alive. Where that changes the winner,
// the game is counted as a dispute.
#include "arena/lane.h"

#include "arena/area.h"
#include "base/files.h"
#include "game/sgf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status lane_init(struct lane *lane, struct match *match) {
    const struct game *game = match->params->game;
    *lane = (struct lane){.match = match, .index = -1, .asked = -1};
    lane->state = malloc(game->state_bytes);
    lane->actions = malloc((game->max_plies + 1) * sizeof *lane->actions);
    lane->winrate = malloc((game->max_plies + 1) * sizeof *lane->winrate);
    if (!lane->state || !lane->actions || !lane->winrate) return status_fail(STATUS_MEMORY, "match: no memory for a game");
    for (int i = 0; i < 2; i++) TRY(seat_new(&lane->seats[i], match->players[i], match->params->clock));
    return STATUS_OK;
}

void lane_done(struct lane *lane) {
    for (int i = 0; i < 2; i++) seat_free(lane->seats[i]);
    free(lane->state);
    free(lane->actions);
    free(lane->winrate);
}

static double now(const struct lane *lane) {
    const struct clock *clock = lane->match->params->clock;
    return clock ? clock_seconds(clock) : 0;
}

// Which player (0 A, 1 B) has this side.
static int player_of_side(const struct lane *lane, int side) { return lane->a_is_first ? side : 1 - side; }

// Starts the lane's game.
static enum status begin(struct lane *lane) {
    const struct match_params *params = lane->match->params;
    const struct opening *opening = &lane->match->openings[lane->index / 2];
    lane->a_is_first = match_a_is_first(params, lane->index);
    lane->num_actions = opening->num_plies;
    lane->started = now(lane);
    lane->waiting = false;
    lane->asked = -1;
    game_start(params->game, lane->state);
    for (int i = 0; i < opening->num_plies; i++) {
        game_play(params->game, lane->state, opening->actions[i]);
        lane->actions[i] = opening->actions[i];
        lane->winrate[i] = NAN;
    }
    for (int i = 0; i < 2; i++) {
        struct rng rng;
        rng_init(&rng, params->seed, 2 + 2 * (uint64_t)lane->index + i);
        const int side = lane->a_is_first ? i : 1 - i;
        TRY(seat_begin(lane->seats[i], params->game, side, opening->actions, opening->num_plies, &rng));
    }
    return STATUS_OK;
}

static bool ended_by_passes(const struct lane *lane) {
    const struct game *game = lane->match->params->game;
    const int n = lane->num_actions, points = game->height * game->width;
    return !strcmp(game->type->name, "go") && n >= 2 && lane->actions[n - 1] >= points && lane->actions[n - 2] >= points;
}

// Scores again without dead stones, by the first program that has an opinion.
static void take_dead_off(struct lane *lane, enum outcome *outcome, double *score, bool *dispute) {
    const struct game *game = lane->match->params->game;
    uint8_t dead[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
    if (!seat_dead_stones(lane->seats[0], dead) && !seat_dead_stones(lane->seats[1], dead)) return;
    struct area_board board;
    area_start(&board, game->height, game->width);
    for (int i = 0; i < lane->num_actions; i++) area_play(&board, i % 2 ? -1 : 1, lane->actions[i]);
    *score = area_score(&board, dead) - game->komi;
    const enum outcome cleaned = *score > 0 ? OUTCOME_FIRST : *score < 0 ? OUTCOME_SECOND : OUTCOME_DRAW;
    *dispute = cleaned != *outcome;
    *outcome = cleaned;
}

static enum status write_sgf(const struct lane *lane, const struct match_game *result) {
    const struct game *game = lane->match->params->game;
    struct sgf_record record = {
        .height = game->height,
        .width = game->width,
        .komi = game->komi,
        .num_moves = lane->num_actions,
        .moves = lane->actions,
        .winrate = lane->winrate,
    };
    snprintf(record.game, sizeof record.game, "%s", game->type->name);
    snprintf(record.rules, sizeof record.rules, "%s", game->rules ? game->rules : "");
    snprintf(record.black, sizeof record.black, "%s", result->black);
    snprintf(record.white, sizeof record.white, "%s", result->white);
    const char winner = result->outcome == OUTCOME_FIRST ? 'B' : 'W';
    const char *how = !result->reason ? "" : strcmp(result->reason, "resign") ? "F" : "R";
    if (result->outcome == OUTCOME_DRAW)
        snprintf(record.result, sizeof record.result, "0");
    else if (isnan(result->score))
        snprintf(record.result, sizeof record.result, "%c+%s", winner, how);
    else
        snprintf(record.result, sizeof record.result, "%c+%g", winner, fabs(result->score));
    if (result->reason) snprintf(record.comment, sizeof record.comment, "%s", result->reason);
    char path[PATH_BYTES];
    path_format(path, "%s/game%05d.sgf", lane->match->params->sgf_dir, result->index);
    return sgf_write(&record, path);
}

// Reports the game. loser: player that resigned or forfeited (-1 none), and why.
static void finish(struct lane *lane, int loser, const char *reason) {
    struct match *match = lane->match;
    const struct game *game = match->params->game;
    const char *names[2] = {player_name(match->players[0]), player_name(match->players[1])};
    struct match_game result = {
        .index = lane->index,
        .black = names[lane->a_is_first ? 0 : 1],
        .white = names[lane->a_is_first ? 1 : 0],
        .a_is_first = lane->a_is_first,
        .score = NAN,
        .plies = lane->num_actions,
        .actions = lane->actions,
        .reason = reason,
    };
    struct game_record record = {.finished = true};
    if (loser >= 0) {
        result.outcome = player_of_side(lane, 0) == loser ? OUTCOME_SECOND : OUTCOME_FIRST;
        const bool forfeit = strcmp(reason, "resign") != 0;
        record.forfeit_a = forfeit && loser == 0;
        record.forfeit_b = forfeit && loser == 1;
    } else {
        result.outcome = game_certain(game, lane->state);
        if (game->has_score) result.score = game_score(game, lane->state);
        if (ended_by_passes(lane)) take_dead_off(lane, &result.outcome, &result.score, &record.dispute);
        if (record.dispute) result.reason = "dispute: the program calls stones dead that the board counts as alive";
    }
    result.seconds = now(lane) - lane->started;
    record.outcome = result.outcome;
    record.moves_hash = rng_mix(lane->num_actions);
    for (int i = 0; i < lane->num_actions; i++) record.moves_hash = rng_mix(record.moves_hash ^ lane->actions[i]);
    if (match->params->sgf_dir) {
        const enum status status = write_sgf(lane, &result);
        if (status != STATUS_OK) match_fail(match, status);
    }
    match_finished(match, &result, &record);
}

// Makes one decision of the side to move. True: somebody must be waited for.
static bool play_on(struct lane *lane, struct position *room[2], int max, bool *over) {
    const struct game *game = lane->match->params->game;
    const int player = player_of_side(lane, game_to_move(game, lane->state));
    struct seat *seat = lane->seats[player];
    int n = 0, action = GAME_NO_ACTION;
    char reason[200];
    switch (seat_think(seat, max, room[player], &n, &action)) {
    case SEAT_WANTS_JUDGEMENT:
        lane->asked = player;
        lane->num_asked = n;
        return true;
    case SEAT_WAITING:
        lane->waiting = true;
        return true;
    case SEAT_FAILED:
        snprintf(reason, sizeof reason, "forfeit: %s", seat_reason(seat));
        finish(lane, player, reason);
        *over = true;
        return false;
    case SEAT_READY:
        break;
    }
    *over = true;
    if (action == GAME_NO_ACTION) {
        finish(lane, player, "resign");
    } else if (!game_is_legal(game, lane->state, action)) {
        finish(lane, player, "forfeit: illegal move");
    } else {
        lane->winrate[lane->num_actions] = seat_value(seat);
        lane->actions[lane->num_actions++] = action;
        for (int i = 0; i < 2; i++) seat_observe(lane->seats[i], action);
        game_play(game, lane->state, action);
        *over = game_certain(game, lane->state) != OUTCOME_NONE;
        if (*over) finish(lane, -1, NULL);
    }
    return false;
}

void lane_step(struct lane *lane, struct position *room[2], int max) {
    lane->waiting = false;
    lane->asked = -1;
    for (;;) {
        if (lane->index < 0) {
            lane->index = match_take_game(lane->match);
            if (lane->index < 0) return;
            const enum status status = begin(lane);
            if (status != STATUS_OK) match_fail(lane->match, status);
        }
        if (match_is_ended(lane->match)) {
            lane->index = -1;
            return;
        }
        bool over = false;
        if (play_on(lane, room, max, &over)) return;
        if (over) lane->index = -1;
    }
}
