// Were the games searched with the nets that they name?
//
// A search leans on its net: on its values, which are those of the leaves, and on its policy. So the
// values that were recorded lie near the raw values of the run's nearest checkpoint where the net was
// the run's own, and farther off where it was another one. Both distances change slowly from chunk to
// chunk, since nets do. A chunk that lies far above its neighbours was searched with another net, or
// altered.
//
//   distance     . . . . : . . . . .
//   of chunk     . .:. . | .: . . .     bad: beyond 8 deviations of its neighbours, and enough by itself
#include "exam/audit_parts.h"

#include "base/files.h"
#include "base/memory.h"
#include "net/devices.h"
#include "net/net_evaluator.h"
#include "net/net_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_ROWS = 6000, // of a run, and as many of a chunk as follow from it; chosen: seconds on two cores
    MOST_IN_CHUNK = 128,
    BATCH = 32,
    LEAST_IN_CHUNK = 8,
    NEIGHBOURS = 8,    // on either side
    LEAST_CHUNKS = 10, // of neighbours: fewer say too little of how far chunks differ by chance
};
enum measure { POLICIES, VALUES, NUM_MEASURES };
// In nats, and as a squared difference of values from -1 to 1. A chunk is bad beyond both of these;
// they were chosen by what sound runs of Connect Four and Go have.
static const double least_excess[NUM_MEASURES] = {0.2, 0.05};
static const double most_deviations = 8;

struct row {
    char *state;   // [state_bytes]
    float *policy; // [num_actions]: the recorded one
    struct game game;
    double value; // of the search, for the mover
};

struct audit_nets {
    struct audited *run;
    struct devices devices;
    struct backend *backend;
    struct evaluator *evaluator;
    int checkpoint; // whose net the evaluator has; -1: none
    struct row rows[MOST_IN_CHUNK];
    int num_rows, max_rows;
    long long seen, step; // of the chunk: full rows, and the step of the net that began its last game
    struct rng rng;
    double *distances[NUM_MEASURES]; // [num_chunks]: NAN where there is none
    float *logits;                   // [BATCH, num_actions]
};

enum status audit_nets_new(struct audit_nets **out, struct audited *run) {
    struct audit_nets *part = memory_new(1, sizeof *part, "an audit");
    *out = part;
    part->run = run;
    part->checkpoint = -1;
    const int per_chunk = run->num_chunks ? MOST_ROWS / run->num_chunks : 0;
    part->max_rows = per_chunk < LEAST_IN_CHUNK ? LEAST_IN_CHUNK : per_chunk > MOST_IN_CHUNK ? MOST_IN_CHUNK : per_chunk;
    rng_init(&part->rng, 0x6e657473, 0);
    for (int m = 0; m < NUM_MEASURES; m++) {
        part->distances[m] = memory_raw((size_t)run->num_chunks, sizeof *part->distances[m], "an audit");
        for (int i = 0; i < run->num_chunks; i++) part->distances[m][i] = NAN;
    }
    part->logits = memory_raw((size_t)BATCH * (size_t)run->game.num_actions, sizeof *part->logits, "an audit");
    if (!run->num_checkpoints) return STATUS_OK;
    TRY(devices_init(&part->devices, run->params->backend ? run->params->backend : "auto", "0", 0, "auto"));
    const struct backend_spec spec = devices_spec(&part->devices, 0, false);
    return backend_open(&part->backend, &spec);
}

void audit_nets_free(struct audit_nets *part) {
    if (!part) return;
    evaluator_free(part->evaluator);
    if (part->backend) backend_close(part->backend);
    for (int i = 0; i < MOST_IN_CHUNK; i++) {
        free(part->rows[i].state);
        free(part->rows[i].policy);
    }
    for (int m = 0; m < NUM_MEASURES; m++) free(part->distances[m]);
    free(part->logits);
    free(part);
}

void audit_nets_position(struct audit_nets *part, const struct audit_at *at) {
    const struct record_ply *ply = &at->record->plies[at->ply];
    part->step = at->record->net_step;
    if (ply->kind != PLY_FULL || ply->num_probs < 2 || !part->backend) return;
    const long long seen = part->seen++;
    const uint32_t place = seen < part->max_rows ? (uint32_t)seen : rng_below(&part->rng, (uint32_t)part->seen);
    if (place >= (uint32_t)part->max_rows) return;
    struct row *row = &part->rows[place];
    row->state = memory_resize(row->state, 1, at->game->state_bytes, "an audit");
    memcpy(row->state, at->state, at->game->state_bytes);
    row->policy = memory_resize(row->policy, (size_t)at->game->num_actions, sizeof *row->policy, "an audit");
    row->game = *at->game;
    row->value = ((double)ply->win - (double)ply->loss) / RECORD_PROB_ONE;
    CHECK(record_policy(at->record, at->ply, row->policy, at->game->num_actions));
    if (place >= (uint32_t)part->num_rows) part->num_rows = (int)place + 1;
}

static char *net_path(const struct audit_nets *part, int checkpoint, char out[PATH_BYTES]) {
    return path_format(out, "%s/nets/%06lld.safetensors", run_read_path(part->run->reader),
                       part->run->checkpoints[checkpoint].step);
}

// The checkpoint that is nearest in steps among those whose file is there; -1: none is.
static int nearest(const struct audit_nets *part, long long step) {
    const struct audited *run = part->run;
    char path[PATH_BYTES];
    int best = -1;
    for (int i = 0; i < run->num_checkpoints; i++) {
        const bool is_nearer = best < 0 || llabs(run->checkpoints[i].step - step) < llabs(run->checkpoints[best].step - step);
        if (is_nearer && file_exists(net_path(part, i, path))) best = i;
    }
    return best;
}

