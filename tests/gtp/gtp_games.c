// Every game is played over GTP, and GoGui's questions about the rules are answered as `tengen
// rules` (game/oracle.h) answers them. The conversion from a game's notation to GTP's vertices is
// written here once more, from what the games say about themselves.
#include "game/oracle.h"
#include "gtp/gtp_parse.h"
#include "tests/gtp/gtp_test.h"

#include <cjson/cJSON.h>
#include <ctype.h>

enum { MAX_PLIES = 70 };

struct board {
    const char *game, *rules;
    int height, width;
    bool from_top; // its rows are numbered from the top
};
static const struct board boards[] = {
    {"go", "chinese", 5, 5, false},          {"go", "tromp-taylor", 4, 6, false},
    {"tictactoe", NULL, 3, 3, false},        {"connect4", NULL, 6, 7, false},
    {"connect4", NULL, 5, 10, false},        {"othello", NULL, 4, 4, true},
    {"othello", NULL, 6, 6, true},           {"othello", NULL, 8, 8, true},
    {"hex", "standard", 4, 4, true},         {"hex", "swap", 3, 3, true},
    {"hex", "swap", 11, 11, true},           {"gomoku", "freestyle", 15, 15, false},
    {"gomoku", "exactly-five", 5, 9, false}, {"breakthrough", NULL, 5, 4, false},
    {"breakthrough", NULL, 8, 8, false},
};
enum { NUM_BOARDS = sizeof boards / sizeof *boards };

static struct gtp_params params_of(const struct board *board) {
    struct gtp_params params = session_params();
    params.game = board->game;
    params.size = board->height;
    params.width = board->width;
    params.rules = board->rules;
    params.komi = GAME_KOMI_DEFAULT;
    params.visits = 8;
    params.batch = 2;
    return params;
}

static void open_game(const struct board *board, struct game *game) {
    const struct game_options options = {
        .height = board->height, .width = board->width, .komi = GAME_KOMI_DEFAULT, .rules = board->rules};
    if (game_open(game, board->game, &options) != STATUS_OK) exit(1);
}

// A random game in the game's own notation; in Go two passes end it at last. Its states' columns of
// Connect Four are given as the number of stones that each has. Returns the number of moves.
static int random_game(const struct game *game, uint64_t seed, char moves[][GAME_TEXT_BYTES], int heights[][GAME_MAX_SIDE]) {
    uint16_t legal[GAME_MAX_ACTIONS];
    struct rng rng;
    rng_init(&rng, seed, 1);
    void *state = malloc(game->state_bytes);
    game_start(game, state);
    memset(heights[0], 0, sizeof heights[0]);
    int n = 0, num_legal;
    while (n < MAX_PLIES && (num_legal = game_legal(game, state, legal)) > 0) {
        int action = legal[rng_below(&rng, (uint32_t)num_legal)];
        // Hex's swap and Go's passes are rare otherwise.
        if (game->num_global_actions && legal[num_legal - 1] >= game->num_actions - 1 && rng_below(&rng, 8) == 0)
            action = legal[num_legal - 1];
        if (n >= MAX_PLIES - 2 && game->can_set_up) action = game->pass_action;
        game->type->action_text(game, action, moves[n]);
        memcpy(heights[n + 1], heights[n], sizeof heights[n]);
        heights[++n][action % game->width]++;
        game_play(game, state, action);
    }
    free(state);
    return n;
}

// The answers of the oracle, one for the start and one for every move.
static char *ask_oracle(const struct game *game, int n, char moves[][GAME_TEXT_BYTES]) {
    char input[MAX_PLIES * 32] = "state\n", *out = NULL;
    size_t num_bytes = 0;
    for (int i = 0; i < n; i++) sprintf(input + strlen(input), "play %s\n", moves[i]);
    FILE *in = fmemopen(input, strlen(input), "r"), *to = open_memstream(&out, &num_bytes);
    EXPECT_INT(oracle_serve(game, in, to), STATUS_OK);
    fclose(in);
    fclose(to);
    return out;
}

