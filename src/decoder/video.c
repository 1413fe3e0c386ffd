/* video.c: frames of a video by libavformat and libavcodec.
 *
 * 1. The file is reached through one function of ours. The library may open nothing else: no protocol, no
 * play list, no second file (and the kernel's filter would kill this process if it tried).
 * 2. Every bound is ours: pixels of a frame, frames hashed, streams, bytes looked at before the first frame,
 * time.
 * 3. What goes wrong after the first hashed frame ends the list and marks it truncated; the frames so far are
 * kept, since files on seized devices are often cut short. */
#include "decoder/video.h"
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "decoder/av.h"

enum { AVIO_BYTES = 64 << 10, STREAMS_MAX = 64, PROBE_BYTES = 4 << 20, ALLOCATE_MAX = 256 << 20 };

static const char formats[] = "mov,mp4,matroska,webm,avi,mpeg,mpegvideo,mpegts,flv,asf,ogg";

typedef struct Video {
    const Bytes         *bytes;
    const DecodeRequest *request;
    Arena               *mem;
    DecodeReply         *reply;
    uint64_t             at;
    int64_t              stop_ms;              /* on the clock of now_ms; 0: none */
    AVIOContext         *io;
    AVFormatContext     *format;
    AVCodecContext      *codec;
    AVPacket            *packet;
    AVFrame             *frame;
    struct SwsContext   *sws;
    int                  stream;
    uint32_t             number;               /* of the next frame that comes out of the decoder */
    uint64_t             next_us;              /* when the next hash is due */
    DecodeFrame         *frames;
    size_t               count, cap;
    Arena                scratch;              /* of one frame */
} Video;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool fail(Video *v, DecodeState state, const char *reason)
{
    v->reply->state = state;
    snprintf(v->reply->reason, sizeof v->reply->reason, "%s", reason);
    return false;
}

static int take(void *ctx, uint8_t *out, int n)
{
    Video *v = ctx;
    uint64_t left = v->at < v->bytes->length ? v->bytes->length - v->at : 0;
    size_t want = n < 0 ? 0 : (uint64_t)n < left ? (size_t)n : (size_t)left;
    ssize_t got = (ssize_t)want;
    if (v->bytes->at && want)
        memcpy(out, v->bytes->at + v->at, want);
    else if (want)
        got = pread(v->bytes->fd, out, want, (off_t)(v->bytes->offset + v->at));
    if (got <= 0)
        return AVERROR_EOF;
    v->at += (uint64_t)got;
    return (int)got;
}

static int64_t seek(void *ctx, int64_t to, int whence)
{
    Video *v = ctx;
    int64_t length = (int64_t)v->bytes->length;
    if (whence & AVSEEK_SIZE)
        return length;
    whence &= ~AVSEEK_FORCE;
    int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)v->at : length;
    if (to < -from || to > length - from)
        return AVERROR(EINVAL);
    v->at = (uint64_t)(from + to);
    return (int64_t)v->at;
}

static int open_nothing(AVFormatContext *s, AVIOContext **io, const char *url, int flags,
                        AVDictionary **options)
{
    (void)s;
    (void)io;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EPERM);
}

static bool out_of_time(const Video *v) { return v->stop_ms && now_ms() >= v->stop_ms; }

static int interrupted(void *ctx) { return out_of_time(ctx); }

static bool open_format(Video *v)
{
    uint8_t *buffer = av_malloc(AVIO_BYTES);
    v->io = buffer ? avio_alloc_context(buffer, AVIO_BYTES, 0, v, take, NULL, seek) : NULL;
    v->format = v->io ? avformat_alloc_context() : NULL;
    if (!v->format) {
        if (!v->io)
            av_free(buffer);
        return fail(v, DECODE_REFUSED, "The video needs more memory than a child may have.");
    }
    v->format->pb = v->io;
    v->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    v->format->io_open = open_nothing;
    v->format->interrupt_callback = (AVIOInterruptCB){ interrupted, v };
    v->format->format_whitelist = av_strdup(formats);
    v->format->protocol_whitelist = av_strdup("none");
    v->format->probesize = PROBE_BYTES;
    v->format->max_streams = STREAMS_MAX;
    v->format->max_index_size = 16 << 20;
    if (avformat_open_input(&v->format, NULL, NULL, NULL) != 0 ||
        avformat_find_stream_info(v->format, NULL) < 0)
        return fail(v, DECODE_UNREADABLE, "The video is broken or of a kind that is not read.");
    return true;
}

