// The files of the page (web/page/), which are part of the program: assets.cmake makes them into
// one C file when it is built.
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stddef.h>

struct asset {
    const char *path, *type; // "/app.js", "text/javascript; charset=utf-8"
    const unsigned char *bytes;
    size_t num_bytes;
    const char *etag; // strong: of the bytes' SHA-256, with its quotes
};
extern const struct asset assets[];
extern const int assets_count;

#endif
