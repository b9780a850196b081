// The speed of the net by the size of its batch, beside the largest rate that the same library
// reaches.
//
// On a processor the net runs as an evaluator, as in a search, so encoding the positions is
// included. On a card it runs batches that are already encoded, with two in flight, since there
// many threads share the work of encoding. Where a processor has convolutions of ours, the same net
// also runs with the library's. The two take turns, so that their ratio does not depend on what
// else the machine does.
#include "base/memory.h"
#include "cli/bench.h"
#include "net/inference_bench.h"
#include "net/net_evaluator.h"
#include "net/peak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct judging {
    const struct bench *bench;
    const struct net *net;
    // Thread i computes on device i modulo their number.
    struct devices devices;
    int batch;
    // [batch, state_bytes]: different positions, which the threads share.
    const unsigned char *states;
    // All [threads]. Those of the library are NULL where the backend has no convolutions of ours.
    struct backend **backends;
    struct evaluator **evaluators;
    struct backend **library_backends;
    struct evaluator **library_evaluators;
    long long *evaluations, *library_evaluations;
    double *seconds, *library_seconds, *peaks;
    enum status *statuses;
    // How the trunk runs on thread 0.
    struct net_evaluator_trunk trunk;
};

// Fills `states` with positions along random games, which differ from one another as they do in
// self-play.
static void random_positions(const struct game *game, unsigned char *states, int n, uint64_t seed) {
    uint16_t *actions = memory_raw((size_t)game->num_actions, sizeof *actions, "positions");
    unsigned char *state = memory_raw(1, game->state_bytes, "positions");
    struct rng rng;
    rng_init(&rng, seed, 2);
    game_start(game, state);
    for (int i = 0; i < n; i++) {
        memcpy(states + (size_t)i * game->state_bytes, state, game->state_bytes);
        const int legal = game_legal(game, state, actions);
        game_play(game, state, actions[rng_below(&rng, (uint32_t)legal)]);
        if (game_outcome(game, state) != OUTCOME_NONE) game_start(game, state);
    }
    free(actions);
    free(state);
}

// Into how many turns a measurement is cut. Chosen: other programs come and go within seconds, and
// a turn should be short beside that, but long beside a batch.
enum { TURNS = 10 };

// Judges batches for about `seconds`, and adds what it did to the counters.
static void take_turn(struct judging *j, struct evaluator *evaluator, const struct position *positions,
                      struct judgement *judgements, double seconds, long long *evaluations, double *spent) {
    // To warm up the caches after the other one's turn.
    evaluator_judge(evaluator, j->batch, positions, judgements);
    const double start = clock_seconds(j->bench->clock);
    double now;
    do {
        evaluator_judge(evaluator, j->batch, positions, judgements);
        *evaluations += j->batch;
        now = clock_seconds(j->bench->clock) - start;
    } while (now < seconds);
    *spent += now;
}

static void run_evaluators(struct judging *j, int thread, const struct position *positions, struct judgement *judgements) {
    const double seconds = j->bench->settings->seconds;
    j->seconds[thread] = j->library_seconds[thread] = 0;
    while (j->seconds[thread] < seconds) {
        take_turn(j, j->evaluators[thread], positions, judgements, seconds / TURNS, &j->evaluations[thread],
                  &j->seconds[thread]);
        if (j->library_evaluators[thread])
            take_turn(j, j->library_evaluators[thread], positions, judgements, seconds / TURNS, &j->library_evaluations[thread],
                      &j->library_seconds[thread]);
    }
    if (thread == 0) net_evaluator_trunk(j->evaluators[thread], &j->trunk);
}

static struct backend_spec measured_spec(struct judging *j, int thread) {
    struct backend_spec spec = devices_spec(&j->devices, thread % j->devices.num, false);
    spec.trunk = TRUNK_MEASURED;
    return spec;
}

static void run_batches(struct judging *j, int thread, const struct position *positions) {
    struct inference_result r;
    const struct backend_spec spec = measured_spec(j, thread);
    j->statuses[thread] = inference_bench(j->net, &spec, positions, j->batch, j->bench->settings->seconds, j->bench->clock, &r);
    j->evaluations[thread] = r.evaluations;
    j->seconds[thread] = r.seconds;
    if (thread == 0) j->trunk = (struct net_evaluator_trunk){r.fused, r.fused_seconds, r.layered_seconds};
}

static void judge_thread(void *context, int thread) {
    struct judging *j = context;
    const struct game *game = &j->bench->game;
    const int n = j->batch;
    struct position *positions = memory_new((size_t)n, sizeof *positions, "a batch");
    struct judgement *judgements = memory_new((size_t)n, sizeof *judgements, "a batch");
    float *logits = memory_new((size_t)n * (size_t)game->num_actions, sizeof *logits, "a batch");
    for (int i = 0; i < n; i++) {
        positions[i] = (struct position){game, j->states + (size_t)i * game->state_bytes, i % game->num_symmetries};
        judgements[i].logits = logits + (size_t)i * (size_t)game->num_actions;
    }
    if (j->devices.cards)
        run_batches(j, thread, positions);
    else
        run_evaluators(j, thread, positions, judgements);
    free(positions);
    free(judgements);
    free(logits);
}

static void peak_thread(void *context, int thread) {
    struct judging *j = context;
    if (backend_peak_gflops(j->backends[thread], j->bench->clock, &j->peaks[thread])) j->peaks[thread] = NAN;
}

static double measured_ms(double seconds) { return seconds > 0 ? 1e3 * seconds : NAN; }

