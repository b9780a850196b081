// Where memory goes, the largest first: searches (with their caches of judgements), the window, the
// passes of training, nets.
//
// The kernel's own figure is the truth (VmHWM, the highest use so far). Whenever it has risen, what
// the window held then is subtracted, and the rest is what everything else takes. The window may
// have what is left of the budget, except for a reserve for what happens seldom: gates, ladder
// games, saving. Dropped games leave holes in the heap; the next games fill them, and the allocator
// is asked to give back others.
#include "selfplay/budget.h"

#include "base/options.h"

#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    // The weights, their average, the two moments of the optimiser, and the checkpoint are saved
    // together.
    SAVED_NETS = 5,
    KEPT_NETS = 3,    // These checkpoints always stay: the best, the last and the trainer's.
    ROW_PLIES = 2,    // So many plies come with one full row, since full-share is a half.
    FEW_ROWS = 2000,  // With fewer rows than this, their mean size says nothing yet.
    CACHE_ENTRY = 24, // Bytes of an entry beside its priors (mcts/cache.h).
    TREE_NODE = 96,   // Bytes of a node with its share of the position (mcts/tree.h).
    TREE_EDGE = 24,   // Bytes of an edge (mcts/tree.h).
    // Activations of a block in training, with their gradients and the library's scratch space;
    // measured.
    PASS_ARRAYS = 8,
    RESERVE_PART = 16, // The reserve is one part in so many of --memory.
    UCT_NODES = 4096,  // The nodes of the ladder's largest anchor.
};
// For gates and saving. It was chosen: a training of tic-tac-toe rose by 15 MiB at a ladder game.
static const long long reserve_bytes = 24LL << 20;
static const long long chunk_bytes = 1LL << 20; // Chosen, not measured.
// What oneDNN and other libraries hold in memory once they are used; measured.
static const long long library_bytes = 32LL << 20;

// Reads a line "NAME:  123 kB" of /proc/self/status, in bytes; 0 where there is none.
static long long process_bytes(const char *name) {
    char line[256];
    long long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "re");
    const size_t length = strlen(name);
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, name, length) && line[length] == ':') kilobytes = atoll(line + length + 1);
    if (file) fclose(file);
    return kilobytes * 1024;
}

static long long slot_memory(const struct config *config, const struct game *game) {
    // The size of the cache is that of config_search.
    const long long moves = game->max_legal, cache = 1024;
    return cache * (CACHE_ENTRY + 4 * moves) + (long long)config->visits_end * (TREE_NODE + TREE_EDGE * moves);
}

static long long train_memory(const struct budget *budget, const struct game *game) {
    const struct config *c = budget->config;
    const long long rows = c->batch / c->shards, points = game->height * game->width;
    const long long pass = 4 * rows * points * c->channels * PASS_ARRAYS * (c->blocks + 2);
    const long long batches = 4LL * c->batch * (points * (game->num_planes + 2) + 3LL * game->num_actions);
    return c->threads * pass + batches + budget->net_bytes * (8 + 4LL * c->threads);
}

static long long memory_reserve(const struct budget *budget) {
    const long long uct = UCT_NODES * (TREE_NODE + TREE_EDGE * budget->max_legal);
    return reserve_bytes + budget->config->memory / RESERVE_PART + SAVED_NETS * budget->net_bytes +
           budget->config->threads * uct;
}

static long long window_least(const struct config *config) { return config->window_min; }

// What is saved at once, while what it replaces is still there.
static long long save_bytes(const struct budget *budget) { return SAVED_NETS * (budget->net_bytes + 65536); }

static enum status fit_memory(const struct budget *budget, struct config *config, const struct game *game) {
    if (!config->memory) return STATUS_OK;
    const long long window = window_least(config) * budget->row_memory;
    const long long fixed =
        process_bytes("VmRSS") + library_bytes + train_memory(budget, game) + window + memory_reserve(budget);
    const long long each = slot_memory(config, game);
    while (config->slots > BUDGET_LEAST_SLOTS && fixed + config->slots * each > config->memory) config->slots /= 2;
    const long long needed = fixed + config->slots * each;
    char budgeted[32], least[32];
    if (needed <= config->memory) return STATUS_OK;
    // The reserve grows with the budget, so that the least that we name is enough once it is given.
    return status_fail(STATUS_USAGE, "--memory %s is too little for %s %dx%d with this net: the least is about %s",
                       format_bytes(config->memory, budgeted), game->type->name, game->height, game->width,
                       format_bytes(needed + (needed - config->memory) / (RESERVE_PART - 1) + (1 << 20), least));
}

