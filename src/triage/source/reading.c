#include "triage/source/reading.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "triage/confined.h"

enum {
    SHARED_BYTES = READER_SLOTS * READER_SLOT_BYTES,
    CREDITS_AT_ONCE = 4,
    PACKET_BYTES = (int)sizeof(ReaderEvent) + READER_TEXT_BYTES,
};

struct Reading {
    ReadingLimits  limits;
    const char    *program;
    pid_t          pid;                        /* 0: none runs */
    int            socket;
    const uint8_t *shared;
    uint32_t       credits;
    uint8_t        packet[PACKET_BYTES];
};

const char *reading_end_says(ReadingEnd end)
{
    static const char *const says[] = {
        [READING_DONE] = "",
        [READING_CRASHED] = "The reader stopped while reading it; it may be broken or hostile.",
        [READING_SILENT] = "The reader was ended because it took too long.",
        [READING_LIED] = "The reader broke its rules while reading it and was ended; it may be hostile.",
    };
    return says[end];
}

/* ---- the rules ---- */

static bool in_order(const ReadingRules *r, const ReaderEvent *e)
{
    if (e->volume != r->volume)
        return e->volume > r->volume && e->volume < READER_VOLUMES_MAX;
    return true;
}

static bool file_rules(ReadingRules *r, const ReaderEvent *e)
{
    switch ((ReaderEventKind)e->kind) {
    case READER_FILE:
        if (r->in_file || e->depth > READER_DEPTH + 1)
            return false;
        r->in_file = true;
        r->depth = e->depth;
        r->length = 0;
        return true;
    case READER_BYTES:
        if (!r->in_file || e->slot >= READER_SLOTS || e->length == 0 || e->length > READER_SLOT_BYTES)
            return false;
        r->length += e->length;
        return true;
    case READER_END: {
        bool good = r->in_file;
        r->in_file = false;
        return good;
    }
    case READER_MEDIUM:
        return !r->in_file && (e->length == 0 || e->length == 16);
    case READER_VOLUME:
    case READER_TROUBLE:
    case READER_DONE:
        return !r->in_file && e->depth <= READER_DEPTH + 1;
    case READER__EVENTS:
        break;
    }
    return false;
}

bool reading_check(ReadingRules *r, const uint8_t *packet, size_t len, ReadingEvent *out)
{
    ReaderEvent e;
    if (len < sizeof e || len > PACKET_BYTES)
        return false;
    memcpy(&e, packet, sizeof e);
    if (e.magic != READER_MAGIC || e.kind == 0 || e.kind >= READER__EVENTS ||
        e.text_bytes != len - sizeof e || (e.flags & ~(uint32_t)READER_FLAGS) || !in_order(r, &e) ||
        !file_rules(r, &e))
        return false;
    r->volume = e.volume;
    r->ordinal = e.ordinal;
    r->begun = true;
    *out = (ReadingEvent){ .is = e, .text = { (const char *)packet + sizeof e, e.text_bytes } };
    return true;
}

/* ---- the child ---- */

static uint64_t or_else(uint64_t given, uint64_t otherwise)
{
    return given ? given : otherwise;
}

bool reading_open(Arena *mem, const ReadingLimits *limits, Reading **out, Err *err)
{
    Reading *r = arena_new(mem, Reading, 1);
    static const ReadingLimits none;
    const ReadingLimits *l = limits ? limits : &none;
    r->limits = (ReadingLimits){
        .quiet_ms = l->quiet_ms ? l->quiet_ms : 120 * 1000,
        .unpack_least = or_else(l->unpack_least, UINT64_C(256) << 20),
        .unpack_ratio = or_else(l->unpack_ratio, 200),
        .unpack_most = or_else(l->unpack_most, UINT64_C(64) << 30),
        .members_max = or_else(l->members_max, 1000000),
        .nested_max = or_else(l->nested_max, UINT64_C(128) << 20),
    };
    r->socket = -1;
    *out = r;
    return confined_find(mem, "muster-reader", &r->program, err);
}

void reading_close(Reading *r)
{
    if (!r)
        return;
    if (r->pid)
        (void)confined_end(r->pid);
    r->pid = 0;
    if (r->socket >= 0)
        close(r->socket);
    r->socket = -1;
    if (r->shared)
        munmap((void *)r->shared, SHARED_BYTES);
    r->shared = NULL;
}

