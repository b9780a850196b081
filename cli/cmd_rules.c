// tengen rules: the rules oracle; lines of commands in, lines of JSON out.
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
    "Lines: new, play MOVE, undo, state, quit. Moves in the game's own notation: Go D4 or pass, Othello d3 or pass,\n"
    "Connect Four column 1 .. 10, Hex c2 or swap, Gomoku and tic-tac-toe c2, Breakthrough a2a3.\n"
    "Answer: {\"ok\":true,\"to_move\":\"b\",\"ply\":0,\"legal\":[...],\"over\":false,\"result\":null,\"score\":null},\n"
    "or {\"ok\":false,\"error\":\"...\"} with the position unchanged.\n"
    "Go's rules: chinese, tromp-taylor, aga, new-zealand, japanese; after '+' changes of ko=positional|situational|simple,\n"
    "score=area|territory, suicide=0|1, bonus=0|n|n-1 (White's points for n handicap stones), tax=none|seki.\n"
    "Under territory scoring two passes begin a clean-up that shows who lives and costs nothing; two more end the "
    "game.\n" GAMES_HELP,
    run};