// A move in GTP's vertices. `heights` tells where the stones of Connect Four land.
static void to_vertex(const struct board *board, const char *own, const int *heights, char out[32]) {
    static const char letters[] = "ABCDEFGHJKLMNOPQRST";
    const bool is_word = !strcmp(own, "pass") || !strcmp(own, "swap"), is_pair = !strcmp(board->game, "breakthrough");
    if (is_word || is_pair || !strcmp(board->game, "go"))
        sprintf(out, "%s", own);
    else if (!strcmp(board->game, "connect4"))
        sprintf(out, "%c%d", letters[atoi(own) - 1], heights[atoi(own) - 1] + 1);
    else
        sprintf(out, "%c%s", letters[own[0] - 'a'], own + 1);
}

// The next answer of the engine, without its "= ", cut off at the empty line.
static char *next_answer(char **rest) {
    char *answer = *rest, *end = strstr(answer, "\n\n");
    if (!end) {
        EXPECT_(false, "%s", "an answer is missing");
        exit(1);
    }
    *end = 0;
    *rest = end + 2;
    EXPECT_(answer[0] == '=', "an answer is: %s", answer);
    return answer[1] ? answer + 2 : answer + 1;
}

// The signs of a board among other signs, at most `points` of them.
static int signs_of(const char *text, int points, char *out) {
    int n = 0;
    for (; *text && n < points; text++)
        if (strchr("XO.", *text)) out[n++] = *text;
    out[n] = 0;
    return n;
}

static const char questions[] = "gogui-rules_legal_moves\ngogui-rules_side_to_move\ngogui-rules_final_result\n"
                                "gogui-rules_captured_count\ngogui-rules_board\nshowboard\n";

// Compares the answers to `questions` with one of the oracle.
static void compare(const struct board *board, const struct game *game, const int *heights, const char *json, char **rest) {
    char expected[GAME_MAX_ACTIONS] = "", vertex[32], drawn[400], shown[400];
    cJSON *answer = cJSON_Parse(json);
    EXPECT_(cJSON_IsTrue(cJSON_GetObjectItem(answer, "ok")), "the oracle says %s", json);
    const cJSON *item, *legal = cJSON_GetObjectItem(answer, "legal"), *result = cJSON_GetObjectItem(answer, "result"),
                       *score = cJSON_GetObjectItem(answer, "score"), *captures = cJSON_GetObjectItem(answer, "captures");
    const bool is_over = cJSON_IsTrue(cJSON_GetObjectItem(answer, "over"));
    cJSON_ArrayForEach(item, legal) {
        to_vertex(board, item->valuestring, heights, vertex);
        sprintf(expected + strlen(expected), "%s%s", *expected ? " " : "", vertex);
    }
    EXPECT_TEXT(next_answer(rest), expected);
    const char *side = next_answer(rest), *final = next_answer(rest);
    if (!is_over) EXPECT_(side[0] == cJSON_GetObjectItem(answer, "to_move")->valuestring[0], "to move: %s", side);
    if (!is_over)
        EXPECT_TEXT(final, "the game is not over");
    else if (game->agreement != AGREEMENT_NONE) // then dead stones are taken off, which the oracle does not do
        EXPECT_(!strncmp(final, "Black wins by ", 14) || !strncmp(final, "White wins by ", 14) || !strcmp(final, "draw"),
                "the result is %s", final);
    else {
        sprintf(expected, "%s",
                result->valuestring[0] == 'b'   ? "Black wins"
                : result->valuestring[0] == 'w' ? "White wins"
                                                : "draw");
        if (cJSON_IsNumber(score) && score->valuedouble != 0)
            sprintf(expected + strlen(expected), " by %g", fabs(score->valuedouble));
        EXPECT_TEXT(final, expected);
    }
    sprintf(expected, "%d %d", captures ? cJSON_GetObjectItem(captures, "b")->valueint : 0,
            captures ? cJSON_GetObjectItem(captures, "w")->valueint : 0);
    EXPECT_TEXT(next_answer(rest), expected);
    const int points = game->height * game->width;
    EXPECT_INT(signs_of(next_answer(rest), 400 - 1, drawn), points);
    EXPECT_INT(signs_of(next_answer(rest), points, shown), points);
    for (int y = 0; y < game->height; y++)
        EXPECT_(!strncmp(drawn + y * game->width, shown + (board->from_top ? game->height - 1 - y : y) * game->width,
                         (size_t)game->width),
                "%s is drawn as %s and shown as %s", board->game, drawn, shown);
    cJSON_Delete(answer);
}

