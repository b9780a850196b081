// The Gumbel search: the schedule of sequential halving, the formulas in double precision, and that
// planning improves the policy.
#include "mcts/gumbel.h"
#include "tests/mcts/toy.h"

// --- the schedule: the visits that a candidate has when it is visited, in order, as in the paper
// ---

static void check_schedule(int n, int m, int num_actions, const char *expected) {
    struct game game;
    struct toy_state state;
    struct evaluator judge = toy_evaluator();
    for (int seed = 5;; seed++) { // looks for a root with this many moves
        uint16_t legal[64];
        toy_open(&game, num_actions + num_actions / 3, 12, seed);
        toy_start(&game, &state);
        if (toy_legal(&game, &state, legal) == num_actions) break;
    }
    struct search_params p = search_params_default;
    p.kind = SEARCH_GUMBEL;
    p.gumbel_candidates = m;
    struct search *s = toy_search(&p);
    struct rng rng;
    rng_init(&rng, 1, 0);
    search_start(s, &game, &state, &rng);
    search_run(s, &judge, 1, false, 1);
    char text[2048] = "";
    int before[64] = {0};
    search_begin(s, n, false);
    for (;;) {
        struct position position;
        float logits[64];
        struct judgement j = {.logits = logits};
        const int got = search_gather(s, 1, &position);
        if (got) {
            evaluator_judge(&judge, 1, &position, &j);
            search_absorb(s, 1, &j);
        }
        struct search_move moves[64];
        const int num = search_moves(s, moves);
        int changed = 0;
        for (int i = 0; i < num; i++) {
            if (moves[i].visits != before[i]) {
                snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", before[i]);
                before[i] = moves[i].visits;
                changed++;
            }
        }
        EXPECT(changed == got);
        if (!got) break;
    }
    EXPECT_TEXT(text, expected);
    search_free(s);
}

