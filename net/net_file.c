// Nets as safetensors files. The digest in the metadata covers the architecture and the weights, so
// that any altered byte of them is found.
#include "net/net_file.h"

#include "base/files.h"
#include "base/memory.h"
#include "net/layers.h"
#include "net/learned.h"
#include "net/net.h"
#include "net/net_setting.h"
#include "net/safetensors.h"
#include "net/widen.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FORMAT_KIND "tengen net " // Its version follows.
#define FORMAT_NAME FORMAT_KIND "1"

struct texts {
    struct safetensors_text entries[40 + NET_MAX_ANCESTORS + NET_MAX_LEARNED + NET_MAX_SETTINGS];
    int num;
};

__attribute__((format(printf, 3, 4))) static void text_add(struct texts *texts, const char *key, const char *format, ...) {
    struct safetensors_text *text = &texts->entries[texts->num++];
    snprintf(text->key, sizeof text->key, "%s", key);
    va_list list;
    va_start(list, format);
    vsnprintf(text->value, sizeof text->value, format, list);
    va_end(list);
}

// The fields of a config with their names in files, and the range that a file may have.
struct config_field {
    const char *key;
    size_t offset;
    int low, high;
};
#define FIELD(name, low, high)                                                                                                 \
    { #name, offsetof(struct net_config, name), low, high }
static const struct config_field config_fields[] = {
    FIELD(num_planes, 1, 1024),       FIELD(num_globals, 0, 1024),   FIELD(policy_planes, 1, 256),
    FIELD(num_global_actions, 0, 64), FIELD(blocks, 0, 256),         FIELD(channels, 1, 2048),
    FIELD(pool_every, 0, 256),        FIELD(head_channels, 1, 1024), FIELD(value_hidden, 1, 4096),
};
enum { NUM_FIELDS = sizeof config_fields / sizeof config_fields[0] };

static int *field_of(struct net_config *c, int i) { return (int *)(void *)((char *)c + config_fields[i].offset); }

static enum status check_weights(const struct net *net, const char *path) {
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        for (size_t k = 0; k < t->count; k++) {
            const float weight = net->weights[t->offset + k];
            if (!(fabsf(weight) <= NET_FILE_MAX_WEIGHT)) // which is also true of NaN
                return status_fail(STATUS_FORMAT, "%s: tensor %s holds %g, which is no weight of a net: those lie within +-%g",
                                   path, t->name, weight, NET_FILE_MAX_WEIGHT);
        }
    }
    return STATUS_OK;
}

// The key of an entry of a list, "learned3".
static char *numbered(char key[32], const char *name, int i) {
    snprintf(key, 32, "%s%d", name, i + 1);
    return key;
}

static void add_lists(struct texts *texts, const struct net_meta *m) {
    char key[32], text[256];
    for (int i = 0; i < NET_MAX_ANCESTORS && m->ancestors[i][0]; i++)
        text_add(texts, numbered(key, "ancestor", i), "%s", m->ancestors[i]);
    for (int i = 0; i < m->num_learned; i++)
        text_add(texts, numbered(key, "learned", i), "%s", net_learned_text(&m->learned[i], text, sizeof text));
    for (int i = 0; i < m->num_settings; i++)
        text_add(texts, numbered(key, "setting", i), "%s", net_setting_entry(&m->settings[i], text, sizeof text));
    if (m->num_settings) text_add(texts, "settings_scale", "%s", m->settings_scale);
}

enum status net_save(struct net *net, const char *path) {
    struct texts texts = {.num = 0};
    struct net_meta *m = &net->meta;

    TRY(check_weights(net, path));
    net_digest(net, m->digest);
    m->parameters = net_parameters(net);
    text_add(&texts, "format", FORMAT_NAME);
    text_add(&texts, "game", "%s", m->game);
    text_add(&texts, "sizes", "%d-%d", m->min_size, m->max_size);
    text_add(&texts, "min_size", "%d", m->min_size);
    text_add(&texts, "max_size", "%d", m->max_size);
    text_add(&texts, "architecture", "%s %dx%d", layers_architecture(&net->config)->name, net->config.blocks,
             net->config.channels);
    for (int i = 0; i < NUM_FIELDS; i++) text_add(&texts, config_fields[i].key, "%d", *field_of(&net->config, i));
    text_add(&texts, "has_score", "%d", net->config.has_score);
    text_add(&texts, "has_ownership", "%d", net->config.has_ownership);
    text_add(&texts, "step", "%lld", m->step);
    text_add(&texts, "games", "%lld", m->games);
    text_add(&texts, "samples", "%lld", m->samples);
    text_add(&texts, "parent", "%s", m->parent);
    add_lists(&texts, m);
    text_add(&texts, "seed", "%llu", m->seed);
    text_add(&texts, "program", "%s", m->program);
    text_add(&texts, "command", "%s", m->command);
    text_add(&texts, "machine", "%s", m->machine);
    text_add(&texts, "seconds", "%.0f", m->seconds);
    text_add(&texts, "strength", "%s", m->strength);
    text_add(&texts, "note", "%s", m->note);
    text_add(&texts, "digest", "%s", m->digest);
    struct safetensor *tensors = memory_new((size_t)net->num_tensors, sizeof *tensors, "a net's file");
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        tensors[i] = (struct safetensor){.num_dims = t->num_dims, .count = t->count, .data = net->weights + t->offset};
        memcpy(tensors[i].name, t->name, sizeof t->name);
        memcpy(tensors[i].dims, t->dims, sizeof t->dims);
    }
    const enum status status = safetensors_write(path, tensors, net->num_tensors, texts.entries, texts.num);
    free(tensors);
    return status;
}

