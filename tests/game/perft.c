// Published counts of move sequences and of legal positions; and the rules service, line by line.
#include "game/perft.h"
#include "game/legal_count.h"
#include "game/oracle.h"
#include "tests/test.h"

static unsigned long long perft_of(const char *name, int size, int depth) {
    struct game g;
    unsigned long long counts[GAME_MAX_ACTIONS], sum = 0;
    EXPECT_INT(game_open(&g, name, &(struct game_options){.height = size, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    void *state = malloc(g.state_bytes);
    game_start(&g, state);
    const unsigned long long total = perft(&g, state, depth, counts);
    uint16_t actions[GAME_MAX_ACTIONS];
    for (int i = 0, n = depth ? game_legal(&g, state, actions) : 0; i < n; i++) sum += counts[i];
    if (depth) EXPECT_INT(sum, total);
    EXPECT_INT(perft(&g, state, depth, NULL), total);
    free(state);
    return total;
}

// Counts the legal boards among all 3^(n*n): every chain must have an empty neighbour.
static int legal_by_enumeration(int n) {
    int boards = 1, legal = 0;
    for (int p = 0; p < n * n; p++) boards *= 3;
    for (int b = 0; b < boards; b++) {
        int color[16], alive[16], changed = 1, ok = 1;
        for (int p = 0, rest = b; p < n * n; p++, rest /= 3) color[p] = rest % 3, alive[p] = !color[p];
        while (changed) { // liberties spread through chains
            changed = 0;
            for (int p = 0; p < n * n; p++)
                for (int d = 0; d < 4; d++) {
                    const int y = p / n + (d == 0) - (d == 1), x = p % n + (d == 2) - (d == 3), q = y * n + x;
                    if (y < 0 || x < 0 || y >= n || x >= n || alive[p] || !alive[q]) continue;
                    if (!color[q] || color[q] == color[p]) alive[p] = changed = 1;
                }
        }
        for (int p = 0; p < n * n; p++) ok &= alive[p];
        legal += ok;
    }
    return legal;
}

static void legal_positions_are_counted(void) {
    // The numbers of legal positions of n x n boards [Tromp].
    static const unsigned long long known[] = {0, 1, 57, 12675, 24318165, 414295148741, 62567386502084877};
    unsigned long long count;
    for (int n = 1; n <= 6; n++) {
        EXPECT_INT(legal_count(n, &count), STATUS_OK);
        EXPECT_INT(count, known[n]);
        if (n <= 3) EXPECT_INT(count, legal_by_enumeration(n));
    }
    EXPECT_INT(legal_count(0, &count), STATUS_USAGE);
    EXPECT_INT(legal_count(7, &count), STATUS_UNSUPPORTED);
}

static void serve(const char *input, char *out, size_t out_bytes, const char *name, int size) {
    struct game g;
    EXPECT_INT(game_open(&g, name, &(struct game_options){.height = size, .komi = GAME_KOMI_DEFAULT}), STATUS_OK);
    FILE *in = fmemopen((void *)(uintptr_t)input, strlen(input), "r"), *answers = fmemopen(out, out_bytes, "w");
    EXPECT_INT(oracle_serve(&g, in, answers), STATUS_OK);
    fclose(in);
    fclose(answers);
}

static void the_service_answers_line_by_line(void) {
    char out[16384];
    serve("new\nplay a1\r\nplay A1\nplay q1\n  play   B2 \nundo\nundo\nundo\n\nfly \"me\"\nstate\nquit\nstate\n", out,
          sizeof out, "go", 2);
    EXPECT_TEXT(out, "{\"ok\":true,\"to_move\":\"b\",\"ply\":0,\"legal\":[\"A2\",\"B2\",\"A1\",\"B1\",\"pass\"],\"over\":false,"
                     "\"result\":null,\"score\":null,"
                     "\"captures\":{\"b\":0,\"w\":0}}\n"
                     "{\"ok\":true,\"to_move\":\"w\",\"ply\":1,\"legal\":[\"A2\",\"B2\",\"B1\",\"pass\"],\"over\":false,"
                     "\"result\":null,\"score\":null,"
                     "\"captures\":{\"b\":0,\"w\":0}}\n"
                     "{\"ok\":false,\"error\":\"illegal move: A1\"}\n"
                     "{\"ok\":false,\"error\":\"unreadable move: q1\"}\n"
                     "{\"ok\":true,\"to_move\":\"b\",\"ply\":2,\"legal\":[\"A2\",\"B1\",\"pass\"],\"over\":false,\"result\":"
                     "null,\"score\":null,"
                     "\"captures\":{\"b\":0,\"w\":0}}\n"
                     "{\"ok\":true,\"to_move\":\"w\",\"ply\":1,\"legal\":[\"A2\",\"B2\",\"B1\",\"pass\"],\"over\":false,"
                     "\"result\":null,\"score\":null,"
                     "\"captures\":{\"b\":0,\"w\":0}}\n"
                     "{\"ok\":true,\"to_move\":\"b\",\"ply\":0,\"legal\":[\"A2\",\"B2\",\"A1\",\"B1\",\"pass\"],\"over\":false,"
                     "\"result\":null,\"score\":null,"
                     "\"captures\":{\"b\":0,\"w\":0}}\n"
                     "{\"ok\":false,\"error\":\"nothing to undo\"}\n"
                     "{\"ok\":false,\"error\":\"empty line\"}\n"
                     "{\"ok\":false,\"error\":\"unknown command: fly\"}\n"
                     "{\"ok\":true,\"to_move\":\"b\",\"ply\":0,\"legal\":[\"A2\",\"B2\",\"A1\",\"B1\",\"pass\"],\"over\":false,"
                     "\"result\":null,\"score\":null,"
                     "\"captures\":{\"b\":0,\"w\":0}}\n"
                     "{\"ok\":true}\n");
    serve("play a1\nplay b1\nplay a2\nplay b2\nplay a3\nplay c1", out, sizeof out, "tictactoe", 0);
    EXPECT(strstr(out, "{\"ok\":true,\"to_move\":\"w\",\"ply\":5,\"legal\":[],\"over\":true,\"result\":\"b\",\"score\":null}\n"
                       "{\"ok\":false,\"error\":\"the game is over: c1\"}\n"));
    serve("play pass\nplay pass\n", out, sizeof out, "go", 2);
    EXPECT(strstr(out, "\"over\":true,\"result\":\"w\",\"score\":-1,"));
}

// Compares the counts of a game at depths 1, 2 and so on. A 0 ends the list.
static void known_counts(const char *name, int size, const unsigned long long *counts) {
    for (int depth = 1; counts[depth - 1]; depth++) EXPECT_INT(perft_of(name, size, depth), counts[depth - 1]);
}

int main(void) {
    static const unsigned long long tictactoe[] = {1, 9, 72, 504, 3024, 15120, 54720, 148176, 200448, 127872, 0};
    for (int depth = 0; depth <= 10; depth++) EXPECT_INT(perft_of("tictactoe", 0, depth), tictactoe[depth]);
    known_counts("connect4", 0, (unsigned long long[]){7, 49, 343, 2401, 16807, 117649, 823536, 5673234, 39394572, 0});
    // Othello's depth 11 is in tests/game/yardsticks.c, because it takes longer.
    known_counts("othello", 8, (unsigned long long[]){4, 12, 56, 244, 1396, 8200, 55092, 390216, 3005288, 24571284, 0});
    known_counts("othello", 6, (unsigned long long[]){4, 12, 56, 244, 1364, 7604, 47740, 308716, 2114912, 0});
    known_counts("hex", 3, (unsigned long long[]){9, 72, 504, 3024, 15120, 54720, 146880, 0});
    // Counted by hand: 2x2 has 4 points and a pass; after a stone 3 points and a pass are left,
    // after a pass all five.
    EXPECT_INT(perft_of("go", 2, 1), 5);
    EXPECT_INT(perft_of("go", 2, 2), 4 * 4 + 5);
    EXPECT_INT(perft_of("go", 9, 2), 81 * 81 + 82);
    // After a stone there are 80 stones with 80 replies each, or a pass with 81; after a pass 81
    // stones with 81 replies each; and two passes end the game.
    EXPECT_INT(perft_of("go", 9, 3), 81 * (80 * 80 + 81) + 81 * 81);
    legal_positions_are_counted();
    the_service_answers_line_by_line();
    return TEST_END();
}
