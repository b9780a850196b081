// The handler sets a flag, which the library looks at wherever it can stop.
#include "cli/stop.h"

#include <signal.h>

// A bool, since the library takes a pointer to one. Storing one byte can't be interrupted half
// done.
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
    sigaction(SIGUSR1, &action, 0); // mpirun hands this one on to its ranks, and SIGTERM not.
    // A closed terminal sends SIGHUP. If it is ignored, as nohup arranges, that stays so.
    struct sigaction before;
    if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, 0);
    return &stop_requested;
}
