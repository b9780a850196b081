// tengen: finds the command, runs it, and turns its status into an exit status: 0 done, 1 failed, 2
// wrong usage.
#include "base/version.h"
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_train,    &command_gtp,    &command_match, &command_selfplay, &command_eval,  &command_perft,  &command_rules,
    &command_legal,    &command_bench,  &command_info,  &command_devices,  &command_elo,   &command_export, &command_serve,
    &command_analysis, &command_review, &command_exam,  &command_scale,    &command_audit,
};
enum { NUM_COMMANDS = sizeof commands / sizeof commands[0] };

static void usage(FILE *out) {
    fprintf(out, "Tengen learns board games from nothing but their rules.\n\nusage: tengen COMMAND [ARGUMENT]...\n\n");
    for (int i = 0; i < NUM_COMMANDS; i++) fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out,
            "\ntengen COMMAND --help, or tengen help COMMAND, prints every option. tengen --version prints the version.\n");
}

static const struct command *find(const char *name) {
    for (int i = 0; i < NUM_COMMANDS; i++)
        if (!strcmp(commands[i]->name, name)) return commands[i];
    return NULL;
}

static const char *name_at(const void *list, int index) {
    (void)list;
    return index < NUM_COMMANDS ? commands[index]->name : NULL;
}

static enum status unknown(const char *name) {
    const char *closest = closest_name(name, name_at, NULL);
    if (closest) return status_fail(STATUS_USAGE, "'%.80s': there is no such command; did you mean %s?", name, closest);
    return status_fail(STATUS_USAGE, "'%.80s': there is no such command (tengen --help lists them)", name);
}

static enum status help(int argc, char **argv) {
    if (argc == 0) {
        usage(stdout);
        return STATUS_OK;
    }
    const struct command *command = find(argv[0]);
    if (!command) return unknown(argv[0]);
    char flag[] = "--help", *words[] = {flag, NULL};
    return command->run(command, 1, words);
}

static enum status run(int argc, char **argv) {
    if (argc < 2) return status_fail(STATUS_USAGE, "which command? (tengen --help lists them)");
    const char *name = argv[1];
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) return help(argc - 2, argv + 2);
    if (!strcmp(name, "--version") || !strcmp(name, "version")) {
        printf("%s\n", version_program());
        return STATUS_OK;
    }
    const struct command *command = find(name);
    return command ? command->run(command, argc - 2, argv + 2) : unknown(name);
}

// Opens /dev/null for standard streams that are closed. Otherwise the next files that we open would
// take their numbers, and the log could be written over a run's lock file.
static void open_standard_streams(void) {
    for (int fd; (fd = open("/dev/null", O_RDWR)) >= 0;)
        if (fd > STDERR_FILENO) {
            close(fd);
            return;
        }
}

int main(int argc, char **argv) {
    open_standard_streams();
    signal(SIGPIPE, SIG_IGN); // a reader that goes away makes a write fail, which is reported below
    enum status status = run(argc, argv);
    // train's log has said it already.
    if (status == STATUS_CANCELLED && find(argv[1]) != &command_train) status = status_fail(STATUS_CANCELLED, "stopped");
    errno = 0; // where an earlier write has failed, its reason is lost
    if ((fflush(stdout) || ferror(stdout)) && status == STATUS_OK)
        status = status_fail(STATUS_IO, "standard output: can't write%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
    return status == STATUS_OK ? 0 : status == STATUS_USAGE ? 2 : 1;
}
