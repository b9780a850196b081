// What every test needs: EXPECT prints both sides and counts; TEST_END is main's exit status.
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_failures;

// Rounds of a random test: a quarter of them under a sanitizer. Sanitizers look for misused
// memory, of which few rounds show as much as many, and run several times slower; the laws
// themselves are held by the whole number in the other builds.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TEST_IS_SANITIZED = 1 };
#else
enum { TEST_IS_SANITIZED = 0 };
#endif
static inline int test_rounds(int rounds) { return TEST_IS_SANITIZED ? (rounds + 3) / 4 : rounds; }

#define EXPECT_(ok, format, ...)                                                                                               \
    do {                                                                                                                       \
        if (!(ok)) {                                                                                                           \
            test_failures++;                                                                                                   \
            fprintf(stderr, "%s:%d: " format "\n", __FILE__, __LINE__, __VA_ARGS__);                                           \
            if (test_failures >= 20) exit(1);                                                                                  \
        }                                                                                                                      \
    } while (0)
#define EXPECT(condition) EXPECT_(condition, "expected %s", #condition)
#define EXPECT_INT(a, b)                                                                                                       \
    do {                                                                                                                       \
        const long long a_ = (long long)(a), b_ = (long long)(b);                                                              \
        EXPECT_(a_ == b_, "%s is %lld, expected %lld", #a, a_, b_);                                                            \
    } while (0)
#define EXPECT_NEAR(a, b, tolerance)                                                                                           \
    do {                                                                                                                       \
        const double a_ = (a), b_ = (b);                                                                                       \
        EXPECT_(fabs(a_ - b_) <= (tolerance), "%s is %.9g, expected %.9g +- %.3g", #a, a_, b_, (double)(tolerance));           \
    } while (0)
#define EXPECT_TEXT(a, b)                                                                                                      \
    do {                                                                                                                       \
        const char *a_ = (a), *b_ = (b);                                                                                       \
        EXPECT_(!strcmp(a_, b_), "%s is \"%s\", expected \"%s\"", #a, a_, b_);                                                 \
    } while (0)
// test_larger is the larger of `most` and |x|. test_worse is the larger of `worst` and the distance
// of a and b, where NAN is infinitely far. They do without fmax, which forgets NAN and in loops
// over floats breaks gcc 12 on ARM64 ("internal compiler error: in vect_transform_reduction").
static inline double test_larger(double most, double x) { return fabs(x) > most ? fabs(x) : most; }
static inline double test_worse(double worst, double a, double b) {
    return test_larger(worst, isnan(a - b) ? INFINITY : a - b);
}

#define TEST_END() (test_failures ? (fprintf(stderr, "%d failures\n", test_failures), 1) : 0)
#define TEST_SKIP(why) (fprintf(stderr, "skipped: %s\n", why), 77)

#endif
