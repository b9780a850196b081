// Runs gnuplot, which draws pictures and may be missing. Any thread may call.
#ifndef BASE_GNUPLOT_H
#define BASE_GNUPLOT_H

#include "base/status.h"

// Runs a script in its folder and waits. Where there is no gnuplot *drawn is false, and the status
// is OK. STATUS_IO: it could not be started, or the script failed.
enum status gnuplot_run(const char *folder, const char *script, bool *drawn);

#endif
