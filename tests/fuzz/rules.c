// Any lines are sent to `tengen rules`. The first byte chooses the game.
#include "game/oracle.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    struct game game;
    const struct game_options options = {.komi = GAME_KOMI_DEFAULT};
    char *answers = NULL;
    size_t answer_bytes = 0;
    if (num_bytes < 2) return 0;
    CHECK(game_open(&game, game_at(data[0] % game_count())->name, &options) == STATUS_OK);
    FILE *in = fmemopen((void *)(data + 1), num_bytes - 1, "r"), *out = open_memstream(&answers, &answer_bytes);
    CHECK(in && out);
    CHECK(oracle_serve(&game, in, out) == STATUS_OK);
    fclose(in);
    fclose(out);
    free(answers);
    return 0;
}
