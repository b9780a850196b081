// What people read: one line a failure, one line a log call, from many threads unmixed.
#include "base/files.h"
#include "base/log.h"
#include "base/status.h"

#include "tests/test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs `function` with stderr in a file and returns what it wrote.
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
    EXPECT_TEXT(text, "tengen: 'a b  [31m'\n");
    free(text);
    text = stderr_of(fail_at_length);
    EXPECT(strlen(text) > 1000 && strchr(text, '\n') == text + strlen(text) - 1);
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
    try_passes_the_first_failure_on();
    check_aborts_in_every_build();
    logs_stay_whole_lines();
    return TEST_END();
}
