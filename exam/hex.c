// Hex: the whole of 5x5 by the exact solver, and connections on larger boards by construction and
// proof.
//
// A connection is asked inside a room, which is closed so that nothing outside matters:
//
//    X         X  the hero, who links top and bottom, and whose chain comes down from the top
//   OOOOXOOOO     O  the other side, whose walls are linked to its left and right side
//      O . . . . O
//       O . . . . O   the room: whoever connects here wins the game
//
// The walls stand beside the chain and down both ends of the room. So the hero wins if its chain
// reaches the bottom through the room, and the other side wins if it links its two walls below the
// chain. A move elsewhere is a tempo thrown away, which never helps in Hex, so that the proof may
// leave it out.
//
//   bridges     two ways to link, one of which has been taken: only the other one holds
//   templates   the chain's end is two or three rows above the bottom: there is space enough, or one
//               stone of the other side spoils it
//   ladders     the chain's end is on the second row with a long way to go: a stone ahead lets the
//               hero escape, and without it the ladder ends at the wall
//
// Templates and ladders are asked in pairs that differ by one stone and have opposite results.
#include "base/memory.h"
#include "exam/proof.h"
#include "exam/solved.h"

#include <stdlib.h>
#include <string.h>

enum {
    SMALL_SIDE = 5,
    LEAST_SIDE = 6,     // of a board with rooms
    MAX_NODES = 100000, // of one question; chosen, not tuned
    MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE,
    MAX_DRAWS = 2000, // in a row that are no new item; chosen
};

// --- 5x5 -----------------------------------------------------------------------------------------

static enum status open_small(const struct game *like, struct game *out) {
    return game_open(
        out, "hex",
        &(struct game_options){.height = SMALL_SIDE, .width = SMALL_SIDE, .komi = GAME_KOMI_DEFAULT, .rules = like->rules});
}

static enum status make_small(const struct exam_wish *wish, struct exam_paper *paper) {
    struct game game;
    TRY(open_small(wish->like, &game));
    // From the first answer to the end; a position after one move would be asked about the swap, too.
    const struct solved_plan plan = {
        .game = &game, .least_left = 7, .band_width = 4, .num_bands = 4, .lost_share = 5, .stream = 0x68657835};
    return solved_make(&plan, wish, paper);
}

const struct exam_subject exam_hex_small = {
    .name = "5x5", .title = "5x5", .game = "hex", .usual_items = 200, .asks_moves = true, .make = make_small};

// --- Rooms ---------------------------------------------------------------------------------------

// A board as the hero sees it who links top and bottom.
struct room {
    int side;
    int8_t at[MAX_POINTS]; // [side, side]: +1 hero, -1 other, 0 empty
    bool is_closed[MAX_POINTS];
};

static int8_t *stone(struct room *room, int y, int x) { return &room->at[y * room->side + x]; }

// Draws the walls of a room of so many rows with these columns open in its top row; the chain's end is
// in the row above. Rows lean to the right as they go down, so that the ends of the room lean, too: a
// column of stones is a wall, for each is next to the one below it.
static void build(struct room *room, int side, int rows, int left, int width, int head) {
    const int top = side - rows; // the first row of the room
    *room = (struct room){.side = side};
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) room->is_closed[y * side + x] = y < top || x < left || x >= left + width;
    for (int x = 0; x < side; x++) *stone(room, top - 1, x) = x == head ? 1 : -1;
    for (int y = 0; y < top; y++) *stone(room, y, head) = 1;
    for (int y = top; y < side; y++) {
        if (left > 0) *stone(room, y, left - 1) = -1;
        if (left + width < side) *stone(room, y, left + width) = -1;
    }
}

