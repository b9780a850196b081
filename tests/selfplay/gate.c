// Which results of its gate's match make a candidate the best.
#include "selfplay/checkpoint.h"
#include "tests/test.h"

static bool passes(int sprt, double score) { return checkpoint_passes(&(struct match_result){.sprt = sprt, .score = score}); }

static void expect_verdict(int sprt, double score, const char *expected) {
    char text[CHECKPOINT_VERDICT_BYTES];
    EXPECT_TEXT(checkpoint_verdict(&(struct match_result){.sprt = sprt, .score = score}, text), expected);
}

int main(void) {
    EXPECT(passes(1, 0.9) && passes(1, 0.1)); // A decided test is the last word.
    EXPECT(!passes(-1, 0.1) && !passes(-1, 0.9));
    // Where it is undecided, two fifths are needed, and no less.
    EXPECT(passes(0, 16.0 / 40) && passes(0, 0.5));
    EXPECT(!passes(0, 15.5 / 40) && !passes(0, 0));
    expect_verdict(0, 0.4, "at least 40 % of the points, so it is the best now");
    expect_verdict(0, 0.39, "less than 40 % of the points, so the best stays");
    expect_verdict(1, 0.3, "tested as stronger, so it is the best now");
    expect_verdict(-1, 0.6, "tested as not stronger, so the best stays");
    return TEST_END();
}
