// Option tables: the command line, files, printing and reading back, and every kind of error.
#include "base/options.h"

#include "base/files.h"
#include "base/rng.h"

#include "tests/test.h"

#include <unistd.h>

struct settings {
    bool quiet;
    int games;
    long long seed;
    double komi, time;
    const char *name, *rules;
    long long memory;
    int size[2];
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "say less"},
    {"games", OPTION_INT, FIELD(games), "10", 1, 1000, "games", NULL, "how many"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 0, "", NULL, "of randomness"},
    {"komi", OPTION_REAL, FIELD(komi), "7.5", -400, 400, "points", NULL, "for White"},
    {"time-per-move", OPTION_DURATION, FIELD(time), "20m", 0, 86400, "", NULL, "each"},
    {"name", OPTION_TEXT, FIELD(name), NULL, 0, 0, "", NULL, "of the thing"},
    {"rules", OPTION_CHOICE, FIELD(rules), "chinese", 0, 0, "", "chinese|tromp-taylor", "of Go"},
    {"memory", OPTION_BYTES, FIELD(memory), "512M", 0, 1e15, "", NULL, "at most"},
    {"size", OPTION_SIZE, FIELD(size), "9", 2, 19, "", NULL, "of the board"},
    {"depth", OPTION_GONE, 0, "0", 0, 0, "", NULL, "nothing was gained by it"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static const char *words[8];
static int num_words;
static bool wants_help;

// Parses a command line that is given as words up to NULL, with at most two positional ones.
static enum status parse(struct settings *s, const char *const *line) {
    static char *argv[16];
    int argc = 0;
    while (line[argc]) argv[argc] = (char *)(size_t)line[argc], argc++;
    struct options_text text = {0};
    memset(s, 0, sizeof *s);
    options_defaults(table, s);
    const enum status status = options_parse(table, s, argc, argv, words, 2, &num_words, &wants_help, &text);
    options_text_done(&text);
    return status;
}
#define PARSE(s, ...) parse(s, (const char *const[]){__VA_ARGS__, NULL})

static void defaults_are_read_from_text(void) {
    struct settings s = {.name = "kept"};
    options_defaults(table, &s);
    EXPECT(!s.quiet);
    EXPECT_INT(s.games, 10);
    EXPECT_NEAR(s.komi, 7.5, 0);
    EXPECT_NEAR(s.time, 1200, 0);
    EXPECT_TEXT(s.name, "kept");
    EXPECT_TEXT(s.rules, "chinese");
    EXPECT_INT(s.memory, 512ll << 20);
    EXPECT_INT(s.size[0] * 100 + s.size[1], 909);
}

static const char *gone_name_at(const void *list, int index) { return list || index ? NULL : ""; }

static void what_is_gone_may_stay_in_files_without_effect(void) {
    struct settings s;
    EXPECT_INT(PARSE(&s, "--depth", "0"), STATUS_OK);
    EXPECT_INT(PARSE(&s, "--depth", "1"), STATUS_USAGE);
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    options_help(table, file);
    options_print(table, &s, file);
    fclose(file);
    EXPECT(strstr(text, "games") && !strstr(text, "depth"));
    free(text);
    // The candidate "" is close to nothing.
    EXPECT(!closest_name("dept", gone_name_at, NULL) && !closest_name("x", gone_name_at, NULL));
}

static void command_lines_are_read(void) {
    struct settings s;
    EXPECT_INT(PARSE(&s, "A", "--games", "3", "--komi=-3.5", "--quiet", "--time_per_move", "1h30m", "--", "--B"), STATUS_OK);
    EXPECT_INT(num_words, 2);
    EXPECT_TEXT(words[0], "A");
    EXPECT_TEXT(words[1], "--B");
    EXPECT_INT(s.games, 3);
    EXPECT_NEAR(s.komi, -3.5, 0);
    EXPECT_NEAR(s.time, 5400, 0);
    EXPECT(s.quiet);
    EXPECT_INT(PARSE(&s, "--komi", "-0.5", "--seed", "-9000000000", "--size", "9x13", "--memory", "1.5G", "-"), STATUS_OK);
    EXPECT_NEAR(s.komi, -0.5, 0);
    EXPECT_INT(s.seed, -9000000000ll);
    EXPECT_INT(s.size[0], 9);
    EXPECT_INT(s.size[1], 13);
    EXPECT_INT(s.memory, 3ll << 29);
    EXPECT_TEXT(words[0], "-");
    EXPECT_INT(PARSE(&s, "--quiet=false", "--help", "--nonsense"), STATUS_OK);
    EXPECT(wants_help && !s.quiet);
}

static void wrong_command_lines_are_refused(void) {
    static const char *const wrong[][3] = {
        {"--games", "x"},
        {"--games", "3.5"},
        {"--games", "0"},
        {"--games", "1001"},
        {"--games"},
        {"--games", ""},
        {"--games", "3 "},
        {"--games", "99999999999999999999"},
        {"--game", "3"},
        {"--komi", "nan"},
        {"--komi", "inf"},
        {"--komi", "0x10"},
        {"--komi", "1e999"},
        {"--komi", "401"},
        {"--komi", "7,5"},
        {"--time-per-move", "5x"},
        {"--time-per-move="},
        {"--time-per-move", "-1s"},
        {"--time-per-move", "1m1h"},
        {"--time-per-move", "2d"},
        {"--rules", "chines"},
        {"--rules", ""},
        {"--rules", "chinese|tromp-taylor"},
        {"--memory", "6Q"},
        {"--memory", "G"},
        {"--memory", "-1"},
        {"--size", "9x"},
        {"--size", "x9"},
        {"--size", "1"},
        {"--size", "9x1"},
        {"--size", "-9"},
        {"--size", "99999999999"},
        {"--quiet=maybe"},
        {"-q"},
        {"--", "a", "b"},
        {"--=3"},
        {"--games=3=4"},
    };
    struct settings s;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *line[6] = {wrong[i][0], wrong[i][1], wrong[i][1] ? wrong[i][2] : NULL, NULL};
        // Three positional words, of which two are allowed.
        if (!strcmp(line[0], "--")) line[3] = "c";
        const enum status status = parse(&s, line);
        EXPECT_(status == STATUS_USAGE, "%s %s gave %d", line[0], line[1] ? line[1] : "", (int)status);
    }
    // Only the game knows how large a board may be.
    EXPECT_INT(PARSE(&s, "--size", "20"), STATUS_OK);
    EXPECT_INT(s.size[0], 20);
    EXPECT_INT(options_set(table, &s, "--", "nothing-like-it", "1", NULL), STATUS_USAGE);
}

