/* arena.h: memory whose life is one unit of work (a request, a file, a job).
 *
 * Allocation never returns NULL: when the machine has no memory left the process stops.
 * Everything is zeroed. Nothing is freed singly; `arena_reset` or `arena_done` frees all. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define CLEANUP(done) __attribute__((cleanup(done)))
#define MUST_USE      __attribute__((warn_unused_result))
#define COUNT_OF(a)   (sizeof(a) / sizeof((a)[0]))
#define FOR_EACH(p, array) for (__typeof__(&(array)[0]) p = (array); p < (array) + COUNT_OF(array); p++)

typedef struct ArenaBlock ArenaBlock;
typedef struct Arena {                 /* {0} is a valid empty arena */
    ArenaBlock *block;
    size_t      used_bytes;            /* total handed out since the last reset */
} Arena;

void *arena_alloc(Arena *mem, size_t count, size_t size, size_t align);
void  arena_reset(Arena *mem);         /* frees all but the first block */
void  arena_done(Arena *mem);          /* accepts {0}; for CLEANUP(arena_done) */

/* n zeroed objects of a type. */
#define arena_new(mem, Type, n) ((Type *)arena_alloc((mem), (size_t)(n), sizeof(Type), _Alignof(Type)))

/* Grows an array held as pointer + count + capacity (all lvalues) so one more fits. */
#define arena_push(mem, items, count, cap)                                                   \
    ((count) < (cap) ? &(items)[(count)++]                                                   \
                     : ((items) = arena_grow((mem), (items), (count), &(cap), sizeof *(items)), \
                        &(items)[(count)++]))
void *arena_grow(Arena *mem, const void *items, size_t count, size_t *cap, size_t size);
