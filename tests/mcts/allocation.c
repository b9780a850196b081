// After its first games a search allocates nothing. The linker makes every allocation go through
// the counters below.
#include "mcts/search.h"
#include "tests/test.h"

static long long allocations;
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_malloc(size_t bytes) { return allocations++, __real_malloc(bytes); }
void *__wrap_calloc(size_t n, size_t bytes) { return allocations++, __real_calloc(n, bytes); }
void *__wrap_realloc(void *p, size_t bytes) { return allocations++, __real_realloc(p, bytes); }
void *__wrap_aligned_alloc(size_t alignment, size_t bytes) { return allocations++, __real_aligned_alloc(alignment, bytes); }

// Plays a game by search with tree reuse, which depends on the seed alone.
static int play_game(struct search *s, const struct game *g, void *state, struct evaluator *judge, uint64_t seed, int batch) {
    struct rng rng;
    rng_init(&rng, seed, 0);
    game_start(g, state);
    int plies = 0;
    for (bool going = false; plies < 40 && game_certain(g, state) == OUTCOME_NONE; plies++) {
        if (!going) search_start(s, g, state, &rng);
        search_run(s, judge, 150, false, batch);
        static float policy[512];
        static struct search_move moves[512];
        struct search_summary sum;
        uint16_t line[32];
        search_policy(s, policy);
        search_moves(s, moves);
        search_summary(s, &sum);
        search_line(s, line, 32);
        const int action = search_choose(s, 1, &rng);
        game_play(g, state, action);
        going = search_advance(s, action);
    }
    return plies;
}

int main(void) {
    struct evaluator *judge;
    if (evaluator_hash(&judge, 2)) return 1;
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = 7, .width = 7, .komi = GAME_KOMI_DEFAULT})) return 1;
    void *state = malloc(game.state_bytes);
    for (int i = 0; i < 8; i++) {
        struct search_params p = search_params_default;
        p.kind = i % 2 ? SEARCH_GUMBEL : SEARCH_PUCT;
        p.gumbel_noise = true;
        p.root_noise_weight = 0.25f;
        // A hit of the cache draws no symmetry: the second game would differ.
        p.random_symmetry = false;
        p.cache_entries = i / 2 % 2 ? 1000 : 0;
        struct search *s;
        if (search_new(&s, &p)) return 1;
        // Hits of the cache would make other batches, and so another game.
        const int batch = i / 4 && !p.cache_entries ? 8 : 1;
        allocations = 0;
        const int plies = play_game(s, &game, state, judge, 4, batch);
        EXPECT_(allocations > 0, "%lld allocations counted while warming up", allocations);
        allocations = 0;
        EXPECT_INT(play_game(s, &game, state, judge, 4, batch), plies);
        EXPECT_INT(allocations, 0);
        search_free(s);
    }
    free(state);
    evaluator_free(judge);
    return TEST_END();
}
