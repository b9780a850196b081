// Records over GTP: positions that are set up, by commands and by files, oblong boards, and whose
// komi and rules hold for which game.
#include "base/files.h"
#include "gtp/gtp_engine.h"
#include "tests/arena/arena_test.h"

#include <unistd.h>

static char folder[] = "/tmp/tengen-gtp-records-XXXXXX";

// All that the engine answers, where a few rollouts judge each leaf. The caller frees it.
static char *session(const char *input) {
    const struct gtp_params params = {.model_name = "rollouts",
                                      .visits = 20,
                                      .batch = 4,
                                      .size = 9,
                                      .komi = GAME_KOMI_DEFAULT,
                                      .seed = 1,
                                      .clock = &test_clock};
    char *text = NULL;
    size_t num_bytes = 0;
    struct evaluator *evaluator = NULL;
    EXPECT_INT(evaluator_rollouts(&evaluator, params.batch, 1), STATUS_OK);
    FILE *in = fmemopen((void *)input, strlen(input), "r"), *out = open_memstream(&text, &num_bytes);
    EXPECT_INT(gtp_loop(&params, evaluator, in, out), STATUS_OK);
    fclose(in);
    fclose(out);
    evaluator_free(evaluator);
    return text;
}

// Compares the answers, "=" and "? error" without the empty lines, one a line.
static void expect(const char *input, const char *expected) {
    char *text = session(input), *to = text;
    for (const char *c = text; *c; c++)
        if (*c != '\n' || c[1] != '\n') *to++ = *c;
    *to = 0;
    EXPECT_(!strcmp(text, expected), "%s\nanswers\n%s\nexpected\n%s", input, text, expected);
    free(text);
}

// Writes a file and returns "loadsgf PATH".
static const char *load(const char *name, const char *text) {
    static char command[8][160];
    static int next;
    char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    EXPECT_INT(file_write(path, text, strlen(text)), STATUS_OK);
    char *out = command[next++ % 8];
    snprintf(out, sizeof command[0], "loadsgf %s", path);
    return out;
}

// The record and the side to move after loading this, and commands.
static void expect_record(const char *sgf, const char *commands, const char *record, char to_move) {
    char input[1000];
    snprintf(input, sizeof input, "%s\n%sprintsgf\nshowboard\n", load("record", sgf), commands);
    char *text = session(input), *start = strstr(text, "(;"), *end = start ? strstr(start, "\n\n") : NULL;
    char found[1000] = "";
    EXPECT_(end != NULL, "%s: %s", sgf, text);
    // The line breaks are where the writer likes them.
    for (const char *c = start; end && c < end; c++)
        if (*c != '\n') strncat(found, c, 1);
    const char *const head = "(;GM[1]FF[4]CA[UTF-8]AP[Tengen:" TENGEN_VERSION "]";
    EXPECT_(!strncmp(found, head, strlen(head)) && !strcmp(found + strlen(head), record), "%s\nis written as\n%s\nexpected\n%s",
            sgf, found, record);
    const char *turn = end ? strstr(end, " to play") : NULL;
    EXPECT_(turn && turn[-2] == (to_move == 'B' ? 'X' : 'O'), "%s: not %c to move", sgf, to_move);
    free(text);
}

