// One device's share of a training. Its runners each have a backend handle and a pass of their own,
// so that threads can compute shards side by side; the first one's weights are those that learn.
#include "net/replica.h"

#include "base/memory.h"
#include "net/train_parts.h"

#include "net/widen.h"

#include <math.h>
#include <stdlib.h>

enum status replica_open(struct replica *r, const struct train *t, const struct backend_spec *spec) {
    const size_t count = t->net->num_weights;
    r->runners = memory_new((size_t)t->runners_each, sizeof *r->runners, "a replica");
    r->num_runners = t->runners_each;
    atomic_init(&r->next, 0);
    for (int i = 0; i < r->num_runners; i++) {
        struct runner *runner = &r->runners[i];
        TRY(backend_open(&runner->backend, spec));
        CHECK(runner->backend->precision != PRECISION_F16);
        TRY(pass_new(&runner->pass, t->net, runner->backend, true, t->max_rows, t->height, t->width));
        runner->fresh = true;
    }
    struct backend *b = replica_primary(r)->backend;
    TRY(b->verbs->alloc(b, count, &r->total));
    for (int i = 0; i < NUM_STATES; i++) TRY(b->verbs->alloc(b, count, &r->states[i]));
    b->verbs->upload(b, r->states[STATE_AVERAGE], t->net->weights, count);
    return muon_init(&r->muon, b, t->net);
}

void replica_close(struct replica *r) {
    if (!r->runners) return;
    struct backend *b = replica_primary(r)->backend;
    if (b) {
        b->verbs->release(b, r->total);
        muon_done(&r->muon);
        for (int i = 0; i < NUM_STATES; i++) b->verbs->release(b, r->states[i]);
    }
    for (int i = 0; i < r->num_runners; i++) {
        pass_free(r->runners[i].pass);
        backend_close(r->runners[i].backend);
    }
    free(r->runners);
}

void replica_upload(struct replica *r, const struct net *net) {
    for (int i = 0; i < r->num_runners; i++) r->runners[i].fresh = false;
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

void runner_run(struct runner *runner, const struct net *net, const struct batch *b, const double scales[NUM_LOSSES],
                bool wants_gradient, struct shard_sums *sums) {
    if (!runner->fresh) pass_weights(runner->pass, net->weights);
    runner->fresh = true;
    pass_input(runner->pass, (struct image){b->n, b->height, b->width}, b->planes, b->globals, fills_frame(b) ? NULL : b->mask);
    pass_forward(runner->pass);
    losses_run(runner->pass, b, scales);
    if (wants_gradient) pass_backward(runner->pass);
    sum_rows(b, sums); // while a card computes
    losses_read(runner->pass, sums->losses);
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
    // Averaging equal numbers may round to another number, so frozen tensors are left out.
    for (int i = 0; i < net->num_tensors && step->freeze_trunk; i++) {
        const struct net_tensor *w = &net->tensors[i];
        if (!net_in_trunk(w)) v->average(b, w->count, step->average_decay, weights + w->offset, average + w->offset);
    }
    for (int i = 1; i < r->num_runners; i++) r->runners[i].fresh = false;
}
