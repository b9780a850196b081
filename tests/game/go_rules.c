// Go's rules on positions whose answers are known: ko, superko, snapback, suicide, scoring, Benson,
// settled games, keys, planes.
#include "game/go.h"
#include "tests/game/go_support.h"
#include "tests/test.h"

static struct board board_open(int height, int width, double komi) { return board_open_by(NULL, height, width, komi); }
static struct board board_of(double komi, const char *rows) { return board_of_by(NULL, komi, rows); }

static void a_ko_may_not_be_retaken_at_once(void) {
    struct board b = board_open(5, 5, 0.5);
    play(&b, "C2 D2 B3 E3 C4 D4 D3 C3"); // White takes the stone at D3 from C3
    EXPECT_INT(stone(&b, "D3"), '.');
    check_captures(&b, 0, 1);
    EXPECT(!is_legal(&b, "D3"));
    EXPECT(go_ko_forbids(&b.game, b.state, go_point_of(&b.game, action_of(&b, "D3"))));
    play(&b, "A1 A5"); // after moves elsewhere it is another position
    EXPECT(is_legal(&b, "D3"));
    play(&b, "D3");
    check_captures(&b, 1, 1);
    EXPECT(!is_legal(&b, "C3"));
    free(b.state);
}

// Superko is about positions, and not about the move before.
static void superko_asks_for_the_whole_board(void) {
    struct board b = board_open(5, 5, 0.5);
    play(&b, "C2 D2 B3 E3 C4 D4 D3 C3 pass");
    EXPECT(is_legal(&b, "A1"));
    play(&b, "E1"); // White plays elsewhere: a new position
    EXPECT(is_legal(&b, "D3"));
    free(b.state);
    b = board_open(1, 2, 0);
    play(&b, "A1 B1"); // White takes
    EXPECT_INT(stone(&b, "A1"), '.');
    // It would bring back "X.".
    EXPECT(go_ko_forbids(&b.game, b.state, go_point_of(&b.game, action_of(&b, "A1"))));
    free(b.state);
}

static void no_position_comes_again(void) {
    // On a row of four points cycles are short, but in random play no board comes again except by a
    // pass.
    struct board b = board_open(1, 4, 0);
    struct rng rng;
    uint16_t actions[8];
    int refused = 0;
    rng_init(&rng, 3, 0);
    for (int k = 0; k < 2000; k++) {
        char seen[256][4];
        int num_seen = 0;
        game_start(&b.game, b.state);
        for (int n; (n = game_legal(&b.game, b.state, actions)) > 0;) {
            char now[4];
            for (int p = 0; p < 4; p++) now[p] = (char)b.state->points[go_point_of(&b.game, p)].color;
            int times = 0;
            for (int i = 0; i < num_seen; i++) times += !memcmp(seen[i], now, 4);
            EXPECT(times == 0 || b.state->last[0] == go_pass(&b.game));
            memcpy(seen[num_seen++], now, 4);
            for (int p = 0; p < 4; p++)
                if (b.state->points[go_point_of(&b.game, p)].color == GO_EMPTY)
                    refused += go_ko_forbids(&b.game, b.state, go_point_of(&b.game, p));
            game_play(&b.game, b.state, actions[rng_below(&rng, (uint32_t)n)]);
        }
    }
    EXPECT(refused > 100);
    free(b.state);
}

static void suicide_is_illegal_for_one_stone_and_for_many(void) {
    struct board b = board_of(0.5, ".O.. "
                                   "O... "
                                   ".... "
                                   "....");
    EXPECT(!is_legal(&b, "A4"));
    free(b.state);
    b = board_of(0.5, ".XO. "
                      "XXO. "
                      "OO.. "
                      "....");
    EXPECT(!is_legal(&b, "A4")); // it would fill the last liberty of three own stones
    play(&b, "D1");
    EXPECT(is_legal(&b, "A4")); // White captures them there
    play(&b, "A4");
    check_captures(&b, 0, 3);
    free(b.state);
}

