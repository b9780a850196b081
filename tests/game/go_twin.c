// The slow, obviously right Go twin: a plain array, a fresh flood fill for every question, and a list of all boards for
// superko. Random games on all sizes compare it with the fast board ply by ply. Argument: plies in all (default 12,000: quick under sanitizers).
#include "game/go.h"
#include "tests/test.h"

struct twin {
    int height, width, to_move, passes, num_boards;
    int last[3], captures[2];
    char board[361];     // '.', 'X' first, 'O' second
    char (*boards)[361]; // every position since the start, the present one too
};

struct tally {
    long long plies, games, superko, suicides, captures, passes, settled, capped;
};

// Stones connected with (y, x) into group[]; returns the number of stones, *liberties their distinct empty neighbours.
static int flood(const struct twin *t, const char *board, int y, int x, bool *group, int *liberties) {
    int stack[361], depth = 0, n = 0;
    bool counted[361];
    memset(counted, 0, sizeof counted);
    memset(group, 0, 361);
    *liberties = 0;
    stack[depth++] = y * t->width + x;
    group[y * t->width + x] = true;
    while (depth) {
        const int p = stack[--depth];
        n++;
        for (int d = 0; d < 4; d++) {
            const int qy = p / t->width + (d == 0) - (d == 1), qx = p % t->width + (d == 2) - (d == 3), q = qy * t->width + qx;
            if (qy < 0 || qx < 0 || qy >= t->height || qx >= t->width) continue;
            if (board[q] == '.' && !counted[q]) {
                counted[q] = true;
                ++*liberties;
            }
            if (board[q] == board[p] && !group[q]) {
                group[q] = true;
                stack[depth++] = q;
            }
        }
    }
    return n;
}

enum verdict { LEGAL, OCCUPIED, SUICIDE, SUPERKO };

// The board after the mover plays at `action`, and whether the rules allow it.
static enum verdict twin_try(const struct twin *t, int action, char *after, int *captured) {
    const int y = action / t->width, x = action % t->width;
    const char me = t->to_move ? 'O' : 'X', other = t->to_move ? 'X' : 'O';
    bool group[361];
    int liberties;
    *captured = 0;
    memcpy(after, t->board, 361);
    if (after[action] != '.') return OCCUPIED;
    after[action] = me;
    for (int d = 0; d < 4; d++) {
        const int qy = y + (d == 0) - (d == 1), qx = x + (d == 2) - (d == 3);
        if (qy < 0 || qx < 0 || qy >= t->height || qx >= t->width || after[qy * t->width + qx] != other) continue;
        const int n = flood(t, after, qy, qx, group, &liberties);
        if (liberties) continue;
        *captured += n;
        for (int p = 0; p < 361; p++)
            if (group[p]) after[p] = '.';
    }
    flood(t, after, y, x, group, &liberties);
    if (!liberties) return SUICIDE;
    for (int i = 0; i < t->num_boards; i++)
        if (!memcmp(t->boards[i], after, 361)) return SUPERKO;
    return LEGAL;
}

static void twin_play(struct twin *t, int action, struct tally *tally) {
    if (action == t->height * t->width) {
        t->passes++;
        tally->passes++;
    } else {
        char after[361];
        int captured;
        EXPECT_INT(twin_try(t, action, after, &captured), LEGAL);
        memcpy(t->board, after, 361);
        memcpy(t->boards[t->num_boards++], after, 361);
        t->captures[t->to_move] += captured;
        tally->captures += captured;
        t->passes = 0;
    }
    t->last[2] = t->last[1];
    t->last[1] = t->last[0];
    t->last[0] = action;
    t->to_move = !t->to_move;
}

// Tromp-Taylor: a point counts for a colour when it is that colour, or empty and reaches only that colour.
static int twin_area(const struct twin *t, int8_t *owner) {
    int margin = 0;
    for (int p = 0; p < t->height * t->width; p++) {
        bool region[361], reaches[2] = {t->board[p] == 'X', t->board[p] == 'O'};
        int liberties;
        if (t->board[p] == '.') {
            flood(t, t->board, p / t->width, p % t->width, region, &liberties);
            for (int q = 0; q < t->height * t->width; q++)
                for (int d = 0; d < 4 && region[q]; d++) {
                    const int y = q / t->width + (d == 0) - (d == 1), x = q % t->width + (d == 2) - (d == 3);
                    if (y < 0 || x < 0 || y >= t->height || x >= t->width) continue;
                    reaches[0] |= t->board[y * t->width + x] == 'X';
                    reaches[1] |= t->board[y * t->width + x] == 'O';
                }
        }
        owner[p] = (int8_t)(reaches[0] - reaches[1]);
        margin += owner[p];
    }
    return margin;
}

static uint64_t twin_key(const struct twin *t, const struct game *g) {
    uint64_t key = 0;
    for (int p = 0; p < t->height * t->width; p++)
        if (t->board[p] != '.') key ^= go_stone_key(t->board[p] == 'X' ? GO_BLACK : GO_WHITE, go_point_of(g, p));
    return key;
}

