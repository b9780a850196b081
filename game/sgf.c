// SGF records: freeing, writing, and files. Parsing is in sgf_parse.c.
//
// A point is written as two letters, the column and then the row (in Hex as a letter and a number).
// Both count from the top left, as the actions do.
#include "game/sgf.h"
#include "base/files.h"
#include "base/memory.h"
#include "game/sgf_games.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sgf_done(struct sgf_record *r) {
    free(r->moves);
    free(r->winrate);
    r->moves = NULL;
    r->winrate = NULL;
    r->num_moves = 0;
}

static void put_text(FILE *out, const char *key, const char *text) {
    if (!*text) return;
    fprintf(out, "%s[", key);
    for (; *text; text++) {
        if (*text == ']' || *text == '\\') fputc('\\', out);
        fputc(*text, out);
    }
    fputc(']', out);
}

static void put_point(FILE *out, const struct sgf_record *r, int action) {
    const struct sgf_game *game = sgf_game_by_name(r->game);
    const int x = action % r->width, y = action / r->width;
    if (action >= r->height * r->width)
        fprintf(out, "[%s]", game->beyond ? game->beyond : "");
    else if (game->cells)
        fprintf(out, "[%c%d]", 'a' + x, y + 1);
    else
        fprintf(out, "[%c%c]", 'a' + x, 'a' + y);
}

static void put_root(FILE *out, const struct sgf_record *r, int number) {
    fprintf(out, "(;GM[%d]FF[4]CA[UTF-8]AP[Tengen:" TENGEN_VERSION "]", number);
    if (r->height == r->width)
        fprintf(out, "SZ[%d]", r->width);
    else
        fprintf(out, "SZ[%d:%d]", r->width, r->height); // SGF has the number of columns first
    fprintf(out, "KM[%.10g]", r->komi);
    put_text(out, "RU", r->rules);
    put_text(out, "PB", r->black);
    put_text(out, "PW", r->white);
    put_text(out, "DT", r->date);
    put_text(out, "RE", r->result);
    put_text(out, "C", r->comment);
    for (int side = 0; side < 2; side++) {
        if (r->num_setup[side]) fputs(side ? "AW" : "AB", out);
        for (int i = 0; i < r->num_setup[side]; i++) put_point(out, r, r->setup[side][i]);
    }
    if (r->first_to_move || r->num_setup[0] || r->num_setup[1]) fprintf(out, "PL[%c]", r->first_to_move ? 'W' : 'B');
    fputc('\n', out);
}

char *sgf_format(const struct sgf_record *r) {
    if (sgf_check_game(r->game) != STATUS_OK) return NULL;
    char *text = NULL;
    size_t num_bytes;
    FILE *out = open_memstream(&text, &num_bytes);
    if (!out) memory_failed(0, "a record as text");
    put_root(out, r, sgf_game_by_name(r->game)->number);
    for (int i = 0; i < r->num_moves; i++) {
        fprintf(out, ";%c", (r->first_to_move + i) % 2 ? 'W' : 'B');
        put_point(out, r, r->moves[i]);
        if (r->winrate && !isnan(r->winrate[i])) fprintf(out, "C[winrate %.4f]", (double)r->winrate[i]);
        if (i % 10 == 9) fputc('\n', out);
    }
    fputs(")\n", out);
    CHECK(!fclose(out));
    return text;
}

enum status sgf_write(const struct sgf_record *r, const char *path) {
    char *text = sgf_format(r);
    if (!text) return STATUS_UNSUPPORTED;
    const enum status status = file_write(path, text, strlen(text));
    free(text);
    return status;
}

// Parses a file's text and frees it.
static enum status parse_file(struct sgf_record *r, char *text, size_t num_bytes, const char *path) {
    const enum status status = memchr(text, 0, num_bytes)
                                   ? status_fail(STATUS_FORMAT, "%s: a zero byte: this is no SGF text", path)
                                   : sgf_parse(r, text, path);
    free(text);
    return status;
}

enum status sgf_read(struct sgf_record *r, const char *path) {
    char *text;
    size_t num_bytes;
    TRY(file_read(path, &text, &num_bytes));
    return parse_file(r, text, num_bytes, path);
}

enum status sgf_read_input(struct sgf_record *r, const char *path) {
    char *text;
    size_t num_bytes;
    TRY(file_read_input(path, &text, &num_bytes));
    return parse_file(r, text, num_bytes, path);
}
