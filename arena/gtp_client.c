// A child process that can be killed with everything it has started.
//
//   we --socket--> stdin [sh -c COMMAND] stdout --pipe--> we
//      --socket--> guard: a shell, the parent of COMMAND, which adopts what COMMAND leaves behind
//
// The way in is a socket because send() can be told not to raise SIGPIPE when the program has died.
//
// A descendant that has called setsid, or whose parent has ended, is found neither in the program's
// process group nor below the program. So our child is not COMMAND but a guard, a shell to which
// the kernel gives such orphans (PR_SET_CHILD_SUBREAPER, which needs no rights). As long as the
// guard lives, everything that COMMAND ever started is below it in the tree of processes. Therefore
// the guard outlives COMMAND: it writes COMMAND's exit status to its socket, then waits until that
// is closed.
#include "arena/gtp_client.h"

#include "arena/process_tree.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MAX_UNANSWERED = 1024,
    COMMAND_BYTES = 64,
    ANSWER_BYTES = 1 << 20, // a program whose answer is longer than this floods
    QUIT_MS = 200,          // the time to leave by itself after quit
    GUARD_FD = 3,           // the guard's end of its socket
};
// How long the program may outlive the end of its output. Chosen: a busy machine takes its time.
#define EXIT_SECONDS 2.0

struct gtp_client {
    // The guard's process; 0: there is none any more.
    pid_t pid;
    // Our ends of the program's stdin and stdout, and of the guard's socket.
    int in, out;
    int guard;
    const struct clock *clock;
    // How long an answer may take, and when the program could begin with the oldest unanswered
    // command.
    double answer_seconds, since;
    // The unanswered commands have the ids next_id - num_unanswered to next_id - 1.
    int next_id, num_unanswered;
    char commands[MAX_UNANSWERED][COMMAND_BYTES]; // at id modulo MAX_UNANSWERED
    // The command whose answer was fetched last, and that answer.
    char asked[COMMAND_BYTES];
    char *answer; // [ANSWER_BYTES]
    // What was read and does not make a whole answer yet.
    char *buffer; // [ANSWER_BYTES]
    size_t num_bytes;
    // Its output has come to the end, and when. Whole answers may still be in the buffer.
    bool ended;
    double ended_at;
    bool broken;
    char reason[200];
};

static void broken(struct gtp_client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void broken(struct gtp_client *client, const char *format, ...) {
    if (client->broken) return;
    client->broken = true;
    va_list args;
    va_start(args, format);
    vsnprintf(client->reason, sizeof client->reason, format, args);
    va_end(args);
    for (char *c = client->reason; *c; c++) // the reason may quote the program
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127) *c = ' ';
}

// The guard. It closes its own copies of the program's pipes, so that they end when the program
// ends. It survives the signals by which a program asks its whole group to leave ("kill 0"). It
// catches them and does not ignore them, since the program would inherit ignored signals.
static const char guard_script[] = "PATH=\"$PATH:/usr/games:/usr/local/games\"; export PATH\n"
                                   "trap : HUP INT QUIT TERM\n"
                                   "exec 4<&0\n"
                                   "sh -c \"$1\" <&4 4<&- 3<&- &\n"
                                   "exec 4<&- </dev/null >/dev/null\n"
                                   "while wait $!; status=$?; kill -0 $! 2>/dev/null; do :; done\n"
                                   "echo $status >&3\n"
                                   "read -r done <&3\n";

// Runs in the child between fork and exec, so it makes only calls that are safe there. `guard`
// can't be one of the descriptors that dup2 overwrites.
static _Noreturn void become_guard(char *const argv[], int in, int out, int guard) {
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); // exec keeps it; where it fails, orphans escape us
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(nowhere, STDERR_FILENO) < 0 ||
        dup2(guard, GUARD_FD) < 0)
        _exit(126);
    execv("/bin/sh", argv);
    _exit(127);
}

// Moves a descriptor above those that the guard is given. There dup2 neither overwrites it nor
// finds it in its place, which would leave it to be closed by exec.
static int above(int descriptor) {
    const int higher = fcntl(descriptor, F_DUPFD_CLOEXEC, GUARD_FD + 1);
    close(descriptor);
    return higher;
}

