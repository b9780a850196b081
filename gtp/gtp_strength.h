// Inside gtp/: how strongly the engine plays.
#ifndef GTP_GTP_STRENGTH_H
#define GTP_GTP_STRENGTH_H

#include "net/net_setting.h"

struct gtp_engine;

struct gtp_strength {
    int visits, batch;  // as in struct gtp_params
    double temperature; // of the choice of a move; 0: always the best
    // It plays exactly as in the games that rated this setting: leaves are judged one at a time, and
    // nothing is added that would make it stronger.
    bool is_rated;
    int level; // the last that was set; 0: none
};

// As the params say.
enum status gtp_strength_init(struct gtp_engine *engine);
// From now on it plays by this setting of its net.
void gtp_engine_play_as(struct gtp_engine *engine, const struct net_setting *setting);
// Back to what it was given, as when a command sets the visits.
void gtp_engine_play_freely(struct gtp_engine *engine);
// The command `level N`: 1, the weakest, to NET_LEVELS. False: there is no such level, or no net.
bool gtp_engine_set_level(struct gtp_engine *engine, int level);

#endif
