// Option tables: one declaration of a setting serves the command line, config.ini, --help and
// --print-config.
//
// A table describes the fields of one plain struct, and an entry whose name is NULL ends it. Names
// are in lower case with '-' ("time-per-move"); '_' is accepted in its place. Nothing here is
// shared between threads.
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/status.h"

#include <stddef.h>
#include <stdio.h>

enum option_type {
    OPTION_FLAG,     // bool; needs no value on the command line, but =true and =false are accepted
    OPTION_INT,      // int
    OPTION_LONG,     // long long
    OPTION_REAL,     // double
    OPTION_TEXT,     // const char *, which points into argv or into the strings of options_text
    OPTION_CHOICE,   // const char *, one of `choices`
    OPTION_DURATION, // double, in seconds; written "90s", "20m", "2h", "1d", or as plain seconds
    OPTION_BYTES,    // long long; written "512M", "6G", "64K"
    // int[2], height and width; written "9" or "9x13" (rows x columns). `max` is only shown in the
    // help, because the largest board differs from game to game.
    OPTION_SIZE,
    // A setting that no longer exists and has no field. Old files may still hold it with the value
    // `fallback`; any other value is refused with what `help` says became of it.
    OPTION_GONE,
};

struct option {
    const char *name;
    enum option_type type;
    size_t offset;        // of the field in the described struct
    const char *fallback; // the default, as text; NULL: the field is left alone, so zero it first
    double min, max;      // inclusive bounds of numbers, durations and bytes; both 0: no bounds
    const char *unit;     // shown in the help: "plies", "seconds"; may be "" or NULL
    // Of OPTION_CHOICE: the words, as in "a|b". Of a number: NULL, or a word that stands for one
    // value, as in "auto=0", by which people may write it (also in `fallback`).
    const char *choices;
    const char *help; // one line without a full stop
};

// Copies of the strings that fields point to where the original goes away (that of a file).
// options_text_done frees them all.
struct options_text {
    char **strings;
    int num_strings;
};
void options_text_done(struct options_text *text);

// Sets every field that has a default.
void options_defaults(const struct option *table, void *out);
// Sets one field from text. The message of an error (STATUS_USAGE) begins with `where`, which is
// "--" or "FILE:LINE: ": "--games: 'x' is not a whole number". The value is copied into `text`;
// where that is NULL the value itself must outlive the struct.
enum status options_set(const struct option *table, void *out, const char *where, const char *name, const char *value,
                        struct options_text *text);
// Parses "--name value" and "--name=value". All other words, and all words after "--", are
// collected into positional[]; more than max_positional of them are an error. So is an unknown
// option, whose message names the closest known one. "--help" sets *wants_help and ends the
// parsing.
enum status options_parse(const struct option *table, void *out, int argc, char **argv, const char **positional,
                          int max_positional, int *num_positional, bool *wants_help, struct options_text *text);
// Prints one aligned line for each option: its name, help, unit, range and default.
void options_help(const struct option *table, FILE *out);
// Prints lines of "name = value", as config.ini has them.
void options_print(const struct option *table, const void *in, FILE *out);
// Refuses a text setting that options_load would not read back from such a line as it is: one with
// a line end, with blanks at an end, or with the mark of a comment.
enum status options_expect_lines(const struct option *table, const void *in);
// Reads lines of "name = value". '#' and ';' start comments. Errors name the file and the line.
enum status options_load(const struct option *table, void *out, const char *path, struct options_text *text);

// The name to offer with "did you mean": the closest to `name` among name_at(list, 0),
// name_at(list, 1) and so on until that returns NULL, or NULL when none is close. A candidate "" is
// ignored.
const char *closest_name(const char *name, const char *(*name_at)(const void *list, int index), const void *list);

// Reads "90s", "1h30m" or plain seconds. It returns STATUS_USAGE for anything else and prints no
// message: the caller knows which setting or clause the text stands in.
enum status parse_duration(const char *text, double *seconds);
// For people: "640K", "64.00M", "2.00G". Returns `out`.
char *format_bytes(long long num_bytes, char out[32]);
// For people: "1h 05m", "3m 20s", "12s". Returns `out`.
char *format_duration(double seconds, char out[32]);

#endif
