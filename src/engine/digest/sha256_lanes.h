/* sha256_lanes.h: one SHA-256 block in each lane of a vector; included by sha256.c once per vector width.
 *
 * The includer defines LANES_NAME, LANES_TARGET, VEC, and the operations VSET VLOAD VSTORE VADD VXOR3 VROR
 * VSHR VCH VMAJ, and a function LANES_LOAD that turns one block per lane into sixteen vectors of message
 * words. There is no include guard on purpose. */

#include "engine/digest/sha256_rounds.h"

#define ROUND(a, b, c, d, e, f, g, h, i) \
    SHA256_ROUND(a, b, c, d, e, f, g, h, w[i], SHA256_K[base + (i)])
#define NEXT(i) SHA256_NEXT(w, i)

LANES_TARGET static void LANES_NAME(uint32_t *state, const uint8_t *const *block)
{
    enum { W = (int)(sizeof(VEC) / sizeof(uint32_t)) };
    VEC w[16];
    LANES_LOAD(w, block);
    VEC a = VLOAD(state + 0 * W), b = VLOAD(state + 1 * W), c = VLOAD(state + 2 * W),
        d = VLOAD(state + 3 * W);
    VEC e = VLOAD(state + 4 * W), f = VLOAD(state + 5 * W), g = VLOAD(state + 6 * W),
        h = VLOAD(state + 7 * W);
    for (int base = 0; base < 64; base += 16) {
        if (base > 0) {
            NEXT(0);  NEXT(1);  NEXT(2);  NEXT(3);  NEXT(4);  NEXT(5);  NEXT(6);  NEXT(7);
            NEXT(8);  NEXT(9);  NEXT(10); NEXT(11); NEXT(12); NEXT(13); NEXT(14); NEXT(15);
        }
        ROUND(a, b, c, d, e, f, g, h, 0);  ROUND(h, a, b, c, d, e, f, g, 1);
        ROUND(g, h, a, b, c, d, e, f, 2);  ROUND(f, g, h, a, b, c, d, e, 3);
        ROUND(e, f, g, h, a, b, c, d, 4);  ROUND(d, e, f, g, h, a, b, c, 5);
        ROUND(c, d, e, f, g, h, a, b, 6);  ROUND(b, c, d, e, f, g, h, a, 7);
        ROUND(a, b, c, d, e, f, g, h, 8);  ROUND(h, a, b, c, d, e, f, g, 9);
        ROUND(g, h, a, b, c, d, e, f, 10); ROUND(f, g, h, a, b, c, d, e, 11);
        ROUND(e, f, g, h, a, b, c, d, 12); ROUND(d, e, f, g, h, a, b, c, 13);
        ROUND(c, d, e, f, g, h, a, b, 14); ROUND(b, c, d, e, f, g, h, a, 15);
    }
    VEC end[8] = { a, b, c, d, e, f, g, h };
    for (int i = 0; i < 8; i++)
        VSTORE(state + i * W, VADD(end[i], VLOAD(state + i * W)));
}

#undef ROUND
#undef NEXT
#undef LANES_NAME
#undef LANES_TARGET
#undef LANES_LOAD
#undef VEC
#undef VSET
#undef VLOAD
#undef VSTORE
#undef VADD
#undef VXOR3
#undef VROR
#undef VSHR
#undef VCH
#undef VMAJ
