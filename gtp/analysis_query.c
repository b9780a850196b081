// Reads a query key by key. The first fault ends it: `fault` says so, and every function looks
// there first or returns false. Keys that nobody reads are warned of, since a misspelt option that
// is silently ignored costs its user an evening.
#include "gtp/analysis_query.h"

#include "base/memory.h"
#include "game/go_rules.h"
#include "gtp/gtp_parse.h"
#include "gtp/kata_rules.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_VISITS = 100000000, MAX_UNTIL = UINT16_MAX };
static const double max_seconds = 1e9, max_komi = 600;

struct reader {
    struct analysis_query *query;
    struct analysis_fault *fault;
};

static void set_fault(struct analysis_fault *fault, const char *field, const char *format, va_list arguments) {
    snprintf(fault->field, sizeof fault->field, "%s", field);
    vsnprintf(fault->text, sizeof fault->text, format, arguments);
}

static bool __attribute__((format(printf, 3, 4))) refuse(struct reader *r, const char *field, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    set_fault(r->fault, field, format, arguments);
    va_end(arguments);
    return false;
}

static void __attribute__((format(printf, 3, 4))) warn(struct reader *r, const char *field, const char *format, ...) {
    struct analysis_query *q = r->query;
    enum { MAX_WARNINGS = 32 };
    if (q->num_warnings == MAX_WARNINGS) return;
    q->warnings = memory_resize(q->warnings, (size_t)q->num_warnings + 1, sizeof *q->warnings, "a query");
    va_list arguments;
    va_start(arguments, format);
    set_fault(&q->warnings[q->num_warnings++], field, format, arguments);
    va_end(arguments);
}

static const cJSON *item_of(const struct reader *r, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(r->query->json, key);
}

// ---- values ----

static bool read_flag(struct reader *r, const char *key, bool *out) {
    const cJSON *item = item_of(r, key);
    if (!item) return true;
    if (!cJSON_IsBool(item)) return refuse(r, key, "Must be true or false");
    *out = cJSON_IsTrue(item);
    return true;
}

static bool number_of(struct reader *r, const char *key, const cJSON *item, double min, double max, double *out) {
    if (!item) return true;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= min && item->valuedouble <= max))
        return refuse(r, key, "Must be a number from %g to %g", min, max);
    *out = item->valuedouble;
    return true;
}

static bool whole_of(struct reader *r, const char *key, const cJSON *item, int min, int max, int *out) {
    if (!item) return true;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= min && item->valuedouble <= max) ||
        item->valuedouble != floor(item->valuedouble))
        return refuse(r, key, "Must be a whole number from %d to %d", min, max);
    *out = (int)item->valuedouble;
    return true;
}

// "B" or "W", or the whole words. False: `item` is neither.
static bool color_of(const cJSON *item, int *color) {
    *color = cJSON_IsString(item) ? gtp_parse_color(item->valuestring) : -1;
    return *color >= 0;
}

static bool vertex_of(const struct game *game, const cJSON *item, int *action) {
    *action = cJSON_IsString(item) ? gtp_parse_vertex(game, item->valuestring) : GAME_NO_ACTION;
    return *action != GAME_NO_ACTION;
}

static bool is_list(struct reader *r, const char *key, const cJSON *item, int max) {
    if (!cJSON_IsArray(item)) return refuse(r, key, "Must be a list");
    if (cJSON_GetArraySize(item) > max) return refuse(r, key, "Has more than %d items", max);
    return true;
}

// An item such as ["B", "Q16"].
static bool move_of(struct reader *r, const char *key, const cJSON *item, int number, struct analysis_move *out) {
    const struct game *game = &r->query->game;
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2 || !color_of(item->child, &out->color))
        return refuse(r, key, "Item %d is not a list of a player and a move, like [\"B\",\"D4\"]", number);
    if (!vertex_of(game, item->child->next, &out->action))
        return refuse(r, key, "Could not parse board location of item %d on a board of %dx%d", number, game->width,
                      game->height);
    return true;
}

