// The engine is driven as controllers drive it. For what goes in, the tests say what must come out,
// byte by byte where the standard does.
#include "base/files.h"
#include "gtp/gtp_engine.h"
#include "tests/gtp/gtp_test.h"

#include <unistd.h>

static void expect_session(const char *input, const char *expected) {
    struct gtp_params params = session_params();
    params.batch = 64;
    char *text = session(&params, input);
    EXPECT_TEXT(text, expected);
    free(text);
}

static void administration(void) {
    expect_session("protocol_version\n1 name\n", "= 2\n\n=1 Tengen\n\n");
    expect_session("5 known_command genmove\nknown_command nonsense\nknown_command\n",
                   "=5 true\n\n= false\n\n? syntax error\n\n");
    expect_session("hello\n77 hello world\n", "? unknown command\n\n?77 unknown command\n\n");
    expect_session("# comment\r\n\r\n\t \n8 quit # bye\r\nname\n", "=8\n\n"); // nothing after quit
    const struct gtp_params params = session_params();
    char *text = session(&params, "list_commands\n");
    const char *const needed[] = {"protocol_version",
                                  "name",
                                  "version",
                                  "known_command",
                                  "list_commands",
                                  "quit",
                                  "boardsize",
                                  "clear_board",
                                  "komi",
                                  "play",
                                  "genmove",
                                  "undo",
                                  "showboard",
                                  "final_score",
                                  "final_status_list",
                                  "fixed_handicap",
                                  "place_free_handicap",
                                  "set_free_handicap",
                                  "time_settings",
                                  "time_left",
                                  "loadsgf",
                                  "printsgf",
                                  "reg_genmove"};
    for (int i = 0; i < (int)(sizeof needed / sizeof *needed); i++)
        EXPECT_(strstr(text, needed[i]), "%s is not listed", needed[i]);
    // `help` has a line for each of them, and no empty one, which would end the answer.
    char *help = session(&params, "help\n");
    int lines = 0, commands = 0;
    for (const char *c = text; *c; c++) commands += *c == '\n';
    for (const char *c = help; *c; c++) lines += *c == '\n';
    EXPECT_INT(lines, commands);
    EXPECT(!strncmp(help, "= protocol_version ", 19) && strstr(help, "\nplay COLOR VERTEX ") && strstr(text, "\nhelp\n"));
    EXPECT(strstr(help, "\n\n") == help + strlen(help) - 2);
    free(help);
    free(text);
}

static void setting_up(void) {
    expect_session(
        "boardsize 9\nclear_board\nkomi 6.5\nboardsize 1\nboardsize 20\nboardsize x\nboardsize\nkomi x\n",
        "=\n\n=\n\n=\n\n? unacceptable size\n\n? unacceptable size\n\n? syntax error\n\n? syntax error\n\n? syntax error\n\n");
    for (int size = 2; size <= 19; size++) {
        char input[64];
        snprintf(input, sizeof input, "boardsize %d\nplay b A1\nplay w %c%d\n", size, "ABCDEFGHJKLMNOPQRST"[size - 1], size);
        expect_session(input, "=\n\n=\n\n=\n\n");
    }
}

static void playing(void) {
    expect_session("play b D4\nplay w d4\nplay w E4\nplay b H9\nplay b 44\nplay x D5\nplay b\nplay black PASS\n",
                   "=\n\n? illegal move\n\n=\n\n? illegal move\n\n? syntax error\n\n? syntax error\n\n? syntax error\n\n=\n\n");
    // A ko: White takes, and Black may not take back at once, but may after an exchange.
    expect_session(
        "play b B1\nplay b A2\nplay b B3\nplay w C1\nplay w D2\nplay w C3\nplay b C2\nplay w B2\nplay b C2\nplay b G7\nplay w "
        "G1\nplay b C2\n",
        "=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n? illegal move\n\n=\n\n=\n\n=\n\n");
    // Suicide is illegal. Any colour may move, even twice in a row.
    expect_session("play w A2\nplay w B1\nplay b A1\nplay w A1\n", "=\n\n=\n\n? illegal move\n\n=\n\n");
    // Play goes on after two passes.
    expect_session("play b D4\nplay w pass\nplay b pass\nplay w D5\nplay b pass\nplay w pass\nplay b "
                   "D6\nundo\nundo\nundo\nundo\nundo\nundo\n"
                   "undo\nundo\n",
                   "=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n? cannot undo\n\n");
    expect_session("undo\nplay b D4\nundo\nplay w D4\nundo\nundo\n", "? cannot undo\n\n=\n\n=\n\n=\n\n=\n\n? cannot undo\n\n");
}

