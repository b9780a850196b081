// Is a record a game that could have been played, and one that this run's net can learn from? Its
// bytes alone can't tell, for somebody else may have written them with the right checksums.
//
// Whatever a user of the record takes from it as an index or a size is compared with the game here:
// board and planes with the run's, every move and every action of a policy with the legal moves of
// its position, and likewise the mover, the board of owners and the end.
#include "base/memory.h"
#include "run/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t record_max_bytes(const struct game *game) {
    // record.c shows the bytes: the fixed fields with their names, the plies at their widest, the
    // owners.
    const size_t names = 2 + sizeof((struct record *)0)->game + GAME_RULES_BYTES, fixed = 64;
    const size_t plies = game->max_plies < RECORD_MAX_PLIES ? (size_t)game->max_plies : RECORD_MAX_PLIES;
    return fixed + names + plies * (3 + 10 + 2 + 4 * (size_t)game->num_actions) + (size_t)(game->height * game->width);
}

// Can one net see both games, and does what is made for the run's game have space for the record's?
static bool fits(const struct game *game, const struct game *learned) {
    return game->type == learned->type && game->height <= learned->height && game->width <= learned->width &&
           game->num_planes == learned->num_planes && game->num_globals == learned->num_globals &&
           game->policy_planes == learned->policy_planes && game->num_global_actions == learned->num_global_actions;
}

// The actions of a policy and the legal moves both ascend, so that one pass compares them.
static bool is_legal_policy(const struct record *record, const struct record_ply *ply, const uint16_t *legal, int num_legal) {
    int at = 0;
    for (int i = 0; i < ply->num_probs; i++) {
        const int action = record->probs[ply->first_prob + (uint32_t)i].action;
        while (at < num_legal && legal[at] < action) at++;
        if (at == num_legal || legal[at] != action) return false;
    }
    return true;
}

static int by_action(const void *a, const void *b) { return *(const uint16_t *)a - *(const uint16_t *)b; }

// Returns NULL, or says what is wrong with the move that is made in `state`.
static const char *check_ply(const struct record *record, const struct game *game, const void *state,
                             const struct record_ply *ply, uint16_t *legal) {
    if (game_certain(game, state) != OUTCOME_NONE) return "comes after the end";
    const int num_legal = game_legal(game, state, legal);
    if (!bsearch(&ply->action, legal, (size_t)num_legal, sizeof *legal, by_action)) return "can't be played";
    if (ply->mover != game_to_move(game, state)) return "is not of the side to move";
    return is_legal_policy(record, ply, legal, num_legal) ? NULL : "has a policy target for a move that can't be played";
}

static const char *check_end(const struct record *record, const struct game *game, const void *state) {
    if (game_certain(game, state) != record->outcome) return "the result does not follow from the moves";
    // 1000 points are more than any handicap is worth.
    const double most = 2.0 * game->height * game->width + fabs(game->komi) + 1000;
    if (game->has_score ? !(fabs((double)record->score) <= most) : record->score != 0) return "its score can't be";
    return record->ownership && !game->has_ownership ? "it has owners of points, which its game has not" : NULL;
}

bool record_check(const struct record *record, const struct game *learned, char why[RECORD_WHY_BYTES]) {
    struct game game;
    if (record_open_game(record, &game)) {
        snprintf(why, RECORD_WHY_BYTES, "game %lld: there is no such game", record->index);
        return false;
    }
    if (learned && !fits(&game, learned)) {
        snprintf(why, RECORD_WHY_BYTES, "game %lld: is of %s %dx%d, which a run of %s %dx%d can't learn from", record->index,
                 game.type->name, game.height, game.width, learned->type->name, learned->height, learned->width);
        return false;
    }
    void *state = memory_raw(1, game.state_bytes, "a position");
    uint16_t *legal = memory_raw((size_t)game.num_actions, sizeof *legal, "the moves of a position");
    const char *fault = NULL;
    int ply = 0;
    game_start(&game, state);
    for (; ply < record->num_plies && !fault; ply++) {
        fault = check_ply(record, &game, state, &record->plies[ply], legal);
        if (!fault) game_play(&game, state, record->plies[ply].action);
    }
    if (fault)
        snprintf(why, RECORD_WHY_BYTES, "game %lld: move %d %s", record->index, ply, fault);
    else if ((fault = check_end(record, &game, state)))
        snprintf(why, RECORD_WHY_BYTES, "game %lld: %s", record->index, fault);
    free(state);
    free(legal);
    return !fault;
}

enum status record_verify(const struct record *record, const struct game *learned, const char *name) {
    char why[RECORD_WHY_BYTES];
    return record_check(record, learned, why) ? STATUS_OK : status_fail(STATUS_FORMAT, "%s: %s", name, why);
}
