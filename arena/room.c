// Threads that each play several games at once.
//
//   a thread:  lane lane lane ...   1. step every lane until all of them wait
//                                   2. judge their positions, one batch for each net; begin again
//
// Each thread has evaluators of its own, one for each net, which are made when the net is first
// asked. It keeps at most MAX_EVALUATORS, and then drops the one that was asked longest ago, since
// a long tournament has more checkpoints than fit into memory.
#include "arena/room.h"

#include "arena/by_area.h"
#include "arena/player_parts.h"
#include "base/memory.h"
#include "base/thread_pool.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    // Of one thread; chosen, not tuned: a net for a small board takes megabytes.
    MAX_EVALUATORS = 32,
    // At least this often a thread looks for time-outs of programs and for new work.
    POLL_MS = 50,
    // Lanes of a thread: enough to fill batches if only nets play, and few if only programs do,
    // since each of those is a process.
    NET_LANES = 32,
    PROGRAM_LANES = 2,
    MIXED_LANES = 4,
    // A lane plays at least this many games of a match, if there are so many. With fewer, the last
    // games, in which lanes fall idle, would be most of the match.
    MATCH_SHARE = 4,
};

struct judge {
    // NULL: it was not made yet, or it was dropped.
    struct evaluator *evaluator;
    // The round in which it was asked last.
    long long used;
};
// What one thread works with.
struct worker {
    const struct room *room;
    struct lane *lanes; // [room->lanes]
    // [num_players]: that of a net is at the least index of the players with this net.
    struct judge *judges;
    struct position *positions;   // [lanes * max_batch]
    struct judgement *judgements; // [lanes * max_batch]
    float *logits;                // [lanes * max_batch, num_actions]
    float *owners;                // [lanes * max_batch, height, width]; NULL: nobody asks for them
    struct pollfd *descriptors;   // [lanes]
    long long round;
};

double room_seconds(const struct room *room) { return room->clock ? clock_seconds(room->clock) : 0; }

static void worker_init(struct worker *worker, const struct room *room) {
    static const char what[] = "the games of a thread";
    const struct game *game = room->game;
    const size_t size = (size_t)room->lanes * (size_t)room->max_batch;
    *worker = (struct worker){.room = room};
    worker->lanes = memory_new((size_t)room->lanes, sizeof *worker->lanes, what);
    worker->judges = memory_new((size_t)room->num_players, sizeof *worker->judges, what);
    worker->positions = memory_new(size, sizeof *worker->positions, what);
    worker->judgements = memory_new(size, sizeof *worker->judgements, what);
    worker->logits = memory_raw(size * (size_t)game->num_actions, sizeof *worker->logits, what);
    worker->descriptors = memory_new((size_t)room->lanes, sizeof *worker->descriptors, what);
    const size_t points = by_area_wants_owners(game) ? (size_t)game->height * (size_t)game->width : 0;
    if (points) worker->owners = memory_raw(size * points, sizeof *worker->owners, what);
    for (size_t i = 0; i < size; i++) {
        worker->judgements[i].logits = worker->logits + i * (size_t)game->num_actions;
        worker->judgements[i].ownership = points ? worker->owners + i * points : NULL;
    }
    for (int i = 0; i < room->lanes; i++) lane_init(&worker->lanes[i], room);
}

static void worker_done(struct worker *worker) {
    for (int i = 0; i < worker->room->lanes; i++) lane_done(&worker->lanes[i]);
    for (int i = 0; i < worker->room->num_players; i++) evaluator_free(worker->judges[i].evaluator);
    free(worker->lanes);
    free(worker->judges);
    free(worker->positions);
    free(worker->judgements);
    free(worker->logits);
    free(worker->owners);
    free(worker->descriptors);
}

// Players of one kind with the same net on the same backend are judged together. The least index
// among them stands for all.
static int judge_of(const struct room *room, int player) {
    const struct player *mine = room->players[player];
    for (int i = 0; i < player; i++) {
        const struct player *other = room->players[i];
        if (other && other->kind == mine->kind && other->net == mine->net && !strcmp(other->backend, mine->backend)) return i;
    }
    return player;
}

static enum status find_evaluator(struct worker *worker, int judge, struct evaluator **out) {
    struct judge *mine = &worker->judges[judge];
    mine->used = worker->round;
    if (!mine->evaluator) {
        int num_kept = 0, oldest = -1;
        for (int i = 0; i < worker->room->num_players; i++) {
            if (!worker->judges[i].evaluator) continue;
            num_kept++;
            if (oldest < 0 || worker->judges[i].used < worker->judges[oldest].used) oldest = i;
        }
        if (num_kept >= MAX_EVALUATORS) {
            evaluator_free(worker->judges[oldest].evaluator);
            worker->judges[oldest].evaluator = NULL;
        }
        const int max_batch = worker->room->lanes * worker->room->max_batch;
        TRY(player_evaluator(worker->room->players[judge], max_batch, &mine->evaluator));
    }
    *out = mine->evaluator;
    return STATUS_OK;
}

