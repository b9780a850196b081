// The reference backend: every verb is computed as its definition reads, with sums in double. It is
// slow, and the other backends are compared with it.
#include "net/backend_ref.h"

#include "base/memory.h"
#include "net/float_acts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 }; // how many output channels are summed at a time

static void ref_close(struct backend *b) { free(b); }

static enum status ref_alloc(struct backend *b, size_t count, float **out) {
    const size_t bytes = (count * sizeof(float) + 63) / 64 * 64 + 64;
    *out = aligned_alloc(64, bytes);
    if (!*out) return status_fail(STATUS_MEMORY, "%s backend: %zu bytes of memory refused", b->verbs->name, bytes);
    memset(*out, 0, bytes);
    return STATUS_OK;
}
static size_t ref_act_bytes(struct backend *b, struct image s, int c) { return image_points(s) * (size_t)c * sizeof(float); }
static enum status ref_alloc_act(struct backend *b, struct image s, int c, struct act **out) {
    float *data;
    TRY(ref_alloc(b, image_points(s) * (size_t)c, &data));
    *out = (struct act *)data;
    return STATUS_OK;
}
static size_t ref_memory_left(struct backend *b) { return SIZE_MAX; } // only the system bounds it
static void ref_release(struct backend *b, void *data) { free(data); }
static void ref_upload(struct backend *b, float *device, const float *host, size_t count) {
    if (count) memcpy(device, host, count * sizeof(float));
}
static void ref_download(struct backend *b, float *host, const float *device, size_t count) {
    if (count) memcpy(host, device, count * sizeof(float));
}
static void ref_fill(struct backend *b, float *x, float value, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = value;
}
static void ref_upload_act(struct backend *b, struct image s, int c, struct act *device, const float *host) {
    ref_upload(b, floats_of(device), host, image_points(s) * (size_t)c);
}
static void ref_download_act(struct backend *b, struct image s, int c, float *host, const struct act *device) {
    ref_download(b, host, const_floats_of(device), image_points(s) * (size_t)c);
}
static void ref_upload_planes(struct backend *b, struct image s, int planes, struct act *device, const uint32_t *bits) {
    const int words = (planes + 31) / 32;
    float *x = floats_of(device);
    for (size_t p = 0; p < image_points(s); p++)
        for (int k = 0; k < planes; k++) x[p * planes + k] = (float)(bits[p * words + k / 32] >> k % 32 & 1);
}
static void ref_clear_act(struct backend *b, struct image s, int c, struct act *x) {
    ref_fill(b, floats_of(x), 0, image_points(s) * (size_t)c);
}
static void ref_weights_changed(struct backend *b) {}

static inline float relu_of(double x) { return x > 0 ? (float)x : 0; }

// Adds to acc[0 .. num) the products of one output point: the sum over its 3x3 neighbourhood and
// `in` channels.
static void conv_point(struct image s, int in, int out, const float *x, const float *weight, int n, int py, int px, int first,
                       int num, double *acc) {
    for (int ky = 0; ky < 3; ky++)
        for (int kx = 0; kx < 3; kx++) {
            const int y = py + ky - 1, xx = px + kx - 1;
            if (y < 0 || y >= s.h || xx < 0 || xx >= s.w) continue;
            const float *source = x + (((size_t)n * s.h + y) * s.w + xx) * in;
            for (int i = 0; i < in; i++) {
                const double value = source[i];
                const float *row = weight + ((size_t)(ky * 3 + kx) * in + i) * out + first;
                for (int k = 0; k < num; k++) acc[k] += value * row[k];
            }
        }
}

