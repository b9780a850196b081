// The laws that every game in the table keeps, at several sizes, over random play.
#include "game/game.h"
#include "game/go_rules.h"
#include "game/symmetry.h"
#include "tests/test.h"

enum { SEEN_SLOTS = 1 << 14, PAD = 2 };

// An encoded position.
struct view {
    float *planes, *globals;
};

// A position under its key, with which the next one of the same key is compared.
struct seen {
    bool used;
    uint64_t hash;
    float *planes, *globals;
    int num_legal;
    uint16_t *legal;
};

static size_t plane_count(const struct game *g) { return (size_t)(g->height * (g->width + PAD) * (g->num_planes + PAD)); }

// Rows and channels are padded, as for a net of a larger board that plays more games.
static void encode(const struct game *g, const void *state, int symmetry, struct view *out) {
    memset(out->planes, 0, sizeof(float) * plane_count(g));
    for (int i = 0; i < g->num_globals; i++) out->globals[i] = NAN;
    g->type->encode(g, state, symmetry, out->planes, g->width + PAD, g->num_planes + PAD, out->globals);
}
static float plane_at(const struct game *g, const struct view *v, int y, int x, int c) {
    return v->planes[(y * (g->width + PAD) + x) * (g->num_planes + PAD) + c];
}

static void check_symmetries_are_permutations(const struct game *g) {
    EXPECT(g->num_symmetries >= 1);
    for (int k = 0; k < g->num_symmetries; k++) {
        bool *hit = calloc((size_t)g->num_actions, sizeof *hit);
        const int inverse = g->type->symmetry_inverse(g, k);
        EXPECT(inverse >= 0 && inverse < g->num_symmetries);
        for (int a = 0; a < g->num_actions; a++) {
            const int b = game_permute(g, k, a);
            EXPECT(b >= 0 && b < g->num_actions && !hit[b]);
            hit[b] = true;
            EXPECT_INT(game_permute(g, inverse, b), a);
            if (!k) EXPECT_INT(b, a);
        }
        free(hit);
    }
}

// The point under a symmetric image of an action on points.
static int turned_point(const struct game *g, int k, int action) {
    const int to = game_permute(g, k, action);
    EXPECT(to < g->policy_planes * g->height * g->width);
    return to % (g->height * g->width);
}

// orient is a permutation for either mover, commutes with symmetries, so that a symmetry of the
// board is one of what the net sees, and leaves actions without a point alone.
static void check_orientation(const struct game *g) {
    for (int mover = 0; mover < 2; mover++) {
        bool *hit = calloc((size_t)g->num_actions, sizeof *hit);
        for (int a = 0; a < g->num_actions; a++) {
            const int seen = game_seen(g, mover, 0, a);
            EXPECT(seen >= 0 && seen < g->num_actions && !hit[seen]);
            hit[seen] = true;
            if (a >= g->policy_planes * g->height * g->width) EXPECT_INT(seen, a);
            for (int k = 0; k < g->num_symmetries; k++)
                EXPECT_INT(game_seen(g, mover, k, a), game_seen(g, mover, 0, game_permute(g, k, a)));
        }
        free(hit);
    }
}

// What a game says about itself before anything is played.
static void check_claims(const struct game *g) {
    EXPECT(g->max_legal >= 1 && g->max_legal <= g->num_actions);
    EXPECT(g->long_plies >= 1 && g->long_plies <= g->max_plies);
    EXPECT(g->opening_margin >= 0 && 2 * g->opening_margin < g->height && 2 * g->opening_margin < g->width);
    EXPECT((g->agreement != AGREEMENT_NONE) == (g->type->agreed != NULL));
    EXPECT(g->agreement == AGREEMENT_NONE || (g->pass_action != GAME_NO_ACTION && g->has_score));
    EXPECT(g->agreement != AGREEMENT_NONE || !g->agrees_on_seki);
    EXPECT(game_find(g->type->name) == g->type);
    if (g->type->has_gtp) { // vertices have letters from the left and numbers from the bottom
        char text[GAME_TEXT_BYTES];
        g->type->action_text(g, (g->height - 1) * g->width, text);
        EXPECT_(!strcmp(text, "A1"), "the first vertex is %s", text);
    }
}

