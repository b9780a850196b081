// Reading and writing one value of an option table. Only base/ includes this; everybody else uses
// base/options.h.
#ifndef BASE_OPTION_VALUES_H
#define BASE_OPTION_VALUES_H

#include "base/options.h"

#define OPTION_VALUE_BYTES 64 // enough for any number as text

// Reads `text` into the option's field of `out`. Fields of texts and choices then point to `text`.
// On failure it returns false and writes why ("'x' is not a whole number") into `reason`: only the
// caller knows what the message must begin with.
bool option_value_read(const struct option *option, void *out, const char *text, char reason[512]);
// Returns the field as a text that option_value_read accepts. Numbers are written into `buffer`;
// texts are returned as they are.
const char *option_value_write(const struct option *option, const void *in, char buffer[OPTION_VALUE_BYTES]);
// The values that are allowed, as --help shows them: "1 .. 19", "a|b|c", or "" for any.
const char *option_value_range(const struct option *option, char buffer[2 * OPTION_VALUE_BYTES]);

#endif
