/* segments.c: the further files that an image is spread over, found by name in the same folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "reader/marks.h"
#include "triage/inside.h"

enum { DESCRIPTION_BYTES = 64 * 1024 };

/* ---- names that count on ---- */

/* "E01" to "E99", then "EAA" to "EZZ", "FAA" and on; either case. */
static bool next_ewf(char *ext)
{
    bool low = ext[0] >= 'a' && ext[0] <= 'z';
    char first = low ? 'a' : 'A', last = low ? 'z' : 'Z';
    if (ext[1] >= '0' && ext[1] <= '9') {
        int n = (ext[1] - '0') * 10 + (ext[2] - '0') + 1;
        ext[1] = n < 100 ? (char)('0' + n / 10) : first;
        ext[2] = n < 100 ? (char)('0' + n % 10) : first;
        return true;
    }
    for (int i = 2; i >= 0; i--) {
        if (ext[i] != last) {
            ext[i]++;
            return i > 0 || ext[0] != first;
        }
        ext[i] = first;
    }
    return false;
}

/* "001" to "999". */
static bool next_number(char *ext)
{
    for (int i = 2; i >= 0; i--) {
        if (ext[i] != '9') {
            ext[i]++;
            return true;
        }
        ext[i] = '0';
    }
    return false;
}

typedef bool NextName(char *ext);

static NextName *naming_of(const char *ext, const uint8_t *head, size_t len)
{
    static const Mark ewf = { 0, 3, "EVF" };
    if (str_same(ext, "001"))
        return next_number;
    return mark_found(&ewf, head, len) && strlen(ext) == 3 && ext[1] == '0' && ext[2] == '1' ? next_ewf
                                                                                             : NULL;
}

/* ---- the extents a VMDK's description names ---- */

static char *beside(Arena *mem, const char *path, Str name)
{
    const char *slash = strrchr(path, '/');
    return slash ? str_fmt(mem, "%.*s/%.*s", (int)(slash - path), path, (int)name.len, name.at)
                 : str_from(mem, name);
}

static bool described(int root, const char *path, const char *text, Arena *mem, int **fds, size_t *count,
                      size_t *cap)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!str_starts(line, "RW ") && !str_starts(line, "RDONLY "))
            continue;
        const char *end = line + strcspn(line, "\r\n"), *from = memchr(line, '"', (size_t)(end - line));
        const char *to = from ? memchr(from + 1, '"', (size_t)(end - from - 1)) : NULL;
        if (!to || memchr(from, '/', (size_t)(to - from)) || *count >= READER_FILES_MAX)
            continue;
        struct stat s;
        int fd = walk_open(root, beside(mem, path, (Str){ from + 1, (size_t)(to - from - 1) }), &s);
        if (fd >= 0)
            *arena_push(mem, *fds, *count, *cap) = fd;
    }
    return true;
}

bool segments_open(int root, const char *path, Arena *mem, int **fds, size_t *count, Err *err)
{
    static const Mark vmdk = { 0, 21, "# Disk DescriptorFile" };
    uint8_t head[32] = { 0 };
    ssize_t n = pread((*fds)[0], head, sizeof head, 0);
    char *name = str_copy(mem, path), *dot = strrchr(name, '.');
    NextName *next = dot && n > 0 ? naming_of(dot + 1, head, (size_t)n) : NULL;
    size_t cap = 1;
    if (n > 0 && mark_found(&vmdk, head, (size_t)n)) {
        char *text = arena_new(mem, char, DESCRIPTION_BYTES + 1);
        (void)!pread((*fds)[0], text, DESCRIPTION_BYTES, 0);
        return described(root, path, text, mem, fds, count, &cap);
    }
    while (next && next(dot + 1)) {
        struct stat s;
        int fd = walk_open(root, name, &s);
        if (fd < 0)
            return true;
        if (*count >= READER_FILES_MAX) {
            close(fd);
            return err_set(err, ERR_LIMIT, "The image is spread over too many files.");
        }
        *arena_push(mem, *fds, *count, cap) = fd;
    }
    return true;
}

void segments_close(int *fds, size_t count, size_t from)
{
    for (size_t i = from; i < count; i++)
        close(fds[i]);
}
