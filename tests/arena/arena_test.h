// What several arena tests share: a clock, and a match with sensible settings.
#ifndef TESTS_ARENA_TEST_H
#define TESTS_ARENA_TEST_H

#include "arena/match.h"
#include "tests/test.h"

#include <time.h>

static double test_seconds(void *context) {
    (void)context;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}
static const struct clock test_clock = {.seconds = test_seconds};

static inline void test_go(struct game *game, int size, double komi) {
    const struct game_options options = {.height = size, .width = size, .komi = komi};
    if (game_open(game, "go", &options) != STATUS_OK) exit(1);
}

static inline struct player *test_player(const char *text) {
    struct player *player = NULL;
    if (player_open(&player, text, NULL) != STATUS_OK) exit(1);
    return player;
}

#endif
