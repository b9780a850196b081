// JSON objects on stdout, each on a line of its own, made with cJSON.
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

// Prints the object on one line, flushes, and frees it.
void json_line(cJSON *object);
// NAN and infinity become null.
void json_number(cJSON *object, const char *key, double value);
// NULL becomes null.
void json_text(cJSON *object, const char *key, const char *value);
void json_flag(cJSON *object, const char *key, bool value);

#endif
