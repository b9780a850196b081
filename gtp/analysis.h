// The JSON protocol of analysis that KataGo has: one query a line, answers a line each. Programs
// such as KaTrain, q5Go and Ogatak speak it. docs/analysis.md is its manual.
#ifndef GTP_ANALYSIS_H
#define GTP_ANALYSIS_H

#include "gtp/analyst.h"
#include "net/net.h"

#include <stdio.h>

struct analysis_params {
    // Says which boards can be played; NULL: all.
    const struct net *net;
    const char *model_name;
    // Where a query does not say how many visits, which rules, or whose winrates
    // (report_options.view).
    int visits;
    const char *rules;
    int view;
    struct analyst_params analyst;
    uint64_t seed;
    // Set from a signal handler: end now. NULL: nobody does.
    const volatile bool *stop;
    // End with the input, instead of when all its queries are answered.
    bool ends_with_input;
};

// Serves until the input has ended and all is answered. Only answers reach `out`. Fails with
// STATUS_IO where `out` can't be written, and with STATUS_CANCELLED where `stop` was set.
enum status analysis_serve(const struct analysis_params *params, FILE *in, FILE *out);

#endif
