// Races of Breakthrough: few pieces, most of them past each other, so that a tempo decides. Every move
// is a step ahead and the game soon ends, so that a proof finds the whole truth.
//
// A race is asked in pairs that differ by one step: one piece stands a square farther back or aside,
// and the other side wins.
#include "base/memory.h"
#include "exam/exam.h"
#include "exam/proof.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_PIECES = 5, // of a side
    LEAST_PIECES = 2,
    MAX_POINTS = 64,
    MAX_NODES = 60000, // of one question; chosen, not tuned
    MAX_DRAWS = 3000,  // in a row that are no new item; chosen
};

struct race {
    int8_t at[MAX_POINTS]; // as game_stones has it
    int to_move;
};

// Places pieces at random: the first player's in the upper rows, where they run up, and the second's
// in the lower ones. None stands on the row that it runs for.
static void draw_race(const struct game *game, struct race *race, struct rng *rng) {
    const int height = game->height, width = game->width, points = height * width;
    *race = (struct race){.to_move = (int)rng_below(rng, 2)};
    int8_t start[MAX_POINTS];
    void *state = memory_raw(1, game->state_bytes, "a position");
    game_start(game, state);
    game_stones(game, state, start);
    free(state);
    // Whether the first player's pieces begin in row 0, whichever way rows are numbered.
    const bool first_at_0 = start[0] > 0;
    for (int side = 0; side < 2; side++) {
        const int num = LEAST_PIECES + (int)rng_below(rng, MOST_PIECES - LEAST_PIECES + 1);
        const int goal = (side == 0) == first_at_0 ? height - 1 : 0;
        for (int i = 0; i < num;) {
            const int p = (int)rng_below(rng, (uint32_t)points), row = p / width;
            if (race->at[p] || row == goal) continue;
            race->at[p] = side ? -1 : 1;
            i++;
        }
    }
}

static void *set_up(const struct game *game, const struct race *race) {
    void *state = memory_raw(1, game->state_bytes, "a position");
    CHECK(game_set_up(game, state, race->at, race->to_move) == STATUS_OK);
    if (game_outcome(game, state) == OUTCOME_NONE) return state;
    free(state);
    return NULL;
}

// The result for the mover, or 0 where it isn't known.
static int result_of(const struct game *game, const struct race *race, struct proof *proof) {
    void *state = set_up(game, race);
    if (!state) return 0;
    proof_begin(proof, game, state, NULL, 0);
    const enum proof_answer answer = proof_wins(proof);
    free(state);
    return answer == PROOF_YES ? 1 : answer == PROOF_NO ? -1 : 0;
}

// Moves one piece to an empty square next to it; false: it is the row that it runs for, or taken.
static bool shift_piece(const struct game *game, struct race *race, struct rng *rng) {
    const int height = game->height, width = game->width, p = (int)rng_below(rng, (uint32_t)(height * width));
    const int y = p / width + (int)rng_below(rng, 3) - 1, x = p % width + (int)rng_below(rng, 3) - 1;
    // Neither the first nor the last row, so that nobody has won.
    if (!race->at[p] || y < 1 || y >= height - 1 || x < 0 || x >= width || race->at[y * width + x]) return false;
    race->at[y * width + x] = race->at[p];
    race->at[p] = 0;
    return true;
}

static bool ask(struct exam_paper *paper, const struct game *game, const struct race *race, int wanted, int pair,
                struct proof *proof) {
    void *state = set_up(game, race);
    if (!state) return false;
    struct exam_item *item = exam_add(paper, game, state, wanted > 0 ? "won race" : "lost race");
    free(state);
    item->pair = pair;
    for (int p = 0; p < game->height * game->width; p++) item->band += race->at[p] != 0;
    const bool is_known = exam_prove(item, proof, NULL, 0, wanted > 0);
    if (is_known && item->result == wanted && (wanted < 0 || 2 * item->num_right <= item->num_legal)) return true;
    exam_drop(paper);
    return false;
}

// A race that the mover can win in one move asks nothing.
static bool is_over_soon(const struct game *game, const struct race *race) {
    uint16_t legal[GAME_MAX_ACTIONS];
    void *state = set_up(game, race), *next = memory_raw(1, game->state_bytes, "a position");
    bool is_soon = !state;
    const int n = state ? game_legal(game, state, legal) : 0;
    for (int i = 0; i < n && !is_soon; i++) {
        memcpy(next, state, game->state_bytes);
        game_play(game, next, legal[i]);
        is_soon = game_outcome(game, next) != OUTCOME_NONE;
    }
    free(state);
    free(next);
    return is_soon;
}

static bool draw_pair(const struct exam_wish *wish, struct exam_paper *paper, int pair, struct proof *proof, struct rng *rng) {
    enum { SHIFTS = 20 };
    const struct game *game = wish->like;
    struct race won, other;
    draw_race(game, &won, rng);
    if (is_over_soon(game, &won)) return false;
    const int result = result_of(game, &won, proof);
    paper->refused += !result;
    if (!result) return false;
    for (int i = 0; i < SHIFTS; i++) {
        other = won;
        if (!shift_piece(game, &other, rng) || is_over_soon(game, &other)) continue;
        if (result_of(game, &other, proof) != -result) continue;
        if (!ask(paper, game, result > 0 ? &won : &other, 1, pair, proof)) return false;
        if (ask(paper, game, result > 0 ? &other : &won, -1, pair, proof)) return true;
        exam_drop(paper);
        return false;
    }
    return false;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    const struct proof_params params = {.max_nodes = MAX_NODES};
    struct proof *proof = proof_new(&params);
    struct rng rng;
    rng_init(&rng, wish->seed, 0x72616365);
    const int wanted = exam_wanted(wish, paper->subject);
    enum status status = STATUS_OK;
    for (int pair = 0, draws = 0; paper->num_items < wanted && draws < MAX_DRAWS && status == STATUS_OK; draws++) {
        if (wish->stop && *wish->stop) status = STATUS_CANCELLED;
        if (status != STATUS_OK || !draw_pair(wish, paper, pair, proof, &rng)) continue;
        pair++;
        draws = 0;
        status = exam_progress(wish, paper);
    }
    proof_free(proof);
    return status;
}

static bool fits(const struct game *like) { return like->height >= 5 && like->width >= 4; }

const struct exam_subject exam_breakthrough_races = {.name = "races",
                                                     .title = "Races",
                                                     .game = "breakthrough",
                                                     .usual_items = 200,
                                                     .asks_moves = true,
                                                     .fits = fits,
                                                     .make = make};