// Whether the hero's stones link top and bottom: repeatedly every stone next to a linked one is linked.
static bool has_linked(const struct room *room) {
    static const int around[6][2] = {{0, -1}, {0, 1}, {-1, 0}, {-1, 1}, {1, 0}, {1, -1}};
    const int side = room->side;
    bool is_linked[MAX_POINTS] = {false};
    for (bool grows = true; grows;) {
        grows = false;
        for (int p = 0; p < side * side; p++) {
            bool is_next = p < side;
            for (int d = 0; d < 6 && !is_next; d++) {
                const int y = p / side + around[d][0], x = p % side + around[d][1];
                is_next = y >= 0 && x >= 0 && y < side && x < side && is_linked[y * side + x];
            }
            if (room->at[p] != 1 || is_linked[p] || !is_next) continue;
            is_linked[p] = grows = true;
            if (p >= side * (side - 1)) return true;
        }
    }
    return false;
}

// The game's position of this room, turned at random: the hero is either player, which transposes the
// board. NULL: one side has won.
static void *set_up(const struct game *game, const struct room *room, bool transpose, bool hero_moves, bool *closed) {
    int8_t stones[MAX_POINTS];
    const int side = room->side;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            const int from = y * side + x, to = transpose ? x * side + y : from;
            stones[to] = (int8_t)(transpose ? -room->at[from] : room->at[from]);
            closed[to] = room->is_closed[from];
        }
    if (has_linked(room)) return NULL;
    void *state = memory_raw(1, game->state_bytes, "a position");
    const int hero = transpose, to_move = hero_moves ? hero : !hero;
    // With the rule of swapping, sides that have not moved in turn can't swap either.
    CHECK(game_set_up(game, state, stones, to_move) == STATUS_OK);
    if (game_outcome(game, state) == OUTCOME_NONE) return state;
    free(state);
    return NULL;
}

struct asking {
    const struct exam_wish *wish;
    struct exam_paper *paper;
    struct proof *proof;
    struct rng rng;
};

// Adds the position as an item whose result must be `wanted`. A won one asks for the move, where few
// moves are right.
static bool ask(struct asking *a, const struct room *room, bool transpose, int wanted, const char *kind, int pair, int band) {
    bool closed[MAX_POINTS];
    void *state = set_up(a->wish->like, room, transpose, true, closed);
    if (!state) return false;
    struct exam_item *item = exam_add(a->paper, a->wish->like, state, kind);
    free(state);
    item->pair = pair;
    item->band = band;
    const bool is_known = exam_prove(item, a->proof, closed, 0, wanted > 0);
    if (is_known && item->result == wanted && (wanted < 0 || 3 * item->num_right <= item->num_legal)) return true;
    a->paper->refused += !is_known;
    exam_drop(a->paper);
    return false;
}

// The result for the hero, who moves; 0: it isn't known.
static int result_of(struct asking *a, const struct room *room) {
    bool closed[MAX_POINTS];
    void *state = set_up(a->wish->like, room, false, true, closed);
    if (!state) return 0;
    proof_begin(a->proof, a->wish->like, state, closed, 0);
    const enum proof_answer answer = proof_wins(a->proof);
    free(state);
    return answer == PROOF_YES ? 1 : answer == PROOF_NO ? -1 : 0;
}

static int pick_open(const struct room *room, struct rng *rng, int from_row) {
    int open[MAX_POINTS], num = 0;
    for (int p = from_row * room->side; p < room->side * room->side; p++)
        if (!room->is_closed[p] && !room->at[p]) open[num++] = p;
    return num ? open[rng_below(rng, (uint32_t)num)] : -1;
}

// The chain ends two rows above a second stone of the hero, which is linked to the bottom; the other
// side has just intruded on one of the two points between them.
static bool draw_bridge(struct asking *a, int band) {
    const int side = a->wish->like->height, rows = 3, width = 3 + (int)rng_below(&a->rng, 2);
    if (width > side - 1) return false;
    const int left = (int)rng_below(&a->rng, (uint32_t)(side - width + 1)), top = side - rows;
    const int head = left + 1 + (int)rng_below(&a->rng, (uint32_t)(width - 1));
    struct room room;
    build(&room, side, rows, left, width, head);
    // A bridge leads from (y, x) to (y + 2, x - 1), over (y + 1, x - 1) and (y + 1, x).
    *stone(&room, top + 1, head - 1) = 1;
    *stone(&room, top + 2, head - 1 - (head - 1 > left && rng_below(&a->rng, 2))) = 1;
    *stone(&room, top, head - (int)rng_below(&a->rng, 2)) = -1;
    return ask(a, &room, rng_below(&a->rng, 2), 1, "bridge", EXAM_NO_PAIR, band);
}

