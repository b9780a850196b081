// From run folders and their ladder to a study (exam/scale_study.h), and from that to the rows by
// which `train` says what to expect.
#include "selfplay/scaling_parts.h"

#include "base/files.h"
#include "base/memory.h"
#include "ladder/ladder_report.h"
#include "net/net_evaluator.h"
#include "run/run_read.h"
#include "selfplay/expect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is the same for all nets of a training.
struct training {
    const struct scaling_cell *cell;
    long long parameters, last_step;
    double net_flops, iteration_evaluations;
    struct run_metrics metrics;
};

static void training_done(struct training *t) { run_metrics_done(&t->metrics); }

// The evaluations that an iteration makes, by the settings that the run has kept.
static enum status read_pace(struct training *t, const char *run) {
    char path[PATH_BYTES];
    struct config config = {0};
    struct options_text text = {0};
    options_defaults(config_table, &config);
    const enum status status = options_load(config_table, &config, path_format(path, "%s/config.ini", run), &text);
    t->iteration_evaluations = (double)config.slots * config.evaluations;
    options_text_done(&text);
    return status;
}

static enum status read_training(struct training *t, const struct scaling *s, const struct scaling_cell *cell,
                                 const char *run) {
    struct run_reader *reader;
    struct run_checkpoint *checkpoints = NULL;
    struct net *net = NULL;
    char path[PATH_BYTES];
    int num = 0;
    *t = (struct training){.cell = cell};
    TRY(read_pace(t, run));
    TRY(run_read_open(&reader, run));
    enum status status = run_read_checkpoints(reader, &checkpoints, &num);
    if (status == STATUS_OK && !num) status = status_fail(STATUS_FORMAT, "%s: has no checkpoints", run);
    if (status == STATUS_OK) status = run_read_metrics(reader, 0, &t->metrics);
    if (status == STATUS_OK) {
        t->last_step = checkpoints[num - 1].step;
        status = net_load(&net, path_format(path, "%s/nets/%06lld.safetensors", run, t->last_step));
    }
    if (net) {
        t->parameters = net_parameters(net);
        t->net_flops = net_flops(net, s->game.height, s->game.width);
    }
    net_free(net);
    free(checkpoints);
    run_read_close(reader);
    return status;
}

// How many iterations had ended when so many seconds had been trained. A checkpoint is made right
// after an iteration, whose row has a slightly earlier time.
static double evaluations_until(const struct training *t, double seconds) {
    long long iterations = 0;
    for (int i = 0; i < t->metrics.num_rows && t->metrics.rows[i].seconds <= seconds; i++)
        iterations = t->metrics.rows[i].iteration;
    return (double)iterations * t->iteration_evaluations;
}

// The strongest anchor that this entry was the first of its run to beat; "": none.
static void find_beaten(const struct ladder *l, int entry, char out[SCALE_NAME_BYTES]) {
    double elo = -INFINITY;
    for (int i = 0; i < l->num_beats; i++) {
        const struct ladder_entry *anchor = &l->entries[l->beats[i].anchor];
        if (l->beats[i].checkpoint != entry || anchor->elo <= elo) continue;
        elo = anchor->elo;
        snprintf(out, SCALE_NAME_BYTES, "%.60s", anchor->name);
    }
}

static struct scale_net make_net(const struct ladder *l, int index, const struct training *t) {
    const struct ladder_entry *e = &l->entries[index];
    struct scale_net net = {.blocks = t->cell->shape.blocks,
                            .channels = t->cell->shape.channels,
                            .visits = e->visits,
                            .seed = t->cell->seed,
                            .step = e->step,
                            .games = e->games,
                            .samples = e->samples,
                            .parameters = t->parameters,
                            .budget = t->cell->budget,
                            .seconds = e->seconds,
                            .evaluations = evaluations_until(t, e->seconds),
                            .net_flops = t->net_flops,
                            .elo = e->elo,
                            .low = e->low,
                            .high = e->high,
                            .rated_games = e->rated_games,
                            .is_last = e->step == t->last_step,
                            .is_held_out = t->cell->is_held_out};
    snprintf(net.cell, sizeof net.cell, "%s", t->cell->name);
    for (int k = 0; k < SCALE_MARKS && k < LADDER_YARDSTICKS; k++) net.marks[k] = e->yardsticks[k];
    find_beaten(l, index, net.beats);
    return net;
}

