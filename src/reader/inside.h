/* inside.h: what the files of src/reader share. No other folder includes it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <tsk/libtsk.h>
#include "base/arena.h"
#include "reader/protocol.h"

/* ---- wire.c: to the parent. When it is gone, so is this process. */
typedef struct Wire {
    int            socket;
    uint8_t       *shared;
    uint32_t       slot, credits;
    ReaderRequest  ask;
    int           *files;
    /* where we are: filled into every event */
    uint32_t       volume;
    uint64_t       ordinal;
} Wire;
bool wire_take(Wire *w);                                  /* receives a request and its files */
void wire_say(Wire *w, ReaderEvent *event, const char *text, size_t text_bytes);
void wire_trouble(Wire *w, uint32_t depth, const char *what, const char *why);
void wire_end(Wire *w, const char *why);                  /* "" when the file is whole */
/* Where to put the next piece of a file (READER_SLOT_BYTES of room), and sending it. */
uint8_t *wire_slot(Wire *w);
void     wire_bytes(Wire *w, size_t length);

/* ---- confine.c: gives up everything but reading what is already open. */
void confine(void);

/* ---- image.c: a disk image in any container, as libtsk wants it. NULL: `why` says why not. */
typedef struct Image {
    TSK_IMG_INFO *tsk;
    const char   *kind;                                   /* "raw", "E01", ... */
    uint64_t      size;
    bool          has_md5;
    uint8_t       md5[16];                                /* stored in it */
} Image;
bool image_open(Arena *mem, const int *files, size_t count, Image *out, const char **why);

/* ---- volumes.c: partitions and file systems. */
void volumes_walk(Wire *w, const Image *image);

/* ---- archive.c: archives, over anything that can be read at an offset. */
typedef struct Bytes Bytes;
typedef ssize_t BytesRead(const Bytes *b, uint64_t at, void *to, size_t len);    /* < 0: unreadable */
struct Bytes {
    BytesRead  *read;
    void       *ctx;
    uint64_t    size;
};
/* One budget for a file at depth 0 and all archives in it. */
typedef struct Unpacking {
    uint64_t bytes_left, members_left, nested_left;
} Unpacking;
Unpacking unpacking_of(const Wire *w, uint64_t size);
bool archive_known(const Bytes *b);                       /* by its first bytes */
/* Sends every member of an archive whose path is `path`, at depth + 1. */
void archive_walk(Wire *w, Unpacking *u, const Bytes *b, const char *path, uint32_t depth);
