// Ctrl-C, SIGTERM and SIGUSR1. The first signal asks for a tidy end, the second ends the program at once.
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <stdbool.h>

// Installs the handler and returns what it sets. That is the one mutable global of the program,
// since a signal handler has nowhere else to write.
const volatile bool *stop_on_signals(void);

#endif