static void fill_study(const struct scaling *s, struct scale_study *study, const struct ladder *l,
                       const struct training *trainings) {
    char scale[LADDER_SCALE_BYTES];
    const struct scaling_params *p = s->params;
    snprintf(study->game, sizeof study->game, "%.40s %dx%d", l->game.type->name, l->game.height, l->game.width);
    if (l->anchor >= 0) snprintf(study->scale, sizeof study->scale, "%s", ladder_scale_text(l, scale));
    snprintf(study->machine, sizeof study->machine, "%s", p->machine ? p->machine : "");
    study->threads = p->config->threads > 0 ? p->config->threads : p->processors;
    study->visits = p->visits;
    study->rating_games = l->rating.num_games;
    study->nets = memory_new((size_t)l->num_entries, sizeof *study->nets, "a study of scale");
    for (int k = 0; k < SCALE_MARKS && k < LADDER_YARDSTICKS; k++) study->mark_names[k] = l->yardstick_names[k];
    for (int i = 0; i < l->num_entries; i++) {
        const struct ladder_entry *e = &l->entries[i];
        if (e->run >= 0 && e->temperature == 0) study->nets[study->num_nets++] = make_net(l, i, &trainings[e->run]);
    }
    study->prediction = s->prediction;
}

// --- Where values err ----------------------------------------------------------------------------

// The training whose games are looked at: the longest, and of those the one with the dearest net.
static const struct scaling_cell *find_games(const struct scaling *s) {
    const struct scaling_cell *best = NULL;
    for (int i = 0; i < s->num_cells; i++) {
        const struct scaling_cell *c = &s->cells[i];
        const double size = c->shape.blocks * (double)c->shape.channels * c->shape.channels;
        if (!c->is_finished || (best && c->budget < best->budget)) continue;
        if (!best || c->budget > best->budget ||
            size > best->shape.blocks * (double)best->shape.channels * best->shape.channels)
            best = c;
    }
    return best;
}

// Reads the newest games that are still there.
static enum status read_games(const struct scaling *s, const char *run, struct scale_positions *positions, int *num) {
    struct run_reader *reader;
    struct run_game_row *games = NULL;
    int num_games = 0;
    *num = 0;
    TRY(run_read_open(&reader, run));
    const struct run_games_wish wish = {.net_step = -1, .most = SCALE_VALUE_GAMES, .newest = true};
    enum status status = run_read_games(reader, &wish, &games, &num_games);
    for (int i = 0; i < num_games && status == STATUS_OK; i++) {
        struct record record = {0};
        bool found = false;
        if (!games[i].is_pruned) status = run_read_record(reader, games[i].index, &record, &found);
        // What is read from a file is played only once the rules have allowed every move.
        if (status == STATUS_OK && found) status = record_verify(&record, &s->game, run);
        if (status == STATUS_OK && found) *num += scale_positions_add(positions, &record);
        record_done(&record);
    }
    free(games);
    run_read_close(reader);
    return status;
}

static enum status judge_values(const struct scaling *s, const struct scale_positions *positions, struct scale_net *n) {
    char path[PATH_BYTES];
    struct net *net = NULL;
    struct backend *backend = NULL;
    struct evaluator *evaluator = NULL;
    path_format(path, "%s/cells/%s/nets/%06lld.safetensors", s->params->folder, n->cell, n->step);
    enum status status = net_load(&net, path);
    if (status == STATUS_OK) status = backend_open(&backend, &(struct backend_spec){.name = s->params->config->backend});
    if (status == STATUS_OK) status = net_evaluator_new(&evaluator, net, backend, 32);
    if (status == STATUS_OK) scale_positions_judge(positions, evaluator, n->values);
    evaluator_free(evaluator);
    if (backend) backend_close(backend);
    net_free(net);
    return status;
}

// Judges the last nets of the largest budget, and of the run that was held out.
static enum status gather_values(const struct scaling *s, struct scale_study *study) {
    const struct scaling_cell *cell = find_games(s);
    struct scale_positions *positions;
    char run[PATH_BYTES];
    double largest = 0;
    if (!cell) return STATUS_OK;
    for (int i = 0; i < study->num_nets; i++)
        if (!study->nets[i].is_held_out) largest = fmax(largest, study->nets[i].budget);
    scale_positions_new(&positions, &s->game);
    enum status status =
        read_games(s, path_format(run, "%s/cells/%s", s->params->folder, cell->name), positions, &study->value_games);
    scale_positions_choose(positions, 1);
    for (int i = 0; i < study->num_nets && status == STATUS_OK; i++) {
        struct scale_net *n = &study->nets[i];
        if (n->is_last && n->visits == study->visits && (n->is_held_out || n->budget == largest))
            status = judge_values(s, positions, n);
    }
    if (study->value_games) snprintf(study->value_cell, sizeof study->value_cell, "%s", cell->name);
    scale_positions_free(positions);
    return status;
}