// ---- the game ----

static bool read_moves(struct reader *r) {
    struct analysis_query *q = r->query;
    const cJSON *list = item_of(r, "moves"), *item;
    if (!list) return refuse(r, "moves", "Must say the moves of the game, or [] for none");
    if (!is_list(r, "moves", list, ANALYSIS_MAX_MOVES)) return false;
    q->moves = memory_new((size_t)cJSON_GetArraySize(list), sizeof *q->moves, "a query");
    cJSON_ArrayForEach(item, list) {
        if (!move_of(r, "moves", item, q->num_moves, &q->moves[q->num_moves])) return false;
        q->num_moves++;
    }
    return true;
}

static bool read_stones(struct reader *r) {
    struct analysis_query *q = r->query;
    const cJSON *list = item_of(r, "initialStones"), *item;
    if (!list) return true;
    if (!is_list(r, "initialStones", list, ANALYSIS_MAX_MOVES)) return false;
    int number = 0;
    cJSON_ArrayForEach(item, list) {
        struct analysis_move stone = {0};
        if (!move_of(r, "initialStones", item, number++, &stone)) return false;
        if (stone.action == q->game.pass_action) return refuse(r, "initialStones", "A pass is no stone");
        q->stones[stone.action] = stone.color ? -1 : 1;
        q->has_stones = true;
    }
    return true;
}

// Stones that Black was given: those that stand at first, if none is White's, or else the first
// moves, if several are Black's in a row.
static int count_handicap(const struct analysis_query *q) {
    int stones = 0;
    for (int p = 0; p < q->game.height * q->game.width; p++) {
        if (q->stones[p] < 0) return 0;
        stones += q->stones[p] > 0;
    }
    if (q->has_stones) return stones;
    while (stones < q->num_moves && q->moves[stones].color == 0 && q->moves[stones].action != q->game.pass_action) stones++;
    return stones > 1 ? stones : 0;
}

static bool read_player(struct reader *r) {
    struct analysis_query *q = r->query;
    const cJSON *item = item_of(r, "initialPlayer");
    if (item && !color_of(item, &q->first_player)) return refuse(r, "initialPlayer", "Must be \"b\" or \"w\"");
    if (q->num_moves)
        q->first_player = q->moves[0].color;
    else if (!item)
        // White is the first to move where Black has a handicap.
        q->first_player = count_handicap(q) > 1;
    return true;
}

static bool read_rules(struct reader *r, const struct analysis_defaults *defaults, struct go_rules *rules) {
    const cJSON *item = item_of(r, "rules"), *bonus = item_of(r, "whiteHandicapBonus");
    const char *changed = NULL;
    if (!go_rules_read(rules, defaults->rules)) return refuse(r, "rules", "Unknown default rules");
    if (item && !kata_rules_read(rules, item, &changed)) {
        if (cJSON_IsString(item)) return refuse(r, "rules", "Could not parse rules: %.80s", item->valuestring);
        return refuse(r, "rules", "Could not parse rules");
    }
    if (changed) warn(r, "rules", "%s", changed);
    static const char *const words[] = {[GO_BONUS_N] = "N", [GO_BONUS_0] = "0", [GO_BONUS_N_1] = "N-1"};
    for (int i = 0; bonus && i < 3; i++)
        if (cJSON_IsString(bonus) && !strcasecmp(bonus->valuestring, words[i])) {
            rules->part[GO_BONUS] = (uint8_t)i;
            bonus = NULL;
        }
    return bonus ? refuse(r, "whiteHandicapBonus", "Must be \"0\", \"N\" or \"N-1\"") : true;
}

// Opens the game with the komi as the query says it, and again with the bonus for handicap stones,
// once these are known.
static bool open_game(struct reader *r, const struct go_rules *rules, double komi) {
    struct analysis_query *q = r->query;
    const struct game_options options = {
        .height = q->game.height, .width = q->game.width, .komi = komi, .rules = go_rules_text(rules)};
    struct game game;
    if (game_open(&game, "go", &options) != STATUS_OK)
        return refuse(r, "boardXSize", "A board of %dx%d is not possible", options.width, options.height);
    q->game = game;
    return true;
}

