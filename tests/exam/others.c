// Laws: every item of the subjects of Connect Four, Othello, Hex, Gomoku and Breakthrough has the
// answers that a slow, obviously right search finds, which shares no code with the generator: neither
// its solver nor its proofs, and boards of characters instead of the game's own. Items of a pair have
// opposite results. A paper is a function of its seed, and another seed gives other items.
//
// What such a search can't finish (far from the end) is counted and left out.
// Arguments: how many items of each subject (default 8), and the one game to check (default: all).
#include "exam/exam.h"
#include "tests/test.h"

enum { MOST = 19, POINTS = MOST * MOST };

static int num_items;
static long long confirmed, left_out, pairs;
// How many positions the slow search may still look at, for this item; below 0 its answers mean
// nothing, and the item is left out.
static long long budget;
static const long long item_budget = 3000000;

// --- A table of what a search has found ------------------------------------------------------------

enum { TABLE = 1 << 22 };
struct found {
    uint64_t key;
    int8_t value;
};
static struct found *table;
static long long table_used;

static void forget(void) {
    memset(table, 0, TABLE * sizeof *table);
    table_used = 0;
}
static struct found *look_up(uint64_t key) {
    if (2 * table_used > TABLE) forget();
    size_t i = rng_mix(key) & (TABLE - 1);
    while (table[i].key && table[i].key != key) i = (i + 1) & (TABLE - 1);
    return &table[i];
}
static void keep(uint64_t key, int value) {
    if (budget < 0) return;
    struct found *f = look_up(key);
    table_used += !f->key;
    *f = (struct found){key, (int8_t)value};
}

// A board of characters: '.', 'X' first, 'O' second.
struct twin {
    int height, width;
    char at[POINTS];
};

static uint64_t key_of(const struct twin *t, int side) {
    uint64_t key = rng_mix((uint64_t)side + 77);
    for (int p = 0; p < t->height * t->width; p++)
        if (t->at[p] != '.') key = rng_mix(key + (uint64_t)p * 2 + (t->at[p] == 'X'));
    return key | 1;
}

static void read_item(const struct exam_item *item, struct twin *t) {
    int8_t stones[POINTS];
    game_stones(&item->game, item->state, stones);
    *t = (struct twin){.height = item->game.height, .width = item->game.width};
    for (int p = 0; p < t->height * t->width; p++) t->at[p] = stones[p] > 0 ? 'X' : stones[p] < 0 ? 'O' : '.';
}

static int count(const struct twin *t, char c) {
    int n = 0;
    for (int p = 0; p < t->height * t->width; p++) n += t->at[p] == c;
    return n;
}

// The length of the row through p in this direction.
static int row_at(const struct twin *t, int p, int dy, int dx) {
    int n = 1;
    for (int sign = -1; sign <= 1; sign += 2)
        for (int k = 1;; k++) {
            const int y = p / t->width + sign * k * dy, x = p % t->width + sign * k * dx;
            if (y < 0 || x < 0 || y >= t->height || x >= t->width || t->at[y * t->width + x] != t->at[p]) break;
            n++;
        }
    return n;
}
static int longest_row(const struct twin *t, int p) {
    const int rows[4] = {row_at(t, p, 0, 1), row_at(t, p, 1, 0), row_at(t, p, 1, 1), row_at(t, p, 1, -1)};
    int most = 0;
    for (int d = 0; d < 4; d++) most = rows[d] > most ? rows[d] : most;
    return most;
}

// --- Connect Four ----------------------------------------------------------------------------------

static int drop(const struct twin *t, int x) {
    for (int y = t->height - 1; y >= 0; y--)
        if (t->at[y * t->width + x] == '.') return y * t->width + x;
    return -1;
}

// The result for `side` (0 or 1), which moves.
static int connect4_value(struct twin *t, int side) {
    if (--budget < 0) return 0;
    const uint64_t key = key_of(t, side);
    const struct found *f = look_up(key);
    if (f->key) return f->value;
    int best = -2;
    for (int x = 0; x < t->width && best < 1; x++) {
        const int p = drop(t, x);
        if (p < 0) continue;
        t->at[p] = "XO"[side];
        const int value = longest_row(t, p) >= 4 ? 1 : -connect4_value(t, !side);
        t->at[p] = '.';
        best = value > best ? value : best;
    }
    if (best == -2) best = 0; // the board is full
    keep(key, best);
    return best;
}

