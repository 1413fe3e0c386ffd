#include "clock/words.h"

char *clock_left(Arena *mem, Instant due, Instant now)
{
    int64_t us = due > now ? due - now : now - due, minutes = us / (60 * US_PER_SECOND);
    const char *side = due >= now ? "left" : "late";
    if (minutes < 60)
        return str_fmt(mem, "%lld min %s", (long long)minutes, side);
    if (minutes < 48 * 60)
        return str_fmt(mem, "%lld h %s", (long long)(minutes / 60), side);
    return str_fmt(mem, "%lld days %s", (long long)(minutes / (24 * 60)), side);
}