static bool read_game(struct reader *r, const struct analysis_defaults *defaults) {
    struct analysis_query *q = r->query;
    struct go_rules rules;
    double komi = GAME_KOMI_DEFAULT;
    int width = 0, height = 0;
    if (!item_of(r, "boardXSize")) return refuse(r, "boardXSize", "Must say the width of the board");
    if (!item_of(r, "boardYSize")) return refuse(r, "boardYSize", "Must say the height of the board");
    if (!whole_of(r, "boardXSize", item_of(r, "boardXSize"), 2, GAME_MAX_SIDE, &width)) return false;
    if (!whole_of(r, "boardYSize", item_of(r, "boardYSize"), 2, GAME_MAX_SIDE, &height)) return false;
    if (!number_of(r, "komi", item_of(r, "komi"), -max_komi, max_komi, &komi)) return false;
    if (!read_rules(r, defaults, &rules)) return false;
    q->game.width = width;
    q->game.height = height;
    if (!open_game(r, &rules, komi) || !read_moves(r) || !read_stones(r) || !read_player(r)) return false;
    const double bonus = go_handicap_bonus(&q->game, count_handicap(q));
    return bonus == 0 || open_game(r, &rules, q->game.komi + bonus);
}

// ---- what to search ----

static bool read_turns(struct reader *r) {
    struct analysis_query *q = r->query;
    const cJSON *list = item_of(r, "analyzeTurns"), *priorities = item_of(r, "priorities"), *item;
    double priority = 0;
    if (list && !is_list(r, "analyzeTurns", list, ANALYSIS_MAX_MOVES + 1)) return false;
    if (list && !list->child) return refuse(r, "analyzeTurns", "Must name a turn");
    if (!number_of(r, "priority", item_of(r, "priority"), -1e9, 1e9, &priority)) return false;
    q->num_turns = list ? cJSON_GetArraySize(list) : 1;
    q->turns = memory_new((size_t)q->num_turns, sizeof *q->turns, "a query");
    q->turns[0] = (struct analysis_turn){q->num_moves, priority};
    int i = 0;
    if (list) cJSON_ArrayForEach(item, list) {
            q->turns[i].priority = priority;
            if (!whole_of(r, "analyzeTurns", item, 0, q->num_moves, &q->turns[i++].number)) return false;
        }
    if (!priorities) return true;
    if (!cJSON_IsArray(priorities) || cJSON_GetArraySize(priorities) != q->num_turns || !list)
        return refuse(r, "priorities", "Must be a list with one number for each of analyzeTurns");
    if (item_of(r, "priority")) return refuse(r, "priorities", "Can't be given together with priority");
    i = 0;
    cJSON_ArrayForEach(item, priorities) {
        if (!number_of(r, "priorities", item, -1e9, 1e9, &q->turns[i++].priority)) return false;
    }
    return true;
}

// Marks an action as left out of the first `depth` moves of a side.
static void leave_out(struct analysis_query *q, int color, int action, int depth) {
    uint16_t *until = &q->avoid[color * q->game.num_actions + action];
    if (*until < depth) *until = (uint16_t)depth;
}

