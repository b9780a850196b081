// Laws of what a new net takes over:
// 1. a grown net computes what its parent does, in every game, bit by bit where nothing else adds
//    in another order (ref), and what is new in it hears a gradient;
// 2. another game gets the trunk's blocks and nothing else;
// 3. a smaller net, and a file that lies about its game, are refused and nothing is written;
// 4. the line of parents travels in the file, the last one first, the oldest left out;
// 5. a frozen trunk keeps its bits, in the average too, and has no say in the gradient's norm; the
//    rest learns;
// 6. the average of a net that starts trained stays close to its start.
#include "net/carry.h"
#include "net/net_evaluator.h"
#include "net/widen.h"
#include "tests/net/backends.h"
#include "tests/net/support.h"

#include <unistd.h>

enum { POSITIONS = 12, MAX_POINTS = 49 };

// The game on its smallest board of 3 to 7 points a side.
static void open_small(struct game *game, int index) {
    for (int size = 3; size <= 7; size++) {
        const struct game_options options = {.height = size, .width = size, .komi = GAME_KOMI_DEFAULT};
        if (game_open(game, game_at(index)->name, &options) == STATUS_OK) return;
    }
    EXPECT_(false, "%s has no small board", game_at(index)->name);
}

static struct net *parent_of(const struct game *game, int blocks, int channels, int pool_every) {
    struct net_config config = net_config_for(game, blocks, channels);
    config.pool_every = pool_every;
    config.head_channels = 8;
    config.value_hidden = 12;
    struct net *net = tame_net(&config, 7);
    snprintf(net->meta.game, sizeof net->meta.game, "%s", game->type->name);
    net->meta.min_size = net->meta.max_size = game->height;
    net->meta.step = 123;
    net->meta.games = 456;
    net_digest(net, net->meta.digest);
    return net;
}

static struct net *child_of(const struct game *game, struct net_config config) {
    struct rng rng;
    struct net *net;
    rng_init(&rng, 11, 0);
    EXPECT_INT(net_new(&net, &config, &rng), STATUS_OK);
    snprintf(net->meta.game, sizeof net->meta.game, "%s", game->type->name);
    return net;
}

static void random_position(const struct game *game, struct rng *rng, void *state, void *next) {
    uint16_t actions[GAME_MAX_ACTIONS];
    game_start(game, state);
    for (int left = (int)rng_below(rng, (uint32_t)(game->height * game->width)); left > 0; left--) {
        const int n = game_legal(game, state, actions);
        memcpy(next, state, game->state_bytes);
        game_play(game, next, actions[rng_below(rng, (uint32_t)n)]);
        if (game_outcome(game, next) != OUTCOME_NONE) return;
        memcpy(state, next, game->state_bytes);
    }
}

struct answers {
    float logits[POSITIONS][GAME_MAX_ACTIONS], ownership[POSITIONS][MAX_POINTS];
    struct judgement at[POSITIONS];
};

static void judge(const struct net *net, const struct backend_spec *spec, const struct game *game, struct answers *out) {
    struct backend *backend;
    struct evaluator *evaluator;
    struct position positions[POSITIONS];
    struct rng rng;
    rng_init(&rng, 17, 0);
    const size_t bytes = (game->state_bytes + 63) / 64 * 64;
    unsigned char *states = aligned_alloc(64, (POSITIONS + 1) * bytes);
    for (int i = 0; i < POSITIONS; i++) {
        random_position(game, &rng, states + (size_t)i * bytes, states + POSITIONS * bytes);
        positions[i] = (struct position){game, states + (size_t)i * bytes, i % game->num_symmetries};
        out->at[i] = (struct judgement){.logits = out->logits[i], .ownership = out->ownership[i]};
    }
    EXPECT_INT(backend_open(&backend, spec), STATUS_OK);
    EXPECT_INT(net_evaluator_new(&evaluator, net, backend, POSITIONS), STATUS_OK);
    evaluator_judge(evaluator, POSITIONS, positions, out->at);
    evaluator_free(evaluator);
    backend_close(backend);
    free(states);
}

