// Law: a training step is Muon (hidden convolutions) and AdamW (the rest; with momentum 0
// everywhere) in double on the clipped gradient, decay on weights and not on biases, and the
// average follows;
// a restart from the saved state goes on bit-equally.
#include "base/files.h"
#include "net/safetensors.h"
#include "tests/net/support.h"

#include <unistd.h>

enum { ROWS = 8, STEPS = 12 };

// Makes x [rows, cols] a nearly orthogonal matrix as the definition says: a x + b x x^T x + c x
// (x^T x)^2, five times.
static void twin_orthogonal(int rows, int cols, double *x) {
    double *gram = malloc((size_t)(3 * cols * cols) * sizeof *gram), *square = gram + cols * cols, *poly = square + cols * cols,
           norm = 0, row[64];
    for (int i = 0; i < rows * cols; i++) norm += x[i] * x[i];
    for (int i = 0; i < rows * cols; i++) x[i] /= sqrt(norm);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < cols; i++)
            for (int k = 0; k < cols; k++) {
                gram[i * cols + k] = 0;
                for (int r = 0; r < rows; r++) gram[i * cols + k] += x[r * cols + i] * x[r * cols + k];
            }
        for (int i = 0; i < cols; i++)
            for (int k = 0; k < cols; k++) {
                square[i * cols + k] = 0;
                for (int j = 0; j < cols; j++) square[i * cols + k] += gram[i * cols + j] * gram[j * cols + k];
                poly[i * cols + k] = (i == k) * 3.4445 - 4.7750 * gram[i * cols + k] + 2.0315 * square[i * cols + k];
            }
        for (int r = 0; r < rows; r++) {
            memcpy(row, x + r * cols, (size_t)cols * sizeof *row);
            for (int k = 0; k < cols; k++) {
                x[r * cols + k] = 0;
                for (int i = 0; i < cols; i++) x[r * cols + k] += row[i] * poly[i * cols + k];
            }
        }
    }
    free(gram);
}

static void twin_muon(const struct net_tensor *t, const struct train_params *p, double clip, const float *gradient, double *w,
                      double *m) {
    const int cols = t->dims[t->num_dims - 1], rows = (int)t->count / cols;
    const double beta = p->muon_momentum;
    double *x = malloc(t->count * sizeof *x);
    for (size_t i = 0; i < t->count; i++) {
        const double g = clip * gradient[i];
        m[i] = beta * m[i] + (1 - beta) * g;
        x[i] = beta * m[i] + (1 - beta) * g;
    }
    twin_orthogonal(rows, cols, x);
    for (size_t i = 0; i < t->count; i++)
        w[i] -= p->learning_rate * p->muon_scale * (0.2 * sqrt(rows) * x[i] + p->weight_decay * w[i]);
    free(x);
}

static void twin_step(const struct net *net, const struct train_params *p, const float *gradient, int step, double *w,
                      double *m, double *v, double *average) {
    double norm = 0;
    for (size_t i = 0; i < net->num_weights; i++) norm += (double)gradient[i] * gradient[i];
    const double clip = sqrt(norm) > p->clip_norm ? p->clip_norm / sqrt(norm) : 1;
    const double warm = (1.0 + step) / (10.0 + step), keep = warm < p->average_decay ? warm : p->average_decay;
    for (int t = 0; t < net->num_tensors; t++) {
        const struct net_tensor *tensor = &net->tensors[t];
        const bool muon = tensor->hidden && p->muon_momentum > 0;
        if (muon) twin_muon(tensor, p, clip, gradient + tensor->offset, w + tensor->offset, m + tensor->offset);
        for (size_t i = net->tensors[t].offset; i < net->tensors[t].offset + net->tensors[t].count; i++) {
            const double g = clip * gradient[i];
            average[i] = muon ? keep * average[i] + (1 - keep) * w[i] : average[i];
            if (muon) continue;
            m[i] = p->beta1 * m[i] + (1 - p->beta1) * g;
            v[i] = p->beta2 * v[i] + (1 - p->beta2) * g * g;
            const double mean = m[i] / (1 - pow(p->beta1, step)), variance = v[i] / (1 - pow(p->beta2, step));
            const double decay = net->tensors[t].num_dims > 1 ? p->weight_decay * w[i] : 0;
            w[i] -= p->learning_rate * (mean / (sqrt(variance) + p->epsilon) + decay);
            average[i] = keep * average[i] + (1 - keep) * w[i];
        }
    }
}

