// What the papers of the exam say is true by another search: depth-first search to a depth that grows,
// with rules of its own, which tries every move for both sides and keeps every position of the line.
//
//   arguments: how many items of each subject, the side of the board, the one subject to look at
//
// The twin knows Go as stones on a small array, captures by flooding, positional superko by looking
// through the line, and area scoring. It has no proof numbers, no pass-alive groups but for the one
// rule below, and no key of sets. So that it ends, walls are known to stand: nobody plays in their
// eyes, nor in other eyes of one point of one's own. Where it would look at too many positions it gives
// up, and the item isn't counted as confirmed.
#include "exam/exam.h"
#include "tests/test.h"

enum { MAX_SIDE = 9, MAX_POINTS = MAX_SIDE * MAX_SIDE, MAX_LINE = 60, TABLE = 1 << 18, MOST_DEPTH = 40 };
static const long long most_nodes = 300000;

struct twin {
    int side, points;
    double komi;
    bool is_closed[MAX_POINTS];
    int8_t line[MAX_LINE][MAX_POINTS]; // boards of the line, from the first on
    uint64_t sums[MAX_LINE + 1];       // of the mixed keys of the first so many boards
    int length;
    long long nodes;
    bool is_stopped;
    struct {
        uint64_t key;
        int8_t value; // +1 Black wins, -1 White wins, 0 not known
        uint8_t move; // that was best when it was looked at last
    } * table;        // [TABLE]
};

static int around(const struct twin *t, int p, int out[4]) {
    int n = 0;
    if (p / t->side > 0) out[n++] = p - t->side;
    if (p / t->side < t->side - 1) out[n++] = p + t->side;
    if (p % t->side > 0) out[n++] = p - 1;
    if (p % t->side < t->side - 1) out[n++] = p + 1;
    return n;
}

// Removes the chain at p where it has no liberty; returns how many stones it had.
static int remove_dead(const struct twin *t, int8_t *board, int p) {
    int list[MAX_POINTS], n = 0, near[4];
    bool seen[MAX_POINTS] = {false};
    list[n++] = p;
    seen[p] = true;
    for (int i = 0; i < n; i++) {
        const int k = around(t, list[i], near);
        for (int d = 0; d < k; d++) {
            if (!board[near[d]]) return 0;
            if (board[near[d]] == board[p] && !seen[near[d]]) seen[near[d]] = true, list[n++] = near[d];
        }
    }
    for (int i = 0; i < n; i++) board[list[i]] = 0;
    return n;
}

// Plays on a copy; false: illegal.
static bool twin_play(const struct twin *t, const int8_t *board, int p, int color, int8_t *next) {
    int near[4];
    memcpy(next, board, (size_t)t->points);
    next[p] = (int8_t)color;
    const int k = around(t, p, near);
    for (int d = 0; d < k; d++)
        if (next[near[d]] == -color) remove_dead(t, next, near[d]);
    if (remove_dead(t, next, p)) return false;
    for (int i = 0; i < t->length; i++)
        if (!memcmp(t->line[i], next, (size_t)t->points)) return false;
    return true;
}

// Black's area less White's and the komi.
static double twin_score(const struct twin *t, const int8_t *board) {
    int margin = 0;
    for (int p = 0; p < t->points; p++) {
        if (board[p]) {
            margin += board[p];
            continue;
        }
        int list[MAX_POINTS], n = 0, near[4];
        bool seen[MAX_POINTS] = {false}, touches[3] = {false};
        list[n++] = p;
        seen[p] = true;
        for (int i = 0; i < n; i++) {
            const int k = around(t, list[i], near);
            for (int d = 0; d < k; d++) {
                touches[board[near[d]] + 1] |= board[near[d]] != 0;
                if (!board[near[d]] && !seen[near[d]]) seen[near[d]] = true, list[n++] = near[d];
            }
        }
        margin += touches[2] && !touches[0] ? 1 : touches[0] && !touches[2] ? -1 : 0;
    }
    return margin - t->komi;
}

static uint64_t board_key(const struct twin *t, const int8_t *board) {
    uint64_t key = 1469598103934665603u;
    for (int p = 0; p < t->points; p++) key = (key ^ (uint64_t)(board[p] + 2)) * 1099511628211u;
    return rng_mix(key);
}

