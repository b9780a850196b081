// Gomoku: forced wins by fours, and positions in which the same try fails.
//
// The other side has two open threes. So a quiet move loses: the other side makes an open four, which
// nobody can stop, and the truth of every move is found by an exhaustive search of forcing moves:
//
//   right   a row of five; or a four after whose only answer there is still a right move
//   wrong   after it, or after the answer to it, the other side wins by fours
//
// A position in which some move is neither is not asked. Pairs differ by one stone: with it the mover
// has a forced win, without it none.
//
// A four is a move after which its side would complete a row at once; whoever faces one must stop it.
#include "base/memory.h"
#include "exam/exam.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROW = 5,
    LEAST_SIDE = 9,
    MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE,
    MAX_DEPTH = 12,    // fours in a row; chosen, far above what such boards hold
    MAX_NODES = 20000, // of one question; chosen
    MAX_DRAWS = 20000, // in a row that are no new item; chosen
};

struct board {
    int height, width;
    bool is_exact;         // a row of six doesn't win
    int8_t at[MAX_POINTS]; // +1 the side that is asked, -1 the other
};

static const int steps[4][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};

static int run_length(const struct board *b, int p, int side, int dy, int dx) {
    int n = 0;
    for (int y = p / b->width + dy, x = p % b->width + dx;
         y >= 0 && x >= 0 && y < b->height && x < b->width && b->at[y * b->width + x] == side; y += dy, x += dx)
        n++;
    return n;
}

// Whether a stone of this side at p stands in a row that wins.
static bool wins_at(const struct board *b, int p, int side) {
    for (int d = 0; d < 4; d++) {
        const int n = 1 + run_length(b, p, side, steps[d][0], steps[d][1]) + run_length(b, p, side, -steps[d][0], -steps[d][1]);
        if (b->is_exact ? n == ROW : n >= ROW) return true;
    }
    return false;
}

// Writes the points at which the side completes a row, at most two of them, and returns their number.
static int find_fives(const struct board *b, int side, int out[2]) {
    int num = 0;
    for (int p = 0; p < b->height * b->width && num < 2; p++)
        if (!b->at[p] && wins_at(b, p, side)) out[num++] = p;
    return num;
}

// The same where the stone at p is new: only the lines through it can have become fours.
static int fives_through(const struct board *b, int p, int side, int out[2]) {
    int num = 0;
    for (int d = 0; d < 4; d++)
        for (int k = 1 - ROW; k < ROW; k++) {
            const int y = p / b->width + k * steps[d][0], x = p % b->width + k * steps[d][1];
            if (!k || y < 0 || x < 0 || y >= b->height || x >= b->width) continue;
            const int q = y * b->width + x;
            if (b->at[q] || !wins_at(b, q, side) || (num == 1 && out[0] == q)) continue;
            out[num++] = q;
            if (num == 2) return num;
        }
    return num;
}

// Marks where a stone of the side may make a four: the two empty points of every five in a line that
// hold three of its stones.
static void mark_fours(const struct board *b, int side, bool *marks) {
    memset(marks, 0, (size_t)(b->height * b->width) * sizeof *marks);
    for (int d = 0; d < 4; d++) {
        const int dy = steps[d][0], dx = steps[d][1], step = dy * b->width + dx;
        const int first = dx < 0 ? ROW - 1 : 0, last = dx > 0 ? b->width - ROW : b->width - 1;
        for (int y = 0; y + dy * (ROW - 1) < b->height; y++)
            for (int x = first; x <= last; x++) {
                const int8_t *at = b->at + y * b->width + x;
                int own = 0, empty = 0;
                for (int k = 0; k < ROW; k++) {
                    own += at[k * step] == side;
                    empty += !at[k * step];
                }
                if (own != ROW - 2 || empty != 2) continue;
                for (int k = 0; k < ROW; k++)
                    if (!at[k * step]) marks[y * b->width + x + k * step] = true;
            }
    }
}

struct search {
    struct board board;
    long long nodes;
    bool is_stopped;
    int killer[2]; // the point that last won by fours, of side -1 and +1; tried first
};

// Whether `side`, which moves, wins by fours alone.
static bool wins_by_fours(struct search *s, int side, int depth) {
    struct board *b = &s->board;
    int own[2], others[2];
    if (depth >= MAX_DEPTH || ++s->nodes > MAX_NODES) {
        s->is_stopped = true;
        return false;
    }
    if (find_fives(b, side, own)) return true;
    const int num_others = find_fives(b, -side, others);
    if (num_others > 1) return false;
    bool wins = false, fours[MAX_POINTS];
    mark_fours(b, side, fours);
    for (int i = -1; i < b->height * b->width && !wins && !s->is_stopped; i++) {
        const int p = i < 0 ? s->killer[side > 0] : i;
        if (!fours[p] || (num_others && p != others[0])) continue;
        b->at[p] = (int8_t)side;
        const int n = fives_through(b, p, side, own);
        // The answer stops the four, unless it completes a row itself, which num_others has excluded.
        if (n > 1) {
            wins = true;
        } else if (n == 1) {
            b->at[own[0]] = (int8_t)-side;
            wins = wins_by_fours(s, side, depth + 1);
            b->at[own[0]] = 0;
        }
        b->at[p] = 0;
        if (wins) s->killer[side > 0] = p;
    }
    return wins;
}

