/* digest.h: SHA-256 and friends (OpenSSL EVP behind this door), random bytes and constant-time comparison
 * (libsodium). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"

typedef struct Sha256 { uint8_t bytes[32]; } Sha256;
Sha256 sha256_of(const void *at, size_t len);
typedef struct Sha256Stream Sha256Stream;
Sha256Stream *sha256_begin(Arena *mem);
void   sha256_add(Sha256Stream *s, const void *at, size_t len);
Sha256 sha256_end(Sha256Stream *s);               /* releases it */
bool   sha256_same(const Sha256 *a, const Sha256 *b);
char  *sha256_hex(Arena *mem, const Sha256 *d);
bool   bytes_same(const void *a, const void *b, size_t n);   /* constant time */
void random_fill(void *at, size_t n); /* from the operating system; stops the process if it cannot */
