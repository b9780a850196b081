// Records of games as SGF FF[4] [red-bean.com/sgf]: Go (GM 1), and the other games for which SGF
// has a GM number. Any thread may call.
#ifndef GAME_SGF_H
#define GAME_SGF_H

#include "game/game.h"

struct sgf_record {
    char game[16]; // "go"
    int height, width;
    double komi;
    char rules[GAME_RULES_BYTES], black[128], white[128], result[32], date[16], comment[256];
    int num_setup[2];       // how many handicap or setup stones each side has (AB, AW)
    uint16_t setup[2][361]; // their points, y * width + x
    int first_to_move;      // the player of the first move, from PL or the moves; 0 is Black
    int num_moves;
    uint16_t *moves; // [num_moves]: actions of the game, owned by the record
    // [num_moves]: the winrate of the side that moves, which a comment holds; NAN: the move has
    // none. NULL: no move has one. Owned by the record.
    float *winrate;
};
// Whether SGF has a number for the game, without which records can't be written or read.
bool sgf_has_game(const char *game);
// The same, but STATUS_UNSUPPORTED says so.
enum status sgf_check_game(const char *game);
void sgf_done(struct sgf_record *record); // frees what the record owns
enum status sgf_write(const struct sgf_record *record, const char *path);
// The text of a record, for the caller to free. NULL where SGF has no number for the game; that has
// been said then.
char *sgf_format(const struct sgf_record *record);
// Reads the main line of the first game in `text`. A record that was read must be given to
// sgf_done; after an error it owns nothing. Messages begin with `name`.
enum status sgf_parse(struct sgf_record *record, const char *text, const char *name);
enum status sgf_read(struct sgf_record *record, const char *path);
// The same for a file that the user names, which may be a pipe.
enum status sgf_read_input(struct sgf_record *record, const char *path);

#endif
