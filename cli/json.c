#include "cli/json.h"

#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_line(cJSON *object) {
    char *text = cJSON_PrintUnformatted(object);
    CHECK(text); // out of memory for a line
    puts(text);
    fflush(stdout);
    free(text);
    cJSON_Delete(object);
}

void json_number(cJSON *object, const char *key, double value) {
    if (isfinite(value))
        cJSON_AddNumberToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

void json_text(cJSON *object, const char *key, const char *value) {
    if (value)
        cJSON_AddStringToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

void json_flag(cJSON *object, const char *key, bool value) { cJSON_AddBoolToObject(object, key, value); }
