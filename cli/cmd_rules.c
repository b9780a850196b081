// tengen rules: an oracle of the rules, which reads a command from each line and answers it with a
// line of JSON.
#include "cli/command.h"
#include "cli/game_options.h"
#include "game/oracle.h"

struct settings {
    struct game_settings game;
};

static const struct option table[] = {
    PLAIN_BOARD_OPTION_ROWS(struct settings, game),
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    struct game game;
    s.game.game = words.at[0];
    TRY(game_from_settings(&game, &s.game, NULL));
    return oracle_serve(&game, stdin, stdout);
}

const struct command command_rules = {
    "rules", "GAME", "Answers questions about the rules, a line of JSON for each line of input",
    "A line is new, play MOVE, undo, state or quit. Moves are in the game's own notation: Go D4 or pass, Othello d3 or pass,\n"
    "Connect Four a column from 1 to 10, Hex c2 or swap, Gomoku and tic-tac-toe c2, Breakthrough a2a3.\n"
    "The answer is {\"ok\":true,\"to_move\":\"b\",\"ply\":0,\"legal\":[...],\"over\":false,\"result\":null,\"score\":null},\n"
    "or {\"ok\":false,\"error\":\"...\"}, and then the position is unchanged.\n"
    "Go's rules are chinese, tromp-taylor, aga, new-zealand and japanese. Changes follow, each after a '+':\n"
    "ko=positional|situational|simple, score=area|territory, suicide=0|1, tax=none|seki, and bonus=0|n|n-1, White's points\n"
    "for n handicap stones. Under territory scoring two passes begin a clean-up, which shows who lives and costs no points;\n"
    "two more passes end the game.\n" GAMES_HELP,
    run};
