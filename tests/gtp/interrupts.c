// Searches that would go on for ever end when they have to, and answers stay whole.
#include "tests/gtp/talk.h"

static struct gtp_params endless(void) {
    return (struct gtp_params){
        .model_name = "hash", .visits = 100000000, .batch = 4, .size = 9, .komi = 7, .seed = 1, .clock = &test_clock};
}

static struct evaluator *hash_evaluator(void) {
    struct evaluator *evaluator = NULL;
    if (evaluator_hash(&evaluator, 1) != STATUS_OK) exit(1);
    return evaluator;
}

// A move is searched until one of these, and is then said and played.
static void a_stop_ends_a_genmove(void) {
    static const struct {
        const char *text, *answer; // NULL: the text gets none
    } stops[] = {{"2 stop\n", "=2"},
                 {"# interrupt\n", NULL},
                 {"2 gogui-interrupt\n", ""},
                 {"2 kata-search_cancel\n", "=2"},
                 {"2 quit\n", "=2"}};
    static const char *const commands[] = {"1 genmove b\n", "1 kata-search b\n", "1 lz-genmove_analyze b 1\n",
                                           "1 kata-genmove_analyze b interval 1 ownership true\n",
                                           "1 cgos-genmove_analyze b\n"};
    struct evaluator *evaluator = hash_evaluator();
    const struct gtp_params params = endless();
    for (size_t c = 0; c < sizeof commands / sizeof *commands; c++)
        for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
            struct talk t;
            talk_start(&t, &params, evaluator);
            talk_send(&t, commands[c]);
            usleep(30000);
            talk_send(&t, "\n# nothing that interrupts\n");
            usleep(10000);
            talk_send(&t, stops[i].text);
            const char *line = talk_line(&t);
            EXPECT_(line && !strncmp(line, "=1", 2), "%s", line ? line : "(the end)");
            const bool is_shown = !line[2];
            char last[64] = "";
            while ((line = talk_line(&t)) && *line) snprintf(last, sizeof last, "%s", line);
            if (is_shown) EXPECT_(!strncmp(last, "play ", 5), "%s%s", commands[c], last);
            if (stops[i].answer && *stops[i].answer) talk_expect(&t, stops[i].answer), talk_expect(&t, "");
            if (stops[i].answer && !*stops[i].answer) talk_rest(&t);
            EXPECT_INT(talk_end(&t), STATUS_OK);
        }
    evaluator_free(evaluator);
}

// Any line ends an analysis, whose answer is whole before the next begins.
static void any_line_ends_an_analysis(void) {
    static const char *const commands[] = {"1 analyze b 1\n", "1 lz-analyze 1\n",
                                           "1 kata-analyze w interval 1 ownership true\n"};
    static const char *const lines[] = {"2 protocol_version\n", "\n2 protocol_version\n", "# x\n2 protocol_version\n"};
    struct evaluator *evaluator = hash_evaluator();
    const struct gtp_params params = endless();
    for (int i = 0; i < 9; i++) {
        struct talk t;
        talk_start(&t, &params, evaluator);
        talk_send(&t, commands[i / 3]);
        talk_expect(&t, "=1");
        for (int k = 0; k < 2; k++) EXPECT(!strncmp(talk_line(&t), "info move ", 10));
        talk_send(&t, lines[i % 3]);
        const char *line;
        while ((line = talk_line(&t)) && *line) EXPECT(!strncmp(line, "info move ", 10));
        talk_expect(&t, "=2 2");
        talk_expect(&t, "");
        EXPECT_INT(talk_end(&t), STATUS_OK);
    }
    evaluator_free(evaluator);
}

