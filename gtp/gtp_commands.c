// The commands of GTP: one function for each, and the table that names them. Error texts are the
// standard's, word for word [GTP 2, section 4].
#include "gtp/gtp_engine.h"

#include "base/memory.h"
#include "game/sgf.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef void command_function(struct gtp_engine *, const struct gtp_line *, struct gtp_reply *);
struct command {
    const char *name;
    int min_arguments; // fewer are a syntax error
    command_function *answer;
    const char *arguments, *what; // what `help` says
};
static const struct command *command_find(const char *name);
static const struct command *command_at(int index);

void gtp_say(struct gtp_reply *reply, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const int free_bytes = GTP_TEXT_BYTES - reply->num_bytes;
    const int n = vsnprintf(reply->text + reply->num_bytes, free_bytes, format, args);
    va_end(args);
    reply->num_bytes += n < free_bytes ? n : free_bytes - 1;
}

void gtp_refuse(struct gtp_reply *reply, const char *error) {
    reply->failed = true;
    reply->num_bytes = 0;
    gtp_say(reply, "%s", error);
}

// --- Administration ---------------------------------------------------------------------------

static void do_protocol_version(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "2");
}

static void do_name(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "Tengen");
}

static void do_version(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%s (%s)", TENGEN_VERSION, engine->params->model_name);
}

static void do_known_command(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_say(reply, "%s", command_find(line->arguments[0]) ? "true" : "false");
}

static void do_list_commands(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    for (int i = 0; command_at(i); i++) gtp_say(reply, "%s%s", i ? "\n" : "", command_at(i)->name);
}

// A command of our own, for people at a terminal.
static void do_help(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    for (int i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        char head[80];
        snprintf(head, sizeof head, "%s%s%s", c->name, *c->arguments ? " " : "", c->arguments);
        gtp_say(reply, "%s%-34s %s", i ? "\n" : "", head, c->what);
    }
}

static void do_quit(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) { engine->quit = true; }

// --- Set-up -----------------------------------------------------------------------------------

static void do_boardsize(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int size;
    if (!gtp_parse_int(line->arguments[0], &size))
        gtp_refuse(reply, "syntax error");
    else if (size < 2 || size > GAME_MAX_SIDE || !gtp_engine_resize(engine, size, engine->komi))
        gtp_refuse(reply, "unacceptable size");
}

static void do_clear_board(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    gtp_engine_clear(engine);
}

static void do_komi(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    double komi;
    if (!gtp_parse_real(line->arguments[0], &komi) || !gtp_engine_set_komi(engine, komi)) gtp_refuse(reply, "syntax error");
}

// A command of the server KGS, which knows the rules japanese, chinese, aga and new_zealand. We
// take everything that --rules takes.
static void do_kgs_rules(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (engine->num_moves)
        gtp_refuse(reply, "board not empty");
    else if (!gtp_engine_set_rules(engine, line->arguments[0]))
        gtp_refuse(reply, "unknown rules");
}

static void say_stones(struct gtp_reply *reply, const struct gtp_engine *engine, int first, int n) {
    char text[GAME_TEXT_BYTES];
    for (int i = first; i < first + n; i++)
        gtp_say(reply, "%s%s", i > first ? " " : "", gtp_vertex_text(&engine->game, engine->moves[i].action, text));
}

static void do_fixed_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    int num_stones;
    uint16_t points[9];
    if (!gtp_parse_int(line->arguments[0], &num_stones)) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    const int n = gtp_handicap_points(engine->game.width, num_stones, points);
    if (n == 0)
        gtp_refuse(reply, "invalid number of stones");
    else if (engine->num_moves)
        gtp_refuse(reply, "board not empty");
    else {
        for (int i = 0; i < n; i++) CHECK(gtp_engine_play(engine, 0, points[i]));
        gtp_engine_set_handicap(engine, n);
        say_stones(reply, engine, 0, n);
    }
}

