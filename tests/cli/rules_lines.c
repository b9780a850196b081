// `tengen rules` answers every line with one line of JSON, and nonsense leaves the position as it was.
#include "base/files.h"
#include "base/rng.h"

#include "tests/test.h"

#include <cjson/cJSON.h>
#include <unistd.h>

enum { NUM_LINES = 1500, LINE_BYTES = 300 };

// A line of one of many kinds of nonsense, or (a third of them) of sense; none is "quit".
static void make_line(struct rng *rng, char line[LINE_BYTES]) {
    static const char *const sense[] = {"new", "state", "undo", "play pass", "play C3", "play a1", "play 4", "play d3"};
    static const char *const nonsense[] = {
        "",           "play",     "play  ",         "play Z99",      "play A0",
        "play A-1",   "play I5",  "play pass pass", "undo undo",     "PLAY",
        "state\tnow", "%s%n%s%n", "play \"",        "{\"ok\":true}", "play A99999999999999999999",
        "quit now?",  "\\u0000",  "play \xc3\x28"};
    const uint32_t kind = rng_below(rng, 6);
    if (kind < 2) {
        snprintf(line, LINE_BYTES, "%s", sense[rng_below(rng, sizeof sense / sizeof *sense)]);
    } else if (kind == 2) {
        snprintf(line, LINE_BYTES, "play %c%u", 'A' + (char)rng_below(rng, 9), 1 + rng_below(rng, 9));
    } else if (kind == 3) {
        snprintf(line, LINE_BYTES, "%s", nonsense[rng_below(rng, sizeof nonsense / sizeof *nonsense)]);
    } else { // bytes other than line ends and zero
        const int n = (int)rng_below(rng, LINE_BYTES - 1);
        for (int i = 0; i < n; i++) {
            const char c = (char)(1 + rng_below(rng, 255));
            line[i] = c == '\n' || c == '\r' ? '?' : c;
        }
        line[n] = 0;
        if (!strncmp(line, "quit", 4)) line[0] = 'Q';
    }
}

// Runs the program over the lines; returns its answers as text.
static char *answers_of(const char *program, const char *game, const char *input_path) {
    char *command, output_path[PATH_BYTES], *text;
    size_t n;
    path_format(output_path, "%s.out", input_path);
    if (asprintf(&command, "'%s' rules %s <'%s' >'%s'", program, game, input_path, output_path) < 0) exit(1);
    EXPECT_INT(system(command), 0);
    free(command);
    if (file_read(output_path, &text, &n)) exit(1);
    EXPECT_INT(strlen(text), n);
    unlink(output_path);
    return text;
}

static void every_line_is_answered(const char *program, const char *game, uint64_t seed) {
    char path[PATH_BYTES], lines[NUM_LINES][LINE_BYTES];
    const char *base = getenv("TMPDIR");
    path_format(path, "%s/tengen-rules-%d", base ? base : "/tmp", (int)getpid());
    struct rng rng;
    rng_init(&rng, seed, 0);
    FILE *file = fopen(path, "wb");
    if (!file) exit(1);
    for (int i = 0; i < NUM_LINES; i++) {
        make_line(&rng, lines[i]);
        fprintf(file, "%s\nstate\n", lines[i]);
    }
    fclose(file);
    char *text = answers_of(program, game, path), *save = NULL, before[16384] = "";
    unlink(path);
    int count = 0, refused = 0, played = 0;
    bool last_ok = true;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save), count++) {
        cJSON *json = cJSON_Parse(line);
        const cJSON *ok = cJSON_GetObjectItemCaseSensitive(json, "ok");
        EXPECT_(json && cJSON_IsBool(ok), "%s: '%s' is answered with %s", game, lines[count / 2], line);
        if (count % 2 == 0) { // to the line
            last_ok = cJSON_IsTrue(ok);
            refused += !last_ok;
            played += last_ok;
            if (!last_ok) EXPECT(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "error")));
        } else { // to "state"
            EXPECT(cJSON_IsTrue(ok));
            if (!last_ok && *before) EXPECT_TEXT(line, before); // the position is as it was
            snprintf(before, sizeof before, "%s", line);
        }
        cJSON_Delete(json);
    }
    EXPECT_INT(count, 2 * NUM_LINES);
    EXPECT_(refused > NUM_LINES / 4 && played > NUM_LINES / 10, "%s: %d refused, %d accepted", game, refused, played);
    free(text);
}

int main(int argc, char **argv) {
    if (argc < 2) return TEST_SKIP("no program given");
    every_line_is_answered(argv[1], "go --size 5", 1);
    every_line_is_answered(argv[1], "go --size 9 --komi 5.5", 2);
    every_line_is_answered(argv[1], "tictactoe", 3);
    return TEST_END();
}
