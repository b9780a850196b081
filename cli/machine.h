// What this machine is: its clock, its processors, their name.
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include "base/clock.h"

const struct clock *machine_clock(void); // monotonic
double machine_wall(void);               // seconds since 1970
int machine_threads(void);               // processors that this process may use, at least 1
// "AMD EPYC 9V74, 2 processors"
char *machine_name(char out[256]);

#endif
