/* rng.h: a seeded generator for tests, samples and synthetic data; never for secrets (xoshiro256**). */
#pragma once
#include <stdint.h>
typedef struct Rng { uint64_t s[4]; } Rng;
Rng      rng_seed(uint64_t seed);
uint64_t rng_next(Rng *r);
uint64_t rng_below(Rng *r, uint64_t n);           /* 0 .. n-1, unbiased; n >= 1 */
double   rng_unit(Rng *r);                        /* [0,1) */
