// Prints cJSON's objects so that neither a parser nor a terminal can be misled by texts from
// outside.
#include "cli/json.h"

#include "base/status.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// cJSON takes bytes as they come and escapes only ASCII controls. Other unusual bytes can occur
// only inside of strings. There, a byte that is not UTF-8, as in the name of a file, becomes the
// replacement character, and characters that a terminal might obey are escaped.
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
    CHECK(text); // NULL only when memory is out
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
