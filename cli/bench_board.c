// The rules alone: uniformly random games (Go: no filling of one's own eyes) from the start to the end.
#include "cli/bench.h"
#include "game/evaluator.h"

#include <math.h>
#include <stdlib.h>

enum { PLAYOUTS_A_JUDGEMENT = 16 }; // how often the clock is looked at; chosen, not tuned

struct playing {
    const struct bench *bench;
    struct evaluator **evaluators; // [threads]
    long long *playouts;
    double *seconds;
};

static void play_thread(void *context, int thread) {
    struct playing *p = context;
    const struct game *game = &p->bench->game;
    void *state = malloc(game->state_bytes);
    float *logits = calloc((size_t)game->num_actions, sizeof *logits);
    CHECK(state && logits);
    game_start(game, state);
    const struct position position = {game, state, 0};
    struct judgement judgement = {.logits = logits};
    const double start = clock_seconds(p->bench->clock);
    do {
        evaluator_judge(p->evaluators[thread], 1, &position, &judgement);
        p->playouts[thread] += PLAYOUTS_A_JUDGEMENT;
        p->seconds[thread] = clock_seconds(p->bench->clock) - start;
    } while (p->seconds[thread] < p->bench->settings->seconds);
    free(state);
    free(logits);
}

enum status bench_board(const struct bench *bench) {
    const size_t threads = (size_t)bench->threads;
    struct playing p = {bench, calloc(threads, sizeof *p.evaluators), calloc(threads, sizeof *p.playouts),
                        calloc(threads, sizeof *p.seconds)};
    CHECK(p.evaluators && p.playouts && p.seconds);
    enum status status = STATUS_OK;
    for (int i = 0; i < bench->threads && status == STATUS_OK; i++)
        status = evaluator_rollouts(&p.evaluators[i], PLAYOUTS_A_JUDGEMENT, (uint64_t)bench->settings->seed + (uint64_t)i);
    if (status == STATUS_OK) {
        bench_threads(bench, play_thread, &p);
        double rate = 0, seconds = 0;
        for (int i = 0; i < bench->threads; i++) {
            rate += (double)p.playouts[i] / p.seconds[i];
            seconds += p.seconds[i] / bench->threads;
        }
        const struct figure figures[] = {{"playouts_per_s", "playouts/s", rate}, {"moves_per_s", "moves/s", NAN}};
        bench_print(bench, NULL, seconds, figures, 2, NULL, NULL);
    }
    for (int i = 0; i < bench->threads; i++) evaluator_free(p.evaluators[i]);
    free(p.evaluators);
    free(p.playouts);
    free(p.seconds);
    return status;
}
