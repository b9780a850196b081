// When there is no memory the program ends with one line that says what it was for.
#include "base/memory.h"

#include "tests/test.h"

#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

// The sanitizers' allocators would end the program by themselves, and warn before they return NULL.
const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }
const char *__tsan_default_options(void) { return "allocator_may_return_null=1"; }

static void too_much(void) { free(memory_new(SIZE_MAX / 4, 2, "half of all there is")); }
static void more_than_counts(void) { free(memory_raw(SIZE_MAX / 2, 4, "a product that overflows")); }
static void grown_too_far(void) { free(memory_resize(memory_new(1, 1, "a start"), SIZE_MAX / 2, 1, "more of it")); }

// Runs `ask` in a child process, which must end with exit status 1 and this line on stderr.
static void expect_end(void (*ask)(void), const char *line) {
    int ends[2], how = 0;
    char text[8192] = "";
    EXPECT_INT(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        ask();
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t got; length < sizeof text - 1 && (got = read(ends[0], text + length, sizeof text - 1 - length)) > 0;)
        length += (size_t)got;
    close(ends[0]);
    waitpid(child, &how, 0);
    EXPECT(WIFEXITED(how));
    EXPECT_INT(WEXITSTATUS(how), 1);
    const char *said = strstr(text, line);
    EXPECT_(said, "said \"%s\", expected \"%s\"", text, line);
    EXPECT(said && strchr(said, '\n') == said + strlen(said) - 1);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT(said == text);
#endif
}

int main(void) {
    expect_end(too_much, "tengen: no memory for half of all there is (");
    expect_end(more_than_counts, "tengen: no memory for a product that overflows (");
    expect_end(grown_too_far, "tengen: no memory for more of it (");
    int *numbers = memory_new(3, sizeof *numbers, "numbers");
    EXPECT_INT(numbers[0] | numbers[1] | numbers[2], 0);
    numbers[2] = 7;
    numbers = memory_resize(numbers, 1000, sizeof *numbers, "numbers");
    EXPECT_INT(numbers[2], 7);
    free(numbers);
    free(memory_new(0, 8, "nothing")); // even nothing can be freed
    char *text = memory_text("text", "a text");
    EXPECT_TEXT(text, "text");
    free(text);
    return TEST_END();
}
