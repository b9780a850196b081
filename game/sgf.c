// SGF records: freeing, writing, and files. Parsing is in sgf_parse.c, replaying in sgf_replay.c.
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
    free(r->movers);
    free(r->winrate);
    free(r->later);
    r->moves = NULL;
    r->movers = NULL;
    r->winrate = NULL;
    r->later = NULL;
    r->num_moves = r->num_later = 0;
}

int sgf_mover(const struct sgf_record *r, int i) {
    for (int k = r->num_later - 1; i == r->num_moves && k >= 0; k--)
        if (r->later[k].num_before == i && r->later[k].to_move != SGF_NOBODY) return r->later[k].to_move;
    if (!r->movers) return (r->first_to_move + i) % 2;
    return i < r->num_moves ? r->movers[i] : i ? !r->movers[i - 1] : r->first_to_move;
}

void sgf_say_notes(const struct sgf_record *r, const char *name) {
    for (const char *at = r->notes; *at; at += strcspn(at, "\n") + 1)
        fprintf(stderr, "tengen: %s: %.*s\n", name, (int)strcspn(at, "\n"), at);
}

void sgf_put_text(FILE *out, const char *key, const char *text) {
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

static void put_stones(FILE *out, const struct sgf_record *r, const char *key, int num_points, const uint16_t *points) {
    if (num_points) fputs(key, out);
    for (int i = 0; i < num_points; i++) put_point(out, r, points[i]);
}

void sgf_put_root(FILE *out, const struct sgf_record *r) {
    fprintf(out, "(;GM[%d]FF[4]CA[UTF-8]AP[Tengen:" TENGEN_VERSION "]", sgf_game_by_name(r->game)->number);
    if (r->height == r->width)
        fprintf(out, "SZ[%d]", r->width);
    else
        fprintf(out, "SZ[%d:%d]", r->width, r->height); // SGF has the number of columns first
    if (r->komi != GAME_KOMI_DEFAULT) fprintf(out, "KM[%.10g]", r->komi);
    sgf_put_text(out, "RU", r->rules);
    sgf_put_text(out, "PB", r->black);
    sgf_put_text(out, "PW", r->white);
    sgf_put_text(out, "DT", r->date);
    sgf_put_text(out, "RE", r->result);
    sgf_put_text(out, "C", r->comment);
    // Without HA, black stones alone with White to move would be a handicap.
    if (r->handicap >= 2 || sgf_usual_handicap(r)) fprintf(out, "HA[%d]", r->handicap);
    put_stones(out, r, "AB", r->num_setup[0], r->setup[0]);
    put_stones(out, r, "AW", r->num_setup[1], r->setup[1]);
    if (r->first_to_move || r->num_setup[0] || r->num_setup[1]) fprintf(out, "PL[%c]", r->first_to_move ? 'W' : 'B');
    fputc('\n', out);
}

void sgf_put_move(FILE *out, const struct sgf_record *r, int mover, int action) {
    fprintf(out, ";%c", mover ? 'W' : 'B');
    put_point(out, r, action);
}

static void put_later(FILE *out, const struct sgf_record *r, const struct sgf_setup *setup) {
    static const struct {
        const char *key;
        int stone;
    } keys[] = {{"AB", 1}, {"AW", -1}, {"AE", 0}};
    uint16_t points[SGF_MAX_POINTS];
    fputc(';', out);
    for (int k = 0; k < 3; k++) {
        int n = 0;
        for (int p = 0; p < r->height * r->width; p++)
            if (setup->stones[p] == keys[k].stone) points[n++] = (uint16_t)p;
        put_stones(out, r, keys[k].key, n, points);
    }
    if (setup->to_move != SGF_NOBODY) fprintf(out, "PL[%c]", setup->to_move ? 'W' : 'B');
}

char *sgf_format(const struct sgf_record *r) {
    if (sgf_check_game(r->game) != STATUS_OK) return NULL;
    char *text = NULL;
    size_t num_bytes;
    FILE *out = open_memstream(&text, &num_bytes);
    if (!out) memory_failed(0, "a record as text");
    sgf_put_root(out, r);
    for (int i = 0, next = 0; i <= r->num_moves; i++) {
        for (; next < r->num_later && r->later[next].num_before == i; next++) put_later(out, r, &r->later[next]);
        if (i == r->num_moves) break;
        sgf_put_move(out, r, sgf_mover(r, i), r->moves[i]);
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
