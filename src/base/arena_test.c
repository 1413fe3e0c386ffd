#include "base/arena.h"
#include "base/rng.h"
#include "base/test.h"

TEST(memory_is_zeroed_aligned_and_apart)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(1);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2000; i++) {
            size_t align = (size_t)1 << rng_below(&rng, 7),
                   size = (size_t)rng_below(&rng, i % 50 ? 200 : 50000);
            unsigned char *at = arena_alloc(&mem, size, 1, align);
            CHECK_INT((uintptr_t)at % align, 0);
            for (size_t k = 0; k < size; k++)
                CHECK_INT(at[k], 0);
            memset(at, 0xA5, size);
        }
        arena_reset(&mem);
        CHECK_INT(mem.used_bytes, 0);
    }
}

TEST(pushed_items_survive_growth)
{
    CLEANUP(arena_done) Arena mem = {0};
    int   *items = NULL, *other = NULL;
    size_t count = 0, cap = 0, others = 0, other_cap = 0;
    for (int i = 0; i < 5000; i++) {
        *arena_push(&mem, items, count, cap) = i;
        if (i % 3 == 0)   /* so that growth in place is not always possible */
            *arena_push(&mem, other, others, other_cap) = -i;
    }
    CHECK_INT(count, 5000);
    for (int i = 0; i < 5000; i++)
        CHECK_INT(items[i], i);
    for (size_t i = 0; i < others; i++)
        CHECK_INT(other[i], -3 * (int)i);
}

TEST(an_empty_arena_can_be_ended_and_used_again)
{
    Arena mem = {0};
    arena_done(&mem);
    arena_reset(&mem);
    *arena_new(&mem, int, 1) = 7;
    arena_done(&mem);
    *arena_new(&mem, int, 1) = 7;
    arena_done(&mem);
}

TEST_MAIN(memory_is_zeroed_aligned_and_apart, pushed_items_survive_growth,
          an_empty_arena_can_be_ended_and_used_again)
