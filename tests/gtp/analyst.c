// A job of the analyst finds what a search of its own finds, however many others share its batches;
// it ends when it is told to or when its time is over; higher priorities are first.
#include "gtp/analyst.h"
#include "mcts/detail.h"
#include "tests/arena/arena_test.h"

enum { NUM_JOBS = 60, LEAVES = 4 };

struct seen {
    int visits, num_during, order;
    enum analyst_moment moment;
    bool is_told;
    float utility, ownership[81];
    int moves[82];
};

static int num_told;
static double fake_seconds;
static double fake_clock(void *context) { return fake_seconds; }

static void read_search(const struct search *search, struct seen *seen) {
    struct detail_root root;
    struct detail_move moves[82];
    detail_root(search, &root);
    seen->visits = (int)root.visits;
    seen->utility = root.utility;
    const int n = detail_moves(search, moves);
    memset(seen->moves, 0, sizeof seen->moves);
    for (int i = 0; i < n; i++) seen->moves[moves[i].action] = moves[i].visits;
    if (search_wants_ownership(search)) detail_ownership(search, GAME_NO_ACTION, seen->ownership, NULL);
}

static void on_report(void *context, const struct search *search, enum analyst_moment moment) {
    struct seen *seen = context;
    EXPECT(!seen->is_told); // nothing comes after the end
    if (search) read_search(search, seen);
    if (moment == ANALYST_DURING) {
        seen->num_during++;
        return;
    }
    seen->is_told = true;
    seen->moment = moment;
    seen->order = num_told++;
}

// Owners that depend on the hash of the position.
static void judge(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++) {
        const struct game *game = positions[i].game;
        const uint64_t key = game_hash(game, positions[i].state);
        struct judgement *j = &judgements[i];
        for (int a = 0; a < game->num_actions; a++) j->logits[a] = (float)(rng_mix(key + (uint64_t)a) >> 40) / (1 << 23);
        j->wdl[0] = (float)(rng_mix(key ^ 1) >> 40) / (1 << 24);
        j->wdl[1] = 0;
        j->wdl[2] = 1 - j->wdl[0];
        j->score = 20 * j->wdl[0] - 10;
        for (int p = 0; j->ownership && p < game->height * game->width; p++)
            j->ownership[p] = (float)(rng_mix(key * 3 + (uint64_t)p) % 255) / 127 - 1;
    }
}

struct setting {
    struct game games[2]; // of two sizes, whose positions share batches
    void *states[NUM_JOBS];
    struct evaluator hash[3], *evaluators[3];
};

static void set_up(struct setting *s) {
    test_go(&s->games[0], 5, 3.5);
    test_go(&s->games[1], 7, 6.5);
    struct rng rng;
    rng_init(&rng, 3, 0);
    for (int i = 0; i < NUM_JOBS; i++) {
        const struct game *game = &s->games[i % 2];
        s->states[i] = malloc(game->state_bytes);
        game_start(game, s->states[i]);
        for (int k = i / 6; k > 0; k--) {
            uint16_t legal[82];
            const int n = game_legal(game, s->states[i], legal);
            // No pass.
            if (n > 1) game_play(game, s->states[i], legal[rng_below(&rng, (uint32_t)(n - 1))]);
        }
    }
    for (int i = 0; i < 3; i++) {
        s->hash[i] = (struct evaluator){.name = "hash", .max_batch = 64, .judge = judge};
        s->evaluators[i] = &s->hash[i];
    }
}

static struct analyst_job job_of(struct setting *s, int i, struct seen *seen) {
    return (struct analyst_job){.game = &s->games[i % 2],
                                .state = s->states[i],
                                .visits = 20 + 7 * (i % 10),
                                .keep_ownership = i % 3 == 0,
                                .seed = (uint64_t)i,
                                .report = on_report,
                                .context = seen};
}

static void search_alone(struct setting *s, int i, struct seen *seen) {
    const struct analyst_job job = job_of(s, i, seen);
    struct search_params params = search_params_default;
    params.max_leaves = LEAVES;
    params.average_root = true;
    struct search *search;
    struct rng rng;
    if (search_new(&search, &params) != STATUS_OK) exit(1);
    rng_init(&rng, job.seed, 0);
    search_keep_ownership(search, job.keep_ownership);
    search_start(search, job.game, job.state, &rng);
    search_run(search, &s->hash[0], job.visits, true, LEAVES);
    read_search(search, seen);
    search_free(search);
}

