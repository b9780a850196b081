// Option tables: finding a name in them, the command line, files and the help. Single values are
// read and written by base/option_values.h.
#include "base/option_values.h"

#include "base/files.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static char folded(char c) { return c == '_' ? '-' : c; }

static bool names_equal(const char *a, const char *b) {
    while (*a && folded(*a) == folded(*b)) a++, b++;
    return folded(*a) == folded(*b);
}

static const struct option *find(const struct option *table, const char *name) {
    for (; table->name; table++)
        if (names_equal(table->name, name)) return table;
    return NULL;
}

#define MAX_NAME 64 // bytes; a longer name is close to no other

static int least(int a, int b) { return a < b ? a : b; }

// The optimal string alignment distance [Damerau 1964]: how many characters have to be inserted,
// left out, changed, or exchanged with their neighbour to turn a into b, where no part of a name is
// edited twice. Names that are too long have the distance MAX_NAME, which is close to nothing.
static int distance(const char *a, const char *b) {
    const int n = (int)strlen(a), m = (int)strlen(b);
    if (n >= MAX_NAME || m >= MAX_NAME) return MAX_NAME;
    // The table says at [i][j] how far the first i characters of a are from the first j of b. Three
    // rows of it are kept, row i in rows[i % 3].
    int rows[3][MAX_NAME];
    for (int j = 0; j <= m; j++) rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        const int *above = rows[(i + 2) % 3], *above_that = rows[(i + 1) % 3];
        int *row = rows[i % 3];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            const char x = folded(a[i - 1]), y = folded(b[j - 1]);
            row[j] = least(above[j - 1] + (x != y), 1 + least(above[j], row[j - 1]));
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2])) row[j] = least(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

const char *closest_name(const char *name, const char *(*name_at)(const void *list, int index), const void *list) {
    const char *best = NULL;
    int best_distance = MAX_NAME;
    const char *candidate;
    for (int i = 0; (candidate = name_at(list, i)); i++) {
        if (!*candidate) continue;
        int d = distance(name, candidate);
        // An abbreviation counts as close, however much it leaves out.
        if (*name && !strncmp(name, candidate, strlen(name)) && d > 1) d = 1;
        if (d < best_distance) best = candidate, best_distance = d;
    }
    const int allowed = 1 + (int)strlen(name) / 3; // chosen, not tuned
    return best && best_distance <= allowed ? best : NULL;
}

// An option that is gone is not offered.
static const char *option_name_at(const void *list, int index) {
    const struct option *option = (const struct option *)list + index;
    return option->name && option->type == OPTION_GONE ? "" : option->name;
}

static enum status unknown(const struct option *table, const char *where, const char *name) {
    const char *closest = closest_name(name, option_name_at, table);
    const char *dashes = strcmp(where, "--") ? "" : where; // a file's lines have none
    if (closest)
        return status_fail(STATUS_USAGE, "%s%.80s: there is no such option; did you mean %s%s?", where, name, dashes, closest);
    return status_fail(STATUS_USAGE, "%s%.80s: there is no such option", where, name);
}

static const char *keep(struct options_text *text, const char *value) {
    text->strings = memory_resize(text->strings, (size_t)text->num_strings + 1, sizeof *text->strings, "settings");
    return text->strings[text->num_strings++] = memory_text(value, "settings");
}

void options_text_done(struct options_text *text) {
    for (int i = 0; i < text->num_strings; i++) free(text->strings[i]);
    free(text->strings);
    *text = (struct options_text){0};
}

enum status options_set(const struct option *table, void *out, const char *where, const char *name, const char *value,
                        struct options_text *text) {
    const struct option *option = find(table, name);
    if (!option) return unknown(table, where, name);
    if (text && (option->type == OPTION_TEXT || option->type == OPTION_CHOICE)) value = keep(text, value);
    char reason[512];
    if (!option_value_read(option, out, value, reason))
        return status_fail(STATUS_USAGE, "%s%s: %s", where, option->name, reason);
    return STATUS_OK;
}

void options_defaults(const struct option *table, void *out) {
    char reason[512];
    for (; table->name; table++)
        if (table->fallback) CHECK(option_value_read(table, out, table->fallback, reason));
}

enum status options_parse(const struct option *table, void *out, int argc, char **argv, const char **positional,
                          int max_positional, int *num_positional, bool *wants_help, struct options_text *text) {
    (void)text; // argv outlives the struct, so that nothing has to be copied
    *num_positional = 0;
    *wants_help = false;
    bool only_positional = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (!only_positional && !strcmp(word, "--")) {
            only_positional = true;
            continue;
        }
        if (only_positional || word[0] != '-' || !word[1]) {
            if (*num_positional == max_positional) return status_fail(STATUS_USAGE, "unexpected argument '%.80s'", word);
            positional[(*num_positional)++] = word;
            continue;
        }
        if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
            *wants_help = true;
            return STATUS_OK;
        }
        if (word[1] != '-') return status_fail(STATUS_USAGE, "'%.80s': options are written --name", word);
        const char *equals = strchr(word, '=');
        char name[MAX_NAME];
        const size_t length = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), word + 2);
        const struct option *option = find(table, name);
        if (!option || length >= sizeof name) return unknown(table, "--", name);
        const char *value = equals ? equals + 1 : NULL;
        if (!value && option->type == OPTION_FLAG) value = "true";
        if (!value && i + 1 == argc) return status_fail(STATUS_USAGE, "--%s: its value is missing", option->name);
        if (!value) value = argv[++i];
        TRY(options_set(table, out, "--", name, value, NULL));
    }
    return STATUS_OK;
}

