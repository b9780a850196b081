// What the files of ladder/ share: who takes part, before anybody plays. Nothing outside them
// includes this.
#ifndef LADDER_LADDER_PARTS_H
#define LADDER_LADDER_PARTS_H

#include "ladder/ladder.h"

struct ladder_anchor {
    const char *spec, *name;
    const char *game;    // NULL: any.
    int max_points;      // Of the board; 0: any number.
    bool is_program;     // It speaks GTP, and may not be installed.
    const char *missing; // What the log then says; NULL: nothing.
    double move_seconds; // A guess for 7x7, until games tell.
    int rung;            // In training it takes part once an anchor of a lower rung was beaten.
};
extern const struct ladder_anchor ladder_anchors[];
extern const int ladder_num_anchors;
// Who fixes the scale: the first of these that takes part. It is neither the strongest nor the
// weakest, for intervals are those of the difference to it: they are narrowest where it stands amid
// the others and its games cost little.
struct ladder_scale {
    const char *key; // The whole key, or its beginning where this ends with '|'.
    double elo;
    const char *game; // The game for which it holds; NULL: every game.
    int size;         // The square board for which it holds; 0: every board.
};
extern const struct ladder_scale ladder_scales[];
extern const int ladder_num_scales;
#define LADDER_GNUGO_KEY "gtp:gnugo --mode gtp --level 10 --chinese-rules|"
#define LADDER_MIDDLE_KEY "uct:1024"
#define LADDER_RANDOM_KEY "random"
bool ladder_is_scale(const struct ladder_scale *scale, const struct game *game, const char *key);

// The lines of anchors.tsv (cmake/lines.cmake).
extern const char *const ladder_anchor_lines[];
extern const int ladder_anchor_lines_count;
// An opponent that never changes, and whose games with others the program holds (ladder_known.c).
struct ladder_known {
    char key[LADDER_KEY], spec[200], name[200]; // Such as "models/go7.safetensors@visits=8", "go7@visits=8".
    double move_seconds;                        // A guess, as in struct ladder_anchor.
};
// Those of a game, its size, komi and rules; returns how many. The caller frees *players.
int ladder_known_players(const struct game *game, struct ladder_known **players);
// Adds them and their games to a book, where they are not told from others.
void ladder_known_add(struct ladder_book *book, const struct game *game);
// Whether one of the nets among them takes part as an anchor: then their games belong to the
// standings.
bool ladder_knows(const struct ladder_book *book, const struct game *game);

// The key of a net of a run.
char *ladder_net_key(char out[LADDER_KEY], const char *digest, int visits);
// The same at a temperature.
char *ladder_setting_key(char out[LADDER_KEY], const char *digest, int visits, double temperature);
// The key of an open player. Programs are asked for their version, for as long as the player's
// @timeout allows. STATUS_IO, without a message where `quiet`, when a program can't be started;
// STATUS_CANCELLED when *stop (may be NULL) has become true before the answer.
enum status ladder_key(char out[LADDER_KEY], const char *spec, const struct player *player, int visits,
                       const volatile bool *stop, const struct clock *clock, bool quiet);

// Chooses at most `most` of the checkpoints, spread over training time, always with the first, the
// last and the best. chosen[] ascends; returns their number.
int ladder_choose_checkpoints(const struct run_checkpoint *checkpoints, int num, int most, int *chosen);

// Fills in entries and rating: what `book` says of the runs to which the readers belong.
enum status ladder_rate(struct ladder *ladder, const struct ladder_book *book, struct run_reader **readers, int visits);
// Opens runs to read; *game is the first one's. All must be about it, with its size, komi and
// rules; STATUS_USAGE names one that is not. *readers is NULL on failure.
enum status ladder_open_runs(const char *const *runs, int num_runs, struct run_reader ***readers, struct game *game);
void ladder_close_runs(struct run_reader **readers, int num_runs); // NULL is fine.

#endif
