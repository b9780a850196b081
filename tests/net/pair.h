// Two backends side by side: ref and another. Arrays exist on both with the same values, already
// rounded to what the other can hold, so that results differ only by what the other rounds on the
// way. Outputs begin as NaN and have guards behind them.
#ifndef TESTS_NET_PAIR_H
#define TESTS_NET_PAIR_H

#include "base/rng.h"
#include "net/backend_verbs.h"
#include "tests/net/backends.h"

struct side {
    struct backend *b;
    const struct backend_verbs *v;
};
struct pair {
    struct side side[2]; // ref, other
    const struct tested *other;
    enum precision precision;
    struct rng rng;
};
struct floats {
    float *at[2];
    size_t count; // before the guard
};
struct acts {
    struct act *at[2];
    struct image s; // one more picture follows, the guard
    int c;
};
enum { GUARD = 64 }; // floats
// SPARSE: half of the values are zero and none is negative, as after a relu.
enum fill { ANY, POSITIVE, SPARSE, BITS };

// Runs a verb on both sides; arguments name a buffer's side as x.at[k].
#define BOTH(verb, ...)                                                                                                        \
    do {                                                                                                                       \
        for (int k = 0; k < 2; k++) p->side[k].v->verb(p->side[k].b, __VA_ARGS__);                                             \
    } while (0)
static inline void weights_change(struct pair *p) {
    for (int k = 0; k < 2; k++) p->side[k].v->weights_changed(p->side[k].b);
}

static inline void pair_open(struct pair *p, const struct tested *other) {
    *p = (struct pair){.other = other};
    rng_init(&p->rng, 5, 0);
    EXPECT_INT(backend_open(&p->side[0].b, &(struct backend_spec){.name = "ref"}), STATUS_OK);
    EXPECT_INT(backend_open(&p->side[1].b, &other->spec), STATUS_OK);
    for (int k = 0; k < 2; k++) p->side[k].v = p->side[k].b->verbs;
    p->precision = p->side[1].b->precision;
    EXPECT_INT(p->precision, other->spec.precision);
}
static inline void pair_close(struct pair *p) {
    for (int k = 0; k < 2; k++) backend_close(p->side[k].b);
}

// NULL: NaN
static inline struct floats floats_make(struct pair *p, size_t count, const float *host) {
    struct floats out = {.count = count};
    float *all = malloc((count + GUARD) * sizeof *all);
    for (size_t i = 0; i < count + GUARD; i++) all[i] = host && i < count ? host[i] : NAN;
    for (int k = 0; k < 2; k++) {
        EXPECT_INT(p->side[k].v->alloc(p->side[k].b, count + GUARD, &out.at[k]), STATUS_OK);
        p->side[k].v->upload(p->side[k].b, out.at[k], all, count + GUARD);
    }
    free(all);
    return out;
}
static inline size_t acts_count(struct acts a) { return image_points(a.s) * (size_t)a.c; }
static inline struct image with_guard(struct image s) { return (struct image){s.n + 1, s.h, s.w}; }
// NULL: NaN
static inline struct acts acts_make(struct pair *p, struct image s, int c, const float *host) {
    struct acts out = {.s = s, .c = c};
    const size_t all_count = image_points(with_guard(s)) * (size_t)c;
    float *all = malloc(all_count * sizeof *all);
    for (size_t i = 0; i < all_count; i++) all[i] = host && i < acts_count(out) ? host[i] : NAN;
    for (int k = 0; k < 2; k++) {
        EXPECT_INT(p->side[k].v->alloc_act(p->side[k].b, with_guard(s), c, &out.at[k]), STATUS_OK);
        p->side[k].v->upload_act(p->side[k].b, with_guard(s), c, out.at[k], all);
    }
    free(all);
    return out;
}

static inline float *random_values(struct pair *p, size_t count, enum fill fill) {
    float *host = calloc(count + 1, sizeof *host); // gcc does not see that all is set
    for (size_t i = 0; i < count; i++) {
        const float u = (float)(2 * rng_double(&p->rng) - 1);
        const float x = fill == ANY ? u : fill == POSITIVE ? fabsf(u) + 0.1f : fill == SPARSE ? (u > 0 ? u : 0) : u > -0.4f;
        host[i] = rounded(p->precision, x);
    }
    return host;
}
static inline struct floats filled(struct pair *p, size_t count, enum fill fill) {
    float *host = random_values(p, count, fill);
    const struct floats out = floats_make(p, count, host);
    free(host);
    return out;
}
static inline struct acts filled_acts(struct pair *p, struct image s, int c, enum fill fill) {
    float *host = random_values(p, image_points(s) * (size_t)c, fill);
    const struct acts out = acts_make(p, s, c, host);
    free(host);
    return out;
}
static inline struct floats nothing(struct pair *p, size_t count) { return floats_make(p, count, NULL); }
static inline struct acts no_acts(struct pair *p, struct image s, int c) { return acts_make(p, s, c, NULL); }
static inline void drop(struct pair *p, struct floats x) { BOTH(release, x.at[k]); }
static inline void drop_acts(struct pair *p, struct acts x) { BOTH(release, x.at[k]); }

// Compares x of ref with y of the other. Of `all` values the first `count` count, and the rest must
// still be NaN.
static inline void agree_values(struct pair *p, const char *what, const float *x, const float *y, size_t count, size_t all,
                                double tolerance) {
    double most = 1e-3, worst = 0;
    size_t where = 0;
    for (size_t i = 0; i < count; i++) {
        EXPECT_(isfinite(x[i]) && isfinite(y[i]), "%s: %s leaves element %zu of %zu as %g (ref %g)", what, p->other->label, i,
                count, y[i], x[i]);
        if (fabs(x[i]) > most) most = fabs(x[i]);
        if (fabs((double)x[i] - y[i]) > worst) worst = fabs((double)x[i] - y[i]), where = i;
    }
    EXPECT_(worst <= tolerance * most, "%s: %s gives %.8g at %zu of %zu, ref %.8g, largest %.3g, tolerance %.2g", what,
            p->other->label, y[where], where, count, x[where], most, tolerance);
    for (size_t i = count; i < all; i++)
        EXPECT_(isnan(x[i]) && isnan(y[i]), "%s: %s wrote %zu beyond its end", what, p->other->label, i - count);
}

// Expects that the results are finite and differ by at most `tolerance` times the largest
// magnitude, and that the guard is untouched.
static inline void agree(struct pair *p, const char *what, struct floats b, double tolerance) {
    const size_t all = b.count + GUARD;
    float *host[2];
    for (int k = 0; k < 2; k++) {
        host[k] = malloc(all * sizeof(float));
        p->side[k].v->download(p->side[k].b, host[k], b.at[k], all);
    }
    agree_values(p, what, host[0], host[1], b.count, all, tolerance);
    free(host[0]), free(host[1]);
}
static inline void agree_acts(struct pair *p, const char *what, struct acts b, double tolerance) {
    const size_t all = image_points(with_guard(b.s)) * (size_t)b.c;
    float *host[2];
    for (int k = 0; k < 2; k++) {
        host[k] = malloc(all * sizeof(float));
        p->side[k].v->download_act(p->side[k].b, with_guard(b.s), b.c, host[k], b.at[k]);
    }
    agree_values(p, what, host[0], host[1], acts_count(b), all, tolerance);
    free(host[0]), free(host[1]);
}

#endif
