// Encodings of SGF files: detecting and decoding.
//
// Decoding is iconv's [POSIX]. What this file does itself is to cut bytes into characters by the
// ranges of lead and trail bytes. That is all that is needed to find brackets, so that records can
// be read even where the system has no tables for iconv; names are then illegible.
//
// There are two ways to write "]" and "\" inside a double-byte character: most programs leave the
// byte alone, and some put a backslash before it, as before any such byte. And where a program has
// cut a name in the middle of a character, the bracket after it is one. All three are tried, and
// the one is taken with which all brackets close, and most values are found.
#include "game/sgf_text.h"

#include "base/memory.h"

#include <ctype.h>
#include <iconv.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum form { SINGLE, GBK, BIG5, SHIFT_JIS, EUC };
// What a bracket or backslash is that could be the second byte of a character: that byte; that
// byte after one more backslash; nothing but itself.
enum mode { PLAIN, ESCAPED, CUT, NUM_MODES };

struct encoding {
    const char *iconv; // its name for iconv, a superset where there is one
    enum form form;
    const char *names[5]; // as CA has them, in any case
};

// In the order in which they are guessed where several fit as well. Records without CA come mostly
// from Chinese servers.
static const struct encoding encodings[] = {
    {"GB18030", GBK, {"GB18030", "GBK", "GB2312", "CP936", "GB_2312-80"}},
    {"CP950", BIG5, {"Big5", "Big5-HKSCS", "CP950"}},
    {"CP932", SHIFT_JIS, {"Shift_JIS", "SJIS", "Shift-JIS", "Windows-31J", "CP932"}},
    {"CP949", EUC, {"EUC-KR", "KS_C_5601-1987", "CP949", "UHC"}},
    {"EUC-JP", EUC, {"EUC-JP"}},
    {"CP1252", SINGLE, {"Windows-1252", "CP1252", "ISO-8859-1", "ISO8859-1", "Latin1"}},
};
enum { NUM_ENCODINGS = sizeof encodings / sizeof *encodings, KOREAN = 3, JAPANESE_EUC = 4, LATIN = 5 };

static bool within(int byte, int first, int last) { return byte >= first && byte <= last; }

// Whether a backslash stands inside this character of n bytes, before its real second byte.
static bool is_trail_escaped(const unsigned char *at, int n) {
    return n == 2 && at[1] == '\\' && (at[2] == '\\' || at[2] == ']');
}

// How many bytes the character at `at` has. A byte that begins none counts as one.
static int character_bytes(enum form form, const unsigned char *at) {
    const int lead = at[0], trail = lead ? at[1] : 0;
    switch (form) {
    case GBK:
        if (within(lead, 0x81, 0xfe) && within(trail, 0x30, 0x39) && within(at[2], 0x81, 0xfe) && within(at[3], 0x30, 0x39))
            return 4;
        return within(lead, 0x81, 0xfe) && within(trail, 0x40, 0xfe) && trail != 0x7f ? 2 : 1;
    case BIG5:
        return within(lead, 0x81, 0xfe) && (within(trail, 0x40, 0x7e) || within(trail, 0xa1, 0xfe)) ? 2 : 1;
    case SHIFT_JIS:
        return (within(lead, 0x81, 0x9f) || within(lead, 0xe0, 0xfc)) && within(trail, 0x40, 0xfc) && trail != 0x7f ? 2 : 1;
    case EUC:
        return within(lead, 0xa1, 0xfe) && within(trail, 0xa1, 0xfe) ? 2 : 1;
    default:
        return 1;
    }
}

// +1 for a common character, -1 for a rare one, and for a byte that begins none much less.
static int plausible(int encoding, const unsigned char *at, int num_bytes) {
    const int lead = at[0], trail = num_bytes == 2 ? at[1] : 0;
    if (num_bytes == 4) return -1;
    if (num_bytes == 1) return encodings[encoding].form == SHIFT_JIS && within(lead, 0xa1, 0xdf) ? -1 : -20;
    switch (encodings[encoding].form) {
    case GBK: // the first level of GB 2312
        return trail >= 0xa1 && (within(lead, 0xb0, 0xd7) || lead == 0xa1 || lead == 0xa3) ? 1 : -1;
    case BIG5: // the first level
        return within(lead, 0xa4, 0xc6) || lead == 0xa1 ? 1 : -1;
    case SHIFT_JIS: // punctuation and letters, kana, the first level
        return within(lead, 0x81, 0x83) || within(lead, 0x88, 0x98) ? 1 : -1;
    default: // Hangul; kana and the first level. Chinese text has other characters as well.
        if (encoding == KOREAN) return within(lead, 0xb0, 0xc8) || lead == 0xa1 || lead == 0xa3 ? 1 : -1;
        return within(lead, 0xa3, 0xa5) || lead == 0xa1 || within(lead, 0xb0, 0xcf) ? 1 : -1;
    }
}

