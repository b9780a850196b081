// The state of a study as text, and the texts of its command line. state.csv is written whole after
// each event; its lines are few, and people can read them.
#include "selfplay/scaling_parts.h"

#include "base/files.h"
#include "base/memory.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- What all trainings share --------------------------------------------------------------------

void scaling_cell_config(struct config *config, const struct scaling_cell *cell) {
    config->blocks = cell->shape.blocks;
    config->channels = cell->shape.channels;
    config->time = cell->budget;
    config->games = 0;
    config->seed = cell->seed;
    config->anchor_games = 0; // All nets are rated afterwards, on one ladder.
}

enum status scaling_settings(struct scaling *s) {
    const struct scaling_params *p = s->params;
    struct config config = *p->config;
    // Any shape and time will do: the line is only to tell two studies apart.
    scaling_cell_config(&config, &(struct scaling_cell){.shape = {4, 48}, .budget = 3600, .seed = 1});
    TRY(config_resolve(&config, &s->game));
    config.threads = p->config->threads;
    char command[SCALING_SETTINGS_BYTES - 64];
    config_command(&config, command, sizeof command);
    for (char *at = command; *at; at++)
        if (*at == '\n') *at = ' ';
    snprintf(s->settings, sizeof s->settings, "%s%s", command, p->is_processor_time ? " --processor-time" : "");
    return STATUS_OK;
}

// --- Files ---------------------------------------------------------------------------------------

static char *state_path(const struct scaling *s, const char *name, char out[PATH_BYTES]) {
    return path_format(out, "%s/%s", s->params->folder, name);
}

static bool read_cell(struct scaling *s, const char *line) {
    struct scaling_cell cell = {.is_finished = true};
    int held, length = 0;
    if (sscanf(line, "cell,%63[^,],%d,%d,%lf,%d,%d,%lf%n", cell.name, &cell.shape.blocks, &cell.shape.channels, &cell.budget,
               &cell.seed, &held, &cell.seconds, &length) != 7 ||
        line[length])
        return false;
    if (cell.shape.blocks < 1 || cell.shape.blocks > 100 || cell.shape.channels < 1 || cell.shape.channels > 1024 ||
        !(cell.budget > 0 && cell.budget <= 1e9) || cell.seed < 1 || cell.seed > SCALING_MOST_SEEDS || held < 0 || held > 1 ||
        !(cell.seconds >= 0 && cell.seconds <= 1e12))
        return false;
    cell.is_held_out = held;
    struct scaling_cell *planned = scaling_add_cell(s, &cell);
    planned->is_finished = true;
    planned->seconds = cell.seconds;
    return true;
}

static bool read_rating(struct scaling *s, const char *line) {
    int round, cells, length = 0;
    double seconds;
    if (sscanf(line, "rating,%d,%lf,%d%n", &round, &seconds, &cells, &length) != 3 || line[length] || round < 0 || round > 1 ||
        !(seconds >= 0 && seconds <= 1e12) || cells < 0)
        return false;
    s->rated[round] = seconds;
    s->rated_cells[round] = cells;
    return true;
}

static enum status read_line(struct scaling *s, const char *path, int number, const char *line) {
    if (!strncmp(line, "settings,", 9)) {
        if (!strcmp(line + 9, s->settings)) return STATUS_OK;
        return status_fail(STATUS_USAGE, "%s: the study was begun with '%.600s', now it would be '%.600s'; use another folder",
                           s->params->folder, line + 9, s->settings);
    }
    if (!*line || *line == '#' || (!strncmp(line, "cell,", 5) && read_cell(s, line)) ||
        (!strncmp(line, "rating,", 7) && read_rating(s, line)))
        return STATUS_OK;
    return status_fail(STATUS_FORMAT, "%s:%d: '%.80s' is no line of a study's state", path, number, line);
}

static enum status load_state(struct scaling *s) {
    char path[PATH_BYTES], *text, *rest = NULL;
    size_t bytes;
    if (!file_exists(state_path(s, "state.csv", path))) return STATUS_OK;
    TRY(file_read(path, &text, &bytes));
    enum status status = STATUS_OK;
    int number = 0;
    for (char *line = strtok_r(text, "\n", &rest); line && status == STATUS_OK; line = strtok_r(NULL, "\n", &rest))
        status = read_line(s, path, ++number, line);
    free(text);
    return status;
}

static enum status load_prediction(struct scaling *s) {
    char path[PATH_BYTES], *text;
    size_t bytes;
    struct scale_prediction p = {0};
    if (!file_exists(state_path(s, "prediction.csv", path))) return STATUS_OK;
    TRY(file_read(path, &text, &bytes));
    const char *row = strchr(text, '\n');
    const bool is_read = row && sscanf(row, "\n%d,%d,%lf,%lf,%lf,%lf,%31[^\n]", &p.blocks, &p.channels, &p.budget, &p.elo,
                                       &p.low, &p.high, p.date) == 7;
    free(text);
    if (!is_read || p.blocks < 1 || p.blocks > 100 || p.channels < 1 || p.channels > 1024 ||
        !(p.budget > 0 && p.budget <= 1e9) || !isfinite(p.elo) || !(p.low <= p.elo && p.elo <= p.high))
        return status_fail(STATUS_FORMAT, "%s: holds no prediction", path);
    p.is_made = true;
    s->prediction = p;
    return STATUS_OK;
}

