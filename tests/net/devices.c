// Laws of --devices, --vram, --precision: lists are read or refused whole; every device has a
// budget of its own; training does not take f16.
#include "net/devices.h"
#include "tests/test.h"

#include <string.h>

int main(void) {
    struct devices d;
    EXPECT_INT(devices_init(&d, "ref", NULL, 0, NULL), STATUS_OK);
    EXPECT(d.num == 1 && d.at[0] == 0 && !d.cards && d.precision == PRECISION_AUTO && d.budgets[0].bytes == 0);
    EXPECT_INT(devices_init(&d, "ref", "3,0,12", 6LL << 30, "bf16"), STATUS_OK);
    EXPECT(d.num == 3 && d.at[0] == 3 && d.at[1] == 0 && d.at[2] == 12);
    const struct backend_spec spec = devices_spec(&d, 2, false);
    EXPECT_INT(spec.device, 12);
    EXPECT(spec.precision == PRECISION_BF16 && !spec.training && spec.budget == &d.budgets[2]);
    EXPECT(d.budgets[2].bytes == (size_t)6 << 30 && &d.budgets[0] != spec.budget);
    EXPECT_TEXT(spec.name, "ref");
    EXPECT_INT(devices_init(&d, "auto", "all", 0, "f16"), STATUS_OK);
    EXPECT(d.num >= 1 && strcmp(d.backend, "auto") != 0);
    EXPECT(devices_spec(&d, 0, false).precision == PRECISION_F16 && devices_spec(&d, 0, true).precision == PRECISION_AUTO);
    static const char *const wrong[] = {",",
                                        "0,",
                                        ",0",
                                        "0,,1",
                                        "-1",
                                        "+1",
                                        " 0",
                                        "0 ",
                                        "x",
                                        "0x1",
                                        "0,0",
                                        "9999",
                                        "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
                                        "99999999999999999999",
                                        "ALL"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT_(devices_init(&d, "ref", wrong[i], 0, NULL) == STATUS_USAGE, "'%s' was read", wrong[i]);
    return TEST_END();
}
