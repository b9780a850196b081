// The options that choose a game, shared by the commands.
#ifndef CLI_GAME_OPTIONS_H
#define CLI_GAME_OPTIONS_H

#include "base/options.h"
#include "game/game.h"
#include "net/net.h"

struct game_settings {
    const char *game;  // NULL: not said
    int size[2];       // 0: not said
    const char *komi;  // a number; NULL: not said
    const char *rules; // NULL: not said
};

// Rows of an option table for the `struct game_settings` at `field` of `type`. `from`: what fills in the unsaid, before the defaults.
#define BOARD_ROWS(type, field, from)                                                                                          \
    {"size",   OPTION_SIZE, offsetof(type, field.size),                                                                        \
     NULL,     1,           GAME_MAX_SIDE,                                                                                     \
     "points", NULL,        "side of the board, or ROWSxCOLUMNS; else " from "the game's default"},                            \
        {"komi",   OPTION_TEXT, offsetof(type, field.komi),                                                                    \
         NULL,     0,           0,                                                                                             \
         "points", NULL,        "for the second player; else " from "the size's fair value"},                                  \
    {                                                                                                                          \
        "rules", OPTION_TEXT, offsetof(type, field.rules), NULL, 0, 0, "", NULL,                                               \
            "rule set, for go with changes if wanted, as in chinese+ko=simple+suicide=1; else " from "the game's default"      \
    }
#define BOARD_OPTION_ROWS(type, field) BOARD_ROWS(type, field, "the model's run's, or ")
#define PLAIN_BOARD_OPTION_ROWS(type, field) BOARD_ROWS(type, field, "") // where there is no model
#define GAME_OPTION_ROWS(type, field)                                                                                          \
    {"game", OPTION_TEXT, offsetof(type, field.game), NULL, 0, 0, "", NULL, "which game; else the model's, or go"},            \
        BOARD_OPTION_ROWS(type, field)

// For --help of the commands that take any game. tests/cli/usage.sh compares it with the table of games.
#define GAMES_HELP                                                                                                             \
    "\nGames, their boards and rules (the first of each is the default):\n"                                                    \
    "  go            9; 1 to 19 points a side, oblong too. --rules chinese, tromp-taylor, aga, new-zealand, japanese: rules "  \
    "--help\n"                                                                                                                 \
    "  connect4      6x7; up to 10x10\n"                                                                                       \
    "  othello       8; 6, 4\n"                                                                                                \
    "  hex           11; 2 to 19. --rules standard, swap\n"                                                                    \
    "  gomoku        15; 5 to 19, oblong too. --rules freestyle, exactly-five\n"                                               \
    "  breakthrough  8; 4 to 8, oblong too\n"                                                                                  \
    "  tictactoe     3\n"

// What the run that a net's file lies in was trained on, by the run's config.ini. All unsaid: the file lies in no run.
struct run_game {
    struct game_settings settings; // points into the rest
    char game[32], komi[40], rules[GAME_RULES_BYTES];
};
enum status run_game_read(struct run_game *run, const char *net_path, const struct net *net);
// What was said, and for the rest the run's. Its komi only for its own size and rules.
struct game_settings game_settings_over(const struct game_settings *said, const struct game_settings *run);

// Opens the game: what was said first, then what the net was made for (may be NULL), then defaults.
enum status game_from_settings(struct game *game, const struct game_settings *settings, const struct net *net);
// "9" or "9x13".
char *game_size_text(const struct game *game, char out[16]);

#endif