enum truth { WRONG, RIGHT, UNKNOWN };

static enum truth judge_position(struct search *s, int depth);

// The truth about side +1's move at p. Nobody's row is complete.
static enum truth judge_move(struct search *s, int p, bool may_be_four, int depth) {
    struct board *b = &s->board;
    int own[2] = {0}, others[2];
    if (wins_at(b, p, 1)) return RIGHT;
    const int num_others = find_fives(b, -1, others);
    if (num_others > (num_others && others[0] == p)) return WRONG; // It doesn't stop what wins at once.
    enum truth truth = UNKNOWN;
    b->at[p] = 1;
    const int n = may_be_four ? fives_through(b, p, 1, own) : 0;
    if (n > 1) {
        truth = RIGHT;
    } else if (n == 1) {
        b->at[own[0]] = -1;
        truth = judge_position(s, depth + 1);
        b->at[own[0]] = 0;
    } else if (wins_by_fours(s, -1, 0)) {
        truth = WRONG;
    }
    b->at[p] = 0;
    return s->is_stopped ? UNKNOWN : truth;
}

// RIGHT: side +1, which moves, has a move that is right; WRONG: all of its moves are.
static enum truth judge_position(struct search *s, int depth) {
    struct board *b = &s->board;
    bool is_unknown = false, fours[MAX_POINTS];
    if (wins_by_fours(s, 1, depth)) return RIGHT;
    mark_fours(b, 1, fours);
    for (int p = 0; p < b->height * b->width && !s->is_stopped; p++) {
        if (b->at[p]) continue;
        const enum truth truth = judge_move(s, p, fours[p], depth);
        if (truth == RIGHT) return RIGHT;
        is_unknown |= truth == UNKNOWN;
        if (is_unknown) break;
    }
    return is_unknown || s->is_stopped ? UNKNOWN : WRONG;
}

// --- Drawing -------------------------------------------------------------------------------------

// Places `num` stones of a side somewhere on a line of `span` points; false: there is no space.
static bool place_line(struct board *b, int side, int num, int span, int margin, struct rng *rng) {
    const int *step = steps[rng_below(rng, 4)], y = (int)rng_below(rng, (uint32_t)b->height);
    const int x = (int)rng_below(rng, (uint32_t)b->width);
    int points[ROW + 2 * 2], n = 0;
    for (int k = -margin; k < span + margin; k++) {
        const int py = y + k * step[0], px = x + k * step[1];
        if (py < 0 || px < 0 || py >= b->height || px >= b->width || b->at[py * b->width + px]) return false;
        if (k >= 0 && k < span) points[n++] = py * b->width + px;
    }
    for (int placed = 0; placed < num;) {
        const int p = points[rng_below(rng, (uint32_t)n)];
        if (b->at[p]) continue;
        b->at[p] = (int8_t)side;
        placed++;
    }
    return true;
}

static int count(const struct board *b, int side) {
    int n = 0;
    for (int p = 0; p < b->height * b->width; p++) n += b->at[p] == side;
    return n;
}

static bool place_one(struct board *b, int side, struct rng *rng) {
    for (int tries = 0; tries < 100; tries++) {
        const int p = (int)rng_below(rng, (uint32_t)(b->height * b->width));
        if (b->at[p] || wins_at(b, p, side)) continue;
        b->at[p] = (int8_t)side;
        return true;
    }
    return false;
}

// Two open threes of the other side, some lines of three and of two of the mover's, and single stones
// of both until the numbers are those of a game.
static bool draw_board(const struct game *game, struct board *b, int mover, struct rng *rng) {
    *b = (struct board){.height = game->height, .width = game->width, .is_exact = !strcmp(game->rules, "exactly-five")};
    for (int i = 0; i < 2; i++)
        if (!place_line(b, -1, 3, 3, 2, rng)) return false;
    const int threes = 1 + (int)rng_below(rng, 2), twos = 1 + (int)rng_below(rng, 2);
    for (int i = 0; i < threes; i++)
        if (!place_line(b, 1, 3, 5, 0, rng)) return false;
    for (int i = 0; i < twos; i++)
        if (!place_line(b, 1, 2, 4, 0, rng)) return false;
    for (int i = (int)rng_below(rng, 6); i > 0; i--)
        if (!place_one(b, i % 2 ? 1 : -1, rng)) return false;
    // The first player moves with as many stones on either side, the second with one less.
    while (count(b, 1) + mover < count(b, -1))
        if (!place_one(b, 1, rng)) return false;
    while (count(b, 1) + mover > count(b, -1))
        if (!place_one(b, -1, rng)) return false;
    for (int p = 0; p < b->height * b->width; p++)
        if (b->at[p] && wins_at(b, p, b->at[p])) return false;
    return true;
}

