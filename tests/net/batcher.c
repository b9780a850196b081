// Laws of many threads on one net:
// 1. an answer is that of net_evaluator, whoever shares the batch, and on ref it has the same bits
//    for boards of one size;
// 2. every call returns, with random sizes, more clients than a batch holds, and threads that come
//    and go at any moment;
// 3. a batch waits for everyone who attends: four clients with a quarter each fill every batch;
// 4. while one batch is on the device, another is filled and sent;
// 5. update changes the answers to the new net's.
#include "net/batcher.h"
#include "net/net_evaluator.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

#include <pthread.h>
#include <time.h>

enum { POSITIONS = 40, MAX_BATCH = 16, MAX_THREADS = 9 };

static double seconds(void *context) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static const struct clock the_clock = {seconds, NULL};

struct answer {
    float logits[26], ownership[25];
    struct judgement judgement;
};

static void answer_init(struct answer *a) {
    for (int k = 0; k < 26; k++) a->logits[k] = NAN;
    a->judgement = (struct judgement){.logits = a->logits, .score = NAN, .ownership = a->ownership};
}

// What the threads share: positions with their right answers, and a batcher on the same net.
struct table {
    const struct tested *backend;
    int sizes[2];
    struct game games[2];
    void *states[POSITIONS];
    struct position positions[POSITIONS];
    struct answer answers[POSITIONS];
    struct net *net, *second;
    struct batcher *batcher;
    double tolerance; // of answers, whose rows the backend computed beside others
};

static void random_position(struct table *t, int i, struct rng *rng) {
    const struct game *game = &t->games[i % 2];
    uint16_t actions[GAME_MAX_ACTIONS];
    t->states[i] = aligned_alloc(64, (game->state_bytes + 63) / 64 * 64);
    game_start(game, t->states[i]);
    for (int plies = (int)rng_below(rng, 8); plies > 0; plies--) {
        const int n = game_legal(game, t->states[i], actions);
        // Never a pass, so that the game goes on.
        game_play(game, t->states[i], actions[rng_below(rng, (uint32_t)n - 1)]);
    }
    t->positions[i] = (struct position){game, t->states[i], (int)rng_below(rng, (uint32_t)game->num_symmetries)};
}

static void right_answers(struct table *t, const struct net *net) {
    struct backend *backend;
    struct evaluator *evaluator;
    EXPECT_INT(backend_open(&backend, &t->backend->spec), STATUS_OK);
    EXPECT_INT(net_evaluator_new(&evaluator, net, backend, 1), STATUS_OK);
    for (int i = 0; i < POSITIONS; i++) {
        answer_init(&t->answers[i]);
        evaluator_judge(evaluator, 1, &t->positions[i], &t->answers[i].judgement);
    }
    evaluator_free(evaluator);
    backend_close(backend);
    double size = 1;
    for (int i = 0; i < POSITIONS; i++) {
        size = test_larger(size, t->answers[i].judgement.score);
        for (int k = 0; k < t->positions[i].game->num_actions; k++) size = test_larger(size, t->answers[i].logits[k]);
    }
    const bool exact = !strcmp(t->backend->label, "ref") && t->sizes[0] == t->sizes[1];
    t->tolerance = exact ? 0 : 1e-4 + 8 * t->backend->rounding * size; // as in evaluator.c
}

static void table_init(struct table *t, const struct tested *backend, int size0, int size1, int flights) {
    struct rng rng;
    rng_init(&rng, 71, 0);
    *t = (struct table){.backend = backend, .sizes = {size0, size1}};
    for (int i = 0; i < 2; i++) {
        const struct game_options options = {.height = t->sizes[i], .width = t->sizes[i], .komi = GAME_KOMI_DEFAULT};
        EXPECT_INT(game_open(&t->games[i], "go", &options), STATUS_OK);
    }
    for (int i = 0; i < POSITIONS; i++) random_position(t, i, &rng);
    const struct net_config config = net_config_for(&t->games[0], 1, 8);
    t->net = lively_net(&config, 72);
    t->second = lively_net(&config, 73);
    right_answers(t, t->net);
    EXPECT_INT(batcher_new(&t->batcher, t->net,
                           &(struct batcher_params){.backend = backend->spec,
                                                    .flights = flights,
                                                    .max_batch = MAX_BATCH,
                                                    .max_clients = MAX_THREADS,
                                                    .height = 5,
                                                    .width = 5,
                                                    .clock = &the_clock}),
               STATUS_OK);
}

