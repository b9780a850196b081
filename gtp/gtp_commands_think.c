// The commands that show what the engine thinks: live analysis, searches without a move, and what
// the net alone says.
//
// A live analysis writes its answer while it searches: `=` at once, then a line at each interval,
// and the empty line when it ends. The loop (gtp.c) writes only what is left of such an answer.
#include "gtp/gtp_commands.h"

#include "base/memory.h"
#include "gtp/gtp_analyze.h"
#include "gtp/gtp_explain.h"
#include "gtp/gtp_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- live analysis ----

static void begin_answer(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    if (!engine->channel) return;
    gtp_say(reply, "=%s\n", line->id);
    gtp_channel_write(engine->channel, reply->text, reply->num_bytes);
    gtp_reply_start(reply);
    reply->is_begun = true;
}

static void write_report(struct gtp_engine *engine, void *context) {
    struct gtp_analysis *analysis = context;
    gtp_analyze_format(analysis, engine);
    if (engine->channel && analysis->num_bytes) gtp_channel_write(engine->channel, analysis->text, analysis->num_bytes);
}

static void watch(struct gtp_engine *engine, struct gtp_analysis *analysis, bool is_live) {
    const struct report_options *o = &analysis->options;
    if (is_live)
        engine->watch = (struct gtp_watch){.interval = analysis->interval, .report = write_report, .context = analysis};
    search_keep_ownership(engine->search,
                          o->ownership || o->ownership_deviation || o->moves_ownership || o->moves_ownership_deviation);
}

static void unwatch(struct gtp_engine *engine, struct gtp_analysis *analysis) {
    engine->watch = (struct gtp_watch){0};
    gtp_analyze_done(analysis);
    free(analysis);
}

// Reads the arguments and derives the position with the asked colour to move. NULL: the answer is a
// failure already.
static struct gtp_analysis *open_analysis(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply,
                                          enum gtp_dialect dialect) {
    struct gtp_analysis *analysis = memory_new(1, sizeof *analysis, "an analysis");
    if (gtp_analyze_parse(analysis, dialect, &engine->game, line)) {
        if (analysis->color < 0) analysis->color = gtp_engine_next_color(engine);
        gtp_engine_derive(engine, analysis->color);
        return analysis;
    }
    gtp_analyze_done(analysis);
    free(analysis);
    gtp_refuse(reply, "syntax error");
    return NULL;
}

// Searches until the controller says something. Where there is nothing to search, or all is known,
// it waits for that.
static void analyze(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply, enum gtp_dialect dialect) {
    const struct gtp_search_plan plan = {.visits = GTP_SEARCH_ENDLESS, .seconds = INFINITY, .patience = GTP_UNTIL_ANY};
    struct gtp_analysis *analysis = open_analysis(engine, line, reply, dialect);
    if (!analysis) return;
    if (!engine->channel) {
        gtp_refuse(reply, "no channel for a live analysis");
        unwatch(engine, analysis);
        return;
    }
    begin_answer(engine, line, reply);
    watch(engine, analysis, true);
    if (gtp_search_root(engine, analysis->is_restricted ? analysis->until : NULL)) {
        gtp_search_run(engine, &plan);
        // The search ended by itself, so that this is the last word.
        if (!gtp_channel_interrupts(engine->channel, GTP_UNTIL_ANY)) write_report(engine, analysis);
    }
    gtp_channel_wait(engine->channel);
    unwatch(engine, analysis);
}

static void do_lz_analyze(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    analyze(engine, line, reply, GTP_DIALECT_LZ);
}
static void do_kata_analyze(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    analyze(engine, line, reply, GTP_DIALECT_KATA);
}

// ---- moves with analysis ----

enum {
    MOVE_IS_PLAYED = 1,
    MOVE_IS_SHOWN = 2,         // with lines of analysis, and `play` before the move
    MOVE_CAN_BE_CANCELLED = 4, // by any line
    MOVE_IS_EXPLAINED = 8,     // on stderr
};

