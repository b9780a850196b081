// Parameters out of range are refused with one line, and nothing is left behind.
#include "mcts/search.h"
#include "tests/test.h"

static void expect_refused(const struct search_params *params) {
    struct search *search = (struct search *)1;
    EXPECT_INT(search_new(&search, params), STATUS_USAGE);
    EXPECT(search == NULL);
}

int main(void) {
    struct search_params p = search_params_default;
    struct search *search = NULL;
    EXPECT_INT(search_new(&search, &p), STATUS_OK);
    search_free(search);
    search_free(NULL);
    p.max_leaves = 0;
    expect_refused(&p);
    p = search_params_default, p.c_puct_base = 0;
    expect_refused(&p);
    p = search_params_default, p.gumbel_candidates = 0;
    expect_refused(&p);
    p.gumbel_candidates = 4097;
    expect_refused(&p);
    p = search_params_default, p.score_weight = 1.5f;
    expect_refused(&p);
    p.score_weight = NAN;
    expect_refused(&p);
    p = search_params_default, p.score_weight = 0.5f, p.score_scale = 0;
    expect_refused(&p);
    p = search_params_default, p.root_noise_weight = 0.25f, p.root_noise_alpha = 0;
    expect_refused(&p);
    p = search_params_default, p.root_wideness = -0.1f;
    expect_refused(&p);
    return TEST_END();
}
