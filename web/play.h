// Games that visitors play against a net, and positions that they have it look at (docs/api.md,
// "Playing").
//
// A visitor's game is a session. One thread of low priority, the thinker, searches for all of them
// (gtp/analyst.h); it is told what is wanted and tells what it found. So no request waits for a
// search, and no search for a visitor. When to pass, how to count and which stones are dead is as
// over GTP.
#ifndef WEB_PLAY_H
#define WEB_PLAY_H

#include "web/events.h"
#include "web/models.h"

#include <cjson/cJSON.h>

enum {
    // All chosen, not tuned.
    PLAY_MAX_SESSIONS = 64,
    PLAY_MAX_NETS = 4,
    PLAY_MAX_VISITS = 20000,
    PLAY_MAX_SECONDS = 30,
    PLAY_BATCH = 16,
    PLAY_LEAVES = 8,
};

struct play;
struct play_params {
    struct models *models;
    struct events *events;
    const struct clock *clock;
    const char *backend; // NULL: auto
    int threads;         // that judge at once, for each net; at least 1
};
enum status play_new(struct play **play, const struct play_params *params);
// Ends all searches. NULL is fine.
void play_free(struct play *play);
// Forgets sessions that nobody uses any more. To be called about once a second.
void play_tick(struct play *play);

// POST /api/play, and what is below it: `rest` follows "/api/play/". Any thread.
void play_create(struct play *play, const struct http_request *request, struct http_answer *answer);
void play_answer(struct play *play, const char *rest, const struct http_request *request, struct http_answer *answer);
// What /api/machine says.
cJSON *play_machine(struct play *play);

#endif