static void ref_conv_forward(struct backend *b, struct image s, int in, int out, const struct act *x_act, const float *weight,
                             const float *bias, const struct act *residual_act, bool relu, const float *mask,
                             struct act *y_act) {
    const float *x = const_floats_of(x_act);
    const float *residual = const_floats_of(residual_act);
    float *y = floats_of(y_act);
    for (int n = 0; n < s.n; n++)
        for (int py = 0; py < s.h; py++)
            for (int px = 0; px < s.w; px++) {
                const size_t point = ((size_t)n * s.h + py) * s.w + px;
                for (int first = 0; first < out; first += CHUNK) {
                    double acc[CHUNK];
                    const int num = out - first < CHUNK ? out - first : CHUNK;
                    for (int k = 0; k < num; k++)
                        acc[k] = (bias ? bias[first + k] : 0) + (residual ? residual[point * out + first + k] : 0);
                    conv_point(s, in, out, x, weight, n, py, px, first, num, acc);
                    for (int k = 0; k < num; k++) {
                        const float value = relu ? relu_of(acc[k]) : (float)acc[k];
                        y[point * out + first + k] = mask ? value * mask[point] : value;
                    }
                }
            }
}

static void ref_conv_backward_data(struct backend *b, struct image s, int in, int out, const struct act *dy_act,
                                   const float *weight, struct act *dx_act) {
    const float *dy = const_floats_of(dy_act);
    float *dx = floats_of(dx_act);
    for (int n = 0; n < s.n; n++)
        for (int py = 0; py < s.h; py++)
            for (int px = 0; px < s.w; px++)
                for (int i = 0; i < in; i++) {
                    double sum = 0;
                    for (int ky = 0; ky < 3; ky++)
                        // The output that saw this point through tap (ky, kx).
                        for (int kx = 0; kx < 3; kx++) {
                            const int y = py - ky + 1, xx = px - kx + 1;
                            if (y < 0 || y >= s.h || xx < 0 || xx >= s.w) continue;
                            const float *d = dy + (((size_t)n * s.h + y) * s.w + xx) * out;
                            const float *row = weight + ((size_t)(ky * 3 + kx) * in + i) * out;
                            for (int k = 0; k < out; k++) sum += (double)d[k] * row[k];
                        }
                    dx[(((size_t)n * s.h + py) * s.w + px) * in + i] = (float)sum;
                }
}

static void bias_gradient(size_t rows, int out, const float *dy, float *dbias) {
    for (int first = 0; first < out; first += CHUNK) {
        double acc[CHUNK] = {0};
        const int num = out - first < CHUNK ? out - first : CHUNK;
        for (size_t r = 0; r < rows; r++)
            for (int k = 0; k < num; k++) acc[k] += dy[r * out + first + k];
        for (int k = 0; k < num; k++) dbias[first + k] = (float)acc[k];
    }
}

// Computes one row [out] of dweight: the sum over the points of x at tap (ky, kx) and channel i,
// times dy.
static void conv_weight_row(struct image s, int in, int out, const float *x, const float *dy, int ky, int kx, int i,
                            float *row) {
    for (int first = 0; first < out; first += CHUNK) {
        double acc[CHUNK] = {0};
        const int num = out - first < CHUNK ? out - first : CHUNK;
        for (int n = 0; n < s.n; n++)
            for (int py = 0; py < s.h; py++)
                for (int px = 0; px < s.w; px++) {
                    const int y = py + ky - 1, xx = px + kx - 1;
                    if (y < 0 || y >= s.h || xx < 0 || xx >= s.w) continue;
                    const double value = x[(((size_t)n * s.h + y) * s.w + xx) * in + i];
                    const float *d = dy + (((size_t)n * s.h + py) * s.w + px) * out + first;
                    for (int k = 0; k < num; k++) acc[k] += value * d[k];
                }
        for (int k = 0; k < num; k++) row[first + k] = (float)acc[k];
    }
}

static void ref_conv_backward_weights(struct backend *b, struct image s, int in, int out, const struct act *x_act,
                                      const struct act *dy_act, float *dweight, float *dbias) {
    const float *x = const_floats_of(x_act);
    const float *dy = const_floats_of(dy_act);
    for (int ky = 0; ky < 3; ky++)
        for (int kx = 0; kx < 3; kx++)
            for (int i = 0; i < in; i++)
                conv_weight_row(s, in, out, x, dy, ky, kx, i, dweight + ((size_t)(ky * 3 + kx) * in + i) * out);
    if (dbias) bias_gradient(image_points(s), out, dy, dbias);
}

