// A flight is one batch on its way. There is one flight more than there are judges, so that one can
// be filled while every judge is busy. Flights are landed in the order in which they took off.
//
// Invariants:
//  1. A job has leaves in at most one flight (is_flying), and only then may its search have leaves
//     that wait.
//  2. Only the owner's thread touches jobs. Flights belong to it too, except between take-off and
//     the judge's word that it is done, under the mutex.
//  3. A search that has begun is given at most max_searches trees to live beside, unless its
//     priority is higher than that of one of them; then twice as many.
#include "gtp/analyst.h"

#include "base/memory.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct analyst_job ask; // game, state and avoid point to the fields below
    struct game game;
    void *state;
    uint16_t *avoid;
    uint64_t number;
    struct search *search; // NULL: it has not begun
    double start, next_report;
    bool is_flying, is_stopped, is_done;
};

struct member {
    struct job *job;
    int num_leaves;
};

enum flight_place { FLIGHT_FREE, FLIGHT_WAITING, FLIGHT_JUDGED };
struct flight {
    enum flight_place place;
    int n, num_members;
    struct member *members;       // [batch]
    struct position *positions;   // [batch]
    struct judgement *judgements; // [batch]
    // [batch, num_actions], [batch, points] of the largest game so far.
    float *logits, *ownership;
    size_t logits_stride, ownership_stride;
};

struct judge {
    struct analyst *analyst;
    struct evaluator *evaluator;
    pthread_t thread;
};

struct analyst {
    struct analyst_params params;
    struct job **jobs; // in the order of their numbers
    int num_jobs, max_jobs, num_searches;
    uint64_t last_number;
    struct flight flights[ANALYST_MAX_JUDGES + 1];
    // Flights took off and landed so often; flight k is flights[k % num_flights].
    long long num_off, num_landed;
    int num_flights;
    struct analyst_stats stats;

    struct judge judges[ANALYST_MAX_JUDGES];
    int num_judges;
    pthread_mutex_t mutex;
    pthread_cond_t to_judge, judged;
    long long num_taken; // flights that a judge has taken
    bool quit;
};

// ---- the judges ----

static void *judge_main(void *context) {
    struct judge *judge = context;
    struct analyst *a = judge->analyst;
    pthread_mutex_lock(&a->mutex);
    for (;;) {
        while (!a->quit && a->num_taken == a->num_off) pthread_cond_wait(&a->to_judge, &a->mutex);
        if (a->quit) break;
        struct flight *flight = &a->flights[a->num_taken++ % a->num_flights];
        pthread_mutex_unlock(&a->mutex);
        evaluator_judge(judge->evaluator, flight->n, flight->positions, flight->judgements);
        pthread_mutex_lock(&a->mutex);
        flight->place = FLIGHT_JUDGED;
        pthread_cond_signal(&a->judged);
    }
    pthread_mutex_unlock(&a->mutex);
    return NULL;
}

static void take_off(struct analyst *a, struct flight *flight) {
    a->stats.batches++;
    a->stats.evaluations += flight->n;
    pthread_mutex_lock(&a->mutex);
    flight->place = FLIGHT_WAITING;
    a->num_off++;
    pthread_cond_signal(&a->to_judge);
    pthread_mutex_unlock(&a->mutex);
}

// ---- life ----

static enum status check(const struct analyst_params *p) {
    if (p->num_evaluators < 1 || p->num_evaluators > ANALYST_MAX_JUDGES)
        return status_fail(STATUS_USAGE, "analyst: %d evaluators, must be 1 to %d", p->num_evaluators, ANALYST_MAX_JUDGES);
    if (p->batch < 1 || p->batch > ANALYST_MAX_BATCH)
        return status_fail(STATUS_USAGE, "analyst: a batch of %d, must be 1 to %d", p->batch, ANALYST_MAX_BATCH);
    for (int i = 0; i < p->num_evaluators; i++)
        if (p->batch > p->evaluators[i]->max_batch)
            return status_fail(STATUS_USAGE, "analyst: a batch of %d, but the evaluator takes %d", p->batch,
                               p->evaluators[i]->max_batch);
    if (p->leaves < 1 || p->leaves > p->batch)
        return status_fail(STATUS_USAGE, "analyst: %d leaves of a search, must be 1 to the batch, %d", p->leaves, p->batch);
    return STATUS_OK;
}

enum status analyst_new(struct analyst **out, const struct analyst_params *params) {
    *out = NULL;
    TRY(check(params));
    struct analyst *a = memory_new(1, sizeof *a, "an analyst");
    a->params = *params;
    a->params.evaluators = NULL; // each judge has its own, and the array is the caller's
    a->num_flights = params->num_evaluators + 1;
    for (int i = 0; i < a->num_flights; i++) {
        a->flights[i].members = memory_new((size_t)params->batch, sizeof *a->flights->members, "an analyst");
        a->flights[i].positions = memory_new((size_t)params->batch, sizeof *a->flights->positions, "an analyst");
        a->flights[i].judgements = memory_new((size_t)params->batch, sizeof *a->flights->judgements, "an analyst");
    }
    pthread_mutex_init(&a->mutex, NULL);
    pthread_cond_init(&a->to_judge, NULL);
    pthread_cond_init(&a->judged, NULL);
    for (int i = 0; i < params->num_evaluators; i++) {
        struct judge *judge = &a->judges[i];
        *judge = (struct judge){.analyst = a, .evaluator = params->evaluators[i]};
        if (pthread_create(&judge->thread, NULL, judge_main, judge)) {
            analyst_free(a);
            return status_fail(STATUS_MEMORY, "analyst: no thread for judge %d", i + 1);
        }
        a->num_judges++;
    }
    *out = a;
    return STATUS_OK;
}

