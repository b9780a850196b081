// In place of the rest of web/ where libmicrohttpd was missing when the program was built.
#include "web/web.h"

bool web_is_built(void) { return false; }

enum status web_start(struct web **web, const struct web_params *params) {
    (void)params;
    *web = NULL;
    return status_fail(STATUS_UNSUPPORTED, "this program was built without a web server; install Debian's libmicrohttpd-dev "
                                           "(apt-get install libmicrohttpd-dev) and build again");
}

void web_stop(struct web *web) { (void)web; }

char *web_link(const struct web *web, char out[WEB_LINK_BYTES]) {
    (void)web;
    out[0] = 0;
    return out;
}

int web_port(const struct web *web) {
    (void)web;
    return 0;
}
