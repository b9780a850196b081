// A match: threads that each play several games at once, and the room where results are counted.
//
//   thread:  lane lane lane ...   step every lane until all wait; judge A's positions in one batch, then B's; again
//
// Each thread has its own evaluator for each player that needs one. A batch leaves when every lane waits.
//
// Invariants
// 1. Game i depends on (parameters, i) only: opening, seats' rng, colours. So the result does not depend on threads.
// 2. Pairs count in ascending order. An SPRT that looked at pairs as they finish would favour short games.
#include "arena/match.h"

#include "arena/lane.h"
#include "base/files.h"
#include "base/pool.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

// --- Counting ---------------------------------------------------------------------------------------------------------

bool match_is_ended(struct match *match) {
    pthread_mutex_lock(&match->mutex);
    const bool stopped = match->params->stop && *match->params->stop;
    const bool ended = match->sprt || match->status != STATUS_OK || stopped;
    pthread_mutex_unlock(&match->mutex);
    return ended;
}

int match_take_game(struct match *match) {
    if (match_is_ended(match)) return -1;
    pthread_mutex_lock(&match->mutex);
    const int index = match->next_game < match->num_games ? match->next_game++ : -1;
    pthread_mutex_unlock(&match->mutex);
    return index;
}

void match_fail(struct match *match, enum status status) {
    pthread_mutex_lock(&match->mutex);
    if (match->status == STATUS_OK) match->status = status;
    pthread_mutex_unlock(&match->mutex);
}

bool match_a_is_first(const struct match_params *params, int index) {
    return params->a_side == 0 ? index % 2 == 0 : params->a_side == 1;
}

// A's points in game `index`, 0, 1 or 2 halves.
static int half_points(const struct match *match, int index) {
    return 1 + outcome_for(match->records[index].outcome, match_a_is_first(match->params, index) ? 0 : 1);
}

// Counts the pairs that can be counted now, in order.
static void count_pairs(struct match *match) {
    const struct match_params *params = match->params;
    while (!match->sprt && match->counted_pairs < match->num_games / 2) {
        const int first = 2 * match->counted_pairs;
        if (!match->records[first].finished || !match->records[first + 1].finished) break;
        match->pairs[half_points(match, first) + half_points(match, first + 1)]++;
        match->counted_pairs++;
        if (!params->sprt) continue;
        match->llr = sprt_llr(match->pairs, params->sprt_elo0, params->sprt_elo1);
        const double accept = log((1 - params->sprt_beta) / params->sprt_alpha); // Wald's bounds
        const double reject = log(params->sprt_beta / (1 - params->sprt_alpha));
        match->sprt = match->llr >= accept ? 1 : match->llr <= reject ? -1 : 0;
    }
}

void match_finished(struct match *match, const struct match_game *game, const struct game_record *record) {
    pthread_mutex_lock(&match->mutex);
    match->records[game->index] = *record;
    count_pairs(match);
    if (match->params->on_game) match->params->on_game(match->params->context, game);
    pthread_mutex_unlock(&match->mutex);
}

