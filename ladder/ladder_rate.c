// From a book of games to standings: who everybody is, their Elo, and which checkpoint was the
// first to beat which anchor.
#include "ladder/ladder_parts.h"

#include "base/files.h"
#include "base/memory.h"
#include "base/options.h"
#include "net/net_setting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// The chance of being stronger that counts as having beaten, and the one below which no later
// checkpoint may fall.
#define BEATEN 0.975
#define HELD 0.5

// A run may say that it used so many. Chosen, far above any machine.
enum { MAX_DEVICES = 1000000 };

// Elo. Beyond this standard deviation of a difference, a normal approximation says too little.
#define SHUT_OUT_DOUBT 300.0

// Where one has won all games against the other the likelihood has no maximum, and its curvature
// says nothing. Then the games of the two speak for themselves: Phi((w - l) / sqrt(w + l)).
double ladder_superiority(const struct ladder *l, int i, int j) {
    if (i < 0 || j < 0 || l->entries[i].player < 0 || l->entries[j].player < 0) return NAN;
    const int a = l->entries[i].player, b = l->entries[j].player, n = l->rating.num_players;
    const double chance = rating_superiority(&l->rating, a, b), *c = l->rating.covariance;
    if (a == b || sqrt(c[a * n + a] + c[b * n + b] - 2 * c[a * n + b]) < SHUT_OUT_DOUBT) return chance;
    int wins = 0, draws = 0, losses = 0;
    for (int k = 0; k < l->num_pairs; k++) {
        const struct rating_pair *p = &l->pairs[k];
        if (p->first == a && p->second == b) wins += p->wins, draws += p->draws, losses += p->losses;
        if (p->first == b && p->second == a) wins += p->losses, draws += p->draws, losses += p->wins;
    }
    if (draws || (wins && losses) || wins + losses == 0) return chance;
    return 0.5 * erfc(-(wins - losses) / sqrt(2.0 * (wins + losses)));
}

// --- Entries -------------------------------------------------------------------------------------

static struct ladder_entry *add_entry(struct ladder *l, const char *key, const char *name, const char *spec) {
    l->entries = memory_resize(l->entries, (size_t)(l->num_entries + 1), sizeof *l->entries, "the standings");
    struct ladder_entry *entry = &l->entries[l->num_entries++];
    *entry = (struct ladder_entry){.name = memory_text(name, "the name of a player"),
                                   .spec = memory_text(spec, "the name of a player"),
                                   .kind = LADDER_OTHER,
                                   .run = -1,
                                   .visits = -1,
                                   .player = -1,
                                   .step = -1,
                                   .seconds = NAN,
                                   .device_hours = NAN,
                                   .elo = NAN,
                                   .low = NAN,
                                   .high = NAN,
                                   .superiority = NAN,
                                   .yardsticks = {NAN, NAN}};
    snprintf(entry->key, sizeof entry->key, "%s", key);
    return entry;
}

