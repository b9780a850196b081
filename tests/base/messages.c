// What people read: each failure and each call of the log is one line, and lines of threads don't
// mix.
#include "base/files.h"
#include "base/log.h"
#include "base/status.h"
#include "base/text.h"

#include "tests/test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs `function` and returns what it has written to stderr.
static char *stderr_of(void (*function)(void)) {
    FILE *file = tmpfile();
    if (!file) exit(1);
    const int kept = dup(2);
    dup2(fileno(file), 2);
    function();
    dup2(kept, 2);
    close(kept);
    char *text = calloc(1, 100000);
    if (!text) exit(1);
    rewind(file);
    EXPECT(fread(text, 1, 99999, file) < 99999);
    fclose(file);
    return text;
}

static void fail_plainly(void) { EXPECT_INT(status_fail(STATUS_IO, "%s: can't open: %d", "a.txt", 3), STATUS_IO); }
static void fail_with_newlines(void) { status_fail(STATUS_FORMAT, "'a\nb\r\x1b[31m'"); }
static void fail_at_length(void) {
    char *long_text = malloc(20001);
    if (!long_text) exit(1);
    memset(long_text, 'x', 20000);
    long_text[20000] = 0;
    status_fail(STATUS_FORMAT, "%s", long_text);
    free(long_text);
}

static void failures_are_one_line(void) {
    char *text = stderr_of(fail_plainly);
    EXPECT_TEXT(text, "tengen: a.txt: can't open: 3\n");
    free(text);
    text = stderr_of(fail_with_newlines);
    EXPECT_TEXT(text, "tengen: 'a b ?[31m'\n");
    free(text);
    text = stderr_of(fail_at_length);
    EXPECT(strlen(text) > 1000 && strchr(text, '\n') == text + strlen(text) - 1);
    free(text);
}

static void text_of_others_is_shown_and_obeyed_by_nobody(void) {
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"plain, \u5929\u5143 \u00e9", "plain, \u5929\u5143 \u00e9"},
        {"\x1b]0;title\x07", "?]0;title?"},
        {"a\tb\nc\rd\ve\ff", "a b c d e f"},
        {"\x9b"
         "31m",
         "?31m"}, // CSI as a byte of Latin-1
        {"\xc2\x9b"
         "31m",
         "?31m"},                                      // CSI as UTF-8
        {"\xc2\x85next", " next"},                     // a line end of Latin-1
        {"\u2028\u202egnp.exe", " ?gnp.exe"},          // a mark that turns the direction of text
        {"\xc0\x9b\xe0\x82\x9b", "?????"},             // overlong; a lax decoder takes it for CSI
        {"\xed\xa0\x80 \xf4\x90\x80\x80", "??? ????"}, // a surrogate, beyond the last character
        {"cut \xe5\xa4", "cut ??"},
        {"\x7f", "?"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s", cases[i].text);
        EXPECT_TEXT(text_printable(text), cases[i].shown);
        EXPECT_TEXT(text_printable(text), cases[i].shown); // printable text stays as it is
    }
    char mixed[] = "\x1b[m \xff \u00e9\xc3";
    EXPECT_TEXT(text_utf8(mixed), "\x1b[m ? \u00e9?");
    // Every character by itself stays as it is, or becomes one '?' or one space.
    for (uint32_t code = 1; code < 0x110000; code++) {
        char text[5] = "", before[5];
        if (code < 0x80)
            text[0] = (char)code;
        else if (code < 0x800)
            text[0] = (char)(0xc0 | code >> 6), text[1] = (char)(0x80 | (code & 63));
        else if (code < 0x10000)
            text[0] = (char)(0xe0 | code >> 12), text[1] = (char)(0x80 | (code >> 6 & 63)),
            text[2] = (char)(0x80 | (code & 63));
        else
            text[0] = (char)(0xf0 | code >> 18), text[1] = (char)(0x80 | (code >> 12 & 63)),
            text[2] = (char)(0x80 | (code >> 6 & 63)), text[3] = (char)(0x80 | (code & 63));
        strcpy(before, text);
        const bool is_surrogate = code >= 0xd800 && code < 0xe000;
        uint32_t decoded = 0;
        EXPECT_INT(text_decode(text, &decoded), is_surrogate ? 0 : strlen(text));
        EXPECT_INT(decoded, is_surrogate ? 0 : code);
        text_printable(text);
        if (is_surrogate)
            EXPECT_TEXT(text, "???");
        else if (text_is_control(code))
            EXPECT(!strcmp(text, "?") || !strcmp(text, " "));
        else
            EXPECT_TEXT(text, before);
    }
}

static void print_results(void) {
    text_print(stderr, "%s and %d\n\n", "two\nlines \x1b[2J", 3);
    text_print(stderr, "\n");
    text_print(stderr, "no end");
}
static void log_foreign_text(void) { log_line(&(struct log){0}, "player \x1b[2J%s", "\xffx\ny"); }

static void results_and_logs_are_printable(void) {
    char *text = stderr_of(print_results);
    EXPECT_TEXT(text, "two lines ?[2J and 3\n\n\nno end");
    free(text);
    text = stderr_of(log_foreign_text);
    EXPECT_TEXT(text, "player ?[2J?x y\n");
    free(text);
}

static enum status first_failure(int *steps) {
    TRY(STATUS_OK);
    ++*steps;
    TRY(STATUS_MEMORY);
    ++*steps;
    return STATUS_OK;
}

static void try_passes_the_first_failure_on(void) {
    int steps = 0;
    EXPECT_INT(first_failure(&steps), STATUS_MEMORY);
    EXPECT_INT(steps, 1);
}

static void check_aborts_in_every_build(void) {
    const pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(3);
        CHECK(1 + 1 == 3);
        _exit(0);
    }
    int how = 0;
    waitpid(child, &how, 0);
    EXPECT(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT);
}

static void *log_lines(void *argument) {
    for (int i = 0; i < 500; i++) log_line(argument, "line %d of a thread", i);
    return NULL;
}

static void logs_stay_whole_lines(void) {
    log_line(NULL, "nowhere");
    FILE *file = tmpfile();
    if (!file) exit(1);
    struct log log = {.file = file, .quiet = true};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, log_lines, &log);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    rewind(file);
    char line[256];
    int count = 0, number;
    while (fgets(line, sizeof line, file)) {
        char expected[256];
        EXPECT_INT(sscanf(line, "line %d", &number), 1);
        snprintf(expected, sizeof expected, "line %d of a thread\n", number);
        EXPECT_TEXT(line, expected);
        count++;
    }
    EXPECT_INT(count, 2000);
    fclose(file);
}

int main(void) {
    failures_are_one_line();
    text_of_others_is_shown_and_obeyed_by_nobody();
    results_and_logs_are_printable();
    try_passes_the_first_failure_on();
    check_aborts_in_every_build();
    logs_stay_whole_lines();
    return TEST_END();
}
