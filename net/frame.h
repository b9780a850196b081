// From positions to rows of a batch, and back from rows of outputs to judgements: what
// net_evaluator and batcher share. Private to net/.
//
// A frame is h x w points, and each position is a row in it. A smaller board fills the top left of
// its row, and the mask says where it is. Planes are packed to bits (upload_planes in
// backend_verbs.h), so that a row is small.
//
// An action a of the game, seen through symmetry k, is action game_seen(mover, k, a) of the encoded
// board. In a frame of H x W its number (plane * h + y) * w + x becomes (plane * H + y) * W + x,
// and global actions go to the end.
//
// Rows are independent: several threads may work on different rows of the same arrays.
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

// The number of rows that a batch of n <= max is rounded up to, so that there are few shapes, each
// of which costs most backends a plan. It is 1, 2, 4, a multiple of 8 up to 64, and of 32 beyond.
// Backends that capture whole passes have still fewer: beyond 64 it is a power of two, or one and a
// half times that. It is never above max, and n itself for backends with any_rows.
int frame_rows(int n, int max, const struct backend *backend);

// Writes one row: bits [frame_words], globals [config->num_globals] and mask [frame_points].
// scratch [frame_scratch] may hold anything. Returns whether the board is smaller than the frame.
bool frame_encode(struct frame, const struct position *position, float *scratch, uint32_t *bits, float *globals, float *mask);
// Reads one row of the net's outputs: logits [frame_actions], value [heads_value_outputs] and
// ownership [frame_points]. ownership is read only where the judgement asks for it and the net has
// it.
void frame_decode(struct frame, const struct position *position, const float *logits, const float *value,
                  const float *ownership, struct judgement *out);

#endif