static void table_done(struct table *t) {
    batcher_free(t->batcher);
    net_free(t->net);
    net_free(t->second);
    for (int i = 0; i < POSITIONS; i++) free(t->states[i]);
}

static double distance(const struct game *g, const struct answer *a, const struct answer *b, bool ownership) {
    double worst = test_worse(0, a->judgement.score, b->judgement.score);
    for (int k = 0; k < g->num_actions; k++) worst = test_worse(worst, a->logits[k], b->logits[k]);
    for (int k = 0; k < 3; k++) worst = test_worse(worst, a->judgement.wdl[k], b->judgement.wdl[k]);
    for (int k = 0; k < g->height * g->width && ownership; k++) worst = test_worse(worst, a->ownership[k], b->ownership[k]);
    return worst;
}

// Makes one call with n random positions and compares it with the right answers. Returns the worst
// difference.
static double one_call(const struct table *t, struct evaluator *evaluator, int n, struct rng *rng) {
    struct position positions[MAX_BATCH];
    struct answer answers[MAX_BATCH];
    struct judgement judgements[MAX_BATCH];
    int which[MAX_BATCH];
    const bool ownership = rng_below(rng, 3) == 0;
    for (int i = 0; i < n; i++) {
        which[i] = (int)rng_below(rng, POSITIONS);
        positions[i] = t->positions[which[i]];
        answer_init(&answers[i]);
        judgements[i] = answers[i].judgement;
        if (!ownership) judgements[i].ownership = NULL;
    }
    evaluator_judge(evaluator, n, positions, judgements);
    double worst = 0;
    for (int i = 0; i < n; i++) {
        answers[i].judgement = judgements[i];
        worst = fmax(worst, distance(positions[i].game, &answers[i], &t->answers[which[i]], ownership));
    }
    return worst;
}

struct worker {
    const struct table *table;
    struct evaluator *evaluator;
    pthread_t thread;
    pthread_barrier_t *barrier;
    int index, rounds, rows; // where rows is 0, they are random and the thread comes and goes
    long long evaluations;
    double worst;
};

static void *random_worker(void *argument) {
    struct worker *w = argument;
    struct rng rng;
    rng_init(&rng, 74, (uint64_t)w->index);
    bool here = false;
    pthread_barrier_wait(w->barrier);
    for (int round = 0; round < w->rounds; round++) {
        if (rng_below(&rng, 6) == 0) evaluator_attend(w->evaluator, here = !here);
        const struct timespec nap = {0, (long)rng_below(&rng, 200000)}; // "search", up to 0.2 ms
        if (rng_below(&rng, 4) == 0) nanosleep(&nap, NULL);
        const int n = rng_below(&rng, 3) ? 1 + (int)rng_below(&rng, 5) : (int)rng_below(&rng, MAX_BATCH + 1);
        w->worst = fmax(w->worst, one_call(w->table, w->evaluator, n, &rng));
        w->evaluations += n;
    }
    if (here) evaluator_attend(w->evaluator, false);
    return NULL;
}

static void *steady_worker(void *argument) {
    struct worker *w = argument;
    struct rng rng;
    rng_init(&rng, 75, (uint64_t)w->index);
    evaluator_attend(w->evaluator, true);
    pthread_barrier_wait(w->barrier);
    for (int round = 0; round < w->rounds; round++) {
        w->worst = fmax(w->worst, one_call(w->table, w->evaluator, w->rows, &rng));
        w->evaluations += w->rows;
    }
    evaluator_attend(w->evaluator, false);
    return NULL;
}

