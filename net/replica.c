// One device's share of a training: its weights, its optimiser state, and the slots that compute shards.
#include "net/replica.h"

#include "net/train_parts.h"

#include "net/widen.h"

#include <math.h>
#include <stdlib.h>

enum status replica_open(struct replica *r, const struct train *t, const struct backend_spec *spec) {
    const size_t count = t->net->num_weights;
    r->slots = calloc((size_t)t->slots_each, sizeof *r->slots);
    if (!r->slots) return status_fail(STATUS_MEMORY, "train: out of memory");
    r->num_slots = t->slots_each;
    atomic_init(&r->next, 0);
    for (int i = 0; i < r->num_slots; i++) {
        struct slot *slot = &r->slots[i];
        TRY(backend_open(&slot->backend, spec));
        CHECK(slot->backend->precision != PRECISION_F16);
        TRY(pass_new(&slot->pass, t->net, slot->backend, true, t->max_rows, t->height, t->width));
        slot->fresh = true;
    }
    struct backend *b = replica_primary(r)->backend;
    TRY(b->verbs->alloc(b, count, &r->total));
    for (int i = 0; i < NUM_STATES; i++) TRY(b->verbs->alloc(b, count, &r->states[i]));
    b->verbs->upload(b, r->states[STATE_AVERAGE], t->net->weights, count);
    return muon_init(&r->muon, b, t->net);
}

void replica_close(struct replica *r) {
    if (!r->slots) return;
    struct backend *b = replica_primary(r)->backend;
    if (b) {
        b->verbs->release(b, r->total);
        muon_done(&r->muon);
        for (int i = 0; i < NUM_STATES; i++) b->verbs->release(b, r->states[i]);
    }
    for (int i = 0; i < r->num_slots; i++) {
        pass_free(r->slots[i].pass);
        backend_close(r->slots[i].backend);
    }
    free(r->slots);
}

void replica_upload(struct replica *r, const struct net *net) {
    for (int i = 0; i < r->num_slots; i++) r->slots[i].fresh = false;
    pass_weights(replica_primary(r)->pass, net->weights);
    replica_primary(r)->fresh = true;
}

static bool fills_frame(const struct batch *b) {
    const size_t count = (size_t)b->n * (size_t)b->height * (size_t)b->width;
    for (size_t i = 0; i < count; i++)
        if (b->mask[i] == 0) return false;
    return true;
}

static void sum_rows(const struct batch *b, struct shard_sums *sums) {
    for (int kind = 0; kind < NUM_LOSSES; kind++) {
        sums->weights[kind] = 0;
        for (int i = 0; i < b->n; i++) sums->weights[kind] += b->weights[kind][i];
    }
    sums->entropy = 0;
    for (int i = 0; i < b->n; i++) {
        const float weight = b->weights[LOSS_POLICY][i], *target = batch_target(b, LOSS_POLICY, i);
        if (weight == 0) continue;
        double entropy = 0;
        for (int k = 0; k < b->actions; k++) {
            const float p = target[k];
            if (p > 0) entropy -= p * logf(p);
        }
        sums->entropy += weight * entropy;
    }
}

void slot_run(struct slot *slot, const struct net *net, const struct batch *b, const double scales[NUM_LOSSES],
              bool wants_gradient, struct shard_sums *sums) {
    if (!slot->fresh) pass_weights(slot->pass, net->weights);
    slot->fresh = true;
    pass_input(slot->pass, (struct image){b->n, b->height, b->width}, b->planes, b->globals, fills_frame(b) ? NULL : b->mask);
    pass_forward(slot->pass);
    losses_run(slot->pass, b, scales);
    if (wants_gradient) pass_backward(slot->pass);
    sum_rows(b, sums); // while a card goes forward and backward
    losses_read(slot->pass, sums->losses);
}

void replica_step(struct replica *r, const struct net *net, const struct optimiser_step *step) {
    struct backend *b = replica_primary(r)->backend;
    const struct backend_verbs *v = b->verbs;
    float *weights = replica_primary(r)->pass->weights, *average = r->states[STATE_AVERAGE];
    for (int i = 0; i < net->num_tensors; i++) {
        const struct net_tensor *w = &net->tensors[i];
        const float *gradient = r->total + w->offset;
        float *mean = r->states[STATE_MEAN] + w->offset;
        if (step->freeze_trunk && net_in_trunk(w)) continue;
        if (w->hidden && step->muon.momentum > 0) {
            const int cols = w->dims[w->num_dims - 1];
            muon_update(&r->muon, (int)(w->count / (size_t)cols), cols, step->muon, gradient, weights + w->offset, mean);
            continue;
        }
        struct adamw_step adamw = step->adamw;
        if (!w->decays) adamw.decay = 0;
        v->adamw(b, w->count, adamw, gradient, weights + w->offset, mean, r->states[STATE_VARIANCE] + w->offset);
    }
    v->weights_changed(b);
    if (!step->freeze_trunk) v->average(b, net->num_weights, step->average_decay, weights, average);
    for (int i = 0; i < net->num_tensors && step->freeze_trunk; i++) { // the mean of equal numbers may be rounded to another
        const struct net_tensor *w = &net->tensors[i];
        if (!net_in_trunk(w)) v->average(b, w->count, step->average_decay, weights + w->offset, average + w->offset);
    }
    for (int i = 1; i < r->num_slots; i++) r->slots[i].fresh = false;
}
