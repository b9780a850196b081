// Values of requests, each within bounds: arguments of the query, and fields of a JSON body.
#ifndef WEB_VALUE_H
#define WEB_VALUE_H

#include "web/http.h"

#include <cjson/cJSON.h>

// A whole number, or `fallback` where the argument is missing or empty. False: it is none or out of
// bounds, and the answer says so. So do all of these.
bool value_argument(const struct http_request *request, const char *name, long long fallback, long long low, long long high,
                    long long *out, struct http_answer *answer);
// The same of a field of an object. null is as good as a missing field.
bool value_integer(const cJSON *object, const char *name, int fallback, int low, int high, int *out,
                   struct http_answer *answer);
bool value_number(const cJSON *object, const char *name, double fallback, double low, double high, double *out,
                  struct http_answer *answer);
// *out is borrowed from the object.
bool value_text(const cJSON *object, const char *name, const char *fallback, const char **out, struct http_answer *answer);
// The body of a POST as an object, which the caller deletes. NULL: it is none, and the answer says
// so.
cJSON *value_body(const struct http_request *request, struct http_answer *answer);

#endif
