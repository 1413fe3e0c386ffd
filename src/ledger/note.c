/* note.c: c2sp.org/signed-note and c2sp.org/tlog-checkpoint, Ed25519 signatures (type 0x01) only.
 *
 * Reading is strict: one note has one spelling, so that no byte can change without the note being refused.
 * Base64 must be padded and its spare bits zero (libsodium's reader sees to both). */
#include "ledger/note.h"
#include <sodium.h>
#include <string.h>
#include "base/digest.h"

#define DASH "\xe2\x80\x94 "                        /* em dash and space: how a signature line starts */

enum {
    TYPE_ED25519   = 0x01,
    ID_BYTES       = 4,
    KEY_BYTES      = crypto_sign_PUBLICKEYBYTES,
    PROOF_BYTES    = crypto_sign_BYTES,
    SIGNATURE_BYTES = ID_BYTES + PROOF_BYTES,
    BASE64         = sodium_base64_VARIANT_ORIGINAL,
};

/* Everything Unicode calls White_Space, apart from the control characters, which are refused before. */
static const char *const spaces[] = {
    " ",
    "\xc2\x85",
    "\xc2\xa0",
    "\xe1\x9a\x80",
    "\xe2\x80\x80",
    "\xe2\x80\x81",
    "\xe2\x80\x82",
    "\xe2\x80\x83",
    "\xe2\x80\x84",
    "\xe2\x80\x85",
    "\xe2\x80\x86",
    "\xe2\x80\x87",
    "\xe2\x80\x88",
    "\xe2\x80\x89",
    "\xe2\x80\x8a",
    "\xe2\x80\xa8",
    "\xe2\x80\xa9",
    "\xe2\x80\xaf",
    "\xe2\x81\x9f",
    "\xe3\x80\x80",
};

static bool sodium_ready(Err *err)
{
    return sodium_init() >= 0 || err_set(err, ERR_BUG, "The signature library could not start.");
}

static bool holds(Str s, const char *part) { return memmem(s.at, s.len, part, strlen(part)) != NULL; }

/* UTF-8 with no ASCII control character but newline. */
static bool plain_text(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((uint8_t)s.at[i] < 0x20 && s.at[i] != '\n')
            return false;
    return utf8_valid(s);
}

static bool name_ok(Str name)
{
    if (name.len == 0 || name.len > NOTE_NAME_MAX || !plain_text(name) || holds(name, "\n") ||
        holds(name, "+"))
        return false;
    FOR_EACH(space, spaces)
        if (holds(name, *space))
            return false;
    return true;
}

/* Cuts the text before the first `mark` off `rest`, and the mark with it. False, and nothing cut, without
 * one. */
static bool cut(Str *rest, char mark, Str *before)
{
    const char *at = rest->len ? memchr(rest->at, mark, rest->len) : NULL;
    if (!at)
        return false;
    *before = (Str){ rest->at, (size_t)(at - rest->at) };
    *rest = (Str){ at + 1, rest->len - before->len - 1 };
    return true;
}

/* Reads base64 of at most `room` bytes. libsodium takes some bytes above 0x7F for letters, so those go first.
 */
static bool base64_strict(Str s, uint8_t *out, size_t room, size_t *n)
{
    for (size_t i = 0; i < s.len; i++)
        if ((uint8_t)s.at[i] > 0x7F)
            return false;
    return s.len > 0 && sodium_base642bin(out, room, s.at, s.len, NULL, n, NULL, BASE64) == 0;
}

static void verifier_fill(NoteVerifier *v, Str name, const uint8_t key[KEY_BYTES])
{
    uint8_t named[NOTE_NAME_MAX + 2 + KEY_BYTES];
    memcpy(named, name.at, name.len);
    named[name.len] = '\n';
    named[name.len + 1] = TYPE_ED25519;
    memcpy(named + name.len + 2, key, KEY_BYTES);
    Sha256 digest = sha256_of(named, name.len + 2 + KEY_BYTES);
    *v = (NoteVerifier){0};
    memcpy(v->name, name.at, name.len);
    memcpy(v->id, digest.bytes, ID_BYTES);
    memcpy(v->public_key, key, KEY_BYTES);
}