static void job_free(struct analyst *a, struct job *job) {
    a->num_searches -= job->search != NULL;
    search_free(job->search);
    free(job->state);
    free(job->avoid);
    free(job);
}

void analyst_free(struct analyst *a) {
    if (!a) return;
    pthread_mutex_lock(&a->mutex);
    a->quit = true;
    pthread_cond_broadcast(&a->to_judge);
    pthread_mutex_unlock(&a->mutex);
    for (int i = 0; i < a->num_judges; i++) pthread_join(a->judges[i].thread, NULL);
    for (int i = 0; i < a->num_jobs; i++) job_free(a, a->jobs[i]);
    for (int i = 0; i < a->num_flights; i++) {
        free(a->flights[i].members);
        free(a->flights[i].positions);
        free(a->flights[i].judgements);
        free(a->flights[i].logits);
        free(a->flights[i].ownership);
    }
    pthread_cond_destroy(&a->judged);
    pthread_cond_destroy(&a->to_judge);
    pthread_mutex_destroy(&a->mutex);
    free(a->jobs);
    free(a);
}

uint64_t analyst_add(struct analyst *a, const struct analyst_job *ask) {
    if (a->num_jobs == ANALYST_MAX_JOBS) return 0;
    CHECK(ask->visits >= 1 && ask->report);
    struct job *job = memory_new(1, sizeof *job, "a job");
    job->ask = *ask;
    job->game = *ask->game;
    job->state = memory_raw(1, job->game.state_bytes, "a job");
    memcpy(job->state, ask->state, job->game.state_bytes);
    if (ask->avoid) {
        const size_t n = 2 * (size_t)job->game.num_actions;
        job->avoid = memory_raw(n, sizeof *job->avoid, "a job");
        memcpy(job->avoid, ask->avoid, n * sizeof *job->avoid);
    }
    job->ask.game = &job->game;
    job->ask.state = job->state;
    job->ask.avoid = job->avoid;
    job->number = ++a->last_number;
    if (a->num_jobs == a->max_jobs) {
        a->max_jobs = a->max_jobs ? 2 * a->max_jobs : 64;
        a->jobs = memory_resize(a->jobs, (size_t)a->max_jobs, sizeof *a->jobs, "the jobs of an analyst");
    }
    a->jobs[a->num_jobs++] = job;
    return job->number;
}

bool analyst_stop(struct analyst *a, uint64_t number) {
    for (int i = 0; i < a->num_jobs; i++)
        if (a->jobs[i]->number == number && !a->jobs[i]->is_done) {
            a->jobs[i]->is_stopped = true;
            return true;
        }
    return false;
}

int analyst_num_jobs(const struct analyst *a) { return a->num_jobs; }
void analyst_stats(const struct analyst *a, struct analyst_stats *out) { *out = a->stats; }

// ---- searching ----

static double now_of(const struct analyst *a) { return clock_seconds(a->params.clock); }

// The search with which a job begins: that of `tengen gtp`.
static void begin(struct analyst *a, struct job *job) {
    struct search_params params = search_params_default;
    params.max_leaves = a->params.leaves;
    params.average_root = true;
    params.root_wideness = job->ask.wideness;
    CHECK(search_new(&job->search, &params) == STATUS_OK);
    struct rng rng;
    rng_init(&rng, job->ask.seed, 0);
    search_restrict(job->search, job->avoid, job->game.num_actions);
    search_keep_ownership(job->search, job->ask.keep_ownership);
    search_start(job->search, &job->game, job->state, &rng);
    search_begin(job->search, job->ask.visits, true);
    a->num_searches++;
    job->start = now_of(a);
    job->next_report = job->start + job->ask.first_report;
}

// So many trees are alive at once: enough for every flight to be full.
static int max_searches(const struct analyst *a) {
    return a->num_flights * ((a->params.batch + a->params.leaves - 1) / a->params.leaves);
}

// The next job to give leaves: of those of the highest priority the oldest. NULL: there is none.
static struct job *next_job(const struct analyst *a) {
    const bool has_room = a->num_searches < max_searches(a), has_more_room = a->num_searches < 2 * max_searches(a);
    double lowest = INFINITY; // the priority above which a search may begin where there is no room
    for (int i = 0; i < a->num_jobs && !has_room && has_more_room; i++)
        if (a->jobs[i]->search) lowest = fmin(lowest, a->jobs[i]->ask.priority);
    struct job *best = NULL;
    for (int i = 0; i < a->num_jobs; i++) {
        struct job *job = a->jobs[i];
        if (job->is_flying || job->is_done || job->is_stopped || (best && job->ask.priority <= best->ask.priority)) continue;
        if (job->search || has_room || job->ask.priority > lowest) best = job;
    }
    return best;
}

