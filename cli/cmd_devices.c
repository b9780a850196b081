// tengen devices: lists the backends and devices, and says why one can't be used.
#include "base/text.h"
#include "cli/command.h"
#include "cli/json.h"
#include "net/backend.h"

struct settings {
    bool json;
};

static const struct option table[] = {
    {"json", OPTION_FLAG, offsetof(struct settings, json), "false", 0, 0, "", NULL, "print one JSON object for each backend"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 0, 0, &words, &done));
    for (int i = 0; !done && i < backend_count(); i++) {
        struct backend_info info;
        backend_describe(i, &info);
        if (s.json) {
            cJSON *line = cJSON_CreateObject();
            json_text(line, "backend", info.name);
            json_flag(line, "built", info.built);
            json_flag(line, "usable", info.usable);
            json_text(line, "reason", info.usable ? NULL : info.reason);
            json_text(line, "device", info.usable ? info.device : NULL);
            json_line(line);
        } else if (info.usable) {
            text_print(stdout, "%-6s usable: %s\n", info.name, info.device);
        } else {
            text_print(stdout, "%-6s %s: %s\n", info.name, info.built ? "built, not usable" : "not built", info.reason);
        }
    }
    return STATUS_OK;
}

const struct command command_devices = {"devices", "", "Lists the backends and devices, and why one can't be used", NULL, run};
