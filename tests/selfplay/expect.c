// Law: what to expect is what the measured run did, scaled by the pace; nothing is said of what was
// never measured.
#include "selfplay/expect.h"
#include "tests/test.h"

static bool text_for(const char *game_name, int size, int blocks, double pace, double budget, char out[EXPECT_TEXT_BYTES]) {
    struct game game;
    struct config config = {.blocks = blocks, .channels = blocks == 5 ? 64 : 48};
    if (game_open(&game, game_name, &(struct game_options){.height = size, .width = size, .komi = GAME_KOMI_DEFAULT})) exit(1);
    return expect_text(&config, &game, pace, budget, out);
}

int main(void) {
    const double measured = 671 * 128 * 192.0 / 1200; // The evaluations a second of that run.
    char text[EXPECT_TEXT_BYTES];
    EXPECT(text_for("go", 7, 4, measured, 1200, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 5m 01s") && strstr(text, "after 20m"), "%s", text);
    EXPECT(!strstr(text, "more than this budget"));
    EXPECT(text_for("go", 7, 4, measured / 2, 300, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 10m 02s (more than this budget)"), "%s", text);
    EXPECT_(strstr(text, "4,096 rollouts after about 3m 20s,"), "%s", text);
    // It is the run nearest to the budget at this pace, and the longest one where there is no
    // budget.
    const double slow = 2224 * 128 * 192.0 / 3600;
    EXPECT(text_for("go", 7, 4, slow, 3600, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 10m 01s; after 1h 00m it won 90 %"), "%s", text);
    // That is 30 minutes of it, or 24 of the short one's.
    EXPECT(text_for("go", 7, 4, slow * 2, 3600, text));
    EXPECT_(strstr(text, "after 30m 00s it won 90 %"), "%s", text);
    EXPECT(text_for("go", 7, 4, slow, 0, text));
    EXPECT_(strstr(text, "after 1h 00m it"), "%s", text);
    EXPECT(text_for("go", 9, 5, 3137 * 128 * 192.0 / 9000, 9000, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 25m 01s; after 2h 30m it won 97 %"), "%s", text);
    EXPECT(!text_for("go", 7, 4, 0, 300, text));    // The pace is not known.
    EXPECT(!text_for("go", 7, 5, 1000, 300, text)); // It is another net.
    EXPECT(!text_for("go", 8, 4, 1000, 300, text));
    EXPECT(!text_for("hex", 7, 4, 1000, 300, text));
    return TEST_END();
}
