// Laws: what to expect is what the measured run did, scaled by the pace; nothing is foretold of a
// board that was never measured; and every row of the table can be read.
#include "selfplay/expect.h"
#include "tests/test.h"

static bool text_for(const char *game_name, int size, int blocks, double pace, double budget, char out[EXPECT_TEXT_BYTES]) {
    struct game game;
    struct config config = {.blocks = blocks, .channels = blocks == 5 ? 64 : 48};
    if (game_open(&game, game_name, &(struct game_options){.height = size, .width = size, .komi = GAME_KOMI_DEFAULT})) exit(1);
    return expect_text(&config, &game, pace, budget, out);
}

static void test_a_measured_run_is_scaled_by_the_pace(void) {
    const double measured = 16490496 / 1200.7; // The evaluations a second of that run.
    char text[EXPECT_TEXT_BYTES];
    EXPECT(text_for("go", 7, 4, measured, 1200, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 5m 01s") && strstr(text, "after 20m 01s Elo 2208 (uct:1024 = 1000)"),
            "%s", text);
    EXPECT_(!strstr(text, "more than this budget") && !strstr(text, "another net"), "%s", text);
    EXPECT(text_for("go", 7, 4, measured / 2, 300, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 10m 02s (more than this budget)"), "%s", text);
    EXPECT_(strstr(text, "uct:4096 after about 3m 20s,"), "%s", text);
    // 150 seconds of that run: between 1701 after 100.1 and 2040 after 300.8.
    EXPECT_(strstr(text, "Elo 1826 at the end of this budget"), "%s", text);
}

static void test_the_nearest_run_is_taken(void) {
    const double slow = 54657024 / 3600.;
    char text[EXPECT_TEXT_BYTES];
    // The nearest to the budget at this pace, and the longest one where there is no budget.
    EXPECT(text_for("go", 7, 4, slow, 3600, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 10m 01s; after 1h 00m it won 90 %"), "%s", text);
    EXPECT(text_for("go", 7, 4, slow * 2, 3600, text)); // That is 30 minutes of it, or 24 of the short one's.
    EXPECT_(strstr(text, "after 30m 00s it won 90 %"), "%s", text);
    EXPECT(text_for("go", 7, 4, slow, 0, text));
    EXPECT_(strstr(text, "after 1h 00m it"), "%s", text);
    EXPECT(text_for("go", 9, 5, 77094912 / 9000., 9000, text));
    EXPECT_(strstr(text, "GNU Go level 10 after about 25m 01s; after 2h 30m it won 97 %"), "%s", text);
    EXPECT(text_for("go", 9, 4, 77094912 / 9000., 9000, text)); // It is another net.
    EXPECT_(strstr(text, "with another net (5x64)"), "%s", text);
}

static void test_nothing_is_said_of_what_was_not_measured(void) {
    char text[EXPECT_TEXT_BYTES];
    EXPECT(!text_for("go", 7, 4, 0, 300, text)); // The pace is not known.
    EXPECT(text_for("go", 8, 4, 1000, 300, text));
    EXPECT_(strstr(text, "no run of go 8x8 was measured"), "%s", text);
    EXPECT(text_for("hex", 7, 4, 1000, 300, text));
    EXPECT_(strstr(text, "no run of hex 7x7 was measured"), "%s", text);
}

// The file, whose lines the program holds, by another reader.
static void test_the_table_is_sound(void) {
    FILE *in = fopen("selfplay/expect.csv", "r");
    char line[600];
    int rows = 0;
    EXPECT(in && fgets(line, sizeof line, in));
    EXPECT_TEXT(line, EXPECT_HEADER);
    while (in && fgets(line, sizeof line, in)) {
        int commas = 0, height, width, blocks, channels;
        double seconds, evaluations, at;
        char game[32];
        for (const char *c = line; *c; c++) commas += *c == ',';
        EXPECT_(commas == 13, "row %d has %d commas", rows, commas);
        EXPECT_(sscanf(line, "%31[^,],%d,%d,%d,%d,%lf,%lf,%lf,", game, &height, &width, &blocks, &channels, &seconds,
                       &evaluations, &at) == 8 &&
                    seconds > 0 && evaluations > 0 && at > 0 && at <= seconds,
                "row %d: %s", rows, line);
        rows++;
    }
    if (in) fclose(in);
    EXPECT(rows > 0);
}

int main(void) {
    test_a_measured_run_is_scaled_by_the_pace();
    test_the_nearest_run_is_taken();
    test_nothing_is_said_of_what_was_not_measured();
    test_the_table_is_sound();
    return TEST_END();
}
