// A net of a run as a file that stands alone: it says where it comes from and how strong it was
// measured to be.
#ifndef SELFPLAY_PUBLISH_H
#define SELFPLAY_PUBLISH_H

#include "net/net.h"

// Writes the run's checkpoint at `step` (-1: the best) to `path`. Its strength is that of the run's
// ladder at the usual visits, if it has games there. `run` may also be a net's file, which then
// keeps what it says of its strength. `note` and `meta` may be NULL; *meta is what
// the file says. A file that is there already is replaced if it is a net, and otherwise refused
// (STATUS_USAGE). It works beside a process that trains the run.
enum status publish_net(const char *run, long long step, const char *note, const char *path, struct net_meta *meta);

#endif
