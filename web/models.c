// Ids: rN is the best net of run N, rN-STEP one of its checkpoints, fN the file N of our list. An
// id is looked up in these lists and never becomes a part of a path otherwise.
#include "web/models.h"

#include "base/memory.h"
#include "gtp/gtp_handicap.h"
#include "net/learned.h"
#include "net/net_file.h"
#include "net/net_setting.h"
#include "web/put.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_HANDICAP = 9 };

struct file {
    char *path;
    const char *source;
    bool is_fine;
    struct net_meta meta;
    struct net_config shape;
};

struct models {
    struct runs *runs;
    struct file *files; // [MODELS_MAX_FILES]
    int num;
    pthread_mutex_t mutex;
    pthread_cond_t is_ready;
    bool is_read;
};

static void add_file(struct models *models, const char *path, const char *source) {
    if (models->num == MODELS_MAX_FILES) return;
    for (int i = 0; i < models->num; i++)
        if (!strcmp(models->files[i].path, path)) return;
    models->files[models->num++] = (struct file){.path = memory_text(path, "the models"), .source = source};
}

struct models *models_new(struct runs *runs, const char *const *files, int num_files, const char *const *folders,
                          int num_folders) {
    struct models *models = memory_new(1, sizeof *models, "the models");
    models->runs = runs;
    models->files = memory_new(MODELS_MAX_FILES, sizeof *models->files, "the models");
    pthread_mutex_init(&models->mutex, NULL);
    pthread_cond_init(&models->is_ready, NULL);
    for (int i = 0; i < num_files; i++) add_file(models, files[i], "file");
    // The first folder that is there has them all.
    for (int i = 0; i < num_folders; i++) {
        char **names, path[PATH_BYTES];
        int num;
        if (!dir_exists(folders[i]) || dir_list(folders[i], ".safetensors", &names, &num)) continue;
        for (int k = 0; k < num; k++) add_file(models, path_format(path, "%s/%s", folders[i], names[k]), "shipped");
        free(names);
        if (num) break;
    }
    return models;
}

void models_free(struct models *models) {
    if (!models) return;
    for (int i = 0; i < models->num; i++) free(models->files[i].path);
    pthread_mutex_destroy(&models->mutex);
    pthread_cond_destroy(&models->is_ready);
    free(models->files);
    free(models);
}

void models_read(struct models *models) {
    for (int i = 0; i < models->num; i++) {
        struct file *file = &models->files[i];
        struct net *net;
        if (net_load(&net, file->path)) continue;
        file->meta = net->meta;
        file->shape = net->config;
        file->is_fine = game_find(net->meta.game) != NULL;
        net_free(net);
        // A shipped net that the user named, too, is there once.
        for (int k = 0; k < i; k++)
            if (models->files[k].is_fine && !strcmp(models->files[k].meta.digest, file->meta.digest)) file->is_fine = false;
    }
    pthread_mutex_lock(&models->mutex);
    models->is_read = true;
    pthread_cond_broadcast(&models->is_ready);
    pthread_mutex_unlock(&models->mutex);
}

static void wait_for_files(struct models *models) {
    pthread_mutex_lock(&models->mutex);
    while (!models->is_read) pthread_cond_wait(&models->is_ready, &models->mutex);
    pthread_mutex_unlock(&models->mutex);
}

// "go7" of "models/go7.safetensors".
static void short_name(const char *path, char out[300]) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    snprintf(out, 300, "%.*s", (int)(dot ? dot - name : (long)strlen(name)), name);
}

// The board and the rules on which a net has seen most games.
static void usual_board(const struct net_meta *meta, struct models_found *out) {
    const struct net_learned *most = NULL;
    for (int i = 0; i < meta->num_learned; i++)
        if (!most || meta->learned[i].games > most->games) most = &meta->learned[i];
    out->height = most ? most->height : meta->max_size;
    out->width = most ? most->width : meta->max_size;
    out->komi = GAME_KOMI_DEFAULT;
    snprintf(out->rules, sizeof out->rules, "%s", most ? most->rules : "");
    struct game game;
    // Oblong boards (Connect Four's) are not in a net's side lengths; the game knows its own.
    const struct game_options options = {.height = out->height, .width = out->width, .komi = GAME_KOMI_DEFAULT};
    char heard[200];
    status_hear(heard, sizeof heard);
    if (game_open(&game, meta->game, &options)) out->height = out->width = 0;
    status_heard();
}

// Reads digits without sign or leading zeros. False: it is no such number.
static bool read_digits(const char *text, size_t n, long long *out) {
    if (n == 0 || n > 15 || (text[0] == '0' && n > 1)) return false;
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)text[i])) return false;
        *out = 10 * *out + (text[i] - '0');
    }
    return true;
}

