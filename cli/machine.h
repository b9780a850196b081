// What this machine is: its clock, its processors, their name.
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include "base/clock.h"

const struct clock *machine_clock(void); // monotonic
// Seconds of processor time that this process has used, divided by *threads: what a clock on the wall would show if nothing
// else ran on the machine. *threads is borrowed for as long as the clock is used.
struct clock machine_processor_clock(int *threads);
double machine_wall(void); // seconds since 1970
int machine_threads(void); // processors that this process may use, at least 1
// "AMD EPYC 9V74, 2 processors"
char *machine_name(char out[256]);

#endif