static struct batcher_stats run(struct table *t, int threads, int rounds, int rows) {
    struct worker workers[MAX_THREADS];
    pthread_barrier_t barrier;
    struct batcher_stats before, after;
    batcher_stats(t->batcher, &before);
    EXPECT_INT(pthread_barrier_init(&barrier, NULL, (unsigned)threads), 0);
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){.table = t, .barrier = &barrier, .index = i, .rounds = rounds, .rows = rows};
        EXPECT_INT(batcher_client(t->batcher, &workers[i].evaluator), STATUS_OK);
    }
    for (int i = 0; i < threads; i++)
        EXPECT_INT(pthread_create(&workers[i].thread, NULL, rows ? steady_worker : random_worker, &workers[i]), 0);
    long long evaluations = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        evaluations += workers[i].evaluations;
        EXPECT_(workers[i].worst <= t->tolerance, "%s: %d threads: thread %d got an answer that is off by %g",
                t->backend->label, threads, i, workers[i].worst);
        evaluator_free(workers[i].evaluator);
    }
    pthread_barrier_destroy(&barrier);
    batcher_stats(t->batcher, &after);
    EXPECT_INT(after.evaluations - before.evaluations, evaluations);
    EXPECT(after.rows - before.rows >= evaluations);
    EXPECT(after.busy_seconds >= before.busy_seconds);
    after.batches -= before.batches;
    after.evaluations -= before.evaluations;
    return after;
}

static void answers_are_right_and_every_call_returns(const struct tested *backend, int size0, int size1, int rounds) {
    for (int flights = 1; flights <= 3; flights++) {
        struct table t;
        table_init(&t, backend, size0, size1, flights);
        for (int threads = 1; threads <= MAX_THREADS; threads += 2) {
            const struct batcher_stats stats = run(&t, threads, rounds, 0);
            fprintf(stderr, "%s %dx%d: %d flights, %d threads: %lld batches of %.1f in the mean, %d at once\n", backend->label,
                    size0, size1, flights, threads, stats.batches, (double)stats.evaluations / (double)stats.batches,
                    stats.most_flying);
            EXPECT(stats.most_flying <= flights);
        }
        table_done(&t);
    }
}

static void a_batch_waits_for_all_who_attend(const struct tested *ref) {
    struct table t;
    table_init(&t, ref, 5, 5, 2);
    const int rounds = 50;
    const struct batcher_stats quarters = run(&t, 4, rounds, MAX_BATCH / 4);
    EXPECT_INT(quarters.batches, rounds);
    // It is never full, so it leaves when all five wait.
    const struct batcher_stats fifths = run(&t, 5, rounds, 3);
    EXPECT_INT(fifths.batches, rounds);
    const struct batcher_stats alone = run(&t, 1, rounds, 5);
    EXPECT_INT(alone.batches, rounds);
    table_done(&t);
}

static void batches_overlap(const struct tested *ref) {
    struct table t;
    table_init(&t, ref, 5, 5, 2);
    const struct batcher_stats stats = run(&t, 4, 100, MAX_BATCH);
    EXPECT_INT(stats.batches, 400);
    EXPECT_INT(stats.most_flying, 2);
    EXPECT(stats.busy_seconds > 0);
    table_done(&t);
}

static void update_takes_the_new_weights(const struct tested *ref) {
    struct table t;
    table_init(&t, ref, 5, 5, 3);
    run(&t, 3, 20, 0);
    batcher_update(t.batcher, t.second);
    right_answers(&t, t.second);
    run(&t, 3, 20, 0);
    table_done(&t);
}

static void check_backend(const struct tested *t, const void *context) {
    const int rounds = *(const int *)context;
    answers_are_right_and_every_call_returns(t, 5, 5, rounds);
    answers_are_right_and_every_call_returns(t, 3, 5, rounds * 2 / 3);
}

// `small` makes fewer rounds. It is for emulated kernels, of which one costs as much as a whole
// pass elsewhere.
int main(int argc, char **argv) {
    const int rounds = test_rounds(argc > 1 && !strcmp(argv[1], "small") ? 8 : 75);
    int count;
    const struct tested *ref = tested_backends(&count);
    a_batch_waits_for_all_who_attend(ref);
    batches_overlap(ref);
    update_takes_the_new_weights(ref);
    for_each_backend(check_backend, &rounds);
    return TEST_END();
}
