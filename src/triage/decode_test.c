/* decode_test.c: the pool with real decoders, and with a rogue one, which is this program started as its
 * child. A rogue does what the first letter after a BMP signature says. */
#include "triage/decode.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/rng.h"
#include "base/source.h"
#include "base/str.h"
#include "base/test.h"
#include "engine/picture/pdq.h"

/* ---- a harmless picture ---- */

enum { WIDTH = 320, HEIGHT = 240, HEADER = 54, BMP_BYTES = HEADER + 3 * WIDTH * HEIGHT };

static void put32(uint8_t *to, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(x >> 8 * i);
}

/* Waves in grey, bottom row first; `luma` gets them top row first. */
static uint8_t *bmp_make(Arena *mem, int seed, uint8_t *luma)
{
    uint8_t *bmp = arena_new(mem, uint8_t, BMP_BYTES);
    memcpy(bmp, "BM", 2);
    put32(bmp + 2, BMP_BYTES);
    put32(bmp + 10, HEADER);
    put32(bmp + 14, 40);
    put32(bmp + 18, WIDTH);
    put32(bmp + 22, HEIGHT);
    put32(bmp + 26, 1 | 24 << 16);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint8_t v = (uint8_t)((x * (3 + seed) / 7 ^ y * y / (40 + seed)) + x * y / 97);
            memset(bmp + HEADER + 3 * ((HEIGHT - 1 - y) * WIDTH + x), v, 3);
            if (luma)
                luma[y * WIDTH + x] = v;
        }
    return bmp;
}

/* ---- time that the test moves ---- */

static Instant held_clock(void *ctx) { return *(Instant *)ctx; }

static Instant steady_clock(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (Instant)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

static DecodePool *pool_open(Arena *mem, DecodeOptions opt)
{
    Err err = {0};
    DecodePool *pool = NULL;
    if (!opt.clock)
        opt.clock = steady_clock;
    CHECK_OK(decode_open(mem, &opt, &pool, &err), &err);
    return pool;
}

static DecodeResult decode_at(DecodePool *pool, Arena *mem, const void *at, size_t len)
{
    Err err = {0};
    DecodeResult r;
    CHECK_OK(decode_file(pool, &(DecodeInput){ .fd = -1, .at = at, .length = len }, mem, &r, &err), &err);
    CHECK(r.state == DECODE_OK ? !r.reason[0] : r.reason[0] != 0);
    return r;
}

static int memory_file(const void *at, size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, at, len) == (ssize_t)len);
    return fd;
}

TEST(a_picture_comes_back_as_its_hashes)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t *luma = arena_new(&mem, uint8_t, WIDTH * HEIGHT), *bmp = bmp_make(&mem, 1, luma);
    DecodePool *pool = pool_open(&mem, (DecodeOptions){0});
    Err err = {0};
    Pdq want;
    DecodeResult by_memory = decode_at(pool, &mem, bmp, BMP_BYTES), by_fd;
    int fd = memory_file(bmp, BMP_BYTES);
    CHECK(pdq_of_luma(luma, WIDTH, HEIGHT, WIDTH, &mem, &want));
    CHECK(by_memory.state == DECODE_OK && by_memory.media == MEDIA_BMP && by_memory.width == WIDTH &&
          by_memory.height == HEIGHT && by_memory.quality == want.quality && by_memory.frame_count == 0);
    for (int t = 0; t < DECODE_DIHEDRALS; t++)
        assert_memory_equal(by_memory.pdq[t], want.hash[t].bytes, 32);
    CHECK_OK(decode_file(pool, &(DecodeInput){ .fd = fd, .length = BMP_BYTES }, &mem, &by_fd, &err), &err);
    assert_memory_equal(by_fd.pdq, by_memory.pdq, sizeof by_fd.pdq);
    close(fd);
    decode_close(pool);
}

