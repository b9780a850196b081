// A seat for a program that speaks GTP. Commands are sent ahead, and their answers are read when
// the program has to move. If it has refused an earlier command, that is found then, and the reason
// names the command.
//
// A broken program forfeits the game at hand and is started anew for the next one. If it breaks
// before its first answer, the reason says "can't start". By these words a tournament knows games
// that say nothing about strength.
#include "arena/gtp_client.h"
#include "arena/seat_parts.h"
#include "base/memory.h"
#include "game/area.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct seat_gtp {
    struct seat base;
    // NULL: it was not started, or was given up.
    struct gtp_client *client;
    // How many answers are still to come that belong to the game before.
    int stale;
    // The program has answered something since it was started.
    bool has_answered;
    // genmove was sent and is not answered.
    bool moving;
    // The answer to genmove, until it is observed: the program has played this move itself.
    int own_move;
    // final_status_list was sent for this game.
    bool is_asked;
};

// Makes a reason that quotes the program plain ASCII. Other bytes could be cut off in the middle of
// a letter, or mean something to a terminal.
static void make_plain(char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text >= 127) *text = ' ';
}

static enum seat_state fail(struct seat_gtp *seat, const char *why) {
    snprintf(seat->base.reason, sizeof seat->base.reason, "%s%s", seat->has_answered ? "" : "can't start: ", why);
    return SEAT_FAILED;
}

static void send_play(struct seat_gtp *seat, int side, int action) {
    const struct game *game = seat->base.game;
    char vertex[GAME_TEXT_BYTES];
    game->type->action_text(game, action, vertex);
    gtp_client_send(seat->client, "play %s %s", side == 0 ? "b" : "w", vertex);
}

static enum status gtp_begin(struct seat *base, const uint16_t *actions, int num_actions) {
    struct seat_gtp *seat = (struct seat_gtp *)base;
    const struct player *player = base->player;
    seat->moving = seat->is_asked = false;
    seat->own_move = GAME_NO_ACTION;
    if (seat->client && !gtp_client_is_alive(seat->client)) {
        gtp_client_free(seat->client);
        seat->client = NULL;
    }
    if (!seat->client) {
        seat->has_answered = false;
        const enum status status = gtp_client_new(&seat->client, player->command, player->move_seconds, base->clock);
        // It loses the game by that, as soon as it has to move.
        if (status == STATUS_IO) return STATUS_OK;
        TRY(status);
    }
    seat->stale = gtp_client_unanswered(seat->client);
    gtp_client_send(seat->client, "boardsize %d", base->game->width);
    gtp_client_send(seat->client, "clear_board");
    gtp_client_send(seat->client, "komi %g", base->game->komi);
    for (int i = 0; i < num_actions; i++) send_play(seat, i % 2, actions[i]);
    return STATUS_OK;
}

static void gtp_observe(struct seat *base, int action) {
    struct seat_gtp *seat = (struct seat_gtp *)base;
    if (action != seat->own_move && seat->client) send_play(seat, game_to_move(base->game, base->state), action);
    seat->own_move = GAME_NO_ACTION;
}

// Reads the program's answer to genmove.
static enum seat_state take_move(struct seat_gtp *seat, const char *text, int *action) {
    struct seat *base = &seat->base;
    char word[16] = "";
    sscanf(text, "%15s", word);
    seat->moving = false;
    if (!strcasecmp(word, "resign")) {
        *action = GAME_NO_ACTION;
        return SEAT_READY;
    }
    *action = base->game->type->action_parse(base->game, word);
    if (*action == GAME_NO_ACTION)
        snprintf(base->reason, sizeof base->reason, "answers genmove with '%.40s'", text);
    else if (!game_is_legal(base->game, base->state, *action))
        snprintf(base->reason, sizeof base->reason, "illegal move %s", word);
    else {
        seat->own_move = *action;
        return SEAT_READY;
    }
    make_plain(base->reason);
    return SEAT_FAILED;
}

