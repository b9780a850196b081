// Laws: whatever is sent, honest requests in between have the right answers, nothing outside the
// API is ever shown, and memory is bounded. Thousands of requests are random or hostile: paths that
// climb, huge headers, other Hosts and Origins, wrong tokens, broken JSON, connections that are
// cut, and readers that read nothing.
//
//   test_web_hostile [REQUESTS]
#include "tests/web/scene.h"
#include "web/guard.h"

static struct rng rng;

static bool is_one_of(int status, const int *list, int n) {
    for (int i = 0; i < n; i++)
        if (list[i] == status) return true;
    return false;
}

// Sends `n` bytes and reads what comes, if anything does.
static struct client_answer send_raw(int port, const char *data, size_t n, bool reads) {
    struct client_answer answer = {0};
    const int fd = client_connect(port);
    if (fd >= 0 && client_send(fd, data, n) && reads) answer = client_receive(fd);
    if (fd >= 0) close(fd);
    return answer;
}

// ---- what the guard refuses ----

static void expect_status(int port, const char *request, int status) {
    struct client_answer answer = send_raw(port, request, strlen(request), true);
    EXPECT_(answer.status == status, "%.120s: %d, expected %d", request, answer.status, status);
    EXPECT_(!answer.head || !strstr(answer.head, "Access-Control"), "%.120s: CORS", request);
    client_done(&answer);
}