bool note_key_new(const char *name, const uint8_t seed[32], NoteKey *key, Err *err)
{
    uint8_t public_key[KEY_BYTES];
    if (!sodium_ready(err))
        return false;
    if (!name_ok(str_of(name)))
        return err_set(err, ERR_INVALID,
                       "A signing key's name must not be empty or have spaces or '+' in it.");
    crypto_sign_seed_keypair(public_key, key->secret, seed);
    verifier_fill(&key->verifier, str_of(name), public_key);
    return true;
}

void note_key_done(NoteKey *key) { sodium_memzero(key, sizeof *key); }

char *note_verifier_text(const NoteVerifier *v, Arena *mem)
{
    uint8_t typed[1 + KEY_BYTES] = { TYPE_ED25519 };
    memcpy(typed + 1, v->public_key, KEY_BYTES);
    return str_fmt(mem, "%s+%02x%02x%02x%02x+%s", v->name, v->id[0], v->id[1], v->id[2], v->id[3],
                   base64_write(mem, typed, sizeof typed));
}

bool note_verifier_read(Str text, NoteVerifier *verifier, Err *err)
{
    Str name, id;
    uint8_t id_bytes[ID_BYTES], typed[1 + KEY_BYTES];
    size_t n = 0;
    NoteVerifier got;
    if (!cut(&text, '+', &name) || !cut(&text, '+', &id) || !name_ok(name) ||
        !hex_read(id, id_bytes, ID_BYTES) || !base64_strict(text, typed, sizeof typed, &n) ||
        n != sizeof typed)
        return err_set(err, ERR_INVALID, "The verifier key is not written as name+id+key.");
    if (typed[0] != TYPE_ED25519)
        return err_set(err, ERR_INVALID, "The verifier key is not an Ed25519 key.");
    verifier_fill(&got, name, typed + 1);
    if (memcmp(got.id, id_bytes, ID_BYTES) != 0)
        return err_set(err, ERR_INVALID, "The verifier key's id does not belong to its name and key.");
    *verifier = got;
    return true;
}

/* ---- the shape of a note ---- */

/* Divides at the last blank line: the text itself may have blank lines. */
static bool note_split(Str note, Str *text, Str *signatures, Err *err)
{
    if (note.len > NOTE_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "The signed note is larger than 1 MB.");
    if (!plain_text(note))
        return err_set(err, ERR_INVALID, "The signed note is not plain UTF-8 text.");
    size_t at = note.len;
    while (at >= 2 && memcmp(note.at + at - 2, "\n\n", 2) != 0)
        at--;
    if (at < 2)
        return err_set(err, ERR_INVALID, "The signed note has no blank line before its signatures.");
    *text = (Str){ note.at, at - 1 };
    *signatures = (Str){ note.at + at, note.len - at };
    if (signatures->len == 0 || note.at[note.len - 1] != '\n')
        return err_set(err, ERR_INVALID, "The signed note does not end with a whole signature line.");
    return true;
}

typedef struct Signature {
    Str      name;
    uint8_t *bytes;      /* key id, then what the key's algorithm makes */
    size_t   len;
} Signature;

static bool signature_next(Str *lines, Arena *mem, Signature *out, Err *err)
{
    Str line, name;
    if (!cut(lines, '\n', &line) || line.len < strlen(DASH) || memcmp(line.at, DASH, strlen(DASH)) != 0)
        return err_set(err, ERR_INVALID, "A signature line of the note does not start with a dash.");
    line = (Str){ line.at + strlen(DASH), line.len - strlen(DASH) };
    if (!cut(&line, ' ', &name) || !name_ok(name))
        return err_set(err, ERR_INVALID, "A signature line of the note has no key name.");
    size_t room = line.len / 4 * 3 + 3;
    *out = (Signature){ .name = name, .bytes = arena_new(mem, uint8_t, room) };
    if (!base64_strict(line, out->bytes, room, &out->len) || out->len <= ID_BYTES)
        return err_set(err, ERR_INVALID,
                       "A signature of the note is not base64 of a key id and a signature.");
    return true;
}

