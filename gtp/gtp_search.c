// Runs the search in batches and looks between them at the clock and at what the controller says.
//
// A batch can't be interrupted, so it has only as many leaves as can be judged in a fraction of the
// time in which an interrupt has to be heard. Visits are ordered in portions, because where all
// lines end in finished positions there are no leaves and so no batches.
#include "gtp/gtp_search.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum {
    // The visits of one portion of work.
    PORTION = 256,
};

// The seconds that a batch may take. An interrupt is to be heard within 50 ms.
static const double batch_seconds = 0.02;
// The share of the time that reports may take.
static const double most_report_share = 0.03;

bool gtp_search_follow(struct gtp_engine *engine, int length) {
    const int kept = engine->num_root_actions;
    bool rooted = kept >= 0 && kept <= length && !memcmp(engine->root_actions, engine->actions, kept * sizeof *engine->actions);
    if (engine->is_root_partial && kept == length) rooted = false;
    for (int i = kept; rooted && i < length; i++) rooted = search_advance(engine->search, engine->actions[i]);
    memcpy(engine->root_actions, engine->actions, length * sizeof *engine->actions);
    engine->num_root_actions = rooted ? length : -1;
    engine->is_root_partial = false;
    return rooted;
}

bool gtp_search_is_after_stand_in(const struct gtp_engine *engine) {
    const int pass = engine->game.pass_action;
    if (!engine->game.can_set_up || !engine->num_actions || engine->actions[engine->num_actions - 1] != pass) return false;
    const struct gtp_move *last = engine->num_moves ? &engine->moves[engine->num_moves - 1] : NULL;
    return !last || last->action != pass || last->color == engine->to_play;
}

static bool set_root(struct gtp_engine *engine, const uint16_t *until, int without) {
    const struct game *game = &engine->game;
    gtp_engine_warn(engine);
    if (without == GAME_NO_ACTION && gtp_search_is_after_stand_in(engine)) without = game->pass_action;
    const bool is_partial = until || without != GAME_NO_ACTION;
    if (game_outcome(game, engine->state) != OUTCOME_NONE) return false;
    bool rooted = !is_partial && gtp_search_follow(engine, engine->num_actions);
    search_restrict(engine->search, until, game->num_actions);
    if (!rooted) rooted = search_start_without(engine->search, game, engine->state, without, &engine->rng);
    rng_u64(&engine->rng); // so that the next start draws other numbers
    memcpy(engine->root_actions, engine->actions, engine->num_actions * sizeof *engine->actions);
    engine->num_root_actions = rooted ? engine->num_actions : -1;
    engine->is_root_partial = is_partial;
    return rooted;
}

bool gtp_search_root(struct gtp_engine *engine, const uint16_t *until) { return set_root(engine, until, GAME_NO_ACTION); }
bool gtp_search_root_without(struct gtp_engine *engine, int action) { return set_root(engine, NULL, action); }

// Judges one batch of at most `most` leaves and returns their number; 0: the work at hand is done.
static int search_batch(struct gtp_engine *engine, int most) {
    struct position positions[GTP_MAX_BATCH];
    const int n = search_gather(engine->search, most, positions), points = engine->game.height * engine->game.width;
    const bool wants_ownership = search_wants_ownership(engine->search);
    for (int i = 0; i < n; i++) engine->judgements[i].ownership = wants_ownership ? engine->ownership + i * points : NULL;
    if (n > 0) {
        evaluator_judge(engine->evaluator, n, positions, engine->judgements);
        search_absorb(engine->search, n, engine->judgements);
    }
    return n;
}

// What the batches so far say about the next one.
struct pace {
    double start, before; // the search's start, and the end of the latest batch
    // Seconds for a leaf: lately the most, by which the clock is kept; and the least ever, which no
    // hiccup of the machine makes larger.
    double slowest, fastest;
    double next_report;
};

// How many leaves the next batch may have; 0: the search ends now.
static int allowed(struct gtp_engine *engine, const struct gtp_search_plan *plan, const struct pace *pace) {
    int most = engine->params->batch < 1 ? 1 : engine->params->batch > GTP_MAX_BATCH ? GTP_MAX_BATCH : engine->params->batch;
    if (most > engine->evaluator->max_batch) most = engine->evaluator->max_batch;
    // Before the speed is known, as few as possible.
    const double in_time = pace->fastest > 0 ? batch_seconds / pace->fastest : 1;
    if (in_time < most) most = in_time < 1 ? 1 : (int)in_time;
    bool is_over = false;
    if (isfinite(plan->seconds)) {
        const double left = pace->slowest > 0 ? (pace->start + plan->seconds - pace->before) / pace->slowest : 1;
        is_over = left < 1;
        if (left < most) most = left < 1 ? 1 : (int)left;
    }
    if (engine->channel && gtp_channel_interrupts(engine->channel, plan->patience)) {
        if (plan->patience == GTP_UNTIL_ANY) return 0;
        is_over = true;
    }
    return is_over && search_visits(engine->search) > 0 ? 0 : most;
}

static void note_batch(struct gtp_engine *engine, struct pace *pace, int n) {
    const double now = clock_seconds(engine->params->clock), a_leaf = n > 0 ? (now - pace->before) / n : 0;
    pace->slowest = a_leaf > pace->slowest ? a_leaf : 0.9 * pace->slowest + 0.1 * a_leaf;
    if (a_leaf > 0 && (pace->fastest == 0 || a_leaf < pace->fastest)) pace->fastest = a_leaf;
    pace->before = now;
    const struct gtp_watch *watch = &engine->watch;
    if (!watch->report || now < pace->next_report || search_visits(engine->search) == 0) return;
    watch->report(engine, watch->context);
    pace->before = clock_seconds(engine->params->clock);
    // Reports that are late are left out, not made up for. Those that take long, as ownership from
    // a large tree does, come less often.
    pace->next_report += watch->interval;
    const double soonest = pace->before + (pace->before - now) / most_report_share;
    if (pace->next_report < soonest) pace->next_report = soonest;
}

// A quarter of the machine's memory, in visits: each makes a node with an edge for every move.
static int most_visits(const struct gtp_engine *engine) {
    const double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    const double bytes = 100 + 24.0 * engine->game.max_legal + engine->game.height * engine->game.width;
    const double visits = memory > 0 ? memory / 4 / bytes : 1e6;
    return visits < GTP_SEARCH_ENDLESS ? (int)visits : GTP_SEARCH_ENDLESS;
}

void gtp_search_run(struct gtp_engine *engine, const struct gtp_search_plan *plan) {
    const double start = clock_seconds(engine->params->clock);
    struct pace pace = {.start = start, .before = start, .next_report = start + engine->watch.interval};
    const int most = most_visits(engine), visits = plan->visits < most ? plan->visits : most;
    for (;;) {
        const long long before = search_visits(engine->search);
        const long long target = before + PORTION < visits ? before + PORTION : visits;
        search_begin(engine->search, (int)target, true);
        int leaves = 0;
        for (int n = 1; n > 0; leaves += n) {
            const int max = allowed(engine, plan, &pace);
            if (!max) {
                return;
            }
            n = search_batch(engine, max);
            note_batch(engine, &pace, n);
        }
        // Without leaves, every line is known to its end.
        if (target == visits || leaves == 0) return;
    }
}
