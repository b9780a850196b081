// Records as they are found: in old encodings, with komi in other units, with properties in any
// order, with a handicap that HA and the stones tell differently, and with stones that are set up
// in the middle of the game. And playing records.
#include "game/sgf.h"
#include "tests/test.h"

#include <iconv.h>

static struct sgf_record read_text(const char *text) {
    struct sgf_record r;
    EXPECT_(sgf_parse(&r, text, "text") == STATUS_OK, "can't read %s", text);
    return r;
}

// The moves as SGF writes them, and what is set up between them, "B[aa] W[bb]".
static void check_moves(const struct sgf_record *r, const char *expected) {
    char line[400] = "";
    for (int i = 0; i < r->num_moves; i++) {
        const int a = r->moves[i];
        char move[16];
        snprintf(move, sizeof move, "%s%c", i ? " " : "", "BW"[sgf_mover(r, i)]);
        strcat(line, move);
        if (a < r->width * r->height) {
            snprintf(move, sizeof move, "%c%c", 'a' + a % r->width, 'a' + a / r->width);
            strcat(line, move);
        }
    }
    EXPECT_TEXT(line, expected);
}

// Some systems have no tables for old encodings. Then only names are lost.
static bool has_tables(void) {
    static const char *const names[] = {"CP932", "GB18030", "CP950", "CP949", "EUC-JP", "KOI8-R"};
    bool has_all = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const iconv_t table = iconv_open("UTF-8", names[i]);
        if (table != (iconv_t)-1)
            iconv_close(table);
        else
            has_all = false;
    }
    if (!has_all) printf("iconv has not all tables here, so that names are not compared\n");
    return has_all;
}

// Names end in bytes that are "]" or "\" in ASCII, with and without a backslash before them.
static void old_encodings_are_read(void) {
    static const struct {
        const char *charset, *bytes, *name;
    } cases[] = {
        {"Shift_JIS", "\215]\214\373\225\134", "江口表"},
        {"", "\215]\214\373\225\134", "江口表"},
        {"SJIS", "\215\134]\214\373\225\134\134", "江口表"},
        {"", "\215\134]\214\373\225\134\134", "江口表"},
        {"GB2312", "\277\302\275\340", "柯洁"},
        {"", "\277\302\275\340\271\305\301\246", "柯洁古力"},
        {"GBK", "\325\134\221]", "誠慮"},
        {"", "\265\332\322\273\276\326\272\332\317\310\325\134", "第一局黑先誠"},
        {"GB18030", "\277\302\275\340\2252\2026", "柯洁𠀀"},
        {"Big5", "\263\134\245\134\273\134", "許功蓋"},
        {"", "\263\134\245\134\273\134\244\375\245\337\270\333", "許功蓋王立誠"},
        {"EUC-KR", "\300\314\274\274\265\271", "이세돌"},
        {"", "\300\314\274\274\265\271\271\332\301\244\310\257", "이세돌박정환"},
        {"EUC-JP", "\271\276\270\375", "江口"},
        {"", "\244\325\244\270\244\265\244\357", "ふじさわ"},
        {"ISO-8859-1", "Jos\351", "José"},
        {"", "Jos\351 M\374ller", "José Müller"},
        {"KOI8-R", "\351\327\301\316\317\327", "Иванов"},
        {"UTF-8", "\346\261\237\345\217\243", "江口"},
        {"", "\346\261\237\345\217\243 Jos\303\251", "江口 José"},
        {"GB2312", "\346\261\237\345\217\243\350\241\250", "江口表"},
    };
    const bool is_legible = has_tables();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300], charset[40] = "";
        if (*cases[i].charset) snprintf(charset, sizeof charset, "CA[%s]", cases[i].charset);
        snprintf(text, sizeof text, "(;GM[1]SZ[9]%sPB[%s]PW[a]C[%s];B[aa];W[bb](;B[cc]C[%s])(;B[dd]))", charset, cases[i].bytes,
                 cases[i].bytes, cases[i].bytes);
        struct sgf_record r = read_text(text);
        if (is_legible) EXPECT_TEXT(r.black, cases[i].name);
        EXPECT_TEXT(r.white, "a");
        if (is_legible) EXPECT_TEXT(r.comment, cases[i].name);
        check_moves(&r, "Baa Wbb Bcc");
        char *again = sgf_format(&r); // in UTF-8
        EXPECT_(!is_legible || strstr(again, cases[i].name) != NULL, "%s is not in %s", cases[i].name, again);
        free(again);
        sgf_done(&r);
    }
    // A guess is said; what CA says, and UTF-8, are none.
    struct sgf_record r = read_text("(;SZ[9]PB[\215]\220]\225\\];B[aa])");
    EXPECT_TEXT(r.notes, "its text is taken for Shift_JIS\n");
    sgf_done(&r);
    r = read_text("(;SZ[9]CA[Shift_JIS]PB[\215]];B[aa])");
    EXPECT_TEXT(r.notes, "");
    if (is_legible) EXPECT_TEXT(r.black, "江");
    sgf_done(&r);
    // A program has cut a name in the middle of a character of UTF-8, or of GBK.
    r = read_text("(;SZ[9]CA[UTF-8]PB[\346\261\237\345\217];B[aa])");
    check_moves(&r, "Baa");
    EXPECT(!strncmp(r.black, "江", 3));
    sgf_done(&r);
    r = read_text("(;SZ[9]CA[GBK]PB[\277\302\275];B[aa];W[bb])");
    check_moves(&r, "Baa Wbb");
    sgf_done(&r);
}