static void explain(struct gtp_engine *engine, struct gtp_analysis *analysis) {
    analysis->options.max_moves = 0;
    gtp_analyze_format(analysis, engine);
    for (char *at = analysis->text; at && (at = strstr(at, " info move ")); at++) *at = '\n'; // a line for each move
    status_say(analysis->text ? analysis->text : "", analysis->num_bytes);
}

static void move(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply, enum gtp_dialect dialect,
                 int flags) {
    struct gtp_analysis *analysis = open_analysis(engine, line, reply, dialect);
    if (!analysis) return;
    if (!gtp_can_move(engine, analysis->color, reply)) {
        unwatch(engine, analysis);
        return;
    }
    const bool is_shown = flags & MOVE_IS_SHOWN, can_be_cancelled = flags & MOVE_CAN_BE_CANCELLED;
    float winrate;
    char text[GAME_TEXT_BYTES];
    if (is_shown) begin_answer(engine, line, reply);
    // CGOS wants one line, and nothing before the search is over.
    watch(engine, analysis, is_shown && dialect != GTP_DIALECT_CGOS);
    engine->until = analysis->is_restricted ? analysis->until : NULL;
    engine->patience = can_be_cancelled ? GTP_UNTIL_ANY : GTP_UNTIL_STOP;
    const int action = gtp_engine_think(engine, analysis->color, &winrate);
    gtp_explain(engine, analysis->color, action, engine->explanation, sizeof engine->explanation);
    const bool is_cancelled = can_be_cancelled && engine->channel && gtp_channel_interrupts(engine->channel, GTP_UNTIL_ANY);
    engine->until = NULL;
    engine->patience = GTP_UNTIL_STOP;
    if (is_shown && !is_cancelled && engine->has_searched) {
        gtp_analyze_format(analysis, engine);
        if (reply->is_begun)
            gtp_channel_write(engine->channel, analysis->text ? analysis->text : "", analysis->num_bytes);
        else if (analysis->text)
            gtp_say(reply, "%s", analysis->text);
    }
    if ((flags & MOVE_IS_EXPLAINED) && engine->has_searched) explain(engine, analysis);
    if ((flags & MOVE_IS_PLAYED) && action != GAME_NO_ACTION) gtp_engine_play_own(engine, analysis->color, action, winrate);
    const char *name = is_cancelled ? "cancelled" : action == GAME_NO_ACTION ? "resign" : gtp_action_text(engine, action, text);
    gtp_say(reply, "%s%s", is_shown ? "play " : "", name);
    unwatch(engine, analysis);
}

static void do_lz_genmove_analyze(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_LZ, MOVE_IS_PLAYED | MOVE_IS_SHOWN);
}
static void do_kata_genmove_analyze(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_KATA, MOVE_IS_PLAYED | MOVE_IS_SHOWN);
}
static void do_cgos_genmove_analyze(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_CGOS, MOVE_IS_PLAYED | MOVE_IS_SHOWN);
}
static void do_kata_search(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_KATA, 0);
}
static void do_kata_search_cancellable(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_KATA, MOVE_CAN_BE_CANCELLED);
}
static void do_kata_search_debug(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_KATA, MOVE_IS_EXPLAINED);
}
static void do_kata_search_analyze(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_KATA, MOVE_IS_SHOWN);
}
static void do_kata_search_analyze_cancellable(struct gtp_engine *engine, const struct gtp_line *line,
                                               struct gtp_reply *reply) {
    move(engine, line, reply, GTP_DIALECT_KATA, MOVE_IS_SHOWN | MOVE_CAN_BE_CANCELLED);
}

// Moves are captures of dead stones as long as there are any.
static void do_genmove_cleanup(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const bool before = engine->cleans_up;
    engine->cleans_up = true;
    move(engine, line, reply, GTP_DIALECT_KATA, MOVE_IS_PLAYED);
    engine->cleans_up = before;
}

// By the time it is answered, the search that it was to end has ended.
static void do_stop(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    engine->is_pondering = false;
}

// ---- the net alone ----

