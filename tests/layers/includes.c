// Who may know whom: every #include and every ARROWS line is compared with the table of the design.
//
// 1. A folder includes its own headers and those of the folders that it may know; never tests/.
// 2. Our includes are root-relative and name a file that is there.
// 3. A library's header stays in the one file (or folder) that is its owner, and so does a private
//    header of ours. 4. A folder's CMake ARROWS are within the table. 5. Below cli/ nobody reads a
//    clock or uses libc's hidden random state.
#include "base/files.h"

#include "tests/test.h"

#include <ctype.h>

static const struct {
    const char *folder, *may_know; // folders, each between spaces
} arrows[] = {
    {"base", ""},
    {"cluster", " base "},
    {"kernels", ""},
    {"game", " base "},
    {"mcts", " game base "},
    {"net", " game base kernels cluster "},
    {"run", " game base "},
    {"arena", " mcts net game base "},
    {"gtp", " arena mcts net game base "},
    {"ladder", " run arena mcts net game base "},
    {"exam", " run arena mcts net game base "},
    {"selfplay", " ladder exam run arena mcts net game base cluster "},
    {"web", " gtp ladder exam run arena mcts net game base "},
    {"cli", " web selfplay ladder exam gtp run arena mcts net kernels game base cluster "},
};
enum { NUM_FOLDERS = sizeof arrows / sizeof arrows[0] };

// Headers with owners: a header whose name begins like this may be included only by files whose
// path begins like that.
static const struct {
    const char *header, *owner;
    bool one_file; // and only one of them
} owners[] = {
    {"oneapi/", "net/dnnl_compat.h", true},
    {"dnnl", "net/dnnl_compat.h", true},
    {"net/dnnl_compat.h", "net/backend_cpu.c", true},
    {"mpi.h", "cluster/cluster_mpi.c", true},
    {"cluster/cluster_parts.h", "cluster/", false},
    {"sqlite3", "run/run_db.c", true},
    {"microhttpd", "web/http.c", true},
    {"web/runs_parts.h", "web/runs", false},
    {"web/play_parts.h", "web/", false},
    {"run/run_parts.h", "run/", false},
    {"ladder/ladder_parts.h", "ladder/", false},
    {"selfplay/scaling_parts.h", "selfplay/", false},
    {"cudnn", "net/backend_cuda", true},
    {"cublas", "net/backend_cuda", true},
    {"nccl", "net/backend_cuda", true},
};
enum { NUM_OWNERS = sizeof owners / sizeof owners[0] };

static const char *const forbidden_calls[] = {"clock_gettime(", "gettimeofday(", "time(NULL)", "time(0)", "clock()",
                                              "srand(",         "random()",      "drand48(",   "rand()"};

static const char *root;
static int owner_files[NUM_OWNERS], num_files, num_includes;

static bool knows(const char *may_know, const char *folder) {
    char word[80];
    snprintf(word, sizeof word, " %.60s ", folder);
    return strstr(may_know, word) != NULL;
}

static void check_ours(const char *path, const char *folder, const char *may_know, const char *header) {
    char target[80], file[PATH_BYTES];
    const char *slash = strchr(header, '/');
    EXPECT_(slash, "%s: \"%s\" is not root-relative", path, header);
    if (!slash) return;
    snprintf(target, sizeof target, "%.*s", (int)(slash - header), header);
    EXPECT_(!strcmp(target, folder) || knows(may_know, target), "%s: %s may not know %s (\"%s\")", path, folder, target,
            header);
    path_format(file, "%s/%s", root, header);
    EXPECT_(file_exists(file), "%s: \"%s\" is not there", path, header);
}

static void check_owner(const char *path, const char *folder, const char *header, bool *owns) {
    for (int i = 0; i < NUM_OWNERS; i++) {
        if (strncmp(header, owners[i].header, strlen(owners[i].header))) continue;
        const bool device_code = !strcmp(folder, "kernels") && strcmp(owners[i].header, "sqlite3");
        EXPECT_(device_code || !strncmp(path, owners[i].owner, strlen(owners[i].owner)), "%s: %s belongs into %s*", path,
                header, owners[i].owner);
        if (!device_code) owns[i] = true;
    }
}

