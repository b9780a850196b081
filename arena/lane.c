// One game, move by move.
//
// A game ends by the rules, when its outcome is certain (game_certain), by resignation, or because
// a side crashed, hung or cheated, which forfeits it.
//
// Programs pass while dead stones are on the board, and the rules as such count those as alive. So
// a game of Go that ended by two passes and has a program in it is scored without the stones that
// the program calls dead (AGREEMENT_SCORE). Where that changes the winner, or two programs see
// different winners, the game is disputed, and its reason names who says so.
//
// Some rules have a clean-up before the score (AGREEMENT_END), which programs do not know. With a
// program in it, such a game ends at the first two passes. The program's dead stones are taken off;
// if it does not say which they are, the board counts as it stands. Only two programs that disagree
// make that a dispute.
#include "arena/lane.h"

#include "arena/room.h"
#include "base/memory.h"
#include "game/sgf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_BYTES = 320 };

void lane_init(struct lane *lane, const struct room *room) {
    static const char what[] = "a game of the arena";
    const size_t max_plies = (size_t)room->game->max_plies + 1;
    *lane = (struct lane){.room = room, .asked = -1, .owners = {-1, -1}};
    lane->state = memory_raw(1, room->game->state_bytes, what);
    lane->actions = memory_raw(max_plies, sizeof *lane->actions, what);
    lane->winrate = memory_raw(max_plies, sizeof *lane->winrate, what);
    lane->positions = memory_raw((size_t)room->max_batch, sizeof *lane->positions, what);
}

void lane_done(struct lane *lane) {
    for (int i = 0; i < 2; i++) seat_free(lane->seats[i]);
    free(lane->state);
    free(lane->actions);
    free(lane->winrate);
    free(lane->positions);
}

static const struct player *player_of(const struct lane *lane, int side) {
    return lane->room->players[lane->game.players[side]];
}

// Gives each side a seat of its player. Seats of the last game are kept where they belong to one of
// the players.
static enum status take_seats(struct lane *lane) {
    const int *players = lane->game.players;
    if (lane->owners[0] == players[1] || lane->owners[1] == players[0]) {
        struct seat *seat = lane->seats[0];
        const int owner = lane->owners[0];
        lane->seats[0] = lane->seats[1], lane->owners[0] = lane->owners[1];
        lane->seats[1] = seat, lane->owners[1] = owner;
    }
    for (int side = 0; side < 2; side++) {
        if (lane->owners[side] == players[side]) continue;
        seat_free(lane->seats[side]);
        lane->seats[side] = NULL;
        lane->owners[side] = -1;
        TRY(seat_new(&lane->seats[side], player_of(lane, side), lane->room->clock));
        lane->owners[side] = players[side];
    }
    return STATUS_OK;
}

// Starts the lane's game.
static enum status begin(struct lane *lane) {
    const struct game *game = lane->room->game;
    const struct opening *opening = &lane->game.opening;
    TRY(take_seats(lane));
    lane->num_actions = opening->num_plies;
    lane->started = room_seconds(lane->room);
    lane->cost = 0;
    lane->is_ending = false;
    game_start(game, lane->state);
    for (int i = 0; i < opening->num_plies; i++) {
        game_play(game, lane->state, opening->actions[i]);
        lane->actions[i] = opening->actions[i];
        lane->winrate[i] = NAN;
    }
    for (int side = 0; side < 2; side++) {
        struct rng rng;
        rng_init(&rng, lane->game.seed, lane->game.streams[side]);
        const bool by_agreement = player_is_program(player_of(lane, 1 - side));
        TRY(seat_begin(lane->seats[side], game, side, by_agreement, opening->actions, opening->num_plies, &rng));
    }
    return STATUS_OK;
}

static bool ended_by_passes(const struct lane *lane) {
    const struct game *game = lane->room->game;
    const int n = lane->num_actions, pass = game->pass_action;
    return game->agreement != AGREEMENT_NONE && n >= 2 && lane->actions[n - 1] == pass && lane->actions[n - 2] == pass;
}

