/* answer.c: from the bytes of a file to a reply. */
#include "decoder/answer.h"
#include <libheif/heif.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "decoder/picture.h"
#include "decoder/video.h"

static void tell(DecodeReply *reply, DecodeState state, const char *reason)
{
    reply->state = state;
    snprintf(reply->reason, sizeof reply->reason, "%s", reason);
}

static int64_t stop_ms(const DecodeRequest *request)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return request->stop_after_ms
               ? (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + request->stop_after_ms : 0;
}

static void answer_picture(const uint8_t *at, size_t len, const DecodeRequest *request, Arena *mem,
                           DecodeReply *reply, DecodeFrame **frames)
{
    Picture p = { .at = at, .len = len, .pixels_max = request->pixels_max, .mem = mem,
                  .frame_every_us = request->frame_every_us, .frames_max = request->frames_max,
                  .stop_ms = stop_ms(request) };
    Pdq pdq;
    if (picture_hash((MediaKind)reply->media, &p, &pdq)) {
        reply->quality = pdq.quality;
        for (int i = 0; i < DECODE_DIHEDRALS; i++)
            memcpy(reply->pdq[i], pdq.hash[i].bytes, sizeof reply->pdq[i]);
        *frames = p.moving.frames;
        reply->frame_count = (uint32_t)p.moving.count;
        reply->duration_us = p.moving.count ? p.moving.at_us : 0;
    }
    reply->width = p.width;
    reply->height = p.height;
    reply->scaled = p.scaled;
    reply->truncated = p.truncated;
    tell(reply, p.state, p.reason);
}

static void map_picture(const Bytes *bytes, const DecodeRequest *request, Arena *mem, DecodeReply *reply,
                        DecodeFrame **frames)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), skip = bytes->offset % page;
    size_t len = (size_t)(bytes->length + skip);
    uint8_t *at = mmap(NULL, len, PROT_READ, MAP_PRIVATE, bytes->fd, (off_t)(bytes->offset - skip));
    if (at == MAP_FAILED) {
        tell(reply, DECODE_UNREADABLE, "The bytes of the file cannot be read.");
        return;
    }
    answer_picture(at + skip, (size_t)bytes->length, request, mem, reply, frames);
    munmap(at, len);
}

static MediaKind sniff(const Bytes *bytes)
{
    uint8_t first[MEDIA_SNIFF_BYTES];
    size_t want = bytes->length < sizeof first ? (size_t)bytes->length : sizeof first;
    if (bytes->at)
        return media_sniff(bytes->at, want);
    ssize_t got = pread(bytes->fd, first, want, (off_t)bytes->offset);
    return media_sniff(first, got > 0 ? (size_t)got : 0);
}

void answer_bytes(const Bytes *bytes, const DecodeRequest *request, Arena *mem, DecodeReply *reply,
                  DecodeFrame **frames)
{
    *reply = (DecodeReply){ .magic = DECODE_MAGIC, .serial = request->serial };
    *frames = NULL;
    MediaKind kind = sniff(bytes);
    reply->media = kind;
    if (kind == MEDIA_NONE)
        tell(reply, DECODE_NOT_MEDIA, "This is no kind of picture or video that is known here.");
    else if (kind == MEDIA_VIDEO)
        video_hash(bytes, request, mem, reply, frames);
    else if (bytes->at)
        answer_picture(bytes->at, (size_t)bytes->length, request, mem, reply, frames);
    else
        map_picture(bytes, request, mem, reply, frames);
}

static void *nothing(void *unused) { return unused; }

void answer_prepare(void)
{
    pthread_t thread;
    heif_init(NULL);
    video_prepare();
    /* With the first thread the C library sets up signals; libheif's decoders start theirs inside the filter.
     */
    if (pthread_create(&thread, NULL, nothing, NULL) == 0)
        pthread_join(thread, NULL);
}
