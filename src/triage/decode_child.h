/* decode_child.h: one muster-decoder: started, given a file, heard, and buried. For decode.c alone. */
#pragma once
#include <sys/types.h>
#include "triage/decode.h"

typedef struct DecodeChild {
    const char *program;
    pid_t       pid;                           /* 0: none runs */
    int         socket, memory;                /* -1: none; `memory` holds bytes given in memory */
    uint32_t    serial;
    size_t      files;                         /* given to this process */
    bool        answered;                      /* `reply` is here; frames may still be missing */
    DecodeReply reply;
    DecodeFrame *frames;
    size_t      frame_count;
    Arena       mem;                           /* of the frames of one reply */
} DecodeChild;

typedef enum DecodeHeard { HEARD_NOTHING, HEARD_PART, HEARD_ALL, HEARD_LOST } DecodeHeard;

MUST_USE bool decode_child_start(DecodeChild *c, Err *err);
/* False when the child is gone. `cpu_s` is how much processor time this file may take. */
bool decode_child_send(DecodeChild *c, const DecodeInput *input, const DecodeRequest *request, int cpu_s);
/* Takes what has come, without waiting. HEARD_LOST: it is gone, or what it said cannot be true. */
DecodeHeard decode_child_hear(DecodeChild *c, uint64_t frames_max);
/* Ends it and returns the signal it died of by itself, 0 if none. */
int  decode_child_end(DecodeChild *c);
void decode_child_done(DecodeChild *c);        /* frees everything */
