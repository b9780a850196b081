// The exp, log and tanh that are the same on every machine, compared with those of libm.
#include "mcts/maths.h"
#include "tests/test.h"

int main(void) {
    for (int i = -80000; i <= 80000; i++) {
        const float x = (float)i / 1000;
        const double exact = exp((double)x);
        EXPECT_NEAR(maths_exp(x) / exact, 1, 4e-7);
    }
    EXPECT(maths_exp(-1000) == maths_exp(-80) && maths_exp(1000) == maths_exp(80));
    EXPECT(maths_exp(0) == 1);
    for (int i = 1; i < 200000; i++) {
        const double x = i < 100000 ? i / 1000.0 : pow(10, (i - 150000) / 1300.0);
        EXPECT_NEAR(maths_log(x), log(x), 1e-12 * (1 + fabs(log(x))));
    }
    EXPECT(maths_log(1) == 0);
    for (int i = -20000; i <= 20000; i++) EXPECT_NEAR(maths_tanh((float)i / 1000), tanh(i / 1000.0), 5e-7);
    return TEST_END();
}
