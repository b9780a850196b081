#include "cli/json.h"

#include "base/status.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// cJSON takes bytes as they come and escapes none above the ASCII controls. In what it prints those can only be inside of strings, so here
// a byte that is no UTF-8 (a file's name) becomes the replacement character, and what a terminal might obey is escaped.
static void put_line(const char *text, FILE *out) {
    while (*text) {
        uint32_t code;
        const size_t length = text_decode(text, &code);
        if (length && !text_is_control(code))
            fwrite(text, 1, length, out);
        else
            fprintf(out, "\\u%04x", length ? (unsigned)code : 0xfffdu);
        text += length ? length : 1;
    }
    fputc('\n', out);
    fflush(out);
}

void json_line(cJSON *object) {
    char *text = cJSON_PrintUnformatted(object);
    CHECK(text); // out of memory for a line
    put_line(text, stdout);
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