// Everything that can be asked of a position. Returns the number of legal moves, in `actions`.
static int compare(const struct game *g, const struct go_state *s, const struct twin *t, uint16_t *actions,
                   struct tally *tally) {
    const int area = g->height * g->width, n = game_legal(g, s, actions);
    int counts[2], next = 0;
    EXPECT_INT(game_to_move(g, s), t->to_move);
    EXPECT(s->key == twin_key(t, g));
    g->type->captures(g, s, counts);
    EXPECT_INT(counts[0], t->captures[0]);
    EXPECT_INT(counts[1], t->captures[1]);
    for (int p = 0; p < area; p++) {
        bool group[361];
        int liberties = 0;
        const int at = go_point_of(g, p), color = s->points[at].color;
        EXPECT_INT(".XO"[color], t -> board[p]);
        if (color == GO_EMPTY || s->points[at].head != at) continue; // once a chain
        flood(t, t->board, p / g->width, p % g->width, group, &liberties);
        EXPECT_INT(go_liberties(g, s, s->points[at].head, 4), liberties < 4 ? liberties : 4);
        EXPECT_INT(go_in_atari(&s->points[s->points[at].head]), liberties == 1);
    }
    if (game_outcome(g, s) != OUTCOME_NONE) {
        EXPECT_INT(n, 0);
        return 0;
    }
    for (int a = 0; a < area; a++) {
        char after[361];
        int captured;
        const enum verdict verdict = twin_try(t, a, after, &captured);
        tally->superko += verdict == SUPERKO;
        tally->suicides += verdict == SUICIDE;
        const bool listed = next < n && actions[next] == a;
        EXPECT_(listed == (verdict == LEGAL), "%dx%d ply %d action %d: legal %d, twin's verdict %d", g->height, g->width,
                s->ply, a, listed, verdict);
        next += listed;
        if (verdict != OCCUPIED) EXPECT_INT(go_superko_forbids(g, s, go_point_of(g, a)), verdict == SUPERKO);
    }
    EXPECT_INT(actions[next++], area);
    EXPECT_INT(next, n);
    return n;
}

static void compare_score(const struct game *g, const struct go_state *s, const struct twin *t, struct tally *tally) {
    int8_t owner[361], twin_owner[361];
    const int margin = twin_area(t, twin_owner);
    if (game_outcome(g, s) == OUTCOME_NONE && g->type->settled(g, s) != OUTCOME_NONE) {
        tally->settled++; // counted otherwise on purpose: see go_rules.c
        return;
    }
    EXPECT_NEAR(game_score(g, s), margin - g->komi, 0);
    g->type->ownership(g, s, owner);
    EXPECT(!memcmp(owner, twin_owner, (size_t)(g->height * g->width)));
    if (game_outcome(g, s) != OUTCOME_NONE)
        EXPECT_INT(game_outcome(g, s), margin > g->komi ? OUTCOME_FIRST : margin < g->komi ? OUTCOME_SECOND : OUTCOME_DRAW);
}

// kind 0: uniform moves, passes too; 1: uniform, passes only when nothing else is left (long games, much capturing);
// 2: the playout policy with a few uniform moves (real-looking endings).
static int choose(const struct game *g, const struct go_state *s, const uint16_t *actions, int n, int kind, struct rng *rng) {
    if (kind == 2 && rng_below(rng, 8)) return g->type->playout_move(g, s, rng);
    if (kind == 1 && n > 1) n--;
    return actions[rng_below(rng, (uint32_t)n)];
}

static void play_game(int height, int width, int kind, struct rng *rng, struct tally *tally, long long max_plies) {
    struct game g;
    const struct game_options options = {
        .height = height, .width = width, .komi = (int)rng_below(rng, 29) - 14 + (kind & 1 ? 0.5 : 0)};
    EXPECT_INT(game_open(&g, "go", &options), STATUS_OK);
    struct go_state *s = malloc(g.state_bytes);
    struct twin t = {
        .height = height, .width = width, .boards = malloc(sizeof *t.boards * (size_t)(g.max_plies + 1)), .num_boards = 1};
    uint16_t actions[362];
    memset(t.board, '.', sizeof t.board);
    memcpy(t.boards[0], t.board, sizeof t.board);
    game_start(&g, s);
    for (int n; (n = compare(&g, s, &t, actions, tally)) > 0 && max_plies > 0; max_plies--) {
        const int action = choose(&g, s, actions, n, kind, rng);
        game_play(&g, s, action);
        twin_play(&t, action, tally);
        tally->plies++;
        EXPECT_INT(game_ply(&g, s), s->ply);
        if (s->ply % 16 == 0) compare_score(&g, s, &t, tally);
    }
    compare_score(&g, s, &t, tally);
    tally->capped += s->ply == g.max_plies;
    tally->games++;
    free(t.boards);
    free(s);
}

int main(int argc, char **argv) {
    const long long wanted = argc > 1 ? atoll(argv[1]) : 12000;
    struct tally tally = {0};
    struct rng rng;
    rng_init(&rng, 20, 0);
    // Small boards first in every round: superko lives there. A round walks all square sizes and some oblong ones.
    for (int round = 0; tally.plies < wanted; round++) {
        for (int size = 2; size <= 19 && tally.plies < wanted; size++)
            for (int k = 0; k < (size < 6 ? 16 : size < 8 ? 2 : 1); k++)
                play_game(size, size, (round + k) % 3, &rng, &tally, wanted - tally.plies);
        play_game(1 + (int)rng_below(&rng, 19), 1 + (int)rng_below(&rng, 19), round % 3, &rng, &tally, wanted - tally.plies);
    }
    printf("plies %lld, games %lld, captured stones %lld, passes %lld, plays refused: superko %lld, suicide %lld; settled "
           "positions %lld, games at the limit %lld\n",
           tally.plies, tally.games, tally.captures, tally.passes, tally.superko, tally.suicides, tally.settled, tally.capped);
    EXPECT(tally.superko > 100 && tally.suicides > 100 && tally.captures > 1000 && tally.passes > 100);
    return TEST_END();
}
