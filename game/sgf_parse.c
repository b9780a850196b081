// Reading SGF FF[1] to FF[4]: the main line of the first game in a file.
//
// The grammar is small. A tree is "(", nodes, trees, ")"; a node is ";" and properties; a property
// is a name and values in brackets. The main line takes the first tree at every fork. So an opening
// parenthesis in it has no effect, the first closing one ends the line, and the rest is only
// scanned to see that the file is complete.
//
// The properties of a node have no order, so that a node is read several times: first for the game
// and the size, which points need, at last for moves.
//
// Real files have some irregularities that are accepted: text before the game, lower-case letters
// in names (FF[3]), "tt" for a pass, CRLF, komi with a comma or in other units, encodings that are
// not said (sgf_text.c), stones that are set up in the middle of a game, and two moves of one side
// in a row, between which the other has passed if the game has a pass.
#include "base/memory.h"
#include "game/notation.h"
#include "game/sgf.h"
#include "game/sgf_games.h"
#include "game/sgf_text.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_MOVES = 20000, VALUE_BYTES = 256 };

// When a property of a node is taken.
enum rank { GAME, SIZE, ROOT, STONES, PLAYER, MOVE, COMMENT, NUM_RANKS };

struct parser {
    struct sgf_record *record;
    const char *name, *text, *at;
    const struct sgf_game *game;
    enum rank rank;     // what is taken in this pass over a node
    int max_moves;      // the capacity of the record's arrays
    int8_t stones[361]; // the setup before the first move: +1 Black, -1 White, 0 none
    char komi[32];      // KM as it stands
    int handicap;       // HA; -1: there is none
    bool is_ours;       // Tengen has written the file
    bool has_player;    // the file has PL before the first move
    bool has_board;     // the size was used and can't change any more
    bool is_move_node;  // this node has a move, so that its comment may hold a winrate
};

static enum status fail(const struct parser *p, const char *what, const char *value) {
    int line = 1;
    for (const char *c = p->text; c < p->at; c++) line += *c == '\n';
    return status_fail(STATUS_FORMAT, "%s:%d: %s%s%.40s%s", p->name, line, what, *value ? " '" : "", value, *value ? "'" : "");
}

static void skip_blanks(struct parser *p) {
    while (isspace((unsigned char)*p->at)) p->at++;
}

// Reads "[...]" with its escapes. What does not fit is dropped, but no UTF-8 character is cut.
// Newlines are kept where `lines` says so.
static enum status read_value(struct parser *p, char *out, size_t out_bytes, bool lines) {
    const char *start = p->at++;
    size_t n = 0;
    bool full = false;
    for (; *p->at != ']'; p->at++) {
        char c = *p->at;
        bool escaped = false;
        if (c == '\\') {
            c = *++p->at;
            escaped = true;
        }
        if (!c) {
            p->at = start;
            return fail(p, "the file ends inside this value", "");
        }
        if (c == '\r' && p->at[1] == '\n') c = *++p->at;
        if (c == '\n' || c == '\r') {
            if (escaped) continue;
            c = lines ? '\n' : ' ';
        }
        if (n + 1 < out_bytes && !full)
            out[n++] = c;
        else if (!full) {
            full = true; // the bytes of a character that was cut are removed
            while (n && ((unsigned char)c & 0xc0) == 0x80) c = out[--n];
        }
    }
    p->at++;
    out[n] = 0;
    return STATUS_OK;
}

static void copy_text(char *out, size_t out_bytes, const char *value) {
    size_t n = strlen(value);
    if (n >= out_bytes) {
        n = out_bytes - 1;
        while (n && ((unsigned char)value[n] & 0xc0) == 0x80) n--;
    }
    memcpy(out, value, n);
    out[n] = 0;
}

static enum status set_size(struct parser *p, const char *value) {
    char *end;
    long width = strtol(value, &end, 10), height = width;
    if (*end == ':') height = strtol(end + 1, &end, 10);
    if (end == value || *end || width < 1 || height < 1 || width > GAME_MAX_SIDE || height > GAME_MAX_SIDE)
        return fail(p, "not a board size from 1 to 19:", value);
    if (p->has_board && (p->record->width != width || p->record->height != height))
        return fail(p, "the board size comes too late:", value);
    p->record->width = (int)width;
    p->record->height = (int)height;
    return STATUS_OK;
}

static enum status set_game(struct parser *p, const char *value) {
    const struct sgf_game *game = sgf_game_by_number(atoi(value));
    if (!game) return fail(p, "no game that Tengen knows has the number GM", value);
    if (p->has_board && game != p->game) return fail(p, "the game's number comes too late:", value);
    p->game = game;
    copy_text(p->record->game, sizeof p->record->game, game->name);
    return STATUS_OK;
}

