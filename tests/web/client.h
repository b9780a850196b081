// A small HTTP client over plain sockets: what it sends is exactly what a test says.
#ifndef TESTS_WEB_CLIENT_H
#define TESTS_WEB_CLIENT_H

#include "base/memory.h"

#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static inline int client_connect(int port) {
    const struct timeval patience = {.tv_sec = 60};
    const int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
        close(fd);
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static inline bool client_send(int fd, const char *data, size_t n) {
    while (n > 0) {
        const ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        data += sent;
        n -= (size_t)sent;
    }
    return true;
}

struct client_answer {
    int status; // 0: there was no answer
    size_t num_bytes;
    char *head, *body; // body: ends with a zero byte
};

static inline void client_done(struct client_answer *answer) {
    free(answer->head);
    *answer = (struct client_answer){0};
}

// Reads one answer with a Content-Length, and keeps the connection.
static inline struct client_answer client_receive(int fd) {
    struct client_answer answer = {0};
    size_t size = 1 << 16, n = 0;
    char *text = memory_raw(size + 1, 1, "an answer"), *end = NULL;
    while (!end) {
        if (n == size) text = memory_resize(text, (size *= 2) + 1, 1, "an answer");
        const ssize_t got = recv(fd, text + n, size - n, 0);
        if (got <= 0) break;
        text[n += (size_t)got] = 0;
        end = strstr(text, "\r\n\r\n");
    }
    const char *length = end ? strstr(text, "Content-Length:") : NULL;
    if (!end || sscanf(text, "HTTP/1.%*d %d", &answer.status) != 1) {
        free(text);
        return answer;
    }
    const size_t head = (size_t)(end - text) + 4, body = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
    if (head + body > size) text = memory_resize(text, (size = head + body) + 1, 1, "an answer");
    while (n < head + body) {
        const ssize_t got = recv(fd, text + n, head + body - n, 0);
        if (got <= 0) break;
        n += (size_t)got;
    }
    text[n] = 0;
    answer.head = text;
    answer.body = text + head;
    answer.num_bytes = n - head;
    if (answer.num_bytes != body) answer.status = 0; // cut
    return answer;
}

// One request on a connection of its own. `more`: further header lines, each with its end.
static inline struct client_answer client_ask(int port, const char *method, const char *path, const char *more,
                                              const char *body) {
    struct client_answer answer = {0};
    const size_t n = strlen(path) + strlen(more) + strlen(body) + 300;
    char *text = memory_raw(n, 1, "a request");
    snprintf(text, n, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%sContent-Length: %zu\r\n\r\n%s", method, path, port, more,
             strlen(body), body);
    const int fd = client_connect(port);
    if (fd >= 0 && client_send(fd, text, strlen(text))) answer = client_receive(fd);
    if (fd >= 0) close(fd);
    free(text);
    return answer;
}
static inline struct client_answer client_get(int port, const char *path) { return client_ask(port, "GET", path, "", ""); }
static inline struct client_answer client_post(int port, const char *path, const char *body) {
    return client_ask(port, "POST", path, "Content-Type: application/json\r\n", body);
}

static inline double client_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
