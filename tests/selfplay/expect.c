// What to expect is the measured run's, scaled by the pace; nothing is said of what was never measured.
#include "selfplay/expect.h"
#include "tests/test.h"

static bool text_for(const char *game_name, int size, int blocks, double pace, double budget, char out[EXPECT_TEXT_BYTES]) {
    struct game game;
    struct config config = {.blocks = blocks, .channels = 48};
    if (game_open(&game, game_name, &(struct game_options){.height = size, .width = size, .komi = GAME_KOMI_DEFAULT})) exit(1);
    return expect_text(&config, &game, pace, budget, out);
}

int main(void) {
    const double measured = 671 * 128 * 192.0 / 1200; // evaluations a second of that run
    char text[EXPECT_TEXT_BYTES];
    EXPECT(text_for("go", 7, 4, measured, 1200, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 5m 01s") && strstr(text, "after 20m"), "%s", text);
    EXPECT(!strstr(text, "more than this budget"));
    EXPECT(text_for("go", 7, 4, measured / 2, 300, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 10m 02s (more than this budget)"), "%s", text);
    EXPECT_(strstr(text, "4,096 rollouts after about 3m 20s,"), "%s", text);
    EXPECT(!text_for("go", 7, 4, 0, 300, text));    // no pace
    EXPECT(!text_for("go", 7, 5, 1000, 300, text)); // another net
    EXPECT(!text_for("go", 8, 4, 1000, 300, text));
    EXPECT(!text_for("hex", 7, 4, 1000, 300, text));
    return TEST_END();
}
