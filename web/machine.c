// Linux tells what it measures in /proc. What is not there is null.
#include "web/machine.h"

#include "net/backend.h"
#include "web/put.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void put_load(cJSON *object) {
    double load[3] = {NAN, NAN, NAN};
    FILE *file = fopen("/proc/loadavg", "re");
    const bool is_read = file && fscanf(file, "%lf %lf %lf", &load[0], &load[1], &load[2]) == 3;
    if (file) fclose(file);
    put_object(object, "load", is_read ? cJSON_CreateDoubleArray(load, 3) : NULL);
}

static void put_memory(cJSON *object) {
    double total = NAN, available = NAN, pages = NAN;
    char line[256];
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file)) {
        double kib;
        if (sscanf(line, "MemTotal: %lf kB", &kib) == 1) total = 1024 * kib;
        if (sscanf(line, "MemAvailable: %lf kB", &kib) == 1) available = 1024 * kib;
    }
    if (file) fclose(file);
    file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%*s %lf", &pages) != 1) pages = NAN;
    if (file) fclose(file);
    cJSON *memory = cJSON_CreateObject();
    put_number(memory, "total", total);
    put_number(memory, "available", available);
    put_number(memory, "process", pages * (double)sysconf(_SC_PAGESIZE));
    put_object(object, "memory", memory);
}

static void put_backends(cJSON *object) {
    cJSON *list = cJSON_AddArrayToObject(object, "backends");
    for (int i = 0; i < backend_count(); i++) {
        struct backend_info info;
        backend_describe(i, &info);
        cJSON *backend = cJSON_CreateObject();
        put_text(backend, "name", info.name);
        put_flag(backend, "built", info.built);
        put_flag(backend, "usable", info.usable);
        put_integer(backend, "devices", info.num_devices);
        put_text(backend, "device", info.device[0] ? info.device : NULL);
        put_text(backend, "reason", info.reason[0] ? info.reason : NULL);
        cJSON_AddItemToArray(list, backend);
    }
}

cJSON *machine_json(const char *name, int processors) {
    cJSON *object = cJSON_CreateObject();
    put_text(object, "name", name);
    put_integer(object, "processors", processors);
    put_load(object);
    put_memory(object);
    put_backends(object);
    return object;
}
