// Thin covers of cJSON, so that rounding and foreign text are treated in one place.
#include "web/put.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *number(double value, double scale) {
    return isfinite(value) ? cJSON_CreateNumber(round(value * scale) / scale) : cJSON_CreateNull();
}

void put_number(cJSON *object, const char *key, double value) { cJSON_AddItemToObject(object, key, number(value, 1e6)); }
void put_integer(cJSON *object, const char *key, long long value) { cJSON_AddNumberToObject(object, key, (double)value); }

void put_text(cJSON *object, const char *key, const char *value) {
    if (!value) {
        cJSON_AddNullToObject(object, key);
        return;
    }
    char *copy = text_utf8(memory_text(value, "a text"));
    cJSON_AddStringToObject(object, key, copy);
    free(copy);
}

void put_flag(cJSON *object, const char *key, bool value) { cJSON_AddBoolToObject(object, key, value); }
void put_null(cJSON *object, const char *key) { cJSON_AddNullToObject(object, key); }
void put_object(cJSON *object, const char *key, cJSON *value) {
    cJSON_AddItemToObject(object, key, value ? value : cJSON_CreateNull());
}

// One string of the whole row is far faster to make and to print than an item for each number.
cJSON *put_row(const float *values, int n) {
    char *text = memory_raw((size_t)n * 12 + 3, 1, "a row of numbers"), *at = text;
    *at++ = '[';
    for (int i = 0; i < n; i++) {
        if (i) *at++ = ',';
        if (isfinite(values[i]) && fabsf(values[i]) < 1e5f) {
            const double value = round((double)values[i] * 1000) / 1000;
            at += snprintf(at, 12, "%.6g", value == 0 ? 0.0 : value); // no "-0"
        } else {
            at += snprintf(at, 12, "null");
        }
    }
    snprintf(at, 2, "]");
    cJSON *row = cJSON_CreateRaw(text);
    free(text);
    return row;
}

char *put_print(cJSON *object, size_t *num_bytes) {
    char *text = cJSON_PrintUnformatted(object);
    if (!text) memory_failed(0, "an answer as JSON");
    cJSON_Delete(object);
    *num_bytes = strlen(text);
    return text;
}