// A pass that was only inserted to give the move to the right colour is nobody's pass, and the
// engine answers it with a stone. It may answer a real one by a pass that wins.
static void stand_in_passes_end_nothing(void) {
    static const char *const inputs[] = {"boardsize 5\nkomi 9\ngenmove w\n",
                                         "boardsize 5\nkomi 0\nplay b C3\nplay b C4\ngenmove b\n",
                                         "boardsize 5\nkomi 9\nplay w C3\nplay w B3\ngenmove w\n"};
    struct gtp_params params = session_params();
    params.batch = 64;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        char *text = session(&params, inputs[i]);
        const char *answer = strrchr(text, '=');
        EXPECT_(answer && strncmp(answer, "= pass", 6) && strncmp(answer, "=\n", 2), "%s answers: %s", inputs[i], text);
        free(text);
    }
    params.rules = "tromp-taylor"; // under these rules all stones that stand live
    char *text = session(&params, "boardsize 5\nkomi 9\nplay b pass\ngenmove w\n");
    EXPECT_(strstr(text, "= pass") != NULL, "White is ahead and Black has passed, but: %s", text);
    free(text);
}

static void handicaps(void) {
    expect_session(
        "boardsize 9\nfixed_handicap 3\nfixed_handicap 2\nclear_board\nfixed_handicap 1\nfixed_handicap 10\nfixed_handicap x\n",
        "=\n\n= C3 G7 C7\n\n? board not empty\n\n=\n\n? invalid number of stones\n\n? invalid number of stones\n\n? syntax "
        "error\n\n");
    expect_session("set_free_handicap A1 B2 C3\nplay w B2\nplay w D4\nset_free_handicap A1 B2\n",
                   "=\n\n? illegal move\n\n=\n\n? board not empty\n\n");
    expect_session("set_free_handicap A1 A1\nset_free_handicap A1\nset_free_handicap A1 pass\nplay w A1\n",
                   "? bad vertex list\n\n? bad vertex list\n\n? bad vertex list\n\n=\n\n");
    expect_session("boardsize 9\nplace_free_handicap 4\n", "=\n\n= C3 G7 C7 G3\n\n");
    const struct gtp_params params = session_params();
    char *text = session(&params, "boardsize 5\nplace_free_handicap 3\n");
    char a[8], b[8], c[8];
    EXPECT_INT(sscanf(text, "=\n\n= %7s %7s %7s", a, b, c), 3);
    EXPECT(strcmp(a, b) && strcmp(b, c) && strcmp(a, c));
    free(text);
}

// Black owns the left of a wall and White the right, with one dead stone on either side.
#define WALLS                                                                                                                  \
    "boardsize 5\nkomi 0.5\nplay b B1\nplay w C1\nplay b B2\nplay w C2\nplay b B3\nplay w C3\nplay b B4\nplay w C4\nplay b "   \
    "B5\nplay w C5\n"
#define WALLS_REPLY "=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n"

static void scoring(void) {
    expect_session(WALLS "final_score\n", WALLS_REPLY "= W+5.5\n\n");
    expect_session(
        WALLS "play b pass\nplay w pass\nfinal_score\nfinal_status_list dead\nfinal_status_list seki\nfinal_status_list x\n",
        WALLS_REPLY "=\n\n=\n\n= W+5.5\n\n=\n\n=\n\n? syntax error\n\n");
    const struct gtp_params params = session_params();
    char *text = session(&params, WALLS "final_status_list alive\n");
    EXPECT(strstr(text, "B5 B4 B3 B2 B1\nC5 C4 C3 C2 C1\n\n"));
    free(text);
}

