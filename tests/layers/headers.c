// Headers lead to code, in the folders named below: whoever reads a declaration knows which file to
// open.
//
// 1. A function that `x.h` declares is defined in `x.c` or in a part of it, `x_*.c`. `x_parts.h` is
//    the inside of x, so its
//    functions are in `x.c` or `x_*.c`, too.
// 2. Its name begins with a word of the header's: `seat.h` has seat_..., `openings.h` opening_...,
//    `tournament_schedule.h` schedule_...
//
// Functions that a header defines itself (static inline) are left out. The sources are formatted,
// so what begins in the first column is a declaration or a definition, never a statement.
#include "base/files.h"

#include "tests/test.h"

#include <ctype.h>

static const char *const folders[] = {"game", "mcts", "arena", "ladder", "exam", "selfplay"};

enum { MAX_SOURCES = 100 };
static int num_functions;

// The sources of a folder, read whole.
struct sources {
    char **names;
    char *texts[MAX_SOURCES];
    int num;
};

// The name of the function that is declared or defined at `line`. False: there is none.
static bool function_at(const char *line, char name[80]) {
    static const char *const others[] = {"static ", "typedef ", "extern ", "return ", "else "};
    if (!islower((unsigned char)*line)) return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strncmp(line, others[i], strlen(others[i]))) return false;
    const char *open = line + strcspn(line, "(;={\n"), *start = open;
    while (start > line && (isalnum((unsigned char)start[-1]) || start[-1] == '_')) start--;
    if (*open != '(' || start == open || start == line) return false;
    snprintf(name, 80, "%.*s", (int)(open - start), start);
    return true;
}

static const char *next_line(const char *at) {
    const char *end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
}

// Whether what begins at `line` has a body.
static bool is_definition(const char *line) { return line[strcspn(line, ";{")] == '{'; }

static bool defines(const char *text, const char *function) {
    char name[80];
    for (const char *line = text; *line; line = next_line(line))
        if (function_at(line, name) && !strcmp(name, function) && is_definition(line)) return true;
    return false;
}

// x of "x.h" or "x_parts.h".
static void subject_of(const char *header, char out[80]) {
    snprintf(out, 80, "%.*s", (int)(strlen(header) - 2), header);
    char *end = out + strlen(out) - strlen("_parts");
    if (end > out && !strcmp(end, "_parts")) *end = 0;
}

static bool is_part(const char *file, const char *subject) {
    const size_t n = strlen(subject);
    return !strncmp(file, subject, n) && (file[n] == '_' || !strcmp(file + n, ".c"));
}

// Whether two words, which end at '_' or with the string, are the same but for the s of a plural.
static bool are_alike(const char *a, const char *b) {
    size_t n = strcspn(a, "_"), m = strcspn(b, "_");
    n -= n > 1 && a[n - 1] == 's';
    m -= m > 1 && b[m - 1] == 's';
    return n == m && !strncmp(a, b, n);
}

static bool has_prefix(const char *function, const char *subject) {
    for (const char *word = subject;; word += strcspn(word, "_") + 1) {
        if (are_alike(function, word)) return true;
        if (!strchr(word, '_')) return false;
    }
}

static void check_header(const char *folder, const char *header, const struct sources *sources) {
    char subject[80], function[80], *text;
    size_t n;
    if (file_read(header, &text, &n)) exit(1);
    subject_of(strrchr(header, '/') + 1, subject);
    for (const char *line = text; *line; line = next_line(line)) {
        if (!function_at(line, function) || is_definition(line)) continue;
        bool is_defined = false;
        for (int i = 0; i < sources->num; i++)
            is_defined |= is_part(sources->names[i], subject) && defines(sources->texts[i], function);
        EXPECT_(is_defined, "%s declares %s, which is not in %s/%s.c or %s_*.c", header, function, folder, subject, subject);
        EXPECT_(has_prefix(function, subject), "%s declares %s, which has no prefix of it", header, function);
        num_functions++;
    }
    free(text);
}

static void check_folder(const char *root, const char *folder) {
    char path[PATH_BYTES], file[PATH_BYTES], **headers;
    int num_headers;
    struct sources sources = {0};
    path_format(path, "%s/%s", root, folder);
    if (dir_list(path, ".c", &sources.names, &sources.num) || dir_list(path, ".h", &headers, &num_headers)) exit(1);
    EXPECT(sources.num <= MAX_SOURCES);
    size_t n;
    for (int i = 0; i < sources.num; i++)
        if (file_read(path_format(file, "%s/%s", path, sources.names[i]), &sources.texts[i], &n)) exit(1);
    for (int i = 0; i < num_headers; i++) check_header(folder, path_format(file, "%s/%s", path, headers[i]), &sources);
    for (int i = 0; i < sources.num; i++) free(sources.texts[i]);
    free(sources.names);
    free(headers);
}

static void check_the_reader_itself(void) {
    char name[80];
    EXPECT(function_at("enum status *seat_new(struct seat **out,\n    int n);\n", name) && !strcmp(name, "seat_new"));
    EXPECT(!function_at("static int seat_hidden(void);\n", name) && !function_at("struct seat;\n", name));
    EXPECT(!function_at("// seat_new(x);\n", name) && !function_at("enum { A = (1) };\n", name));
    EXPECT(is_definition("int a(int b) {\n}\n") && !is_definition("int a(int b);\nint c(void) {\n}\n"));
    EXPECT(defines("int a(void);\n\nint b(\n    int c) {\n}\n", "b") && !defines("int a(void);\n", "a"));
    EXPECT(is_part("seat.c", "seat") && is_part("seat_gtp.c", "seat") && !is_part("seats.c", "seat"));
    EXPECT(has_prefix("opening_plies", "openings") && has_prefix("schedule_add", "tournament_schedule"));
    EXPECT(!has_prefix("sprt_llr", "match") && !has_prefix("seating_x", "seat"));
}

int main(int argc, char **argv) {
    const char *root = argc > 1 ? argv[1] : ".";
    check_the_reader_itself();
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) check_folder(root, folders[i]);
    printf("%d functions\n", num_functions);
    EXPECT(num_functions > 150); // it has looked at something
    return TEST_END();
}