static enum status set_komi(struct parser *p, char *value) {
    char *comma = strchr(value, ','), *end;
    if (comma) *comma = '.';
    const double komi = strtod(value, &end);
    while (isspace((unsigned char)*end)) end++;
    if (*end || !(fabs(komi) <= 1000)) return fail(p, "not a komi:", value);
    copy_text(p->komi, sizeof p->komi, value);
    p->record->komi = end == value ? GAME_KOMI_DEFAULT : komi;
    return STATUS_OK;
}

static void note(struct sgf_record *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct sgf_record *r, const char *format, ...) {
    const size_t used = strlen(r->notes);
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(r->notes + used, sizeof r->notes - used, format, args);
    va_end(args);
    if (used + (size_t)n + 2 > sizeof r->notes)
        r->notes[used] = 0; // it does not fit with its newline
    else
        strcat(r->notes, "\n");
}

// Some servers write komi in hundredths, and some count stones of Chinese scoring, each of which is
// two points, in quarters. Komi in points is never a quarter. And some editors write it for games
// that have none.
static void convert_komi(struct parser *p) {
    struct sgf_record *r = p->record;
    if (strcmp(r->game, "go")) {
        if (r->komi != GAME_KOMI_DEFAULT && r->komi != 0) note(r, "there is no komi in %s: %s is left out", r->game, p->komi);
        r->komi = GAME_KOMI_DEFAULT;
        return;
    }
    if (r->komi == GAME_KOMI_DEFAULT || p->is_ours) return;
    const bool is_hundredths = fabs(r->komi) >= 100 && fmod(r->komi, 25) == 0;
    const double komi = is_hundredths ? r->komi / 100 : r->komi;
    const bool is_stones = fmod(komi * 4, 2) != 0 && fmod(komi * 4, 1) == 0;
    if (is_hundredths || is_stones) {
        r->komi = is_stones ? 2 * komi : komi;
        note(r, "komi %s is taken for %g points", p->komi, r->komi);
    }
}

// From here on the size is needed. A file that has not said it has the default.
static void need_board(struct parser *p) {
    if (!p->record->width) p->record->width = p->record->height = p->game->default_size;
    p->has_board = true;
}

// Returns the point at the start of `value`, and where its text ends; -1: it is no point of the
// board.
static int point_of(const struct parser *p, const char *value, const char **end) {
    const int width = p->record->width, height = p->record->height;
    *end = value;
    if (p->game->cells) {
        int x, number;
        const int read = square_parse(value, height, width, &x, &number);
        *end += read;
        return read ? (number - 1) * width + x : -1;
    }
    const int x = value[0] ? value[0] - 'a' : -1, y = x >= 0 && value[1] ? value[1] - 'a' : -1;
    if (x < 0 || y < 0 || x >= width || y >= height) return -1;
    *end += 2;
    return y * width + x;
}

static bool has_pass(const struct parser *p) { return p->game->beyond && !*p->game->beyond; }

static enum status put_action(struct parser *p, int side, int action) {
    struct sgf_record *r = p->record;
    if (r->num_moves == MAX_MOVES) return fail(p, "more moves than any game has", "");
    if (r->num_moves == p->max_moves) {
        const int max_moves = p->max_moves ? 2 * p->max_moves : 128;
        r->moves = memory_resize(r->moves, (size_t)max_moves, sizeof *r->moves, "a record's moves");
        r->movers = memory_resize(r->movers, (size_t)max_moves, sizeof *r->movers, "a record's moves");
        r->winrate = memory_resize(r->winrate, (size_t)max_moves, sizeof *r->winrate, "a record's moves");
        p->max_moves = max_moves;
    }
    r->winrate[r->num_moves] = NAN;
    r->movers[r->num_moves] = (uint8_t)side;
    r->moves[r->num_moves++] = (uint16_t)action;
    return STATUS_OK;
}

static enum status add_move(struct parser *p, int side, char *value) {
    struct sgf_record *r = p->record;
    need_board(p);
    char *end = value + strlen(value);
    while (end > value && isspace((unsigned char)end[-1])) *--end = 0;
    const int beyond = r->height * r->width;
    // "tt" would be a point only on boards larger than 19x19.
    const bool is_pass = !*value || (!p->game->cells && !strcmp(value, "tt"));
    if (is_pass && !has_pass(p)) return fail(p, "there is no pass in", r->game);
    int action = beyond;
    if (!is_pass && !(p->game->beyond && !strcasecmp(value, p->game->beyond))) {
        const char *rest;
        action = point_of(p, value, &rest);
        if (action < 0 || *rest) return fail(p, "not a point of the board:", value);
    }
    if (!r->num_moves && !p->has_player) r->first_to_move = side;
    if (r->num_moves && r->movers[r->num_moves - 1] == side && !has_pass(p) &&
        !(r->num_later && r->later[r->num_later - 1].num_before == r->num_moves))
        return fail(p, "the same side moves twice:", value);
    p->is_move_node = true;
    return put_action(p, side, action);
}