// Windows-1252 has no score: every byte is a letter there, which says nothing.
static int score(int encoding, const char *text) {
    int sum = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const int n = character_bytes(encodings[encoding].form, at);
        if (*at >= 0x80) sum += plausible(encoding, at, n);
        at += n;
    }
    return sum;
}

// Whether kana or Hangul are so many that the text is not Chinese, in whose encoding the same bytes
// are other characters. Of Chinese text about three in five characters have the bytes of Hangul, so
// that six different ones, and hardly any others, say that it is Korean.
static bool is_certain(int encoding, const char *text) {
    const int first = encoding == KOREAN ? 0xb0 : 0xa4, last = encoding == KOREAN ? 0xc8 : 0xa5;
    bool seen[1 << 16] = {false};
    int num_own = 0, num_others = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const int n = character_bytes(EUC, at), code = *at << 8 | at[1];
        if (n == 2 && !seen[code]) {
            seen[code] = true;
            within(*at, first, last) ? num_own++ : num_others++;
        }
        at += n;
    }
    return encoding == KOREAN ? num_own >= 6 && num_others * 6 <= num_own : num_own * 4 > num_others;
}

// The same in a text with brackets.
static int mode_bytes(enum form form, enum mode mode, const unsigned char *at) {
    const int n = character_bytes(form, at);
    return mode == CUT && n == 2 && at[1] == ']' ? 1 : n + (mode == ESCAPED && is_trail_escaped(at, n));
}

// How many values the first tree has; -1: not all of its values and parentheses close, or something
// other than properties stands in its nodes.
static int count_values(enum form form, enum mode mode, const char *text) {
    const unsigned char *at = (const unsigned char *)strchr(text, '(');
    int depth = 0, num_values = 0;
    bool in_value = false;
    while (at && *at) {
        if (in_value) {
            in_value = *at != ']';
            at += *at == '\\' && at[1] ? 1 + mode_bytes(form, mode, at + 1) : mode_bytes(form, mode, at);
            continue;
        }
        if (*at == '[') {
            in_value = true;
            num_values++;
        }
        depth += (*at == '(') - (*at == ')');
        if (!depth) return num_values;
        if (!strchr("[();", *at) && !isspace(*at) && !isalpha(*at)) return -1;
        at++;
    }
    return -1;
}

// Finds the mode with most values. False: the text is whole in none.
static bool find_mode(enum form form, const char *text, enum mode *mode) {
    int most = -1;
    for (int m = 0; m < NUM_MODES; m++) {
        const int n = count_values(form, m, text);
        if (n <= most) continue;
        most = n;
        *mode = m;
    }
    return most >= 0;
}

// Whether the bytes are UTF-8, but for few that a program has cut. *is_long: some character has
// three bytes or more, which text in another encoding hardly ever gives.
static bool is_utf8(const char *text, bool *is_long) {
    int num_long = 0, num_bad = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < 0x80) continue;
        const int more = within(*at, 0xc2, 0xdf) ? 1 : within(*at, 0xe0, 0xef) ? 2 : within(*at, 0xf0, 0xf4) ? 3 : 0;
        int found = 0;
        while (found < more && (at[1] & 0xc0) == 0x80) at++, found++;
        num_bad += !more || found < more;
        num_long += more > 1 && found == more;
    }
    *is_long = num_long > 0;
    return num_bad == 0 || num_long > 8 * num_bad;
}