// The rules can be set while the board is empty, and then apply.
static void rules(void) {
    expect_session("kgs-rules japanese\nkgs-rules New_Zealand\nkgs-rules chinese+ko=simple\nkgs-rules ing\nkgs-rules\n",
                   "=\n\n=\n\n=\n\n? unknown rules\n\n? syntax error\n\n");
    expect_session("play b D4\nkgs-rules japanese\nundo\nkgs-rules japanese\n", "=\n\n? board not empty\n\n=\n\n=\n\n");
    // The suicide of two stones.
    const char *const two = "boardsize 5\nplay w A1\nplay b C1\nplay b B2\nplay b A2\nplay w B1\n";
    char input[256];
    expect_session(two, "=\n\n=\n\n=\n\n=\n\n=\n\n? illegal move\n\n");
    snprintf(input, sizeof input, "kgs-rules tromp-taylor\n%splay b A1\n", two);
    expect_session(input, "=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n");
    // The score is five points either way, since territory and area agree here and no stone is
    // dead.
    expect_session("kgs-rules japanese\n" WALLS "final_score\n", "=\n\n" WALLS_REPLY "= W+5.5\n\n");
}

// White's bonus is part of the score, but not of the komi in the record.
static void handicap_bonus(void) {
    static const struct {
        const char *rules, *score;
    } cases[] = {{"chinese", "B+2.5"}, {"aga", "B+3.5"}, {"tromp-taylor", "B+5.5"}, {"new_zealand", "B+5.5"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char input[400], reply[300];
        snprintf(input, sizeof input,
                 // The whole board is Black's.
                 "kgs-rules %s\nboardsize 3\nkomi 3.5\nset_free_handicap A2 B2 C2\nfinal_score\n"
                 // Handicap stones are never taken back.
                 "undo\nclear_board\nplay b A2\n"
                 // In a new game the bonus is gone, and one stone is no handicap, but several in a
                 // row are.
                 "play w pass\nplay b B2\nplay b C2\nfinal_score\n"
                 "clear_board\nplay b A2\nplay b B2\nplay b C2\nfinal_score\nundo\nundo\nplay w pass\nfinal_score\n",
                 cases[i].rules);
        snprintf(reply, sizeof reply,
                 "=\n\n=\n\n=\n\n=\n\n= %s\n\n? cannot undo\n\n=\n\n=\n\n=\n\n=\n\n=\n\n= B+5.5\n\n"
                 "=\n\n=\n\n=\n\n=\n\n= %s\n\n=\n\n=\n\n=\n\n= B+5.5\n\n",
                 cases[i].score, cases[i].score);
        expect_session(input, reply);
    }
    const struct gtp_params params = session_params();
    char *text = session(&params, "boardsize 9\nkomi 0.5\nfixed_handicap 4\nprintsgf\n");
    EXPECT(strstr(text, "KM[0.5]") && strstr(text, "RU[chinese]"));
    free(text);
    text = session(&params, "kgs-rules chinese+suicide=1\nprintsgf\n");
    EXPECT(strstr(text, "RU[ko=positional+score=area+suicide=1+bonus=n+tax=none]"));
    free(text);
}

static void thinking(void) {
    struct gtp_params params = session_params();
    // A white stone inside Black's area is dead, but the board as it stands counts it as alive and
    // Black as behind. So Black captures it before it passes.
    char input[1024] = WALLS "komi -6\nplay w A3\n";
    for (int i = 0; i < 10; i++) strcat(input, "genmove b\nplay w pass\n");
    char *reply = session(&params, input);
    EXPECT(strstr(reply, "= pass\n"));
    free(reply);
    reply = last_reply(&params, strcat(input, "play w A3\n"));
    EXPECT_TEXT(reply, "? illegal move"); // the point is an eye now
    free(reply);
    // The opponent has passed, and we are ahead on the board. If we are sure to win, we pass; if
    // everything is open, we play on.
    params.batch = 64;
    reply = last_reply(&params, WALLS "komi 30\nplay b pass\ngenmove w\n");
    EXPECT_TEXT(reply, "= pass");
    free(reply);
    reply = last_reply(&params, "boardsize 5\nkomi 6.5\nplay b C3\nplay w pass\ngenmove b\n");
    EXPECT_(strcmp(reply, "= pass") && reply[0] == '=', "all is open, but: %s", reply);
    free(reply);
    params.batch = 4;
    // reg_genmove leaves the board alone, genmove does not.
    reply = last_reply(&params, "boardsize 5\nreg_genmove b\nundo\n");
    EXPECT_TEXT(reply, "? cannot undo");
    free(reply);
    reply = last_reply(&params, "boardsize 5\ngenmove b\nundo\n");
    EXPECT_TEXT(reply, "=");
    free(reply);
    params.resign_below = 1.1;
    reply = last_reply(&params, "boardsize 5\ngenmove b\n");
    EXPECT_TEXT(reply, "= resign");
    free(reply);
    // The engine does not resign because it has no time to know anything, nor because it may not
    // pass. White is half a point ahead here.
    params.resign_below = 0.05;
    reply = last_reply(&params, "boardsize 5\ntime_settings 1 0 0\ntime_left b 0 0\ngenmove b\n");
    EXPECT_(strcmp(reply, "= resign") != 0, "without time: %s", reply);
    free(reply);
    params.resign_below = 0.3;
    params.rules = "japanese";
    reply = last_reply(&params, WALLS "komi -4.5\nplay b pass\nplay w pass\nreg_genmove w\n");
    EXPECT_(strcmp(reply, "= resign") != 0 && reply[0] == '=', "without a pass: %s", reply);
    free(reply);
    // The tree of a short search contains the position before the pass, but has not judged it.
    params = session_params();
    params.visits = 3;
    params.batch = 64;
    reply = last_reply(&params, WALLS "komi 30\nplay b A3\nreg_genmove w\nplay w E1\nplay b pass\ngenmove w\n");
    EXPECT_TEXT(reply, "= pass");
    free(reply);
}

// A clock whose time passes by being read, so that the laws of time hold on a busy machine, too.
static double ticking_seconds(void *context) { return *(double *)context += 0.002; }

// How many seconds of simulated time a session takes.
static double session_seconds(struct gtp_params params, const char *input) {
    double now = 0;
    const struct clock clock = {.seconds = ticking_seconds, .context = &now};
    params.clock = &clock;
    char *text = session(&params, input);
    EXPECT_(!strchr(text, '?'), "%s", text);
    free(text);
    return now;
}

// Whole games of the engine against itself keep to the clock, and use it.
static void keeps_to_the_clock(void) {
    struct gtp_params params = session_params();
    params.visits = 0; // the clock alone decides
    char input[4096] = "boardsize 5\nkomi 24.5\ntime_settings 20 0 0\n";
    for (int i = 0; i < 30; i++) strcat(input, "genmove b\ngenmove w\n");
    double used = session_seconds(params, input);
    EXPECT_(used < 40 && used > 10, "%.2f s used of 2 x 20 s", used);
    used = session_seconds(params, "boardsize 9\ntime_settings 0 60 20\ngenmove b\ngenmove w\ngenmove b\ngenmove w\n");
    EXPECT_(used < 12 && used > 6, "%.2f s used of 4 x 3 s", used);
    used = session_seconds(params,
                           "boardsize 9\ntime_settings 600 0 0\ntime_left b 1 10\ngenmove b\ntime_left w 0 0\ngenmove w\n");
    EXPECT_(used < 0.2, "%.2f s used where 0.1 s a move were left", used);
    params.visits = 50; // an upper bound
    used = session_seconds(params, "boardsize 9\ntime_settings 6000 0 0\ngenmove b\n");
    EXPECT_(used < 1, "%.2f s used for 50 visits", used);
    params.visits = 0;
    params.time_per_move = 2;
    used = session_seconds(params, "boardsize 9\ngenmove b\ngenmove w\n");
    EXPECT_(used < 4.1 && used > 3.5, "%.2f s used of 2 x 2 s", used);
}

static void time_is_set_in_all_words(void) {
    expect_session("time_settings 60 10 5\ntime_settings -1 0 0\ntime_settings 0 1 0\ntime_left b 30 0\ntime_left b -1 0\n"
                   "time_left w 1 -1\n",
                   "=\n\n? syntax error\n\n=\n\n=\n\n? syntax error\n\n? syntax error\n\n");
    expect_session("kata-list_time_settings\n", "= none absolute canadian byoyomi fischer fischer-capped\n\n");
    expect_session("kgs-time_settings none\nkgs-time_settings absolute 300\nkgs-time_settings canadian 300 30 10\n"
                   "kgs-time_settings byoyomi 300 30 5\nkgs-time_settings fischer 300 5\nkgs-time_settings byoyomi 300\n"
                   "kgs-time_settings\nkgs-time_settings sand 5\n",
                   "=\n\n=\n\n=\n\n=\n\n? syntax error\n\n? syntax error\n\n? syntax error\n\n? syntax error\n\n");
    expect_session("kata-time_settings fischer 300.5 5.25\nkata-time_settings fischer-capped 300 5 -1 -1\n"
                   "kata-time_settings fischer-capped 300 5 600 60\nkata-time_settings fischer -3 5\n",
                   "=\n\n=\n\n=\n\n? syntax error\n\n");
    // No time at all is a tenth of a second for each move, not none.
    struct gtp_params params = session_params();
    params.visits = 0;
    double used = session_seconds(params, "boardsize 9\ntime_settings 0 0 0\ngenmove b\ngenmove w\n");
    EXPECT_(used < 0.4 && used > 0.1, "%.2f s used for two moves without time", used);
    used = session_seconds(params, "boardsize 9\nkata-time_settings fischer 10 2\ngenmove b\n");
    EXPECT_(used < 4 && used > 1.5, "%.2f s used of 10 s and 2 s a move", used);
    used = session_seconds(params, "boardsize 9\nkgs-time_settings byoyomi 0 3 5\ngenmove b\ngenmove w\n");
    EXPECT_(used < 6 && used > 4.5, "%.2f s used of 2 x 3 s", used);
}

static void records_survive_a_file(void) {
    const struct gtp_params params = session_params();
    char path[] = "/tmp/tengen-gtp-XXXXXX", input[512];
    const int file = mkstemp(path);
    EXPECT(file >= 0);
    close(file);
    snprintf(input, sizeof input,
             "boardsize 9\nkomi 5.5\nfixed_handicap 2\nplay w E5\nplay b E4\nplay b pass\nplay w A1\nprintsgf %s\nshowboard\n",
             path);
    char *board = last_reply(&params, input);
    snprintf(input, sizeof input, "loadsgf %s\nshowboard\n", path);
    char *again = last_reply(&params, input);
    EXPECT_TEXT(again, board);
    EXPECT(strlen(board) > 100);
    free(again);
    // The record is loaded up to its second move, which is not played any more.
    snprintf(input, sizeof input, "loadsgf %s 2\nplay b E4\nplay w E5\n", path);
    again = session(&params, input);
    EXPECT_TEXT(again, "=\n\n=\n\n? illegal move\n\n");
    free(again);
    free(board);
    unlink(path);
    again = session(&params, "loadsgf /no/such/file.sgf\nloadsgf\n");
    EXPECT_TEXT(again, "? cannot load file\n\n? syntax error\n\n");
    free(again);
    // A record that can't be played leaves the game at hand as it was, with its moves, handicap,
    // komi and board.
    char bad[] = "/tmp/tengen-gtp-XXXXXX";
    const int bad_file = mkstemp(bad);
    EXPECT(bad_file >= 0);
    close(bad_file);
    static const char no_liberty[] = "(;SZ[13]KM[0.5]RU[japanese]AB[aa]AW[ab][ba];B[dd])";
    EXPECT_INT(file_write(bad, no_liberty, strlen(no_liberty)), STATUS_OK);
    static const char *const befores[] = {"boardsize 9\nkomi 5.5\nfixed_handicap 2\nplay w E5\nplay b pass\n", "boardsize 5\n",
                                          ""};
    for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
        snprintf(input, sizeof input, "%sprintsgf\n", befores[i]);
        board = last_reply(&params, input);
        snprintf(input, sizeof input, "%sloadsgf %s\nprintsgf\n", befores[i], bad);
        again = last_reply(&params, input);
        EXPECT_TEXT(again, board);
        free(again);
        free(board);
    }
    unlink(bad);
    again = session(&params, "play b D4\nprintsgf\n");
    EXPECT(strstr(again, "=\n\n= \n(;") && strstr(again, "B[dd]") && strstr(again, "KM[9"));
    EXPECT_TEXT(again + strlen(again) - 2, "\n\n");
    free(again);
}

