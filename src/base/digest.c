#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"
#include <openssl/sha.h>
#include <sodium.h>
#include <stdlib.h>

/* The three plain SHA-256 calls rather than EVP: the same hardware code, but EVP fetches and allocates a
 * context on each call, which costs several times the digest itself for the 65-byte nodes of the ledger's
 * tree. */
struct Sha256Stream { SHA256_CTX ctx; };

Sha256 sha256_of(const void *at, size_t len)
{
    Sha256     d;
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, at, len);
    SHA256_Final(d.bytes, &ctx);
    return d;
}

Sha256Stream *sha256_begin(Arena *mem)
{
    Sha256Stream *s = arena_new(mem, Sha256Stream, 1);
    SHA256_Init(&s->ctx);
    return s;
}

void sha256_add(Sha256Stream *s, const void *at, size_t len)
{
    SHA256_Update(&s->ctx, at, len);
}

Sha256 sha256_end(Sha256Stream *s)
{
    Sha256 d;
    SHA256_Final(d.bytes, &s->ctx);
    return d;
}

bool sha256_same(const Sha256 *a, const Sha256 *b)
{
    return bytes_same(a->bytes, b->bytes, sizeof a->bytes);
}

char *sha256_hex(Arena *mem, const Sha256 *d)
{
    return hex_write(mem, d->bytes, sizeof d->bytes);
}

bool bytes_same(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void random_fill(void *at, size_t n)
{
    if (sodium_init() < 0)   /* safe to repeat, from any thread */
        abort();
    randombytes_buf(at, n);
}
