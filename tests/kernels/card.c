// On a card: memory, recordings, convolutions and products against loops in double. Without one: the reason is a sentence.
#include "kernels/collective.h"
#include "kernels/conv.h"
#include "kernels/dense.h"
#include "kernels/device.h"
#include "kernels/pointwise.h"
#include "tests/test.h"

int main(void) {
    char why[DEVICE_TEXT] = "";
    const int count = device_count(why);
    printf("%d cards, NCCL %d\n", count, nccl_version());
    if (count == 0) {
        struct device *device = NULL;
        EXPECT(strlen(why) > 10);
        char again[DEVICE_TEXT] = "";
        EXPECT(!device_open(&device, 0, again));
        EXPECT_TEXT(again, why);
        EXPECT(!device);
        return test_failures ? 1 : TEST_SKIP(why);
    }
    return TEST_END();
}
