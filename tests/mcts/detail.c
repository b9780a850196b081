// What detail.h reads from a search is what a naive walk finds, which plays to every node and asks
// the evaluator again: scores and their spread, the root's own judgement, and the mean owner of
// each point, with trees that are kept from move to move. And moves that are left out are nowhere.
#include "mcts/detail.h"

#include "mcts/search_parts.h"
#include "tests/test.h"

enum { MAX_POINTS = GAME_MAX_SIDE * GAME_MAX_SIDE, MAX_ACTIONS = 200 };

// Owners by the hash of the state, in steps that a byte holds exactly. The mover's view.
static void judge_hash(const struct game *game, const void *state, struct judgement *j) {
    const uint64_t key = game_hash(game, state);
    for (int a = 0; a < game->num_actions; a++) j->logits[a] = (float)(rng_mix(key + (uint64_t)a) >> 40) / (1 << 23) * 3 - 3;
    const float win = (float)(rng_mix(key ^ 1) >> 40) / (1 << 24);
    j->wdl[0] = win, j->wdl[1] = (1 - win) / 4, j->wdl[2] = 1 - j->wdl[0] - j->wdl[1];
    j->score = (float)(int)(rng_mix(key ^ 2) % 41) - 20;
    for (int p = 0; j->ownership && p < game->height * game->width; p++)
        j->ownership[p] = (float)((int)(rng_mix(key * 3 + (uint64_t)p) % 255) - 127) / 127;
}

static void judge(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++) judge_hash(positions[i].game, positions[i].state, &judgements[i]);
}

struct naive {
    double weight, score, square, owner[MAX_POINTS], owner_square[MAX_POINTS]; // the first player's
};

// Adds up what the visits below a node said.
static void walk(const struct search *s, uint32_t index, const void *state, struct naive *sum) {
    const struct game *game = s->game;
    const struct node *node = &s->tree.nodes[index];
    const struct edge *edges = tree_edges(&s->tree, node);
    const int points = game->height * game->width;
    double own = node->visits;
    float logits[MAX_ACTIONS], owner[MAX_POINTS];
    void *next = malloc(game->state_bytes);
    for (int i = 0; i < node->num_tried; i++) {
        own -= edges[i].visits;
        memcpy(next, state, game->state_bytes);
        game_play(game, next, edges[i].action);
        walk(s, edges[i].child, next, sum);
    }
    free(next);
    struct judgement j = {.logits = logits, .ownership = owner};
    const int sign = game_to_move(game, state) ? -1 : 1;
    double score;
    if (node->kind == NODE_FINAL) {
        int8_t exact[MAX_POINTS];
        game->type->ownership(game, state, exact);
        for (int p = 0; p < points; p++) owner[p] = exact[p];
        score = game_score(game, state);
    } else {
        judge_hash(game, state, &j);
        for (int p = 0; p < points; p++) owner[p] *= (float)sign;
        score = sign * (double)j.score;
    }
    sum->weight += own;
    sum->score += own * score;
    sum->square += own * score * score;
    for (int p = 0; p < points; p++) sum->owner[p] += own * owner[p], sum->owner_square[p] += own * owner[p] * owner[p];
}

static void expect_owners(const struct search *s, int action, const struct naive *sum) {
    float mean[MAX_POINTS], deviation[MAX_POINTS];
    EXPECT(detail_ownership(s, action, mean, deviation));
    for (int p = 0; p < s->game->height * s->game->width; p++) {
        const double m = sum->owner[p] / sum->weight;
        EXPECT_NEAR(mean[p], m, 1e-5);
        EXPECT_NEAR(deviation[p], sqrt(fmax(0, sum->owner_square[p] / sum->weight - m * m)), 1e-3);
    }
}

static int num_final; // nodes of finished games that were met

