// Positions that are set up: what is refused, and that nothing came before them. That they are
// otherwise as if they had been played is a law of every game (laws.c).
#include "game/go.h"
#include "game/hex.h"
#include "tests/test.h"

#include <fcntl.h>
#include <unistd.h>

// Sets up rows from the top: X for the first player, O for the second.
static enum status set_rows(const struct game *g, void *state, const char *rows, int to_move) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE];
    for (int p = 0; p < g->height * g->width; p++) {
        const char c = rows[p / g->width * (g->width + 1) + p % g->width];
        stones[p] = (int8_t)(c == 'X' ? 1 : c == 'O' ? -1 : 0);
    }
    return game_set_up(g, state, stones, to_move);
}

static struct game open_game(const char *name, const char *rules, int height, int width, void **state) {
    struct game g;
    EXPECT_INT(game_open(&g, name, &(struct game_options){height, width, GAME_KOMI_DEFAULT, rules, 0}), STATUS_OK);
    *state = calloc(1, g.state_bytes);
    return g;
}

// The status of setting this up, and the outcome where that is OK.
static void check(const char *name, const char *rules, const char *rows, int to_move, enum status expected,
                  enum outcome outcome) {
    const int width = (int)strcspn(rows, " "), height = (int)(strlen(rows) + 1) / (width + 1);
    void *state;
    const struct game g = open_game(name, rules, height, width, &state);
    const enum status status = set_rows(&g, state, rows, to_move);
    EXPECT_(status == expected, "%s %s, %d to move: status %d, expected %d", name, rows, to_move, status, expected);
    if (status == STATUS_OK) EXPECT_INT(game_outcome(&g, state), outcome);
    free(state);
}

static void impossible_positions_are_refused(void) {
    check("go", NULL, "XO .. ..", 0, STATUS_OK, OUTCOME_NONE);
    check("go", NULL, "OX X. ..", 0, STATUS_USAGE, OUTCOME_NONE);    // a stone alone
    check("go", NULL, "OOX XX. ...", 1, STATUS_USAGE, OUTCOME_NONE); // two stones
    check("go", NULL, "XXX XXX XX.", 1, STATUS_OK, OUTCOME_NONE);
    check("go", NULL, "XXX XXX XXX", 0, STATUS_USAGE, OUTCOME_NONE);
    check("go", NULL, "X", 0, STATUS_USAGE, OUTCOME_NONE);
    check("go", "tromp-taylor", "XX. OX. OO.", 0, STATUS_OK, OUTCOME_NONE);
    check("tictactoe", NULL, "X.. .O. ...", 0, STATUS_OK, OUTCOME_NONE);
    check("tictactoe", NULL, "X.. .O. ...", 1, STATUS_USAGE, OUTCOME_NONE);
    check("tictactoe", NULL, "XXX OO. ...", 1, STATUS_OK, OUTCOME_FIRST);
    check("tictactoe", NULL, "OOO XX. X..", 1, STATUS_USAGE, OUTCOME_NONE);
    check("tictactoe", NULL, "XXX OOO ...", 0, STATUS_USAGE, OUTCOME_NONE); // and both have three
    check("connect4", NULL, ".... .... .... XO..", 0, STATUS_OK, OUTCOME_NONE);
    check("connect4", NULL, ".... .... X... .O..", 0, STATUS_USAGE, OUTCOME_NONE); // in the air
    check("connect4", NULL, ".... .... .... XX..", 0, STATUS_USAGE, OUTCOME_NONE);
    check("connect4", NULL, ".... .... OOO. XXXX", 1, STATUS_OK, OUTCOME_FIRST);
    check("connect4", NULL, ".... O... OOO. XXXX", 0, STATUS_USAGE, OUTCOME_NONE);
    check("connect4", NULL, "XOX OXO XXO", 1, STATUS_OK, OUTCOME_DRAW);
    check("gomoku", NULL, "XXXXX OOOO. ..... ..... .....", 1, STATUS_OK, OUTCOME_FIRST);
    check("gomoku", NULL, "XXXXX OOOO. O.... ..... .....", 0, STATUS_USAGE, OUTCOME_NONE);
    check("gomoku", NULL, "XXX.. OO... ..... ..... .....", 0, STATUS_USAGE, OUTCOME_NONE);
    check("gomoku", "exactly-five", "XXXXXX OOOO.O O..... ...... ......", 0, STATUS_OK, OUTCOME_NONE); // an overline
    check("gomoku", "freestyle", "XXXXXX OOOO.O ...... ...... ......", 1, STATUS_OK, OUTCOME_FIRST);
    check("gomoku", "freestyle", "XXXXXX OOOO.O ...... ...... ......", 0, STATUS_USAGE, OUTCOME_NONE);
    check("othello", NULL, ".... .OX. .XO. ....", 1, STATUS_OK, OUTCOME_NONE);
    check("othello", NULL, ".... .OX. .X.. ....", 0, STATUS_USAGE, OUTCOME_NONE);
    check("othello", NULL, "XXXX XXXX XXXX OOOO", 0, STATUS_OK, OUTCOME_FIRST);
    check("othello", NULL, ".... .XX. .XX. ....", 0, STATUS_OK, OUTCOME_FIRST); // nobody can move
    check("hex", "standard", "X.. X.. .O.", 0, STATUS_OK, OUTCOME_NONE);        // one more than in turn
    check("hex", "standard", "X.. X.. X..", 1, STATUS_OK, OUTCOME_FIRST);
    check("hex", "standard", "X.. X.. X..", 0, STATUS_USAGE, OUTCOME_NONE);
    check("hex", "swap", "... ... ...", 0, STATUS_OK, OUTCOME_NONE);
    check("hex", "swap", "... ... ...", 1, STATUS_USAGE, OUTCOME_NONE);
    check("breakthrough", NULL, ".... .X.. ..O. ....", 1, STATUS_OK, OUTCOME_NONE);
    check("breakthrough", NULL, ".X.. .... ..O. ....", 1, STATUS_OK, OUTCOME_FIRST);
    check("breakthrough", NULL, ".X.. .... ..O. ....", 0, STATUS_USAGE, OUTCOME_NONE);
    check("breakthrough", NULL, "OOOO OOOO XXXX XXXX", 1, STATUS_USAGE, OUTCOME_NONE);
    check("breakthrough", NULL, "OOOO OOOO OXXX XXXX", 1, STATUS_USAGE, OUTCOME_NONE);
}

