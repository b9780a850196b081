// A random walk over all commands: whatever is said in whatever order, each command gets one whole
// answer under its id, and the engine lives. The argument is the number of commands.
#include "gtp/gtp_commands.h"
#include "tests/gtp/talk.h"

#include <ctype.h>

enum { USUAL_COMMANDS = 3000, MAX_LINE = 4096 };

static const char *const words[] = {"b",
                                    "w",
                                    "B",
                                    "white",
                                    "pass",
                                    "PASS",
                                    "resign",
                                    "D4",
                                    "d4",
                                    "C3",
                                    "A1",
                                    "B2",
                                    "E5",
                                    "J9",
                                    "T19",
                                    "Z99",
                                    "0",
                                    "1",
                                    "2",
                                    "3",
                                    "5",
                                    "7",
                                    "9",
                                    "19",
                                    "-1",
                                    "10",
                                    "50",
                                    "1e300",
                                    "0.5",
                                    "6.5",
                                    "nan",
                                    "true",
                                    "false",
                                    "all",
                                    "average",
                                    "dead",
                                    "alive",
                                    "seki",
                                    "interval",
                                    "minmoves",
                                    "maxmoves",
                                    "avoid",
                                    "allow",
                                    "ownership",
                                    "ownershipStdev",
                                    "movesOwnership",
                                    "pvVisits",
                                    "rootInfo",
                                    "noResultValue",
                                    "A1:C3",
                                    "A1,B2,C3",
                                    "D4,pass",
                                    "none",
                                    "absolute",
                                    "canadian",
                                    "byoyomi",
                                    "fischer",
                                    "fischer-capped",
                                    "japanese",
                                    "chinese",
                                    "tromp-taylor",
                                    "name",
                                    "value",
                                    "Visits",
                                    "Pondering",
                                    "game.sgf",
                                    "{}",
                                    "\"x\"",
                                    "\xc3\xa9",
                                    "#"};

// A plausible sentence for the commands that need one to do anything.
static void sensible_arguments(struct rng *rng, const char *name, char *line) {
    char vertex[16];
    snprintf(vertex, sizeof vertex, "%c%d", "ABCDEFGHJ"[rng_below(rng, 7)], 1 + (int)rng_below(rng, 7));
    if (!strcmp(name, "play"))
        sprintf(line + strlen(line), " %s %s", rng_below(rng, 2) ? "b" : "w", rng_below(rng, 12) ? vertex : "pass");
    else if (!strcmp(name, "boardsize"))
        strcat(line, rng_below(rng, 2) ? " 5" : " 7");
    else if (strstr(name, "analyze") || strstr(name, "search"))
        strcat(line,
               rng_below(rng, 2) ? " b 1 ownership true rootInfo true" : " w interval 1 avoid b A1:C3,D4 2 allow w A1,pass 1");
    else if (strstr(name, "genmove"))
        strcat(line, rng_below(rng, 2) ? " b" : " w");
    else if (!strcmp(name, "loadsgf") || !strcmp(name, "printsgf"))
        strcat(line, " game.sgf");
    else if (!strcmp(name, "kata-raw-nn"))
        strcat(line, " 3");
}

static bool is_endless(const char *name) {
    return !strcmp(name, "analyze") || !strcmp(name, "lz-analyze") || !strcmp(name, "kata-analyze");
}

static bool is_left_out(const char *name) { return !strcmp(name, "quit") || !strcmp(name, "kgs-game_over"); }

// Reads the answer to command number `id`, and looks at its frame.
static void expect_answer(struct talk *t, int id, const char *sent) {
    char head[32];
    const char *line = talk_line(t);
    const int n = snprintf(head, sizeof head, "%d", id);
    EXPECT_(line && (line[0] == '=' || line[0] == '?') && !strncmp(line + 1, head, (size_t)n) &&
                (!line[1 + n] || line[1 + n] == ' '),
            "%s answered: %s", sent, line ? line : "(the end)");
    if (!line) exit(1);
    while ((line = talk_line(t)) && *line)
        for (const char *c = line; *c; c++) EXPECT_(!iscntrl((unsigned char)*c) || *c == '\t', "%s: control code %d", sent, *c);
}

static void walk(int num_commands, uint64_t seed) {
    struct evaluator *evaluator = NULL;
    struct rng rng;
    struct talk t;
    const struct gtp_params params = {.model_name = "hash",
                                      .visits = 4,
                                      .batch = 2,
                                      .size = 5,
                                      .komi = 7,
                                      .seed = seed,
                                      .ponders = true,
                                      .clock = &test_clock};
    int num_known = 0;
    while (gtp_command_at(num_known)) num_known++;
    EXPECT_INT(evaluator_hash(&evaluator, seed), STATUS_OK);
    rng_init(&rng, seed, 11);
    talk_start(&t, &params, evaluator);
    char waiting[MAX_LINE] = ""; // what was sent last and not answered yet
    int waiting_id = 0;
    for (int i = 1; i <= num_commands; i++) {
        const char *name = gtp_command_at((int)rng_below(&rng, (uint32_t)num_known))->name;
        if (is_left_out(name)) name = "clear_board";
        if (!rng_below(&rng, 4)) name = rng_below(&rng, 4) ? "play" : "genmove";
        char line[MAX_LINE];
        snprintf(line, sizeof line, "%d %s", i, name);
        if (rng_below(&rng, 3))
            sensible_arguments(&rng, name, line);
        else
            for (int k = (int)rng_below(&rng, 5); k > 0; k--) {
                strcat(line, " ");
                strcat(line, words[rng_below(&rng, sizeof words / sizeof *words)]);
            }
        strcat(line, rng_below(&rng, 10) ? "\n" : "\r\n");
        if (!rng_below(&rng, 20)) talk_send(&t, "# interrupt\n\n");
        talk_send(&t, line);
        if (*waiting) expect_answer(&t, waiting_id, waiting);
        *waiting = 0;
        // Some commands wait for the next one, and all analyses do.
        if (is_endless(name) || strstr(name, "cancellable") || !rng_below(&rng, 4)) {
            memcpy(waiting, line, sizeof line);
            waiting_id = i;
        } else {
            expect_answer(&t, i, line);
        }
    }
    talk_close(&t.to);
    if (*waiting) expect_answer(&t, waiting_id, waiting);
    EXPECT(!talk_line(&t));
    EXPECT_INT(talk_end(&t), STATUS_OK);
    evaluator_free(evaluator);
}

int main(int argc, char **argv) {
    char folder[] = "/tmp/tengen-walk-XXXXXX"; // files that commands write
    if (!mkdtemp(folder) || chdir(folder)) return 1;
    // Messages of what is refused go nowhere.
    const int null = open("/dev/null", O_WRONLY), before = dup(STDERR_FILENO);
    const int num_commands = argc > 1 ? atoi(argv[1]) : test_rounds(USUAL_COMMANDS);
    if (!getenv("TENGEN_WALK_LOUD")) dup2(null, STDERR_FILENO);
    walk(num_commands, argc > 2 ? (uint64_t)atoll(argv[2]) : 1);
    dup2(before, STDERR_FILENO);
    if (chdir("/") == 0) {
        char command[64];
        snprintf(command, sizeof command, "rm -rf %s", folder);
        if (system(command)) return 1;
    }
    return TEST_END();
}