static enum seat_state gtp_think(struct seat *base, int max, struct position *positions, int *n, int *action) {
    (void)max, (void)positions, (void)n;
    struct seat_gtp *seat = (struct seat_gtp *)base;
    const char *command, *text;
    if (!seat->client) return fail(seat, "no process for it");
    if (!seat->moving) {
        gtp_client_send(seat->client, "genmove %s", base->side == 0 ? "b" : "w");
        seat->moving = true;
    }
    for (;;) {
        const enum gtp_answer answer = gtp_client_poll(seat->client, &command, &text);
        seat->has_answered |= answer == GTP_GOOD || answer == GTP_BAD;
        if ((answer == GTP_GOOD || answer == GTP_BAD) && seat->stale > 0) {
            seat->stale--;
            continue;
        }
        switch (answer) {
        case GTP_PENDING:
            return SEAT_WAITING;
        case GTP_BROKEN:
        case GTP_NOTHING_SENT:
            return fail(seat, gtp_client_reason(seat->client));
        case GTP_BAD: {
            snprintf(base->reason, sizeof base->reason, "refuses '%s': %.60s", command, text);
            make_plain(base->reason);
            // Else its unread answers would be taken for those of the next game.
            gtp_client_free(seat->client);
            seat->client = NULL;
            return SEAT_FAILED;
        }
        case GTP_GOOD:
            if (!strncmp(command, "genmove ", 8)) return take_move(seat, text, action);
        }
    }
}

// Reads the answer to "final_status_list WHAT", whose stones get that status.
static void take_stones(const struct game *game, const char *what, const char *text, uint8_t *status) {
    const uint8_t value = !strcmp(what, "dead") ? AREA_DEAD : AREA_SEKI;
    char word[8];
    for (int used = 0; sscanf(text, "%7s%n", word, &used) == 1; text += used) {
        const int action = game->type->action_parse(game, word);
        if (action >= 0 && action < game->height * game->width) status[action] = value;
    }
}

static enum seat_opinion gtp_stones(struct seat *base, uint8_t *status) {
    struct seat_gtp *seat = (struct seat_gtp *)base;
    const char *command, *text;
    if (!seat->client) return OPINION_NONE;
    if (!seat->is_asked) {
        if (base->game->agrees_on_seki) gtp_client_send(seat->client, "final_status_list seki");
        gtp_client_send(seat->client, "final_status_list dead");
        seat->is_asked = true;
    }
    for (;;) {
        const enum gtp_answer answer = gtp_client_poll(seat->client, &command, &text);
        // Else it answers one of the last moves.
        const bool is_stones = !strncmp(command, "final_status_list ", 18);
        switch (answer) {
        case GTP_PENDING:
            return OPINION_PENDING;
        case GTP_BROKEN:
        case GTP_NOTHING_SENT:
            return OPINION_NONE;
        case GTP_BAD:
            if (is_stones) return OPINION_NONE;
            break;
        case GTP_GOOD:
            if (!is_stones) break;
            take_stones(base->game, command + 18, text, status);
            if (!strcmp(command + 18, "dead")) return OPINION_SAID;
        }
    }
}

static int gtp_descriptor(struct seat *base) {
    struct seat_gtp *seat = (struct seat_gtp *)base;
    return seat->client && (seat->moving || seat->is_asked) ? gtp_client_descriptor(seat->client) : -1;
}

static void gtp_seat_free(struct seat *base) {
    gtp_client_free(((struct seat_gtp *)base)->client);
    free(base);
}

struct seat *seat_gtp_new(void) {
    static const struct seat_verbs verbs = {
        .begin = gtp_begin,
        .observe = gtp_observe,
        .think = gtp_think,
        .stones = gtp_stones,
        .descriptor = gtp_descriptor,
        .free = gtp_seat_free,
    };
    struct seat_gtp *seat = memory_new(1, sizeof *seat, "a program's seat");
    seat->base.verbs = &verbs;
    return &seat->base;
}
