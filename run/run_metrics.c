// metrics.csv and tb/ are the table `metrics` for spreadsheets, gnuplot and TensorBoard.
//
// metrics.csv has one row for each iteration and one column for each metric ever seen, in the order
// of metric_names. A value that an iteration doesn't have is an empty cell. A new metric means a
// new column in all old rows, so the file is then written again. TensorBoard's steps are numbers of
// games: they never go back, as the trainer's step may after a kill.
#include "base/memory.h"
#include "run/run_parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_name(struct run *run, const char *name, const char *unit) {
    run->names = memory_resize(run->names, (size_t)run->num_names + 1, sizeof *run->names, "names of metrics");
    run->names[run->num_names++] =
        (struct metric_name){memory_text(name, "names of metrics"), memory_text(unit, "names of metrics")};
}

static void forget_names(struct run *run, int keep) {
    while (run->num_names > keep) {
        run->num_names--;
        free(run->names[run->num_names].name);
        free(run->names[run->num_names].unit);
    }
}

static int find_name(const struct run *run, const char *name) {
    for (int i = 0; i < run->num_names; i++)
        if (!strcmp(run->names[i].name, name)) return i;
    return -1;
}

static void print_row(FILE *out, const struct run *run, long long iteration, double seconds, long long games, long long step,
                      long long samples, const double *values) {
    fprintf(out, "%lld,%.2f,%lld,%lld,%lld", iteration, seconds, games, step, samples);
    for (int i = 0; i < run->num_names; i++) {
        if (isnan(values[i]))
            fputc(',', out);
        else
            fprintf(out, ",%.8g", values[i]);
    }
    fputc('\n', out);
}

static void print_header(FILE *out, const struct run *run) {
    fputs("iteration,seconds [s],games [games],step [steps],samples [rows]", out);
    for (int i = 0; i < run->num_names; i++) {
        const char *unit = run->names[i].unit;
        fprintf(out, unit[0] ? ",%s [%s]" : ",%s", run->names[i].name, unit);
    }
    fputc('\n', out);
}

static void clear(const struct run *run, double *values) {
    for (int i = 0; i < run->num_names; i++) values[i] = NAN;
}

static enum status add_event(struct run *run, double wall, long long games, const double *values, struct scalar *scalars) {
    int num_scalars = 0;
    for (int i = 0; i < run->num_names; i++)
        if (!isnan(values[i])) scalars[num_scalars++] = (struct scalar){run->names[i].name, values[i]};
    return num_scalars ? tensorboard_add(run->tensorboard, wall, games, scalars, num_scalars) : STATUS_OK;
}

struct row {
    long long iteration, games, step, samples;
    double seconds, wall;
};

static enum status load_row(struct query *query, struct row *row) {
    TRY(query_count(query, 0, &row->iteration));
    TRY(query_seconds(query, 1, &row->seconds));
    TRY(query_count(query, 2, &row->games));
    TRY(query_count(query, 3, &row->step));
    TRY(query_count(query, 4, &row->samples));
    return query_seconds(query, 5, &row->wall);
}

// Prints every iteration of the database to `csv`, or to the event file where it is NULL.
static enum status print_all(struct run *run, FILE *csv) {
    double *values = memory_raw((size_t)run->num_names, sizeof *values, "metrics");
    struct scalar *scalars = memory_raw((size_t)run->num_names, sizeof *scalars, "metrics");
    struct query *rows = NULL, *cells = NULL;
    enum status status =
        db_query(run->db, &rows, "SELECT iteration, seconds, games, step, samples, wall FROM iterations ORDER BY 1", "");
    if (!status) status = db_query(run->db, &cells, "SELECT iteration, metric, value FROM metrics ORDER BY 1, 2", "");
    bool has_cell = !status && query_next(cells, &status);
    while (!status && query_next(rows, &status)) {
        struct row row;
        status = load_row(rows, &row);
        clear(run, values);
        for (; !status && has_cell && query_bits(cells, 0) <= row.iteration; has_cell = query_next(cells, &status)) {
            long long id = 0;
            status = query_integer(cells, 1, NULL, 1, run->num_names, &id);
            if (!status && query_bits(cells, 0) == row.iteration)
                status = query_real(cells, 2, NULL, -INFINITY, INFINITY, &values[id - 1]);
        }
        if (!status && csv)
            print_row(csv, run, row.iteration, row.seconds, row.games, row.step, row.samples, values);
        else if (!status)
            status = add_event(run, row.wall, row.games, values, scalars);
    }
    query_free(rows);
    query_free(cells);
    free(values);
    free(scalars);
    return status;
}