static void same_as_alone(struct setting *s, int num_evaluators, int batch) {
    static struct seen seen[NUM_JOBS], alone[NUM_JOBS];
    memset(seen, 0, sizeof seen);
    const struct analyst_params params = {
        .evaluators = s->evaluators, .num_evaluators = num_evaluators, .batch = batch, .leaves = LEAVES, .clock = &test_clock};
    struct analyst *analyst;
    struct analyst_stats stats;
    EXPECT_INT(analyst_new(&analyst, &params), STATUS_OK);
    for (int i = 0; i < NUM_JOBS; i++) {
        const struct analyst_job job = job_of(s, i, &seen[i]);
        EXPECT(analyst_add(analyst, &job) > 0);
    }
    EXPECT_INT(analyst_num_jobs(analyst), NUM_JOBS);
    while (analyst_step(analyst)) continue;
    EXPECT_INT(analyst_num_jobs(analyst), 0);
    analyst_stats(analyst, &stats);
    for (int i = 0; i < NUM_JOBS; i++) {
        memset(&alone[i], 0, sizeof alone[i]);
        search_alone(s, i, &alone[i]);
        EXPECT(seen[i].is_told && seen[i].moment == ANALYST_DONE);
        EXPECT_INT(seen[i].visits, alone[i].visits);
        EXPECT_NEAR(seen[i].utility, alone[i].utility, 0);
        EXPECT(!memcmp(seen[i].moves, alone[i].moves, sizeof seen[i].moves));
        EXPECT(!memcmp(seen[i].ownership, alone[i].ownership, sizeof seen[i].ownership));
    }
    printf("%d judges, batch %d: %lld batches, %.1f positions each\n", num_evaluators, batch, stats.batches,
           (double)stats.evaluations / (double)stats.batches);
    // Batches are shared.
    if (batch >= 2 * LEAVES) EXPECT((double)stats.evaluations > 0.4 * batch * (double)stats.batches);
    analyst_free(analyst);
}

static void stops_and_times(struct setting *s) {
    static const struct clock clock = {.seconds = fake_clock};
    const struct analyst_params params = {
        .evaluators = s->evaluators, .num_evaluators = 1, .batch = LEAVES, .leaves = LEAVES, .clock = &clock};
    struct analyst *analyst;
    static struct seen seen[5];
    memset(seen, 0, sizeof seen);
    EXPECT_INT(analyst_new(&analyst, &params), STATUS_OK);
    uint64_t numbers[5];
    for (int i = 0; i < 5; i++) {
        struct analyst_job job = job_of(s, i, &seen[i]);
        job.visits = i == 4 ? 50 : 1000000;
        job.seconds = i == 1 ? 10 : 0;
        job.report_every = i == 1 ? 2 : 0;
        job.first_report = i == 1 ? 1 : 0;
        job.priority = i == 4 ? 5 : i == 1 ? 1 : 0;
        numbers[i] = analyst_add(analyst, &job);
    }
    EXPECT(analyst_stop(analyst, numbers[3])); // it never began
    fake_seconds = 0;
    for (int i = 0; i < 400; i++) {
        analyst_step(analyst);
        fake_seconds += 0.05;
    }
    EXPECT(seen[3].is_told && seen[3].moment == ANALYST_STOPPED && seen[3].visits == 0);
    EXPECT(!analyst_stop(analyst, numbers[3]));
    EXPECT(seen[4].is_told && seen[4].moment == ANALYST_DONE && seen[4].visits == 50);
    EXPECT(seen[1].is_told && seen[1].moment == ANALYST_DONE && seen[1].visits > 50);
    EXPECT(seen[1].num_during >= 4 && seen[1].num_during <= 5); // after 1, 3, 5, 7, 9 seconds
    EXPECT(seen[4].order < seen[1].order);                      // by its priority
    EXPECT(!seen[0].is_told);
    EXPECT(analyst_stop(analyst, numbers[0]));
    analyst_step(analyst);
    EXPECT(seen[0].is_told && seen[0].moment == ANALYST_STOPPED && seen[0].visits > 0);
    EXPECT(!analyst_stop(analyst, 12345));
    EXPECT_INT(analyst_num_jobs(analyst), 1);
    analyst_free(analyst); // ends the last one without a word
    EXPECT(!seen[2].is_told);
}

static void refuses(struct setting *s) {
    struct analyst_params params = {
        .evaluators = s->evaluators, .num_evaluators = 1, .batch = 8, .leaves = 8, .clock = &test_clock};
    struct analyst *analyst;
    params.leaves = 9;
    EXPECT_INT(analyst_new(&analyst, &params), STATUS_USAGE);
    params.leaves = 8, params.batch = 65;
    EXPECT_INT(analyst_new(&analyst, &params), STATUS_USAGE);
    params.batch = 8, params.num_evaluators = 0;
    EXPECT_INT(analyst_new(&analyst, &params), STATUS_USAGE);
    params.num_evaluators = 1;
    EXPECT_INT(analyst_new(&analyst, &params), STATUS_OK);
    static struct seen seen;
    const struct analyst_job job = job_of(s, 0, &seen);
    for (int i = 0; i < ANALYST_MAX_JOBS; i++) EXPECT(analyst_add(analyst, &job) > 0);
    EXPECT_INT(analyst_add(analyst, &job), 0);
    analyst_free(analyst);
}

int main(void) {
    static struct setting s;
    set_up(&s);
    same_as_alone(&s, 1, 4);
    same_as_alone(&s, 1, 32);
    same_as_alone(&s, 3, 16);
    stops_and_times(&s);
    refuses(&s);
    for (int i = 0; i < NUM_JOBS; i++) free(s.states[i]);
    return TEST_END();
}