// The pass is an action without a point, is read in letters of any case, and no symmetry moves it.
static void check_pass(const struct game *g) {
    const int pass = g->pass_action, points = g->policy_planes * g->height * g->width;
    if (pass == GAME_NO_ACTION) {
        const int named = g->type->action_parse(g, "pass");
        EXPECT_(named == GAME_NO_ACTION, "%s reads 'pass' as action %d and says that it has none", g->type->name, named);
        return;
    }
    char text[GAME_TEXT_BYTES];
    EXPECT(pass >= points && pass < g->num_actions);
    g->type->action_text(g, pass, text);
    EXPECT_(!strcmp(text, "pass"), "the pass is called '%s'", text);
    EXPECT_INT(g->type->action_parse(g, "Pass"), pass);
    for (int k = 0; k < g->num_symmetries; k++)
        for (int mover = 0; mover < 2; mover++) EXPECT_INT(game_seen(g, mover, k, pass), pass);
}

// Where a pass is legal it hands over the turn and leaves the board alone: nothing is captured, and
// no point changes its owner.
static void check_passing(const struct game *g, const void *state) {
    char *next = malloc(g->state_bytes);
    memcpy(next, state, g->state_bytes);
    game_play(g, next, g->pass_action);
    EXPECT_INT(game_to_move(g, next), !game_to_move(g, state));
    EXPECT_INT(game_ply(g, next), game_ply(g, state) + 1);
    if (g->type->captures) {
        int before[2], after[2];
        g->type->captures(g, state, before);
        g->type->captures(g, next, after);
        EXPECT(before[0] == after[0] && before[1] == after[1]);
    }
    const bool both_stand = game_certain(g, state) == OUTCOME_NONE && game_certain(g, next) == OUTCOME_NONE;
    // With AGREEMENT_END a pass may begin the clean-up, which counts in another way.
    if (g->has_ownership && both_stand && g->agreement != AGREEMENT_END) {
        int8_t a[GAME_MAX_SIDE * GAME_MAX_SIDE], b[GAME_MAX_SIDE * GAME_MAX_SIDE];
        g->type->ownership(g, state, a);
        g->type->ownership(g, next, b);
        EXPECT(!memcmp(a, b, (size_t)(g->height * g->width)));
    }
    free(next);
}

// One side can place its stones while the other one passes.
static void check_set_up(const struct game *g) {
    char *state = malloc(g->state_bytes);
    game_start(g, state);
    for (int side = 0; side < 2 && g->can_set_up && g->height * g->width >= 25; side++)
        for (int i = 0; i < 3; i++) {
            if (game_to_move(g, state) != side) {
                EXPECT(game_is_legal(g, state, g->pass_action));
                game_play(g, state, g->pass_action);
            }
            const int point = 2 * (3 * side + i) % (g->height * g->width);
            EXPECT_(game_is_legal(g, state, point), "stone %d of side %d can't be set up", i, side);
            if (game_is_legal(g, state, point)) game_play(g, state, point);
            EXPECT_INT(game_outcome(g, state), OUTCOME_NONE);
        }
    free(state);
}

// Whether the position depends on nothing but what stands on the board, who is to move and, under a
// limit, the number of plies. In Go captures, passes and earlier positions matter too.
static bool is_of_board(const struct game *g) { return strcmp(g->type->name, "go") != 0; }

// Which of Go's inputs tell of what came before, and of prisoners: points that ko forbids, the last
// moves, and the clean-up.
static bool is_go_history(bool is_plane, int c) {
    return is_plane ? (c >= 6 && c <= 9) || c >= 14 : c == 1 || c == 2 || c == 11 || c == 12;
}

static void compare_views(const struct game *g, const struct view *a, const struct view *b) {
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width; x++)
            for (int c = 0; c < g->num_planes; c++)
                if (is_of_board(g) || !is_go_history(true, c)) EXPECT_NEAR(plane_at(g, a, y, x, c), plane_at(g, b, y, x, c), 0);
    for (int i = 0; i < g->num_globals; i++)
        if (is_of_board(g) || !is_go_history(false, i)) EXPECT_NEAR(a->globals[i], b->globals[i], 0);
}

