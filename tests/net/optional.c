// Laws of the verbs that a backend may leave out:
// 1. the trunk in one launch gives what the trunk layer by layer gives, to the rounding of its
//    activations;
// 2. a captured graph gives the same bytes as calling its verbs, with the weights of that moment:
//    after adamw, and after an upload;
// 3. captured passes judge as others do, whatever shapes come in between, and after other passes on
//    the backend were freed.
#include "net/pass.h"
#include "tests/net/support.h"

#include "tests/net/backends.h"

enum { ROWS = 5, FRAME = 7 };

struct fixture {
    const struct tested *t;
    struct net *net;
    struct backend *backend;
    const struct backend_verbs *v;
    struct batch *full, *masked;
};

static void fixture_open(struct fixture *f, const struct tested *t) {
    struct net_config config = small_config();
    struct rng rng;
    config.channels = 32, config.num_planes = 18;
    rng_init(&rng, 61, 0);
    f->t = t;
    f->net = tame_net(&config, 61);
    struct backend_spec spec = t->spec;
    spec.trunk = TRUNK_MEASURED;
    EXPECT_INT(backend_open(&f->backend, &spec), STATUS_OK);
    f->v = f->backend->verbs;
    EXPECT_INT(batch_new(&f->full, &config, ROWS, FRAME, FRAME), STATUS_OK);
    EXPECT_INT(batch_new(&f->masked, &config, ROWS, FRAME, FRAME), STATUS_OK);
    for (int i = 0; i < ROWS; i++) {
        random_row(f->full, &config, &rng, FRAME, FRAME);
        random_row(f->masked, &config, &rng, FRAME - i, FRAME - i / 2);
    }
}
static void fixture_close(struct fixture *f) {
    batch_free(f->full);
    batch_free(f->masked);
    backend_close(f->backend);
    net_free(f->net);
}

static void input(struct pass *p, const struct batch *b, int rows, bool masked) {
    pass_input(p, (struct image){rows, FRAME, FRAME}, b->planes, b->globals, masked ? b->mask : NULL);
}

// 1. The two ways round activations at the same places but sum in another order. So now and then a
//    number is rounded to its other neighbour, and the difference goes through the blocks. 2.2 u of
//    the largest number was measured in emulation, and 8 u is allowed.
static void trunk(const struct tested *t, const void *context) {
    struct fixture fixture, *f = &fixture;
    struct pass *p;
    fixture_open(f, t);
    EXPECT_INT(pass_new(&p, f->net, f->backend, false, ROWS, FRAME, FRAME), STATUS_OK);
    // On cards it computes in half precisions only.
    const bool tried = p->can_fuse && f->v->timer_start && t->rounding > 0;
    EXPECT((p->fused_seconds > 0 && p->layered_seconds > 0) == tried);
    EXPECT(p->fused == (tried ? p->fused_seconds < p->layered_seconds : p->can_fuse));
    const size_t count = (size_t)(ROWS * FRAME * FRAME * f->net->config.channels);
    float *layered = malloc(count * sizeof *layered), *fused = malloc(count * sizeof *fused);
    // full, masked, masked with other weights
    for (int round = 0; f->v->trunk_forward && round < 3; round++) {
        const struct image s = {ROWS, FRAME, FRAME};
        struct act *y = p->t[p->config.blocks];
        input(p, round ? f->masked : f->full, ROWS, round > 0);
        if (round == 2) {
            for (size_t i = 0; i < f->net->num_weights; i++) f->net->weights[i] *= 0.9f;
            pass_weights(p, f->net->weights);
        }
        p->can_fuse = false;
        pass_trunk(p);
        f->v->download_act(f->backend, s, f->net->config.channels, layered, y);
        f->v->clear_act(f->backend, s, f->net->config.channels, y);
        if (!p->architecture->run_fused(p, p->fused_trunk)) {
            fprintf(stderr, "%s: no trunk in one launch of this shape\n", t->label);
            break;
        }
        f->v->download_act(f->backend, s, f->net->config.channels, fused, y);
        double worst = 0, most = 0;
        for (size_t i = 0; i < count; i++) {
            EXPECT_(isfinite(fused[i]), "%s: the fused trunk gives %g", t->label, fused[i]);
            worst = test_worse(worst, fused[i], layered[i]);
            most = test_larger(most, layered[i]);
        }
        EXPECT(most > 0.1);
        printf("%s: the fused trunk differs by %.2g of the largest %.3g (%.2g u)\n", t->label, worst / most, most,
               worst / most / t->rounding);
        EXPECT_(worst <= 8 * t->rounding * most, "%s: the fused trunk differs by %g of %g", t->label, worst, most);
    }
    free(layered), free(fused);
    pass_free(p);
    fixture_close(f);
}

