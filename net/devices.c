// From the texts of the options to a list of devices. Cards are checked here, against those that
// answer; simulated devices may have any number.
#include "net/devices.h"

#include <stdlib.h>
#include <string.h>

static enum precision precision_of(const char *name) {
    static const struct {
        const char *name;
        enum precision precision;
    } names[] = {{"f32", PRECISION_F32}, {"f16", PRECISION_F16}, {"bf16", PRECISION_BF16}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name && !strcmp(name, names[i].name)) return names[i].precision;
    return PRECISION_AUTO;
}

static bool describe(const char *backend, struct backend_info *info) {
    for (int i = 0; i < backend_count(); i++) {
        backend_describe(i, info);
        if (!strcmp(info->name, backend)) return true;
    }
    return false;
}

static enum status add(struct devices *d, long device, const struct backend_info *info) {
    if (d->cards && info->usable && device >= info->num_devices)
        return status_fail(STATUS_USAGE, "--devices: there is no card %ld: %d answer%s, counted from 0", device,
                           info->num_devices, info->num_devices == 1 ? "s" : "");
    if (d->num == DEVICES_MAX) return status_fail(STATUS_USAGE, "--devices: more than %d devices", DEVICES_MAX);
    for (int i = 0; i < d->num; i++)
        if (d->at[i] == device) return status_fail(STATUS_USAGE, "--devices: device %ld is named twice", device);
    d->at[d->num++] = (int)device;
    return STATUS_OK;
}

enum status devices_init(struct devices *d, const char *backend, const char *list, long long vram, const char *precision) {
    *d = (struct devices){.backend = backend_resolve(backend), .precision = precision_of(precision)};
    for (int i = 0; i < DEVICES_MAX; i++) {
        d->budgets[i].bytes = (size_t)vram;
        atomic_init(&d->budgets[i].used, 0);
    }
    struct backend_info info = {0};
    d->cards = !strcmp(d->backend, "cuda") && describe(d->backend, &info);
    if (!list || !*list) list = "0";
    if (!strcmp(list, "all")) {
        const int count = d->cards && info.usable ? info.num_devices : 1;
        for (int i = 0; i < count; i++) TRY(add(d, i, &info));
        return STATUS_OK;
    }
    for (const char *at = list;; at++) {
        char *end;
        const long device = strtol(at, &end, 10);
        if (end == at || *at < '0' || *at > '9' || device > 1023 || (*end && *end != ','))
            return status_fail(STATUS_USAGE, "--devices: '%.80s' is not a list of devices like 0,1,2,3", list);
        TRY(add(d, device, &info));
        at = end;
        if (!*at) return STATUS_OK;
    }
}

struct backend_spec devices_spec(struct devices *d, int index, bool training) {
    CHECK(index >= 0 && index < d->num);
    return (struct backend_spec){.name = d->backend,
                                 .device = d->at[index],
                                 .precision = training && d->precision == PRECISION_F16 ? PRECISION_AUTO : d->precision,
                                 .training = training,
                                 .budget = &d->budgets[index]};
}
