// One value of an option table, from text and to text. Inside base/ only: the way in is base/options.h.
#ifndef BASE_OPTION_VALUES_H
#define BASE_OPTION_VALUES_H

#include "base/options.h"

#define OPTION_VALUE_BYTES 64 // of a number as text

// Reads `text` into the option's field of `out`. On failure writes the reason ("'x' is not a whole number") and returns false.
// Texts and choices keep the pointer `text`.
bool option_value_read(const struct option *option, void *out, const char *text, char reason[512]);
// Writes the field as option_value_read reads it; numbers into `buffer`, texts returned as they are.
const char *option_value_write(const struct option *option, const void *in, char buffer[OPTION_VALUE_BYTES]);
// "1 .. 19", "a|b|c", "" ...: what values are allowed, for --help.
const char *option_value_range(const struct option *option, char buffer[2 * OPTION_VALUE_BYTES]);

#endif
