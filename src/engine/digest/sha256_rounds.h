/* sha256_rounds.h: a round of SHA-256 and the word it needs, in lanes of any width.
 *
 * Whoever uses them has VADD VXOR3 VROR VSHR VCH VMAJ VSET defined, and a type VEC. */
#pragma once

#define SHA256_S0(x) VXOR3(VROR(x, 2), VROR(x, 13), VROR(x, 22))
#define SHA256_S1(x) VXOR3(VROR(x, 6), VROR(x, 11), VROR(x, 25))
#define SHA256_G0(x) VXOR3(VROR(x, 7), VROR(x, 18), VSHR(x, 3))
#define SHA256_G1(x) VXOR3(VROR(x, 17), VROR(x, 19), VSHR(x, 10))
/* The order of a .. h turns with each round. */
#define SHA256_ROUND(a, b, c, d, e, f, g, h, word, k)                                                        \
    do {                                                                                                     \
        VEC sum_ = VADD(VADD(VADD(h, SHA256_S1(e)), VADD(VCH(e, f, g), VSET(k))), word);                     \
        d = VADD(d, sum_);                                                                                   \
        h = VADD(sum_, VADD(SHA256_S0(a), VMAJ(a, b, c)));                                                   \
    } while (0)
/* Word i of the next sixteen, 0 <= i < 16, in place of the last. */
#define SHA256_NEXT(w, i)                                                                                    \
    w[i] = VADD(VADD(w[i], SHA256_G0(w[((i) + 1) & 15])),                                                    \
                VADD(w[((i) + 9) & 15], SHA256_G1(w[((i) + 14) & 15])))
