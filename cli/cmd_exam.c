// tengen exam: examines players and the checkpoints of runs (exam/). It makes the papers, lets each
// examinee answer them, prints the marks, and writes table and chart.
//
// Papers are made first, a subject a thread. Then examinees come one after another, so that only one
// net is in memory at a time. All is counted in positions that have to be judged, which is how the
// time left is known.
#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/thread_pool.h"
#include "cli/command.h"
#include "cli/game_options.h"
#include "cli/json.h"
#include "cli/machine.h"
#include "cli/run_folder.h"
#include "cli/stop.h"
#include "exam/sheet.h"
#include "run/run_read.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    struct game_settings game;
    const char *subjects, *visits, *beside, *out, *backend;
    int items, checkpoints, threads;
    long long seed;
    bool json, quiet;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"subjects", OPTION_TEXT, FIELD(subjects), NULL, 0, 0, "", NULL,
     "which, separated by commas; if not given, all that there are for the board"},
    {"visits", OPTION_TEXT, FIELD(visits), "0", 0, 0, "simulations", NULL,
     "how many a net may make for each position, as in 0,100; 0: the raw net. A run's raw checkpoints are examined anyway, its "
     "searches only with the first and the last"},
    {"items", OPTION_INT, FIELD(items), "0", 0, 100000, "positions", "usual=0",
     "about how many each subject has; usual: what the subject takes"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 1, 9e15, "", NULL,
     "seed of the papers: 1 is for everyday use, 1000003 is kept for control, so that tuning to the first shows"},
    {"checkpoints", OPTION_INT, FIELD(checkpoints), "12", 1, 1e6, "", NULL,
     "how many of each run at most, spread over its time, with the first and the last"},
    {"beside", OPTION_TEXT, FIELD(beside), "random,uct:1024", 0, 0, "", NULL,
     "PLAYERs beside a run that never change, separated by commas; none: none. GNU Go takes a second for a position"},
    {"out", OPTION_TEXT, FIELD(out), NULL, 0, 0, "", NULL,
     "a folder for exam.csv, exam.svg and exam.png; if not given, the first RUN, or nowhere"},
    GAME_OPTION_ROWS(struct settings, game),
    {"threads", OPTION_INT, FIELD(threads), "0", 0, 1024, "threads", "auto=0",
     "that make papers; auto: one for each processor"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where nets run: ref, cpu, cuda or auto"},
    {"quiet", OPTION_FLAG, FIELD(quiet), "false", 0, 0, "", NULL, "print no lines of progress"},
    {"json", OPTION_FLAG, FIELD(json), "false", 0, 0, "", NULL, "print one JSON object for each examinee and subject"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

enum { MAX_EXAMINEES = 6, MAX_VISITS = 8, SAY_SECONDS = 10 };

// Who is to be examined.
struct examinee {
    char *text; // as a PLAYER
    char *name;
    const char *run;
    enum sheet_kind kind;
    long long step;
    double seconds;
    bool searches; // not only raw
};

struct work {
    const struct settings *settings;
    const struct log *log;
    const volatile bool *stop;
    int visits[MAX_VISITS], num_visits;
    struct examinee *examinees;
    int num_examinees;
    struct sheet sheet;
    struct exam_paper papers[EXAM_MAX_SUBJECTS];
    enum status made[EXAM_MAX_SUBJECTS];
    // Progress: positions judged, of how many. Threads that make papers share it.
    pthread_mutex_t lock;
    double done, total, start, said;
    int cost; // of one item of who answers now
};

// --- Who -----------------------------------------------------------------------------------------

static struct examinee *add_examinee(struct work *w, enum sheet_kind kind, const char *text, const char *name) {
    w->examinees = memory_resize(w->examinees, (size_t)w->num_examinees + 1, sizeof *w->examinees, "examinees");
    struct examinee *e = &w->examinees[w->num_examinees++];
    *e = (struct examinee){
        .text = memory_text(text, "an examinee"), .name = memory_text(name, "an examinee"), .kind = kind, .searches = true};
    return e;
}

static enum status add_run(struct work *w, const char *run) {
    struct run_reader *reader;
    struct run_checkpoint *checkpoints;
    int num, added = 0;
    TRY(run_read_open(&reader, run));
    const enum status status = run_read_checkpoints(reader, &checkpoints, &num);
    run_read_close(reader);
    TRY(status);
    const int most = w->settings->checkpoints < num ? w->settings->checkpoints : num;
    for (int i = 0; i < most; i++) {
        // Spread evenly; one alone is the last.
        const struct run_checkpoint *c = &checkpoints[most > 1 ? (int)((long long)i * (num - 1) / (most - 1)) : num - 1];
        char path[PATH_BYTES], name[80];
        path_format(path, "%s/nets/%06lld.safetensors", run, c->step);
        if (!file_exists(path)) continue; // thinned out to hold the disk budget
        snprintf(name, sizeof name, "%06lld", c->step);
        struct examinee *e = add_examinee(w, SHEET_CHECKPOINT, path, name);
        e->run = run;
        e->step = c->step;
        e->seconds = c->seconds;
        e->searches = i == 0 || i == most - 1;
        added++;
    }
    free(checkpoints);
    return added ? STATUS_OK : status_fail(STATUS_USAGE, "%s: there is no checkpoint yet", run);
}

static enum status add_beside(struct work *w) {
    if (!strcmp(w->settings->beside, "none")) return STATUS_OK;
    char *list = memory_text(w->settings->beside, "examinees"), *rest = NULL;
    for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        add_examinee(w, SHEET_FIXED, word, word)->searches = false;
    free(list);
    return STATUS_OK;
}

static enum status add_all(struct work *w, const struct words *words) {
    bool has_run = false;
    for (int i = 0; i < words->count; i++) {
        char database[PATH_BYTES];
        if (file_exists(path_format(database, "%s/run.sqlite", words->at[i]))) {
            TRY(add_run(w, words->at[i]));
            has_run = true;
        } else {
            add_examinee(w, SHEET_PLAYER, words->at[i], words->at[i]);
        }
    }
    return has_run ? add_beside(w) : STATUS_OK;
}

static enum status read_visits(struct work *w) {
    const char *at = w->settings->visits;
    for (;;) {
        char *end;
        const long n = strtol(at, &end, 10);
        if (end == at || (*end && *end != ',') || n < 0 || n > 100000000 || w->num_visits == MAX_VISITS)
            return status_fail(STATUS_USAGE, "--visits: '%s' is not a list of up to %d numbers, as in 0,100",
                               w->settings->visits, MAX_VISITS);
        w->visits[w->num_visits++] = n ? (int)n : PLAYER_RAW;
        if (!*end) return STATUS_OK;
        at = end + 1;
    }
}

static enum status open_player(const struct work *w, const struct examinee *e, struct player **player) {
    return player_open(
        player, e->text,
        &(struct player_options){.visits = PLAYER_RAW, .backend = w->settings->backend, .name = e->run ? e->name : NULL});
}

// The board is what was said, or that of the first net.
static enum status open_game(struct work *w) {
    struct player *player = NULL;
    enum status status = STATUS_OK;
    const struct net *net = NULL;
    for (int i = 0; i < w->num_examinees && status == STATUS_OK && !net; i++) {
        player_free(player);
        player = NULL;
        status = open_player(w, &w->examinees[i], &player);
        net = status == STATUS_OK ? player_net(player) : NULL;
    }
    struct game_settings settings = w->settings->game;
    struct run_game trained;
    if (status == STATUS_OK && net) {
        status = run_game_read(&trained, player_net_path(player), net);
        settings = game_settings_over(&settings, &trained.settings);
    }
    if (status == STATUS_OK) status = game_from_settings(&w->sheet.game, &settings, net);
    player_free(player);
    return status;
}

// --- Progress ------------------------------------------------------------------------------------

// Adds to what is done, and says from time to time how long the rest will take.
static void advance(struct work *w, double more, const char *what) {
    pthread_mutex_lock(&w->lock);
    w->done += more;
    const double now = clock_seconds(machine_clock()), spent = now - w->start;
    if (now - w->said > SAY_SECONDS && w->done > 0) {
        char left[32];
        w->said = now;
        log_line(w->log, "%s: %.0f %%, about %s left", what, 100 * w->done / w->total,
                 format_duration(spent * (w->total - w->done) / w->done, left));
    }
    pthread_mutex_unlock(&w->lock);
}

static void begin_progress(struct work *w, double total) {
    w->done = 0;
    w->total = total > 0 ? total : 1;
    w->start = w->said = clock_seconds(machine_clock());
}

static void on_paper_item(void *context, int done, int of) {
    (void)done, (void)of;
    advance(context, 1, "papers");
}

static void on_answers(void *context, int num) {
    struct work *w = context;
    advance(w, (double)num * w->cost, "answers");
}

// --- Papers --------------------------------------------------------------------------------------

static void make_paper(void *context, int task, int worker) {
    (void)worker;
    struct work *w = context;
    const struct exam_wish wish = {.like = &w->sheet.game,
                                   .seed = (uint64_t)w->settings->seed,
                                   .num_items = w->settings->items,
                                   .stop = w->stop,
                                   .on_item = on_paper_item,
                                   .context = w};
    w->made[task] = exam_make(w->sheet.subjects[task], &wish, &w->papers[task]);
}

static enum status make_papers(struct work *w) {
    struct thread_pool *pool;
    double total = 0;
    TRY(exam_subjects_for(&w->sheet.game, w->settings->subjects, w->sheet.subjects, &w->sheet.num_subjects));
    for (int k = 0; k < w->sheet.num_subjects; k++)
        total += w->settings->items ? w->settings->items : w->sheet.subjects[k]->usual_items;
    begin_progress(w, total);
    TRY(thread_pool_new(&pool, w->settings->threads ? w->settings->threads : machine_threads()));
    thread_pool_run(pool, w->sheet.num_subjects, make_paper, w);
    thread_pool_free(pool);
    w->sheet.seed = (uint64_t)w->settings->seed;
    for (int k = 0; k < w->sheet.num_subjects; k++) {
        TRY(w->made[k]);
        w->sheet.num_items[k] = w->papers[k].num_items;
    }
    return STATUS_OK;
}

// --- Answers -------------------------------------------------------------------------------------

// How many positions are judged for one item.
static int cost_of(const struct player *player, int visits) {
    int own;
    const struct search_params *search = player_search(player, &own);
    if (player_is_program(player)) return 300; // about a second
    if (player_net(player)) return visits == PLAYER_RAW ? 1 : visits;
    return search ? own / 20 + 1 : 1; // a playout takes a small part of a net's time
}

// Whether the examinee knows the boards of a paper.
static bool can_answer(const struct player *player, const struct exam_paper *paper) {
    const struct net *net = player_net(player);
    if (!paper->num_items) return false;
    const int side = paper->items[0].game.height; // asked quietly: a subject may have boards of its own
    if (net && net->meta.min_size > 0 && (side < net->meta.min_size || side > net->meta.max_size)) return false;
    return !net || net_check_game(player_net(player), &paper->items[0].game, player_name(player)) == STATUS_OK;
}

static enum status examine_subject(struct work *w, const struct player *player, struct evaluator *evaluator, int visits,
                                   int subject, struct sheet_row *row) {
    const struct exam_paper *paper = &w->papers[subject];
    if (!can_answer(player, paper)) return STATUS_OK;
    const struct marks_params params = {
        .seed = (uint64_t)w->settings->seed, .stop = w->stop, .clock = machine_clock(), .on_items = on_answers, .context = w};
    struct exam_answer *answers = memory_new((size_t)paper->num_items, sizeof *answers, "the answers of an exam");
    const enum status status = marks_player(paper, player, evaluator, visits, &params, answers);
    if (status == STATUS_OK) {
        marks_count(paper, answers, &row->marks[subject]);
        row->is_examined[subject] = true;
    }
    free(answers);
    return status;
}

static struct sheet_row *add_row(struct work *w, const struct examinee *e, int visits) {
    struct sheet *s = &w->sheet;
    s->rows = memory_resize(s->rows, (size_t)s->num_rows + 1, sizeof *s->rows, "the marks of an exam");
    struct sheet_row *row = &s->rows[s->num_rows++];
    *row = (struct sheet_row){
        .name = e->name, .kind = e->kind, .run = e->run, .step = e->step, .seconds = e->seconds, .visits = visits};
    return row;
}

static enum status examine(struct work *w, struct examinee *e) {
    struct player *player;
    struct evaluator *evaluator = NULL;
    TRY(open_player(w, e, &player));
    free(e->name); // the text may give another one (@name=)
    e->name = memory_text(player_name(player), "an examinee");
    enum status status = player_evaluator(player, MARKS_BATCH, &evaluator);
    const bool is_net = player_net(player) != NULL;
    // A raw checkpoint is what the chart shows, whatever visits are asked.
    const bool adds_raw = e->kind == SHEET_CHECKPOINT && w->visits[0] != PLAYER_RAW;
    for (int i = adds_raw ? -1 : 0; i < (is_net ? w->num_visits : 1) && status == STATUS_OK; i++) {
        const int visits = i < 0 ? PLAYER_RAW : is_net ? w->visits[i] : 0;
        if (is_net && visits != PLAYER_RAW && !e->searches) continue;
        struct sheet_row *row = add_row(w, e, visits);
        w->cost = cost_of(player, visits);
        for (int k = 0; k < w->sheet.num_subjects && status == STATUS_OK; k++)
            status = examine_subject(w, player, evaluator, visits, k, row);
    }
    evaluator_free(evaluator);
    player_free(player);
    return status;
}

static enum status examine_all(struct work *w) {
    double items = 0, total = 0;
    for (int k = 0; k < w->sheet.num_subjects; k++) items += w->papers[k].num_items;
    for (int i = 0; i < w->num_examinees; i++) {
        struct player *player;
        TRY(open_player(w, &w->examinees[i], &player));
        const bool is_net = player_net(player) != NULL;
        for (int v = 0; v < (is_net ? w->num_visits : 1); v++)
            if (!is_net || w->visits[v] == PLAYER_RAW || w->examinees[i].searches)
                total += items * cost_of(player, w->visits[v]);
        player_free(player);
    }
    begin_progress(w, total);
    for (int i = 0; i < w->num_examinees; i++) TRY(examine(w, &w->examinees[i]));
    return STATUS_OK;
}

// --- Results -------------------------------------------------------------------------------------

static void print_json(const struct sheet *s) {
    static const char *const kinds[] = {"checkpoint", "fixed", "player"};
    for (int i = 0; i < s->num_rows; i++)
        for (int k = 0; k < s->num_subjects; k++) {
            const struct sheet_row *row = &s->rows[i];
            const struct exam_marks *m = &row->marks[k];
            double share, low, high;
            if (!row->is_examined[k]) continue;
            marks_share(m, &share, &low, &high);
            cJSON *line = cJSON_CreateObject();
            json_text(line, "examinee", row->name);
            json_text(line, "kind", kinds[row->kind]);
            json_text(line, "run", row->run);
            json_number(line, "step", row->run ? (double)row->step : NAN);
            json_number(line, "seconds", row->run ? row->seconds : NAN);
            json_number(line, "visits", row->visits == PLAYER_RAW ? 0 : row->visits ? row->visits : NAN);
            json_text(line, "subject", s->subjects[k]->name);
            json_number(line, "items", s->num_items[k]);
            json_number(line, "questions", m->questions);
            json_number(line, "right", m->right);
            json_number(line, "share", share);
            json_number(line, "low", low);
            json_number(line, "high", high);
            json_number(line, "chance", m->chance);
            json_number(line, "moves", m->moves);
            json_number(line, "moves_right", m->moves_right);
            json_number(line, "probability", m->probability);
            json_number(line, "results", m->results);
            json_number(line, "results_right", m->results_right);
            json_number(line, "value_error", m->value_error);
            json_number(line, "seed", (double)s->seed);
            json_line(line);
        }
}

static enum status report(const struct work *w, bool is_whole) {
    if (w->settings->json)
        print_json(&w->sheet);
    else
        sheet_print(&w->sheet, stdout);
    const char *folder = w->settings->out;
    for (int i = 0; i < w->num_examinees && !folder; i++) folder = w->examinees[i].run;
    if (!folder || !is_whole) return STATUS_OK;
    bool drawn;
    TRY(dir_make(folder));
    TRY(sheet_write(&w->sheet, folder));
    TRY(sheet_draw(folder, &drawn));
    if (!drawn)
        log_line(w->log,
                 "gnuplot is not installed (Debian: apt-get install gnuplot-nox): exam.csv is written, and "
                 "`gnuplot exam.gnuplot` in %s draws it",
                 folder);
    if (!w->settings->json) text_print(stdout, "\n%s/exam.csv%s\n", folder, drawn ? ", exam.svg, exam.png" : "");
    return STATUS_OK;
}

static void work_done(struct work *w) {
    for (int i = 0; i < w->num_examinees; i++) {
        free(w->examinees[i].text);
        free(w->examinees[i].name);
    }
    for (int k = 0; k < w->sheet.num_subjects; k++) exam_paper_done(&w->papers[k]);
    free(w->examinees);
    free(w->sheet.rows);
    pthread_mutex_destroy(&w->lock);
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    TRY(command_parse(self, table, &s, argc, argv, 1, MAX_EXAMINEES, &words, &done));
    if (done) return STATUS_OK;
    const struct log log = {.quiet = s.quiet};
    struct work *w = memory_new(1, sizeof *w, "an exam");
    w->settings = &s;
    w->log = &log;
    w->stop = stop_on_signals();
    pthread_mutex_init(&w->lock, NULL);
    enum status status = read_visits(w);
    if (status == STATUS_OK) status = add_all(w, &words);
    if (status == STATUS_OK) status = open_game(w);
    if (status == STATUS_OK) status = make_papers(w);
    if (status == STATUS_OK) status = examine_all(w);
    // Whoever stops it sees what is known by then; the files show whole exams only.
    if (status == STATUS_OK || (status == STATUS_CANCELLED && w->sheet.num_rows)) {
        const enum status reported = report(w, status == STATUS_OK);
        if (status == STATUS_OK) status = reported;
    }
    if (status == STATUS_CANCELLED) log_line(&log, "stopped; no files were written");
    work_done(w);
    free(w);
    return status;
}

const struct command command_exam = {
    "exam", "PLAYER|RUN [PLAYER|RUN]...", "Examines what nets know: ladders, life and death, races, by exact answers",
    "Questions are made from a seed, and their answers are found by rules and exact search (docs/exam.md). A PLAYER is what\n"
    "`tengen match` calls so, so that GNU Go can be examined, too; of a RUN, its checkpoints are. \"right\" is the share of\n"
    "questions answered right; \"on right\" the probability that the policy gives to right moves; \"results\" the share of\n"
    "positions whose winner is seen, and \"error\" the mean distance of the value from the result, from 0 to 2.\n"
    "The chart shows the first, a middle and the last checkpoint of a RUN, and since when it has had nine tenths right.\n",
    run};
