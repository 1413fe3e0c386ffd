/* video_test.c: videos made here are hashed second by second; cut ones as far as they go; the published
 * videos give the published frame hashes. */
#include "decoder/video.h"
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <unistd.h>
#include "base/source.h"
#include "base/str.h"
#include "base/test.h"
#include "decoder/picture_testing.h"
#include "engine/picture/media.h"
#include "engine/picture/vpdq.h"

enum { WIDTH = 320, HEIGHT = 240, RATE = 10, SCENE_FRAMES = 20 };

typedef struct Made {
    uint8_t *at;
    size_t   len;
} Made;

/* A still scene every two seconds, its luma copied into the frame as it is. */
static void fill_frame(AVFrame *f, const Synthetic *s)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            const uint8_t *c = s->rgb + 3 * (y * WIDTH + x);
            f->data[0][y * f->linesize[0] + x] =
                (uint8_t)(16 + (c[0] * 299 + c[1] * 587 + c[2] * 114) * 219 / 255000);
        }
    for (int y = 0; y < HEIGHT / 2; y++)
        for (int plane = 1; plane < 3; plane++)
            memset(f->data[plane] + y * f->linesize[plane], 128, WIDTH / 2);
}

static void write_packets(AVCodecContext *c, AVFormatContext *format, AVPacket *packet, const AVFrame *frame)
{
    CHECK(avcodec_send_frame(c, frame) == 0);
    while (avcodec_receive_packet(c, packet) == 0) {
        av_packet_rescale_ts(packet, c->time_base, format->streams[0]->time_base);
        packet->stream_index = 0;
        CHECK(av_interleaved_write_frame(format, packet) == 0);
    }
}

static Made make_video_by(Arena *mem, enum AVCodecID id, const char *container, int scenes)
{
    AVFormatContext *format = NULL;
    const AVCodec *codec = avcodec_find_encoder(id);
    AVCodecContext *c = avcodec_alloc_context3(codec);
    AVFrame *frame = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    char path[] = "/tmp/muster-video-XXXXXX";
    Err err = {0};
    Str all;
    close(mkstemp(path));
    CHECK(codec && avformat_alloc_output_context2(&format, NULL, container, NULL) >= 0);
    CHECK(avio_open(&format->pb, path, AVIO_FLAG_WRITE) >= 0);
    AVStream *stream = avformat_new_stream(format, NULL);
    c->width = frame->width = WIDTH;
    c->height = frame->height = HEIGHT;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    frame->format = AV_PIX_FMT_YUV420P;
    c->time_base = (AVRational){ 1, RATE };
    c->framerate = (AVRational){ RATE, 1 };
    c->gop_size = RATE;
    c->bit_rate = 4000000;
    c->flags |= format->oformat->flags & AVFMT_GLOBALHEADER ? AV_CODEC_FLAG_GLOBAL_HEADER : 0;
    CHECK(avcodec_open2(c, codec, NULL) == 0 && avcodec_parameters_from_context(stream->codecpar, c) == 0);
    av_dict_set(&format->metadata, "creation_time", "2026-05-14T08:32:07Z", 0);
    av_dict_set(&format->metadata, "title", "Synth\xC3\xA9tique", 0);
    stream->time_base = c->time_base;
    stream->avg_frame_rate = c->framerate;
    CHECK(av_frame_get_buffer(frame, 0) == 0 && avformat_write_header(format, NULL) >= 0);
    for (int i = 0; i < scenes * SCENE_FRAMES; i++) {
        Synthetic s = synthetic_make(mem, (uint64_t)(100 + i / SCENE_FRAMES), WIDTH, HEIGHT);
        CHECK(av_frame_make_writable(frame) == 0);
        fill_frame(frame, &s);
        frame->pts = i;
        write_packets(c, format, packet, frame);
    }
    write_packets(c, format, packet, NULL);
    CHECK(av_write_trailer(format) == 0);
    CHECK(avio_closep(&format->pb) == 0);
    CHECK_OK(file_read(mem, path, 64 << 20, &all, &err), &err);
    unlink(path);
    avcodec_free_context(&c);
    av_frame_free(&frame);
    av_packet_free(&packet);
    avformat_free_context(format);
    return (Made){ (uint8_t *)(uintptr_t)all.at, all.len };
}

static Made make_video(Arena *mem, const char *container, int scenes)
{
    return make_video_by(mem, AV_CODEC_ID_MPEG4, container, scenes);
}

typedef struct Hashed {
    DecodeReply  reply;
    DecodeFrame *frames;
} Hashed;

static Hashed hash_made(Arena *mem, const Made *made, DecodeRequest request)
{
    Hashed h;
    request.pixels_max = request.pixels_max ? request.pixels_max : 1 << 24;
    request.frames_max = request.frames_max ? request.frames_max : 1000;
    answer_prepare();
    answer_bytes(&(Bytes){ .at = made->at, .length = made->len }, &request, mem, &h.reply, &h.frames);
    CHECK(h.reply.state == DECODE_OK || h.reply.reason[0]);
    return h;
}

