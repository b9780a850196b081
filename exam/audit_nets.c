// Were the games searched with the nets that they name?
//
// A search's policy leans on the policy of its net. So the divergence of the recorded policies from
// the raw policy of the run's nearest checkpoint is small where the net was the run's own, and larger
// where it was another one, even of the same strength. It changes slowly from chunk to chunk, since
// nets do. A chunk that lies far above its neighbours was searched with another net, or altered.
//
//   divergence   . . . . : . . . . .
//   of chunk     . .:. . | .: . . .     bad: beyond 6 deviations of its neighbours, and 0.2 nats
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
    MOST_IN_CHUNK = 32,
    LEAST_IN_CHUNK = 8,
    NEIGHBOURS = 8, // on either side
    LEAST_CHUNKS = 6,
};
static const double least_excess = 0.2; // nats
static const double most_deviations = 6;

struct row {
    char *state;   // [state_bytes]
    float *policy; // [num_actions]: the recorded one
    struct game game;
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
    double *divergences; // [num_chunks]: NAN where there is none
    float *logits;       // [MOST_IN_CHUNK, GAME_MAX_ACTIONS of the game]
};

enum status audit_nets_new(struct audit_nets **out, struct audited *run) {
    struct audit_nets *part = memory_new(1, sizeof *part, "an audit");
    *out = part;
    part->run = run;
    part->checkpoint = -1;
    const int per_chunk = run->num_chunks ? MOST_ROWS / run->num_chunks : 0;
    part->max_rows = per_chunk < LEAST_IN_CHUNK ? LEAST_IN_CHUNK : per_chunk > MOST_IN_CHUNK ? MOST_IN_CHUNK : per_chunk;
    rng_init(&part->rng, 0x6e657473, 0);
    part->divergences = memory_raw((size_t)run->num_chunks, sizeof *part->divergences, "an audit");
    for (int i = 0; i < run->num_chunks; i++) part->divergences[i] = NAN;
    part->logits = memory_raw((size_t)MOST_IN_CHUNK * (size_t)run->game.num_actions, sizeof *part->logits, "an audit");
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
    free(part->divergences);
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
    const bool is_made = fits && net_evaluator_new(&part->evaluator, net, part->backend, MOST_IN_CHUNK) == STATUS_OK;
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
    struct position positions[MOST_IN_CHUNK];
    struct judgement judgements[MOST_IN_CHUNK];
    double sum = 0;
    for (int i = 0; i < n; i++) {
        positions[i] = (struct position){.game = &part->rows[i].game, .state = part->rows[i].state};
        judgements[i] = (struct judgement){.logits = part->logits + (size_t)i * (size_t)part->run->game.num_actions};
    }
    evaluator_judge(part->evaluator, n, positions, judgements);
    for (int i = 0; i < n; i++) sum += divergence(&part->rows[i], judgements[i].logits);
    part->divergences[chunk] = sum / n;
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

// How far a chunk lies above its neighbours: *excess in nats, and *deviations in robust standard
// deviations. False: it has too few neighbours.
static bool compare(const struct audit_nets *part, int chunk, double *excess, double *deviations) {
    double near[2 * NEIGHBOURS], off[2 * NEIGHBOURS];
    int num = 0;
    for (int way = -1; way <= 1; way += 2)
        for (int i = chunk + way, k = 0; i >= 0 && i < part->run->num_chunks && k < NEIGHBOURS; i += way) {
            if (isnan(part->divergences[i])) continue;
            near[num++] = part->divergences[i];
            k++;
        }
    if (num < LEAST_CHUNKS) return false;
    const double middle = median(near, num);
    for (int i = 0; i < num; i++) off[i] = fabs(near[i] - middle);
    *excess = part->divergences[chunk] - middle;
    // 1.4826 makes the median of distances the standard deviation of a normal distribution; a tenth of
    // the middle is what chance does where all neighbours happen to agree.
    *deviations = *excess / fmax(1.4826 * median(off, num), 0.1 * middle);
    return true;
}

void audit_nets_end(struct audit_nets *part) {
    struct audit_blame blame = {0};
    double sum = 0, highest = -INFINITY;
    int num = 0, num_compared = 0;
    for (int i = 0; i < part->run->num_chunks; i++) {
        double excess, deviations;
        if (isnan(part->divergences[i])) continue;
        sum += part->divergences[i];
        num++;
        if (!compare(part, i, &excess, &deviations)) continue;
        num_compared++;
        highest = fmax(highest, deviations);
        if (excess > least_excess && deviations > most_deviations) audit_blame(&blame, part->run->chunks[i].number);
    }
    if (!num_compared) {
        audit_say(part->run, "searches", AUDIT_NONE, NAN, "", NULL,
                  "there are too few chunks or nets to compare searches with nets");
        return;
    }
    audit_say(part->run, "searches", blame.num ? AUDIT_BAD : AUDIT_GOOD, blame.num, "chunks", &blame,
              "%d of %d chunks have searches unlike those of the run's net: policies differ from the nearest checkpoint's by "
              "%.2f nats on average, and by at most %.1f deviations more than in neighbouring chunks",
              blame.num, num_compared, sum / num, highest);
}
