/* digests_test.c: every path gives what OpenSSL gives, for every length and however the bytes arrive. */
#include "engine/digest/digests.h"
#include <openssl/evp.h>
#include "base/rng.h"
#include "base/test.h"

enum { LONGEST = 20000, STREAMS = 37, SEED = 20260514 };

static void reference(const EVP_MD *md, const uint8_t *at, size_t len, uint8_t *out)
{
    CHECK(EVP_Digest(at, len, out, NULL, md, NULL) == 1);
}

static void check_digests(const Digests *got, const uint8_t *at, size_t len)
{
    Digests want;
    reference(EVP_md5(), at, len, want.md5);
    reference(EVP_sha1(), at, len, want.sha1);
    reference(EVP_sha256(), at, len, want.sha256);
    assert_memory_equal(got->md5, want.md5, sizeof want.md5);
    assert_memory_equal(got->sha1, want.sha1, sizeof want.sha1);
    assert_memory_equal(got->sha256, want.sha256, sizeof want.sha256);
    CHECK(got->size_bytes == len);
}

static uint8_t *noise(Arena *mem, size_t n, Rng *rng)
{
    uint8_t *bytes = arena_new(mem, uint8_t, n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rng_next(rng);
    return bytes;
}

#define FOR_PATHS(p) for (DigestPath p = 0; p < DIGESTS_PATHS; p++) if (digests_path_here(p))

TEST(every_short_length_is_right)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(SEED);
    const uint8_t *bytes = noise(&mem, 301, &rng);
    FOR_PATHS(path) {
        DigestStream *s = digests_begin(&mem);
        for (size_t len = 0; len <= 300; len++) {
            const void *at = bytes;
            Digests got;
            digests_add_many_by(path, &s, &at, &len, 1);
            digests_end_many_by(path, &s, 1, &got);
            check_digests(&got, bytes, len);
        }
    }
}

TEST(whole_buffers_of_any_lengths_are_right)
{
    CLEANUP(arena_done) Arena mem = {0};
    const void *at[301];
    size_t len[301];
    Digests got[301];
    Rng rng = rng_seed(SEED);
    const uint8_t *bytes = noise(&mem, 301, &rng);
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        at[i] = bytes;
        len[i] = i;
    }
    FOR_PATHS(path) {
        memset(got, 0, sizeof got);
        digests_many_by(path, at, len, COUNT_OF(at), got);
        for (size_t i = 0; i < COUNT_OF(at); i++)
            check_digests(&got[i], bytes, i);
    }
}

/* Lengths at which the padding moves to a block of its own, and others, ended side by side. */
TEST(ends_about_the_border_of_a_block_are_right)
{
    static const size_t border[] = { 0,   1,   55,  56,  63,        64,        65,
                                     119, 120, 127, 128, 4096 + 55, 4096 + 56, 8191 };
    CLEANUP(arena_done) Arena mem = {0};
    DigestStream *streams[COUNT_OF(border)];
    const void *at[COUNT_OF(border)];
    Digests got[COUNT_OF(border)];
    Rng rng = rng_seed(SEED);
    const uint8_t *bytes = noise(&mem, 8192, &rng);
    for (size_t i = 0; i < COUNT_OF(border); i++) {
        streams[i] = digests_begin(&mem);
        at[i] = bytes;
    }
    FOR_PATHS(path)
        for (size_t n = 1; n <= COUNT_OF(border); n++) {
            digests_add_many_by(path, streams, at, border, n);
            digests_end_many_by(path, streams, n, got);
            for (size_t i = 0; i < n; i++)
                check_digests(&got[i], bytes, border[i]);
        }
}

/* Large files read in turn, a piece of each: more than one step of the lanes, and lengths past 2^24 bits. */
TEST(large_files_in_pieces_are_right)
{
    enum { FILES = 5, MOST = 3 << 20, PIECE = 256 << 10 };
    CLEANUP(arena_done) Arena mem = {0};
    static const size_t size[FILES] = { MOST, MOST - 1, 2 * PIECE, 2 * PIECE + 57, 5 };
    DigestStream *streams[FILES];
    Digests got[FILES];
    Rng rng = rng_seed(SEED);
    const uint8_t *bytes = noise(&mem, MOST, &rng);
    for (size_t i = 0; i < FILES; i++)
        streams[i] = digests_begin(&mem);
    FOR_PATHS(path) {
        for (size_t done = 0; done < MOST; done += PIECE) {
            const void *at[FILES];
            size_t len[FILES];
            for (size_t i = 0; i < FILES; i++) {
                size_t rest = size[i] > done ? size[i] - done : 0;
                at[i] = bytes + done;
                len[i] = rest < PIECE ? rest : PIECE;
            }
            digests_add_many_by(path, streams, at, len, FILES);
        }
        digests_end_many_by(path, streams, FILES, got);
        for (size_t i = 0; i < FILES; i++)
            check_digests(&got[i], bytes, size[i]);
    }
}

/* Each round gives every stream its next piece, often empty, often ending inside a block. */
static void split_at_random(Arena *mem, DigestPath path, Rng *rng)
{
    DigestStream *streams[STREAMS];
    uint8_t *bytes[STREAMS];
    size_t total[STREAMS], done[STREAMS] = {0}, left = 1;
    Digests got[STREAMS];
    for (size_t i = 0; i < STREAMS; i++) {
        total[i] = rng_below(rng, 3) ? rng_below(rng, LONGEST) : rng_below(rng, 200);
        bytes[i] = noise(mem, total[i] + 1, rng);
        streams[i] = digests_begin(mem);
    }
    while (left) {
        const void *at[STREAMS];
        size_t len[STREAMS];
        left = 0;
        for (size_t i = 0; i < STREAMS; i++) {
            size_t rest = total[i] - done[i];
            len[i] = rng_below(rng, rng_below(rng, 2) ? rest + 1 : 130);
            len[i] = len[i] < rest ? len[i] : rest;
            at[i] = bytes[i] + done[i];
            done[i] += len[i];
            left += rest - len[i];
        }
        digests_add_many_by(path, streams, at, len, STREAMS);
    }
    digests_end_many_by(path, streams, STREAMS, got);
    for (size_t i = 0; i < STREAMS; i++)
        check_digests(&got[i], bytes[i], total[i]);
}

TEST(pieces_of_any_size_change_nothing)
{
    FOR_PATHS(path) {
        Rng rng = rng_seed(SEED + path);
        for (int round = 0; round < 12; round++) {
            CLEANUP(arena_done) Arena mem = {0};
            split_at_random(&mem, path, &rng);
        }
    }
}

TEST(a_stream_may_be_used_again)
{
    CLEANUP(arena_done) Arena mem = {0};
    DigestStream *s = digests_begin(&mem);
    for (int i = 0; i < 2; i++) {
        digests_add(s, "ab", 2);
        digests_add(s, "c", 1);
        Digests got = digests_end(s);
        check_digests(&got, (const uint8_t *)"abc", 3);
    }
}

TEST(the_plain_path_is_always_here)
{
    CHECK(digests_path_here(DIGESTS_PORTABLE) && digests_path_here(digests_path_best()));
    CHECK_TEXT(digests_path_name(DIGESTS_PORTABLE), "portable");
}

TEST_MAIN(every_short_length_is_right, whole_buffers_of_any_lengths_are_right,
          ends_about_the_border_of_a_block_are_right, large_files_in_pieces_are_right,
          pieces_of_any_size_change_nothing, a_stream_may_be_used_again, the_plain_path_is_always_here)
