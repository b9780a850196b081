// There is one rule for every tensor. It is seen as [groups, in, out]. The groups of a convolution
// are its nine points, and those of a dense layer behind a pooling are the three things that
// pooling computes. Other dense layers have one group, and a bias has one group of one input.
//
//                 old outputs     new outputs
//   old inputs    the parent's    as net_new made them
//   new inputs    zero            as net_new made them
//
// So an old unit gets from old units what it got before, and nothing from new ones. By induction
// its output is what it was.
//
// net_new starts the last convolution of a block and its bias at zero. So a new block adds nothing
// to the trunk, and its relu changes nothing, as the trunk is nowhere negative. The input weights
// of a new unit are random, so that training can make use of it.
#include "net/carry.h"

#include "net/learned.h"
#include "net/trunk.h"

#include <stdio.h>
#include <string.h>

struct blocked {
    size_t groups, in, out;
};

// Whether it is a dense layer behind a pooling, whose rows are [3, width].
static bool follows_pooling(const struct net_tensor *t) {
    return strstr(t->name, ".pool.weight") || !strcmp(t->name, "policy.globals.weight") ||
           !strcmp(t->name, "value.hidden.weight");
}

static struct blocked blocked_of(const struct net_tensor *t) {
    const size_t out = (size_t)t->dims[t->num_dims - 1], rows = t->count / out;
    const size_t groups = t->num_dims == 4 ? 9 : follows_pooling(t) ? 3 : 1;
    CHECK(rows % groups == 0);
    return (struct blocked){groups, rows / groups, out};
}

static bool is_carried(const struct net_tensor *t, bool is_whole) { return is_whole || net_in_trunk(t); }

static enum status check_shapes(const struct net *net, const struct net *parent, const char *path, bool is_whole) {
    const struct net_config *c = &net->config, *p = &parent->config;
    if (c->blocks < p->blocks || c->channels < p->channels)
        return status_fail(STATUS_USAGE,
                           "%s: this net has %d blocks of %d channels; a net made from it may have more, not %d of %d", path,
                           p->blocks, p->channels, c->blocks, c->channels);
    for (int i = 0; i < p->blocks; i++)
        if (trunk_block_pools(p, i) && !trunk_block_pools(c, i))
            return status_fail(STATUS_USAGE,
                               "%s: block %d of this net pools, so it must in a net made from it: pool-every %d, not %d", path,
                               i + 1, p->pool_every, c->pool_every);
    if (is_whole && (c->head_channels < p->head_channels || c->value_hidden < p->value_hidden))
        return status_fail(
            STATUS_USAGE,
            "%s: this net has heads of %d channels and %d hidden units; a net made from it may have more, not %d and %d", path,
            p->head_channels, p->value_hidden, c->head_channels, c->value_hidden);
    return STATUS_OK;
}

// A file may claim anything, so this is checked even where the game's name is the same. One side
// may have no global actions, since they depend on the rules (the swap of Hex).
static enum status check_ends(const struct net *net, const struct net *parent, const char *path) {
    const struct net_config *c = &net->config, *p = &parent->config;
    const bool same_actions =
        !c->num_global_actions || !p->num_global_actions || c->num_global_actions == p->num_global_actions;
    if (c->num_planes == p->num_planes && c->num_globals == p->num_globals && c->policy_planes == p->policy_planes &&
        c->has_score == p->has_score && c->has_ownership == p->has_ownership && same_actions)
        return STATUS_OK;
    return status_fail(STATUS_UNSUPPORTED, "%s: this net was made for another encoding of %s", path, net->meta.game);
}

// Applies the rule above to the parent's tensor `from` and the net's tensor `to`.
static void carry_tensor(const struct blocked *from, const float *old, const struct blocked *to, float *new) {
    CHECK(from->groups == to->groups && from->in <= to->in && from->out <= to->out);
    for (size_t g = 0; g < to->groups; g++)
        for (size_t i = 0; i < to->in; i++) {
            float *row = new + (g * to->in + i) * to->out;
            if (i < from->in)
                memcpy(row, old + (g * from->in + i) * from->out, from->out * sizeof *row);
            else
                memset(row, 0, from->out * sizeof *row);
        }
}

