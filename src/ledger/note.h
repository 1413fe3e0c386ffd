/* note.h: signed notes and tree checkpoints that anyone can keep and verify offline (C2SP).
 *
 * A note is text ending in a newline, a blank line, then one line per signature: "— <name> <base64>",
 * where the bytes are the key id (4 bytes: the start of SHA-256(name, 0x0A, 0x01, public key)) and an
 * Ed25519 signature of the text.
 * A checkpoint is a note whose text is: origin, tree size, base64 root hash, extension lines if any.
 * Reading takes any bytes. A note is refused as a whole when any part is malformed, when a signature by a
 * known key does not hold, or when no known key signed it; signatures by unknown keys are otherwise passed
 * over.
 * Leaves to the caller: keeping the seed, and deciding which keys to trust. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "engine/digest/merkle.h"

enum {
    NOTE_BYTES_MAX      = 1024 * 1024,              /* a whole note */
    NOTE_SIGNATURES_MAX = 16,
    NOTE_NAME_MAX       = 255,                      /* bytes in a key name */
};

typedef struct NoteVerifier {                       /* who may have signed */
    char    name[NOTE_NAME_MAX + 1];
    uint8_t id[4];
    uint8_t public_key[32];
} NoteVerifier;

typedef struct NoteKey {                            /* holds a secret: note_key_done when finished with it */
    NoteVerifier verifier;
    uint8_t      secret[64];
} NoteKey;

/* A name is UTF-8, not empty, without white space, control characters or '+'. ERR_INVALID otherwise. */
MUST_USE bool note_key_new(const char *name, const uint8_t seed[32], NoteKey *key, Err *err);
void  note_key_done(NoteKey *key);                  /* wipes it; accepts {0}; for CLEANUP */
/* The verifier key as text, "name+c74f20a3+ARpc2Q...", and back. ERR_INVALID when its id does not match its
 * key. */
char *note_verifier_text(const NoteVerifier *verifier, Arena *mem);
MUST_USE bool note_verifier_read(Str text, NoteVerifier *verifier, Err *err);

/* Signs text, which must end in a newline and be UTF-8 without other control characters. ERR_INVALID,
 * ERR_LIMIT. */
MUST_USE bool note_sign(const NoteKey *key, Str text, Arena *mem, char **note, Err *err);
/* Adds one more signature line to a well-formed note, as when a key is replaced. Verifies none of the others.
 */
MUST_USE bool note_cosign(const NoteKey *key, Str note, Arena *mem, char **out, Err *err);

typedef struct Note {
    Str    text;                                    /* within the note given; ends in a newline */
    size_t signers[NOTE_SIGNATURES_MAX]; /* which of the verifiers signed, each once, in note order */
    size_t signer_count;                            /* at least 1 */
} Note;
/* ERR_INVALID: malformed or a false signature. ERR_DENIED: no known key signed it. ERR_LIMIT: too big, too
 * many. */
MUST_USE bool note_open(Str note, const NoteVerifier *known, size_t known_count, Note *out, Err *err);

typedef struct Checkpoint {
    const char *origin;                             /* which ledger; also the name of the key that signs it */
    uint64_t    size;                               /* at most MERKLE_SIZE_MAX */
    Hash32      root;
    Str extensions; /* whole non-empty lines, each ending in a newline; may be empty */
} Checkpoint;
/* The text that is signed. ERR_INVALID when a field could not be read back. */
MUST_USE bool checkpoint_text(const Checkpoint *c, Arena *mem, char **text, Err *err);
MUST_USE bool checkpoint_read(Str text, Arena *mem, Checkpoint *out, Err *err);
/* Text and signature in one. The key's name must be the origin. */
MUST_USE bool checkpoint_sign(const NoteKey *key, const Checkpoint *c, Arena *mem, char **note, Err *err);
/* Verifies, then reads. ERR_DENIED unless a known key named as the origin signed it. `out` lives in mem. */
MUST_USE bool checkpoint_open(Str note, const NoteVerifier *known, size_t known_count, Arena *mem,
                              Checkpoint *out, Err *err);
