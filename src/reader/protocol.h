/* protocol.h: what passes between muster-reader and the program that started it.
 *
 * Over a SOCK_SEQPACKET pair: one ReaderRequest, then the opened files it speaks of in packets of up to
 * READER_FDS_PACKET descriptors (SCM_RIGHTS). The reader opens nothing itself: before it looks at a byte it
 * has given up every way of opening, making or sending anything. It answers with ReaderEvents, each one
 * packet with its text behind it, and puts contents into the slots of a shared memory file in turn; the
 * parent gives each slot back with a ReaderCredit. Both ends are one build on one machine, so structs travel
 * as they are.
 *
 *     VOLUME (FILE BYTES* END)* ... TROUBLE* ... DONE
 *
 * A file's members, when it is an archive, follow its END with a greater depth. The parent trusts nothing in
 * an event: a reader may have been taken over by what it read. Paths are bytes to show, never to open. */
#pragma once
#include <stdint.h>

enum {
    READER_MAGIC       = 0x4d525231,           /* "1RRM" */
    READER_SOCKET      = 3,                    /* the descriptors the reader is started with */
    READER_SHARED      = 4,
    READER_FDS_PACKET  = 64,
    READER_FILES_MAX   = 4096,                 /* segments of one image */
    READER_SLOTS       = 16,
    READER_SLOT_BYTES  = 256 * 1024,
    READER_TEXT_BYTES  = 16 * 1024,            /* of one path or reason */
    READER_DEPTH       = 8,                    /* archives in archives */
    READER_VOLUMES_MAX = 1024,
};
#define READER_TIME_NONE INT64_MIN

typedef enum ReaderWhat { READER_IMAGE = 1, READER_ARCHIVE } ReaderWhat;

typedef struct ReaderRequest {
    uint32_t magic;
    uint32_t what;                             /* ReaderWhat */
    uint32_t files;                            /* descriptors that follow */
    uint32_t whole;                            /* 1: also stream the whole medium first, to be verified */
    uint32_t from_volume;                      /* go on after a stop: earlier volumes are left out, */
    uint32_t depth;                            /* archives opened already to get here */
    uint64_t from_ordinal;                     /* and in that one earlier files */
    uint64_t unpack_least, unpack_ratio; /* an archive may unpack to the larger of the two: bytes, and */
    uint64_t unpack_most;                      /* times its own size, but never more than this */
    uint64_t members_max;                      /* files in one archive, those in archives in it included */
    uint64_t nested_max;                       /* bytes of an archive in an archive, held in memory */
    uint32_t test;                             /* 0; other values are faults, in a build for tests */
    uint32_t spare;
} ReaderRequest;

typedef enum ReaderEventKind {
    READER_MEDIUM = 1,                         /* text: kind of image; `size` bytes; digest stored in it */
    READER_VOLUME,                             /* text: kind of file system or why there is none */
    READER_FILE,                               /* text: its path */
    READER_BYTES,                              /* the next `length` bytes, in `slot` */
    READER_END,                                /* text: "", or why the file is not whole */
    READER_TROUBLE,                            /* text: what could not be read, and why */
    READER_DONE,
    READER__EVENTS,
} ReaderEventKind;

enum {
    READER_DELETED     = 1 << 0,               /* its name or its place is given up */
    READER_ORPHAN      = 1 << 1,               /* found without a name */
    READER_REALLOCATED = 1 << 2,               /* what it holds may be another file's by now */
    READER_LOCAL_TIME  = 1 << 3,               /* the file system keeps times without a zone */
    READER_STREAM      = 1 << 4,               /* a further stream of a file */
    READER_WHOLE       = 1 << 5,               /* the whole medium, to be verified */
    READER_FLAGS       = (1 << 6) - 1,
};

typedef struct ReaderEvent {
    uint32_t magic;
    uint32_t kind;                             /* ReaderEventKind */
    uint32_t volume;                           /* from 0 */
    uint32_t depth;                            /* 0: of the file system itself */
    uint64_t ordinal;                          /* of the file at depth 0 in its volume */
    uint64_t size;                             /* as stated by what holds it */
    uint64_t start;                            /* VOLUME: first byte in the image */
    int64_t  modified, accessed, changed, created;  /* microseconds since 1970, UTC unless LOCAL_TIME */
    uint32_t flags;
    uint32_t slot, length;                     /* BYTES */
    uint32_t text_bytes;                       /* that follow this header */
    uint8_t  stored_md5[16];                   /* MEDIUM: the digest kept in the image, when `length` is 16 */
} ReaderEvent;

typedef struct ReaderCredit { uint32_t magic, slots; } ReaderCredit;
