// Every command that is listed is answered well and, badly formed, refused. Where the answer matters
// beyond that it is compared.
#include "gtp/gtp_commands.h"
#include "tests/gtp/gtp_test.h"

#include <unistd.h>

struct example {
    const char *before;        // lines that are sent first; "" for none
    const char *good, *answer; // a line, and how its answer begins after "= "
    const char *bad, *refusal; // a line, and its whole refusal; NULL: nothing is badly formed
};

static const struct example examples[] = {
    {"", "protocol_version", "2", NULL, NULL},
    {"", "name", "Tengen", NULL, NULL},
    {"", "version", "0.17.0 (Tengen ", NULL, NULL},
    {"", "known_command play", "true", "known_command", "syntax error"},
    {"", "list_commands", "protocol_version\n", NULL, NULL},
    {"", "help", "protocol_version ", NULL, NULL},
    {"", "quit", "", NULL, NULL},
    {"", "cputime", "", NULL, NULL},
    {"", "gomill-cpu_time", "", NULL, NULL},
    {"", "get_random_seed", "1", NULL, NULL},
    {"reg_genmove b\n", "clear_cache", "", NULL, NULL},
    {"", "boardsize 9", "", "boardsize 20", "unacceptable size"},
    {"", "boardsize 9 13", "", "boardsize nine", "syntax error"},
    {"", "rectangular_boardsize 9 13", "", "rectangular_boardsize 9", "syntax error"},
    {"", "clear_board", "", NULL, NULL},
    {"", "komi 640", "", "komi 0x10", "syntax error"},
    {"", "komi -1e9", "", "komi nan", "syntax error"},
    {"", "kgs-rules japanese", "", "kgs-rules ing", "unknown rules"},
    {"boardsize 9\n", "fixed_handicap 2", "C3 G7", "fixed_handicap 1", "invalid number of stones"},
    {"boardsize 9\n", "place_free_handicap 2", "C3 G7", "place_free_handicap 0x2", "syntax error"},
    {"", "set_free_handicap A1 B2", "", "set_free_handicap A1", "bad vertex list"},
    {"", "level 3", "", "level 11", "unknown level"},
    {"", "level 10", "", "level x", "syntax error"},
    {"", "play b D4", "", "play b D8", "illegal move"},
    {"", "play W pass", "", "play w 44", "syntax error"},
    {"", "gogui-play_sequence b D4 w pass b E4", "", "gogui-play_sequence b D4 w", "syntax error"},
    {"", "gogui-play_sequence", "", "gogui-play_sequence b D4 w D4", "illegal move"},
    {"", "genmove b", "", "genmove x", "syntax error"},
    {"", "reg_genmove w", "", "reg_genmove", "syntax error"},
    {"", "gomill-genmove_ex", "claim", "gomill-genmove_ex x", "syntax error"},
    {"", "gomill-genmove_ex b nonsense", "", "gomill-genmove_ex claim", "syntax error"},
    {"", "gomill-explain_last_move", "", NULL, NULL},
    {"genmove b\n", "gomill-explain_last_move", "Black ", NULL, NULL},
    {"play b D4\n", "undo", "", NULL, NULL},
    {"play b D4\nplay w E4\n", "gg-undo 2", "", "gg-undo -1", "syntax error"},
    {"play b D4\nplay w E4\n", "gg-undo", "", "gg-undo 3", "cannot undo"},
    {"", "time_settings 60 10 5", "", "time_settings 60 10", "syntax error"},
    {"time_settings 60 10 5\n", "time_left b 50 0", "", "time_left 50 b 0", "syntax error"},
    {"", "kgs-time_settings byoyomi 60 10 5", "", "kgs-time_settings fischer", "syntax error"},
    {"", "kata-time_settings fischer 60 5.5", "", "kata-time_settings", "syntax error"},
    {"", "kata-list_time_settings", "none", NULL, NULL},
    // A live analysis ends with the input, at once.
    {"", "analyze b 1", "", "analyze b sometimes", "syntax error"},
    {"", "lz-analyze 1 maxmoves 3", "", "lz-analyze 1 maxmoves", "syntax error"},
    {"", "kata-analyze w 1 ownership true", "", "kata-analyze w 1 ownership perhaps", "syntax error"},
    {"", "genmove_analyze b", "\ninfo move ", "genmove_analyze x", "syntax error"},
    {"", "lz-genmove_analyze w 100", "\ninfo move ", "lz-genmove_analyze w 100 avoid", "syntax error"},
    {"", "kata-genmove_analyze b rootInfo true", "\ninfo move ", "kata-genmove_analyze b rootInfo", "syntax error"},
    {"", "cgos-genmove_analyze b", "\n{\"moves\":[{\"move\":", "cgos-genmove_analyze x", "syntax error"},
    {"", "kata-search b", "", "kata-search x", "syntax error"},
    {"", "kata-search_cancellable w", "", "kata-search_cancellable x", "syntax error"},
    {"", "kata-search_debug b maxmoves 1", "", "kata-search_debug x", "syntax error"},
    {"", "kata-search_analyze b", "\n", "kata-search_analyze x", "syntax error"},
    {"", "kata-search_analyze_cancellable b", "\n", "kata-search_analyze_cancellable x", "syntax error"},
    {"", "kata-search_cancel", "", NULL, NULL},
    {"", "kgs-genmove_cleanup b", "", "kgs-genmove_cleanup", "syntax error"},
    {"", "stop", "", NULL, NULL},
    {"", "stop-ponder", "", NULL, NULL},
    {"", "kata-raw-nn 0", "symmetry 0\nwhiteWin ", "kata-raw-nn 9", "syntax error"},
    {"", "kata-raw-nn w all", "symmetry 0\nwhiteWin ", "kata-raw-nn w", "syntax error"},
    {"", "heatmap", "\n", "heatmap x", "syntax error"},
    {"", "final_score", "", NULL, NULL},
    {"play b D4\n", "final_status_list alive", "D4", "final_status_list undead", "syntax error"},
    {"", "showboard", "\n", NULL, NULL},
    {"play b D4\nplay w E4\nplay b A7\n", "list_stones b", "A7 D4", "list_stones", "syntax error"},
    {"play b D4\n", "color D4", "black", "color H8", "syntax error"},
    {"play b D4\n", "color d5", "empty", "color pass", "syntax error"},
    {"play b A1\nplay w B1\nplay b D4\nplay w A2\n", "captures w", "1", "captures 1", "syntax error"},
    {"play b D4\n", "is_legal w D4", "0", "is_legal w x", "syntax error"},
    {"play b D4\n", "is_legal b pass", "1", "is_legal w", "syntax error"},
    {"boardsize 2\nplay b A1\n", "all_legal w", "A2 B2 B1", "all_legal", "syntax error"},
    {"play b D4\n", "last_move", "black D4", NULL, NULL},
    {"play b D4\nplay w pass\n", "move_history", "white pass\nblack D4", NULL, NULL},
    {"komi 640\nfixed_handicap 3\n", "get_komi", "640", NULL, NULL},
    {"play b D4\nplay b E4\n", "get_handicap", "2", NULL, NULL},
    {"boardsize 9 13\n", "query_boardsize", "9 13", NULL, NULL},
    {"play b D4\n", "printsgf", "\n(;", "printsgf /no/such/folder/file.sgf", "cannot save file"},
    {"", "loadsgf FILE", "", "loadsgf /no/such/file.sgf", "cannot load file"},
    {"", "gogui-setup b D4 E5 w F6", "", "gogui-setup b D4 D4", "syntax error"},
    {"", "gogui-rules_setup b D4 w D5", "", "gogui-rules_setup D4", "syntax error"},
    {"gogui-setup b D4\n", "gogui-setup_player w", "", "gogui-setup_player D4", "syntax error"},
    {"", "set_position b D4 w E5", "", "set_position b D9", "syntax error"},
    {"", "gogui-rules_game_id", "go", NULL, NULL},
    {"boardsize 2\nplay b A1\n", "gogui-rules_board", "\n. .\nX .", NULL, NULL},
    {"", "gogui-rules_board_size", "7", NULL, NULL},
    {"boardsize 2\nplay b A1\n", "gogui-rules_legal_moves", "A2 B2 B1 pass", NULL, NULL},
    {"play b pass\n", "gogui-rules_side_to_move", "white", NULL, NULL},
    {"", "gogui-rules_final_result", "the game is not over", NULL, NULL},
    {"play b A1\nplay w B1\nplay b D4\nplay w A2\n", "gogui-rules_captured_count", "0 1", NULL, NULL},
    {"play b D4\n", "gogui-rules_board_gfx", "CIRCLE D4\nTEXT Go, White to move", NULL, NULL},
    {"", "gogui-analyze_commands", "dboard/Ownership/gogui-ownership_influence\n", NULL, NULL},
    {"", "gogui-ownership_influence", "\n", NULL, NULL},
    {"", "gogui-policy_heatmap", "\n#ff", NULL, NULL},
    {"", "gogui-wdl_rating", "VAR b ", NULL, NULL},
    {"gogui-param_search visits 77\n", "gogui-param_search", "[string] visits 77\n", "gogui-param_search patience 1",
     "unknown parameter"},
    {"", "gogui-param_search resign_below 0.1", "", "gogui-param_search resign_below 2", "the value is out of bounds"},
    {"", "gogui-param_search time_per_move 1.5", "", "gogui-param_search visits", "syntax error"},
    {"", "gogui-run_info", "net: rollouts\ngame: Go 7x7, rules chinese", NULL, NULL},
    {"", "gogui-title", "Tengen rollouts", NULL, NULL},
    {"", "gogui-version", "0.", NULL, NULL},
    {"", "gogui-interrupt", "", NULL, NULL},
    {"", "hexgui-analyze_commands", "", NULL, NULL},
    {"", "kata-get-rules", "{\"ko\":\"POSITIONAL\",\"scoring\":\"AREA\"", NULL, NULL},
    {"", "kata-set-rules korean", "", "kata-set-rules", "syntax error"},
    {"play b D4\n", "kata-set-rules {\"ko\": \"SITUATIONAL\", \"scoring\": \"AREA\", \"suicide\": false}", "",
     "kata-set-rules {\"ko\":\"POSITIONAL\",\"captures\":2}", "unknown rules"},
    {"", "kata-set-rule suicide true", "", "kata-set-rule hasButton true", "there is no button here: the rules are without"},
    {"", "kata-set-rule ko SIMPLE", "", "kata-set-rule colour red", "unknown part of the rules"},
    {"", "kata-set-rule whiteHandicapBonus N-1", "", "kata-set-rule ko true", "unknown rules"},
    {"", "kata-list-params", "maxVisits maxTime ", NULL, NULL},
    {"kata-set-param maxVisits 33\n", "kata-get-param maxVisits", "33", "kata-get-param patience", "unknown parameter"},
    {"", "kata-get-params", "{\"maxVisits\":200,", NULL, NULL},
    {"", "kata-set-param maxTime 0.5", "", "kata-set-param maxTime soon", "syntax error"},
    {"", "kata-set-param playoutDoublingAdvantage 0.0", "", "kata-set-param playoutDoublingAdvantage 1",
     "both sides are searched alike here: only 0 is possible"},
    {"", "kata-set-param maxVisits 1000000000", "", "kata-set-param maxVisits 0", "the value is out of bounds"},
    {"", "kata-set-params {\"maxVisits\": 20, \"maxTime\": \"3\"}", "", "kata-set-params {\"maxVisits\":20,\"x\":1}",
     "unknown parameter"},
    {"", "kata-get-models", "[{\"name\":\"rollouts\",", NULL, NULL},
    {"", "kgs-chat private someone what are the rules?", "The rules are chinese.", "kgs-chat loudly someone hello",
     "syntax error"},
    {"genmove b\n", "kgs-chat game someone winrate?", "Black ", "kgs-chat game", "syntax error"},
    {"", "kgs-game_over", "", NULL, NULL},
    {"", "cgos-opponent_name somebody", "", "cgos-opponent_name", "syntax error"},
    {"", "cgos-opponent_rating 1800?", "", "cgos-opponent_rating", "syntax error"},
    {"", "cgos-gameover B+Resign", "", "cgos-gameover", "syntax error"},
    {"", "gomill-describe_engine", "Tengen 0.", NULL, NULL},
    {"", "lz-setoption name visits value 9", "", "lz-setoption name maximum memory use value 9", "unknown option"},
    {"", "lz-setoption name Resign Percentage value 10", "", "lz-setoption name visits value -1", "incorrect value"},
    {"", "lz-setoption", "option name Visits type spin", "lz-setoption name visits 9", "syntax error"},
};
enum { NUM_EXAMPLES = sizeof examples / sizeof *examples };

