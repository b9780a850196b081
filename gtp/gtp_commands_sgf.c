// The commands that write and read records of games, and that set positions up.
#include "gtp/gtp_commands.h"

#include "base/files.h"
#include "base/memory.h"
#include "game/sgf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The engine's record as one of game/sgf.h, which borrows from these arrays.
static struct sgf_record make_record(const struct gtp_engine *engine, uint16_t *moves, uint8_t *movers, float *winrate) {
    const struct game *game = &engine->game;
    struct sgf_record record = {.height = game->height,
                                .width = game->width,
                                .komi = game->has_komi ? gtp_engine_komi(engine) : 0,
                                .handicap = engine->num_handicap,
                                .num_moves = engine->num_moves,
                                .moves = moves,
                                .movers = movers,
                                .winrate = winrate};
    snprintf(record.game, sizeof record.game, "%s", game->type->name);
    snprintf(record.rules, sizeof record.rules, "%s", engine->game_rules);
    for (int p = 0; engine->is_set_up && p < game->height * game->width; p++) {
        const int side = engine->setup[p] < 0;
        if (engine->setup[p]) record.setup[side][record.num_setup[side]++] = (uint16_t)p;
    }
    for (int i = 0; i < engine->num_moves; i++) {
        moves[i] = (uint16_t)engine->moves[i].action;
        movers[i] = (uint8_t)engine->moves[i].color;
        winrate[i] = engine->moves[i].winrate;
    }
    record.first_to_move = engine->is_set_up ? engine->setup_color : engine->num_moves ? movers[0] : 0;
    return record;
}

static void do_printsgf(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const size_t n = (size_t)engine->num_moves;
    uint16_t *moves = memory_raw(n, sizeof *moves, "a game as SGF");
    uint8_t *movers = memory_raw(n, sizeof *movers, "a game as SGF");
    float *winrate = memory_raw(n, sizeof *winrate, "a game as SGF");
    const struct sgf_record record = make_record(engine, moves, movers, winrate);
    char *text = NULL;
    char path[PATH_BYTES];
    if (line->num_arguments > 0) {
        if (!gtp_parse_text(line, 0, line->num_arguments, path, sizeof path) || sgf_write(&record, path) != STATUS_OK)
            gtp_refuse(reply, "cannot save file");
    } else if ((text = sgf_format(&record))) {
        gtp_say_lines(reply, text);
    } else {
        gtp_refuse(reply, "cannot write this game as SGF");
    }
    free(text);
    free(moves);
    free(movers);
    free(winrate);
}

// Says what was taken where the record says nothing.
static void say_taken(const struct gtp_engine *engine, const struct sgf_record *record, const char *name) {
    const struct game *game = &engine->counted;
    sgf_say_notes(record, name);
    if (!sgf_rules(record) && *record->rules)
        fprintf(stderr, "tengen: %s: unknown rules '%s': %s are taken\n", name, record->rules, game->rules);
    else if (!sgf_rules(record) && (game->has_komi || game->type->rule_sets[1]))
        fprintf(stderr, "tengen: %s: no rules are said: %s are taken\n", name, game->rules);
    if (record->komi == GAME_KOMI_DEFAULT && game->has_komi)
        fprintf(stderr, "tengen: %s: no komi is said: %g is taken\n", name, gtp_engine_komi(engine));
}

// Whether the game can begin with what the record sets up; if not, that has been said.
static bool can_begin(const struct sgf_record *record, const char *rules, const int8_t *stones, int color) {
    struct game game;
    const struct game_options options = {record->height, record->width, record->komi, rules, 0};
    if (game_open(&game, record->game, &options) != STATUS_OK) return false;
    void *state = memory_raw(1, game.state_bytes, "a position");
    const bool good = !stones || game_set_up(&game, state, stones, color) == STATUS_OK;
    free(state);
    return good;
}

// Begins a game with what the record says, and with the engine's own komi and rules where it says
// nothing. False, and nothing has changed: it can't be played here, which has been said.
static bool begin_record(struct gtp_engine *engine, const struct sgf_record *record, const char *name) {
    const char *own = engine->game.type->name, *rules = sgf_rules(record);
    if (strcmp(record->game, own)) {
        status_fail(STATUS_UNSUPPORTED, "%s: a game of %s can't be played here, where %s is", name, record->game, own);
        return false;
    }
    int8_t stones[SGF_MAX_POINTS];
    const int color = sgf_mover(record, 0);
    const bool is_set_up = record->num_setup[0] || record->num_setup[1] || color;
    if (!rules) rules = engine->rules;
    sgf_first_stones(record, stones);
    if (!can_begin(record, rules, is_set_up ? stones : NULL, color)) return false;
    if (!gtp_engine_new_game(engine, record->width, record->height, record->komi, rules)) {
        status_fail(STATUS_UNSUPPORTED, "%s: a board of %d columns and %d rows can't be played here", name, record->width,
                    record->height);
        return false;
    }
    if (is_set_up) CHECK(gtp_engine_set_up(engine, stones, color));
    say_taken(engine, record, name);
    gtp_engine_set_handicap(engine, record->handicap);
    return true;
}

// Makes the stones that the record sets up after `num_before` moves the beginning of the engine's
// record, which forgets the moves so far. False: they can't be set up, which has been said.
static bool set_up_later(struct gtp_engine *engine, const struct sgf_record *record, int num_before) {
    for (int k = 0; k < record->num_later; k++) {
        const struct sgf_setup *setup = &record->later[k];
        int8_t stones[SGF_MAX_POINTS];
        bool is_changed = false;
        if (setup->num_before != num_before) continue;
        gtp_engine_stones_now(engine, stones);
        for (int p = 0; p < record->height * record->width; p++) {
            is_changed |= setup->stones[p] != SGF_AS_IT_WAS;
            if (setup->stones[p] != SGF_AS_IT_WAS) stones[p] = setup->stones[p];
        }
        const int handicap = engine->num_handicap;
        if (!is_changed) continue; // it only says who moves
        if (!gtp_engine_set_up(engine, stones, sgf_mover(record, num_before))) return false;
        gtp_engine_set_handicap(engine, handicap);
    }
    return true;
}