static void check_calls(const char *path, const char *line) {
    const char *end = strstr(line, "//");
    for (size_t i = 0; i < sizeof forbidden_calls / sizeof forbidden_calls[0]; i++) {
        const char *at = strstr(line, forbidden_calls[i]);
        if (!at || (end && at > end) || (at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '_'))) continue;
        EXPECT_(false, "%s: calls %s below cli/", path, forbidden_calls[i]);
    }
}

static void check_source(const char *path, const char *folder, const char *may_know) {
    char full[PATH_BYTES], *text, *save = NULL;
    size_t n;
    if (file_read(path_format(full, "%s/%s", root, path), &text, &n)) exit(1);
    bool owns[NUM_OWNERS] = {false};
    num_files++;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char header[256];
        if (sscanf(line, " # include \"%255[^\"]\"", header) == 1 || sscanf(line, "#include \"%255[^\"]\"", header) == 1) {
            num_includes++;
            check_ours(path, folder, may_know, header);
            check_owner(path, folder, header, owns);
        } else if (sscanf(line, " # include <%255[^>]>", header) == 1 || sscanf(line, "#include <%255[^>]>", header) == 1) {
            check_owner(path, folder, header, owns);
        } else if (strcmp(folder, "cli")) {
            check_calls(path, line);
        }
    }
    for (int i = 0; i < NUM_OWNERS; i++) owner_files[i] += owns[i];
    free(text);
}

// The words after ARROWS in `tengen_folder(name ... ARROWS a b LIBRARIES ...)`.
static void check_cmake(const char *folder, const char *may_know) {
    char path[PATH_BYTES], *text, *save = NULL;
    size_t n;
    path_format(path, "%s/%s/CMakeLists.txt", root, folder);
    if (!file_exists(path)) return;
    if (file_read(path, &text, &n)) exit(1);
    char *at = strstr(text, "tengen_folder(");
    char *end = at ? strchr(at, ')') : NULL;
    EXPECT_(end, "%s/CMakeLists.txt has no tengen_folder(...)", folder);
    char *list = end ? strstr(at, "ARROWS") : NULL;
    if (list && list < end) {
        *end = 0;
        for (char *word = strtok_r(list + 6, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save)) {
            if (isupper((unsigned char)*word)) break; // the next keyword
            EXPECT_(knows(may_know, word), "%s/CMakeLists.txt: %s may not know %s", folder, folder, word);
        }
    }
    free(text);
}

static void check_folder(const char *folder, const char *may_know) {
    static const char *const suffixes[] = {".c", ".h", ".cu", ".cuh", ".cpp"};
    char path[PATH_BYTES];
    if (!dir_exists(path_format(path, "%s/%s", root, folder))) return;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char **names;
        int n;
        if (dir_list(path, suffixes[i], &names, &n)) exit(1);
        for (int k = 0; k < n; k++) {
            char source[PATH_BYTES];
            check_source(path_format(source, "%s/%s", folder, names[k]), folder, may_know);
        }
        free(names);
    }
    check_cmake(folder, may_know);
}

int main(int argc, char **argv) {
    root = argc > 1 ? argv[1] : ".";
    for (int i = 0; i < NUM_FOLDERS; i++) check_folder(arrows[i].folder, arrows[i].may_know);
    for (int i = 0; i < NUM_OWNERS; i++)
        EXPECT_(!owners[i].one_file || owner_files[i] <= 1, "<%s...> is included by %d files", owners[i].header,
                owner_files[i]);
    printf("%d files, %d includes\n", num_files, num_includes);
    EXPECT(num_files > 20 && num_includes > 40); // it has looked at something
    return TEST_END();
}