static void setup_comes_back_as_it_was(void) {
    // Found wrong: Black to play, score B+35, and moves with passes were written.
    static const char both[] = "(;SZ[9]KM[7]AB[ac][bc][cc][cb][ca][dd][ee][ff][gg][hh][ii]AW[ab][bb][ba][dc][db][da][ed][fe]"
                               "[gf][hg][ih]PL[W])";
    expect_record(both, "",
                  "SZ[9]KM[7]RU[chinese]AB[ca][cb][ac][bc][cc][dd][ee][ff][gg][hh][ii]AW[ba][da][ab][bb][db][dc]"
                  "[ed][fe][gf][hg][ih]PL[W])",
                  'W');
    // Found wrong: a handicap, with White to move.
    expect_record("(;GM[1]SZ[9]KM[0]AB[ee][ef]PL[B])", "", "SZ[9]KM[0]RU[chinese]AB[ee][ef]PL[B])", 'B');
    expect_record("(;GM[1]SZ[9]KM[0]AB[ee][ef]PL[W])", "", "SZ[9]KM[0]RU[chinese]HA[2]AB[ee][ef]PL[W])", 'W');
    // Found wrong: refused, because SZ comes after the stones.
    expect_record("(;FF[4]AB[cg][gc]CA[UTF-8]GM[1]HA[2]KM[0.5]SZ[9];W[ee])", "",
                  "SZ[9]KM[0.5]RU[chinese]HA[2]AB[gc][cg]PL[W];W[ee])", 'B');
    // One side moves twice; nothing is written between.
    expect_record("(;SZ[9]KM[7];B[aa];B[bb])", "play b C1\n", "SZ[9]KM[7]RU[chinese];B[aa];B[bb];B[ci])", 'W');
    expect_record("(;SZ[9]KM[7]PL[W])", "", "SZ[9]KM[7]RU[chinese]PL[W])", 'W');
    // After a set-up in the middle the record begins there. White's stone in the corner was taken.
    expect_record("(;SZ[9]KM[7];B[ba];W[aa];B[ab];W[ii];AB[ee]AE[ii];W[dd])", "",
                  "SZ[9]KM[7]RU[chinese]HA[0]AB[ba][ab][ee]PL[W];W[dd])", 'B');
}

static void undo_ends_where_the_record_begins(void) {
    char input[500];
    snprintf(input, sizeof input, "%s\nundo\nundo\nshowboard\n", load("undo", "(;SZ[2:3]KM[0]AB[aa]AW[bb]PL[W];W[bc])"));
    expect(input, "=\n=\n? cannot undo\n= \n   A B\n 3 X . 3\n 2 . O 2\n 1 . . 1\n   A B\n"
                  "White (O) to play, ply 0, captures: black 0, white 0\n");
    expect("fixed_handicap 2\nundo\nplay w E5\nundo\nundo\nplay w C3\n",
           "= C3 G7\n? cannot undo\n=\n=\n? cannot undo\n? illegal move\n");
}

static void commands_set_up(void) {
    static const char *const board = "= \n   A B C\n 3 X . . 3\n 2 . O . 2\n 1 . . X 1\n   A B C\n";
    char expected[400];
    snprintf(expected, sizeof expected, "=\n=\n=\n%sWhite (O) to play, ply 0, captures: black 0, white 0\n", board);
    expect("boardsize 3\ngogui-setup b A3 b C1 w B2\ngogui-setup_player w\nshowboard\n", expected);
    expect("boardsize 3\ngogui-setup b A3 C1 w B2\ngogui-setup_player white\nshowboard\n", expected);
    snprintf(expected, sizeof expected, "=\n=\n=\n=\n%sBlack (X) to play, ply 0, captures: black 0, white 0\n", board);
    expect("boardsize 3\ngogui-setup b A3\ngogui-setup B C1\ngogui-setup W B2\nshowboard\n", expected);
    expect("boardsize 3\nplay w A1\nplay b B1\nset_position b A3 b C1 w B2\nshowboard\n", expected);
    expect("boardsize 3\nset_position b A3 w A2 w B3\nset_position b A3 b A3\nset_position A3\nset_position b x\n"
           "set_position b pass\ngogui-setup_player x\nset_position\nplay b A1\ngogui-setup b A2\ngogui-setup_player w\n",
           "=\n? illegal position\n? syntax error\n? syntax error\n? syntax error\n? syntax error\n? syntax error\n=\n=\n"
           "? setup only at the beginning of a game\n? setup only at the beginning of a game\n");
    // The position that was set up counts for superko, and the next move needs no pass before it.
    expect("boardsize 5\ngogui-setup b B4 A3 B2 w C4 B3 D3 C2\nplay b C3\nplay w B3\nplay w E1\nundo\nundo\nplay w C3\n",
           "=\n=\n=\n? illegal move\n=\n=\n=\n=\n");
    // Rules and handicaps want an empty board; clear_board empties it.
    expect("set_position b A3\nkgs-rules japanese\nfixed_handicap 2\nclear_board\nkgs-rules japanese\nfixed_handicap 2\n",
           "=\n? board not empty\n? board not empty\n=\n=\n= C3 G7\n");
    // 361 points in one command.
    char *input = malloc(8000);
    size_t n = (size_t)sprintf(input, "boardsize 19\nset_position");
    for (int p = 0; p < 361; p++)
        if (p != 200) n += (size_t)sprintf(input + n, " b %c%d", "ABCDEFGHJKLMNOPQRST"[p % 19], 1 + p / 19);
    sprintf(input + n, "\nplay b A1\nplay w T19\nplay w L11\nplay w T19\n");
    expect(input, "=\n=\n? illegal move\n? illegal move\n=\n=\n");
    free(input);
}