// Takes t->line[t->length] for the next board of the line.
static void push(struct twin *t) {
    t->sums[t->length + 1] = t->sums[t->length] + rng_mix(board_key(t, t->line[t->length])); // whatever the order
    t->length++;
}

// The slot of a position: of its board, the set of boards before it, the mover and the passes.
static size_t slot_of(struct twin *t, int mover, int passes) {
    uint64_t key =
        rng_mix(board_key(t, t->line[t->length - 1]) ^ (uint64_t)(mover + 5 * passes + 77)) + rng_mix(t->sums[t->length]);
    if (!key) key = 1;
    const size_t slot = key % TABLE;
    if (t->table[slot].key != key) {
        t->table[slot].key = key;
        t->table[slot].value = 0;
        t->table[slot].move = MAX_POINTS;
    }
    return slot;
}

// Whether all neighbours are the mover's. Neither side plays there: the search would not end else.
static bool is_own_eye(const struct twin *t, const int8_t *board, int p, int mover) {
    int near[4];
    const int k = around(t, p, near);
    for (int d = 0; d < k; d++)
        if (board[near[d]] != mover) return false;
    return true;
}

static int twin_value(struct twin *t, int mover, int passes, int depth);

// The value after a move (MAX_POINTS: none), 0 where it isn't known or the move isn't legal.
static int value_after(struct twin *t, int p, int mover, int passes, int depth, bool *is_legal) {
    const int8_t *board = t->line[t->length - 1];
    if (p == t->points) return twin_value(t, -mover, passes + 1, depth - 1);
    *is_legal = p < t->points && !board[p] && !t->is_closed[p] && !is_own_eye(t, board, p, mover) && t->length + 1 < MAX_LINE &&
                twin_play(t, board, p, mover, t->line[t->length]);
    if (!*is_legal) return 0;
    push(t);
    const int value = twin_value(t, -mover, 0, depth - 1);
    t->length--;
    return value;
}

// +1 where Black wins when `mover` (+1 or -1) moves next on the last board of the line, -1 where
// White does, 0 where that isn't seen in so many plies.
static int twin_value(struct twin *t, int mover, int passes, int depth) {
    if (passes == 2) return twin_score(t, t->line[t->length - 1]) > 0 ? 1 : -1;
    if (++t->nodes > most_nodes) t->is_stopped = true;
    if (t->is_stopped || depth <= 0) return 0;
    const size_t slot = slot_of(t, mover, passes);
    if (t->table[slot].value) return t->table[slot].value;
    const uint64_t key = t->table[slot].key;
    const int hint = t->table[slot].move;
    int best = MAX_POINTS;
    bool is_legal, is_sure = true;
    // The move that was best before, then a pass, then all others.
    for (int i = -2; i < t->points && best == MAX_POINTS; i++) {
        const int p = i == -2 ? hint : i == -1 ? t->points : i;
        if (p == MAX_POINTS && i == -2) continue;
        if (i >= 0 && p == hint) continue;
        is_legal = true;
        const int value = value_after(t, p, mover, passes, depth, &is_legal);
        if (value == mover) best = p;
        if (is_legal && value == 0) is_sure = false;
    }
    if (t->is_stopped) return 0;
    const int value = best != MAX_POINTS ? mover : is_sure ? -mover : 0;
    if (t->table[slot].key == key) {
        t->table[slot].value = (int8_t)value;
        if (best != MAX_POINTS) t->table[slot].move = (uint8_t)best;
    }
    return value;
}

// The value of the last board, searched deeper and deeper.
static int twin_solve(struct twin *t, int mover, int passes) {
    t->nodes = 0;
    t->is_stopped = false;
    for (int depth = 3; depth < MOST_DEPTH && !t->is_stopped; depth++) {
        const int value = twin_value(t, mover, passes, depth);
        if (value && !t->is_stopped) return value;
    }
    return 0;
}