// Judges the position under a symmetry. policy: [num_actions], NAN where the action is illegal.
static struct judgement judge(struct gtp_engine *engine, int symmetry, float *policy) {
    const struct game *game = &engine->game;
    const struct position position = {.game = game, .state = engine->state, .symmetry = symmetry};
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(game, engine->state, legal);
    struct judgement *j = &engine->judgements[0];
    float top = -INFINITY, sum = 0;
    j->ownership = game->has_ownership ? engine->ownership : NULL;
    evaluator_judge(engine->evaluator, 1, &position, j);
    for (int a = 0; a < game->num_actions; a++) policy[a] = NAN;
    for (int i = 0; i < n; i++) top = fmaxf(top, j->logits[legal[i]]);
    for (int i = 0; i < n; i++) sum += policy[legal[i]] = expf(j->logits[legal[i]] - top);
    for (int i = 0; i < n; i++) policy[legal[i]] /= sum;
    return *j;
}

static void say_real(struct gtp_reply *reply, float x) {
    if (isnan(x))
        gtp_say(reply, "NAN ");
    else
        gtp_say(reply, "%.6f ", (double)x);
}

static void say_raw(struct gtp_engine *engine, struct gtp_reply *reply, int symmetry) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width, pass = game->pass_action;
    float policy[GAME_MAX_ACTIONS];
    const struct judgement j = judge(engine, symmetry, policy);
    const bool is_white = engine->to_play == 1;
    const double win = j.wdl[is_white ? 0 : 2] + j.wdl[1] / 2, lead = is_white ? j.score : -j.score;
    gtp_say(reply, "symmetry %d\nwhiteWin %.6f\nwhiteLoss %.6f\nnoResult 0.000000\nwhiteLead %.6f\nwhiteScoreSelfplay %.6f\n",
            symmetry, win, 1 - win, lead, lead);
    gtp_say(reply, "whiteScoreSelfplaySq %.6f\nvarTimeLeft -1.000000\nshorttermWinlossError -1.000000\n", lead * lead);
    gtp_say(reply, "shorttermScoreError -1.000000\npolicy");
    for (int p = 0; p < points; p++) {
        gtp_say(reply, p % game->width ? "" : "\n");
        say_real(reply, policy[p]);
    }
    gtp_say(reply, "\npolicyPass ");
    say_real(reply, pass == GAME_NO_ACTION ? NAN : policy[pass]);
    gtp_say(reply, "\nwhiteOwnership");
    for (int p = 0; p < points; p++) {
        gtp_say(reply, p % game->width ? "" : "\n");
        say_real(reply, !j.ownership ? 0 : is_white ? j.ownership[p] : -j.ownership[p]);
    }
}

// kata-raw-nn [COLOR] SYMMETRY|all [OPTIMISM]
static void do_kata_raw_nn(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const int color = gtp_parse_color(line->arguments[0]), at = color >= 0;
    const char *text = at < line->num_arguments ? line->arguments[at] : "";
    const bool all = !strcmp(text, "all");
    double optimism;
    int symmetry = 0;
    const bool good = all || (gtp_parse_int(text, &symmetry) && symmetry >= 0 && symmetry < 8);
    if (!good || (at + 1 < line->num_arguments && !gtp_parse_real(line->arguments[at + 1], &optimism))) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    gtp_engine_derive(engine, color >= 0 ? color : gtp_engine_next_color(engine));
    if (game_outcome(&engine->game, engine->state) != OUTCOME_NONE) {
        gtp_refuse(reply, "the game is over");
        return;
    }
    // An oblong board has fewer symmetries; the others are taken for the identity.
    const int num = engine->game.num_symmetries;
    if (!all) say_raw(engine, reply, symmetry < num ? symmetry : 0);
    for (int k = 0; all && k < num; k++) {
        if (k) gtp_say(reply, "\n");
        say_raw(engine, reply, k);
    }
}

