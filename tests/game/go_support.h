// Go positions for tests: opening them, setting them up from pictures, and playing on by names of
// points.
#ifndef TESTS_GAME_GO_SUPPORT_H
#define TESTS_GAME_GO_SUPPORT_H

#include "game/go.h"
#include "tests/test.h"

struct board {
    struct game game;
    struct go_state *state;
};

// rules may be NULL, for the default.
static inline struct board board_open_by(const char *rules, int height, int width, double komi) {
    struct board b;
    const struct game_options options = {.height = height, .width = width, .komi = komi, .rules = rules};
    EXPECT_INT(game_open(&b.game, "go", &options), STATUS_OK);
    b.state = malloc(b.game.state_bytes);
    game_start(&b.game, b.state);
    return b;
}

static inline int action_of(const struct board *b, const char *text) {
    const int action = b->game.type->action_parse(&b->game, text);
    EXPECT_(action != GAME_NO_ACTION, "move %s is unreadable", text);
    return action;
}
static inline bool is_legal(const struct board *b, const char *text) {
    return game_is_legal(&b->game, b->state, action_of(b, text));
}

// Plays moves in turn, which are separated by spaces.
static inline void play(struct board *b, const char *moves) {
    char text[16];
    int n;
    for (; sscanf(moves, "%15s%n", text, &n) == 1; moves += n) {
        EXPECT_(is_legal(b, text), "%s is not legal", text);
        game_play(&b->game, b->state, action_of(b, text));
    }
}

// Sets a position up by legal moves, where the other side passes. rows: from the top, X for the
// first player and O for the second.
static inline struct board board_of_by(const char *rules, double komi, const char *rows) {
    const int width = (int)strcspn(rows, " "), height = (int)(strlen(rows) + 1) / (width + 1);
    struct board b = board_open_by(rules, height, width, komi);
    for (int side = 0; side < 2; side++)
        // A stone may need another one first, which gives it a liberty.
        for (bool again = true; again;) {
            again = false;
            for (int p = 0; p < height * width; p++) {
                if (rows[p / width * (width + 1) + p % width] != "XO"[side] || b.state->points[go_point_of(&b.game, p)].color)
                    continue;
                if (game_to_move(&b.game, b.state) != side) game_play(&b.game, b.state, go_pass(&b.game));
                if (!game_is_legal(&b.game, b.state, p)) continue;
                game_play(&b.game, b.state, p);
                again = true;
            }
        }
    for (int p = 0; p < height * width; p++)
        EXPECT_INT(".XO"[b.state->points[go_point_of(&b.game, p)].color], rows[p / width * (width + 1) + p % width]);
    if (game_to_move(&b.game, b.state)) game_play(&b.game, b.state, go_pass(&b.game));
    return b;
}

static inline char stone(const struct board *b, const char *text) {
    return ".XO"[b->state->points[go_point_of(&b->game, action_of(b, text))].color];
}

static inline void check_captures(const struct board *b, int first, int second) {
    int counts[2];
    b->game.type->captures(&b->game, b->state, counts);
    EXPECT_INT(counts[0], first);
    EXPECT_INT(counts[1], second);
}

#endif