// Copies the value of the first property CA.
static void find_charset(const char *text, char *out, size_t out_bytes) {
    *out = 0;
    for (const char *at = text; (at = strstr(at, "CA[")); at += 3) {
        if (at > text && isupper((unsigned char)at[-1])) continue;
        const size_t n = strcspn(at + 3, "]\\");
        if (n < out_bytes) snprintf(out, out_bytes, "%.*s", (int)n, at + 3);
        for (const char *c = out; *c; c++)
            if (!isalnum((unsigned char)*c) && !strchr("-_.", *c)) *out = 0; // no name of an encoding
        return;
    }
}

// A row of the table; NUM_ENCODINGS: none has this name.
static int encoding_of(const char *charset) {
    for (int e = 0; e < NUM_ENCODINGS; e++)
        for (size_t i = 0; i < sizeof encodings->names / sizeof *encodings->names && encodings[e].names[i]; i++)
            if (!strcasecmp(charset, encodings[e].names[i])) return e;
    return NUM_ENCODINGS;
}

static char *put(char *out, const char *bytes, size_t n) {
    memcpy(out, bytes, n);
    return out + n;
}

// Decodes one character.
static char *decode(iconv_t table, const char *bytes, size_t n, char *out) {
    char buffer[16], *in = (char *)bytes, *to = buffer;
    size_t left = n, room = 4 * n; // as to_utf8 has allocated
    if (table != (iconv_t)-1) {
        iconv(table, NULL, NULL, NULL, NULL);
        if (iconv(table, &in, &left, &to, &room) != (size_t)-1 && !left) return put(out, buffer, (size_t)(to - buffer));
    }
    return put(out, "\xef\xbf\xbd", 3);
}

static char *to_utf8(iconv_t table, enum form form, enum mode mode, const char *text) {
    char *utf8 = memory_raw(4 * strlen(text) + 1, 1, "a record's text"), *out = utf8;
    for (const char *at = text; *at;) {
        const int n = mode_bytes(form, mode, (const unsigned char *)at);
        if (n == 1 && (unsigned char)*at < 0x80)
            *out++ = *at;
        else if (n == 3) // a backslash in the middle
            out = decode(table, (const char[]){at[0], at[2]}, 2, out);
        else
            out = decode(table, at, (size_t)n, out);
        at += n;
    }
    *out = 0;
    return utf8;
}

static bool can_be_whole(int encoding, const char *text) {
    enum mode mode;
    return find_mode(encodings[encoding].form, text, &mode);
}

// The most plausible encoding in which the text is whole.
static int guess(const char *text) {
    int best = LATIN, best_score = can_be_whole(LATIN, text) ? 0 : INT_MIN;
    for (int e = 0; e < LATIN; e++) {
        const int s = score(e, text) + ((e == KOREAN || e == JAPANESE_EUC) && is_certain(e, text));
        if (s <= best_score || !can_be_whole(e, text)) continue;
        best = e;
        best_score = s;
    }
    return best;
}

char *sgf_text_utf8(const char *text, char *note, size_t note_bytes) {
    char charset[40];
    bool is_long, is_ascii = true;
    *note = 0;
    for (const char *at = text; *at; at++) is_ascii &= (unsigned char)*at < 0x80;
    find_charset(text, charset, sizeof charset);
    const bool is_said = !strcasecmp(charset, "UTF-8") || !strcasecmp(charset, "UTF8"), utf8 = is_utf8(text, &is_long);
    int used = encoding_of(charset);
    // A word in another encoding can look like characters of two bytes.
    if (is_ascii || (is_said && can_be_whole(LATIN, text)) || (utf8 && (is_long || used >= LATIN))) return NULL;
    iconv_t table = (iconv_t)-1;
    if (used == NUM_ENCODINGS && *charset && !is_said) {
        // One that has ASCII below 80, such as KOI8-R.
        table = iconv_open("UTF-8", charset);
        if (table != (iconv_t)-1) used = LATIN;
    }
    if (used == NUM_ENCODINGS || !can_be_whole(used, text)) {
        used = guess(text);
        snprintf(note, note_bytes, "its text is taken for %s", encodings[used].names[0]);
    }
    if (table == (iconv_t)-1) table = iconv_open("UTF-8", encodings[used].iconv);
    const enum form form = encodings[used].form;
    enum mode mode = PLAIN;
    find_mode(form, text, &mode);
    char *out = to_utf8(table, form, mode, text);
    if (table != (iconv_t)-1) iconv_close(table);
    return out;
}