static void check_komi(const char *text, double komi, const char *notes) {
    struct sgf_record r = read_text(text);
    EXPECT_NEAR(r.komi, komi, 0);
    EXPECT_TEXT(r.notes, notes);
    sgf_done(&r);
}

static void komi_is_read_in_points(void) {
    check_komi("(;SZ[19]KM[375]RU[Chinese]AP[GNU Go:3.8])", 7.5, "komi 375 is taken for 7.5 points\n");
    check_komi("(;SZ[19]KM[650]RU[Japanese])", 6.5, "komi 650 is taken for 6.5 points\n");
    check_komi("(;SZ[19]KM[550]AP[SGFC:2.0])", 5.5, "komi 550 is taken for 5.5 points\n");
    check_komi("(;KM[375.00])", 7.5, "komi 375.00 is taken for 7.5 points\n");
    check_komi("(;KM[-750])", -7.5, "komi -750 is taken for -7.5 points\n");
    check_komi("(;KM[3.75])", 7.5, "komi 3.75 is taken for 7.5 points\n");
    check_komi("(;KM[2.75])", 5.5, "komi 2.75 is taken for 5.5 points\n");
    check_komi("(;KM[6.5])", 6.5, "");
    check_komi("(;KM[0])", 0, "");
    // Only Go has komi, but editors write it for all.
    check_komi("(;GM[2]SZ[8]KM[6.5])", GAME_KOMI_DEFAULT, "there is no komi in othello: 6.5 is left out\n");
    check_komi("(;KM[0]GM[2]SZ[8])", GAME_KOMI_DEFAULT, "");
    check_komi("(;KM[99])", 99, "");
    check_komi("(;KM[640])", 640, "");                 // no hundredths of half points
    check_komi("(;AP[Tengen:0.1.0]KM[650])", 650, ""); // we write points
    check_komi("(;KM[650]AP[Tengen:0.1.0])", 650, ""); // in any order
    check_komi("(;SZ[9])", GAME_KOMI_DEFAULT, "");
    check_komi("(;KM[])", GAME_KOMI_DEFAULT, "");
    check_komi("(;HA[2]AB[pd][dp])", 0.5, "no komi is said: 0.5, as usual with a handicap, is taken\n");
}

static void check_handicap(const char *text, int handicap, int first, const char *notes) {
    struct sgf_record r = read_text(text), again;
    EXPECT_INT(r.handicap, handicap);
    EXPECT_INT(r.first_to_move, first);
    EXPECT_INT(sgf_mover(&r, 0), first);
    EXPECT_TEXT(r.notes, notes);
    char *written = sgf_format(&r);
    EXPECT_INT(sgf_parse(&again, written, "again"), STATUS_OK);
    EXPECT_INT(again.handicap, handicap);
    EXPECT_INT(again.first_to_move, first);
    free(written);
    sgf_done(&r);
    sgf_done(&again);
}