static bool read_avoided(struct reader *r, const char *key, const cJSON *entry, bool is_allowed) {
    struct analysis_query *q = r->query;
    bool is_listed[GAME_MAX_SIDE * GAME_MAX_SIDE + 1] = {false};
    const cJSON *moves = cJSON_GetObjectItemCaseSensitive(entry, "moves"), *item;
    int color = 0, depth = 0;
    if (!color_of(cJSON_GetObjectItemCaseSensitive(entry, "player"), &color))
        return refuse(r, key, "Must say the player, \"b\" or \"w\"");
    const cJSON *until = cJSON_GetObjectItemCaseSensitive(entry, "untilDepth");
    if (!until) return refuse(r, key, "Must say untilDepth");
    if (!whole_of(r, key, until, 1, MAX_UNTIL, &depth) || !is_list(r, key, moves, ANALYSIS_MAX_MOVES)) return false;
    cJSON_ArrayForEach(item, moves) {
        int action;
        if (!vertex_of(&q->game, item, &action)) return refuse(r, key, "Could not parse a move");
        is_listed[action] = true;
    }
    for (int a = 0; a < q->game.num_actions; a++)
        if (is_listed[a] != is_allowed) leave_out(q, color, a, depth);
    return true;
}

static bool read_restrictions(struct reader *r) {
    struct analysis_query *q = r->query;
    const cJSON *avoid = item_of(r, "avoidMoves"), *allow = item_of(r, "allowMoves"), *entry;
    if (!avoid && !allow) return true;
    if (avoid && allow) return refuse(r, "allowMoves", "Can't be given together with avoidMoves");
    const char *key = avoid ? "avoidMoves" : "allowMoves";
    if (!is_list(r, key, avoid ? avoid : allow, avoid ? 100 : 1)) return false;
    q->avoid = memory_new(2 * (size_t)q->game.num_actions, sizeof *q->avoid, "a query");
    const cJSON *list = avoid ? avoid : allow;
    cJSON_ArrayForEach(entry, list) {
        if (!read_avoided(r, key, entry, allow != NULL)) return false;
    }
    return true;
}

static bool read_view(struct reader *r, const cJSON *item, int *view) {
    static const char *const words[] = {"BLACK", "WHITE", "SIDETOMOVE"};
    static const int views[] = {0, 1, REPORT_MOVER};
    for (int i = 0; i < 3; i++)
        if (cJSON_IsString(item) && !strcasecmp(item->valuestring, words[i])) {
            *view = views[i];
            return true;
        }
    return refuse(r, "overrideSettings", "reportAnalysisWinratesAs must be BLACK, WHITE or SIDETOMOVE");
}

static bool read_overrides(struct reader *r) {
    struct analysis_query *q = r->query;
    const cJSON *settings = item_of(r, "overrideSettings"), *item;
    static const char field[] = "overrideSettings";
    if (!settings) return true;
    if (!cJSON_IsObject(settings)) return refuse(r, field, "Must be an object");
    cJSON_ArrayForEach(item, settings) {
        double wideness = 0;
        bool is_read = true;
        if (!strcmp(item->string, "reportAnalysisWinratesAs")) {
            is_read = read_view(r, item, &q->report.view);
        } else if (!strcmp(item->string, "maxTime")) {
            is_read = number_of(r, field, item, 0, max_seconds, &q->seconds);
        } else if (!strcmp(item->string, "maxVisits") || !strcmp(item->string, "maxPlayouts")) {
            is_read = whole_of(r, field, item, 1, MAX_VISITS, &q->visits);
        } else if (!strcmp(item->string, "analysisPVLen")) {
            is_read = whole_of(r, field, item, 1, REPORT_MAX_LINE - 1, &q->report.max_line);
        } else if (!strcmp(item->string, "wideRootNoise") || !strcmp(item->string, "analysisWideRootNoise")) {
            is_read = number_of(r, field, item, 0, 100, &wideness);
            q->wideness = (float)wideness;
        } else {
            warn(r, field, "%.60s is not known here and changes nothing", item->string);
        }
        if (!is_read) return false;
    }
    return true;
}

