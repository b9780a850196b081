// SGF: real files are read, files of ours come back unchanged, damaged ones are refused, and
// nothing crashes.
#include "game/sgf.h"
#include "base/files.h"
#include "tests/test.h"

#include <fcntl.h>
#include <unistd.h>

static const char *move_text(const struct sgf_record *r, int i, char out[GAME_TEXT_BYTES]) {
    struct game g;
    EXPECT_INT(game_open(&g, r->game, &(struct game_options){.height = r->height, .width = r->width, .komi = r->komi}),
               STATUS_OK);
    g.type->action_text(&g, r->moves[i], out);
    return out;
}

static void check_moves(const struct sgf_record *r, const char *expected) {
    char line[512] = "", text[GAME_TEXT_BYTES];
    for (int i = 0; i < r->num_moves; i++) {
        if (i) strcat(line, " ");
        strcat(line, move_text(r, i, text));
    }
    EXPECT_TEXT(line, expected);
}

static void real_files_are_read(void) {
    struct sgf_record r;
    EXPECT_INT(sgf_read(&r, "tests/game/corpus/gnugo.sgf"), STATUS_OK);
    EXPECT_TEXT(r.game, "go");
    EXPECT_INT(r.height, 9);
    EXPECT_NEAR(r.komi, 5.5, 0);
    EXPECT_TEXT(r.rules, "Japanese");
    EXPECT_TEXT(r.date, "2024-05-01");
    EXPECT(r.winrate == NULL);
    check_moves(&r, "E5 E7 C6 G3 pass pass");
    sgf_done(&r);
    EXPECT_INT(sgf_read(&r, "tests/game/corpus/ff3.sgf"), STATUS_OK);
    EXPECT_INT(r.width, 9); // SiZe is SZ, KoMi is KM, PlayerBlack is PB
    EXPECT_NEAR(r.komi, 6.5, 0);
    EXPECT_TEXT(r.black, "K]rl \\ the Great");
    check_moves(&r, "A9 B8 C7 D6");
    sgf_done(&r);
    EXPECT_INT(sgf_read(&r, "tests/game/corpus/handicap.sgf"), STATUS_OK);
    EXPECT_INT(r.width, 9);
    EXPECT_INT(r.height, 13);
    EXPECT_INT(r.num_setup[0], 2);
    EXPECT_INT(r.num_setup[1], 5);
    EXPECT_INT(r.setup[0][0], 2 * 9 + 2);
    EXPECT_INT(r.setup[1][0], 0);
    EXPECT_INT(r.first_to_move, 1);
    EXPECT_TEXT(r.black, "日本");
    EXPECT_TEXT(r.white, "White [9d]");
    EXPECT_TEXT(r.result, "W+R");
    EXPECT_TEXT(r.comment, "root\ncomment: with ] and \\ and : ok");
    check_moves(&r, "E9 F8 A1 J1");
    EXPECT_NEAR(r.winrate[0], 0.4321, 1e-6);
    EXPECT_NEAR(r.winrate[1], 0.61, 1e-6);
    EXPECT(isnan(r.winrate[2]));
    sgf_done(&r);
    EXPECT_INT(sgf_read(&r, "tests/game/corpus/missing.sgf"), STATUS_IO);
}

// Checks the status that a text gives and, where that is OK, the moves.
static void check_text(const char *text, enum status expected, const char *moves) {
    struct sgf_record r;
    const enum status status = sgf_parse(&r, text, "text");
    EXPECT_(status == expected, "'%s' gives status %d, expected %d", text, status, expected);
    if (status == STATUS_OK) check_moves(&r, moves);
    if (status == STATUS_OK) sgf_done(&r);
}