static const char *placeholder(const struct option *option) {
    switch (option->type) {
    case OPTION_GONE:
    case OPTION_FLAG:
        return "";
    case OPTION_INT:
    case OPTION_LONG:
        return " N";
    case OPTION_REAL:
        return " X";
    case OPTION_TEXT:
        return " TEXT";
    case OPTION_CHOICE:
        return " NAME";
    case OPTION_DURATION:
        return " TIME";
    case OPTION_BYTES:
        return " BYTES";
    case OPTION_SIZE:
        return " SIZE";
    }
    return "";
}

void options_help(const struct option *table, FILE *out) {
    int width = 6; // that of "--help"
    for (const struct option *o = table; o->name; o++) {
        if (o->type == OPTION_GONE) continue;
        const int w = 2 + (int)strlen(o->name) + (int)strlen(placeholder(o));
        if (w > width) width = w;
    }
    for (const struct option *o = table; o->name; o++) {
        if (o->type == OPTION_GONE) continue;
        char head[2 * MAX_NAME], range[2 * OPTION_VALUE_BYTES];
        snprintf(head, sizeof head, "--%s%s", o->name, placeholder(o));
        fprintf(out, "  %-*s  %s", width, head, o->help);
        const char *allowed = option_value_range(o, range);
        const char *unit = o->unit && *o->unit ? o->unit : o->type == OPTION_DURATION ? "seconds, or 90s 20m 2h" : "";
        const bool has_default = o->fallback && *o->fallback && o->type != OPTION_FLAG;
        if (*unit || *allowed || has_default) {
            const char *comma = "";
            fputs(" (", out);
            if (*unit) fprintf(out, "%s", unit), comma = ", ";
            if (*allowed) fprintf(out, "%s%s", comma, allowed), comma = ", ";
            if (has_default) fprintf(out, "%sdefault %s", comma, o->fallback);
            fputs(")", out);
        }
        fputs("\n", out);
    }
    fprintf(out, "  %-*s  print this\n", width, "--help");
}

void options_print(const struct option *table, const void *in, FILE *out) {
    char buffer[OPTION_VALUE_BYTES];
    for (; table->name; table++)
        if (table->type != OPTION_GONE) fprintf(out, "%s = %s\n", table->name, option_value_write(table, in, buffer));
}

static char *trimmed(char *text) {
    while (isspace((unsigned char)*text)) text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) *--end = 0;
    return text;
}

// '#' and ';' begin a comment only at the start of a line or after a space, because a value may
// hold them inside a word.
static void cut_comment(char *line) {
    for (char *at = line; *at; at++) {
        if ((*at == '#' || *at == ';') && (at == line || isspace((unsigned char)at[-1]))) {
            *at = 0;
            return;
        }
    }
}

// Asks the reader's own functions.
static bool is_read_back(const char *value) {
    const size_t num_bytes = strlen(value) + 2;
    char *line = memory_raw(num_bytes, 1, "a setting");
    snprintf(line, num_bytes, " %s", value); // as it stands behind the equals sign
    cut_comment(line);
    const bool is_same = !strchr(value, '\n') && !strcmp(trimmed(line), value);
    free(line);
    return is_same;
}

enum status options_expect_lines(const struct option *table, const void *in) {
    for (; table->name; table++) {
        const char *value;
        if (table->type != OPTION_TEXT) continue;
        memcpy(&value, (const char *)in + table->offset, sizeof value);
        if (value && !is_read_back(value))
            return status_fail(
                STATUS_USAGE,
                "%s: '%.80s' can't stand in a file of settings: it has a line end, a blank at an end, or a # or ; "
                "where a word would begin",
                table->name, value);
    }
    return STATUS_OK;
}

static enum status load_line(const struct option *table, void *out, const char *path, int number, char *line,
                             struct options_text *text) {
    char where[PATH_BYTES + 32];
    snprintf(where, sizeof where, "%s:%d: ", path, number);
    cut_comment(line);
    char *name = trimmed(line);
    if (!*name || *name == '[') return STATUS_OK; // section headings have no meaning
    char *equals = strchr(name, '=');
    if (!equals) return status_fail(STATUS_USAGE, "%s'%.80s' is not \"name = value\"", where, name);
    *equals = 0;
    return options_set(table, out, where, trimmed(name), trimmed(equals + 1), text);
}

enum { MOST_BYTES = 1 << 20 }; // far more than a file of settings has

enum status options_load(const struct option *table, void *out, const char *path, struct options_text *text) {
    char *data;
    size_t num_bytes;
    TRY(file_expect_most(path, MOST_BYTES));
    TRY(file_read(path, &data, &num_bytes));
    enum status status = STATUS_OK;
    if (strlen(data) != num_bytes) status = status_fail(STATUS_FORMAT, "%s: holds a zero byte: not a text file", path);
    char *line = data;
    for (int number = 1; line && status == STATUS_OK; number++) {
        char *next = strchr(line, '\n');
        if (next) *next++ = 0;
        status = load_line(table, out, path, number, line, text);
        line = next;
    }
    free(data);
    return status;
}
