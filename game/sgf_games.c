// The games of the table for which SGF has a number, with what their records look like.
#include "game/sgf_games.h"
#include "game/sgf.h"

#include <string.h>

static const struct sgf_game games[] = {{1, "go", 19, false, ""},
                                        {2, "othello", 8, false, ""},
                                        {4, "gomoku", 15, false, NULL},
                                        {11, "hex", 11, true, "swap-pieces"}};

int sgf_usual_handicap(const struct sgf_record *r) {
    return !strcmp(r->game, "go") && r->num_setup[0] >= 2 && !r->num_setup[1] && r->first_to_move ? r->num_setup[0] : 0;
}

const struct sgf_game *sgf_game_by_number(int number) {
    for (size_t i = 0; i < sizeof games / sizeof *games; i++)
        if (games[i].number == number) return &games[i];
    return NULL;
}
const struct sgf_game *sgf_game_by_name(const char *name) {
    for (size_t i = 0; i < sizeof games / sizeof *games; i++)
        if (!strcmp(games[i].name, name)) return &games[i];
    return NULL;
}
bool sgf_has_game(const char *game) { return sgf_game_by_name(game) != NULL; }
enum status sgf_check_game(const char *game) {
    return sgf_has_game(game) ? STATUS_OK : status_fail(STATUS_UNSUPPORTED, "sgf: the format has no number for %s", game);
}
