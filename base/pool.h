// A fixed set of worker threads that run numbered tasks and wait for all of them.
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/status.h"

struct pool;

// `task` is in [0, num_tasks). `worker` is in [0, pool_num_workers) and never the same for two
// tasks that run at once, so that it can index what every thread has of its own.
typedef void pool_task(void *context, int task, int worker);

// num_workers is at least 1: the thread that calls pool_run works too, as worker 0.
enum status pool_new(struct pool **pool, int num_workers);
void pool_free(struct pool *pool); // NULL is fine
int pool_num_workers(const struct pool *pool);

// Runs every task once, on any worker, and returns when all are done. Tasks are handed out in
// ascending order. What they wrote is visible to the caller afterwards. Only one pool_run may be
// going on at a time, and a task may not call it.
void pool_run(struct pool *pool, int num_tasks, pool_task *function, void *context);

#endif
