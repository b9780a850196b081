// Picture: we --socket--> stdin [sh -c COMMAND] stdout --pipe--> we.
//
// A socket on the way in, because send() can be told not to raise SIGPIPE when the program has died; a pipe on the way out.
// The child leads a process group of its own, so that killing it takes its children along.
#include "arena/gtp_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    MAX_UNANSWERED = 1024,
    COMMAND_BYTES = 64,
    ANSWER_BYTES = 1 << 20, // a program that answers more than this floods
    QUIT_MS = 200,          // to leave by itself after quit
};

struct gtp_client {
    pid_t pid;
    int in, out; // its stdin and stdout, our ends
    const struct clock *clock;
    double answer_seconds, since;                 // `since`: when the oldest unanswered command could first be worked on
    int next_id, num_unanswered;                  // ids next_id - num_unanswered .. next_id - 1
    char commands[MAX_UNANSWERED][COMMAND_BYTES]; // by id modulo
    char asked[COMMAND_BYTES];
    char *buffer, *answer; // [ANSWER_BYTES] unread bytes; the answer given out last
    size_t num_bytes;
    bool ended; // its output is at the end; whole answers may still be in the buffer
    bool broken;
    char reason[160];
};

static void broken(struct gtp_client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void broken(struct gtp_client *client, const char *format, ...) {
    if (client->broken) return;
    client->broken = true;
    va_list args;
    va_start(args, format);
    vsnprintf(client->reason, sizeof client->reason, format, args);
    va_end(args);
    for (char *c = client->reason; *c; c++) // it may quote the program
        if ((unsigned char)*c < ' ' || *c == 127) *c = ' ';
}

static enum status spawn(struct gtp_client *client, const char *command) {
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    char *line = NULL;
    enum status status = STATUS_OK;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    CHECK(posix_spawn_file_actions_init(&files) == 0);
    CHECK(posix_spawnattr_init(&attributes) == 0);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) || pipe2(out, O_CLOEXEC) ||
        asprintf(&line, "PATH=\"$PATH:/usr/games:/usr/local/games\"; export PATH\n%s", command) < 0) {
        status = status_fail(STATUS_IO, "program '%s': can't make its pipes: %s", command, strerror(errno));
        goto out;
    }
    sigset_t defaults, none;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_adddup2(&files, in[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    char *argv[] = {"sh", "-c", line, NULL};
    const int error = posix_spawn(&client->pid, "/bin/sh", &files, &attributes, argv, environ);
    if (error) {
        client->pid = 0;
        status = status_fail(STATUS_IO, "program '%s': can't start /bin/sh: %s", command, strerror(error));
        goto out;
    }
    client->in = in[0];
    client->out = out[0];
    in[0] = out[0] = -1;
    fcntl(client->out, F_SETFL, O_NONBLOCK);
out:
    for (int i = 0; i < 2; i++) {
        if (in[i] >= 0) close(in[i]);
        if (out[i] >= 0) close(out[i]);
    }
    free(line);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return status;
}

enum status gtp_client_new(struct gtp_client **out, const char *command, double answer_seconds, const struct clock *clock) {
    CHECK(clock);
    struct gtp_client *client = calloc(1, sizeof *client);
    *out = NULL;
    if (client) {
        *client = (struct gtp_client){.in = -1, .out = -1, .clock = clock, .answer_seconds = answer_seconds, .next_id = 1};
        client->buffer = malloc(ANSWER_BYTES);
        client->answer = malloc(ANSWER_BYTES);
    }
    if (!client || !client->buffer || !client->answer) {
        gtp_client_free(client);
        return status_fail(STATUS_MEMORY, "program '%s': no memory", command);
    }
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
        // Its output ends when it has left; what it says before that is of no interest.
        const double start = clock_seconds(client->clock);
        struct pollfd descriptor = {.fd = client->out, .events = POLLIN};
        while (!client->broken && clock_seconds(client->clock) - start < QUIT_MS / 1000.0 &&
               poll(&descriptor, 1, QUIT_MS) > 0 && read(client->out, client->buffer, ANSWER_BYTES) > 0) {
        }
        kill(-client->pid, SIGKILL);
        while (waitpid(client->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    if (client->out >= 0) close(client->out);
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
    // A dead program is reported as such, with its last words, once its output is read to the end.
    if (errno == EAGAIN) broken(client, "does not read its input");
}

// Why its output ended.
static void say_exit(struct gtp_client *client) {
    int state = 0;
    pid_t pid = 0;
    for (int i = 0; i < 20 && pid == 0; i++) { // it has closed its output, its end is near
        pid = waitpid(client->pid, &state, WNOHANG);
        if (pid == 0) poll(NULL, 0, 10);
    }
    if (pid != client->pid) {
        broken(client, "closed its output");
        return;
    }
    kill(-client->pid, SIGKILL); // children it left behind
    client->pid = 0;
    const int code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    const char *asked = client->commands[(client->next_id - client->num_unanswered) % MAX_UNANSWERED];
    if (code == 127)
        broken(client, "command not found");
    else if (code > 128)
        broken(client, "crashed at '%s': killed by signal %d", asked, code - 128);
    else
        broken(client, "ended at '%s' with status %d", asked, code);
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
            return;
        }
        size_t kept = client->num_bytes; // control characters but newline and tab have no meaning [GTP 3.1]
        for (size_t i = client->num_bytes; i < client->num_bytes + n; i++) {
            const unsigned char c = client->buffer[i];
            if ((c >= ' ' && c != 127) || c == '\n' || c == '\t') client->buffer[kept++] = c;
        }
        client->num_bytes = kept;
    }
}

// A whole answer off the front of the buffer into client->answer. False: not there yet, or broken.
static bool cut_answer(struct gtp_client *client) {
    size_t start = 0;
    while (start < client->num_bytes && client->buffer[start] == '\n') start++;
    if (start == client->num_bytes) return false;
    if (client->buffer[start] != '=' && client->buffer[start] != '?') {
        const char *end = memchr(client->buffer + start, '\n', client->num_bytes - start);
        const size_t length = end ? (size_t)(end - client->buffer) - start : client->num_bytes - start;
        broken(client, "answers nonsense: '%.*s'", length > 60 ? 60 : (int)length, client->buffer + start);
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
    if (!whole && client->ended) say_exit(client); // only now: its last answers count
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

enum gtp_answer gtp_client_wait(struct gtp_client *client, const char **command, const char **text) {
    for (;;) {
        const enum gtp_answer answer = gtp_client_poll(client, command, text);
        if (answer != GTP_PENDING) return answer;
        struct pollfd descriptor = {.fd = client->out, .events = POLLIN};
        poll(&descriptor, 1, 100);
    }
}

int gtp_client_unanswered(const struct gtp_client *client) { return client->num_unanswered; }
bool gtp_client_is_alive(struct gtp_client *client) {
    if (!client->broken && !client->ended) read_more(client);
    return !client->broken && !client->ended;
}
const char *gtp_client_reason(const struct gtp_client *client) { return client->reason; }
int gtp_client_descriptor(const struct gtp_client *client) { return client->out; }