// Steps all lanes. False: none of them will ever get a game again.
static bool step_lanes(struct worker *worker) {
    bool is_alive = false;
    for (int i = 0; i < worker->room->lanes; i++) {
        lane_step(&worker->lanes[i]);
        is_alive |= !worker->lanes[i].is_done;
    }
    return is_alive;
}

static bool wants_judgement(const struct lane *lane) { return lane->is_playing && lane->asked >= 0; }

static int judge_of_lane(const struct lane *lane) { return judge_of(lane->room, lane->game.players[lane->asked]); }

// Judges one batch: all positions that lanes from `from` on have for this judge.
static enum status judge_batch(struct worker *worker, int judge, int from) {
    const struct room *room = worker->room;
    struct evaluator *evaluator;
    TRY(find_evaluator(worker, judge, &evaluator));
    int n = 0, done = 0;
    for (int i = from; i < room->lanes; i++) {
        const struct lane *lane = &worker->lanes[i];
        if (!wants_judgement(lane) || judge_of_lane(lane) != judge) continue;
        memcpy(worker->positions + n, lane->positions, (size_t)lane->num_asked * sizeof *lane->positions);
        n += lane->num_asked;
    }
    const double start = room_seconds(room);
    evaluator_judge(evaluator, n, worker->positions, worker->judgements);
    const double each = (room_seconds(room) - start) / n;
    for (int i = from; i < room->lanes; i++) {
        struct lane *lane = &worker->lanes[i];
        if (!wants_judgement(lane) || judge_of_lane(lane) != judge) continue;
        seat_absorb(lane->seats[lane->asked], lane->num_asked, worker->judgements + done);
        done += lane->num_asked;
        lane->cost += each * lane->num_asked;
        lane->asked = -1;
    }
    CHECK(done == n);
    return STATUS_OK;
}

// Judges everything that lanes ask for. *is_any says whether there was anything.
static enum status judge_all(struct worker *worker, bool *is_any) {
    *is_any = false;
    worker->round++;
    for (int i = 0; i < worker->room->lanes; i++) {
        if (!wants_judgement(&worker->lanes[i])) continue;
        *is_any = true;
        TRY(judge_batch(worker, judge_of_lane(&worker->lanes[i]), i));
    }
    return STATUS_OK;
}

// Waits when there is nothing to judge: programs think, or games of other threads decide what is
// played next. It sleeps until a program answers, but not for long.
static void wait_a_while(struct worker *worker) {
    int n = 0;
    for (int i = 0; i < worker->room->lanes; i++) {
        struct lane *lane = &worker->lanes[i];
        if (!lane->is_playing || !lane->is_waiting) continue;
        const int descriptor = seat_descriptor(lane->seats[lane->waits_for]);
        if (descriptor >= 0) worker->descriptors[n++] = (struct pollfd){.fd = descriptor, .events = POLLIN};
    }
    poll(worker->descriptors, (nfds_t)n, POLL_MS);
}

static void run_worker(void *context, int task, int index) {
    (void)task, (void)index;
    const struct room *room = *(const struct room **)context;
    struct worker worker;
    worker_init(&worker, room);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && step_lanes(&worker)) {
        bool is_any;
        status = judge_all(&worker, &is_any);
        if (status == STATUS_OK && !is_any) wait_a_while(&worker);
    }
    if (status != STATUS_OK) room->scheduler->fail(room->scheduler, status);
    worker_done(&worker);
}

void room_choose(struct room *room, int lanes, int max_batch, int num_games) {
    bool has_nets = false, has_programs = false;
    for (int i = 0; i < room->num_players; i++) {
        if (!room->players[i]) continue;
        has_nets |= player_net(room->players[i]) != NULL;
        has_programs |= player_is_program(room->players[i]);
    }
    room->lanes = has_programs ? (has_nets ? MIXED_LANES : PROGRAM_LANES) : has_nets ? NET_LANES : 1;
    if (num_games > 0 && room->lanes > MIXED_LANES) {
        const int share = num_games / (MATCH_SHARE * room->threads);
        room->lanes = share < MIXED_LANES ? MIXED_LANES : share < room->lanes ? share : room->lanes;
    }
    if (lanes > 0) room->lanes = lanes;
    room->max_batch = max_batch > 0 ? max_batch : room->lanes >= 8 ? 1 : 4;
}

enum status room_play(const struct room *room) {
    struct thread_pool *pool = NULL;
    TRY(thread_pool_new(&pool, room->threads));
    thread_pool_run(pool, room->threads, run_worker, &room);
    thread_pool_free(pool);
    return STATUS_OK;
}