static enum status read_config(const struct safetensors *file, struct net_config *c) {
    long long value;
    const char *architecture = safetensors_text(file, "architecture");
    if (!architecture) return status_fail(STATUS_FORMAT, "%s: no architecture in __metadata__", file->path);
    c->architecture = layers_find_architecture(architecture, strcspn(architecture, " "));
    if (c->architecture < 0)
        return status_fail(STATUS_FORMAT, "%s: its architecture is '%.40s', which this program does not know", file->path,
                           architecture);
    for (int i = 0; i < NUM_FIELDS; i++) {
        TRY(safetensors_integer(file, config_fields[i].key, config_fields[i].low, config_fields[i].high, &value));
        *field_of(c, i) = (int)value;
    }
    TRY(safetensors_integer(file, "has_score", 0, 1, &value));
    c->has_score = value;
    TRY(safetensors_integer(file, "has_ownership", 0, 1, &value));
    c->has_ownership = value;
    return STATUS_OK;
}

static enum status copy_text(const struct safetensors *file, const char *key, char *out, size_t out_bytes) {
    const char *text = safetensors_text(file, key);
    if (!text) return status_fail(STATUS_FORMAT, "%s: no %s in __metadata__", file->path, key);
    if (strlen(text) >= out_bytes) return status_fail(STATUS_FORMAT, "%s: %s in __metadata__ is too long", file->path, key);
    memcpy(out, text, strlen(text) + 1);
    return STATUS_OK;
}

// Reads a text that is empty where the file is older than the field.
static enum status copy_later_text(const struct safetensors *file, const char *key, char *out, size_t out_bytes) {
    out[0] = 0;
    return safetensors_text(file, key) ? copy_text(file, key, out, out_bytes) : STATUS_OK;
}

// An entry that is none that this program writes is left out, as one of another version might be.
static enum status read_lists(const struct safetensors *file, struct net_meta *m) {
    char key[32];
    const char *text;
    struct net_setting setting;
    for (int i = 0; i < NET_MAX_ANCESTORS; i++)
        TRY(copy_later_text(file, numbered(key, "ancestor", i), m->ancestors[i], sizeof m->ancestors[i]));
    for (int i = 0; i < NET_MAX_LEARNED && (text = safetensors_text(file, numbered(key, "learned", i))); i++)
        if (net_learned_read(text, &m->learned[m->num_learned])) m->num_learned++;
    for (int i = 0; i < NET_MAX_SETTINGS && (text = safetensors_text(file, numbered(key, "setting", i))); i++)
        if (net_setting_read(text, &setting)) net_settings_add(m, &setting);
    net_learned_derive(m);
    return copy_later_text(file, "settings_scale", m->settings_scale, sizeof m->settings_scale);
}

static enum status read_meta(const struct safetensors *file, struct net_meta *m) {
    long long low, high;
    const long long most = 0x7fffffffffffffff;
    TRY(copy_text(file, "game", m->game, sizeof m->game));
    TRY(copy_text(file, "parent", m->parent, sizeof m->parent));
    TRY(copy_text(file, "digest", m->digest, sizeof m->digest));
    TRY(copy_text(file, "program", m->program, sizeof m->program));
    TRY(copy_text(file, "note", m->note, sizeof m->note));
    TRY(copy_later_text(file, "command", m->command, sizeof m->command));
    TRY(copy_later_text(file, "machine", m->machine, sizeof m->machine));
    TRY(copy_later_text(file, "strength", m->strength, sizeof m->strength));
    char number[32], *end;
    TRY(copy_later_text(file, "seconds", number, sizeof number));
    m->seconds = strtod(number, &end);
    if (*end || !(m->seconds >= 0 && m->seconds < 1e12))
        return status_fail(STATUS_FORMAT, "%s: seconds in __metadata__ is '%s'", file->path, number);
    TRY(safetensors_integer(file, "min_size", 0, GAME_MAX_SIDE, &low));
    TRY(safetensors_integer(file, "max_size", low, GAME_MAX_SIDE, &high));
    m->min_size = (int)low, m->max_size = (int)high;
    TRY(safetensors_integer(file, "step", 0, most, &m->step));
    TRY(safetensors_integer(file, "games", 0, most, &m->games));
    TRY(safetensors_integer(file, "samples", 0, most, &m->samples));
    char seed[32];
    TRY(copy_text(file, "seed", seed, sizeof seed));
    m->seed = strtoull(seed, &end, 10);
    if (end == seed || *end) return status_fail(STATUS_FORMAT, "%s: seed in __metadata__ is '%s'", file->path, seed);
    return read_lists(file, m);
}

