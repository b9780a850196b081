// Measured curves, one entry for each run. Strength follows the number of evaluations, and how fast
// those come depends on the machine. A milestone is reached when `tengen elo` calls an opponent
// beaten: the net is stronger with a chance of 97.5 %, and never below 50 % afterwards.
#include "selfplay/expect.h"

#include "base/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MILESTONES = 4 };

struct measured {
    const char *game;
    int height, width, blocks, channels;
    double seconds, evaluations; // Of the whole run.
    struct {
        double seconds; // Of the checkpoint that was the first to be stronger.
        const char *what;
    } at[MILESTONES];
    const char *end; // How strong it was at the end.
};

static const struct measured runs[] = {
    // Measured before full-share 0.5 and fast-noise 0, since when trainings are stronger
    // (docs/results.md): train --size 7 --komi 9 --time 20m (671 iterations of 128 slots, 192
    // evaluations each), elo --checkpoints 8.
    {"go",
     7,
     7,
     4,
     48,
     1200,
     671 * 128 * 192.0,
     {{100, "UCT with 4,096 rollouts"}, {301, "GNU Go level 10"}},
     "was 450 Elo above that"},
    // train --size 7 --time 60m --threads 1, its own ladder (2,224 iterations), 200 games at the
    // end.
    {"go",
     7,
     7,
     4,
     48,
     3600,
     2224 * 128 * 192.0,
     {{301, "UCT with 4,096 rollouts"}, {601, "GNU Go level 10"}},
     "won 90 % of its games against that with 400 visits a move"},
    // train --size 9 --time 150m on two cores, its own ladder (3,137 iterations), 100 games at the
    // end.
    {"go",
     9,
     9,
     5,
     64,
     9000,
     3137 * 128 * 192.0,
     {{1501, "GNU Go level 10"}},
     "won 97 % of its games against that with 800 visits a move"},
};

// How many of our seconds one second of the measured run takes.
static double slowness(const struct measured *m, double evaluations_per_s) {
    return m->evaluations / m->seconds / evaluations_per_s;
}

// Of the runs of this board and net, finds the one whose length comes nearest to the budget, since
// the learning rate falls towards its end.
static const struct measured *find(const struct config *c, const struct game *game, double evaluations_per_s, double budget) {
    const struct measured *nearest = NULL;
    double least = INFINITY;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        const struct measured *m = &runs[i];
        if (strcmp(m->game, game->type->name) || m->height != game->height || m->width != game->width ||
            m->blocks != c->blocks || m->channels != c->channels)
            continue;
        const double apart = budget > 0 ? fabs(log(budget / (m->seconds * slowness(m, evaluations_per_s)))) : -m->seconds;
        if (nearest && apart >= least) continue;
        nearest = m;
        least = apart;
    }
    return nearest;
}

bool expect_text(const struct config *config, const struct game *game, double evaluations_per_s, double budget,
                 char out[EXPECT_TEXT_BYTES]) {
    if (!(evaluations_per_s > 0)) return false;
    const struct measured *m = find(config, game, evaluations_per_s, budget);
    if (!m) return false;
    const double slower = slowness(m, evaluations_per_s);
    char time[32];
    int length = snprintf(out, EXPECT_TEXT_BYTES, "to be expected at this pace, from a measured run:");
    for (int k = 0; k < MILESTONES && m->at[k].what; k++) {
        const double seconds = m->at[k].seconds * slower;
        length += snprintf(out + length, EXPECT_TEXT_BYTES - (size_t)length, "%s stronger than %s after about %s%s",
                           k ? "," : "", m->at[k].what, format_duration(seconds, time),
                           budget > 0 && seconds > budget ? " (more than this budget)" : "");
    }
    snprintf(out + length, EXPECT_TEXT_BYTES - (size_t)length, "; after %s it %s", format_duration(m->seconds * slower, time),
             m->end);
    return true;
}
