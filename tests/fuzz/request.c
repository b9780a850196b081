// A request to the page: the first line is its method and path with a query, then headers up to an
// empty line, then the body. Whatever it is, the answer is one of HTTP's, and JSON where it says so.
// There are no runs and no nets, so that what is looked at is the guard, the paths and the bodies; a
// session of Connect Four can't be begun.
#include "tests/fuzz/fuzz.h"
#include "web/put.h"
#include "web/router.h"

enum { MAX_PAIRS = 16 };
static double no_time(void *context) { return 0; }
static double no_wall(void) { return 0; }

static int cut_pairs(char *text, const char *between, const char *inside, struct http_pair *pairs) {
    int n = 0;
    char *save = NULL;
    for (char *word = strtok_r(text, between, &save); word && n < MAX_PAIRS; word = strtok_r(NULL, between, &save)) {
        char *value = strpbrk(word, inside);
        pairs[n].key = word;
        pairs[n].value = "";
        if (value) {
            *value++ = 0;
            pairs[n].value = value + strspn(value, " ");
        }
        n++;
    }
    return n;
}

static struct router *router_for_all(void) {
    static struct router router;
    static bool is_made;
    static const struct clock clock = {.seconds = no_time};
    if (is_made) return &router;
    CHECK(guard_init(&router.guard, "127.0.0.1", NULL) == STATUS_OK);
    router.guard.port = 80;
    router.events = events_new();
    router.runs = runs_new(NULL, 0, router.events, &clock, no_wall);
    router.models = models_new(router.runs, NULL, 0, NULL, 0);
    router.machine = "fuzz";
    runs_tick(router.runs);
    models_read(router.models);
    CHECK(play_new(&router.play, &(struct play_params){.models = router.models, .events = router.events, .clock = &clock}) ==
          STATUS_OK);
    is_made = true;
    return &router;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    struct http_pair query[MAX_PAIRS], headers[MAX_PAIRS];
    struct http_answer answer;
    if (num_bytes == 0 || num_bytes > 1 << 16) return 0;
    char *text = malloc(num_bytes + 1);
    CHECK(text);
    memcpy(text, data, num_bytes);
    text[num_bytes] = 0;
    char *body = strstr(text, "\n\n"), none[] = "";
    if (body) *body = 0, body += 2;
    char *lines = strchr(text, '\n');
    if (lines) *lines++ = 0;
    char *path = strchr(text, ' ');
    if (path) *path++ = 0;
    char *arguments = path ? strchr(path, '?') : NULL;
    if (arguments) *arguments++ = 0;
    const struct http_request request = {.method = !strcmp(text, "GET")    ? HTTP_GET
                                                   : !strcmp(text, "POST") ? HTTP_POST
                                                   : !strcmp(text, "HEAD") ? HTTP_HEAD
                                                                           : HTTP_OTHER,
                                         .path = path ? path : "/",
                                         .query = query,
                                         .num_query = cut_pairs(arguments ? arguments : none, "&", "=", query),
                                         .headers = headers,
                                         .num_headers = cut_pairs(lines ? lines : none, "\n", ":", headers),
                                         .body = body ? body : "",
                                         .body_bytes = body ? strlen(body) : 0};
    router_answer(router_for_all(), &request, &answer);
    CHECK(answer.status >= 200 && answer.status < 600);
    if (answer.stream) http_stream_end(answer.stream);
    const char *sent = answer.text ? answer.text : answer.bytes;
    if (!answer.stream && answer.type && !strcmp(answer.type, "application/json")) {
        cJSON *object = cJSON_ParseWithLength(sent, answer.num_bytes);
        CHECK(object);
        cJSON_Delete(object);
    }
    free(answer.text);
    free(text);
    return 0;
}