// --- All --------------------------------------------------------------------------------------

enum status scaling_gather(const struct scaling *s, bool with_values, struct scale_study *study) {
    const struct scaling_params *p = s->params;
    const size_t most = (size_t)s->num_cells;
    *study = (struct scale_study){0};
    if (!scaling_num_finished(s, true)) return STATUS_OK;
    char(*paths)[PATH_BYTES] = memory_new(most, sizeof *paths, "a study of scale");
    const char **runs = memory_new(most, sizeof *runs, "a study of scale");
    struct training *trainings = memory_new(most, sizeof *trainings, "a study of scale");
    enum status status = STATUS_OK;
    int num = 0;
    for (int i = 0; i < s->num_cells && status == STATUS_OK; i++) {
        if (!s->cells[i].is_finished) continue;
        runs[num] = path_format(paths[num], "%s/cells/%s", p->folder, s->cells[i].name);
        status = read_training(&trainings[num], s, &s->cells[i], runs[num]);
        num++;
    }
    struct ladder ladder;
    if (status == STATUS_OK) {
        status = ladder_standings(&ladder, runs, num, p->visits);
        if (status == STATUS_OK) {
            status = ladder_judge_yardsticks(&ladder, p->config->backend);
            if (status == STATUS_OK) fill_study(s, study, &ladder, trainings);
            if (status == STATUS_OK && with_values) status = gather_values(s, study);
            ladder_done(&ladder);
        }
    }
    for (int i = 0; i < num; i++) training_done(&trainings[i]);
    free(trainings);
    free(runs);
    free(paths);
    return status;
}

void scaling_study_done(struct scale_study *study) {
    free(study->nets);
    *study = (struct scale_study){0};
}

// --- What to expect ------------------------------------------------------------------------------

// Of the trainings of this shape and budget, the one whose last net has the median Elo; NULL: none
// is rated.
static const struct scale_net *median_training(const struct scale_study *study, int blocks, int channels, double budget) {
    const struct scale_net *found[SCALING_MOST_SEEDS];
    int num = 0;
    for (int i = 0; i < study->num_nets && num < SCALING_MOST_SEEDS; i++) {
        const struct scale_net *n = &study->nets[i];
        if (n->blocks != blocks || n->channels != channels || n->budget != budget || !n->is_last || n->is_held_out ||
            n->visits != study->visits || !isfinite(n->elo))
            continue;
        int at = num++;
        for (; at > 0 && found[at - 1]->elo > n->elo; at--) found[at] = found[at - 1];
        found[at] = n;
    }
    return num ? found[(num - 1) / 2] : NULL;
}

static void put_expected(FILE *out, const struct scaling *s, const struct scale_study *study, const struct scale_net *last) {
    for (int i = 0; i < study->num_nets; i++) {
        const struct scale_net *n = &study->nets[i];
        if (strcmp(n->cell, last->cell) || n->visits != study->visits || !isfinite(n->elo)) continue;
        fprintf(out, EXPECT_ROW, s->game.type->name, s->game.height, s->game.width, n->blocks, n->channels, last->seconds,
                last->evaluations, n->seconds, n->elo, n->low, n->high, study->scale, n->beats, "");
    }
}

enum status scaling_save_expect(const struct scaling *s, const struct scale_study *study) {
    struct scale_findings *f = memory_new(1, sizeof *f, "a study of scale");
    char path[PATH_BYTES], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) memory_failed(0, "a study of scale");
    scale_find(f, study);
    fputs(EXPECT_HEADER, out);
    for (int b = 0; b < f->num_budgets; b++)
        for (int k = 0; k < f->num_shapes; k++) {
            const struct scale_net *last = median_training(study, f->shapes[k].blocks, f->shapes[k].channels, f->budgets[b]);
            if (last) put_expected(out, s, study, last);
        }
    fclose(out);
    free(f);
    const enum status status = file_write(path_format(path, "%s/expect.csv", s->params->folder), text, bytes);
    free(text);
    return status;
}