static void oblong_boards(void) {
    expect("boardsize 4 3\nshowboard\nplay b D3\nplay w E1\nplay w A4\nboardsize 3 4\nplay w A4\nplay w D1\n",
           "=\n= \n   A B C D\n 3 . . . . 3\n 2 . . . . 2\n 1 . . . . 1\n   A B C D\n"
           "Black (X) to play, ply 0, captures: black 0, white 0\n=\n? illegal move\n? illegal move\n=\n=\n? illegal move\n");
    expect("boardsize 9 13\nfixed_handicap 2\nboardsize 9 20\nboardsize 1 9\nboardsize 9 x\nboardsize 0 0\n",
           "=\n? invalid number of stones\n? unacceptable size\n? unacceptable size\n? syntax error\n? unacceptable size\n");
    char *text = session("boardsize 5 7\nplace_free_handicap 3\ngenmove w\nfinal_score\n"), a[8], b[8], c[8];
    EXPECT_(sscanf(text, "=\n\n= %7s %7s %7s\n\n= ", a, b, c) == 3 && !strchr(text, '?'), "%s", text);
    free(text);
    expect_record("(;SZ[3:5]KM[0];B[ce])", "", "SZ[3:5]KM[0]RU[chinese];B[ce])", 'W');
}

// KM and RU after loading this record, and after the commands.
static void expect_game(const char *before, const char *sgf, const char *after, const char *expected) {
    char input[600], found[100] = "";
    snprintf(input, sizeof input, "%s%s\n%sprintsgf\n", before, load("game", sgf), after);
    char *text = session(input), *start = strstr(text, "KM["), *end = start ? strstr(start, "\n") : NULL;
    if (end) snprintf(found, sizeof found, "%.*s", (int)(end - start), start);
    EXPECT_(!strcmp(found, expected), "%s gives %s, expected %s", input, found, expected);
    free(text);
}

static void komi_and_rules_are_of_one_game(void) {
    static const char all[] = "(;SZ[9]KM[5.5]RU[Japanese])";
    expect_game("", all, "", "KM[5.5]RU[japanese]");
    // Found wrong: both stayed for the games after it, and a record without KM set komi 0.
    expect_game("", all, "clear_board\n", "KM[7]RU[chinese]");
    expect_game("", all, "boardsize 9\n", "KM[7]RU[chinese]");
    expect_game("", "(;SZ[9])", "", "KM[7]RU[chinese]");
    expect_game("komi 3.5\nkgs-rules aga\n", all, "clear_board\n", "KM[3.5]RU[aga]");
    expect_game("komi 3.5\nkgs-rules aga\n", "(;SZ[9])", "", "KM[7]RU[aga]");
    expect_game("kgs-rules japanese\n", "(;SZ[9])", "", "KM[6]RU[japanese]");
    expect_game("", all, "komi 2\nclear_board\n", "KM[2]RU[chinese]");
    char before[200];
    snprintf(before, sizeof before, "%s\n", load("first", all));
    expect_game(before, "(;SZ[9])", "", "KM[7]RU[chinese]");
    expect_game(before, "(;SZ[9]RU[of the house])", "", "KM[7]RU[chinese]");
    // Komi in hundredths, and in stones of two points.
    expect_game("", "(;SZ[9]KM[375]RU[Chinese])", "", "KM[7.5]RU[chinese]");
    expect_game("", "(;SZ[9]KM[650]RU[Japanese])", "", "KM[6.5]RU[japanese]");
}

