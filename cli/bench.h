// What all kinds of `tengen bench` share. Each kind has a file of its own, measures, and prints
// figures with units.
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
    // The name of the kind, such as "board".
    const char *kind;
    const struct bench_settings *settings;
    struct game game;
    // How many threads work, at least 1, whatever the settings leave open.
    int threads;
    const char *machine;
    const struct clock *clock;
};

// One measurement. The name is a key of the JSON line and a promise to its readers. The unit is for
// people; where it is "" they see the name. The value is NAN where it was not measured.
struct figure {
    const char *name, *unit;
    double value;
};
// Prints one line of figures. backend: NULL where none is at work. note_name and note: a text that
// belongs to the line, under a name; or NULL.
void bench_print(const struct bench *bench, const char *backend, double seconds, const struct figure *figures, int num_figures,
                 const char *note_name, const char *note);

// Runs `work(context, thread)` on bench->threads threads at once and returns the seconds that
// passed.
double bench_threads(const struct bench *bench, void (*work)(void *context, int thread), void *context);
// The devices that the settings name.
enum status bench_devices(const struct bench *bench, struct devices *devices);
// A random net of the settings' size for the bench's game. Free with net_free.
enum status bench_net_new(const struct bench *bench, struct net **net);
// Reads a list such as "1,16,32" and returns its length; 0: it is no such list.
enum { BENCH_MAX_BATCHES = 32, BENCH_MAX_BATCH = 65536 };
int bench_batches(const char *text, int batches[BENCH_MAX_BATCHES]);

enum status bench_board(const struct bench *bench);
enum status bench_search(const struct bench *bench);
enum status bench_net(const struct bench *bench);
enum status bench_train(const struct bench *bench);
enum status bench_selfplay(const struct bench *bench);

#endif
