// One iteration follows another until the budget is spent, and everything that counts is committed
// once an iteration. The work is that of a learner, over all ranks of the job where there are several;
// the decisions are made here, on rank 0. Invariants:
//
//   1. What the log has said of games, the run folder holds: commit first, log after.
//   2. The trainer's step never runs ahead of its rows:
//      steps owed = full rows played * reuse / batch.
//   3. Self-play always uses the newest weight average. `best` is for people; only the gate moves
//      it.
//   4. What all ranks do together is ordered first (team.h), the same on all of them. Only rank 0 has
//      a run, and reads the clock.
//   5. (seed, session, slot) name the random stream of a slot's games, and (seed, step, shard)
//      that of training rows.

#include "selfplay/loop.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/version.h"
#include "game/sgf.h"
#include "ladder/ladder.h"
#include "net/learned.h"
#include "run/record_sgf.h"
#include "run/run_session.h"
#include "selfplay/boards.h"
#include "selfplay/budget.h"
#include "selfplay/checkpoint.h"
#include "selfplay/expect.h"
#include "selfplay/learner.h"
#include "selfplay/origin.h"
#include "selfplay/quarantine.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRAINER_SECONDS 60.0 // It was chosen: a kill loses at most this much training.
#define LIVE_SECONDS 1.0     // It was chosen: how often people who watch see the games in play.
#define LOG_SECONDS 5.0      // It was chosen: how often a person wants to hear.
// The pace is known at this progress line, for the first one comes without training.
#define EXPECT_AT 2

struct loop {
    const struct loop_params *params;
    const struct config *config;
    struct game game;
    struct boards boards;
    struct origin origin;
    struct run *run;
    struct learner learner;
    struct budget budget;
    struct live_writer *live;
    struct losses losses; // Those of the last step, smoothed.
    // The clock at the start, and the run's seconds of earlier sessions.
    double began, seconds_before;
    double logged, trainer_saved; // The clock at the last progress line and at the last saving.
    double next_checkpoint;       // As a progress.
    long long games_kept;
    struct actors_stats since;          // Since the last progress line.
    double play_seconds, train_seconds; // Since then, too. The two take turns on the devices.
    double evaluations_per_s;           // Of self-play in the last iteration.
    double committed, trained_seconds;  // The clock at the last commit, and the training since then.
    double played_seconds;              // Of self-play since then, too.
    int num_logged;                     // The progress lines of this session.
    bool on_small_board;                // The curriculum lasts.
    bool is_differing_said;             // The log has said that the ranks round differently.
    struct team_tally tally;            // What the ranks cost each other.
};

static double run_seconds(const struct loop *loop) {
    return loop->seconds_before + clock_seconds(loop->params->clock) - loop->began;
}

// The share of the budget that is spent, 0 to 1; the larger of time and games; 0 without a budget.
static double progress_now(const struct loop *loop) {
    double progress = 0;
    if (loop->config->time > 0) progress = fmax(progress, run_seconds(loop) / loop->config->time);
    if (loop->config->games > 0) progress = fmax(progress, (double)run_state(loop->run)->games / (double)loop->config->games);
    return fmin(1, progress);
}

static bool stopped(const struct loop *loop) { return loop->params->stop && *loop->params->stop; }

static void log_origin(const struct loop *loop) {
    const char *frozen = loop->config->freeze_trunk ? "; the trunk is frozen" : "";
    const struct net *parent = loop->origin.parent;
    if (parent)
        log_line(run_log(loop->run), "from %s (%s, digest %.12s, step %lld, %lld games): %s%s", loop->origin.from,
                 parent->meta.game, parent->meta.digest, parent->meta.step, parent->meta.games, loop->origin.carried.text,
                 frozen);
    else if (loop->origin.from[0])
        log_line(run_log(loop->run), "this run began from %s (digest %.12s)%s", loop->origin.from, loop->origin.digest, frozen);
}