static const DecodeRequest each_second = { .frame_every_us = 1000000 };

TEST(a_video_gives_one_hash_a_second)
{
    static const char *const containers[] = { "mp4", "matroska", "avi", "mpegts" };
    FOR_EACH (container, containers) {
        CLEANUP(arena_done) Arena mem = {0};
        Made made = make_video(&mem, *container, 3);
        Hashed h = hash_made(&mem, &made, each_second);
        assert_int_equal(media_sniff(made.at, made.len), MEDIA_VIDEO);
        if (h.reply.state != DECODE_OK || h.reply.frame_count != 6)
            fail_msg("%s: %u frames; %s", *container, h.reply.frame_count, h.reply.reason);
        CHECK(h.reply.width == WIDTH && h.reply.height == HEIGHT && !h.reply.truncated);
        for (uint32_t i = 0; i < 6; i++) {
            Synthetic s = synthetic_make(&mem, 100 + i / 2, WIDTH, HEIGHT);
            PdqHash got;
            Pdq want;
            CHECK(pdq_of_rgb(s.rgb, WIDTH, HEIGHT, 3 * WIDTH, &mem, &want));
            memcpy(got.bytes, h.frames[i].pdq, 32);
            CHECK(pdq_distance(&got, want.hash) <= 16 && abs(h.frames[i].quality - want.quality) <= 5);
            CHECK(h.frames[i].at_us == i * 1000000 && h.frames[i].number == i * RATE);
        }
    }
}

TEST(every_frame_is_hashed_when_asked)
{
    CLEANUP(arena_done) Arena mem = {0};
    Made made = make_video(&mem, "mp4", 2);
    Hashed h = hash_made(&mem, &made, (DecodeRequest){0});
    CHECK_INT(h.reply.frame_count, 2 * SCENE_FRAMES);
    for (uint32_t i = 0; i < h.reply.frame_count; i++)
        CHECK(h.frames[i].number == i);
}

TEST(limits_end_a_video_early_or_refuse_it)
{
    CLEANUP(arena_done) Arena mem = {0};
    Made made = make_video(&mem, "mp4", 3);
    Hashed few = hash_made(&mem, &made, (DecodeRequest){ .frame_every_us = 1000000, .frames_max = 4 });
    CHECK(few.reply.state == DECODE_OK && few.reply.frame_count == 4 && few.reply.truncated);
    Hashed large = hash_made(&mem, &made, (DecodeRequest){ .frame_every_us = 1000000, .pixels_max = WIDTH });
    CHECK(large.reply.state == DECODE_REFUSED && large.reply.frame_count == 0);
}

TEST(a_video_cut_anywhere_is_no_trouble)
{
    static const char *const containers[] = { "matroska", "avi", "mp4" };
    FOR_EACH (container, containers) {
        CLEANUP(arena_done) Arena mem = {0};
        Made made = make_video(&mem, *container, 3);
        for (size_t len = made.len; len > 40; len -= 1 + len / 5) {
            CLEANUP(arena_done) Arena one = {0};
            Hashed h = hash_made(&one, &(Made){ made.at, len }, each_second);
            CHECK(h.reply.frame_count <= 6);
        }
    }
    /* Two thirds of a film whose index is not at its end: the first seconds are kept. */
    CLEANUP(arena_done) Arena mem = {0};
    Made made = make_video(&mem, "matroska", 3);
    Hashed h = hash_made(&mem, &(Made){ made.at, made.len * 2 / 3 }, each_second);
    CHECK(h.reply.state == DECODE_OK && h.reply.frame_count >= 2 && h.reply.frame_count < 6);
}

/* A play list that names other files, in each of the forms that the library knows. */
TEST(a_list_of_other_files_is_not_followed)
{
    static const char *const lists[] = {
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '/etc/hostname'\n",
        "<?xml version=\"1.0\"?><MPD><Period/></MPD>",
    };
    FOR_EACH (list, lists) {
        CLEANUP(arena_done) Arena mem = {0};
        Bytes bytes = { .at = (const uint8_t *)*list, .length = strlen(*list) };
        DecodeRequest request = { .pixels_max = 1 << 20, .frames_max = 5 };
        DecodeReply reply = {0};
        DecodeFrame *frames = NULL;
        answer_bytes(&bytes, &request, &mem, &reply, &frames);
        CHECK_INT(reply.state, DECODE_NOT_MEDIA);
        reply = (DecodeReply){0};
        video_hash(&bytes, &request, &mem, &reply, &frames);     /* and were it taken for a video */
        CHECK(reply.state == DECODE_UNREADABLE && reply.frame_count == 0);
    }
}