// Leela Zero's: the policy in thousandths, row by row, then the pass and the winning chance. It
// says them on stderr, where its front ends look, so that is done too.
static void do_heatmap(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct game *game = &engine->game;
    const int points = game->height * game->width, num = game->num_symmetries;
    const char *which = line->num_arguments ? line->arguments[0] : "0";
    const bool average = !strcmp(which, "average") || !strcmp(which, "all");
    int symmetry = 0;
    if (!average && (!gtp_parse_int(which, &symmetry) || symmetry < 0 || symmetry >= 8)) {
        gtp_refuse(reply, "syntax error");
        return;
    }
    gtp_engine_derive(engine, gtp_engine_next_color(engine));
    if (game_outcome(game, engine->state) != OUTCOME_NONE) {
        gtp_refuse(reply, "the game is over");
        return;
    }
    float policy[GAME_MAX_ACTIONS], mean[GAME_MAX_ACTIONS] = {0}, winrate = 0;
    const int first = average || symmetry >= num ? 0 : symmetry, count = average ? num : 1;
    for (int k = first; k < first + count; k++) {
        const struct judgement j = judge(engine, k, policy);
        winrate += (j.wdl[0] + j.wdl[1] / 2) / (float)count;
        for (int a = 0; a < game->num_actions; a++) mean[a] += isnan(policy[a]) ? 0 : policy[a] / (float)count;
    }
    for (int p = 0; p < points; p++) gtp_say(reply, "%s%3d ", p % game->width ? "" : "\n", (int)lround(1000 * (double)mean[p]));
    if (game->pass_action != GAME_NO_ACTION) gtp_say(reply, "\npass: %d", (int)lround(1000 * (double)mean[game->pass_action]));
    gtp_say(reply, "\nwinrate: %.6f", (double)winrate);
    status_say(reply->text + 1, reply->num_bytes - 1);
    status_say("\n", 1);
}

#define OPTIONS "[COLOR] [CENTISECONDS] [OPTION VALUE...]"
const struct gtp_command gtp_commands_think[] = {
    {"analyze", 0, do_kata_analyze, OPTIONS, "analyses until the next line, and says what it finds"},
    {"lz-analyze", 0, do_lz_analyze, OPTIONS, "the same in Leela Zero's form"},
    {"kata-analyze", 0, do_kata_analyze, OPTIONS, "the same in KataGo's form"},
    {"genmove_analyze", 0, do_kata_genmove_analyze, OPTIONS, "thinks and plays a move, and says what it finds"},
    {"lz-genmove_analyze", 0, do_lz_genmove_analyze, OPTIONS, "the same in Leela Zero's form"},
    {"kata-genmove_analyze", 0, do_kata_genmove_analyze, OPTIONS, "the same in KataGo's form"},
    {"cgos-genmove_analyze", 0, do_cgos_genmove_analyze, OPTIONS, "the same in the form of the server CGOS"},
    {"kata-search", 0, do_kata_search, OPTIONS, "thinks and says a move without playing it"},
    {"kata-search_cancellable", 0, do_kata_search_cancellable, OPTIONS, "the same, but any line cancels it"},
    {"kata-search_debug", 0, do_kata_search_debug, OPTIONS, "the same, and says on stderr what it found"},
    {"kata-search_analyze", 0, do_kata_search_analyze, OPTIONS, "thinks and says a move and what it finds"},
    {"kata-search_analyze_cancellable", 0, do_kata_search_analyze_cancellable, OPTIONS, "the same, but any line cancels it"},
    {"kata-search_cancel", 0, do_stop, "", "ends a search at hand"},
    {"kgs-genmove_cleanup", 1, do_genmove_cleanup, "COLOR", "plays a move, and passes only when no dead stones are left"},
    {"stop", 0, do_stop, "", "ends a search at hand, and pondering"},
    {"stop-ponder", 0, do_stop, "", "the same"},
    {"kata-raw-nn", 1, do_kata_raw_nn, "[COLOR] SYMMETRY|all", "what the net says without a search"},
    {"heatmap", 0, do_heatmap, "[SYMMETRY|average]", "the net's policy as a table, in thousandths"},
    {NULL, 0, NULL, NULL, NULL},
};