/* All of them, at most NOTE_SIGNATURES_MAX. */
static bool signatures_read(Str lines, Arena *mem, Signature *out, size_t *n, Err *err)
{
    for (*n = 0; lines.len > 0; ++*n) {
        if (*n == NOTE_SIGNATURES_MAX)
            return err_set(err, ERR_LIMIT, "The note has more than %d signatures.", NOTE_SIGNATURES_MAX);
        if (!signature_next(&lines, mem, &out[*n], err))
            return false;
    }
    return true;
}

/* ---- signing ---- */

static bool sign_onto(const NoteKey *key, Str text, StrBuf *note, Err *err)
{
    uint8_t bytes[SIGNATURE_BYTES];
    memcpy(bytes, key->verifier.id, ID_BYTES);
    crypto_sign_detached(bytes + ID_BYTES, NULL, (const uint8_t *)text.at, text.len, key->secret);
    buf_fmt(note, DASH "%s %s\n", key->verifier.name, base64_write(note->mem, bytes, sizeof bytes));
    return note->len <= NOTE_BYTES_MAX ||
           err_set(err, ERR_LIMIT, "The signed note would be larger than 1 MB.");
}

bool note_sign(const NoteKey *key, Str text, Arena *mem, char **note, Err *err)
{
    StrBuf buf = { .mem = mem };
    if (!sodium_ready(err))
        return false;
    if (text.len > NOTE_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "The text to sign is larger than 1 MB.");
    if (text.len == 0 || text.at[text.len - 1] != '\n' || !plain_text(text))
        return err_set(err, ERR_INVALID, "The text to sign must be plain UTF-8 and end in a new line.");
    buf_add_n(&buf, text.at, text.len);
    buf_char(&buf, '\n');
    if (!sign_onto(key, text, &buf, err))
        return false;
    *note = buf_text(&buf);
    return true;
}

bool note_cosign(const NoteKey *key, Str note, Arena *mem, char **out, Err *err)
{
    StrBuf buf = { .mem = mem };
    Str text, lines;
    Signature signatures[NOTE_SIGNATURES_MAX];
    size_t n;
    if (!sodium_ready(err) || !note_split(note, &text, &lines, err)
        || !signatures_read(lines, mem, signatures, &n, err))
        return err_while(err, "adding a signature");
    if (n == NOTE_SIGNATURES_MAX)
        return err_set(err, ERR_LIMIT, "The note has its %d signatures already.", NOTE_SIGNATURES_MAX);
    buf_add_n(&buf, note.at, note.len);
    if (!sign_onto(key, text, &buf, err))
        return false;
    *out = buf_text(&buf);
    return true;
}

/* ---- opening ---- */

/* The known key a signature says it is by; known_count when none. The name and the id must both fit. */
static size_t signer_of(const Signature *s, const NoteVerifier *known, size_t known_count)
{
    size_t i = 0;
    while (i < known_count
           && (!str_eq(s->name, str_of(known[i].name)) || memcmp(s->bytes, known[i].id, ID_BYTES) != 0))
        i++;
    return i;
}

static bool signature_holds(const Signature *s, Str text, const NoteVerifier *by)
{
    return s->len == SIGNATURE_BYTES &&
           crypto_sign_verify_detached(s->bytes + ID_BYTES, (const uint8_t *)text.at, text.len,
                                       by->public_key) == 0;
}

static void signer_add(Note *note, size_t signer)
{
    for (size_t i = 0; i < note->signer_count; i++)
        if (note->signers[i] == signer)
            return;
    note->signers[note->signer_count++] = signer;
}

bool note_open(Str note, const NoteVerifier *known, size_t known_count, Note *out, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Str lines;
    Signature signatures[NOTE_SIGNATURES_MAX];
    size_t n;
    Note got = {0};
    if (!sodium_ready(err) || !note_split(note, &got.text, &lines, err)
        || !signatures_read(lines, &mem, signatures, &n, err))
        return err_while(err, "opening a signed note");
    for (size_t i = 0; i < n; i++) {
        size_t signer = signer_of(&signatures[i], known, known_count);
        if (signer == known_count)
            continue;
        if (!signature_holds(&signatures[i], got.text, &known[signer]))
            return err_set(err, ERR_INVALID, "Signature %zu of the note is by a known key but is false.",
                           i + 1);
        signer_add(&got, signer);
    }
    if (got.signer_count == 0)
        return err_set(err, ERR_DENIED, "No known key has signed the note.");
    *out = got;
    return true;
}

