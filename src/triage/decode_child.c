/* decode_child.c: the parent's side of decoder/protocol.h. Every field of a reply is checked before it is
 * used. */
#include "triage/decode_child.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "engine/picture/pdq.h"
#include "triage/confined.h"

bool decode_child_start(DecodeChild *c, Err *err)
{
    int pair[2];
    if (c->memory < 0)
        c->memory = memfd_create("muster", MFD_CLOEXEC);
    if (c->memory < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return err_set(err, ERR_STORE, "A confined program could not be started.");
    bool good = confined_start(c->program, &pair[1], 1, &c->pid, err);
    close(pair[1]);
    c->socket = good ? pair[0] : -1;
    c->files = 0;
    if (good)
        return true;
    close(pair[0]);
    c->pid = 0;
    return false;
}

/* Counted from what it has used, so that a child may live long but no file may take long, even if this
 * process hangs. */
static void move_cpu_limit(const DecodeChild *c, int cpu_s)
{
    clockid_t clock;
    struct timespec used = {0};
    if (clock_getcpuclockid(c->pid, &clock) == 0)
        clock_gettime(clock, &used);
    rlim_t soft = (rlim_t)used.tv_sec + (rlim_t)cpu_s + 2;
    prlimit(c->pid, RLIMIT_CPU, &(struct rlimit){ soft, RLIM_INFINITY }, NULL);
}

static bool fill_memory(const DecodeChild *c, const DecodeInput *input)
{
    const uint8_t *at = input->at;
    uint64_t done = 0;
    while (done < input->length) {
        ssize_t n = pwrite(c->memory, at + done, (size_t)(input->length - done), (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (uint64_t)n;
    }
    return ftruncate(c->memory, (off_t)input->length) == 0;
}

bool decode_child_send(DecodeChild *c, const DecodeInput *input, const DecodeRequest *request, int cpu_s)
{
    union {
        struct cmsghdr header;
        char           space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    DecodeRequest r = *request;
    struct iovec part = { &r, sizeof r };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                        .msg_controllen = sizeof control };
    int fd = input->at ? c->memory : input->fd;
    if (input->at && !fill_memory(c, input))
        return false;
    r.magic = DECODE_MAGIC;
    r.serial = ++c->serial;
    r.offset = input->at ? 0 : input->offset;
    r.length = input->length;
    control.header = (struct cmsghdr){ CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS };
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    c->answered = false;
    c->frames = NULL;
    c->frame_count = 0;
    c->files++;
    arena_reset(&c->mem);
    move_cpu_limit(c, cpu_s);
    return sendmsg(c->socket, &m, MSG_NOSIGNAL) == (ssize_t)sizeof r;
}

/* The reason is shown to people: plain letters, and an end. */
static bool reason_fair(const char *reason)
{
    const char *end = memchr(reason, 0, DECODE_REASON_BYTES);
    for (const char *p = reason; end && p < end; p++)
        if (*p < ' ' || *p > '~')
            return false;
    return end != NULL;
}

static bool reply_fair(const DecodeChild *c, const DecodeReply *r, uint64_t frames_max)
{
    bool moves = r->state == DECODE_OK && media_may_move((MediaKind)r->media);
    return r->magic == DECODE_MAGIC && r->serial == c->serial && r->state >= DECODE_OK &&
           r->state <= DECODE_REFUSED && r->media < MEDIA__COUNT && r->width <= PDQ_SIDE_MAX &&
           r->height <= PDQ_SIDE_MAX && r->scaled <= 8 && r->truncated <= 1 && r->quality >= 0 &&
           r->quality <= 100 && r->frame_count <= (moves ? frames_max : 0) &&
           r->frame_count <= DECODE_FRAMES_MAX && r->duration_us <= INT64_MAX && reason_fair(r->reason);
}

static bool frames_fair(const DecodeFrame *frames, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (frames[i].quality < 0 || frames[i].quality > 100 || frames[i].at_us > INT64_MAX)
            return false;
    return true;
}

static DecodeHeard hear_reply(DecodeChild *c, const uint8_t *packet, size_t n, uint64_t frames_max)
{
    if (n != sizeof c->reply)
        return HEARD_LOST;
    memcpy(&c->reply, packet, n);
    if (!reply_fair(c, &c->reply, frames_max))
        return HEARD_LOST;
    c->answered = true;
    c->frames = arena_new(&c->mem, DecodeFrame, c->reply.frame_count);
    return c->reply.frame_count ? HEARD_PART : HEARD_ALL;
}

static DecodeHeard hear_frames(DecodeChild *c, const uint8_t *packet, size_t n)
{
    size_t count = n / sizeof(DecodeFrame), left = c->reply.frame_count - c->frame_count;
    if (n == 0 || n % sizeof(DecodeFrame) || count > left)
        return HEARD_LOST;
    memcpy(c->frames + c->frame_count, packet, n);
    if (!frames_fair(c->frames + c->frame_count, count))
        return HEARD_LOST;
    c->frame_count += count;
    return count == left ? HEARD_ALL : HEARD_PART;
}

DecodeHeard decode_child_hear(DecodeChild *c, uint64_t frames_max)
{
    uint8_t packet[DECODE_FRAMES_PACKET * sizeof(DecodeFrame)];
    DecodeHeard heard = HEARD_NOTHING;
    while (heard == HEARD_NOTHING || heard == HEARD_PART) {
        ssize_t n = recv(c->socket, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return heard;
        if (n <= 0 || n > (ssize_t)sizeof packet)
            return HEARD_LOST;
        heard =
            c->answered ? hear_frames(c, packet, (size_t)n) : hear_reply(c, packet, (size_t)n, frames_max);
    }
    return heard;
}

/* A child that has closed its socket is about to be gone; a moment tells its own death from ours. */
static void let_die(pid_t pid)
{
    siginfo_t info = {0};
    for (int i = 0; i < 50; i++) {
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid)
            return;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
}

int decode_child_end(DecodeChild *c)
{
    int died_of = 0;
    if (c->pid > 0) {
        char byte;
        if (recv(c->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0)
            let_die(c->pid);
        died_of = confined_end(c->pid);
        close(c->socket);
    }
    c->pid = 0;
    c->socket = -1;
    return died_of;
}

void decode_child_done(DecodeChild *c)
{
    decode_child_end(c);
    if (c->memory >= 0)
        close(c->memory);
    c->memory = -1;
    arena_done(&c->mem);
}
