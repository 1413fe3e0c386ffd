/* main.c: muster-reader: walks disk images and archives as a confined child (protocol.h).
 *
 * It serves requests until its parent hangs up. Everything it meets is hostile: what libtsk, the image
 * libraries and libarchive do with it happens behind a filter that leaves this process nothing but memory,
 * reading what it was handed and answering. */
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "reader/inside.h"

static ssize_t read_file(const Bytes *b, uint64_t at, void *to, size_t len)
{
    return pread(*(const int *)b->ctx, to, len, (off_t)at);
}

static void serve_archive(Wire *w)
{
    off_t size = lseek(w->files[0], 0, SEEK_END);
    Bytes b = { read_file, &w->files[0], size > 0 ? (uint64_t)size : 0 };
    Unpacking u = unpacking_of(w, b.size);
    archive_walk(w, &u, &b, "", w->ask.depth);
}

static void serve_image(Wire *w)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Image image = { 0 };
    const char *why = "";
    if (!image_open(&mem, w->files, w->ask.files, &image, &why)) {
        wire_trouble(w, 0, "", why);
        return;
    }
    ReaderEvent e = { .kind = READER_MEDIUM, .size = image.size, .length = image.has_md5 ? 16 : 0 };
    memcpy(e.stored_md5, image.md5, sizeof e.stored_md5);
    wire_say(w, &e, image.kind, strlen(image.kind));
    volumes_walk(w, &image);
    tsk_img_close(image.tsk);
}

/* Faults on request, so that tests meet a child that dies, hangs or lies. */
static void fault(Wire *w)
{
    ReaderEvent e = { .kind = READER_FILE };
    switch (w->ask.test) {
    case 1: raise(SIGSEGV); break;
    case 2: for (;;) pause(); break;
    case 3: e.kind = READER_BYTES; e.slot = 99; e.length = 1u << 30; wire_say(w, &e, "x", 1); break;
    case 4: wire_say(w, &e, "half", 4); raise(SIGKILL); break;
    default: break;
    }
}

int main(void)
{
    static int files[READER_FILES_MAX];
    Wire w = { .socket = READER_SOCKET, .files = files };
    size_t bytes = (size_t)READER_SLOTS * READER_SLOT_BYTES;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || close_range(READER_SHARED + 1, ~0u, 0) != 0)
        return 2;
    setlocale(LC_ALL, "C.UTF-8");
    w.shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, READER_SHARED, 0);
    if (w.shared == MAP_FAILED)
        return 2;
    close(READER_SHARED);
    confine();
    while (wire_take(&w)) {
        ReaderEvent done = { .kind = READER_DONE };
        fault(&w);
        if (w.ask.what == READER_IMAGE)
            serve_image(&w);
        else
            serve_archive(&w);
        for (uint32_t i = 0; i < w.ask.files; i++)
            close(w.files[i]);
        wire_say(&w, &done, NULL, 0);
    }
    return 0;
}