// Places as many fixed points as the board has for so many stones, then one stone after another
// where the net likes it best for Black.
static void do_place_free_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width;
    int num_stones;
    uint16_t fixed[9], legal[GAME_MAX_ACTIONS];
    if (!gtp_parse_int(line->arguments[0], &num_stones))
        gtp_refuse(reply, "syntax error");
    else if (num_stones < 2 || num_stones >= points)
        gtp_refuse(reply, "invalid number of stones");
    else if (engine->num_moves)
        gtp_refuse(reply, "board not empty");
    if (reply->failed) return;
    int num_fixed = 0;
    for (int k = num_stones < 9 ? num_stones : 9; k >= 2 && num_fixed == 0; k--)
        num_fixed = gtp_handicap_points(game->width, k, fixed);
    for (int i = 0; i < num_fixed; i++) CHECK(gtp_engine_play(engine, 0, fixed[i]));
    while (engine->num_moves < num_stones) {
        gtp_engine_derive(engine, 0);
        const struct position position = {.game = game, .state = engine->state};
        evaluator_judge(engine->evaluator, 1, &position, engine->judgements);
        const int n = game_legal(game, engine->state, legal);
        int best = GAME_NO_ACTION;
        for (int i = 0; i < n; i++)
            if (legal[i] < points && (best < 0 || engine->logits[legal[i]] > engine->logits[best])) best = legal[i];
        // The standard allows fewer stones.
        if (best < 0 || !gtp_engine_play(engine, 0, best)) break;
    }
    gtp_engine_set_handicap(engine, engine->num_moves);
    say_stones(reply, engine, 0, engine->num_moves);
}

static void do_set_free_handicap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const int points = engine->game.height * engine->game.width;
    if (engine->num_moves) {
        gtp_refuse(reply, "board not empty");
        return;
    }
    bool good = line->num_arguments >= 2 && line->num_arguments < points;
    for (int i = 0; good && i < line->num_arguments; i++) {
        const int action = gtp_parse_vertex(&engine->game, line->arguments[i]);
        good = action >= 0 && action < points && gtp_engine_play(engine, 0, action);
    }
    if (!good) {
        while (gtp_engine_undo(engine)) {
        }
        gtp_refuse(reply, "bad vertex list");
    }
    gtp_engine_set_handicap(engine, engine->num_moves);
}

// --- Play -------------------------------------------------------------------------------------

static void do_play(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const char *vertex = line->arguments[1];
    const int color = gtp_parse_color(line->arguments[0]), action = gtp_parse_vertex(&engine->game, vertex);
    // A vertex off the board is an illegal move. Something that is no vertex at all is a syntax
    // error.
    const bool is_vertex =
        action >= 0 || (isalpha((unsigned char)vertex[0]) && vertex[1] && !vertex[1 + strspn(vertex + 1, "0123456789")]);
    if (color < 0 || !is_vertex)
        gtp_refuse(reply, "syntax error");
    else if (action < 0 || !gtp_engine_play(engine, color, action))
        gtp_refuse(reply, "illegal move");
}

static void think_and_say(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply, bool play) {
    const int color = gtp_parse_color(line->arguments[0]);
    float winrate;
    char text[GAME_TEXT_BYTES];
    if (color < 0) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    const int action = gtp_engine_think(engine, color, &winrate);
    if (play && action != GAME_NO_ACTION) {
        CHECK(gtp_engine_play(engine, color, action));
        engine->moves[engine->num_moves - 1].winrate = winrate;
    }
    gtp_say(reply, "%s", action == GAME_NO_ACTION ? "resign" : gtp_vertex_text(&engine->game, action, text));
}

static void do_genmove(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    think_and_say(engine, line, reply, true);
}

static void do_reg_genmove(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    think_and_say(engine, line, reply, false);
}

static void do_undo(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (!gtp_engine_undo(engine)) gtp_refuse(reply, "cannot undo");
}

static void do_time_settings(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    double main_seconds, byo_seconds;
    int stones;
    if (!gtp_parse_real(line->arguments[0], &main_seconds) || !gtp_parse_real(line->arguments[1], &byo_seconds) ||
        !gtp_parse_int(line->arguments[2], &stones) || main_seconds < 0 || byo_seconds < 0 || stones < 0)
        gtp_refuse(reply, "syntax error");
    else
        gtp_clock_settings(&engine->clock, main_seconds, byo_seconds, stones);
}

static void do_time_left(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const int color = gtp_parse_color(line->arguments[0]);
    double seconds;
    int stones;
    if (color < 0 || !gtp_parse_real(line->arguments[1], &seconds) || !gtp_parse_int(line->arguments[2], &stones) || stones < 0)
        gtp_refuse(reply, "syntax error");
    else
        gtp_clock_left(&engine->clock, color, seconds, stones);
}

// --- Score and board --------------------------------------------------------------------------

static void do_final_score(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const double score = gtp_engine_score(engine);
    if (score == 0)
        gtp_say(reply, "0");
    else
        gtp_say(reply, "%c+%.1f", score > 0 ? 'B' : 'W', fabs(score));
}

