/* sha256.h: many SHA-256 digests at once, for callers with a batch in hand.
 *
 * Uses the widest code this processor has: 16 lanes (AVX-512), 8 lanes (AVX2), the SHA instructions, or
 * plain C. Every path gives the same digests. Messages of one batch may differ in length. For one digest
 * of a file or a stream use base/digest.h. Knows no storage, keeps no state, allocates nothing, cannot
 * fail. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Hash32 { uint8_t bytes[32]; } Hash32;

/* out[i] = SHA-256(data[i], len[i]). data[i] may be NULL when len[i] is 0. `out` must not overlap the
 * messages. */
void sha256_many(const void *const *data, const size_t *len, size_t n, Hash32 *out);
/* out[i] = SHA-256(prefix || data[i]): domain separation without copying the message. */
void sha256_many_after(uint8_t prefix, const void *const *data, const size_t *len, size_t n, Hash32 *out);

/* Forcing one path, for tests and benchmarks. */
typedef enum Sha256Path {
    SHA256_PORTABLE,
    SHA256_SHANI,
    SHA256_AVX2,
    SHA256_AVX512,
    SHA256_PATHS,
} Sha256Path;
const char *sha256_path_name(Sha256Path path);
bool        sha256_path_here(Sha256Path path);      /* can this processor run it? */
Sha256Path  sha256_path_best(void);                 /* what sha256_many uses for a large batch */
/* `prefix` is 0..255, or -1 for none. The path must be here. */
void sha256_many_by(Sha256Path path, int prefix, const void *const *data, const size_t *len, size_t n,
                    Hash32 *out);
