// Opens the game of a record, whose komi and rules hold where no option says others, and plays it.
#include "cli/position.h"

#include "base/memory.h"
#include "game/go_rules.h"
#include "game/sgf.h"

#include <stdlib.h>
#include <string.h>

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
    const bool has_komi = record->komi != GAME_KOMI_DEFAULT;
    if (!merged.komi && has_komi) {
        snprintf(komi, sizeof komi, "%.17g", record->komi);
        merged.komi = komi;
    }
    merged = game_settings_over(&merged, run); // for rules that the record doesn't tell
    TRY(game_from_settings(game, &merged, net));
    // The komi of a record is without the handicap bonus.
    if (is_go && !settings->komi && record->handicap) {
        snprintf(komi, sizeof komi, "%.17g", game->komi + go_handicap_bonus(game, record->handicap));
        merged.komi = komi;
        TRY(game_from_settings(game, &merged, net));
    }
    if (game->height != record->height || game->width != record->width)
        return status_fail(STATUS_USAGE, "%s: is on %dx%d, not on %dx%d", sgf, record->height, record->width, game->height,
                           game->width);
    if (move_number > record->num_moves)
        return status_fail(STATUS_USAGE, "%s: has %d moves, not %d", sgf, record->num_moves, move_number);
    *state = make_state(game);
    const enum status status = sgf_replay(record, game, *state, move_number < 0 ? record->num_moves : move_number, NULL, sgf);
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
        sgf_say_notes(&record, sgf);
        const enum status status = from_record(game, state, settings, run, net, &record, sgf, move_number);
        sgf_done(&record);
        TRY(status);
    }
    return moves ? play_words(game, *state, moves) : STATUS_OK;
}
