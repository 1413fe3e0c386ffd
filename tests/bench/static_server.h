/* static_server.h: the least that the same HTTP library can do: one page of a given size, held in memory,
 * sent to whoever asks. What Muster's pages cost beyond it is Muster's own. */
#pragma once
#include <stddef.h>
/* Prints "http://127.0.0.1:PORT" and serves until it is ended. */
int static_serve(size_t body_bytes);
