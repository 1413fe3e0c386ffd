/* wire.c: packets to the parent, contents through shared memory. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/str.h"
#include "reader/inside.h"

static void gone(void)
{
    _exit(0);                                  /* nobody is listening */
}

static ssize_t receive(int socket, void *to, size_t len, int *fds, size_t *fd_count)
{
    union { struct cmsghdr align; char at[CMSG_SPACE(sizeof(int) * READER_FDS_PACKET)]; } control;
    struct iovec iov = { to, len };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.at,
                        .msg_controllen = sizeof control.at };
    ssize_t n;
    do {
        n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n > 0 && fds) {
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        *fd_count = c && c->cmsg_type == SCM_RIGHTS ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
        if (*fd_count)
            memcpy(fds, CMSG_DATA(c), *fd_count * sizeof(int));
    }
    return n;
}

bool wire_take(Wire *w)
{
    ssize_t n;
    do {                                       /* credits of the request before may still lie there */
        n = receive(w->socket, &w->ask, sizeof w->ask, NULL, NULL);
    } while (n == (ssize_t)sizeof(ReaderCredit));
    if (n != (ssize_t)sizeof w->ask || w->ask.magic != READER_MAGIC || w->ask.files < 1 ||
        w->ask.files > READER_FILES_MAX)
        return false;
    for (uint32_t have = 0; have < w->ask.files;) {
        int fds[READER_FDS_PACKET];
        size_t got = 0;
        char mark = 0;
        if (receive(w->socket, &mark, 1, fds, &got) != 1 || got == 0 || got > w->ask.files - have)
            return false;
        memcpy(w->files + have, fds, got * sizeof(int));
        have += (uint32_t)got;
    }
    w->slot = 0;
    w->credits = READER_SLOTS;
    w->volume = 0;
    w->ordinal = 0;
    return true;
}

void wire_say(Wire *w, ReaderEvent *e, const char *text, size_t text_bytes)
{
    size_t n = text_bytes > READER_TEXT_BYTES ? READER_TEXT_BYTES : text_bytes;
    struct iovec iov[2] = { { e, sizeof *e }, { (void *)text, n } };
    struct msghdr m = { .msg_iov = iov, .msg_iovlen = n ? 2 : 1 };
    ssize_t sent;
    e->magic = READER_MAGIC;
    e->volume = w->volume;
    e->ordinal = w->ordinal;
    e->text_bytes = (uint32_t)n;
    do {
        sent = sendmsg(w->socket, &m, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        gone();
}

void wire_trouble(Wire *w, uint32_t depth, const char *what, const char *why)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    ReaderEvent e = { .kind = READER_TROUBLE, .depth = depth };
    const char *text = str_fmt(&mem, "%s\n%s", why, what);
    wire_say(w, &e, text, strlen(text));
}

void wire_end(Wire *w, const char *why)
{
    ReaderEvent e = { .kind = READER_END };
    wire_say(w, &e, why, strlen(why));
}

uint8_t *wire_slot(Wire *w)
{
    while (w->credits == 0) {
        ReaderCredit c;
        if (receive(w->socket, &c, sizeof c, NULL, NULL) != (ssize_t)sizeof c || c.magic != READER_MAGIC ||
            c.slots > READER_SLOTS)
            gone();
        w->credits += c.slots;
    }
    return w->shared + (size_t)w->slot * READER_SLOT_BYTES;
}

void wire_bytes(Wire *w, size_t length)
{
    ReaderEvent e = { .kind = READER_BYTES, .slot = w->slot, .length = (uint32_t)length };
    w->slot = (w->slot + 1) % READER_SLOTS;
    w->credits--;
    wire_say(w, &e, NULL, 0);
}