static enum status open_run(struct loop *loop) {
    const struct config *config = loop->config;
    TRY(run_open(&loop->run, &(struct run_params){.path = loop->params->path,
                                                  .create = true,
                                                  .quiet = loop->params->quiet,
                                                  .wall = loop->params->wall(),
                                                  .game = config->game,
                                                  .height = loop->game.height,
                                                  .width = loop->game.width,
                                                  .komi = config->komi,
                                                  .rules = loop->game.rules,
                                                  .seed = (unsigned long long)config->seed,
                                                  .labels = loop->origin.labels,
                                                  .num_labels = loop->origin.parent ? 3 : 0}));
    const struct run_state *state = run_state(loop->run);
    const bool old = state->iterations > 0;
    loop->seconds_before = state->seconds;
    char time[32];
    const char *nothing = loop->origin.from[0] ? "" : ", nothing learned yet"; // Another net has learned something.
    log_line(run_log(loop->run), "%s %s: %s %dx%d komi %g%s%s", old ? "continuing" : "new run", loop->params->path,
             config->game, loop->game.height, loop->game.width, loop->game.komi, old ? ", " : "",
             old ? format_duration(state->seconds, time) : nothing);
    log_origin(loop);
    return STATUS_OK;
}

// Called only once the run is known to go on with these settings: settings that are refused must
// not stay in its folder.
static enum status write_config(struct loop *loop) {
    char *text = config_text(loop->config);
    const enum status status = run_write_config(loop->run, text);
    free(text);
    return status;
}

static enum status make_net(struct loop *loop) {
    const struct config *config = loop->config;
    const struct net_config wanted = config_net(config, &loop->game);
    struct rng rng;
    // The constant spells "net", and makes a stream apart from those of the games.
    rng_init(&rng, (uint64_t)config->seed, 0x6e6574);
    TRY(net_new(&loop->learner.net, &wanted, &rng));
    snprintf(loop->learner.net->meta.game, sizeof loop->learner.net->meta.game, "%s", config->game);
    TRY(boards_init(&loop->boards, config, &loop->game));
    boards_sides(&loop->boards, &loop->learner.net->meta.min_size, &loop->learner.net->meta.max_size);
    loop->learner.net->meta.seed = (unsigned long long)config->seed;
    return origin_carry(&loop->origin, loop->learner.net);
}

// We compare field by field: a struct has padding, which memcmp would compare too.
static bool same_shape(const struct net_config *a, const struct net_config *b) {
    return a->num_planes == b->num_planes && a->num_globals == b->num_globals && a->policy_planes == b->policy_planes &&
           a->num_global_actions == b->num_global_actions && a->has_score == b->has_score &&
           a->has_ownership == b->has_ownership && a->blocks == b->blocks && a->channels == b->channels &&
           a->pool_every == b->pool_every && a->head_channels == b->head_channels && a->value_hidden == b->value_hidden;
}

// Takes the weights and counters of the trainer from which a run continues.
static enum status resume_net(struct loop *loop, long long step) {
    char path[PATH_BYTES];
    struct net *saved;
    TRY(net_load(&saved, run_trainer_net_path(loop->run, step, path)));
    if (saved->num_weights != loop->learner.net->num_weights || !same_shape(&saved->config, &loop->learner.net->config)) {
        net_free(saved);
        return status_fail(STATUS_USAGE,
                           "%s: the run's net has another shape; blocks, channels, pool-every and head settings can't change",
                           path);
    }
    memcpy(loop->learner.net->weights, saved->weights, saved->num_weights * sizeof *saved->weights);
    const int least = loop->learner.net->meta.min_size; // Smaller boards may come later.
    loop->learner.net->meta = saved->meta;
    if (least < saved->meta.min_size) loop->learner.net->meta.min_size = least;
    net_free(saved);
    return STATUS_OK;
}

static enum status resume_replay(struct loop *loop) {
    struct replay_chunk *chunks;
    int num_chunks;
    char folder[PATH_BYTES];
    const long long window = budget_window(&loop->budget, run_state(loop->run)->full_rows);
    TRY(run_chunks(loop->run, window, &chunks, &num_chunks));
    const enum status status = replay_load(loop->learner.replay, run_replay_folder(loop->run, folder), loop->config->game,
                                           &loop->game, chunks, num_chunks, window);
    free(chunks);
    TRY(status);
    return quarantine_apply(loop->config->quarantine, loop->run, loop->learner.replay);
}