static enum status spawn(struct gtp_client *client, const char *command) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, guard[2] = {-1, -1};
    enum status status = STATUS_OK;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) || pipe2(out, O_CLOEXEC) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, guard) || (in[1] = above(in[1])) < 0 ||
        (out[1] = above(out[1])) < 0 || (guard[1] = above(guard[1])) < 0) {
        status = status_fail(STATUS_IO, "program '%s': can't make its pipes: %s", command, strerror(errno));
        goto out;
    }
    char *const argv[] = {"sh", "-c", (char *)guard_script, "sh", (char *)command, NULL};
    client->pid = fork();
    if (client->pid == 0) become_guard(argv, in[1], out[1], guard[1]);
    if (client->pid < 0) {
        client->pid = 0;
        status = status_fail(STATUS_IO, "program '%s': can't start a process: %s", command, strerror(errno));
        goto out;
    }
    setpgid(client->pid, client->pid); // the child does it too: we can't know who comes first
    client->in = in[0];
    client->out = out[0];
    client->guard = guard[0];
    in[0] = out[0] = guard[0] = -1;
    fcntl(client->out, F_SETFL, O_NONBLOCK);
out:
    for (int i = 0; i < 2; i++) {
        if (in[i] >= 0) close(in[i]);
        if (out[i] >= 0) close(out[i]);
        if (guard[i] >= 0) close(guard[i]);
    }
    return status;
}