// The points of walls: those whose stones nobody can capture, and their eyes. It finds them by its
// own reading of Benson's law: chains of stones that are joined and have two eyes of one point.
static void find_closed(struct twin *t, const int8_t *board) {
    memset(t->is_closed, 0, sizeof t->is_closed);
    int chain[MAX_POINTS], num = 0, near[4];
    for (int p = 0; p < t->points; p++) chain[p] = -1;
    for (int p = 0; p < t->points; p++) {
        if (!board[p] || chain[p] >= 0) continue;
        int list[MAX_POINTS], n = 0;
        list[n++] = p;
        chain[p] = num;
        for (int i = 0; i < n; i++) {
            const int k = around(t, list[i], near);
            for (int d = 0; d < k; d++)
                if (board[near[d]] == board[p] && chain[near[d]] < 0) chain[near[d]] = num, list[n++] = near[d];
        }
        num++;
    }
    for (int c = 0; c < num; c++) {
        int eyes[MAX_POINTS], n = 0;
        for (int p = 0; p < t->points; p++) {
            const int k = around(t, p, near);
            bool is_eye = !board[p];
            for (int d = 0; d < k; d++) is_eye &= chain[near[d]] == c;
            if (is_eye) eyes[n++] = p;
        }
        if (n < 2) continue;
        for (int i = 0; i < n; i++) t->is_closed[eyes[i]] = true;
    }
}

static void twin_begin(struct twin *t, const struct exam_item *item) {
    t->side = item->game.width;
    t->points = t->side * t->side;
    t->komi = item->game.komi;
    memset(t->table, 0, TABLE * sizeof *t->table);
    game_stones(&item->game, item->state, t->line[0]);
    t->length = 0;
    push(t);
    find_closed(t, t->line[0]);
}

// What the twin says about the item's result and moves. False: it gave up.
static bool confirm(struct twin *t, const struct exam_item *item, const char *subject, int index) {
    const int mover = game_to_move(&item->game, item->state) ? -1 : 1;
    twin_begin(t, item);
    const int value = twin_solve(t, mover, 0);
    if (!value) return false;
    EXPECT_(value * mover == item->result, "%s %d: the result is %d, expected %d", subject, index, item->result, value * mover);
    for (int p = 0; item->right && p < t->points; p++) {
        if (t->line[0][p] || t->is_closed[p] || !twin_play(t, t->line[0], p, mover, t->line[1])) continue;
        push(t);
        const int after = twin_solve(t, -mover, 0);
        t->length = 1;
        if (!after) return false;
        EXPECT_((after == mover) == item->right[p], "%s %d: move %d is right: %d, expected %d", subject, index, p,
                item->right[p], after == mover);
    }
    return true;
}

static void truths_hold(const char *name, int side, int items) {
    const struct game_options options = {.height = side, .width = side, .komi = GAME_KOMI_DEFAULT};
    struct game game;
    struct exam_paper paper;
    EXPECT_INT(game_open(&game, "go", &options), STATUS_OK);
    const struct exam_subject *subject = exam_subject_find("go", name);
    EXPECT_INT(exam_make(subject, &(struct exam_wish){.like = &game, .seed = 7, .num_items = items}, &paper), STATUS_OK);
    struct twin *t = calloc(1, sizeof *t);
    t->table = calloc(TABLE, sizeof *t->table);
    int confirmed = 0, asked = 0;
    for (int i = 0; i < paper.num_items; i++) {
        if (game_ply(&game, paper.items[i].state) > 0) continue; // its history isn't on the board
        asked++;
        confirmed += confirm(t, &paper.items[i], name, i);
    }
    printf("%-8s %dx%d: %d of %d items confirmed by plain search (the others took more than %lld positions)\n", name, side,
           side, confirmed, asked, most_nodes);
    // A sanitizer has too few items for this.
    EXPECT_(TEST_IS_SANITIZED || confirmed > 0, "%s: none of %d items was confirmed", name, asked);
    free(t->table);
    free(t);
    exam_paper_done(&paper);
}

// --- Ladders -------------------------------------------------------------------------------------

static int count_liberties(const struct twin *t, const int8_t *board, int p, int liberties[MAX_POINTS]) {
    int list[MAX_POINTS], n = 0, num = 0, near[4];
    bool seen[MAX_POINTS] = {false};
    list[n++] = p;
    seen[p] = true;
    for (int i = 0; i < n; i++) {
        const int k = around(t, list[i], near);
        for (int d = 0; d < k; d++) {
            if (seen[near[d]] || board[near[d]] == -board[p]) continue;
            seen[near[d]] = true;
            if (board[near[d]])
                list[n++] = near[d];
            else
                liberties[num++] = near[d];
        }
    }
    return num;
}

