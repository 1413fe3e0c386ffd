/* answer.h: one request becomes one reply. What main does inside the confined child, and tests and fuzzers do
 * in their own process. */
#pragma once
#include <stddef.h>
#include "base/arena.h"
#include "decoder/protocol.h"

/* The bytes of a file: in memory when `at` is given, else to be read from a descriptor. */
typedef struct Bytes {
    const uint8_t *at;
    int            fd;
    uint64_t       offset, length;
} Bytes;

/* Tells the format from the content, decodes and hashes. `*frames` are those of a video or a moving
 * picture, in `mem`. */
void answer_bytes(const Bytes *bytes, const DecodeRequest *request, Arena *mem, DecodeReply *reply,
                  DecodeFrame **frames);
/* Settles what the libraries settle once (their tables, their messages), before the doors close. */
void answer_prepare(void);
