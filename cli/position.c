// Plays a record from the start of the game. Setup stones are played as moves, and where their
// colours do not alternate the other side passes, so that the state is one that the rules can
// reach. Each such pass is followed by a stone, so two never meet and end the game.
#include "cli/position.h"

#include "base/memory.h"
#include "game/go_rules.h"
#include "game/sgf.h"

#include <stdlib.h>
#include <string.h>

static enum status play_checked(const struct game *game, void *state, int action, const char *sgf, const char *what,
                                int number) {
    if (game_is_legal(game, state, action)) {
        game_play(game, state, action);
        return STATUS_OK;
    }
    char text[GAME_TEXT_BYTES];
    game->type->action_text(game, action, text);
    return status_fail(STATUS_FORMAT, "%s: %s %d (%s) is illegal", sgf, what, number, text);
}

static enum status pass_to(const struct game *game, void *state, int side, const char *sgf) {
    if (game_to_move(game, state) == side || game_outcome(game, state) != OUTCOME_NONE) return STATUS_OK;
    if (!game->can_set_up) return status_fail(STATUS_UNSUPPORTED, "%s: two moves of one side in a row", sgf);
    return play_checked(game, state, game->pass_action, sgf, "the pass before stone", 1);
}

// Whether these two moves are legal passes that end the game.
static bool ends(const struct game *game, const void *state, int first, int second) {
    void *next = memory_raw(1, game->state_bytes, "a position");
    memcpy(next, state, game->state_bytes);
    const int pass = game->pass_action;
    bool is_over = pass != GAME_NO_ACTION && first == pass && second == pass && game_is_legal(game, next, first);
    if (is_over) {
        game_play(game, next, first);
        is_over = game_is_legal(game, next, second);
    }
    if (is_over) {
        game_play(game, next, second);
        is_over = game_outcome(game, next) != OUTCOME_NONE;
    }
    free(next);
    return is_over;
}

static enum status play_record(const struct game *game, void *state, const struct sgf_record *record, const char *sgf,
                               int moves) {
    int next[2] = {0, 0}, number = 0;
    while (next[0] < record->num_setup[0] || next[1] < record->num_setup[1]) {
        const int mover = game_to_move(game, state);
        const int side = next[mover] < record->num_setup[mover] ? mover : !mover;
        TRY(pass_to(game, state, side, sgf));
        TRY(play_checked(game, state, record->setup[side][next[side]++], sgf, "setup stone", ++number));
    }
    TRY(pass_to(game, state, record->first_to_move, sgf));
    for (int i = 0; i < moves; i++) {
        if (i + 2 < moves && ends(game, state, record->moves[i], record->moves[i + 1]))
            i++; // play goes on after two passes that end the game, so they are left out
        else
            TRY(play_checked(game, state, record->moves[i], sgf, "move", i + 1));
    }
    return STATUS_OK;
}

static void *make_state(const struct game *game) {
    void *state = memory_raw(1, game->state_bytes, "a position");
    game_start(game, state);
    return state;
}

static enum status from_record(struct game *game, void **state, const struct game_settings *settings,
                               const struct game_settings *run, const struct net *net, const struct sgf_record *record,
                               const char *sgf, int move_number) {
    struct game_settings merged = *settings;
    struct go_rules rules;
    char komi[40];
    if (!merged.game) merged.game = record->game;
    const bool is_go = !strcmp(merged.game, "go");
    // If the record's rules are none that we know, they count as not given.
    if (!merged.rules && is_go && go_rules_read(&rules, record->rules)) merged.rules = go_rules_text(&rules);
    if (!merged.size[0]) merged.size[0] = record->height, merged.size[1] = record->width;
    if (!merged.komi) {
        snprintf(komi, sizeof komi, "%.17g", record->komi);
        merged.komi = komi;
    }
    merged = game_settings_over(&merged, run); // for rules that the record doesn't tell
    TRY(game_from_settings(game, &merged, net));
    // The komi of a record is without the handicap bonus.
    if (is_go && !settings->komi && record->num_setup[1] == 0) {
        snprintf(komi, sizeof komi, "%.17g", game->komi + go_handicap_bonus(game, record->num_setup[0]));
        TRY(game_from_settings(game, &merged, net));
    }
    if (game->height != record->height || game->width != record->width)
        return status_fail(STATUS_USAGE, "%s: is on %dx%d, not on %dx%d", sgf, record->height, record->width, game->height,
                           game->width);
    if (move_number > record->num_moves)
        return status_fail(STATUS_USAGE, "%s: has %d moves, not %d", sgf, record->num_moves, move_number);
    *state = make_state(game);
    const enum status status = play_record(game, *state, record, sgf, move_number < 0 ? record->num_moves : move_number);
    if (status) {
        free(*state);
        *state = NULL;
    }
    return status;
}

static enum status play_words(const struct game *game, void *state, const char *moves) {
    static const char between[] = ", \t\n";
    int number = 1;
    for (const char *at = moves + strspn(moves, between); *at; at += strspn(at, between), number++) {
        char word[GAME_TEXT_BYTES];
        const size_t length = strcspn(at, between);
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        const int action = length < sizeof word ? game_find_action(game, state, word) : GAME_NO_ACTION;
        if (action == GAME_NO_ACTION || !game_is_legal(game, state, action))
            return status_fail(STATUS_USAGE, "--moves: move %d, '%.*s', is %s", number, length < 80 ? (int)length : 80, at,
                               action == GAME_NO_ACTION ? "no move of this game" : "illegal");
        game_play(game, state, action);
        at += length;
    }
    return STATUS_OK;
}

enum status position_make(struct game *game, void **state, const struct game_settings *settings,
                          const struct game_settings *run, const struct net *net, const char *sgf, int move_number,
                          const char *moves) {
    *state = NULL;
    if (!sgf) {
        const struct game_settings all = game_settings_over(settings, run);
        TRY(game_from_settings(game, &all, net));
        *state = make_state(game);
    } else {
        struct sgf_record record;
        TRY(sgf_read_input(&record, sgf));
        const enum status status = from_record(game, state, settings, run, net, &record, sgf, move_number);
        sgf_done(&record);
        TRY(status);
    }
    return moves ? play_words(game, *state, moves) : STATUS_OK;
}
