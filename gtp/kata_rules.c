// Names are a table; an object is read key by key. KataGo's "chinese" has simple ko. Ours has
// superko and is what nets are trained for, and the name means ours: games in which that makes a
// difference are very rare.
#include "gtp/kata_rules.h"

#include <string.h>
#include <strings.h>

static const char no_button[] = "there is no button here: the rules are without";
static const char no_group_tax[] = "there is no tax on living groups here: the rules are without";

static const struct {
    const char *name, *ours, *changed;
} names[] = {
    {"chinese-ogs", "chinese", NULL},
    {"chinese-kgs", "chinese", NULL},
    {"korean", "japanese", NULL},
    {"bga", "aga", NULL},
    {"aga-button", "aga", no_button},
    {"stone-scoring", "chinese+bonus=0", no_group_tax},
    {"ancient-area", "chinese+bonus=0", no_group_tax},
    {"ancient-territory", "japanese", no_group_tax},
};

static bool read_name(struct go_rules *rules, const char *text, const char **changed) {
    char name[40];
    size_t n = 0;
    for (; text[n] && n < sizeof name - 1; n++) name[n] = text[n] == '_' || text[n] == ' ' ? '-' : text[n];
    name[n] = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(names[i].name, name)) {
            *changed = names[i].changed;
            return go_rules_read(rules, names[i].ours);
        }
    return go_rules_read(rules, text);
}

static bool is_one_of(const cJSON *json, const char *word) {
    return cJSON_IsString(json) && !strcasecmp(json->valuestring, word);
}

// Sets a part to the place of the value among `words`. False: it is none of them.
static bool read_part(struct go_rules *rules, enum go_part part, const cJSON *json, const char *const words[3]) {
    if (!json) return true;
    for (int i = 0; i < 3 && words[i]; i++)
        if (is_one_of(json, words[i])) {
            rules->part[part] = (uint8_t)i;
            return true;
        }
    return false;
}

static const char *const ko_words[3] = {[GO_KO_POSITIONAL] = "positional", [GO_KO_SITUATIONAL] = "situational", [GO_KO_SIMPLE] = "simple"};
static const char *const scoring_words[3] = {[GO_AREA] = "area", [GO_TERRITORY] = "territory"};
static const char *const tax_words[3] = {[GO_TAX_NONE] = "none", [GO_TAX_SEKI] = "seki"};
static const char *const bonus_words[3] = {[GO_BONUS_N] = "N", [GO_BONUS_0] = "0", [GO_BONUS_N_1] = "N-1"};

static bool read_object(struct go_rules *rules, const cJSON *json, const char **changed) {
    static const char *const known[] = {"ko",      "koRule",  "scoring",   "scoringRule",        "tax",           "taxRule",
                                        "suicide", "multiStoneSuicideLegal", "hasButton", "whiteHandicapBonus", "friendlyPassOk"};
    for (const cJSON *item = json->child; item; item = item->next) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) is_known |= !strcasecmp(item->string, known[i]);
        if (!is_known) return false;
    }
    struct go_rules r;
    if (!go_rules_read(&r, "tromp-taylor")) return false; // KataGo's, where a key is missing
    const cJSON *ko = cJSON_GetObjectItem(json, "ko"), *scoring = cJSON_GetObjectItem(json, "scoring");
    const cJSON *tax = cJSON_GetObjectItem(json, "tax"), *suicide = cJSON_GetObjectItem(json, "suicide");
    const cJSON *button = cJSON_GetObjectItem(json, "hasButton"), *bonus = cJSON_GetObjectItem(json, "whiteHandicapBonus");
    if (!ko) ko = cJSON_GetObjectItem(json, "koRule");
    if (!scoring) scoring = cJSON_GetObjectItem(json, "scoringRule");
    if (!tax) tax = cJSON_GetObjectItem(json, "taxRule");
    if (!suicide) suicide = cJSON_GetObjectItem(json, "multiStoneSuicideLegal");
    if (!read_part(&r, GO_KO, ko, ko_words) || !read_part(&r, GO_SCORING, scoring, scoring_words) ||
        !read_part(&r, GO_BONUS, bonus, bonus_words))
        return false;
    if ((suicide && !cJSON_IsBool(suicide)) || (button && !cJSON_IsBool(button))) return false;
    if (suicide) r.part[GO_SUICIDE] = cJSON_IsTrue(suicide) ? GO_SUICIDE_ALLOWED : GO_SUICIDE_FORBIDDEN;
    if (!tax) r.part[GO_TAX] = r.part[GO_SCORING] == GO_TERRITORY ? GO_TAX_SEKI : GO_TAX_NONE;
    const bool taxes_groups = is_one_of(tax, "all");
    if (tax && !taxes_groups && !read_part(&r, GO_TAX, tax, tax_words)) return false;
    if (taxes_groups) r.part[GO_TAX] = r.part[GO_SCORING] == GO_TERRITORY ? GO_TAX_SEKI : GO_TAX_NONE;
    *changed = taxes_groups ? no_group_tax : cJSON_IsTrue(button) ? no_button : NULL;
    *rules = r;
    return true;
}

bool kata_rules_read(struct go_rules *rules, const cJSON *json, const char **changed) {
    *changed = NULL;
    if (cJSON_IsString(json)) return kata_rules_read_text(rules, json->valuestring, changed);
    return cJSON_IsObject(json) && read_object(rules, json, changed);
}

bool kata_rules_read_text(struct go_rules *rules, const char *text, const char **changed) {
    *changed = NULL;
    while (*text == ' ') text++;
    if (*text != '{') return read_name(rules, text, changed);
    cJSON *json = cJSON_Parse(text);
    const bool is_read = cJSON_IsObject(json) && read_object(rules, json, changed);
    cJSON_Delete(json);
    return is_read;
}

cJSON *kata_rules_json(const struct go_rules *rules) {
    static const char *const tax[] = {"NONE", "SEKI"}, *const ko[] = {"POSITIONAL", "SITUATIONAL", "SIMPLE"};
    static const char *const scoring[] = {"AREA", "TERRITORY"};
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "ko", ko[rules->part[GO_KO]]);
    cJSON_AddStringToObject(json, "scoring", scoring[rules->part[GO_SCORING]]);
    cJSON_AddStringToObject(json, "tax", tax[rules->part[GO_TAX]]);
    cJSON_AddBoolToObject(json, "suicide", rules->part[GO_SUICIDE] == GO_SUICIDE_ALLOWED);
    cJSON_AddBoolToObject(json, "hasButton", false);
    cJSON_AddStringToObject(json, "whiteHandicapBonus", bonus_words[rules->part[GO_BONUS]]);
    cJSON_AddBoolToObject(json, "friendlyPassOk", true);
    return json;
}
