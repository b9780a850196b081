// Any text is read as the config.ini of a run. It is refused, or it gives settings with which a
// game can be opened and a command written.
#include "selfplay/config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char path[PATH_BYTES], command[512];
    struct options_text text = {0};
    struct config config = {0};
    struct game game;
    options_defaults(config_table, &config);
    if (options_load(config_table, &config, fuzz_file(path, "config.ini", data, num_bytes), &text) == STATUS_OK &&
        config_resolve(&config, &game) == STATUS_OK)
        config_command(&config, command, sizeof command);
    options_text_done(&text);
    return 0;
}
