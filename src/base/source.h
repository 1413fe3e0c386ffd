/* source.h: a stream of outside bytes: a file from an offset, or memory. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include "base/err.h"
#include "base/str.h"

typedef struct Source Source;
MUST_USE bool source_open(Arena *mem, const char *path, uint64_t offset, Source **out, Err *err);
Source *source_memory(Arena *mem, Str bytes);
/* Up to `cap` bytes; *got is 0 only at the end. */
MUST_USE bool source_read(Source *src, void *buf, size_t cap, size_t *got, Err *err);
void source_close(Source *src);               /* accepts NULL; idempotent */
/* A whole small file; ERR_LIMIT beyond max_bytes. */
MUST_USE bool file_read(Arena *mem, const char *path, size_t max_bytes, Str *out, Err *err);
/* Writes through a temporary file and a rename, fsynced: the file is whole or absent. */
MUST_USE bool file_write(const char *path, Str bytes, Err *err);
/* A source read through a function of the caller's: like source_read; `ctx` must outlive it. */
typedef bool SourceRead(void *ctx, void *buf, size_t cap, size_t *got, Err *err);
Source *source_custom(Arena *mem, SourceRead *read, void *ctx);