// 2. A little work of every kind that packs weights.
struct work {
    struct backend *b;
    const struct backend_verbs *v;
    struct act *x, *y, *z;
    float *w, *matrix, *bias, *mean, *variance, *area, *pooled;
};
enum { C = 16, WEIGHTS = 9 * C * C };
static const struct image WORK = {3, 5, 5};

static void work_run(struct work *k) {
    k->v->conv_forward(k->b, WORK, C, C, k->x, k->w, k->bias, k->x, true, NULL, k->y);
    k->v->point_forward(k->b, WORK, C, C, k->y, k->matrix, k->bias, true, NULL, k->z);
    k->v->pool_forward(k->b, WORK, C, k->z, k->area, k->pooled);
}
static void work_result(struct work *k, float out[3 * 3 * C]) {
    k->v->download(k->b, out, k->pooled, 3 * 3 * C);
    k->v->fill(k->b, k->pooled, NAN, 3 * 3 * C);
}
static void expect_same(struct work *k, const char *label, const struct device_graph *graph, const char *when) {
    float run[3 * 3 * C], launched[3 * 3 * C];
    work_run(k);
    work_result(k, run);
    k->v->clear_act(k->b, WORK, C, k->z);
    k->v->graph_launch(k->b, graph);
    work_result(k, launched);
    EXPECT_(!memcmp(run, launched, sizeof run), "%s: the graph %s gives %g, running it %g", label, when, launched[0], run[0]);
}

static void captured(const struct tested *t, const void *context) {
    struct work work = {0}, *k = &work;
    struct rng rng;
    float host[WEIGHTS];
    EXPECT_INT(backend_open(&k->b, &t->spec), STATUS_OK);
    k->v = k->b->verbs;
    rng_init(&rng, 62, 0);
    float **arrays[] = {&k->w, &k->matrix, &k->bias, &k->mean, &k->variance, &k->area, &k->pooled};
    for (int i = 0; i < 7; i++) {
        EXPECT_INT(k->v->alloc(k->b, WEIGHTS, arrays[i]), STATUS_OK);
        for (int j = 0; j < WEIGHTS; j++) host[j] = (i < 3 ? 0.1f : 5) * (float)(rng_double(&rng) + 0.01);
        k->v->upload(k->b, *arrays[i], host, WEIGHTS);
    }
    struct act **acts[] = {&k->x, &k->y, &k->z};
    for (int i = 0; i < 3; i++) EXPECT_INT(k->v->alloc_act(k->b, WORK, C, acts[i]), STATUS_OK);
    for (int j = 0; j < 75 * C; j++) host[j] = uniform(&rng);
    k->v->upload_act(k->b, WORK, C, k->x, host);
    work_run(k); // makes plans and packs weights
    if (!k->v->capture_begin || !k->v->capture_begin(k->b)) {
        fprintf(stderr, "%s captures no graphs\n", t->label);
    } else {
        const struct adamw_step step = {0.1f, 0.9f, 0.99f, 1e-8f, 0.01f, 0.1f, 0.01f, 1};
        work_run(k);
        struct device_graph *graph = k->v->capture_end(k->b);
        EXPECT(graph != NULL);
        expect_same(k, t->label, graph, "at once");
        k->v->adamw(k->b, WEIGHTS, step, k->mean, k->w, k->mean, k->variance);
        k->v->graph_launch(k->b, graph); // before anything else packs the new weights
        expect_same(k, t->label, graph, "after adamw");
        for (int j = 0; j < C * C; j++) host[j] = uniform(&rng);
        k->v->upload(k->b, k->matrix, host, C * C);
        k->v->upload(k->b, k->bias, host, C);
        k->v->weights_changed(k->b);
        float launched[3 * 3 * C], run[3 * 3 * C];
        k->v->graph_launch(k->b, graph);
        work_result(k, launched);
        work_run(k);
        work_result(k, run);
        EXPECT(!memcmp(run, launched, sizeof run));
        for (int j = 0; j < 75 * C; j++) host[j] = uniform(&rng);
        k->v->upload_act(k->b, WORK, C, k->x, host);
        expect_same(k, t->label, graph, "of another input");
        k->v->graph_free(k->b, graph);
    }
    for (int i = 0; i < 7; i++) k->v->release(k->b, *arrays[i]);
    for (int i = 0; i < 3; i++) k->v->release(k->b, *acts[i]);
    backend_close(k->b);
}

