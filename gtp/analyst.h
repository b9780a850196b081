// Many positions searched at once: their leaves share batches. The JSON protocol, `tengen review`
// and the web page ask through it.
//
//   jobs --gather--> a flight (a batch) --a judge's thread--> judged --absorb--> reports
//
// The owner calls analyst_step again and again on one thread, on which all reports come, too. Each
// judge has a thread of its own, so that searches work while the net does. A search gathers the
// same number of leaves at a time whatever else is going on: so what a job finds depends on nothing
// but the job, and equals a search_run of the same seed and as many leaves.
#ifndef GTP_ANALYST_H
#define GTP_ANALYST_H

#include "base/clock.h"
#include "mcts/search.h"

enum {
    ANALYST_MAX_BATCH = 1024,
    ANALYST_MAX_JUDGES = 64,
    // Jobs that may be held at once; most of them only wait and have no tree yet.
    ANALYST_MAX_JOBS = 4096
};

struct analyst_params {
    // Each is used by one thread. With several, as many batches are judged at once.
    struct evaluator **evaluators;
    int num_evaluators;
    // The most positions of a batch, at most ANALYST_MAX_BATCH and what the evaluators take.
    int batch;
    // The leaves that a search gives at a time, at most `batch`.
    int leaves;
    const struct clock *clock;
};

enum analyst_moment {
    ANALYST_DURING,  // the search goes on
    ANALYST_DONE,    // its visits or its time are used up, or the result is certain
    ANALYST_STOPPED, // analyst_stop ended it
};
// What is told about a job. `search` has the root and no waiting leaves, and is valid during the
// call; it is NULL where the job was stopped before its root was judged. After ANALYST_DONE and
// ANALYST_STOPPED nothing more is told. The function may add and stop jobs.
typedef void analyst_report_function(void *context, const struct search *search, enum analyst_moment moment);

// A position to search. Everything but `context` is copied.
struct analyst_job {
    const struct game *game;
    const void *state; // not finished
    int visits;        // of the root, in all; at least 1
    // From the start of this search; 0: no bound.
    double seconds;
    // When to report during the search: first after so many seconds of it, but not before a move has
    // a visit, and then in such steps; report_every 0: never.
    double first_report, report_every;
    // Among the jobs that wait, larger ones are first, and of equal ones the older.
    double priority;
    bool keep_ownership; // search_keep_ownership
    float wideness;      // search_params.root_wideness
    // search_restrict's; NULL: all moves are searched.
    const uint16_t *avoid;
    uint64_t seed;
    analyst_report_function *report;
    void *context;
};

struct analyst;

// STATUS_USAGE says which parameter is out of its range.
enum status analyst_new(struct analyst **analyst, const struct analyst_params *params);
// Ends all jobs without a report. NULL is fine.
void analyst_free(struct analyst *analyst);
// Takes a job and returns its number, which is never 0 and never used again. 0: there are
// ANALYST_MAX_JOBS already.
uint64_t analyst_add(struct analyst *analyst, const struct analyst_job *job);
// Ends a job at the next step, with a report. False: there is no such job any more.
bool analyst_stop(struct analyst *analyst, uint64_t number);
// Works for about the time of one batch. False: there is nothing to do.
bool analyst_step(struct analyst *analyst);
int analyst_num_jobs(const struct analyst *analyst);

struct analyst_stats {
    long long batches, evaluations;
};
void analyst_stats(const struct analyst *analyst, struct analyst_stats *out);

#endif
