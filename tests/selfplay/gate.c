// Which results of its gate's match make a candidate the best.
#include "selfplay/checkpoint.h"
#include "tests/test.h"

static bool passes(int sprt, double score) { return checkpoint_passes(&(struct match_result){.sprt = sprt, .score = score}); }

int main(void) {
    EXPECT(passes(1, 0.9) && passes(1, 0.1)); // A decided test is the last word.
    EXPECT(!passes(-1, 0.1) && !passes(-1, 0.9));
    // Where it is undecided, two fifths are needed, and no less.
    EXPECT(passes(0, 16.0 / 40) && passes(0, 0.5));
    EXPECT(!passes(0, 15.5 / 40) && !passes(0, 0));
    return TEST_END();
}