static void compare(const struct net *net, const float *got, const double *expected, const char *what, int step) {
    double worst = 0;
    for (size_t i = 0; i < net->num_weights; i++) worst = test_worse(worst, got[i], expected[i]);
    EXPECT_(worst < 2e-5, "%s differ by %g after step %d", what, worst, step);
}

static void against_twin(struct net *net, struct train *train, struct thread_pool *pool, struct batch *batch,
                         const struct train_params *params) {
    const size_t count = net->num_weights;
    double *w = calloc(4 * count, sizeof *w), *m = w + count, *v = m + count, *average = v + count;
    float *gradient = malloc(count * sizeof *gradient);
    bool clipped = false;
    for (size_t i = 0; i < count; i++) average[i] = w[i] = net->weights[i];
    for (int step = 1; step <= STEPS; step++) {
        struct losses losses;
        struct net *mean;
        EXPECT_INT(train_gradient(train, pool, &batch, 1, params, gradient, &losses), STATUS_OK);
        const double norm = losses.gradient_norm;
        clipped |= norm > params->clip_norm;
        twin_step(net, params, gradient, step, w, m, v, average);
        EXPECT_INT(train_step(train, pool, &batch, 1, params, &losses), STATUS_OK);
        EXPECT_NEAR(losses.gradient_norm, norm, 1e-5 * norm);
        EXPECT_INT(train_average(train, &mean), STATUS_OK);
        train_sync(train);
        compare(net, net->weights, w, "weights", step);
        compare(net, mean->weights, average, "average weights", step);
        for (size_t i = 0; i < count; i++) w[i] = net->weights[i]; // rounding must not add up
        net_free(mean);
    }
    EXPECT(clipped);
    EXPECT_INT(net->meta.step, STEPS);
    EXPECT_INT(net->meta.samples, STEPS * ROWS);
    free(w);
    free(gradient);
}

// Writes the file of `train` with a bad number in one tensor, and with the digest that belongs to
// it.
static void state_that_no_training_leaves_is_refused(struct train *train, const char *path, int which) {
    static const char *const names[3] = {"mean", "variance", "average"};
    const float bad[3] = {NAN, -1, INFINITY};
    char texts_of[3 * 64 + 1], other[] = "/tmp/tengen-optimiser-XXXXXX";
    struct safetensors file;
    struct safetensor tensors[3];
    EXPECT(mkstemp(other) >= 0);
    EXPECT_INT(safetensors_read(&file, path), STATUS_OK);
    float *copies[3];
    for (int i = 0; i < 3; i++) {
        tensors[i] = *safetensors_find(&file, names[i]);
        copies[i] = malloc(tensors[i].count * sizeof(float));
        memcpy(copies[i], tensors[i].data, tensors[i].count * sizeof(float));
        tensors[i].data = copies[i];
    }
    // Without a bad number the file is accepted, which shows that the digest is made correctly.
    for (int broken = 0; broken < 2; broken++) {
        if (broken) copies[which][tensors[which].count / 2] = bad[which];
        for (int i = 0; i < 3; i++) sha256_hex(copies[i], tensors[i].count * sizeof(float), texts_of + 64 * i);
        for (int i = 0; i < file.num_texts; i++)
            if (!strcmp(file.texts[i].key, "digest")) sha256_hex(texts_of, 3 * 64, file.texts[i].value);
        EXPECT_INT(safetensors_write(other, tensors, 3, file.texts, file.num_texts), STATUS_OK);
        EXPECT_INT(train_load(train, other), broken ? STATUS_FORMAT : STATUS_OK);
    }
    for (int i = 0; i < 3; i++) free(copies[i]);
    safetensors_done(&file);
    unlink(other);
}

