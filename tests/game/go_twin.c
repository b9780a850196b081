// The slow, obviously right twin of Go: a plain array, a flood fill for every question, and a list
// of all boards for the ko rules. It is compared with the fast board at every ply of random games
// on all sizes and under all rules. What is rare is counted and must occur.
// Argument: how many plies in all (default 30,000, which is quick with sanitizers).
#include "game/go.h"
#include "tests/game/go_benson_twin.h"
#include "tests/test.h"

struct situation {
    char board[361];
    int mover;
};

struct twin {
    struct go_rules rules;
    int height, width, to_move, passes, num_seen, num_plies, max_plies;
    int last[3], captures[2], prisoners; // Black's less White's when the clean-up began
    bool cleanup, is_void;
    char board[361]; // '.', 'X' first, 'O' second
    char stood[361]; // the board when the clean-up began
    // The situations since the start, or since the clean-up began, the present one included.
    struct situation *seen;
};

struct tally {
    long long plies, games, captures, passes, settled, capped;
    long long refused[3];       // by enum go_ko: moves that the ko rule forbids
    long long situational_only; // moves that only positional superko would forbid
    long long cycles, suicides_played, suicides_refused, cleanups, dead, taxed, two_passes, dame;
};

// Writes the stones that are connected with (y, x) to group[] and returns their number. *liberties
// is the number of their distinct empty neighbours.
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

enum verdict { LEGAL, OCCUPIED, SUICIDE, KO };

// Whether an earlier situation has this board and, unless mover is -1, this side to move.
static bool was_seen(const struct twin *t, const char *board, int mover) {
    for (int i = 0; i < t->num_seen; i++)
        if (!memcmp(t->seen[i].board, board, 361) && (mover < 0 || t->seen[i].mover == mover)) return true;
    return false;
}

static int ko_now(const struct twin *t) {
    return t->cleanup && t->rules.part[GO_KO] == GO_KO_SIMPLE ? GO_KO_POSITIONAL : t->rules.part[GO_KO];
}

static bool ko_refuses(const struct twin *t, const char *after) {
    switch (ko_now(t)) {
    case GO_KO_POSITIONAL:
        return was_seen(t, after, -1);
    case GO_KO_SITUATIONAL:
        return was_seen(t, after, !t->to_move);
    default:
        return t->num_seen > 1 && !memcmp(t->seen[t->num_seen - 2].board, after, 361);
    }
}

static void clear_group(char *board, const bool *group) {
    for (int p = 0; p < 361; p++)
        if (group[p]) board[p] = '.';
}

// Makes the board after the mover's move and tells whether the rules allow it. *suicides: how many
// own stones are removed.
static enum verdict twin_try(const struct twin *t, int action, char *after, int *captured, int *suicides) {
    const int y = action / t->width, x = action % t->width;
    const char me = t->to_move ? 'O' : 'X', other = t->to_move ? 'X' : 'O';
    bool group[361];
    int liberties;
    *captured = *suicides = 0;
    memcpy(after, t->board, 361);
    if (after[action] != '.') return OCCUPIED;
    after[action] = me;
    for (int d = 0; d < 4; d++) {
        const int qy = y + (d == 0) - (d == 1), qx = x + (d == 2) - (d == 3);
        if (qy < 0 || qx < 0 || qy >= t->height || qx >= t->width || after[qy * t->width + qx] != other) continue;
        const int n = flood(t, after, qy, qx, group, &liberties);
        if (liberties) continue;
        *captured += n;
        clear_group(after, group);
    }
    const int own = flood(t, after, y, x, group, &liberties);
    if (!liberties) {
        if (own == 1 || t->rules.part[GO_SUICIDE] != GO_SUICIDE_ALLOWED) return SUICIDE;
        *suicides = own;
        clear_group(after, group);
    }
    return ko_refuses(t, after) ? KO : LEGAL;
}

static void twin_see(struct twin *t) {
    memcpy(t->seen[t->num_seen].board, t->board, 361);
    t->seen[t->num_seen++].mover = t->to_move;
}