// Makes sure that a tensor which the parent does not have does not change the outputs. A new
// pooling in an old block acts through its own weights, which become zero. New blocks act through
// conv2, which net_new has left at zero, and new outputs of heads act on nothing that was there
// before.
static void silence(const struct net *net, const struct net_tensor *t, const struct net *parent) {
    for (int i = 0; i < parent->config.blocks; i++) {
        char name[64];
        snprintf(name, sizeof name, "trunk.block%d.pool.weight", i + 1);
        if (!strcmp(t->name, name)) memset(net->weights + t->offset, 0, t->count * sizeof *net->weights);
    }
}

static void describe(struct net_carried *carried, const struct net_config *p, const struct net_config *c) {
    char grown[80] = "";
    if (c->blocks > p->blocks || c->channels > p->channels)
        snprintf(grown, sizeof grown, ", grown from %dx%d to %dx%d", p->blocks, p->channels, c->blocks, c->channels);
    else if (carried->is_grown)
        snprintf(grown, sizeof grown, ", with wider heads");
    snprintf(carried->text, sizeof carried->text, "%s%s%s",
             carried->is_whole ? "all weights" : "the trunk's weights (stem and heads are new)", grown,
             carried->is_grown ? ", which computes the same" : "");
}

static void add_ancestor(struct net_meta *meta, const struct net *parent, const char *carried) {
    const struct net_meta *p = &parent->meta;
    memcpy(meta->parent, p->digest, sizeof meta->parent);
    memcpy(meta->ancestors[1], p->ancestors[0], sizeof meta->ancestors - sizeof meta->ancestors[0]);
    snprintf(meta->ancestors[0], sizeof meta->ancestors[0], "%s %s %d-%d %dx%d step %lld games %lld: %s", p->digest,
             p->game[0] ? p->game : "?", p->min_size, p->max_size, parent->config.blocks, parent->config.channels, p->step,
             p->games, carried);
}

enum status net_carry(struct net *net, const struct net *parent, const char *path, struct net_carried *out) {
    const struct net_config *c = &net->config, *p = &parent->config;
    *out = (struct net_carried){.is_whole = !strcmp(net->meta.game, parent->meta.game)};
    if (out->is_whole) TRY(check_ends(net, parent, path));
    TRY(check_shapes(net, parent, path, out->is_whole));
    out->is_grown = c->blocks > p->blocks;
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *t = &net->tensors[i], *had = net_find(parent, t->name);
        if (!is_carried(t, out->is_whole)) continue;
        if (!had) {
            silence(net, t, parent);
            continue;
        }
        const struct blocked from = blocked_of(had), to = blocked_of(t);
        carry_tensor(&from, parent->weights + had->offset, &to, net->weights + t->offset);
        out->is_grown |= to.in > from.in || to.out > from.out;
    }
    // What the trunk alone knew of another game is no knowledge of this one.
    for (int i = 0; out->is_whole && i < parent->meta.num_learned; i++) {
        const struct net_learned *had = &parent->meta.learned[i];
        net_learned_add(&net->meta, had->height, had->width, had->rules, had->games, had->positions);
    }
    describe(out, p, c);
    add_ancestor(&net->meta, parent, out->text);
    return STATUS_OK;
}

bool net_ancestor_read(const char *text, struct net_ancestor *out) {
    int used = 0;
    const int got = sscanf(text, "%64s %31s %d-%d %dx%d step %lld games %lld: %n", out->digest, out->game, &out->min_size,
                           &out->max_size, &out->blocks, &out->channels, &out->step, &out->games, &used);
    if (got != 8 || !used || strlen(text + used) >= sizeof out->carried) return false;
    memcpy(out->carried, text + used, strlen(text + used) + 1);
    return true;
}
