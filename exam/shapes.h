// Go positions by construction: walls with two eyes that nobody can kill, and between them the few
// points that a question is about.
//
// A shape is a square board of stones on plain values. shape_wall turns solid blocks of stones into
// pass-alive groups by opening two eyes of one point in each. Where all else belongs to such walls,
// the value of the position is that of its open points, and exact search finds it.
//
// Any thread may call these functions.
#ifndef EXAM_SHAPES_H
#define EXAM_SHAPES_H

#include "exam/exam.h"
#include "exam/proof.h"

// A side has few blocks, each with two eyes, so that it can wait no more often than that. Waiting
// more often is argued, not tested, to change no answer.
enum { SHAPE_MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE, SHAPE_WAITS = 2 };

struct shape {
    int side;
    int8_t at[SHAPE_MAX_POINTS];    // [side, side]: +1 Black, -1 White, 0 empty
    bool is_open[SHAPE_MAX_POINTS]; // [side, side]: the points that the question is about
};

// Writes the points next to `point` and returns their number.
int shape_around(int side, int point, int around[4]);
// Turns the board by one of its eight symmetries.
void shape_turn(struct shape *shape, int symmetry);
void shape_swap(struct shape *shape); // exchanges the colours
// Opens two eyes in each connected block of stones of one colour outside of the open points. The
// blocks stay connected. False: some block is too thin, and the shape is spoilt.
bool shape_wall(struct shape *shape, struct rng *rng);
// Marks a connected set of `size` points that grows from `start` and stays within `height` x `width`
// of the point's corner of the board. False: there is no space.
bool shape_grow(struct shape *shape, int start, int size, int height, int width, struct rng *rng);
// Gives points to `color`, nearest to `start` first, until it has `count` of them. Open points and
// their neighbours are left out. Returns how many it got.
int shape_block(struct shape *shape, int start, int count, int color, struct rng *rng);
// Writes which points are not open [side, side]: the closed points of a proof.
void shape_closed(const struct shape *shape, bool *closed);
// Black's stones, eyes of walls included, less White's, outside of the open points.
int shape_margin(const struct shape *shape);
int shape_empties(const struct shape *shape); // of the open points

// The game of `like` with another side and komi. Its rules are those that the truth holds for: area
// scoring with positional superko.
struct game shape_game(const struct game *like, int side, double komi);
bool shape_fits(const struct game *like); // whether `like` has those rules and a square board
// Sets the shape up; malloced. NULL: it has a chain without liberties.
void *shape_state(const struct game *game, const struct shape *shape, int to_move);
// Whether the move fills an eye of one point among the mover's own stones. Heroes leave that out.
bool shape_fills_eye(const struct game *game, const int8_t *stones, int mover, int action);
struct proof *shape_proof(long long max_nodes); // a proof for such positions

#endif
