// Backends: what computes the tensor verbs that the network is written over (backend_verbs.h). The
// rest of the program names one, opens it and asks what it is.
#ifndef NET_BACKEND_H
#define NET_BACKEND_H

#include "base/status.h"

#include <stdatomic.h>
#include <stddef.h>

struct backend;

// What was built and what can be used, as `tengen devices` shows it.
struct backend_info {
    const char *name; // "ref", "cpu", "cuda"
    bool built, usable;
    int num_devices;  // the cards of a backend that has several; otherwise 1
    char reason[160]; // why it can't be used, where it can't
    char device[160]; // "AVX-512, 2 cores", "NEON, 4 cores", "NVIDIA H100 ..."
};
int backend_count(void);
void backend_describe(int index, struct backend_info *out);
// The backend that a name stands for on this machine: "auto" is the fastest usable one, and "cpu"
// is "ref" where oneDNN was missing.
const char *backend_resolve(const char *name);

// How activations are held. Weights, heads and sums are fp32 everywhere, and ref and cpu know fp32
// only.
enum precision {
    // On cuda it chooses f16 to play, which is more exact, and bf16 to train, whose range needs no
    // loss scaling; where a card has neither, f32.
    PRECISION_AUTO,
    PRECISION_F32,
    PRECISION_F16,
    PRECISION_BF16,
};

// How to run a trunk on a full batch where the backend can run it in one launch: in one launch,
// layer by layer, or in the way that a measurement finds faster. The measurement takes seconds,
// since plans are compiled for the layers. Smaller batches run in one launch wherever that is
// possible.
enum trunk_choice { TRUNK_FUSED, TRUNK_LAYERED, TRUNK_MEASURED };

// Whose 3x3 convolutions the cpu backend uses: our own where the processor can run them, or the
// library's everywhere, for comparisons.
enum conv_choice { CONVS_FASTEST, CONVS_LIBRARY };

// A bound on the device memory that several backends on one card take together. They may belong to
// different threads.
struct memory_budget {
    size_t bytes; // 0 means that only the card bounds it
    atomic_size_t used;
};

struct backend_spec {
    const char *name; // "ref", "cpu", "cuda" or "auto" (see backend_resolve)
    // The card, counted from 0. On ref and cpu it is a simulated device, and the number has no
    // meaning.
    int device;
    enum precision precision;     // of the activations
    bool training;                // what PRECISION_AUTO is to choose for
    enum trunk_choice trunk;      // for nets that play
    enum conv_choice convs;       // for the cpu backend
    struct memory_budget *budget; // borrowed; NULL where only the card is the bound
};

// Opens a backend, which one thread at a time may use. STATUS_USAGE says that the name is unknown,
// STATUS_DEVICE why the backend can't be used.
enum status backend_open(struct backend **backend, const struct backend_spec *spec);
void backend_close(struct backend *backend);
const char *backend_name(const struct backend *backend);
// The type that it holds activations in: "f32", "f16" or "bf16".
const char *backend_precision(const struct backend *backend);
// Whether its 3x3 convolutions are our own. Those of the library (CONVS_LIBRARY) are then a second
// implementation to compare with.
bool backend_own_convs(const struct backend *backend);

#endif
