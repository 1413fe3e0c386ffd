/* json_scan.h: JSON pulled from a stream, token by token, in bounded memory.
 *
 * For documents of several gigabytes of which a few members matter (known-file sets). Strict RFC 8259: what
 * is skipped is checked as closely as what is taken, so a document that ends well was well formed.
 * Invariants: (1) a view given by one call is valid until the next; (2) the window grows to SCAN_TEXT_MAX at
 * most, whatever the document's size; (3) after a failure every further call fails; (4) SCAN_PAST_BYTES from
 * the start of a view can be read, however short it is.
 * Leaves to the caller: what the members mean, and duplicate names. */
#pragma once
#include "base/err.h"
#include "base/source.h"
#include "base/str.h"
#include "engine/cpu.h"

enum {
    SCAN_WINDOW_BYTES = 128 * 1024,
    SCAN_TEXT_MAX     = 8 * 1024 * 1024,     /* the longest single string */
    SCAN_DEPTH_MAX    = 64,
    SCAN_PAST_BYTES   = 16,
};

typedef enum ScanType {
    SCAN_NULL, SCAN_FALSE, SCAN_TRUE, SCAN_NUMBER, SCAN_TEXT, SCAN_LIST, SCAN_OBJECT,
} ScanType;

typedef struct Scan Scan;
/* Skips a byte-order mark. Fails only when the source does. */
MUST_USE bool scan_open(Arena *mem, Source *src, Scan **out, Err *err);
MUST_USE bool scan_open_by(Cpu level, Arena *mem, Source *src, Scan **out, Err *err); /* tests */
uint64_t scan_offset(const Scan *s);         /* of the next byte, in the source */

/* The type of the value that comes next, without taking it. */
MUST_USE bool scan_peek(Scan *s, ScanType *type, Err *err);
/* Takes one value that is not a list or object. Text: its characters between the quotes, `escaped` tells
 * whether scan_unescape is needed. Numbers: as written. */
typedef struct ScanValue { ScanType type; Str text; bool escaped; } ScanValue;
MUST_USE bool scan_value(Scan *s, ScanValue *value, Err *err);
/* The same, but a list or object is only told by its type: enter or skip it next. */
MUST_USE bool scan_plain(Scan *s, ScanValue *value, Err *err);
/* Takes any value and forgets it. */
MUST_USE bool scan_skip(Scan *s, Err *err);

/* Lists and objects: enter, then ask for the next element or name until *end; the caller takes each value. */
MUST_USE bool scan_enter(Scan *s, Err *err);
MUST_USE bool scan_element(Scan *s, bool *end, Err *err);
MUST_USE bool scan_name(Scan *s, ScanValue *name, bool *end, Err *err);
/* Takes whole members at once, `most` at most, as long as they are of the usual form: a name without escapes,
 * a text or number, all of it in the window. How many; what stops it (another form, the end, something wrong)
 * is not taken, and scan_name tells which. */
typedef struct ScanMember { Str name; ScanValue value; } ScanMember;
size_t scan_members(Scan *s, ScanMember *members, size_t most);
/* After the document's value: nothing but white space follows. */
MUST_USE bool scan_close(Scan *s, Err *err);

/* The text a string with escapes stands for. NULL when it holds a lone surrogate or NUL. */
char *scan_unescape(Arena *mem, Str text);
