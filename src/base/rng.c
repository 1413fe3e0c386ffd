#include "base/rng.h"
#include <assert.h>

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* splitmix64 spreads a small seed over the whole state, as the generator's authors advise. */
Rng rng_seed(uint64_t seed)
{
    Rng r;
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += UINT64_C(0x9E3779B97F4A7C15));
        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        r.s[i] = z ^ (z >> 31);
    }
    return r;
}

uint64_t rng_next(Rng *r)
{
    uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

/* Draws that would make the low values likelier are thrown away. */
uint64_t rng_below(Rng *r, uint64_t n)
{
    assert(n >= 1);
    uint64_t least = (0 - n) % n, draw;
    do
        draw = rng_next(r);
    while (draw < least);
    return draw % n;
}

double rng_unit(Rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1.0p-53;
}
