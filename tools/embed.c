/* embed.c: writes the C file that carries the given files inside the binary. A build-time tool.
 *
 *   embed OUTPUT.c SOURCE_ROOT FILE...
 *
 * The bytes themselves are taken in by the assembler (.incbin), which is much faster than a C array. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Asset { const char *file, *path; } Asset;

static const struct { const char *ending, *mime; } mimes[] = {
    { ".css",   "text/css; charset=utf-8" },
    { ".csv",   "text/csv; charset=utf-8" },
    { ".html",  "text/html; charset=utf-8" },
    { ".ico",   "image/x-icon" },
    { ".js",    "text/javascript; charset=utf-8" },
    { ".json",  "application/json" },
    { ".png",   "image/png" },
    { ".sql",   "text/plain; charset=utf-8" },
    { ".svg",   "image/svg+xml" },
    { ".toml",  "text/plain; charset=utf-8" },
    { ".txt",   "text/plain; charset=utf-8" },
    { ".woff2", "font/woff2" },
};

static const char *mime_of(const char *path)
{
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending && i < sizeof mimes / sizeof mimes[0]; i++)
        if (strcmp(mimes[i].ending, ending) == 0)
            return mimes[i].mime;
    return "application/octet-stream";
}

/* FNV-1a, 64 bits. */
static bool digest(const char *file, uint64_t *hash, unsigned long *length)
{
    FILE *f = fopen(file, "rb");
    if (!f)
        return false;
    *hash = UINT64_C(0xcbf29ce484222325);
    *length = 0;
    for (int c; (c = getc(f)) != EOF; ++*length)
        *hash = (*hash ^ (uint64_t)c) * UINT64_C(0x100000001b3);
    bool read = !ferror(f);
    fclose(f);
    return read;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const Asset *)a)->path, ((const Asset *)b)->path);
}

static bool write_all(FILE *out, const Asset *assets, size_t count)
{
    fprintf(out, "/* Made by tools/embed.c; not to be edited. */\n"
                 "#include \"base/embedded.h\"\n\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "__asm__(\".section .rodata\\n.balign 8\\nembedded_%zu:\\n"
                     ".incbin \\\"%s\\\"\\n.byte 0\\n.previous\");\n"
                     "extern const char embedded_%zu[] __attribute__((visibility(\"hidden\")));\n",
                i, assets[i].file, i);
    fprintf(out, "\nconst Embedded embedded_assets[] = {\n");
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = 0;
        unsigned long length = 0;
        if (!digest(assets[i].file, &hash, &length)) {
            fprintf(stderr, "embed: cannot read %s\n", assets[i].file);
            return false;
        }
        fprintf(out, "    { \"%s\", embedded_%zu, %lu, \"%016llx\", \"%s\" },\n", assets[i].path, i, length,
                (unsigned long long)hash, mime_of(assets[i].path));
    }
    fprintf(out, "    { 0 },     /* so that the array is never empty */\n};\n"
                 "const size_t embedded_asset_count = %zu;\n", count);
    return true;
}

/* The build may name a file relative to itself ("../data/x"); its place in the tree is what follows the
 * root. */
static const char *place(const char *root, const char *real)
{
    size_t length = strlen(root);
    return strncmp(real, root, length) == 0 && real[length] == '/' ? real + length + 1 : NULL;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return fprintf(stderr, "usage: embed OUTPUT.c SOURCE_ROOT FILE...\n"), 2;
    const char *root = realpath(argv[2], NULL);
    size_t count = (size_t)argc - 3;
    Asset *assets = calloc(count + 1, sizeof *assets);
    if (!root || !assets)
        return perror("embed"), 1;
    for (size_t i = 0; i < count; i++) {
        assets[i].file = realpath(argv[i + 3], NULL);
        assets[i].path = assets[i].file ? place(root, assets[i].file) : NULL;
        if (!assets[i].path)
            return fprintf(stderr, "embed: %s is not a file of this tree\n", argv[i + 3]), 1;
    }
    qsort(assets, count, sizeof *assets, by_path);
    FILE *out = fopen(argv[1], "w");
    if (!out)
        return perror(argv[1]), 1;
    bool written = write_all(out, assets, count);
    return fclose(out) == 0 && written ? 0 : 1;
}
