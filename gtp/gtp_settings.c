// Each setting is a field of the engine's own copy of its params, or of its strength.
#include "gtp/gtp_settings.h"

#include <stdio.h>

const char *const gtp_setting_names[GTP_NUM_SETTINGS] = {[GTP_VISITS] = "visits",
                                                         [GTP_TIME_PER_MOVE] = "time_per_move",
                                                         [GTP_RESIGN_BELOW] = "resign_below",
                                                         [GTP_WIDENESS] = "wideness"};

// The bounds of the options with the same names.
static const double most[GTP_NUM_SETTINGS] = {
    [GTP_VISITS] = 1e8, [GTP_TIME_PER_MOVE] = 86400, [GTP_RESIGN_BELOW] = 0.5, [GTP_WIDENESS] = 5};

static double value_of(const struct gtp_params *params, enum gtp_setting which) {
    return which == GTP_VISITS          ? params->visits
           : which == GTP_TIME_PER_MOVE ? params->time_per_move
           : which == GTP_RESIGN_BELOW  ? params->resign_below
                                        : params->wideness;
}

double gtp_setting(const struct gtp_engine *engine, enum gtp_setting which) {
    return which == GTP_VISITS ? engine->strength.visits : value_of(engine->params, which);
}
double gtp_setting_given(const struct gtp_engine *engine, enum gtp_setting which) { return value_of(engine->given, which); }

bool gtp_set_setting(struct gtp_engine *engine, enum gtp_setting which, double value) {
    struct gtp_params *settings = &engine->settings;
    if (!(value >= 0 && value <= most[which])) return false;
    if (which == GTP_VISITS) {
        if (value != (int)value) return false;
        gtp_engine_play_freely(engine);
        engine->strength.visits = (int)value;
    } else {
        *(which == GTP_TIME_PER_MOVE  ? &settings->time_per_move
          : which == GTP_RESIGN_BELOW ? &settings->resign_below
                                      : &settings->wideness) = value;
    }
    return true;
}

char *gtp_number_text(double value, char out[32]) {
    snprintf(out, 32, "%.10g", value);
    return out;
}
