/* serve.h: requests in, replies out, until the other end closes. */
#pragma once
#include <stdbool.h>

/* False when the other end breaks the protocol, which only a fault of ours can cause. */
bool decoder_serve(int socket);