static bool read_search(struct reader *r, const struct analysis_defaults *defaults) {
    struct analysis_query *q = r->query;
    struct report_options *o = &q->report;
    *o = (struct report_options){.view = defaults->view, .max_line = 15};
    q->visits = defaults->visits;
    if (!read_game(r, defaults) || !read_turns(r) || !read_restrictions(r) || !read_overrides(r)) return false;
    if (!whole_of(r, "maxVisits", item_of(r, "maxVisits"), 1, MAX_VISITS, &q->visits)) return false;
    if (!whole_of(r, "analysisPVLen", item_of(r, "analysisPVLen"), 1, REPORT_MAX_LINE - 1, &o->max_line)) return false;
    o->max_line++; // KataGo's length is of what follows the move
    if (!number_of(r, "reportDuringSearchEvery", item_of(r, "reportDuringSearchEvery"), 0.001, max_seconds, &q->report_every))
        return false;
    q->first_report = q->report_every;
    if (!number_of(r, "firstReportDuringSearchAfter", item_of(r, "firstReportDuringSearchAfter"), 0.001, max_seconds,
                   &q->first_report))
        return false;
    if (q->first_report > 0 && !(q->report_every > 0)) q->report_every = max_seconds;
    return read_flag(r, "includeOwnership", &o->ownership) && read_flag(r, "includeOwnershipStdev", &o->ownership_deviation) &&
           read_flag(r, "includeMovesOwnership", &o->moves_ownership) &&
           read_flag(r, "includeMovesOwnershipStdev", &o->moves_ownership_deviation) &&
           read_flag(r, "includePolicy", &q->with_policy) && read_flag(r, "includePVVisits", &q->with_line_visits);
}

static void warn_of_unknown_keys(struct reader *r) {
    static const char *const known[] = {"id",
                                        "action",
                                        "moves",
                                        "initialStones",
                                        "initialPlayer",
                                        "rules",
                                        "komi",
                                        "whiteHandicapBonus",
                                        "boardXSize",
                                        "boardYSize",
                                        "analyzeTurns",
                                        "priority",
                                        "priorities",
                                        "maxVisits",
                                        "analysisPVLen",
                                        "includeOwnership",
                                        "includeOwnershipStdev",
                                        "includeMovesOwnership",
                                        "includeMovesOwnershipStdev",
                                        "includePolicy",
                                        "includePVVisits",
                                        "includeNoResultValue",
                                        "avoidMoves",
                                        "allowMoves",
                                        "overrideSettings",
                                        "reportDuringSearchEvery",
                                        "firstReportDuringSearchAfter"};
    const cJSON *item;
    cJSON_ArrayForEach(item, r->query->json) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) is_known |= !strcmp(item->string, known[i]);
        if (!is_known) warn(r, item->string, "Unexpected or unused field");
    }
}

// ---- the other actions ----

static bool read_numbers(struct reader *r) {
    struct analysis_query *q = r->query;
    const cJSON *list = item_of(r, "turnNumbers"), *item;
    q->num_numbers = -1;
    if (!list) return true;
    if (!is_list(r, "turnNumbers", list, ANALYSIS_MAX_MOVES + 1)) return false;
    q->numbers = memory_new((size_t)cJSON_GetArraySize(list), sizeof *q->numbers, "a query");
    q->num_numbers = 0;
    cJSON_ArrayForEach(item, list) {
        if (!whole_of(r, "turnNumbers", item, 0, ANALYSIS_MAX_MOVES, &q->numbers[q->num_numbers++])) return false;
    }
    return true;
}

static bool read_action(struct reader *r, const cJSON *action) {
    static const char *const words[] = {[ANALYSIS_TERMINATE] = "terminate",
                                        [ANALYSIS_TERMINATE_ALL] = "terminate_all",
                                        [ANALYSIS_CLEAR_CACHE] = "clear_cache",
                                        [ANALYSIS_QUERY_VERSION] = "query_version",
                                        [ANALYSIS_QUERY_MODELS] = "query_models"};
    struct analysis_query *q = r->query;
    if (!cJSON_IsString(action)) return refuse(r, "action", "Must be a string");
    for (int i = ANALYSIS_TERMINATE; i <= ANALYSIS_QUERY_MODELS; i++)
        if (!strcmp(action->valuestring, words[i])) q->action = (enum analysis_action)i;
    if (q->action == ANALYSIS_SEARCH)
        return refuse(r, "action",
                      "'action' field must be 'terminate', 'terminate_all', 'clear_cache', 'query_version' or 'query_models'");
    const cJSON *id = item_of(r, "terminateId");
    if (q->action == ANALYSIS_TERMINATE && !cJSON_IsString(id)) return refuse(r, "terminateId", "Must be a string");
    q->terminate_id = cJSON_IsString(id) ? id->valuestring : NULL;
    return q->action != ANALYSIS_TERMINATE && q->action != ANALYSIS_TERMINATE_ALL ? true : read_numbers(r);
}

