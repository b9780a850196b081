#include "cli/stop.h"

#include <signal.h>

// A bool, since the library's seams take one; a store of one byte can't be seen half done.
static volatile bool stop_requested;

static void on_signal(int number) {
    (void)number;
    stop_requested = true;
}

const volatile bool *stop_on_signals(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, 0);
    sigaction(SIGTERM, &action, 0);
    struct sigaction before; // a closed terminal; nohup has it ignored, and so it stays
    if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, 0);
    return &stop_requested;
}
