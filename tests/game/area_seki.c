// Which stones are in seki: positions with hand-made judgements.
#include "game/area.h"
#include "game/go.h"
#include "tests/test.h"

// rows: from the top, X and O are stones, b and w dead stones of Black and White; x and o are empty
// points that the judge takes for a side's.
static void read_rows(const char *rows, int height, int width, struct area_board *board, float *owner) {
    area_start(board, height, width);
    for (int p = 0; p < height * width; p++) {
        const char c = rows[p / width * (width + 1) + p % width];
        board->point[p] = (int8_t)(c == 'X' || c == 'b' ? 1 : c == 'O' || c == 'w' ? -1 : 0);
        owner[p] = c == '.' ? 0 : strchr("Xxw", c) ? 1 : -1;
    }
}

// The points of the stones that are in seki, "A1 B1", and the margin by the rules.
static void check(const char *rules, const char *rows, const char *expected, double margin) {
    const int width = (int)strcspn(rows, " "), height = (int)(strlen(rows) + 1) / (width + 1);
    struct game g;
    struct area_board board;
    float owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
    uint8_t status[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
    char found[400] = "";
    EXPECT_INT(game_open(&g, "go", &(struct game_options){height, width, 0, rules, 0}), STATUS_OK);
    read_rows(rows, height, width, &board, owner);
    for (int p = 0; p < height * width; p++)
        if (board.point[p] * owner[p] < 0) status[p] = AREA_DEAD;
    area_find_seki(&g, &board, owner, status);
    for (int p = 0; p < height * width; p++) {
        char text[GAME_TEXT_BYTES];
        if (!board.point[p] || status[p] != AREA_SEKI) continue;
        g.type->action_text(&g, p, text);
        if (*found) strcat(found, " ");
        strcat(found, text);
    }
    EXPECT_TEXT(found, expected);
    EXPECT_NEAR(area_agreed(&g, &board, status), margin, 0);
}

static void both_sides_of_a_seki_are_found(void) {
    // Black's chain in the corner and White's beside it have an eye each and share C1. White's
    // group on the left has two eyes. 34 black stones surround 24 points, 18 white ones 2; the eyes
    // A1 and E1 are taxed.
    static const char corner[] = "OOXxXxXxx OOXxXXxxx .OXxXXXXx OOXxXxXxx .OXXXXXXx OOXxxxxxx OOXXXXXXx XXOOOOXXX xX.OoOXxx";
    static const char *const seki = "A2 B2 C2 D2 E2 F2 B1 D1 F1";
    check("japanese", corner, seki, 24 - 2);
    check("chinese+tax=seki", corner, seki, 34 + 24 - 18 - 2);
}

static void chains_without_eyes_share_two_points(void) {
    static const char rows[] = "xXO.XOo XXO.XOO xXOOXOo xXXXOOo";
    check("japanese", rows, "C4 E4 C3 E3 C2 D2 E2", 3 - 3);
    check("chinese+tax=seki", rows, "C4 E4 C3 E3 C2 D2 E2", 10 + 3 - 10 - 3);
}

static void what_is_no_seki_is_left_alone(void) {
    // The same position as the first, but White's chain is dead: six prisoners on six points.
    static const char dead[] = "OOXxXxXxx OOXxXXxxx .OXxXXXXx OOXxXxXxx .OXXXXXXx OOXxxxxxx OOXXXXXXx XXwwwwXXX xXxwxwXxx";
    check("japanese", dead, "", 27 + 6 + 6 - 2);
    // Dame that nobody has filled, between living groups with large territories.
    check("japanese", "xxxX.Oo xxxX.Oo xxxX.Oo xxxX.Oo", "", 12 - 4);
    // The eye at C4 and the group around it are Black's, whatever the judge says.
    check("japanese", "xX.XOo XxX.Oo xXxXOo xXXXOo", "", 6 - 4);
    // A game that has just begun.
    check("japanese", "..... .X... ..... ...O. .....", "", 0);
    check("japanese", ".....", "", 0);
}

int main(void) {
    both_sides_of_a_seki_are_found();
    chains_without_eyes_share_two_points();
    what_is_no_seki_is_left_alone();
    return TEST_END();
}
