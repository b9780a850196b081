// tengen bench: reads the settings, opens the game, lets one kind of bench measure, and prints its
// lines.
#include "base/text.h"
#include "base/thread_pool.h"
#include "cli/bench.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct bench_settings, name)
static const struct option table[] = {
    {"game", OPTION_TEXT, FIELD(game.game), "go", 0, 0, "", NULL, "which game to play"},
    PLAIN_BOARD_OPTION_ROWS(struct bench_settings, game),
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net of net, train and selfplay runs"},
    DEVICE_OPTION_ROWS(struct bench_settings),
    {"threads", OPTION_INT, FIELD(threads), "0", 0, 1024, "threads", NULL,
     "how many threads work at once; 0: one for each device, or where self-play shares cards, one for each processor"},
    {"seconds", OPTION_DURATION, FIELD(seconds), "3", 0.01, 3600, "", NULL, "how long each measurement takes"},
    {"simulations", OPTION_INT, FIELD(simulations), "200", 2, 1e6, "simulations", NULL,
     "how many each search of bench search has"},
    {"blocks", OPTION_INT, FIELD(blocks), "6", 1, 100, "blocks", NULL, "how many blocks the net has"},
    {"channels", OPTION_INT, FIELD(channels), "96", 1, 1024, "channels", NULL, "how many channels the net has"},
    {"batch", OPTION_TEXT, FIELD(batch), "", 0, 0, "positions", NULL,
     "a list of batch sizes, like 1,16,32; if not given, for net 1,8,32,128 (on a card 1,64,256,1024,2048) and for train 256"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "seed of all random numbers"},
    {"json", OPTION_FLAG, FIELD(json), "false", 0, 0, "", NULL, "print one JSON object for each measurement"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static const struct {
    const char *name;
    enum status (*run)(const struct bench *bench);
} kinds[] = {
    {"board", bench_board}, {"search", bench_search}, {"net", bench_net}, {"train", bench_train}, {"selfplay", bench_selfplay}};
enum { NUM_KINDS = sizeof kinds / sizeof kinds[0] };

static const char *kind_at(const void *list, int index) {
    (void)list;
    return index < NUM_KINDS ? kinds[index].name : NULL;
}

static void print_plain(const struct bench *bench, const char *backend, const struct figure *figures, int n,
                        const char *note_name, const char *note) {
    char size[16];
    printf("%s  %s %s%s%s  %d thread%s:", bench->kind, bench->game.type->name, game_size_text(&bench->game, size),
           backend ? "  " : "", backend ? backend : "", bench->threads, bench->threads == 1 ? "" : "s");
    for (int i = 0; i < n; i++) {
        if (isnan(figures[i].value)) continue;
        const double value = figures[i].value;
        if (*figures[i].unit)
            printf("  %.*f %s", value >= 100 ? 0 : value >= 10 ? 1 : 3, value, figures[i].unit);
        else
            printf("  %s %g", figures[i].name, value);
    }
    if (note) printf("  %s %s", note_name, note);
    printf("\n");
    fflush(stdout);
}

void bench_print(const struct bench *bench, const char *backend, double seconds, const struct figure *figures, int n,
                 const char *note_name, const char *note) {
    if (!bench->settings->json) {
        print_plain(bench, backend, figures, n, note_name, note);
        return;
    }
    cJSON *line = cJSON_CreateObject();
    json_text(line, "bench", bench->kind);
    json_text(line, "game", bench->game.type->name);
    if (bench->game.height == bench->game.width) {
        json_number(line, "size", bench->game.height);
    } else {
        char size[16];
        json_text(line, "size", game_size_text(&bench->game, size));
    }
    json_text(line, "backend", backend);
    json_number(line, "threads", bench->threads);
    json_number(line, "seconds", seconds);
    for (int i = 0; i < n; i++) json_number(line, figures[i].name, figures[i].value);
    if (note) json_text(line, note_name, note);
    json_text(line, "machine", bench->machine);
    json_line(line);
}

struct threads_work {
    void (*work)(void *context, int thread);
    void *context;
};

static void threads_task(void *context, int task, int worker) {
    const struct threads_work *work = context;
    (void)worker;
    work->work(work->context, task);
}

double bench_threads(const struct bench *bench, void (*work)(void *context, int thread), void *context) {
    struct thread_pool *pool;
    CHECK(thread_pool_new(&pool, bench->threads) == STATUS_OK);
    struct threads_work threads = {work, context};
    const double start = clock_seconds(bench->clock);
    thread_pool_run(pool, bench->threads, threads_task, &threads);
    const double seconds = clock_seconds(bench->clock) - start;
    thread_pool_free(pool);
    return seconds;
}

enum status bench_devices(const struct bench *bench, struct devices *devices) {
    const struct bench_settings *s = bench->settings;
    return devices_init(devices, s->backend, s->devices, s->vram, s->precision);
}

enum status bench_net_new(const struct bench *bench, struct net **net) {
    const struct net_config config = net_config_for(&bench->game, bench->settings->blocks, bench->settings->channels);
    struct rng rng;
    rng_init(&rng, (uint64_t)bench->settings->seed, 0);
    TRY(net_new(net, &config, &rng));
    struct net_meta *meta = &(*net)->meta;
    snprintf(meta->game, sizeof meta->game, "%s", bench->game.type->name);
    meta->min_size = bench->game.height < bench->game.width ? bench->game.height : bench->game.width;
    meta->max_size = bench->game.height > bench->game.width ? bench->game.height : bench->game.width;
    return STATUS_OK;
}

int bench_batches(const char *text, int batches[BENCH_MAX_BATCHES]) {
    int n = 0;
    for (const char *at = text; n < BENCH_MAX_BATCHES; at++) {
        char *end;
        const long value = strtol(at, &end, 10);
        if (end == at || *at < '0' || *at > '9' || value < 1 || value > BENCH_MAX_BATCH) return 0;
        batches[n++] = (int)value;
        at = end;
        if (!*at) return n;
        if (*at != ',') return 0;
    }
    return 0;
}

static enum status check_batches(const struct bench_settings *s) {
    int batches[BENCH_MAX_BATCHES];
    if (*s->batch && !bench_batches(s->batch, batches))
        return status_fail(STATUS_USAGE, "--batch: '%.80s' is not a list of batch sizes like 1,16,32", s->batch);
    return STATUS_OK;
}

static enum status check_backend(const char *name) {
    static const char *const known[] = {"ref", "cpu", "cuda", "auto"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(name, known[i])) return STATUS_OK;
    return status_fail(STATUS_USAGE, "--backend: '%.80s' is unknown: there are ref, cpu, cuda and auto", name);
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct bench_settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, 1, &words, &done));
    if (done) return STATUS_OK;
    int kind = 0;
    while (kind < NUM_KINDS && strcmp(kinds[kind].name, words.at[0])) kind++;
    if (kind == NUM_KINDS) {
        const char *closest = closest_name(words.at[0], kind_at, NULL);
        return status_fail(STATUS_USAGE,
                           "'%.80s': there is no such bench; it is one of board, search, net, train, selfplay%s%s%s",
                           words.at[0], closest ? " (did you mean " : "", closest ? closest : "", closest ? "?)" : "");
    }
    TRY(check_batches(&s));
    char machine[256];
    struct bench bench = {.kind = kinds[kind].name,
                          .settings = &s,
                          .threads = s.threads ? s.threads : 1,
                          .machine = machine_name(machine),
                          .clock = machine_clock()};
    TRY(game_from_settings(&bench.game, &s.game, NULL));
    TRY(check_backend(s.backend)); // here, before anything is printed
    if (!s.json) text_print(stdout, "%s\n", machine);
    return kinds[kind].run(&bench);
}

const struct command command_bench = {
    "bench", "board|search|net|train|selfplay", "Measures speed and prints figures with units",
    "board     random games: playouts/s and moves/s. Hex fills the board at once; by_moves are its figures move by move\n"
    "search    simulations/s of a search with a trivial evaluator, and a signature that changes with what a search does\n"
    "net       evaluations/s and GFLOP/s for each batch size, beside the rate of a large matrix product of the same library.\n"
    "          On a processor for which we have convolutions (AVX-512, AVX2, NEON) also with the library's, in turns.\n"
    "          On a card also the precision, and whether the trunk runs fused or layer by layer\n"
    "train     samples/s and GFLOP/s of training\n"
    "selfplay  games/s, moves/s and evaluations/s of self-play with an untrained net, and the network's share of the time.\n"
    "          Where threads share devices, also how full batches are and how busy the devices are\n" GAMES_HELP,
    run};
