// Padded images for the kernel tests. Elements are made by their definition (sign, exponent,
// fraction) and not by the kernels' conversions.
#ifndef TESTS_KERNELS_IMAGES_H
#define TESTS_KERNELS_IMAGES_H

#include "tests/kernels/support.h"

#include <functional>
#include <vector>

typedef std::vector<float> floats;
static const enum element ELEMENTS[] = {ELEMENT_F32, ELEMENT_F16, ELEMENT_BF16};

struct format {
    int fraction_bits, exponent_bits;
};
static inline struct format format_of(enum element e) {
    return e == ELEMENT_F32 ? format{23, 8} : e == ELEMENT_F16 ? format{10, 5} : format{7, 8};
}
// Two units in the last place of numbers near 1, which is what two roundings in place of one may
// cost.
static inline double element_epsilon(enum element e) { return ldexp(1, 1 - format_of(e).fraction_bits); }

static inline uint32_t element_bits(enum element e, double x) { // to nearest, ties to even
    const struct format f = format_of(e);
    if (e == ELEMENT_F32) { // C's own
        const float single = (float)x;
        uint32_t bits;
        memcpy(&bits, &single, sizeof bits);
        return bits;
    }
    const int bias = (1 << (f.exponent_bits - 1)) - 1, top = (1 << f.exponent_bits) - 1;
    const uint32_t sign = (uint32_t)(std::signbit(x) ? 1 : 0) << (f.fraction_bits + f.exponent_bits);
    if (std::isnan(x)) return sign | (uint32_t)top << f.fraction_bits | 1;
    int exponent;
    frexp(fabs(x), &exponent); // |x| = m 2^exponent, m in [1/2, 1)
    const int lowest = 1 - bias, scale = x == 0 || exponent - 1 < lowest ? lowest : exponent - 1;
    const double units = std::isinf(x) ? HUGE_VAL : nearbyint(ldexp(fabs(x), f.fraction_bits - scale));
    // A carry runs into the exponent, as it should.
    const double bits = units + ldexp(scale + bias - 1, f.fraction_bits);
    return sign | (bits >= ldexp(top, f.fraction_bits) ? (uint32_t)top << f.fraction_bits : (uint32_t)bits);
}
static inline float element_value(enum element e, uint32_t bits) {
    const struct format f = format_of(e);
    if (e == ELEMENT_F32) { // C's own
        float x;
        memcpy(&x, &bits, sizeof x);
        return x;
    }
    const int bias = (1 << (f.exponent_bits - 1)) - 1, top = (1 << f.exponent_bits) - 1;
    const int exponent = (int)(bits >> f.fraction_bits) & top;
    const double fraction = (double)(bits & ((1u << f.fraction_bits) - 1));
    const double sign = bits >> (f.fraction_bits + f.exponent_bits) & 1 ? -1 : 1;
    if (exponent == top) return (float)(fraction > 0 ? NAN : sign * HUGE_VAL);
    const double units = exponent ? fraction + ldexp(1, f.fraction_bits) : fraction;
    return (float)(sign * ldexp(units, (exponent ? exponent : 1) - bias - f.fraction_bits));
}
static inline float rounded(enum element e, double x) { return element_value(e, element_bits(e, x)); }

static inline floats random_floats(uint64_t *random, size_t count) {
    floats out(count);
    for (float &x : out) x = random_float(random);
    return out;
}
static inline floats rounded_floats(enum element e, floats x) {
    for (float &value : x) value = rounded(e, value);
    return x;
}

// Guarded arrays on the device. Images have values [rows, c], and zeros (or all ones, which is NaN)
// in the padding.
static inline void *up_floats(struct device *d, const floats &x) { return guarded_array(d, x.data(), x.size() * 4); }
static inline void *up_image(struct device *d, enum element e, size_t rows, int c, const floats &x, unsigned char padding = 0) {
    const size_t bytes = element_bytes(e), width = (size_t)padded(c);
    std::vector<unsigned char> image(rows * width * bytes, padding);
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < (size_t)c; k++) {
            const uint32_t bits = element_bits(e, x[r * (size_t)c + k]);
            memcpy(&image[(r * width + k) * bytes], &bits, bytes); // little-endian: the low bytes
        }
    return guarded_array(d, image.data(), image.size());
}
static inline void *poison_image(struct device *d, enum element e, size_t rows, int c) {
    return guarded_array(d, NULL, rows * (size_t)padded(c) * element_bytes(e));
}
static inline void *poison_floats(struct device *d, size_t count) { return guarded_array(d, NULL, count * 4); }

// Downloads an array and frees it on the device.
static inline floats back_floats(struct device *d, const char *what, void *memory, size_t count) {
    float *host = (float *)guarded_back(d, what, memory, count * 4);
    const floats out(host, host + count);
    free(host);
    device_free(d, memory);
    return out;
}
static inline floats back_image(struct device *d, const char *what, enum element e, size_t rows, int c, void *memory) {
    const size_t bytes = element_bytes(e), width = (size_t)padded(c);
    unsigned char *host = (unsigned char *)guarded_back(d, what, memory, rows * width * bytes);
    floats out(rows * (size_t)c);
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < width; k++) {
            uint32_t bits = 0;
            memcpy(&bits, host + (r * width + k) * bytes, bytes);
            if (k < (size_t)c)
                out[r * (size_t)c + k] = element_value(e, bits);
            else
                EXPECT_(element_value(e, bits) == 0, "%s: %s leaves %08x in the padding %zu of row %zu", what, element_name(e),
                        bits, k, r);
        }
    free(host);
    device_free(d, memory);
    return out;
}
static inline void drop(struct device *d, std::initializer_list<void *> all) {
    for (void *memory : all) device_free(d, memory);
}

// Expects |got - expected| <= absolute + relative |expected|, which means equality where both are
// 0. Infinities have to be equal.
static inline void same(const char *what, const floats &got, const floats &expected, double relative, double absolute) {
    EXPECT_INT(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); i++) {
        const double difference = got[i] == expected[i] ? 0 : fabs((double)got[i] - expected[i]);
        EXPECT_(difference <= absolute + relative * fabs(expected[i]), "%s: %.9g at %zu of %zu, expected %.9g", what, got[i], i,
                got.size(), expected[i]);
    }
}

// Expects that run() gives the same bits every time.
static inline floats repeatable(const char *what, const std::function<floats()> &run) {
    const floats first = run(), second = run();
    EXPECT_(first.size() == second.size() && !memcmp(first.data(), second.data(), first.size() * 4),
            "%s gives other bits the second time", what);
    return first;
}

#endif