static void ref_dense_forward(struct backend *b, int rows, int in, int out, const float *x, const float *weight,
                              const float *bias, bool relu, float *y) {
    for (int r = 0; r < rows; r++)
        for (int first = 0; first < out; first += CHUNK) {
            double acc[CHUNK];
            const int num = out - first < CHUNK ? out - first : CHUNK;
            for (int k = 0; k < num; k++) acc[k] = bias ? bias[first + k] : 0;
            for (int i = 0; i < in; i++) {
                const double value = x[(size_t)r * in + i];
                for (int k = 0; k < num; k++) acc[k] += value * weight[(size_t)i * out + first + k];
            }
            for (int k = 0; k < num; k++) y[(size_t)r * out + first + k] = relu ? relu_of(acc[k]) : (float)acc[k];
        }
}

static void ref_dense_backward_data(struct backend *b, int rows, int in, int out, const float *dy, const float *weight,
                                    bool add, float *dx) {
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < in; i++) {
            double sum = add ? dx[(size_t)r * in + i] : 0;
            for (int k = 0; k < out; k++) sum += (double)dy[(size_t)r * out + k] * weight[(size_t)i * out + k];
            dx[(size_t)r * in + i] = (float)sum;
        }
}

static void ref_dense_backward_weights(struct backend *b, int rows, int in, int out, const float *x, const float *dy,
                                       float *dweight, float *dbias) {
    for (int i = 0; i < in; i++)
        for (int first = 0; first < out; first += CHUNK) {
            double acc[CHUNK] = {0};
            const int num = out - first < CHUNK ? out - first : CHUNK;
            for (int r = 0; r < rows; r++)
                for (int k = 0; k < num; k++) acc[k] += (double)x[(size_t)r * in + i] * dy[(size_t)r * out + first + k];
            for (int k = 0; k < num; k++) dweight[(size_t)i * out + first + k] = (float)acc[k];
        }
    if (dbias) bias_gradient((size_t)rows, out, dy, dbias);
}

// 1x1 convolutions are dense layers on rows of points. They call the dense verbs of the backend in
// use, so that any backend with fp32 activations can take them over as they are.

static void ref_point_forward(struct backend *b, struct image s, int in, int out, const struct act *x, const float *weight,
                              const float *bias, bool relu, const float *mask, struct act *y_act) {
    float *y = floats_of(y_act);
    b->verbs->dense_forward(b, (int)image_points(s), in, out, const_floats_of(x), weight, bias, relu, y);
    for (size_t p = 0; mask && p < image_points(s); p++)
        for (int k = 0; k < out; k++) y[p * out + k] *= mask[p];
}
static void ref_point_backward_data(struct backend *b, struct image s, int in, int out, const struct act *dy,
                                    const float *weight, bool add, struct act *dx) {
    b->verbs->dense_backward_data(b, (int)image_points(s), in, out, const_floats_of(dy), weight, add, floats_of(dx));
}
static void ref_point_backward_weights(struct backend *b, struct image s, int in, int out, const struct act *x,
                                       const struct act *dy, float *dweight, float *dbias) {
    b->verbs->dense_backward_weights(b, (int)image_points(s), in, out, const_floats_of(x), const_floats_of(dy), dweight, dbias);
}
static void ref_head_forward(struct backend *b, struct image s, int in, int out, const struct act *x, const float *weight,
                             const float *bias, float *y) {
    b->verbs->dense_forward(b, (int)image_points(s), in, out, const_floats_of(x), weight, bias, false, y);
}
static void ref_head_backward_data(struct backend *b, struct image s, int in, int out, const float *dy, const float *weight,
                                   struct act *dx) {
    b->verbs->dense_backward_data(b, (int)image_points(s), in, out, dy, weight, false, floats_of(dx));
}
static void ref_head_backward_weights(struct backend *b, struct image s, int in, int out, const struct act *x, const float *dy,
                                      float *dweight, float *dbias) {
    b->verbs->dense_backward_weights(b, (int)image_points(s), in, out, const_floats_of(x), dy, dweight, dbias);
}