static void a_capture_is_no_suicide_and_a_snapback_works(void) {
    struct board b = board_of(0.5, ".OX. "
                                   "OOX. "
                                   "XX.. "
                                   "....");
    play(&b, "A4"); // the stone has no liberty, but it captures three
    check_captures(&b, 3, 0);
    EXPECT_INT(stone(&b, "A3"), '.');
    free(b.state);
    // A snapback: White captures one stone, and Black recaptures more.
    b = board_of(0.5, "..OX "
                      "OOOX "
                      "XXXX "
                      "....");
    play(&b, "B4 A4"); // Black throws in, White takes
    EXPECT_INT(stone(&b, "B4"), '.');
    check_captures(&b, 0, 1);
    EXPECT(is_legal(&b, "B4"));
    play(&b, "B4"); // captures all five
    check_captures(&b, 5, 1);
    free(b.state);
}

static void two_passes_end_the_game_and_max_plies_does(void) {
    struct board b = board_open(3, 3, 0.5);
    play(&b, "B2 pass");
    EXPECT_INT(game_outcome(&b.game, b.state), OUTCOME_NONE);
    play(&b, "A1 pass pass");
    EXPECT_INT(game_outcome(&b.game, b.state), OUTCOME_FIRST);
    EXPECT_NEAR(game_score(&b.game, b.state), 8.5, 0);
    free(b.state);
    struct game g;
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = 3, .komi = 9, .max_plies = 1}), STATUS_OK);
    void *state = malloc(g.state_bytes);
    game_start(&g, state);
    game_play(&g, state, 4);
    EXPECT_INT(game_outcome(&g, state), OUTCOME_DRAW);
    free(state);
}

static double score_of(double komi, const char *rows) {
    struct board b = board_of(komi, rows);
    const double score = game_score(&b.game, b.state);
    free(b.state);
    return score;
}

static void area_is_counted_as_tromp_and_taylor_do(void) {
    EXPECT_NEAR(score_of(0, "... ... ..."), 0, 0);
    EXPECT_NEAR(score_of(7, "... .X. ..."), 2, 0);
    EXPECT_NEAR(score_of(0.5, ".X.O. .X.O. .X.O. .X.O. .X.O."), -0.5, 0);
    EXPECT_NEAR(score_of(0, ".XO.. .XO.. .XO.. .XO.. .XO.O"), -5, 0);
    EXPECT_NEAR(score_of(0, "XX. O.. ..."), 1, 0); // dame: nobody's
}

// Compares the pass-alive points with a picture of the same shape: X is Black's, O White's.
static void check_alive(const char *rows, const char *expected) {
    struct board b = board_of(0.5, rows);
    uint8_t marks[GO_MAX_POINTS];
    char picture[512];
    int n = 0;
    go_pass_alive(&b.game, b.state, marks);
    for (int y = 0; y < b.game.height; y++) {
        for (int x = 0; x < b.game.width; x++) {
            const int p = go_point_at(&b.game, y, x), mark = marks[p];
            picture[n++] = (".XO")[mark];
        }
        picture[n++] = ' ';
    }
    picture[n - 1] = 0;
    EXPECT_TEXT(picture, expected);
    free(b.state);
}

static void benson_finds_what_can_never_be_captured(void) {
    // Two eyes in the corner.
    check_alive(".X.X. XXXX. ..... ..... .....", "XXXX. XXXX. ..... ..... .....");
    check_alive("..X.. XXX.. ..... ..... .....",
                "..... ..... ..... ..... ....."); // one region of two points is not enough
    // The second eye is false.
    check_alive(".X.X. XX.X. ..XX. ..... .....", "..... ..... ..... ..... .....");
    // Both sides are vital to the row.
    check_alive("... XXX ...", "XXX XXX XXX");
    // Only one is vital.
    check_alive("..... XXXXX ..... ..... .....", "..... ..... ..... ..... .....");
}