// Kills the program with everything that it has started, then the guard.
static void end_tree(struct gtp_client *client) {
    if (client->pid <= 0) return;
    process_tree_kill(client->pid);
    kill(-client->pid, SIGKILL);
    while (waitpid(client->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    client->pid = 0;
}

enum status gtp_client_new(struct gtp_client **out, const char *command, double answer_seconds, const struct clock *clock) {
    CHECK(clock);
    static const char what[] = "a GTP program";
    struct gtp_client *client = memory_new(1, sizeof *client, what);
    *out = NULL;
    *client =
        (struct gtp_client){.in = -1, .out = -1, .guard = -1, .clock = clock, .answer_seconds = answer_seconds, .next_id = 1};
    client->buffer = memory_raw(ANSWER_BYTES, 1, what);
    client->answer = memory_raw(ANSWER_BYTES, 1, what);
    const enum status status = spawn(client, command);
    if (status != STATUS_OK) {
        gtp_client_free(client);
        return status;
    }
    *out = client;
    return STATUS_OK;
}

void gtp_client_free(struct gtp_client *client) {
    if (!client) return;
    if (client->in >= 0 && !client->broken) send(client->in, "quit\n", 5, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (client->in >= 0) close(client->in);
    if (client->pid > 0) {
        // Its output ends when it has left. What it says before that does not interest us.
        const double start = clock_seconds(client->clock);
        struct pollfd descriptor = {.fd = client->out, .events = POLLIN};
        while (!client->broken && clock_seconds(client->clock) - start < QUIT_MS / 1000.0 &&
               poll(&descriptor, 1, QUIT_MS) > 0 && read(client->out, client->buffer, ANSWER_BYTES) > 0) {
        }
        end_tree(client);
    }
    if (client->out >= 0) close(client->out);
    if (client->guard >= 0) close(client->guard);
    free(client->buffer);
    free(client->answer);
    free(client);
}

void gtp_client_send(struct gtp_client *client, const char *format, ...) {
    if (client->broken) return;
    if (client->num_unanswered == MAX_UNANSWERED) {
        broken(client, "does not answer");
        return;
    }
    char *command = client->commands[client->next_id % MAX_UNANSWERED], line[COMMAND_BYTES + 16];
    va_list args;
    va_start(args, format);
    vsnprintf(command, COMMAND_BYTES, format, args);
    va_end(args);
    const int n = snprintf(line, sizeof line, "%d %s\n", client->next_id, command);
    if (client->num_unanswered == 0) client->since = clock_seconds(client->clock);
    client->next_id++;
    client->num_unanswered++;
    if (send(client->in, line, n, MSG_NOSIGNAL | MSG_DONTWAIT) == n) return;
    // Other errors mean that the program is dead, which is reported when its output has been read
    // to the end.
    if (errno == EAGAIN) broken(client, "does not read its input");
}

// Finds out why the output ended: if the program has ended too, the guard soon says its status.
// False: it is not known yet.
static bool say_exit(struct gtp_client *client) {
    char text[16] = "";
    struct pollfd descriptor = {.fd = client->guard, .events = POLLIN};
    if (poll(&descriptor, 1, 0) <= 0) {
        if (clock_seconds(client->clock) - client->ended_at <= EXIT_SECONDS) return false;
        broken(client, "closed its output");
        return true;
    }
    if (read(client->guard, text, sizeof text - 1) <= 0) { // somebody else has killed the guard
        broken(client, "closed its output");
        return true;
    }
    const int code = atoi(text);
    end_tree(client); // the program may have left children behind
    const char *asked = client->commands[(client->next_id - client->num_unanswered) % MAX_UNANSWERED];
    if (code == 127)
        broken(client, "command not found");
    else if (code > 128)
        broken(client, "crashed at '%s': killed by signal %d", asked, code - 128);
    else
        broken(client, "ended at '%s' with status %d", asked, code);
    return true;
}

static void read_more(struct gtp_client *client) {
    for (;;) {
        if (client->num_bytes == ANSWER_BYTES) {
            broken(client, "answers without end");
            return;
        }
        const ssize_t n = read(client->out, client->buffer + client->num_bytes, ANSWER_BYTES - client->num_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) {
            client->ended = true;
            client->ended_at = clock_seconds(client->clock);
            return;
        }
        // Control characters other than newline and tab are dropped [GTP 2, section 3.1].
        size_t kept = client->num_bytes;
        for (size_t i = client->num_bytes; i < client->num_bytes + n; i++) {
            const unsigned char c = client->buffer[i];
            if ((c >= ' ' && c != 127) || c == '\n' || c == '\t') client->buffer[kept++] = c;
        }
        client->num_bytes = kept;
    }
}

// Moves a whole answer from the front of the buffer into client->answer. False: it is not there
// yet, or the program is broken.
static bool cut_answer(struct gtp_client *client) {
    size_t start = 0;
    while (start < client->num_bytes && client->buffer[start] == '\n') start++;
    if (start == client->num_bytes) return false;
    if (client->buffer[start] != '=' && client->buffer[start] != '?') {
        // To quote what can be seen.
        while (start + 1 < client->num_bytes && strchr(" \t\n", client->buffer[start])) start++;
        const char *end = memchr(client->buffer + start, '\n', client->num_bytes - start);
        const size_t length = end ? (size_t)(end - client->buffer) - start : client->num_bytes - start;
        const bool is_first = client->next_id - client->num_unanswered == 1;
        broken(client, "answers nonsense: '%.*s'%s", length > 60 ? 60 : (int)length, client->buffer + start,
               is_first ? "; does its command line make it speak GTP (gnugo --mode gtp)?" : "");
        return false;
    }
    const char *end = memmem(client->buffer + start, client->num_bytes - start, "\n\n", 2);
    if (!end) return false;
    const size_t length = end - client->buffer - start, used = end + 2 - client->buffer;
    memcpy(client->answer, client->buffer + start, length);
    client->answer[length] = 0;
    memmove(client->buffer, client->buffer + used, client->num_bytes - used);
    client->num_bytes -= used;
    return true;
}

enum gtp_answer gtp_client_poll(struct gtp_client *client, const char **command, const char **text) {
    *command = *text = "";
    if (!client->broken && client->num_unanswered == 0) return GTP_NOTHING_SENT;
    if (client->broken) return GTP_BROKEN;
    bool whole = cut_answer(client);
    if (!whole && !client->broken && !client->ended) {
        read_more(client);
        whole = cut_answer(client);
    }
    // Only now, since the last answers of a program that has ended still count.
    if (!whole && client->ended && !client->broken && !say_exit(client)) return GTP_PENDING;
    if (client->broken) return GTP_BROKEN;
    const double now = clock_seconds(client->clock);
    const int id = client->next_id - client->num_unanswered;
    if (!whole) {
        if (now - client->since <= client->answer_seconds) return GTP_PENDING;
        broken(client, "no answer to '%s' in %g s", client->commands[id % MAX_UNANSWERED], client->answer_seconds);
        return GTP_BROKEN;
    }
    char *rest = client->answer + 1;
    if (*rest >= '0' && *rest <= '9' && strtol(rest, &rest, 10) != id) {
        broken(client, "answers out of step: '%.40s'", client->answer);
        return GTP_BROKEN;
    }
    client->num_unanswered--;
    client->since = now;
    snprintf(client->asked, sizeof client->asked, "%s", client->commands[id % MAX_UNANSWERED]);
    *command = client->asked;
    *text = rest + strspn(rest, " \t");
    return client->answer[0] == '=' ? GTP_GOOD : GTP_BAD;
}

enum gtp_answer gtp_client_wait(struct gtp_client *client, const volatile bool *stop, const char **command, const char **text) {
    for (;;) {
        const enum gtp_answer answer = gtp_client_poll(client, command, text);
        if (answer != GTP_PENDING || (stop && *stop)) return answer;
        struct pollfd descriptor = {.fd = gtp_client_descriptor(client), .events = POLLIN};
        poll(&descriptor, 1, 100);
    }
}

int gtp_client_unanswered(const struct gtp_client *client) { return client->num_unanswered; }
bool gtp_client_is_alive(struct gtp_client *client) {
    if (!client->broken && !client->ended) read_more(client);
    return !client->broken && !client->ended;
}
const char *gtp_client_reason(const struct gtp_client *client) { return client->reason; }
int gtp_client_descriptor(const struct gtp_client *client) { return client->ended ? client->guard : client->out; }