static void do_final_status_list(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    static const char *const names[] = {[AREA_ALIVE] = "alive", [AREA_DEAD] = "dead", [AREA_SEKI] = "seki"};
    struct area_board board;
    uint8_t status[GAME_MAX_SIDE * GAME_MAX_SIDE];
    uint16_t chain[GAME_MAX_SIDE * GAME_MAX_SIDE];
    bool done[GAME_MAX_SIDE * GAME_MAX_SIDE] = {false};
    char text[GAME_TEXT_BYTES];
    int wanted = 0;
    while (wanted < 3 && strcmp(line->arguments[0], names[wanted])) wanted++;
    if (wanted == 3) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    gtp_engine_board(engine, &board);
    // It tells seki from life only where the rules tax seki.
    gtp_engine_stones(engine, &board, status);
    for (int p = 0; p < board.height * board.width; p++) {
        const int n = area_chain(&board, p, chain);
        if (n == 0 || done[p] || status[p] != wanted) continue;
        for (int i = 0; i < n; i++) {
            gtp_say(reply, "%s%s", i ? " " : reply->num_bytes ? "\n" : "", gtp_vertex_text(&engine->game, chain[i], text));
            done[chain[i]] = true;
        }
    }
}

// Says a text of several lines, but not its empty lines, since an empty line would end the answer.
static void say_lines(struct gtp_reply *reply, const char *text) {
    gtp_say(reply, "\n");
    for (; *text; text++)
        if (*text != '\n' || (text[1] && text[1] != '\n')) gtp_say(reply, "%c", *text);
}

static void do_showboard(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char text[8192];
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    engine->game.type->print(&engine->game, engine->state, text, sizeof text);
    say_lines(reply, text);
}

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
    snprintf(record.rules, sizeof record.rules, "%s", game->rules ? game->rules : "");
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
        say_lines(reply, text);
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

// --- The table --------------------------------------------------------------------------------

static const struct command commands[] = {
    {"protocol_version", 0, do_protocol_version, "", "always 2"},
    {"name", 0, do_name, "", "the name of this program"},
    {"version", 0, do_version, "", "the version of this program, and its model"},
    {"known_command", 1, do_known_command, "COMMAND", "true if there is such a command, else false"},
    {"list_commands", 0, do_list_commands, "", "the names of all commands"},
    {"help", 0, do_help, "", "this list"},
    {"quit", 0, do_quit, "", "ends the program"},
    {"boardsize", 1, do_boardsize, "SIZE", "sets the side of the square board, and empties it"},
    {"clear_board", 0, do_clear_board, "", "begins a new game"},
    {"komi", 1, do_komi, "POINTS", "sets the points that White gets for moving second"},
    {"kgs-rules", 1, do_kgs_rules, "RULES",
     "sets the rules before the first move: chinese, japanese, aga, new_zealand, or any that tengen --rules takes"},
    {"fixed_handicap", 1, do_fixed_handicap, "STONES", "puts 2 to 9 black stones on the usual points, and says where"},
    {"place_free_handicap", 1, do_place_free_handicap, "STONES", "puts black stones where it likes, and says where"},
    {"set_free_handicap", 0, do_set_free_handicap, "VERTEX...", "puts black stones there"},
    {"play", 2, do_play, "COLOR VERTEX", "a move of yours: play b D4, play w pass"},
    {"genmove", 1, do_genmove, "COLOR", "thinks and plays a move: genmove w"},
    {"reg_genmove", 1, do_reg_genmove, "COLOR", "thinks and says a move without playing it"},
    {"undo", 0, do_undo, "", "takes the last move back"},
    {"time_settings", 3, do_time_settings, "MAIN BYOYOMI STONES",
     "sets the clock, in seconds: main time, then byo-yomi periods of so many stones"},
    {"time_left", 3, do_time_left, "COLOR SECONDS STONES", "says what is left on the clock of this colour"},
    {"final_score", 0, do_final_score, "", "the score, such as B+3.5, W+0.5 or 0"},
    {"final_status_list", 1, do_final_status_list, "alive|dead|seki", "the stones of this status, each chain on a line"},
    {"showboard", 0, do_showboard, "", "the board as text"},
    {"printsgf", 0, do_printsgf, "[FILE]", "the game as SGF, written to a file or given as the answer"},
    {"loadsgf", 1, do_loadsgf, "FILE [MOVE]", "loads the position before that move, or the last one"},
};

static const struct command *command_at(int index) {
    return index < (int)(sizeof commands / sizeof *commands) ? &commands[index] : NULL;
}

static const struct command *command_find(const char *name) {
    for (int i = 0; command_at(i); i++)
        if (!strcmp(command_at(i)->name, name)) return command_at(i);
    return NULL;
}

void gtp_answer(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    reply->failed = false;
    reply->num_bytes = 0;
    reply->text[0] = 0;
    const struct command *command = command_find(line->command);
    if (!command)
        gtp_refuse(reply, GTP_UNKNOWN);
    else if (line->num_arguments < command->min_arguments)
        gtp_refuse(reply, "syntax error");
    else
        command->answer(engine, line, reply);
}
