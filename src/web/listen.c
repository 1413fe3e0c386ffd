#include "web/listen.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 511 };

static int bound_port(int fd)
{
    struct sockaddr_storage at = { 0 };
    socklen_t size = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        return 0;
    return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&at)->sin6_port
                                          : ((struct sockaddr_in *)(void *)&at)->sin_port);
}

static int open_socket(const struct addrinfo *at)
{
    int on = 1, fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return -1;
}

bool listen_at(const char *address, int port, int *fd, int *bound, Err *err)
{
    char service[8];
    struct addrinfo *at = NULL;
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_STREAM };
    snprintf(service, sizeof service, "%d", port);
    if (getaddrinfo(address, service, &hints, &at) != 0)
        return err_set(err, ERR_INVALID, "%s is not an address of this machine.", address);
    *fd = open_socket(at);
    int why = errno;
    freeaddrinfo(at);
    if (*fd < 0) {
        err_set(err, why == EADDRINUSE ? ERR_CONFLICT : ERR_STORE, "Port %d of %s cannot be listened on.",
                port, address);
        return err_hint(err, "Choose another with --port, or 0 for any free one.");
    }
    *bound = bound_port(*fd);
    return true;
}
