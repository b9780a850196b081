// Any bytes as run.sqlite: what `info` and the ladder read of it.
#include "ladder/ladder.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char path[PATH_BYTES];
    struct run_summary summary;
    struct ladder ladder;
    fuzz_file(path, "run.sqlite", data, num_bytes);
    const char *const runs[] = {fuzz_make_folder()};
    if (run_summarise(runs[0], &summary) == STATUS_OK && ladder_standings(&ladder, runs, 1, LADDER_VISITS) == STATUS_OK)
        ladder_done(&ladder);
    return 0;
}
