/* cpu.h: which instructions this processor has, as levels that our kernels are written for.
 *
 * A module with fast kernels keeps one const table of functions for each level; every level gives the same
 * answers, and tests run all that are here. Chosen once a call, so there is no state. */
#pragma once
#include <stdbool.h>

typedef enum Cpu {
    CPU_PORTABLE,       /* plain C */
    CPU_AVX2,
    CPU_AVX512,         /* F, BW, DQ, VL with VPOPCNTDQ and BITALG: server processors since 2019 */
    CPU__COUNT,
} Cpu;

bool        cpu_here(Cpu level);     /* can this processor run it? */
Cpu         cpu_best(void);          /* the widest that is here */
const char *cpu_name(Cpu level);     /* "portable", "avx2", "avx512" */
