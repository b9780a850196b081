// How much load a page takes: so many requests a second, on kept connections, for so long; then how
// many there were, how long they took and how many were wrong. Not a test of CTest, but what
// docs/page.md has its figures from.
//
//   load PORT PATH SECONDS REQUESTS_A_SECOND CONNECTIONS
#include "tests/web/client.h"

static int compare(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: load PORT PATH SECONDS REQUESTS_A_SECOND CONNECTIONS\n");
        return 2;
    }
    const int port = atoi(argv[1]), connections = atoi(argv[5]) < 200 ? atoi(argv[5]) : 200;
    const double seconds = atof(argv[3]), rate = atof(argv[4]);
    int fds[200] = {0};
    char request[2048];
    snprintf(request, sizeof request, "GET %.1000s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", argv[2], port);
    for (int i = 0; i < connections; i++) fds[i] = client_connect(port);
    const size_t most = (size_t)(seconds * rate) + 1;
    float *took = memory_new(most, sizeof *took, "times");
    size_t num = 0, wrong = 0, bytes = 0;
    const double begin = client_now();
    while (num < most - 1) {
        const double due = begin + (double)num / rate, now = client_now();
        if (now < due) usleep((useconds_t)((due - now) * 1e6));
        if (now - begin > 2 * seconds) break; // it can't keep up
        const int fd = fds[num % (size_t)connections];
        const double before = client_now();
        if (!client_send(fd, request, strlen(request))) wrong++;
        struct client_answer answer = client_receive(fd);
        wrong += answer.status != 200;
        bytes += answer.num_bytes;
        took[num++] = (float)(client_now() - before);
        client_done(&answer);
    }
    const double all = client_now() - begin;
    qsort(took, num, sizeof *took, compare);
    test_failures = wrong > 0;
    printf("%zu requests in %.1f s (%.0f/s), %zu wrong, %.1f MB; median %.2f ms, 99 %% within %.2f ms, worst %.2f ms\n", num,
           all, (double)num / all, wrong, (double)bytes / 1e6, 1e3 * (double)took[num / 2], 1e3 * (double)took[num * 99 / 100],
           1e3 * (double)took[num - 1]);
    free(took);
    return TEST_END();
}