static void report(const struct judging *j) {
    const struct bench *bench = j->bench;
    double rate = 0, library = 0, seconds = 0, peak = 0;
    for (int i = 0; i < bench->threads; i++) {
        library += j->library_backends[i] == NULL ? NAN : (double)j->library_evaluations[i] / j->library_seconds[i];
        rate += (double)j->evaluations[i] / j->seconds[i];
        seconds += j->seconds[i] / bench->threads;
        peak += j->peaks[i];
    }
    const struct net_evaluator_trunk trunk = j->trunk;
    const double gflops = 1e-9 * net_flops(j->net, bench->game.height, bench->game.width) * rate;
    const struct figure figures[] = {{"blocks", "", bench->settings->blocks},
                                     {"channels", "", bench->settings->channels},
                                     {"batch", "", j->batch},
                                     {"evals_per_s", "evaluations/s", rate},
                                     {"gflops", "GFLOP/s", gflops},
                                     {"peak_gflops", "GFLOP/s peak", peak},
                                     {"peak_share", "of peak", gflops / peak},
                                     {"library_evals_per_s", "evaluations/s by the library's convolutions", library},
                                     {"library_ratio", "times the library's", rate / library},
                                     {"fused", "", trunk.fused},
                                     {"fused_ms", "ms fused", measured_ms(trunk.fused_seconds)},
                                     {"layered_ms", "ms layer by layer", measured_ms(trunk.layered_seconds)}};
    bench_print(bench, backend_name(j->backends[0]), seconds, figures, sizeof figures / sizeof figures[0], "precision",
                backend_precision(j->backends[0]));
}

static enum status measure(struct judging *j, int batch) {
    const struct bench *bench = j->bench;
    unsigned char *states = memory_raw((size_t)batch, bench->game.state_bytes, "the positions of a batch");
    random_positions(&bench->game, states, batch, (uint64_t)bench->settings->seed);
    j->batch = batch;
    j->states = states;
    enum status status = STATUS_OK;
    for (int i = 0; i < bench->threads && status == STATUS_OK; i++) {
        j->evaluations[i] = j->library_evaluations[i] = 0;
        j->statuses[i] = STATUS_OK;
        if (!j->devices.cards) status = net_evaluator_new(&j->evaluators[i], j->net, j->backends[i], batch);
        if (status == STATUS_OK && j->library_backends[i])
            status = net_evaluator_new(&j->library_evaluators[i], j->net, j->library_backends[i], batch);
    }
    if (status == STATUS_OK) {
        bench_threads(bench, judge_thread, j);
        for (int i = 0; i < bench->threads && status == STATUS_OK; i++) status = j->statuses[i];
    }
    if (status == STATUS_OK) report(j);
    for (int i = 0; i < bench->threads; i++) {
        evaluator_free(j->evaluators[i]);
        evaluator_free(j->library_evaluators[i]);
        j->evaluators[i] = j->library_evaluators[i] = NULL;
    }
    free(states);
    return status;
}

static enum status open_judging(struct judging *j, struct net **net) {
    const struct bench *bench = j->bench;
    static const char what[] = "the threads of a bench";
    const size_t threads = (size_t)bench->threads;
    j->backends = memory_new(threads, sizeof *j->backends, what);
    j->evaluators = memory_new(threads, sizeof *j->evaluators, what);
    j->library_backends = memory_new(threads, sizeof *j->library_backends, what);
    j->library_evaluators = memory_new(threads, sizeof *j->library_evaluators, what);
    j->evaluations = memory_new(threads, sizeof *j->evaluations, what);
    j->library_evaluations = memory_new(threads, sizeof *j->library_evaluations, what);
    j->seconds = memory_new(threads, sizeof *j->seconds, what);
    j->library_seconds = memory_new(threads, sizeof *j->library_seconds, what);
    j->peaks = memory_new(threads, sizeof *j->peaks, what);
    j->statuses = memory_new(threads, sizeof *j->statuses, what);
    TRY(bench_net_new(bench, net));
    j->net = *net;
    for (int i = 0; i < bench->threads; i++) {
        struct backend_spec spec = measured_spec(j, i);
        TRY(backend_open(&j->backends[i], &spec));
        spec.convs = CONVS_LIBRARY;
        if (backend_own_convs(j->backends[i])) TRY(backend_open(&j->library_backends[i], &spec));
    }
    return STATUS_OK;
}

static void close_judging(struct judging *j) {
    for (int i = 0; i < j->bench->threads; i++) {
        backend_close(j->backends[i]);
        backend_close(j->library_backends[i]);
    }
    free(j->backends);
    free(j->library_backends);
    free(j->evaluators);
    free(j->library_evaluators);
    free(j->evaluations);
    free(j->library_evaluations);
    free(j->seconds);
    free(j->library_seconds);
    free(j->peaks);
    free(j->statuses);
}

enum status bench_net(const struct bench *bench) {
    int batches[BENCH_MAX_BATCHES];
    struct bench shown = *bench;
    struct judging j = {.bench = &shown};
    struct net *net = NULL;
    TRY(bench_devices(bench, &j.devices));
    if (!bench->settings->threads) shown.threads = j.devices.num;
    const char *usual = j.devices.cards ? "1,64,256,1024,2048" : "1,8,32,128";
    const int n = bench_batches(*bench->settings->batch ? bench->settings->batch : usual, batches);
    enum status status = open_judging(&j, &net);
    if (status == STATUS_OK) bench_threads(&shown, peak_thread, &j);
    for (int i = 0; i < n && status == STATUS_OK; i++) status = measure(&j, batches[i]);
    close_judging(&j);
    net_free(net);
    return status;
}
