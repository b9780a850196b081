// The commands that write and read records of games.
#include "gtp/gtp_commands.h"

#include "base/memory.h"
#include "game/sgf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Writes the game as SGF. In a list of actions a move out of turn would look like one in turn, so
// the passes of the derived position (gtp_engine.h) are written before such moves.
static void do_printsgf(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    const int n = engine->num_moves, handicap = engine->num_handicap, pass = game->height * game->width;
    uint16_t *moves = memory_raw(2 * (size_t)n, sizeof *moves, "a game as SGF");
    float *winrate = memory_raw(2 * (size_t)n, sizeof *winrate, "a game as SGF");
    struct sgf_record record = {.game = "go",
                                .height = game->height,
                                .width = game->width,
                                .komi = gtp_engine_komi(engine),
                                .moves = moves,
                                .winrate = winrate};
    snprintf(record.rules, sizeof record.rules, "%s", engine->rules);
    for (int i = 0; i < handicap; i++) record.setup[0][record.num_setup[0]++] = engine->moves[i].action;
    record.first_to_move = handicap ? 1 : n ? engine->moves[0].color : 0;
    for (int i = handicap; i < n; i++) {
        const struct gtp_move *move = &engine->moves[i];
        if ((record.first_to_move + record.num_moves) % 2 != move->color) {
            winrate[record.num_moves] = NAN;
            moves[record.num_moves++] = pass;
        }
        winrate[record.num_moves] = move->winrate;
        moves[record.num_moves++] = move->action;
    }
    char *text = NULL;
    if (line->num_arguments > 0) {
        if (sgf_write(&record, line->arguments[0]) != STATUS_OK) gtp_refuse(reply, "cannot save file");
    } else if ((text = sgf_format(&record))) {
        gtp_say_lines(reply, text);
    }
    free(text);
    free(moves);
    free(winrate);
}

// The game at hand, kept while another is loaded.
struct kept {
    int size, num_moves, num_handicap;
    double komi;
    const char *rules;
    struct gtp_move *moves;
    struct gtp_clock clock;
};

static struct kept keep(const struct gtp_engine *engine) {
    const size_t num_moves = (size_t)engine->num_moves;
    struct kept kept = {.size = engine->game.height,
                        .num_moves = engine->num_moves,
                        .num_handicap = engine->num_handicap,
                        .komi = engine->komi,
                        .rules = engine->rules,
                        .moves = memory_raw(num_moves, sizeof *engine->moves, "the game at hand"),
                        .clock = engine->clock};
    if (num_moves) memcpy(kept.moves, engine->moves, num_moves * sizeof *engine->moves);
    return kept;
}

static void put_back(struct gtp_engine *engine, const struct kept *kept) {
    CHECK(gtp_engine_resize(engine, kept->size, kept->komi) && gtp_engine_set_rules(engine, kept->rules));
    for (int i = 0; i < kept->num_moves; i++) {
        CHECK(gtp_engine_play(engine, kept->moves[i].color, kept->moves[i].action));
        engine->moves[i].winrate = kept->moves[i].winrate;
        if (i + 1 == kept->num_handicap) gtp_engine_set_handicap(engine, kept->num_handicap);
    }
    engine->clock = kept->clock;
}

// Plays a record up to but not including move number `limit`. False: it can't be played here, and
// the reason is logged. The engine then holds a part of it.
static bool play_record(struct gtp_engine *engine, const struct sgf_record *record, const char *name, int limit) {
    if (strcmp(record->game, "go") || record->height != record->width ||
        !gtp_engine_resize(engine, record->height, record->komi)) {
        status_fail(STATUS_UNSUPPORTED, "%s: a game of %s %dx%d, komi %g, can't be played here", name, record->game,
                    record->height, record->width, record->komi);
        return false;
    }
    gtp_engine_set_rules(engine, record->rules); // if we don't know the record's rules, ours stay
    for (int color = 0; color < 2; color++)
        for (int i = 0; i < record->num_setup[color]; i++)
            if (!gtp_engine_play(engine, color, record->setup[color][i])) {
                status_fail(STATUS_FORMAT, "%s: stone %d that it sets up can't be placed", name, i + 1);
                return false;
            }
    if (record->num_setup[1] == 0) gtp_engine_set_handicap(engine, record->num_setup[0]);
    for (int i = 0; i < record->num_moves && i + 1 < limit; i++)
        if (!gtp_engine_play(engine, (record->first_to_move + i) % 2, record->moves[i])) {
            status_fail(STATUS_FORMAT, "%s: move %d is illegal", name, i + 1);
            return false;
        }
    return true;
}

static void do_loadsgf(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int limit = 1 << 30;
    if (line->num_arguments > 1 && (!gtp_parse_int(line->arguments[1], &limit) || limit < 1)) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    struct sgf_record record;
    if (sgf_read(&record, line->arguments[0]) != STATUS_OK) {
        gtp_refuse(reply, "cannot load file");
        return;
    }
    const struct kept kept = keep(engine);
    if (!play_record(engine, &record, line->arguments[0], limit)) {
        put_back(engine, &kept);
        gtp_refuse(reply, "cannot load file");
    }
    free(kept.moves);
    sgf_done(&record);
}

const struct gtp_command gtp_commands_sgf[] = {
    {"printsgf", 0, do_printsgf, "[FILE]", "the game as SGF, written to a file or given as the answer"},
    {"loadsgf", 1, do_loadsgf, "FILE [MOVE]", "loads the position before that move, or the last one"},
    {NULL, 0, NULL, NULL, NULL},
};
