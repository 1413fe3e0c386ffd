#include "load.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench.h"

enum { ANSWER_MAX = 4 * 1024 * 1024 };

typedef struct Answer {
    int status;
    const char *body;
    size_t body_bytes;
} Answer;
typedef struct Shared {
    const Load *load;
    atomic_int next, done;
    double until; /* 0: none */
    double *took_ms; /* as they came in */
    atomic_size_t body_bytes;
} Shared;

static int dial(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must_be(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connecting to the server");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static bool answer_whole(const char *text, size_t len, Answer *out)
{
    const char *body = memmem(text, len, "\r\n\r\n", 4);
    if (!body)
        return false;
    body += 4;
    const char *length = memmem(text, (size_t)(body - text), "Content-Length: ", 16);
    must_be(len > 12 && length, "reading an answer's length");
    out->status = (int)strtol(text + 9, NULL, 10);
    out->body = body;
    out->body_bytes = strtoul(length + 16, NULL, 10);
    return len - (size_t)(body - text) >= out->body_bytes;
}

static Answer ask(int fd, const Load *load, const char *target, char *text)
{
    char request[1024];
    Answer answer = { 0 };
    size_t len = 0;
    int n =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: %s\r\n%s%s%s\r\n",
                 target, load->accept, load->cookie ? "Cookie: " : "", load->cookie ? load->cookie : "",
                 load->cookie ? "\r\n" : "");
    must_be(n < (int)sizeof request && write(fd, request, (size_t)n) == n, "sending a request");
    do {
        ssize_t got = read(fd, text + len, ANSWER_MAX - len);
        must_be(got > 0, "reading an answer");
        len += (size_t)got;
    } while (!answer_whole(text, len, &answer));
    return answer;
}

static void *connection_main(void *arg)
{
    Shared *shared = arg;
    const Load *load = shared->load;
    int fd = dial(load->port);
    char *text = malloc(ANSWER_MAX);
    must_be(text, "taking memory");
    for (int i; (i = atomic_fetch_add(&shared->next, 1)) < load->requests;) {
        const char *target = load->targets[(size_t)i % load->target_count];
        if (shared->until > 0 && seconds_now() > shared->until)
            break;
        double start = seconds_now();
        Answer answer = ask(fd, load, target, text);
        shared->took_ms[atomic_fetch_add(&shared->done, 1)] = (seconds_now() - start) * 1e3;
        if (answer.status != 200) {
            fprintf(stderr, "bench: %s answered %d\n", target, answer.status);
            exit(1);
        }
        atomic_store(&shared->body_bytes, answer.body_bytes);
    }
    free(text);
    close(fd);
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

Loaded load_run(const Load *load)
{
    pthread_t threads[LOAD_CONNECTIONS_MAX];
    Shared shared = { .load = load };
    shared.took_ms = calloc((size_t)load->requests, sizeof(double));
    must_be(shared.took_ms, "taking memory");
    double start = seconds_now();
    shared.until = load->seconds_max > 0 ? start + load->seconds_max : 0;
    for (int i = 0; i < load->connections; i++)
        must_be(pthread_create(&threads[i], NULL, connection_main, &shared) == 0, "starting a thread");
    for (int i = 0; i < load->connections; i++)
        pthread_join(threads[i], NULL);
    double took = seconds_now() - start;
    size_t n = (size_t)atomic_load(&shared.done);
    must_be(n > 0, "getting an answer in time");
    qsort(shared.took_ms, n, sizeof(double), by_size);
    Loaded out = { .p50_ms = shared.took_ms[n / 2],
                   .p99_ms = shared.took_ms[n * 99 / 100],
                   .per_second = (double)n / took,
                   .requests = (int)n,
                   .body_bytes = atomic_load(&shared.body_bytes) };
    free(shared.took_ms);
    return out;
}

int load_fetch(const Load *load, const char *target, char *body, size_t cap)
{
    int fd = dial(load->port);
    char *text = malloc(ANSWER_MAX);
    must_be(text, "taking memory");
    Answer answer = ask(fd, load, target, text);
    size_t n = answer.body_bytes < cap - 1 ? answer.body_bytes : cap - 1;
    memcpy(body, answer.body, n);
    body[n] = 0;
    free(text);
    close(fd);
    return answer.status;
}