// The game ends at these two passes, although the rules would go on, because a program takes part
// that knows no clean-up.
static bool is_agreed(const struct lane *lane) {
    const bool program = player_is_program(player_of(lane, 0)) || player_is_program(player_of(lane, 1));
    return program && ended_by_passes(lane) && lane->room->game->agreement == AGREEMENT_END;
}

static enum outcome outcome_of(double score) { return score > 0 ? OUTCOME_FIRST : score < 0 ? OUTCOME_SECOND : OUTCOME_DRAW; }

// Scores the game again without dead stones, by the word of the first program that has an opinion.
// `reason` gets who disagrees with whom.
static void take_dead_off(struct lane *lane, struct lane_end *end, char reason[REASON_BYTES]) {
    const struct game *game = lane->room->game;
    const bool agreed = is_agreed(lane);
    if (agreed) end->outcome = outcome_of(end->score); // as the board stands
    const enum outcome by_rules = end->outcome;
    const char *judge = NULL; // the name of the program whose opinion counts
    for (int side = 0; side < 2; side++) {
        if (lane->opinions[side] != OPINION_SAID) continue;
        const char *name = player_name(player_of(lane, side));
        const double score = game->type->agreed(game, lane->actions, lane->num_actions, lane->stones[side]);
        const enum outcome cleaned = outcome_of(score);
        if (judge && cleaned != end->outcome) {
            end->is_disputed = true;
            snprintf(reason, REASON_BYTES, "dispute: %s and %s disagree about dead stones", judge, name);
        } else if (!judge && cleaned != by_rules && !agreed) {
            end->is_disputed = true;
            snprintf(reason, REASON_BYTES, "dispute: %s calls stones dead that the board counts as alive", name);
        }
        if (judge) continue;
        judge = name;
        end->score = score;
        end->outcome = cleaned;
    }
    if (end->is_disputed) end->reason = reason;
}

enum status lane_write_sgf(const struct game *game, const char *first, const char *second, const struct lane_end *end,
                           const char *path) {
    struct sgf_record record = {
        .height = game->height,
        .width = game->width,
        .komi = game->komi,
        .num_moves = end->num_actions,
        .moves = (uint16_t *)end->actions, // sgf_write only reads them
        .winrate = (float *)end->winrate,
    };
    snprintf(record.game, sizeof record.game, "%s", game->type->name);
    snprintf(record.rules, sizeof record.rules, "%s", game->rules ? game->rules : "");
    snprintf(record.black, sizeof record.black, "%s", first);
    snprintf(record.white, sizeof record.white, "%s", second);
    const char winner = end->outcome == OUTCOME_FIRST ? 'B' : 'W';
    const char *how = !end->reason ? "" : strcmp(end->reason, "resign") ? "F" : "R";
    if (end->outcome == OUTCOME_DRAW)
        snprintf(record.result, sizeof record.result, "0");
    else if (isnan(end->score))
        snprintf(record.result, sizeof record.result, "%c+%s", winner, how);
    else
        snprintf(record.result, sizeof record.result, "%c+%g", winner, fabs(end->score));
    if (end->reason) snprintf(record.comment, sizeof record.comment, "%s", end->reason);
    return sgf_write(&record, path);
}

// Reports the end of the game. `loser` is the side that resigned or forfeited, and `reason` says
// why; -1: neither did.
static void finish(struct lane *lane, int loser, const char *reason) {
    const struct game *game = lane->room->game;
    char dispute[REASON_BYTES];
    struct lane_end end = {
        .score = NAN,
        .num_actions = lane->num_actions,
        .actions = lane->actions,
        .winrate = lane->winrate,
        .forfeit = -1,
        .reason = reason,
        .cost = lane->cost,
    };
    if (loser >= 0) {
        end.outcome = loser == 0 ? OUTCOME_SECOND : OUTCOME_FIRST;
        if (strcmp(reason, "resign") != 0) end.forfeit = loser;
    } else {
        end.outcome = game_certain(game, lane->state);
        if (game->has_score) end.score = game_score(game, lane->state);
        if (ended_by_passes(lane)) take_dead_off(lane, &end, dispute);
    }
    end.seconds = room_seconds(lane->room) - lane->started;
    end.moves_hash = rng_mix((uint64_t)lane->num_actions);
    for (int i = 0; i < lane->num_actions; i++) end.moves_hash = rng_mix(end.moves_hash ^ lane->actions[i]);
    lane->is_playing = lane->is_ending = false;
    lane->room->scheduler->finished(lane->room->scheduler, &lane->game, &end);
}

