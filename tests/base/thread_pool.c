// The worker threads run each task once, hand them out in order, and make their results visible,
// however many workers there are.
#include "base/thread_pool.h"

#include "tests/test.h"

#include <stdatomic.h>

enum { MAX_TASKS = 1000 };

struct round {
    int count[MAX_TASKS];  // not atomic, so that the thread sanitizer sees any race
    atomic_int inside[16]; // [worker]: tasks that it is running
    atomic_int wrong;
    long sum[16]; // [worker]: needs no atomics
    int num_workers;
};

static void task(void *context, int index, int worker) {
    struct round *round = context;
    if (worker < 0 || worker >= round->num_workers || atomic_fetch_add(&round->inside[worker], 1) != 0) {
        atomic_fetch_add(&round->wrong, 1);
        return;
    }
    round->count[index]++;
    round->sum[worker] += index;
    atomic_fetch_sub(&round->inside[worker], 1);
}

static void every_task_runs_once(int num_workers) {
    struct thread_pool *pool;
    EXPECT_INT(thread_pool_new(&pool, num_workers), STATUS_OK);
    EXPECT_INT(thread_pool_num_workers(pool), num_workers);
    struct round *round = calloc(1, sizeof *round);
    if (!round) exit(1);
    round->num_workers = num_workers;
    long expected = 0;
    for (int repeat = 0; repeat < 200; repeat++) {
        const int num_tasks = repeat * 7 % 61;
        thread_pool_run(pool, num_tasks, task, round);
        for (int i = 0; i < num_tasks; i++) {
            EXPECT_INT(round->count[i], 1);
            round->count[i] = 0; // the workers of the next round must see this
            expected += i;
        }
    }
    thread_pool_run(pool, MAX_TASKS, task, round);
    for (int i = 0; i < MAX_TASKS; i++) {
        EXPECT_INT(round->count[i], 1);
        expected += i;
    }
    long sum = 0;
    for (int w = 0; w < 16; w++) sum += round->sum[w];
    EXPECT_INT(sum, expected);
    EXPECT_INT(round->wrong, 0);
    free(round);
    thread_pool_free(pool);
}

static void write_order(void *context, int index, int worker) {
    int *order = context;
    (void)worker;
    order[order[MAX_TASKS]++] = index;
}

static void one_worker_runs_in_order(void) {
    struct thread_pool *pool;
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    int *order = calloc(MAX_TASKS + 1, sizeof *order);
    if (!order) exit(1);
    thread_pool_run(pool, 100, write_order, order);
    for (int i = 0; i < 100; i++) EXPECT_INT(order[i], i);
    free(order);
    thread_pool_free(pool);
}

int main(void) {
    thread_pool_free(NULL);
    for (int workers = 1; workers <= 8; workers++) every_task_runs_once(workers);
    one_worker_runs_in_order();
    struct thread_pool *idle; // freed without having run anything
    EXPECT_INT(thread_pool_new(&idle, 3), STATUS_OK);
    thread_pool_free(idle);
    return TEST_END();
}