// Every legal move is legal in the position that was set up; one that is legal there alone is
// forbidden by ko here. plain: the state as the net sees it.
static void compare_legal(const struct game *g, const void *state, const void *set, const struct view *plain) {
    uint16_t legal[GAME_MAX_ACTIONS], more[GAME_MAX_ACTIONS];
    const int n = game_legal(g, state, legal), m = game_legal(g, set, more);
    int i = 0;
    for (int k = 0; k < m; k++)
        if (i < n && legal[i] == more[k])
            i++;
        else
            EXPECT_(!is_of_board(g) && plane_at(g, plain, more[k] / g->width, more[k] % g->width, 6) != 0,
                    "%s: action %d is legal only when the position is set up", g->type->name, more[k]);
    EXPECT_INT(i, n);
}

// What stands on the board can be taken off it and set up again. Then the game goes on in the same
// way, but for what only its moves could tell.
static void check_setting_up(const struct game *g, const void *state, struct view *plain, struct view *other) {
    int8_t stones[GAME_MAX_SIDE * GAME_MAX_SIDE], again[GAME_MAX_SIDE * GAME_MAX_SIDE];
    game_stones(g, state, stones);
    if (g->has_ownership && game_legal(g, state, (uint16_t[GAME_MAX_ACTIONS]){0}) && game_certain(g, state) == OUTCOME_NONE) {
        game_stones(g, state, again);
        int8_t owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
        g->type->ownership(g, state, owner);
        // Under area scoring without a clean-up every stone is its owner's.
        for (int p = 0; p < g->height * g->width && g->agreement != AGREEMENT_END; p++)
            if (stones[p]) EXPECT_INT(owner[p], stones[p]);
    }
    char *set = malloc(g->state_bytes);
    EXPECT_INT(game_set_up(g, set, stones, game_to_move(g, state)), STATUS_OK);
    game_stones(g, set, again);
    EXPECT(!memcmp(stones, again, (size_t)(g->height * g->width)));
    EXPECT_INT(game_to_move(g, set), game_to_move(g, state));
    EXPECT_(game_ply(g, set) <= game_ply(g, state), "%s: %d plies make these stones, not %d", g->type->name, game_ply(g, state),
            game_ply(g, set));
    const bool is_over = game_outcome(g, state) != OUTCOME_NONE;
    // A game that a limit or passes have ended goes on when its stones are set up.
    if (is_over && (!is_of_board(g) || game_ply(g, set) < game_ply(g, state))) {
        free(set);
        return;
    }
    encode(g, state, 0, plain);
    encode(g, set, 0, other);
    EXPECT_INT(game_outcome(g, set), game_outcome(g, state));
    compare_legal(g, state, set, plain);
    compare_views(g, plain, other);
    // The key holds how many plies a limit has left.
    if (is_of_board(g) && game_ply(g, set) == game_ply(g, state)) EXPECT(game_hash(g, set) == game_hash(g, state));
    char *twice = malloc(g->state_bytes); // the same state, so that a set-up leaves nothing unwritten
    memset(twice, 0xa5, g->state_bytes);
    EXPECT_INT(game_set_up(g, twice, stones, game_to_move(g, state)), STATUS_OK);
    EXPECT(game_hash(g, twice) == game_hash(g, set));
    free(twice);
    free(set);
}

static void check_encoding(const struct game *g, const void *state, struct view *plain, struct view *turned) {
    encode(g, state, 0, plain);
    for (size_t i = 0; i < plane_count(g); i++)
        EXPECT(plain->planes[i] == 0 || plain->planes[i] == 1); // a net gets them as bits
    for (int y = 0; y < g->height; y++)
        for (int x = 0; x < g->width + PAD; x++)
            for (int c = 0; c < g->num_planes + PAD; c++)
                // What is beyond the board or the game's own planes must stay as it was.
                if (x >= g->width || c >= g->num_planes) EXPECT_NEAR(plane_at(g, plain, y, x, c), 0, 0);
    for (int k = 1; k < g->num_symmetries; k++) {
        encode(g, state, k, turned);
        for (int p = 0; p < g->height * g->width; p++) {
            const int to = turned_point(g, k, p), y = to / g->width, x = to % g->width;
            // Every plane turns with the board.
            for (int plane = 1; plane < g->policy_planes; plane++)
                EXPECT_INT(turned_point(g, k, plane * g->height * g->width + p), to);
            for (int c = 0; c < g->num_planes; c++)
                EXPECT_NEAR(plane_at(g, turned, y, x, c), plane_at(g, plain, p / g->width, p % g->width, c), 0);
        }
        for (int i = 0; i < g->num_globals; i++) EXPECT_NEAR(turned->globals[i], plain->globals[i], 0);
    }
    for (int i = 0; i < g->num_globals; i++) EXPECT(isfinite(plain->globals[i]));
}

