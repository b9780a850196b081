// This machine, as far as it can be measured.
#ifndef WEB_MACHINE_H
#define WEB_MACHINE_H

#include <cjson/cJSON.h>

// GET /api/machine but for the runs, the games that are played and the listeners.
cJSON *machine_json(const char *name, int processors);

#endif
