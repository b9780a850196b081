// The line protocol of `tengen rules`: a game, its state, and the moves so far. Undo plays all of
// them but the last again, from the start.
#include "game/oracle.h"

#include "base/memory.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// The game that the service plays.
struct service {
    const struct game *game;
    FILE *out;
    void *state;
    uint16_t *moves; // [max_plies]
    int num_moves;
};

static void put_text(FILE *out, const char *text) {
    fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            // Every byte is taken for a character of Latin-1, so that the result is always valid
            // JSON.
            fprintf(out, "\\u%04x", (unsigned char)*c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void put_error(FILE *out, const char *what, const char *text) {
    char line[160];
    snprintf(line, sizeof line, "%s: %.80s", what, text);
    fprintf(out, "{\"ok\":false,\"error\":");
    put_text(out, text[0] ? line : what);
    fprintf(out, "}\n");
}

static void put_state(const struct service *service) {
    static const char *const results[] = {"null", "\"b\"", "\"w\"", "\"draw\""};
    const struct game *g = service->game;
    FILE *out = service->out;
    uint16_t actions[GAME_MAX_ACTIONS];
    const int n = game_legal(g, service->state, actions);
    const enum outcome outcome = game_outcome(g, service->state);
    fprintf(out, "{\"ok\":true,\"to_move\":\"%c\",\"ply\":%d,\"legal\":[", game_to_move(g, service->state) ? 'w' : 'b',
            game_ply(g, service->state));
    for (int i = 0; i < n; i++) {
        char text[GAME_TEXT_BYTES];
        g->type->action_text(g, actions[i], text);
        if (i) fputc(',', out);
        put_text(out, text);
    }
    fprintf(out, "],\"over\":%s,\"result\":%s,\"score\":", outcome != OUTCOME_NONE ? "true" : "false", results[outcome]);
    if (outcome != OUTCOME_NONE && g->has_score)
        fprintf(out, "%.10g", game_score(g, service->state));
    else
        fprintf(out, "null");
    if (g->type->captures) {
        int counts[2];
        g->type->captures(g, service->state, counts);
        fprintf(out, ",\"captures\":{\"b\":%d,\"w\":%d}", counts[0], counts[1]);
    }
    fprintf(out, "}\n");
}

static void service_play(struct service *service, const char *text) {
    const struct game *g = service->game;
    const int action = game_find_action(g, service->state, text);
    if (action == GAME_NO_ACTION) {
        put_error(service->out, "unreadable move", text);
    } else if (!game_is_legal(g, service->state, action)) {
        put_error(service->out, game_outcome(g, service->state) != OUTCOME_NONE ? "the game is over" : "illegal move", text);
    } else {
        game_play(g, service->state, action);
        service->moves[service->num_moves++] = (uint16_t)action;
        put_state(service);
    }
}

static void service_undo(struct service *service) {
    if (!service->num_moves) {
        put_error(service->out, "nothing to undo", "");
        return;
    }
    service->num_moves--;
    game_start(service->game, service->state);
    for (int i = 0; i < service->num_moves; i++) game_play(service->game, service->state, service->moves[i]);
    put_state(service);
}

// Cuts a line after its first word, the command, and returns the rest. Both lose the blanks around
// them.
static char *split(char *line) {
    char *end = line + strlen(line);
    while (end > line && isspace((unsigned char)end[-1])) *--end = 0;
    char *rest = line;
    while (*rest && !isspace((unsigned char)*rest)) rest++;
    if (*rest) *rest++ = 0;
    while (isspace((unsigned char)*rest)) rest++;
    return rest;
}

static bool is_known(const char *command) {
    return !strcmp(command, "new") || !strcmp(command, "undo") || !strcmp(command, "state") || !strcmp(command, "quit");
}

// Answers a line. Returns false when it was "quit".
static bool service_answer(struct service *service, char *line, size_t num_bytes) {
    if (memchr(line, 0, num_bytes)) {
        put_error(service->out, "a zero byte in the line", "");
        return true;
    }
    while (isspace((unsigned char)*line)) line++;
    const char *argument = split(line);
    if (!strcmp(line, "play") && *argument) {
        service_play(service, argument);
    } else if (*argument) {
        put_error(service->out, is_known(line) ? "unexpected argument" : "unknown command", is_known(line) ? argument : line);
    } else if (!strcmp(line, "new")) {
        game_start(service->game, service->state);
        service->num_moves = 0;
        put_state(service);
    } else if (!strcmp(line, "undo")) {
        service_undo(service);
    } else if (!strcmp(line, "state")) {
        put_state(service);
    } else if (!strcmp(line, "quit")) {
        fprintf(service->out, "{\"ok\":true}\n");
        return false;
    } else {
        put_error(service->out,
                  !strcmp(line, "play") ? "play needs a move"
                  : *line               ? "unknown command"
                                        : "empty line",
                  !strcmp(line, "play") ? "" : line);
    }
    return true;
}

enum status oracle_serve(const struct game *game, FILE *in, FILE *out) {
    struct service service = {.game = game, .out = out};
    enum status status = STATUS_OK;
    char *line = NULL;
    size_t capacity = 0;
    service.state = memory_raw(1, game->state_bytes, "a game");
    service.moves = memory_raw((size_t)game->max_plies, sizeof *service.moves, "a game");
    game_start(game, service.state);
    for (ssize_t n; (n = getline(&line, &capacity, in)) >= 0;) {
        const bool go_on = service_answer(&service, line, (size_t)n);
        if (fflush(out)) {
            status = status_fail(STATUS_IO, "rules: can't write the answer");
            break;
        }
        if (!go_on) break;
    }
    free(line);
    free(service.moves);
    free(service.state);
    return status;
}