static void check_texts(const struct game *g, const void *state, const uint16_t *actions, int n) {
    for (int i = 0; i < n; i++) {
        char text[GAME_TEXT_BYTES] = "", upper[GAME_TEXT_BYTES] = "";
        g->type->action_text(g, actions[i], text);
        EXPECT(text[0] && strlen(text) < GAME_TEXT_BYTES);
        for (int k = 0; text[k]; k++) upper[k] = (char)(text[k] >= 'a' && text[k] <= 'z' ? text[k] - 32 : text[k]);
        EXPECT_INT(game_find_action(g, state, text), actions[i]);
        EXPECT_INT(game_find_action(g, state, upper), actions[i]);
    }
    static const char *const nonsense[] = {
        "", " ", "a", "1", "zz", "a0", "a99", "pas", "passs", "a1 ", "\xff\xff", "aaaaaaaaaaaaaaaaaaaa", "a1x", "i1", "-1"};
    // What is no move in one game may be one in another, whose text it must then be.
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        char own[GAME_TEXT_BYTES] = "";
        const int action = g->type->action_parse(g, nonsense[i]);
        if (action != GAME_NO_ACTION) g->type->action_text(g, action, own);
        EXPECT_(action == GAME_NO_ACTION || !strcmp(own, nonsense[i]), "%s reads '%s' as a move", g->type->name, nonsense[i]);
    }
    char board[4096], cut[16];
    g->type->print(g, state, board, sizeof board);
    EXPECT(strlen(board) > 0 && strlen(board) < sizeof board - 1);
    g->type->print(g, state, cut, sizeof cut);
    EXPECT(strlen(cut) == sizeof cut - 1 && !strncmp(cut, board, sizeof cut - 1));
}

// Positions with equal keys have equal encodings and equal legal moves. Returns 1 when the key had
// been seen.
static int check_key(const struct game *g, const void *state, const struct view *v, const uint16_t *legal, int n,
                     struct seen *table) {
    const uint64_t hash = game_hash(g, state);
    struct seen *s = &table[hash % SEEN_SLOTS];
    if (s->used && s->hash == hash) {
        EXPECT(!memcmp(s->planes, v->planes, sizeof(float) * plane_count(g)));
        EXPECT(!memcmp(s->globals, v->globals, sizeof(float) * (size_t)g->num_globals));
        EXPECT(s->num_legal == n && !memcmp(s->legal, legal, sizeof *legal * (size_t)n));
        return 1;
    }
    if (s->used) return 0; // the older position keeps its place
    *s = (struct seen){true,
                       hash,
                       malloc(sizeof(float) * plane_count(g)),
                       malloc(sizeof(float) * (size_t)g->num_globals),
                       n,
                       malloc(sizeof *legal * (size_t)n)};
    memcpy(s->planes, v->planes, sizeof(float) * plane_count(g));
    memcpy(s->globals, v->globals, sizeof(float) * (size_t)g->num_globals);
    memcpy(s->legal, legal, sizeof *legal * (size_t)n);
    return 0;
}

// The score is the sum of the owners, except under territory scoring, which counts prisoners and no
// stones, and except for a game without result.
static bool score_is_of_owners(const struct game *g, const void *state) {
    if (strcmp(g->type->name, "go")) return true;
    return g->rule[GO_SCORING] == GO_AREA && !(g->rule[GO_KO] == GO_KO_SIMPLE && game_outcome(g, state) == OUTCOME_DRAW);
}

// When both sides agree that nothing is dead or in seki, the score is that of the rules.
static void check_agreed(const struct game *g, const void *state, const uint16_t *played, int num_played) {
    const uint8_t status[GAME_MAX_SIDE * GAME_MAX_SIDE] = {0};
    if (g->agreement != AGREEMENT_SCORE || g->agrees_on_seki || !score_is_of_owners(g, state)) return;
    EXPECT_NEAR(g->type->agreed(g, played, num_played, status), game_score(g, state), 0);
}

