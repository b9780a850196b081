// Cuts GTP's lines into words and reads the words. Whatever can't be read is refused, never
// guessed.
#include "gtp/gtp_parse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char letters[] = "ABCDEFGHJKLMNOPQRST";

void gtp_parse_line(char *text, struct gtp_line *out) {
    out->has_id = out->is_cut = false;
    out->id = "";
    out->num_arguments = 0;
    char *kept = text;
    for (const char *c = strncmp(text, "\xef\xbb\xbf", 3) ? text : text + 3; *c && *c != '#' && *c != '\n'; c++) {
        if (*c == '\t')
            *kept++ = ' ';
        else if ((unsigned char)*c >= ' ' && *c != 127)
            *kept++ = *c;
    }
    *kept = 0;
    char *rest = NULL, *word = strtok_r(text, " ", &rest);
    if (word && isdigit((unsigned char)word[0]) && word[strspn(word, "0123456789")] == 0) {
        out->has_id = true;
        out->id = word;
        word = strtok_r(NULL, " ", &rest);
    }
    out->command = word;
    while (word && (word = strtok_r(NULL, " ", &rest))) {
        out->is_cut = out->num_arguments == GTP_MAX_ARGUMENTS;
        if (out->is_cut) break;
        out->arguments[out->num_arguments++] = word;
    }
}

bool gtp_parse_text(const struct gtp_line *line, int first, int num_words, char *out, size_t out_bytes) {
    if (num_words < 1 || first + num_words > line->num_arguments) return false;
    const char *last = line->arguments[first + num_words - 1];
    const char *from = line->arguments[first], *end = last + strlen(last);
    if (end - from >= 2 && *from == '"' && end[-1] == '"') from++, end--;
    if ((size_t)(end - from) >= out_bytes) return false;
    // The first blank behind each word has become a zero.
    for (; from < end; from++) *out++ = *from ? *from : ' ';
    *out = 0;
    return true;
}

static bool is_point(const struct game *game, int action) {
    return game->policy_planes == 1 && action >= 0 && action < game->height * game->width;
}

bool gtp_has_rows_from_top(const struct game *game) {
    char text[GAME_TEXT_BYTES];
    if (game->policy_planes != 1 || game->height < 2) return false;
    game->type->action_text(game, 0, text);
    return isalpha((unsigned char)text[0]) && !strcmp(text + 1, "1");
}

int gtp_drawn_point(const struct game *game, int y, int x) {
    return (gtp_has_rows_from_top(game) ? game->height - 1 - y : y) * game->width + x;
}

// The point that one of GTP's letters and a number mean.
static int read_point(const struct game *game, const char *text) {
    const char *letter = text[0] ? strchr(letters, toupper((unsigned char)text[0])) : NULL;
    if (!letter || !isdigit((unsigned char)text[1])) return GAME_NO_ACTION;
    char *end = NULL;
    const long row = strtol(text + 1, &end, 10);
    if (*end || row < 1 || row > game->height || letter - letters >= game->width) return GAME_NO_ACTION;
    return gtp_drawn_point(game, game->height - (int)row, (int)(letter - letters));
}

// Whether the text is read as GTP's; otherwise it is in the game's notation.
static bool is_gtp(const struct game *game, const char *text) {
    return isupper((unsigned char)text[0]) && read_point(game, text) != GAME_NO_ACTION;
}

// A point by the game's own letters, which are as many as the columns.
static int read_own_point(const struct game *game, const char *text) {
    const int x = text[0] - 'a';
    char *end = NULL;
    if (x < 0 || x >= game->width || !isdigit((unsigned char)text[1])) return GAME_NO_ACTION;
    const long row = strtol(text + 1, &end, 10);
    return *end || row < 1 || row > game->height ? GAME_NO_ACTION : gtp_drawn_point(game, game->height - (int)row, x);
}

// Whether the game's own letters are GTP's, as Go's are. Only the ninth column can tell.
static bool leaves_letters_out(const struct game *game) {
    char text[GAME_TEXT_BYTES];
    if (game->width <= 8) return true;
    game->type->action_text(game, 8, text);
    return text[0] == 'J';
}

int gtp_parse_point(const struct game *game, const char *text) {
    if (is_gtp(game, text) || leaves_letters_out(game)) return read_point(game, text);
    return isupper((unsigned char)text[0]) ? GAME_NO_ACTION : read_own_point(game, text);
}

static int own_action(const struct game *game, const char *text) {
    return game->type->action_parse(game, strcasecmp(text, "swap-pieces") ? text : "swap");
}

int gtp_parse_vertex(const struct game *game, const char *text) {
    if (!strcasecmp(text, "pass")) return game->pass_action;
    if (game->policy_planes == 1 && is_gtp(game, text)) return read_point(game, text);
    // Letters that GTP leaves out don't become others' by being capital.
    const bool is_capital = isupper((unsigned char)text[0]) && isdigit((unsigned char)text[1]) && game->policy_planes == 1;
    const int own = is_capital ? GAME_NO_ACTION : own_action(game, text);
    return own != GAME_NO_ACTION || game->policy_planes != 1 ? own : gtp_parse_point(game, text);
}

int gtp_parse_move(const struct game *game, const void *state, const char *text) {
    const int action = gtp_parse_vertex(game, text);
    if (action == GAME_NO_ACTION || own_action(game, text) != action) return action;
    return game_find_action(game, state, strcasecmp(text, "swap-pieces") ? text : "swap");
}

char *gtp_point_text(const struct game *game, int point, char out[GAME_TEXT_BYTES]) {
    const int y = point / game->width, x = point % game->width;
    snprintf(out, GAME_TEXT_BYTES, "%c%d", letters[x], gtp_has_rows_from_top(game) ? y + 1 : game->height - y);
    return out;
}

char *gtp_own_point_text(const struct game *game, int point, char out[GAME_TEXT_BYTES]) {
    gtp_point_text(game, point, out);
    out[0] = (char)(leaves_letters_out(game) ? tolower((unsigned char)out[0]) : 'a' + point % game->width);
    return out;
}

char *gtp_vertex_text(const struct game *game, int action, char out[GAME_TEXT_BYTES]) {
    if (action == game->pass_action) {
        snprintf(out, GAME_TEXT_BYTES, "pass");
    } else if (is_point(game, action)) {
        gtp_point_text(game, action, out);
    } else {
        game->type->action_text(game, action, out);
    }
    return out;
}

int gtp_parse_color(const char *text) {
    if (!strcasecmp(text, "b") || !strcasecmp(text, "black")) return 0;
    if (!strcasecmp(text, "w") || !strcasecmp(text, "white")) return 1;
    return -1;
}

bool gtp_parse_int(const char *text, int *out) {
    char *end = NULL;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (end == text || *end || errno || value < INT_MIN || value > INT_MAX) return false;
    *out = value;
    return true;
}

// strtod also reads hexadecimal digits, "nan" and "infinity", which are no numbers of GTP.
bool gtp_parse_real(const char *text, double *out) {
    char *end = NULL;
    if (text[strspn(text, "0123456789+-.eE")]) return false;
    const double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value)) return false;
    *out = value;
    return true;
}
