// The page: a web server that shows runs and plays games (docs/api.md). `tengen serve` has it in a
// process of its own, `tengen train --serve` beside a training; both read the runs in the same way.
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/clock.h"
#include "base/status.h"

struct web_params {
    // Run folders, which need not be there yet; files of nets; folders in which further nets are
    // looked for, of which the first that is there counts. All are copied.
    const char *const *runs, *const *files, *const *folders;
    int num_runs, num_files, num_folders;
    const char *address;    // in figures
    int port;               // 0: any that is free
    const char *token_file; // NULL: there is none
    const char *backend;    // of the nets that play; NULL: auto
    int threads;            // that judge for visitors, for each net
    const char *machine;    // its name, for people; copied
    int processors;
    const struct clock *clock;
    double (*wall)(void); // seconds since 1970
};
struct web;
// Whether this build has a web server. Without one, web_start says what to install.
bool web_is_built(void);
// Listens, and returns while it serves on threads of its own. STATUS_IO: it can't listen there.
// STATUS_USAGE: an address or a token is none.
enum status web_start(struct web **web, const struct web_params *params);
void web_stop(struct web *web); // NULL is fine
// The link to open, with the token where there is one. Returns out.
enum { WEB_LINK_BYTES = 400 };
char *web_link(const struct web *web, char out[WEB_LINK_BYTES]);
int web_port(const struct web *web);

#endif