// A folder that only rates a net has nothing to go on from.
static enum status refuse_home(struct loop *loop) {
    char *label;
    TRY(run_text(loop->run, LADDER_HOME_LABEL, &label));
    const bool is_home = label != NULL;
    free(label);
    if (!is_home) return STATUS_OK;
    return status_fail(STATUS_USAGE, "%s: holds the games that rate a net, and is no training; begin one with --from %s",
                       loop->params->path, loop->params->path);
}

// Muon keeps no variance, without which AdamW's first steps would be hundreds of times too long.
// The other way round is fine.
static enum status check_optimiser(struct loop *loop) {
    const char *now = loop->config->muon_momentum > 0 ? "muon" : "adamw";
    char *before;
    TRY(run_text(loop->run, "optimiser", &before));
    const bool refused = before && !strcmp(before, "muon") && !strcmp(now, "adamw");
    free(before);
    if (refused)
        return status_fail(STATUS_USAGE, "%s has been trained with Muon: muon-momentum can't go to 0 in the middle of a run",
                           loop->params->path);
    return run_set_text(loop->run, "optimiser", now);
}

// A curriculum ends once: when a budget is extended later, so that a smaller part of it is spent,
// the run does not go back to it.
static enum status begin_curriculum(struct loop *loop) {
    const struct config *config = loop->config;
    char *text;
    TRY(run_text(loop->run, "curriculum", &text));
    loop->on_small_board = config->curriculum > 0 && !text && progress_now(loop) < config->curriculum;
    free(text);
    if (!loop->on_small_board) return STATUS_OK;
    struct game small;
    TRY(config_curriculum(config, &loop->game, &small));
    // The two sizes of an oblong board are its sides (cli/game_options.c).
    struct net_meta *meta = &loop->learner.net->meta;
    if (meta->min_size == meta->max_size && small.height == small.width) meta->min_size = small.height;
    log_line(run_log(loop->run), "curriculum: the first %.0f %% of the budget on %dx%d, komi about %g",
             100 * config->curriculum, small.height, small.width, small.komi);
    return STATUS_OK;
}

// Writes down where the run's nets come from, as it is now, in the session that goes on with them.
static void note_provenance(struct loop *loop) {
    struct net_meta *meta = &loop->learner.net->meta;
    config_command(loop->config, meta->command, sizeof meta->command);
    snprintf(meta->machine, sizeof meta->machine, "%s", loop->params->machine ? loop->params->machine : "");
    snprintf(meta->program, sizeof meta->program, "%s", version_program());
}

static struct checkpoint_params checkpoint_now(const struct loop *loop) {
    return (struct checkpoint_params){.cluster = loop->params->cluster,
                                      .run = loop->run,
                                      .config = loop->config,
                                      .game = &loop->game,
                                      .train = loop->learner.train,
                                      .net = loop->learner.net,
                                      .clock = loop->params->clock,
                                      .wall = loop->params->wall,
                                      .seconds = run_seconds(loop),
                                      .begun = clock_seconds(loop->params->clock),
                                      .evaluations_per_s = loop->evaluations_per_s,
                                      .stop = loop->params->stop};
}

// From here on the weights that another net has given are the run's own. A net that knows the game
// is also its first checkpoint: it can be played with at once, and what comes of it has to pass its
// gate.
static enum status begin_from(struct loop *loop) {
    if (!loop->origin.from[0] || run_state(loop->run)->trainer_step >= 0) return STATUS_OK;
    const struct checkpoint_params checkpoint = checkpoint_now(loop);
    return loop->origin.is_whole ? checkpoint_save(&checkpoint) : checkpoint_trainer(&checkpoint);
}

static enum status note_budget(struct loop *loop) {
    char number[32], text[256];
    snprintf(number, sizeof number, "%lld", loop->config->disk);
    TRY(run_set_text(loop->run, "disk_budget", number));
    snprintf(number, sizeof number, "%lld", loop->config->memory);
    TRY(run_set_text(loop->run, "memory_budget", number));
    const char *line = budget_text(&loop->budget, loop->run, text);
    if (line) log_line(run_log(loop->run), "%s", line);
    return STATUS_OK;
}

