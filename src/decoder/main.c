/* main.c: muster-decoder, started by muster with a socket as descriptor 3. */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "decoder/answer.h"
#include "decoder/confine.h"
#include "decoder/protocol.h"
#include "decoder/serve.h"

#if CONFINE_SANITIZED
/* Looking for leaks at the end would need what the filter refuses; in-process tests look for them. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=640:hard_rss_limit_mb=2048";
}
#endif

/* libavformat would turn names of channels into our alphabet, for which the C library opens files. Names are
 * not wanted, and without a converter it leaves them as they are. */
iconv_t iconv_open(const char *to, const char *from)
{
    (void)to;
    (void)from;
    errno = EINVAL;
    return (iconv_t)-1;
}

/* Else the first date in a file would make the C library open the time zone of this machine. */
static bool settle_time(void)
{
    bool set = setenv("TZ", "UTC0", 1) == 0;
    tzset();
    return set;
}

static bool started_by_muster(void)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(DECODE_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* The terminal and files of whoever started muster are no business of what comes next. */
static bool forget_streams(void)
{
    int none = open("/dev/null", O_RDWR);
    return none >= 0 && dup2(none, 0) == 0 && dup2(none, 1) == 1 && (CONFINE_SANITIZED || dup2(none, 2) == 2);
}

int main(void)
{
    Err err = {0};
    if (!started_by_muster()) {
        fprintf(stderr, "muster-decoder is started by muster, to read pictures where they can do no harm.\n");
        return 2;
    }
    answer_prepare();
    if (!settle_time() || !confine_follow(DECODE_SOCKET, &err) || !forget_streams() ||
        !confine_enter(DECODE_SOCKET, &err)) {
        fprintf(stderr, "muster-decoder: %s\n", err.told);
        return 3;
    }
    return decoder_serve(DECODE_SOCKET) ? 0 : 1;
}