static bool find_file(struct models *models, long long index, struct models_found *out) {
    if (index >= models->num || !models->files[index].is_fine) return false;
    const struct file *file = &models->files[index];
    path_format(out->path, "%s", file->path);
    short_name(file->path, out->name);
    out->meta = file->meta;
    usual_board(&file->meta, out);
    return true;
}

static bool find_net(struct models *models, long long run, long long step, struct models_found *out) {
    struct runs_nets *nets = memory_new(1, sizeof *nets, "the nets of a run");
    bool found = run < runs_count(models->runs) && runs_read_nets(models->runs, (int)run, nets), is_listed = step < 0;
    for (int i = 0; found && i < nets->num_steps; i++) is_listed |= nets->steps[i] == step;
    found = found && is_listed;
    if (found) {
        const char *path = runs_path(models->runs, (int)run);
        if (step < 0)
            path_format(out->path, "%s/%s", path, nets->best);
        else
            path_format(out->path, "%s/nets/%06lld.safetensors", path, step);
        if (step < 0)
            snprintf(out->name, sizeof out->name, "%.250s", path);
        else
            snprintf(out->name, sizeof out->name, "%.250s, step %lld", path, step);
        out->meta = nets->meta;
        out->height = nets->height;
        out->width = nets->width;
        out->komi = nets->komi;
        snprintf(out->rules, sizeof out->rules, "%s", nets->rules);
    }
    free(nets);
    return found;
}

bool models_find(struct models *models, const char *id, struct models_found *out) {
    long long index, step = -1;
    const size_t n = strlen(id);
    const char *dash = strchr(id, '-');
    *out = (struct models_found){.komi = GAME_KOMI_DEFAULT};
    if (n < 2 || n >= MODELS_ID_BYTES || (*id != 'r' && *id != 'f')) return false;
    if (!read_digits(id + 1, dash ? (size_t)(dash - id - 1) : n - 1, &index)) return false;
    if (dash && (*id == 'f' || !read_digits(dash + 1, strlen(dash + 1), &step))) return false;
    wait_for_files(models);
    snprintf(out->id, sizeof out->id, "%s", id);
    return *id == 'f' ? find_file(models, index, out) : find_net(models, index, step, out);
}

// ---- the list ----

static cJSON *make_levels(const struct net_meta *meta) {
    cJSON *list = cJSON_CreateArray();
    for (int i = 1; i <= NET_LEVELS; i++) {
        const struct net_setting setting = net_level(meta, i);
        char text[NET_SETTING_BYTES], rank[NET_RANK_BYTES];
        cJSON *level = cJSON_CreateObject();
        put_integer(level, "level", i);
        put_text(level, "text", net_setting_text(&setting, text));
        put_integer(level, "visits", setting.visits);
        put_number(level, "elo", setting.elo);
        put_number(level, "low", isnan(setting.elo) ? NAN : setting.low);
        put_number(level, "high", isnan(setting.elo) ? NAN : setting.high);
        put_text(level, "rank", net_rank_text(meta, &setting, rank));
        cJSON_AddItemToArray(list, level);
    }
    return list;
}

static cJSON *make_defaults(const struct models_found *found, struct game *game, bool *is_fine) {
    const struct game_options options = {
        .height = found->height, .width = found->width, .komi = found->komi, .rules = found->rules[0] ? found->rules : NULL};
    *is_fine = game_open(game, found->meta.game, &options) == STATUS_OK;
    if (!*is_fine) return NULL;
    cJSON *object = cJSON_CreateObject();
    put_integer(object, "height", game->height);
    put_integer(object, "width", game->width);
    put_number(object, "komi", game->has_komi ? game->komi : NAN);
    put_text(object, "rules", game->rules && *game->rules ? game->rules : NULL);
    return object;
}

static void add_size(cJSON *sizes, int height, int width) {
    for (const cJSON *size = sizes->child; size; size = size->next)
        if (size->child->valueint == height && size->child->next->valueint == width) return;
    cJSON *pair = cJSON_CreateArray();
    cJSON_AddItemToArray(pair, cJSON_CreateNumber(height));
    cJSON_AddItemToArray(pair, cJSON_CreateNumber(width));
    cJSON_AddItemToArray(sizes, pair);
}

// The sets of rules to offer: the net's own, and in games that have several the usual ones that can
// be opened.
static void add_rules(cJSON *rules, const struct game *game) {
    static const char *const usual[] = {"chinese",      "japanese", "aga",       "new-zealand",
                                        "tromp-taylor", "standard", "freestyle", "swap"};
    struct game other;
    if (!game->rules || !*game->rules) return;
    cJSON_AddItemToArray(rules, cJSON_CreateString(game->rules));
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        const struct game_options options = {
            .height = game->height, .width = game->width, .komi = GAME_KOMI_DEFAULT, .rules = usual[i]};
        bool is_new = game_open(&other, game->type->name, &options) == STATUS_OK;
        for (const cJSON *have = rules->child; have && is_new; have = have->next)
            is_new = strcmp(have->valuestring, other.rules) != 0;
        if (is_new) cJSON_AddItemToArray(rules, cJSON_CreateString(other.rules));
    }
}