static double sign(double x) { return (x > 0) - (x < 0); }

// Score, ownership and outcome agree.
static void check_result(const struct game *g, const void *state) {
    const enum outcome outcome = game_outcome(g, state), certain = game_certain(g, state);
    EXPECT((outcome != OUTCOME_NONE) == !game_legal(g, state, (uint16_t[GAME_MAX_ACTIONS]){0}));
    if (outcome != OUTCOME_NONE) EXPECT_INT(certain, outcome);
    EXPECT_INT(outcome_for(outcome, 0), -outcome_for(outcome, 1));
    if (g->has_score && certain != OUTCOME_NONE) EXPECT_NEAR(sign(game_score(g, state)), outcome_for(certain, 0), 0);
    if (g->has_ownership) {
        int8_t owner[GAME_MAX_SIDE * GAME_MAX_SIDE];
        double sum = 0;
        g->type->ownership(g, state, owner);
        for (int p = 0; p < g->height * g->width; p++) {
            EXPECT(owner[p] >= -1 && owner[p] <= 1);
            sum += owner[p];
        }
        if (score_is_of_owners(g, state)) EXPECT_NEAR(game_score(g, state), sum - g->komi, 0);
    }
}

// When the same game is played under a symmetry, everything follows it.
static void check_turned(const struct game *g, const void *state, const void *turned, int k, const uint16_t *legal, int n) {
    uint16_t other[GAME_MAX_ACTIONS];
    bool *is_legal = calloc((size_t)g->num_actions, sizeof *is_legal);
    EXPECT_INT(game_legal(g, turned, other), n);
    for (int i = 0; i < n; i++) is_legal[other[i]] = true;
    for (int i = 0; i < n; i++) EXPECT(is_legal[game_permute(g, k, legal[i])]);
    free(is_legal);
    EXPECT_INT(game_certain(g, turned), game_certain(g, state));
    if (g->has_score) EXPECT_NEAR(game_score(g, turned), game_score(g, state), 0);
    if (g->has_ownership) {
        int8_t a[GAME_MAX_SIDE * GAME_MAX_SIDE], b[GAME_MAX_SIDE * GAME_MAX_SIDE];
        g->type->ownership(g, state, a);
        g->type->ownership(g, turned, b);
        for (int p = 0; p < g->height * g->width; p++) {
            int y, x;
            symmetry_point(g->height, g->width, k, p / g->width, p % g->width, &y, &x);
            EXPECT_INT(b[y * g->width + x], a[p]);
        }
    }
}

// Whether a symmetry of the rules is one of the first position too. Othello's four discs have only
// half.
static int start_symmetry(const struct game *g, const void *start, struct rng *rng, struct view *plain, struct view *turned) {
    encode(g, start, 0, plain);
    for (;;) {
        const int k = (int)rng_below(rng, (uint32_t)g->num_symmetries);
        encode(g, start, k, turned);
        if (!memcmp(plain->planes, turned->planes, sizeof(float) * plane_count(g))) return k;
    }
}