static enum truth truth_of(const struct board *b, long long *nodes) {
    struct search s = {.board = *b};
    const enum truth truth = judge_position(&s, 0);
    *nodes = s.nodes;
    return s.is_stopped ? UNKNOWN : truth;
}

// Adds the position, in which there is a forced win or none; with one it asks for the moves. False: some move's truth isn't known.
static bool ask(struct exam_paper *paper, const struct game *game, const struct board *b, int mover, bool is_won,
                long long nodes, int pair) {
    int8_t stones[MAX_POINTS];
    struct search s = {.board = *b};
    const int points = b->height * b->width;
    for (int p = 0; p < points; p++) stones[p] = (int8_t)(mover ? -b->at[p] : b->at[p]);
    void *state = memory_raw(1, game->state_bytes, "a position");
    CHECK(game_set_up(game, state, stones, mover) == STATUS_OK);
    struct exam_item *item = exam_add(paper, game, state, is_won ? "forced win" : "no forced win");
    free(state);
    item->pair = pair;
    item->result = is_won ? 1 : -1;
    item->nodes = nodes;
    // Where there is no forced win, every move was found to be wrong.
    if (!is_won) return true;
    bool is_known = true, fours[MAX_POINTS];
    mark_fours(b, 1, fours);
    exam_ask_moves(item);
    for (int p = 0; p < points && is_known; p++) {
        if (b->at[p]) continue;
        s.nodes = 0;
        const enum truth truth = judge_move(&s, p, fours[p], 0);
        item->nodes += s.nodes;
        is_known = truth != UNKNOWN;
        item->right[p] = truth == RIGHT;
        item->num_right += truth == RIGHT;
    }
    if (is_known && item->num_right && 4 * item->num_right <= item->num_legal) return true;
    exam_drop(paper);
    return false;
}

// A forced win that is more than one move long, and the same board where one of the mover's stones
// stands elsewhere and there is none.
static bool draw_pair(const struct exam_wish *wish, struct exam_paper *paper, int pair, struct rng *rng) {
    enum { SHIFTS = 10 };
    const int mover = (int)rng_below(rng, 2);
    struct board won, other;
    long long nodes;
    int fives[2];
    if (!draw_board(wish->like, &won, mover, rng) || find_fives(&won, 1, fives) || find_fives(&won, -1, fives)) return false;
    struct search s = {.board = won};
    if (!wins_by_fours(&s, 1, 0)) return false;
    for (int i = 0; i < SHIFTS; i++) {
        other = won;
        const int from = (int)rng_below(rng, (uint32_t)(won.height * won.width));
        if (won.at[from] != 1) continue;
        other.at[from] = 0;
        if (!place_one(&other, 1, rng) || find_fives(&other, 1, fives)) continue;
        if (truth_of(&other, &nodes) != WRONG) continue;
        if (!ask(paper, wish->like, &won, mover, true, 0, pair)) return false;
        if (ask(paper, wish->like, &other, mover, false, nodes, pair)) return true;
        exam_drop(paper);
        return false;
    }
    return false;
}

static enum status make(const struct exam_wish *wish, struct exam_paper *paper) {
    struct rng rng;
    rng_init(&rng, wish->seed, 0x666f7572);
    const int wanted = exam_wanted(wish, paper->subject);
    enum status status = STATUS_OK;
    for (int pair = 0, draws = 0; paper->num_items < wanted && draws < MAX_DRAWS && status == STATUS_OK; draws++) {
        if (wish->stop && *wish->stop) status = STATUS_CANCELLED;
        if (status != STATUS_OK || !draw_pair(wish, paper, pair, &rng)) continue;
        pair++;
        draws = 0;
        status = exam_progress(wish, paper);
    }
    return status;
}

static bool fits(const struct game *like) {
    return like->height >= LEAST_SIDE && like->width >= LEAST_SIDE && like->max_plies == like->height * like->width;
}

const struct exam_subject exam_gomoku_fours = {.name = "fours",
                                               .title = "Forced wins",
                                               .game = "gomoku",
                                               .usual_items = 200,
                                               .asks_moves = true,
                                               .fits = fits,
                                               .make = make};
