#include "base/arena.h"
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define HIDE(at, n) ASAN_POISON_MEMORY_REGION((at), (n))
#define SHOW(at, n) ASAN_UNPOISON_MEMORY_REGION((at), (n))
enum { GUARD_BYTES = 32 };   /* so that a sanitizer sees an overrun inside a block */
#else
#define HIDE(at, n) ((void)(at), (void)(n))
#define SHOW(at, n) ((void)(at), (void)(n))
enum { GUARD_BYTES = 0 };
#endif

enum { FIRST_BLOCK_BYTES = 4 * 1024, BIGGEST_BLOCK_BYTES = 1024 * 1024 };

/* The head is the block being filled. Bigger requests get a block of their own, linked behind the head, so
 * that they do not waste what is left of it. The oldest block has no `older`. */
struct ArenaBlock {
    ArenaBlock *older;
    size_t      cap, used;
    bool        zeroed;      /* what is past `used` was never written to */
    _Alignas(max_align_t) unsigned char bytes[];
};

static void out_of_memory(void)
{
    fputs("muster: out of memory\n", stderr);
    abort();
}

/* Asks for huge pages: else a table of many megabytes costs a fault every 4 KB. A hint: failing is fine. */
static void ask_huge(const ArenaBlock *b, size_t cap)
{
    enum { HUGE_BYTES = 2 * 1024 * 1024 };
    uintptr_t from = ((uintptr_t)b + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1);
    uintptr_t to = ((uintptr_t)b + cap) & ~(uintptr_t)(HUGE_BYTES - 1);
    if (to > from)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

/* Big blocks come zeroed from the system: zeroing them again would touch every page, also unused ones. */
static ArenaBlock *block_new(size_t cap)
{
    bool        big = cap > BIGGEST_BLOCK_BYTES;
    size_t      size = cap < SIZE_MAX - sizeof(ArenaBlock) ? sizeof(ArenaBlock) + cap : 0;
    ArenaBlock *b = !size ? NULL : big ? calloc(1, size) : malloc(size);
    if (!b)
        out_of_memory();
    if (big)
        ask_huge(b, cap);
    b->older = NULL;
    b->zeroed = big;
    b->cap = cap;
    b->used = 0;
    HIDE(b->bytes, cap);
    return b;
}

static void block_free(ArenaBlock *b)
{
    SHOW(b->bytes, b->cap);
    free(b);
}

/* Where the next object of this alignment would start in a block. */
static size_t block_next(const ArenaBlock *b, size_t align)
{
    uintptr_t base = (uintptr_t)b->bytes;
    return (size_t)(((base + b->used + align - 1) & ~(uintptr_t)(align - 1)) - base);
}

static bool block_fits(const ArenaBlock *b, size_t bytes, size_t align)
{
    size_t start = block_next(b, align);
    return start <= b->cap && bytes <= b->cap - start;
}

static ArenaBlock *block_for(Arena *mem, size_t bytes, size_t align)
{
    ArenaBlock *head = mem->block;
    if (head && block_fits(head, bytes, align))
        return head;
    size_t next = head ? head->cap * 2 : FIRST_BLOCK_BYTES;
    if (next > BIGGEST_BLOCK_BYTES)
        next = BIGGEST_BLOCK_BYTES;
    size_t room = bytes + align;
    bool   own = room > next / 4 && head;
    ArenaBlock *b = block_new(own || room > next ? room : next);
    if (own) {
        b->older = head->older;
        head->older = b;
    } else {
        b->older = head;
        mem->block = b;
    }
    return b;
}

void *arena_alloc(Arena *mem, size_t count, size_t size, size_t align)
{
    assert(mem && align && (align & (align - 1)) == 0);
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX / 2)
        out_of_memory();
    ArenaBlock *b = block_for(mem, bytes + GUARD_BYTES, align);
    size_t start = block_next(b, align);
    b->used = start + bytes + GUARD_BYTES;
    mem->used_bytes += bytes;
    SHOW(b->bytes + start, bytes);
    return b->zeroed ? b->bytes + start : memset(b->bytes + start, 0, bytes);
}

/* The array that was handed out last can grow where it stands: the common case of one growing text. */
static bool grow_in_place(Arena *mem, const void *items, size_t old_bytes, size_t new_bytes)
{
    ArenaBlock *b = mem->block;
    if (GUARD_BYTES || !b || !items || (const unsigned char *)items + old_bytes != b->bytes + b->used ||
        new_bytes - old_bytes > b->cap - b->used)
        return false;
    memset(b->bytes + b->used, 0, new_bytes - old_bytes);
    b->used += new_bytes - old_bytes;
    mem->used_bytes += new_bytes - old_bytes;
    return true;
}

void *arena_grow(Arena *mem, const void *items, size_t count, size_t *cap, size_t size)
{
    assert(count <= *cap);
    size_t wanted = *cap < 4 ? 8 : *cap * 2, new_bytes;
    if (__builtin_mul_overflow(wanted, size, &new_bytes))
        out_of_memory();
    size_t old_bytes = *cap * size;
    *cap = wanted;
    if (grow_in_place(mem, items, old_bytes, new_bytes))
        return (void *)(uintptr_t)items;
    void *grown = arena_alloc(mem, wanted, size, _Alignof(max_align_t));
    if (count)
        memcpy(grown, items, count * size);
    return grown;
}

/* Sanitized builds hide the kept block, so that a pointer used after a reset is caught. */
void arena_reset(Arena *mem)
{
    mem->used_bytes = 0;
    ArenaBlock *b = mem->block;
    while (b && b->older) {
        ArenaBlock *older = b->older;
        block_free(b);
        b = older;
    }
    mem->block = b;
    if (b) {
        b->used = 0;
        b->zeroed = false;
        HIDE(b->bytes, b->cap);
    }
}

void arena_done(Arena *mem)
{
    for (ArenaBlock *b = mem->block; b;) {
        ArenaBlock *older = b->older;
        block_free(b);
        b = older;
    }
    *mem = (Arena){0};
}
