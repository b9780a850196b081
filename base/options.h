// Option tables: one declaration of a setting serves the command line, config.ini, --help and --print-config.
//
// A table describes the fields of one plain struct. Names are lower-case with '-' ("time-per-move"); '_' is accepted too.
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/status.h"

#include <stddef.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG,     // bool; on the command line takes no value (or =true / =false)
    OPTION_INT,      // int
    OPTION_LONG,     // long long
    OPTION_REAL,     // double
    OPTION_TEXT,     // const char *; values point into argv or into strings owned by the struct options_text pool
    OPTION_CHOICE,   // const char * out of `choices`, "a|b|c"
    OPTION_DURATION, // double, seconds; "90s", "20m", "2h", "1d", or plain seconds
    OPTION_BYTES,    // long long; "512M", "6G", "64K"
    OPTION_SIZE,     // int[2]: height, width; "9" or "9x13" (rows x columns); max is for help alone: games differ
    OPTION_GONE,     // no field: a setting of before, whose fallback old files may hold; `help` says what became of it
};

struct option {
    const char *name;
    enum option_type type;
    size_t offset;        // of the field in the described struct
    const char *fallback; // default, as text; NULL: the field keeps what it has (zero it first)
    double min, max;      // of numbers, durations and bytes, inclusive; both 0: unbounded
    const char *unit;     // "plies", "seconds", "" ...
    const char *choices;  // of OPTION_CHOICE
    const char *help;     // one line, no full stop needed
};

// Strings that options_set had to copy (from files); freed together.
struct options_text {
    char **strings;
    int num_strings;
};
void options_text_done(struct options_text *text);

// A table ends with an entry whose name is NULL.
void options_defaults(const struct option *table, void *out);
// Sets one field from text. Says what is wrong ("--games: 'x' is not a whole number") and returns STATUS_USAGE.
// `where` begins the message of what is wrong: "--", "FILE:LINE: ".
enum status options_set(const struct option *table, void *out, const char *where, const char *name, const char *value,
                        struct options_text *text);
// Parses "--name value" and "--name=value"; other words are collected into positional[] (at most max_positional; more is an error);
// "--" ends options. Unknown options fail and name the closest known one. `--help` sets *wants_help and stops.
enum status options_parse(const struct option *table, void *out, int argc, char **argv, const char **positional,
                          int max_positional, int *num_positional, bool *wants_help, struct options_text *text);
void options_help(const struct option *table, FILE *out); // one aligned line an option: name, unit, range, default, help
void options_print(const struct option *table, const void *in, FILE *out); // "name = value" lines, as config.ini has them
// Reads "name = value" lines; '#' and ';' start comments; errors name file and line.
enum status options_load(const struct option *table, void *out, const char *path, struct options_text *text);

// The nearest of the names name_at(list, 0), name_at(list, 1) ... up to NULL ("" is passed over), or NULL when none is near: "did you mean".
const char *closest_name(const char *name, const char *(*name_at)(const void *list, int index), const void *list);

enum status parse_duration(const char *text, double *seconds); // says nothing; STATUS_USAGE when unreadable
// "1h 05m", "3m 20s", "12s" for people.
char *format_bytes(long long num_bytes, char out[32]); // "640K", "64.00M", "2.00G"
char *format_duration(double seconds, char out[32]);

#endif
