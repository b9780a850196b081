// Any text is opened as a player: `uct:64@c_puct=2`, or a command line, which is not started before
// a game begins.
#include "arena/player.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t num_bytes) {
    char *text = fuzz_text(data, num_bytes);
    struct player *player;
    struct game game;
    const struct game_options options = {.komi = GAME_KOMI_DEFAULT};
    // Other texts are paths, which would open files outside.
    if (!strchr(text, '/') && player_open(&player, text, NULL) == STATUS_OK) {
        if (game_open(&game, "tictactoe", &options) == STATUS_OK) player_check_game(player, &game);
        player_free(player);
    }
    free(text);
    return 0;
}
