// Playing on the ladder: who takes part is opened and written down, the tournament plays, every finished game is stored as it ends.
//
// Invariants
// 1. A game is in the database before anything is said about it; (first, second, pair) names it, so it is there once.
// 2. A pair's opening depends on its number and the ladder's seed alone: the same number means the same opening in every session.
#include "ladder/ladder_parts.h"

#include "base/files.h"
#include "game/go_rules.h"
#include "game/sgf.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOTHING_KNOWN 1000.0 // Elo: a wider half interval comes of no games, or of none but wins or none but losses
#define GRACE_SECONDS 2.0    // chosen: that games in play may take beyond the time of a session

struct participant {
    struct ladder_book_player record;
    struct player *player;
    long long row;
    double move_seconds;
};

struct session {
    const struct game *game;
    struct participant *participants;
    int num;
    struct ladder_store *store; // games go here
    long long seed;
    const volatile bool *stop;
    const struct clock *clock;
    double (*wall)(void);
    enum status status; // of storing
    const struct log *log;
    double began, reported, report_seconds;
    int new_games;
};

// --- Who takes part ------------------------------------------------------------------------------

static int find_participant(const struct session *s, const char *key) {
    for (int i = 0; i < s->num; i++)
        if (!strcmp(s->participants[i].record.key, key)) return i;
    return -1;
}

// Takes the player. One that is there already under the same key is not added again.
static void add_participant(struct session *s, struct player *player, const char *key, const char *spec, const char *name,
                            bool is_anchor, double move_seconds) {
    if (find_participant(s, key) >= 0) {
        player_free(player);
        return;
    }
    s->participants = realloc(s->participants, (size_t)(s->num + 1) * sizeof *s->participants);
    CHECK(s->participants);
    struct participant *p = &s->participants[s->num++];
    *p = (struct participant){.player = player, .move_seconds = move_seconds};
    p->record = (struct ladder_book_player){strdup(key), strdup(spec), strdup(name), is_anchor};
    CHECK(p->record.key && p->record.spec && p->record.name);
}

static void session_done(struct session *s) {
    for (int i = 0; i < s->num; i++) {
        player_free(s->participants[i].player);
        free(s->participants[i].record.key);
        free(s->participants[i].record.spec);
        free(s->participants[i].record.name);
    }
    free(s->participants);
}

// A checkpoint of a run at some visits. prefix: what names and specs in the database begin with ("" in the run's own).
static enum status add_net(struct session *s, const char *run, const char *prefix, const struct run_checkpoint *checkpoint,
                           int visits, int usual_visits, const char *backend) {
    char key[LADDER_KEY], path[PATH_BYTES], spec[PATH_BYTES], name[128];
    ladder_net_key(key, checkpoint->digest, visits);
    if (find_participant(s, key) >= 0) return STATUS_OK;
    snprintf(name, sizeof name, "%.64s%06lld", prefix, checkpoint->step);
    if (visits != usual_visits) snprintf(name + strlen(name), sizeof name - strlen(name), "@visits=%d", visits);
    path_format(path, "%s/nets/%06lld.safetensors@visits=%d", run, checkpoint->step, visits);
    path_format(spec, "%snets/%06lld.safetensors@visits=%d", prefix, checkpoint->step, visits);
    struct player *player;
    TRY(player_open(&player, path, &(struct player_options){.visits = usual_visits, .backend = backend, .name = name}));
    if (strcmp(player_net(player)->meta.digest, checkpoint->digest) != 0) {
        player_free(player);
        return status_fail(STATUS_FORMAT, "%s/nets/%06lld.safetensors: is not the net that run.sqlite lists there", run,
                           checkpoint->step);
    }
    const enum status status = player_check_game(player, s->game);
    if (status != STATUS_OK) {
        player_free(player);
        return status;
    }
    add_participant(s, player, key, spec, name, false, 0);
    return STATUS_OK;
}

