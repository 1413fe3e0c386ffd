/* listen.h: the socket that connections come to. */
#pragma once
#include "base/err.h"

/* ERR_INVALID: no such address; ERR_CONFLICT: the port is taken. Port 0 takes any free one, told in *bound.
 */
MUST_USE bool listen_at(const char *address, int port, int *fd, int *bound, Err *err);