static bool open_codec(Video *v)
{
    const AVCodec *codec = NULL;
    v->stream = av_find_best_stream(v->format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (v->stream < 0 || !codec)
        return fail(v, DECODE_NOT_MEDIA, "The file holds no video that can be read.");
    for (unsigned i = 0; i < v->format->nb_streams; i++)
        if ((int)i != v->stream)
            v->format->streams[i]->discard = AVDISCARD_ALL;
    AVStream *s = v->format->streams[v->stream];
    if (s->codecpar->width > 0 && s->codecpar->height > 0 &&
        (uint64_t)s->codecpar->width * (uint64_t)s->codecpar->height > v->request->pixels_max)
        return fail(v, DECODE_REFUSED, "The video states larger frames than are read.");
    v->codec = avcodec_alloc_context3(codec);
    v->packet = av_packet_alloc();
    v->frame = av_frame_alloc();
    if (!v->codec || !v->packet || !v->frame)
        return fail(v, DECODE_REFUSED, "The video needs more memory than a child may have.");
    if (avcodec_parameters_to_context(v->codec, s->codecpar) < 0)
        return fail(v, DECODE_UNREADABLE, "The video is broken.");
    v->codec->thread_count = 1;
    v->codec->pkt_timebase = s->time_base;
    v->codec->max_pixels = (int64_t)v->request->pixels_max;
    if (avcodec_open2(v->codec, codec, NULL) != 0)
        return fail(v, DECODE_UNREADABLE, "The video is broken.");
    v->reply->width = (uint32_t)s->codecpar->width;
    v->reply->height = (uint32_t)s->codecpar->height;
    v->reply->duration_us = v->format->duration > 0 ? (uint64_t)v->format->duration : 0;
    return true;
}

/* From the first frame on, by its own stamp; by count and rate where it has none. */
static uint64_t frame_us(const Video *v)
{
    const AVStream *s = v->format->streams[v->stream];
    int64_t pts = v->frame->best_effort_timestamp;
    if (pts == AV_NOPTS_VALUE) {
        AVRational rate = s->avg_frame_rate.num > 0 && s->avg_frame_rate.den > 0 ? s->avg_frame_rate
                                                                                 : (AVRational){ 25, 1 };
        return (uint64_t)av_rescale(v->number, INT64_C(1000000) * rate.den, rate.num);
    }
    if (s->start_time != AV_NOPTS_VALUE)
        pts = pts > s->start_time ? pts - s->start_time : 0;
    int64_t us = av_rescale_q(pts, s->time_base, AV_TIME_BASE_Q);
    return us > 0 ? (uint64_t)us : 0;
}

/* False when no more frames are wanted. */
static bool take_frame(Video *v)
{
    uint64_t at = frame_us(v), every = v->request->frame_every_us;
    uint32_t number = v->number++;
    Pdq pdq;
    if (out_of_time(v))
        return false;
    if (every && v->count > 0 && at < v->next_us)
        return true;
    if (v->count >= v->request->frames_max || v->count >= DECODE_FRAMES_MAX)
        return false;
    arena_reset(&v->scratch);
    PdqRows *rows = v->frame->width > 0 && v->frame->height > 0
                        ? pdq_begin(&v->scratch, (uint32_t)v->frame->width, (uint32_t)v->frame->height)
                        : NULL;
    if (!rows || !av_frame_rows(v->frame, &v->sws, &v->scratch, rows))
        return true;
    pdq_end(rows, &pdq);
    DecodeFrame *f = arena_push(v->mem, v->frames, v->count, v->cap);
    *f = (DecodeFrame){ .number = number, .quality = pdq.quality, .at_us = at };
    memcpy(f->pdq, pdq.hash[PDQ_AS_IS].bytes, sizeof f->pdq);
    v->next_us = every ? (at / every + 1) * every : 0;
    return true;
}

/* Takes what the decoder has ready. */
static bool drain(Video *v)
{
    while (avcodec_receive_frame(v->codec, v->frame) == 0) {
        bool more = take_frame(v);
        av_frame_unref(v->frame);
        if (!more)
            return false;
    }
    return true;
}

static void take_frames(Video *v)
{
    int ended = 0;
    bool more = true, broken = false;
    while (more && (ended = av_read_frame(v->format, v->packet)) == 0) {
        if (v->packet->stream_index == v->stream && avcodec_send_packet(v->codec, v->packet) != 0)
            broken = true;
        av_packet_unref(v->packet);
        more = drain(v);
    }
    avcodec_send_packet(v->codec, NULL);
    more = more && drain(v);
    v->reply->truncated = broken || !more || ended != AVERROR_EOF || out_of_time(v);
}

static void release(Video *v)
{
    sws_freeContext(v->sws);
    av_frame_free(&v->frame);
    av_packet_free(&v->packet);
    avcodec_free_context(&v->codec);
    avformat_close_input(&v->format);
    if (v->io)
        av_freep(&v->io->buffer);
    avio_context_free(&v->io);
    arena_done(&v->scratch);
}

void video_hash(const Bytes *bytes, const DecodeRequest *request, Arena *mem, DecodeReply *reply,
                DecodeFrame **frames)
{
    Video v = { .bytes = bytes, .request = request, .mem = mem, .reply = reply };
    v.stop_ms = request->stop_after_ms ? now_ms() + request->stop_after_ms : 0;
    reply->scaled = 1;
    if (open_format(&v) && open_codec(&v)) {
        take_frames(&v);
        *frames = v.frames;
        reply->frame_count = (uint32_t)v.count;
        if (v.count > 0)
            reply->state = DECODE_OK;
        else
            fail(&v, DECODE_UNREADABLE, "No frame of the video can be read.");
    }
    if (v.count == 0 && out_of_time(&v))
        fail(&v, DECODE_REFUSED, "The video gave no frame in the time that it may take.");
    release(&v);
}

static void silent(void *ctx, int level, const char *format, va_list args)
{
    (void)ctx;
    (void)level;
    (void)format;
    (void)args;
}

void video_prepare(void)
{
    av_log_set_callback(silent);
    av_max_alloc(ALLOCATE_MAX);
}
