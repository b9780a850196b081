// The table of backends, from the slowest to the fastest, and what names stand for.
#include "net/backend.h"

#include "net/backend_cpu.h"
#include "net/backend_cuda.h"
#include "net/backend_ref.h"

#include <stdio.h>
#include <string.h>

static bool ref_usable(char reason[160], char device[160], int *num_devices) {
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
#ifdef TENGEN_CUDA
    {"cuda", backend_cuda_open, backend_cuda_usable},
#else
    {"cuda", NULL, NULL},
#endif
};
enum { NUM_TYPES = sizeof types / sizeof types[0] };

int backend_count(void) { return NUM_TYPES; }

void backend_describe(int index, struct backend_info *out) {
    CHECK(index >= 0 && index < NUM_TYPES);
    const struct backend_type *type = &types[index];
    *out = (struct backend_info){.name = type->name, .built = type->open != NULL, .num_devices = 1};
    if (type->open)
        out->usable = type->usable(out->reason, out->device, &out->num_devices);
    else if (!strcmp(type->name, "cpu"))
        snprintf(out->reason, sizeof out->reason,
                 "oneDNN was missing when Tengen was built (Debian: libdnnl-dev): ref stands in, slowly");
    else
        snprintf(out->reason, sizeof out->reason,
                 "Tengen was built without it: switched off (TENGEN_CUDA=OFF), or nvcc, cuBLASLt or cuDNN was missing");
}

const char *backend_resolve(const char *name) {
#ifndef TENGEN_ONEDNN
    if (!strcmp(name, "cpu")) return "ref"; // what runs on a processor without oneDNN
#endif
    if (strcmp(name, "auto") != 0) return name;
    for (int i = NUM_TYPES - 1; i > 0; i--) {
        struct backend_info info;
        backend_describe(i, &info);
        if (info.usable) return info.name;
    }
    return types[0].name;
}

static const char *const precision_names[] = {"auto", "f32", "f16", "bf16"};

enum status backend_open(struct backend **backend, const struct backend_spec *spec) {
    *backend = NULL;
    const char *name = backend_resolve(spec->name);
    for (int i = 0; i < NUM_TYPES; i++) {
        if (strcmp(name, types[i].name) != 0) continue;
        struct backend_info info;
        backend_describe(i, &info);
        if (!info.usable) return status_fail(STATUS_DEVICE, "backend %s can't be used: %s", info.name, info.reason);
        if (strcmp(name, "cuda") != 0 && spec->precision > PRECISION_F32)
            return status_fail(STATUS_DEVICE, "backend %s computes in f32 only, not in %s", name,
                               precision_names[spec->precision]);
        TRY(types[i].open(backend, spec));
        (*backend)->trunk = spec->trunk;
        return STATUS_OK;
    }
    return status_fail(STATUS_USAGE, "backend '%s' is unknown: there are ref, cpu, cuda and auto", name);
}

void backend_close(struct backend *backend) {
    if (backend) backend->verbs->close(backend);
}
const char *backend_name(const struct backend *backend) { return backend->verbs->name; }
const char *backend_precision(const struct backend *backend) { return precision_names[backend->precision]; }
bool backend_own_convs(const struct backend *backend) { return backend->own_convs; }
