// Ends with status 0 where a card answers. Otherwise it is 77, which CTest takes as skipped, and
// the driver's reason is printed.
#include "kernels/device.h"

#include <stdio.h>

int main(void) {
    char why[DEVICE_TEXT] = "";
    if (device_count(why)) return 0;
    fprintf(stderr, "skipped: %s\n", why);
    return 77;
}