static bool is_of(const char *line, const char *command) {
    const size_t n = strlen(command);
    return !strncmp(line, command, n) && (line[n] == 0 || line[n] == ' ');
}

// The answer to a line after others.
static char *ask(const char *before, const char *line) {
    char input[1000];
    const struct gtp_params params = session_params();
    snprintf(input, sizeof input, "%s%s\n", before, line);
    return last_reply(&params, input);
}

static void every_command_answers(const char *file) {
    for (int i = 0; i < NUM_EXAMPLES; i++) {
        const struct example *e = &examples[i];
        char good[300], refusal[200];
        snprintf(good, sizeof good, "%s", e->good);
        if (!strcmp(good, "loadsgf FILE")) snprintf(good, sizeof good, "loadsgf %s", file);
        char *answer = ask(e->before, good);
        EXPECT_(answer[0] == '=' && !strncmp(answer + 1 + (answer[1] == ' '), e->answer, strlen(e->answer)), "%s: %s", good,
                answer);
        // Whatever is refused changes nothing that a later command would notice.
        if (e->bad) {
            free(answer);
            snprintf(refusal, sizeof refusal, "? %s", e->refusal);
            answer = ask(e->before, e->bad);
            EXPECT_(!strcmp(answer, refusal), "%s: %s", e->bad, answer);
        }
        free(answer);
    }
}