static enum status fit_disk(const struct budget *budget, const struct config *config, const struct game *game) {
    if (!config->disk) return STATUS_OK;
    // A packed chunk takes less than half of the bytes of its records, which are fewer than those
    // in memory.
    const long long window = window_least(config) * budget->row_memory / 2;
    const long long trainer = (SAVED_NETS - 1) * budget->net_bytes, nets = KEPT_NETS * budget->net_bytes;
    const long long needed = window + trainer + nets + save_bytes(budget) + chunk_bytes + run_disk_reserve(NULL) + (4 << 20);
    char budgeted[32], least[32];
    if (needed <= config->disk) return STATUS_OK;
    return status_fail(STATUS_USAGE, "--disk %s is too little for %s %dx%d with this net: the least is %s",
                       format_bytes(config->disk, budgeted), game->type->name, game->height, game->width,
                       format_bytes(needed + 65536, least));
}

enum status budget_init(struct budget *budget, struct config *config, const struct game *game, const struct net *net) {
    // A full ply has a target for about half of the moves, averaged over a game that fills the
    // board.
    const long long row = ROW_PLIES * (long long)sizeof(struct record_ply) + 2LL * game->max_legal;
    *budget = (struct budget){.config = config,
                              .max_legal = game->max_legal,
                              .net_bytes = (long long)net->num_weights * (long long)sizeof(float),
                              // The quarter is for openings, and for what every game takes by
                              // itself.
                              .row_memory = row + row / 4,
                              .window_disk = LLONG_MAX,
                              .window_memory = LLONG_MAX};
    TRY(fit_disk(budget, config, game));
    return fit_memory(budget, config, game);
}

const char *budget_text(const struct budget *budget, const struct run *run, char out[256]) {
    const struct config *config = budget->config;
    char disk[32], disk_now[32], memory[32], memory_now[32];
    struct run_sizes taken = {0};
    if (!config->disk && !config->memory) return NULL;
    (void)run_disk(run, &taken);
    snprintf(out, 256, "budget: disk %s (%s taken), memory %s (%s taken), %d games at once",
             config->disk ? format_bytes(config->disk, disk) : "any", format_bytes(taken.total, disk_now),
             config->memory ? format_bytes(config->memory, memory) : "any", format_bytes(process_bytes("VmRSS"), memory_now),
             config->slots);
    return out;
}

long long budget_window(const struct budget *budget, long long full_rows) {
    const long long window = config_window(budget->config, full_rows);
    return window < budget->window_memory ? window : budget->window_memory;
}

static void say_cut(struct budget *budget, const struct run *run, int which, const char *option, long long rows,
                    long long wanted) {
    if (budget->is_cut_said[which] || rows >= wanted) return;
    budget->is_cut_said[which] = true;
    log_line(run_log(run), "%s holds a window of %lld full rows; without it they would be %lld by now", option, rows, wanted);
}

enum status budget_make_space(struct budget *budget, struct run *run, long long coming) {
    const struct config *config = budget->config;
    const long long full_rows = run_state(run)->full_rows, window = budget_window(budget, full_rows);
    const long long least = window_least(config);
    const struct run_limits limits = {.window = window,
                                      .least = least < window ? least : window,
                                      .games = RUN_MOST_GAMES,
                                      .nets = RUN_MOST_NETS,
                                      .disk = config->disk,
                                      .coming = coming + save_bytes(budget)};
    TRY(run_keep(run, &limits, &budget->window_disk));
    if (budget->window_disk < LLONG_MAX) say_cut(budget, run, 0, "--disk", budget->window_disk, window);
    return STATUS_OK;
}

// Learns what the window may take, when the highest use has risen while the window held `held`
// bytes.
static void learn_others(struct budget *budget, long long held) {
    const long long peak = process_bytes("VmHWM");
    if (peak <= budget->peak) return;
    budget->peak = peak;
    if (peak - held > budget->others) budget->others = peak - held;
}

enum status budget_look(struct budget *budget, const struct run *run, struct replay *replay) {
    const struct config *config = budget->config;
    const long long rows = replay_rows(replay, PLY_FULL), held = replay_bytes(replay);
    if (!config->memory) return STATUS_OK;
    learn_others(budget, held);
    if (rows >= FEW_ROWS) budget->row_memory = held / rows + 1;
    const long long space = config->memory - budget->others - memory_reserve(budget), least = window_least(config);
    const long long fits = space > 0 ? space / budget->row_memory : 0;
    budget->window_memory = fits > least ? fits : least;
    const long long wanted = config_window(config, run_state(run)->full_rows);
    if (rows > budget->window_memory) {
        say_cut(budget, run, 1, "--memory", budget->window_memory, wanted);
        replay_trim(replay, budget->window_memory);
        malloc_trim(0);
    }
    if (process_bytes("VmRSS") <= config->memory) return STATUS_OK;
    char budgeted[32], taken[32];
    return status_fail(STATUS_MEMORY,
                       "--memory %s is too little: with the smallest window the training takes %s; what was "
                       "committed is there, and a larger --memory goes on",
                       format_bytes(config->memory, budgeted), format_bytes(process_bytes("VmRSS"), taken));
}

long long budget_record_bytes(const struct record *records, int num_records) {
    long long num_bytes = 4096;
    for (int i = 0; i < num_records; i++)
        num_bytes += 256 + 15LL * records[i].num_plies + 4LL * records[i].num_probs + records[i].height * records[i].width;
    return num_bytes;
}
