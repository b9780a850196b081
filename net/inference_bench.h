// How fast a device evaluates batches that are ready: positions encoded beforehand, two batches in flight, transfers included. What a
// card can do when enough threads feed it; one thread that also encodes and decodes can't keep a card busy.
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

// Batches of the n positions, all of one game, for about `seconds`.
enum status inference_bench(const struct net *net, const struct backend_spec *spec, const struct position *positions, int n,
                            double seconds, const struct clock *clock, struct inference_result *out);

#endif