// How many threads or cards a run has used. A run says so itself; older ones say it in their
// settings.
static enum status num_devices(struct run_reader *reader, int *out) {
    char path[PATH_BYTES], *text;
    size_t bytes;
    double said = 0;
    int num = 0;
    TRY(run_read_number(reader, "num_devices", 0, MAX_DEVICES, &said));
    *out = said > 0 ? (int)said : 1;
    if (said > 0 || !file_exists(path_format(path, "%s/config.ini", run_read_path(reader)))) return STATUS_OK;
    TRY(file_read(path, &text, &bytes));
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        (void)sscanf(line, "threads = %9d", &num);
    free(text);
    if (num > 0 && num <= MAX_DEVICES) *out = num;
    return STATUS_OK;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void place_net(struct ladder *l, struct ladder_entry *entry, int run, const struct run_checkpoint *c, int visits,
                      int devices) {
    entry->run = run;
    entry->visits = visits;
    entry->step = c->step;
    entry->games = c->games;
    entry->samples = c->samples;
    entry->seconds = c->seconds;
    entry->device_hours = c->seconds / 3600 * devices;
    snprintf(entry->digest, sizeof entry->digest, "%s", c->digest);
}

static void add_checkpoints(struct ladder *l, int run, const struct run_checkpoint *checkpoints, int num, int visits,
                            int devices) {
    for (int i = 0; i < num; i++) {
        char key[LADDER_KEY], name[128], spec[PATH_BYTES];
        if (l->num_runs > 1)
            snprintf(name, sizeof name, "%.64s/%06lld", base_name(l->runs[run]), checkpoints[i].step);
        else
            snprintf(name, sizeof name, "%06lld", checkpoints[i].step);
        path_format(spec, "%s/nets/%06lld.safetensors@visits=%d", l->runs[run], checkpoints[i].step, visits);
        struct ladder_entry *entry = add_entry(l, ladder_net_key(key, checkpoints[i].digest, visits), name, spec);
        entry->kind = LADDER_CHECKPOINT;
        place_net(l, entry, run, &checkpoints[i], visits, devices);
    }
}

static int find_entry(const struct ladder *l, const char *key) {
    for (int i = 0; i < l->num_entries; i++)
        if (!strcmp(l->entries[i].key, key)) return i;
    return -1;
}

// The checkpoint with this net; -1: there is none.
static int find_net(const struct ladder *l, const char *digest) {
    for (int i = 0; i < l->num_entries; i++)
        if (l->entries[i].kind == LADDER_CHECKPOINT && !strncmp(l->entries[i].digest, digest, 64)) return i;
    return -1;
}

// Adds a player of the book that is no checkpoint at the ladder's visits: the dial of one, an
// anchor, or a net of another run.
static int add_player(struct ladder *l, const struct ladder_book_player *player) {
    char key[LADDER_KEY], name[192], spec[PATH_BYTES];
    const int net = !strncmp(player->key, "net:", 4) ? find_net(l, player->key + 4) : -1;
    int visits = -1;
    double temperature = 0;
    const char *options = net >= 0 ? strchr(player->key, ' ') : NULL;
    if (options && (sscanf(options, " visits=%d", &visits) == 1 ||
                    sscanf(options, " temperature=%lf,visits=%d", &temperature, &visits) == 2)) {
        const struct ladder_entry from = l->entries[net];
        if (!strcmp(ladder_setting_key(key, from.digest, visits, temperature), player->key)) {
            char warm[40] = "";
            if (temperature > 0) snprintf(warm, sizeof warm, ",temperature=%g", temperature);
            snprintf(name, sizeof name, "%s@visits=%d%s", from.name, visits, warm);
            path_format(spec, "%.*s@visits=%d%s", (int)(strrchr(from.spec, '@') - from.spec), from.spec, visits, warm);
            struct ladder_entry *entry = add_entry(l, player->key, name, spec);
            const struct run_checkpoint c = {
                .step = from.step, .games = from.games, .samples = from.samples, .seconds = from.seconds};
            place_net(l, entry, from.run, &c, visits, 1);
            snprintf(entry->digest, sizeof entry->digest, "%s", from.digest);
            entry->device_hours = from.device_hours;
            entry->temperature = temperature;
            entry->kind = LADDER_DIAL;
            return l->num_entries - 1;
        }
    }
    struct ladder_entry *entry = add_entry(l, player->key, player->name, player->spec);
    entry->kind = player->is_anchor ? LADDER_ANCHOR : LADDER_OTHER;
    return l->num_entries - 1;
}

// --- Rating --------------------------------------------------------------------------------------

static void count_game(struct ladder *l, const int *entry_of, const struct tournament_game *game) {
    const int first = l->entries[entry_of[game->first]].player, second = l->entries[entry_of[game->second]].player;
    int k = 0;
    while (k < l->num_pairs && (l->pairs[k].first != first || l->pairs[k].second != second)) k++;
    if (k == l->num_pairs) {
        l->pairs = memory_resize(l->pairs, (size_t)(k + 1), sizeof *l->pairs, "the standings");
        l->pairs[l->num_pairs++] = (struct rating_pair){.first = first, .second = second};
    }
    l->pairs[k].wins += game->outcome == OUTCOME_FIRST;
    l->pairs[k].draws += game->outcome == OUTCOME_DRAW;
    l->pairs[k].losses += game->outcome == OUTCOME_SECOND;
}

static enum status fit(struct ladder *l, int num_players, int anchor, double elo) {
    rating_done(&l->rating);
    l->anchor = anchor;
    return rating_fit(&l->rating, num_players, l->entries[anchor].player, elo, l->pairs, l->num_pairs);
}

static enum status fit_scale(struct ladder *l, int num_players) {
    for (int k = 0; k < ladder_num_scales; k++)
        for (int i = 0; i < l->num_entries; i++) {
            const struct ladder_entry *e = &l->entries[i];
            if (e->player >= 0 && ladder_is_scale(&ladder_scales[k], &l->game, e->key))
                return fit(l, num_players, i, ladder_scales[k].elo);
        }
    int anchor = -1;
    for (int i = 0; i < l->num_entries && anchor < 0; i++)
        if (l->entries[i].player >= 0 && l->entries[i].kind == LADDER_ANCHOR) anchor = i;
    for (int i = 0; i < l->num_entries && anchor < 0; i++)
        if (l->entries[i].player >= 0) anchor = i;
    return fit(l, num_players, anchor, 0);
}

static double order_of(const struct ladder_entry *e) { return isnan(e->elo) ? -INFINITY : e->elo; }

static int compare_entries(const void *a, const void *b) {
    const struct ladder_entry *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->kind == LADDER_CHECKPOINT || x->kind == LADDER_DIAL) {
        if (x->run != y->run) return x->run < y->run ? -1 : 1;
        if (x->step != y->step) return x->step < y->step ? -1 : 1;
        if (x->visits != y->visits) return x->visits < y->visits ? -1 : 1;
        return x->temperature > y->temperature ? -1 : x->temperature < y->temperature;
    }
    return order_of(x) < order_of(y) ? -1 : order_of(x) > order_of(y);
}

