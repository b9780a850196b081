// Playing a record from its first position. Where stones are set up in the middle, the game begins
// anew with those that stand there then.
#include "base/memory.h"
#include "game/go_rules.h"
#include "game/sgf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void sgf_first_stones(const struct sgf_record *r, int8_t *stones) {
    memset(stones, 0, (size_t)(r->height * r->width));
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < r->num_setup[side]; i++) stones[r->setup[side][i]] = (int8_t)(side ? -1 : 1);
}

const char *sgf_rules(const struct sgf_record *r) {
    struct go_rules parts;
    const struct game_type *type = game_find(r->game);
    if (type == game_find("go")) return *r->rules && go_rules_read(&parts, r->rules) ? go_rules_text(&parts) : NULL;
    for (size_t i = 0; type && i < sizeof type->rule_sets / sizeof *type->rule_sets; i++) {
        const char *name = type->rule_sets[i];
        if (name && !strcasecmp(name, r->rules)) return name;
        const bool is_swap = name && !strcmp(name, "swap");
        for (int k = 0; is_swap && k < r->num_moves; k++)
            if (r->moves[k] >= r->height * r->width) return name;
    }
    return NULL;
}

static enum status refused(const char *name, enum status status, int num_before) {
    if (status == STATUS_UNSUPPORTED) return status; // the game has said so
    return status_fail(STATUS_FORMAT, "%s: the position that is set up before move %d can't be one of this game", name,
                       num_before + 1);
}

static enum status start(const struct sgf_record *r, const struct game *game, void *state, const char *name) {
    int8_t stones[SGF_MAX_POINTS];
    const int mover = r->num_moves ? sgf_mover(r, 0) : r->first_to_move;
    if (!r->num_setup[0] && !r->num_setup[1] && !mover) {
        game_start(game, state);
        return STATUS_OK;
    }
    sgf_first_stones(r, stones);
    const enum status status = game_set_up(game, state, stones, mover);
    return status == STATUS_OK ? status : refused(name, status, 0);
}

// Sets up what the record has after `num_before` moves. state: not changed on failure.
static enum status set_up_later(const struct sgf_record *r, const struct game *game, void *state, int num_before,
                                const char *name) {
    enum status status = STATUS_OK;
    for (int k = 0; k < r->num_later; k++) {
        if (r->later[k].num_before != num_before) continue;
        int8_t stones[SGF_MAX_POINTS];
        bool is_changed = false;
        game_stones(game, state, stones);
        for (int p = 0; p < game->height * game->width; p++) {
            const int stone = r->later[k].stones[p];
            is_changed |= stone != SGF_AS_IT_WAS;
            if (stone != SGF_AS_IT_WAS) stones[p] = (int8_t)stone;
        }
        if (!is_changed) continue; // it only says who moves
        void *next = memory_raw(1, game->state_bytes, "a position");
        status = game_set_up(game, next, stones, sgf_mover(r, num_before));
        if (status == STATUS_OK) memcpy(state, next, game->state_bytes);
        free(next);
        if (status != STATUS_OK) return refused(name, status, num_before);
    }
    return status;
}

// Whether these two moves are legal passes that end the game.
static bool ends(const struct game *game, const void *state, int first, int second) {
    const int pass = game->pass_action;
    if (pass == GAME_NO_ACTION || first != pass || second != pass || !game_is_legal(game, state, pass)) return false;
    void *next = memory_raw(1, game->state_bytes, "a position");
    memcpy(next, state, game->state_bytes);
    game_play(game, next, pass);
    bool is_over = game_is_legal(game, next, pass);
    if (is_over) {
        game_play(game, next, pass);
        is_over = game_outcome(game, next) != OUTCOME_NONE;
    }
    free(next);
    return is_over;
}

static enum status play_checked(const struct game *game, void *state, int action, const char *what, int number,
                                const char *name) {
    if (game_is_legal(game, state, action)) {
        game_play(game, state, action);
        return STATUS_OK;
    }
    char text[GAME_TEXT_BYTES];
    game->type->action_text(game, action, text);
    return status_fail(STATUS_FORMAT, "%s: %s %d (%s) is illegal", name, what, number, text);
}

static enum status play_move(const struct sgf_record *r, const struct game *game, void *state, int i, const char *name) {
    if (game_to_move(game, state) != sgf_mover(r, i) && game_outcome(game, state) == OUTCOME_NONE) {
        if (game->pass_action == GAME_NO_ACTION)
            return status_fail(STATUS_FORMAT, "%s: move %d is the other side's", name, i + 1);
        TRY(play_checked(game, state, game->pass_action, "the pass before move", i + 1, name));
    }
    return play_checked(game, state, r->moves[i], "move", i + 1, name);
}

enum status sgf_replay(const struct sgf_record *r, const struct game *game, void *state, int num_moves, int *num_played,
                       const char *name) {
    int i = 0;
    enum status status = start(r, game, state, name);
    while (status == STATUS_OK) {
        status = i ? set_up_later(r, game, state, i, name) : status;
        if (status != STATUS_OK) i--; // the position after that move has what was refused
        if (i == num_moves || status != STATUS_OK) break;
        if (i + 2 < num_moves && ends(game, state, r->moves[i], r->moves[i + 1])) {
            i += 2;
        } else {
            status = play_move(r, game, state, i, name);
            i += status == STATUS_OK;
        }
    }
    if (num_played) *num_played = i;
    return status;
}