static void restart(struct net *net, struct train *train, struct thread_pool *pool, struct batch *batch,
                    const struct train_params *params) {
    struct train *second;
    struct net *copy, *one, *two;
    struct losses losses;
    char path[] = "/tmp/tengen-optimiser-XXXXXX";
    EXPECT(mkstemp(path) >= 0);
    EXPECT_INT(net_copy(&copy, net), STATUS_OK);
    EXPECT_INT(train_save(train, path), STATUS_OK);
    const struct train_spec spec = train_spec_of("ref", 1, ROWS, 5, 5);
    EXPECT_INT(train_new(&second, copy, &spec), STATUS_OK);
    EXPECT_INT(train_load(second, path), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        EXPECT_INT(train_step(train, pool, &batch, 1, params, &losses), STATUS_OK);
        EXPECT_INT(train_step(second, pool, &batch, 1, params, &losses), STATUS_OK);
    }
    EXPECT_INT(train_average(train, &one), STATUS_OK);
    EXPECT_INT(train_average(second, &two), STATUS_OK);
    train_sync(train);
    train_sync(second);
    EXPECT(!memcmp(net->weights, copy->weights, net->num_weights * sizeof(float)));
    EXPECT(!memcmp(one->weights, two->weights, net->num_weights * sizeof(float)));
    // Another net than the one that was saved with the state is refused, and so is a changed byte
    // in the moments.
    EXPECT_INT(train_load(second, path), STATUS_FORMAT);
    EXPECT_INT(train_save(second, path), STATUS_OK);
    EXPECT_INT(train_load(second, path), STATUS_OK);
    FILE *file = fopen(path, "r+b");
    fseek(file, -100, SEEK_END);
    const int byte = fgetc(file);
    fseek(file, -100, SEEK_END);
    fputc(byte ^ 1, file);
    fclose(file);
    EXPECT_INT(train_load(second, path), STATUS_FORMAT);
    EXPECT_INT(train_save(second, path), STATUS_OK);
    for (int i = 0; i < 3; i++) state_that_no_training_leaves_is_refused(second, path, i);
    unlink(path);
    train_free(second);
    net_free(one);
    net_free(two);
    net_free(copy);
}

// Broken rows are refused, weights and state stay as they are, and the next step is the same as
// without them.
static void refused(struct net *net, struct train *train, struct thread_pool *pool, struct batch *batch,
                    const struct train_params *params) {
    struct net *copy, *average, *average_after;
    struct losses losses;
    train_sync(train);
    EXPECT_INT(net_copy(&copy, net), STATUS_OK);
    EXPECT_INT(train_average(train, &average), STATUS_OK);
    const float target = batch->targets[LOSS_VALUE][4];
    batch->targets[LOSS_VALUE][4] = NAN;
    EXPECT_INT(train_step(train, pool, &batch, 1, params, &losses), STATUS_FORMAT);
    train_sync(train);
    EXPECT_INT(train_average(train, &average_after), STATUS_OK);
    EXPECT(!memcmp(net->weights, copy->weights, net->num_weights * sizeof(float)));
    EXPECT(!memcmp(average->weights, average_after->weights, net->num_weights * sizeof(float)));
    EXPECT_INT(net->meta.step, copy->meta.step);
    batch->targets[LOSS_VALUE][4] = target;
    EXPECT_INT(train_step(train, pool, &batch, 1, params, &losses), STATUS_OK);
    net_free(average_after);
    net_free(average);
    net_free(copy);
}

static void check_one(const struct net_config *config, struct train_params params) {
    struct rng rng;
    struct net *net = lively_net(config, 7);
    struct thread_pool *pool;
    struct batch *batch;
    struct train *train;
    rng_init(&rng, 7, 1);
    EXPECT_INT(thread_pool_new(&pool, 1), STATUS_OK);
    EXPECT_INT(batch_new(&batch, config, ROWS, 5, 5), STATUS_OK);
    for (int i = 0; i < ROWS; i++) random_row(batch, config, &rng, 5, 5);
    const struct train_spec spec = train_spec_of("ref", 1, ROWS, 5, 5);
    EXPECT_INT(train_new(&train, net, &spec), STATUS_OK);
    against_twin(net, train, pool, batch, &params);
    restart(net, train, pool, batch, &params);
    refused(net, train, pool, batch, &params);
    train_free(train);
    batch_free(batch);
    thread_pool_free(pool);
    net_free(net);
}

int main(void) {
    const struct net_config config = small_config();
    struct train_params params = train_params_default;
    params.learning_rate = 0.01;
    params.clip_norm = 0.5;
    params.weight_decay = 0.1;
    params.muon_scale = 1.5;
    check_one(&config, params);
    params.muon_momentum = 0;
    check_one(&config, params);
    return TEST_END();
}
