// Playing on the ladder: players are opened and written down, the tournament plays, and every
// finished game is stored as it ends. Invariants:
//
//   1. A game is in the database before anything is said about it. (first, second, pair) names it,
//      so that it is there once.
//   2. The opening of a pair depends on its number and on the ladder's seed alone: the same number
//      means the same opening in every session.
#include "ladder/ladder_parts.h"

#include "base/files.h"
#include "base/memory.h"
#include "game/go_rules.h"
#include "game/sgf.h"
#include "net/net_setting.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Elo. A half interval wider than this comes of no games, or of nothing but wins or nothing but
// losses.
#define NOTHING_KNOWN 1000.0
// Games in play may take so much time beyond that of a session. It was chosen.
#define GRACE_SECONDS 2.0

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
    struct ladder_store *store; // Where the games are stored.
    long long seed;
    const volatile bool *stop;
    const struct clock *clock;
    double (*wall)(void);
    enum status status; // Whether storing has worked so far.
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

// Takes over the player. One that takes part already under the same key is not added again.
static void add_participant(struct session *s, struct player *player, const char *key, const char *spec, const char *name,
                            bool is_anchor, double move_seconds) {
    if (find_participant(s, key) >= 0) {
        player_free(player);
        return;
    }
    s->participants = memory_resize(s->participants, (size_t)(s->num + 1), sizeof *s->participants, "the players of a ladder");
    struct participant *p = &s->participants[s->num++];
    *p = (struct participant){.player = player, .move_seconds = move_seconds};
    p->record = (struct ladder_book_player){memory_text(key, "the name of a player"), memory_text(spec, "the name of a player"),
                                            memory_text(name, "the name of a player"), is_anchor};
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

// Adds a checkpoint of a run at some visits. Names and specs in the database begin with `prefix`,
// which is "" in the run's own.
static enum status add_setting(struct session *s, const char *run, const char *prefix, const struct run_checkpoint *checkpoint,
                               int visits, double temperature, int usual_visits, const char *backend) {
    char key[LADDER_KEY], path[PATH_BYTES], spec[PATH_BYTES], name[128], warm[40] = "";
    ladder_setting_key(key, checkpoint->digest, visits, temperature);
    if (find_participant(s, key) >= 0) return STATUS_OK;
    if (temperature > 0) snprintf(warm, sizeof warm, ",temperature=%g", temperature);
    snprintf(name, sizeof name, "%.64s%06lld", prefix, checkpoint->step);
    if (visits != usual_visits || *warm)
        snprintf(name + strlen(name), sizeof name - strlen(name), "@visits=%d%s", visits, warm);
    path_format(path, "%s/nets/%06lld.safetensors@visits=%d%s", run, checkpoint->step, visits, warm);
    path_format(spec, "%snets/%06lld.safetensors@visits=%d%s", prefix, checkpoint->step, visits, warm);
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

static enum status add_net(struct session *s, const char *run, const char *prefix, const struct run_checkpoint *checkpoint,
                           int visits, int usual_visits, const char *backend) {
    return add_setting(s, run, prefix, checkpoint, visits, 0, usual_visits, backend);
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

// Adds the default anchors: those up to `rung`, a game of which takes at most `game_seconds` by the
// guess of the table.
static enum status add_default_anchors(struct session *s, int rung, double game_seconds, const char *backend) {
    const double scale =
        // The guesses are for 7x7. The exponent was chosen: playouts get longer, too.
        pow(s->game->height * s->game->width / 49.0, 1.5);
    for (int i = 0; i < ladder_num_anchors; i++) {
        const struct ladder_anchor *a = &ladder_anchors[i];
        const int points = s->game->height * s->game->width;
        if (a->rung > rung || (a->game && strcmp(a->game, s->game->type->name)) || (a->max_points && points > a->max_points))
            continue;
        if (a->move_seconds * scale * points * 0.6 > game_seconds)
            // A game has some 1.2 plies for each point, and half of them are the anchor's.
            continue;
        // GTP knows only square boards.
        if (a->is_program && s->game->height != s->game->width) continue;
        // Those programs are told to count area and to forbid suicide.
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

// Collects the earlier games between those who take part.
static int take_old(const struct session *s, const struct ladder_book *book, struct tournament_game **out) {
    int *participant = memory_raw((size_t)book->num_players, sizeof *participant, "the players of a ladder"), num = 0;
    *out = memory_raw((size_t)book->num_games, sizeof **out, "the games of a ladder");
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

// Adds the opponents whose games are known. Those that can't play here, since their file is not
// there or another one, take part by their old games, which join the others to the scale.
static enum status add_known(struct session *s, const char *backend) {
    struct ladder_known *known;
    const int num = ladder_known_players(s->game, &known);
    enum status status = STATUS_OK;
    for (int i = 0; i < num && status == STATUS_OK; i++) {
        struct player *player = NULL;
        const bool is_net = !strncmp(known[i].key, "net:", 4);
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%.*s", (int)strcspn(known[i].spec, "@"), known[i].spec);
        if (find_participant(s, known[i].key) >= 0) continue;
        if (is_net && file_exists(path)) {
            const struct player_options options = {.visits = LADDER_VISITS, .backend = backend, .name = known[i].name};
            status = player_open(&player, known[i].spec, &options);
            if (status == STATUS_OK && strncmp(player_net(player)->meta.digest, known[i].key + 4, 64) != 0) {
                player_free(player);
                player = NULL;
            }
        }
        if (status == STATUS_OK)
            add_participant(s, player, known[i].key, known[i].spec, known[i].name, true, known[i].move_seconds);
    }
    free(known);
    return status;
}

// Writes down who takes part, and plays. `params` says when to stop; who plays is filled in here.
static enum status session_play(struct session *s, struct run_reader **others, int num_others,
                                struct tournament_params *params) {
    struct ladder_book book = {0};
    struct tournament_game *old = NULL;
    enum status status = STATUS_OK;
    struct tournament_player *players = memory_new((size_t)s->num, sizeof *players, "the players of a ladder");
    for (int i = 0; i < s->num && status == STATUS_OK; i++) {
        struct participant *p = &s->participants[i];
        status = ladder_store_player(s->store, &p->record, &p->row);
        players[i] = (struct tournament_player){p->player, p->record.name, p->record.is_anchor, p->move_seconds};
    }
    if (status == STATUS_OK) status = ladder_book_load(&book, ladder_store_reader(s->store));
    for (int i = 0; i < num_others && status == STATUS_OK; i++) status = ladder_book_load(&book, others[i]);
    if (status == STATUS_OK && ladder_knows(&book, s->game)) ladder_known_add(&book, s->game);
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

// Adds the best net at the usual settings (net/net_setting.h), and the first net with few visits:
// such players cost little, and they stand between anchors that are far apart.
static enum status add_dial(struct session *s, const struct ladder_params *params, const char *path, const char *prefix,
                            const struct run_checkpoint *checkpoints, int num) {
    // 0 visits are the raw policy.
    static const int first_visits[] = {0, 4};
    const struct run_checkpoint *best = best_of(checkpoints, num);
    for (int i = 0; i < NET_LEVELS; i++) {
        const struct net_setting *setting = &net_usual_settings[i];
        TRY(add_setting(s, path, prefix, best, setting->visits, setting->temperature, params->visits, params->backend));
    }
    for (size_t i = 0; i < sizeof first_visits / sizeof *first_visits && num > 1; i++)
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
    int *chosen = memory_raw((size_t)num, sizeof *chosen, "a choice of checkpoints");
    const int num_chosen = ladder_choose_checkpoints(checkpoints, num, params->checkpoints, chosen);
    enum status status =
        num ? STATUS_OK : status_fail(STATUS_USAGE, "%s: has no checkpoints yet: there is nothing to rate", params->runs[run]);
    for (int i = 0; i < num_chosen && status == STATUS_OK; i++)
        status = add_net(s, path, prefix, &checkpoints[chosen[i]], params->visits, params->visits, params->backend);
    if (params->dial && status == STATUS_OK) status = add_dial(s, params, path, prefix, checkpoints, num);
    for (int i = 0; i < params->num_dial_visits && params->has_dial && params->has_dial[run] && status == STATUS_OK; i++)
        status = add_net(s, path, prefix, &checkpoints[num - 1], params->dial_visits[i], params->visits, params->backend);
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

#define CLIMBS 0.9 // The chance of being stronger than an anchor that lets the next rung take part.
enum {
    SLICE_BEFORE = 2, // So many earlier checkpoints take part. It was chosen.
    // An anchor stays out when its game takes more than this part of the time that is left. It was
    // chosen.
    SLICE_PART = 6,
    // The games of the first round of a slice; each round has twice as many. It was chosen.
    SLICE_GAMES = 4,
    // Games at once on each thread where opponents of every strength are known: with more of them
    // most opponents would be chosen before the first result. It was chosen.
    SLICE_LANES = 4,
};

static int find_step(const struct ladder *l, long long step) {
    for (int i = 0; i < l->num_entries; i++)
        if (l->entries[i].kind == LADDER_CHECKPOINT && l->entries[i].step == step) return i;
    return -1;
}

// One more than the highest rung of an anchor that any checkpoint of the run has beaten.
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

// Adds the checkpoints before it. They are near in strength, and join it to anchors that it always
// beats.
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

static bool is_any_net_anchor(const struct session *s) {
    for (int i = 0; i < s->num; i++)
        if (s->participants[i].record.is_anchor && !strncmp(s->participants[i].record.key, "net:", 4)) return true;
    return false;
}

// Plays one round. The games that count for these players already are part of the tournament's
// bound.
static enum status play_round(const struct ladder_slice *slice, struct ladder_store *store, int rung, int games, double seconds,
                              int *played) {
    struct session s = {.game = slice->game, .stop = slice->stop, .clock = slice->clock, .wall = slice->wall, .store = store};
    struct ladder_book book = {0};
    struct tournament_game *old = NULL;
    enum status status = ladder_store_seed(store, 0, &s.seed);
    if (status == STATUS_OK)
        status = add_net(&s, run_path(slice->run), "", slice->checkpoint, slice->visits, slice->visits, slice->backend);
    if (status == STATUS_OK) status = add_before(&s, slice, store);
    const bool has_before = s.num > 1;
    if (status == STATUS_OK) status = add_default_anchors(&s, rung, seconds / SLICE_PART, slice->backend);
    if (status == STATUS_OK) status = add_known(&s, slice->backend);
    if (status == STATUS_OK) status = ladder_book_load(&book, ladder_store_reader(store));
    if (status == STATUS_OK) {
        int counted = 0;
        // As session_play will, once the participants are written down.
        if (is_any_net_anchor(&s)) ladder_known_add(&book, s.game);
        for (int i = 0, num = take_old(&s, &book, &old); i < num; i++) counted += !old[i].is_duplicate;
        free(old);
        struct tournament_params tournament = {.max_games = counted + games,
                                               .max_seconds = seconds,
                                               // It was chosen: it is enough for a line of the log.
                                               .half_interval = 50,
                                               .min_games = 16,
                                               .only_first = true,
                                               .first_like = has_before,
                                               .lanes = rung == INT_MAX ? SLICE_LANES : 0,
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
    // `tengen elo` plays this ladder now, and needs no help.
    if (status == STATUS_CANCELLED) return STATUS_OK;
    TRY(status);
    status = refresh(slice, ladder);
    struct ladder_known *known;
    const bool is_known = ladder_known_players(slice->game, &known) > 0;
    free(known);
    int left = slice->games;
    // Each round is against those for whom it may be a match; whoever it beats lets the next rung
    // take part. Where opponents of every strength are known, one round finds the right ones. Games
    // that are begun are finished, so a round has no more games than there is time for.
    for (int games = is_known ? slice->games : SLICE_GAMES; status == STATUS_OK && left > 0; games *= 2) {
        const double before = clock_seconds(slice->clock), seconds = slice->seconds - (before - began);
        int played = 0, round = games < left ? games : left;
        if (*slice->game_seconds > 0 && round > seconds / *slice->game_seconds) round = (int)(seconds / *slice->game_seconds);
        if (seconds <= 0 || round < 2 || (slice->stop && *slice->stop)) break;
        status = play_round(slice, store, is_known ? INT_MAX : rung_reached(ladder), round, seconds, &played);
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