// Random commands of all kinds get one answer each, without an empty line inside, and never crash
// the engine.
static void nonsense_gets_one_answer_each(void) {
    struct gtp_params params = session_params();
    params.visits = 4;
    const char *const words[] = {"play",
                                 "b",
                                 "w",
                                 "pass",
                                 "D4",
                                 "C3",
                                 "A1",
                                 "B2",
                                 "genmove",
                                 "undo",
                                 "boardsize",
                                 "5",
                                 "3",
                                 "-1",
                                 "showboard",
                                 "final_score",
                                 "final_status_list",
                                 "dead",
                                 "alive",
                                 "komi",
                                 "1e300",
                                 "fixed_handicap",
                                 "clear_board",
                                 "time_left",
                                 "time_settings",
                                 "0",
                                 "reg_genmove",
                                 "set_free_handicap",
                                 "place_free_handicap",
                                 "printsgf"};
    const int num_words = sizeof words / sizeof *words;
    struct rng rng;
    rng_init(&rng, 7, 7);
    char *input = malloc(200000);
    int commands = 0;
    size_t n = 0;
    for (; commands < 1200; commands++) {
        const int length = 1 + rng_below(&rng, 4);
        n += sprintf(input + n, "%d", commands);
        for (int i = 0; i < length; i++) n += sprintf(input + n, " %s", words[rng_below(&rng, num_words)]);
        n += sprintf(input + n, "\n");
        if (commands % 3 == 0)
            n +=
                sprintf(input + n, "play %c %c%d\n", "bw"[commands & 1], "ABCDEFG"[rng_below(&rng, 7)], 1 + rng_below(&rng, 7));
    }
    // printsgf writes where its argument says, so this is a folder of the test's own.
    char folder[] = "/tmp/tengen-gtp-XXXXXX", remove[64], *here = getcwd(NULL, 0);
    EXPECT(mkdtemp(folder) && chdir(folder) == 0);
    char *text = session(&params, input);
    EXPECT(chdir(here) == 0);
    free(here);
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    EXPECT_INT(system(remove), 0);
    int answers = 0;
    for (const char *c = text; (c = strstr(c, "\n\n")); c += 2) answers++;
    EXPECT_INT(answers, commands + commands / 3);
    EXPECT(!strstr(text, "\n\n\n"));
    free(text);
    free(input);
}

int main(void) {
    administration();
    setting_up();
    playing();
    stand_in_passes_end_nothing();
    handicaps();
    rules();
    handicap_bonus();
    scoring();
    thinking();
    keeps_to_the_clock();
    time_is_set_in_all_words();
    records_survive_a_file();
    nonsense_gets_one_answer_each();
    return TEST_END();
}
