// Which devices a command uses, how much of their memory, and in which precision: what the options
// --backend, --devices, --vram and --precision say.
#ifndef NET_DEVICES_H
#define NET_DEVICES_H

#include "net/backend.h"

enum { DEVICES_MAX = 16 };

// The rows of an option table for a struct with the fields `const char *devices, *precision` and
// `long long vram`.
#define DEVICE_OPTION_ROWS(type)                                                                                               \
    {"devices", OPTION_TEXT, offsetof(type, devices),                                                                          \
     "0",       0,           0,                                                                                                \
     "",        NULL,        "cards of backend cuda, a list like 0,1,2,3, or all"},                                            \
        {"vram", OPTION_BYTES, offsetof(type, vram), "0", 0, 1e15, "bytes", NULL, "of each card, like 6G; 0: all there is"}, { \
        "precision", OPTION_CHOICE, offsetof(type, precision), "auto", 0, 0, "", "auto|f32|f16|bf16",                          \
            "of activations on a card; auto: f16 to play, bf16 to train, f32 where a card has neither"                         \
    }

struct devices {
    const char *backend; // as backend_resolve says, so never "auto"
    // Whether the devices are cards, each of which many threads share with common batches. On other
    // backends each thread computes for itself.
    bool cards;
    enum precision precision;
    int num, at[DEVICES_MAX]; // the devices; on ref and cpu they are simulated
    // A budget for each device, shared by all that runs there. Backends borrow it, so this struct
    // must not be moved or copied.
    struct memory_budget budgets[DEVICES_MAX];
};

// `backend` is borrowed. STATUS_USAGE says that the list can't be read, or which card is not there.
enum status devices_init(struct devices *devices, const char *backend, const char *list, long long vram, const char *precision);
// What to open a backend on the device at[index] with. Training in f16 would lose small gradients,
// so it uses what auto stands for instead.
struct backend_spec devices_spec(struct devices *devices, int index, bool training);

#endif
