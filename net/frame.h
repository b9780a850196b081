// Between positions and rows of a batch: what net_evaluator and batcher share. Private to net/.
//
// A frame is h x w points, one row a position. A smaller board fills the row's top left and the mask says where it is. Planes are
// bits (backend_verbs.h upload_planes), so a row is small enough to be written and sent at once.
//
// An action a of the game, looked at through symmetry k, is at game_seen(mover, k, a) in the encoded board, which is moved to the
// wider frame: (plane * h + y) * w + x becomes (plane * H + y) * W + x, global actions go to the end.
//
// Rows are written and read independently: several threads may work on different rows of the same arrays.
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include "game/evaluator.h"
#include "net/backend_verbs.h"
#include "net/net.h"

struct frame {
    int h, w;
    const struct net_config *config; // borrowed
};
static inline size_t frame_points(struct frame f) { return (size_t)f.h * (size_t)f.w; }
static inline size_t frame_words(struct frame f) { return frame_points(f) * (size_t)((f.config->num_planes + 31) / 32); }
static inline size_t frame_scratch(struct frame f) { return frame_points(f) * (size_t)f.config->num_planes; }
static inline size_t frame_actions(struct frame f) {
    return frame_points(f) * (size_t)f.config->policy_planes + (size_t)f.config->num_global_actions;
}

// Rows that a batch of n is rounded up to, at most max (>= n). A shape costs most backends a plan: 1, 2, 4, multiples of 8 to 64, of
// 32 beyond; backends that record whole passes: beyond 64, powers of two and one and a half times them; any_rows: n itself.
int frame_rows(int n, int max, const struct backend *backend);

// Writes one row: bits [frame_words], globals [config->num_globals], mask [frame_points]. scratch [frame_scratch] may hold anything.
// True: the board is smaller than the frame.
bool frame_encode(struct frame, const struct position *position, float *scratch, uint32_t *bits, float *globals, float *mask);
// Reads one row of the net's outputs: logits [frame_actions], value [heads_value_outputs], ownership [frame_points], read only where
// the judgement wants it and the net has it.
void frame_decode(struct frame, const struct position *position, const float *logits, const float *value,
                  const float *ownership, struct judgement *out);

#endif
