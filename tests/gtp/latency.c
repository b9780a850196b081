// How soon a `stop` ends an analysis: the median and the worst of 100. It is printed, not asserted,
// because the machine may be busy. The argument is a net's file; without one, judgements are hashes.
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
    evaluator_free(evaluator);
    backend_close(backend);
    net_free(net);
    return TEST_END();
}