static float width_factor(float area) { return (sqrtf(area) - 9) / 5; }

static void ref_pool_forward(struct backend *b, struct image s, int c, const struct act *x_act, const float *area, float *y) {
    const float *x = const_floats_of(x_act);
    const int points = s.h * s.w;
    for (int n = 0; n < s.n; n++)
        for (int k = 0; k < c; k++) {
            double sum = 0;
            float most = 0;
            for (int p = 0; p < points; p++) {
                const float value = x[((size_t)n * points + p) * c + k];
                sum += value;
                if (value > most) most = value;
            }
            float *out = y + (size_t)n * 3 * c;
            out[k] = (float)(sum / area[n]);
            out[c + k] = (float)(sum / area[n]) * width_factor(area[n]);
            out[2 * c + k] = most;
        }
}

static void ref_pool_backward(struct backend *b, struct image s, int c, const struct act *x_act, const float *area,
                              const float *y, const float *dy, struct act *dx_act) {
    const float *x = const_floats_of(x_act);
    float *dx = floats_of(dx_act);
    const int points = s.h * s.w;
    for (int n = 0; n < s.n; n++)
        for (int k = 0; k < c; k++) {
            const float *d = dy + (size_t)n * 3 * c;
            const float flat = (d[k] + d[c + k] * width_factor(area[n])) / area[n], most = y[(size_t)n * 3 * c + 2 * c + k];
            bool given = false;
            for (int p = 0; p < points; p++) {
                const size_t at = ((size_t)n * points + p) * c + k;
                dx[at] += flat;
                if (!given && x[at] == most) dx[at] += d[2 * c + k], given = true;
            }
        }
}

static void ref_channel_bias_relu(struct backend *b, struct image s, int c, const struct act *x_act, const float *bias,
                                  const float *mask, struct act *y_act) {
    const float *x = const_floats_of(x_act);
    float *y = floats_of(y_act);
    const size_t points = (size_t)s.h * s.w;
    for (size_t p = 0; p < image_points(s); p++)
        for (int k = 0; k < c; k++)
            y[p * c + k] = relu_of((double)x[p * c + k] + bias[p / points * c + k]) * (mask ? mask[p] : 1);
}

static void ref_channel_bias_backward(struct backend *b, struct image s, int c, const struct act *dy_act, float *dbias) {
    const float *dy = const_floats_of(dy_act);
    const size_t points = (size_t)s.h * s.w;
    for (int n = 0; n < s.n; n++) bias_gradient(points, c, dy + (size_t)n * points * c, dbias + (size_t)n * c);
}

static void ref_dense_relu_backward(struct backend *b, size_t count, const float *y, float *dy) {
    for (size_t i = 0; i < count; i++) dy[i] = y[i] > 0 ? dy[i] : 0;
}
static void ref_relu_backward(struct backend *b, struct image s, int c, const struct act *y, struct act *dy) {
    b->verbs->dense_relu_backward(b, image_points(s) * (size_t)c, const_floats_of(y), floats_of(dy));
}
static void ref_add_act(struct backend *b, struct image s, int c, const struct act *x, struct act *y) {
    b->verbs->add(b, image_points(s) * (size_t)c, 1, const_floats_of(x), floats_of(y));
}
static void ref_add(struct backend *b, size_t count, float scale, const float *x, float *y) {
    for (size_t i = 0; i < count; i++) y[i] += scale * x[i];
}

