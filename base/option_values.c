// Numbers, durations and sizes as people write them.
//
// A reader takes the whole text or nothing: "12x", "", " 12", "nan" and "1e999" are refused. A
// writer gives the shortest text that reads back to the same value.
#include "base/option_values.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 80 // a message quotes so many characters of a wrong value (chosen, not tuned)

static bool is_digits(const char *text) {
    text += *text == '-';
    return *text && !text[strspn(text, "0123456789")];
}

static bool read_long(const char *text, long long *value) {
    if (!isdigit((unsigned char)text[0]) && !(text[0] == '-' && isdigit((unsigned char)text[1]))) return false;
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return !*end && errno == 0;
}

// Reads the decimal number that `text` begins with. Hexadecimal numbers, infinity and nan are
// refused, all of which strtod accepts.
static bool read_decimal(const char *text, double *value, char **end) {
    const char *first = text + (*text == '-' || *text == '+');
    if (!isdigit((unsigned char)*first) && *first != '.') return false;
    if (first[0] == '0' && (first[1] == 'x' || first[1] == 'X')) return false;
    *value = strtod(text, end);
    return *end != text && isfinite(*value);
}

static bool read_bytes(const char *text, long long *value) {
    char *end;
    double number;
    if (!read_decimal(text, &number, &end)) return false;
    const char *units = "KMGT";
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    if (unit) {
        number = ldexp(number, 10 * (int)(unit - units + 1));
        end++;
    }
    if (*end || fabs(number) >= 0x1p62) return false;
    *value = (long long)number;
    return true;
}

