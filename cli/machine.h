// This machine: its clocks, its processors and their name.
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include "base/clock.h"

// The monotonic clock.
const struct clock *machine_clock(void);
// A clock that shows the processor time of this process in seconds, divided by *threads. That is
// about what a clock on the wall would show if nothing else ran on the machine. *threads is
// borrowed for as long as the clock is used.
struct clock machine_processor_clock(int *threads);
// Seconds since 1970.
double machine_wall(void);
// How many processors this process may use, at least 1.
int machine_threads(void);
// Writes such as "AMD EPYC 9V74, 2 processors"; returns out.
char *machine_name(char out[256]);

#endif
