// The same game twice teaches nothing new, and a copied chunk teaches its games twice as hard.
//
// Two games may well have the same moves: early in the training of a small game many have. But that
// two searches also found the same values, with noise in them, does not happen: such a game is a
// copy. Positions are compared up to the symmetries of the board, by what stands on it and who is to
// move.
#include "exam/audit_parts.h"
#include "exam/audit_seen.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_GAMES = 1 << 21,     // entries of each table of games, 32 MiB (chosen)
    MOST_POSITIONS = 1 << 21, // the same for positions
    MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE,
    MAX_SYMMETRIES = 8,
    // A game whose searches found fewer uncertain values may be like another by chance (chosen).
    LEAST_VALUES = 6,
    SMALL_BOARD = 16, // points; on such boards games are often the same
};

struct audit_same {
    struct audited *run;
    struct audit_seen games, copies, positions;
    long long num_games, num_repeats, num_copies, num_searched;
    struct audit_blame copies_in, repeats_in;
    // Where each symmetry takes each point of the board of this size.
    int height, width, num_symmetries;
    uint16_t points[MAX_SYMMETRIES][MAX_POINTS];
};

struct audit_same *audit_same_new(struct audited *run) {
    struct audit_same *part = memory_new(1, sizeof *part, "an audit");
    part->run = run;
    audit_seen_init(&part->games, MOST_GAMES);
    audit_seen_init(&part->copies, MOST_GAMES);
    audit_seen_init(&part->positions, MOST_POSITIONS);
    return part;
}

void audit_same_free(struct audit_same *part) {
    if (!part) return;
    audit_seen_done(&part->games);
    audit_seen_done(&part->copies);
    audit_seen_done(&part->positions);
    free(part);
}

static void take_board(struct audit_same *part, const struct game *game) {
    if (part->height == game->height && part->width == game->width) return;
    part->height = game->height;
    part->width = game->width;
    part->num_symmetries = game->num_symmetries;
    const int points = game->height * game->width;
    // The actions of every game's first plane belong to the points, and a symmetry takes the plane as
    // a whole.
    for (int k = 0; k < game->num_symmetries; k++)
        for (int p = 0; p < points; p++) part->points[k][p] = (uint16_t)(game_permute(game, k, p) % points);
}

void audit_same_position(struct audit_same *part, const struct audit_at *at) {
    if (at->record->plies[at->ply].kind == PLY_FREE) return;
    int8_t stones[MAX_POINTS];
    const int points = at->game->height * at->game->width;
    take_board(part, at->game);
    game_stones(at->game, at->state, stones);
    uint64_t least = UINT64_MAX;
    for (int k = 0; k < part->num_symmetries; k++) {
        uint64_t key = 0;
        for (int p = 0; p < points; p++)
            if (stones[p]) key ^= rng_mix((uint64_t)part->points[k][p] * 4 + (uint64_t)(stones[p] + 2));
        if (key < least) least = key;
    }
    const uint64_t board = (uint64_t)(game_to_move(at->game, at->state) + 2 * (at->game->height + 32 * at->game->width));
    part->num_searched++;
    audit_seen_add(&part->positions, least ^ rng_mix(board << 32), 0, NULL);
}

static uint64_t mixed(uint64_t key, uint64_t more) { return rng_mix(key ^ more) + more; }

static uint64_t key_of_moves(const struct record *record) {
    uint64_t key = rng_mix((uint64_t)record->height * 32 + (uint64_t)record->width);
    uint64_t komi;
    memcpy(&komi, &record->komi, sizeof komi);
    key = mixed(key, komi);
    for (int i = 0; i < record->num_plies; i++) key = mixed(key, record->plies[i].action);
    return key;
}

// Everything that the searches found. *num_values is how many of their values were uncertain.
static uint64_t key_of_searches(const struct record *record, int *num_values) {
    uint64_t key = key_of_moves(record);
    *num_values = 0;
    for (int i = 0; i < record->num_plies; i++) {
        const struct record_ply *ply = &record->plies[i];
        key = mixed(key, (uint64_t)ply->win << 32 | (uint64_t)ply->loss << 16 | ply->kind);
        for (int k = 0; k < ply->num_probs; k++) {
            const struct record_prob *prob = &record->probs[ply->first_prob + (uint32_t)k];
            key = mixed(key, (uint64_t)prob->action << 16 | prob->prob);
        }
        *num_values += ply->kind != PLY_FREE && ply->win && ply->loss;
    }
    return key;
}

void audit_same_game(struct audit_same *part, const struct audit_at *at) {
    const long long chunk = part->run->chunks[at->chunk].number;
    int num_values;
    const uint64_t searches = key_of_searches(at->record, &num_values);
    part->num_games++;
    if (audit_seen_add(&part->games, key_of_moves(at->record), 0, NULL) > 0) {
        part->num_repeats++;
        audit_blame(&part->repeats_in, chunk);
    }
    if (num_values >= LEAST_VALUES && audit_seen_add(&part->copies, searches, 0, NULL) > 0) {
        part->num_copies++;
        audit_blame(&part->copies_in, chunk);
    }
}

void audit_same_end(struct audit_same *part) {
    struct audited *run = part->run;
    const double games = (double)part->num_games;
    const bool is_small = run->game.height * run->game.width <= SMALL_BOARD;
    // Where the tables were thinned, one in 2^level was counted.
    const double scale = ldexp(1, part->games.level), repeats = scale * (double)part->num_repeats;
    audit_say(run, "copies", part->num_copies ? AUDIT_BAD : AUDIT_GOOD, (double)part->num_copies, "games", &part->copies_in,
              "%lld games are copies of earlier ones: the same moves, and the same values and policies of every search",
              part->num_copies);
    if (!part->num_searched) return;
    const double share = games ? repeats / games : 0;
    audit_say(run, "repeats",
              part->num_games < 50        ? AUDIT_NONE
              : share > 0.25 && !is_small ? AUDIT_LOOK
                                          : AUDIT_GOOD,
              share, "share", NULL, "%.1f %% of the games have the same moves as an earlier one", 100 * share);
    const struct audit_seen_share positions = audit_seen_shares(&part->positions);
    const double once = positions.sampled ? (double)positions.once / (double)positions.sampled : NAN;
    const double distinct = positions.times ? (double)positions.sampled / (double)positions.times : NAN;
    audit_say(run, "positions",
              part->num_searched < 1000     ? AUDIT_NONE
              : distinct < 0.2 && !is_small ? AUDIT_LOOK
                                            : AUDIT_GOOD,
              once, "share", NULL,
              "of the %lld searched positions %.1f %% are distinct up to symmetry; %.1f %% of those were seen once%s",
              part->num_searched, 100 * distinct, 100 * once, positions.level ? " (by a sample)" : "");
}
