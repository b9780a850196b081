// tengen analysis: KataGo's JSON protocol (gtp/) on stdin and stdout. Front ends start it with
// KataGo's own options, which are translated here.
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/judges.h"
#include "cli/machine.h"
#include "cli/stop.h"
#include "game/go_rules.h"
#include "gtp/analysis.h"
#include "gtp/report.h"
#include "net/model_path.h"

#include <stdlib.h>
#include <string.h>

struct settings {
    int visits, batch, leaves, threads;
    const char *rules, *backend, *winrates_as;
    long long seed;
    bool quit_without_waiting;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"visits", OPTION_INT, FIELD(visits), "400", 1, 1e8, "simulations", NULL, "for queries that don't say maxVisits"},
    {"rules", OPTION_TEXT, FIELD(rules), "chinese", 0, 0, "", NULL, "for queries that don't say rules"},
    {"winrates-as", OPTION_CHOICE, FIELD(winrates_as), "black", 0, 0, "", "black|white|mover",
     "whose winrates and scores are reported where a query doesn't say reportAnalysisWinratesAs"},
    {"batch", OPTION_INT, FIELD(batch), "64", 1, ANALYST_MAX_BATCH, "positions", NULL,
     "the most that are judged at once, of all queries together"},
    {"leaves", OPTION_INT, FIELD(leaves), "8", 1, 256, "leaves", NULL,
     "how many positions of one search are judged at once; more are faster where queries are few, and search a little worse"},
    {"threads", OPTION_INT, FIELD(threads), "0", 0, ANALYST_MAX_JUDGES, "threads", "auto=0",
     "that judge batches; auto: one for each processor, or three on a card"},
    {"quit-without-waiting", OPTION_FLAG, FIELD(quit_without_waiting), "false", 0, 0, "", NULL,
     "end with the input, instead of when all its queries are answered"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the net runs: ref, cpu, cuda or auto"},
    {"seed", OPTION_LONG, FIELD(seed), "1", 0, 9e15, "", NULL, "seed of all random numbers"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

static enum status serve(const struct settings *s, const struct net *net, const char *model) {
    struct go_rules rules;
    struct judges judges;
    TRY(go_rules_parse(&rules, s->rules));
    if (s->leaves > s->batch)
        return status_fail(STATUS_USAGE, "--leaves %d: they must fit into a batch of %d", s->leaves, s->batch);
    enum status status = judges_open(&judges, net, s->backend, s->batch, s->threads);
    if (status == STATUS_OK) {
        const struct analysis_params params = {.net = net,
                                               .model_name = model,
                                               .visits = s->visits,
                                               .rules = s->rules,
                                               .view = !strcmp(s->winrates_as, "black")   ? 0
                                                       : !strcmp(s->winrates_as, "white") ? 1
                                                                                          : REPORT_MOVER,
                                               .analyst = {.evaluators = judges.evaluators,
                                                           .num_evaluators = judges.num,
                                                           .batch = s->batch,
                                                           .leaves = s->leaves,
                                                           .clock = machine_clock()},
                                               .seed = (uint64_t)s->seed,
                                               .stop = stop_on_signals(),
                                               .ends_with_input = s->quit_without_waiting};
        text_print(stderr, "tengen: %s is ready to begin handling requests\n", model);
        status = analysis_serve(&params, stdin, stdout);
    }
    judges_close(&judges);
    return status == STATUS_CANCELLED ? STATUS_OK : status; // a client that ends us has not failed
}

// Turns KataGo's options into ours: `-model M` into the MODEL, and those that mean nothing here
// into a line on stderr. Returns the number of words in `out`, which has room for all of argv.
static int translate(int argc, char **argv, char **out) {
    static const char *const without_use[] = {"-config", "-override-config", "-human-model", "-analysis-threads", NULL};
    bool is_ignored = false;
    int n = 0;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i] + (!strncmp(argv[i], "--", 2) ? 1 : 0); // KataGo takes both
        int k = 0;
        while (without_use[k] && strcmp(word, without_use[k])) k++;
        if (without_use[k]) {
            is_ignored = true;
            i++; // its value
        } else if (!strcmp(word, "-quit-without-waiting")) {
            static char ours[] = "--quit-without-waiting";
            out[n++] = ours;
        } else if (strcmp(word, "-model") || i + 1 == argc) {
            out[n++] = argv[i];
        } else {
            out[n++] = argv[++i];
        }
    }
    if (is_ignored)
        fputs("tengen: analysis: -config, -override-config and -human-model are KataGo's and change nothing here\n", stderr);
    return n;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    bool done;
    char **ours = memory_new((size_t)argc + 1, sizeof *ours, "the command line");
    const int num_words = translate(argc, argv, ours);
    enum status status = command_parse(self, table, &s, num_words, ours, 1, 1, &words, &done);
    if (status == STATUS_OK && !done) {
        char path[PATH_BYTES];
        struct net *net = NULL;
        status = model_resolve(words.at[0], path);
        if (status == STATUS_OK) status = net_load(&net, path);
        if (status == STATUS_OK && strcmp(net->meta.game, "go"))
            status = status_fail(STATUS_UNSUPPORTED, "analysis: %s plays %s, and the protocol is for Go alone", words.at[0],
                                 net->meta.game);
        if (status == STATUS_OK) status = serve(&s, net, words.at[0]);
        net_free(net);
    }
    free(ours);
    return status;
}

const struct command command_analysis = {
    "analysis", "MODEL", "Analyses positions of Go for other programs, by KataGo's JSON protocol on stdin and stdout",
    "Front ends such as KaTrain, q5Go and Ogatak start it as they start KataGo: analysis -model MODEL -config FILE.\n"
    "Every line is a query and is answered by lines; many queries at once share batches. docs/analysis.md has the keys.\n",
    run};