// Writes metrics.csv again and opens it to append.
static enum status rewrite_csv(struct run *run) {
    char path[PATH_BYTES], *text = NULL;
    size_t num_bytes = 0;
    if (run->metrics) fclose(run->metrics);
    run->metrics = NULL;
    path_format(path, "%s/metrics.csv", run->home.at);
    FILE *out = open_memstream(&text, &num_bytes);
    if (!out) memory_failed(0, "metrics.csv");
    print_header(out, run);
    enum status status = print_all(run, out);
    fclose(out);
    if (!status) status = file_write(path, text, num_bytes);
    free(text);
    if (status) return status;
    run->metrics = fopen(path, "ae");
    return run->metrics ? STATUS_OK : status_fail(STATUS_IO, "%s: can't open: %s", path, strerror(errno));
}

// Each session has its own event file, which holds the whole run; those of earlier sessions go.
static enum status rewrite_events(struct run *run, double wall) {
    char **names;
    int num_names;
    TRY(dir_list(run->tb.at, ".tengen", &names, &num_names));
    enum status status = STATUS_OK;
    for (int i = 0; i < num_names && !status; i++)
        if (!strncmp(names[i], "events.out.tfevents.", 20)) status = folder_remove(&run->tb, names[i]);
    free(names);
    TRY(status);
    TRY(tensorboard_new(&run->tensorboard, run->tb.at, wall));
    TRY(print_all(run, NULL));
    return tensorboard_flush(run->tensorboard);
}

enum status metrics_open(struct run *run, double wall) {
    struct query *query;
    TRY(db_query(run->db, &query, "SELECT id, name, unit FROM metric_names ORDER BY id", ""));
    enum status status = STATUS_OK;
    while (!status && query_next(query, &status)) {
        long long id;
        // The ids have no gaps.
        status = query_integer(query, 0, NULL, run->num_names + 1, run->num_names + 1, &id);
        if (!status) add_name(run, query_text(query, 1), query_text(query, 2));
    }
    query_free(query);
    if (!status) status = rewrite_csv(run);
    return status ? status : rewrite_events(run, wall);
}

enum status metrics_rewrite(struct run *run) {
    tensorboard_free(run->tensorboard);
    run->tensorboard = NULL;
    TRY(rewrite_csv(run));
    return rewrite_events(run, run->wall);
}

void metrics_close(struct run *run) {
    forget_names(run, 0);
    free(run->names);
    if (run->metrics) fclose(run->metrics);
    tensorboard_free(run->tensorboard);
}

enum status metrics_store(struct run *run, const struct run_iteration *iteration) {
    const struct run_state *state = &run->state;
    const int had_names = run->num_names;
    enum status status = db_run(run->db, "INSERT INTO iterations VALUES(?, ?, ?, ?, ?, ?)", "iddiii", state->iterations,
                                iteration->seconds, iteration->wall, state->games, state->step, state->samples);
    for (int i = 0; !status && i < iteration->num_metrics; i++) {
        const struct run_metric *metric = &iteration->metrics[i];
        if (isnan(metric->value)) continue;
        if (find_name(run, metric->name) < 0) {
            add_name(run, metric->name, metric->unit ? metric->unit : "");
            status = db_run(run->db, "INSERT INTO metric_names VALUES(?, ?, ?)", "iss", (long long)run->num_names, metric->name,
                            metric->unit ? metric->unit : "");
        }
        if (!status)
            status = db_run(run->db, "INSERT OR REPLACE INTO metrics VALUES(?, ?, ?)", "iid", state->iterations,
                            (long long)find_name(run, metric->name) + 1, metric->value);
    }
    if (status) forget_names(run, had_names);
    return status;
}

enum status metrics_publish(struct run *run, const struct run_iteration *iteration, int had_names) {
    double *values = memory_raw((size_t)run->num_names, sizeof *values, "metrics");
    struct scalar *scalars = memory_raw((size_t)run->num_names, sizeof *scalars, "metrics");
    clear(run, values);
    for (int i = 0; i < iteration->num_metrics; i++) {
        const int column = find_name(run, iteration->metrics[i].name);
        if (column >= 0 && !isnan(iteration->metrics[i].value)) values[column] = iteration->metrics[i].value;
    }
    enum status status = add_event(run, iteration->wall, run->state.games, values, scalars);
    if (!status) status = tensorboard_flush(run->tensorboard);
    if (!status && (run->num_names > had_names || !run->metrics)) {
        status = rewrite_csv(run);
    } else if (!status) {
        print_row(run->metrics, run, run->state.iterations, iteration->seconds, run->state.games, run->state.step,
                  run->state.samples, values);
        if (fflush(run->metrics))
            status = status_fail(STATUS_IO, "%s/metrics.csv: can't write: %s", run->home.at, strerror(errno));
    }
    free(values);
    free(scalars);
    return status;
}
