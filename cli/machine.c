// Asks Linux for the time, the processors that it allows this process, and their name.
#include "cli/machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double monotonic_seconds(void *context) {
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const struct clock *machine_clock(void) {
    static const struct clock clock = {monotonic_seconds, NULL};
    return &clock;
}

static double processor_seconds(void *context) {
    const int *threads = context;
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return ((double)now.tv_sec + 1e-9 * (double)now.tv_nsec) / *threads;
}

struct clock machine_processor_clock(int *threads) {
    return (struct clock){processor_seconds, threads};
}

double machine_wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int machine_threads(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set)) return 1;
    const int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

char *machine_name(char out[256]) {
    char line[512], model[200] = "unknown processor";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        // The line is called "model name" on x86, and "Model" on some ARM boards.
        if (!colon || (strncmp(line, "model name", 10) && strncmp(line, "Model\t", 6))) continue;
        snprintf(model, sizeof model, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (file) fclose(file);
    const int threads = machine_threads();
    snprintf(out, 256, "%s, %d processor%s", model, threads, threads == 1 ? "" : "s");
    return out;
}