// The position that is set up after the moves so far.
static struct sgf_setup *later_setup(struct parser *p) {
    struct sgf_record *r = p->record;
    if (r->num_later && r->later[r->num_later - 1].num_before == r->num_moves) return &r->later[r->num_later - 1];
    r->later = memory_resize(r->later, (size_t)r->num_later + 1, sizeof *r->later, "a record's positions");
    struct sgf_setup *setup = &r->later[r->num_later++];
    setup->num_before = r->num_moves;
    setup->to_move = SGF_NOBODY;
    memset(setup->stones, SGF_AS_IT_WAS, sizeof setup->stones);
    return setup;
}

// Takes a value of AB, AW or AE: a point, or a rectangle "aa:cc".
static enum status add_setup(struct parser *p, int stone, const char *value) {
    need_board(p);
    const char *rest;
    const int from = point_of(p, value, &rest), to = from >= 0 && *rest == ':' ? point_of(p, rest + 1, &rest) : from;
    if (from < 0 || to < 0 || *rest) return fail(p, "not a point of the board:", value);
    const int width = p->record->width;
    if (from / width > to / width || from % width > to % width) return fail(p, "not a rectangle:", value);
    int8_t *stones = p->record->num_moves ? later_setup(p)->stones : p->stones;
    for (int y = from / width; y <= to / width; y++)
        for (int x = from % width; x <= to % width; x++) stones[y * width + x] = (int8_t)stone;
    return STATUS_OK;
}

static void read_winrate(struct parser *p, const char *value) {
    double winrate;
    if (p->is_move_node && sscanf(value, "winrate %lf", &winrate) == 1 && winrate >= 0 && winrate <= 1)
        p->record->winrate[p->record->num_moves - 1] = (float)winrate;
}

static enum status set_player(struct parser *p, const char *value) {
    const int side = (value[0] | 32) == 'w';
    if ((value[0] | 32) != 'b' && !side) return fail(p, "not a player:", value);
    if (p->record->num_moves) {
        later_setup(p)->to_move = side;
    } else {
        p->record->first_to_move = side;
        p->has_player = true;
    }
    return STATUS_OK;
}

static void set_comment(struct parser *p, const char *value) {
    struct sgf_record *r = p->record;
    if (r->num_moves)
        read_winrate(p, value);
    else if (!*r->comment)
        copy_text(r->comment, sizeof r->comment, value);
}

static enum rank rank_of(const char *key) {
    static const char *const ranks[NUM_RANKS][4] = {[GAME] = {"GM"},   [SIZE] = {"SZ"},     [STONES] = {"AB", "AW", "AE"},
                                                    [PLAYER] = {"PL"}, [MOVE] = {"B", "W"}, [COMMENT] = {"C"}};
    for (int rank = 0; rank < NUM_RANKS; rank++)
        for (int i = 0; i < 4 && ranks[rank][i]; i++)
            if (!strcmp(key, ranks[rank][i])) return (enum rank)rank;
    return ROOT;
}

// Takes one value of a property about the game. Names that are not listed here are ignored.
static enum status take_root(struct parser *p, const char *key, char *value) {
    struct sgf_record *r = p->record;
    const struct {
        const char *key;
        char *out;
        size_t out_bytes;
    } texts[] = {{"RU", r->rules, sizeof r->rules},
                 {"PB", r->black, sizeof r->black},
                 {"PW", r->white, sizeof r->white},
                 {"RE", r->result, sizeof r->result},
                 {"DT", r->date, sizeof r->date}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!strcmp(key, texts[i].key)) copy_text(texts[i].out, texts[i].out_bytes, value);
    if (!strcmp(key, "KM")) return set_komi(p, value);
    if (!strcmp(key, "AP")) p->is_ours = !strncmp(value, "Tengen:", 7);
    char *end;
    const long handicap = strtol(value, &end, 10);
    if (!strcmp(key, "HA") && end > value && handicap >= 0 && handicap <= SGF_MAX_POINTS) p->handicap = (int)handicap;
    return STATUS_OK;
}

static enum status take_property(struct parser *p, const char *key, char *value) {
    switch (p->rank) {
    case GAME:
        return set_game(p, value);
    case SIZE:
        return set_size(p, value);
    case STONES:
        return add_setup(p, key[1] == 'W' ? -1 : key[1] == 'B', value);
    case PLAYER:
        return set_player(p, value);
    case MOVE:
        return add_move(p, key[0] == 'W', value);
    case COMMENT:
        set_comment(p, value);
        return STATUS_OK;
    default:
        return take_root(p, key, value);
    }
}

