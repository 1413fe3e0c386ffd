/* serve.c: one file at a time over a SOCK_SEQPACKET pair. */
#include "decoder/serve.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "decoder/answer.h"

/* The descriptor that came along, or -1. More than one is refused. */
static int descriptor_of(struct msghdr *m)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    int fd = -1;
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

/* False at the end. */
static bool receive(int socket, DecodeRequest *request, int *fd)
{
    union {
        struct cmsghdr align;
        char           space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = { request, sizeof *request };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                        .msg_controllen = sizeof control };
    ssize_t got = recvmsg(socket, &m, 0);
    *fd = got > 0 ? descriptor_of(&m) : -1;
    return got == (ssize_t)sizeof *request && *fd >= 0 && request->magic == DECODE_MAGIC;
}

static bool send_bytes(int socket, const void *at, size_t n)
{
    struct iovec part = { (void *)(uintptr_t)at, n };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    return sendmsg(socket, &m, MSG_NOSIGNAL) == (ssize_t)n;
}

static bool reply_send(int socket, const DecodeReply *reply, const DecodeFrame *frames)
{
    bool good = send_bytes(socket, reply, sizeof *reply);
    for (size_t done = 0; good && done < reply->frame_count; done += DECODE_FRAMES_PACKET) {
        size_t left = reply->frame_count - done,
               now = left < DECODE_FRAMES_PACKET ? left : DECODE_FRAMES_PACKET;
        good = send_bytes(socket, frames + done, now * sizeof *frames);
    }
    return good;
}

bool decoder_serve(int socket)
{
    CLEANUP(arena_done) Arena mem = {0};
    DecodeRequest request;
    int fd;
    while (receive(socket, &request, &fd)) {
        DecodeReply reply;
        DecodeFrame *frames;
        Bytes bytes = { .fd = fd, .offset = request.offset, .length = request.length };
        answer_bytes(&bytes, &request, &mem, &reply, &frames);
        close(fd);
        if (!reply_send(socket, &reply, frames))
            return false;
        arena_reset(&mem);
    }
    return fd < 0;
}
