// cuDNN accepts every convolution that the program asks for, on an H200 that is only described: its
// graph is well formed, its heuristics name engines that keep our promises on precision, and one of
// them becomes a plan within the workspace.
//
// Plans are not run here, so no card is needed. The driver that cuDNN loads its compiled kernels
// into is no_driver.c.
#include "kernels/conv_graph.h"
#include "tests/test.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// What cuDNN writes of a card by itself (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION), with an H200's
// numbers.
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

static void expect_plan(const struct conv_site *site, struct conv_key key) {
    static const char *const directions[] = {"forward", "backward data", "backward filter"};
    const struct conv_shape *s = &key.shape;
    struct conv_plan plans[4];
    char why[DEVICE_TEXT] = "", name[160];
    const double begin = seconds();
    const int found = conv_find_plans(site, &key, (size_t)256 << 20, 4, 1, plans, why);
    snprintf(name, sizeof(name), "%s %s n %d, %dx%d, %d to %d%s%s%s%s%s", directions[key.direction], element_name(s->element),
             s->n, s->h, s->w, s->in, s->out, key.residual ? " +residual" : "", key.bias ? " +bias" : "",
             key.relu ? " relu" : "", key.mask ? " *mask" : "", key.filter_f32 && s->element != ELEMENT_F32 ? " as f32" : "");
    printf("%-60s %5.2f s:", name, seconds() - begin);
    for (int i = 0; i < found; i++) {
        printf(" engine %d%s %.1f MB", (int)plans[i].engine, plans[i].compiled ? " (compiled)" : "",
               (double)plans[i].workspace_bytes / 1e6);
        EXPECT(plans[i].workspace_bytes <= (size_t)256 << 20);
    }
    printf("\n");
    fflush(stdout);
    EXPECT_(found > 0, "%s: %s", name, why);
    for (int i = 0; i < found; i++) conv_plan_free(&plans[i]);
}

static void every_convolution_has_a_plan(const struct conv_site *site, enum element e) {
    const struct conv_shape shapes[] = {{64, 9, 9, 64, 64, e}, {256, 19, 19, 128, 128, e}, {1, 6, 7, 17, 24, e}};
    for (int i = 0; i < 3; i++) {
        const struct conv_key bare = {.shape = shapes[i]};
        struct conv_key key = bare;
        expect_plan(site, key); // the last way of conv_cudnn.c, which needs no compiler
        key.direction = CONV_BACKWARD_DATA;
        expect_plan(site, key);
        key.direction = CONV_BACKWARD_FILTER;
        expect_plan(site, key);
        key.filter_f32 = true;
        expect_plan(site, key);
        // What conv_forward asks for first. Each plan for halves is compiled for seconds, so one
        // shape gets all epilogues and the others only the longest.
        key = bare;
        key.bias = true;
        for (int flags = e == ELEMENT_F32 ? 3 : 7; flags >= 0; flags--) {
            key.residual = flags & 1;
            key.relu = flags & 2;
            key.mask = flags & 4;
            expect_plan(site, key);
            if (e != ELEMENT_F32 && !(i == 0 && e == ELEMENT_F16)) break;
        }
    }
}

static int check(const char *driver) {
    char why[DEVICE_TEXT] = "";
    // By its name (DT_SONAME) it is what cuDNN gets when it asks for the driver.
    if (!dlopen(driver, RTLD_NOW)) return TEST_SKIP(dlerror());
    void *card = conv_card_new(H200, why);
    if (!card) return TEST_SKIP(why);
    const struct conv_site site = {.card = card};
    for (int e = 0; e < NUM_ELEMENTS; e++) every_convolution_has_a_plan(&site, (enum element)e);
    char wrong[DEVICE_TEXT] = "";
    EXPECT(!conv_card_new("{}", wrong));
    EXPECT(strlen(wrong) > 10);
    conv_card_free(card);
    return TEST_END();
}

// It runs in a process of its own, since another version of cuDNN may ask the driver for something
// that no_driver.c does not have, and crash.
int main(int argc, char **argv) {
    if (argc != 2) return fprintf(stderr, "usage: %s DRIVER\n", argv[0]), 2;
    const pid_t child = fork();
    if (child == 0) _exit(check(argv[1]));
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return perror("fork"), 1;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    fprintf(stderr, "skipped: cuDNN %d crashed without a driver (signal %d)\n", conv_library_version(), WTERMSIG(status));
    return 77;
}
