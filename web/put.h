// JSON values as web/ writes them: a number that is none becomes null, and others have as many
// digits as anybody can see. Texts become UTF-8, whoever they came from.
#ifndef WEB_PUT_H
#define WEB_PUT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

void put_number(cJSON *object, const char *key, double value); // six digits after the point
void put_integer(cJSON *object, const char *key, long long value);
void put_text(cJSON *object, const char *key, const char *value); // NULL becomes null
void put_flag(cJSON *object, const char *key, bool value);
void put_null(cJSON *object, const char *key);
void put_object(cJSON *object, const char *key, cJSON *value); // takes `value` over; NULL becomes null
// [n] numbers with three digits after the point, which suit heat maps; NAN becomes null. An array
// by itself is what `put_row` makes.
cJSON *put_row(const float *values, int n);
// Prints the object on one line and frees it. The caller frees the text.
char *put_print(cJSON *object, size_t *num_bytes);

#endif