// A room with some stones, and the same with one more: asked as a pair where the results are opposite.
static bool draw_pair(struct asking *a, bool is_ladder, int pair) {
    const int side = a->wish->like->height;
    const int rows = is_ladder ? 2 : 2 + (int)rng_below(&a->rng, 2);
    const int most = is_ladder ? (side < 10 ? side : 10) : (side < 6 ? side : 6), least = is_ladder ? 5 : 4;
    const int width = least + (int)rng_below(&a->rng, (uint32_t)(most - least + 1));
    const int left = (int)rng_below(&a->rng, (uint32_t)(side - width + 1));
    const int head =
        is_ladder ? left + (rng_below(&a->rng, 2) ? 0 : width - 1) : left + 1 + (int)rng_below(&a->rng, (uint32_t)(width - 1));
    struct room works, fails;
    build(&works, side, rows, left, width, head);
    const int num = (int)rng_below(&a->rng, 4);
    for (int i = 0; i < num; i++) {
        const int p = pick_open(&works, &a->rng, 0);
        if (p >= 0) works.at[p] = rng_below(&a->rng, 2) ? 1 : -1;
    }
    fails = works;
    const int p = pick_open(&works, &a->rng, 0);
    if (p < 0) return false;
    // A ladder differs by the hero's stone ahead, a template by the other side's stone in its space.
    if (is_ladder)
        works.at[p] = 1;
    else
        fails.at[p] = -1;
    if (result_of(a, &works) != 1 || result_of(a, &fails) != -1) return false;
    const bool transpose = rng_below(&a->rng, 2);
    if (!ask(a, &works, transpose, 1, is_ladder ? "ladder with an escape" : "template", pair, width)) return false;
    if (ask(a, &fails, transpose, -1, is_ladder ? "ladder without one" : "spoilt template", pair, width)) return true;
    exam_drop(a->paper);
    return false;
}

static bool is_new(const struct exam_paper *paper, int first) {
    for (int i = first; i < paper->num_items; i++)
        for (int k = 0; k < first; k++)
            if (!memcmp(paper->items[i].state, paper->items[k].state, paper->items[i].game.state_bytes)) return false;
    return true;
}

static enum status make_rooms(const struct exam_wish *wish, struct exam_paper *paper) {
    const struct proof_params params = {.max_nodes = MAX_NODES};
    struct asking a = {.wish = wish, .paper = paper, .proof = proof_new(&params)};
    const int wanted = exam_wanted(wish, paper->subject);
    enum status status = STATUS_OK;
    rng_init(&a.rng, wish->seed, 0x726f6f6d);
    int pair = 0;
    for (int draws = 0; paper->num_items < wanted && draws < MAX_DRAWS && status == STATUS_OK; draws++) {
        const int before = paper->num_items, kind = pair % 3;
        // A kind of which a small board has no more gives way to the others.
        const bool is_bridge = kind == 0 && draws < MAX_DRAWS / 2;
        const bool is_added = is_bridge ? draw_bridge(&a, 3) : draw_pair(&a, kind == 1, pair);
        if (is_added && !is_new(paper, before))
            while (paper->num_items > before) exam_drop(paper);
        else if (is_added) {
            draws = 0;
            pair++;
            status = exam_progress(wish, paper);
        }
        if (wish->stop && *wish->stop) status = STATUS_CANCELLED;
    }
    proof_free(a.proof);
    return status;
}

static bool fits_rooms(const struct game *like) { return like->height >= LEAST_SIDE; }

const struct exam_subject exam_hex_rooms = {.name = "connections",
                                            .title = "Bridges, templates, ladders",
                                            .game = "hex",
                                            .usual_items = 200,
                                            .asks_moves = true,
                                            .fits = fits_rooms,
                                            .make = make_rooms};