static const char *list_at(const void *list, int index) { return ((const char *const *)list)[index]; }

static void the_closest_name_is_offered(void) {
    static const char *const names[] = {"train", "match", "selfplay", "eval", "perft", "rules", "legal", NULL};
    EXPECT_TEXT(closest_name("trian", list_at, names), "train");
    EXPECT_TEXT(closest_name("self_play", list_at, names), "selfplay");
    EXPECT_TEXT(closest_name("perf", list_at, names), "perft");
    EXPECT_TEXT(closest_name("se", list_at, names), "selfplay");
    static const char *const options[] = {"run", "set", "time", "size", "seed", NULL};
    // Two neighbours that are exchanged count as one mistake.
    EXPECT_TEXT(closest_name("siez", list_at, options), "size");
    EXPECT_TEXT(closest_name("iszee", list_at, options), "size");
    EXPECT_TEXT(closest_name("sede", list_at, options), "seed");
    EXPECT_TEXT(closest_name("tmie", list_at, options), "time");
    EXPECT_TEXT(closest_name("set", list_at, options), "set");
    EXPECT_TEXT(closest_name("rnu", list_at, options), "run");
    EXPECT(!closest_name("quux", list_at, names));
}

static void write_text(const char *path, const char *text) { EXPECT_INT(file_write(path, text, strlen(text)), STATUS_OK); }

static void files_are_read_and_errors_placed(const char *path) {
    struct settings s = {0};
    struct options_text text = {0};
    write_text(path, "# a comment\n\n[section]\n games = 12 ; why\r\nname = a b # c\nkomi=0.5\ntime-per-move = 90s");
    options_defaults(table, &s);
    EXPECT_INT(options_load(table, &s, path, &text), STATUS_OK);
    EXPECT_INT(s.games, 12);
    EXPECT_TEXT(s.name, "a b");
    EXPECT_NEAR(s.komi, 0.5, 0);
    EXPECT_NEAR(s.time, 90, 0);
    static const char *const wrong[] = {"games = 3\nkommi = 4\n", "games\n", "games = many\n"};
    for (int i = 0; i < 3; i++) {
        write_text(path, wrong[i]);
        EXPECT_INT(options_load(table, &s, path, &text), STATUS_USAGE);
    }
    EXPECT_INT(file_write(path, "a\0b", 3), STATUS_OK);
    EXPECT_INT(options_load(table, &s, path, &text), STATUS_FORMAT);
    EXPECT_INT(truncate(path, 1LL << 34), 0); // a sparse file is refused before memory is asked for
    EXPECT_INT(options_load(table, &s, path, &text), STATUS_FORMAT);
    unlink(path);
    EXPECT_INT(options_load(table, &s, path, &text), STATUS_IO);
    options_text_done(&text);
}