// Reads a property, and takes its values if it is their turn.
static enum status read_property(struct parser *p) {
    char key[8], value[VALUE_BYTES];
    size_t n = 0;
    for (; isalpha((unsigned char)*p->at); p->at++)
        if (isupper((unsigned char)*p->at) && n + 1 < sizeof key) key[n++] = *p->at;
    key[n] = 0;
    skip_blanks(p);
    if (*p->at != '[') return fail(p, "a property without a value:", key);
    const bool is_taken = rank_of(key) == p->rank;
    for (; *p->at == '['; skip_blanks(p)) {
        TRY(read_value(p, value, is_taken ? sizeof value : 1, key[0] == 'C' && !key[1]));
        if (is_taken) TRY(take_property(p, key, value));
    }
    return STATUS_OK;
}

static enum status read_node(struct parser *p) {
    const char *start = p->at;
    p->is_move_node = false;
    for (p->rank = 0; p->rank < NUM_RANKS; p->rank++)
        for (p->at = start, skip_blanks(p); isalpha((unsigned char)*p->at); skip_blanks(p)) TRY(read_property(p));
    return STATUS_OK;
}

// Scans to the end of the outermost tree. depth: how many parentheses are open.
static enum status skip_rest(struct parser *p, int depth) {
    char value[8];
    while (depth) {
        const char c = *p->at;
        if (!c) return fail(p, "the file is cut short: a variation is not closed", "");
        if (c == '[') {
            TRY(read_value(p, value, sizeof value, false));
            continue;
        }
        depth += (c == '(') - (c == ')');
        p->at++;
    }
    return STATUS_OK;
}

static enum status read_line(struct parser *p) {
    int depth = 0;
    for (;;) {
        skip_blanks(p);
        const char c = *p->at;
        if (c == '(') {
            depth++;
            p->at++;
        } else if (c == ')') {
            return skip_rest(p, depth);
        } else if (c == ';') {
            p->at++;
            TRY(read_node(p));
        } else if (!c) {
            return fail(p, "the file is cut short: the game is not closed", "");
        } else {
            const char text[2] = {c > ' ' && c <= '~' ? c : '?', 0};
            return fail(p, "unexpected character", text);
        }
    }
}

// What follows from several properties.
static void finish(struct parser *p) {
    struct sgf_record *r = p->record;
    need_board(p);
    for (int point = 0; point < r->height * r->width; point++)
        if (p->stones[point]) {
            const int side = p->stones[point] < 0;
            r->setup[side][r->num_setup[side]++] = (uint16_t)point;
        }
    convert_komi(p);
    if (strcmp(r->game, "go")) p->handicap = -1;
    if (p->handicap >= 2 && !p->has_player && !r->num_moves) r->first_to_move = 1;
    r->handicap = p->handicap >= 0 ? p->handicap : sgf_usual_handicap(r);
    const int num_stones = r->num_setup[0];
    if (p->handicap >= 0 && p->handicap != num_stones && (p->handicap > 1 || sgf_usual_handicap(r)))
        note(r, "a handicap of %d stones by HA, but %d black stones are set up", p->handicap, num_stones);
    if (r->handicap == 1) r->handicap = 0; // one stone is no handicap
    if (r->handicap && r->komi == GAME_KOMI_DEFAULT) {
        r->komi = 0.5;
        note(r, "no komi is said: 0.5, as usual with a handicap, is taken");
    }
    bool judged = false;
    for (int i = 0; i < r->num_moves; i++) judged |= !isnan(r->winrate[i]);
    if (!judged) {
        free(r->winrate);
        r->winrate = NULL;
    }
}

static enum status parse_utf8(struct sgf_record *r, const char *text, const char *name) {
    struct parser p = {.record = r, .name = name, .text = text, .game = sgf_game_by_number(1), .handicap = -1};
    copy_text(r->game, sizeof r->game, p.game->name);
    r->komi = GAME_KOMI_DEFAULT;
    p.at = sgf_find_game(text);
    if (!p.at) return status_fail(STATUS_FORMAT, "%s: no game in it: '(;' is missing", name);
    const enum status status = read_line(&p);
    if (status != STATUS_OK)
        sgf_done(r);
    else
        finish(&p);
    return status;
}

enum status sgf_parse(struct sgf_record *r, const char *text, const char *name) {
    memset(r, 0, sizeof *r);
    char taken_for[80], *utf8 = sgf_text_utf8(text, taken_for, sizeof taken_for);
    if (*taken_for) note(r, "%s", taken_for);
    const enum status status = parse_utf8(r, utf8 ? utf8 : text, name);
    free(utf8);
    return status;
}
