// One self-play game as data: enough to open its game again, replay its moves and learn from each ply.
//
// A record is a plain struct with two flat arrays that grow: plies, and the sparse policy targets they point into.
// What it holds is already as coarse as its bytes on disk (probabilities in 1/65535, weights in 1/4096), so that a record
// read back equals the one written, and a resumed run learns from exactly what the uninterrupted one would have.
//
// A sampler picks (record, ply), opens the game, plays the actions before `ply` from the start, encodes, and reads its
// targets: the ply's own policy, the next ply's as the reply, the outcome, the average of the next few search values.
// A record belongs to one thread at a time; read-only use may be shared.
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "base/status.h"
#include "game/game.h"
#include "run/bytes.h"

enum { RECORD_WEIGHT_ONE = 4096, RECORD_PROB_ONE = 65535, RECORD_MAX_PLIES = 65535 };

enum ply_kind {
    PLY_FREE = 0, // no search: random opening, or copied from the game that this one forked from. Not a row.
    PLY_FULL = 1, // full search: a policy and value row
    PLY_FAST = 2, // fast search, or played from a proof: a value row
    NUM_PLY_KINDS = 3,
};

struct record_prob {
    uint16_t action, prob; // prob in 1/65535, never 0
};

struct record_ply {
    uint16_t action;    // played here
    uint8_t kind;       // enum ply_kind
    uint8_t mover;      // 0 first player, 1 second
    uint16_t weight;    // of the row, in 1/4096; 0: never drawn
    uint16_t win, loss; // search value for the mover, in 1/65535; the rest is the draw's. 0 in free plies
    uint16_t num_probs; // of full plies: their policy target is probs[first_prob .. + num_probs), actions ascending
    uint32_t first_prob;
    float score; // search's expected final margin for the mover; 0 where the game has none
};

struct record {
    // The game, as game_open wants it
    char game[16], rules[GAME_RULES_BYTES];
    int height, width, max_plies;
    double komi;
    // Where it comes from
    long long index;    // number of the game in its run; with the run's seed it fixes the random stream
    long long net_step; // of the net that began it
    uint64_t seed;
    int opening_plies; // free plies before the first search
    // How it ended
    enum outcome outcome;
    float score;       // first player's final margin with komi; 0 where the game has none
    int8_t *ownership; // [height, width]: +1 first, -1 second, 0 neither; NULL: unknown or the game has none
    int num_plies, max_stored_plies;
    struct record_ply *plies;
    uint32_t num_probs, max_stored_probs;
    struct record_prob *probs;
};

// An empty record of this game. Nothing is allocated yet.
void record_init(struct record *record, const struct game *game);
void record_done(struct record *record); // frees and zeroes; fine on a zeroed record
// Moves *from into *to (overwritten, not freed) and zeroes *from.
void record_move(struct record *to, struct record *from);
bool record_equal(const struct record *a, const struct record *b);

// Appends a ply. wdl: search value for the mover, NULL for free plies. weight in [0, 15.99].
void record_add_ply(struct record *record, int action, int mover, enum ply_kind kind, float weight, const float wdl[3],
                    float score);
// The policy target of the last ply, which must be PLY_FULL and have none yet, from a dense vector [num_actions].
void record_set_policy(struct record *record, const float *policy, int num_actions);
void record_set_weight(struct record *record, int ply, float weight);
// Sets the end. ownership [h * w] is copied; NULL: none.
void record_finish(struct record *record, enum outcome outcome, float score, const int8_t *ownership);

// Gives back what its arrays have too much, for a record that is kept.
void record_pack(struct record *record);
// Bytes that it takes on the heap, about.
size_t record_heap_bytes(const struct record *record);

static inline float record_weight(const struct record_ply *ply) { return (float)ply->weight / RECORD_WEIGHT_ONE; }
static inline void record_wdl(const struct record_ply *ply, float wdl[3]) {
    wdl[0] = (float)ply->win / RECORD_PROB_ONE;
    wdl[2] = (float)ply->loss / RECORD_PROB_ONE;
    wdl[1] = (float)(RECORD_PROB_ONE - ply->win - ply->loss) / RECORD_PROB_ONE;
}
// Writes the policy target of a full ply into out[num_actions] (zero elsewhere), sum 1. False, and nothing written: it has none,
// or one with an action beyond num_actions.
bool record_policy(const struct record *record, int ply, float *out, int num_actions);
// Rows of a kind (with weight), and their summed weight in 1/4096 (NULL: not wanted).
int record_rows(const struct record *record, enum ply_kind kind, uint64_t *weight);
// Opens the record's game again.
enum status record_open_game(const struct record *record, struct game *game);

// Appends the record's bytes, little-endian, self-delimiting.
void record_write(const struct record *record, struct byte_buffer *out);
// Reads one record from the front of `bytes`, checks every field, and sets *used. `name` is the file that a refusal names.
// On failure nothing is owed. A record that passes is safe to use with any function here; what it says of its game is for
// record_verify.
enum status record_read(struct record *record, const uint8_t *bytes, size_t num_bytes, size_t *used, const char *name);
// Could this game have been played, by these moves to this end, with policy targets of moves that could be played? `learned`
// (NULL: any): a run's game, whose net must be able to learn from it. What passes may be replayed and sampled without a look.
enum status record_verify(const struct record *record, const struct game *learned, const char *name);
// No record of this game has more bytes.
size_t record_max_bytes(const struct game *game);

#endif