/* As files lie in a disk image: anywhere, with other bytes around. */
TEST(a_picture_inside_a_larger_file_is_found_by_offset)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t *bmp = bmp_make(&mem, 2, NULL);
    DecodePool *pool = pool_open(&mem, (DecodeOptions){0});
    Err err = {0};
    DecodeResult whole = decode_at(pool, &mem, bmp, BMP_BYTES), part;
    int fd = memory_file("leading bytes", 13);
    CHECK(pwrite(fd, bmp, BMP_BYTES, 70001) == BMP_BYTES &&
          pwrite(fd, "trailing", 8, 70001 + BMP_BYTES) == 8);
    DecodeInput input = { .fd = fd, .offset = 70001, .length = BMP_BYTES };
    CHECK_OK(decode_file(pool, &input, &mem, &part, &err), &err);
    CHECK_INT(part.state, DECODE_OK);
    assert_memory_equal(part.pdq, whole.pdq, sizeof part.pdq);
    close(fd);
    decode_close(pool);
}

TEST(every_file_sent_comes_back_once)
{
    enum { FILES = 60 };
    CLEANUP(arena_done) Arena mem = {0};
    DecodePool *pool = pool_open(&mem, (DecodeOptions){ .children = 3 });
    int back[FILES] = {0};
    Err err = {0};
    for (int sent = 0, done = 0; done < FILES;) {
        DecodeResult r;
        bool got;
        while (sent < FILES && decode_idle(pool) > 0) {
            uint8_t *bmp = bmp_make(&mem, sent, NULL);
            size_t len = sent % 5 == 4 ? 900 : sent % 5 == 3 ? 1 : BMP_BYTES;
            if (sent % 5 == 2)
                bmp[0] = 'x';
            CHECK_OK(
                decode_send(pool, &(DecodeInput){ .fd = -1, .at = bmp, .length = len }, &back[sent], &err),
                &err);
            sent++;
        }
        CHECK_OK(decode_collect(pool, -1, &mem, &r, &got, &err), &err);
        CHECK(got);
        ++*(int *)r.tag;
        done++;
        long file = (int *)r.tag - back;
        if (file % 5 < 2)
            CHECK_INT(r.state, DECODE_OK);
        else if (file % 5 < 4)
            CHECK_INT(r.state, DECODE_NOT_MEDIA);
    }
    for (int i = 0; i < FILES; i++)
        CHECK_INT(back[i], 1);
    CHECK(decode_busy(pool) == 0 && decode_counts(pool).children_lost == 0);
    decode_close(pool);
}

TEST(no_more_is_taken_than_there_are_children)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t *bmp = bmp_make(&mem, 1, NULL);
    DecodePool *pool = pool_open(&mem, (DecodeOptions){0});
    DecodeInput input = { .fd = -1, .at = bmp, .length = BMP_BYTES };
    struct pollfd fds[4];
    DecodeResult r;
    Err err = {0};
    bool got;
    CHECK_OK(decode_collect(pool, -1, &mem, &r, &got, &err), &err);
    CHECK(!got);                               /* nothing is in hand, so nothing is waited for */
    CHECK_OK(decode_send(pool, &input, NULL, &err), &err);
    CHECK_FAILS(decode_send(pool, &input, NULL, &err), &err, ERR_LIMIT);
    CHECK(decode_polls(pool, fds, COUNT_OF(fds)) == 1);
    decode_close(pool);                        /* with work in hand */
}

TEST(what_is_too_large_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t *bmp = bmp_make(&mem, 1, NULL);
    DecodePool *pool =
        pool_open(&mem, (DecodeOptions){ .bytes_max = BMP_BYTES, .pixels_max = WIDTH * HEIGHT });
    CHECK_INT(decode_at(pool, &mem, bmp, BMP_BYTES).state, DECODE_OK);
    uint8_t *longer = arena_new(&mem, uint8_t, BMP_BYTES + 1);
    memcpy(longer, bmp, BMP_BYTES);
    CHECK_INT(decode_at(pool, &mem, longer, BMP_BYTES + 1).state, DECODE_REFUSED);
    put32(bmp + 18, WIDTH + 1);
    DecodeResult r = decode_at(pool, &mem, bmp, BMP_BYTES);
    CHECK(r.state == DECODE_REFUSED && decode_counts(pool).children_lost == 0);
    decode_close(pool);
}

