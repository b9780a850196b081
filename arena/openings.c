// The idea: an opening is drawn again until it is new, calm and undecided; when a hundred draws in a row are not, the
// supply at this length is taken as used up and one ply is added. So short matches start from the shortest openings and long ones
// still consist of different games.
//
// Invariant: opening i depends on (game, plies, band, seed) and on the openings before it, never on threads.
#include "arena/openings.h"

#include "game/evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TRIES = 100, MAX_GROWTH = 6, BAND_ROLLOUTS = 64 };

int opening_default_plies(const struct game *game) { return game->width <= 9 && game->height <= 9 ? 2 : 4; }

static bool is_go(const struct game *game) { return !strcmp(game->type->name, "go"); }

// Moves that an opening may contain, out of the legal ones; returns their number.
static int opening_moves(const struct game *game, const void *state, uint16_t *actions) {
    const int n = game_legal(game, state, actions), points = game->policy_planes * game->height * game->width;
    const bool inner = is_go(game) && game->height >= 5 && game->width >= 5;
    int kept = 0;
    for (int i = 0; i < n; i++) {
        const int action = actions[i], y = action / game->width % game->height, x = action % game->width;
        if (action >= points) continue;
        if (inner && (y == 0 || x == 0 || y == game->height - 1 || x == game->width - 1)) continue;
        actions[kept++] = actions[i];
    }
    return kept;
}

// The same for all symmetric images of the opening: the least hash among the positions they lead to.
static uint64_t canonical_key(const struct game *game, const struct opening *opening, void *state) {
    uint64_t least = UINT64_MAX;
    for (int k = 0; k < game->num_symmetries; k++) {
        game_start(game, state);
        bool legal = true;
        for (int i = 0; i < opening->num_plies && legal; i++) {
            const int action = game_permute(game, k, opening->actions[i]);
            legal = game_is_legal(game, state, action);
            if (legal) game_play(game, state, action);
        }
        const uint64_t key = game_hash(game, state);
        if (legal && key < least) least = key;
    }
    return least;
}

// Expected result of random play for the first player, -1..1.
static double first_value(const struct game *game, const void *state, struct evaluator *rollouts, float *logits) {
    const struct position position = {.game = game, .state = state};
    struct judgement judgement = {.logits = logits};
    evaluator_judge(rollouts, 1, &position, &judgement);
    const double value = judgement.wdl[0] - judgement.wdl[2];
    return game_to_move(game, state) == 0 ? value : -value;
}

// One attempt; false where the game came to an end.
static bool draw_one(const struct game *game, int plies, struct rng *rng, struct opening *out, void *state) {
    uint16_t actions[GAME_MAX_ACTIONS];
    game_start(game, state);
    out->num_plies = 0;
    while (out->num_plies < plies) {
        const int n = opening_moves(game, state, actions);
        if (n == 0) return false;
        const uint16_t action = actions[rng_below(rng, n)];
        game_play(game, state, action);
        out->actions[out->num_plies++] = action;
        if (game_certain(game, state) != OUTCOME_NONE) return false;
    }
    return true;
}

static bool is_seen(const uint64_t *keys, int num_keys, uint64_t key) {
    for (int i = 0; i < num_keys; i++)
        if (keys[i] == key) return true;
    return false;
}

enum status openings_draw(const struct game *game, int plies, double band, uint64_t seed, struct opening *out, int count) {
    memset(out, 0, count * sizeof *out);
    if (plies <= 0) return STATUS_OK;
    enum status status = STATUS_OK;
    struct evaluator *rollouts = NULL;
    uint64_t *keys = malloc((count + 1) * sizeof *keys);
    void *state = malloc(game->state_bytes);
    float *logits = malloc(game->num_actions * sizeof *logits);
    if (!keys || !state || !logits) {
        status = status_fail(STATUS_MEMORY, "openings: no memory for %d", count);
        goto out;
    }
    struct rng rng;
    rng_init(&rng, seed, 0x6f70656e); // "open": a stream of its own
    double start_value = 0;
    if (band > 0) {
        if ((status = evaluator_rollouts(&rollouts, BAND_ROLLOUTS, seed)) != STATUS_OK) goto out;
        game_start(game, state);
        start_value = first_value(game, state, rollouts, logits);
    }
    const int longest = plies + MAX_GROWTH < OPENING_MAX_PLIES ? plies + MAX_GROWTH : OPENING_MAX_PLIES;
    int length = plies < longest ? plies : longest, num_keys = 0;
    for (int i = 0; i < count; i++) {
        bool found = false;
        for (int tries = 1; !found; tries++) {
            const bool drawn = draw_one(game, length, &rng, &out[i], state);
            const bool calm = drawn && (!rollouts || fabs(first_value(game, state, rollouts, logits) - start_value) <= band);
            const uint64_t key = drawn ? canonical_key(game, &out[i], state) : 0;
            found = calm && !is_seen(keys, num_keys, key);
            if (found) {
                keys[num_keys++] = key;
            } else if (tries >= MAX_TRIES && length < longest) {
                length++;
                tries = 0;
            } else if (tries >= MAX_TRIES) {
                // Nothing new even at the greatest length: repeat one, or (the game is over by then) start from the start.
                found = true;
                if (!drawn) out[i].num_plies = 0;
            }
        }
    }
out:
    evaluator_free(rollouts);
    free(keys);
    free(state);
    free(logits);
    return status;
}