// The table above has every command, and a bad line for each that takes arguments.
static void every_command_has_an_example(void) {
    for (int i = 0; gtp_command_at(i); i++) {
        const struct gtp_command *command = gtp_command_at(i);
        bool good = false, bad = command->min_arguments == 0;
        for (int k = 0; k < NUM_EXAMPLES; k++) {
            good |= is_of(examples[k].good, command->name);
            bad |= examples[k].bad && is_of(examples[k].bad, command->name);
        }
        EXPECT_(good && bad, "%s has no example", command->name);
        EXPECT_(gtp_command_find(command->name) == command, "%s is there twice", command->name);
    }
}

// What is refused changes nothing: the other moves of a sequence, the other parameters of a list.
static void refusals_change_nothing(void) {
    static const char *const cases[][2] = {
        {"play b A1\n", "gogui-play_sequence w B2 b C3 w C3\nmove_history"},
        {"play b A1\nplay w B2\n", "gg-undo 3\nmove_history"},
        {"komi 5.5\n", "komi 1e999\nget_komi"},
        {"kata-set-rules aga\n", "kata-set-rules {\"ko\":\"SIMPLE\",\"tax\":\"ALL\"}\nkata-get-rules"},
        {"kata-set-param maxVisits 12\n", "kata-set-params {\"maxVisits\":13,\"maxTime\":-1}\nkata-get-params"},
        {"lz-setoption name visits value 12\n", "lz-setoption name visits value 1.5\nkata-get-params"},
        {"gogui-param_search visits 12\n", "gogui-param_search visits 1e9\nkata-get-params"},
        // A suicide that was played forbids rules without it.
        {"kgs-rules new_zealand\nboardsize 3\ngogui-play_sequence b B3 w A3 b B2 w C1 b A1 w A2\n",
         "kata-set-rules chinese\nkata-get-rules"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *with = ask(cases[i][0], cases[i][1]), *without = ask(cases[i][0], strchr(cases[i][1], '\n') + 1);
        EXPECT_(with[0] == '=', "%s", with);
        EXPECT_TEXT(with, without);
        free(with);
        free(without);
    }
}

// Rules go in and come out again in KataGo's words, by name and as a dictionary.
static void rules_survive_a_dictionary(void) {
    static const char *const names[] = {"chinese", "chinese-ogs", "tromp-taylor", "aga",
                                        "bga",     "new-zealand", "japanese",     "korean"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char before[64], line[400];
        snprintf(before, sizeof before, "kata-set-rules %s\n", names[i]);
        char *first = ask(before, "kata-get-rules");
        snprintf(line, sizeof line, "kata-set-rules %s\nkata-get-rules", first + 2);
        char *second = ask("", line);
        EXPECT_TEXT(second, first);
        free(first);
        free(second);
    }
    char *answer = ask("kata-set-rules japanese\nkata-set-rule scoring AREA\nkata-set-rule tax NONE\n", "kata-get-rules");
    EXPECT_(strstr(answer, "\"scoring\":\"AREA\"") && strstr(answer, "\"tax\":\"NONE\"") && strstr(answer, "\"ko\":\"SIMPLE\""),
            "%s", answer);
    free(answer);
}

// Visits that were set are those that are searched.
static void settings_take_effect(void) {
    static const char *const sets[] = {"kata-set-param maxVisits 17", "lz-setoption name Visits value 17",
                                       "gogui-param_search visits 17", "kata-set-params {\"maxVisits\":17}"};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        char before[100];
        snprintf(before, sizeof before, "%s\ngenmove b\n", sets[i]);
        char *answer = ask(before, "gomill-explain_last_move");
        EXPECT_(strstr(answer, " 17 visits, "), "after %s: %s", sets[i], answer);
        free(answer);
    }
    // Leela Zero's 0 is what the engine was started with.
    char *answer = ask("lz-setoption name visits value 9\nlz-setoption name visits value 0\n", "kata-get-param maxVisits");
    EXPECT_TEXT(answer, "= 200");
    free(answer);
    answer = ask("level 1\n", "kata-get-param maxVisits");
    EXPECT_TEXT(answer, "= 1");
    free(answer);
}

