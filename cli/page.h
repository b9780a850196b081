// How `tengen serve` and `tengen train --serve` start the page.
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "cli/command.h"
#include "web/web.h"

struct page_settings {
    int port;
    const char *listen, *token;
    const char *runs[MAX_WORDS], *files[MAX_WORDS];
    int num_runs, num_files;
    const char *backend;
    int threads;
};
// Starts it and prints the link. *web is to be stopped with web_stop.
enum status page_start(struct web **web, const struct page_settings *settings);

#endif
