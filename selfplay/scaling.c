// One training after another, short ones first, so that an early look shows something of
// everything. The order of events is the proof of the prediction: the grid is trained and rated,
// the prediction is written, and only then does the run begin that it is about.
#include "selfplay/scaling.h"

#include "base/files.h"
#include "base/memory.h"
#include "exam/scale_report.h"
#include "ladder/ladder.h"
#include "selfplay/loop.h"
#include "selfplay/scaling_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define TELL_SECONDS 30.0    // How often a person wants to hear of a training of minutes; chosen.
#define HELD_OUT_RATING 0.25 // The part of the rating's time that the predicted run gets; chosen.

// --- The plan ------------------------------------------------------------------------------------

static char *budget_text(double seconds, char out[32]) {
    if (fmod(seconds, 3600) == 0)
        snprintf(out, 32, "%.0fh", seconds / 3600);
    else if (fmod(seconds, 60) == 0)
        snprintf(out, 32, "%.0fm", seconds / 60);
    else
        snprintf(out, 32, "%gs", seconds);
    return out;
}

static int compare_budgets(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

struct scaling_cell *scaling_add_cell(struct scaling *s, const struct scaling_cell *wanted) {
    struct scaling_cell cell = *wanted;
    char text[32];
    snprintf(cell.name, sizeof cell.name, "%dx%d-%s-%s%d", cell.shape.blocks, cell.shape.channels,
             budget_text(cell.budget, text), cell.is_held_out ? "held" : "s", cell.seed);
    for (int i = 0; i < s->num_cells; i++)
        if (!strcmp(s->cells[i].name, cell.name)) return &s->cells[i];
    s->cells = memory_resize(s->cells, (size_t)(s->num_cells + 1), sizeof *s->cells, "a study of scale");
    s->cells[s->num_cells] = cell;
    return &s->cells[s->num_cells++];
}

int scaling_num_finished(const struct scaling *s, bool with_held_out) {
    int num = 0;
    for (int i = 0; i < s->num_cells; i++) num += s->cells[i].is_finished && (with_held_out || !s->cells[i].is_held_out);
    return num;
}

static void plan(struct scaling *s) {
    const struct scaling_params *p = s->params;
    double budgets[SCALE_MOST_BUDGETS];
    memcpy(budgets, p->budgets, (size_t)p->num_budgets * sizeof *budgets);
    qsort(budgets, (size_t)p->num_budgets, sizeof *budgets, compare_budgets);
    for (int b = 0; b < p->num_budgets; b++)
        for (int seed = 1; seed <= p->seeds; seed++)
            for (int k = 0; k < p->num_shapes; k++)
                scaling_add_cell(s, &(struct scaling_cell){.shape = p->shapes[k], .budget = budgets[b], .seed = seed});
}

static char *cell_path(const struct scaling *s, const struct scaling_cell *cell, char out[PATH_BYTES]) {
    return path_format(out, "%s/cells/%s", s->params->folder, cell->name);
}

// --- Progress ------------------------------------------------------------------------------------

// Seconds, by the clock of the trainings, that the plan still takes.
static double seconds_left(const struct scaling *s) {
    const struct scaling_params *p = s->params;
    double left = 0;
    bool has_held_out = false;
    for (int i = 0; i < s->num_cells; i++) {
        if (!s->cells[i].is_finished) left += s->cells[i].budget;
        has_held_out |= s->cells[i].is_held_out;
    }
    if (p->hold_out > 0 && !has_held_out) left += p->hold_out;
    left += fmax(0, p->rating_seconds - s->rated[0]);
    if (p->hold_out > 0) left += fmax(0, HELD_OUT_RATING * p->rating_seconds - s->rated[1]);
    return left;
}

// A clock of processor time runs slower than the one on the wall where other programs run, too.
static double wall_seconds_a_second(const struct scaling *s) {
    const double clock = clock_seconds(s->params->clock) - s->began, wall = s->params->wall() - s->began_wall;
    return clock > 1 && wall > clock ? wall / clock : 1;
}

static void tell_progress(void *context, double progress) {
    struct scaling *s = context;
    const double now = clock_seconds(s->params->clock), slower = wall_seconds_a_second(s);
    const struct scaling_cell *cell = s->now;
    char own[32], all[32];
    if (now - s->told < TELL_SECONDS) return;
    s->told = now;
    log_line(s->params->log, "%s: %.0f %%, %s left; the whole study: %s left", cell->name, 100 * progress,
             format_duration(slower * cell->budget * (1 - progress), own),
             format_duration(slower * (seconds_left(s) - progress * cell->budget), all));
}

// --- Training ------------------------------------------------------------------------------------

static enum status train(struct scaling *s, struct scaling_cell *cell) {
    const struct scaling_params *p = s->params;
    char path[PATH_BYTES], left[32];
    struct config config = *p->config;
    struct loop_report report = {0};
    scaling_cell_config(&config, cell);
    s->now = cell;
    s->told = clock_seconds(p->clock);
    log_line(p->log, "training %d of %d: %s; the whole study: %s left", scaling_num_finished(s, true) + 1, s->num_cells,
             cell->name, format_duration(wall_seconds_a_second(s) * seconds_left(s), left));
    const struct loop_params loop = {.path = cell_path(s, cell, path),
                                     .config = &config,
                                     .machine = p->machine,
                                     .processors = p->processors,
                                     .clock = p->clock,
                                     .wall = p->wall,
                                     .stop = p->stop,
                                     .quiet = true,
                                     .on_progress = tell_progress,
                                     .context = s};
    TRY(loop_run(&loop, &report));
    cell->is_finished = true;
    cell->seconds = report.seconds;
    TRY(scaling_save(s));
    log_line(p->log, "%s: %lld games, step %lld", cell->name, report.games, report.step);
    return STATUS_OK;
}

static enum status train_all(struct scaling *s) {
    for (int i = 0; i < s->num_cells; i++)
        if (!s->cells[i].is_finished) TRY(train(s, &s->cells[i]));
    return STATUS_OK;
}

// --- Rating --------------------------------------------------------------------------------------

// The folders of the finished trainings; those of the plan come first, so that the first, in which
// games are kept, is always the same one. The caller frees *paths, which is one block.
static int finished_runs(const struct scaling *s, char (**paths)[PATH_BYTES], const char ***runs, int **cells) {
    int num = 0;
    *paths = memory_new((size_t)s->num_cells, sizeof **paths, "a study of scale");
    *runs = memory_new((size_t)s->num_cells, sizeof **runs, "a study of scale");
    *cells = memory_new((size_t)s->num_cells, sizeof **cells, "a study of scale");
    for (int i = 0; i < s->num_cells; i++) {
        if (!s->cells[i].is_finished) continue;
        (*runs)[num] = cell_path(s, &s->cells[i], (*paths)[num]);
        (*cells)[num++] = i;
    }
    return num;
}

// Plays the ladder for what is left of the time of this round: 0 for the grid, and 1 with the run
// that was held out.
static enum status rate(struct scaling *s, int round) {
    const struct scaling_params *p = s->params;
    const double left = p->rating_seconds * (round ? HELD_OUT_RATING : 1) - s->rated[round];
    char(*paths)[PATH_BYTES];
    const char **runs;
    int *cells;
    if (s->rated_cells[round] == scaling_num_finished(s, round) || left < 1) return STATUS_OK;
    const int num = finished_runs(s, &paths, &runs, &cells);
    bool *has_dial = memory_new((size_t)num, sizeof *has_dial, "a study of scale");
    char time[32];
    for (int i = 0; i < num; i++) has_dial[i] = s->cells[cells[i]].seed == 1 && !s->cells[cells[i]].is_held_out;
    log_line(p->log, "rating %d trainings on one ladder, for at most %s", num, format_duration(left, time));
    const struct ladder_params ladder = {.runs = runs,
                                         .num_runs = num,
                                         .checkpoints = 0,
                                         .visits = p->visits,
                                         .dial_visits = p->dials,
                                         .num_dial_visits = p->num_dials,
                                         .has_dial = has_dial,
                                         .seconds = left,
                                         .half_interval = p->half_interval,
                                         .min_games = 20,
                                         .threads = p->config->threads > 0 ? p->config->threads : p->processors,
                                         .backend = p->config->backend,
                                         .stop = p->stop,
                                         .clock = p->clock,
                                         .wall = p->wall,
                                         .log = p->log,
                                         .report_seconds = TELL_SECONDS};
    const double before = clock_seconds(p->clock);
    enum status status = num ? ladder_play(&ladder) : STATUS_OK;
    const double taken = clock_seconds(p->clock) - before;
    s->rated[round] += taken;
    // Where the time was up, more time (--rate) goes on.
    if (status == STATUS_OK && taken < left) s->rated_cells[round] = scaling_num_finished(s, round);
    const enum status saved = scaling_save(s);
    if (status == STATUS_OK) status = saved;
    free(has_dial);
    free(paths);
    free(runs);
    free(cells);
    return status;
}

// --- The prediction ------------------------------------------------------------------------------

static void add_held_out(struct scaling *s) {
    const struct scale_prediction *p = &s->prediction;
    scaling_add_cell(
        s, &(struct scaling_cell){.shape = {p->blocks, p->channels}, .budget = p->budget, .seed = 1, .is_held_out = true});
}

// Foretells the run that is held out, once.
static enum status predict(struct scaling *s) {
    const struct scaling_params *p = s->params;
    char time[32];
    if (p->hold_out <= 0 || s->prediction.is_made) return STATUS_OK;
    struct scale_study study;
    TRY(scaling_gather(s, false, &study));
    const bool is_known = scale_predict(&s->prediction, &study, p->hold_out);
    scaling_study_done(&study);
    if (!is_known) {
        log_line(p->log,
                 "nothing is predicted: a law wants two budgets or more, and four rated trainings of their best shapes");
        return STATUS_OK;
    }
    const time_t now = (time_t)p->wall();
    struct tm day;
    if (gmtime_r(&now, &day)) strftime(s->prediction.date, sizeof s->prediction.date, "%Y-%m-%d %H:%M UTC", &day);
    TRY(scaling_save_prediction(s));
    log_line(p->log, "predicted before it is trained: %dx%d for %s reaches Elo %.0f (95 %%: %.0f to %.0f)",
             s->prediction.blocks, s->prediction.channels, format_duration(s->prediction.budget, time), s->prediction.elo,
             s->prediction.low, s->prediction.high);
    add_held_out(s);
    return STATUS_OK;
}

// --- From beginning to end -----------------------------------------------------------------------

static enum status report(struct scaling *s) {
    struct scale_study study;
    bool drawn;
    TRY(scaling_gather(s, true, &study));
    enum status status =
        study.num_nets
            ? STATUS_OK
            : status_fail(STATUS_USAGE, "%s: no training is finished yet: there is nothing to report", s->params->folder);
    if (status == STATUS_OK) status = scale_write(&study, s->params->folder);
    if (status == STATUS_OK) status = scaling_save_expect(s, &study);
    if (status == STATUS_OK) status = scale_draw(s->params->folder, s->params->log, &drawn);
    scaling_study_done(&study);
    return status;
}

static enum status work(struct scaling *s) {
    TRY(train_all(s));
    TRY(rate(s, 0));
    TRY(predict(s));
    TRY(train_all(s));
    if (s->prediction.is_made) TRY(rate(s, 1));
    return STATUS_OK;
}

static enum status lock(const char *folder, int *fd) {
    char path[PATH_BYTES];
    *fd = open(path_format(path, "%s/lock", folder), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0) return status_fail(STATUS_IO, "%s: can't open: %s", path, strerror(errno));
    if (!flock(*fd, LOCK_EX | LOCK_NB)) return STATUS_OK;
    close(*fd);
    return status_fail(STATUS_IO, "%s: another process works in this folder", folder);
}

enum status scaling_run(const struct scaling_params *params) {
    struct scaling s = {.params = params, .began = clock_seconds(params->clock), .began_wall = params->wall()};
    char path[PATH_BYTES];
    int fd;
    if (params->only_report)
        TRY(file_expect(path_format(path, "%s/state.csv", params->folder), "%s: holds no study of scale yet", params->folder));
    plan(&s);
    enum status status = scaling_settings(&s);
    if (status == STATUS_OK) status = dir_make(path_format(path, "%s/cells", params->folder));
    if (status == STATUS_OK) status = lock(params->folder, &fd);
    if (status == STATUS_OK) {
        status = scaling_load(&s);
        if (status == STATUS_OK && s.prediction.is_made) add_held_out(&s);
        if (status == STATUS_OK && !params->only_report) status = scaling_save(&s);
        if (status == STATUS_OK && !params->only_report) status = work(&s);
        if (status == STATUS_OK) status = report(&s);
        close(fd);
    }
    free(s.cells);
    return status;
}
