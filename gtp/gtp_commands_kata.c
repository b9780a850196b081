// KataGo's commands about rules and parameters [KataGo, docs/GTP_Extensions.md]. Parameters that we
// have no counterpart for are either refused, or have the one value that says that they do nothing.
#include "gtp/gtp_commands.h"

#include "base/memory.h"
#include "gtp/gtp_explain.h"
#include "gtp/gtp_settings.h"
#include "gtp/kata_rules.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_go(const struct gtp_engine *engine) { return !strcmp(engine->game.type->name, "go"); }

static void say_json(struct gtp_reply *reply, cJSON *json) {
    char *text = cJSON_PrintUnformatted(json);
    if (!text) memory_failed(0, "an answer in JSON");
    gtp_say(reply, "%s", text);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void do_get_rules(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct go_rules rules = go_rules_of(&engine->game);
    if (is_go(engine))
        say_json(reply, kata_rules_json(&rules));
    else
        gtp_refuse(reply, "these rules are Go's");
}

// Takes the rules, also in the middle of a game whose moves are legal in them. What we don't have is
// refused.
static void take_rules(struct gtp_engine *engine, bool is_read, const struct go_rules *rules, const char *changed,
                       struct gtp_reply *reply) {
    if (!is_read)
        gtp_refuse(reply, "unknown rules");
    else if (changed)
        gtp_refuse(reply, changed);
    else if (!gtp_engine_set_rules(engine, go_rules_text(rules)))
        gtp_refuse(reply, "a move of this game is not legal in these rules");
}

// The other games' rules have names alone.
static void do_set_rules(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    struct go_rules rules;
    const char *changed = NULL;
    char text[512];
    if (!gtp_parse_text(line, 0, line->num_arguments, text, sizeof text)) {
        gtp_refuse(reply, "syntax error");
    } else if (is_go(engine)) {
        const bool is_read = kata_rules_read_text(&rules, text, &changed);
        take_rules(engine, is_read, &rules, changed, reply);
    } else if (!gtp_engine_set_rules(engine, text)) {
        gtp_refuse(reply, "unknown rules");
    }
}

static void do_set_rule(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const char *key = line->arguments[0], *value = line->arguments[1], *changed = NULL;
    struct go_rules rules = go_rules_of(&engine->game);
    if (!is_go(engine)) {
        gtp_refuse(reply, "these rules are Go's");
        return;
    }
    cJSON *json = kata_rules_json(&rules);
    const cJSON *old = cJSON_GetObjectItemCaseSensitive(json, key);
    const bool is_true = !strcasecmp(value, "true"), is_false = !strcasecmp(value, "false");
    if (old && cJSON_IsBool(old) == (is_true || is_false)) {
        cJSON_DeleteItemFromObjectCaseSensitive(json, key);
        cJSON_AddItemToObject(json, key,
                              cJSON_IsBool(old) || is_true || is_false ? cJSON_CreateBool(is_true) : cJSON_CreateString(value));
        const bool is_read = kata_rules_read(&rules, json, &changed);
        take_rules(engine, is_read, &rules, changed, reply);
    } else {
        gtp_refuse(reply, old ? "unknown rules" : "unknown part of the rules");
    }
    cJSON_Delete(json);
}

// A parameter has a setting of ours, or one value that it always has.
static const struct {
    const char *name;
    int setting; // GTP_NUM_SETTINGS: none
    double fixed;
    const char *why;
} params[] = {
    {"maxVisits", GTP_VISITS, 0, NULL},
    {"maxTime", GTP_TIME_PER_MOVE, 0, NULL},
    {"playoutDoublingAdvantage", GTP_NUM_SETTINGS, 0, "both sides are searched alike here: only 0 is possible"},
    {"analysisWideRootNoise", GTP_NUM_SETTINGS, 0, "there is no such noise here: only 0 is possible"},
    {"wideRootNoise", GTP_NUM_SETTINGS, 0, "there is no such noise here: only 0 is possible"},
    {"numSearchThreads", GTP_NUM_SETTINGS, 1, "one thread searches here: only 1 is possible"},
};
enum { NUM_PARAMS = sizeof params / sizeof *params };

// Without a bound KataGo has very large numbers where we have 0.
static const double unbounded_visits = INT_MAX, unbounded_time = 1e20;

static double param(const struct gtp_engine *engine, int i) {
    if (params[i].setting == GTP_NUM_SETTINGS) return params[i].fixed;
    const double value = gtp_setting(engine, (enum gtp_setting)params[i].setting);
    return value > 0 ? value : params[i].setting == GTP_VISITS ? unbounded_visits : unbounded_time;
}

static int find_param(const char *name) {
    int i = 0;
    while (i < NUM_PARAMS && strcmp(params[i].name, name)) i++;
    return i;
}

// NULL: it is set; else what is wrong.
static const char *set_param(struct gtp_engine *engine, const char *name, double value) {
    const int i = find_param(name);
    if (i == NUM_PARAMS) return "unknown parameter";
    if (params[i].setting == GTP_NUM_SETTINGS) return value == params[i].fixed ? NULL : params[i].why;
    if (value <= 0) return "the value is out of bounds";
    // More than anybody waits for is no bound.
    if (params[i].setting == GTP_VISITS && value > 1e8) value = 1e8;
    if (params[i].setting == GTP_TIME_PER_MOVE && value > 86400) value = 0;
    return gtp_set_setting(engine, (enum gtp_setting)params[i].setting, value) ? NULL : "the value is out of bounds";
}

static void do_list_params(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    for (int i = 0; i < NUM_PARAMS; i++) gtp_say(reply, "%s%s", i ? " " : "", params[i].name);
}

static void do_get_param(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char text[32];
    const int i = find_param(line->arguments[0]);
    if (i == NUM_PARAMS)
        gtp_refuse(reply, "unknown parameter");
    else
        gtp_say(reply, "%s", gtp_number_text(param(engine, i), text));
}

static void do_get_params(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    cJSON *json = cJSON_CreateObject();
    for (int i = 0; i < NUM_PARAMS; i++) cJSON_AddNumberToObject(json, params[i].name, param(engine, i));
    say_json(reply, json);
}

static void do_set_param(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    double value;
    if (!gtp_parse_real(line->arguments[1], &value)) {
        gtp_refuse(reply, find_param(line->arguments[0]) == NUM_PARAMS ? "unknown parameter" : "syntax error");
        return;
    }
    const char *wrong = set_param(engine, line->arguments[0], value);
    if (wrong) gtp_refuse(reply, wrong);
}

// A JSON dictionary of parameters: all of them or none.
static void do_set_params(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    const struct gtp_params before = engine->settings;
    char text[2048], *end;
    cJSON *json = gtp_parse_text(line, 0, line->num_arguments, text, sizeof text) ? cJSON_Parse(text) : NULL;
    const char *wrong = cJSON_IsObject(json) ? NULL : "syntax error";
    for (const cJSON *item = wrong ? NULL : json->child; item && !wrong; item = item->next) {
        // KataGo takes numbers as strings, too.
        const double value = cJSON_IsNumber(item)                           ? item->valuedouble
                             : cJSON_IsString(item) && item->valuestring[0] ? strtod(item->valuestring, &end)
                                                                            : NAN;
        wrong = isnan(value) || (cJSON_IsString(item) && *end) ? "syntax error" : set_param(engine, item->string, value);
    }
    cJSON_Delete(json);
    if (!wrong) return;
    engine->settings = before;
    gtp_refuse(reply, wrong);
}

static void do_get_models(struct gtp_engine *engine, const struct gtp_line *line, struct gtp_reply *reply) {
    char name[GTP_MODEL_BYTES];
    const struct net *net = engine->params->net;
    cJSON *models = cJSON_CreateArray(), *model = cJSON_CreateObject();
    cJSON_AddStringToObject(model, "name", gtp_model_text(engine, name));
    cJSON_AddStringToObject(model, "internalName", net ? net->meta.digest : "");
    cJSON_AddNumberToObject(model, "maxBatchSize", engine->evaluator->max_batch);
    cJSON_AddBoolToObject(model, "usesHumanSLProfile", false);
    cJSON_AddItemToArray(models, model);
    say_json(reply, models);
}

const struct gtp_command gtp_commands_kata[] = {
    {"kata-get-rules", 0, do_get_rules, "", "the rules as a JSON dictionary"},
    {"kata-set-rules", 1, do_set_rules, "RULES", "sets the rules: a name or a JSON dictionary, also during a game"},
    {"kata-set-rule", 2, do_set_rule, "PART VALUE", "sets a part of the rules: kata-set-rule ko SIMPLE"},
    {"kata-list-params", 0, do_list_params, "", "the names of all parameters"},
    {"kata-get-param", 1, do_get_param, "NAME", "the value of a parameter"},
    {"kata-get-params", 0, do_get_params, "", "all parameters as a JSON dictionary"},
    {"kata-set-param", 2, do_set_param, "NAME VALUE", "sets a parameter: kata-set-param maxVisits 100"},
    {"kata-set-params", 1, do_set_params, "JSON", "sets several parameters"},
    {"kata-get-models", 0, do_get_models, "", "the model as JSON"},
    {NULL, 0, NULL, NULL, NULL},
};
