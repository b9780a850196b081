// How fast a device evaluates batches that are ready. Positions are encoded beforehand, two batches
// are in flight, and transfers are included. So it measures what a card can do when enough threads
// feed it: one thread that also encodes and decodes can't keep a card busy.
#ifndef NET_INFERENCE_BENCH_H
#define NET_INFERENCE_BENCH_H

#include "base/clock.h"
#include "game/evaluator.h"
#include "net/backend.h"
#include "net/net.h"

struct inference_result {
    long long evaluations;
    double seconds;
    bool fused;
    double fused_seconds, layered_seconds; // as in net_evaluator.h
};

// Evaluates batches of the n positions, which are all of one game, for about `seconds`. Called from
// one thread; a status says what could not be opened or does not fit.
enum status inference_bench(const struct net *net, const struct backend_spec *spec, const struct position *positions, int n,
                            double seconds, const struct clock *clock, struct inference_result *out);

#endif
