// The runs that are shown: what the API says of them (docs/api.md, "Watching").
//
// One thread watches them all (runs_tick), keeps the documents that everybody asks for and tells
// the listeners what has changed; so ten pages cost hardly more than one. What one visitor asks for
// (metrics, games) is read when it is asked for. Everything goes through readers (run/run_read.h):
// nothing here can change a run.
#ifndef WEB_RUNS_H
#define WEB_RUNS_H

#include "net/net.h"
#include "web/events.h"

#include <cjson/cJSON.h>

enum { RUNS_MOST_NETS = 400 };

struct runs;
// `paths` are copied. A run need not be there yet.
struct runs *runs_new(const char *const *paths, int num, struct events *events, const struct clock *clock,
                      double (*wall)(void));
void runs_free(struct runs *runs); // NULL is fine
int runs_count(const struct runs *runs);
const char *runs_path(const struct runs *runs, int run);

// Looks at all runs once. One thread calls it, about once a second.
void runs_tick(struct runs *runs);

// The answers. Any thread; `run` is in range. They wait for the first tick.
void runs_answer_list(struct runs *runs, struct http_answer *answer);
void runs_answer_overview(struct runs *runs, int run, struct http_answer *answer);
void runs_answer_elo(struct runs *runs, int run, struct http_answer *answer);
void runs_answer_live(struct runs *runs, int run, struct http_answer *answer);
void runs_answer_metrics(struct runs *runs, int run, const struct http_request *request, struct http_answer *answer);
void runs_answer_games(struct runs *runs, int run, const struct http_request *request, struct http_answer *answer);
void runs_answer_game(struct runs *runs, int run, long long index, bool as_sgf, struct http_answer *answer);
void runs_answer_events(struct runs *runs, int run, struct http_answer *answer);
// What /api/machine says of the runs, as an array.
cJSON *runs_machine(struct runs *runs);

// What models.h needs of a run, as of the last tick; false: it can't be read, or has no net yet.
struct runs_nets {
    char best[64];           // "nets/000012.safetensors"
    struct net_meta meta;    // of the best net
    struct net_config shape; // of the best net
    char game[32], rules[GAME_RULES_BYTES];
    int height, width;
    double komi;
    long long steps[RUNS_MOST_NETS]; // of the newest checkpoints, ascending
    int num_steps;
};
bool runs_read_nets(struct runs *runs, int run, struct runs_nets *out);

#endif