// Opens the trainer, its batches and the replay window, as the run left them, on all ranks.
static enum status open_trainer(struct loop *loop) {
    const struct run_state *state = run_state(loop->run);
    TRY(learner_open(&loop->learner));
    char path[PATH_BYTES];
    if (state->trainer_step >= 0) TRY(train_load(loop->learner.train, run_trainer_path(loop->run, state->trainer_step, path)));
    // A damaged best net is refused now, and not only at the next gate.
    if (state->best_step >= 0) {
        struct net *best;
        TRY(net_load(&best, run_net_path(loop->run, state->best_step, path)));
        net_free(best);
    }
    TRY(resume_replay(loop));
    return learner_share(&loop->learner);
}

// Counts this session, and notes the number of devices that it uses.
static enum status begin_session(struct loop *loop, int *out) {
    double sessions = 0;
    char number[24];
    TRY(run_number(loop->run, "session", 0, 1e9, &sessions));
    const int session = (int)sessions + 1;
    snprintf(number, sizeof number, "%d", session);
    TRY(run_set_text(loop->run, "session", number));
    snprintf(number, sizeof number, "%d", loop->learner.devices.cards ? loop->learner.devices.num : loop->config->threads);
    TRY(run_set_text(loop->run, "num_devices", number)); // For device-hours.
    // The end that is planned, for those who look at the run; 0: none.
    snprintf(number, sizeof number, "%.0f", loop->config->time);
    TRY(run_set_text(loop->run, "plan_seconds", number));
    snprintf(number, sizeof number, "%lld", (long long)loop->config->games);
    TRY(run_set_text(loop->run, "plan_games", number));
    TRY(run_note_session(loop->run, session, version_program(), loop->params->machine, loop->learner.net->meta.command));
    *out = session;
    return STATUS_OK;
}

static enum status say_plan(struct loop *loop) {
    const struct config *config = loop->config;
    const struct team *team = &loop->learner.team;
    const int num_devices = team->num_devices ? team->num_devices : loop->learner.devices.num;
    log_line(run_log(loop->run),
             "net: %d blocks of %d channels, %lld weights, %.1f MFLOP an evaluation; backend %s (%s), %d device%s, %d threads, "
             "%d games at once",
             config->blocks, config->channels, net_parameters(loop->learner.net),
             net_flops(loop->learner.net, loop->game.height, loop->game.width) / 1e6,
             backend_name(judges_backend(&loop->learner.judges)), backend_precision(judges_backend(&loop->learner.judges)),
             num_devices, num_devices == 1 ? "" : "s",
             cluster_size(loop->params->cluster) > 1 ? team->num_threads : judges_workers(config, &loop->learner.devices),
             team->num_slots);
    char ranks[TEAM_TEXT_BYTES];
    if (cluster_size(loop->params->cluster) > 1)
        log_line(run_log(loop->run), "ranks: %s; a step has %d shards", team_text(loop->params->cluster, ranks),
                 team->num_shards);
    char plan[300];
    snprintf(plan, sizeof plan,
             "searches of %d and %d simulations growing to %d and %d; learning rate %g, falling to %g from %.0f %% of the "
             "budget on; each row learned from %g times",
             config->visits_start, config->fast_start, config->visits_end, config->fast_end, config->learning_rate,
             config->learning_rate * config->decay_to, 100 * config->decay_start, config->reuse);
    log_line(run_log(loop->run), "plan: %s", plan);
    TRY(run_set_text(loop->run, "plan", plan)); // For those who look at the run.
    char sizes[BOARDS_TEXT_BYTES];
    if (loop->boards.num > 1)
        log_line(run_log(loop->run), "games: %s; the gate and the ladder play on %dx%d", boards_text(&loop->boards, sizes),
                 loop->game.height, loop->game.width);
    return STATUS_OK;
}