static int compare_u64(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static enum status summarise(const struct match *match, struct match_result *result) {
    memset(result, 0, sizeof *result);
    result->games = 2 * match->counted_pairs;
    uint64_t *hashes = malloc((result->games + 1) * sizeof *hashes);
    if (!hashes) return status_fail(STATUS_MEMORY, "match: no memory for the result");
    for (int i = 0; i < result->games; i++) {
        const struct game_record *record = &match->records[i];
        const int points = half_points(match, i);
        result->wins += points == 2;
        result->draws += points == 1;
        result->losses += points == 0;
        result->first_wins += record->outcome == OUTCOME_FIRST;
        result->first_draws += record->outcome == OUTCOME_DRAW;
        result->forfeits_a += record->forfeit_a;
        result->forfeits_b += record->forfeit_b;
        result->disputes += record->dispute;
        hashes[i] = record->moves_hash;
    }
    qsort(hashes, result->games, sizeof *hashes, compare_u64);
    for (int i = 0; i < result->games; i++) result->distinct += i == 0 || hashes[i] != hashes[i - 1];
    free(hashes);
    match_rate(match->pairs, result);
    result->sprt = match->sprt;
    result->sprt_llr = match->llr;
    return STATUS_OK;
}

// --- Playing ----------------------------------------------------------------------------------------------------------

struct worker {         // of one thread
    struct lane *lanes; // [match->lanes]
    struct evaluator *evaluators[2];
    struct position *positions[2]; // [lanes * max_batch] for each player
    struct judgement *judgements;  // [lanes * max_batch]
    float *logits;                 // [lanes * max_batch, num_actions]
    struct pollfd *descriptors;    // [lanes]
};

static enum status worker_init(struct worker *worker, struct match *match) {
    const struct game *game = match->params->game;
    const size_t room = (size_t)match->lanes * match->max_batch;
    memset(worker, 0, sizeof *worker);
    worker->lanes = calloc(match->lanes, sizeof *worker->lanes);
    worker->judgements = calloc(room, sizeof *worker->judgements);
    worker->logits = malloc(room * game->num_actions * sizeof *worker->logits);
    worker->descriptors = calloc(match->lanes, sizeof *worker->descriptors);
    for (int i = 0; i < 2; i++) worker->positions[i] = calloc(room, sizeof *worker->positions[i]);
    if (!worker->lanes || !worker->judgements || !worker->logits || !worker->descriptors || !worker->positions[0] ||
        !worker->positions[1])
        return status_fail(STATUS_MEMORY, "match: no memory for %d games at once", match->lanes);
    for (size_t i = 0; i < room; i++) worker->judgements[i].logits = worker->logits + i * game->num_actions;
    for (int i = 0; i < match->lanes; i++) TRY(lane_init(&worker->lanes[i], match));
    for (int i = 0; i < 2; i++) TRY(player_evaluator(match->players[i], room, &worker->evaluators[i]));
    return STATUS_OK;
}

static void worker_done(struct worker *worker, const struct match *match) {
    for (int i = 0; worker->lanes && i < match->lanes; i++) lane_done(&worker->lanes[i]);
    for (int i = 0; i < 2; i++) {
        evaluator_free(worker->evaluators[i]);
        free(worker->positions[i]);
    }
    free(worker->lanes);
    free(worker->judgements);
    free(worker->logits);
    free(worker->descriptors);
}

// Steps all lanes that nobody waits for, collecting positions by player. Returns lanes in play.
static int step_lanes(struct worker *worker, struct match *match, int num_positions[2]) {
    int in_play = 0;
    num_positions[0] = num_positions[1] = 0;
    for (int i = 0; i < match->lanes; i++) {
        struct lane *lane = &worker->lanes[i];
        struct position *room[2] = {worker->positions[0] + num_positions[0], worker->positions[1] + num_positions[1]};
        lane_step(lane, room, match->max_batch);
        in_play += lane->index >= 0;
        if (lane->index >= 0 && lane->asked >= 0) num_positions[lane->asked] += lane->num_asked;
    }
    return in_play;
}

static void judge_and_absorb(struct worker *worker, const struct match *match, int player, int n) {
    evaluator_judge(worker->evaluators[player], n, worker->positions[player], worker->judgements);
    int done = 0;
    for (int i = 0; i < match->lanes; i++) {
        struct lane *lane = &worker->lanes[i];
        if (lane->index < 0 || lane->asked != player) continue;
        seat_absorb(lane->seats[player], lane->num_asked, worker->judgements + done);
        done += lane->num_asked;
    }
    CHECK(done == n);
}

// Nothing to judge and programs think: sleeps until one of them answers; a while at most, so that time-outs are seen.
static void wait_for_programs(struct worker *worker, const struct match *match) {
    int n = 0;
    for (int i = 0; i < match->lanes; i++) {
        struct lane *lane = &worker->lanes[i];
        for (int k = 0; lane->index >= 0 && lane->waiting && k < 2; k++) {
            const int descriptor = seat_descriptor(lane->seats[k]);
            if (descriptor >= 0 && n < match->lanes)
                worker->descriptors[n++] = (struct pollfd){.fd = descriptor, .events = POLLIN};
        }
    }
    poll(worker->descriptors, n, 50);
}

static void run_worker(void *context, int task, int index) {
    (void)task, (void)index;
    struct match *match = context;
    struct worker worker;
    const enum status status = worker_init(&worker, match);
    if (status != STATUS_OK) match_fail(match, status);
    int n[2];
    while (status == STATUS_OK && step_lanes(&worker, match, n) > 0) {
        for (int player = 0; player < 2; player++)
            if (n[player] > 0) judge_and_absorb(&worker, match, player, n[player]);
        if (n[0] + n[1] == 0) wait_for_programs(&worker, match);
    }
    worker_done(&worker, match);
}

// Games at once a thread: enough to fill batches where a net plays, few where programs do (each is a process), and never so many
// that most of the match is its own tail.
static int choose_lanes(const struct match *match) {
    if (match->params->lanes > 0) return match->params->lanes;
    const bool nets = player_net(match->players[0]) || player_net(match->players[1]);
    int lanes = nets ? 32 : 1;
    for (int i = 0; i < 2; i++)
        if (player_is_program(match->players[i])) lanes = nets ? 4 : 2;
    const int share = match->num_games / (4 * match->num_threads);
    return lanes <= 4 ? lanes : share < 4 ? 4 : share < lanes ? share : lanes;
}

enum status match_run(const struct match_params *params, const struct player *a, const struct player *b,
                      struct match_result *result) {
    struct match match = {.params = params, .players = {a, b}};
    struct pool *pool = NULL;
    enum status status;
    memset(result, 0, sizeof *result);
    TRY(player_check_game(a, params->game));
    TRY(player_check_game(b, params->game));
    if (params->sgf_dir) TRY(dir_make(params->sgf_dir));
    match.num_games = params->games < 2 ? 2 : (params->games + 1) / 2 * 2;
    match.num_threads = params->threads < 1 ? 1 : params->threads;
    match.lanes = choose_lanes(&match);
    match.max_batch = params->max_batch > 0 ? params->max_batch : match.lanes >= 8 ? 1 : 4;
    match.openings = calloc(match.num_games / 2, sizeof *match.openings);
    match.records = calloc(match.num_games, sizeof *match.records);
    CHECK(pthread_mutex_init(&match.mutex, NULL) == 0);
    if (!match.openings || !match.records) {
        status = status_fail(STATUS_MEMORY, "match: no memory for %d games", match.num_games);
        goto out;
    }
    const int plies = params->opening_plies < 0 ? opening_default_plies(params->game) : params->opening_plies;
    if ((status = openings_draw(params->game, plies, params->opening_band, params->seed, match.openings,
                                match.num_games / 2)) != STATUS_OK)
        goto out;
    if ((status = pool_new(&pool, match.num_threads)) != STATUS_OK) goto out;
    pool_run(pool, match.num_threads, run_worker, &match);
    if ((status = summarise(&match, result)) != STATUS_OK) goto out;
    status = match.status;
    if (status == STATUS_OK && !match.sprt && match.counted_pairs < match.num_games / 2) status = STATUS_CANCELLED;
out:
    pool_free(pool);
    pthread_mutex_destroy(&match.mutex);
    free(match.openings);
    free(match.records);
    return status;
}
