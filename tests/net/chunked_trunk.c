// Law: a trunk that takes a batch a few boards at a time gives what the layers give one after the
// other, with a mask and without, and writes no further. 12 boards of 19x19 and 32 channels are
// more than two chunks.
#include "net/pass.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

enum { ROWS = 12, FRAME = 19, CHANNELS = 32 };

static void compare(const struct tested *t, struct pass *p, bool masked) {
    const struct backend_verbs *v = p->backend->verbs;
    const struct image s = {ROWS, FRAME, FRAME};
    struct act *y = p->t[p->config.blocks];
    const size_t count = image_points(s) * CHANNELS;
    float *out[2];
    double most = 0, worst = 0;
    for (int fused = 0; fused < 2; fused++) {
        out[fused] = malloc(count * sizeof(float));
        p->can_fuse = p->fused = fused;
        v->clear_act(p->backend, s, CHANNELS, y);
        pass_trunk(p);
        v->download_act(p->backend, s, CHANNELS, out[fused], y);
    }
    for (size_t i = 0; i < count; i++) {
        EXPECT(isfinite(out[1][i]));
        most = test_larger(most, out[0][i]);
        worst = test_worse(worst, out[0][i], out[1][i]);
    }
    // Products of few rows may be summed in another order.
    EXPECT_(worst <= 1e-6 * most && most > 0.1, "%s, mask %d: off by %g of %g", t->label, masked, worst, most);
    free(out[0]), free(out[1]);
}

static void check(const struct tested *t, const void *context) {
    struct net_config config = small_config();
    config.channels = CHANNELS;
    struct net *net = tame_net(&config, 81);
    struct backend *backend;
    struct pass *pass;
    struct batch *batch;
    struct rng rng;
    rng_init(&rng, 81, 0);
    EXPECT_INT(backend_open(&backend, &t->spec), STATUS_OK);
    EXPECT_INT(pass_new(&pass, net, backend, false, ROWS, FRAME, FRAME), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &config, ROWS, FRAME, FRAME), STATUS_OK);
    for (int masked = 0; masked < 2 && pass->can_fuse; masked++) {
        batch_clear(batch);
        for (int i = 0; i < ROWS; i++) random_row(batch, &config, &rng, masked ? FRAME - i : FRAME, FRAME);
        pass_input(pass, (struct image){ROWS, FRAME, FRAME}, batch->planes, batch->globals, masked ? batch->mask : NULL);
        compare(t, pass, masked);
        pass->can_fuse = true;
    }
    printf("%s: %s\n", t->label, pass->can_fuse ? "compared" : "has no such trunk of fp32");
    batch_free(batch);
    pass_free(pass);
    backend_close(backend);
    net_free(net);
}

int main(void) {
    int count;
    const struct tested *all = tested_backends(&count);
    for (int i = 0; i < count; i++)
        if (!strcmp(all[i].spec.name, "cpu") && tested_usable(&all[i])) check(&all[i], NULL);
    return TEST_END();
}