// 3. A shape's first pass calls the verbs, the second is captured, and later ones launch the graph.

enum { LOGITS = 2 * ROWS * (FRAME * FRAME + 1) };
static void judge(struct fixture *f, struct pass *p, int rows, bool masked, float out[LOGITS + 7 * ROWS]) {
    memset(out, 0, (LOGITS + 7 * ROWS) * sizeof *out);
    input(p, masked ? f->masked : f->full, rows, masked);
    pass_forward(p);
    f->v->download(f->backend, out, p->logits, 2 * (size_t)rows * (size_t)p->actions);
    f->v->download(f->backend, out + LOGITS, p->value, 7 * (size_t)rows);
    f->v->fill(f->backend, p->logits, NAN, 2 * (size_t)rows * (size_t)p->actions);
}

static void passes(const struct tested *t, const void *context) {
    static const struct {
        int rows;
        bool masked;
    } order[] = {{ROWS, false}, {ROWS, true}, {2, false}};
    struct fixture fixture, *f = &fixture;
    float first[3][LOGITS + 7 * ROWS], again[LOGITS + 7 * ROWS];
    struct pass *p, *other;
    fixture_open(f, t);
    for (int change = 0; change < 2; change++) {
        if (change == 0) EXPECT_INT(pass_new(&p, f->net, f->backend, false, ROWS, FRAME, FRAME), STATUS_OK);
        for (size_t i = 0; change && i < f->net->num_weights; i++) f->net->weights[i] *= 0.8f;
        // From here on every pass is a launch of a graph.
        if (change) pass_weights(p, f->net->weights);
        // Another pass, in which each shape comes for the first time, says what is right. It is
        // freed before p goes on.
        EXPECT_INT(pass_new(&other, f->net, f->backend, false, ROWS, FRAME, FRAME), STATUS_OK);
        other->fused = p->fused;
        for (int i = 0; i < 3; i++) judge(f, other, order[i].rows, order[i].masked, first[i]);
        pass_free(other);
        for (int round = 0; round < 3; round++)
            for (int i = 0; i < 3; i++) {
                judge(f, p, order[i].rows, order[i].masked, again);
                EXPECT_(!memcmp(first[i], again, sizeof again), "%s: shape %d, time %d, weights %d: %g, not %g", t->label, i,
                        round, change, again[0], first[i][0]);
            }
    }
    pass_free(p);
    fixture_close(f);
}

// A batch beyond the budget is refused before anything of it is taken, and a smaller one then fits.
static void budget(const struct tested *t, const void *context) {
    struct memory_budget budget = {.bytes = 64u << 20};
    struct backend_spec spec = t->spec;
    struct backend *backend;
    struct pass *p;
    const struct net_config config = net_config_for(&(struct game){.num_planes = 14, .policy_planes = 1}, 2, 16);
    struct net *net = tame_net(&config, 63);
    spec.budget = &budget;
    EXPECT_INT(backend_open(&backend, &spec), STATUS_OK);
    const size_t before = atomic_load(&budget.used);
    // Where memory has a bound, unlike that of the host.
    if (backend->verbs->memory_left(backend) != SIZE_MAX) {
        EXPECT_INT(pass_new(&p, net, backend, false, 100000, 9, 9), STATUS_MEMORY);
        EXPECT_INT(atomic_load(&budget.used), before);
        EXPECT_INT(pass_new(&p, net, backend, false, 8, 9, 9), STATUS_OK);
        EXPECT(atomic_load(&budget.used) > before && atomic_load(&budget.used) <= budget.bytes);
        pass_free(p);
    }
    backend_close(backend);
    EXPECT_INT(atomic_load(&budget.used), 0);
    net_free(net);
}

int main(void) {
    for_each_backend(trunk, NULL);
    for_each_backend(budget, NULL);
    for_each_backend(captured, NULL);
    for_each_backend(passes, NULL);
    return TEST_END();
}
