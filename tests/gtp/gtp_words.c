// Laws of the small parts of GTP: lines, vertices, handicap points, the clock.
#include "gtp/gtp_engine.h"
#include "tests/arena/arena_test.h"

static void lines_are_cut_as_the_standard_says(void) {
    struct gtp_line line;
    char a[] = "12 play\tB\x01 D4\r\n", b[] = "  # only a comment\n", c[] = "genmove w # think\n", d[] = "\r\n", e[] = "007\n",
         f[] = "3d x";
    gtp_parse_line(a, &line);
    EXPECT(line.has_id);
    EXPECT_TEXT(line.id, "12");
    EXPECT_TEXT(line.command, "play");
    EXPECT_INT(line.num_arguments, 2);
    EXPECT_TEXT(line.arguments[0], "B");
    EXPECT_TEXT(line.arguments[1], "D4");
    gtp_parse_line(b, &line);
    EXPECT(!line.command && !line.has_id);
    gtp_parse_line(c, &line);
    EXPECT_TEXT(line.command, "genmove");
    EXPECT_INT(line.num_arguments, 1);
    EXPECT_TEXT(line.arguments[0], "w");
    gtp_parse_line(d, &line);
    EXPECT(!line.command && !line.has_id);
    gtp_parse_line(e, &line);
    EXPECT_TEXT(line.id, "007");
    EXPECT(!line.command);
    gtp_parse_line(f, &line); // it begins with a digit but is no number
    EXPECT(!line.has_id);
    EXPECT_TEXT(line.command, "3d");
}

static void vertices_are_read_and_written(void) {
    for (int size = 2; size <= 19; size++) {
        struct game game;
        test_go(&game, size, 0.5);
        for (int action = 0; action < game.num_actions; action++) {
            char text[GAME_TEXT_BYTES], own[GAME_TEXT_BYTES];
            game.type->action_text(&game, action, own);
            EXPECT_TEXT(gtp_vertex_text(&game, action, text), own); // the game's notation is GTP's
            EXPECT_INT(gtp_parse_vertex(&game, text), action);
        }
        EXPECT_INT(gtp_parse_vertex(&game, "a1"), (size - 1) * size);
        EXPECT_INT(gtp_parse_vertex(&game, "PASS"), size * size);
    }
    struct game game;
    test_go(&game, 9, 7);
    const char *const bad[] = {"I5", "i5", "K1", "A0", "A10", "A", "5", "", "A1x", "AA1", "pas", "A-1", "@1", "resign"};
    for (int i = 0; i < (int)(sizeof bad / sizeof *bad); i++)
        EXPECT_(gtp_parse_vertex(&game, bad[i]) == GAME_NO_ACTION, "'%s' was read as a vertex", bad[i]);
    EXPECT_INT(gtp_parse_vertex(&game, "J9"), 8);
}

static void numbers_are_whole_or_refused(void) {
    int n = 0;
    double x = 0;
    EXPECT(gtp_parse_int("-3", &n) && n == -3);
    EXPECT(!gtp_parse_int("3x", &n) && !gtp_parse_int("", &n) && !gtp_parse_int("99999999999999", &n));
    EXPECT(gtp_parse_real("6.5", &x) && x == 6.5);
    EXPECT(!gtp_parse_real("nan", &x) && !gtp_parse_real("inf", &x) && !gtp_parse_real("6,5", &x));
    EXPECT_INT(gtp_parse_color("BLACK"), 0);
    EXPECT_INT(gtp_parse_color("w"), 1);
    EXPECT_INT(gtp_parse_color("blue"), -1);
}

static void handicap_points(int size, int num_stones, const char *expected) {
    struct game game;
    uint16_t points[9];
    char text[200] = "", vertex[GAME_TEXT_BYTES];
    test_go(&game, size, 0.5);
    const int n = gtp_handicap_points(size, size, num_stones, points);
    for (int i = 0; i < n; i++) {
        if (i) strcat(text, " ");
        strcat(text, gtp_vertex_text(&game, points[i], vertex));
    }
    EXPECT_TEXT(text, expected);
}

static void handicap_is_the_table_of_the_standard(void) {
    handicap_points(19, 2, "D4 Q16");
    handicap_points(19, 3, "D4 Q16 D16");
    handicap_points(19, 4, "D4 Q16 D16 Q4");
    handicap_points(19, 5, "D4 Q16 D16 Q4 K10");
    handicap_points(19, 6, "D4 Q16 D16 Q4 D10 Q10");
    handicap_points(19, 7, "D4 Q16 D16 Q4 D10 Q10 K10");
    handicap_points(19, 8, "D4 Q16 D16 Q4 D10 Q10 K4 K16");
    handicap_points(19, 9, "D4 Q16 D16 Q4 D10 Q10 K4 K16 K10");
    handicap_points(13, 5, "D4 K10 D10 K4 G7");
    handicap_points(9, 5, "C3 G7 C7 G3 E5");
    handicap_points(8, 4, "C3 F6 C6 F3");
    handicap_points(7, 4, "C3 E5 C5 E3");
    handicap_points(7, 5, "");
    handicap_points(8, 5, "");
    handicap_points(6, 2, "");
    handicap_points(19, 1, "");
    handicap_points(19, 10, "");
}