static void records_are_loaded_as_far_as_they_go(void) {
    // Found wrong: refused.
    expect_record("(;SZ[9]KM[7];B[aa];W[bb];B[bb];W[cc])", "", "SZ[9]KM[7]RU[chinese];B[aa];W[bb])", 'B');
    expect_record("(;SZ[9]KM[7];B[aa];AW[ab][ba];W[cc])", "", "SZ[9]KM[7]RU[chinese];B[aa])", 'W');
    char input[400];
    const char *later = load("later", "(;SZ[9]KM[7];B[aa];W[bb];AB[cc];W[dd])");
    snprintf(input, sizeof input, "%s 2\nundo\nundo\n%s 3\nundo\n%s\nundo\nundo\n", later, later, later);
    expect(input, "=\n=\n? cannot undo\n=\n? cannot undo\n=\n=\n? cannot undo\n");
    // Found wrong: move numbers counted passes that nobody made.
    later = load("twice", "(;SZ[9]KM[7];B[aa];B[bb];W[cc])");
    snprintf(input, sizeof input, "%s 3\nplay w B8\nplay w C7\n", later);
    expect(input, "=\n? illegal move\n=\n");
    // What can't begin leaves the game at hand alone.
    snprintf(input, sizeof input, "boardsize 5\nplay b A1\n%s\nplay b A1\n%s\nplay b A1\n",
             load("bad", "(;SZ[9]AB[aa]AW[ab][ba])"), load("other", "(;GM[2]SZ[8])"));
    expect(input, "=\n=\n? cannot load file\n? illegal move\n? cannot load file\n? illegal move\n");
}

// White's bonus is HA's.
static void handicap_of_a_record(void) {
    static const struct {
        const char *sgf, *score;
    } cases[] = {{"(;SZ[3]KM[0]AB[ab][bb][cb]PL[W])", "= B+6\n"},
                 {"(;SZ[3]KM[0]AB[ab][bb][cb]PL[B])", "= B+9\n"},
                 {"(;SZ[3]KM[0]HA[2]AB[ab][bb][cb]PL[W])", "= B+7\n"},
                 {"(;SZ[3]KM[0]HA[2];B[ab];B[bb];B[cb])", "= B+7\n"},
                 {"(;SZ[3]KM[0]HA[0]AB[ab][bb][cb]PL[W])", "= B+9\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char input[300];
        snprintf(input, sizeof input, "%s\nfinal_score\n", load("handicap", cases[i].sgf));
        char *text = session(input);
        double score = NAN, expected = NAN;
        EXPECT_(sscanf(text, "=\n\n= B+%lf", &score) == 1 && sscanf(cases[i].score, "= B+%lf", &expected) == 1, "%s", text);
        EXPECT_(score == expected, "%s: %g, expected %g", cases[i].sgf, score, expected);
        free(text);
    }
}

int main(void) {
    EXPECT(mkdtemp(folder) != NULL);
    setup_comes_back_as_it_was();
    undo_ends_where_the_record_begins();
    commands_set_up();
    oblong_boards();
    komi_and_rules_are_of_one_game();
    records_are_loaded_as_far_as_they_go();
    handicap_of_a_record();
    char remove[100];
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    EXPECT_INT(system(remove), 0);
    return TEST_END();
}
