/* receive.h: the body of a request, piece by piece, within its bounds: form fields in memory, a file on disk.
 *
 * Invariants: (1) nothing beyond limits.h is kept; (2) the file is gone after receive_done, whatever
 * happened; (3) what is kept as text is text (form_text_fits). Knows no HTTP library. */
#pragma once
#include "web/inside.h"

typedef struct Receive {
    Arena      *mem;
    const char *spool;                       /* mkstemp's pattern for a file; NULL: none is taken */
    bool too_much; /* LIMIT_FORM_BYTES, LIMIT_UPLOAD_BYTES or FORM_FIELDS_MAX was passed */
    bool        bad;                         /* it cannot be read as a form */
    bool        failed;                      /* the disk would not take it */
    StrBuf      body;                        /* a form that comes whole */
    Pair       *fields; size_t count, cap;
    size_t      kept_bytes;
    const char *name; StrBuf value;          /* the field being received */
    int         fd;
    uint64_t    file_bytes;
    const char *path, *file_name;            /* NULL: no file came */
} Receive;

Receive receive_new(Arena *mem, const char *spool);
void    receive_done(Receive *r);            /* closes and removes the file */
/* A piece of a form that comes whole. */
void    receive_bytes(Receive *r, const char *data, size_t size);
/* A piece of one part: of a file if `file_name` is given. False: no more is wanted. */
bool    receive_part(Receive *r, const char *name, const char *file_name, const char *data, uint64_t offset,
                     size_t size);
/* After the last piece: reads the fields. */
void    receive_form_end(Receive *r, bool is_json);
void    receive_parts_end(Receive *r);
