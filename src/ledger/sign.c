/* sign.c */
#include "ledger/sign.h"
#include <string.h>
#include "ledger/inside.h"
#include "ledger/note.h"

bool ledger_sign(Db *db, Arena *mem, Str text, const char **note, Err *err)
{
    CLEANUP(note_key_done) NoteKey key = {0};
    const char *origin = NULL;
    char *out = NULL;
    uint8_t seed[32];
    if (!ledger_key(db, mem, seed, &origin, err) || !note_key_new(origin, seed, &key, err))
        return err_while(err, "signing a text");
    size_t len = strlen(origin);
    if (text.len > len && text.at[len] == '\n' && memcmp(text.at, origin, len) == 0)
        return err_set(err, ERR_INVALID, "A text that begins like a checkpoint is not signed.");
    if (!note_sign(&key, text, mem, &out, err))
        return err_while(err, "signing a text");
    *note = out;
    return true;
}
