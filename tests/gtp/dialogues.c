// Plays the dialogues of front ends (dialogues/README.md). Lines end with \n or with \r\n.
#include "base/files.h"
#include "tests/gtp/talk.h"

#include <regex.h>

// The commands that the dialogue sends, and the place in it, for messages.
struct dialogue {
    struct talk talk;
    const char *name;
    int line_number;
    bool is_open; // an answer goes on
};

static bool matches(const char *text, const char *pattern, bool whole) {
    regex_t regex;
    char full[600];
    snprintf(full, sizeof full, whole ? "^(%s)$" : "%s", pattern);
    if (regcomp(&regex, full, REG_EXTENDED | REG_NOSUB)) return false;
    const bool found = !regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    return found;
}

// What follows the id of an answer's first line; a failure with its question mark.
static void first_text(char *out, size_t bytes, const char *line) {
    const char *text = line + 1 + strspn(line + 1, "0123456789");
    snprintf(out, bytes, "%s%s", line[0] == '?' ? "?" : "", text + (*text == ' '));
}

// The answer's lines, joined. Expects that the id is that of the command.
static void read_answer(struct dialogue *d, const char *command, char *out, size_t bytes) {
    const char *line = talk_line(&d->talk);
    const size_t id = strspn(command, "0123456789");
    EXPECT_(line && strchr("=?", line[0]) && !strncmp(line + 1, command, id), "%s:%d: %s", d->name, d->line_number,
            line ? line : "(the end)");
    if (!line) exit(1);
    first_text(out, bytes, line);
    while ((line = talk_line(&d->talk)) && *line) {
        const size_t n = strlen(out);
        snprintf(out + n, bytes - n, "%s%s", n ? ";" : "", line);
    }
}

static void expect(const struct dialogue *d, const char *text, const char *pattern, bool whole) {
    EXPECT_(matches(text, pattern, whole), "%s:%d: \"%.400s\" is not %s", d->name, d->line_number, text, pattern);
}

static void exchange(struct dialogue *d, const char *command, const char *arrow, const char *pattern, const char *line_end) {
    enum { BYTES = 1 << 18 };
    char *text = malloc(BYTES), sent[1100];
    snprintf(sent, sizeof sent, "%s%s", command, line_end);
    talk_send(&d->talk, sent);
    if (!strcmp(arrow, "->>")) {
        const char *line = talk_line(&d->talk);
        const size_t id = strspn(command, "0123456789");
        EXPECT_(line && line[0] == '=' && !strncmp(line + 1, command, id) && !line[1 + id], "%s:%d: %s", d->name,
                d->line_number, line ? line : "(the end)");
        line = talk_line(&d->talk);
        expect(d, line ? line : "", pattern, true);
    } else {
        if (!strcmp(arrow, "-|"))
            for (const char *line; (line = talk_line(&d->talk)) && *line;) expect(d, line, "info move .*", true);
        read_answer(d, command, text, BYTES);
        expect(d, text, pattern, strcmp(arrow, "=>") != 0);
    }
    free(text);
}

static void play(const char *name, const char *line_end) {
    static const char *const arrows[] = {" ->> ", " -> ", " -| ", " => "};
    struct dialogue d = {.name = name};
    struct evaluator *evaluator = NULL;
    const struct gtp_params params = {
        .model_name = "hash", .visits = 30, .batch = 4, .size = 9, .komi = 7, .seed = 1, .clock = &test_clock};
    char path[200], line[1000];
    snprintf(path, sizeof path, "tests/gtp/dialogues/%s.txt", name);
    FILE *file = fopen(path, "r");
    EXPECT_(file != NULL, "%s is missing", path);
    if (!file) return;
    EXPECT_INT(evaluator_hash(&evaluator, 1), STATUS_OK);
    talk_start(&d.talk, &params, evaluator);
    while (fgets(line, sizeof line, file)) {
        d.line_number++;
        line[strcspn(line, "\n")] = 0;
        if (!*line || !strncmp(line, "//", 2)) continue;
        strcat(line, " "); // an arrow may be the last word
        char *at = NULL;
        size_t a = 0;
        while (a < 4 && !(at = strstr(line, arrows[a]))) a++;
        EXPECT_(at != NULL, "%s:%d has no arrow", name, d.line_number);
        if (!at) exit(1);
        char arrow[4], *pattern = at + strlen(arrows[a]);
        snprintf(arrow, sizeof arrow, "%.*s", (int)strlen(arrows[a]) - 2, arrows[a] + 1);
        *at = 0;
        const size_t n = strlen(pattern);
        if (n && pattern[n - 1] == ' ') pattern[n - 1] = 0;
        exchange(&d, line, arrow, pattern, line_end);
    }
    fclose(file);
    EXPECT(!talk_line(&d.talk)); // every dialogue ends with quit
    EXPECT_INT(talk_end(&d.talk), STATUS_OK);
    evaluator_free(evaluator);
}

int main(void) {
    static const char *const names[] = {"sabaki", "gogui", "lizzie", "lizzieyzy", "kgs", "cgos", "ogs", "twogtp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        play(names[i], "\n");
        play(names[i], "\r\n");
    }
    return TEST_END();
}
