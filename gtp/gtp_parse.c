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

void gtp_parse_line(char *text, struct gtp_line *out) {
    memset(out, 0, sizeof *out);
    char *kept = text;
    for (const char *c = text; *c && *c != '#' && *c != '\n'; c++) {
        if (*c == '\t')
            *kept++ = ' ';
        else if ((unsigned char)*c >= ' ' && *c != 127)
            *kept++ = *c;
    }
    *kept = 0;
    char *rest = NULL, *word = strtok_r(text, " ", &rest);
    if (word && isdigit((unsigned char)word[0]) && word[strspn(word, "0123456789")] == 0) {
        out->has_id = true;
        snprintf(out->id, sizeof out->id, "%.15s", word);
        word = strtok_r(NULL, " ", &rest);
    }
    out->command = word;
    while (word && (word = strtok_r(NULL, " ", &rest)) && out->num_arguments < GTP_MAX_ARGUMENTS)
        out->arguments[out->num_arguments++] = word;
}

int gtp_parse_vertex(const struct game *game, const char *text) {
    const int points = game->height * game->width;
    if (!strcasecmp(text, "pass")) return points;
    const int letter = toupper((unsigned char)text[0]);
    if (letter < 'A' || letter > 'Z' || letter == 'I' || !isdigit((unsigned char)text[1])) return GAME_NO_ACTION;
    char *end = NULL;
    const long row = strtol(text + 1, &end, 10);
    const int x = letter - 'A' - (letter > 'I');
    if (*end || row < 1 || row > game->height || x >= game->width) return GAME_NO_ACTION;
    return (game->height - row) * game->width + x;
}

char *gtp_vertex_text(const struct game *game, int action, char out[GAME_TEXT_BYTES]) {
    const int y = action / game->width, x = action % game->width;
    if (action >= game->height * game->width)
        snprintf(out, GAME_TEXT_BYTES, "pass");
    else
        snprintf(out, GAME_TEXT_BYTES, "%c%d", "ABCDEFGHJKLMNOPQRST"[x], game -> height - y);
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

bool gtp_parse_real(const char *text, double *out) {
    char *end = NULL;
    const double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value)) return false;
    *out = value;
    return true;
}