// Plays a random game with moves written in turn as GTP's vertices, in the game's notation and, where
// that is unambiguous, in small letters.
static void the_rules_are_those_of_the_oracle(const struct board *board, uint64_t seed) {
    static char moves[MAX_PLIES][GAME_TEXT_BYTES];
    static int heights[MAX_PLIES + 1][GAME_MAX_SIDE];
    struct game game;
    open_game(board, &game);
    const int n = random_game(&game, seed, moves, heights);
    char *oracle = ask_oracle(&game, n, moves), *json = oracle, *input = malloc(100000), vertex[32];
    sprintf(input, "gogui-rules_game_id\ngogui-rules_board_size\n%s", questions);
    for (int i = 0; i < n; i++) {
        const char *line = json;
        for (int k = 0; k < i; k++) line = strchr(line, '\n') + 1;
        to_vertex(board, moves[i], heights[i], vertex);
        const char *text = i % 3 ? vertex : moves[i];
        sprintf(input + strlen(input), "play %c %s\n%s",
                strstr(line, "\"to_move\":\"b\"") < strchr(line, '\n') && strstr(line, "\"to_move\":\"b\"") ? 'b' : 'w', text,
                questions);
    }
    for (int i = 0; i < n; i++) strcat(input, "undo\n");
    strcat(input, questions);
    const struct gtp_params params = params_of(board);
    char *text = session(&params, input), *rest = text, size[16];
    EXPECT_TEXT(next_answer(&rest), board->game);
    if (board->height == board->width)
        sprintf(size, "%d", board->width);
    else
        sprintf(size, "%d %d", board->width, board->height);
    EXPECT_TEXT(next_answer(&rest), size);
    char *first = NULL;
    for (int i = 0; i <= n; i++) {
        char *end = strchr(json, '\n');
        *end = 0;
        if (i) EXPECT_TEXT(next_answer(&rest), "");
        compare(board, &game, heights[i], json, &rest);
        if (!first) first = json;
        json = end + 1;
    }
    for (int i = 0; i < n; i++) EXPECT_TEXT(next_answer(&rest), "");
    compare(board, &game, heights[0], first, &rest);
    EXPECT_TEXT(rest, "");
    free(text);
    free(input);
    free(oracle);
}

// The engine plays against itself to the end. Its answers are legal moves as they stand, and after
// the end it moves no more.
static void it_plays_whole_games(const struct board *board, bool asks_rules) {
    struct game game;
    open_game(board, &game);
    void *state = malloc(game.state_bytes);
    game_start(&game, state);
    struct gtp_params params = params_of(board);
    char input[8000] = "";
    if (asks_rules) strcat(input, "gogui-rules_game_id\n");
    const int most = game.max_plies < 130 ? game.max_plies + 2 : 130;
    for (int i = 0; i < most; i++) strcat(input, i % 2 ? "genmove w\n" : "genmove b\n");
    char *text = session(&params, input), *at = text;
    if (asks_rules) next_answer(&at);
    int plies = 0;
    for (; game_outcome(&game, state) == OUTCOME_NONE && plies < most; plies++) {
        const char *answer = next_answer(&at);
        const int action = gtp_parse_move(&game, state, answer);
        EXPECT_(action != GAME_NO_ACTION && game_is_legal(&game, state, action), "%s: %s is no legal move", board->game,
                answer);
        if (action == GAME_NO_ACTION) break;
        game_play(&game, state, action);
    }
    EXPECT(plies > 4);
    if (!game.can_set_up && plies < most) EXPECT_(!strncmp(at, "? the game is over\n\n", 20), "after the end: %s", at);
    free(text);
    free(state);
}

