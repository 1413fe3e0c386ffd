/* marks.h: archives and image containers, told by their first bytes. Looks at nothing else, so it is safe on
 * hostile bytes on both sides of the wall. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { MARKS_BYTES = 33 * 1024 };              /* the furthest mark lies before this */

typedef struct Mark { uint32_t at, bytes; const char *mark; } Mark;

static inline bool mark_found(const Mark *m, const uint8_t *head, size_t len)
{
    return m->at + m->bytes <= len && memcmp(head + m->at, m->mark, m->bytes) == 0;
}

/* The oldest tar has no mark, but a sum over its first block. */
static inline bool mark_old_tar(const uint8_t *block)
{
    uint32_t sum = 0, said = 0;
    size_t i = 148;
    for (; i < 156 && block[i] == ' '; i++)
        ;
    for (; i < 156 && block[i] >= '0' && block[i] <= '7'; i++)
        said = said * 8 + (uint32_t)(block[i] - '0');
    for (size_t j = 0; j < 512; j++)
        sum += j >= 148 && j < 156 ? ' ' : block[j];
    return said == sum && block[0] != 0 && said != 0;
}

/* `head`: the first bytes, as many as there are up to MARKS_BYTES. */
static inline bool archive_marked(const uint8_t *head, size_t len)
{
    static const Mark marks[] = {
        { 0, 4, "PK\x03\x04" },       { 0, 4, "PK\x05\x06" },       { 0, 4, "PK\x07\x08" },
        { 0, 6, "7z\xbc\xaf\x27\x1c" }, { 0, 6, "Rar!\x1a\x07" },   { 0, 3, "\x1f\x8b\x08" },
        { 0, 2, "\x1f\x9d" },         { 0, 3, "BZh" },              { 0, 5, "\xfd" "7zXZ" },
        { 0, 4, "\x28\xb5\x2f\xfd" }, { 0, 4, "\x04\x22\x4d\x18" }, { 0, 4, "LZIP" },
        { 0, 8, "MSCF\0\0\0\0" },     { 0, 8, "!<arch>\n" },        { 0, 4, "xar!" },
        { 0, 6, "070701" },           { 0, 6, "070702" },           { 0, 6, "070707" },
        { 0, 2, "\xc7\x71" },         { 0, 2, "\x71\xc7" },         { 257, 5, "ustar" },
        { 2, 3, "-lh" },              { 32769, 5, "CD001" },
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (mark_found(&marks[i], head, len))
            return true;
    return len >= 512 && mark_old_tar(head);
}

/* A container of a disk, which says so itself; a raw image does not. A further segment of one is none. */
static inline bool image_marked(const uint8_t *head, size_t len)
{
    static const Mark marks[] = {
        { 0, 8, "EVF\x09\x0d\x0a\xff\x00" }, { 0, 8, "LVF\x09\x0d\x0a\xff\x00" }, { 0, 4, "QFI\xfb" },
        { 0, 8, "vhdxfile" }, { 0, 8, "conectix" }, { 0, 4, "KDMV" }, { 0, 4, "COWD" },
        { 0, 21, "# Disk DescriptorFile" }, { 32769, 5, "CD001" },
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (mark_found(&marks[i], head, len))
            return i > 1 || (len > 10 && head[9] == 1 && head[10] == 0);
    return false;
}
