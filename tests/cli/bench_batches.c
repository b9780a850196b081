// Lists of batch sizes: what is read, and what is not.
#include "cli/bench.h"

#include "tests/test.h"

int main(void) {
    int b[BENCH_MAX_BATCHES];
    EXPECT_INT(bench_batches("1,16,32", b), 3);
    EXPECT(b[0] == 1 && b[1] == 16 && b[2] == 32);
    EXPECT_INT(bench_batches("65536", b), 1);
    static const char *const wrong[] = {"",   ",",  "1,", ",1", "1,,2", "0",     "-1",
                                        "+1", " 1", "1 ", "x",  "1x",   "65537", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT_(bench_batches(wrong[i], b) == 0, "'%s' was read", wrong[i]);
    char many[4 * BENCH_MAX_BATCHES] = "1";
    for (int i = 0; i < BENCH_MAX_BATCHES; i++) strcat(many, ",1");
    EXPECT_INT(bench_batches(many, b), 0);
    return TEST_END();
}
