// A record is one self-play game as data: enough to open its game again, to replay its moves and to
// learn from each ply.
//
// It is a plain struct with two flat arrays that grow: the plies, and the sparse policy targets
// that they point into. In memory it is already as coarse as its bytes on disk (probabilities in
// 1/65535, weights in 1/4096). So a record that is read back equals the one that was written, and a
// resumed run learns from exactly what the uninterrupted one would have learned from.
//
// A sampler picks a record and a ply, opens the game, plays the actions before `ply` from the
// start, encodes the position, and reads its targets: the ply's own policy, the next ply's policy
// as the reply, the outcome, and the average of the next few search values. A record belongs to one
// thread at a time; many threads may read it at once.
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "base/status.h"
#include "game/game.h"
#include "run/bytes.h"

enum { RECORD_WEIGHT_ONE = 4096, RECORD_PROB_ONE = 65535, RECORD_MAX_PLIES = 65535 };

enum ply_kind {
    // There was no search: a random opening, or plies copied from the game that this one forked
    // from. Such a ply is not a row of training.
    PLY_FREE = 0,
    PLY_FULL = 1, // There was a full search: a row with a policy target and a value target.
    // There was a fast search, or the move follows from a proof: a row with a value target alone.
    PLY_FAST = 2,
    NUM_PLY_KINDS = 3,
};

struct record_prob {
    uint16_t action, prob; // `prob` is in units of 1/65535 and never 0.
};

struct record_ply {
    uint16_t action; // This action was played here.
    uint8_t kind;    // This is an enum ply_kind.
    uint8_t mover;   // 0 is the first player, 1 the second.
    uint16_t weight; // The weight of the row in units of 1/4096. A row of weight 0 is never drawn.
    // The search's value for the mover, in units of 1/65535; what is left to 1 is the probability
    // of a draw. 0 in free plies.
    uint16_t win, loss;
    // A full ply's policy target is probs[first_prob .. first_prob + num_probs), with ascending
    // actions.
    uint16_t num_probs;
    uint32_t first_prob;
    float score; // The search's expected final margin for the mover; 0 where the game has no score.
};

struct record {
    // The game, as game_open wants it.
    char game[16], rules[GAME_RULES_BYTES];
    int height, width, max_plies;
    double komi;
    // Where the record comes from. The index is the number of the game in its run. With the run's
    // seed it fixes the game's random stream.
    long long index;
    long long net_step; // The step of the net that began the game.
    uint64_t seed;
    int opening_plies; // How many free plies come before the first search.
    // How the game ended.
    enum outcome outcome;
    float score; // The first player's final margin with komi; 0 where the game has no score.
    // [height, width]: +1 first player, -1 second, 0 neither. NULL: unknown, or the game has none.
    int8_t *ownership;
    int num_plies, max_stored_plies;
    struct record_ply *plies;
    uint32_t num_probs, max_stored_probs;
    struct record_prob *probs;
};

// Makes an empty record of this game. It allocates nothing yet.
void record_init(struct record *record, const struct game *game);
// Frees what the record holds and zeroes it. A zeroed record is fine.
void record_done(struct record *record);
// Moves *from into *to, which is overwritten without being freed, and zeroes *from.
void record_move(struct record *to, struct record *from);
bool record_equal(const struct record *a, const struct record *b);

// Appends a ply. `wdl` is the search's value for the mover (win, draw, loss), or NULL for a free
// ply. `weight` lies in [0, 15.99].
void record_add_ply(struct record *record, int action, int mover, enum ply_kind kind, float weight, const float wdl[3],
                    float score);
// Sets the policy target of the last ply, from a dense vector [num_actions]. That ply must be
// PLY_FULL and have no target yet.
void record_set_policy(struct record *record, const float *policy, int num_actions);
void record_set_weight(struct record *record, int ply, float weight);
// Sets the end of the game. `ownership` [height * width] is copied; NULL: there is none.
void record_finish(struct record *record, enum outcome outcome, float score, const int8_t *ownership);

// Gives back the memory that the arrays have to spare, for a record that is kept.
void record_pack(struct record *record);
// About how many bytes the record takes on the heap.
size_t record_heap_bytes(const struct record *record);

static inline float record_weight(const struct record_ply *ply) { return (float)ply->weight / RECORD_WEIGHT_ONE; }
static inline void record_wdl(const struct record_ply *ply, float wdl[3]) {
    wdl[0] = (float)ply->win / RECORD_PROB_ONE;
    wdl[2] = (float)ply->loss / RECORD_PROB_ONE;
    wdl[1] = (float)(RECORD_PROB_ONE - ply->win - ply->loss) / RECORD_PROB_ONE;
}
// Writes the policy target of a full ply into out[num_actions], which sums to 1. Returns false and
// writes nothing where the ply has no target, or one with an action beyond num_actions.
bool record_policy(const struct record *record, int ply, float *out, int num_actions);
// The number of rows of this kind that have a weight, and their summed weight in units of 1/4096
// (NULL: not wanted).
int record_rows(const struct record *record, enum ply_kind kind, uint64_t *weight);
// Opens the record's game again.
enum status record_open_game(const struct record *record, struct game *game);

// Appends the record as little-endian bytes that tell their own length.
void record_write(const struct record *record, struct byte_buffer *out);
// Reads one record from the front of `bytes`, checks every field, and sets *used to its length. A
// refusal names the file `name`. On failure there is nothing to free. A record that passes is safe
// to use with any function here; whether it is a possible game is for record_verify to say.
enum status record_read(struct record *record, const uint8_t *bytes, size_t num_bytes, size_t *used, const char *name);
// Could this game have been played? Its moves must be legal and lead to its end, and its policy
// targets must be for legal moves. `learned` (NULL: any) is the game of a run whose net must be
// able to learn from the record. What passes may be replayed and sampled without further checks.
// STATUS_FORMAT names the file `name`.
enum status record_verify(const struct record *record, const struct game *learned, const char *name);
// The same for whoever goes on after a bad record: false, and `why` says what is wrong with it, as in
// "game 12: move 3 can't be played".
enum { RECORD_WHY_BYTES = 200 };
bool record_check(const struct record *record, const struct game *learned, char why[RECORD_WHY_BYTES]);
// No record of this game has more bytes than this.
size_t record_max_bytes(const struct game *game);

#endif
