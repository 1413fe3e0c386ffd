/* main.c: muster. Everything is a verb of the command line; `muster serve` is the web. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
