// Finds the nets that come with the program, and prints where the page is.
#include "cli/page.h"

#include "base/files.h"
#include "base/text.h"
#include "cli/machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FOLDERS = 3 };

// models/ beside the program, as it is installed; two folders above it, as it is built; here.
static void find_folders(char folders[FOLDERS][PATH_BYTES]) {
    char own[PATH_BYTES];
    const ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    own[n > 0 ? n : 0] = 0;
    char *slash = strrchr(own, '/');
    if (slash) *slash = 0;
    path_format(folders[0], "%s/models", own);
    path_format(folders[1], "%s/../../models", own);
    path_format(folders[2], "models");
}

enum status page_start(struct web **web, const struct page_settings *s) {
    char folders[FOLDERS][PATH_BYTES], machine[256], link[WEB_LINK_BYTES];
    const char *list[FOLDERS];
    find_folders(folders);
    for (int i = 0; i < FOLDERS; i++) list[i] = folders[i];
    const struct web_params params = {.runs = s->runs,
                                      .num_runs = s->num_runs,
                                      .files = s->files,
                                      .num_files = s->num_files,
                                      .folders = list,
                                      .num_folders = FOLDERS,
                                      .address = s->listen && strcmp(s->listen, "localhost") ? s->listen : "127.0.0.1",
                                      .port = s->port,
                                      .token_file = s->token,
                                      .backend = s->backend,
                                      .threads = s->threads,
                                      .machine = machine_name(machine),
                                      .processors = machine_threads(),
                                      .clock = machine_clock(),
                                      .wall = machine_wall};
    TRY(web_start(web, &params));
    text_print(stdout, "The page: %s\n", web_link(*web, link));
    fflush(stdout);
    return STATUS_OK;
}
