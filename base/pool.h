// A fixed set of worker threads that run numbered tasks and wait for all of them.
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/status.h"

struct pool;

// `task` in [0, num_tasks), `worker` in [0, pool_num_workers): index per-thread resources with it.
typedef void pool_task(void *context, int task, int worker);

enum status pool_new(struct pool **pool, int num_workers); // num_workers >= 1; the caller of pool_run acts as worker 0
void pool_free(struct pool *pool);                         // NULL is fine
int pool_num_workers(const struct pool *pool);

// Runs every task once, on any worker, tasks handed out in ascending order; returns when all are done.
// Not reentrant: one pool_run at a time. What the tasks wrote is visible to the caller afterwards.
void pool_run(struct pool *pool, int num_tasks, pool_task *function, void *context);

#endif