static void twin_play(struct twin *t, int action, struct tally *tally) {
    if (action == t->height * t->width) {
        t->passes++;
        tally->passes++;
    } else {
        char after[361];
        int captured, suicides;
        EXPECT_INT(twin_try(t, action, after, &captured, &suicides), LEGAL);
        tally->situational_only += ko_now(t) == GO_KO_SITUATIONAL && was_seen(t, after, -1);
        memcpy(t->board, after, 361);
        t->captures[t->to_move] += captured;
        t->captures[!t->to_move] += suicides;
        tally->captures += captured;
        tally->suicides_played += suicides > 0;
        t->passes = 0;
    }
    t->last[2] = t->last[1];
    t->last[1] = t->last[0];
    t->last[0] = action;
    t->to_move = !t->to_move;
    t->num_plies++;
    t->is_void = ko_now(t) == GO_KO_SIMPLE && t->passes < 2 && was_seen(t, t->board, t->to_move);
    tally->cycles += t->is_void;
    twin_see(t);
    if (t->passes == 2 && t->rules.part[GO_SCORING] == GO_TERRITORY && !t->cleanup && t->num_plies < t->max_plies) {
        t->cleanup = true;
        t->passes = t->num_seen = 0;
        t->prisoners = t->captures[0] - t->captures[1];
        memcpy(t->stood, t->board, 361);
        twin_see(t);
        tally->cleanups++;
    }
}

// The connected points of one value, and which values lie beside them.
static int area_flood(const struct twin *t, const char *values, int start, bool *group, bool beside[256]) {
    int stack[361], depth = 0, n = 0;
    memset(group, 0, 361);
    memset(beside, 0, 256);
    stack[depth++] = start;
    group[start] = true;
    while (depth) {
        const int p = stack[--depth];
        n++;
        for (int d = 0; d < 4; d++) {
            const int qy = p / t->width + (d == 0) - (d == 1), qx = p % t->width + (d == 2) - (d == 3), q = qy * t->width + qx;
            if (qy < 0 || qx < 0 || qy >= t->height || qx >= t->width) continue;
            if (values[q] != values[p]) {
                beside[(unsigned char)values[q]] = true;
            } else if (!group[q]) {
                group[q] = true;
                stack[depth++] = q;
            }
        }
    }
    return n;
}

// A point counts for a colour when it has that colour, or is empty and reaches only that colour
// [Tromp & Taylor].
static void area_owners(const struct twin *t, const char *board, char *owner) {
    for (int p = 0; p < t->height * t->width; p++) {
        bool group[361], beside[256];
        owner[p] = board[p];
        if (board[p] != '.') continue;
        area_flood(t, board, p, group, beside);
        owner[p] = beside['X'] == beside['O'] ? '.' : beside['X'] ? 'X' : 'O';
    }
}

// Whether p belongs to a group of its owner that touches a point of nobody and is not pass-alive.
static bool in_seki(const struct twin *t, const char *owner, const char *alive, int p) {
    bool group[361], beside[256];
    area_flood(t, owner, p, group, beside);
    return owner[p] != '.' && beside['.'] && alive[p] == '.';
}

// Writes the board that stood when the clean-up began, without the stones that turned out to be
// dead. Returns the dead stones of White less those of Black.
static int without_dead(const struct twin *t, const char *owner, char *board, struct tally *tally) {
    int prisoners = 0;
    memcpy(board, t->stood, 361);
    for (int p = 0; p < t->height * t->width; p++) {
        bool group[361], beside[256];
        int own = 0, lost = 0;
        if (t->stood[p] == '.') continue;
        area_flood(t, t->stood, p, group, beside);
        for (int q = 0; q < t->height * t->width; q++) {
            own += group[q] && owner[q] == t->stood[p];
            lost += group[q] && owner[q] != '.' && owner[q] != t->stood[p];
        }
        if (lost <= own) continue;
        board[p] = '.';
        prisoners += t->stood[p] == 'O' ? 1 : -1;
        tally->dead++;
    }
    return prisoners;
}

// Writes the owners and returns Black's margin without komi.
static int twin_count(const struct twin *t, const char *alive, char *owner, struct tally *tally) {
    const bool territory = t->rules.part[GO_SCORING] == GO_TERRITORY, tax = t->rules.part[GO_TAX] == GO_TAX_SEKI;
    const int area = t->height * t->width;
    char final[361], board[361];
    int margin = 0;
    memset(owner, '.', 361);
    if (t->is_void) return 0;
    area_owners(t, t->board, final);
    for (int p = 0; p < area && territory; p++)
        if (alive[p] != '.') final[p] = alive[p];
    memcpy(board, t->board, 361);
    if (territory) margin = t->cleanup ? t->prisoners + without_dead(t, final, board, tally) : t->captures[0] - t->captures[1];
    area_owners(t, board, owner);
    for (int p = 0; p < area; p++) {
        tally->dame += owner[p] == '.';
        if (board[p] != '.') { // a stone counts only under area scoring
            if (!territory) margin += owner[p] == 'X' ? 1 : -1;
            continue;
        }
        if (owner[p] == '.') continue;
        bool region[361], beside[256], taxed = false;
        area_flood(t, board, p, region, beside);
        for (int q = 0; q < area && tax; q++) taxed |= region[q] && final[q] == owner[p] && in_seki(t, final, alive, q);
        tally->taxed += taxed;
        if (!taxed) margin += owner[p] == 'X' ? 1 : -1;
        // Becomes nobody's when all points of the region have been looked at.
        if (taxed) owner[p] = '!';
    }
    for (int p = 0; p < area; p++)
        if (owner[p] == '!') owner[p] = '.';
    return margin;
}