static enum status add_anchor(struct session *s, const char *spec, const char *name, int visits, const char *backend,
                              double move_seconds, bool quiet) {
    char key[LADDER_KEY];
    struct player *player;
    TRY(player_open(&player, spec, &(struct player_options){.visits = visits, .backend = backend, .name = name}));
    enum status status = player_check_game(player, s->game);
    if (status == STATUS_OK) status = ladder_key(key, spec, player, visits, s->stop, s->clock, quiet);
    if (status != STATUS_OK) {
        player_free(player);
        return status;
    }
    add_participant(s, player, key, spec, name, true, move_seconds);
    return STATUS_OK;
}

// rung: highest that takes part; game_seconds: what a game of it may cost by the table's guess.
static enum status add_default_anchors(struct session *s, int rung, double game_seconds, const char *backend) {
    const double scale =
        pow(s->game->height * s->game->width / 49.0, 1.5); // guesses are for 7x7; chosen: playouts get longer too
    for (int i = 0; i < ladder_num_anchors; i++) {
        const struct ladder_anchor *a = &ladder_anchors[i];
        const int points = s->game->height * s->game->width;
        if (a->rung > rung || (a->game && strcmp(a->game, s->game->type->name)) || (a->max_points && points > a->max_points))
            continue;
        if (a->move_seconds * scale * points * 0.6 > game_seconds)
            continue; // a game has some 1.2 plies a point, half of them its own
        if (a->is_program && s->game->height != s->game->width) continue; // GTP knows square boards only
        // Those programs are told to count area, and refuse suicide.
        const uint8_t *rule = s->game->rule;
        if (a->is_program &&
            (rule[GO_SCORING] != GO_AREA || rule[GO_TAX] != GO_TAX_NONE || rule[GO_SUICIDE] != GO_SUICIDE_FORBIDDEN))
            continue;
        const enum status status =
            add_anchor(s, a->spec, a->name, LADDER_VISITS, backend, a->move_seconds * scale, a->is_program);
        if (status == STATUS_IO && a->is_program) {
            if (a->missing && s->log) log_line(s->log, "%s", a->missing);
        } else if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

// --- Playing -------------------------------------------------------------------------------------

static void store_game(void *context, const struct tournament_game *game) {
    struct session *s = context;
    if (s->status != STATUS_OK) return;
    s->status =
        ladder_store_game(s->store, s->participants[game->first].row, s->participants[game->second].row, game, s->wall());
    s->new_games++;
}

static void report_rating(void *context, const struct rating *rating, int games) {
    struct session *s = context;
    const double now = clock_seconds(s->clock);
    if (!s->log || now - s->reported < s->report_seconds) return;
    s->reported = now;
    int widest = 0;
    for (int i = 1; i < rating->num_players; i++)
        if (rating->high[i] - rating->low[i] > rating->high[widest] - rating->low[widest]) widest = i;
    const double half = (rating->high[widest] - rating->low[widest]) / 2;
    char elo[48] = "not known yet";
    if (half <= NOTHING_KNOWN) snprintf(elo, sizeof elo, "Elo %.0f +-%.0f", rating->elo[widest], half);
    log_line(s->log, "%d games, %d new, %.0f s; least known: %s, %s", games, s->new_games, now - s->began,
             s->participants[widest].record.name, elo);
}

// Earlier games between those who take part.
static int take_old(const struct session *s, const struct ladder_book *book, struct tournament_game **out) {
    int *participant = malloc((size_t)(book->num_players + 1) * sizeof *participant), num = 0;
    *out = malloc((size_t)(book->num_games + 1) * sizeof **out);
    CHECK(participant && *out);
    for (int i = 0; i < book->num_players; i++) participant[i] = find_participant(s, book->players[i].key);
    for (int i = 0; i < book->num_games; i++) {
        struct tournament_game game = book->games[i];
        const int first = participant[game.first], second = participant[game.second];
        if (first < 0 || second < 0) continue;
        game.forfeit = game.forfeit < 0 ? -1 : game.forfeit == game.first ? first : second;
        game.first = first;
        game.second = second;
        (*out)[num++] = game;
    }
    free(participant);
    return num;
}

static int find_scale(const struct session *s, double *elo) {
    for (int k = 0; k < ladder_num_scales; k++)
        for (int i = 0; i < s->num; i++) {
            *elo = ladder_scales[k].elo;
            if (ladder_is_scale(&ladder_scales[k], s->game, s->participants[i].record.key)) return i;
        }
    *elo = 0;
    for (int i = 0; i < s->num; i++)
        if (s->participants[i].record.is_anchor) return i;
    return 0;
}

// Writes down who takes part and plays. `params` says when to stop; who plays is filled in here.
static enum status session_play(struct session *s, struct run_reader **others, int num_others,
                                struct tournament_params *params) {
    struct ladder_book book = {0};
    struct tournament_game *old = NULL;
    enum status status = STATUS_OK;
    struct tournament_player *players = calloc((size_t)s->num, sizeof *players);
    CHECK(players);
    for (int i = 0; i < s->num && status == STATUS_OK; i++) {
        struct participant *p = &s->participants[i];
        status = ladder_store_player(s->store, &p->record, &p->row);
        players[i] = (struct tournament_player){p->player, p->record.name, p->record.is_anchor, p->move_seconds};
    }
    if (status == STATUS_OK) status = ladder_book_load(&book, ladder_store_reader(s->store));
    for (int i = 0; i < num_others && status == STATUS_OK; i++) status = ladder_book_load(&book, others[i]);
    if (status == STATUS_OK) {
        params->num_old = take_old(s, &book, &old);
        params->old = old;
        params->players = players;
        params->num_players = s->num;
        params->anchor = find_scale(s, &params->anchor_elo);
        params->game = s->game;
        params->seed = (uint64_t)s->seed;
        params->opening_plies = -1;
        params->clock = s->clock;
        params->on_game = store_game;
        params->on_rating = report_rating;
        params->context = s;
        s->began = s->reported = clock_seconds(s->clock);
        struct tournament_result result = {0};
        status = tournament_run(params, &result);
        tournament_result_done(&result);
    }
    if (s->status != STATUS_OK) status = s->status;
    free(old);
    free(players);
    ladder_book_done(&book);
    return status;
}

// --- A finished run, or several ------------------------------------------------------------------

static const struct run_checkpoint *best_of(const struct run_checkpoint *checkpoints, int num) {
    for (int i = 0; i < num; i++)
        if (checkpoints[i].is_best) return &checkpoints[i];
    return num ? &checkpoints[num - 1] : NULL;
}

// The best net with other visits, and the first with few: they cost little and stand between anchors that are far apart.
static enum status add_dial(struct session *s, const struct ladder_params *params, const char *path, const char *prefix,
                            const struct run_checkpoint *checkpoints, int num) {
    static const int best_visits[] = {0, 16, 100, 400},
                     first_visits[] = {0, 4}; // 0: the raw policy; steps of about two doublings
    const struct run_checkpoint *best = best_of(checkpoints, num);
    for (size_t i = 0; i < sizeof best_visits / sizeof *best_visits; i++)
        TRY(add_net(s, path, prefix, best, best_visits[i], params->visits, params->backend));
    for (size_t i = 0; i < sizeof first_visits / sizeof *first_visits; i++)
        TRY(add_net(s, path, prefix, &checkpoints[0], first_visits[i], params->visits, params->backend));
    return STATUS_OK;
}

static enum status add_run(struct session *s, const struct ladder_params *params, int run, struct run_reader *reader) {
    struct run_checkpoint *checkpoints;
    int num;
    char prefix[80] = "";
    const char *path = run_read_path(reader), *slash = strrchr(path, '/');
    if (run > 0) snprintf(prefix, sizeof prefix, "%.64s/", slash ? slash + 1 : path);
    TRY(run_read_checkpoints(reader, &checkpoints, &num));
    int *chosen = malloc((size_t)(num + 1) * sizeof *chosen);
    CHECK(chosen);
    const int num_chosen = ladder_choose_checkpoints(checkpoints, num, params->checkpoints, chosen);
    enum status status =
        num ? STATUS_OK : status_fail(STATUS_USAGE, "%s: has no checkpoints yet: there is nothing to rate", params->runs[run]);
    for (int i = 0; i < num_chosen && status == STATUS_OK; i++)
        status = add_net(s, path, prefix, &checkpoints[chosen[i]], params->visits, params->visits, params->backend);
    if (params->dial && status == STATUS_OK) status = add_dial(s, params, path, prefix, checkpoints, num);
    free(chosen);
    free(checkpoints);
    return status;
}

enum status ladder_play(const struct ladder_params *params) {
    struct game game;
    struct session s = {.game = &game,
                        .stop = params->stop,
                        .clock = params->clock,
                        .wall = params->wall,
                        .log = params->log,
                        .report_seconds = params->report_seconds};
    struct run_reader **readers;
    enum status status = ladder_open_runs(params->runs, params->num_runs, &readers, &game);
    if (status == STATUS_OK && params->sgf_dir) status = sgf_check_game(game.type->name);
    if (status == STATUS_OK) status = ladder_store_open(&s.store, params->runs[0]);
    if (status == STATUS_CANCELLED)
        status = status_fail(STATUS_IO, "%s: another process plays its ladder at this moment", params->runs[0]);
    if (status == STATUS_OK) status = ladder_store_seed(s.store, params->seed, &s.seed);
    for (int i = 0; i < params->num_runs && status == STATUS_OK; i++) status = add_run(&s, params, i, readers[i]);
    if (status == STATUS_OK && !params->no_default_anchors)
        status = add_default_anchors(&s, INT_MAX, INFINITY, params->backend);
    for (int i = 0; i < params->num_anchors && status == STATUS_OK; i++)
        status = add_anchor(&s, params->anchors[i], params->anchors[i], params->visits, params->backend, 0, false);
    if (status == STATUS_OK && s.num < 2) status = status_fail(STATUS_USAGE, "elo: two players at least are needed");
    struct tournament_params tournament = {.max_games = params->games,
                                           .max_seconds = params->seconds,
                                           .grace_seconds = GRACE_SECONDS,
                                           .half_interval = params->half_interval,
                                           .min_games = params->min_games,
                                           .round_robin = params->round_robin,
                                           .threads = params->threads,
                                           .backend = params->backend,
                                           .sgf_dir = params->sgf_dir,
                                           .stop = params->stop};
    if (status == STATUS_OK) status = session_play(&s, readers + 1, params->num_runs - 1, &tournament);
    session_done(&s);
    ladder_store_close(s.store);
    ladder_close_runs(readers, params->num_runs);
    return status;
}

// --- Beside a training ---------------------------------------------------------------------------

#define CLIMBS 0.9 // chance of being stronger than an anchor that lets the next rung take part
enum {
    SLICE_BEFORE = 2, // chosen: earlier checkpoints that take part
    SLICE_PART = 6,   // chosen: an anchor whose game takes more than this part of the time left stays out
    SLICE_GAMES = 4,  // chosen: of a slice's first round; each round has twice as many
};

static int find_step(const struct ladder *l, long long step) {
    for (int i = 0; i < l->num_entries; i++)
        if (l->entries[i].kind == LADDER_CHECKPOINT && l->entries[i].step == step) return i;
    return -1;
}

// Highest rung that an anchor beaten by any checkpoint of the run stands on, plus one.
static int rung_reached(const struct ladder *l) {
    int reached = 0;
    for (int a = 0; a < l->num_entries; a++) {
        if (l->entries[a].kind != LADDER_ANCHOR) continue;
        for (int k = 0; k < ladder_num_anchors; k++) {
            if (strcmp(ladder_anchors[k].spec, l->entries[a].spec) || ladder_anchors[k].rung + 1 <= reached) continue;
            for (int i = 0; i < l->num_entries; i++)
                if (l->entries[i].kind == LADDER_CHECKPOINT && ladder_superiority(l, i, a) >= CLIMBS)
                    reached = ladder_anchors[k].rung + 1;
        }
    }
    return reached;
}

// The checkpoints before it: near in strength, they join it to anchors that it always beats.
static enum status add_before(struct session *s, const struct ladder_slice *slice, struct ladder_store *store) {
    struct run_checkpoint *checkpoints;
    int num;
    char path[PATH_BYTES];
    TRY(run_read_checkpoints(ladder_store_reader(store), &checkpoints, &num));
    enum status status = STATUS_OK;
    for (int i = num - 1, taken = 0; i >= 0 && taken < SLICE_BEFORE && status == STATUS_OK; i--) {
        if (checkpoints[i].step >= slice->checkpoint->step) continue;
        if (!file_exists(run_net_path(slice->run, checkpoints[i].step, path))) continue;
        status = add_net(s, run_path(slice->run), "", &checkpoints[i], slice->visits, slice->visits, slice->backend);
        taken++;
    }
    free(checkpoints);
    return status;
}

// Games that count for these players already: the tournament's bound includes them.
static enum status play_round(const struct ladder_slice *slice, struct ladder_store *store, int rung, int games, double seconds,
                              int *played) {
    struct session s = {.game = slice->game, .stop = slice->stop, .clock = slice->clock, .wall = slice->wall, .store = store};
    struct ladder_book book = {0};
    struct tournament_game *old = NULL;
    enum status status = ladder_store_seed(store, 0, &s.seed);
    if (status == STATUS_OK)
        status = add_net(&s, run_path(slice->run), "", slice->checkpoint, slice->visits, slice->visits, slice->backend);
    if (status == STATUS_OK) status = add_before(&s, slice, store);
    if (status == STATUS_OK) status = add_default_anchors(&s, rung, seconds / SLICE_PART, slice->backend);
    if (status == STATUS_OK) status = ladder_book_load(&book, ladder_store_reader(store));
    if (status == STATUS_OK) {
        int counted = 0;
        for (int i = 0, num = take_old(&s, &book, &old); i < num; i++) counted += !old[i].is_duplicate;
        free(old);
        struct tournament_params tournament = {.max_games = counted + games,
                                               .max_seconds = seconds,
                                               .half_interval = 50, // chosen: enough for a line of the log
                                               .min_games = 16,
                                               .threads = slice->threads,
                                               .backend = slice->backend,
                                               .stop = slice->stop};
        status = session_play(&s, NULL, 0, &tournament);
    }
    *played = s.new_games;
    ladder_book_done(&book);
    session_done(&s);
    return status;
}

static enum status refresh(const struct ladder_slice *slice, struct ladder *ladder) {
    const char *path = run_path(slice->run);
    ladder_done(ladder);
    return ladder_standings(ladder, &path, 1, slice->visits);
}

enum status ladder_play_slice(const struct ladder_slice *slice, struct ladder *ladder, int *entry) {
    const double began = clock_seconds(slice->clock);
    struct ladder_store *store;
    *ladder = (struct ladder){0};
    *entry = -1;
    enum status status = ladder_store_of_run(&store, slice->run);
    if (status == STATUS_CANCELLED) return STATUS_OK; // `tengen elo` plays this ladder now: it needs no help
    TRY(status);
    status = refresh(slice, ladder);
    int left = slice->games;
    // A round against those it may be a match for; whoever it beats lets the next rung take part. Games that are begun are finished, so
    // a round has no more than there is time for.
    for (int games = SLICE_GAMES; status == STATUS_OK && left > 0; games *= 2) {
        const double before = clock_seconds(slice->clock), seconds = slice->seconds - (before - began);
        int played = 0, round = games < left ? games : left;
        if (*slice->game_seconds > 0 && round > seconds / *slice->game_seconds) round = (int)(seconds / *slice->game_seconds);
        if (seconds <= 0 || round < 2 || (slice->stop && *slice->stop)) break;
        status = play_round(slice, store, rung_reached(ladder), round, seconds, &played);
        left -= played;
        if (status == STATUS_OK || status == STATUS_CANCELLED) {
            const enum status read = refresh(slice, ladder);
            if (read != STATUS_OK) status = read;
        }
        if (!played) break;
        *slice->game_seconds = (clock_seconds(slice->clock) - before) / played;
    }
    ladder_store_close(store);
    if (status == STATUS_OK) *entry = find_step(ladder, slice->checkpoint->step);
    if (*entry >= 0 && ladder->entries[*entry].player < 0) *entry = -1;
    if (status != STATUS_OK) ladder_done(ladder);
    return status;
}