static void ref_actions_gather(struct backend *b, struct image s, int heads, int planes, int globals, const float *maps,
                               const float *tail, float *logits) {
    const int points = s.h * s.w, actions = planes * points + globals;
    for (int head = 0; head < heads; head++)
        for (int n = 0; n < s.n; n++) {
            float *out = logits + ((size_t)head * s.n + n) * actions;
            for (int k = 0; k < planes; k++)
                for (int p = 0; p < points; p++)
                    out[k * points + p] = maps[((size_t)n * points + p) * heads * planes + head * planes + k];
            for (int g = 0; g < globals; g++) out[planes * points + g] = tail[(size_t)n * heads * globals + head * globals + g];
        }
}

static void ref_actions_scatter(struct backend *b, struct image s, int heads, int planes, int globals, const float *dlogits,
                                float *dmaps, float *dtail) {
    const int points = s.h * s.w, actions = planes * points + globals;
    for (int head = 0; head < heads; head++)
        for (int n = 0; n < s.n; n++) {
            const float *in = dlogits + ((size_t)head * s.n + n) * actions;
            for (int k = 0; k < planes; k++)
                for (int p = 0; p < points; p++)
                    dmaps[((size_t)n * points + p) * heads * planes + head * planes + k] = in[k * points + p];
            for (int g = 0; g < globals; g++) dtail[(size_t)n * heads * globals + head * globals + g] = in[planes * points + g];
        }
}

static void ref_softmax_loss(struct backend *b, int rows, int classes, int stride, const float *x, const float *legal,
                             const float *target, const float *weight, float z_weight, float scale, float *dx, float *loss) {
    for (int r = 0; r < rows; r++) {
        const float *in = x + (size_t)r * stride, *t = target + (size_t)r * classes;
        const float *allowed = legal ? legal + (size_t)r * classes : NULL;
        float *d = dx + (size_t)r * stride;
        for (int k = 0; k < classes; k++) d[k] = 0;
        loss[r] = 0;
        if (weight[r] == 0) continue;
        double most = -INFINITY, sum = 0, entropy = 0;
        for (int k = 0; k < classes; k++)
            if ((!allowed || allowed[k] > 0) && in[k] > most) most = in[k];
        for (int k = 0; k < classes; k++)
            if (!allowed || allowed[k] > 0) sum += exp(in[k] - most);
        if (!(sum > 0)) continue; // where no class is legal
        const double log_sum = most + log(sum);
        for (int k = 0; k < classes; k++) {
            if (allowed && !(allowed[k] > 0)) continue;
            if (t[k] > 0) entropy += t[k] * (log_sum - in[k]);
            d[k] = (float)(scale * weight[r] * ((1 + 2 * z_weight * log_sum) * exp(in[k] - log_sum) - t[k]));
        }
        loss[r] = (float)(weight[r] * (entropy + z_weight * log_sum * log_sum));
    }
}

static void ref_score_loss(struct backend *b, int rows, int stride, const float *x, const float *target, const float *weight,
                           float scale, float *dx, float *loss) {
    for (int r = 0; r < rows; r++) {
        dx[(size_t)r * stride] = loss[r] = 0;
        if (weight[r] == 0) continue;
        const double error = x[(size_t)r * stride] - target[r] / 10.0, size = fabs(error);
        loss[r] = (float)(weight[r] * (size <= 1 ? error * error / 2 : size - 0.5));
        dx[(size_t)r * stride] = (float)(scale * weight[r] * (error > 1 ? 1 : error < -1 ? -1 : error));
    }
}

