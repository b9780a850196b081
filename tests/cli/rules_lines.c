// Law: `tengen rules` answers every line with one line of JSON, byte for byte the promised one, and
// nonsense leaves the position as it was. The naive twin makes the expected answers from the game's
// verbs by code of its own: for undo it keeps all states instead of playing the moves again, and it
// cuts lines by hand.
//
//   test_cli_rules_lines TENGEN [LINES [GAME]]
//
// LINES is for each game, and 3000 if not given. By hand, a million are run with the address
// sanitizer.
#include "base/files.h"
#include "base/rng.h"
#include "game/game.h"

#include "tests/test.h"

#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 300, WIDE_LINE = 16384 };

struct model {
    struct game game;
    char *states; // [max_plies + 1]: the line so far
    int ply;
    long long played, undone, refused, finished;
};

static void *state_at(const struct model *m, int ply) { return m->states + (size_t)ply * m->game.state_bytes; }

// --- What the answer must be ------------------------------------------------------------------

static int put_quoted(char *out, const unsigned char *text, size_t length) {
    int n = 0;
    out[n++] = '"';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\') out[n++] = '\\';
        if (text[i] >= 32 && text[i] <= 126)
            out[n++] = (char)text[i];
        else
            n += sprintf(out + n, "\\u00%02x", text[i]);
    }
    out[n++] = '"';
    return n;
}

static int expect_error(struct model *m, char *out, const char *what, const char *about, size_t length) {
    char message[400];
    const int n =
        length ? sprintf(message, "%s: %.*s", what, length < 80 ? (int)length : 80, about) : sprintf(message, "%s", what);
    int at = sprintf(out, "{\"ok\":false,\"error\":");
    at += put_quoted(out + at, (const unsigned char *)message, (size_t)n);
    m->refused++;
    return at + sprintf(out + at, "}\n");
}

