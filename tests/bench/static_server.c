#include "static_server.h"
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench.h"

static enum MHD_Result answer(void *page, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **per_request)
{
    (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
    if (!*per_request) { /* an answer to the headers alone closes the connection */
        *per_request = page;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, page);
}

int static_serve(size_t body_bytes)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    char *body = malloc(body_bytes);
    must_be(body != NULL, "taking memory");
    memset(body, 'x', body_bytes);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Response *page = MHD_create_response_from_buffer(body_bytes, body, MHD_RESPMEM_MUST_FREE);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, page,
                                                 MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_THREAD_POOL_SIZE,
                                                 (unsigned)sysconf(_SC_NPROCESSORS_ONLN), MHD_OPTION_END);
    must_be(page && daemon, "starting the static server");
    printf("http://127.0.0.1:%u\n", (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    for (;;)
        pause();
}