static enum status read_weights(const struct safetensors *file, struct net *net) {
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i];
        const struct safetensor *in = safetensors_find(file, t->name);
        if (!in) return status_fail(STATUS_FORMAT, "%s: tensor %s is missing", file->path, t->name);
        if (in->num_dims != t->num_dims || memcmp(in->dims, t->dims, (size_t)t->num_dims * sizeof(int)))
            return status_fail(STATUS_FORMAT, "%s: tensor %s has another shape than the architecture gives it", file->path,
                               t->name);
        memcpy(net->weights + t->offset, in->data, t->count * sizeof(float));
    }
    if (file->num_tensors != net->num_tensors)
        return status_fail(STATUS_FORMAT, "%s: %d tensors where the architecture has %d", file->path, file->num_tensors,
                           net->num_tensors);
    char digest[65];
    net_digest(net, digest);
    if (strcmp(digest, net->meta.digest))
        return status_fail(STATUS_FORMAT, "%s: the digest does not match: the file was altered", file->path);
    net->meta.parameters = net_parameters(net);
    return check_weights(net, file->path);
}

// A file that lies about its architecture must not make us take memory that it does not fill.
static enum status check_bytes(const struct safetensors *file, const struct net_config *c) {
    size_t count = 0;
    struct net shape = {.config = *c};
    layers_make(&shape);
    for (int i = 0; i < file->num_tensors; i++) count += file->tensors[i].count;
    const bool fits = net_parameters(&shape) <= (long long)count;
    layers_free(&shape);
    if (fits) return STATUS_OK;
    return status_fail(STATUS_FORMAT, "%s: %dx%d channels don't fit into the file", file->path, c->blocks, c->channels);
}

enum status net_file_is_net(const char *path, bool *is_net) {
    // The length of the header, and then the header, which begins with the metadata.
    static const char kind[] = "\"format\":\"" FORMAT_KIND;
    char begin[65536];
    int file;
    *is_net = false;
    TRY(file_open(path, &file, NULL));
    const ssize_t got = pread(file, begin, sizeof begin, 0);
    const int why = errno;
    close(file);
    if (got < 0) return status_fail(STATUS_IO, "%s: can't read: %s", path, strerror(why));
    *is_net = got > 9 && begin[8] == '{' && memmem(begin + 8, (size_t)got - 8, kind, sizeof kind - 1);
    return STATUS_OK;
}

enum status net_load(struct net **out, const char *path) {
    *out = NULL;
    struct safetensors file;
    struct net_config config = {0};
    struct net *net = NULL;
    TRY(safetensors_read(&file, path));
    enum status status = STATUS_OK;
    const char *format = safetensors_text(&file, "format");
    if (!format || strcmp(format, FORMAT_NAME)) {
        status = status_fail(STATUS_FORMAT, "%s: its format is '%.40s', this program reads '" FORMAT_NAME "'", path,
                             format ? format : "not given");
        goto out;
    }
    if ((status = read_config(&file, &config))) goto out;
    if ((status = check_bytes(&file, &config))) goto out;
    if ((status = net_new(&net, &config, NULL))) goto out;
    if ((status = read_meta(&file, &net->meta))) goto out;
    if ((status = read_weights(&file, net))) goto out;
    status = net_widen_to_game(&net);
out:
    safetensors_done(&file);
    if (status)
        net_free(net);
    else
        *out = net;
    return status;
}

// Describes which inputs and outputs differ from the game's: "5 planes, not 6; 0 global actions,
// not 1".
static void describe_differences(const struct net_config *c, const struct game *game, char out[200]) {
    const struct {
        const char *name;
        int net, game;
    } shapes[] = {{"planes", c->num_planes, game->num_planes},
                  {"globals", c->num_globals, game->num_globals},
                  {"policy planes", c->policy_planes, game->policy_planes},
                  {"global actions", c->num_global_actions, game->num_global_actions}};
    out[0] = 0;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (shapes[i].net != shapes[i].game)
            snprintf(out + strlen(out), 200 - strlen(out), "%s%d %s, not %d", *out ? "; " : "", shapes[i].net, shapes[i].name,
                     shapes[i].game);
}

enum status net_check_game(const struct net *net, const struct game *game, const char *path) {
    const struct net_config *c = &net->config;
    const char *name = game->type->name;
    if (net->meta.game[0] && strcmp(net->meta.game, name))
        return status_fail(STATUS_UNSUPPORTED, "%s: this net plays %s, not %s", path, net->meta.game, name);
    if (c->num_planes != game->num_planes || c->num_globals != game->num_globals || c->policy_planes != game->policy_planes ||
        c->num_global_actions != game->num_global_actions) {
        char differences[200];
        describe_differences(c, game, differences);
        return status_fail(STATUS_UNSUPPORTED, "%s: this net was made for another encoding of %s (%s; other --rules?)", path,
                           name, differences);
    }
    return STATUS_OK;
}