static int expect_state(const struct model *m, char *out) {
    const struct game *g = &m->game;
    const void *state = state_at(m, m->ply);
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(g, state, legal);
    int at =
        sprintf(out, "{\"ok\":true,\"to_move\":\"%s\",\"ply\":%d,\"legal\":[", game_to_move(g, state) == 1 ? "w" : "b", m->ply);
    for (int i = 0; i < n; i++) {
        char text[GAME_TEXT_BYTES];
        g->type->action_text(g, legal[i], text);
        at += sprintf(out + at, i ? ",\"%s\"" : "\"%s\"", text);
    }
    const enum outcome outcome = game_outcome(g, state);
    if (outcome == OUTCOME_NONE)
        at += sprintf(out + at, "],\"over\":false,\"result\":null,\"score\":null");
    else
        at += sprintf(out + at, "],\"over\":true,\"result\":\"%s\",\"score\":",
                      outcome == OUTCOME_DRAW    ? "draw"
                      : outcome == OUTCOME_FIRST ? "b"
                                                 : "w");
    if (outcome != OUTCOME_NONE)
        at += g->has_score ? sprintf(out + at, "%.10g", game_score(g, state)) : sprintf(out + at, "null");
    if (g->type->captures) {
        int taken[2];
        g->type->captures(g, state, taken);
        at += sprintf(out + at, ",\"captures\":{\"b\":%d,\"w\":%d}", taken[0], taken[1]);
    }
    return at + sprintf(out + at, "}\n");
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static int expect_play(struct model *m, char *out, const char *move, size_t length) {
    const struct game *g = &m->game;
    char text[LINE_BYTES + 1], wanted[GAME_TEXT_BYTES], own[GAME_TEXT_BYTES];
    sprintf(text, "%.*s", (int)length, move);
    const int action = g->type->action_parse(g, text);
    if (action == GAME_NO_ACTION) return expect_error(m, out, "unreadable move", move, length);
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(g, state_at(m, m->ply), legal);
    g->type->action_text(g, action, wanted);
    for (int i = 0; i < n; i++) {
        g->type->action_text(g, legal[i], own);
        if (strcmp(own, wanted)) continue;
        memcpy(state_at(m, m->ply + 1), state_at(m, m->ply), g->state_bytes);
        game_play(g, state_at(m, ++m->ply), legal[i]);
        m->played++;
        m->finished += game_outcome(g, state_at(m, m->ply)) != OUTCOME_NONE;
        return expect_state(m, out);
    }
    return expect_error(m, out, n ? "illegal move" : "the game is over", move, length);
}

// `line` without its end; may hold zero bytes.
static int expect_answer(struct model *m, char *out, const char *line, size_t length) {
    if (memchr(line, 0, length)) return expect_error(m, out, "a zero byte in the line", "", 0);
    while (length && is_blank(*line)) line++, length--;
    while (length && is_blank(line[length - 1])) length--;
    size_t first = 0;
    while (first < length && !is_blank(line[first])) first++;
    size_t rest = first;
    while (rest < length && is_blank(line[rest])) rest++;
    const char *words[] = {"new", "state", "undo", "quit", "play"};
    int which = 0;
    while (which < 5 && (first != strlen(words[which]) || memcmp(line, words[which], first))) which++;
    if (which == 4)
        return rest < length ? expect_play(m, out, line + rest, length - rest)
                             : expect_error(m, out, "play needs a move", "", 0);
    if (which == 5) return expect_error(m, out, first ? "unknown command" : "empty line", line, first);
    if (rest < length) return expect_error(m, out, "unexpected argument", line + rest, length - rest);
    CHECK(which != 3); // never sent before the last line
    if (which == 0) m->ply = 0;
    if (which == 2 && m->ply == 0) return expect_error(m, out, "nothing to undo", "", 0);
    if (which == 2) m->ply--, m->undone++;
    return expect_state(m, out);
}

// --- Lines ------------------------------------------------------------------------------------

static size_t nonsense(struct rng *rng, char line[LINE_BYTES]) {
    static const char *const known[] = {
        "",           "play",     "play  ",         "play Z99",      "play A0",
        "play A-1",   "play I5",  "play pass pass", "undo undo",     "PLAY",
        "state\tnow", "%s%n%s%n", "play \"",        "{\"ok\":true}", "play A99999999999999999999",
        "quit now?",  "\\u0000",  "play \xc3\x28",  "play swap",     "play a1-a9",
        "play pass",  "play 10",  "play 0",         "new game",      "play \\"};
    const uint32_t kind = rng_below(rng, 8);
    if (kind < 4) return (size_t)snprintf(line, LINE_BYTES, "%s", known[rng_below(rng, sizeof known / sizeof *known)]);
    if (kind < 6)
        return (size_t)snprintf(line, LINE_BYTES, "play %c%u", (kind == 4 ? 'A' : 'a') + (char)rng_below(rng, 11),
                                rng_below(rng, 12));
    const size_t n = rng_below(rng, kind == 6 ? 12 : LINE_BYTES - 1);
    for (size_t i = 0; i < n; i++) {
        const char c = (char)(rng_below(rng, 256));
        line[i] = c == '\n' ? '?' : c;
    }
    line[n] = 0;
    if (n >= 4 && !memcmp(line, "quit", 4)) line[0] = 'Q';
    return n;
}

// Two lines in three make sense, and most of those are legal moves, so that games are played to
// their ends.
static size_t make_line(const struct model *m, struct rng *rng, char line[LINE_BYTES]) {
    const struct game *g = &m->game;
    uint16_t legal[GAME_MAX_ACTIONS];
    char text[GAME_TEXT_BYTES];
    const int n = game_legal(g, state_at(m, m->ply), legal);
    const uint32_t kind = rng_below(rng, 30);
    if (kind >= 20) return nonsense(rng, line);
    if (kind == 0 || (!n && kind < 12)) return (size_t)sprintf(line, kind & 1 ? "  new\t" : n ? "state" : "new");
    if (kind < 3 || !n) return (size_t)sprintf(line, "undo%s", kind & 1 ? "\r" : "");
    g->type->action_text(g, legal[rng_below(rng, (uint32_t)n)], text);
    if (kind == 3)
        for (char *c = text; *c; c++) *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    return (size_t)sprintf(line, kind == 4 ? " \tplay \v %s  " : kind == 5 ? "play %s\r" : "play %s", text);
}

// --- The program ------------------------------------------------------------------------------

static FILE *open_or_exit(const char *path, const char *mode) {
    FILE *file = fopen(path, mode);
    if (file) return file;
    perror(path);
    exit(1);
}

static void compare_files(const char *name, const char *input, const char *expected, const char *got) {
    static char a[WIDE_LINE], b[WIDE_LINE]; // too large for a stack under sanitizers' redzones
    FILE *x = open_or_exit(expected, "rb"), *y = open_or_exit(got, "rb");
    long long line = 0;
    int wrong = 0;
    for (;; line++) {
        const char *want = fgets(a, sizeof a, x), *have = fgets(b, sizeof b, y);
        if (!want && !have) break;
        const bool same = want && have && !strcmp(a, b);
        EXPECT_(same, "%s, line %lld of %s: %s instead of %s", name, line + 1, input, have ? b : "(nothing)\n",
                want ? a : "(nothing)\n");
        if (!same && ++wrong > 3) break;
    }
    fclose(x);
    fclose(y);
}

static void every_line_is_answered(const char *program, const char *name, const struct game_options *options,
                                   const char *arguments, long long lines, uint64_t seed) {
    char input[PATH_BYTES], expected[PATH_BYTES], got[PATH_BYTES], line[LINE_BYTES], *command;
    static char answer[WIDE_LINE];
    const char *base = getenv("TMPDIR");
    path_format(input, "%s/tengen-rules-%d.in", base ? base : "/tmp", (int)getpid());
    path_format(expected, "%s/tengen-rules-%d.want", base ? base : "/tmp", (int)getpid());
    path_format(got, "%s/tengen-rules-%d.got", base ? base : "/tmp", (int)getpid());
    struct model m = {.ply = 0};
    EXPECT_INT(game_open(&m.game, name, options), STATUS_OK);
    m.states = malloc(m.game.state_bytes * (size_t)(m.game.max_plies + 1));
    CHECK(m.states);
    game_start(&m.game, m.states);
    struct rng rng;
    rng_init(&rng, seed, 0);
    FILE *in = open_or_exit(input, "wb"), *want = open_or_exit(expected, "wb");
    for (long long i = 0; i < lines; i++) {
        const size_t length = make_line(&m, &rng, line);
        fwrite(line, 1, length, in);
        fputc('\n', in);
        fwrite(answer, 1, (size_t)expect_answer(&m, answer, line, length), want);
    }
    fputs("quit\nstate\n", in); // nothing is answered after quit
    fputs("{\"ok\":true}\n", want);
    free(m.states);
    if (fclose(in) || fclose(want)) exit(1);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (asprintf(&command, "'%s' rules %s %s <'%s' >'%s'", program, name, arguments, input, got) < 0) exit(1);
    EXPECT_INT(system(command), 0); // 0: no leak either, where the sanitizer looks
    free(command);
    clock_gettime(CLOCK_MONOTONIC, &end);
    compare_files(name, input, expected, got);
    printf("%s %s: %lld lines in %.1f s, %lld moves, %lld undone, %lld games ended, %lld lines refused\n", name, arguments,
           lines, (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9, m.played, m.undone,
           m.finished, m.refused);
    fflush(stdout);
    EXPECT(m.played > lines / 5 && m.refused > lines / 6 && m.undone > lines / 50 && m.finished > 0);
    unlink(input);
    unlink(expected);
    unlink(got);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        struct game_options options;
        const char *arguments;
    } sessions[] = {
        {"go", {.height = 3, .komi = GAME_KOMI_DEFAULT}, "--size 3"},
        {"go", {.height = 5, .komi = 5.5}, "--size 5 --komi 5.5"},
        {"go", {.height = 2, .width = 4, .komi = GAME_KOMI_DEFAULT}, "--size 2x4"},
        {"tictactoe", {.komi = GAME_KOMI_DEFAULT}, ""},
        {"connect4", {.komi = GAME_KOMI_DEFAULT}, ""},
        {"connect4", {.height = 10, .width = 10, .komi = GAME_KOMI_DEFAULT}, "--size 10"},
        {"othello", {.height = 4, .komi = GAME_KOMI_DEFAULT}, "--size 4"},
        {"othello", {.komi = GAME_KOMI_DEFAULT}, ""},
        {"hex", {.height = 5, .komi = GAME_KOMI_DEFAULT}, "--size 5"},
        {"hex", {.height = 4, .komi = GAME_KOMI_DEFAULT, .rules = "swap"}, "--size 4 --rules swap"},
        {"gomoku", {.height = 6, .komi = GAME_KOMI_DEFAULT}, "--size 6"},
        {"gomoku", {.height = 8, .komi = GAME_KOMI_DEFAULT, .rules = "exactly-five"}, "--size 8 --rules exactly-five"},
        {"breakthrough", {.height = 5, .komi = GAME_KOMI_DEFAULT}, "--size 5"},
        {"breakthrough", {.komi = GAME_KOMI_DEFAULT}, ""},
    };
    enum { NUM_SESSIONS = sizeof sessions / sizeof *sessions };
    if (argc < 2) return TEST_SKIP("no program given");
    const long long lines = argc > 2 ? atoll(argv[2]) : 3000;
    for (int i = 0; i < NUM_SESSIONS; i++)
        if (argc <= 3 || !strcmp(argv[3], sessions[i].name))
            every_line_is_answered(argv[1], sessions[i].name, &sessions[i].options, sessions[i].arguments, lines, (uint64_t)i);
    for (int k = 0; k < game_count(); k++) { // a new game needs a row above
        int rows = 0;
        for (int i = 0; i < NUM_SESSIONS; i++) rows += !strcmp(sessions[i].name, game_at(k)->name);
        EXPECT_(rows > 0, "no session of %s", game_at(k)->name);
    }
    return TEST_END();
}