static double unit_seconds(char unit) {
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

enum status parse_duration(const char *text, double *seconds) {
    double total = 0, number;
    char *end = (char *)text;
    do { // "1h30m" is a sum, in which each unit is smaller than the one before
        const double unit_before = end == text ? INFINITY : unit_seconds(end[-1]);
        const char *start = end;
        if (*start == '+' || (*start == '-' && start != text) || !read_decimal(start, &number, &end)) return STATUS_USAGE;
        if (!*end && start == text) {
            total = number;
            break;
        }
        const double unit = unit_seconds(*end);
        if (unit == 0 || unit >= unit_before) return STATUS_USAGE;
        total += number * unit;
        end++;
    } while (*end);
    if (!isfinite(total)) return STATUS_USAGE;
    *seconds = total;
    return STATUS_OK;
}

char *format_duration(double seconds, char out[32]) {
    const long long s = seconds < 0 || !(seconds < 1e12) ? 0 : (long long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(out, 32, "%lldh %02lldm", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(out, 32, "%lldm %02llds", s / 60, s % 60);
    else
        snprintf(out, 32, "%llds", s);
    return out;
}

char *format_bytes(long long num_bytes, char out[32]) {
    const double mega = (double)num_bytes / (1 << 20);
    if (mega >= 1024)
        snprintf(out, 32, "%.2fG", mega / 1024);
    else if (mega >= 1)
        snprintf(out, 32, "%.2fM", mega);
    else
        snprintf(out, 32, "%lldK", (num_bytes + 1023) / 1024);
    return out;
}

static const char *write_real(double value, char buffer[OPTION_VALUE_BYTES]) {
    if (value == floor(value) && fabs(value) < 1e9) {
        snprintf(buffer, OPTION_VALUE_BYTES, "%.0f", value); // 1000, not 1e+03
        return buffer;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(buffer, OPTION_VALUE_BYTES, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value) break;
    }
    return buffer;
}

static bool is_choice(const char *choices, const char *text) {
    const size_t length = strlen(text);
    for (const char *at = choices; at;) {
        const char *bar = strchr(at, '|');
        const size_t n = bar ? (size_t)(bar - at) : strlen(at);
        if (n == length && !strncmp(at, text, n)) return true;
        at = bar ? bar + 1 : NULL;
    }
    return false;
}

static bool in_range(const struct option *option, double value, const char *text, char reason[512]) {
    if ((option->min == 0 && option->max == 0) || (value >= option->min && value <= option->max)) return true;
    char range[2 * OPTION_VALUE_BYTES];
    snprintf(reason, 512, "%.*s is outside %s", SHOWN, text, option_value_range(option, range));
    return false;
}

static bool read_size(const struct option *option, int *out, const char *text, char reason[512]) {
    char part[2][24];
    const char *cross = strpbrk(text, "xX");
    const size_t first = cross ? (size_t)(cross - text) : strlen(text);
    const char *second = cross ? cross + 1 : text;
    long long value[2];
    bool ok = first < sizeof part[0] && strlen(second) < sizeof part[1];
    if (ok) {
        snprintf(part[0], sizeof part[0], "%.*s", (int)first, text);
        snprintf(part[1], sizeof part[1], "%s", second);
        ok = read_long(part[0], &value[0]) && read_long(part[1], &value[1]);
    }
    if (!ok) {
        snprintf(reason, 512, "'%.*s' is not a board size like 9 or 9x13 (rows x columns)", SHOWN, text);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (value[i] < 0 || value[i] > INT_MAX) {
            snprintf(reason, 512, "'%.*s' is not a board size", SHOWN, text);
            return false;
        }
        // The largest side differs from game to game: game_open checks it.
        if (value[i] < option->min && !in_range(option, (double)value[i], part[i], reason)) return false;
    }
    out[0] = (int)value[0];
    out[1] = (int)value[1];
    return true;
}

static bool read_flag(bool *out, const char *text, char reason[512]) {
    const bool yes = !strcmp(text, "true") || !strcmp(text, "yes") || !strcmp(text, "on") || !strcmp(text, "1");
    const bool no = !strcmp(text, "false") || !strcmp(text, "no") || !strcmp(text, "off") || !strcmp(text, "0");
    if (!yes && !no) snprintf(reason, 512, "'%.*s' is neither true nor false", SHOWN, text);
    if (yes || no) *out = yes;
    return yes || no;
}

// The length of the word that a number's row names ("auto=0"); 0: it names none.
static size_t word_length(const struct option *option) {
    const char *equals = option->type != OPTION_CHOICE && option->choices ? strchr(option->choices, '=') : NULL;
    return equals ? (size_t)(equals - option->choices) : 0;
}

// The number for which that word stands, or any other text itself.
static const char *number_of_word(const struct option *option, const char *text) {
    const size_t length = word_length(option);
    const bool is_word = length && strlen(text) == length && !strncmp(text, option->choices, length);
    return is_word ? option->choices + length + 1 : text;
}

bool option_value_read(const struct option *option, void *out, const char *said, char reason[512]) {
    const char *text = number_of_word(option, said);
    void *field = (char *)out + option->offset;
    long long whole = 0;
    double real = 0;
    char *end;
    const char *expected = NULL;
    switch (option->type) {
    case OPTION_GONE:
        if (!strcmp(text, option->fallback)) return true;
        snprintf(reason, 512, "is gone (only %s is accepted, take it out): %s", option->fallback, option->help);
        return false;
    case OPTION_FLAG:
        return read_flag(field, text, reason);
    case OPTION_SIZE:
        return read_size(option, field, text, reason);
    case OPTION_TEXT:
        *(const char **)field = text;
        return true;
    case OPTION_CHOICE:
        if (!is_choice(option->choices, text)) {
            snprintf(reason, 512, "'%.*s' is none of %s", SHOWN, text, option->choices);
            return false;
        }
        *(const char **)field = text;
        return true;
    case OPTION_INT:
    case OPTION_LONG:
        if (!read_long(text, &whole))
            expected = is_digits(text) ? "within the numbers that it can be" : "a whole number";
        else if (option->type == OPTION_INT && (whole < INT_MIN || whole > INT_MAX))
            expected = "within the numbers that it can be";
        real = (double)whole;
        break;
    case OPTION_BYTES:
        if (!read_bytes(text, &whole)) expected = "a size like 512M or 6G";
        real = (double)whole;
        break;
    case OPTION_REAL:
        if (!read_decimal(text, &real, &end) || *end) expected = "a number";
        break;
    case OPTION_DURATION:
        if (parse_duration(text, &real)) expected = "a duration like 90s, 20m or 2h";
        break;
    }
    if (expected) {
        const int length = (int)word_length(option);
        snprintf(reason, 512, "'%.*s' is not %s%s%.*s", SHOWN, text, expected, length ? " or " : "", length,
                 length ? option->choices : "");
        return false;
    }
    if (!in_range(option, real, text, reason)) return false;
    if (option->type == OPTION_INT)
        *(int *)field = (int)whole;
    else if (option->type == OPTION_LONG || option->type == OPTION_BYTES)
        *(long long *)field = whole;
    else
        *(double *)field = real;
    return true;
}

const char *option_value_write(const struct option *option, const void *in, char buffer[OPTION_VALUE_BYTES]) {
    const void *field = (const char *)in + option->offset;
    switch (option->type) {
    case OPTION_GONE:
        return option->fallback;
    case OPTION_FLAG:
        return *(const bool *)field ? "true" : "false";
    case OPTION_INT:
        snprintf(buffer, OPTION_VALUE_BYTES, "%d", *(const int *)field);
        break;
    case OPTION_LONG:
    case OPTION_BYTES:
        snprintf(buffer, OPTION_VALUE_BYTES, "%lld", *(const long long *)field);
        break;
    case OPTION_REAL:
        return write_real(*(const double *)field, buffer);
    case OPTION_DURATION:
        write_real(*(const double *)field, buffer);
        snprintf(buffer + strlen(buffer), OPTION_VALUE_BYTES - strlen(buffer), "s");
        break;
    case OPTION_TEXT:
    case OPTION_CHOICE: {
        const char *text = *(const char *const *)field;
        return text ? text : "";
    }
    case OPTION_SIZE: {
        const int *size = field;
        if (size[0] == size[1])
            snprintf(buffer, OPTION_VALUE_BYTES, "%d", size[0]);
        else
            snprintf(buffer, OPTION_VALUE_BYTES, "%dx%d", size[0], size[1]);
        break;
    }
    }
    return buffer;
}

const char *option_value_range(const struct option *option, char buffer[2 * OPTION_VALUE_BYTES]) {
    if (option->type == OPTION_CHOICE) return option->choices;
    if (option->type == OPTION_FLAG || option->type == OPTION_TEXT || (option->min == 0 && option->max == 0)) return "";
    char low[OPTION_VALUE_BYTES], high[OPTION_VALUE_BYTES];
    // A least number below zero that only stands for a word ("auto=-1") is not one that people
    // need.
    const double least = option->choices && option->min < 0 ? 0 : option->min;
    snprintf(buffer, 2 * OPTION_VALUE_BYTES, "%.40s .. %.40s", write_real(least, low), write_real(option->max, high));
    return buffer;
}
