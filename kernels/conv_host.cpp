// conv.h as plain loops on host memory, for tests: sums in double, each result rounded to the
// element once.
//
// Padded channels are computed like any others, as a library would do it, so that garbage in a
// padding shows in the results.
#include "kernels/conv.h"
#include "kernels/vector.cuh"

#include <new>
#include <vector>

struct conv_plans {
    struct device *device;
};

bool conv_plans_new(struct conv_plans **out, struct device *device, char why[DEVICE_TEXT]) {
    *out = new (std::nothrow) conv_plans{device};
    if (!*out) snprintf(why, DEVICE_TEXT, "out of memory");
    return *out != nullptr;
}
void conv_plans_free(struct conv_plans *plans) { delete plans; }

namespace {

bool refused(const struct conv_shape *s, char why[DEVICE_TEXT]) {
    const char *what = nullptr;
    if (s->n < 1 || s->h < 1 || s->w < 1 || s->in < 1 || s->out < 1) what = "an empty shape";
    if ((unsigned)s->element >= NUM_ELEMENTS) what = "no such element";
    if (what)
        snprintf(why, DEVICE_TEXT, "host convolution of %d x %d x %d points, %d to %d channels: %s", s->n, s->h, s->w, s->in,
                 s->out, what);
    return what != nullptr;
}

template <class T> std::vector<float> floats_of(const void *from, size_t count) {
    std::vector<float> out(count);
    for (size_t i = 0; i < count; i++) out[i] = to_float(static_cast<const T *>(from)[i]);
    return out;
}

struct sizes { // with padded channels
    size_t points, in, out, images;
    explicit sizes(const struct conv_shape *s)
        : points((size_t)s->h * (size_t)s->w), in((size_t)padded(s->in)), out((size_t)padded(s->out)), images((size_t)s->n) {}
};

// Calls visit(point, neighbour, tap) for every point of every image and each of its neighbours on
// the frame, in the order of the taps.
template <class F> void each_neighbour(const struct conv_shape *s, F visit) {
    for (int n = 0; n < s->n; n++)
        for (int y = 0; y < s->h; y++)
            for (int x = 0; x < s->w; x++)
                for (int tap = 0; tap < 9; tap++) {
                    const int ny = y + tap / 3 - 1, nx = x + tap % 3 - 1;
                    if (ny < 0 || ny >= s->h || nx < 0 || nx >= s->w) continue;
                    const size_t image = (size_t)n * (size_t)s->h;
                    visit((image + (size_t)y) * (size_t)s->w + (size_t)x, (image + (size_t)ny) * (size_t)s->w + (size_t)nx,
                          (size_t)tap);
                }
}

template <class T>
void forward(const struct conv_shape *s, const void *x, const void *filter, const float *bias, const void *residual, bool relu,
             const float *mask, void *y) {
    const sizes z(s);
    const size_t rows = z.images * z.points;
    const std::vector<float> in = floats_of<T>(x, rows * z.in), f = floats_of<T>(filter, z.out * 9 * z.in);
    // [tap][in][out], so that the inner loop runs over neighbours in memory
    std::vector<float> by_tap(f.size());
    for (size_t o = 0; o < z.out; o++)
        for (size_t i = 0; i < 9 * z.in; i++) by_tap[i * z.out + o] = f[o * 9 * z.in + i];
    std::vector<double> sum(rows * z.out);
    each_neighbour(s, [&](size_t point, size_t neighbour, size_t tap) {
        for (size_t i = 0; i < z.in; i++) {
            const double value = in[neighbour * z.in + i];
            const float *row = &by_tap[(tap * z.in + i) * z.out];
            for (size_t o = 0; o < z.out; o++) sum[point * z.out + o] += value * row[o];
        }
    });
    for (size_t p = 0; p < rows; p++)
        for (size_t o = 0; o < z.out; o++) {
            double value = sum[p * z.out + o] + (bias ? bias[o] : 0);
            if (residual) value += to_float(static_cast<const T *>(residual)[p * z.out + o]);
            if (relu && !(value > 0)) value = 0;
            static_cast<T *>(y)[p * z.out + o] = from_float<T>((float)(mask ? value * mask[p] : value));
        }
}

template <class T> void backward_data(const struct conv_shape *s, const void *dy, const void *filter, void *dx) {
    const sizes z(s);
    const size_t rows = z.images * z.points;
    const std::vector<float> d = floats_of<T>(dy, rows * z.out), f = floats_of<T>(filter, z.out * 9 * z.in);
    std::vector<double> sum(rows * z.in);
    each_neighbour(s, [&](size_t point, size_t neighbour, size_t tap) {
        for (size_t o = 0; o < z.out; o++) {
            const double value = d[point * z.out + o];
            const float *row = &f[(o * 9 + tap) * z.in];
            for (size_t i = 0; i < z.in; i++) sum[neighbour * z.in + i] += value * row[i];
        }
    });
    for (size_t i = 0; i < rows * z.in; i++) static_cast<T *>(dx)[i] = from_float<T>((float)sum[i]);
}

template <class T> void backward_filter(const struct conv_shape *s, const void *x, const void *dy, float *dfilter) {
    const sizes z(s);
    const size_t rows = z.images * z.points;
    const std::vector<float> in = floats_of<T>(x, rows * z.in), d = floats_of<T>(dy, rows * z.out);
    std::vector<double> sum(z.out * 9 * z.in);
    each_neighbour(s, [&](size_t point, size_t neighbour, size_t tap) {
        for (size_t o = 0; o < z.out; o++) {
            const double value = d[point * z.out + o];
            for (size_t i = 0; i < z.in; i++) sum[(o * 9 + tap) * z.in + i] += value * in[neighbour * z.in + i];
        }
    });
    for (size_t i = 0; i < sum.size(); i++) dfilter[i] = (float)sum[i];
}

} // namespace

bool conv_forward(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *filter,
                  const float *bias, const void *residual, bool relu, const float *mask, void *y, char why[DEVICE_TEXT]) {
    if (refused(shape, why)) return false;
    FOR_ELEMENT(shape->element, forward<T>(shape, x, filter, bias, residual, relu, mask, y));
    return true;
}
bool conv_backward_data(struct conv_plans *plans, const struct conv_shape *shape, const void *dy, const void *filter, void *dx,
                        char why[DEVICE_TEXT]) {
    if (refused(shape, why)) return false;
    FOR_ELEMENT(shape->element, backward_data<T>(shape, dy, filter, dx));
    return true;
}
bool conv_backward_filter(struct conv_plans *plans, const struct conv_shape *shape, const void *x, const void *dy,
                          float *dfilter, char why[DEVICE_TEXT]) {
    if (refused(shape, why)) return false;
    FOR_ELEMENT(shape->element, backward_filter<T>(shape, x, dy, dfilter));
    return true;
}
