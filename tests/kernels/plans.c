// cuDNN accepts every convolution that the program asks for, on an H200 that is only described: its graph is well formed, its
// heuristics name engines that keep our promises on precision, and at least one of them becomes a plan within the workspace.
// Plans are not run here: this test needs no card.
#include "kernels/conv_graph.h"
#include "tests/test.h"

#include <time.h>

// What cuDNN writes of a card by itself (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION), with an H200's numbers.
static const char H200[] =
    "{\"cudaDeviceId\":0,\"deviceName\":\"NVIDIA H200\",\"deviceVer\":900,\"driverVer\":13000,"
    "\"maxGridSize\":[2147483647,65535,65535],\"maxBlockSize\":[1024,1024,64],\"regsPerBlock\":65536,"
    "\"multiProcessorCount\":132,\"smClockRateKHz\":1980000,\"memClockRateKHz\":3201000,\"l2CacheSize\":62914560,"
    "\"warpSize\":32,\"maxSharedMemoryPerBlock\":49152,\"maxSharedMemoryPerBlockOptin\":232448,"
    "\"reservedSharedMemoryPerBlock\":1024,\"maxRegistersPerSM\":65536,\"pciDeviceId\":0,\"maxCtasPerSM\":32,"
    "\"maxThreadsPerBlock\":1024,\"maxThreadsPerSM\":2048,\"isTccDriver\":0,\"supportCoopLaunch\":1,"
    "\"totalGlobalMem\":150754820096}";

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int max_plans = 1;
static int plan(const struct conv_site *site, struct conv_key key) {
    struct conv_plan plans[8];
    char why[DEVICE_TEXT] = "";
    const double begin = seconds();
    const int found = conv_find_plans(site, &key, (size_t)256 << 20, max_plans, plans, why);
    static const char *const directions[] = {"forward", "backward data", "backward filter"};
    const struct conv_shape *s = &key.shape;
    printf("%-15s %-4s n %4d %2dx%2d %3d->%3d%s%s%s%s%s: %d in %.2f s", directions[key.direction], element_name(s->element),
           s->n, s->h, s->w, s->in, s->out, key.bias ? " bias" : "", key.residual ? " residual" : "", key.relu ? " relu" : "",
           key.mask ? " mask" : "", key.filter_f32 ? " f32 filter" : "", found, seconds() - begin);
    for (int i = 0; i < found; i++)
        printf(" [engine %d, %.1f MB]", (int)plans[i].engine, (double)plans[i].workspace_bytes / 1e6);
    printf(" %s\n", found ? "" : why);
    fflush(stdout);
    for (int i = 0; i < found; i++) conv_plan_free(&plans[i]);
    return found;
}

int main(int argc, char **argv) {
    char why[DEVICE_TEXT] = "";
    if (argc > 1) max_plans = atoi(argv[1]);
    void *card = conv_card_new(H200, why);
    if (!card) return TEST_SKIP(why);
    const struct conv_site site = {.card = card};
    for (int e = argc > 2 ? atoi(argv[2]) : 0; e < NUM_ELEMENTS; e++) {
        const struct conv_shape shapes[] = {
            {64, 9, 9, 64, 64, (enum element)e}, {256, 19, 19, 128, 128, (enum element)e}, {1, 6, 7, 17, 24, (enum element)e}};
        for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
            for (int flags = 0; flags < 16; flags++) {
                const struct conv_key key = {CONV_FORWARD, shapes[i], flags & 1, flags & 2, flags & 4, flags & 8, false};
                EXPECT(plan(&site, key) > 0);
            }
            EXPECT(plan(&site, (struct conv_key){CONV_BACKWARD_DATA, shapes[i], 0, 0, 0, 0, false}) > 0);
            EXPECT(plan(&site, (struct conv_key){CONV_BACKWARD_FILTER, shapes[i], 0, 0, 0, 0, false}) > 0);
            EXPECT(plan(&site, (struct conv_key){CONV_BACKWARD_FILTER, shapes[i], 0, 0, 0, 0, true}) > 0);
        }
    }
    conv_card_free(card);
    return TEST_END();
}