// Moves of the wrong side, out of the board or illegal are refused, and nothing changes.
static void other_games_have_turns(void) {
    const struct board othello = {"othello", NULL, 8, 8, true}, hex = {"hex", "swap", 11, 11, true},
                       gomoku = {"gomoku", NULL, 15, 15, false}, connect4 = {"connect4", NULL, 6, 7, false};
    const struct {
        const struct board *board;
        const char *input, *expected;
    } cases[] = {
        {&othello, "play w D3\nplay b pass\nplay b D3\nplay b D4\nplay w A9\nplay w c3\ngenmove w\nlast_move\n",
         "? illegal move\n\n? illegal move\n\n=\n\n? illegal move\n\n? illegal move\n\n=\n\n? it is the other side's turn\n\n"
         "= white c3\n\n"},
        {&othello,
         "boardsize 7\nboardsize 6\nboardsize 8 6\nkomi 6.5\nget_komi\nfixed_handicap 2\nplace_free_handicap 2\n"
         "set_free_handicap A1 B2\nfinal_score\nlist_stones b\ncolor d4\ncolor D5\ncolor i1\n",
         "? unacceptable size\n\n=\n\n? unacceptable size\n\n=\n\n= 0\n\n? invalid number of stones\n\n? invalid number of "
         "stones\n\n? bad vertex list\n\n? cannot score\n\n= c4 d3\n\n= white\n\n= empty\n\n? syntax error\n\n"},
        // Small letters are Hex's, capitals are GTP's without I.
        {&hex,
         "play b j2\nplay w swap-pieces\nlist_stones w\nplay b J1\nplay w I1\nplay w i2\nlist_stones b\nmove_history\n"
         "gogui-rules_side_to_move\nlist_stones b\n",
         "=\n\n=\n\n= b10\n\n=\n\n? illegal move\n\n=\n\n= i1\n\n= white i2\nblack i1\nwhite swap-pieces\nblack j2\n\n"
         "= black\n\n= J1\n\n"},
        {&gomoku, "play b i1\nlist_stones b\nplay w J1\nplay w j1\nlist_stones w\nboardsize 15 19\nquery_boardsize\n",
         "=\n\n= J1\n\n? illegal move\n\n=\n\n= K1\n\n=\n\n= 15 19\n\n"},
        {&connect4, "play b 4\nplay w D2\nplay b d3\nplay w 4\nplay b D4\nplay b D6\nall_legal b\nlist_stones w\n",
         "=\n\n=\n\n=\n\n=\n\n? illegal move\n\n? illegal move\n\n= D5 A1 B1 C1 E1 F1 G1\n\n= D4 D2\n\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct gtp_params params = params_of(cases[i].board);
        char *text = session(&params, cases[i].input);
        EXPECT_TEXT(text, cases[i].expected);
        free(text);
    }
}

// Front ends send komi to every game. Where there is none it does not get into the record either,
// which could not be loaded with it.
static void komi_of_a_game_without_it(void) {
    const struct board othello = {"othello", NULL, 8, 8, true};
    const struct gtp_params params = params_of(&othello);
    char *text = session(&params, "komi 6.5\nplay b D3\nprintsgf\n");
    EXPECT_(strstr(text, "KM[0]") && !strstr(text, "6.5"), "it said %s", text);
    free(text);
}

int main(void) {
    const int rounds = test_rounds(4);
    for (int i = 0; i < NUM_BOARDS; i++) {
        for (int seed = 0; seed < rounds; seed++) the_rules_are_those_of_the_oracle(&boards[i], (uint64_t)seed);
        it_plays_whole_games(&boards[i], i % 2);
    }
    other_games_have_turns();
    komi_of_a_game_without_it();
    return TEST_END();
}