static void expect_same(const struct game *game, const struct answers *a, const struct answers *b, double bound) {
    for (int i = 0; i < POSITIONS; i++) {
        for (int k = 0; k < game->num_actions; k++) EXPECT_NEAR(b->logits[i][k], a->logits[i][k], bound);
        for (int k = 0; k < 3; k++) EXPECT_NEAR(b->at[i].wdl[k], a->at[i].wdl[k], bound);
        EXPECT_NEAR(b->at[i].score, a->at[i].score, 10 * bound);
        for (int k = 0; k < game->height * game->width; k++) EXPECT_NEAR(b->ownership[i][k], a->ownership[i][k], bound);
    }
}

static void grown_nets_compute_the_same(const struct tested *t, const void *context) {
    static struct answers before, after;
    const double bound = !strcmp(t->spec.name, "ref") ? 0 : 2e-4 + 20 * t->rounding;
    for (int g = 0; g < game_count(); g++) {
        struct game game;
        open_small(&game, g);
        // Every other parent has no pooling.
        struct net *parent = parent_of(&game, 2, 8, g % 2 ? 2 : 0);
        // Wider and deeper; deeper alone; heads alone; pooling in blocks that had none.
        struct net_config grown[4] = {parent->config, parent->config, parent->config, parent->config};
        grown[0].blocks = 5, grown[0].channels = 24, grown[0].head_channels = 16, grown[0].value_hidden = 20;
        grown[1].blocks = 4;
        grown[2].head_channels = 24, grown[2].value_hidden = 16;
        grown[3].blocks = 3, grown[3].pool_every = 1;
        judge(parent, &t->spec, &game, &before);
        for (int i = 0; i < 4; i++) {
            struct net *child = child_of(&game, grown[i]);
            struct net_carried carried;
            EXPECT_INT(net_carry(child, parent, "parent", &carried), STATUS_OK);
            EXPECT(carried.is_whole && (carried.is_grown || i == 3));
            judge(child, &t->spec, &game, &after);
            expect_same(&game, &before, &after, bound);
            net_free(child);
        }
        net_free(parent);
    }
}

// Whether any weight in the rows from `first_in` on of each group has a gradient.
static bool hears(const struct net *net, const float *gradient, const char *name, int first_in, int in) {
    const struct net_tensor *t = net_find(net, name);
    const size_t out = (size_t)t->dims[t->num_dims - 1];
    for (size_t k = 0; k < t->count; k++)
        if ((int)(k / out % (size_t)in) >= first_in && gradient[t->offset + k] != 0) return true;
    return false;
}

static void what_is_new_learns(void) {
    struct game game;
    EXPECT_INT(game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    struct net *parent = parent_of(&game, 2, 8, 2);
    struct net_config config = parent->config;
    config.blocks = 3, config.channels = 16, config.head_channels = 16, config.value_hidden = 20;
    struct net *child = child_of(&game, config);
    struct net_carried carried;
    EXPECT_INT(net_carry(child, parent, "parent", &carried), STATUS_OK);
    EXPECT_TEXT(carried.text, "all weights, grown from 2x8 to 3x16, which computes the same");
    const struct train_spec spec = train_spec_of("ref", 1, 4, 5, 5);
    struct train *train;
    struct thread_pool *pool;
    struct batch *batch;
    struct rng rng;
    struct losses losses;
    rng_init(&rng, 5, 0);
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(train_new(&train, child, &spec), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &child->config, 4, 5, 5), STATUS_OK);
    for (int i = 0; i < 4; i++) random_row(batch, &child->config, &rng, 5, 5);
    float *gradient = malloc(child->num_weights * sizeof *gradient);
    EXPECT_INT(train_gradient(train, pool, &batch, 1, &train_params_default, gradient, &losses), STATUS_OK);
    EXPECT(hears(child, gradient, "trunk.block1.conv1.weight", 8, 16));
    EXPECT(hears(child, gradient, "trunk.block1.conv2.weight", 8, 16));
    EXPECT(hears(child, gradient, "trunk.block2.pool.weight", 8, 16));
    EXPECT(hears(child, gradient, "trunk.block3.conv2.weight", 0, 16));
    EXPECT(hears(child, gradient, "policy.conv.weight", 8, 16));
    EXPECT(hears(child, gradient, "value.hidden.weight", 8, 16));
    EXPECT(hears(child, gradient, "value.out.weight", 12, 20));
    free(gradient);
    batch_free(batch);
    train_free(train);
    thread_pool_free(pool);
    net_free(child);
    net_free(parent);
}