static void play_one(const struct game *g, struct rng *rng, struct seen *table, int *repeats, int *passes, struct view *plain,
                     struct view *turned_view) {
    uint16_t *played = malloc(sizeof *played * (size_t)(g->max_plies + 1));
    char *state = malloc(g->state_bytes), *copy = malloc(g->state_bytes), *turned = malloc(g->state_bytes);
    uint16_t legal[GAME_MAX_ACTIONS];
    const bool policy = rng_below(rng, 2);
    game_start(g, state);
    game_start(g, turned);
    const int k = start_symmetry(g, state, rng, plain, turned_view);
    EXPECT_INT(game_ply(g, state), 0);
    for (int ply = 0;; ply++) {
        const int n = game_legal(g, state, legal);
        EXPECT(ply <= g->max_plies);
        EXPECT_INT(game_ply(g, state), ply);
        EXPECT((n == 0) == (game_outcome(g, state) != OUTCOME_NONE));
        check_result(g, state);
        check_setting_up(g, state, plain, turned_view);
        if (!n) check_agreed(g, state, played, ply);
        if (!n) break;
        EXPECT_(n <= g->max_legal, "%d legal moves, at most %d promised", n, g->max_legal);
        for (int i = 0; i < n; i++) {
            EXPECT(legal[i] < g->num_actions && (!i || legal[i] > legal[i - 1]));
            EXPECT(game_is_legal(g, state, legal[i]));
        }
        check_encoding(g, state, plain, turned_view);
        check_texts(g, state, legal, n);
        if (g->pass_action != GAME_NO_ACTION && game_is_legal(g, state, g->pass_action)) {
            check_passing(g, state);
            ++*passes;
        }
        check_turned(g, state, turned, k, legal, n);
        *repeats += check_key(g, state, plain, legal, n, table);
        memcpy(copy, state, g->state_bytes); // allowed, because a state is a plain value
        EXPECT(game_hash(g, copy) == game_hash(g, state));
        const int action =
            policy && g->type->playout_move ? g->type->playout_move(g, state, rng) : legal[rng_below(rng, (uint32_t)n)];
        EXPECT(game_is_legal(g, state, action));
        EXPECT(!memcmp(copy, state, g->state_bytes)); // questions change nothing
        if (g->type->playout && ply % 4 == 0) {       // it ends the game by a result of the rules
            g->type->playout(g, copy, rng);
            EXPECT(game_legal(g, copy, legal) == 0 && game_outcome(g, copy) != OUTCOME_NONE);
            memcpy(copy, state, g->state_bytes);
        }
        played[ply] = (uint16_t)action;
        game_play(g, state, action);
        game_play(g, copy, action);
        EXPECT(!memcmp(copy, state, g->state_bytes));
        game_play(g, turned, game_permute(g, k, action));
    }
    free(played);
    free(state);
    free(copy);
    free(turned);
}

static void check_game(const char *name, const struct game_options *options, int num_games, uint64_t seed) {
    struct game g;
    struct rng rng;
    num_games = test_rounds(num_games);
    EXPECT_INT(game_open(&g, name, options), STATUS_OK);
    EXPECT_INT(g.num_actions, g.policy_planes * g.height * g.width + g.num_global_actions);
    EXPECT(g.num_actions <= GAME_MAX_ACTIONS && g.num_planes > 0 && g.max_plies > 0 && g.state_bytes > 0);
    EXPECT(g.has_score == (g.type->score != NULL) && g.has_ownership == (g.type->ownership != NULL));
    check_symmetries_are_permutations(&g);
    check_orientation(&g);
    check_claims(&g);
    check_pass(&g);
    check_set_up(&g);
    struct seen *table = calloc(SEEN_SLOTS, sizeof *table);
    struct view a = {malloc(sizeof(float) * plane_count(&g)), malloc(sizeof(float) * (size_t)g.num_globals)};
    struct view b = {malloc(sizeof(float) * plane_count(&g)), malloc(sizeof(float) * (size_t)g.num_globals)};
    int repeats = 0, passes = 0;
    rng_init(&rng, seed, 0);
    for (int i = 0; i < num_games; i++) play_one(&g, &rng, table, &repeats, &passes, &a, &b);
    printf("%s %s %dx%d: %d games, %d positions met again\n", name, g.rules, g.height, g.width, num_games, repeats);
    EXPECT(num_games < 10 || repeats > 0);
    // Othello's pass is legal only where there is no other move, which a short game may never come
    // to.
    EXPECT(g.pass_action == GAME_NO_ACTION || passes > 0 || options);
    for (int i = 0; i < SEEN_SLOTS; i++) {
        free(table[i].planes);
        free(table[i].globals);
        free(table[i].legal);
    }
    free(table);
    free(a.planes), free(a.globals), free(b.planes), free(b.globals);
}

static void check_refusals(void) {
    struct game g;
    EXPECT_INT(game_open(&g, "halma", NULL), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = 20}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.height = -1}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.komi = NAN}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.komi = INFINITY}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.rules = "ing"}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "go", &(struct game_options){.max_plies = -1}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "tictactoe", &(struct game_options){.height = 4}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "tictactoe", &(struct game_options){.komi = 3}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = 4, .width = 5}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.height = 1}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "hex", &(struct game_options){.rules = "pie"}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "gomoku", &(struct game_options){.height = 4}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "gomoku", &(struct game_options){.rules = "renju"}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "breakthrough", &(struct game_options){.height = 9}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "breakthrough", &(struct game_options){.komi = 1}), STATUS_USAGE);
    EXPECT_INT(game_open(&g, "Go", NULL), STATUS_OK);
    EXPECT_INT(g.height, 9);
}

