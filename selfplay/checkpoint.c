// The order of writes is the law of the run folder: files first, then one transaction, then the
// log. A kill during the gate leaves a checkpoint that was never judged. It is then not the best,
// and nothing else is wrong with it.

#include "selfplay/checkpoint.h"

#include "base/files.h"
#include "base/memory.h"
#include "ladder/ladder_report.h"
#include "selfplay/team.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Seconds. Less is saved up for the next checkpoint. It was chosen: a few games against random
// play.
#define SLICE_LEAST 0.2
// Seconds that the first checkpoint gets at least, so that a short run, too, says how strong it is.
#define SLICE_FIRST 1.0
#define KNOWN 400.0     // Elo. An interval that is wider than this to either side is no estimate.
#define LIKELY 0.9      // A chance of being stronger that is worth a word in the log.
#define GATE_ENOUGH 0.4 // A share of the points.

static enum status save_trainer(const struct checkpoint_params *p) {
    char path[PATH_BYTES];
    struct net *raw;
    train_sync(p->train);
    TRY(net_copy(&raw, p->net));
    enum status status = net_save(raw, run_trainer_net_path(p->run, p->net->meta.step, path));
    net_free(raw);
    if (status == STATUS_OK) status = train_save(p->train, run_trainer_path(p->run, p->net->meta.step, path));
    return status;
}

enum status checkpoint_trainer(const struct checkpoint_params *p) {
    if (run_state(p->run)->trainer_step == p->net->meta.step) return STATUS_OK;
    TRY(save_trainer(p));
    return run_add_trainer(p->run, p->net->meta.step, p->net->meta.samples, p->seconds);
}

// Collects the games of a match as the run keeps them.
struct collected {
    struct run_match_game *games;
    int num_games;
};

static void collect(void *context, const struct match_game *game) {
    struct collected *collected = context;
    collected->games =
        memory_resize(collected->games, (size_t)collected->num_games + 1, sizeof *collected->games, "games of a match");
    collected->games[collected->num_games++] = (struct run_match_game){.index = game->index,
                                                                       .a_is_first = game->a_is_first,
                                                                       .outcome = game->outcome,
                                                                       .score = game->score,
                                                                       .plies = game->plies,
                                                                       .reason = NULL};
}

// The numbers of opening plies were chosen so that games are distinct, and none is decided by its
// opening.
static struct match_params match_params(const struct checkpoint_params *p, int games, struct collected *collected) {
    const int points = p->game->height * p->game->width;
    return (struct match_params){.game = p->game,
                                 .games = games,
                                 .threads = p->config->threads,
                                 .opening_plies = points < 16    ? 1
                                                  : points < 100 ? 2
                                                                 : 4,
                                 .opening_band = 1,
                                 .seed = (uint64_t)p->config->seed + (uint64_t)p->net->meta.step,
                                 .max_batch = 1,
                                 .stop = p->stop,
                                 .clock = p->clock,
                                 .on_game = collect,
                                 .context = collected};
}

static enum status add_match(const struct checkpoint_params *p, const char *kind, const char *opponent, long long opponent_step,
                             const struct match_result *result, struct collected *collected, long long best_step) {
    char name[64];
    snprintf(name, sizeof name, "%06lld", p->net->meta.step);
    // Games beyond the pair at which an SPRT stopped do not count.
    int kept = 0;
    for (int i = 0; i < collected->num_games; i++)
        if (collected->games[i].index < result->games) collected->games[kept++] = collected->games[i];
    const struct run_match match = {.kind = kind,
                                    .a = name,
                                    .b = opponent,
                                    .a_step = p->net->meta.step,
                                    .b_step = opponent_step,
                                    .visits = p->config->gate_visits,
                                    .wins = result->wins,
                                    .draws = result->draws,
                                    .losses = result->losses,
                                    .elo = result->elo,
                                    .elo_low = result->elo_low,
                                    .elo_high = result->elo_high,
                                    .sprt = result->sprt,
                                    .seconds = p->seconds + clock_seconds(p->clock) - p->begun,
                                    .wall = p->wall(),
                                    .games = collected->games,
                                    .num_games = kept,
                                    .best_step = best_step};
    return run_add_match(p->run, &match, NULL);
}

static enum status net_player(const struct checkpoint_params *p, const struct net *net, const char *name, struct player **out) {
    struct search_params search = search_params_default;
    search.stop_settled = true;
    return player_from_net(out, net, name, &search, p->config->gate_visits, 0, p->config->backend);
}

bool checkpoint_passes(const struct match_result *of_candidate) {
    return of_candidate->sprt > 0 || (of_candidate->sprt == 0 && of_candidate->score >= GATE_ENOUGH);
}

char *checkpoint_verdict(const struct match_result *of_candidate, char out[CHECKPOINT_VERDICT_BYTES]) {
    const bool passes = checkpoint_passes(of_candidate);
    const char *what = passes ? "it is the best now" : "the best stays";
    if (of_candidate->sprt)
        snprintf(out, CHECKPOINT_VERDICT_BYTES, "tested as %s, so %s", passes ? "stronger" : "not stronger", what);
    else
        snprintf(out, CHECKPOINT_VERDICT_BYTES, "%s %.0f %% of the points, so %s", passes ? "at least" : "less than",
                 100 * GATE_ENOUGH, what);
    return out;
}

