// Every move of a fast playout is one that the slow rules allow and that doesn't fill an eye of its
// side; the board at the end is the one that the slow rules reach, and nobody could have gone on;
// and results are distributed as those of the slow playouts.
#include "game/go.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct game go(int height, int width) {
    struct game g;
    const struct game_options options = {.height = height, .width = width, .komi = 0.5};
    if (game_open(&g, "go", &options)) exit(1);
    return g;
}

// An eye by its definition: every neighbour is own or border, and at most one of the diagonal
// neighbours, at the edge none, is the other side's.
static bool own_eye(const struct game *g, const struct go_state *s, int action) {
    const int me = s->to_move + 1, y = action / g->width, x = action % g->width;
    int hostile = 0, outside = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            if (!dy && !dx) continue;
            const bool in = y + dy >= 0 && y + dy < g->height && x + dx >= 0 && x + dx < g->width;
            const int c = in ? s->points[go_point_at(g, y + dy, x + dx)].color : GO_BORDER;
            if (!dy || !dx) {
                if (c != me && c != GO_BORDER) return false;
            } else {
                outside |= c == GO_BORDER;
                hostile += c != me && c != GO_BORDER && c != GO_EMPTY;
            }
        }
    return hostile + outside < 2;
}

static bool could_go_on(const struct game *g, const struct go_state *s) {
    uint16_t actions[GAME_MAX_ACTIONS];
    const int n = game_legal(g, s, actions);
    for (int i = 0; i < n; i++)
        if (actions[i] != go_pass(g) && !own_eye(g, s, actions[i])) return true;
    return false;
}

struct counts {
    long long moves, passes, captures, superko, cut;
};

static void replay(const struct game *g, const void *start, struct rng *rng, struct counts *counts) {
    struct go_state *fast = malloc(g->state_bytes), *slow = malloc(g->state_bytes);
    uint16_t *moves = malloc((size_t)(g->max_plies + 1) * sizeof *moves), legal[GAME_MAX_ACTIONS];
    memcpy(fast, start, g->state_bytes);
    memcpy(slow, start, g->state_bytes);
    const int n = go_playout_moves(g, fast, rng, moves);
    for (int i = 0; i < n; i++) {
        EXPECT_(game_outcome(g, slow) == OUTCOME_NONE, "move %d of %d comes after the end", i, n);
        const int num = game_legal(g, slow, legal);
        bool found = false;
        for (int k = 0; k < num; k++) found |= legal[k] == moves[i];
        if (moves[i] == go_pass(g)) {
            counts->passes++;
        } else {
            EXPECT_(!own_eye(g, slow, moves[i]), "move %d fills an eye of its own", i);
            const bool repeats = go_ko_forbids(g, slow, go_point_of(g, moves[i]));
            EXPECT_(found || repeats, "move %d at %d is illegal", i, moves[i]);
            counts->superko += !found;
        }
        const int stones = slow->stones[0] + slow->stones[1];
        game_play(g, slow, moves[i]);
        counts->captures += slow->stones[0] + slow->stones[1] < stones + 1 && moves[i] != go_pass(g);
        counts->moves++;
    }
    EXPECT_INT(slow->ply, fast->ply);
    for (int p = 0; p < go_num_points(g); p++)
        EXPECT_(slow->points[p].color == fast->points[p].color, "point %d is %d, slowly %d", p, fast->points[p].color,
                slow->points[p].color);
    for (int i = 0; i < 2; i++) EXPECT_INT(fast->stones[i], slow->stones[i]);
    EXPECT_INT(game_outcome(g, fast), game_outcome(g, slow));
    EXPECT_NEAR(game_score(g, fast), game_score(g, slow), 0);
    if (slow->ply >= g->max_plies)
        counts->cut++;
    else
        EXPECT(!could_go_on(g, slow));
    free(fast);
    free(slow);
    free(moves);
}

// Compares them from positions of slow random games.
static void replays(int height, int width, int games, struct counts *counts) {
    const struct game g = go(height, width);
    struct go_state *s = malloc(g.state_bytes);
    struct rng rng;
    rng_init(&rng, 3, (uint64_t)(height * 32 + width));
    for (int i = 0; i < games; i++) {
        game_start(&g, s);
        int plies = (int)rng_below(&rng, (uint32_t)(height * width * 2));
        while (plies-- && game_outcome(&g, s) == OUTCOME_NONE) game_play(&g, s, go_playout_move(&g, s, &rng));
        if (game_outcome(&g, s) == OUTCOME_NONE) replay(&g, s, &rng, counts);
    }
    free(s);
}

// Compares mean and variance of the score and of the length.
struct moments {
    double score, score_square, plies, plies_square;
};
static struct moments sample(const struct game *g, const void *start, bool fast, int n, struct rng *rng) {
    struct moments m = {0};
    void *s = malloc(g->state_bytes);
    for (int i = 0; i < n; i++) {
        memcpy(s, start, g->state_bytes);
        if (fast)
            go_playout(g, s, rng);
        else
            while (game_outcome(g, s) == OUTCOME_NONE) game_play(g, s, go_playout_move(g, s, rng));
        const double score = game_score(g, s), plies = g->type->ply(g, s);
        m.score += score / n, m.score_square += score * score / n;
        m.plies += plies / n, m.plies_square += plies * plies / n;
    }
    free(s);
    return m;
}

static void distribution(int size, int plies, int n) {
    const struct game g = go(size, size);
    void *s = malloc(g.state_bytes);
    struct rng rng;
    rng_init(&rng, 4, (uint64_t)size);
    game_start(&g, s);
    for (int i = 0; i < plies; i++) game_play(&g, s, go_playout_move(&g, s, &rng));
    const struct moments a = sample(&g, s, true, n, &rng), b = sample(&g, s, false, n, &rng);
    const double score_error = sqrt((a.score_square - a.score * a.score + b.score_square - b.score * b.score) / n);
    const double plies_error = sqrt((a.plies_square - a.plies * a.plies + b.plies_square - b.plies * b.plies) / n);
    printf("%dx%d after %d plies: score %.3f and %.3f (+-%.3f), plies %.2f and %.2f (+-%.2f)\n", size, size, plies, a.score,
           b.score, score_error, a.plies, b.plies, plies_error);
    EXPECT_(fabs(a.score - b.score) < 4 * score_error, "score %g, slowly %g", a.score, b.score);
    EXPECT_(fabs(a.plies - b.plies) < 4 * plies_error, "plies %g, slowly %g", a.plies, b.plies);
    free(s);
}

int main(void) {
    struct counts counts = {0};
    const int sizes[][2] = {{1, 2}, {1, 5}, {2, 2}, {2, 3}, {3, 3}, {4, 4}, {5, 5}, {7, 7}, {9, 9}, {5, 9}, {13, 4}};
    for (int i = 0; i < 11; i++) replays(sizes[i][0], sizes[i][1], 400, &counts);
    replays(19, 19, 20, &counts);
    printf("%lld moves replayed: %lld passes, %lld captures, %lld against superko, %lld games cut\n", counts.moves,
           counts.passes, counts.captures, counts.superko, counts.cut);
    EXPECT(counts.passes > 1000 && counts.captures > 1000);
    distribution(5, 0, 20000);
    distribution(7, 12, 10000);
    distribution(9, 30, 5000);
    return TEST_END();
}