static void expect_moves(const struct search *s, const void *state) {
    struct detail_move moves[MAX_ACTIONS];
    struct search_move plain[MAX_ACTIONS];
    struct rng rng;
    rng_init(&rng, 1, 1);
    const int n = detail_moves(s, moves);
    EXPECT_INT(n, search_moves(s, plain));
    EXPECT_INT(moves[0].action, search_choose(s, 0, &rng));
    const struct node *root = &s->tree.nodes[0];
    const struct edge *edges = tree_edges(&s->tree, root);
    for (int i = 0; i < n; i++) {
        const struct detail_move *m = &moves[i];
        if (i > 1) EXPECT(moves[i - 1].visits >= m->visits || moves[i - 1].proven || m->proven);
        int k = 0, e = 0;
        while (plain[k].action != m->action) k++;
        while (edges[e].action != m->action) e++;
        EXPECT_INT(m->visits, plain[k].visits);
        if (!m->visits) {
            EXPECT(isnan(m->utility) && isnan(m->score) && isnan(m->lower_bound));
            continue;
        }
        EXPECT_NEAR(m->score, plain[k].score, 1e-5);
        if (!m->proven) EXPECT_NEAR(m->utility, plain[k].value, 1e-6);
        if (!m->proven) EXPECT_NEAR(m->lower_bound, search_lower_bound(s, &edges[e]), 1e-6);
        struct naive sum = {0};
        void *next = malloc(s->game->state_bytes);
        memcpy(next, state, s->game->state_bytes);
        game_play(s->game, next, m->action);
        walk(s, edges[e].child, next, &sum);
        free(next);
        EXPECT_NEAR(sum.weight, m->visits, 0);
        const double mean = sum.score / sum.weight;
        EXPECT_NEAR(m->score, game_to_move(s->game, state) ? -mean : mean, 1e-4);
        if (!m->proven) EXPECT_NEAR(m->score_deviation, sqrt(fmax(0, sum.square / sum.weight - mean * mean)), 1e-3);
        expect_owners(s, m->action, &sum);
        // The line: each move is the most visited one below the move before it.
        uint16_t line[30];
        int visits[30];
        const int length = detail_line(s, m->action, line, visits, 30);
        EXPECT_INT(line[0], m->action);
        EXPECT_INT(visits[0], m->visits);
        uint32_t at = edges[e].child;
        for (int d = 1; d < length; d++) {
            const struct node *node = &s->tree.nodes[at];
            const struct edge *best = &tree_edges(&s->tree, node)[search_most_visited(&s->tree, node)];
            EXPECT(line[d] == best->action && visits[d] == (int)best->visits && visits[d] > 0);
            at = best->child;
        }
    }
}

static void expect_root(const struct search *s, const void *state) {
    struct detail_root root;
    struct naive sum = {0};
    walk(s, 0, state, &sum);
    detail_root(s, &root);
    const int sign = root.to_move ? -1 : 1;
    const double mean = sum.score / sum.weight;
    EXPECT_INT(root.visits, sum.weight);
    EXPECT_NEAR(root.score, sign * mean, 1e-4);
    EXPECT_NEAR(root.score_deviation, sqrt(sum.square / sum.weight - mean * mean), 1e-3);
    float logits[MAX_ACTIONS];
    struct judgement j = {.logits = logits};
    judge_hash(s->game, state, &j);
    if (!root.proven) {
        EXPECT_NEAR(root.raw_score, j.score, 1e-3);
        for (int i = 0; i < 3; i++) EXPECT_NEAR(root.raw_wdl[i], j.wdl[i], 1e-4);
        EXPECT_NEAR(root.raw_utility, j.wdl[0] - j.wdl[2], 1e-5);
    }
    expect_owners(s, GAME_NO_ACTION, &sum);
    for (uint32_t i = 0; i < s->tree.num_nodes; i++) num_final += s->tree.nodes[i].kind == NODE_FINAL;
}

static void play_games(enum search_kind kind, bool average_root, int size, int visits) {
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = size, .width = size, .komi = 0.5}) != STATUS_OK) exit(1);
    struct search_params params = search_params_default;
    params.kind = kind;
    params.average_root = average_root;
    params.max_leaves = 4;
    struct search *s;
    if (search_new(&s, &params) != STATUS_OK) exit(1);
    struct evaluator hash = {.name = "hash", .max_batch = 8, .judge = judge};
    void *state = malloc(game.state_bytes);
    struct rng rng;
    rng_init(&rng, 7, (uint64_t)kind);
    game_start(&game, state);
    search_start(s, &game, state, &rng);
    float mean[MAX_POINTS];
    EXPECT(!detail_ownership(s, GAME_NO_ACTION, mean, NULL)); // nothing is kept
    EXPECT(!search_wants_ownership(s));
    search_keep_ownership(s, true);
    EXPECT(search_wants_ownership(s));
    struct detail_root before;
    struct detail_move moves[MAX_ACTIONS];
    detail_root(s, &before);
    EXPECT(before.visits == 0 && isnan(before.utility) && detail_moves(s, moves) == 0);
    EXPECT(!detail_ownership(s, GAME_NO_ACTION, mean, NULL)); // nothing is judged
    for (int ply = 0; ply < 8; ply++) {
        search_run(s, &hash, visits, true, 4);
        expect_root(s, state);
        expect_moves(s, state);
        const int action = search_choose(s, 0, &rng);
        game_play(&game, state, action);
        if (!search_advance(s, action)) break;
    }
    free(state);
    search_free(s);
}

// The nodes of a search that was told to keep owners too late are left out of the means.
static void late_wish(void) {
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = 4, .width = 4}) != STATUS_OK) exit(1);
    struct search *s;
    if (search_new(&s, &search_params_default) != STATUS_OK) exit(1);
    struct evaluator hash = {.name = "hash", .max_batch = 8, .judge = judge};
    void *state = malloc(game.state_bytes);
    float mean[MAX_POINTS];
    struct rng rng;
    rng_init(&rng, 7, 0);
    game_start(&game, state);
    search_start(s, &game, state, &rng);
    search_run(s, &hash, 20, true, 1);
    search_keep_ownership(s, true);
    EXPECT(!detail_ownership(s, GAME_NO_ACTION, mean, NULL));
    search_run(s, &hash, 40, true, 1);
    EXPECT(detail_ownership(s, GAME_NO_ACTION, mean, NULL));
    search_keep_ownership(s, false);
    EXPECT(!detail_ownership(s, GAME_NO_ACTION, mean, NULL));
    free(state);
    search_free(s);
}

