// A fixed set of worker threads that run numbered tasks and wait for all of them.
#ifndef BASE_THREAD_POOL_H
#define BASE_THREAD_POOL_H

#include "base/status.h"

struct thread_pool;

// `task` is in [0, num_tasks). `worker` is in [0, thread_pool_num_workers) and never the same for
// two tasks that run at once, so that it can index what every thread has of its own.
typedef void thread_pool_task(void *context, int task, int worker);

// num_workers is at least 1: the thread that calls thread_pool_run works too, as worker 0.
enum status thread_pool_new(struct thread_pool **pool, int num_workers);
void thread_pool_free(struct thread_pool *pool); // NULL is fine
int thread_pool_num_workers(const struct thread_pool *pool);

// Runs every task once, on any worker, and returns when all are done. Tasks are handed out in
// ascending order. What they wrote is visible to the caller afterwards. Only one thread_pool_run
// may be going on at a time, and a task may not call it.
void thread_pool_run(struct thread_pool *pool, int num_tasks, thread_pool_task *function, void *context);

#endif
