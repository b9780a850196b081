// Any bytes are opened as run.sqlite. Then everything is read that readers read, the ladder is made
// from it, and it is asked whether a training would go on.
#include "ladder/ladder.h"
#include "tests/fuzz/fuzz.h"

static void ask(struct run_reader *reader) {
    struct run_checkpoint *checkpoints;
    struct run_metrics metrics;
    struct run_game_row *games;
    struct record record;
    int num;
    bool found;
    if (run_read_checkpoints(reader, &checkpoints, &num) == STATUS_OK) free(checkpoints);
    if (run_read_metrics(reader, 0, &metrics) == STATUS_OK) run_metrics_done(&metrics);
    if (run_read_games(reader, &(struct run_games_wish){.net_step = -1}, &games, &num) == STATUS_OK) {
        if (num && run_read_record(reader, games[0].index, &record, &found) == STATUS_OK && found) record_done(&record);
        free(games);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char path[PATH_BYTES];
    struct run_summary summary;
    struct run_reader *reader;
    struct ladder ladder;
    fuzz_file(path, "run.sqlite", data, num_bytes);
    const char *const runs[] = {fuzz_make_folder()};
    if (run_peek(runs[0], &summary) == STATUS_OK && run_read_open(&reader, runs[0]) == STATUS_OK) {
        ask(reader);
        run_read_close(reader);
    }
    if (run_summarise(runs[0], &summary) == STATUS_OK && ladder_standings(&ladder, runs, 1, LADDER_VISITS) == STATUS_OK)
        ladder_done(&ladder);
    return 0;
}
