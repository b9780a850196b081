// The rules of Go as KataGo's protocols name them, as far as we have them.
#ifndef GTP_KATA_RULES_H
#define GTP_KATA_RULES_H

#include "game/go_rules.h"

#include <cjson/cJSON.h>

// Reads a name such as "chinese-ogs" or "korean", our own texts (go_rules.h), or an object with the
// keys ko, scoring, tax, suicide, hasButton, whiteHandicapBonus and friendlyPassOk, as a JSON value
// or as the text of one. *changed, a constant, says what of it we don't have and what stands in its
// place; NULL: nothing. False: it is not understood.
bool kata_rules_read(struct go_rules *rules, const cJSON *json, const char **changed);
bool kata_rules_read_text(struct go_rules *rules, const char *text, const char **changed);
// Writes the rules as an object of these keys.
cJSON *kata_rules_json(const struct go_rules *rules);

#endif