static void put_boards(cJSON *object, const struct models_found *found) {
    struct game game;
    uint16_t points[MOST_HANDICAP];
    bool is_fine;
    int most = 0;
    char heard[200];
    status_hear(heard, sizeof heard); // that a game lacks some rules is no fault
    put_object(object, "defaults", make_defaults(found, &game, &is_fine));
    cJSON *sizes = cJSON_AddArrayToObject(object, "sizes"), *rules = cJSON_AddArrayToObject(object, "rules");
    for (int i = 0; i < found->meta.num_learned; i++)
        add_size(sizes, found->meta.learned[i].height, found->meta.learned[i].width);
    if (is_fine) add_size(sizes, game.height, game.width);
    if (is_fine) add_rules(rules, &game);
    status_heard();
    for (int n = 2; is_fine && game.agreement != AGREEMENT_NONE && n <= MOST_HANDICAP; n++)
        if (gtp_handicap_points(game.width, game.height, n, points)) most = n;
    put_flag(object, "has_komi", is_fine && game.has_komi);
    put_flag(object, "has_handicap", most > 0);
    put_integer(object, "max_handicap", most);
}

static cJSON *make_learned(const struct net_meta *meta) {
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < meta->num_learned; i++) {
        const struct net_learned *entry = &meta->learned[i];
        cJSON *object = cJSON_CreateObject();
        put_integer(object, "height", entry->height);
        put_integer(object, "width", entry->width);
        put_text(object, "rules", entry->rules[0] ? entry->rules : NULL);
        put_number(object, "games", entry->games >= 0 ? (double)entry->games : NAN);
        cJSON_AddItemToArray(list, object);
    }
    return list;
}

static cJSON *make_model(const struct models_found *found, const char *source, int run, const struct net_config *shape) {
    const struct net_meta *meta = &found->meta;
    const struct game_type *type = game_find(meta->game);
    cJSON *object = cJSON_CreateObject();
    put_text(object, "id", found->id);
    put_text(object, "name", found->name);
    put_text(object, "source", source);
    put_number(object, "run", run >= 0 ? run : NAN);
    put_text(object, "game", meta->game);
    put_text(object, "title", type ? type->title : meta->game);
    put_integer(object, "min_size", meta->min_size);
    put_integer(object, "max_size", meta->max_size);
    put_integer(object, "blocks", shape->blocks);
    put_integer(object, "channels", shape->channels);
    put_integer(object, "parameters", meta->parameters);
    put_integer(object, "step", meta->step);
    put_text(object, "digest", meta->digest);
    put_text(object, "strength", meta->strength[0] ? meta->strength : NULL);
    put_boards(object, found);
    put_object(object, "learned", make_learned(meta));
    put_object(object, "levels", make_levels(meta));
    return object;
}

static cJSON *make_checkpoints(const struct runs_nets *nets, int run) {
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < nets->num_steps; i++) {
        char id[MODELS_ID_BYTES], file[64];
        cJSON *object = cJSON_CreateObject();
        snprintf(id, sizeof id, "r%d-%lld", run, nets->steps[i]);
        snprintf(file, sizeof file, "nets/%06lld.safetensors", nets->steps[i]);
        put_text(object, "id", id);
        put_integer(object, "step", nets->steps[i]);
        put_flag(object, "is_best", !strcmp(file, nets->best));
        cJSON_AddItemToArray(list, object);
    }
    return list;
}

cJSON *models_list(struct models *models) {
    cJSON *list = cJSON_CreateArray();
    struct runs_nets *nets = memory_new(1, sizeof *nets, "the nets of a run");
    struct models_found *found = memory_new(1, sizeof *found, "a model");
    char id[MODELS_ID_BYTES];
    for (int i = 0; i < runs_count(models->runs); i++) {
        snprintf(id, sizeof id, "r%d", i);
        if (!runs_read_nets(models->runs, i, nets) || !models_find(models, id, found)) continue;
        cJSON *object = make_model(found, "run", i, &nets->shape);
        put_object(object, "checkpoints", make_checkpoints(nets, i));
        cJSON_AddItemToArray(list, object);
    }
    wait_for_files(models);
    for (int i = 0; i < models->num; i++) {
        snprintf(id, sizeof id, "f%d", i);
        if (!models_find(models, id, found)) continue;
        cJSON *object = make_model(found, models->files[i].source, -1, &models->files[i].shape);
        put_object(object, "checkpoints", cJSON_CreateArray());
        cJSON_AddItemToArray(list, object);
    }
    free(nets);
    free(found);
    return list;
}
