// The choice by lower confidence bound: a move with fewer visits is chosen where it is certainly
// better, not where it has only been lucky.
#include "tests/mcts/toy.h"

// A move of the root: n visits, whose utilities for the root's mover alternate between mean -
// spread and mean + spread.
struct arm {
    int visits;
    double mean, spread;
};

static int choice(const struct arm arms[2], float deviations, bool is_turned) {
    struct game game;
    toy_open(&game, 2, 5, 1);
    struct search_params p = search_params_default;
    p.lcb_deviations = deviations;
    struct search *s;
    if (search_new(&s, &p)) exit(1);
    struct rng rng;
    rng_init(&rng, 1, 0);
    struct toy_state state;
    toy_start(&game, &state);
    search_start(s, &game, &state, &rng);
    static const uint16_t actions[] = {0, 1};
    static const float priors[] = {0.5f, 0.5f};
    struct tree *tree = &s->tree;
    tree_clear(tree);
    tree_add(tree, TREE_NONE, 0, 0, actions, 2);
    tree_open(tree, 0, priors, 0);
    tree_back(tree, 0, &(struct tree_value){0}, false);
    for (int i = 0; i < 2; i++) {
        const uint32_t child = tree_add(tree, 0, tree_try(tree, 0, i), is_turned, actions, 2);
        tree_open(tree, child, priors, 0);
        for (int k = 0; k < arms[i].visits; k++)
            tree_back(tree, child, &(struct tree_value){.utility = arms[i].mean + (k % 2 ? 1 : -1) * arms[i].spread}, false);
    }
    const int action = search_choose(s, 0, &rng);
    search_free(s);
    return action;
}

int main(void) {
    static const struct {
        struct arm arms[2];
        int expected;
        const char *why;
    } cases[] = {
        {{{100, 0.1, 0.2}, {60, 0.5, 0.2}}, 1, "surely better"},
        {{{100, 0.1, 0.9}, {60, 0.2, 0.9}}, 0, "better within the noise"},
        {{{100, 0.1, 0.2}, {10, 0.9, 0}}, 0, "too few visits"},
        {{{60, 0.3, 0.2}, {100, 0.3, 0.2}}, 1, "equal values: more visits"},
        {{{100, -0.9, 0.1}, {20, 0.2, 0.1}}, 1, "the visits are on a blunder that was seen late"},
        {{{100, 0.5, 0}, {16, 0.6, 0}}, 0, "few equal values are no certainty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int turned = 0; turned < 2; turned++) {
            EXPECT_(choice(cases[i].arms, 5, turned) == cases[i].expected, "case %zu, turned %d: %s", i, turned, cases[i].why);
            EXPECT_INT(choice(cases[i].arms, 0, turned), cases[i].arms[1].visits > cases[i].arms[0].visits);
        }
    return TEST_END();
}
