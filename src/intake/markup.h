/* markup.h: where a byte of an XML document stands, one byte at a time, in constant memory.
 *
 * Tells text from tags, names the tags, and nothing more: libxml2 judges whether a record is well formed. It
 * exists because received files are cut into records and freed of media in one pass, whatever their size. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/source.h"

typedef enum MarkupEvent {
    MARKUP_INSIDE,       /* part of a tag, comment or instruction */
    MARKUP_VALUE,        /* of an attribute, quotes apart */
    MARKUP_TEXT,         /* character data, also inside CDATA */
    MARKUP_OPEN,         /* the > of a start tag */
    MARKUP_EMPTY,        /* the > of a tag that closes itself */
    MARKUP_CLOSE,        /* the > of an end tag */
    MARKUP_CDATA,        /* the last byte of <![CDATA[ */
    MARKUP_DOCTYPE,      /* a document type: not accepted */
} MarkupEvent;

typedef struct Markup {                  /* {0} stands before the document */
    int    state;
    char   name[64];                     /* local name of the tag just ended, lower case, cut to 63 */
    size_t name_len;
    char   quote, last, before_last;
    bool   name_done, closing;
    size_t special;                      /* bytes since <! */
} Markup;
MarkupEvent markup_byte(Markup *m, char c);

/* The next record of a stream of stored XML: the bytes of the outermost element named in `records`. */
typedef struct XmlCut XmlCut;
typedef struct XmlPiece {
    Str      bytes;                      /* until the next call; empty when too_long */
    char     name[64];                   /* as the document spells it, prefix dropped */
    uint64_t from, to;                   /* offsets in the stored file; from is where its tag begins */
    size_t   line;                       /* of its first byte */
    uint64_t next;                       /* offset and line to go on from */
    size_t   next_line;
    bool     too_long, unended, doctype;
} XmlPiece;
XmlCut *xml_cut_new(Arena *mem, Source *src, const char *const *records, uint64_t offset, size_t line);
MUST_USE bool xml_cut_next(XmlCut *cut, XmlPiece *piece, bool *end, Err *err);
