// The idea: an opening is drawn again until it is new, undecided and inside the band of value; when a hundred draws in a row are not,
// the supply at this length is taken as used up and one ply is added. So short matches start from the shortest openings and long
// ones still consist of different games. At the greatest length the supply is used up for good, and further openings repeat others.
//
// Where no length has one inside the band, the new one nearest to it is taken, and from then on the nearest of a hundred at the
// length that was asked for: a band that can't be met must not cost a search through all lengths each time.
//
// Invariant: opening i depends on the parameters and on the openings before it, never on threads.
#include "arena/openings.h"

#include "arena/player.h"
#include "base/log.h"
#include "game/evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TRIES = 100, MAX_GROWTH = 6, BAND_ROLLOUTS = 64 };

struct openings {
    struct openings_params params;
    struct player *player; // around the judge
    struct evaluator *evaluator;
    void *state;
    float *logits;
    struct rng rng;
    double about;
    int length, longest; // plies of openings drawn now; at most
    bool is_hopeless;    // the band can't be met
    bool is_used_up;     // the greatest length, too
    struct opening *drawn;
    int num_drawn, max_drawn;
    uint64_t *keys;  // [max_keys]: of those in `drawn` that are unlike all before; hashed, 0 is a free place
    size_t max_keys; // a power of two, at least twice max_drawn
};

int opening_default_plies(const struct game *game) { return game->width <= 9 && game->height <= 9 ? 2 : 4; }