// Plays the candidate against the best, over all ranks. The nets are those of rank 0; the others come
// with NULL and get them.
static enum status gate_match(const struct checkpoint_params *p, struct net **candidate, struct net **best, const char *name,
                              struct collected *collected, struct match_result *result) {
    struct player *a = NULL, *b = NULL;
    enum status status = STATUS_OK;
    if (cluster_size(p->cluster) > 1) {
        TRY(team_share_net(p->cluster, candidate));
        TRY(team_share_net(p->cluster, best));
    }
    status = net_player(p, *candidate, "candidate", &a);
    if (status == STATUS_OK) status = net_player(p, *best, name, &b);
    struct match_params match = match_params(p, p->config->gate_games, collected);
    match.sprt = true;
    match.sprt_elo1 = p->config->gate_elo;
    match.sprt_alpha = match.sprt_beta = 0.05;
    match.part = cluster_rank(p->cluster);
    match.parts = cluster_size(p->cluster) > 1 ? cluster_size(p->cluster) : 0;
    match.exchange = team_exchange_bytes;
    match.exchange_context = p->cluster;
    if (status == STATUS_OK) status = match_run(&match, a, b, result);
    player_free(a);
    player_free(b);
    return status;
}

enum status checkpoint_follow_gate(const struct checkpoint_params *p) {
    struct net *candidate = NULL, *best = NULL;
    struct collected collected = {0};
    struct match_result result;
    const enum status status = gate_match(p, &candidate, &best, "best", &collected, &result);
    net_free(candidate);
    net_free(best);
    free(collected.games);
    return status == STATUS_CANCELLED ? STATUS_OK : status; // Rank 0 decides what a stop means.
}

static enum status play_gate(const struct checkpoint_params *p, struct net *candidate, long long best_step) {
    char path[PATH_BYTES], name[64], verdict[CHECKPOINT_VERDICT_BYTES];
    snprintf(name, sizeof name, "%06lld", best_step);
    struct net *best = NULL;
    struct collected collected = {0};
    struct match_result result;
    struct order order = {.kind = ORDER_GATE};
    enum status status = net_load(&best, run_net_path(p->run, best_step, path));
    if (status == STATUS_OK) status = team_order(p->cluster, &order);
    if (status == STATUS_OK) status = gate_match(p, &candidate, &best, name, &collected, &result);
    if (status == STATUS_OK && result.games > 0 && !(p->stop && *p->stop)) {
        const bool better = checkpoint_passes(&result);
        status = add_match(p, "gate", name, best_step, &result, &collected, better ? p->net->meta.step : -1);
        log_line(run_log(p->run), "gate: %06lld against best %s: %d-%d-%d (won, drawn, lost), %s", p->net->meta.step, name,
                 result.wins, result.draws, result.losses, checkpoint_verdict(&result, verdict));
    }
    net_free(best);
    free(collected.games);
    return status;
}

// The strongest anchor that entry `at` is likely to be stronger than; -1: none.
static int strongest_below(const struct ladder *ladder, int at) {
    int best = -1;
    for (int i = 0; i < ladder->num_entries; i++)
        if (ladder->entries[i].kind == LADDER_ANCHOR && ladder_superiority(ladder, at, i) >= LIKELY &&
            (best < 0 || ladder->entries[i].elo > ladder->entries[best].elo))
            best = i;
    return best;
}

static enum status set_number_text(struct run *run, const char *key, double number) {
    char text[40];
    snprintf(text, sizeof text, "%.3f", number);
    return run_set_text(run, key, text);
}

// Says how strong the net is. A figure is said only on the scale that the run's ladder keeps (as
// `tengen elo` shows it) and where its interval is narrow enough; until then we say whom the net
// beats. The lower ends of wide intervals would rise and fall without a meaning.
static enum status say_strength(const struct checkpoint_params *p, const struct ladder *ladder, int at, double seconds) {
    const struct ladder_entry *e = &ladder->entries[at];
    const int below = strongest_below(ladder, at);
    const double half = (e->high - e->low) / 2;
    const bool is_known = ladder_has_scale(ladder) && half <= KNOWN;
    char scale[LADDER_SCALE_BYTES], elo[48] = "not known yet";
    if (is_known) snprintf(elo, sizeof elo, "%.0f +-%.0f", e->elo, half);
    log_line(run_log(p->run), "strength: %06lld Elo %s (%s%s; %s%s%d games, %.0f s)", e->step, elo,
             below < 0 ? "not known to beat random play yet" : "likely above ", below < 0 ? "" : ladder->entries[below].name,
             is_known ? ladder_scale_text(ladder, scale) : "", is_known ? "; " : "", e->rated_games, seconds);
    // Then the metrics get no figure either.
    return is_known ? set_number_text(p->run, "elo", e->elo) : STATUS_OK;
}