static void handicap_is_what_ha_says(void) {
    check_handicap("(;SZ[9]KM[0]AB[ee][ef]PL[B])", 0, 0, "");
    check_handicap("(;SZ[9]KM[0]AB[ee][ef]PL[W])", 2, 1, "");
    check_handicap("(;SZ[9]KM[0]PL[W]AB[ee][ef])", 2, 1, "");
    check_handicap("(;SZ[9]KM[0]AB[ee][ef];W[aa])", 2, 1, "");
    check_handicap("(;SZ[9]KM[0]AB[ee][ef];B[aa])", 0, 0, "");
    check_handicap("(;SZ[9]KM[0]AB[ee][ef])", 0, 0, "");
    check_handicap("(;SZ[9]KM[0]AB[ee][ef]AW[aa];W[bb])", 0, 1, "");
    check_handicap("(;SZ[9]KM[0]PL[W];W[bb])", 0, 1, "");
    check_handicap("(;SZ[9]KM[0]HA[2]AB[ee][ef])", 2, 1, "");
    check_handicap("(;FF[4]AB[cg][gc]CA[UTF-8]GM[1]HA[2]KM[0.5]SZ[9];W[ee])", 2, 1, "");
    check_handicap("(;SZ[9]KM[0]HA[3]AB[ee][ef];W[bb])", 3, 1, "a handicap of 3 stones by HA, but 2 black stones are set up\n");
    check_handicap("(;SZ[9]KM[0]HA[0]AB[ee][ef];W[bb])", 0, 1, "a handicap of 0 stones by HA, but 2 black stones are set up\n");
    check_handicap("(;SZ[9]KM[0]HA[2];W[bb])", 2, 1, "a handicap of 2 stones by HA, but 0 black stones are set up\n");
    check_handicap("(;SZ[9]KM[0]HA[0];B[bb])", 0, 0, "");
    check_handicap("(;SZ[9]KM[0]HA[1];B[bb])", 0, 0, "");
    check_handicap("(;SZ[9]KM[0]HA[x];B[bb])", 0, 0, "");
    check_handicap("(;GM[11]SZ[9]AB[a1][b1];W[c3])", 0, 1, "");
}

static void properties_of_a_node_have_no_order(void) {
    static const char *const same[] = {
        "(;GM[1]SZ[9:13]KM[6.5]AB[aa][ii]AW[cc:ce]AE[cd]PL[W]RU[Japanese];W[hm]C[winrate 0.25];B[ie])",
        "(;PL[W]AE[ce]AE[cd]AW[cc]AW[ce]AB[ii]AB[aa]RU[Japanese]KM[6.5]SZ[9:13]GM[1];C[winrate 0.25]W[hm];B[ie])",
        "(;AB[aa][ii]AW[cc][ce]\n;PL[W]SZ[9:13]RU[Japanese];W[hm]C[winrate 0.25];B[ie])"};
    for (int i = 0; i < 2; i++) {
        struct sgf_record r = read_text(same[i]);
        EXPECT_INT(r.width, 9);
        EXPECT_INT(r.height, 13);
        EXPECT_INT(r.num_setup[0], 2);
        EXPECT_INT(r.num_setup[1], i ? 2 : 2);
        EXPECT_INT(r.setup[1][1], 4 * 9 + 2);
        EXPECT_NEAR(r.winrate[0], 0.25, 1e-6);
        check_moves(&r, "Whm Bie");
        sgf_done(&r);
    }
    struct sgf_record r;
    EXPECT_INT(sgf_parse(&r, same[2], "text"), STATUS_FORMAT); // the first node has used 19x19
}

static void check_rules(const char *text, const char *rules) {
    struct sgf_record r = read_text(text);
    const char *found = sgf_rules(&r);
    EXPECT_TEXT(found ? found : "none", rules);
    sgf_done(&r);
}

static void rules_are_those_of_the_game(void) {
    check_rules("(;RU[Japanese])", "japanese");
    check_rules("(;RU[New Zealand])", "new-zealand");
    check_rules("(;RU[of the house])", "none");
    check_rules("(;SZ[9])", "none");
    check_rules("(;GM[11]RU[Swap])", "swap");
    check_rules("(;GM[11]SZ[5];B[a2];W[swap-pieces])", "swap");
    check_rules("(;GM[11]RU[standard])", "standard");
    check_rules("(;GM[11]RU[chinese])", "none");
    check_rules("(;GM[4]RU[exactly-five])", "exactly-five");
}

static struct game open_game(const struct sgf_record *r, void **state) {
    struct game g;
    EXPECT_INT(game_open(&g, r->game, &(struct game_options){r->height, r->width, GAME_KOMI_DEFAULT, NULL, 0}), STATUS_OK);
    *state = calloc(1, g.state_bytes);
    return g;
}

// Plays so many moves, and compares the result, the number that was played, and the board: rows
// from the top and the side to move. All positions up to that number can be made.
static void check_replay(const char *text, int num_moves, enum status expected, int expected_played, const char *rows) {
    struct sgf_record r = read_text(text), again;
    void *state;
    const struct game g = open_game(&r, &state);
    char board[400] = "";
    int8_t stones[SGF_MAX_POINTS];
    for (int round = 0; round < 2; round++) { // as it is, and when it was written and read again
        int played = -1;
        EXPECT_INT(sgf_replay(&r, &g, state, num_moves < 0 ? r.num_moves : num_moves, &played, "text"), expected);
        EXPECT_INT(played, expected_played);
        game_stones(&g, state, stones);
        size_t n = 0;
        for (int p = 0; p < g.height * g.width; p++) {
            if (p && p % g.width == 0) board[n++] = ' ';
            board[n++] = stones[p] > 0 ? 'X' : stones[p] < 0 ? 'O' : '.';
        }
        snprintf(board + n, sizeof board - n, " %c", "BW"[game_to_move(&g, state)]);
        EXPECT_TEXT(board, rows);
        for (int k = 0; k <= played; k++) EXPECT_INT(sgf_replay(&r, &g, state, k, NULL, "text"), STATUS_OK);
        char *written = sgf_format(&r);
        EXPECT_INT(sgf_parse(&again, written, "again"), STATUS_OK);
        free(written);
        sgf_done(&r);
        r = again;
    }
    sgf_done(&r);
    free(state);
}