bool analysis_query_read(struct analysis_query *q, const char *line, const struct analysis_defaults *defaults,
                         struct analysis_fault *fault) {
    memset(q, 0, sizeof *q);
    memset(fault, 0, sizeof *fault);
    struct reader r = {q, fault};
    q->json = cJSON_ParseWithOpts(line, NULL, true);
    if (!cJSON_IsObject(q->json)) return refuse(&r, "", "Could not parse input line as json request");
    const cJSON *id = item_of(&r, "id"), *action = item_of(&r, "action");
    if (!cJSON_IsString(id)) return refuse(&r, "id", "Request must have a string \"id\" field");
    q->id = id->valuestring;
    if (action) return read_action(&r, action);
    if (!read_search(&r, defaults)) return false;
    warn_of_unknown_keys(&r);
    return true;
}

void analysis_query_done(struct analysis_query *q) {
    cJSON_Delete(q->json);
    free(q->numbers);
    free(q->moves);
    free(q->turns);
    free(q->avoid);
    free(q->warnings);
    memset(q, 0, sizeof *q);
}

// ---- positions ----

static bool play(struct reader *r, void *state, int color, int action, int number) {
    const struct game *game = &r->query->game;
    char text[GAME_TEXT_BYTES];
    if (game_to_move(game, state) != color && game_outcome(game, state) == OUTCOME_NONE)
        game_play(game, state, game->pass_action);
    if (game_outcome(game, state) == OUTCOME_NONE && game_is_legal(game, state, action)) {
        game_play(game, state, action);
        return true;
    }
    return refuse(r, "moves", "Illegal move %d: %s", number, gtp_vertex_text(game, action, text));
}

// Whether the moves are a game by the rules, of which the first two passes in a row end it.
static bool is_in_turn(const struct analysis_query *q, int turn) {
    int color = q->first_player, passes = 0;
    for (int i = 0; i < turn; i++) {
        if (q->moves[i].color != color || passes == 2) return false;
        passes = q->moves[i].action == q->game.pass_action ? passes + 1 : 0;
        color = 1 - color;
    }
    return true;
}

bool analysis_query_position(const struct analysis_query *query, int turn, void *state, struct analysis_fault *fault) {
    struct analysis_query q = *query;
    struct reader r = {&q, fault};
    memset(fault, 0, sizeof *fault);
    if (!q.has_stones && !q.first_player)
        game_start(&q.game, state);
    else if (game_set_up(&q.game, state, q.stones, q.first_player) != STATUS_OK)
        return refuse(&r, "initialStones", "No play could lead to these stones");
    // Where a side moves twice, or play goes on after two passes, passes count for nothing but
    // whose turn it is, as in our GTP.
    const bool in_turn = is_in_turn(query, turn);
    for (int i = 0; i < turn; i++) {
        if (!in_turn && q.moves[i].action == q.game.pass_action) continue;
        if (!play(&r, state, q.moves[i].color, q.moves[i].action, i)) return false;
    }
    const int color = turn < q.num_moves ? q.moves[turn].color : turn ? 1 - q.moves[turn - 1].color : q.first_player;
    if (game_to_move(&q.game, state) != color && game_outcome(&q.game, state) == OUTCOME_NONE)
        game_play(&q.game, state, q.game.pass_action);
    return true;
}