// Plays ladder games for the part of their share of the run's time that they have not had yet.
static enum status play_ladder(const struct checkpoint_params *p, const struct run_checkpoint *checkpoint) {
    double game_seconds = 0, spent = 0;
    TRY(run_number(p->run, "ladder_game_seconds", 0, 1e9, &game_seconds));
    TRY(run_number(p->run, "ladder_seconds", 0, 1e12, &spent));
    const double before = clock_seconds(p->clock);
    double slice = p->config->arena_share * (p->seconds + before - p->begun) - spent;
    if (spent == 0) slice = fmax(slice, SLICE_FIRST);
    if (p->config->arena_share <= 0 || slice < SLICE_LEAST || p->config->anchor_games <= 0) return STATUS_OK;
    // Before any game has shown it: a game has about as many moves as random ones fill the board
    // with, and half of them are the net's.
    if (game_seconds <= 0 && p->evaluations_per_s > 0)
        game_seconds = 0.5 * LADDER_VISITS * 0.6 * p->game->height * p->game->width / p->evaluations_per_s;
    const struct ladder_slice params = {.run = p->run,
                                        .game = p->game,
                                        .checkpoint = checkpoint,
                                        .visits = LADDER_VISITS,
                                        .games = p->config->anchor_games,
                                        .threads = p->config->threads,
                                        .seconds = slice,
                                        .game_seconds = &game_seconds,
                                        .backend = p->config->backend,
                                        .stop = p->stop,
                                        .clock = p->clock,
                                        .wall = p->wall};
    struct ladder ladder;
    int entry;
    enum status status = ladder_play_slice(&params, &ladder, &entry);
    const double taken = clock_seconds(p->clock) - before;
    const enum status kept = set_number_text(p->run, "ladder_seconds", spent + taken);
    if (status == STATUS_OK) status = kept;
    if (status == STATUS_OK) status = set_number_text(p->run, "ladder_game_seconds", game_seconds);
    if (status == STATUS_OK && entry >= 0) status = say_strength(p, &ladder, entry, taken);
    ladder_done(&ladder);
    return status;
}

enum status checkpoint_elo(struct run *run, double *elo) {
    *elo = NAN;
    return run_number(run, "elo", -1e5, 1e5, elo);
}

// Saves the averaged net as a file with its trainer, and makes both part of the run.
static enum status save_checkpoint(const struct checkpoint_params *p, struct net *average) {
    char path[PATH_BYTES];
    const long long step = p->net->meta.step, best_step = run_state(p->run)->best_step;
    if (best_step >= 0) {
        struct net *best;
        TRY(net_load(&best, run_net_path(p->run, best_step, path)));
        memcpy(average->meta.parent, best->meta.digest, sizeof average->meta.parent);
        net_free(best);
    }
    TRY(net_save(average, run_net_path(p->run, step, path)));
    TRY(save_trainer(p));
    struct run_checkpoint checkpoint = {.step = step,
                                        .games = p->net->meta.games,
                                        .samples = p->net->meta.samples,
                                        .seconds = p->seconds,
                                        .wall = p->wall(),
                                        .is_best = best_step < 0 || p->config->gate_games == 0,
                                        .has_trainer = true};
    memcpy(checkpoint.digest, average->meta.digest, sizeof checkpoint.digest);
    TRY(run_add_checkpoint(p->run, &checkpoint));
    log_line(run_log(p->run), "checkpoint: nets/%06lld.safetensors, digest %.12s", step, average->meta.digest);
    return STATUS_OK;
}

static enum status take_average(const struct checkpoint_params *p, struct net **average) {
    TRY(train_average(p->train, average));
    (*average)->meta = p->net->meta;
    (*average)->meta.seconds = p->seconds;
    return STATUS_OK;
}

enum status checkpoint_save(const struct checkpoint_params *p) {
    struct net *average;
    TRY(take_average(p, &average));
    const enum status status = save_checkpoint(p, average);
    net_free(average);
    return status;
}

enum status checkpoint_make(const struct checkpoint_params *p) {
    char path[PATH_BYTES];
    const long long step = p->net->meta.step, best_step = run_state(p->run)->best_step;
    bool saved, has_gate;
    TRY(run_has_checkpoint(p->run, step, &saved));
    TRY(run_has_match(p->run, "gate", step, &has_gate));
    // It was saved before. Either all is done, or a stop came before its gate had ended.
    if (saved && (best_step == step || p->config->gate_games == 0 || has_gate)) return STATUS_OK;
    struct net *average;
    enum status status;
    if (saved) {
        TRY(net_load(&average, run_net_path(p->run, step, path)));
        status = STATUS_OK;
    } else {
        TRY(take_average(p, &average));
        status = save_checkpoint(p, average);
    }
    if (status == STATUS_OK && best_step >= 0 && p->config->gate_games > 0) status = play_gate(p, average, best_step);
    if (status == STATUS_OK) {
        struct run_checkpoint checkpoint = {.step = step};
        memcpy(checkpoint.digest, average->meta.digest, sizeof checkpoint.digest);
        status = play_ladder(p, &checkpoint);
    }
    net_free(average);
    return status;
}
