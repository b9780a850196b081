// Which devices a command uses, how much of their memory, in which precision: what --backend, --devices, --vram, --precision say.
#ifndef NET_DEVICES_H
#define NET_DEVICES_H

#include "net/backend.h"

enum { DEVICES_MAX = 16 };

// Rows of an option table for a struct with the fields `const char *devices, *precision; long long vram;`.
#define DEVICE_OPTION_ROWS(type)                                                                                               \
    {"devices", OPTION_TEXT, offsetof(type, devices),                                                                          \
     "0",       0,           0,                                                                                                \
     "",        NULL,        "cards of backend cuda, a list like 0,1,2,3, or all"},                                            \
        {"vram", OPTION_BYTES, offsetof(type, vram), "0", 0, 1e15, "bytes", NULL, "of each card, like 6G; 0: all there is"}, { \
        "precision", OPTION_CHOICE, offsetof(type, precision), "auto", 0, 0, "", "auto|f32|f16|bf16",                          \
            "of activations on a card; auto: f16 to play, bf16 to train, f32 where a card has neither"                         \
    }

struct devices {
    const char *backend; // resolved, never "auto"
    bool cards;          // many threads share each device and batch together; else each thread computes for itself
    enum precision precision;
    int num, at[DEVICES_MAX];                  // on ref and cpu: simulated devices
    struct memory_budget budgets[DEVICES_MAX]; // of each, shared by all that runs there; backends borrow it: stay where you are
};

// `backend` is borrowed. A list that can't be read, or a card that is not there: STATUS_USAGE.
enum status devices_init(struct devices *devices, const char *backend, const char *list, long long vram, const char *precision);
// What to open the index-th of them with. Training in f16 would lose small gradients: it takes what auto stands for.
struct backend_spec devices_spec(struct devices *devices, int index, bool training);

#endif
