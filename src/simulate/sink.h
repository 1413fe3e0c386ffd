/* sink.h: one output file, written as a stream, with the few ways of writing that the samples need. Errors
 * are kept and told once, by sink_close. Counts lines, so that a deliberately bad row can be named in the
 * truth. */
#pragma once
#include <stdio.h>
#include "base/err.h"
#include "base/str.h"

typedef struct Sink {
    FILE       *file;
    const char *name;           /* last part of the path */
    char        delimiter;
    size_t      line;           /* of the next byte, from 1 */
    uint64_t    bytes;
    bool        failed, midrow;
} Sink;

MUST_USE bool sink_open(Sink *s, Arena *mem, const char *dir, const char *name, Err *err);
MUST_USE bool sink_close(Sink *s, Err *err);
void sink_done(Sink *s);                                 /* for CLEANUP; accepts {0} */
void sink_text(Sink *s, const char *text);               /* as it is */
void sink_fmt(Sink *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sink_xml(Sink *s, const char *element,
              const char *text); /* <element>escaped</element>; nothing if text is NULL */
void sink_field(Sink *s, const char *text);              /* one CSV field; NULL is empty */
void sink_int(Sink *s, int64_t n);
void sink_row_end(Sink *s);
