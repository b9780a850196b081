// Rule sets as the rows of a table whose columns are the parts, and texts for both.
//
// Sources: tromp.github.io/go.html (Tromp & Taylor); the AGA's concise rules of 1991; the rules of
// the New Zealand Go Society; the Japanese rules of 1989; for the Chinese handicap bonus the rules
// of 2002. "chinese" has positional superko where the printed rules have simple ko and a referee
// who decides about longer cycles.
#include "game/go_rules.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct set {
    const char *name, *alias;
    struct go_rules rules;
};

static const struct set sets[] = {
    {"chinese", NULL, {{GO_KO_POSITIONAL, GO_AREA, GO_SUICIDE_FORBIDDEN, GO_BONUS_N, GO_TAX_NONE}}},
    {"tromp-taylor", "tt", {{GO_KO_POSITIONAL, GO_AREA, GO_SUICIDE_ALLOWED, GO_BONUS_0, GO_TAX_NONE}}},
    {"aga", NULL, {{GO_KO_SITUATIONAL, GO_AREA, GO_SUICIDE_FORBIDDEN, GO_BONUS_N_1, GO_TAX_NONE}}},
    {"new-zealand", "nz", {{GO_KO_SITUATIONAL, GO_AREA, GO_SUICIDE_ALLOWED, GO_BONUS_0, GO_TAX_NONE}}},
    {"japanese", NULL, {{GO_KO_SIMPLE, GO_TERRITORY, GO_SUICIDE_FORBIDDEN, GO_BONUS_0, GO_TAX_SEKI}}},
};
enum { NUM_SETS = sizeof sets / sizeof *sets, MAX_VALUES = 3, WORD_BYTES = 24 };

static const struct {
    const char *name, *values[MAX_VALUES];
} parts[GO_NUM_PARTS] = {
    [GO_KO] = {"ko", {"positional", "situational", "simple"}},
    [GO_SCORING] = {"score", {"area", "territory"}},
    [GO_SUICIDE] = {"suicide", {"0", "1"}},
    [GO_BONUS] = {"bonus", {"n", "0", "n-1"}},
    [GO_TAX] = {"tax", {"none", "seki"}},
};
#define KNOWN_PARTS "ko=positional|situational|simple, score=area|territory, suicide=0|1, bonus=0|n|n-1, tax=none|seki"

// The texts of all combinations, in the order of text_index. Each is a constant, so that it
// outlives every game.
#define TAX(head) head "+tax=none", head "+tax=seki"
#define BONUS(head) TAX(head "+bonus=n"), TAX(head "+bonus=0"), TAX(head "+bonus=n-1")
#define SUICIDE(head) BONUS(head "+suicide=0"), BONUS(head "+suicide=1")
#define SCORING(head) SUICIDE(head "+score=area"), SUICIDE(head "+score=territory")
static const char *const composed[] = {SCORING("ko=positional"), SCORING("ko=situational"), SCORING("ko=simple")};

static int text_index(const struct go_rules *rules) {
    const uint8_t *p = rules->part;
    return (((p[GO_KO] * 2 + p[GO_SCORING]) * 2 + p[GO_SUICIDE]) * 3 + p[GO_BONUS]) * 2 + p[GO_TAX];
}

const char *go_rules_text(const struct go_rules *rules) {
    for (int i = 0; i < NUM_SETS; i++)
        if (!memcmp(&sets[i].rules, rules, sizeof *rules)) return sets[i].name;
    return composed[text_index(rules)];
}

// Reads the word up to one of `ends` in small letters, and returns where it ends. A word that is
// too long is cut, but stays longer than every known name.
static const char *read_word(const char *text, const char *ends, char out[WORD_BYTES]) {
    int n = 0;
    for (; *text && !strchr(ends, *text); text++)
        if (n < WORD_BYTES - 1) out[n++] = (char)(*text == '_' || *text == ' ' ? '-' : tolower((unsigned char)*text));
    out[n] = 0;
    return text;
}

static bool find_set(const char *name, struct go_rules *rules) {
    for (int i = 0; i < NUM_SETS; i++)
        if (!strcmp(sets[i].name, name) || (sets[i].alias && !strcmp(sets[i].alias, name))) {
            *rules = sets[i].rules;
            return true;
        }
    return false;
}

static bool set_part(struct go_rules *rules, const char *name, const char *value) {
    for (int part = 0; part < GO_NUM_PARTS; part++)
        for (int i = 0; i < MAX_VALUES && parts[part].values[i]; i++)
            if (!strcmp(parts[part].name, name) && !strcmp(parts[part].values[i], value)) {
                rules->part[part] = (uint8_t)i;
                return true;
            }
    return false;
}

bool go_rules_read(struct go_rules *out, const char *text) {
    struct go_rules rules = sets[0].rules;
    char name[WORD_BYTES], value[WORD_BYTES];
    for (bool first = true;; first = false) {
        text = read_word(text, "+=", name);
        if (*text == '=') {
            text = read_word(text + 1, "+=", value);
            if (*text == '=' || !set_part(&rules, name, value)) return false;
        } else if (!first || !find_set(name, &rules)) {
            return false;
        }
        if (!*text) break;
        text++;
    }
    *out = rules;
    return true;
}

enum status go_rules_parse(struct go_rules *rules, const char *text) {
    if (go_rules_read(rules, text)) return STATUS_OK;
    char known[80] = "";
    for (int i = 0; i < NUM_SETS; i++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "", sets[i].name);
    return status_fail(STATUS_USAGE, "go: unknown rules '%.80s' (known: %s; with '+' changes of " KNOWN_PARTS ")", text, known);
}

struct go_rules go_rules_of(const struct game *game) {
    struct go_rules rules;
    memcpy(rules.part, game->rule, sizeof rules.part);
    return rules;
}

double go_handicap_bonus(const struct game *game, int num_stones) {
    if (num_stones < 2) return 0;
    const int bonus = game->rule[GO_BONUS];
    return bonus == GO_BONUS_N ? num_stones : bonus == GO_BONUS_N_1 ? num_stones - 1 : 0;
}
