// Figures with units: what every kind of `tengen bench` shares. One file a kind.
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "base/clock.h"
#include "cli/game_options.h"
#include "net/devices.h"
#include "net/net.h"

struct bench_settings {
    struct game_settings game;
    const char *backend, *devices, *precision, *batch; // net/devices.h
    long long vram;
    int threads, simulations, blocks, channels;
    double seconds;
    long long seed;
    bool json;
};

struct bench {
    const char *kind; // "board"
    const struct bench_settings *settings;
    struct game game;
    int threads; // resolved: at least 1
    const char *machine;
    const struct clock *clock;
};

// One measurement: name as in the contract, unit for people ("" for none), value (NAN: not measured).
struct figure {
    const char *name, *unit;
    double value;
};
// Prints a line. backend: NULL where none is at work. note: a name and a text that belong to it, or NULL.
void bench_print(const struct bench *bench, const char *backend, double seconds, const struct figure *figures, int num_figures,
                 const char *note_name, const char *note);

// Runs `work(context, thread)` on bench->threads threads at once and returns the seconds that passed.
double bench_threads(const struct bench *bench, void (*work)(void *context, int thread), void *context);
// The devices that the settings name.
enum status bench_devices(const struct bench *bench, struct devices *devices);
// A random net of the settings' size for the bench's game. Free with net_free.
enum status bench_net_new(const struct bench *bench, struct net **net);
// Reads "1,16,32" into batches; returns how many, 0 when it is not such a list.
enum { BENCH_MAX_BATCHES = 32, BENCH_MAX_BATCH = 65536 };
int bench_batches(const char *text, int batches[BENCH_MAX_BATCHES]);

enum status bench_board(const struct bench *bench);
enum status bench_search(const struct bench *bench);
enum status bench_net(const struct bench *bench);
enum status bench_train(const struct bench *bench);
enum status bench_selfplay(const struct bench *bench);

#endif