static void cancelling_plays_nothing(void) {
    struct evaluator *evaluator = hash_evaluator();
    const struct gtp_params params = endless();
    struct talk t;
    talk_start(&t, &params, evaluator);
    talk_send(&t, "kata-search_analyze_cancellable b 1 maxmoves 1\n");
    talk_expect(&t, "=");
    EXPECT(!strncmp(talk_line(&t), "info move ", 10));
    talk_send(&t, "undo\n");
    const char *line;
    while ((line = talk_line(&t)) && !strncmp(line, "info ", 5)) {
    }
    EXPECT_TEXT(line ? line : "(the end)", "play cancelled");
    talk_expect(&t, "");
    talk_expect(&t, "? cannot undo");
    talk_expect(&t, "");
    talk_send(&t, "kata-search_cancellable b\n");
    usleep(10000);
    talk_send(&t, "\n");
    talk_expect(&t, "= cancelled");
    talk_expect(&t, "");
    EXPECT_INT(talk_end(&t), STATUS_OK);
    evaluator_free(evaluator);
}

// Each of these is endless, and ends with the input, whatever state it is in.
static void the_end_of_the_input_ends_everything(void) {
    static const char *const inputs[] = {"genmove b\n", "kata-analyze 10\n", "lz-genmove_analyze b 10\n", "kata-search_debug\n",
                                         "kgs-genmove_cleanup b\n"};
    struct evaluator *evaluator = hash_evaluator();
    const struct gtp_params params = endless();
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct talk t;
        talk_start(&t, &params, evaluator);
        talk_send(&t, inputs[i]);
        usleep(30000);
        talk_close(&t.to);
        const char *line = talk_line(&t);
        EXPECT_(line && line[0] == '=', "%s", inputs[i]);
        talk_rest(&t);
        EXPECT(!talk_line(&t));
        EXPECT_INT(talk_end(&t), STATUS_OK);
    }
    evaluator_free(evaluator);
}

// The reader of the answers goes away while the engine thinks, and SIGPIPE is ignored.
static void nobody_thinks_for_nobody(void) {
    static const char *const inputs[] = {"genmove b\n", "kata-analyze 100000\n", "kata-analyze 1\n", "showboard\n"};
    struct evaluator *evaluator = hash_evaluator();
    const struct gtp_params params = endless();
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct talk t;
        talk_start(&t, &params, evaluator);
        talk_send(&t, inputs[i]);
        usleep(30000);
        talk_close(&t.from);
        pthread_join(t.thread, NULL); // the input is still open
        EXPECT_INT(t.status, STATUS_IO);
        talk_close(&t.to);
        free(t.text);
        free(t.line);
    }
    evaluator_free(evaluator);
}

// Messages that nobody reads are dropped once their pipe is full.
static void a_full_stderr_stops_nothing(void) {
    struct evaluator *evaluator = hash_evaluator();
    const struct gtp_params params = endless();
    struct talk t;
    int full[2];
    const int before = dup(STDERR_FILENO);
    EXPECT(before >= 0 && !pipe(full));
    dup2(full[1], STDERR_FILENO);
    // The pipe is filled to its last byte.
    fcntl(full[1], F_SETFL, O_NONBLOCK);
    while (write(full[1], "x", 1) == 1) {
    }
    fcntl(full[1], F_SETFL, 0);
    talk_start(&t, &params, evaluator);
    int refused = 0;
    for (int i = 0; i < 20; i++) {
        talk_send(&t, "loadsgf /no/such/file.sgf\n");
        const char *line = talk_line(&t);
        refused += line && !strcmp(line, "? cannot load file");
        talk_rest(&t);
    }
    // Then its reader is gone altogether.
    close(full[0]);
    for (int i = 0; i < 20; i++) {
        talk_send(&t, "loadsgf /no/such/file.sgf\n");
        const char *line = talk_line(&t);
        refused += line && !strcmp(line, "? cannot load file");
        talk_rest(&t);
    }
    const enum status status = talk_end(&t);
    dup2(before, STDERR_FILENO);
    close(before);
    close(full[1]);
    EXPECT_INT(refused, 40);
    EXPECT_INT(status, STATUS_OK);
    evaluator_free(evaluator);
}

int main(void) {
    a_stop_ends_a_genmove();
    any_line_ends_an_analysis();
    cancelling_plays_nothing();
    the_end_of_the_input_ends_everything();
    nobody_thinks_for_nobody();
    a_full_stderr_stops_nothing();
    return TEST_END();
}