static void schedules(void) {
    // Figure 1 of the paper has n = 200 and m = 16: 16 moves get 3 visits each, 8 get 6 more, 4 get
    // 12 more, 2 get 25 more, and the last two get what is left.
    EXPECT_INT(gumbel_phase_visits(200, 16, 16), 3);
    EXPECT_INT(gumbel_phase_visits(200, 16, 8), 6);
    EXPECT_INT(gumbel_phase_visits(200, 16, 4), 12);
    EXPECT_INT(gumbel_phase_visits(200, 16, 2), 25);
    EXPECT_INT(gumbel_phase_visits(16, 4, 4), 2);
    EXPECT_INT(gumbel_phase_visits(16, 4, 2), 4);
    EXPECT_INT(gumbel_phase_visits(16, 16, 16), 1);
    EXPECT_INT(gumbel_phase_visits(10, 1, 1), 10);
    check_schedule(16, 4, 20, "0 0 0 0 1 1 1 1 2 2 3 3 4 4 5 5 ");
    check_schedule(18, 4, 20, "0 0 0 0 1 1 1 1 2 2 3 3 4 4 5 5 6 6 ");
    check_schedule(16, 16, 20, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 ");
    check_schedule(5, 16, 20, "0 0 0 0 0 ");
    check_schedule(20, 8, 20, "0 0 0 0 0 0 0 0 1 1 1 1 2 2 3 3 4 4 5 5 ");
    check_schedule(6, 16, 3, "0 0 0 1 1 2 ");
    check_schedule(3, 1, 20, "0 1 2 ");
    check_schedule(4, 16, 1, "0 1 2 3 ");
}

// --- formulas ---

static double known_value(const struct edge *e) {
    return e->proof == PROOF_WIN ? 1 : e->proof == PROOF_LOSS ? -1 : e->proof == PROOF_DRAW ? 0 : e->value;
}

// Computes pi' of an open node by the formulas of the paper, with every exponential written out.
static void direct_policy(const struct tree *t, const struct node *node, const struct search_params *p, double *out,
                          double *mixed) {
    const struct edge *edges = tree_edges(t, node);
    double sum_n = 0, sum_pi = 0, sum_q = 0, most = 0, total = 0;
    for (int i = 0; i < node->num_edges; i++) {
        sum_n += edges[i].visits;
        if (edges[i].visits > most) most = edges[i].visits;
        if (edges[i].visits) sum_pi += edges[i].prior, sum_q += edges[i].prior * known_value(&edges[i]);
    }
    *mixed = (node->prior_value + (sum_pi > 0 ? sum_n / sum_pi * sum_q : 0)) / (1 + sum_n);
    for (int i = 0; i < node->num_edges; i++) {
        const double q = edges[i].visits ? known_value(&edges[i]) : *mixed;
        out[i] = exp(log(edges[i].prior) + (p->gumbel_c_visit + most) * p->gumbel_c_scale * (q + 1) / 2);
        total += out[i];
    }
    for (int i = 0; i < node->num_edges; i++) out[i] /= total;
}

static void formulas(void) {
    struct rng rng;
    rng_init(&rng, 2, 0);
    struct evaluator judge = toy_evaluator();
    int nodes = 0;
    for (int round = 0; round < 60; round++) {
        struct game game;
        struct toy_state state;
        toy_open(&game, 2 + (int)rng_below(&rng, 50), 3 + (int)rng_below(&rng, 6), round);
        toy_start(&game, &state);
        struct search_params p = search_params_default;
        p.kind = SEARCH_GUMBEL;
        p.gumbel_noise = round % 2;
        p.prove = round / 2 % 2;
        p.gumbel_c_visit = round % 3 ? 50 : 10;
        p.gumbel_c_scale = round % 5 ? 1 : 0.1f;
        struct search *s = toy_search(&p);
        search_start(s, &game, &state, &rng);
        search_run(s, &judge, 400, false, 1);
        for (uint32_t i = 0; i < s->tree.num_nodes; i++) {
            const struct node *node = &s->tree.nodes[i];
            if (node->kind != NODE_OPEN) continue;
            double direct[64], mixed, best = -INFINITY;
            float fast[64];
            direct_policy(&s->tree, node, &p, direct, &mixed);
            gumbel_policy(&s->tree, node, &p, fast);
            EXPECT_NEAR(gumbel_mixed_value(&s->tree, node), mixed, 1e-6);
            const double below = node->visits - 1;
            for (int k = 0; k < node->num_edges; k++) {
                EXPECT_NEAR(fast[k], direct[k], 2e-5 * direct[k] + 1e-20);
                const double score = direct[k] - tree_edges(&s->tree, node)[k].visits / (1 + below);
                if (score > best && tree_edges(&s->tree, node)[k].proof != PROOF_LOSS) best = score;
            }
            // Its edges no longer count all visits, and nothing is chosen there.
            if (node->proof) continue;
            const int chosen = gumbel_select(&s->tree, node, &p); // equation 14
            EXPECT_NEAR(direct[chosen] - tree_edges(&s->tree, node)[chosen].visits / (1 + below), best, 1e-5);
            nodes++;
        }
        // search_policy is pi' of the root by action.
        double direct[64], mixed, sum = 0;
        float policy[64];
        direct_policy(&s->tree, &s->tree.nodes[0], &p, direct, &mixed);
        search_policy(s, policy);
        for (int k = 0; k < s->tree.nodes[0].num_edges; k++)
            EXPECT_NEAR(policy[tree_edges(&s->tree, &s->tree.nodes[0])[k].action], direct[k], 1e-5);
        for (int a = 0; a < game.num_actions; a++) sum += policy[a];
        EXPECT_NEAR(sum, 1, 1e-5);
        search_free(s);
    }
    EXPECT_(nodes > 5000, "only %d nodes compared", nodes);
}

// --- policy improvement on bandits: games of one move with known outcomes ---

// The expected outcome of the chosen move is at least that of the prior policy [section 3.3]; so is
// that of pi'.
static void improvement(void) {
    struct evaluator judge = toy_evaluator();
    struct rng rng;
    rng_init(&rng, 4, 0);
    double gain = 0;
    for (int round = 0; round < 60; round++) {
        struct game game;
        struct toy_state state;
        toy_open(&game, 24, 1, round);
        toy_start(&game, &state);
        struct search_params p = search_params_default;
        p.kind = SEARCH_GUMBEL;
        p.gumbel_noise = true;
        p.gumbel_candidates = 4;
        struct search *s = toy_search(&p);
        double prior_value = 0, chosen_value = 0, policy_value = 0;
        enum { DRAWS = 200 };
        for (int draw = 0; draw < DRAWS; draw++) {
            rng_init(&rng, 4, (uint64_t)(round * DRAWS + draw));
            search_start(s, &game, &state, &rng);
            search_run(s, &judge, 5, false, 1);
            struct search_move moves[64];
            float policy[64];
            const int n = search_moves(s, moves);
            search_policy(s, policy);
            const int chosen = search_choose(s, 0, &rng);
            double base = 0, improved = 0, seen = 0, mass = 0;
            for (int i = 0; i < n; i++) {
                struct toy_state next = state;
                toy_play(&game, &next, moves[i].action);
                const int q = outcome_for(toy_outcome(&game, &next), 0);
                base += moves[i].prior * q;
                // Among the visited moves pi' gives more to the better ones. This holds for every
                // draw.
                if (moves[i].visits) mass += policy[moves[i].action], improved += policy[moves[i].action] * q;
                if (moves[i].visits) seen += moves[i].prior;
                if (moves[i].action == chosen) chosen_value += q;
            }
            double before = 0;
            for (int i = 0; i < n; i++)
                if (moves[i].visits) before += moves[i].prior / seen * moves[i].value;
            EXPECT(improved / mass >= before - 1e-5);
            prior_value += base;
            policy_value += improved / mass;
        }
        // Three standard errors of a mean of values in [-1, 1].
        const double noise = 3 / sqrt(DRAWS);
        EXPECT(chosen_value / DRAWS >= prior_value / DRAWS - noise);
        EXPECT(policy_value / DRAWS >= prior_value / DRAWS - noise);
        gain += (chosen_value - prior_value) / DRAWS;
        search_free(s);
    }
    EXPECT_(gain / 60 > 0.3, "mean gain of a search of 4 over the prior is %g", gain / 60);
}

// With one simulation and noise the chosen move is a draw from the prior (the Gumbel-max trick).
static void samples_the_prior(void) {
    struct game game;
    struct toy_state state;
    struct evaluator judge = toy_evaluator();
    toy_open(&game, 6, 5, 3);
    toy_start(&game, &state);
    struct search_params p = search_params_default;
    p.kind = SEARCH_GUMBEL;
    p.gumbel_noise = true;
    struct search *s = toy_search(&p);
    enum { DRAWS = 20000 };
    int counts[6] = {0}, n = 0;
    struct search_move moves[64];
    for (int i = 0; i < DRAWS; i++) {
        struct rng rng;
        rng_init(&rng, 8, (uint64_t)i);
        search_start(s, &game, &state, &rng);
        search_run(s, &judge, 1, false, 1);
        counts[search_choose(s, 0, &rng)]++;
        n = search_moves(s, moves);
    }
    for (int i = 0; i < n; i++) EXPECT_NEAR((double)counts[moves[i].action] / DRAWS, moves[i].prior, 4 * 0.5 / sqrt(DRAWS));
    search_free(s);
}

// --- sequential halving on bandits, written out: q of a move is its only outcome ---

static void halving_twin(void) {
    struct evaluator judge = toy_evaluator();
    struct rng rng;
    rng_init(&rng, 6, 0);
    for (int round = 0; round < 300; round++) {
        struct game game;
        struct toy_state state;
        toy_open(&game, 8 + (int)rng_below(&rng, 50), 1, round);
        toy_start(&game, &state);
        struct search_params p = search_params_default;
        p.kind = SEARCH_GUMBEL;
        p.gumbel_candidates = 1 + (int)rng_below(&rng, 20);
        p.gumbel_c_scale = 0.02f; // with a larger one a single win decides everything
        p.prove = false;          // proofs would change the schedule
        struct search *s = toy_search(&p);
        search_start(s, &game, &state, &rng);
        search_run(s, &judge, 1, false, 1);
        struct search_move moves[64];
        const int n = search_moves(s, moves), budget = 1 + (int)rng_below(&rng, 150);
        double q[64];
        int visits[64] = {0}, order[64];
        for (int i = 0; i < n; i++) {
            struct toy_state next = state;
            toy_play(&game, &next, moves[i].action);
            q[i] = outcome_for(toy_outcome(&game, &next), 0);
            order[i] = i;
        }
        int m = p.gumbel_candidates < n ? p.gumbel_candidates : n, made = 0;
        if (m > budget) m = budget;
        int most = 0;
        for (int alive = m; made < budget;) {
            // A selection sort puts the best `alive` of those that were alive before in front.
            for (int i = 0; i < alive; i++) {
                for (int k = i + 1; k < (most ? (alive * 2 + 1 < m ? alive * 2 + 1 : m) : n); k++) {
                    const double slope = (50.0 + most) * 0.02 / 2;
                    const double a = log(moves[order[i]].prior) + (most ? slope * q[order[i]] : 0);
                    const double b = log(moves[order[k]].prior) + (most ? slope * q[order[k]] : 0);
                    const bool in = !most || visits[order[k]] == most;
                    if (in && b > a) {
                        const int swap = order[i];
                        order[i] = order[k];
                        order[k] = swap;
                    }
                }
            }
            const int each = gumbel_phase_visits(budget, m, alive);
            for (int v = 0; v < each; v++) {
                // Within a level the order is that of the present scores, which matters only where
                // the budget ends.
                int turn[64] = {0};
                for (int t = 0; t < alive && made < budget; t++) {
                    int pick = -1;
                    double best = 0;
                    for (int i = 0; i < alive; i++) {
                        const double slope = (50.0 + most) * 0.02 / 2;
                        const double score = log(moves[order[i]].prior) + (visits[order[i]] ? slope * q[order[i]] : 0);
                        if (!turn[i] && (pick < 0 || score > best)) pick = i, best = score;
                    }
                    turn[pick] = 1;
                    made++;
                    if (++visits[order[pick]] > most) most = visits[order[pick]];
                }
            }
            alive = alive / 2 > 2 ? alive / 2 : alive < 2 ? alive : 2;
        }
        search_run(s, &judge, budget, false, 1);
        search_moves(s, moves);
        int winner = -1;
        double best = -INFINITY;
        for (int i = 0; i < n; i++) {
            EXPECT_INT(moves[i].visits, visits[i]);
            const double score = log(moves[i].prior) + (50.0 + most) * 0.02 / 2 * q[i];
            if (visits[i] == most && score > best) best = score, winner = moves[i].action;
        }
        EXPECT_INT(search_choose(s, 0, &rng), winner);
        search_free(s);
    }
}

int main(void) {
    schedules();
    halving_twin();
    formulas();
    improvement();
    samples_the_prior();
    return TEST_END();
}