static uint64_t twin_key(const struct twin *t, const struct game *g) {
    uint64_t key = 0;
    for (int p = 0; p < t->height * t->width; p++)
        if (t->board[p] != '.') key ^= go_stone_key(t->board[p] == 'X' ? GO_BLACK : GO_WHITE, go_point_of(g, p));
    return key;
}

// Compares all that can be asked of a position. Writes the legal moves and returns their number.
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
        if (color == GO_EMPTY || s->points[at].head != at) continue; // each chain is checked once
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
        int captured, suicides;
        const enum verdict verdict = twin_try(t, a, after, &captured, &suicides);
        if (verdict == KO) tally->refused[ko_now(t)]++;
        tally->suicides_refused += verdict == SUICIDE;
        const bool listed = next < n && actions[next] == a;
        EXPECT_(listed == (verdict == LEGAL), "%s %dx%d ply %d action %d: legal %d, twin's verdict %d", g->rules, g->height,
                g->width, s->ply, a, listed, verdict);
        next += listed;
        if (verdict != OCCUPIED) EXPECT_INT(go_ko_forbids(g, s, go_point_of(g, a)), verdict == KO);
        if (verdict == LEGAL) EXPECT_INT(go_is_cycle(g, s, a), ko_now(t) == GO_KO_SIMPLE && was_seen(t, after, !t->to_move));
    }
    EXPECT_INT(actions[next++], area);
    EXPECT_INT(next, n);
    return n;
}

static void compare_score(const struct game *g, const struct go_state *s, const struct twin *t, struct tally *tally) {
    int8_t owner[361];
    char twin_owner[361], alive[361];
    uint8_t marks[GO_MAX_POINTS];
    const bool over = game_outcome(g, s) != OUTCOME_NONE;
    EXPECT_INT(over, t->is_void || t->passes >= 2 || t->num_plies >= t->max_plies);
    twin_pass_alive(g, s, marks);
    for (int p = 0; p < g->height * g->width; p++) alive[p] = ".XO"[marks[go_point_of(g, p)]];
    struct tally ignored = *tally;
    const int margin = twin_count(t, alive, twin_owner, over ? tally : &ignored);
    if (!over && g->type->settled(g, s) != OUTCOME_NONE && g->rule[GO_SCORING] == GO_AREA) {
        tally->settled++; // its score differs, which tests/game/go_rules.c checks
        return;
    }
    const double score = t->is_void ? 0 : margin - g->komi;
    EXPECT_(game_score(g, s) == score, "%s %dx%d ply %d: score %g, twin's %g", g->rules, g->height, g->width, s->ply,
            game_score(g, s), score);
    g->type->ownership(g, s, owner);
    for (int p = 0; p < g->height * g->width; p++) EXPECT_INT(owner[p], (twin_owner[p] == 'X') - (twin_owner[p] == 'O'));
    if (over) EXPECT_INT(game_outcome(g, s), score > 0 ? OUTCOME_FIRST : score < 0 ? OUTCOME_SECOND : OUTCOME_DRAW);
    tally->two_passes += t->passes == 2;
}

// kind 0: uniform moves, passes included; 1: uniform moves with passes only when nothing else is
// left, for long games with many captures; 2: playout_move with a few uniform moves, for realistic
// endings.
static int choose(const struct game *g, const struct go_state *s, const uint16_t *actions, int n, int kind, struct rng *rng) {
    if (kind == 2 && rng_below(rng, 8)) return g->type->playout_move(g, s, rng);
    if (kind == 1 && n > 1) n--;
    return actions[rng_below(rng, (uint32_t)n)];
}