static void ref_ownership_loss(struct backend *b, struct image s, const float *x, const float *mask, const float *area,
                               const float *target, const float *weight, float scale, float *dx, float *loss) {
    const int points = s.h * s.w;
    for (int n = 0; n < s.n; n++) {
        double sum = 0;
        for (int p = 0; p < points; p++) {
            const size_t at = (size_t)n * points + p;
            dx[at] = 0;
            if (weight[n] == 0 || (mask && mask[at] == 0)) continue;
            // With q = (1 + target) / 2 the loss is log(1 + e^2x) - 2xq, whose derivative is
            // tanh(x) - target.
            const double z = 2.0 * x[at], q = (1 + target[at]) / 2.0;
            sum += (z > 0 ? z + log1p(exp(-z)) : log1p(exp(z))) - z * q;
            dx[at] = (float)(scale * weight[n] / area[n] * (tanh(x[at]) - target[at]));
        }
        loss[n] = weight[n] == 0 ? 0 : (float)(weight[n] * sum / area[n]);
    }
}

static double ref_square_norm(struct backend *b, size_t count, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i] * x[i];
    return sum;
}

static void ref_adamw(struct backend *b, size_t count, struct adamw_step step, const float *gradient, float *weights,
                      float *mean, float *variance) {
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i] * step.gradient_scale;
        mean[i] = step.beta1 * mean[i] + (1 - step.beta1) * g;
        variance[i] = step.beta2 * variance[i] + (1 - step.beta2) * g * g;
        const float update = mean[i] / step.correction1 / (sqrtf(variance[i] / step.correction2) + step.epsilon);
        weights[i] -= step.rate * (update + step.decay * weights[i]);
    }
}

static void ref_normalise(struct backend *b, size_t count, float *x) {
    const double norm = sqrt(ref_square_norm(b, count, x));
    for (size_t i = 0; i < count && norm > 0; i++) x[i] = (float)(x[i] / norm);
}

static void ref_average(struct backend *b, size_t count, float decay, const float *weights, float *average) {
    for (size_t i = 0; i < count; i++) average[i] = decay * average[i] + (1 - decay) * weights[i];
}

const struct backend_verbs backend_ref_verbs = {
    .name = "ref",
    .close = ref_close,
    .alloc = ref_alloc,
    .alloc_act = ref_alloc_act,
    .act_bytes = ref_act_bytes,
    .memory_left = ref_memory_left,
    .release = ref_release,
    .upload = ref_upload,
    .download = ref_download,
    .fill = ref_fill,
    .upload_act = ref_upload_act,
    .download_act = ref_download_act,
    .upload_planes = ref_upload_planes,
    .clear_act = ref_clear_act,
    .weights_changed = ref_weights_changed,
    .conv_forward = ref_conv_forward,
    .conv_backward_data = ref_conv_backward_data,
    .conv_backward_weights = ref_conv_backward_weights,
    .point_forward = ref_point_forward,
    .point_backward_data = ref_point_backward_data,
    .point_backward_weights = ref_point_backward_weights,
    .head_forward = ref_head_forward,
    .head_backward_data = ref_head_backward_data,
    .head_backward_weights = ref_head_backward_weights,
    .dense_forward = ref_dense_forward,
    .dense_backward_data = ref_dense_backward_data,
    .dense_backward_weights = ref_dense_backward_weights,
    .pool_forward = ref_pool_forward,
    .pool_backward = ref_pool_backward,
    .channel_bias_relu = ref_channel_bias_relu,
    .channel_bias_backward = ref_channel_bias_backward,
    .relu_backward = ref_relu_backward,
    .add_act = ref_add_act,
    .dense_relu_backward = ref_dense_relu_backward,
    .add = ref_add,
    .actions_gather = ref_actions_gather,
    .actions_scatter = ref_actions_scatter,
    .softmax_loss = ref_softmax_loss,
    .score_loss = ref_score_loss,
    .ownership_loss = ref_ownership_loss,
    .square_norm = ref_square_norm,
    .adamw = ref_adamw,
    .normalise = ref_normalise,
    .average = ref_average,
};

enum status backend_ref_open(struct backend **out, const struct backend_spec *spec) {
    struct backend *b = memory_raw(1, sizeof *b, "a ref backend");
    *b = (struct backend){.verbs = &backend_ref_verbs, .precision = PRECISION_F32};
    *out = b;
    return STATUS_OK;
}
