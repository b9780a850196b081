// The third run-time seam: tensor verbs that the network is written over. See README.md for the verb list.
#ifndef NET_BACKEND_H
#define NET_BACKEND_H

#include "base/status.h"

struct backend;

// What was built and what can be used; for `tengen devices`.
struct backend_info {
    const char *name; // "ref", "cpu", "cuda"
    bool built, usable;
    char reason[160]; // why not, when not usable
    char device[160]; // "AVX-512, 2 cores", "NVIDIA H100 ..."
};
int backend_count(void);
void backend_describe(int index, struct backend_info *out);
// "auto": the fastest usable one. Unknown or unusable: says which and why, STATUS_DEVICE.
// A backend is used by one thread at a time.
enum status backend_open(struct backend **backend, const char *name);
void backend_close(struct backend *backend);
const char *backend_name(const struct backend *backend);

#endif
