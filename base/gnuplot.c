// A child process in the script's folder, without a shell.
#include "base/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CODE_MISSING = 127 };

enum status gnuplot_run(const char *folder, const char *script, bool *drawn) {
    *drawn = false;
    fflush(NULL);
    const pid_t child = fork();
    if (child < 0) return status_fail(STATUS_IO, "gnuplot: can't start it: %s", strerror(errno));
    if (child == 0) {
        if (chdir(folder)) _exit(126);
        // gnuplot warns where a long name leaves too little space for its legend.
        const int nowhere = open("/dev/null", O_WRONLY);
        if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
        execlp("gnuplot", "gnuplot", script, (char *)NULL);
        _exit(CODE_MISSING);
    }
    int code = 0;
    while (waitpid(child, &code, 0) < 0 && errno == EINTR) continue;
    *drawn = WIFEXITED(code) && WEXITSTATUS(code) == 0;
    if (*drawn || (WIFEXITED(code) && WEXITSTATUS(code) == CODE_MISSING)) return STATUS_OK;
    return status_fail(STATUS_IO, "%s/%s: gnuplot failed; `gnuplot %s` there says why", folder, script, script);
}
