// Each setting is a field of the engine's own copy of its params.
#include "gtp/gtp_settings.h"

#include <stdio.h>

const char *const gtp_setting_names[GTP_NUM_SETTINGS] = {
    [GTP_VISITS] = "visits", [GTP_TIME_PER_MOVE] = "time_per_move", [GTP_RESIGN_BELOW] = "resign_below"};

// The bounds of the options with the same names.
static const double most[GTP_NUM_SETTINGS] = {[GTP_VISITS] = 1e8, [GTP_TIME_PER_MOVE] = 86400, [GTP_RESIGN_BELOW] = 0.5};

static double value_of(const struct gtp_params *params, enum gtp_setting which) {
    return which == GTP_VISITS ? params->visits : which == GTP_TIME_PER_MOVE ? params->time_per_move : params->resign_below;
}

double gtp_setting(const struct gtp_engine *engine, enum gtp_setting which) { return value_of(engine->params, which); }
double gtp_setting_given(const struct gtp_engine *engine, enum gtp_setting which) { return value_of(engine->given, which); }

bool gtp_set_setting(struct gtp_engine *engine, enum gtp_setting which, double value) {
    struct gtp_params *settings = &engine->settings;
    if (!(value >= 0 && value <= most[which])) return false;
    if (which == GTP_VISITS) {
        if (value != (int)value) return false;
        gtp_engine_play_freely(engine);
        settings->visits = (int)value;
    } else {
        *(which == GTP_TIME_PER_MOVE ? &settings->time_per_move : &settings->resign_below) = value;
    }
    return true;
}

char *gtp_number_text(double value, char out[32]) {
    snprintf(out, 32, "%.10g", value);
    return out;
}

// A net has its own levels, of which some may have been rated. The others are so many visits.
bool gtp_set_level(struct gtp_engine *engine, int level) {
    static const int visits[GTP_LEVELS] = {1, 2, 5, 10, 20, 50, 100, 200, 400, 800};
    if (engine->params->net) return gtp_engine_set_level(engine, level);
    return level >= 1 && level <= GTP_LEVELS && gtp_set_setting(engine, GTP_VISITS, visits[level - 1]);
}