// Plays the first `num_moves` moves of the record, or as many as are legal.
static void play_record(struct gtp_engine *engine, const struct sgf_record *record, const char *name, int num_moves) {
    for (int i = 0;; i++) {
        if (i && !set_up_later(engine, record, i)) {
            fprintf(stderr, "tengen: %s: what is set up before move %d is refused: loaded up to there\n", name, i + 1);
            return;
        }
        if (i == num_moves) return;
        if (!gtp_engine_play(engine, sgf_mover(record, i), record->moves[i])) {
            char text[GAME_TEXT_BYTES];
            engine->game.type->action_text(&engine->game, record->moves[i], text);
            fprintf(stderr, "tengen: %s: move %d (%s) is illegal: loaded up to there\n", name, i + 1, text);
            return;
        }
        if (record->winrate) engine->moves[engine->num_moves - 1].winrate = record->winrate[i];
    }
}

// Reads a path, which may have blanks in it, and a number behind it, unless there is a file with
// that number in its name.
static bool read_path(const struct gtp_line *line, char *path, int *limit) {
    const int n = line->num_arguments;
    if (!gtp_parse_text(line, 0, n, path, PATH_BYTES)) return false;
    if (n < 2 || access(path, F_OK) == 0) return true;
    int number;
    if (!gtp_parse_int(line->arguments[n - 1], &number)) return true;
    *limit = number;
    return number >= 1 && gtp_parse_text(line, 0, n - 1, path, PATH_BYTES);
}

static void do_loadsgf(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int limit = 1 << 30;
    char name[PATH_BYTES];
    if (!read_path(line, name, &limit)) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    struct sgf_record record;
    if (sgf_read(&record, name) != STATUS_OK) {
        gtp_refuse(reply, "cannot load file");
        return;
    }
    if (begin_record(engine, &record, name))
        play_record(engine, &record, name, limit - 1 < record.num_moves ? limit - 1 : record.num_moves);
    else
        gtp_refuse(reply, "cannot load file");
    sgf_done(&record);
}

// Adds stones to `stones`: colours, each followed by vertices. False: a word is neither, or a point
// is named twice.
static bool add_stones(const struct gtp_engine *engine, const struct gtp_line *line, int8_t *stones) {
    bool named[GAME_MAX_SIDE * GAME_MAX_SIDE] = {false};
    int color = -1;
    for (int i = 0; i < line->num_arguments; i++) {
        const char *word = line->arguments[i];
        if (gtp_parse_color(word) >= 0) {
            color = gtp_parse_color(word);
            continue;
        }
        const int point = gtp_parse_point(&engine->game, word);
        if (color < 0 || point == GAME_NO_ACTION || named[point]) return false;
        named[point] = true;
        stones[point] = (int8_t)(color ? -1 : 1);
    }
    return true;
}

// Who is to move where nobody has said it: where stones never leave the board and the sides move in
// turn, their numbers say it.
static int likely_color(const struct gtp_engine *engine, const int8_t *stones) {
    int counts[2];
    game_count_stones(&engine->game, stones, counts);
    const int excess = counts[0] - counts[1];
    return !engine->game.can_set_up && (excess == 0 || excess == 1) ? excess : gtp_engine_next_color(engine);
}

// GoGui's: adds stones to those that are set up.
static void do_setup(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
    if (engine->num_moves) {
        gtp_refuse(reply, "setup only at the beginning of a game");
        return;
    }
    gtp_engine_stones_now(engine, stones);
    if (!add_stones(engine, line, stones))
        gtp_refuse(reply, "syntax error");
    else if (!gtp_engine_set_up(engine, stones, likely_color(engine, stones)))
        gtp_refuse(reply, "illegal position");
}

static void do_setup_player(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    const int color = gtp_parse_color(line->arguments[0]);
    if (color < 0) {
        gtp_refuse(reply, "syntax error");
    } else if (engine->num_moves) {
        gtp_refuse(reply, "setup only at the beginning of a game");
    } else {
        gtp_engine_stones_now(engine, stones);
        if (!gtp_engine_set_up(engine, stones, color)) gtp_refuse(reply, "illegal position");
    }
}

// KataGo's: these stones and no others. In Go Black is to move.
static void do_set_position(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
    if (!add_stones(engine, line, stones))
        gtp_refuse(reply, "syntax error");
    else if (!gtp_engine_set_up(engine, stones, engine->game.can_set_up ? 0 : likely_color(engine, stones)))
        gtp_refuse(reply, "illegal position");
}

const struct gtp_command gtp_commands_sgf[] = {
    {"printsgf", 0, do_printsgf, "[FILE]", "the game as SGF, written to a file or given as the answer"},
    {"loadsgf", 1, do_loadsgf, "FILE [MOVE]", "loads the position before that move, or the last one"},
    {"gogui-setup", 1, do_setup, "COLOR VERTEX...", "sets stones up at the beginning of a game: gogui-setup b D4 E5 w F6"},
    {"gogui-rules_setup", 1, do_setup, "COLOR VERTEX...", "the same"},
    {"gogui-setup_player", 1, do_setup_player, "COLOR", "says who moves first from what is set up"},
    {"set_position", 0, do_set_position, "COLOR VERTEX...", "sets these stones up and no others"},
    {NULL, 0, NULL, NULL, NULL},
};
