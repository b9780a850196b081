// Moves against the exact solver's: random play errs as often as chance says, the solver never, and
// the same question has one answer.
#include "arena/move_quality.h"
#include "arena/stats.h"
#include "game/solver.h"
#include "tests/arena/arena_test.h"

#include <math.h>

static struct move_quality measure(const struct game *game, const char *player_text, int positions, int low, int high) {
    struct player *player = test_player(player_text);
    const struct move_quality_params params = {
        .game = game, .positions = positions, .min_plies = low, .max_plies = high, .seed = 3, .clock = &test_clock};
    struct move_quality quality;
    EXPECT_INT(move_quality_measure(&params, player, &quality), STATUS_OK);
    EXPECT_INT(quality.positions, positions);
    player_free(player);
    return quality;
}

static int sign(double x) { return (x > 0) - (x < 0); }

// The probability that a uniformly random move is worse, over many random positions of one length.
static void chances(const struct game *game, int plies, double *result, double *score) {
    enum { POSITIONS = 4000 };
    struct solver *solver;
    struct rng rng;
    void *state = malloc(game->state_bytes);
    int found = 0;
    *result = *score = 0;
    if (solver_new(&solver, game)) exit(1);
    rng_init(&rng, 9, 0);
    while (found < POSITIONS) {
        uint16_t legal[GAME_MAX_ACTIONS];
        double values[GAME_MAX_ACTIONS], best = -1e9;
        int n;
        game_start(game, state);
        for (int i = 0; (n = game_legal(game, state, legal)) > 0 && i < plies; i++)
            game_play(game, state, legal[rng_below(&rng, (uint32_t)n)]);
        if (!n) continue;
        solver_moves(solver, state, values);
        for (int i = 0; i < n; i++) best = fmax(best, values[i]);
        for (int i = 0; i < n; i++) {
            *result += (sign(values[i]) < sign(best)) / (double)n / POSITIONS;
            *score += (values[i] < best) / (double)n / POSITIONS;
        }
        found++;
    }
    solver_free(solver);
    free(state);
}

static void random_play_errs_as_chance_says(const char *name, int height, int width, int plies) {
    enum { POSITIONS = 400 };
    struct game game;
    double result, score;
    if (game_open(&game, name, &(struct game_options){.height = height, .width = width})) exit(1);
    chances(&game, plies, &result, &score);
    const struct move_quality q = measure(&game, "random", POSITIONS, plies, plies);
    printf("%s %dx%d, %d plies: worse result %.3f (chance %.3f), worse score %.3f (chance %.3f)\n", name, height, width, plies,
           (double)q.worse_result / POSITIONS, result, (double)q.worse_score / POSITIONS, score);
    EXPECT(result > 0.1 && score >= result);
    // Four standard deviations, and a little more since a position counts once here, but there as
    // often as it is met.
    EXPECT_NEAR((double)q.worse_result / POSITIONS, result, 4 * sqrt(result * (1 - result) / POSITIONS) + 0.03);
    EXPECT_NEAR((double)q.worse_score / POSITIONS, score, 4 * sqrt(score * (1 - score) / POSITIONS) + 0.03);
}

static void the_solver_never_errs(void) {
    struct game game;
    if (game_open(&game, "connect4", &(struct game_options){.height = 5, .width = 5})) exit(1);
    struct move_quality q = measure(&game, "solver", 200, 6, 18);
    EXPECT_INT(q.worse_score, 0);
    EXPECT_INT(q.worse_result, 0);
    if (game_open(&game, "hex", &(struct game_options){.height = 4, .rules = "swap"})) exit(1);
    q = measure(&game, "solver", 200, 0, 9);
    EXPECT_INT(q.worse_score, 0);
    EXPECT_INT(q.worse_result, 0);
}

// UCT makes fewer bad moves than random play.
static void thought_helps_and_answers_repeat(void) {
    struct game game;
    if (game_open(&game, "connect4", &(struct game_options){.height = 5, .width = 5})) exit(1);
    const struct move_quality blind = measure(&game, "random", 200, 6, 16), first = measure(&game, "uct:200", 200, 6, 16),
                              second = measure(&game, "uct:200", 200, 6, 16);
    EXPECT_(first.worse_result < blind.worse_result / 2, "uct:200 errs in %d, random in %d", first.worse_result,
            blind.worse_result);
    EXPECT_INT(first.worse_result, second.worse_result);
    EXPECT_INT(first.worse_score, second.worse_score);
}

static void count_to_ten(void *context, const struct move_quality *so_far) {
    if (so_far->positions == 10) *(volatile bool *)context = true;
}

static void stopping_keeps_what_is_done(void) {
    struct game game;
    volatile bool stop = false;
    struct move_quality q;
    if (game_open(&game, "tictactoe", NULL)) exit(1);
    struct player *player = test_player("random");
    struct move_quality_params params = {.game = &game,
                                         .positions = 100,
                                         .min_plies = 2,
                                         .max_plies = 5,
                                         .stop = &stop,
                                         .clock = &test_clock,
                                         .on_progress = count_to_ten,
                                         .context = (void *)&stop};
    EXPECT_INT(move_quality_measure(&params, player, &q), STATUS_CANCELLED);
    EXPECT_INT(q.positions, 10);
    stop = false;
    params.on_progress = NULL;
    params.min_plies = params.max_plies = 1; // there are nine such positions
    EXPECT_INT(move_quality_measure(&params, player, &q), STATUS_USAGE);
    if (game_open(&game, "othello", &(struct game_options){.height = 8})) exit(1);
    EXPECT_INT(move_quality_measure(&params, player, &q), STATUS_UNSUPPORTED);
    player_free(player);
}

static void intervals_hold_the_share(void) {
    double low, high;
    stats_share_interval(10, 100, &low, &high); // Wilson: 0.0552 .. 0.1744
    EXPECT_NEAR(low, 0.0552, 1e-4);
    EXPECT_NEAR(high, 0.1744, 1e-4);
    stats_share_interval(0, 50, &low, &high);
    EXPECT_NEAR(low, 0, 0);
    EXPECT(high > 0.05 && high < 0.1);
    stats_share_interval(50, 50, &low, &high);
    EXPECT_NEAR(high, 1, 0);
}

int main(void) {
    random_play_errs_as_chance_says("connect4", 5, 5, 10);
    random_play_errs_as_chance_says("connect4", 4, 6, 7);
    random_play_errs_as_chance_says("hex", 4, 4, 3);
    the_solver_never_errs();
    thought_helps_and_answers_repeat();
    stopping_keeps_what_is_done();
    intervals_hold_the_share();
    return TEST_END();
}
