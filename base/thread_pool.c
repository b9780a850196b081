// Worker threads that sleep between rounds. A round is one call of thread_pool_run.
//
// Invariants, of which the first two hold under `mutex`:
// 1. `round` grows by one with each thread_pool_run, and a worker takes part in each round exactly
//    once.
// 2. `num_busy` counts the workers that have not yet left the current round. The caller returns
// when
//    it is zero, so that the fields of the job never change while a worker may read them.
// 3. `next` is the next task to be handed out. It is atomic and needs no mutex.
#include "base/thread_pool.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct worker {
    struct thread_pool *pool;
    int index;
    pthread_t thread;
};

struct thread_pool {
    int num_workers;
    struct worker *workers; // [num_workers]; workers[0] is the caller and has no thread
    int num_started;        // threads that have to be joined
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
    long round;
    int num_busy;
    bool stopping;
    thread_pool_task *function;
    void *context;
    int num_tasks;
    atomic_int next;
};

static void work(struct thread_pool *pool, int worker) {
    for (;;) {
        const int task = atomic_fetch_add(&pool->next, 1);
        if (task >= pool->num_tasks) return;
        pool->function(pool->context, task, worker);
    }
}

static void *worker_main(void *argument) {
    const struct worker *self = argument;
    struct thread_pool *pool = self->pool;
    long seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->round == seen && !pool->stopping) pthread_cond_wait(&pool->wake, &pool->mutex);
        if (pool->stopping) break;
        seen = pool->round;
        pthread_mutex_unlock(&pool->mutex);
        work(pool, self->index);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->num_busy == 0) pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

enum status thread_pool_new(struct thread_pool **out, int num_workers) {
    *out = NULL;
    CHECK(num_workers >= 1);
    struct thread_pool *pool = memory_new(1, sizeof *pool, "worker threads");
    struct worker *workers = memory_new((size_t)num_workers, sizeof *workers, "worker threads");
    pool->num_workers = num_workers;
    pool->workers = workers;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    for (int i = 1; i < num_workers; i++) {
        workers[i].pool = pool;
        workers[i].index = i;
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i])) {
            thread_pool_free(pool);
            return status_fail(STATUS_MEMORY, "can't start worker thread %d of %d", i + 1, num_workers);
        }
        pool->num_started++;
    }
    *out = pool;
    return STATUS_OK;
}

void thread_pool_free(struct thread_pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 1; i <= pool->num_started; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->workers);
    free(pool);
}

int thread_pool_num_workers(const struct thread_pool *pool) { return pool->num_workers; }

void thread_pool_run(struct thread_pool *pool, int num_tasks, thread_pool_task *function, void *context) {
    pthread_mutex_lock(&pool->mutex);
    CHECK(pool->num_busy == 0); // no other thread_pool_run is going on
    pool->function = function;
    pool->context = context;
    pool->num_tasks = num_tasks;
    atomic_store(&pool->next, 0);
    pool->num_busy = pool->num_workers - 1;
    pool->round++;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    work(pool, 0);
    pthread_mutex_lock(&pool->mutex);
    while (pool->num_busy > 0) pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}
