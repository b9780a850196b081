// Laws: a net that is given more inputs computes what it did, whatever they are; a file of a time
// when Go had fewer is today's Go net, its digest and all; a trainer's state of that time goes on.
#include "net/widen.h"

#include "net/pass.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

#include <unistd.h>

enum { SIDE = 5, POINTS = SIDE * SIDE, MORE_PLANES = 3, MORE_GLOBALS = 4 };

static void outputs_of(struct backend *backend, const struct net *net, const struct batch *b, float logits[POINTS + 1],
                       float value[7]) {
    struct pass *pass;
    EXPECT_INT(pass_new(&pass, net, backend, false, 1, SIDE, SIDE), STATUS_OK);
    pass_input(pass, (struct image){1, SIDE, SIDE}, b->planes, b->globals, NULL);
    pass_forward(pass);
    backend->verbs->download(backend, logits, pass->logits, POINTS + 1);
    backend->verbs->download(backend, value, pass->value, 7);
    pass_free(pass);
}

// Copies the first inputs of each point of `wide` to a row without the others.
static void copy_first(const struct net_config *narrow, const struct net_config *wide, const struct batch *from,
                       struct batch *to) {
    for (int p = 0; p < POINTS; p++)
        for (int k = 0; k < narrow->num_planes; k++)
            to->planes[p * narrow->num_planes + k] = from->planes[p * wide->num_planes + k];
    for (int k = 0; k < narrow->num_globals; k++) to->globals[k] = from->globals[k];
}

static void a_widened_net_computes_the_same(const struct tested *t, const void *context) {
    const struct net_config config = small_config();
    struct net *narrow = lively_net(&config, 3), *wide;
    struct backend *backend;
    struct batch *small, *large;
    struct rng rng;
    rng_init(&rng, 3, 0);
    EXPECT_INT(net_copy(&wide, narrow), STATUS_OK);
    EXPECT_INT(net_widen(&wide, config.num_planes + MORE_PLANES, config.num_globals + MORE_GLOBALS), STATUS_OK);
    EXPECT_INT(backend_open(&backend, &t->spec), STATUS_OK);
    EXPECT_INT(batch_new(&small, &config, 1, SIDE, SIDE), STATUS_OK);
    EXPECT_INT(batch_new(&large, &wide->config, 1, SIDE, SIDE), STATUS_OK);
    // The new inputs may be anything, since they have no effect.
    random_row(large, &wide->config, &rng, SIDE, SIDE);
    copy_first(&config, &wide->config, large, small);
    float a[POINTS + 1], b[POINTS + 1], value_a[7], value_b[7];
    outputs_of(backend, narrow, small, a, value_a);
    outputs_of(backend, wide, large, b, value_b);
    // another kernel may add in another order
    const double bound = !strcmp(t->spec.name, "ref") ? 0 : 1e-4 + 20 * t->rounding;
    for (int i = 0; i <= POINTS; i++) EXPECT_NEAR(a[i], b[i], bound);
    for (int i = 0; i < 7; i++) EXPECT_NEAR(value_a[i], value_b[i], bound);
    struct net *back; // net_narrow undoes it
    char before[65], after[65];
    EXPECT_INT(net_narrow(&back, wide, config.num_planes, config.num_globals), STATUS_OK);
    net_digest(narrow, before);
    net_digest(back, after);
    EXPECT_TEXT(after, before);
    batch_free(small);
    batch_free(large);
    backend_close(backend);
    net_free(narrow);
    net_free(wide);
    net_free(back);
}

static struct net *old_go_net(const struct game *game) {
    struct net_config config = net_config_for(game, 2, 8);
    config.num_planes = game->num_first_planes;
    config.num_globals = game->num_first_globals;
    struct net *net = lively_net(&config, 5);
    snprintf(net->meta.game, sizeof net->meta.game, "go");
    return net;
}

static void an_old_file_is_todays_net(const char *path) {
    struct game game;
    struct net *loaded;
    EXPECT_INT(game_open(&game, "go", NULL), STATUS_OK);
    EXPECT(game.num_first_planes > 0 && game.num_first_planes < game.num_planes && game.num_first_globals < game.num_globals);
    struct net *old = old_go_net(&game);
    EXPECT_INT(net_save(old, path), STATUS_OK);
    EXPECT_INT(net_load(&loaded, path), STATUS_OK);
    EXPECT_INT(net_check_game(loaded, &game, path), STATUS_OK);
    EXPECT_TEXT(loaded->meta.digest, old->meta.digest);
    EXPECT_INT(net_save(loaded, path), STATUS_OK); // and is saved as that
    net_free(loaded);
    EXPECT_INT(net_load(&loaded, path), STATUS_OK);
    EXPECT_INT(loaded->config.num_planes, game.num_planes);
    net_free(loaded);
    // A game whose nets never had as few inputs.
    snprintf(old->meta.game, sizeof old->meta.game, "hex");
    EXPECT_INT(net_save(old, path), STATUS_OK);
    EXPECT_INT(net_load(&loaded, path), STATUS_OK);
    EXPECT_INT(loaded->config.num_planes, game.num_first_planes);
    net_free(loaded);
    net_free(old);
}

static void an_old_trainer_goes_on(const char *net_path, const char *path) {
    struct game game;
    struct net *loaded, *average_before, *average_after;
    struct train *before, *after;
    const struct train_spec spec = train_spec_of("ref", 1, 2, SIDE, SIDE);
    EXPECT_INT(game_open(&game, "go", NULL), STATUS_OK);
    struct net *old = old_go_net(&game);
    EXPECT_INT(train_new(&before, old, &spec), STATUS_OK);
    EXPECT_INT(train_save(before, path), STATUS_OK);
    EXPECT_INT(net_save(old, net_path), STATUS_OK);
    EXPECT_INT(net_load(&loaded, net_path), STATUS_OK);
    EXPECT_INT(train_new(&after, loaded, &spec), STATUS_OK);
    EXPECT_INT(train_load(after, path), STATUS_OK);
    EXPECT_INT(train_average(before, &average_before), STATUS_OK);
    EXPECT_INT(train_average(after, &average_after), STATUS_OK);
    EXPECT_INT(net_widen(&average_before, game.num_planes, game.num_globals), STATUS_OK);
    EXPECT(!memcmp(average_before->weights, average_after->weights, average_after->num_weights * sizeof(float)));
    loaded->weights[0] += 1; // so that it is not the net that was saved with the state
    EXPECT_INT(train_load(after, path), STATUS_FORMAT);
    train_free(before);
    train_free(after);
    net_free(old);
    net_free(loaded);
    net_free(average_before);
    net_free(average_after);
}

int main(void) {
    char net_path[64], state_path[64];
    snprintf(net_path, sizeof net_path, "/tmp/tengen-widen-%d.safetensors", (int)getpid());
    snprintf(state_path, sizeof state_path, "/tmp/tengen-widen-%d.state", (int)getpid());
    for_each_backend(a_widened_net_computes_the_same, NULL);
    an_old_file_is_todays_net(net_path);
    an_old_trainer_goes_on(net_path, state_path);
    unlink(net_path);
    unlink(state_path);
    return TEST_END();
}
