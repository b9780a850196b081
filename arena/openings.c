// Openings by rejection: one is drawn again and again until it is new, undecided and inside the
// band of value. When a hundred draws in a row are not, the supply at this length counts as used
// up, and one ply is added. So short matches start from the shortest openings, and long ones still
// consist of different games. At the greatest length the supply is used up for good, and further
// openings repeat others.
//
// Where no length has an opening inside the band, the new one nearest to the band is taken. From
// then on it is the nearest of a hundred at the length that was asked for, since a band that can't
// be met must not cost a search through all lengths each time.
//
// Invariant: opening i depends on the parameters and on the openings before it, never on threads.
#include "arena/openings.h"

#include "arena/player.h"
#include "base/log.h"
#include "base/memory.h"
#include "game/evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TRIES = 100, MAX_GROWTH = 6, BAND_ROLLOUTS = 64 };

struct openings {
    struct openings_params params;
    // The judge as a player, and its evaluator. Without a band there is neither; random play has no
    // player.
    struct player *player;
    struct evaluator *evaluator;
    void *state;
    float *logits;
    struct rng rng;
    // The middle of the band.
    double about;
    // The plies of the openings that are drawn now, and the most they may become.
    int length, longest;
    // The band can't be met.
    bool is_hopeless;
    // Even the greatest length has no new opening.
    bool is_used_up;
    struct opening *drawn;
    int num_drawn, max_drawn;
    // [max_keys]: a hash table of the keys of all openings in `drawn`; 0 is a free place. max_keys
    // is a power of two and at least twice max_drawn.
    uint64_t *keys;
    size_t max_keys;
};

int opening_default_plies(const struct game *game) { return game->width <= 9 && game->height <= 9 ? 2 : 4; }

// The legal moves that an opening may contain; returns their number.
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

// A key that all symmetric images of the opening share: the least hash among the positions that
// they lead to.
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

// Draws an opening once. False: the game came to an end.
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

// The place of a key in the hash table, or the free place where it would be.
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
    struct openings *o = memory_new(1, sizeof *o, "openings");
    enum status status = STATUS_OK;
    *out = NULL;
    o->params = *params;
    if (params->plies < 0) o->params.plies = opening_default_plies(params->game);
    o->state = memory_raw(1, params->game->state_bytes, "openings");
    o->logits = memory_raw((size_t)params->game->num_actions, sizeof *o->logits, "openings");
    rng_init(&o->rng, params->seed, 0x6f70656e); // a stream of its own: "open" in ASCII
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

// Draws up to MAX_TRIES openings of the present length. True: *nearest is new and inside the band.
// Otherwise *nearest is the new one that came nearest to the band, if it came nearer than
// *distance, and *out is the last one drawn, or the start of the game if none could be drawn.
// *distance and *key belong to *nearest.
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
    // Otherwise nothing was new even at the greatest length, and *out repeats an earlier opening.
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

static void reserve(struct openings *o, size_t most) {
    size_t max_keys = 64;
    while (max_keys < 2 * most) max_keys *= 2;
    o->drawn = memory_resize(o->drawn, most, sizeof *o->drawn, "openings");
    uint64_t *keys = memory_new(max_keys, sizeof *keys, "openings");
    for (size_t i = 0; i < o->max_keys; i++)
        if (o->keys[i]) *place_of(keys, max_keys, o->keys[i]) = o->keys[i];
    free(o->keys);
    o->keys = keys;
    o->max_keys = max_keys;
    o->max_drawn = (int)most;
}

void openings_at(struct openings *o, int index, struct opening *out) {
    if (index >= o->max_drawn) reserve(o, 2 * (size_t)index + 64);
    while (o->num_drawn <= index) draw_next(o, &o->drawn[o->num_drawn++]);
    *out = o->drawn[index];
}