/* ---- checkpoints ---- */

static bool origin_ok(Str origin) { return origin.len > 0 && plain_text(origin) && !holds(origin, "\n"); }

static bool extensions_ok(Str lines)
{
    if (lines.len == 0)
        return true;
    return lines.at[0] != '\n' && lines.at[lines.len - 1] == '\n' && !holds(lines, "\n\n") &&
           plain_text(lines);
}

/* Decimal as it would be written: no sign, no leading zero. */
static bool size_read(Str s, uint64_t *out)
{
    uint64_t size = 0;
    if (s.len == 0 || s.len > 19 || (s.len > 1 && s.at[0] == '0'))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        size = size * 10 + (uint64_t)(s.at[i] - '0');
    }
    *out = size;
    return size <= MERKLE_SIZE_MAX;
}

bool checkpoint_text(const Checkpoint *c, Arena *mem, char **text, Err *err)
{
    if (!origin_ok(str_of(c->origin)))
        return err_set(err, ERR_INVALID, "A checkpoint's origin must be one line of text.");
    if (c->size > MERKLE_SIZE_MAX)
        return err_set(err, ERR_INVALID, "A checkpoint's size is out of range.");
    if (!extensions_ok(c->extensions))
        return err_set(err, ERR_INVALID, "A checkpoint's extensions must be whole lines, none empty.");
    StrBuf buf = { .mem = mem };
    buf_fmt(&buf, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size,
            base64_write(mem, c->root.bytes, sizeof c->root.bytes));
    if (c->extensions.len > 0)
        buf_add_n(&buf, c->extensions.at, c->extensions.len);
    *text = buf_text(&buf);
    return true;
}

bool checkpoint_read(Str text, Arena *mem, Checkpoint *out, Err *err)
{
    Str origin, size, root;
    Checkpoint got = {0};
    size_t n = 0;
    if (text.len > NOTE_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "The checkpoint is larger than 1 MB.");
    if (!cut(&text, '\n', &origin) || !cut(&text, '\n', &size) || !cut(&text, '\n', &root) ||
        !origin_ok(origin))
        return err_set(err, ERR_INVALID, "The checkpoint does not have an origin, a size and a root line.");
    if (!size_read(size, &got.size))
        return err_set(err, ERR_INVALID, "The checkpoint's size is not a plain decimal number in range.");
    if (!base64_strict(root, got.root.bytes, sizeof got.root.bytes, &n) || n != sizeof got.root.bytes)
        return err_set(err, ERR_INVALID, "The checkpoint's root is not base64 of 32 bytes.");
    if (!extensions_ok(text))
        return err_set(err, ERR_INVALID, "The checkpoint's extension lines are not whole lines of text.");
    got.origin = str_from(mem, origin);
    got.extensions = (Str){ str_from(mem, text), text.len };
    *out = got;
    return true;
}

bool checkpoint_sign(const NoteKey *key, const Checkpoint *c, Arena *mem, char **note, Err *err)
{
    char *text;
    if (!checkpoint_text(c, mem, &text, err))
        return false;
    if (!str_same(c->origin, key->verifier.name))
        return err_set(err, ERR_INVALID, "A checkpoint is signed by the key named as its origin.");
    return note_sign(key, str_of(text), mem, note, err);
}

bool checkpoint_open(Str note, const NoteVerifier *known, size_t known_count, Arena *mem, Checkpoint *out,
                     Err *err)
{
    Note opened;
    Checkpoint got;
    if (!note_open(note, known, known_count, &opened, err) || !checkpoint_read(opened.text, mem, &got, err))
        return err_while(err, "opening a checkpoint");
    for (size_t i = 0; i < opened.signer_count; i++)
        if (str_same(known[opened.signers[i]].name, got.origin)) {
            *out = got;
            return true;
        }
    return err_set(err, ERR_DENIED, "No known key named as the checkpoint's origin has signed it.");
}