// A ridiculous komi decides every game, and the score is exact.
static void any_komi_is_counted(void) {
    static const char *const cases[][2] = {
        {"640", "W+615.0"}, {"-640", "B+665.0"}, {"5000", "W+4975.0"}, {"1e6", "W+999975.0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char before[200];
        snprintf(before, sizeof before, "boardsize 5\nkomi %s\nplay b C3\nplay w pass\nplay b C2\nplay w pass\nplay b C4\n",
                 cases[i][0]);
        char *answer = ask(before, "final_score");
        EXPECT_TEXT(answer + 2, cases[i][1]);
        free(answer);
    }
}

// A game may be longer than any that is played by itself: a ko that goes on around two others, and
// passes. Afterwards everything can be taken back.
static void games_may_be_long(void) {
    enum { PASSES = 3000 };
    char *input = malloc(200000), *at = input;
    at += sprintf(at, "boardsize 5\n");
    for (int i = 0; i < PASSES; i++) at += sprintf(at, "play %c pass\n", i % 2 ? 'w' : 'b');
    at += sprintf(at, "play b C3\nplay b C3\nplay w C4\n");
    for (int i = 0; i < 200; i++) at += sprintf(at, "play b pass\nplay w pass\n");
    // A sequence that fills and empties the board again and again would not be short either: here
    // every stone needs a pass before it.
    at += sprintf(at, "list_stones b\ngg-undo %d\nlist_stones b\nshowboard\n", PASSES + 402);
    struct gtp_params params = session_params();
    char *text = session(&params, input);
    EXPECT(strstr(text, "? illegal move\n\n=\n\n") && strstr(text, "= C3\n\n=\n\n=\n\n"));
    free(text);
    // Records of many stones: Black fills all but an eye, White takes it all, and so on, which
    // superko allows for ever on this board.
    at = input + sprintf(input, "boardsize 3\nkgs-rules new_zealand\nkomi 0\n");
    for (int i = 0; i < 60; i++) at += sprintf(at, "genmove b\ngenmove w\nplay b pass\nplay w pass\n");
    sprintf(at, "7 gogui-rules_board\n");
    params.visits = 2;
    text = session(&params, input);
    EXPECT(strstr(text, "=7 \n") && !strchr(text, '?'));
    free(text);
    free(input);
}

// Over half a million characters in one command, and an answer of more than 64 KiB.
static void lines_and_answers_may_be_long(void) {
    char *input = malloc(1 << 20), *at = input + sprintf(input, "boardsize 19\n12345678901234567890123 gogui-play_sequence");
    for (int i = 0; i < 2000; i++) at += sprintf(at, "%*s%c pass", i == 0 ? 500000 : 1, "", i % 2 ? 'w' : 'b');
    sprintf(at, "\nmove_history\nprintsgf\nname\n");
    const struct gtp_params params = session_params();
    char *text = session(&params, input);
    EXPECT(!strncmp(text, "=\n\n=12345678901234567890123\n\n= white pass\nblack pass\n", 50));
    EXPECT(strstr(text, "(;GM[1]") && strstr(text, ";W[]"));
    EXPECT_TEXT(text + strlen(text) - 10, "= Tengen\n\n");
    free(text);
    // More words than there is room for are refused, not cut.
    at = input + sprintf(input, "gogui-play_sequence");
    for (int i = 0; i < 5000; i++) at += sprintf(at, " b pass");
    sprintf(at, "\nmove_history\n");
    text = session(&params, input);
    EXPECT_TEXT(text, "? syntax error\n\n=\n\n");
    free(text);
    free(input);
}

// Files whose names have blanks, quoted or not, and with a number behind the name or in it.
static void paths_may_have_blanks(void) {
    char folder[] = "/tmp/tengen gtp XXXXXX", input[600], remove[100];
    EXPECT(mkdtemp(folder) != NULL);
    snprintf(
        input, sizeof input,
        "play b D4\nplay w E5\nprintsgf %s/a game.sgf\nprintsgf \"%s/game 2\"\nclear_board\nloadsgf %s/a game.sgf "
        "2\nlast_move\n"
        "loadsgf \"%s/a game.sgf\"\nlast_move\nloadsgf %s/game 2\nlast_move\nloadsgf %s/game 2 2\nlast_move\nloadsgf %s/a\n",
        folder, folder, folder, folder, folder, folder, folder);
    const struct gtp_params params = session_params();
    char *text = session(&params, input);
    EXPECT_TEXT(
        text,
        "=\n\n=\n\n=\n\n=\n\n=\n\n=\n\n= black D4\n\n=\n\n= white E5\n\n=\n\n= white E5\n\n=\n\n= black D4\n\n? cannot load "
        "file\n\n");
    free(text);
    snprintf(remove, sizeof remove, "rm -rf '%s'", folder);
    EXPECT_INT(system(remove), 0);
}

// Names and versions are what front ends can read, and no folder of this machine is in them.
static void nothing_tells_a_path(void) {
    struct gtp_params params = session_params();
    params.model_name = "/home/somebody/nets/go9 \x1b[31m.safetensors/";
    params.gtp_name = "KataGo";
    static const char input[] = "name\nversion\ngogui-title\ngomill-describe_engine\ngogui-run_info\nkata-get-models\n"
                                "kgs-chat game a version\ngogui-param_search\n";
    char *text = session(&params, input);
    EXPECT_(!strstr(text, "/home") && !strstr(text, "nets") && !strchr(text, 27), "%s", text);
    EXPECT(!strncmp(text, "= KataGo\n\n= 0.17.0 ", 19));
    int second = 0;
    EXPECT(sscanf(text, "= KataGo = 0.%d.", &second) == 1 && second >= 15);
    free(text);
}

// Random commands of all kinds, in every game, get one answer each, without an empty line inside.
static void nonsense_gets_one_answer_each(void) {
    static const char *const words[] = {
        "b",        "w",           "pass", "D4",      "c3",        "A1",     "B2",
        "j1",       "4",           "a2b3", "swap",    "5",         "3",      "-1",
        "0",        "1e300",       "0x10", "dead",    "alive",     "visits", "value",
        "name",     "claim",       "game", "winrate", "maxVisits", "{}",     "{\"ko\":\"SIMPLE\"}",
        "japanese", "swap-pieces", "#",    "maxTime"};
    static const char *const games[] = {"go", "othello", "hex", "connect4", "breakthrough", "gomoku", "tictactoe"};
    enum { NUM_WORDS = sizeof words / sizeof *words };
    struct rng rng;
    rng_init(&rng, 5, 5);
    char *input = malloc(1 << 20), folder[] = "/tmp/tengen-gtp-XXXXXX", remove[64], *here = getcwd(NULL, 0);
    int num_commands = 0;
    while (gtp_command_at(num_commands)) num_commands++;
    // printsgf writes where its argument says, so this is a folder of the test's own.
    EXPECT(mkdtemp(folder) && chdir(folder) == 0);
    for (size_t g = 0; g < sizeof games / sizeof *games; g++) {
        const int num_lines = test_rounds(2000);
        char *at = input;
        for (int i = 0; i < num_lines;) {
            const char *name = gtp_command_at((int)rng_below(&rng, (uint32_t)num_commands))->name;
            const bool is_play = rng_below(&rng, 3) == 0;
            if (!strcmp(name, "quit")) continue;
            at += sprintf(at, "%d %s", i++, is_play ? "play" : name);
            if (is_play)
                at += sprintf(at, " %c %c%d", "bw"[i & 1], "ABCDEFGHJ"[rng_below(&rng, 9)], 1 + (int)rng_below(&rng, 9));
            for (int k = (int)rng_below(&rng, 5); k > 0; k--) at += sprintf(at, " %s", words[rng_below(&rng, NUM_WORDS)]);
            *at++ = '\n';
        }
        *at = 0;
        struct gtp_params params = session_params();
        params.game = games[g];
        params.size = 0;
        params.komi = GAME_KOMI_DEFAULT;
        params.visits = 2;
        params.batch = 1;
        char *text = session(&params, input), head[32];
        int answers = 0;
        for (const char *c = text; *c; c = strstr(c, "\n\n") + 2, answers++) {
            snprintf(head, sizeof head, "%d", answers);
            EXPECT_((*c == '=' || *c == '?') && !strncmp(c + 1, head, strlen(head)), "%s, answer %d: %.40s", games[g], answers,
                    c);
        }
        EXPECT_INT(answers, num_lines);
        EXPECT(!strstr(text, "\n\n\n"));
        free(text);
    }
    EXPECT(chdir(here) == 0);
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    EXPECT_INT(system(remove), 0);
    free(here);
    free(input);
}

int main(void) {
    char file[] = "/tmp/tengen-gtp-XXXXXX";
    const int descriptor = mkstemp(file);
    static const char record[] = "(;SZ[7]KM[5];B[dd];W[ee])";
    EXPECT(descriptor >= 0 && write(descriptor, record, sizeof record - 1) == sizeof record - 1);
    close(descriptor);
    every_command_has_an_example();
    every_command_answers(file);
    unlink(file);
    refusals_change_nothing();
    rules_survive_a_dictionary();
    settings_take_effect();
    any_komi_is_counted();
    games_may_be_long();
    lines_and_answers_may_be_long();
    paths_may_have_blanks();
    nothing_tells_a_path();
    nonsense_gets_one_answer_each();
    return TEST_END();
}
