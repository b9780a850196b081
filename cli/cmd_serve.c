// tengen serve: the page (web/web.h) for runs and nets, until Ctrl-C.
#include "base/text.h"
#include "cli/command.h"
#include "cli/machine.h"
#include "cli/page.h"
#include "cli/run_folder.h"
#include "cli/stop.h"
#include "net/model_path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct settings {
    struct page_settings page;
    const char *backend;
    int threads;
};

#define FIELD(name) offsetof(struct settings, name)
static const struct option table[] = {
    {"port", OPTION_INT, FIELD(page.port), "8080", 0, 65535, "", NULL, "where to listen; 0: any that is free"},
    {"listen", OPTION_TEXT, FIELD(page.listen), "127.0.0.1", 0, 0, "", NULL,
     "the address in figures; of anything but this machine's own (127.0.0.1, ::1) a token is asked for, as of 0.0.0.0, which "
     "stands for all addresses"},
    {"token", OPTION_TEXT, FIELD(page.token), NULL, 0, 0, "", NULL,
     "a file with the token that visitors need, one line; if not given, one is made where it is needed, and printed"},
    {"threads", OPTION_INT, FIELD(threads), "1", 1, 64, "threads", NULL,
     "that run a net for visitors, at low priority; at most 4 nets are in use at once"},
    {"backend", OPTION_TEXT, FIELD(backend), "auto", 0, 0, "", NULL, "where the nets run: ref, cpu, cuda or auto"},
    {NULL, OPTION_FLAG, 0, NULL, 0, 0, NULL, NULL, NULL},
};

// A word is a run folder, or a net's file. A folder need not be a run yet.
static enum status sort_words(const struct words *words, struct page_settings *page, char paths[MAX_WORDS][PATH_BYTES]) {
    for (int i = 0; i < words->count; i++) {
        if (dir_exists(words->at[i])) {
            page->runs[page->num_runs++] = words->at[i];
        } else {
            TRY(model_resolve(words->at[i], paths[i]));
            page->files[page->num_files++] = paths[i];
        }
    }
    return STATUS_OK;
}

static enum status run(const struct command *self, int argc, char **argv) {
    struct settings s = {0};
    struct words words;
    struct web *web;
    bool done;
    static char paths[MAX_WORDS][PATH_BYTES];
    TRY(command_parse(self, table, &s, argc, argv, 0, MAX_WORDS, &words, &done));
    if (done) return STATUS_OK;
    s.page.backend = s.backend;
    s.page.threads = s.threads;
    TRY(sort_words(&words, &s.page, paths));
    const volatile bool *stop = stop_on_signals();
    TRY(page_start(&web, &s.page));
    while (!*stop) usleep(100000); // a signal ends the sleep, too
    web_stop(web);
    return STATUS_OK;
}

const struct command command_serve = {
    "serve", "[RUN|MODEL]...", "Shows runs in a browser, as they learn, and plays there",
    "Open the link that it prints. RUN is a run folder, whether it is being trained or not; further nets to play against\n"
    "are MODELs and those in models/. Nothing that a visitor does can change a run. Ctrl-C ends it.\n",
    run};