static void oddities_are_understood_and_damage_is_refused(void) {
    check_text("(;SZ[9];B[aa];W[ii])", STATUS_OK, "A9 J1");
    check_text("(;SZ[9])", STATUS_OK, "");
    check_text("(;)", STATUS_OK, "");
    check_text("(;B[pd])", STATUS_OK, "Q16"); // without SZ the size is 19x19
    check_text("(;SZ[9];B[aa];B[bb])", STATUS_OK, "A9 B8");
    check_text("(;SZ[9];W[aa];B[bb])", STATUS_OK, "A9 B8");
    check_text("(;SZ[9]PL[B];W[aa])", STATUS_OK, "A9");
    check_text("( ; SZ [9] ; B [aa] )", STATUS_OK, "A9");
    check_text("(;SZ[9](;B[aa](;W[bb])(;W[cc]))(;B[dd]))", STATUS_OK, "A9 B8");
    check_text("(;SZ[9]XX[a][b\\]];B[aa]LB[aa:1][bb:2]C[)])", STATUS_OK, "A9");
    check_text("(;SZ[9]KM[6,5];B[aa])", STATUS_OK, "A9");
    check_text("(;SZ[9]KM[];B[aa])", STATUS_OK, "A9");
    static const char *const bad[] = {"",
                                      "no game",
                                      "(",
                                      "(;",
                                      "(;SZ[9]",
                                      "(;SZ[9];B[aa]",
                                      "(;SZ[9];B[aa",
                                      "(;SZ[9];B[aa\\",
                                      "(;SZ[9](;B[aa])",
                                      "(;SZ[20])",
                                      "(;SZ[0])",
                                      "(;SZ[x])",
                                      "(;SZ[9:])",
                                      "(;SZ[9:99999999999999999999])",
                                      "(;SZ[9];B[jj])",
                                      "(;SZ[9];B[a])",
                                      "(;SZ[9];B[aaa])",
                                      "(;SZ[9];B[AA])",
                                      "(;SZ[9];B)",
                                      "(;SZ[9]AB[aa:zz])",
                                      "(;SZ[9]AB[bb:aa])",
                                      "(;SZ[9]AB[aa:b])",
                                      "(;GM[3])",
                                      "(;KM[x])",
                                      "(;KM[nan])",
                                      "(;KM[1e9])",
                                      "(;SZ[9];B[aa];SZ[13])",
                                      "(;SZ[9];AB[aa];SZ[13])",
                                      "(;B[aa];GM[2])",
                                      "(;SZ[9]PL[x])",
                                      "(;GM[4]SZ[9];B[])",
                                      "(;GM[4]SZ[9];B[aa];B[bb])",
                                      "(;SZ[9]%)",
                                      "(;SZ[9]\xff[a])"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check_text(bad[i], STATUS_FORMAT, "");
}

static void check_same(const struct sgf_record *a, const struct sgf_record *b) {
    EXPECT_TEXT(a->game, b->game);
    EXPECT_INT(a->height, b->height);
    EXPECT_INT(a->width, b->width);
    EXPECT_NEAR(a->komi, b->komi, 0);
    EXPECT_TEXT(a->rules, b->rules);
    EXPECT_TEXT(a->black, b->black);
    EXPECT_TEXT(a->white, b->white);
    EXPECT_TEXT(a->result, b->result);
    EXPECT_TEXT(a->date, b->date);
    EXPECT_TEXT(a->comment, b->comment);
    EXPECT_INT(a->first_to_move, b->first_to_move);
    EXPECT_INT(a->num_moves, b->num_moves);
    for (int side = 0; side < 2; side++) {
        EXPECT_INT(a->num_setup[side], b->num_setup[side]);
        EXPECT(!memcmp(a->setup[side], b->setup[side], sizeof(uint16_t) * (size_t)a->num_setup[side]));
    }
    EXPECT((a->winrate == NULL) == (b->winrate == NULL));
    for (int i = 0; i < a->num_moves && i < b->num_moves; i++) {
        EXPECT_INT(a->moves[i], b->moves[i]);
        if (a->winrate && !isnan(a->winrate[i])) EXPECT_NEAR(a->winrate[i], b->winrate[i], 0.00006);
        if (a->winrate) EXPECT_INT(isnan(a->winrate[i]), isnan(b->winrate[i]));
    }
}

static void random_text(struct rng *rng, char *out, size_t out_bytes, bool lines) {
    static const char letters[] = "ab ]\\[:;()\nZ";
    const uint32_t n = rng_below(rng, (uint32_t)out_bytes);
    for (uint32_t i = 0; i < n; i++) {
        out[i] = letters[rng_below(rng, sizeof letters - 1)];
        if (out[i] == '\n' && !lines) out[i] = 'q';
    }
    out[n] = 0;
}

static void what_is_written_is_read_back(void) {
    struct rng rng;
    rng_init(&rng, 4, 0);
    for (int k = 0; k < 300; k++) {
        struct sgf_record r = {.height = 1 + (int)rng_below(&rng, 19), .width = 1 + (int)rng_below(&rng, 19)}, again;
        static const char *const names[] = {"go", "othello", "gomoku", "hex"};
        strcpy(r.game, names[k % 4]);
        // All but Gomoku have an action without a point, a pass or a swap.
        const int area = r.height * r.width, beyond = strcmp(r.game, "gomoku") != 0;
        r.komi = (int)rng_below(&rng, 80) * 0.5 - 20;
        if (strcmp(r.game, "go")) r.komi = GAME_KOMI_DEFAULT; // which no other game has
        random_text(&rng, r.rules, sizeof r.rules, false);
        random_text(&rng, r.black, sizeof r.black, false);
        random_text(&rng, r.white, sizeof r.white, false);
        random_text(&rng, r.result, sizeof r.result, false);
        random_text(&rng, r.date, sizeof r.date, false);
        random_text(&rng, r.comment, sizeof r.comment, true);
        if (rng_below(&rng, 2))
            for (int p = 0; p < area; p++) {
                const uint32_t side = rng_below(&rng, 4);
                if (side < 2) r.setup[side][r.num_setup[side]++] = (uint16_t)p;
            }
        r.num_moves = (int)rng_below(&rng, 400);
        r.first_to_move = r.num_moves || r.num_setup[0] ? (int)rng_below(&rng, 2) : 0;
        r.moves = calloc(400, sizeof *r.moves);
        if (rng_below(&rng, 2)) r.winrate = calloc(400, sizeof *r.winrate);
        for (int i = 0; i < r.num_moves; i++) {
            r.moves[i] = (uint16_t)rng_below(&rng, (uint32_t)(area + beyond));
            if (r.winrate) r.winrate[i] = i && rng_below(&rng, 4) == 0 ? NAN : (float)rng_double(&rng);
        }
        if (!r.num_moves) free(r.winrate), r.winrate = NULL;
        char *text = sgf_format(&r);
        EXPECT_INT(sgf_parse(&again, text, "text"), STATUS_OK);
        check_same(&r, &again);
        free(text);
        sgf_done(&r);
        sgf_done(&again);
    }
}

// Points of Hex are a letter and a number, and the swap has a name [red-bean.com/sgf/hex.html].
static void hex_is_written_as_others_read_it(void) {
    uint16_t moves[] = {12, 25, 20, 9};
    struct sgf_record r = {.game = "hex", .height = 5, .width = 5, .num_moves = 4, .moves = moves}, again;
    char *text = sgf_format(&r);
    EXPECT_(strstr(text, ";B[c3];W[swap-pieces];B[a5];W[e2]"), "%s", text);
    free(text);
    EXPECT_INT(sgf_parse(&again, "(;FF[4]GM[11]SZ[11];B[K11];W[Swap-Pieces])", "text"), STATUS_OK);
    EXPECT(again.num_moves == 2 && again.moves[0] == 120 && again.moves[1] == 121);
    sgf_done(&again);
    static const char *const bad[] = {"(;GM[11]SZ[5];B[cc])",  "(;GM[11]SZ[5];B[c6])", "(;GM[11]SZ[5];B[f1])",
                                      "(;GM[11]SZ[5];B[c33])", "(;GM[11]SZ[5];B[])",   "(;GM[11]SZ[5];B[tt])"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check_text(bad[i], STATUS_FORMAT, "");
}

static void files_are_written_whole(void) {
    char path[] = "/tmp/tengen-test-sgf-XXXXXX";
    const int fd = mkstemp(path);
    EXPECT(fd >= 0);
    close(fd);
    uint16_t moves[] = {40, 81, 0};
    struct sgf_record r = {.game = "go", .height = 9, .width = 9, .komi = 7, .num_moves = 3, .moves = moves}, again;
    EXPECT_INT(sgf_write(&r, path), STATUS_OK);
    EXPECT_INT(sgf_read(&again, path), STATUS_OK);
    check_same(&r, &again);
    sgf_done(&again);
    EXPECT_INT(file_write(path, "(;SZ[9]\0)", 9), STATUS_OK);
    EXPECT_INT(sgf_read(&again, path), STATUS_FORMAT);
    strcpy(r.game, "tictactoe");
    EXPECT_INT(sgf_write(&r, path), STATUS_UNSUPPORTED);
    unlink(path);
}

// Changes, drops, doubles and exchanges bytes of good files. The result is read or refused, and
// what was read can be written and read again.
static void mutations_never_crash(void) {
    static const char *const seeds[] = {"tests/game/corpus/gnugo.sgf", "tests/game/corpus/ff3.sgf",
                                        "tests/game/corpus/handicap.sgf"};
    static const char alphabet[] = "()[];:\\BWABKMSZGMPLCaz019-. \r\n\xc3\xff";
    struct rng rng;
    int good = 0, tried = 0;
    rng_init(&rng, 5, 0);
    for (int k = 0; k < 3; k++) {
        char *seed;
        size_t num_bytes;
        EXPECT_INT(file_read(seeds[k], &seed, &num_bytes), STATUS_OK);
        for (int i = 0; i < 4000; i++) {
            size_t n = num_bytes;
            char *text = malloc(num_bytes + 16);
            memcpy(text, seed, num_bytes);
            for (uint32_t m = 1 + rng_below(&rng, 6); m > 0 && n > 1; m--) {
                const size_t at = rng_below(&rng, (uint32_t)n);
                const uint32_t kind = rng_below(&rng, 4);
                if (kind == 0) text[at] = alphabet[rng_below(&rng, sizeof alphabet - 1)];
                if (kind == 1) memmove(text + at, text + at + 1, --n - at);
                if (kind == 2) memmove(text + at + 1, text + at, n++ - at);
                if (kind == 3 && rng_below(&rng, 8) == 0) n = at + 1;
            }
            char *exact = malloc(n + 1); // so that a sanitizer sees any read beyond the end
            memcpy(exact, text, n);
            exact[n] = 0;
            struct sgf_record r, again;
            tried++;
            if (sgf_parse(&r, exact, "mutant") == STATUS_OK) {
                good++;
                char *formatted = sgf_format(&r);
                EXPECT_INT(sgf_parse(&again, formatted, "rewritten"), STATUS_OK);
                check_same(&r, &again);
                free(formatted);
                sgf_done(&again);
                sgf_done(&r);
            }
            free(text);
            free(exact);
        }
        free(seed);
    }
    printf("%d mutants, %d of them still readable\n", tried, good);
    EXPECT(good > 500 && good < tried - 500);
}

int main(void) {
    real_files_are_read();
    oddities_are_understood_and_damage_is_refused();
    what_is_written_is_read_back();
    hex_is_written_as_others_read_it();
    files_are_written_whole();
    // Each of the thousands of refusals that follow prints a line, which the log doesn't need.
    fflush(stderr);
    const int log = dup(2), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 2);
    const int failures = test_failures;
    mutations_never_crash();
    dup2(log, 2);
    if (test_failures > failures) fprintf(stderr, "%d mutants misbehaved\n", test_failures - failures);
    return TEST_END();
}