static int connect4_after(const struct exam_item *item, struct twin *t, int action) {
    const int side = game_to_move(&item->game, item->state), x = action % t->width, p = drop(t, x);
    t->at[p] = "XO"[side];
    const int value = longest_row(t, p) >= 4 ? 1 : -connect4_value(t, !side);
    t->at[p] = '.';
    return value;
}

// --- Othello ---------------------------------------------------------------------------------------

static int othello_turn(struct twin *t, int p, int side, bool really) {
    const char me = "XO"[side], other = "XO"[!side];
    int turned = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int n = 0, y = p / t->width + dy, x = p % t->width + dx;
            for (; (dy || dx) && y >= 0 && x >= 0 && y < t->height && x < t->width && t->at[y * t->width + x] == other;
                 y += dy, x += dx)
                n++;
            if (!n || y < 0 || x < 0 || y >= t->height || x >= t->width || t->at[y * t->width + x] != me) continue;
            turned += n;
            for (int k = 1; k <= n && really; k++) t->at[(p / t->width + k * dy) * t->width + p % t->width + k * dx] = me;
        }
    if (really) t->at[p] = me;
    return turned;
}

// The final margin for `side`, which moves, within the bounds.
static int othello_value(const struct twin *t, int side, int alpha, int beta, bool passed) {
    if (--budget < 0) return 0;
    int best = -100;
    for (int p = 0; p < t->height * t->width; p++) {
        struct twin next;
        if (t->at[p] != '.') continue;
        next = *t;
        if (!othello_turn(&next, p, side, false)) continue;
        othello_turn(&next, p, side, true);
        const int value = -othello_value(&next, !side, -beta, -alpha, false);
        best = value > best ? value : best;
        alpha = best > alpha ? best : alpha;
        if (alpha >= beta) return best;
    }
    if (best > -100) return best;
    if (passed) return count(t, "XO"[side]) - count(t, "XO"[!side]);
    return -othello_value(t, !side, -beta, -alpha, true);
}

