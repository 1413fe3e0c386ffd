/* main.c: muster-decoder, started by muster with a socket as descriptor 3. */
#include <stdio.h>
#include <sys/socket.h>
#include "decoder/answer.h"
#include "decoder/confine.h"
#include "decoder/protocol.h"
#include "decoder/serve.h"
#include "base/str.h"

#if defined(__SANITIZE_ADDRESS__)
/* Looking for leaks at the end would need what the filter refuses; in-process tests look for them. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=640:hard_rss_limit_mb=2048";
}
#endif

int main(int argc, char **argv)
{
    Err err = {0};
    int64_t parent;
    int type;
    socklen_t size = sizeof type;
    if (argc != 2 || !str_int(str_of(argv[1]), 1, INT32_MAX, &parent) ||
        getsockopt(DECODE_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        fprintf(stderr, "muster-decoder is started by muster, to read pictures where they can do no harm.\n");
        return 2;
    }
    answer_prepare();
    if (!confine_follow((int)parent, &err) || !confine_enter(DECODE_SOCKET, &err)) {
        fprintf(stderr, "muster-decoder: %s\n", err.told);
        return 3;
    }
    return decoder_serve(DECODE_SOCKET) ? 0 : 1;
}