static void play_game(int height, int width, const char *rules, int kind, struct rng *rng, struct tally *tally,
                      long long max_plies) {
    struct game g;
    const struct game_options options = {
        .height = height, .width = width, .komi = (int)rng_below(rng, 29) - 14 + (kind & 1 ? 0.5 : 0), .rules = rules};
    EXPECT_INT(game_open(&g, "go", &options), STATUS_OK);
    struct go_state *s = malloc(g.state_bytes);
    struct twin t = {.rules = go_rules_of(&g),
                     .height = height,
                     .width = width,
                     .max_plies = g.max_plies,
                     .seen = malloc(sizeof *t.seen * (size_t)(g.max_plies + 2))};
    uint16_t actions[362];
    memset(t.board, '.', sizeof t.board);
    twin_see(&t);
    game_start(&g, s);
    for (int n; (n = compare(&g, s, &t, actions, tally)) > 0 && max_plies > 0; max_plies--) {
        const int action = choose(&g, s, actions, n, kind, rng);
        game_play(&g, s, action);
        twin_play(&t, action, tally);
        tally->plies++;
        EXPECT_INT(game_ply(&g, s), s->ply);
        EXPECT_INT(s->is_cleanup, t.cleanup);
        if (s->ply % 16 == 0) compare_score(&g, s, &t, tally);
    }
    compare_score(&g, s, &t, tally);
    tally->capped += s->ply == g.max_plies;
    tally->games++;
    free(t.seen);
    free(s);
}

// Gives the named sets in turn, and every third time a random combination of parts.
static const char *choose_rules(int k, struct rng *rng) {
    static const char *const sets[] = {"chinese", "tromp-taylor", "aga", "new-zealand", "japanese"};
    static const uint8_t num_values[GO_NUM_PARTS] = {3, 2, 2, 3, 2};
    if (k % 3) return sets[k / 3 % 5];
    struct go_rules rules;
    for (int i = 0; i < GO_NUM_PARTS; i++) rules.part[i] = (uint8_t)rng_below(rng, num_values[i]);
    return go_rules_text(&rules);
}

static void print_tally(const struct tally *t) {
    printf("plies %lld, games %lld, captured stones %lld, passes %lld, settled positions %lld, games at the limit %lld\n",
           t->plies, t->games, t->captures, t->passes, t->settled, t->capped);
    printf("plays refused: positional superko %lld, situational %lld, simple ko %lld, suicide %lld\n",
           t->refused[GO_KO_POSITIONAL], t->refused[GO_KO_SITUATIONAL], t->refused[GO_KO_SIMPLE], t->suicides_refused);
    printf("played: suicides of many %lld, against positional but not situational superko %lld; games without result %lld\n",
           t->suicides_played, t->situational_only, t->cycles);
    printf("ends: two passes %lld, clean-ups %lld, dead stones %lld, dame %lld, points taxed in seki %lld\n", t->two_passes,
           t->cleanups, t->dead, t->dame, t->taxed);
}

int main(int argc, char **argv) {
    const long long wanted = argc > 1 ? atoll(argv[1]) : 30000;
    struct tally tally = {0};
    struct rng rng;
    int games = 0;
    rng_init(&rng, 20, 0);
    // Each round plays all square sizes and some oblong ones. Small boards come first, because
    // repetitions happen there.
    for (int round = 0; tally.plies < wanted; round++) {
        for (int size = 2; size <= 19 && tally.plies < wanted; size++)
            for (int k = 0; k < (size < 6 ? 48 : size < 8 ? 4 : 1); k++, games++)
                play_game(size, size, choose_rules(games, &rng), (round + k / 3) % 3, &rng, &tally, wanted - tally.plies);
        play_game(1 + (int)rng_below(&rng, 19), 1 + (int)rng_below(&rng, 19), choose_rules(games++, &rng), round % 3, &rng,
                  &tally, wanted - tally.plies);
    }
    print_tally(&tally);
    EXPECT(tally.captures > 1000 && tally.passes > 100 && tally.settled > 0 && tally.two_passes > 100);
    for (int ko = 0; ko < 3; ko++) EXPECT_(tally.refused[ko] > 20, "ko rule %d refused %lld plays", ko, tally.refused[ko]);
    EXPECT(tally.suicides_refused > 100 && tally.suicides_played > 20 && tally.situational_only > 0);
    EXPECT(tally.cycles > 10 && tally.cleanups > 50 && tally.dead > 50 && tally.dame > 50 && tally.taxed > 20);
    return TEST_END();
}
