// Opening games by name, and questions whose answer takes more than one verb of a game.
#include "game/game.h"

#include "base/options.h"

#include <string.h>
#include <strings.h>

const struct game_type *game_find(const char *name) {
    for (int i = 0; i < game_count(); i++)
        if (!strcasecmp(game_at(i)->name, name)) return game_at(i);
    return NULL;
}

static const char *name_at(const void *list, int index) {
    (void)list;
    return index < game_count() ? game_at(index)->name : NULL;
}

enum status game_open(struct game *game, const char *name, const struct game_options *options) {
    static const struct game_options defaults = {.komi = GAME_KOMI_DEFAULT};
    const struct game_type *type = game_find(name);
    if (type) {
        // A game has nothing (no score, no komi, no pass) unless its open() says so.
        *game = (struct game){.type = type, .pass_action = GAME_NO_ACTION};
        TRY(type->open(game, options ? options : &defaults));
        if (!game->max_legal) game->max_legal = game->num_actions;
        if (!game->long_plies || game->long_plies > game->max_plies) game->long_plies = game->max_plies;
        return STATUS_OK;
    }
    char known[256] = "";
    for (int i = 0; i < game_count(); i++) {
        if (i) strncat(known, ", ", sizeof known - strlen(known) - 1);
        strncat(known, game_at(i)->name, sizeof known - strlen(known) - 1);
    }
    const char *closest = closest_name(name, name_at, NULL);
    return status_fail(STATUS_USAGE, "unknown game '%s'%s%s%s (known: %s)", name, closest ? "; did you mean " : "",
                       closest ? closest : "", closest ? "?" : "", known);
}

enum status game_set_up(const struct game *game, void *state, const int8_t *stones, int to_move) {
    if (!game->type->set_up)
        return status_fail(STATUS_UNSUPPORTED, "%s: positions can't be set up in this game", game->type->name);
    return game->type->set_up(game, state, stones, to_move);
}

void game_count_stones(const struct game *game, const int8_t *stones, int counts[2]) {
    counts[0] = counts[1] = 0;
    for (int i = 0; i < game->height * game->width; i++)
        if (stones[i]) counts[stones[i] < 0]++;
}

enum status game_check_turns(const struct game *game, const int8_t *stones, int to_move) {
    int counts[2];
    game_count_stones(game, stones, counts);
    if (counts[0] == counts[1] + to_move) return STATUS_OK;
    return status_fail(STATUS_USAGE, "%s: %d stones of the first player and %d of the second can't stand with the %s to move",
                       game->type->name, counts[0], counts[1], to_move ? "second" : "first");
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