// Whether ataris alone catch the chain at p; the attacker is to move. The chain's side may answer
// with any move on the board.
static bool is_driven(const struct twin *t, const int8_t *board, int p, int depth) {
    int liberties[MAX_POINTS], left[MAX_POINTS];
    int8_t atari[MAX_POINTS], answer[MAX_POINTS];
    const int n = count_liberties(t, board, p, liberties), color = board[p];
    if (n == 1) return true;
    if (n > 2 || depth == 0) return false;
    for (int i = 0; i < 2; i++) {
        if (!twin_play(t, board, liberties[i], -color, atari)) continue;
        bool is_caught = true;
        for (int q = 0; q < t->points && is_caught; q++) {
            if (atari[q] || !twin_play(t, atari, q, color, answer)) continue;
            if (count_liberties(t, answer, p, left) > 1) is_caught = is_driven(t, answer, p, depth - 1);
        }
        if (is_caught) return true;
    }
    return false;
}

static void ladders_are_read_right(int side, int items) {
    const struct game_options options = {.height = side, .width = side, .komi = GAME_KOMI_DEFAULT};
    struct game game;
    struct exam_paper paper;
    EXPECT_INT(game_open(&game, "go", &options), STATUS_OK);
    const struct exam_subject *subject = exam_subject_find("go", "ladders");
    EXPECT_INT(exam_make(subject, &(struct exam_wish){.like = &game, .seed = 7, .num_items = items}, &paper), STATUS_OK);
    struct twin *t = calloc(1, sizeof *t);
    int works = 0, fails = 0;
    for (int i = 0; i < paper.num_items; i++) {
        const struct exam_item *item = &paper.items[i];
        int8_t board[MAX_POINTS], next[MAX_POINTS];
        const int mover = game_to_move(&item->game, item->state) ? -1 : 1,
                  corners[4] = {0, side - 1, side * (side - 1), side * side - 1};
        int target = -1, left[MAX_POINTS];
        t->side = side;
        t->points = side * side;
        game_stones(&item->game, item->state, board);
        // The chain fills a corner: other stones of its side may stand in corners, too, but alone.
        for (int c = 0; c < 4; c++) {
            const int beside = corners[c] % side ? corners[c] - 1 : corners[c] + 1;
            if (board[corners[c]] == mover && board[beside] == mover && count_liberties(t, board, corners[c], left) == 1)
                target = corners[c];
        }
        EXPECT(target >= 0);
        const bool is_works = !strcmp(item->kind, "works");
        for (int p = 0; p < t->points; p++) {
            if (board[p] || !twin_play(t, board, p, mover, next)) continue;
            const bool runs = count_liberties(t, next, target, left) > 1;
            if (is_works && runs) {
                EXPECT_(is_driven(t, next, target, 40), "ladder %d: %d escapes", i, p);
                EXPECT_(!item->right[p], "ladder %d: to run to %d is right", i, p);
            }
            if (!is_works && item->right[p])
                EXPECT_(runs && !is_driven(t, next, target, 40), "ladder %d: %d doesn't escape", i, p);
        }
        works += is_works;
        fails += !is_works;
    }
    printf("ladders  %dx%d: %d that work and %d that fail confirmed by capture search with every answer\n", side, side, works,
           fails);
    free(t);
    exam_paper_done(&paper);
}

int main(int argc, char **argv) {
    const int items = argc > 1 ? atoi(argv[1]) : test_rounds(8), side = argc > 2 ? atoi(argv[2]) : 7;
    const char *only = argc > 3 ? argv[3] : NULL;
    static const char *const names[] = {"endgame", "races", "life"};
    for (int i = 0; i < 3; i++)
        if (!only || !strcmp(only, names[i])) truths_hold(names[i], side, items);
    if (!only || !strcmp(only, "ladders")) ladders_are_read_right(side, 2 * items);
    return TEST_END();
}
