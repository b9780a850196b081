// The arithmetic rate that a backend reaches at its best, to compare everything else it does with.
#ifndef NET_PEAK_H
#define NET_PEAK_H

#include "base/clock.h"
#include "net/backend.h"

// Measures the rate of a large matrix product in the precision of activations, in GFLOP/s: the best
// of several, in about half a second. The calling thread is the one that uses the backend.
enum status backend_peak_gflops(struct backend *backend, const struct clock *clock, double *gflops);

#endif