// What options_print writes, options_load reads back, for random values of every type.
static void printing_and_reading_are_inverse(const char *path) {
    struct rng rng;
    rng_init(&rng, 5, 0);
    for (int i = 0; i < 200; i++) {
        struct settings a = {.quiet = rng_below(&rng, 2),
                             .games = 1 + (int)rng_below(&rng, 1000),
                             .seed = (long long)rng_u64(&rng),
                             .komi = rng_double(&rng) * 800 - 400,
                             .time = rng_double(&rng) * 86400,
                             .name = i % 3 ? "run;7#x" : "",
                             .rules = i % 2 ? "chinese" : "tromp-taylor",
                             .memory = (long long)rng_below(&rng, 1u << 31),
                             .size = {2 + (int)rng_below(&rng, 18), 2 + (int)rng_below(&rng, 18)}},
                        b = {0};
        FILE *file = fopen(path, "w");
        if (!file) exit(1);
        options_print(table, &a, file);
        fclose(file);
        struct options_text text = {0};
        EXPECT_INT(options_load(table, &b, path, &text), STATUS_OK);
        EXPECT(a.quiet == b.quiet && a.games == b.games && a.seed == b.seed && a.komi == b.komi && a.time == b.time);
        EXPECT(!strcmp(a.name, b.name) && !strcmp(a.rules, b.rules) && a.memory == b.memory);
        EXPECT(a.size[0] == b.size[0] && a.size[1] == b.size[1]);
        options_text_done(&text);
    }
    unlink(path);
}

// Texts that a file can't hold are refused, and no others: the twin writes and reads every one.
static void texts_that_a_file_would_change_are_refused(const char *path) {
    static const char letters[] = "ab #;=[\n\r\t\v\"";
    struct rng rng;
    int num_kept = 0, num_refused = 0;
    rng_init(&rng, 6, 0);
    for (int i = 0; i < 3000; i++) {
        char name[8] = "";
        const int length = (int)rng_below(&rng, sizeof name);
        for (int at = 0; at < length; at++) name[at] = letters[rng_below(&rng, sizeof letters - 1)];
        struct settings a, b = {0};
        options_defaults(table, &a);
        a.name = name;
        FILE *file = fopen(path, "w");
        if (!file) exit(1);
        options_print(table, &a, file);
        fclose(file);
        struct options_text text = {0};
        const bool is_same = options_load(table, &b, path, &text) == STATUS_OK && !strcmp(a.name, b.name);
        EXPECT_((options_expect_lines(table, &a) == STATUS_OK) == is_same, "'%s' is %s as it is", name,
                is_same ? "read" : "not read");
        *(is_same ? &num_kept : &num_refused) += 1;
        options_text_done(&text);
    }
    EXPECT(num_kept > 500 && num_refused > 500);
    struct settings none = {0}; // a text that is not given
    EXPECT_INT(options_expect_lines(table, &none), STATUS_OK);
    unlink(path);
}

static void durations_read_and_print(void) {
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"90s", 90}, {"20m", 1200}, {"2h", 7200},    {"1d", 86400}, {"1.5h", 5400},
                {"45", 45},  {"0", 0},      {"1h05m", 3900}, {".5s", 0.5}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double seconds = -1;
        EXPECT_INT(parse_duration(good[i].text, &seconds), STATUS_OK);
        EXPECT_NEAR(seconds, good[i].seconds, 0);
    }
    static const char *const bad[] = {"", "s", "5 m", "1h-5m", "5ms", "1m1m", "h1", "1h5", "infs", "1e400s"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double seconds = -1;
        EXPECT_(parse_duration(bad[i], &seconds) == STATUS_USAGE, "'%s' is read as %g seconds", bad[i], seconds);
    }
    char out[32];
    EXPECT_TEXT(format_duration(3900, out), "1h 05m");
    EXPECT_TEXT(format_duration(200, out), "3m 20s");
    EXPECT_TEXT(format_duration(12.2, out), "12s");
    EXPECT_TEXT(format_duration(-1, out), "0s");
    EXPECT_TEXT(format_duration(1e300, out), "0s");
}

static void help_names_every_option(void) {
    FILE *file = tmpfile();
    if (!file) exit(1);
    options_help(table, file);
    rewind(file);
    char text[8192] = {0};
    EXPECT(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    for (const struct option *o = table; o->name; o++)
        EXPECT_((strstr(text, o->name) && strstr(text, o->help)) == (o->type != OPTION_GONE), "%s is missing, or gone",
                o->name);
    EXPECT(strstr(text, "(games, 1 .. 1000, default 10)") && strstr(text, "chinese|tromp-taylor"));
}

int main(void) {
    char path[PATH_BYTES];
    const char *base = getenv("TMPDIR");
    path_format(path, "%s/tengen-options-%d", base ? base : "/tmp", (int)getpid());
    defaults_are_read_from_text();
    what_is_gone_may_stay_in_files_without_effect();
    command_lines_are_read();
    wrong_command_lines_are_refused();
    the_closest_name_is_offered();
    files_are_read_and_errors_placed(path);
    printing_and_reading_are_inverse(path);
    texts_that_a_file_would_change_are_refused(path);
    durations_read_and_print();
    help_names_every_option();
    return TEST_END();
}