static void clock_is_kept(void) {
    struct gtp_clock clock = {0};
    EXPECT(isinf(gtp_clock_budget(&clock, 0, 20)));
    gtp_clock_set_standard(&clock, 0, 10, 0); // the standard's "no limit"
    EXPECT(isinf(gtp_clock_budget(&clock, 0, 20)));
    gtp_clock_set_standard(&clock, 60, 0, 0);
    // Under sudden death the time never runs out, however long the game goes on.
    for (int i = 0; i < 500; i++) {
        const double budget = gtp_clock_budget(&clock, 0, 10);
        EXPECT(budget >= 0 && budget <= clock.left[0].seconds);
        gtp_clock_used(&clock, 0, budget + 0.01);
    }
    EXPECT_NEAR(clock.left[1].seconds, 60, 1e-9);
    gtp_clock_set_standard(&clock, 0, 30, 10); // byo-yomi from the start
    EXPECT_NEAR(gtp_clock_budget(&clock, 1, 10), 3 * 0.95 - 0.1, 1e-9);
    for (int i = 0; i < 40; i++) {
        const double budget = gtp_clock_budget(&clock, 1, 10);
        EXPECT(budget > 0.5 && budget * clock.left[1].stones <= clock.left[1].seconds);
        gtp_clock_used(&clock, 1, budget);
    }
    gtp_clock_left(&clock, 0, 1.0, 5); // five stones in one second
    EXPECT(gtp_clock_budget(&clock, 0, 30) <= 0.2);
    gtp_clock_left(&clock, 0, 0, 0);
    gtp_clock_set_standard(&clock, 0, 0, 0); // no time at all
    EXPECT_NEAR(gtp_clock_budget(&clock, 0, 30), 0, 1e-9);
}

// A clock of a kind, whole or refused.
static struct gtp_clock clock_of(struct gtp_clock_settings settings, bool is_good) {
    struct gtp_clock clock = {0};
    EXPECT_INT(gtp_clock_set(&clock, &settings), is_good);
    return clock;
}

// Whatever the kind, a player who takes what it may have never runs out, and takes most of it.
static void clocks_of_all_kinds_are_kept(void) {
    struct gtp_clock clock = clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_BYOYOMI, 60, 10, 3}, true);
    for (int i = 0; i < 60; i++) { // main time, then the first period for ever
        const double budget = gtp_clock_budget(&clock, 0, 20);
        EXPECT(budget > 0 && budget <= clock.left[0].seconds + 10);
        gtp_clock_used(&clock, 0, budget);
    }
    EXPECT_INT(clock.left[0].stones, 3);
    EXPECT_NEAR(gtp_clock_budget(&clock, 0, 20), 10 * 0.95 - 0.1, 1e-9);
    gtp_clock_used(&clock, 0, 25); // two periods are gone
    EXPECT_INT(clock.left[0].stones, 1);
    gtp_clock_left(&clock, 1, 10, 2); // KGS counts periods where the standard counts stones
    EXPECT_NEAR(gtp_clock_budget(&clock, 1, 20), 10 * 0.95 - 0.1, 1e-9);

    clock = clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_FISCHER, 30, 5}, true);
    for (int i = 0; i < 500; i++) {
        const double budget = gtp_clock_budget(&clock, 0, 20);
        EXPECT(budget > 0 && budget < clock.left[0].seconds);
        gtp_clock_used(&clock, 0, budget);
    }
    EXPECT_(gtp_clock_budget(&clock, 0, 20) > 4, "%.2f s of 5", gtp_clock_budget(&clock, 0, 20));
    clock = clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_FISCHER, 30, 5, .most_seconds = 31, .most_a_move = 4}, true);
    EXPECT_NEAR(gtp_clock_budget(&clock, 0, 1000), 4 * 0.95 - 0.1, 1e-9); // more than 31 would be lost
    gtp_clock_used(&clock, 0, 1);
    EXPECT_NEAR(clock.left[0].seconds, 31, 1e-9);

    clock = clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_ABSOLUTE}, true);
    EXPECT(gtp_clock_is_empty(&clock));
    gtp_clock_left(&clock, 0, 5, 0);
    EXPECT(!gtp_clock_is_empty(&clock));
    clock = clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_NONE}, true);
    EXPECT(!gtp_clock_is_empty(&clock) && isinf(gtp_clock_budget(&clock, 0, 20)));
    clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_ABSOLUTE, -1}, false);
    clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_CANADIAN, 10, 0, 5}, false);
    clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_BYOYOMI, 10, 5, 0}, false);
    clock_of((struct gtp_clock_settings){.kind = GTP_CLOCK_FISCHER, NAN}, false);
}

int main(void) {
    lines_are_cut_as_the_standard_says();
    vertices_are_read_and_written();
    numbers_are_whole_or_refused();
    handicap_is_the_table_of_the_standard();
    clock_is_kept();
    clocks_of_all_kinds_are_kept();
    return TEST_END();
}