static void find_beats(struct ladder *l) {
    for (int a = 0; a < l->num_entries; a++)
        for (int run = 0; l->entries[a].kind == LADDER_ANCHOR && l->entries[a].player >= 0 && run < l->num_runs; run++) {
            struct ladder_beat beat = {.anchor = a, .run = run, .checkpoint = -1};
            for (int i = 0; i < l->num_entries; i++) {
                const double chance = ladder_superiority(l, i, a);
                if (l->entries[i].kind != LADDER_CHECKPOINT || l->entries[i].run != run || isnan(chance)) continue;
                if (beat.checkpoint < 0 && chance >= BEATEN) beat.checkpoint = i;
                if (chance < HELD) beat.checkpoint = -1;
            }
            l->beats = memory_resize(l->beats, (size_t)(l->num_beats + 1), sizeof *l->beats, "the standings");
            l->beats[l->num_beats++] = beat;
        }
}

// Computes everything that follows from the fit, and sorts the entries.
static void spread_rating(struct ladder *l) {
    const char *anchor_key = l->anchor >= 0 ? memory_text(l->entries[l->anchor].key, "the name of a player") : NULL;
    for (int i = 0; i < l->num_entries; i++) {
        struct ladder_entry *e = &l->entries[i];
        if (e->player < 0) continue;
        e->elo = l->rating.elo[e->player];
        e->low = l->rating.low[e->player];
        e->high = l->rating.high[e->player];
    }
    for (int k = 0; k < l->num_pairs; k++)
        for (int i = 0; i < l->num_entries; i++)
            if (l->entries[i].player >= 0 &&
                (l->entries[i].player == l->pairs[k].first || l->entries[i].player == l->pairs[k].second))
                l->entries[i].rated_games += l->pairs[k].wins + l->pairs[k].draws + l->pairs[k].losses;
    if (l->num_entries) qsort(l->entries, (size_t)l->num_entries, sizeof *l->entries, compare_entries);
    l->anchor = anchor_key ? find_entry(l, anchor_key) : -1;
    free((char *)anchor_key);
    for (int i = 0, before = -1; i < l->num_entries && l->entries[i].kind == LADDER_CHECKPOINT; i++) {
        if (before >= 0 && l->entries[before].run != l->entries[i].run) before = -1;
        l->entries[i].superiority = ladder_superiority(l, i, before);
        if (l->entries[i].player >= 0) before = i;
    }
    find_beats(l);
}

