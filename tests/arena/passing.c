// Laws of the pass that ends a game. Among our own players it is taken at once. Where players agree
// on dead stones, it is taken only by a side that was winning before the opponent passed, or that
// could only lose by playing on.
#include "arena/seat_parts.h"
#include "tests/arena/arena_test.h"

#include <stdlib.h>

enum { SIZE = 5, PASS = SIZE * SIZE };

struct table {
    struct game game;
    struct player *player;
    struct evaluator *judge;
    struct seat *seat;
};

static int point(const char *name) { return (SIZE - (name[1] - '0')) * SIZE + (name[0] - 'A'); }

// A seat of uct:400 for Black, after these moves, where "-" is a pass.
static void sit(struct table *t, double komi, bool by_agreement, const char *moves) {
    uint16_t actions[64];
    int n = 0;
    char text[256], *rest = NULL;
    struct rng rng;
    test_go(&t->game, SIZE, komi);
    t->player = test_player("uct:400");
    EXPECT_INT(seat_new(&t->seat, t->player, &test_clock), STATUS_OK);
    snprintf(text, sizeof text, "%s", moves);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        actions[n++] = (uint16_t)(word[0] == '-' ? PASS : point(word));
    rng_init(&rng, 1, 1);
    EXPECT_INT(seat_begin(t->seat, &t->game, 0, by_agreement, actions, n, &rng), STATUS_OK);
}

static void leave(struct table *t) {
    seat_free(t->seat);
    player_free(t->player);
}

static int think(struct table *t) {
    int n, action;
    // It judges its leaves itself.
    EXPECT_INT(seat_think(t->seat, 1, NULL, &n, &action), SEAT_READY);
    return action;
}

static int first_move(double komi, bool by_agreement, const char *moves) {
    struct table t;
    sit(&t, komi, by_agreement, moves);
    const int action = think(&t);
    leave(&t);
    return action;
}

// Two living groups on a full board, where Black's eyes are A1 and A5, and White's E1 and E5. White
// has just passed.
#define FULL "- C1 - C2 - C3 - C4 - C5 - D1 A2 D2 A3 D3 A4 D4 B1 D5 B2 E2 B3 E3 B4 E4 B5 -"

int main(void) {
    EXPECT_INT(first_move(0.5, false, "C3 -"), PASS);
    EXPECT(first_move(0.5, true, "C3 -") != PASS); // White's pass is a free move for Black
    EXPECT_INT(first_move(-5.5, false, FULL), PASS);
    EXPECT_INT(first_move(-5.5, true, FULL), PASS);  // every other move fills an eye of its own
    EXPECT(first_move(25.5, false, "C3 -") != PASS); // not a win

    // Black holds three columns, and White passes again and again. At first Black does not know
    // that it was winning, then it does.
    struct table t;
    sit(&t, 0.5, true, "C1 D1 C2 D2 C3 D3 C4 D4 C5 -");
    const int action = think(&t);
    EXPECT(action != PASS);
    seat_observe(t.seat, action);
    seat_observe(t.seat, PASS);
    EXPECT_INT(think(&t), PASS);
    EXPECT_NEAR(seat_value(t.seat), 1, 0);
    leave(&t);
    return TEST_END();
}
