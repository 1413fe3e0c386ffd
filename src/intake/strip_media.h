/* strip_media.h: takes media out of a received file while it streams by, before anything is stored.
 *
 * A run of base64 longer than MEDIA_RUN_BYTES, wherever it stands (text, attribute, comment, CDATA, CSV
 * field), or any run after "base64," (a data: address) longer than MEDIA_URI_BYTES, is replaced by the digest
 * and size of what it encodes. In XML an element that held nothing else becomes empty and gains
 * muster-dropped-sha256 and muster-dropped-bytes; elsewhere the text MUSTER-DROPPED:<sha256>:<bytes> stands
 * in. A NUL byte refuses the file. Invariants: (1) at most MEDIA_RUN_BYTES and a tag's end are held back; (2)
 * what is not media passes unchanged, byte for byte; (3) stripping twice equals stripping once. */
#pragma once
#include "base/json.h"
#include "base/source.h"
#include "base/xml.h"

enum { MEDIA_RUN_BYTES = XML_MEDIA_TEXT_BYTES, MEDIA_URI_BYTES = 64 };

typedef struct Strip Strip;
/* strip_source reads `from` with its media removed. `from` stays the caller's to close. */
Strip  *strip_new(Arena *mem, Source *from, bool xml);
Source *strip_source(Strip *s);
void    strip_done(Strip **s);           /* for CLEANUP; accepts NULL inside */

/* What stripping left behind in one row: adds {"sha256","bytes"} to *dropped (made when needed), and blanks a
 * field that is nothing else. */
void strip_marks_csv(Arena *mem, Str *field, Json **dropped);
void strip_marks_xml(const XmlNode *record, Json **dropped);
