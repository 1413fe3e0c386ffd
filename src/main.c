/* main.c: muster. Everything is a verb of the command line; `serve` is where the two doors meet. */
#include <stdio.h>
#include "cli/cli.h"
#include "web/web.h"

static void ready(void *ctx, int port)
{
    const WebOptions *opt = ctx;
    printf("Muster is at http://%s:%d/\n", opt->bind, port);
    fflush(stdout);
}

static bool serve(Cli *cli, Err *err)
{
    const char *bind = arg(cli, "bind");
    WebOptions opt = { .bind = bind ? bind : "127.0.0.1",
                       .insecure_cookies =
                           arg(cli, "insecure-cookies") || !bind || str_starts(bind, "127.") };
    int64_t port = 0, threads = 0;
    if (!arg_int(cli, "port", 8080, 0, 65535, &port, err) ||
        !arg_int(cli, "threads", 0, 1, 256, &threads, err))
        return false;
    opt.port = (int)port;
    opt.threads = (int)threads;
    /* Read before there are threads that could read it at once. */
    return app_operators(&cli->app, err) && web_serve(&cli->app, &opt, ready, &opt, err);
}

int main(int argc, char **argv) { return cli_main(argc, argv, serve); }
