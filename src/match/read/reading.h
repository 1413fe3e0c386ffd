/* reading.h: what the readers of src/match share. No other folder includes it. */
#pragma once
#include "base/limits.h"
#include "base/source.h"
#include "match/read/known_read.h"

enum { DIGEST_BYTES_MAX = 144, READING_HEAD_BYTES = 64 * 1024 };

typedef struct Reading {
    const KnownReadOptions *opt;
    KnownReadReport *report;
    KnownTake *take;
    void *ctx;
    Arena *mem;                              /* of the report */
    Source *src;                             /* from the first byte */
    Str head;
    const char *path;                        /* NULL: bytes in memory */
    Str bytes;
    bool (*again)(struct Reading *r, Source **out, Err *err); /* a second Source from the first byte */
    uint64_t done, total;
} Reading;

/* Counts one row as an entry, or as ignored when a digest of it is that of the empty file, or as refused
 * when it has no digest. Fills in source, version, scale and stance where the entry leaves them open. */
MUST_USE bool reading_take(Reading *r, KnownEntry *entry, uint64_t line, uint64_t offset, Err *err);
void reading_refuse(Reading *r, uint64_t line, uint64_t offset, const char *why);

typedef bool ReadFormat(Reading *r, Err *err);
ReadFormat read_vics, read_ncmec, read_table, read_list, read_nsrl3;
/* Does the head begin with a header row (or is there a map)? */
bool table_detect(const Reading *r);
bool list_detect(const Reading *r);
bool yes_no(Str text, bool *out);            /* true/false, yes/no, 1/0 of any case; empty is false */
bool text_is(Str text, const char *word);    /* without regard to ASCII case */
Date loose_date(Str text);                   /* the day a timestamp of any of the seen shapes begins with */
