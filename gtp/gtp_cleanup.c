// Captures dead stones where the board is going to be counted as it stands.
//
// In a settled position (game_type.settled) every point is pass-alive for a side, and a dead chain
// can always be captured: all empty points around it touch the side that owns them. A move on one
// of its liberties is fine if the position after it is still settled with the same result, which is
// tried out. Elsewhere the net says which stones are dead, and a search says whether to play.
#include "gtp/gtp_cleanup.h"

#include <string.h>

enum { MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE };

static bool is_empty_neighbour(const struct area_board *board, int a, int b) {
    const int w = board->width, dx = a % w - b % w, dy = a / w - b / w;
    return board->point[b] == 0 && dx * dx + dy * dy == 1;
}

// Marks the liberties of a chain and returns their number.
static int mark_liberties(const struct area_board *board, const uint16_t *chain, int n, bool *liberty) {
    const int w = board->width, points = board->height * w;
    int count = 0;
    memset(liberty, 0, (size_t)points * sizeof *liberty);
    for (int i = 0; i < n; i++) {
        const int near[4] = {chain[i] - w, chain[i] + w, chain[i] - 1, chain[i] + 1};
        for (int k = 0; k < 4; k++) {
            const int p = near[k];
            if (p < 0 || p >= points || !is_empty_neighbour(board, chain[i], p) || liberty[p]) continue;
            liberty[p] = true;
            count++;
        }
    }
    return count;
}

// Whether the position after the move is settled as it was, with every point its owner's.
static bool stays_settled(struct gtp_engine *engine, int action, const int8_t *owner) {
    const struct game *game = &engine->game;
    void *after = (char *)engine->state + game->state_bytes;
    int8_t owner_after[MAX_POINTS];
    memcpy(after, engine->state, game->state_bytes);
    game_play(game, after, action);
    if (game_certain(game, after) != game_certain(game, engine->state)) return false;
    game->type->ownership(game, after, owner_after);
    return !memcmp(owner, owner_after, (size_t)(game->height * game->width));
}

int gtp_cleanup_capture(struct gtp_engine *engine) {
    const struct game *game = &engine->game;
    if (game->agreement == AGREEMENT_NONE) return GAME_NO_ACTION;
    const int points = game->height * game->width, own = engine->to_play ? -1 : 1;
    int8_t owner[MAX_POINTS];
    uint16_t legal[GAME_MAX_ACTIONS], chain[MAX_POINTS];
    bool liberty[MAX_POINTS], done[MAX_POINTS] = {false};
    struct area_board board;
    int best = GAME_NO_ACTION, best_liberties = points + 1;
    game->type->ownership(game, engine->state, owner);
    gtp_engine_board(engine, &board);
    const int num_legal = game_legal(game, engine->state, legal);
    for (int p = 0; p < points; p++) {
        if (board.point[p] != -own || owner[p] != own || done[p]) continue;
        const int n = area_chain(&board, p, chain), num_liberties = mark_liberties(&board, chain, n, liberty);
        for (int i = 0; i < n; i++) done[chain[i]] = true;
        // The chain that is nearest to its end comes first.
        for (int i = 0; i < num_legal && num_liberties < best_liberties; i++) {
            if (legal[i] >= points || !liberty[legal[i]] || !stays_settled(engine, legal[i], owner)) continue;
            best = legal[i];
            best_liberties = num_liberties;
        }
    }
    return best;
}

bool gtp_cleanup_moves(struct gtp_engine *engine, uint16_t *until) {
    const struct game *game = &engine->game;
    if (game->agreement == AGREEMENT_NONE) return false;
    const int points = game->height * game->width, color = engine->to_play, own = color ? -1 : 1;
    uint8_t status[MAX_POINTS];
    uint16_t legal[GAME_MAX_ACTIONS], chain[MAX_POINTS];
    bool wanted[MAX_POINTS] = {false}, liberty[MAX_POINTS], done[MAX_POINTS] = {false};
    struct area_board board;
    gtp_engine_board(engine, &board);
    gtp_engine_guess_stones(engine, &board, status);
    gtp_engine_derive(engine, color); // the guess may have looked at another side's turn
    for (int p = 0; p < points; p++) {
        if (board.point[p] != -own || status[p] != AREA_DEAD || done[p]) continue;
        const int n = area_chain(&board, p, chain);
        mark_liberties(&board, chain, n, liberty);
        for (int i = 0; i < n; i++) done[chain[i]] = true;
        for (int q = 0; q < points; q++) wanted[q] |= liberty[q];
    }
    bool found = false;
    memset(until, 0, 2 * (size_t)game->num_actions * sizeof *until);
    const int num_legal = game_legal(game, engine->state, legal);
    for (int i = 0; i < num_legal; i++) {
        const bool is_wanted = legal[i] < points && wanted[legal[i]];
        found |= is_wanted;
        until[color * game->num_actions + legal[i]] = !is_wanted;
    }
    return found;
}