/* The file is there when it is sent and shorter when it is read: a mapped page that is not there is a signal.
 */
TEST(a_file_cut_under_the_reader_costs_only_the_child)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t *bmp = bmp_make(&mem, 1, NULL);
    DecodePool *pool = pool_open(&mem, (DecodeOptions){0});
    Err err = {0};
    DecodeResult r;
    int fd = memory_file(bmp, 4096);
    CHECK_OK(decode_file(pool, &(DecodeInput){ .fd = fd, .length = BMP_BYTES }, &mem, &r, &err), &err);
    CHECK_INT(r.state, DECODE_CRASHED);
    close(fd);
    CHECK_INT(decode_at(pool, &mem, bmp, BMP_BYTES).state, DECODE_OK);
    DecodeCounts counts = decode_counts(pool);
    CHECK(counts.children_lost == 1 && counts.children_started == 2 && counts.state[DECODE_CRASHED] == 1 &&
          counts.state[DECODE_OK] == 1);
    decode_close(pool);
}

TEST(there_is_no_decoder_where_there_is_none)
{
    CLEANUP(arena_done) Arena mem = {0};
    DecodeOptions opt = { .clock = steady_clock, .program = "/nonexistent/muster-decoder" };
    DecodePool *pool = NULL;
    Err err = {0};
    CHECK_FAILS(decode_open(&mem, &opt, &pool, &err), &err, ERR_STORE);
    opt.program = "/bin/true";                 /* it starts, and says nothing */
    CHECK_FAILS(decode_open(&mem, &opt, &pool, &err), &err, ERR_STORE);
}

/* ---- the rogue ---- */

static void rogue_say(const void *at, size_t n) { (void)!send(DECODE_SOCKET, at, n, MSG_NOSIGNAL); }

static DecodeReply rogue_reply(const DecodeRequest *request)
{
    return (DecodeReply){ .magic = DECODE_MAGIC,
                          .serial = request->serial,
                          .state = DECODE_OK,
                          .media = MEDIA_BMP,
                          .width = 1,
                          .height = 1,
                          .scaled = 1 };
}

/* One lie each; the reply is otherwise fair. */
static void rogue_lies(int which, DecodeReply *r)
{
    switch (which) {
    case 'a': r->magic++; break;
    case 'b': r->serial++; break;
    case 'c': r->state = DECODE_CRASHED; break;
    case 'd': r->state = 0; break;
    case 'e': r->media = MEDIA__COUNT; break;
    case 'f': r->frame_count = 1; break;       /* of a picture */
    case 'g': r->media = MEDIA_VIDEO; r->frame_count = UINT32_MAX; break;
    case 'h': r->quality = 101; break;
    case 'i': r->width = UINT32_MAX; break;
    case 'j': memset(r->reason, 'x', sizeof r->reason); break;
    case 'k': memcpy(r->reason, "a\033[2Jb", 7); break;
    case 'l': r->scaled = 99; break;
    case 'm': r->truncated = 7; break;
    case 'n': r->media = MEDIA_VIDEO; r->frame_count = 2; break;   /* and then too many */
    case 'o': r->duration_us = UINT64_MAX; break;
    }
}

/* The first letter of a file that is sent, or 0 for the greeting. */
static int rogue_hear(DecodeRequest *request)
{
    union {
        struct cmsghdr header;
        char           space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = { request, sizeof *request };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
                        .msg_controllen = sizeof control };
    int fd = -1;
    char letter = 0;
    if (recvmsg(DECODE_SOCKET, &m, 0) != (ssize_t)sizeof *request)
        _exit(0);
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    if (request->length > HEADER && pread(fd, &letter, 1, HEADER) != 1)
        letter = 0;
    close(fd);
    return letter;
}