/* Memory that the child fills and that neither can shorten while the other reads it. */
static int shared_new(void)
{
    int fd = memfd_create("muster-reader", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (ftruncate(fd, SHARED_BYTES) != 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool child_start(Reading *r, Err *err)
{
    int pair[2] = { -1, -1 }, shared = shared_new();
    bool good = shared >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;
    if (good) {
        void *at = mmap(NULL, SHARED_BYTES, PROT_READ, MAP_SHARED, shared, 0);
        r->shared = at == MAP_FAILED ? NULL : at;
        r->socket = pair[0];
        good = r->shared && confined_start(r->program, (const int[]){ pair[1], shared }, 2, &r->pid, err);
    }
    if (pair[1] >= 0)
        close(pair[1]);
    if (shared >= 0)
        close(shared);
    if (good)
        return true;
    r->pid = 0;
    reading_close(r);
    return err->kind != ERR_NONE ? false : err_set(err, ERR_STORE, "The reader could not be started.");
}

/* ---- asking ---- */

static bool send_all(int socket, const void *at, size_t len, const int *fds, size_t count)
{
    union { struct cmsghdr align; char at[CMSG_SPACE(sizeof(int) * READER_FDS_PACKET)]; } control;
    struct iovec iov = { (void *)at, len };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t n;
    if (count) {
        m.msg_control = control.at;
        m.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        *c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int) * count), .cmsg_level = SOL_SOCKET,
                               .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
    }
    do {
        n = sendmsg(socket, &m, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)len;
}

static bool ask_send(Reading *r, const ReadingAsk *ask)
{
    const ReadingLimits *l = &r->limits;
    ReaderRequest q = {
        .magic = READER_MAGIC,         .what = ask->what,
        .files = (uint32_t)ask->count, .whole = ask->whole,
        .from_volume = ask->from_volume, .depth = ask->depth,
        .from_ordinal = ask->from_ordinal, .unpack_least = l->unpack_least,
        .unpack_ratio = l->unpack_ratio, .unpack_most = l->unpack_most,
        .members_max = l->members_max, .nested_max = l->nested_max,
        .test = ask->test,
    };
    if (!send_all(r->socket, &q, sizeof q, NULL, 0))
        return false;
    for (size_t i = 0; i < ask->count; i += READER_FDS_PACKET) {
        size_t n = ask->count - i < READER_FDS_PACKET ? ask->count - i : READER_FDS_PACKET;
        if (!send_all(r->socket, "f", 1, ask->fds + i, n))
            return false;
    }
    return true;
}

/* One packet: its length; 0 when the child is gone; -1 when it was silent for too long. */
static ssize_t packet_take(Reading *r)
{
    struct pollfd p = { r->socket, POLLIN, 0 };
    for (;;) {
        ssize_t n = recv(r->socket, r->packet, sizeof r->packet, MSG_DONTWAIT);
        if (n >= 0 || (errno != EAGAIN && errno != EINTR))
            return n > 0 ? n : 0;
        int ready = poll(&p, 1, r->limits.quiet_ms);
        if (ready == 0)
            return -1;
    }
}

static bool credit_give(Reading *r)
{
    ReaderCredit c = { READER_MAGIC, CREDITS_AT_ONCE };
    if (++r->credits < CREDITS_AT_ONCE)
        return true;
    r->credits = 0;
    return send_all(r->socket, &c, sizeof c, NULL, 0);
}

static ReadingEnd ended(Reading *r, ReadingEnd how)
{
    if (how != READING_DONE)
        reading_close(r);
    return how;
}

bool reading_run(Reading *r, const ReadingAsk *ask, ReadingSeen *seen, void *ctx, ReadingEnd *end, Err *err)
{
    ReadingRules rules = { .volume = 0 };
    assert(ask->count >= 1 && ask->count <= READER_FILES_MAX);
    if (!r->pid && !child_start(r, err))
        return false;
    r->credits = 0;
    *end = READING_CRASHED;
    if (!ask_send(r, ask)) {
        ended(r, *end);
        return true;
    }
    for (;;) {
        ReadingEvent e;
        ssize_t n = packet_take(r);
        if (n <= 0) {
            *end = ended(r, n < 0 ? READING_SILENT : READING_CRASHED);
            return true;
        }
        if (!reading_check(&rules, r->packet, (size_t)n, &e)) {
            *end = ended(r, READING_LIED);
            return true;
        }
        if (e.is.kind == READER_DONE) {
            *end = READING_DONE;
            if (ask->what == READER_IMAGE)     /* what an image took hold of goes with its child */
                reading_close(r);
            return true;
        }
        e.bytes = e.is.kind == READER_BYTES ? r->shared + (size_t)e.is.slot * READER_SLOT_BYTES : NULL;
        if (!seen(ctx, &e, err)) {
            ended(r, READING_CRASHED);
            return false;
        }
        if (e.is.kind == READER_BYTES)
            (void)credit_give(r);              /* a child that is gone is noticed at the next packet */
    }
}
