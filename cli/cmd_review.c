// tengen review: judges whole games (gtp/review.h): tables and JSON on stdout, files where --out
// says so.
//
// All records are read first, so that what can't be read is said at once and the time left is
// known. Their positions are then asked for in order, as many as the analyst needs to fill its
// batches, and a game is printed when all games before it are.
#include "base/files.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/judges.h"
#include "cli/machine.h"
#include "cli/position.h"
#include "cli/stop.h"
#include "gtp/review.h"
#include "net/learned.h"
#include "net/model_path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REVIEW_MAX_WORST = 50 };

struct settings {
    struct game_settings game;
    const char *model, *out, *backend;
    int visits, batch, leaves, threads, worst;
    long long seed;
    bool json;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"model", OPTION_TEXT, FIELD(model), NULL, 0, 0, "", NULL,
     "the net; if not given, the one in models/ that is named after the first record's game and size"},
    {"visits", OPTION_INT, FIELD(visits), "200", 1, 1e8, "simulations", NULL, "how many to make for each position"},
    {"worst", OPTION_INT, FIELD(worst), "5", 0, REVIEW_MAX_WORST, "moves", NULL,
     "how many of the worst moves to list, of those that gave away 2 % or more of winning"},
    {"out", OPTION_TEXT, FIELD(out), NULL, 0, 0, "", NULL,
     "a folder for a table (CSV), a graph (SVG and PNG, by gnuplot) and a record with comments and better lines (SGF) of each "
     "game"},
    BOARD_OPTION_ROWS(struct settings, game),
    {"batch", OPTION_INT, FIELD(batch), "64", 1, ANALYST_MAX_BATCH, "positions", NULL, "the most that are judged at once"},
    {"leaves", OPTION_INT, FIELD(leaves), "8", 1, 256, "leaves", NULL, "how many positions of one search are judged at once"},
    {"threads", OPTION_INT, FIELD(threads), "0", 0, ANALYST_MAX_JUDGES, "threads", "auto=0",
     "that judge batches; auto: one for each processor, or three on a card"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net runs: ref, cpu, cuda or auto"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "seed of all random numbers"},
    {"json", OPTION_FLAG, FIELD(json), "false", 0, 0, "", NULL, "print one JSON object for each game"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

// A file of the command line.
struct entry {
    const char *path;
    struct sgf_record record;
    bool has_record;
    struct review review;
    bool has_review;
    int num_asked; // positions that the analyst has been given
};

struct work {
    const struct settings *settings;
    struct entry *entries;
    int num_entries;
    struct analyst *analyst;
    long long num_positions, num_done_before; // of all games; of those that are printed
    int num_printed;                          // entries
    int num_failed;
    double start, said;               // when the work began, and when its progress was told last
    bool is_undrawn;                  // it was said that there is no gnuplot
    char warned[NET_UNLEARNED_BYTES]; // the latest warning of what the net has not learned
};

// ---- printing ----

static void put_line(const struct game *game, const struct review_line *line) {
    char text[GAME_TEXT_BYTES];
    for (int i = 0; i < line->length; i++) {
        game->type->action_text(game, line->moves[i], text);
        printf(" %s", text);
    }
}

static void print_moves(const struct review *r) {
    const bool has_score = r->game.has_score;
    char text[GAME_TEXT_BYTES];
    printf("  move          Black wins  %slost %s  better\n", has_score ? "leads by  " : "", has_score ? "  points" : "");
    for (int i = 0; i < r->num_moves; i++) {
        const struct review_position *after = &r->positions[i + 1];
        r->game.type->action_text(&r->game, r->record->moves[i], text);
        printf("  %4d %c %-6s   %5.1f %%", i + 1, sgf_mover(r->record, i) ? 'w' : 'b', text, 100 * after->winrate);
        if (has_score) printf("    %+6.1f", after->score);
        printf("  %5.1f %%", 100 * review_loss(r, i));
        if (has_score) printf("   %+5.1f", review_points_lost(r, i));
        // A better line is worth showing where something was lost.
        const struct review_line *better = review_loss(r, i) >= 0.02f ? review_better(r, i) : NULL;
        if (better) {
            printf("  ");
            put_line(&r->game, better);
        }
        printf("\n");
    }
}

static void print_plain(const struct entry *e, const int *worst, int num_worst, bool with_moves) {
    const struct review *r = &e->review;
    char text[GAME_TEXT_BYTES], size[16];
    text_print(stdout, "%s: %s - %s%s%s, %s %s", e->path, e->record.black[0] ? e->record.black : "Black",
               e->record.white[0] ? e->record.white : "White", e->record.result[0] ? ", " : "", e->record.result,
               r->game.type->name, game_size_text(&r->game, size));
    if (r->game.has_komi) printf(", komi %g", r->game.komi);
    if (r->game.rules) printf(", %s", r->game.rules);
    printf(", %d moves\n", r->num_moves);
    if (with_moves) print_moves(r);
    if (!num_worst) printf("  no move gave much away\n");
    for (int k = 0; k < num_worst; k++) {
        const int i = worst[k];
        const struct review_line *better = review_better(r, i);
        r->game.type->action_text(&r->game, r->record->moves[i], text);
        printf("  worst %d: %s's move %d, %s, lost %.1f %%", k + 1, sgf_mover(r->record, i) ? "White" : "Black", i + 1, text,
               100 * review_loss(r, i));
        if (r->game.has_score) printf(" and %.1f points", review_points_lost(r, i));
        if (better) {
            printf("; better");
            put_line(&r->game, better);
        }
        printf("\n");
    }
}

static double rounded(double x) { return round(x * 1e6) / 1e6; }

static void line_json(const struct game *game, const struct review_line *line, cJSON *move) {
    char text[GAME_TEXT_BYTES];
    if (!line) {
        json_text(move, "best", NULL);
        cJSON_AddArrayToObject(move, "line");
        return;
    }
    game->type->action_text(game, line->moves[0], text);
    json_text(move, "best", text);
    cJSON *moves = cJSON_AddArrayToObject(move, "line");
    for (int i = 0; i < line->length; i++) {
        game->type->action_text(game, line->moves[i], text);
        cJSON_AddItemToArray(moves, cJSON_CreateString(text));
    }
}

static void print_json(const struct entry *e, const int *worst, int num_worst) {
    const struct review *r = &e->review;
    char text[GAME_TEXT_BYTES], size[16];
    cJSON *object = cJSON_CreateObject();
    json_text(object, "file", e->path);
    json_text(object, "game", r->game.type->name);
    json_text(object, "size", game_size_text(&r->game, size));
    json_text(object, "black", e->record.black);
    json_text(object, "white", e->record.white);
    json_text(object, "result", e->record.result);
    json_number(object, "komi", r->game.has_komi ? r->game.komi : NAN);
    json_text(object, "rules", r->game.rules);
    json_number(object, "visits", (double)r->positions[0].visits);
    json_number(object, "winrate", rounded(r->positions[0].winrate)); // before the first move
    json_number(object, "score", rounded(r->positions[0].score));
    cJSON *moves = cJSON_AddArrayToObject(object, "moves");
    for (int i = 0; i < r->num_moves; i++) {
        const struct review_position *before = &r->positions[i], *after = &r->positions[i + 1];
        cJSON *move = cJSON_CreateObject();
        r->game.type->action_text(&r->game, r->record->moves[i], text);
        json_number(move, "number", i + 1);
        json_text(move, "player", sgf_mover(r->record, i) ? "w" : "b");
        json_text(move, "move", text);
        json_number(move, "winrate", rounded(after->winrate));
        json_number(move, "score", rounded(after->score));
        json_number(move, "lost", rounded(review_loss(r, i)));
        json_number(move, "points_lost", rounded(review_points_lost(r, i)));
        json_number(move, "prior", rounded(before->prior));
        json_number(move, "place", before->place);
        line_json(&r->game, before->num_lines ? &before->lines[0] : NULL, move);
        cJSON_AddItemToArray(moves, move);
    }
    cJSON *numbers = cJSON_AddArrayToObject(object, "worst");
    for (int k = 0; k < num_worst; k++) cJSON_AddItemToArray(numbers, cJSON_CreateNumber(worst[k] + 1));
    json_line(object);
}

// The file's name without folders and ending, which no game before it has. (Two folders may have a
// file of the same name.)
static void own_name(const struct work *w, int index, char out[PATH_BYTES]) {
    const char *slash = strrchr(w->entries[index].path, '/'), *name = slash ? slash + 1 : w->entries[index].path;
    const size_t length = strlen(name), ending = length > 4 && !strcasecmp(name + length - 4, ".sgf") ? 4 : 0;
    int same = 1;
    for (int i = 0; i < index; i++) {
        const char *other = strrchr(w->entries[i].path, '/');
        same += !strcmp(other ? other + 1 : w->entries[i].path, name);
    }
    path_format(out, "%.*s", (int)(length - ending), name);
    if (same > 1) path_format(out, "%.*s-%d", (int)(length - ending), name, same);
}

static enum status write_files(struct work *w, int index, const int *worst, int num_worst) {
    char name[PATH_BYTES];
    bool drawn;
    own_name(w, index, name);
    TRY(review_write(&w->entries[index].review, w->settings->out, name, worst, num_worst, &drawn));
    if (!drawn && !w->is_undrawn)
        text_print(stderr,
                   "tengen: review: gnuplot is not installed (Debian: apt-get install gnuplot-nox): no graphs; in %s `gnuplot "
                   "%s.gnuplot` draws one\n",
                   w->settings->out, name);
    w->is_undrawn |= !drawn;
    return STATUS_OK;
}

// Prints the games whose predecessors are printed, and forgets them.
static void print_done(struct work *w) {
    for (; w->num_printed < w->num_entries; w->num_printed++) {
        struct entry *e = &w->entries[w->num_printed];
        if (!e->has_review) continue;
        if (e->review.num_left) return;
        int worst[REVIEW_MAX_WORST];
        const int num_worst = review_worst(&e->review, 0.02f, worst, w->settings->worst);
        if (w->settings->json)
            print_json(e, worst, num_worst);
        else
            print_plain(e, worst, num_worst, !w->settings->out);
        fflush(stdout);
        // What was wrong was said, and the other games are written all the same.
        if (w->settings->out && write_files(w, w->num_printed, worst, num_worst) != STATUS_OK) w->num_failed++;
        w->num_done_before += e->review.num_moves + 1;
        review_done(&e->review);
        e->has_review = false;
    }
}

// ---- working ----

static long long num_done(const struct work *w) {
    long long n = w->num_done_before;
    for (int i = w->num_printed; i < w->num_entries; i++)
        if (w->entries[i].has_review) n += w->entries[i].review.num_moves + 1 - w->entries[i].review.num_left;
    return n;
}

static void say_progress(struct work *w) {
    const double every = isatty(STDERR_FILENO) ? 2 : 20; // seconds; chosen, not tuned
    const double now = clock_seconds(machine_clock());
    if (now - w->said < every) return;
    const long long done = num_done(w);
    char left[32] = "";
    if (done) format_duration((now - w->start) / (double)done * (double)(w->num_positions - done), left);
    fprintf(stderr, "tengen: review: %lld of %lld positions, %d of %d games%s%s%s\n", done, w->num_positions, w->num_printed,
            w->num_entries, done ? "; " : "", left, done ? " left" : "");
    w->said = now;
}

// Gives the analyst enough positions to fill its batches.
static void ask(struct work *w) {
    enum { AHEAD = 1024 };
    for (int i = w->num_printed; i < w->num_entries; i++) {
        struct entry *e = &w->entries[i];
        while (e->has_review && e->num_asked <= e->review.num_moves) {
            if (analyst_num_jobs(w->analyst) >= AHEAD) return;
            CHECK(review_ask(&e->review, w->analyst, e->num_asked, w->settings->visits, (uint64_t)w->settings->seed));
            e->num_asked++;
        }
    }
}

static enum status work(struct work *w) {
    const volatile bool *stop = stop_on_signals();
    w->start = w->said = clock_seconds(machine_clock());
    while (w->num_printed < w->num_entries) {
        if (*stop) return STATUS_CANCELLED;
        ask(w);
        analyst_step(w->analyst);
        print_done(w);
        say_progress(w);
    }
    return STATUS_OK;
}

// ---- reading ----

// Says what the net has not learned of a game, unless the game before it was the same.
static void warn(struct work *w, const struct net *net, const char *model, const struct game *game) {
    char text[NET_UNLEARNED_BYTES];
    const char *unlearned = net_unlearned(&net->meta, game, text);
    if (!unlearned || !strcmp(unlearned, w->warned)) return;
    snprintf(w->warned, sizeof w->warned, "%s", unlearned);
    net_warn_unlearned(model, unlearned, NULL);
}

// A record that can't be reviewed is said and left out, and the others are reviewed all the same.
static void open_entry(struct work *w, struct entry *e, const struct net *net, const char *model,
                       const struct game_settings *run) {
    struct game game;
    enum status status = e->has_record ? STATUS_OK : STATUS_FORMAT;
    if (status == STATUS_OK) status = position_game(&game, &w->settings->game, run, net, &e->record, e->path);
    if (status == STATUS_OK) status = net_check_game(net, &game, model);
    if (status == STATUS_OK) status = review_init(&e->review, e->path, &e->record, &game);
    e->has_review = status == STATUS_OK;
    w->num_failed += !e->has_review;
    if (!e->has_review) return;
    w->num_positions += e->review.num_moves + 1;
    warn(w, net, model, &game);
}

// Makes the folder for the files. It fails where a file would take the place of a record that is
// reviewed: with all its comments that would be lost.
static enum status open_folder(const struct work *w) {
    const char *folder = w->settings->out;
    TRY(dir_make(folder));
    for (int i = 0; i < w->num_entries; i++) {
        char name[PATH_BYTES], path[PATH_BYTES];
        struct stat ours, theirs;
        own_name(w, i, name);
        if (stat(path_format(path, "%s/%s.sgf", folder, name), &ours)) continue;
        for (int k = 0; k < w->num_entries; k++)
            if (!stat(w->entries[k].path, &theirs) && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
                return status_fail(STATUS_USAGE, "review: --out %s: the review of %s would overwrite %s", folder,
                                   w->entries[i].path, w->entries[k].path);
    }
    return STATUS_OK;
}

// Looks for models/GAME-SIZE and models/GAME in this folder and beside the program's source.
static enum status find_model(const struct sgf_record *record, char path[PATH_BYTES]) {
    char program[PATH_BYTES], name[40], list[MODEL_LIST_BYTES];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = 0;
    for (int i = 0; i < 3; i++) { // the folder of the source is that above build/release
        char *slash = strrchr(program, '/');
        if (slash) *slash = 0;
    }
    for (int place = 0; place < 2; place++)
        for (int sized = 1; sized >= 0; sized--) {
            snprintf(name, sizeof name, sized ? "%s%d" : "%s", record->game, record->width);
            path_format(path, "%s%smodels/%s.safetensors", place ? program : "", place ? "/" : "", name);
            if (file_exists(path)) return STATUS_OK;
        }
    model_list(list, false);
    return status_fail(STATUS_USAGE, "review: models/ has no net for %s on %dx%d: say which, --model MODEL%s%s", record->game,
                       record->height, record->width, *list ? "; here there are " : "", list);
}

static enum status review_all(struct work *w) {
    const struct settings *s = w->settings;
    const struct sgf_record *first = NULL;
    char path[PATH_BYTES];
    if (s->out) TRY(open_folder(w));
    for (int i = 0; i < w->num_entries; i++) {
        struct entry *e = &w->entries[i];
        e->has_record = sgf_read_input(&e->record, e->path) == STATUS_OK;
        if (e->has_record) sgf_say_notes(&e->record, e->path);
        if (e->has_record && !first) first = &e->record;
    }
    if (!first) return STATUS_FORMAT; // what is wrong with each was said
    if (s->model)
        TRY(model_resolve(s->model, path));
    else
        TRY(find_model(first, path));
    if (!s->model) text_print(stderr, "tengen: review: by %s\n", path);
    struct net *net;
    struct judges judges = {0};
    struct run_game trained;
    TRY(net_load(&net, path));
    enum status status = run_game_read(&trained, path, net);
    for (int i = 0; i < w->num_entries && status == STATUS_OK; i++) open_entry(w, &w->entries[i], net, path, &trained.settings);
    if (status == STATUS_OK) status = judges_open(&judges, net, s->backend, s->batch, s->threads);
    const struct analyst_params params = {.evaluators = judges.evaluators,
                                          .num_evaluators = judges.num,
                                          .batch = s->batch,
                                          .leaves = s->leaves < s->batch ? s->leaves : s->batch,
                                          .clock = machine_clock()};
    if (status == STATUS_OK) status = analyst_new(&w->analyst, &params);
    if (status == STATUS_OK) status = work(w);
    analyst_free(w->analyst);
    judges_close(&judges);
    net_free(net);
    return status == STATUS_OK && w->num_failed ? STATUS_FORMAT : status; // its text was said
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct options_text text = {0}; // stays empty, since settings point into the command line
    const char **files = memory_new((size_t)argc + 1, sizeof *files, "the command line");
    struct work w = {.settings = &s};
    bool done = false;
    options_defaults(table, &s);
    enum status status = options_parse(table, &s, argc, argv, files, argc + 1, &w.num_entries, &done, &text);
    if (status == STATUS_OK && done) {
        command_help(self, table);
    } else if (status == STATUS_OK && !w.num_entries) {
        status = status_fail(STATUS_USAGE, "usage: tengen review FILE... [OPTION]... (--help says more)");
    } else if (status == STATUS_OK) {
        w.entries = memory_new((size_t)w.num_entries, sizeof *w.entries, "the games");
        for (int i = 0; i < w.num_entries; i++) w.entries[i].path = files[i];
        status = review_all(&w);
        for (int i = 0; i < w.num_entries; i++) {
            if (w.entries[i].has_review) review_done(&w.entries[i].review);
            if (w.entries[i].has_record) sgf_done(&w.entries[i].record);
        }
        free(w.entries);
    }
    free(files);
    return status;
}

const struct command command_review = {
    "review", "FILE...", "Judges recorded games move by move: winrate, score, what each move lost, and better lines",
    "FILE is a record in SGF. Every position is searched by itself; a move lost what the position was worth before it more\n"
    "than after it. Winrates count draws half and are the first player's, as are scores; losses are the mover's.\n"
    "Positions of all games share batches, so many files at once are faster than one after another.\n",
    run};
