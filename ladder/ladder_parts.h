// Inside ladder/: who takes part, before anybody plays.
#ifndef LADDER_LADDER_PARTS_H
#define LADDER_LADDER_PARTS_H

#include "ladder/ladder.h"

struct ladder_anchor {
    const char *spec, *name;
    const char *game;    // NULL: any
    int max_points;      // of the board; 0: any
    bool is_program;     // it speaks GTP and may not be there
    const char *missing; // what to say in the log then; NULL: nothing
    double move_seconds; // a guess for 7x7, until games tell
    int rung;            // in training it takes part when an anchor of a lower rung was beaten
};
extern const struct ladder_anchor ladder_anchors[];
extern const int ladder_num_anchors;
// Who fixes the scale, the first that takes part. Not the strongest or weakest: intervals are of the difference to it, so they are the
// narrowest where it stands amid the others and its games cost little.
struct ladder_scale {
    const char *key; // the whole key, or its beginning where this ends with '|'
    double elo;
    const char *game; // that it holds for; NULL: every one
    int size;         // ... on this square board; 0: every board
};
extern const struct ladder_scale ladder_scales[];
extern const int ladder_num_scales;
#define LADDER_GNUGO_KEY "gtp:gnugo --mode gtp --level 10 --chinese-rules|"
#define LADDER_MIDDLE_KEY "uct:1024"
#define LADDER_RANDOM_KEY "random"
bool ladder_is_scale(const struct ladder_scale *scale, const struct game *game, const char *key);

// The key of a net of a run.
char *ladder_net_key(char out[LADDER_KEY], const char *digest, int visits);
// The key of an open player; asks programs for their version, for as long as the player's @timeout allows. STATUS_IO without a word when a
// program can't be started and `quiet`; STATUS_CANCELLED: *stop (may be NULL) has become true before the answer.
enum status ladder_key(char out[LADDER_KEY], const char *spec, const struct player *player, int visits,
                       const volatile bool *stop, const struct clock *clock, bool quiet);

// At most `most` of the checkpoints, spread over training time, always the first, the last and the best; chosen[] ascending.
int ladder_choose_checkpoints(const struct run_checkpoint *checkpoints, int num, int most, int *chosen);

// Fills entries and rating: what `book` says of the runs that the readers belong to.
enum status ladder_rate(struct ladder *ladder, const struct ladder_book *book, struct run_reader **readers, int visits);
// Opens runs to read; *game is the first one's. All must be about it: size, komi and rules too, else it is said which is not
// (STATUS_USAGE). *readers is NULL on failure.
enum status ladder_open_runs(const char *const *runs, int num_runs, struct run_reader ***readers, struct game *game);
void ladder_close_runs(struct run_reader **readers, int num_runs); // NULL is fine

#endif
