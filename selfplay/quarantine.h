// The quarantine: games of earlier sessions that are kept on the disk but not learned from.
//
// A text names them, with commas between its parts:
//
//   net:1200      games that were begun with the checkpoint of step 1200 or with what was trained
//   net:4f6a21    from it before the next checkpoint; the checkpoint may be named by the beginning
//                 of its digest, with 6 digits at least
//   step:300-420  games that were begun with the nets of these steps; step:300 is one step
//   program:TEXT  games of sessions whose program's version (`tengen --version`) contains the text,
//                 such as a commit
//
// `tengen audit` finds what is suspect, and changes nothing; this keeps it out of the window.
#ifndef SELFPLAY_QUARANTINE_H
#define SELFPLAY_QUARANTINE_H

#include "run/replay.h"
#include "run/run.h"

// Takes the named games out of the window, and says in one line of the run's log how many those
// were. Games that this session plays are not concerned. NULL or "": nothing is. STATUS_USAGE: a
// part can't be read, or names no checkpoint or session of this run.
enum status quarantine_apply(const char *text, struct run *run, struct replay *replay);

#endif
