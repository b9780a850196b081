// The table of backends, fastest last.
#include "net/backend_verbs.h"

#include <stdio.h>
#include <string.h>

static bool ref_usable(char reason[160], char device[160]) {
    snprintf(device, 160, "any processor, slow: the specification");
    return true;
}

static const struct backend_type types[] = {
    {"ref", backend_ref_open, ref_usable},
#ifdef TENGEN_ONEDNN
    {"cpu", backend_cpu_open, backend_cpu_usable},
#else
    {"cpu", NULL, NULL},
#endif
    {"cuda", NULL, NULL},
};
enum { NUM_TYPES = sizeof types / sizeof types[0] };

int backend_count(void) { return NUM_TYPES; }

void backend_describe(int index, struct backend_info *out) {
    CHECK(index >= 0 && index < NUM_TYPES);
    const struct backend_type *type = &types[index];
    *out = (struct backend_info){.name = type->name, .built = type->open != NULL};
    if (type->open)
        out->usable = type->usable(out->reason, out->device);
    else if (!strcmp(type->name, "cpu"))
        snprintf(out->reason, sizeof out->reason, "not built: oneDNN was missing (Debian: libdnnl-dev)");
    else
        snprintf(out->reason, sizeof out->reason, "not built in this version");
}

static enum status open_type(struct backend **backend, int index) {
    struct backend_info info;
    backend_describe(index, &info);
    if (!info.usable) return status_fail(STATUS_DEVICE, "backend %s can't be used: %s", info.name, info.reason);
    return types[index].open(backend);
}

enum status backend_open(struct backend **backend, const char *name) {
    *backend = NULL;
    if (!strcmp(name, "auto")) {
        for (int i = NUM_TYPES - 1; i > 0; i--) {
            struct backend_info info;
            backend_describe(i, &info);
            if (info.usable) return open_type(backend, i);
        }
        return open_type(backend, 0);
    }
    for (int i = 0; i < NUM_TYPES; i++)
        if (!strcmp(name, types[i].name)) return open_type(backend, i);
    return status_fail(STATUS_DEVICE, "backend '%s' is unknown: there are ref, cpu, cuda and auto", name);
}

void backend_close(struct backend *backend) {
    if (backend) backend->verbs->close(backend);
}
const char *backend_name(const struct backend *backend) { return backend->verbs->name; }