// Moves that an opening may contain, out of the legal ones; returns their number.
static int opening_moves(const struct game *game, const void *state, uint16_t *actions) {
    const int n = game_legal(game, state, actions), margin = game->opening_margin;
    int kept = 0;
    for (int i = 0; i < n; i++) {
        const int action = actions[i], y = action / game->width % game->height, x = action % game->width;
        const bool is_placed = action < game->policy_planes * game->height * game->width;
        if (action == game->pass_action) continue;
        if (is_placed && (y < margin || x < margin || y >= game->height - margin || x >= game->width - margin)) continue;
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
    return least ? least : 1; // 0 is a free place among the keys
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

// The first player's expectation as the judge sees it, -1..1.
static double first_value(struct openings *o) {
    const struct game *game = o->params.game;
    const struct position position = {.game = game, .state = o->state};
    struct judgement judgement = {.logits = o->logits};
    evaluator_judge(o->evaluator, 1, &position, &judgement);
    const double value = judgement.wdl[0] - judgement.wdl[2];
    return game_to_move(game, o->state) == 0 ? value : -value;
}

// Where a key is, or would be.
static uint64_t *place_of(uint64_t *keys, size_t max_keys, uint64_t key) {
    size_t at = rng_mix(key) & (max_keys - 1);
    while (keys[at] && keys[at] != key) at = (at + 1) & (max_keys - 1);
    return &keys[at];
}

static bool is_seen(const struct openings *o, uint64_t key) { return *place_of(o->keys, o->max_keys, key) != 0; }

static enum status open_judge(struct openings *o) {
    const struct openings_params *params = &o->params;
    if (!params->judge) return evaluator_rollouts(&o->evaluator, BAND_ROLLOUTS, params->seed);
    TRY(player_from_net(&o->player, params->judge, "judge of openings", NULL, 0, 0, params->backend));
    TRY(player_check_game(o->player, params->game));
    return player_evaluator(o->player, 1, &o->evaluator);
}

enum status openings_new(struct openings **out, const struct openings_params *params) {
    struct openings *o = calloc(1, sizeof *o);
    enum status status = STATUS_OK;
    *out = NULL;
    if (!o) return status_fail(STATUS_MEMORY, "openings: no memory");
    o->params = *params;
    if (params->plies < 0) o->params.plies = opening_default_plies(params->game);
    o->state = malloc(params->game->state_bytes);
    o->logits = malloc((size_t)params->game->num_actions * sizeof *o->logits);
    if (!o->state || !o->logits) {
        status = status_fail(STATUS_MEMORY, "openings: no memory");
        goto out;
    }
    rng_init(&o->rng, params->seed, 0x6f70656e); // "open": a stream of its own
    const int most = o->params.plies + MAX_GROWTH;
    o->longest = most < OPENING_MAX_PLIES ? most : OPENING_MAX_PLIES;
    o->length = o->params.plies < o->longest ? o->params.plies : o->longest;
    if (params->band > 0 && o->params.plies > 0) {
        if ((status = open_judge(o)) != STATUS_OK) goto out;
        game_start(params->game, o->state);
        o->about = params->is_about_even ? 0 : first_value(o);
    }
    *out = o;
out:
    if (status != STATUS_OK) openings_free(o);
    return status;
}

void openings_free(struct openings *o) {
    if (!o) return;
    evaluator_free(o->evaluator);
    player_free(o->player);
    free(o->state);
    free(o->logits);
    free(o->drawn);
    free(o->keys);
    free(o);
}

// Looks at MAX_TRIES openings of the present length. True: *out is new and inside the band. Else *nearest, *distance and *key
// are lowered to the best new one seen, and *out is the last one drawn, or the start where no game goes on that long.
static bool search_length(struct openings *o, struct opening *out, struct opening *nearest, double *distance, uint64_t *key) {
    const struct game *game = o->params.game;
    bool is_drawn = false;
    for (int tries = 0; tries < (o->is_used_up ? 1 : MAX_TRIES); tries++) {
        is_drawn = draw_one(game, o->length, &o->rng, out, o->state);
        if (!is_drawn) continue;
        const double value = o->evaluator ? first_value(o) : 0;
        const double off = o->evaluator ? fabs(value - o->about) : 0;
        const uint64_t new_key = canonical_key(game, out, o->state);
        if (off >= *distance || is_seen(o, new_key)) continue;
        *nearest = *out;
        *distance = off;
        *key = new_key;
        if (!o->is_hopeless && (!o->evaluator || off <= o->params.band)) return true;
    }
    if (!is_drawn) out->num_plies = 0;
    return false;
}

static void draw_next(struct openings *o, struct opening *out) {
    struct opening nearest = {0};
    double distance = INFINITY;
    uint64_t key = 0;
    const int from = o->length;
    bool is_found = false;
    memset(out, 0, sizeof *out);
    if (o->params.plies <= 0) return;
    while (!(is_found = search_length(o, out, &nearest, &distance, &key)) && !o->is_hopeless && o->length < o->longest)
        o->length++;
    o->is_used_up |= !is_found && !o->evaluator;
    // Nothing new even at the greatest length: the last one repeats another.
    if (isfinite(distance)) {
        *out = nearest;
        *place_of(o->keys, o->max_keys, key) = key;
    }
    if (is_found || !o->evaluator || o->is_hopeless || !isfinite(distance)) return;
    o->is_hopeless = true;
    o->length = from;
    const struct log log = {0};
    log_line(&log, "openings: none within %g of %g on %s by %s; the nearest are taken", o->params.band, o->about,
             o->params.game->type->name, o->params.judge ? "the net" : "random play");
}

static enum status make_room(struct openings *o, size_t most) {
    size_t max_keys = 64;
    while (max_keys < 2 * most) max_keys *= 2;
    struct opening *drawn = realloc(o->drawn, most * sizeof *drawn);
    if (drawn) o->drawn = drawn;
    uint64_t *keys = calloc(max_keys, sizeof *keys);
    if (!drawn || !keys) {
        free(keys);
        return status_fail(STATUS_MEMORY, "openings: no memory for %zu", most);
    }
    for (size_t i = 0; i < o->max_keys; i++)
        if (o->keys[i]) *place_of(keys, max_keys, o->keys[i]) = o->keys[i];
    free(o->keys);
    o->keys = keys;
    o->max_keys = max_keys;
    o->max_drawn = (int)most;
    return STATUS_OK;
}

enum status openings_at(struct openings *o, int index, struct opening *out) {
    if (index >= o->max_drawn) TRY(make_room(o, 2 * (size_t)index + 64));
    while (o->num_drawn <= index) draw_next(o, &o->drawn[o->num_drawn++]);
    *out = o->drawn[index];
    return STATUS_OK;
}