static _Noreturn void rogue(void)
{
    for (;;) {
        DecodeRequest request;
        int what = rogue_hear(&request);
        DecodeReply reply = rogue_reply(&request);
        if (what == 0)
            reply.state = DECODE_NOT_MEDIA;
        if (what == 'A')
            abort();
        if (what == 'S') {
            signal(SIGSEGV, SIG_DFL);          /* a sanitizer would make a report of it */
            raise(SIGSEGV);
        }
        if (what == 'Q')
            _exit(0);
        if (what == 'H')
            for (;;)
                pause();
        rogue_lies(what, &reply);
        rogue_say(&reply, what == 'P' ? 20 : sizeof reply);
        if (what == 'n')
            rogue_say((DecodeFrame[3]){0}, 3 * sizeof(DecodeFrame));
    }
}

/* A file that makes the rogue do what the letter says; 0: it behaves. */
static uint8_t *order(Arena *mem, char letter)
{
    uint8_t *bmp = bmp_make(mem, 1, NULL);
    bmp[HEADER] = (uint8_t)letter;
    return bmp;
}

static DecodeOptions rogue_options(void)
{
    return (DecodeOptions){ .program = "/proc/self/exe" };
}

TEST(no_lie_of_a_child_is_believed)
{
    CLEANUP(arena_done) Arena mem = {0};
    DecodePool *pool = pool_open(&mem, rogue_options());
    for (char c = 'a'; c <= 'o'; c++) {
        DecodeResult r = decode_at(pool, &mem, order(&mem, c), BMP_BYTES);
        if (r.state != DECODE_CRASHED)
            fail_msg("lie %c was taken for %s", c, decode_state_name(r.state));
        CHECK_INT(decode_at(pool, &mem, order(&mem, 'z'), BMP_BYTES).state, DECODE_OK);
    }
    CHECK_INT(decode_at(pool, &mem, order(&mem, 'P'), BMP_BYTES).state, DECODE_CRASHED);
    CHECK_INT(decode_counts(pool).children_lost, 16);
    decode_close(pool);
}

TEST(a_child_that_dies_is_told_and_replaced)
{
    CLEANUP(arena_done) Arena mem = {0};
    DecodePool *pool = pool_open(&mem, rogue_options());
    for (const char *c = "ASQ"; *c; c++) {
        DecodeResult r = decode_at(pool, &mem, order(&mem, *c), BMP_BYTES);
        CHECK(r.state == DECODE_CRASHED && r.media == MEDIA_BMP);
        CHECK_INT(decode_at(pool, &mem, order(&mem, 'z'), BMP_BYTES).state, DECODE_OK);
    }
    decode_close(pool);
}

TEST(a_child_that_hangs_is_ended_at_its_time)
{
    CLEANUP(arena_done) Arena mem = {0};
    Instant now = 1000;
    DecodeOptions opt = rogue_options();
    opt.clock = held_clock;
    opt.clock_ctx = &now;
    opt.picture_ms = 5000;
    DecodePool *pool = pool_open(&mem, opt);
    DecodeInput input = { .fd = -1, .at = order(&mem, 'H'), .length = BMP_BYTES };
    DecodeResult r;
    Err err = {0};
    bool got = true;
    CHECK_OK(decode_send(pool, &input, NULL, &err), &err);
    now += 4999 * 1000;
    CHECK_OK(decode_collect(pool, 0, &mem, &r, &got, &err), &err);
    CHECK(!got);
    now += 1000;
    CHECK_OK(decode_collect(pool, 0, &mem, &r, &got, &err), &err);
    CHECK(got && r.state == DECODE_TIMED_OUT && decode_idle(pool) == 1);
    CHECK_OK(decode_send(pool, &(DecodeInput){ .fd = -1, .at = order(&mem, 'z'), .length = BMP_BYTES }, NULL,
                         &err),
             &err);
    while (decode_busy(pool) > 0)
        CHECK_OK(decode_collect(pool, 0, &mem, &r, &got, &err), &err);
    CHECK_INT(r.state, DECODE_OK);
    decode_close(pool);
}

