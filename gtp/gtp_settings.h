// Inside gtp/: the settings that commands change while the engine runs. Three families of commands
// call them by different names (kata-set-param, lz-setoption, gogui-param_search).
#ifndef GTP_GTP_SETTINGS_H
#define GTP_GTP_SETTINGS_H

#include "gtp/gtp_engine.h"

// Units are those of struct gtp_params: visits, seconds, a winning chance.
enum gtp_setting { GTP_VISITS, GTP_TIME_PER_MOVE, GTP_RESIGN_BELOW, GTP_NUM_SETTINGS };
extern const char *const gtp_setting_names[GTP_NUM_SETTINGS];

double gtp_setting(const struct gtp_engine *engine, enum gtp_setting which);
// What the engine was started with.
double gtp_setting_given(const struct gtp_engine *engine, enum gtp_setting which);
// False: the value is out of bounds, and nothing has changed.
bool gtp_set_setting(struct gtp_engine *engine, enum gtp_setting which, double value);
// Writes a value without more digits than it needs; returns out.
char *gtp_number_text(double value, char out[32]);

// The levels of strength, 1 to GTP_LEVELS, by which GTP knows them. False: there is no such level.
enum { GTP_LEVELS = 10 };
bool gtp_set_level(struct gtp_engine *engine, int level);

#endif