// Makes the evaluator that of this checkpoint. False: its net can't be used, which another check says.
static bool want_net(struct audit_nets *part, int checkpoint) {
    char path[PATH_BYTES];
    struct net *net;
    if (part->checkpoint == checkpoint) return part->evaluator != NULL;
    evaluator_free(part->evaluator);
    part->evaluator = NULL;
    part->checkpoint = checkpoint;
    if (checkpoint < 0 || net_load(&net, net_path(part, checkpoint, path)) != STATUS_OK) return false;
    const bool fits = net->config.num_planes == part->run->game.num_planes &&
                      net->config.num_globals == part->run->game.num_globals &&
                      net->config.policy_planes == part->run->game.policy_planes &&
                      net->config.num_global_actions == part->run->game.num_global_actions;
    const bool is_made = fits && net_evaluator_new(&part->evaluator, net, part->backend, BATCH) == STATUS_OK;
    net_free(net);
    return is_made;
}

// The Kullback-Leibler divergence of the recorded policy from the net's, over the legal moves.
static double divergence(const struct row *row, const float *logits) {
    uint16_t legal[GAME_MAX_ACTIONS];
    const int n = game_legal(&row->game, row->state, legal);
    double most = -INFINITY, sum = 0, out = 0;
    for (int i = 0; i < n; i++) most = fmax(most, logits[legal[i]]);
    for (int i = 0; i < n; i++) sum += exp(logits[legal[i]] - most);
    for (int i = 0; i < n; i++) {
        const double target = row->policy[legal[i]];
        if (target > 0) out += target * (log(target) - (logits[legal[i]] - most - log(sum)));
    }
    return out;
}

enum status audit_nets_chunk(struct audit_nets *part, int chunk) {
    const int n = part->num_rows;
    part->num_rows = 0;
    part->seen = 0;
    if (n < LEAST_IN_CHUNK || !want_net(part, nearest(part, part->step))) return STATUS_OK;
    struct position positions[BATCH];
    struct judgement judgements[BATCH];
    double sums[NUM_MEASURES] = {0};
    for (int first = 0; first < n; first += BATCH) {
        const int m = n - first < BATCH ? n - first : BATCH;
        for (int i = 0; i < m; i++) {
            const struct row *row = &part->rows[first + i];
            positions[i] = (struct position){.game = &row->game, .state = row->state};
            judgements[i] = (struct judgement){.logits = part->logits + (size_t)i * (size_t)part->run->game.num_actions};
        }
        evaluator_judge(part->evaluator, m, positions, judgements);
        for (int i = 0; i < m; i++) {
            const double off = part->rows[first + i].value - (judgements[i].wdl[0] - judgements[i].wdl[2]);
            sums[POLICIES] += divergence(&part->rows[first + i], judgements[i].logits);
            sums[VALUES] += off * off;
        }
    }
    for (int m = 0; m < NUM_MEASURES; m++) part->distances[m][chunk] = sums[m] / n;
    return STATUS_OK;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, int num) {
    qsort(values, (size_t)num, sizeof *values, by_size);
    return num % 2 ? values[num / 2] : (values[num / 2 - 1] + values[num / 2]) / 2;
}

// How far a chunk lies above its neighbours: *excess, and *deviations in robust standard deviations.
// False: it has too few neighbours.
static bool compare(const struct audit_nets *part, enum measure measure, int chunk, double *excess, double *deviations) {
    const double *distances = part->distances[measure];
    double near[2 * NEIGHBOURS], off[2 * NEIGHBOURS];
    int num = 0;
    for (int way = -1; way <= 1; way += 2)
        for (int i = chunk + way, k = 0; i >= 0 && i < part->run->num_chunks && k < NEIGHBOURS; i += way) {
            if (isnan(distances[i])) continue;
            near[num++] = distances[i];
            k++;
        }
    if (num < LEAST_CHUNKS) return false;
    const double middle = median(near, num);
    for (int i = 0; i < num; i++) off[i] = fabs(near[i] - middle);
    *excess = distances[chunk] - middle;
    // 1.4826 makes the median of distances the standard deviation of a normal distribution; a fifth of
    // the middle is what chance does where all neighbours happen to agree.
    *deviations = *excess / fmax(1.4826 * median(off, num), 0.2 * middle);
    return true;
}

void audit_nets_end(struct audit_nets *part) {
    struct audit_blame blame = {0};
    double sums[NUM_MEASURES] = {0}, highest = -INFINITY;
    int num = 0, num_compared = 0;
    for (int i = 0; i < part->run->num_chunks; i++) {
        if (isnan(part->distances[POLICIES][i])) continue;
        num++;
        bool is_compared = false;
        for (int m = 0; m < NUM_MEASURES; m++) {
            double excess, deviations;
            sums[m] += part->distances[m][i];
            if (!compare(part, (enum measure)m, i, &excess, &deviations)) continue;
            is_compared = true;
            highest = fmax(highest, deviations);
            if (excess > least_excess[m] && deviations > most_deviations) audit_blame(&blame, part->run->chunks[i].number);
        }
        num_compared += is_compared;
    }
    if (!num_compared) {
        audit_say(part->run, "searches", AUDIT_NONE, NAN, "", NULL,
                  "there are too few chunks or nets to compare searches with nets");
        return;
    }
    audit_say(part->run, "searches", blame.num ? AUDIT_BAD : AUDIT_GOOD, blame.num, "chunks", &blame,
              "%d of %d chunks have searches unlike those of the run's nets: on average they are %.2f nats from the nearest "
              "checkpoint's policy and %.2f from its value, and no chunk lies more than %.1f deviations above its neighbours",
              blame.num, num_compared, sums[POLICIES] / num, sqrt(sums[VALUES] / num), highest);
}