enum status scaling_load(struct scaling *s) {
    TRY(load_state(s));
    return load_prediction(s);
}

enum status scaling_save(const struct scaling *s) {
    char path[PATH_BYTES], *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) memory_failed(0, "a study of scale");
    fprintf(out, "# cell,name,blocks,channels,budget [s],seed,held_out,seconds: a training that is finished\n"
                 "# rating,round,seconds,trainings: the time of rating, and how many were rated when it ended\n");
    fprintf(out, "settings,%s\n", s->settings);
    for (int i = 0; i < s->num_cells; i++) {
        const struct scaling_cell *c = &s->cells[i];
        if (c->is_finished)
            fprintf(out, "cell,%s,%d,%d,%.17g,%d,%d,%.1f\n", c->name, c->shape.blocks, c->shape.channels, c->budget, c->seed,
                    c->is_held_out, c->seconds);
    }
    for (int round = 0; round < 2; round++) fprintf(out, "rating,%d,%.1f,%d\n", round, s->rated[round], s->rated_cells[round]);
    fclose(out);
    const enum status status = file_write(state_path(s, "state.csv", path), text, bytes);
    free(text);
    return status;
}

enum status scaling_save_prediction(const struct scaling *s) {
    const struct scale_prediction *p = &s->prediction;
    char path[PATH_BYTES], text[400];
    const int length =
        snprintf(text, sizeof text,
                 "blocks,channels,budget [s],elo,elo_low [95 %%],elo_high [95 %%],date\n%d,%d,%.17g,%.1f,%.1f,%.1f,%s\n",
                 p->blocks, p->channels, p->budget, p->elo, p->low, p->high, p->date);
    return file_write(state_path(s, "prediction.csv", path), text, (size_t)length);
}

// --- Words of the command line -------------------------------------------------------------------

// Calls `read` for each word between commas. `most` words at most.
static enum status read_list(const char *option, const char *text, int most, void *out, int *num,
                             bool (*read)(void *out, int index, const char *word)) {
    char copy[1024], *rest = NULL;
    *num = 0;
    if (strlen(text) >= sizeof copy) return status_fail(STATUS_USAGE, "--%s: the list is too long", option);
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        if (*num == most) return status_fail(STATUS_USAGE, "--%s: more than %d", option, most);
        if (!read(out, *num, word)) return status_fail(STATUS_USAGE, "--%s: '%.80s' is none, or is there twice", option, word);
        ++*num;
    }
    return *num ? STATUS_OK : status_fail(STATUS_USAGE, "--%s: the list is empty", option);
}

static bool read_shape(void *out, int index, const char *word) {
    struct scaling_shape *shapes = out, shape;
    int length = 0;
    if (sscanf(word, "%4dx%5d%n", &shape.blocks, &shape.channels, &length) != 2 || word[length] || shape.blocks < 1 ||
        shape.blocks > 100 || shape.channels < 1 || shape.channels > 1024)
        return false;
    for (int i = 0; i < index; i++)
        if (shapes[i].blocks == shape.blocks && shapes[i].channels == shape.channels) return false;
    shapes[index] = shape;
    return true;
}

static bool read_budget(void *out, int index, const char *word) {
    double *budgets = out;
    if (parse_duration(word, &budgets[index]) != STATUS_OK || !(budgets[index] >= 1 && budgets[index] <= 1e8)) return false;
    for (int i = 0; i < index; i++)
        if (budgets[i] == budgets[index]) return false;
    return true;
}

static bool read_visits(void *out, int index, const char *word) {
    int *visits = out;
    char *end;
    const long value = strtol(word, &end, 10);
    if (end == word || *end || value < 0 || value > 1000000) return false;
    for (int i = 0; i < index; i++)
        if (visits[i] == value) return false;
    visits[index] = (int)value;
    return true;
}

enum status scaling_read_shapes(const char *text, struct scaling_shape shapes[SCALE_MOST_SHAPES], int *num) {
    return read_list("shapes", text, SCALE_MOST_SHAPES, shapes, num, read_shape);
}

enum status scaling_read_budgets(const char *text, double budgets[SCALE_MOST_BUDGETS], int *num) {
    return read_list("budget", text, SCALE_MOST_BUDGETS, budgets, num, read_budget);
}

enum status scaling_read_visits(const char *text, int visits[SCALING_MOST_DIALS], int *num) {
    *num = 0;
    if (!strcmp(text, "none")) return STATUS_OK;
    return read_list("dial", text, SCALING_MOST_DIALS, visits, num, read_visits);
}