static enum status open_loop(struct loop *loop) {
    loop->learner = (struct learner){.config = loop->config,
                                     .game = &loop->game,
                                     .clock = loop->params->clock,
                                     .cluster = loop->params->cluster,
                                     .stop = loop->params->stop};
    TRY(learner_try_devices(&loop->learner)); // Devices that can't compute must not leave a run behind.
    TRY(make_net(loop));
    // What doesn't fit leaves no run behind.
    TRY(budget_init(&loop->budget, loop->params->config, &loop->game, loop->learner.net));
    TRY(open_run(loop));
    TRY(refuse_home(loop));
    const struct run_state *state = run_state(loop->run);
    TRY(budget_make_space(&loop->budget, loop->run, 0));
    TRY(note_budget(loop));
    TRY(check_optimiser(loop));
    TRY(team_share_config(loop->params->cluster, loop->params->config, NULL));
    if (state->trainer_step >= 0) TRY(resume_net(loop, state->trainer_step));
    note_provenance(loop);
    loop->learner.starts_trained = loop->origin.is_whole;
    TRY(open_trainer(loop));
    int session;
    TRY(begin_session(loop, &session));
    TRY(cluster_broadcast(loop->params->cluster, &session, sizeof session));
    TRY(cluster_broadcast(loop->params->cluster, &loop->learner.starts_trained, sizeof loop->learner.starts_trained));
    TRY(learner_begin(&loop->learner, session));
    loop->live = loop->learner.live = live_writer_new(run_path(loop->run), LIVE_SECONDS, loop->params->wall);
    loop->committed = clock_seconds(loop->params->clock);
    TRY(write_config(loop));
    TRY(say_plan(loop));
    TRY(begin_curriculum(loop));
    return begin_from(loop);
}

static void close_loop(struct loop *loop) {
    live_writer_free(loop->live);
    learner_done(&loop->learner);
    team_tally_done(&loop->tally);
    run_close(loop->run);
    origin_done(&loop->origin);
}

static void smooth_losses(struct losses *all, const struct losses *one, bool first) {
    const double keep = first ? 0 : 0.95;
    for (int kind = 0; kind < NUM_LOSSES; kind++) all->of[kind] = keep * all->of[kind] + (1 - keep) * one->of[kind];
    all->total = keep * all->total + (1 - keep) * one->total;
    all->policy_entropy = keep * all->policy_entropy + (1 - keep) * one->policy_entropy;
    all->gradient_norm = keep * all->gradient_norm + (1 - keep) * one->gradient_norm;
}

// Makes the steps that the rows played so far have earned.
static enum status train_owed(struct loop *loop, long long full_rows, double progress) {
    const struct config *config = loop->config;
    if (replay_rows(loop->learner.replay, PLY_FULL) < config->first_rows)
        return STATUS_OK; // There is too little to learn from without overfitting.
    const long long target = (long long)((double)full_rows * config->reuse / ((1 - config->fast_rows) * config->batch));
    struct net_meta *meta = &loop->learner.net->meta;
    while (meta->step < target && !stopped(loop) && !(config->time > 0 && run_seconds(loop) >= config->time)) {
        struct order order = {.kind = ORDER_STEP, .learning_rate = config_learning_rate(config, meta->step, progress)};
        struct losses losses;
        TRY(team_order(loop->params->cluster, &order));
        TRY(learner_step(&loop->learner, &order, &losses));
        smooth_losses(&loop->losses, &losses, loop->losses.total == 0);
    }
    return STATUS_OK;
}

static enum status refresh_evaluators(struct loop *loop) {
    struct order order = {.kind = ORDER_REFRESH};
    int differed;
    TRY(team_order(loop->params->cluster, &order));
    TRY(learner_refresh(&loop->learner, &differed));
    if (differed && !loop->is_differing_said)
        log_line(run_log(loop->run),
                 "ranks: the processors of %d round differently; they take rank 0's weights once an iteration", differed);
    loop->is_differing_said |= differed > 0;
    return STATUS_OK;
}