// Every node below the root has just the legal moves that are not left out there.
static void expect_restricted(const struct search *s, const uint16_t *until, int depth, uint32_t index, const void *state) {
    const struct game *game = s->game;
    const struct node *node = &s->tree.nodes[index];
    const struct edge *edges = tree_edges(&s->tree, node);
    uint16_t legal[MAX_ACTIONS];
    if (node->kind == NODE_FINAL) return;
    const int n = game_legal(game, state, legal), side = game_to_move(game, state);
    int num_kept = 0;
    for (int i = 0; i < n; i++) num_kept += until[side * game->num_actions + legal[i]] <= depth;
    EXPECT_INT(node->num_edges, num_kept ? num_kept : n);
    void *next = malloc(game->state_bytes);
    for (int i = 0; i < node->num_edges; i++) {
        EXPECT(!num_kept || until[side * game->num_actions + edges[i].action] <= depth);
        if (edges[i].child == TREE_NONE) continue;
        memcpy(next, state, game->state_bytes);
        game_play(game, next, edges[i].action);
        expect_restricted(s, until, depth + 1, edges[i].child, next);
    }
    free(next);
}

static void restricted(size_t cache_entries) {
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = 4, .width = 4}) != STATUS_OK) exit(1);
    struct search_params params = search_params_default;
    params.cache_entries = cache_entries;
    struct search *s;
    if (search_new(&s, &params) != STATUS_OK) exit(1);
    struct evaluator hash = {.name = "hash", .max_batch = 8, .judge = judge};
    void *state = malloc(game.state_bytes);
    struct rng rng;
    rng_init(&rng, 9, 0);
    for (int round = 0; round < 40; round++) {
        uint16_t until[2 * 17];
        game_start(&game, state);
        // In the last round no move of the root is left, so that all are searched.
        for (int i = 0; i < 2 * 17; i++) until[i] = round == 39 ? 2 : rng_below(&rng, 3) ? 0 : (uint16_t)rng_below(&rng, 4);
        search_restrict(s, until, game.num_actions);
        search_start(s, &game, state, &rng);
        search_run(s, &hash, 100, false, 4);
        expect_restricted(s, until, 0, 0, state);
        const int action = search_choose(s, 0, &rng);
        game_play(&game, state, action);
        static const uint16_t nothing[2 * 17] = {0};
        if (!search_advance(s, action)) continue;
        search_run(s, &hash, 50, true, 4);
        expect_restricted(s, nothing, 0, 0, state);
        search_restrict(s, NULL, 0);
        search_start(s, &game, state, &rng);
        search_run(s, &hash, 50, true, 4);
        expect_restricted(s, nothing, 0, 0, state);
    }
    free(state);
    search_free(s);
}

// All that is good of one move is that the policy is sure of it.
static void judge_sure(struct evaluator *self, int n, const struct position *positions, struct judgement *judgements) {
    for (int i = 0; i < n; i++) {
        for (int a = 0; a < positions[i].game->num_actions; a++) judgements[i].logits[a] = a == 40 ? 8 : 0;
        judgements[i].wdl[0] = judgements[i].wdl[2] = 0.5f;
        judgements[i].wdl[1] = judgements[i].score = 0;
    }
}

// A wider root looks at more moves, and its priors are still a distribution.
static void wide(void) {
    struct game game;
    if (game_open(&game, "go", &(struct game_options){.height = 9, .width = 9}) != STATUS_OK) exit(1);
    struct evaluator sure = {.name = "sure", .max_batch = 8, .judge = judge_sure};
    void *state = malloc(game.state_bytes);
    int looked_at[2] = {0};
    for (int k = 0; k < 2; k++) {
        struct search *s;
        if (search_new(&s, &search_params_default) != STATUS_OK) exit(1);
        struct rng rng;
        rng_init(&rng, 9, 0);
        game_start(&game, state);
        search_start(s, &game, state, &rng);
        search_set_wideness(s, k ? 1 : 0);
        search_run(s, &sure, 100, false, 1);
        struct detail_move moves[MAX_ACTIONS];
        const int n = detail_moves(s, moves);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            looked_at[k] += moves[i].visits > 0;
            sum += k ? s->root.moves[moves[i].action].prior : moves[i].prior;
        }
        EXPECT_NEAR(sum, 1, 1e-4);
        search_free(s);
    }
    printf("of 100 visits %d moves, and %d of a wide root\n", looked_at[0], looked_at[1]);
    EXPECT(looked_at[1] > looked_at[0]);
    free(state);
}

int main(void) {
    for (int kind = SEARCH_PUCT; kind <= SEARCH_GUMBEL; kind++)
        for (int average = 0; average < 2; average++) {
            play_games((enum search_kind)kind, average, 2, 60);
            play_games((enum search_kind)kind, average, 5, 150);
        }
    EXPECT(num_final > 50);
    late_wish();
    restricted(0);
    restricted(256);
    wide();
    return TEST_END();
}
