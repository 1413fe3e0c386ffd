/* set_file.h: a set file in use: opened, its near search ready, its signature written or read.
 *
 * Beside SET there may be SET.near, the index over its PDQ hashes; without it, or when it is not of this set,
 * the hashes are scanned. A signature is a C2SP note (ledger/note.h) in the set's signature area whose text
 * states name, version, entries and root; the root covers everything else in the file. */
#pragma once
#include "base/map.h"
#include "engine/known/known_set.h"
#include "engine/picture/near.h"
#include "ledger/note.h"
#include "store/store.h"

typedef struct SetFile {                     /* {0} is valid and closed */
    const char *path;
    KnownSet   *set;
    NearTable   pdq;                         /* empty unless opened for near search */
    NearIndex  *near;                        /* NULL: scan */
    Map         map;
} SetFile;

MUST_USE bool set_file_open(const char *path, Arena *mem, SetFile *out, Err *err);
/* Checks the PDQ table and finds its index. */
MUST_USE bool set_file_near(SetFile *file, Arena *mem, Err *err);
void set_file_done(SetFile *file);           /* for CLEANUP */
/* n packed hashes; as near_find_many. */
void set_file_find_near(const SetFile *file, const uint8_t *hashes, size_t n, int distance, size_t cap,
                        Arena *mem, NearFound *found);
/* Builds SET.near when the set has enough PDQ hashes for one. */
MUST_USE bool set_file_index(const char *path, Arena *mem, Err *err);

/* The text that is signed for a set. */
char *set_note_text(const KnownSet *set, Arena *mem);
/* Signs the set at `path` with the database's key, or with a key file: one line, a name and 64 hexadecimal
 * digits of seed. Exactly one of both is given. */
MUST_USE bool set_sign(const char *path, Db *db, const char *key_file, Arena *mem, Err *err);

typedef enum SignedBy { SIGNED_BY_NOBODY, SIGNED_BY_UNKNOWN, SIGNED_BY_KNOWN, SIGNED_FALSELY } SignedBy;
/* Who signed: `name` is what the note says for an unknown key. SIGNED_FALSELY: the note does not hold, or is
 * of another set. */
SignedBy set_signed_by(const KnownSet *set, const NoteVerifier *known, size_t count, Arena *mem,
                       const char **name);
