/* similarity_inside.h: what the files of similarity share. Nothing else includes it. */
#pragma once
#include "engine/similarity/similarity.h"

typedef struct JaroCounts { unsigned common, moved; } JaroCounts;

/* How far apart two equal symbols may stand to count as common. */
static inline size_t jaro_bound(size_t n, size_t m)
{
    size_t half = (n > m ? n : m) / 2;
    return half ? half - 1 : 0;
}

/* The similarities from the counts; `prefix` (at most 4) is 0 for plain Jaro. Only the lengths of the texts
 * are looked at. One function for every way of counting, compiled for the plain processor, so that all give
 * the same last digit. */
void   jaro_of_many(const uint16_t *common, const uint16_t *moved, const uint16_t *prefix, const Str *a,
                    const Str *b, size_t n, double *out);
double jaro_of_counts(unsigned common, unsigned moved, size_t n, size_t m, unsigned prefix);

/* The two texts of pair i, no longer than SIM_LONGEST. */
static inline Str sim_cut(Str s) { return s.len > SIM_LONGEST ? (Str){ s.at, SIM_LONGEST } : s; }

/* ---- kernels: LANES pairs at once, whose texts are 1..width bytes (similarity_lanes.h). `out[i]` is of the
 * pair at(i); n is at most `lanes`. */
typedef struct SimKernel {
    size_t lanes, width;
    void (*jaro)(const Str *a, const Str *b, size_t n, double *out);
    void (*levenshtein)(const Str *a, const Str *b, size_t n, uint16_t *out);
    void (*osa)(const Str *a, const Str *b, size_t n, uint16_t *out);
} SimKernel;
/* From narrow to wide; NULL ends. A level without kernels has none: pairs are then done one by one. */
const SimKernel *sim_kernel(Cpu level, size_t i);