static void benson_large_regions(void) {
    // A wall has the small side as one vital region; the large one is not vital, so the wall is not
    // alive.
    check_alive(".OX.. OOX.. XXX.. ..... .....", "..... ..... ..... ..... .....");
    // A stone inside an eye is dead, because every point there touches a black stone. All outside
    // is dead too, because the only point that touches none (E1) can't be two eyes.
    check_alive(".O.X. XXXX. .X.X. XXXX. .....", "XXXXX XXXXX XXXXX XXXXX XXXXX");
    check_alive(".O.X.. XXXX.. .X.X.. XXXX.. ......", "XXXX.. XXXX.. XXXX.. XXXX.. ......");
    // As in a seki, each side has one eye and they share liberties, so that nobody is pass-alive.
    check_alive(".XXO. XXOO. .O.X. ..... .....", "..... ..... ..... ..... .....");
    check_alive(".X.XO XXXXO OOOOO .O.O. OOOO.", "XXXXO XXXXO OOOOO OOOOO OOOOO");
}

static void a_settled_game_counts_dead_stones_off(void) {
    struct board b = board_of(7.5, ".X.XO "
                                   "XXXXO "
                                   "OOOOO "
                                   ".OX.O " // a black stone that can't live
                                   "O.OO.");
    uint8_t marks[GO_MAX_POINTS];
    EXPECT(go_is_settled(&b.game, b.state, marks));
    EXPECT_INT(b.game.type->settled(&b.game, b.state), OUTCOME_SECOND);
    EXPECT_NEAR(game_score(&b.game, b.state), 8 - 17 - 7.5, 0);
    int8_t owner[25];
    b.game.type->ownership(&b.game, b.state, owner);
    EXPECT_INT(owner[3 * 5 + 2], -1);
    play(&b, "pass pass"); // now the game is over, and by the rules the stone on the board is alive
    EXPECT_NEAR(game_score(&b.game, b.state), 9 - 15 - 7.5, 0); // so that D2 is nobody's
    b.game.type->ownership(&b.game, b.state, owner);
    EXPECT_INT(owner[3 * 5 + 2], 1);
    EXPECT_INT(game_certain(&b.game, b.state), OUTCOME_SECOND);
    free(b.state);
    b = board_open(9, 9, 7);
    EXPECT_INT(b.game.type->settled(&b.game, b.state), OUTCOME_NONE);
    free(b.state);
}

static uint64_t hash_after(int size, double komi, const char *moves) {
    struct board b = board_open(size, size, komi);
    play(&b, moves);
    const uint64_t hash = game_hash(&b.game, b.state);
    free(b.state);
    return hash;
}

static void the_key_tells_apart_what_judges_see(void) {
    const char *const line = "A1 B1 C1 D1 E1";
    EXPECT(hash_after(5, 7, line) == hash_after(5, 7, line));
    EXPECT(hash_after(5, 7, line) != hash_after(5, 7.5, line)); // komi counts
    // The last moves count, because encode shows them.
    EXPECT(hash_after(5, 7, "A1 B1 C1 D1 E1") != hash_after(5, 7, "E1 D1 A1 B1 C1"));
    EXPECT(hash_after(5, 7, "A1 A5 C1 C5 E1 E5 E3 D4 C3") == hash_after(5, 7, "C1 C5 A1 A5 E1 E5 E3 D4 C3"));
    EXPECT(hash_after(5, 7, "A1 pass") != hash_after(5, 7, "A1"));
    EXPECT(hash_after(5, 7, "pass pass") != hash_after(5, 7, "pass"));
}

