#include "match/set_file.h"
#include <string.h>
#include "base/source.h"
#include "ledger/sign.h"

/* ---- opening ---- */

bool set_file_open(const char *path, Arena *mem, SetFile *out, Err *err)
{
    *out = (SetFile){ .path = str_copy(mem, path) };
    return known_open(path, mem, &out->set, err) || err_while(err, "opening a set of known files");
}

void set_file_done(SetFile *file)
{
    map_done(&file->map);
    known_close(&file->set);
    *file = (SetFile){0};
}

bool set_file_near(SetFile *file, Arena *mem, Err *err)
{
    Err ignored = {0};
    KnownInfo info = known_info(file->set);
    if (!known_check(file->set, DIGEST_PDQ, err))
        return false;
    file->pdq.digests = known_digests(file->set, DIGEST_PDQ, &file->pdq.n);
    if (file->pdq.n < NEAR_INDEX_MIN || file->near ||
        !map_file(str_fmt(mem, "%s.near", file->path), &file->map, &ignored))
        return true;
    if (!near_open(file->map.at, file->map.len, &file->pdq, info.counts.root.bytes, mem, &file->near,
                   &ignored)) {
        map_done(&file->map);                /* of another set, or damaged: scanning gives the same answers */
        file->near = NULL;
    }
    return true;
}

void set_file_find_near(const SetFile *file, const uint8_t *hashes, size_t n, int distance, size_t cap,
                        Arena *mem, NearFound *found)
{
    if (file->near && distance <= NEAR_DISTANCE_MAX)
        near_find_many(file->near, hashes, n, distance, cap, mem, found);
    else
        near_scan(&file->pdq, hashes, n, distance, cap, mem, found);
}

bool set_file_index(const char *path, Arena *mem, Err *err)
{
    CLEANUP(set_file_done) SetFile file = {0};
    if (!set_file_open(path, mem, &file, err) || !set_file_near(&file, mem, err))
        return false;
    if (file.pdq.n < NEAR_INDEX_MIN || file.near)
        return true;
    CLEANUP(pages_done) Pages block = pages_new(near_size(file.pdq.n));
    KnownInfo info = known_info(file.set);
    return (near_build(&file.pdq, info.counts.root.bytes, block.at, err) &&
            file_write(str_fmt(mem, "%s.near", path), (Str){ (const char *)block.at, near_size(file.pdq.n) },
                       err)) ||
           err_while(err, "building the index of near search");
}

/* ---- signing ---- */

char *set_note_text(const KnownSet *set, Arena *mem)
{
    KnownInfo info = known_info(set);
    return str_fmt(mem, "muster set of known files\n%s\n%s\n%llu\n%s\n", utf8_clean(mem, str_of(info.name)),
                   utf8_clean(mem, str_of(info.version)), (unsigned long long)info.counts.entries,
                   hex_write(mem, info.counts.root.bytes, sizeof info.counts.root.bytes));
}

static bool key_read(const char *path, Arena *mem, NoteKey *key, Err *err)
{
    Str text;
    uint8_t seed[32];
    if (!file_read(mem, path, 4096, &text, err))
        return err_while(err, "reading the key");
    text = str_trim(text);
    const char *space = memrchr(text.at, ' ', text.len);
    if (!space || !hex_read((Str){ space + 1, (size_t)(text.at + text.len - space - 1) }, seed, sizeof seed))
        return err_set(err, ERR_INVALID, "The key file is not one line of a name and 64 hexadecimal digits.");
    return note_key_new(str_from(mem, str_trim((Str){ text.at, (size_t)(space - text.at) })), seed, key, err);
}

bool set_sign(const char *path, Db *db, const char *key_file, Arena *mem, Err *err)
{
    CLEANUP(known_close) KnownSet *set = NULL;
    CLEANUP(note_key_done) NoteKey key = {0};
    const char *note = NULL;
    char *own = NULL;
    if (!known_open(path, mem, &set, err))
        return false;
    Str text = str_of(set_note_text(set, mem));
    bool ok = key_file ? key_read(key_file, mem, &key, err) && note_sign(&key, text, mem, &own, err)
                       : ledger_sign(db, mem, text, &note, err);
    return (ok && known_signature_write(path, key_file ? own : note, err)) || err_while(err, "signing a set");
}

/* The name on the first signature line, "— name base64". */
static const char *first_signer(Str note, Arena *mem)
{
    static const char dash[] = "\n\xE2\x80\x94 ";
    const char *at = memmem(note.at, note.len, dash, sizeof dash - 1), *end = note.at + note.len;
    if (!at)
        return "";
    at += sizeof dash - 1;
    const char *space = memchr(at, ' ', (size_t)(end - at));
    return space ? str_clip(mem, utf8_clean(mem, (Str){ at, (size_t)(space - at) }), 80) : "";
}

SignedBy set_signed_by(const KnownSet *set, const NoteVerifier *known, size_t count, Arena *mem,
                       const char **name)
{
    Err err = {0};
    Note note;
    Str text = str_of(known_info(set).signature);
    *name = "";
    if (!text.len)
        return SIGNED_BY_NOBODY;
    *name = first_signer(text, mem);
    if (!note_open(text, known, count, &note, &err))
        return err.kind == ERR_DENIED ? SIGNED_BY_UNKNOWN : SIGNED_FALSELY;
    if (!str_eq(note.text, str_of(set_note_text(set, mem))))
        return SIGNED_FALSELY;
    *name = str_copy(mem, known[note.signers[0]].name);
    return SIGNED_BY_KNOWN;
}