static bool wait_for(struct lane *lane, int side) {
    lane->is_waiting = true;
    lane->waits_for = side;
    lane->waiting_since = room_seconds(lane->room);
    return false;
}

// Ends a game whose moves are all played. False: a program has not said yet which stones are dead.
static bool end_game(struct lane *lane) {
    if (!lane->is_ending) {
        memset(lane->stones, 0, sizeof lane->stones);
        for (int side = 0; side < 2; side++) lane->opinions[side] = ended_by_passes(lane) ? OPINION_PENDING : OPINION_NONE;
        lane->is_ending = true;
    }
    for (int side = 0; side < 2; side++) // both are asked before either is waited for
        if (lane->opinions[side] == OPINION_PENDING) lane->opinions[side] = seat_stones(lane->seats[side], lane->stones[side]);
    for (int side = 0; side < 2; side++)
        if (lane->opinions[side] == OPINION_PENDING) return wait_for(lane, side);
    finish(lane, -1, NULL);
    return true;
}

// Lets the side to move decide once. False: the lane must wait for somebody.
static bool play_on(struct lane *lane) {
    if (lane->is_ending) return end_game(lane);
    const struct game *game = lane->room->game;
    const int side = game_to_move(game, lane->state);
    struct seat *seat = lane->seats[side];
    const double start = room_seconds(lane->room);
    int n = 0, action = GAME_NO_ACTION;
    char reason[REASON_BYTES];
    const enum seat_state state = seat_think(seat, lane->room->max_batch, lane->positions, &n, &action);
    lane->cost += room_seconds(lane->room) - start;
    switch (state) {
    case SEAT_WANTS_JUDGEMENT:
        lane->asked = side;
        lane->num_asked = n;
        return false;
    case SEAT_WAITING:
        return wait_for(lane, side);
    case SEAT_FAILED:
        snprintf(reason, sizeof reason, "forfeit: %s", seat_reason(seat));
        finish(lane, side, reason);
        return true;
    case SEAT_READY:
        break;
    }
    if (action == GAME_NO_ACTION) {
        finish(lane, side, "resign");
    } else if (!game_is_legal(game, lane->state, action)) {
        finish(lane, side, "forfeit: illegal move");
    } else {
        lane->winrate[lane->num_actions] = (float)seat_value(seat);
        lane->actions[lane->num_actions++] = (uint16_t)action;
        for (int i = 0; i < 2; i++) seat_observe(lane->seats[i], action);
        game_play(game, lane->state, action);
        if (game_certain(game, lane->state) != OUTCOME_NONE || is_agreed(lane)) return end_game(lane);
    }
    return true;
}

static bool take_game(struct lane *lane) {
    struct scheduler *scheduler = lane->room->scheduler;
    struct lane_game next;
    const enum lane_take taken = scheduler->take(scheduler, lane->has_game ? &lane->game : NULL, &next);
    lane->is_done = taken == TAKE_NEVER;
    if (taken != TAKE_GAME) return false;
    lane->game = next;
    lane->has_game = lane->is_playing = true;
    const enum status status = begin(lane);
    if (status == STATUS_OK) return true;
    scheduler->fail(scheduler, status);
    lane->is_playing = false;
    lane->is_done = true;
    return false;
}

void lane_step(struct lane *lane) {
    struct scheduler *scheduler = lane->room->scheduler;
    if (lane->is_playing && lane->is_waiting) lane->cost += room_seconds(lane->room) - lane->waiting_since;
    lane->is_waiting = false;
    lane->asked = -1;
    while (!lane->is_done) {
        if (scheduler->is_ended(scheduler)) {
            lane->is_playing = false;
            lane->is_done = true;
            return;
        }
        if (!lane->is_playing && !take_game(lane)) return;
        if (!play_on(lane)) return;
    }
}