static int sign_of(int value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

static int othello_after(const struct exam_item *item, struct twin *t, int action) {
    const int side = game_to_move(&item->game, item->state);
    struct twin next = *t;
    if (action < t->height * t->width) othello_turn(&next, action, side, true);
    return sign_of(-othello_value(&next, !side, -1, 1, action >= t->height * t->width));
}

// --- Hex -------------------------------------------------------------------------------------------

static bool hex_reaches(const struct twin *t, int p, char c, bool *seen) {
    static const int steps[6][2] = {{0, -1}, {0, 1}, {-1, 0}, {-1, 1}, {1, 0}, {1, -1}};
    seen[p] = true;
    const int y = p / t->width, x = p % t->width;
    if ((c == 'X' ? y : x) == t->width - 1) return true;
    for (int d = 0; d < 6; d++) {
        const int ny = y + steps[d][0], nx = x + steps[d][1], q = ny * t->width + nx;
        if (ny < 0 || nx < 0 || ny >= t->height || nx >= t->width || seen[q] || t->at[q] != c) continue;
        if (hex_reaches(t, q, c, seen)) return true;
    }
    return false;
}
static bool hex_won(const struct twin *t, int side) {
    bool seen[POINTS] = {false};
    const char c = "XO"[side];
    for (int i = 0; i < t->width; i++) {
        const int p = side ? i * t->width : i;
        if (t->at[p] == c && !seen[p] && hex_reaches(t, p, c, seen)) return true;
    }
    return false;
}

// Whether `side`, which moves, wins, where it has not lost yet.
static bool hex_wins(struct twin *t, int side) {
    if (--budget < 0) return false;
    const uint64_t key = key_of(t, side);
    const struct found *f = look_up(key);
    if (f->key) return f->value > 0;
    bool wins = false;
    for (int p = 0; p < t->height * t->width && !wins; p++) {
        if (t->at[p] != '.') continue;
        t->at[p] = "XO"[side];
        wins = hex_won(t, side) || !hex_wins(t, !side);
        t->at[p] = '.';
    }
    keep(key, wins ? 1 : -1);
    return wins;
}

static int hex_after(const struct exam_item *item, struct twin *t, int action) {
    const int side = game_to_move(&item->game, item->state);
    t->at[action] = "XO"[side];
    const bool wins = hex_won(t, side) || !hex_wins(t, !side);
    t->at[action] = '.';
    return wins ? 1 : -1;
}

// The room of a position of the larger boards: the empty points that are in the last rows of the side
// that has the chain, between its walls. Found from the position alone: what is outside must not
// matter, so all empty points that are no part of the room are given to one side and then to the
// other, and the result must be the same. A point belongs to the room if it can be reached from the
// chain's end over empty points and stones below the walls.
static void mark_room(const struct twin *t, int hero, bool *in_room) {
    // As the hero sees it, the row above the room is full, and only rows below it belong to the room.
    int top = 0;
    for (int y = 0; y < t->height; y++) {
        int full = 0;
        for (int x = 0; x < t->width; x++) full += t->at[hero ? x * t->width + y : y * t->width + x] != '.';
        if (full == t->width) top = y + 1;
    }
    for (int y = 0; y < t->height; y++)
        for (int x = 0; x < t->width; x++) in_room[hero ? x * t->width + y : y * t->width + x] = false;
    // The end walls are columns full of the other side's stones down to the last row.
    int head = -1, left = 0, right = t->width - 1;
    const char me = "XO"[hero], other = "XO"[!hero];
#define AT(y, x) t->at[hero ? (x)*t->width + (y) : (y)*t->width + (x)]
    for (int x = 0; x < t->width; x++)
        if (AT(top - 1, x) == me) head = x;
    for (int x = 0; x < t->width; x++) {
        bool is_wall = true;
        for (int y = top; y < t->height; y++) is_wall &= AT(y, x) == other;
        if (is_wall && x < head) left = x + 1;
        if (is_wall && x > head && right == t->width - 1) right = x - 1;
    }
#undef AT
    for (int y = top; y < t->height; y++)
        for (int x = left; x <= right; x++) in_room[hero ? x * t->width + y : y * t->width + x] = true;
}

// The hero is the side whose stones are fewer: the walls belong to the other.
static int rooms_hero(const struct twin *t) { return count(t, 'X') < count(t, 'O') ? 0 : 1; }

static int rooms_after(const struct exam_item *item, struct twin *t, int action) {
    bool in_room[POINTS];
    const int hero = rooms_hero(t), mover = game_to_move(&item->game, item->state);
    int values[2];
    mark_room(t, hero, in_room);
    for (int outside = 0; outside < 2; outside++) {
        struct twin filled = *t;
        for (int p = 0; p < t->height * t->width; p++)
            if (filled.at[p] == '.' && !in_room[p]) filled.at[p] = "XO"[outside];
        filled.at[action] = in_room[action] ? "XO"[mover] : filled.at[action];
        values[outside] = hex_won(&filled, mover) ? 1 : hex_won(&filled, !mover) ? -1 : hex_wins(&filled, !mover) ? -1 : 1;
    }
    if (budget >= 0) EXPECT_INT(values[0], values[1]);
    return values[0];
}

// --- Gomoku ----------------------------------------------------------------------------------------

static bool completes(const struct exam_item *item, const struct twin *t, int p) {
    const bool exact = !strcmp(item->game.rules, "exactly-five");
    const int rows[4] = {row_at(t, p, 0, 1), row_at(t, p, 1, 0), row_at(t, p, 1, 1), row_at(t, p, 1, -1)};
    for (int d = 0; d < 4; d++)
        if (exact ? rows[d] == 5 : rows[d] >= 5) return true;
    return false;
}

// Marks the empty points of every five points in a line that hold `num` stones of this side and none
// of the other's: with 4 of them a stone there completes a row, with 3 it makes a four.
static void mark_lines(const struct twin *t, int side, int num, bool *marks) {
    static const int steps[4][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
    memset(marks, 0, POINTS * sizeof *marks);
    for (int p = 0; p < t->height * t->width; p++)
        for (int d = 0; d < 4; d++) {
            const int dy = steps[d][0], dx = steps[d][1], y = p / t->width + 4 * dy, x = p % t->width + 4 * dx;
            int own = 0, others = 0;
            if (y < 0 || x < 0 || y >= t->height || x >= t->width) continue;
            for (int k = 0; k < 5; k++) {
                own += t->at[p + k * (dy * t->width + dx)] == "XO"[side];
                others += t->at[p + k * (dy * t->width + dx)] == "XO"[!side];
            }
            for (int k = 0; k < 5 && own == num && !others; k++) {
                const int q = p + k * (dy * t->width + dx);
                marks[q] |= t->at[q] == '.';
            }
        }
}

static int list_fives(const struct exam_item *item, struct twin *t, int side, int out[POINTS]) {
    bool marks[POINTS];
    int n = 0;
    mark_lines(t, side, 4, marks);
    for (int p = 0; p < t->height * t->width; p++) {
        if (!marks[p]) continue;
        t->at[p] = "XO"[side];
        if (completes(item, t, p)) out[n++] = p;
        t->at[p] = '.';
    }
    return n;
}

// Whether `side`, which moves, can force a row of five while every one of its moves threatens one: by
// playing all fours and all answers to them.
static bool can_force(const struct exam_item *item, struct twin *t, int side, int depth) {
    int fives[POINTS], threats[POINTS];
    if (list_fives(item, t, side, fives)) return true;
    const int num_threats = list_fives(item, t, !side, threats);
    bool makes_four[POINTS];
    mark_lines(t, side, 3, makes_four);
    for (int p = 0; p < t->height * t->width && depth < 12; p++) {
        if (!makes_four[p] || (num_threats && p != threats[0])) continue;
        if (num_threats > 1) return false;
        t->at[p] = "XO"[side];
        const int n = list_fives(item, t, side, fives);
        bool wins = n > 0;
        // The answers that stop one completion; with two, any answer leaves the other.
        for (int i = 0; i < n && wins; i++) {
            t->at[fives[i]] = "XO"[!side];
            wins = !completes(item, t, fives[i]) && can_force(item, t, side, depth + 1);
            t->at[fives[i]] = '.';
        }
        t->at[p] = '.';
        if (wins) return true;
    }
    return false;
}

// +1: the move leads to a forced win; -1: after it, and after all answers that it forces, the other
// side forces a win; 0: neither.
static int gomoku_position(const struct exam_item *item, struct twin *t, int side, int depth);
static int gomoku_move(const struct exam_item *item, struct twin *t, int side, int p, int depth) {
    int fives[POINTS], threats[POINTS], value = 0;
    t->at[p] = "XO"[side];
    if (completes(item, t, p)) {
        value = 1;
    } else if (list_fives(item, t, !side, threats)) {
        value = -1;
    } else {
        const int n = list_fives(item, t, side, fives);
        if (n > 1)
            value = 1;
        else if (n == 1) {
            t->at[fives[0]] = "XO"[!side];
            value = gomoku_position(item, t, side, depth + 1);
            t->at[fives[0]] = '.';
        } else
            value = can_force(item, t, !side, 0) ? -1 : 0;
    }
    t->at[p] = '.';
    return value;
}
static int gomoku_position(const struct exam_item *item, struct twin *t, int side, int depth) {
    if (can_force(item, t, side, depth)) return 1;
    for (int p = 0; p < t->height * t->width; p++)
        if (t->at[p] == '.') {
            const int value = gomoku_move(item, t, side, p, depth);
            if (value >= 0) return value; // so also where it isn't known
        }
    return -1;
}
static int gomoku_after(const struct exam_item *item, struct twin *t, int action) {
    return gomoku_move(item, t, game_to_move(&item->game, item->state), action, 0);
}

// --- Breakthrough ----------------------------------------------------------------------------------

// Which way the first player runs: +1 if its goal is the last row of the board as it is stored.
static int run_way(const struct game *game) {
    int8_t stones[POINTS];
    char state[4096];
    CHECK(game->state_bytes <= sizeof state);
    game_start(game, state);
    game_stones(game, state, stones);
    return stones[0] > 0 ? 1 : -1;
}
static int breakthrough_way;

static bool breakthrough_wins(struct twin *t, int side) {
    if (--budget < 0) return false;
    const uint64_t key = key_of(t, side);
    const struct found *f = look_up(key);
    if (f->key) return f->value > 0;
    const char me = "XO"[side], other = "XO"[!side];
    const int way = side ? -breakthrough_way : breakthrough_way, goal = way > 0 ? t->height - 1 : 0;
    bool wins = false;
    // The foremost pieces come first.
    const int points = t->height * t->width;
    for (int i = 0; i < points && !wins; i++) {
        const int p = way > 0 ? points - 1 - i : i;
        for (int dx = -1; dx <= 1 && !wins && t->at[p] == me; dx++) {
            const int y = p / t->width + way, x = p % t->width + dx, q = y * t->width + x;
            if (y < 0 || y >= t->height || x < 0 || x >= t->width) continue;
            const char was = t->at[q];
            if (was == me || (was == other && !dx)) continue;
            t->at[p] = '.';
            t->at[q] = me;
            wins = y == goal || !count(t, other) || !breakthrough_wins(t, !side);
            t->at[q] = was;
            t->at[p] = me;
        }
    }
    keep(key, wins ? 1 : -1);
    return wins;
}

static int breakthrough_after(const struct exam_item *item, struct twin *t, int action) {
    // Where the action leads is read off the game's own board; that it is a legal step is checked.
    const int side = game_to_move(&item->game, item->state);
    char state[4096];
    CHECK(item->game.state_bytes <= sizeof state);
    memcpy(state, item->state, item->game.state_bytes);
    game_play(&item->game, state, action);
    struct exam_item after = {.game = item->game, .state = state};
    struct twin next;
    read_item(&after, &next);
    EXPECT_INT(count(&next, "XO"[side]), count(t, "XO"[side]));
    if (game_outcome(&item->game, state) != OUTCOME_NONE) return 1;
    return breakthrough_wins(&next, !side) ? -1 : 1;
}

// --- The subjects ----------------------------------------------------------------------------------

struct subject {
    const char *game, *name, *rules;
    int size;
    int (*after)(const struct exam_item *item, struct twin *t, int action); // the mover's result after a move
    bool has_pairs;
};

static void check_item(const struct subject *s, const struct exam_item *item, int number) {
    uint16_t legal[GAME_MAX_ACTIONS];
    struct twin t;
    read_item(item, &t);
    forget();
    budget = item_budget;
    int best = -2, num_right = 0, values[GAME_MAX_ACTIONS];
    const int n = game_legal(&item->game, item->state, legal);
    EXPECT_INT(n, item->num_legal);
    for (int i = 0; i < n && budget >= 0; i++) values[i] = s->after(item, &t, legal[i]);
    if (budget < 0) {
        left_out++;
        return;
    }
    for (int i = 0; i < n; i++) {
        best = values[i] > best ? values[i] : best;
        if (!item->right) continue;
        const bool keeps = values[i] >= item->result;
        num_right += keeps;
        EXPECT_(item->right[legal[i]] == keeps, "%s %s, item %d (%s): move %d is %s, expected %s", s->game, s->name, number,
                item->kind, legal[i], item->right[legal[i]] ? "right" : "wrong", keeps ? "right" : "wrong");
    }
    EXPECT_(best == item->result, "%s %s, item %d (%s): the result is %d, expected %d", s->game, s->name, number, item->kind,
            item->result, best);
    if (item->right) EXPECT_INT(item->num_right, num_right);
    if (item->right) EXPECT(num_right > 0 && num_right < n);
    if (!isnan(item->score)) {
        budget = item_budget;
        const int margin = othello_value(&t, game_to_move(&item->game, item->state), -100, 100, false);
        if (budget >= 0) EXPECT_INT(item->score, margin);
    }
    confirmed++;
}

static void check_pairs(const struct exam_paper *paper) {
    for (int i = 0; i < paper->num_items; i++)
        for (int k = i + 1; k < paper->num_items; k++) {
            const struct exam_item *a = &paper->items[i], *b = &paper->items[k];
            if (a->pair == EXAM_NO_PAIR || a->pair != b->pair) continue;
            EXPECT_INT(a->result, -b->result);
            EXPECT_INT(game_to_move(&a->game, a->state), game_to_move(&b->game, b->state));
            struct twin x, y;
            int differ = 0;
            read_item(a, &x);
            read_item(b, &y);
            for (int p = 0; p < x.height * x.width; p++) differ += x.at[p] != y.at[p];
            EXPECT_(differ == 1 || differ == 2, "a pair differs at %d points, expected one or two", differ);
            pairs++;
        }
}

static bool is_same(const struct exam_paper *a, const struct exam_paper *b, int i, int k) {
    return !memcmp(a->items[i].state, b->items[k].state, a->items[i].game.state_bytes);
}

static void check_subject(const struct subject *s) {
    struct game game;
    const struct exam_subject *subject = exam_subject_find(s->game, s->name);
    CHECK(subject);
    CHECK(game_open(&game, s->game, &(struct game_options){.height = s->size, .komi = GAME_KOMI_DEFAULT, .rules = s->rules}) ==
          STATUS_OK);
    CHECK(!subject->fits || subject->fits(&game));
    const long long confirmed_before = confirmed, left_before = left_out, pairs_before = pairs;
    struct exam_wish wish = {.like = &game, .seed = EXAM_SEED_EVERYDAY, .num_items = num_items};
    struct exam_paper paper, again, other;
    breakthrough_way = !strcmp(s->game, "breakthrough") ? run_way(&game) : 0;
    EXPECT_INT(exam_make(subject, &wish, &paper), STATUS_OK);
    EXPECT_(paper.num_items >= num_items && paper.num_items <= num_items + 1, "%s %s: %d items, expected %d", s->game, s->name,
            paper.num_items, num_items);
    for (int i = 0; i < paper.num_items; i++) check_item(s, &paper.items[i], i);
    check_pairs(&paper);
    for (int i = 0; i < paper.num_items; i++)
        for (int k = 0; k < i; k++) EXPECT_(!is_same(&paper, &paper, i, k), "%s: items %d and %d are the same", s->name, i, k);
    wish.num_items = num_items < 12 ? num_items : 12;
    EXPECT_INT(exam_make(subject, &wish, &again), STATUS_OK);
    struct exam_paper twice;
    EXPECT_INT(exam_make(subject, &wish, &twice), STATUS_OK);
    EXPECT_INT(again.num_items, twice.num_items);
    for (int i = 0; i < again.num_items; i++) EXPECT(is_same(&again, &twice, i, i));
    wish.seed = EXAM_SEED_CONTROL;
    EXPECT_INT(exam_make(subject, &wish, &other), STATUS_OK);
    int same = 0;
    for (int i = 0; i < other.num_items; i++)
        for (int k = 0; k < paper.num_items; k++) same += is_same(&other, &paper, i, k);
    EXPECT_(same <= 1, "%s: %d items of another seed are the same", s->name, same);
    EXPECT(s->has_pairs == (pairs > pairs_before));
    EXPECT(confirmed > confirmed_before);
    fprintf(stderr, "%s %s %s: %d items, %lld confirmed, %lld left out, %lld pairs, %lld refused\n", s->game, s->name,
            game.rules, paper.num_items, confirmed - confirmed_before, left_out - left_before, pairs - pairs_before,
            paper.refused);
    exam_paper_done(&paper);
    exam_paper_done(&again);
    exam_paper_done(&twice);
    exam_paper_done(&other);
}

int main(int argc, char **argv) {
    num_items = argc > 1 ? atoi(argv[1]) : test_rounds(8);
    table = calloc(TABLE, sizeof *table);
    CHECK(table);
    static const struct subject subjects[] = {
        {"connect4", "plies", NULL, 0, connect4_after, false},
        {"othello", "endings", NULL, 6, othello_after, false},
        {"hex", "5x5", NULL, 11, hex_after, false},
        {"hex", "connections", NULL, 11, rooms_after, true},
        {"gomoku", "fours", NULL, 15, gomoku_after, true},
        {"gomoku", "fours", "exactly-five", 11, gomoku_after, true},
        {"breakthrough", "races", NULL, 8, breakthrough_after, true},
        {"breakthrough", "races", NULL, 6, breakthrough_after, true},
    };
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (argc < 3 || !strcmp(argv[2], subjects[i].game)) check_subject(&subjects[i]);
    fprintf(stderr, "%lld items confirmed, %lld left out, %lld pairs opposite\n", confirmed, left_out, pairs);
    free(table);
    return TEST_END();
}