/* ---- the published videos, where they are ---- */

static size_t read_list(Arena *mem, const char *path, VpdqFrame **out)
{
    Err err = {0};
    Str all;
    size_t n = 0, cap = 0;
    *out = NULL;
    CHECK_OK(file_read(mem, path, 8 << 20, &all, &err), &err);
    char *save = NULL, *text = str_from(mem, all);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        unsigned number;
        int quality;
        char hex[80];
        double seconds;
        PdqHash hash;
        CHECK(sscanf(line, "%u,%d,%64[0-9a-f],%lf", &number, &quality, hex, &seconds) == 4);
        CHECK(pdq_from_hex(hex, 64, &hash));
        VpdqFrame *f = arena_push(mem, *out, n, cap);
        *f = (VpdqFrame){ .number = number, .quality = quality, .at_us = (uint64_t)(seconds * 1e6) };
        memcpy(f->pdq, hash.bytes, 32);
    }
    return n;
}

static void check_reference(Arena *mem, const char *folder, const char *name)
{
    Err err = {0};
    Str all;
    VpdqFrame *want;
    VpdqMatch match;
    int worst = 0;
    CHECK_OK(file_read(mem, str_fmt(mem, "%s/%s.mp4", folder, name), 64 << 20, &all, &err), &err);
    size_t n = read_list(mem, str_fmt(mem, "%s/vpdq/%s.txt", folder, name), &want);
    Hashed h = hash_made(mem, &(Made){ (uint8_t *)(uintptr_t)all.at, all.len }, (DecodeRequest){0});
    CHECK_INT(h.reply.frame_count, n);
    for (size_t i = 0; i < n; i++) {
        PdqHash a, b;
        memcpy(a.bytes, want[i].pdq, 32);
        memcpy(b.bytes, h.frames[i].pdq, 32);
        if (want[i].quality >= PDQ_QUALITY_MIN && pdq_distance(&a, &b) > worst)
            worst = pdq_distance(&a, &b);
        CHECK(abs(want[i].quality - h.frames[i].quality) <= 2);
        CHECK(llabs((long long)want[i].at_us - (long long)h.frames[i].at_us) < 2000);
    }
    vpdq_match((VpdqVideo){ h.frames, n }, (VpdqVideo){ want, n }, PDQ_QUALITY_MIN, PDQ_DISTANCE, &match);
    print_message("%s: %zu frames, at most %d bits from the reference, %.0f %% and %.0f %% met\n", name, n,
                  worst, match.query_percent, match.against_percent);
    CHECK(worst <= 16 && match.query_percent == 100 && match.against_percent == 100);
}

TEST(published_videos_give_the_published_hashes)
{
    static const char *const names[] = { "doorknob-hd-no-bar", "pattern-sd-grey-bar",
                                         "pattern-sd-with-large-logo-bar" };
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    FOR_EACH (name, names) {
        CLEANUP(arena_done) Arena mem = {0};
        check_reference(&mem, str_fmt(&mem, "%s/phash/video", shared), *name);
    }
}

/* Copies of one film have most frames in common, other films none. */
TEST(copies_of_one_film_share_frames_and_others_do_not)
{
    static const struct { const char *a, *b; bool same; } pairs[] = {
        { "chair-22-sd-grey-bar",  "chair-orig-22-sd-bar",           true  },
        { "chair-22-sd-grey-bar",  "doorknob-hd-no-bar",             false },
        { "pattern-sd-grey-bar",   "chair-22-sd-grey-bar",           false },
    };
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    FOR_EACH (p, pairs) {
        CLEANUP(arena_done) Arena mem = {0};
        VpdqFrame *a, *b;
        VpdqMatch m;
        size_t na = read_list(&mem, str_fmt(&mem, "%s/phash/video/vpdq/%s.txt", shared, p->a), &a);
        size_t nb = read_list(&mem, str_fmt(&mem, "%s/phash/video/vpdq/%s.txt", shared, p->b), &b);
        vpdq_match((VpdqVideo){ a, na }, (VpdqVideo){ b, nb }, PDQ_QUALITY_MIN, PDQ_DISTANCE, &m);
        print_message("%s, %s: %.0f %% and %.0f %%\n", p->a, p->b, m.query_percent, m.against_percent);
        CHECK(p->same ? m.query_percent > 80 && m.against_percent > 80
                      : m.query_percent < 5 && m.against_percent < 5);
    }
}

TEST_MAIN(a_video_gives_one_hash_a_second, every_frame_is_hashed_when_asked,
          limits_end_a_video_early_or_refuse_it, a_video_cut_anywhere_is_no_trouble,
          a_list_of_other_files_is_not_followed, published_videos_give_the_published_hashes,
          copies_of_one_film_share_frames_and_others_do_not)
