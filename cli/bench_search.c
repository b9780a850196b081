// The speed of the search alone. The hash evaluator costs next to nothing, so it is that of the
// tree.
#include "base/memory.h"
#include "cli/bench.h"
#include "mcts/search_bench.h"

#include <stdlib.h>

struct searching {
    const struct bench *bench;
    struct search_params params;
    struct search_bench_result *results; // [threads]
};

static void search_thread(void *context, int thread) {
    const struct searching *s = context;
    const struct bench_settings *settings = s->bench->settings;
    s->results[thread] = search_bench(&s->bench->game, &s->params, settings->simulations, settings->seconds, s->bench->clock);
}

static void measure(const struct bench *bench, enum search_kind kind, const char *name, const char *signature) {
    struct searching s = {bench, search_params_default,
                          memory_new((size_t)bench->threads, sizeof *s.results, "the threads of a bench")};
    s.params.kind = kind;
    s.params.max_leaves = 1;
    bench_threads(bench, search_thread, &s);
    double rate = 0, depth = 0, seconds = 0;
    for (int i = 0; i < bench->threads; i++) {
        rate += s.results[i].simulations_per_s;
        depth += s.results[i].mean_depth / bench->threads;
        seconds += s.results[i].seconds / bench->threads;
    }
    const struct figure figures[] = {{"simulations_per_s", "simulations/s", rate},
                                     {"simulations_per_s_thread", "simulations/s a thread", rate / bench->threads},
                                     {"simulations", "", bench->settings->simulations},
                                     {"depth", "", depth}};
    char note[64];
    snprintf(note, sizeof note, "%s, signature %s", name, signature);
    bench_print(bench, NULL, seconds, figures, 4, "search", note);
    free(s.results);
}

enum status bench_search(const struct bench *bench) {
    char signature[24];
    snprintf(signature, sizeof signature, "%016llx", (unsigned long long)search_signature());
    measure(bench, SEARCH_PUCT, "puct", signature);
    measure(bench, SEARCH_GUMBEL, "gumbel", signature);
    return STATUS_OK;
}