enum status ladder_rate(struct ladder *l, const struct ladder_book *book, struct run_reader **readers, int visits) {
    l->anchor = -1;
    for (int run = 0; run < l->num_runs; run++) {
        struct run_checkpoint *checkpoints;
        int num, devices;
        TRY(num_devices(readers[run], &devices));
        TRY(run_read_checkpoints(readers[run], &checkpoints, &num));
        add_checkpoints(l, run, checkpoints, num, visits, devices);
        free(checkpoints);
    }
    int *entry_of = memory_raw((size_t)book->num_players, sizeof *entry_of, "the standings"), num_players = 0;
    for (int i = 0; i < book->num_players; i++) entry_of[i] = -1;
    for (int i = 0; i < book->num_games; i++) {
        const struct tournament_game *game = &book->games[i];
        l->duplicates += game->is_duplicate;
        l->disputes += game->is_disputed;
        l->forfeits += game->forfeit >= 0;
        // A program that never answered says nothing about its strength (arena/tournament.h).
        if (game->is_duplicate || (game->reason && !strncmp(game->reason, "forfeit: can't start", 20))) continue;
        for (int side = 0; side < 2; side++) {
            const int player = side ? game->second : game->first;
            if (entry_of[player] >= 0) continue;
            entry_of[player] = find_entry(l, book->players[player].key);
            if (entry_of[player] < 0) entry_of[player] = add_player(l, &book->players[player]);
            l->entries[entry_of[player]].player = num_players++;
        }
        count_game(l, entry_of, game);
    }
    free(entry_of);
    // The same net in two runs (a copied folder) is one player.
    for (int i = 0; i < l->num_entries; i++)
        if (l->entries[i].player < 0) l->entries[i].player = l->entries[find_entry(l, l->entries[i].key)].player;
    if (num_players) TRY(fit_scale(l, num_players));
    spread_rating(l);
    return STATUS_OK;
}

static enum status game_of_run(struct game *game, struct run_reader *reader) {
    struct run_summary run;
    TRY(run_read_summary(reader, &run));
    const struct game_options options = {
        .height = run.height, .width = run.width, .komi = run.komi, .rules = run.rules[0] ? run.rules : NULL};
    return game_open(game, run.game, &options);
}

static enum status check_alike(const char *const *runs, struct run_reader **readers, int num_runs, const struct game *game) {
    for (int i = 1; i < num_runs; i++) {
        struct game other;
        TRY(game_of_run(&other, readers[i]));
        if (other.type != game->type || other.height != game->height || other.width != game->width ||
            other.komi != game->komi || strcmp(other.rules, game->rules))
            return status_fail(STATUS_USAGE,
                               "%s is a run of %s %dx%d komi %g, %s; %s of %s %dx%d komi %g, %s: they can't be on one scale",
                               runs[0], game->type->name, game->height, game->width, game->komi, game->rules, runs[i],
                               other.type->name, other.height, other.width, other.komi, other.rules);
    }
    return STATUS_OK;
}

enum status ladder_open_runs(const char *const *runs, int num_runs, struct run_reader ***out, struct game *game) {
    struct run_reader **readers = memory_new((size_t)num_runs, sizeof *readers, "the readers of runs");
    enum status status = STATUS_OK;
    for (int i = 0; i < num_runs && status == STATUS_OK; i++) status = run_read_open(&readers[i], runs[i]);
    if (status == STATUS_OK) status = game_of_run(game, readers[0]);
    if (status == STATUS_OK) status = check_alike(runs, readers, num_runs, game);
    if (status != STATUS_OK) {
        ladder_close_runs(readers, num_runs);
        readers = NULL;
    }
    *out = readers;
    return status;
}

void ladder_close_runs(struct run_reader **readers, int num_runs) {
    for (int i = 0; readers && i < num_runs; i++) run_read_close(readers[i]);
    free(readers);
}

// Drops the games of nets other than this one.
static void leave_alone(struct ladder_book *book, const char *digest) {
    int n = 0;
    for (int i = 0; i < book->num_games; i++) {
        struct tournament_game *game = &book->games[i];
        bool is_other = false;
        for (int side = 0; side < 2; side++) {
            const struct ladder_book_player *player = &book->players[side ? game->second : game->first];
            const char *key = player->key;
            is_other |= !player->is_anchor && !strncmp(key, "net:", 4) && strncmp(key + 4, digest, strlen(digest)) != 0;
        }
        if (is_other)
            free((char *)game->reason);
        else
            book->games[n++] = *game;
    }
    book->num_games = n;
}

// `digest` NULL: of all nets.
static enum status standings(struct ladder *l, const char *const *runs, int num_runs, int visits, const char *digest) {
    struct ladder_book book = {0};
    struct run_reader **readers;
    *l = (struct ladder){.anchor = -1};
    TRY(ladder_open_runs(runs, num_runs, &readers, &l->game));
    l->runs = memory_new((size_t)num_runs, sizeof *l->runs, "the standings");
    l->num_runs = num_runs;
    enum status status = STATUS_OK;
    for (int i = 0; i < num_runs; i++) {
        l->runs[i] = memory_text(run_read_path(readers[i]), "the standings");
        if (status == STATUS_OK) status = ladder_book_load(&book, readers[i]);
    }
    if (status == STATUS_OK && ladder_knows(&book, &l->game)) ladder_known_add(&book, &l->game);
    if (digest) leave_alone(&book, digest);
    if (status == STATUS_OK) status = ladder_rate(l, &book, readers, visits);
    ladder_close_runs(readers, num_runs);
    ladder_book_done(&book);
    if (status != STATUS_OK) ladder_done(l);
    return status;
}

