/* known_alike.h: digests of entries alike in all else, for known_build.c.
 *
 * A list of digests under one grade is what most sets are made of, and then nothing but the digests needs to
 * be kept and sorted: two thirds of the memory of records, and none of the work on each of them.
 * Invariant: what comes out depends only on which digests went in. */
#pragma once
#include "engine/known/known_format.h"

typedef struct Alike Alike;
/* Takes up to about `budget_bytes`, as it needs them. */
Alike *alike_new(DigestKind kind, size_t budget_bytes, Arena *mem);
/* Takes digests, packed, up to the first that it has no room for; returns how many. */
size_t alike_add(Alike *a, const uint8_t *digests, size_t n);
uint64_t alike_count(const Alike *a);
typedef bool AlikeSeen(void *ctx, const uint8_t *digests, size_t n, Err *err);
/* Hands over every digest once, in order, a few thousand at a time, adds the number of those left out to
 * `repeated` and forgets them all. */
MUST_USE bool alike_end(Alike *a, AlikeSeen *seen, void *ctx, uint64_t *repeated, Err *err);
void alike_close(Alike **a);                     /* accepts NULL */
