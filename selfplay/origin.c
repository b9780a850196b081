// A run's net is settled in three steps: find what the run has begun with and what is asked for,
// open or refuse it, and give its weights to the new net.
#include "selfplay/origin.h"

#include "net/model_path.h"

#include <stdio.h>
#include <string.h>

enum status origin_load(const char *from, struct net **out) {
    char path[PATH_BYTES];
    TRY(model_resolve(from, path));
    return net_load(out, path);
}

// The same words name the same net, even where its file is gone or where, in a run folder, another
// net is the best by now. Other words may also name it.
static enum status check_same(const struct run_summary *held, const char *path, const char *from) {
    if (!from[0] || !strcmp(from, held->from)) return STATUS_OK;
    if (!held->from[0])
        return status_fail(STATUS_USAGE, "%s: holds a run that began from nothing; --from %s is for a new one", path, from);
    struct net *other;
    TRY(origin_load(from, &other));
    const bool same = !strcmp(other->meta.digest, held->parent);
    net_free(other);
    return same ? STATUS_OK
                : status_fail(STATUS_USAGE, "%s: holds a run that began from %s, not from %s", path, held->from, from);
}

// A kill came before the run had stored its first weights, so the parent is read again.
static enum status load_again(struct origin *o, const struct run_summary *held, const char *path, const char *from) {
    TRY(origin_load(from[0] ? from : held->from, &o->parent));
    if (!strcmp(o->parent->meta.digest, held->parent)) return STATUS_OK;
    return status_fail(STATUS_USAGE,
                       "%s: has not begun to learn, and %s is another net by now than the one it was made for; remove it", path,
                       held->from);
}

// A run's own net says what shape it has, even where config.ini is lost.
static enum status take_own_shape(struct origin *o, const struct run_summary *held, const char *path) {
    char file[PATH_BYTES];
    struct net *net;
    TRY(net_load(&net, path_format(file, "%.3900s/trainer-%06lld.net.safetensors", path, held->state.trainer_step)));
    o->has_shape = true;
    o->shape = net->config;
    net_free(net);
    return STATUS_OK;
}

static enum status find_in_run(struct origin *o, const struct run_summary *held, const char *path,
                               const struct config *config) {
    const char *from = config->from ? config->from : "";
    TRY(check_same(held, path, from));
    memcpy(o->from, held->from, sizeof o->from);
    memcpy(o->digest, held->parent, sizeof o->digest);
    o->is_whole = held->from_whole;
    if (held->state.trainer_step >= 0) return config_is_open(config) ? take_own_shape(o, held, path) : STATUS_OK;
    return held->from[0] ? load_again(o, held, path, from) : STATUS_OK;
}

static enum status find_new(struct origin *o, const struct config *config) {
    if (!config->from || !config->from[0]) return STATUS_OK;
    TRY(origin_load(config->from, &o->parent));
    path_format(o->from, "%s", config->from);
    memcpy(o->digest, o->parent->meta.digest, sizeof o->digest);
    o->is_whole = !strcmp(o->parent->meta.game, config->game);
    return STATUS_OK;
}

enum status origin_find(struct origin *o, const char *path, struct config *config) {
    struct run_summary held;
    *o = (struct origin){0};
    TRY(run_peek(path, &held));
    TRY(held.game[0] ? find_in_run(o, &held, path, config) : find_new(o, config));
    if (o->parent) o->has_shape = true, o->shape = o->parent->config;
    config->from = o->from;
    return STATUS_OK;
}

enum status origin_carry(struct origin *o, struct net *net) {
    if (!o->parent) return STATUS_OK;
    TRY(net_carry(net, o->parent, o->from, &o->carried));
    o->is_whole = o->carried.is_whole;
    o->labels[0] = (struct run_label){"from", o->from};
    o->labels[1] = (struct run_label){"parent", o->digest};
    o->labels[2] = (struct run_label){"carried", o->is_whole ? "all" : "trunk"};
    return STATUS_OK;
}

void origin_done(struct origin *o) {
    net_free(o->parent);
    o->parent = NULL;
}
