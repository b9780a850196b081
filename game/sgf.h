// SGF FF[4] records of games on a point board: Go (GM 1), and others by their GM number where SGF has one [red-bean.com/sgf].
#ifndef GAME_SGF_H
#define GAME_SGF_H

#include "game/game.h"

struct sgf_record {
    char game[16]; // "go"
    int height, width;
    double komi;
    char rules[GAME_RULES_BYTES], black[128], white[128], result[32], date[16], comment[256];
    int num_setup[2]; // handicap / setup stones (AB, AW), as points y * width + x
    uint16_t setup[2][361];
    int first_to_move; // PL, or by the first move; 0 first player
    int num_moves;
    uint16_t *moves; // actions of the game, malloced
    float *winrate;  // [num_moves] of the mover, NAN: none; written as a comment; NULL: none at all
};
bool sgf_has_game(const char *game);          // else records of it can't be written or read
enum status sgf_check_game(const char *game); // the same, and says so
void sgf_done(struct sgf_record *record);
enum status sgf_write(const struct sgf_record *record, const char *path); // atomic
char *sgf_format(const struct sgf_record *record);                        // malloced text
enum status sgf_parse(struct sgf_record *record, const char *text,
                      const char *name); // main line of the first game; errors name `name`
enum status sgf_read(struct sgf_record *record, const char *path);
enum status sgf_read_input(struct sgf_record *record,
                           const char *path); // may be a pipe: what the user names on the command line

#endif
