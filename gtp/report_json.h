// A report as JSON, with the keys of KataGo's analysis protocol, which front ends know.
#ifndef GTP_REPORT_JSON_H
#define GTP_REPORT_JSON_H

#include "gtp/report.h"

#include <cjson/cJSON.h>

// Adds `moveInfos`, `rootInfo`, and what the report has of ownership; with_policy adds `policy`,
// and with_line_visits `pvVisits` to each move.
void report_json(const struct report *report, bool with_policy, bool with_line_visits, cJSON *object);
// A number as others than machines can read it, too: six decimals, and null where it is none.
void report_json_number(cJSON *object, const char *key, double value);
// [n] numbers in an array of this name.
void report_json_numbers(cJSON *object, const char *key, const float *values, int n);

#endif
