// KataGo has several scores where we have one, the expected margin: it stands under each name.
#include "gtp/report_json.h"

#include <math.h>

// Six decimals are all that a float knows of a number about 1.
static double rounded(double x) { return round(x * 1e6) / 1e6; }

void report_json_number(cJSON *object, const char *key, double value) {
    if (isfinite(value))
        cJSON_AddNumberToObject(object, key, rounded(value));
    else
        cJSON_AddNullToObject(object, key);
}

void report_json_numbers(cJSON *object, const char *key, const float *values, int n) {
    cJSON *array = cJSON_AddArrayToObject(object, key);
    for (int i = 0; i < n; i++) cJSON_AddItemToArray(array, cJSON_CreateNumber(rounded(values[i])));
}

// Where the game has no score, there are no keys of scores.
static void add_scores(cJSON *object, float score, float deviation) {
    if (!isfinite(score)) return;
    report_json_number(object, "scoreMean", score);
    report_json_number(object, "scoreStdev", deviation);
    report_json_number(object, "scoreLead", score);
    report_json_number(object, "scoreSelfplay", score);
}

static void add_ownership(cJSON *object, const struct game *game, const float *mean, const float *deviation) {
    const int points = game->height * game->width;
    if (mean) report_json_numbers(object, "ownership", mean, points);
    if (deviation) report_json_numbers(object, "ownershipStdev", deviation, points);
}

// GTP's vertices for Go, as every front end wants them, and the game's own words for the others.
static const char *move_text(const struct game *game, int action, char out[GAME_TEXT_BYTES]) {
    game->type->action_text(game, action, out);
    return out;
}

static cJSON *move_json(const struct report *r, const struct report_move *m, int order, bool with_line_visits) {
    char text[GAME_TEXT_BYTES];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "move", move_text(r->game, m->action, text));
    cJSON_AddNumberToObject(object, "visits", m->visits);
    cJSON_AddNumberToObject(object, "edgeVisits", m->visits);
    report_json_number(object, "winrate", m->winrate);
    add_scores(object, m->score, m->score_deviation);
    report_json_number(object, "utility", m->utility);
    report_json_number(object, "utilityLcb", m->utility_lcb);
    report_json_number(object, "lcb", m->lcb);
    report_json_number(object, "prior", m->prior);
    cJSON_AddNumberToObject(object, "weight", m->visits);
    cJSON_AddNumberToObject(object, "edgeWeight", m->visits);
    cJSON_AddNumberToObject(object, "playSelectionValue", m->visits);
    cJSON_AddNumberToObject(object, "order", order);
    cJSON *line = cJSON_AddArrayToObject(object, "pv");
    for (int i = 0; i < m->line_length; i++)
        cJSON_AddItemToArray(line, cJSON_CreateString(move_text(r->game, m->line[i], text)));
    cJSON *visits = with_line_visits ? cJSON_AddArrayToObject(object, "pvVisits") : NULL;
    for (int i = 0; visits && i < m->line_length; i++) cJSON_AddItemToArray(visits, cJSON_CreateNumber(m->line_visits[i]));
    add_ownership(object, r->game, m->ownership, m->ownership_deviation);
    return object;
}

static void add_root(const struct report *r, cJSON *object) {
    cJSON *root = cJSON_AddObjectToObject(object, "rootInfo");
    cJSON_AddStringToObject(root, "currentPlayer", r->to_move ? "W" : "B");
    cJSON_AddNumberToObject(root, "visits", (double)r->visits);
    cJSON_AddNumberToObject(root, "weight", (double)r->visits);
    report_json_number(root, "winrate", r->winrate);
    report_json_number(root, "utility", r->utility);
    add_scores(root, r->score, r->score_deviation);
    report_json_number(root, "rawWinrate", r->raw_winrate);
    report_json_number(root, "rawUtility", r->raw_utility);
    if (isfinite(r->raw_score)) report_json_number(root, "rawLead", r->raw_score);
    if (isfinite(r->raw_score)) report_json_number(root, "rawScoreSelfplay", r->raw_score);
}

void report_json(const struct report *r, bool with_policy, bool with_line_visits, cJSON *object) {
    cJSON *moves = cJSON_AddArrayToObject(object, "moveInfos");
    for (int i = 0; i < r->num_moves; i++) cJSON_AddItemToArray(moves, move_json(r, &r->moves[i], i, with_line_visits));
    add_root(r, object);
    add_ownership(object, r->game, r->ownership, r->ownership_deviation);
    if (with_policy) report_json_numbers(object, "policy", r->policy, r->game->num_actions);
}