static bool same_tensor(const struct net *a, const struct net *b, const struct net_tensor *t) {
    const struct net_tensor *other = net_find(b, t->name);
    return other && other->count == t->count &&
           !memcmp(a->weights + t->offset, b->weights + other->offset, t->count * sizeof *a->weights);
}

static void another_game_gets_the_trunk(void) {
    struct game go, hex;
    EXPECT_INT(game_open(&go, "go", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    EXPECT_INT(game_open(&hex, "hex", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    struct net *parent = parent_of(&go, 3, 8, 2);
    struct net *child = child_of(&hex, net_config_for(&hex, 3, 8)), *fresh = child_of(&hex, net_config_for(&hex, 3, 8));
    struct net_carried carried;
    EXPECT_INT(net_carry(child, parent, "parent", &carried), STATUS_OK);
    EXPECT(!carried.is_whole && !carried.is_grown);
    int in_trunk = 0;
    for (int i = 0; i < child->num_tensors; i++) {
        const struct net_tensor *t = &child->tensors[i];
        in_trunk += net_in_trunk(t);
        EXPECT_(same_tensor(child, net_in_trunk(t) ? parent : fresh, t), "%s is not what it should be", t->name);
    }
    EXPECT_INT(in_trunk, 3 * 4 + 1);
    EXPECT_TEXT(child->meta.game, "hex");
    EXPECT_TEXT(child->meta.parent, parent->meta.digest);
    net_free(parent);
    net_free(child);
    net_free(fresh);
}

static void refusals(void) {
    struct game game;
    EXPECT_INT(game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    struct net *parent = parent_of(&game, 3, 16, 2);
    for (int i = 0; i < 6; i++) {
        struct net_config config = parent->config;
        if (i == 0) config.blocks = 2;
        if (i == 1) config.channels = 8;
        if (i == 2) config.head_channels = 4;
        if (i == 3) config.value_hidden = 11;
        if (i == 4) config.pool_every = 0;
        if (i == 5) config.policy_planes = 2; // as a file may say of itself
        struct net *child = child_of(&game, config);
        struct net_carried carried;
        char before[65], after[65];
        net_digest(child, before);
        EXPECT_INT(net_carry(child, parent, "parent", &carried), i == 5 ? STATUS_UNSUPPORTED : STATUS_USAGE);
        net_digest(child, after);
        EXPECT_TEXT(after, before);
        EXPECT_TEXT(child->meta.parent, "");
        net_free(child);
    }
    net_free(parent);
}

static void the_line_of_parents_is_kept(const char *path) {
    struct game game;
    EXPECT_INT(game_open(&game, "go", &(struct game_options){.height = 5, .width = 5, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    struct net *net = parent_of(&game, 1, 8, 2);
    EXPECT_INT(net_save(net, path), STATUS_OK);
    for (int i = 1; i <= NET_MAX_ANCESTORS + 2; i++) {
        struct net *parent, *child = child_of(&game, net->config);
        struct net_carried carried;
        net_free(net);
        EXPECT_INT(net_load(&parent, path), STATUS_OK);
        EXPECT_INT(net_carry(child, parent, path, &carried), STATUS_OK);
        child->meta.step = i;
        child->weights[0] += 1;
        EXPECT_TEXT(child->meta.parent, parent->meta.digest);
        EXPECT_INT(net_save(child, path), STATUS_OK);
        net_free(parent);
        net = child;
    }
    struct net *loaded;
    struct net_ancestor a;
    EXPECT_INT(net_load(&loaded, path), STATUS_OK);
    for (int i = 0; i < NET_MAX_ANCESTORS; i++) {
        EXPECT(net_ancestor_read(loaded->meta.ancestors[i], &a));
        EXPECT_INT(a.step, NET_MAX_ANCESTORS + 1 - i);
        EXPECT_INT(a.blocks, 1);
        EXPECT_INT(a.channels, 8);
        EXPECT_TEXT(a.game, "go");
        EXPECT_TEXT(a.carried, "all weights");
        if (i == 0) EXPECT_TEXT(a.digest, loaded->meta.parent);
    }
    EXPECT(!net_ancestor_read("", &a));
    EXPECT(!net_ancestor_read("nonsense", &a));
    net_free(loaded);
    net_free(net);
}

static void train_some(bool frozen, bool trained, int steps, struct net **net, struct net **average, double *norm) {
    const struct net_config config = small_config();
    const struct train_spec spec = train_spec_of("ref", 1, 6, 5, 5);
    struct train_params params = train_params_default;
    struct train *train;
    struct thread_pool *pool;
    struct batch *batch;
    struct rng rng;
    struct losses losses;
    params.freeze_trunk = frozen;
    params.starts_trained = trained;
    rng_init(&rng, 5, 0);
    *net = lively_net(&config, 9);
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(train_new(&train, *net, &spec), STATUS_OK);
    EXPECT_INT(batch_new(&batch, &config, 6, 5, 5), STATUS_OK);
    for (int i = 0; i < 6; i++) random_row(batch, &config, &rng, 5, 5);
    float *gradient = malloc((*net)->num_weights * sizeof *gradient);
    EXPECT_INT(train_gradient(train, pool, &batch, 1, &params, gradient, &losses), STATUS_OK);
    double squares = 0;
    for (int i = 0; i < (*net)->num_tensors; i++) {
        const struct net_tensor *t = &(*net)->tensors[i];
        for (size_t k = t->offset; k < t->offset + t->count && !(frozen && net_in_trunk(t)); k++)
            squares += (double)gradient[k] * gradient[k];
    }
    for (int i = 0; i < steps; i++) {
        EXPECT_INT(train_step(train, pool, &batch, 1, &params, &losses), STATUS_OK);
        if (i == 0) *norm = losses.gradient_norm - sqrt(squares);
    }
    train_sync(train);
    EXPECT_INT(train_average(train, average), STATUS_OK);
    free(gradient);
    batch_free(batch);
    train_free(train);
    thread_pool_free(pool);
}

static void a_frozen_trunk_keeps_its_bits(void) {
    const struct net_config config = small_config();
    struct net *before = lively_net(&config, 9);
    for (int frozen = 0; frozen < 2; frozen++) {
        struct net *after, *average;
        double norm_differs;
        train_some(frozen, false, 5, &after, &average, &norm_differs);
        EXPECT_NEAR(norm_differs, 0, 1e-4);
        for (int i = 0; i < before->num_tensors; i++) {
            const struct net_tensor *t = &before->tensors[i];
            const bool stays = frozen && net_in_trunk(t);
            EXPECT_(same_tensor(after, before, t) == stays, "%s, frozen %d", t->name, frozen);
            EXPECT_(same_tensor(average, before, t) == stays, "average of %s, frozen %d", t->name, frozen);
        }
        net_free(after);
        net_free(average);
    }
    net_free(before);
}

static void the_average_stays_close(void) {
    const struct net_config config = small_config();
    struct net *before = lively_net(&config, 9);
    for (int trained = 0; trained < 2; trained++) {
        struct net *after, *average;
        double ignored;
        const double keep = trained ? train_params_default.average_decay : 2.0 / 11;
        train_some(false, trained, 1, &after, &average, &ignored);
        for (size_t k = 0; k < before->num_weights; k++)
            EXPECT_NEAR(average->weights[k], keep * before->weights[k] + (1 - keep) * after->weights[k], 1e-6);
        net_free(after);
        net_free(average);
    }
    net_free(before);
}

int main(void) {
    char path[] = "/tmp/tengen-carry-XXXXXX";
    const int file = mkstemp(path);
    EXPECT(file >= 0);
    close(file);
    EXPECT(for_each_backend(grown_nets_compute_the_same, NULL) >= 1);
    what_is_new_learns();
    another_game_gets_the_trunk();
    refusals();
    the_line_of_parents_is_kept(path);
    a_frozen_trunk_keeps_its_bits();
    the_average_stays_close();
    unlink(path);
    return TEST_END();
}