// Makes the flight's buffers large enough for a game, while it is empty.
static void fit_flight(const struct analyst *a, struct flight *flight) {
    const size_t n = (size_t)a->params.batch;
    size_t logits = flight->logits_stride, points = flight->ownership_stride;
    for (int i = 0; i < a->num_jobs; i++) {
        const struct game *game = &a->jobs[i]->game;
        if ((size_t)game->num_actions > logits) logits = (size_t)game->num_actions;
        if ((size_t)(game->height * game->width) > points) points = (size_t)(game->height * game->width);
    }
    if (logits > flight->logits_stride)
        flight->logits = memory_resize(flight->logits, n * logits, sizeof(float), "an analyst's batches");
    if (points > flight->ownership_stride)
        flight->ownership = memory_resize(flight->ownership, n * points, sizeof(float), "an analyst's batches");
    flight->logits_stride = logits;
    flight->ownership_stride = points;
}

// Fills a free flight with leaves. Searches that have none to give are done.
static void fill(struct analyst *a, struct flight *flight) {
    fit_flight(a, flight);
    flight->n = flight->num_members = 0;
    struct job *job;
    while (flight->n + a->params.leaves <= a->params.batch && (job = next_job(a))) {
        if (!job->search) begin(a, job);
        const int n = search_gather(job->search, a->params.leaves, flight->positions + flight->n);
        if (!n) {
            job->is_done = true;
            continue;
        }
        const bool wants_ownership = search_wants_ownership(job->search);
        for (int i = flight->n; i < flight->n + n; i++)
            flight->judgements[i] = (struct judgement){
                .logits = flight->logits + (size_t)i * flight->logits_stride,
                .ownership = wants_ownership ? flight->ownership + (size_t)i * flight->ownership_stride : NULL};
        job->is_flying = true;
        flight->members[flight->num_members++] = (struct member){job, n};
        flight->n += n;
    }
}

// Waits for the oldest flight and gives its judgements to the searches.
static void land(struct analyst *a) {
    struct flight *flight = &a->flights[a->num_landed++ % a->num_flights];
    pthread_mutex_lock(&a->mutex);
    while (flight->place != FLIGHT_JUDGED) pthread_cond_wait(&a->judged, &a->mutex);
    flight->place = FLIGHT_FREE;
    pthread_mutex_unlock(&a->mutex);
    int at = 0;
    for (int i = 0; i < flight->num_members; i++) {
        const struct member *member = &flight->members[i];
        search_absorb(member->job->search, member->num_leaves, flight->judgements + at);
        member->job->is_flying = false;
        at += member->num_leaves;
    }
}

static bool has_visits(const struct job *job, long long least) {
    struct search_summary summary;
    if (!job->search) return false;
    search_summary(job->search, &summary);
    return summary.simulations >= least;
}

static bool is_judged(const struct job *job) { return has_visits(job, 1); }
// Before a move has a visit there is nothing worth telling.
static bool is_telling(const struct job *job) { return has_visits(job, 2); }

// Reports of the jobs that are not flying, and the end of those that are done. A report may add
// jobs, at the end, and stop others.
static bool tell(struct analyst *a) {
    const double now = now_of(a);
    bool has_told = false;
    for (int i = 0; i < a->num_jobs; i++) {
        struct job *job = a->jobs[i];
        if (job->is_flying) continue;
        if (job->ask.seconds > 0 && is_judged(job) && now - job->start >= job->ask.seconds) job->is_done = true;
        if (job->is_done || job->is_stopped) {
            const bool is_done = job->is_done;
            job->is_done = true; // for analyst_stop
            job->ask.report(job->ask.context, is_judged(job) ? job->search : NULL, is_done ? ANALYST_DONE : ANALYST_STOPPED);
            has_told = true;
            job_free(a, job);
            memmove(a->jobs + i, a->jobs + i + 1, (size_t)(--a->num_jobs - i) * sizeof *a->jobs);
            i--;
        } else if (job->ask.report_every > 0 && now >= job->next_report && is_telling(job)) {
            job->ask.report(job->ask.context, job->search, ANALYST_DURING);
            while (job->next_report <= now) job->next_report += job->ask.report_every;
            has_told = true;
        }
    }
    return has_told;
}

bool analyst_step(struct analyst *a) {
    bool has_worked = false;
    while (a->num_off - a->num_landed < a->num_flights) {
        struct flight *flight = &a->flights[a->num_off % a->num_flights];
        fill(a, flight);
        if (!flight->n) break;
        take_off(a, flight);
        has_worked = true;
    }
    if (a->num_off > a->num_landed) {
        land(a);
        has_worked = true;
    }
    return tell(a) || has_worked;
}
