#include "base/digest.h"
#include "base/rng.h"
#include "base/test.h"

/* FIPS 180-4 examples. */
static const struct { const char *in, *want; } known[] = {
    { "",    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};
TEST(digests_are_those_published)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(k, known) {
        Sha256 d = sha256_of(k->in, strlen(k->in));
        CHECK_TEXT(sha256_hex(&mem, &d), k->want);
    }
}

TEST(pieces_give_the_digest_of_the_whole)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(23);
    uint8_t bytes[1000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)rng_next(&rng);
    for (int round = 0; round < 500; round++) {
        size_t len = (size_t)rng_below(&rng, sizeof bytes + 1);
        Sha256Stream *s = sha256_begin(&mem);
        for (size_t at = 0; at < len;) {
            size_t step = 1 + (size_t)rng_below(&rng, len - at);
            sha256_add(s, bytes + at, step);
            at += step;
        }
        Sha256 pieces = sha256_end(s), whole = sha256_of(bytes, len), other = whole;
        CHECK(sha256_same(&pieces, &whole));
        other.bytes[rng_below(&rng, 32)] ^= (uint8_t)(1u << rng_below(&rng, 8));
        CHECK(!sha256_same(&pieces, &other));
    }
}

TEST(random_bytes_differ)
{
    uint8_t a[32] = {0}, b[32] = {0};
    random_fill(a, sizeof a);
    random_fill(b, sizeof b);
    CHECK(!bytes_same(a, b, sizeof a) && bytes_same(a, a, sizeof a) && bytes_same(a, b, 0));
    random_fill(a, 0);
}

TEST_MAIN(digests_are_those_published, pieces_give_the_digest_of_the_whole, random_bytes_differ)
