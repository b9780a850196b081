// The table of games, opening by name, and the symmetries that square-board games share.
#include "game/games.h"

#include <string.h>
#include <strings.h>

static const struct game_type *const games[] = {&go_type,  &tictactoe_type, &connect4_type,    &othello_type,
                                                &hex_type, &gomoku_type,    &breakthrough_type};

int game_count(void) { return (int)(sizeof games / sizeof *games); }
const struct game_type *game_at(int index) { return games[index]; }

enum status game_open(struct game *game, const char *name, const struct game_options *options) {
    static const struct game_options defaults = {.komi = GAME_KOMI_DEFAULT};
    for (int i = 0; i < game_count(); i++) {
        if (strcasecmp(games[i]->name, name)) continue;
        memset(game, 0, sizeof *game);
        game->type = games[i];
        return games[i]->open(game, options ? options : &defaults);
    }
    char known[256] = "";
    for (int i = 0; i < game_count(); i++) {
        if (i) strncat(known, ", ", sizeof known - strlen(known) - 1);
        strncat(known, games[i]->name, sizeof known - strlen(known) - 1);
    }
    return status_fail(STATUS_USAGE, "unknown game '%s' (known: %s)", name, known);
}

bool game_is_legal(const struct game *game, const void *state, int action) {
    uint16_t actions[GAME_MAX_ACTIONS];
    const int n = game_legal(game, state, actions);
    for (int i = 0; i < n; i++)
        if (actions[i] == action) return true;
    return false;
}

int game_find_action(const struct game *game, const void *state, const char *text) {
    uint16_t actions[GAME_MAX_ACTIONS];
    char wanted[GAME_TEXT_BYTES], own[GAME_TEXT_BYTES];
    const int action = game->type->action_parse(game, text);
    if (action == GAME_NO_ACTION) return action;
    game->type->action_text(game, action, wanted);
    for (int i = 0, n = game_legal(game, state, actions); i < n; i++) {
        if (actions[i] == action) return action;
        game->type->action_text(game, actions[i], own);
        if (!strcmp(own, wanted)) return actions[i];
    }
    return action;
}

void symmetry_point(int height, int width, int k, int y, int x, int *out_y, int *out_x) {
    if (k & 1) x = width - 1 - x;
    if (k & 2) y = height - 1 - y;
    *out_y = k & 4 ? x : y;
    *out_x = k & 4 ? y : x;
}

// A transposition moves the mirrors to the other axis.
int symmetry_invert(int k) { return k & 4 ? 4 | (k & 1) << 1 | (k >> 1 & 1) : k; }

int points_permute(const struct game *game, int symmetry, int action) {
    const int area = game->height * game->width;
    if (action >= game->policy_planes * area) return action;
    const int plane = action / area, point = action % area;
    int y, x;
    symmetry_point(game->height, game->width, symmetry, point / game->width, point % game->width, &y, &x);
    return plane * area + y * game->width + x; // oblong boards never transpose
}

int points_symmetry_inverse(const struct game *game, int symmetry) { return symmetry_invert(symmetry); }