enum status ladder_standings(struct ladder *l, const char *const *runs, int num_runs, int visits) {
    return standings(l, runs, num_runs, visits, NULL);
}

enum status ladder_standing_alone(struct ladder *l, const char *run, const char *digest, int visits) {
    return standings(l, &run, 1, visits, digest);
}

bool ladder_is_telling(double low, double high) {
    return (high - low) / 2 <= 500; // Chosen, not measured: 500 Elo are 95 % of the points.
}

bool ladder_has_scale(const struct ladder *l) {
    // In ladder_scales, 0 stands for random play alone.
    return l->anchor >= 0 && l->rating.anchor_elo != 0;
}

void ladder_done(struct ladder *l) {
    for (int i = 0; i < l->num_entries; i++) {
        free(l->entries[i].name);
        free(l->entries[i].spec);
    }
    for (int i = 0; i < l->num_runs; i++) free(l->runs[i]);
    rating_done(&l->rating);
    free(l->entries);
    free(l->runs);
    free(l->pairs);
    free(l->beats);
    *l = (struct ladder){0};
}

// --- Dial ----------------------------------------------------------------------------------------

// Whether it is this net, at any setting, with a telling Elo.
static bool is_setting(const struct ladder_entry *e, const char *digest) {
    return e->player >= 0 && (e->kind == LADDER_CHECKPOINT || e->kind == LADDER_DIAL) && !strcmp(e->digest, digest) &&
           ladder_is_telling(e->low, e->high);
}

static void enter_settings(const struct ladder *l, struct net_meta *meta) {
    char komi[32] = "";
    meta->num_settings = 0;
    for (int i = 0; i < l->num_entries; i++) {
        const struct ladder_entry *e = &l->entries[i];
        if (!is_setting(e, meta->digest)) continue;
        const struct net_setting setting = {.visits = e->visits,
                                            .temperature = e->temperature,
                                            .elo = e->elo,
                                            .low = e->low,
                                            .high = e->high,
                                            .games = e->rated_games};
        net_settings_add(meta, &setting);
    }
    if (l->game.has_komi) snprintf(komi, sizeof komi, "komi %g, ", l->game.komi);
    snprintf(meta->settings_scale, sizeof meta->settings_scale, "%dx%d, %s%s, %.60s = %.0f", l->game.height, l->game.width,
             komi, l->game.rules, l->entries[l->anchor].name, l->rating.anchor_elo);
}

enum status ladder_read_settings(const char *run, struct net_meta *meta) {
    struct ladder ladder;
    bool is_any = false;
    TRY(ladder_standing_alone(&ladder, run, meta->digest, LADDER_VISITS));
    if (!ladder_has_scale(&ladder)) {
        ladder_done(&ladder);
        TRY(ladder_standings(&ladder, &run, 1, LADDER_VISITS));
    }
    for (int i = 0; i < ladder.num_entries; i++) is_any |= is_setting(&ladder.entries[i], meta->digest);
    if (is_any) enter_settings(&ladder, meta);
    ladder_done(&ladder);
    return STATUS_OK;
}

enum status ladder_choose(const struct ladder *l, double elo, int *entry) {
    double lowest = INFINITY, highest = -INFINITY;
    *entry = -1;
    for (int i = 0; i < l->num_entries; i++) {
        const struct ladder_entry *e = &l->entries[i];
        if (e->player < 0 || (e->kind != LADDER_CHECKPOINT && e->kind != LADDER_DIAL)) continue;
        if (*entry < 0 || fabs(e->elo - elo) < fabs(l->entries[*entry].elo - elo)) *entry = i;
        lowest = fmin(lowest, e->elo);
        highest = fmax(highest, e->elo);
    }
    if (*entry < 0)
        return status_fail(STATUS_USAGE, "--elo: %s has no rated nets yet; `tengen elo %s` rates them", l->runs[0], l->runs[0]);
    if (fabs(l->entries[*entry].elo - elo) <= NET_ELO_REACH) return STATUS_OK;
    return status_fail(STATUS_USAGE, "--elo: nothing rated within %.0f of %.0f: %s plays from %.0f to %.0f, nearest %.0f",
                       NET_ELO_REACH, elo, l->runs[0], lowest, highest, l->entries[*entry].elo);
}
