// Nothing of a request is believed: what is no number, no text or out of bounds is refused by name.
#include "web/value.h"

#include "web/guard.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool value_argument(const struct http_request *request, const char *name, long long fallback, long long low, long long high,
                    long long *out, struct http_answer *answer) {
    const char *text = http_argument(request, name);
    char *end;
    *out = fallback;
    if (!text || !*text) return true;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (errno || *end || (!isdigit((unsigned char)*text) && *text != '-') || value < low || value > high) {
        guard_refuse(answer, 400, "%s: must be a whole number from %lld to %lld", name, low, high);
        return false;
    }
    *out = value;
    return true;
}

bool value_number(const cJSON *object, const char *name, double fallback, double low, double high, double *out,
                  struct http_answer *answer) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    *out = fallback;
    if (!item || cJSON_IsNull(item)) return true;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high)) {
        guard_refuse(answer, 400, "%s: must be a number from %g to %g", name, low, high);
        return false;
    }
    *out = item->valuedouble;
    return true;
}

bool value_integer(const cJSON *object, const char *name, int fallback, int low, int high, int *out,
                   struct http_answer *answer) {
    double value;
    if (!value_number(object, name, fallback, low, high, &value, answer)) return false;
    *out = (int)value;
    if (value == floor(value)) return true;
    guard_refuse(answer, 400, "%s: must be a whole number", name);
    return false;
}

bool value_text(const cJSON *object, const char *name, const char *fallback, const char **out, struct http_answer *answer) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    *out = fallback;
    if (!item || cJSON_IsNull(item)) return true;
    if (!cJSON_IsString(item)) {
        guard_refuse(answer, 400, "%s: must be a text", name);
        return false;
    }
    *out = item->valuestring;
    return true;
}

// A browser sends this type to another site only after asking, which nothing here allows.
static bool is_json(const struct http_request *request) {
    static const char type[] = "application/json";
    const char *header = http_header(request, "Content-Type");
    if (!header || strncasecmp(header, type, strlen(type))) return false;
    const char after = header[strlen(type)];
    return !after || after == ';' || after == ' ';
}

cJSON *value_body(const struct http_request *request, struct http_answer *answer) {
    if (!is_json(request)) {
        guard_refuse(answer, 415, "the body must be application/json");
        return NULL;
    }
    const char *end = NULL;
    cJSON *object = cJSON_ParseWithLengthOpts(request->body, request->body_bytes + 1, &end, true);
    if (!object || !cJSON_IsObject(object)) {
        guard_refuse(answer, 400, "the body is no JSON object");
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}