// Komi half a point above a possible margin of area is worth to one side what it costs the other.
// On boards with an even number of points these margins are even.
static void komi_is_shown_finely(void) {
    static const struct {
        int size;
        double komi, fair, parity; // what Black, to move, is told
    } lines[] = {{7, 9, 0, 0},       {7, 8.5, 0.5 / 3, 0.5},     {7, 9.5, -0.5 / 3, -0.5}, {7, 10, -1.0 / 3, 0},
                 {7, 7, 2.0 / 3, 0}, {7, 7.25, 1.75 / 3, -0.25}, {7, 99, -1, 0},           {7, -9, 1, 0},
                 {8, 10, 0, 0},      {8, 9.5, 0.5 / 3, 0.5},     {8, 9, 1.0 / 3, 0},       {8, 8.5, 0.5, -0.5}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (int white = 0; white < 2; white++) {
            struct board b = board_open(lines[i].size, lines[i].size, lines[i].komi);
            float planes[64][GO_NUM_PLANES] = {{0}}, globals[GO_NUM_GLOBALS];
            play(&b, white ? "A1" : "");
            b.game.type->encode(&b.game, b.state, 0, planes[0], lines[i].size, GO_NUM_PLANES, globals);
            EXPECT_NEAR(globals[13], white ? -lines[i].fair : lines[i].fair, 1e-6);
            EXPECT_NEAR(globals[14], white ? -lines[i].parity : lines[i].parity, 1e-6);
            free(b.state);
        }
}

static void the_planes_show_what_they_say(void) {
    struct board b = board_open(5, 5, 6.5);
    float planes[25][GO_NUM_PLANES] = {{0}}, globals[GO_NUM_GLOBALS];
    play(&b, "C2 D2 B3 E3 C4 D4 D3 C3"); // Black to move; D3 is forbidden by superko
    b.game.type->encode(&b.game, b.state, 0, planes[0], 5, GO_NUM_PLANES, globals);
    const int d3 = action_of(&b, "D3"), c3 = action_of(&b, "C3"), c2 = action_of(&b, "C2"), d4 = action_of(&b, "D4");
    int ones = 0, mine = 0, theirs = 0, forbidden = 0;
    for (int p = 0; p < 25; p++) {
        ones += planes[p][0] == 1;
        mine += planes[p][1] == 1;
        theirs += planes[p][2] == 1;
        forbidden += planes[p][6] == 1;
    }
    EXPECT_INT(ones, 25);
    EXPECT_INT(mine, 3);
    EXPECT_INT(theirs, 4);
    EXPECT_INT(forbidden, 1);
    EXPECT_NEAR(planes[d3][6], 1, 0);
    EXPECT_NEAR(planes[d3][13], 1, 0);
    EXPECT_NEAR(planes[c3][3], 1, 0);  // the stone that has captured has one liberty
    EXPECT_NEAR(planes[c3][12], 0, 0); // and is not the mover's
    EXPECT_NEAR(planes[c2][4], 1, 0);  // B2 and C1
    EXPECT_NEAR(planes[c3][7], 1, 0);
    EXPECT_NEAR(planes[d3][8], 1, 0); // its stone was captured, but it is still the move before
    EXPECT_NEAR(planes[d4][9], 1, 0);
    EXPECT_NEAR(globals[0], -6.5 / 15, 1e-6);
    EXPECT_NEAR(globals[1], 0, 0);
    EXPECT_NEAR(globals[3], 1, 0);
    EXPECT_NEAR(globals[4], -1, 0);
    EXPECT_NEAR(globals[5], 0, 0);
    play(&b, "pass");
    b.game.type->encode(&b.game, b.state, 0, planes[0], 5, GO_NUM_PLANES, globals);
    EXPECT_NEAR(globals[0], 6.5 / 15, 1e-6);
    EXPECT_NEAR(globals[1], 1, 0);
    EXPECT_NEAR(globals[2], 0, 0);
    EXPECT_NEAR(planes[c3][12], 1, 0);
    free(b.state);
}

static void komi_is_fair_by_default(void) {
    static const struct {
        int size;
        double komi;
    } fair[] = {{5, 24.5}, {6, 4}, {7, 9}, {8, 10}, {9, 7}, {19, 7}};
    for (size_t i = 0; i < sizeof fair / sizeof *fair; i++) {
        struct board b = board_open(fair[i].size, fair[i].size, GAME_KOMI_DEFAULT);
        EXPECT_NEAR(b.game.komi, fair[i].komi, 0);
        free(b.state);
    }
}

int main(void) {
    a_ko_may_not_be_retaken_at_once();
    superko_asks_for_the_whole_board();
    no_position_comes_again();
    suicide_is_illegal_for_one_stone_and_for_many();
    a_capture_is_no_suicide_and_a_snapback_works();
    two_passes_end_the_game_and_max_plies_does();
    area_is_counted_as_tromp_and_taylor_do();
    benson_finds_what_can_never_be_captured();
    benson_large_regions();
    a_settled_game_counts_dead_stones_off();
    the_key_tells_apart_what_judges_see();
    komi_is_shown_finely();
    the_planes_show_what_they_say();
    komi_is_fair_by_default();
    return TEST_END();
}
