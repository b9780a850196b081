// The options that choose a game, shared by the commands.
#ifndef CLI_GAME_OPTIONS_H
#define CLI_GAME_OPTIONS_H

#include "base/options.h"
#include "game/game.h"
#include "net/net.h"

// What the user said about the game. NULL, or a size of 0, means that nothing was said.
struct game_settings {
    const char *game;
    int size[2];      // rows and columns
    const char *komi; // a number as text
    const char *rules;
};

// Rows of an option table for the `struct game_settings` at `field` of `type`. `from` completes the
// help: where values come from that were not given, before the game's defaults.
#define BOARD_ROWS(type, field, from)                                                                                          \
    {"size",   OPTION_SIZE, offsetof(type, field.size),                                                                        \
     NULL,     1,           GAME_MAX_SIDE,                                                                                     \
     "points", NULL,        "the side of the board, or ROWSxCOLUMNS; if not given, " from "the game's default"},               \
        {"komi",   OPTION_TEXT, offsetof(type, field.komi),                                                                    \
         NULL,     0,           0,                                                                                             \
         "points", NULL,        "what the second player gets; if not given, " from "a fair value for the size"},               \
    {                                                                                                                          \
        "rules", OPTION_TEXT, offsetof(type, field.rules), NULL, 0, 0, "", NULL,                                               \
            "a rule set, for Go with changes if wanted, as in chinese+ko=simple+suicide=1; if not given, " from                \
            "the game's default"                                                                                               \
    }
#define BOARD_OPTION_ROWS(type, field) BOARD_ROWS(type, field, "what the model's run has, or ")
// For commands without a model.
#define PLAIN_BOARD_OPTION_ROWS(type, field) BOARD_ROWS(type, field, "")
#define GAME_OPTION_ROWS(type, field)                                                                                          \
    {"game", OPTION_TEXT, offsetof(type, field.game),                                                                          \
     NULL,   0,           0,                                                                                                   \
     "",     NULL,        "which game to play; if not given, the model's, or go"},                                             \
        BOARD_OPTION_ROWS(type, field)

// Part of --help of the commands that take any game. tests/cli/usage.sh compares it with the table
// of games.
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

// The game of the run that a net's file lies in, by the run's config.ini. If the file lies in no
// run, or the run is of another game than the net, the settings say nothing.
struct run_game {
    struct game_settings settings; // its texts are the arrays below
    char game[32], komi[40], rules[GAME_RULES_BYTES];
};
enum status run_game_read(struct run_game *run, const char *net_path, const struct net *net);
// What was said, completed by what the run has. The run's komi counts only together with its own
// size and rules.
struct game_settings game_settings_over(const struct game_settings *said, const struct game_settings *run);

// Opens the game by what was said, else by what the net was made for (net may be NULL), else by
// defaults.
enum status game_from_settings(struct game *game, const struct game_settings *settings, const struct net *net);
// Writes the board's size, such as "9" or "9x13"; returns out.
char *game_size_text(const struct game *game, char out[16]);

#endif