static enum status commit(struct loop *loop, const struct record *records, const struct actors_stats *stats, double progress) {
    const struct config *config = loop->config;
    const struct run_state *state = run_state(loop->run);
    const struct net_meta *meta = &loop->learner.net->meta;
    const struct losses *l = &loop->losses;
    // In this session: a run that goes on has no losses to report yet.
    const bool trained = l->total > 0;
    double elo;
    struct batcher_stats batches;
    const bool has_batches = judges_stats(&loop->learner.judges, &batches) && batches.batches > 0;
    const double now = clock_seconds(loop->params->clock), elapsed = now - loop->committed;
    loop->committed = now;
    TRY(checkpoint_elo(loop->run, &elo));
    struct run_metric metrics[NUM_LOSSES + 20] = {{"progress", "", progress}};
    int num = 1;
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        const struct loss *loss = &loss_table[kind];
        metrics[num++] = (struct run_metric){loss->metric, loss->unit, trained ? l->of[kind] : NAN};
        if (kind == LOSS_POLICY) // Its floor stands beside it.
            metrics[num++] = (struct run_metric){"policy_entropy", "nats", trained ? l->policy_entropy : NAN};
    }
    const struct run_metric others[] = {
        {"gradient_norm", "", trained ? l->gradient_norm : NAN},
        {"learning_rate", "", config_learning_rate(config, meta->step, progress)},
        {"window", "full rows", (double)replay_rows(loop->learner.replay, PLY_FULL)},
        {"evaluations", "1/s a thread", stats->seconds > 0 ? (double)stats->evaluations / stats->seconds : NAN},
        {"network_share", "of self-play", stats->seconds > 0 ? stats->net_seconds / stats->seconds : NAN},
        {"elo", "", elo},
        {"game_length", "plies", stats->games ? (double)stats->plies / stats->games : NAN},
        {"evaluations_per_s", "1/s", loop->played_seconds > 0 ? (double)stats->evaluations / loop->played_seconds : NAN},
        {"selfplay_share", "of the time", elapsed > 0 ? loop->played_seconds / elapsed : NAN},
        {"training_share", "of the time", elapsed > 0 ? loop->trained_seconds / elapsed : NAN},
        {"batch_fill", "of a batch",
         has_batches ? (double)batches.evaluations / ((double)batches.batches * batches.max_batch) : NAN},
    };
    enum { NUM_OTHERS = sizeof others / sizeof *others };
    CHECK(num + NUM_OTHERS <= (int)(sizeof metrics / sizeof *metrics));
    memcpy(metrics + num, others, sizeof others);
    num += NUM_OTHERS;
    const struct run_iteration iteration = {.games = records,
                                            .num_games = stats->games,
                                            .next_game = state->next_game + stats->games,
                                            .step = meta->step,
                                            .samples = meta->samples,
                                            .seconds = run_seconds(loop),
                                            .wall = loop->params->wall(),
                                            .metrics = metrics,
                                            .num_metrics = num};
    TRY(run_commit_iteration(loop->run, &iteration));
    for (int i = 0; i < stats->games && config->keep_games; i++)
        if (records[i].index % config->keep_games == 0 && sgf_has_game(records[i].game)) {
            char path[PATH_BYTES];
            TRY(record_save_sgf(&records[i], run_game_path(loop->run, records[i].index, path)));
        }
    return STATUS_OK;
}

static enum status log_progress(struct loop *loop, const struct actors_stats *stats, double progress, bool always) {
    struct actors_stats *since = &loop->since;
    since->evaluations += stats->evaluations;
    since->games += stats->games;
    since->net_seconds += stats->net_seconds;
    since->seconds += stats->seconds;
    const double now = clock_seconds(loop->params->clock), elapsed = now - loop->logged;
    if (!always && elapsed < LOG_SECONDS) return STATUS_OK;
    char left[32] = "no end set", losses[96] = "no losses yet";
    if (progress > 0) format_duration(run_seconds(loop) * (1 - progress) / progress, left);
    if (loop->losses.total > 0)
        snprintf(losses, sizeof losses, "policy %.3f (floor %.3f) value %.3f", loop->losses.of[LOSS_POLICY],
                 loop->losses.policy_entropy, loop->losses.of[LOSS_VALUE]);
    log_line(run_log(loop->run),
             "%5.1f %%, %s left | %lld games, %lld rows | step %lld, %s | %.0f evaluations/s, net %.0f %%, %.1f games/s | "
             "self-play %.0f %%, training %.0f %%",
             100 * progress, left, run_state(loop->run)->games, run_state(loop->run)->full_rows, loop->learner.net->meta.step,
             losses, elapsed > 0 ? (double)since->evaluations / elapsed : 0.0,
             since->seconds > 0 ? 100 * since->net_seconds / since->seconds : 0.0, elapsed > 0 ? since->games / elapsed : 0.0,
             elapsed > 0 ? 100 * loop->play_seconds / elapsed : 0.0, elapsed > 0 ? 100 * loop->train_seconds / elapsed : 0.0);
    char text[TEAM_TEXT_BYTES];
    if (team_tally_text(&loop->tally, loop->params->cluster, elapsed, text)) log_line(run_log(loop->run), "ranks: %s", text);
    char expected[EXPECT_TEXT_BYTES];
    // The pace of a smaller board says nothing about this one.
    if (++loop->num_logged == EXPECT_AT && !loop->on_small_board &&
        // A beginner's progress says nothing about a net that knows the game.
        !loop->origin.is_whole &&
        expect_text(loop->config, &loop->game, (double)since->evaluations / elapsed, loop->config->time, expected)) {
        log_line(run_log(loop->run), "%s", expected);
        TRY(run_set_text(loop->run, "expect", expected)); // For those who look at the run.
    }
    if (loop->params->on_progress) loop->params->on_progress(loop->params->context, progress);
    memset(since, 0, sizeof *since);
    loop->play_seconds = loop->train_seconds = 0;
    loop->logged = now;
    return STATUS_OK;
}

