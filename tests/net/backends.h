// The backends that net tests run on: every usable one, in every precision that it has, each with
// the size of its rounding.
#ifndef TESTS_NET_BACKENDS_H
#define TESTS_NET_BACKENDS_H

#include "net/backend.h"
#include "tests/test.h"

#include <stdbool.h>

struct tested {
    struct backend_spec spec;
    const char *label;
    // The unit roundoff of activations, which is half a unit in the last place of 1; 0 for fp32, as
    // in the reference.
    double rounding;
};

static inline const struct tested *tested_backends(int *count) {
    static const struct tested all[] = {
        {{.name = "ref", .precision = PRECISION_F32}, "ref", 0},
        {{.name = "cpu", .precision = PRECISION_F32}, "cpu", 0},
        {{.name = "cpu", .precision = PRECISION_F32, .convs = CONVS_LIBRARY}, "cpu, library convolutions", 0},
        {{.name = "cuda", .precision = PRECISION_F32}, "cuda f32", 0},
        {{.name = "cuda", .precision = PRECISION_F16}, "cuda f16", 0x1p-11},
        {{.name = "cuda", .precision = PRECISION_BF16}, "cuda bf16", 0x1p-8},
    };
    *count = sizeof all / sizeof all[0];
    return all;
}

// Where TENGEN_TESTED is in the environment ("cuda bf16"), it is the only one on cards that is
// tested, since each plan of cuDNN's costs a second or two.
static inline bool tested_wanted(const struct tested *t) {
    const char *only = getenv("TENGEN_TESTED");
    return !only || strcmp(t->spec.name, "cuda") != 0 || !strcmp(only, t->label);
}

// A usable backend opens in f32. A half precision may be refused, as an older card has no bf16; it
// is then skipped with a message.
static inline bool tested_usable(const struct tested *t) {
    struct backend *backend;
    if (!tested_wanted(t)) return false;
    for (int i = 0; i < backend_count(); i++) {
        struct backend_info info;
        backend_describe(i, &info);
        if (strcmp(info.name, t->spec.name) != 0) continue;
        if (!info.usable) {
            fprintf(stderr, "%s: %s\n", t->label, info.reason);
            return false;
        }
        const enum status status = backend_open(&backend, &t->spec);
        if (status && t->spec.precision != PRECISION_F32) {
            fprintf(stderr, "%s: refused\n", t->label);
            return false;
        }
        EXPECT_INT(status, STATUS_OK);
        backend_close(backend);
        return status == STATUS_OK;
    }
    return false;
}

// Runs the test on each backend, with `context`, and returns how many there were.
static inline int for_each_backend(void (*test)(const struct tested *, const void *context), const void *context) {
    int count, run = 0;
    const struct tested *all = tested_backends(&count);
    for (int i = 0; i < count; i++) {
        if (!tested_usable(&all[i])) continue;
        test(&all[i], context);
        run++;
    }
    return run;
}

// x as the precision holds it: rounded to nearest even, with subnormals. It is for finite values
// within the range.
static inline float rounded(enum precision precision, float x) {
    if (precision == PRECISION_F32 || x == 0 || !isfinite(x)) return x;
    // units of 2^least
    const int digits = precision == PRECISION_F16 ? 11 : 8, least = precision == PRECISION_F16 ? -24 : -133;
    int exponent; // |x| in [2^(exponent - 1), 2^exponent)
    frexp(x, &exponent);
    const double unit = ldexp(1, exponent - digits > least ? exponent - digits : least);
    return (float)(rint(x / unit) * unit);
}

#endif
