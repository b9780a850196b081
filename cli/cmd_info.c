// tengen info: says what a net's file or a run folder is. It builds one JSON object, which is
// printed as it is or as lines for people.
#include "base/files.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/json.h"
#include "ladder/ladder.h"
#include "net/carry.h"
#include "net/model_path.h"
#include "net/net.h"
#include "net/net_setting.h"
#include "run/run_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct settings {
    bool json;
};

static const struct option table[] = {
    {"json", OPTION_FLAG, offsetof(struct settings, json), "false", 0, 0, "", NULL, "print one JSON object"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static void add_sizes(cJSON *line, int min, int max) {
    cJSON *sizes = cJSON_AddArrayToObject(line, "sizes");
    for (int i = min; i <= max && sizes; i++) cJSON_AddItemToArray(sizes, cJSON_CreateNumber(i));
}

// Adds the nets of other trainings that this one descends from, the last one first.
static void add_ancestors(cJSON *provenance, const struct net_meta *meta) {
    struct net_ancestor a;
    if (!meta->ancestors[0][0]) {
        json_text(provenance, "ancestors", NULL);
        return;
    }
    cJSON *line = cJSON_AddArrayToObject(provenance, "ancestors");
    for (int i = 0; i < NET_MAX_ANCESTORS && net_ancestor_read(meta->ancestors[i], &a); i++) {
        cJSON *entry = cJSON_CreateObject();
        json_text(entry, "digest", a.digest);
        json_text(entry, "game", a.game);
        add_sizes(entry, a.min_size, a.max_size);
        json_number(entry, "blocks", a.blocks);
        json_number(entry, "channels", a.channels);
        json_number(entry, "step", (double)a.step);
        json_number(entry, "games", (double)a.games);
        json_text(entry, "carried", a.carried);
        cJSON_AddItemToArray(line, entry);
    }
}

// Adds what the net has met in training.
static void add_learned(cJSON *line, const struct net_meta *meta) {
    cJSON *learned = cJSON_AddArrayToObject(line, "learned");
    for (int i = 0; i < meta->num_learned; i++) {
        const struct net_learned *l = &meta->learned[i];
        cJSON *entry = cJSON_CreateObject();
        json_number(entry, "height", l->height);
        json_number(entry, "width", l->width);
        json_text(entry, "rules", l->rules[0] ? l->rules : NULL);
        json_number(entry, "games", l->games >= 0 ? (double)l->games : NAN);
        json_number(entry, "positions", l->positions >= 0 ? (double)l->positions : NAN);
        cJSON_AddItemToArray(learned, entry);
    }
}

static void add_setting(cJSON *line, const struct net_meta *meta, const struct net_setting *setting, int level) {
    char rank[NET_RANK_BYTES];
    cJSON *entry = cJSON_CreateObject();
    if (level) json_number(entry, "level", level);
    json_number(entry, "visits", setting->visits);
    json_number(entry, "temperature", setting->temperature);
    json_number(entry, "elo", setting->elo);
    json_number(entry, "elo_low", setting->games ? setting->low : NAN);
    json_number(entry, "elo_high", setting->games ? setting->high : NAN);
    json_number(entry, "rated_games", setting->games);
    json_text(entry, "rank_guess", net_rank_text(meta, setting, rank));
    cJSON_AddItemToArray(line, entry);
}

// Adds the levels of gtp --level.
static void add_levels(cJSON *line, const struct net_meta *meta) {
    json_text(line, "levels_scale", meta->num_settings ? meta->settings_scale : NULL);
    cJSON *levels = cJSON_AddArrayToObject(line, "levels");
    for (int level = 1; level <= NET_LEVELS; level++) {
        const struct net_setting setting = net_level(meta, level);
        add_setting(levels, meta, &setting, level);
    }
}

// Adds what is known of a net.
static void describe_net(cJSON *line, const struct net *net) {
    const struct net_meta *meta = &net->meta;
    json_number(line, "blocks", net->config.blocks);
    json_number(line, "channels", net->config.channels);
    json_number(line, "parameters", (double)net->meta.parameters);
    json_number(line, "step", (double)meta->step);
    json_number(line, "games", (double)meta->games);
    json_number(line, "samples", (double)meta->samples);
    json_text(line, "digest", meta->digest);
    add_learned(line, meta);
    const struct game_type *type = game_find(meta->game);
    if (meta->num_settings || (type && type->has_gtp)) add_levels(line, meta);
    cJSON *provenance = cJSON_AddObjectToObject(line, "provenance");
    json_text(provenance, "parent", meta->parent[0] ? meta->parent : NULL);
    add_ancestors(provenance, meta);
    json_text(provenance, "program", meta->program);
    json_number(provenance, "seed", (double)meta->seed);
    json_text(provenance, "command", meta->command[0] ? meta->command : NULL);
    json_text(provenance, "machine", meta->machine[0] ? meta->machine : NULL);
    json_number(provenance, "seconds", meta->seconds > 0 ? meta->seconds : NAN);
    json_text(provenance, "strength", meta->strength[0] ? meta->strength : NULL);
    json_text(provenance, "note", meta->note[0] ? meta->note : NULL);
}

static void describe_run(cJSON *line, const struct run_summary *run) {
    const struct run_state *state = &run->state;
    json_text(line, "rules", run->rules);
    json_number(line, "komi", run->komi);
    json_text(line, "best", run->best[0] ? run->best : NULL);
    json_text(line, "from", run->from[0] ? run->from : NULL);
    json_text(line, "from_digest", run->parent[0] ? run->parent : NULL);
    json_number(line, "seconds", state->seconds);
    json_number(line, "iterations", (double)state->iterations);
    json_number(line, "full_rows", (double)state->full_rows);
    json_number(line, "fast_rows", (double)state->fast_rows);
    json_number(line, "plies", (double)state->plies);
    json_number(line, "checkpoints", state->num_checkpoints);
    json_number(line, "matches", state->num_matches);
    json_number(line, "disk_budget", run->disk_budget ? (double)run->disk_budget : NAN);
    json_number(line, "memory_budget", run->memory_budget ? (double)run->memory_budget : NAN);
}

// Adds how much disk the run takes. For keys that end with _bytes print_number adds larger units.
static enum status describe_disk(cJSON *line, const char *path) {
    struct run_sizes sizes;
    TRY(run_read_sizes(path, &sizes));
    json_number(line, "disk_bytes", (double)sizes.total);
    json_number(line, "nets_bytes", (double)sizes.nets);
    json_number(line, "replay_bytes", (double)sizes.replay);
    json_number(line, "games_bytes", (double)sizes.games);
    json_number(line, "trainer_bytes", (double)sizes.trainer);
    json_number(line, "database_bytes", (double)sizes.database);
    json_number(line, "other_bytes", (double)sizes.other);
    return STATUS_OK;
}

// Adds the strength dial: the rated nets of the run, with their intervals and numbers of games.
// `gtp --elo` chooses among them.
static enum status describe_dial(cJSON *line, const char *path) {
    struct ladder ladder;
    TRY(ladder_standings(&ladder, &path, 1, LADDER_VISITS));
    cJSON *dial = cJSON_AddArrayToObject(line, "dial");
    for (int i = 0; i < ladder.num_entries; i++) {
        const struct ladder_entry *e = &ladder.entries[i];
        if (e->player < 0 || (e->kind != LADDER_CHECKPOINT && e->kind != LADDER_DIAL)) continue;
        cJSON *entry = cJSON_CreateObject();
        // The key is not "step", since scripts search the whole line for the keys of the run.
        json_number(entry, "checkpoint", (double)e->step);
        json_number(entry, "visits", e->visits);
        json_number(entry, "temperature", e->temperature);
        json_number(entry, "elo", round(e->elo * 10) / 10);
        json_number(entry, "elo_low", round(e->low * 10) / 10);
        json_number(entry, "elo_high", round(e->high * 10) / 10);
        json_number(entry, "rated_games", e->rated_games);
        cJSON_AddItemToArray(dial, entry);
    }
    ladder_done(&ladder);
    return STATUS_OK;
}

static double field(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

// One line for each strength that the run can play at.
static void print_dial(const cJSON *dial) {
    for (const cJSON *e = dial->child; e; e = e->next) {
        printf("%-12s ", e == dial->child ? "plays at" : "");
        if (ladder_is_telling(field(e, "elo_low"), field(e, "elo_high")))
            printf("Elo %.0f (%.0f to %.0f, %.0f games)", field(e, "elo"), field(e, "elo_low"), field(e, "elo_high"),
                   field(e, "rated_games"));
        else
            printf("an Elo not known yet (%.0f games)", field(e, "rated_games"));
        char text[NET_SETTING_BYTES];
        const struct net_setting setting = {.visits = (int)field(e, "visits"), .temperature = field(e, "temperature")};
        printf(": step %.0f, %s\n", field(e, "checkpoint"), net_setting_text(&setting, text));
    }
}

static void print_number(const char *key, double value) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    const size_t length = strlen(key);
    if (length < 6 || strcmp(key + length - 6, "_bytes")) {
        printf("%.15g\n", value);
        return;
    }
    int unit = 0;
    double shown = value;
    // What rounds to 1024.0 gets the next unit.
    for (; shown >= 1023.95 && unit < 4; unit++) shown /= 1024;
    if (unit)
        printf("%.0f (%.1f %s)\n", value, shown, units[unit]);
    else
        printf("%.0f\n", value);
}

static const char *word(const cJSON *object, const char *key);

static void print_count(double value, const char *what) {
    if (isnan(value)) return;
    printf(", %.0f %s%s", value, what, value == 1 ? "" : "s");
}

static void print_learned(const cJSON *learned) {
    for (const cJSON *e = learned->child; e; e = e->next) {
        const char *rules = word(e, "rules");
        text_print(stdout, "%-12s %.0fx%.0f, %s", e == learned->child ? "learned" : "", field(e, "height"), field(e, "width"),
                   *rules ? rules : "under rules that are not recorded");
        print_count(field(e, "games"), "game");
        print_count(field(e, "positions"), "position");
        printf("\n");
    }
}

// One line for each level of gtp --level.
static void print_levels(const cJSON *levels, const char *scale) {
    const bool is_ranked = levels->child && *word(levels->child, "rank_guess");
    if (*scale) text_print(stdout, "%-12s Elo on %s%s\n", "levels", scale, is_ranked ? "; kyu and dan are guesses" : "");
    for (const cJSON *e = levels->child; e; e = e->next) {
        char text[NET_SETTING_BYTES];
        const struct net_setting setting = {.visits = (int)field(e, "visits"), .temperature = field(e, "temperature")};
        printf("%-12s %2.0f  ", e == levels->child && !*scale ? "levels" : "", field(e, "level"));
        if (isnan(field(e, "elo")))
            printf("Elo not measured: ");
        else
            printf("Elo %.0f (%.0f to %.0f, %.0f games)%s%s: ", field(e, "elo"), field(e, "elo_low"), field(e, "elo_high"),
                   field(e, "rated_games"), *word(e, "rank_guess") ? ", " : "", word(e, "rank_guess"));
        printf("%s\n", net_setting_text(&setting, text));
    }
}

static const char *word(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static void print_ancestors(const cJSON *line, const char *prefix) {
    for (const cJSON *a = line->child; a; a = a->next)
        text_print(stdout, "%s%-*s %s %.0fx%.0f, step %.0f, %.0f games, digest %.12s: %s\n", prefix,
                   12 - (int)(*prefix ? 2 : 0), "from", word(a, "game"), field(a, "blocks"), field(a, "channels"),
                   field(a, "step"), field(a, "games"), word(a, "digest"), word(a, "carried"));
}

static void print_value(const cJSON *item, const char *prefix, const char *scale) {
    if (cJSON_IsNull(item)) return;
    if (cJSON_IsObject(item)) {
        for (const cJSON *below = item->child; below; below = below->next) print_value(below, "  ", scale);
        return;
    }
    if (!strcmp(item->string, "dial")) {
        print_dial(item);
        return;
    }
    if (!strcmp(item->string, "learned")) {
        print_learned(item);
        return;
    }
    if (!strcmp(item->string, "levels")) {
        print_levels(item, scale);
        return;
    }
    if (!strcmp(item->string, "levels_scale")) return; // print_levels says it
    if (!strcmp(item->string, "ancestors")) {
        print_ancestors(item, prefix);
        return;
    }
    printf("%s%-*s ", prefix, 12 - (int)(*prefix ? 2 : 0), item->string);
    if (cJSON_IsArray(item)) {
        for (const cJSON *entry = item->child; entry; entry = entry->next) printf("%g ", entry->valuedouble);
        printf("\n");
    } else if (cJSON_IsNumber(item)) {
        print_number(item->string, item->valuedouble);
    } else {
        // Which may contain anything.
        text_print(stdout, "%s\n", cJSON_IsString(item) ? item->valuestring : "");
    }
}

static void print_description(cJSON *line, bool json) {
    if (json) {
        json_line(line);
        return;
    }
    for (const cJSON *item = line->child; item; item = item->next) print_value(item, "", word(line, "levels_scale"));
    cJSON_Delete(line);
}

static enum status info_net(const char *path, bool json) {
    struct net *net;
    TRY(net_load(&net, path));
    cJSON *line = cJSON_CreateObject();
    json_text(line, "kind", "net");
    json_text(line, "file", path);
    json_text(line, "game", net->meta.game);
    add_sizes(line, net->meta.min_size, net->meta.max_size);
    describe_net(line, net);
    print_description(line, json);
    net_free(net);
    return STATUS_OK;
}

static enum status info_run(const char *path, bool json) {
    enum status status = STATUS_OK;
    struct run_summary run = {0};
    TRY(run_summarise(path, &run));
    struct net *net = NULL;
    char best[PATH_BYTES];
    if (run.best[0]) {
        TRY(model_resolve(path, best));
        TRY(net_load(&net, best));
    }
    cJSON *line = cJSON_CreateObject();
    json_text(line, "kind", "run");
    json_text(line, "file", path);
    json_text(line, "game", run.game);
    if (run.height == run.width) {
        const bool knows_smaller = net && net->meta.min_size > 0 && net->meta.min_size < run.height;
        add_sizes(line, knows_smaller ? net->meta.min_size : run.height, run.height);
    } else {
        cJSON *sizes = cJSON_AddArrayToObject(line, "sizes");
        cJSON_AddItemToArray(sizes, cJSON_CreateNumber(run.height));
        cJSON_AddItemToArray(sizes, cJSON_CreateNumber(run.width));
    }
    if (net) {
        status = ladder_read_settings(path, &net->meta);
        describe_net(line, net);
        // These keys describe the run, not its best net.
        cJSON_ReplaceItemInObjectCaseSensitive(line, "games", cJSON_CreateNumber((double)run.state.games));
        cJSON_ReplaceItemInObjectCaseSensitive(line, "samples", cJSON_CreateNumber((double)run.state.samples));
        cJSON_AddNumberToObject(line, "best_step", (double)net->meta.step);
        cJSON_ReplaceItemInObjectCaseSensitive(line, "step", cJSON_CreateNumber((double)run.state.step));
    } else {
        static const char *const nothing_yet[] = {"blocks", "channels", "parameters", "digest", "learned", "provenance"};
        for (size_t i = 0; i < sizeof nothing_yet / sizeof nothing_yet[0]; i++) json_text(line, nothing_yet[i], NULL);
        json_number(line, "step", (double)run.state.step);
        json_number(line, "games", (double)run.state.games);
        json_number(line, "samples", (double)run.state.samples);
    }
    describe_run(line, &run);
    if (status == STATUS_OK) status = describe_disk(line, path);
    if (status == STATUS_OK) status = describe_dial(line, path);
    if (status != STATUS_OK) {
        cJSON_Delete(line);
        net_free(net);
        return status;
    }
    print_description(line, json);
    net_free(net);
    return STATUS_OK;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    const char *path = words.at[0];
    char net_path[PATH_BYTES];
    // The ending of a net's file may be left out; where there is no such file, the error lists
    // others.
    if (!file_exists(path)) TRY(model_resolve(path, net_path));
    if (!file_exists(path)) path = net_path;
    if (!dir_exists(path)) return info_net(path, s.json);
    return info_run(path, s.json);
}

const struct command command_info = {"info", "MODEL|RUN", "Says what a net's file or a run folder is", NULL, run};