static void test_hosts_and_origins_are_checked(int port) {
    static const struct {
        const char *lines;
        bool is_fine;
    } cases[] = {
        {"Host: 127.0.0.1:%d\r\n", true},
        {"Host: localhost:%d\r\n", true},
        {"Host: LOCALHOST:%d\r\n", true},
        {"Host: [::1]:%d\r\n", true},
        {"Host: evil.example:%d\r\n", false},
        {"Host: localhost.evil.example:%d\r\n", false},
        {"Host: localhost\r\n", false},
        {"Host: localhost:1\r\n", false},
        {"Host: localhost:%dx\r\n", false},
        {"Host: 10.0.0.1:%d\r\n", false},
        {"Host: \r\n", false},
        {"Host: localhost:%d\r\nHost: evil.example\r\n", false},
        {"Host: localhost:%d\r\nOrigin: http://localhost:%d\r\n", true},
        {"Host: localhost:%d\r\nOrigin: http://evil.example\r\n", false},
        {"Host: localhost:%d\r\nOrigin: null\r\n", false},
        {"Host: localhost:%d\r\nOrigin: https://localhost:%d\r\n", false},
        {"Host: localhost:%d\r\nSec-Fetch-Site: same-origin\r\n", true},
        {"Host: localhost:%d\r\nSec-Fetch-Site: none\r\n", true},
        {"Host: localhost:%d\r\nSec-Fetch-Site: cross-site\r\n", false},
        {"Host: localhost:%d\r\nSec-Fetch-Site: same-site\r\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char lines[300], request[600];
        snprintf(lines, sizeof lines, cases[i].lines, port, port);
        snprintf(request, sizeof request, "GET /api/version HTTP/1.1\r\n%s\r\n", lines);
        expect_status(port, request, cases[i].is_fine ? 200 : 403);
        snprintf(request, sizeof request,
                 "POST /api/play HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", lines);
        expect_status(port, request, cases[i].is_fine ? 400 : 403);
    }
}

static void test_a_token_is_asked_for(const struct scene *scene, const char *token) {
    char lines[300];
    const int port = scene->port;
    const struct {
        const char *format;
        int status;
    } cases[] = {{"", 401},
                 {"Authorization: Bearer wrong-token-0123456\r\n", 401},
                 {"Authorization: Bearer %s\r\n", 200},
                 {"Authorization: Bearer %sx\r\n", 401},
                 {"Authorization: Basic %s\r\n", 401},
                 {"Cookie: tengen_token=%s\r\n", 200},
                 {"Cookie: a=b; tengen_token=%s; c=d\r\n", 200},
                 {"Cookie: xtengen_token=%s\r\n", 401},
                 {"Cookie: tengen_token=\r\n", 401}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(lines, sizeof lines, cases[i].format, token);
        struct client_answer answer = client_ask(port, "GET", "/api/version", lines, "");
        EXPECT_(answer.status == cases[i].status, "%s: %d", lines, answer.status);
        client_done(&answer);
    }
    char path[200];
    snprintf(path, sizeof path, "/?token=%s", token);
    struct client_answer answer = client_get(port, path);
    EXPECT_INT(answer.status, 303);
    EXPECT(answer.head && strstr(answer.head, "HttpOnly; SameSite=Strict") && strstr(answer.head, "Location: /\r\n"));
    client_done(&answer);
    answer = client_get(port, "/?token=wrong");
    EXPECT_INT(answer.status, 401);
    client_done(&answer);
    snprintf(path, sizeof path, "/api/runs?token=%s", token); // a token in a link opens the page alone
    answer = client_get(port, path);
    EXPECT_INT(answer.status, 401);
    client_done(&answer);
}

static void test_texts_are_compared_whole(void) {
    EXPECT(guard_equal("abc", "abc") && !guard_equal("abc", "abd") && !guard_equal("abc", "ab"));
    EXPECT(!guard_equal("ab", "abab") && !guard_equal("abab", "ab") && !guard_equal("", "") && !guard_equal("a", ""));
}

// Two servers on one port would share its requests between them.
static void test_a_port_is_taken_once(const struct scene *scene) {
    struct web *second;
    const struct web_params params = {
        .address = "127.0.0.1", .port = scene->port, .threads = 1, .machine = "", .clock = &scene_clock, .wall = scene_wall};
    EXPECT_REFUSED(web_start(&second, &params), STATUS_IO, "127.0.0.1", "another program has that port");
    EXPECT(!second);
}

// ---- the flood ----

static const char *random_path(char out[4096]) {
    static const char *const parts[] = {"api",        "runs",   "play",     "0",
                                        "..",         "%2e%2e", "etc",      "passwd",
                                        "games",      "0.sgf",  "events",   "metrics",
                                        "elo",        "live",   "models",   "machine",
                                        "%00",        "%ff",    "-1",       "99999999999999999999",
                                        "run.sqlite", "nets",   "%s%n",     "index.html",
                                        "\\",         "'",      "<script>", "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c",
                                        "ply",        "move",   ""};
    static const char *const queries[] = {"",         "?after=1",   "?count=-1", "?net=1e9",
                                          "?token=x", "?a=b&a=c&a", "?%00=%00",  "?result=b"};
    size_t n = 0;
    const int num = 1 + (int)rng_below(&rng, 7);
    for (int i = 0; i < num; i++)
        n += (size_t)snprintf(out + n, 4096 - n, "/%s", parts[rng_below(&rng, sizeof parts / sizeof *parts)]);
    snprintf(out + n, 4096 - n, "%s", queries[rng_below(&rng, sizeof queries / sizeof *queries)]);
    return out;
}

static const char *random_body(char out[4096]) {
    static const char *const parts[] = {"{",           "}",           "[",        "]",          "\"model\"",
                                        ":",           "\"f0\"",      ",",        "\"visits\"", "1e999",
                                        "-5",          "null",        "true",     "\"sgf\"",    "\"(;GM[1]SZ[5];B[aa]\"",
                                        "\"\\u0000\"", "\"\\ud800\"", "\xff",     "\"move\"",   "\"C3\"",
                                        "\"colour\"",  "\"both\"",    "\"komi\"", "0.5",        "\"height\"",
                                        "19"};
    size_t n = 0;
    const int num = (int)rng_below(&rng, 40);
    for (int i = 0; i < num && n < 3000; i++)
        n += (size_t)snprintf(out + n, 4096 - n, "%s", parts[rng_below(&rng, sizeof parts / sizeof *parts)]);
    out[n] = 0;
    return out;
}

// One hostile request. It must end in a refusal, an honest answer to what happens to be one, or a
// closed connection; never in a file of this machine.
static void attack(const struct scene *scene) {
    static const int fine[] = {0,   200, 201, 303, 304, 400, 401, 403, 404, 405, 409,
                               411, 413, 414, 415, 431, 494, 500, 501, 503, 505};
    static const char *const methods[] = {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "X"};
    char path[4096], body[4096];
    const size_t size = 300000;
    char *request = memory_raw(size, 1, "a request");
    size_t n;
    bool reads = true;
    random_path(path);
    random_body(body);
    const bool is_stream = strstr(path, "events") != NULL;
    const char *method = methods[rng_below(&rng, sizeof methods / sizeof *methods)];
    switch (rng_below(&rng, 10)) {
    case 0: // random bytes
        n = rng_below(&rng, 2000);
        for (size_t i = 0; i < n; i++) request[i] = (char)rng_below(&rng, 256);
        reads = false;
        break;
    case 1: // huge headers
        n = (size_t)snprintf(request, size, "GET %s HTTP/1.1\r\nHost: localhost:%d\r\nX: ", path, scene->port);
        memset(request + n, 'x', 200000);
        n += 200000;
        n += (size_t)snprintf(request + n, size - n, "\r\n\r\n");
        break;
    case 2: // many headers
        n = (size_t)snprintf(request, size, "GET %s HTTP/1.1\r\nHost: localhost:%d\r\n", path, scene->port);
        for (int i = 0; i < 1000; i++) n += (size_t)snprintf(request + n, size - n, "X%d: y\r\n", i);
        n += (size_t)snprintf(request + n, size - n, "\r\n");
        break;
    case 3: // cut within the headers or the body
        n = (size_t)snprintf(request, size, "POST /api/play HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 5000\r\n\r\n%s",
                             scene->port, body);
        n = rng_below(&rng, (uint32_t)n);
        reads = false;
        break;
    case 4: // a body that is announced as far too large
        n = (size_t)snprintf(request, size,
                             "POST /api/play HTTP/1.1\r\nHost: localhost:%d\r\nContent-Length: 99999999999\r\n\r\n{",
                             scene->port);
        break;
    case 5: // another Host
        n = (size_t)snprintf(request, size, "%s %s HTTP/1.1\r\nHost: evil%u.example\r\nContent-Length: 0\r\n\r\n", method, path,
                             rng_below(&rng, 1000));
        break;
    default:
        n = (size_t)snprintf(
            request, size,
            "%s %s HTTP/1.%u\r\nHost: localhost:%d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", method,
            path, rng_below(&rng, 2), scene->port, strlen(body), body);
        reads = !is_stream; // which would have no end
    }
    // Such answers have no body, whatever length they tell.
    if (!strncmp(request, "HEAD", 4) || !strncmp(request, "CONNECT", 7)) reads = false;
    struct client_answer answer = send_raw(scene->port, request, n, reads);
    EXPECT_(is_one_of(answer.status, fine, sizeof fine / sizeof *fine), "%.80s: status %d", request, answer.status);
    EXPECT_(!answer.body || !strstr(answer.body, "root:"), "%.80s: shows a file", request);
    EXPECT_(!answer.body || memcmp(answer.body, "SQLite", 6), "%.80s: shows a file", request);
    client_done(&answer);
    free(request);
}

static void be_honest(const struct scene *scene, const char *games) {
    struct client_answer answer = client_get(scene->port, "/api/runs/0/games?count=5");
    EXPECT_INT(answer.status, 200);
    EXPECT_(answer.body && games && !strcmp(answer.body, games), "the games are %.200s", answer.body ? answer.body : "nothing");
    client_done(&answer);
}

static double memory_now(void) {
    double pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%*s %lf", &pages) == 1);
    fclose(file);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

// Listeners that never read, and connections that never say anything.
enum { SILENT = 40 };
static void open_silent(const struct scene *scene, int fds[SILENT]) {
    char request[200];
    snprintf(request, sizeof request, "GET /api/runs/0/events HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", scene->port);
    for (int i = 0; i < SILENT; i++) {
        fds[i] = client_connect(scene->port);
        EXPECT(fds[i] >= 0);
        client_send(fds[i], request, i % 2 ? strlen(request) : (size_t)(i % 30));
    }
}

static void test_a_flood_does_no_harm(struct scene *scene, int num) {
    int fds[SILENT];
    struct client_answer first = client_get(scene->port, "/api/runs/0/games?count=5");
    EXPECT_INT(first.status, 200);
    open_silent(scene, fds);
    const double before = memory_now();
    for (int i = 0; i < num; i++) {
        attack(scene);
        if (i % 100 == 50) be_honest(scene, first.body);
    }
    const double grown = memory_now() - before;
    printf("%d hostile requests; memory grew by %.1f MB\n", num, grown / 1e6);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_(grown < 100e6, "memory grew by %.0f MB", grown / 1e6);
#endif
    for (int i = 0; i < SILENT; i++) close(fds[i]);
    client_done(&first);
}

int main(int argc, char **argv) {
    struct scene scene;
    char path[PATH_BYTES];
    static const char token[] = "0123456789abcdef-XYZ";
    const int num = argc > 1 ? atoi(argv[1]) : test_rounds(2000);
    rng_init(&rng, 9, 0);
    test_texts_are_compared_whole();
    scene_begin(&scene, "go", 5, 5, "127.0.0.1", NULL);
    test_hosts_and_origins_are_checked(scene.port);
    test_a_port_is_taken_once(&scene);
    test_a_flood_does_no_harm(&scene, num);
    scene_end(&scene);
    path_format(path, "/tmp/tengen-token-%d", (int)getpid());
    CHECK(file_write(path, "0123456789abcdef-XYZ\n", sizeof token) == STATUS_OK);
    scene_begin(&scene, "go", 5, 5, "127.0.0.1", path);
    test_a_token_is_asked_for(&scene, token);
    scene_end(&scene);
    unlink(path);
    return TEST_END();
}
