// The third run-time seam: tensor verbs that the network is written over. See README.md for the verb list.
#ifndef NET_BACKEND_H
#define NET_BACKEND_H

#include "base/status.h"

#include <stdatomic.h>
#include <stddef.h>

struct backend;

// What was built and what can be used; for `tengen devices`.
struct backend_info {
    const char *name; // "ref", "cpu", "cuda"
    bool built, usable;
    int num_devices;  // cards of a backend that has several; else 1
    char reason[160]; // why not, when not usable
    char device[160]; // "AVX-512, 2 cores", "NEON, 4 cores", "NVIDIA H100 ..."
};
int backend_count(void);
void backend_describe(int index, struct backend_info *out);
// The backend that a name stands for on this machine: "auto" is the fastest usable one; "cpu" is "ref" where oneDNN was missing.
const char *backend_resolve(const char *name);

// How activations are held. Weights, heads and sums are fp32 everywhere; ref and cpu know fp32 only.
enum precision {
    PRECISION_AUTO, // cuda: f16 to play (exacter), bf16 to train (its range needs no loss scaling); f32 where a card has neither
    PRECISION_F32,
    PRECISION_F16,
    PRECISION_BF16,
};

// How to run a trunk on a full batch if the backend can run it in one launch: so; layer by layer; as is measured to be faster, which
// costs seconds, since the layers' plans are compiled for it. Smaller batches run in one launch wherever that can be done.
enum trunk_choice { TRUNK_FUSED, TRUNK_LAYERED, TRUNK_MEASURED };

// Whose 3x3 convolutions the cpu backend uses: its own where the processor has them, or the library's everywhere, to compare with.
enum conv_choice { CONVS_FASTEST, CONVS_LIBRARY };

// Device memory that several backends on one card share; any thread.
struct memory_budget {
    size_t bytes; // 0: no bound but the card's
    atomic_size_t used;
};

struct backend_spec {
    const char *name;             // "ref", "cpu", "cuda", or "auto": the fastest usable one
    int device;                   // the card, from 0; on ref and cpu a number without meaning: a simulated device
    enum precision precision;     // of activations
    bool training;                // what PRECISION_AUTO is to choose for
    enum trunk_choice trunk;      // of nets that play
    enum conv_choice convs;       // of the cpu backend
    struct memory_budget *budget; // borrowed; NULL: no bound but the card's
};

// Unknown or unusable: says which and why, STATUS_DEVICE. A backend is used by one thread at a time.
enum status backend_open(struct backend **backend, const struct backend_spec *spec);
void backend_close(struct backend *backend);
const char *backend_name(const struct backend *backend);
// "f32", "f16", "bf16": what it holds activations in.
const char *backend_precision(const struct backend *backend);
// Whether its 3x3 convolutions are our own; the library's (CONVS_LIBRARY) are then another implementation, to compare with.
bool backend_own_convs(const struct backend *backend);

#endif
