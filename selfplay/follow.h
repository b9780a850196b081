// A training on a rank above 0: it obeys rank 0 (loop.h), which has the run folder, the gate, the
// ladder and the clock. It needs no folder and writes none, and logs nothing; its errors go to
// stderr with its name.
#ifndef SELFPLAY_FOLLOW_H
#define SELFPLAY_FOLLOW_H

#include "selfplay/loop.h"

// Of `params`, the path, the wall clock and what is for the log don't count. Of the config, what
// belongs to this machine does: see team_is_local. The rest is rank 0's. Returns when rank 0 has
// ended, also after a stop. After a failure, which has been said, the caller ends the job
// (cluster_abort).
enum status follow_run(const struct loop_params *params);

#endif
