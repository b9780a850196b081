// Inside web/: a session and what its files share. All of it is under play.mutex.
#ifndef WEB_PLAY_PARTS_H
#define WEB_PLAY_PARTS_H

#include "gtp/analyst.h"
#include "gtp/report.h"
#include "net/net_setting.h"
#include "web/board.h"
#include "web/guard.h"
#include "web/play.h"

#include <pthread.h>

enum session_state { SESSION_YOURS, SESSION_THINKING, SESSION_COUNTING, SESSION_OVER, SESSION_FAILED };
// What the program searches for.
enum session_wish { WISH_NONE, WISH_MOVE, WISH_HINT, WISH_ANALYSIS, WISH_COUNT };
enum { COLOUR_BLACK, COLOUR_WHITE, COLOUR_BOTH };

struct session_result {
    enum outcome winner;
    bool has_score, has_owners;
    double score;
    const char *reason;           // "score", "rules" or "resignation"
    uint8_t status[BOARD_POINTS]; // enum area_status
    float owner[BOARD_POINTS];
};

struct session {
    uint64_t number; // never used again
    char id[GUARD_ID_BYTES];
    struct models_found model;
    struct game game; // game.komi has the handicap's bonus in it, own_komi has not
    double own_komi;
    int handicap, colour;
    int level; // 0: none
    struct net_setting setting;
    double seconds, resign_below;
    // The game: `base`, and the actions from there. winrates: the first player's, NAN: not known.
    void *base, *state, *before, *scratch; // [state_bytes] each; `before` is one move before `state`
    uint16_t *actions;
    float *winrates;
    int num, max;
    enum session_state state_of;
    char note[600]; // "": none
    struct session_result result;
    // The search that is wanted, or goes on; `serial` counts the wishes, and a report of an older
    // one is not heard.
    enum session_wish wish;
    uint64_t serial;
    int wish_ply, wish_visits;
    int end; // a pass that would win at once, which the search leaves out; GAME_NO_ACTION: none
    bool is_searching;
    float expected; // what the program expected before the visitor's last move, 0..1; NAN: not known
    char *analysis; // JSON; NULL: none yet
    double touched; // by the clock
};

// A search that the thinker has begun.
struct ask {
    struct ask *next;
    struct play *play;
    uint64_t session, serial, job;
    enum session_wish kind;
    struct game game;
    void *state; // [state_bytes], twice: the second is scratch
    int ply;
    double began;
    struct brain *brain;
};

// A net in memory, with who searches by it.
struct brain {
    char path[PATH_BYTES];
    struct net *net;
    struct player *player;
    struct evaluator *evaluators[ANALYST_MAX_JUDGES];
    struct analyst *analyst;
    double used;
};

struct play {
    struct play_params params;
    pthread_mutex_t mutex;
    pthread_cond_t wanted;
    pthread_t thread;
    bool has_thread, quit;
    struct session *sessions[PLAY_MAX_SESSIONS];
    int num_sessions;
    uint64_t last_number;
    struct rng rng;
    // The thinker's own.
    struct brain *brains[PLAY_MAX_NETS];
    struct ask *asks;
    struct report report;
    // For play_machine.
    int num_brains, num_asks;
    long long evaluations, batches, lost_evaluations, lost_batches; // `lost`: of nets that were let go
};

// session.c
void session_free(struct session *session);
// Plays a legal action and looks whether the game is over; else it is the other side's turn.
void session_play(struct play *play, struct session *session, int action, float winrate);
// Replays the first `num` actions into session->state and `before`.
void session_derive(struct session *session, int num);
// Asks the thinker. `visits` is for a hint or an analysis.
void session_wish(struct play *play, struct session *session, enum session_wish wish, int ply, int visits);
// Asks for no more, and stops what is searched.
void session_unwish(struct session *session);
// The state of play after the actions have changed: whose turn it is.
void session_turn(struct play *play, struct session *session);
void session_resign(struct session *session, int side);
void session_count(struct play *play, struct session *session);
// Counts by the owners of the points, [height, width], +1 for the first player.
void session_counted(struct session *session, const float *owner);
// Sends the session to its listeners.
void session_tell(struct play *play, struct session *session);
// The most visits of a search in this game.
int session_most_visits(const struct game *game);

// session_json.c
cJSON *session_json(struct session *session);
char *session_sgf(struct session *session);

// session_new.c: both fill a session that is all zeros but for its id, number and model. False: the
// answer says what is wrong.
bool session_set_up(struct session *session, struct play *play, const cJSON *wish, struct http_answer *answer);
bool session_load(struct session *session, const cJSON *wish, struct http_answer *answer);

// thinker.c
void *thinker_main(void *play);
void thinker_done(struct play *play);

#endif
