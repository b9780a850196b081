// The arithmetic rate that a backend's library reaches where it is at its best: the yardstick for everything else it does.
#ifndef NET_PEAK_H
#define NET_PEAK_H

#include "base/clock.h"
#include "net/backend.h"

// GFLOP/s of a large matrix product in the precision of activations, best of several; one backend, one thread, about half a second.
enum status backend_peak_gflops(struct backend *backend, const struct clock *clock, double *gflops);

#endif