static void expect_legal(const struct game *g, const void *state, const char *move, bool expected) {
    const int action = game_find_action(g, state, move);
    EXPECT_(game_is_legal(g, state, action) == expected, "%s %s: %s is %slegal", g->type->name, g->rules, move,
            expected ? "not " : "");
}

// The stone at B3 stands in a ko. Black takes it, and White may not take back at once, because the
// position that was set up would come again.
static void the_first_position_counts_for_superko(void) {
    static const char *const rules[] = {"chinese", "aga", "japanese"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        void *state;
        const struct game g = open_game("go", rules[i], 5, 5, &state);
        EXPECT_INT(set_rows(&g, state, "..... .XO.. XO.O. .XO.. .....", 0), STATUS_OK);
        EXPECT_INT(game_ply(&g, state), 0);
        expect_legal(&g, state, "C3", true);
        game_play(&g, state, game_find_action(&g, state, "C3"));
        int captures[2];
        g.type->captures(&g, state, captures);
        EXPECT_INT(captures[0], 1);
        expect_legal(&g, state, "B3", false);
        expect_legal(&g, state, "A1", true);
        free(state);
    }
}

static void nets_see_no_last_moves(void) {
    void *state;
    const struct game g = open_game("go", NULL, 5, 5, &state);
    float planes[25 * GO_NUM_PLANES] = {0}, globals[GO_NUM_GLOBALS];
    EXPECT_INT(set_rows(&g, state, "..... .XO.. XO.O. .XO.. .....", 1), STATUS_OK);
    g.type->encode(&g, state, 0, planes, 5, GO_NUM_PLANES, globals);
    for (int p = 0; p < 25; p++)
        for (int c = 6; c <= 9; c++) EXPECT_NEAR(planes[p * GO_NUM_PLANES + c], 0, 0);
    EXPECT_NEAR(globals[1], 0, 0);
    EXPECT_NEAR(globals[2], 0, 0);
    free(state);
}

// Whether the first stone may be taken over, and that it may not once more than one stone stands.
static void hex_may_be_swapped_after_one_stone(void) {
    void *state;
    const struct game g = open_game("hex", "swap", 3, 3, &state);
    EXPECT_INT(set_rows(&g, state, ".X. ... ...", 1), STATUS_OK);
    expect_legal(&g, state, "swap", true);
    EXPECT_INT(set_rows(&g, state, "... O.. ...", 0), STATUS_OK); // after the swap
    expect_legal(&g, state, "swap", false);
    EXPECT_INT(game_ply(&g, state), 2);
    EXPECT_INT(set_rows(&g, state, ".X. ... ...", 0), STATUS_OK); // a handicap stone
    expect_legal(&g, state, "swap", false);
    free(state);
}

int main(void) {
    fflush(stderr); // each of the refusals that follow says why
    const int log = dup(2), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 2);
    const int failures = test_failures;
    impossible_positions_are_refused();
    dup2(log, 2);
    if (test_failures > failures) {
        test_failures = failures;
        impossible_positions_are_refused(); // now the failures are seen
    }
    the_first_position_counts_for_superko();
    nets_see_no_last_moves();
    hex_may_be_swapped_after_one_stone();
    return TEST_END();
}