int main(void) {
    for (int i = 0; i < game_count(); i++) {
        struct game g;
        EXPECT_INT(game_open(&g, game_at(i)->name, NULL), STATUS_OK);
        // Every move is tried at every ply, so that a game takes about the cube of the number of
        // points.
        const int games = !strcmp(g.type->name, "go") ? 10 : g.height * g.width > 100 ? 40 : 300;
        check_game(g.type->name, NULL, games, 1);
    }
    static const struct {
        int height, width, games, max_plies;
        double komi;
    } boards[] = {{1, 1, 3, 0, 0},    {1, 2, 30, 0, 0.5},  {2, 2, 100, 0, 1}, {1, 5, 60, 0, 0},
                  {3, 3, 100, 0, 9},  {5, 5, 20, 0, 24.5}, {7, 4, 10, 0, 3},  {4, 7, 10, 0, -3},
                  {7, 7, 10, 20, -7}, {13, 13, 2, 0, 7.5}, {19, 19, 1, 0, 7}};
    for (size_t i = 0; i < sizeof boards / sizeof *boards; i++)
        check_game("go", &(struct game_options){boards[i].height, boards[i].width, boards[i].komi, NULL, boards[i].max_plies},
                   boards[i].games, i);
    static const char *const rules[] = {"tromp-taylor",      "aga",      "new-zealand", "japanese",
                                        "japanese+tax=none", "tax=seki", "ko=simple",   "new-zealand+score=territory"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        check_game("go", &(struct game_options){1, 5, 0, rules[i], 0}, 60, 70 + i);
        check_game("go", &(struct game_options){2, 3, 1, rules[i], 0}, 60, 80 + i);
        check_game("go", &(struct game_options){5, 5, 6.5, rules[i], 0}, 10, 90 + i);
        check_game("go", &(struct game_options){6, 4, 0, rules[i], 60}, 10, 100 + i);
    }
    check_game("tictactoe", &(struct game_options){.max_plies = 5}, 50, 9);
    static const int connect4[][3] = {{1, 1, 0}, {1, 10, 0}, {10, 1, 0},  {4, 4, 0},
                                      {7, 8, 0}, {8, 7, 0},  {10, 10, 0}, {6, 7, 20}};
    for (size_t i = 0; i < sizeof connect4 / sizeof *connect4; i++)
        check_game("connect4", &(struct game_options){connect4[i][0], connect4[i][1], 0, NULL, connect4[i][2]}, 40, 20 + i);
    static const int othello[][2] = {{4, 0}, {6, 0}, {8, 20}, {4, 9}};
    for (size_t i = 0; i < sizeof othello / sizeof *othello; i++)
        check_game("othello", &(struct game_options){.height = othello[i][0], .max_plies = othello[i][1]}, 100, 30 + i);
    static const struct {
        const char *name, *rules;
        int height, width, games, max_plies;
    } others[] = {{"hex", "standard", 2, 2, 50, 0},
                  {"hex", "swap", 2, 2, 50, 0},
                  {"hex", "swap", 5, 5, 50, 0},
                  {"hex", "swap", 4, 0, 50, 6},
                  {"hex", "standard", 19, 19, 2, 0},
                  {"gomoku", "freestyle", 5, 5, 100, 0},
                  {"gomoku", "exactly-five", 7, 5, 50, 0},
                  {"gomoku", "exactly-five", 6, 6, 50, 30},
                  {"gomoku", NULL, 19, 19, 2, 0},
                  {"breakthrough", NULL, 4, 4, 100, 0},
                  {"breakthrough", NULL, 5, 8, 30, 0},
                  {"breakthrough", NULL, 8, 5, 30, 25}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_game(others[i].name,
                   &(struct game_options){others[i].height, others[i].width, 0, others[i].rules, others[i].max_plies},
                   others[i].games, 50 + i);
    check_refusals();
    return TEST_END();
}
