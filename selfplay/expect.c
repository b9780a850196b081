// Measured curves, one entry a run. Strength follows the number of evaluations; how fast those come is the machine's.
// A milestone is what `tengen elo` calls beaten: stronger with a chance of 97.5 %, never below 50 % afterwards.
#include "selfplay/expect.h"

#include "base/options.h"

#include <stdio.h>
#include <string.h>

enum { MILESTONES = 4 };

struct measured {
    const char *game;
    int height, width, blocks, channels;
    double seconds, evaluations; // of the whole run
    struct {
        double seconds; // of the checkpoint that was the first to be stronger
        const char *what;
    } at[MILESTONES];
    const char *end; // how strong it was at the end
};

static const struct measured runs[] = {
    // Before full-share 0.5 and fast-noise 0: trainings are stronger since. arena/results: train --size 7 --komi 9 --time 20m (671 iterations of 128 slots, 192 evaluations each), elo --checkpoints 8
    {"go",
     7,
     7,
     4,
     48,
     1200,
     671 * 128 * 192.0,
     {{100, "UCT with 4,096 rollouts"}, {301, "GNU Go level 10"}},
     "was 450 Elo above that"},
};

static const struct measured *find(const struct config *c, const struct game *game) {
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        const struct measured *m = &runs[i];
        if (!strcmp(m->game, game->type->name) && m->height == game->height && m->width == game->width &&
            m->blocks == c->blocks && m->channels == c->channels)
            return m;
    }
    return NULL;
}

bool expect_text(const struct config *config, const struct game *game, double evaluations_per_s, double budget,
                 char out[EXPECT_TEXT_BYTES]) {
    const struct measured *m = find(config, game);
    if (!m || !(evaluations_per_s > 0)) return false;
    const double slower = m->evaluations / m->seconds / evaluations_per_s; // our seconds for one of the measured run
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