/* ---- hostile files, where they are ---- */

static void decode_folder(DecodePool *pool, Arena *mem, const char *folder, uint64_t ended[DECODE__STATES])
{
    DIR *dir = opendir(folder);
    CHECK(dir != NULL);
    for (struct dirent *d; (d = readdir(dir));) {
        CLEANUP(arena_done) Arena one = {0};
        Err err = {0};
        Str all;
        const char *path = str_fmt(mem, "%s/%s", folder, d->d_name);
        struct stat st;
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        CHECK_OK(file_read(&one, path, 64 << 20, &all, &err), &err);
        DecodeResult r = decode_at(pool, &one, all.at, all.len);
        ended[r.state]++;
        if (r.state == DECODE_CRASHED || r.state == DECODE_TIMED_OUT)
            print_message("%s: %s\n", d->d_name, r.reason);
        if (strstr(folder, "pngsuite"))        /* x: made wrong on purpose */
            CHECK(d->d_name[0] == 'x' ? r.state != DECODE_OK : r.state == DECODE_OK);
    }
    closedir(dir);
}

/* What libraries ask of the kernel differs from format to format, and the filter must allow it: the made
 * pictures and videos that the fuzz targets start from hold one of each. */
TEST(every_format_is_decoded_behind_the_filter)
{
    static const char *const folders[] = { "tests/fuzz/seeds/fuzz_decoder_picture",
                                           "tests/fuzz/seeds/fuzz_decoder_video" };
    CLEANUP(arena_done) Arena mem = {0};
    DecodePool *pool = pool_open(&mem, (DecodeOptions){0});
    uint64_t ended[DECODE__STATES] = {0};
    FOR_EACH (folder, folders)
        decode_folder(pool, &mem, *folder, ended);
    CHECK(ended[DECODE_OK] >= 30 && decode_counts(pool).children_lost == 0);
    CHECK_INT(ended[DECODE_UNREADABLE] + ended[DECODE_REFUSED] + ended[DECODE_NOT_MEDIA], 0);
    decode_close(pool);
}

TEST(hostile_files_cost_children_at_most)
{
    static const char *const folders[] = {
        "go-fuzz/bmp", "go-fuzz/gif", "go-fuzz/png", "go-fuzz/tiff", "go-fuzz/webp", "jpeg", "pngsuite",
    };
    const char *shared = getenv("MUSTER_SHARED");
    CLEANUP(arena_done) Arena mem = {0};
    if (!shared)
        skip();
    FOR_EACH (folder, folders) {
        uint64_t ended[DECODE__STATES] = {0};
        DecodePool *pool = pool_open(&mem, (DecodeOptions){0});
        decode_folder(pool, &mem, str_fmt(&mem, "%s/hostile/%s", shared, *folder), ended);
        print_message("%-14s", *folder);
        for (int s = DECODE_OK; s < DECODE__STATES; s++)
            print_message(" %s %llu", decode_state_name((DecodeState)s), (unsigned long long)ended[s]);
        print_message(", children lost %llu\n", (unsigned long long)decode_counts(pool).children_lost);
        CHECK(ended[DECODE_TIMED_OUT] == 0);
        decode_close(pool);
    }
}

#define TESTS                                                                                                \
    a_picture_comes_back_as_its_hashes, a_picture_inside_a_larger_file_is_found_by_offset,                   \
        every_file_sent_comes_back_once, no_more_is_taken_than_there_are_children,                           \
        what_is_too_large_is_refused, a_file_cut_under_the_reader_costs_only_the_child,                      \
        there_is_no_decoder_where_there_is_none, no_lie_of_a_child_is_believed,                              \
        a_child_that_dies_is_told_and_replaced, a_child_that_hangs_is_ended_at_its_time,                     \
        every_format_is_decoded_behind_the_filter, hostile_files_cost_children_at_most

int main(void)
{
    const struct CMUnitTest tests[] = { TEST_LIST(TESTS) };
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(DECODE_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET)
        rogue();                               /* started by one of the tests below */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
