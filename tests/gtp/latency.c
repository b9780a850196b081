// How soon a `stop` ends an analysis, the median and the worst of 100, and what ten lines a second
// cost. It is printed, not asserted, because the machine may be busy. The argument is a net's file;
// without one, judgements are hashes.
#include "net/net_evaluator.h"
#include "tests/gtp/talk.h"

enum { STOPS = 100, FEW_STOPS = 10 };

static int by_size(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void measure(struct evaluator *evaluator, const struct net *net, int stops) {
    const struct gtp_params params = {
        .net = net, .model_name = "net", .visits = 400, .batch = 8, .size = 9, .komi = 7, .seed = 1, .clock = &test_clock};
    double seconds[STOPS];
    struct rng rng;
    struct talk t;
    rng_init(&rng, 1, 1);
    talk_start(&t, &params, evaluator);
    for (int i = 0; i < stops; i++) {
        talk_send(&t, "clear_cache\nclear_board\n1 kata-analyze b 10\n");
        const char *line;
        while ((line = talk_line(&t)) && strcmp(line, "=1")) {
        }
        usleep(20000 + rng_below(&rng, 200000));
        const double start = test_seconds(NULL);
        talk_send(&t, "2 stop\n");
        while ((line = talk_line(&t)) && strncmp(line, "=2", 2)) {
        }
        seconds[i] = test_seconds(NULL) - start;
        talk_rest(&t);
    }
    EXPECT_INT(talk_end(&t), STATUS_OK);
    qsort(seconds, (size_t)stops, sizeof *seconds, by_size);
    printf("%d stops: median %.1f ms, worst %.1f ms\n", stops, 1000 * seconds[stops / 2], 1000 * seconds[stops - 1]);
}

static double processor_seconds(void *context) {
    (void)context;
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

// The processor time of a search with lines of analysis at this interval. The engine's own clock is
// that of the processor, too, so that there are ten lines a second whatever else runs.
static double search_seconds(struct evaluator *evaluator, const struct net *net, int visits, const char *command, int *lines) {
    const struct clock clock = {.seconds = processor_seconds};
    const struct gtp_params params = {
        .net = net, .model_name = "net", .visits = visits, .batch = 8, .size = 9, .komi = 7, .seed = 1, .clock = &clock};
    struct talk t;
    talk_start(&t, &params, evaluator);
    const double start = processor_seconds(NULL);
    talk_send(&t, command);
    *lines = talk_rest(&t);
    const double seconds = processor_seconds(NULL) - start;
    EXPECT_INT(talk_end(&t), STATUS_OK);
    return seconds;
}

static void measure_cost(struct evaluator *evaluator, const struct net *net, int visits) {
    static const char *const commands[2][2] = {
        {"kata-search_analyze b 100000000\n", "kata-search_analyze b 10 rootInfo true\n"},
        {"kata-search_analyze b 100000000 ownership true\n", "kata-search_analyze b 10 rootInfo true ownership true\n"}};
    for (int k = 0; k < 2; k++) {
        double least[2] = {INFINITY, INFINITY};
        int lines[2];
        for (int i = 0; i < 6; i++)
            least[i % 2] = fmin(least[i % 2], search_seconds(evaluator, net, visits, commands[k][i % 2], &lines[i % 2]));
        printf("%s: %d visits take %.2f s, with %d lines %.2f s: %+.1f %%\n", k ? "with ownership" : "moves", visits, least[0],
               lines[1], least[1], 100 * (least[1] / least[0] - 1));
    }
}

int main(int argc, char **argv) {
    struct evaluator *evaluator = NULL;
    struct backend *backend = NULL;
    struct net *net = NULL;
    if (argc > 1) {
        if (net_load(&net, argv[1]) != STATUS_OK) return 1;
        if (backend_open(&backend, &(struct backend_spec){.name = "cpu"}) != STATUS_OK) return 1;
        if (net_evaluator_new(&evaluator, net, backend, 8) != STATUS_OK) return 1;
    } else if (evaluator_hash(&evaluator, 1) != STATUS_OK) {
        return 1;
    }
    measure(evaluator, net, argc > 1 ? STOPS : FEW_STOPS);
    measure_cost(evaluator, net, argc > 1 ? 4000 : 1000);
    evaluator_free(evaluator);
    backend_close(backend);
    net_free(net);
    return TEST_END();
}
