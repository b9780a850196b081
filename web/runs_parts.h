// Inside web/: what the files of runs share.
#ifndef WEB_RUNS_PARTS_H
#define WEB_RUNS_PARTS_H

#include "ladder/ladder.h"
#include "run/live.h"
#include "run/run_read.h"
#include "web/runs.h"

#include <pthread.h>

// A document that is kept: JSON of one line. NULL: not made yet.
struct runs_text {
    char *text;
    size_t num_bytes;
};

struct runs_run {
    char *path;
    // For those who ask, one at a time, under `asking`.
    pthread_mutex_t asking;
    struct run_reader *asked;

    // Below: the watcher's own, but for the texts, `error` and `nets`, which are under runs.mutex.
    struct run_reader *reader;
    struct run_summary summary;
    struct game game; // at the run's size; valid where the summary is
    bool has_summary;
    struct ladder ladder; // standings; num_runs 0: none yet
    long long ladder_games;
    double next_ladder;        // by the clock: standings are not made earlier
    double began, last;        // seconds since 1970: of the first and the last iteration; NAN: none
    struct run_metrics newest; // the last iteration
    long long told_iteration, told_game;
    double told_overview; // by the clock
    double live_wall;     // of the live file that was read last
    struct live_games live;
    bool has_live;
    struct net_meta meta;
    struct net_config shape;
    char meta_of[65]; // the digest of the best net that `meta` is of

    struct runs_text brief, overview, elo, live_text, machine;
    char error[600]; // "": it can be read
    struct runs_nets nets;
    bool has_nets;
};

struct runs {
    struct runs_run *at;
    int num;
    struct events *events;
    const struct clock *clock;
    double (*wall)(void);
    pthread_mutex_t mutex;
    pthread_cond_t ticked;
    bool has_ticked;
};

// The documents, made by the watcher from what it knows of a run (runs_documents.c, runs_games.c).
cJSON *runs_make_overview(struct runs *runs, struct runs_run *run, int id, bool is_brief);
cJSON *runs_make_elo(struct runs_run *run);
cJSON *runs_make_live(struct runs *runs, struct runs_run *run);
cJSON *runs_make_machine(struct runs_run *run, int id);
cJSON *runs_make_metrics(const struct run_metrics *metrics, long long after);
// A reader for one who asks, with run->asking held; NULL, and the answer says why.
struct run_reader *runs_ask(struct runs_run *run, struct http_answer *answer);
// Ends the question. After a failure the reader is opened anew next time.
void runs_asked(struct runs_run *run, bool failed);

#endif
