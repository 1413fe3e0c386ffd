#include "engine/digest/sha256.h"
#include <openssl/evp.h>
#include "base/rng.h"
#include "base/test.h"

enum { LONGEST = 300, MANY = LONGEST + 1 };

typedef struct Messages {
    uint8_t     bytes[MANY][LONGEST];
    const void *at[MANY];
    size_t      len[MANY];
    Hash32      got[MANY];
} Messages;

/* Every length once, shuffled, so that lanes finish at different times. */
static Messages *messages_new(Arena *mem, uint64_t seed)
{
    Messages *m = arena_new(mem, Messages, 1);
    Rng rng = rng_seed(seed);
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < MANY; i++) {
        for (size_t j = 0; j < LONGEST; j++)
            m->bytes[i][j] = (uint8_t)rng_next(&rng);
        m->len[i] = i;
    }
    for (size_t i = MANY - 1; i > 0; i--) {
        size_t j = (size_t)rng_below(&rng, i + 1), kept = m->len[i];
        m->len[i] = m->len[j];
        m->len[j] = kept;
    }
    for (size_t i = 0; i < MANY; i++)
        m->at[i] = m->len[i] ? m->bytes[i] : NULL;
    return m;
}

static void check_message(const Messages *m, size_t i, int prefix)
{
    uint8_t text[1 + LONGEST];
    Hash32 want;
    size_t shift = prefix >= 0;
    text[0] = (uint8_t)prefix;
    memcpy(text + shift, m->bytes[i], m->len[i]);
    CHECK(EVP_Digest(text, m->len[i] + shift, want.bytes, NULL, EVP_sha256(), NULL));
    assert_memory_equal(m->got[i].bytes, want.bytes, sizeof want.bytes);
}

static void check_path(Messages *m, int path, int prefix, size_t n)
{
    memset(m->got, 0xEE, sizeof m->got);
    if (path < SHA256_PATHS)
        sha256_many_by((Sha256Path)path, prefix, m->at, m->len, n, m->got);
    else if (prefix < 0)
        sha256_many(m->at, m->len, n, m->got);
    else
        sha256_many_after((uint8_t)prefix, m->at, m->len, n, m->got);
    for (size_t i = 0; i < n; i++)
        check_message(m, i, prefix);
    for (size_t i = n; i < MANY; i++)
        CHECK_INT(m->got[i].bytes[0], 0xEE);        /* nothing beyond the batch is touched */
}

/* SHA256_PATHS stands for the public functions, which mix paths. */
TEST(every_path_agrees_with_openssl_on_every_length)
{
    static const int prefixes[] = { -1, 0, 1, 255 };
    CLEANUP(arena_done) Arena mem = {0};
    Messages *m = messages_new(&mem, 20260101);
    for (int path = 0; path <= SHA256_PATHS; path++) {
        if (path < SHA256_PATHS && !sha256_path_here((Sha256Path)path))
            continue;
        if (path < SHA256_PATHS)
            print_message("# path %s\n", sha256_path_name((Sha256Path)path));
        FOR_EACH(prefix, prefixes)
            check_path(m, path, *prefix, MANY);
    }
}

TEST(every_batch_size_around_the_lane_counts_is_right)
{
    CLEANUP(arena_done) Arena mem = {0};
    Messages *m = messages_new(&mem, 7);
    for (int path = 0; path <= SHA256_PATHS; path++)
        for (size_t n = 0; n <= 35; n++)
            if (path == SHA256_PATHS || sha256_path_here((Sha256Path)path))
                check_path(m, path, 0, n);
}

TEST(the_best_path_can_run_here)
{
    CHECK(sha256_path_here(sha256_path_best()));
    CHECK(sha256_path_here(SHA256_PORTABLE));
}

TEST_MAIN(every_path_agrees_with_openssl_on_every_length, every_batch_size_around_the_lane_counts_is_right,
          the_best_path_can_run_here)