static long long searched_plies(const struct record *record) {
    long long n = 0;
    for (int i = 0; i < record->num_plies; i++) n += record->plies[i].kind != PLY_FREE;
    return n;
}

// Takes what the records hold into the window, which holds what is on the disk and no more.
static enum status learn_games(struct loop *loop, struct record *records, int num_records) {
    for (int i = 0; i < num_records; i++)
        net_learned_add(&loop->learner.net->meta, records[i].height, records[i].width, records[i].rules, 1,
                        searched_plies(&records[i]));
    struct order order = {.kind = ORDER_LEARN, .window = budget_window(&loop->budget, run_state(loop->run)->full_rows)};
    if (loop->budget.window_disk < LLONG_MAX) {
        // The chunks were cut before these games were added to them.
        long long on_disk = loop->budget.window_disk;
        for (int i = 0; i < num_records; i++) on_disk += record_rows(&records[i], PLY_FULL, NULL);
        if (on_disk < order.window) order.window = on_disk;
    }
    loop->learner.net->meta.games = run_state(loop->run)->games;
    TRY(team_order(loop->params->cluster, &order));
    learner_learn(&loop->learner, &order, records, num_records);
    const int held = replay_num_games(loop->learner.replay);
    TRY(budget_look(&loop->budget, loop->run, loop->learner.replay));
    if (replay_num_games(loop->learner.replay) == held) return STATUS_OK;
    order.window = loop->budget.window_memory; // What rank 0 has no memory for goes from all windows.
    return team_order(loop->params->cluster, &order);
}

static enum status iterate(struct loop *loop) {
    const double progress = progress_now(loop);
    const struct run_state *state = run_state(loop->run);
    if (loop->on_small_board && progress >= loop->config->curriculum) {
        loop->on_small_board = false;
        TRY(run_set_text(loop->run, "curriculum", "over"));
        log_line(run_log(loop->run), "curriculum: over, games begin on %dx%d now", loop->game.height, loop->game.width);
    }
    struct order order = {.kind = ORDER_PLAY,
                          .progress = progress,
                          .small_board = loop->on_small_board,
                          .step = loop->learner.net->meta.step,
                          .games_done = state->games,
                          .next_game = state->next_game};
    struct team_games games;
    TRY(team_order(loop->params->cluster, &order));
    TRY(learner_play(&loop->learner, &order, &games));
    loop->play_seconds += games.longest;
    loop->played_seconds = games.longest;
    if (games.seconds > 0) loop->evaluations_per_s = (double)games.own_evaluations / games.seconds;
    team_tally_add(&loop->tally, loop->params->cluster, &games, order.step);
    // From the commit on the games count; they are learned from afterwards.
    enum status status = STATUS_OK;
    if (loop->config->disk) status = budget_make_space(&loop->budget, loop->run, budget_record_bytes(games.records, games.num));
    if (status == STATUS_OK) status = commit(loop, games.records, &games.stats, progress);
    if (status == STATUS_OK) status = learn_games(loop, games.records, games.num);
    const struct actors_stats stats = games.stats;
    team_games_done(&games);
    TRY(status);
    const long long step = loop->learner.net->meta.step;
    const double played = clock_seconds(loop->params->clock);
    TRY(train_owed(loop, run_state(loop->run)->full_rows, progress));
    if (loop->learner.net->meta.step > step) TRY(refresh_evaluators(loop));
    loop->trained_seconds = clock_seconds(loop->params->clock) - played;
    loop->train_seconds += loop->trained_seconds;
    return log_progress(loop, &stats, progress_now(loop), false);
}

