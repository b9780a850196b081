// The evaluation cache changes only the number of judgements, and its key differs for positions
// that an evaluator or the rules can tell apart.
#include "tests/mcts/toy.h"

static long long judged;
static struct evaluator *hash_judge;
static void counting_judge(struct evaluator *self, int n, const struct position *p, struct judgement *j) {
    judged += n;
    evaluator_judge(hash_judge, n, p, j);
}

static void same_results(const char *name, int size, enum search_kind kind, size_t entries) {
    struct game game;
    if (game_open(&game, name, &(struct game_options){.height = size, .width = size, .komi = GAME_KOMI_DEFAULT})) exit(1);
    struct search_params p = search_params_default;
    p.kind = kind;
    struct search *plain = toy_search(&p);
    p.cache_entries = entries;
    struct search *cached = toy_search(&p);
    struct evaluator counting = {.name = "counting", .max_batch = 8, .judge = counting_judge};
    void *state = malloc(game.state_bytes);
    struct search_move a[512], b[512];
    long long without = 0, with = 0, hits = 0;
    // The cache outlives search_start, so that later games find positions of earlier ones.
    for (uint64_t round = 0; round < 3; round++) {
        struct rng rng;
        rng_init(&rng, 1, 0);
        game_start(&game, state);
        for (int ply = 0; ply < 6 && game_certain(&game, state) == OUTCOME_NONE; ply++) {
            search_start(plain, &game, state, &rng);
            search_start(cached, &game, state, &rng);
            judged = 0;
            search_run(plain, &counting, 150, false, 1);
            without += judged;
            judged = 0;
            search_run(cached, &counting, 150, false, 1);
            with += judged;
            const int n = search_moves(plain, a);
            EXPECT_INT(search_moves(cached, b), n);
            for (int i = 0; i < n; i++) {
                EXPECT_INT(b[i].visits, a[i].visits);
                EXPECT(a[i].prior == b[i].prior && (a[i].value == b[i].value || isnan(a[i].value)));
            }
            game_play(&game, state, search_choose(plain, 0, &rng));
        }
    }
    struct search_summary sum;
    search_summary(cached, &sum);
    hits = sum.cache_hits;
    EXPECT_INT(with + hits, without);
    judged = 0;
    search_forget(cached); // for another evaluator: no judgement of the old one may come back
    game_start(&game, state);
    search_start(cached, &game, state, &(struct rng){{1, 2, 3, 4}});
    search_run(cached, &counting, 1, false, 1);
    EXPECT_INT(judged, 1);
    if (entries > 1000) EXPECT_(with * 5 < without * 2, "%lld judgements with a cache, %lld without", with, without);
    free(state);
    search_free(plain);
    search_free(cached);
}

// --- the key: positions of random Go games on tiny boards, where superko often forbids moves ---

struct seen {
    uint64_t key;
    uint64_t text;  // a hash of the printed board
    uint64_t moves; // a hash of the mover, the legal moves, and whether a pass ends the game
};

static int by_text(const void *a, const void *b) {
    const struct seen *x = a, *y = b;
    return x->text != y->text ? (x->text < y->text ? -1 : 1) : x->key != y->key ? (x->key < y->key ? -1 : 1) : 0;
}

static struct seen look(const struct game *g, const void *state, uint64_t identity) {
    uint16_t legal[64];
    struct seen seen = {.key = cache_key(identity, g, state), .moves = (uint64_t)game_to_move(g, state)};
    char board[2048];
    g->type->print(g, state, board, sizeof board);
    for (const char *c = board; *c; c++) // of what is printed only X, O and points
        if (strchr("XO.+#@", *c)) seen.text = rng_mix(seen.text ^ (uint64_t)*c);
    seen.text = rng_mix(seen.text ^ (uint64_t)game_to_move(g, state));
    const int n = game_legal(g, state, legal);
    for (int i = 0; i < n; i++) seen.moves = rng_mix(seen.moves ^ legal[i]);
    if (n) {
        unsigned char next[8192];
        if (g->state_bytes > sizeof next) exit(1);
        memcpy(next, state, g->state_bytes);
        game_play(g, next, g->num_actions - 1);
        seen.moves = rng_mix(seen.moves ^ (uint64_t)game_outcome(g, next));
    }
    return seen;
}

static void key_tells_history_apart(int height, int width) {
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = height, .width = width, .komi = 0.5})) exit(1);
    enum { MAX = 40000 };
    struct seen *seen = malloc(MAX * sizeof *seen);
    void *state = malloc(game.state_bytes);
    const uint64_t identity = cache_identity(&game);
    struct rng rng;
    rng_init(&rng, 9, 0);
    int n = 0;
    uint16_t legal[64];
    for (game_start(&game, state); n < MAX;) {
        if (game_outcome(&game, state) != OUTCOME_NONE) game_start(&game, state);
        seen[n++] = look(&game, state, identity);
        game_play(&game, state, legal[rng_below(&rng, (uint32_t)game_legal(&game, state, legal))]);
    }
    qsort(seen, MAX, sizeof *seen, by_text);
    int told_apart = 0, repeated = 0;
    for (int i = 1; i < MAX; i++) {
        const struct seen *a = &seen[i - 1], *b = &seen[i];
        if (a->text != b->text) continue;
        if (a->key == b->key) {
            // Equal keys have the same legal moves and effect of a pass.
            EXPECT(a->moves == b->moves);
            repeated++;
        } else {
            told_apart += a->moves != b->moves;
        }
    }
    EXPECT_(told_apart > 100 && repeated > 100, "%dx%d: %d same-looking positions told apart, %d repeated", height, width,
            told_apart, repeated);
    free(state);
    free(seen);
}

static void identity_tells_games_apart(void) {
    const struct {
        const char *name;
        int size;
        double komi;
        int max_plies;
    } cases[] = {{"tictactoe", 0, GAME_KOMI_DEFAULT, 0},
                 {"go", 5, 0.5, 0},
                 {"go", 5, 1.5, 0},
                 {"go", 5, -0.5, 0},
                 {"go", 6, 0.5, 0},
                 {"go", 5, 0.5, 40}};
    enum { CASES = sizeof cases / sizeof *cases };
    uint64_t identity[CASES];
    for (int i = 0; i < CASES; i++) {
        struct game game;
        const struct game_options options = {
            .height = cases[i].size, .width = cases[i].size, .komi = cases[i].komi, .max_plies = cases[i].max_plies};
        if (game_open(&game, cases[i].name, &options)) exit(1);
        identity[i] = cache_identity(&game);
        for (int k = 0; k < i; k++) EXPECT(identity[k] != identity[i]);
    }
}

int main(void) {
    if (evaluator_hash(&hash_judge, 2)) return 1;
    for (int kind = SEARCH_PUCT; kind <= SEARCH_GUMBEL; kind++) {
        same_results("tictactoe", 0, (enum search_kind)kind, 4096);
        same_results("go", 5, (enum search_kind)kind, 8192);
        same_results("go", 9, (enum search_kind)kind, 8192);
        same_results("tictactoe", 0, (enum search_kind)kind, 16);
        same_results("go", 5, (enum search_kind)kind, 1);
    }
    key_tells_history_apart(2, 2);
    key_tells_history_apart(1, 5);
    key_tells_history_apart(2, 3);
    identity_tells_games_apart();
    evaluator_free(hash_judge);
    return TEST_END();
}