static void records_are_played(void) {
    check_replay("(;SZ[3];B[aa];W[bb];B[cc])", -1, STATUS_OK, 3, "X.. .O. ..X W");
    check_replay("(;SZ[3];B[aa];W[bb];B[cc])", 1, STATUS_OK, 1, "X.. ... ... W");
    check_replay("(;SZ[3];B[aa];B[bb])", -1, STATUS_OK, 2, "X.. .X. ... W"); // White passes
    check_replay("(;SZ[3];W[aa];B[bb])", -1, STATUS_OK, 2, "O.. .X. ... W");
    check_replay("(;SZ[3]PL[B];W[aa])", -1, STATUS_OK, 1, "O.. ... ... B");
    check_replay("(;SZ[3]PL[W];B[aa])", -1, STATUS_OK, 1, "X.. ... ... W");
    check_replay("(;SZ[3]PL[W])", -1, STATUS_OK, 0, "... ... ... W");
    check_replay("(;SZ[3]AB[aa]AW[bb][cc]PL[W])", -1, STATUS_OK, 0, "X.. .O. ..O W");
    check_replay("(;SZ[3]AB[aa]AW[bb][cc]PL[W];B[ca])", -1, STATUS_OK, 1, "X.X .O. ..O W");
    check_replay("(;SZ[3];B[aa];W[];B[];W[bb])", -1, STATUS_OK, 4, "X.. .O. ... B"); // on after two passes
    // Stones are set up in the middle: a capture before them, stones on others, and who is to move.
    static const char *const later = "(;SZ[3];B[aa];W[ab];B[cc];W[ba];AW[aa]AE[cc]PL[W];W[ca];AB[cb];W[cc])";
    check_replay(later, 2, STATUS_OK, 2, "X.. O.. ... B");
    check_replay(later, 3, STATUS_OK, 3, "X.. O.. ..X W");
    check_replay(later, 4, STATUS_OK, 4, "OO. O.. ... W");
    check_replay(later, 5, STATUS_OK, 5, "OOO O.X ... W");
    check_replay(later, -1, STATUS_OK, 6, "OOO O.X ..O B");
    check_replay("(;SZ[3];B[aa];AB[bb];AW[cc];PL[B])", -1, STATUS_OK, 1, "X.. .X. ..O B");
    check_replay("(;SZ[3];B[aa];PL[B];B[bb])", -1, STATUS_OK, 2, "X.. .X. ... W"); // nothing is set up
    // In Othello a side that can't move is left out by many programs. Here Black moves twice.
    check_replay("(;GM[2]SZ[4]AB[bb][cc][bc][cb]AW[aa]PL[B];W[dd])", -1, STATUS_OK, 1, "O... .OX. .XO. ...O B");
}

static void what_cannot_be_played_is_said(void) {
    check_replay("(;SZ[3];B[aa];W[aa];B[cc])", -1, STATUS_FORMAT, 1, "X.. ... ... W");
    check_replay("(;SZ[3];B[aa];W[aa];B[cc])", 1, STATUS_OK, 1, "X.. ... ... W");
    check_replay("(;SZ[3];B[aa];AW[ab][ba];W[cc])", -1, STATUS_FORMAT, 0, "X.. ... ... W");
    check_replay("(;SZ[3];B[cc];W[bb];B[aa];AW[ab][ba];W[ca])", -1, STATUS_FORMAT, 2, "X.. .O. ..X W");
    check_replay("(;SZ[3];B[aa];AW[ab][ba];W[cc])", 0, STATUS_OK, 0, "... ... ... B");
    struct sgf_record r = read_text("(;SZ[3]AB[aa]AW[ab][ba])");
    void *state;
    const struct game g = open_game(&r, &state);
    EXPECT_INT(sgf_replay(&r, &g, state, 0, NULL, "text"), STATUS_FORMAT);
    free(state);
    sgf_done(&r);
}

int main(void) {
    old_encodings_are_read();
    komi_is_read_in_points();
    handicap_is_what_ha_says();
    properties_of_a_node_have_no_order();
    rules_are_those_of_the_game();
    records_are_played();
    what_cannot_be_played_is_said();
    return TEST_END();
}
