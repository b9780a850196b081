// Records of games as SGF FF[4] [red-bean.com/sgf]: Go (GM 1), and the other games for which SGF
// has a GM number. Any thread may call.
#ifndef GAME_SGF_H
#define GAME_SGF_H

#include "game/game.h"

#include <stdio.h>

enum { SGF_MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE, SGF_NOBODY = -1, SGF_AS_IT_WAS = 2 };

// Stones that are placed or taken off after the first move.
struct sgf_setup {
    // How many moves of the record come before it.
    int num_before;
    // Who moves next, as PL says: 0 Black, 1 White, or SGF_NOBODY.
    int to_move;
    // [height * width]: +1 a black stone, -1 a white one, 0 none, SGF_AS_IT_WAS.
    int8_t stones[SGF_MAX_POINTS];
};

struct sgf_record {
    char game[16]; // "go"
    int height, width;
    // GAME_KOMI_DEFAULT: the record has none. One with a handicap then has 0.5. Reading turns komi in
    // hundredths of points, and in Chinese stones of two points, into points: where it is at least
    // 100 and a multiple of 25 the first, where it is a quarter more or less than a half the second.
    double komi;
    // Empty: the record has none.
    char rules[GAME_RULES_BYTES];
    char black[128], white[128], result[32], date[16], comment[256];
    int num_setup[2];                  // how many stones each side has before the first move (AB, AW)
    uint16_t setup[2][SGF_MAX_POINTS]; // their points, y * width + x
    // For how many black stones White gets a handicap bonus where the rules have one: HA. A record
    // without HA has a handicap where two or more black stones, and nothing else, are set up and
    // White moves first.
    int handicap;
    int first_to_move; // the player of the first move, from PL, the moves or HA; 0 is Black
    int num_moves;
    uint16_t *moves; // [num_moves]: actions of the game, owned by the record
    // [num_moves]: the player of each move; NULL: they alternate from first_to_move. One side may
    // move twice in a row where a pass is left out. Owned by the record.
    uint8_t *movers;
    // [num_moves]: the winrate of the side that moves, which a comment holds; NAN: the move has
    // none. NULL: no move has one. Owned by the record.
    float *winrate;
    // Positions that are set up after the first move, in order. Owned by the record.
    int num_later;
    struct sgf_setup *later;
    // What the reader took for what, a line each: a komi in other units, a guessed encoding.
    char notes[512];
};
// The player of move i. For i = num_moves: who is to move at the end.
int sgf_mover(const struct sgf_record *record, int i);
// Whether SGF has a number for the game, without which records can't be written or read.
bool sgf_has_game(const char *game);
// The same, but STATUS_UNSUPPORTED says so.
enum status sgf_check_game(const char *game);
void sgf_done(struct sgf_record *record); // frees what the record owns
enum status sgf_write(const struct sgf_record *record, const char *path);
// The text of a record, for the caller to free. NULL where SGF has no number for the game; that has
// been said then.
char *sgf_format(const struct sgf_record *record);

// The parts of such a text, for writers of trees with variations and comments. sgf_put_root begins
// the tree with "(;" and everything that comes before the first move; the caller ends it with ")".
void sgf_put_root(FILE *out, const struct sgf_record *record);
// KEY[text], or nothing where the text is empty.
void sgf_put_text(FILE *out, const char *key, const char *text);
// ";B[dd]": a node with this move of `mover`.
void sgf_put_move(FILE *out, const struct sgf_record *record, int mover, int action);
// A node with stones that are placed or taken off, and who moves next.
void sgf_put_later(FILE *out, const struct sgf_record *record, const struct sgf_setup *setup);

// Reads the main line of the first game in `text`, in whatever encoding it is (game/sgf_text.h). A
// record that was read must be given to sgf_done; after an error it owns nothing. Messages begin
// with `name`.
enum status sgf_parse(struct sgf_record *record, const char *text, const char *name);
enum status sgf_read(struct sgf_record *record, const char *path);
// The same for a file that the user names, which may be a pipe.
enum status sgf_read_input(struct sgf_record *record, const char *path);
// Prints the notes to stderr, "tengen: NAME: NOTE" a line.
void sgf_say_notes(const struct sgf_record *record, const char *name);

// Makes the state after the first `num_moves` moves of the record, whose game and board must be
// those of `game`. Where one side moves twice in a row the other one has passed, if the game has a
// pass. Two passes that would end the game are left out where more moves follow. *num_played, which
// may be NULL, is num_moves, or the most with which this succeeds: the number of the moves before
// the one that can't be played (STATUS_FORMAT); the state is then that before it. Other failures:
// what is set up is refused (STATUS_FORMAT), for which the move before it does not count, or the
// game can't set up (STATUS_UNSUPPORTED).
enum status sgf_replay(const struct sgf_record *record, const struct game *game, void *state, int num_moves, int *num_played,
                       const char *name);
// The rules that the record says, as a text for game_options; NULL: it says none that the game has.
// One of Hex whose sides were swapped is played by the rules that allow it.
const char *sgf_rules(const struct sgf_record *record);
// The stones [height * width] of +1 Black, -1 White, 0 none, before the first move.
void sgf_first_stones(const struct sgf_record *record, int8_t *stones);

#endif