static double checkpoint_after(const struct loop *loop, double progress) {
    return (floor(progress * loop->config->checkpoints + 1e-9) + 1) / loop->config->checkpoints;
}

static enum status run_loop(struct loop *loop) {
    const struct config *config = loop->config;
    loop->logged = loop->trainer_saved = clock_seconds(loop->params->clock);
    loop->next_checkpoint = checkpoint_after(loop, progress_now(loop));
    const bool budget = config->time > 0 || config->games > 0;
    if (budget && progress_now(loop) >= 1)
        log_line(run_log(loop->run),
                 "the budget is already spent; train on with --more 10m, or with a larger --time or --games");
    while (!stopped(loop) && !(budget && progress_now(loop) >= 1)) {
        TRY(iterate(loop));
        const double now = clock_seconds(loop->params->clock), progress = progress_now(loop);
        if (stopped(loop) || loop->learner.net->meta.step == 0) continue;
        if (progress >= loop->next_checkpoint && progress < 1) {
            TRY(budget_make_space(&loop->budget, loop->run, 0));
            const struct checkpoint_params checkpoint = checkpoint_now(loop);
            const enum status status = checkpoint_make(&checkpoint);
            // A stop in the middle of a match is no failure: the loop ends as at any other stop.
            if (status != STATUS_OK && status != STATUS_CANCELLED) return status;
            loop->next_checkpoint = checkpoint_after(loop, progress_now(loop));
            loop->trainer_saved = clock_seconds(loop->params->clock);
        } else if (now - loop->trainer_saved > TRAINER_SECONDS) {
            TRY(budget_make_space(&loop->budget, loop->run, 0));
            const struct checkpoint_params checkpoint = checkpoint_now(loop);
            TRY(checkpoint_trainer(&checkpoint));
            loop->trainer_saved = now;
        }
    }
    if (loop->since.evaluations > 0) TRY(log_progress(loop, &(struct actors_stats){0}, progress_now(loop), true));
    TRY(budget_make_space(&loop->budget, loop->run, 0));
    const struct checkpoint_params checkpoint = checkpoint_now(loop);
    const enum status status = stopped(loop) ? STATUS_CANCELLED : checkpoint_make(&checkpoint);
    if (status != STATUS_CANCELLED) return status;
    TRY(checkpoint_trainer(&checkpoint));
    const char *go_on = loop->params->go_on;
    log_line(run_log(loop->run), "stopped; everything is saved%s%s",
             go_on ? "; go on with: " : ", and the same command goes on", go_on ? go_on : "");
    return STATUS_CANCELLED;
}

enum status loop_run(const struct loop_params *params, struct loop_report *report) {
    struct loop loop = {.params = params, .config = params->config};
    struct config *config = params->config;
    const char *from = config->from;
    loop.began = clock_seconds(params->clock);
    enum status status = origin_find(&loop.origin, params->path, config);
    if (status == STATUS_OK && loop.origin.has_shape) config_begin(config, &loop.origin.shape, loop.origin.is_whole);
    if (status == STATUS_OK) status = config_resolve(config, &loop.game);
    if (config->threads <= 0) config->threads = params->processors;
    if (status == STATUS_OK) status = open_loop(&loop);
    if (status == STATUS_OK) status = run_loop(&loop);
    struct order end = {.kind = ORDER_END};
    if ((status == STATUS_OK || status == STATUS_CANCELLED) && team_order(params->cluster, &end)) status = STATUS_DEVICE;
    if (loop.run && report) {
        const struct run_state *state = run_state(loop.run);
        *report = (struct loop_report){
            .games = state->games, .step = state->step, .best_step = state->best_step, .seconds = state->seconds};
        struct run_checkpoint *checkpoints;
        int n;
        if (run_checkpoints(loop.run, &checkpoints, &n) == STATUS_OK) {
            if (n) memcpy(report->digest, checkpoints[n - 1].digest, sizeof report->digest);
            free(checkpoints);
        }
    }
    close_loop(&loop);
    config->from = from; // The text that the origin lent it is freed.
    return status;
}
