#include "ledger/note.h"
#include "base/rng.h"
#include "base/test.h"

#define DASH "\xe2\x80\x94 "
/* The example of golang.org/x/mod/sumdb/note. */
#define GO_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_TEXT                                                                                              \
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
#define GO_SIGNATURE                                                                                         \
    DASH "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"          \
         "RZb6KE6RyyBwJnAM=\n"
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define ORIGIN "ledger.example.org/one"

static NoteKey key_of(const char *name, uint8_t seed_byte)
{
    NoteKey key;
    Err err = {0};
    uint8_t seed[32];
    memset(seed, seed_byte, sizeof seed);
    CHECK_OK(note_key_new(name, seed, &key, &err), &err);
    return key;
}

static char *signed_text(const NoteKey *key, const char *text, Arena *mem)
{
    char *note = NULL;
    Err err = {0};
    CHECK_OK(note_sign(key, str_of(text), mem, &note, &err), &err);
    return note;
}

TEST(the_published_example_opens)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    NoteVerifier v;
    Note note;
    CHECK_OK(note_verifier_read(STR(GO_KEY), &v, &err), &err);
    CHECK_TEXT(note_verifier_text(&v, &mem), GO_KEY);
    CHECK_OK(note_open(STR(GO_TEXT "\n" GO_SIGNATURE), &v, 1, &note, &err), &err);
    CHECK_TEXT(str_from(&mem, note.text), GO_TEXT);
    CHECK_INT(note.signer_count, 1);
    CHECK_INT(note.signers[0], 0);
}

TEST(a_note_opens_for_those_who_know_a_signer)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    NoteKey a = key_of("a.example.org", 1), b = key_of("b.example.org", 2), c = key_of("a.example.org", 3);
    NoteVerifier both[] = { b.verifier, a.verifier };
    char *one = signed_text(&a, "first\n\nafter a blank line\n", &mem), *two;
    Note note;
    CHECK_OK(note_cosign(&b, str_of(one), &mem, &two, &err), &err);
    CHECK_OK(note_open(str_of(two), both, 2, &note, &err), &err);
    CHECK_TEXT(str_from(&mem, note.text), "first\n\nafter a blank line\n");
    CHECK_INT(note.signer_count, 2);
    CHECK_INT(note.signers[0], 1);
    CHECK_INT(note.signers[1], 0);
    CHECK_OK(note_open(str_of(two), &b.verifier, 1, &note, &err), &err);
    CHECK_INT(note.signer_count, 1);
    CHECK_FAILS(note_open(str_of(two), &c.verifier, 1, &note, &err), &err, ERR_DENIED);
    CHECK_FAILS(note_open(str_of(two), NULL, 0, &note, &err), &err, ERR_DENIED);
}

TEST(a_note_with_any_byte_changed_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    NoteKey key = key_of(ORIGIN, 9);
    char *note = signed_text(&key, ORIGIN "\n42\n" ROOT "\n", &mem);
    size_t len = strlen(note);
    Note got;
    CHECK_OK(note_open(str_of(note), &key.verifier, 1, &got, &err), &err);
    for (size_t i = 0; i < len; i++) {
        char kept = note[i];
        for (int x = 1; x < 256; x++) {
            note[i] = (char)(kept ^ x);
            CHECK(!note_open((Str){ note, len }, &key.verifier, 1, &got, &err));
        }
        note[i] = kept;
        CHECK(!note_open((Str){ note, i }, &key.verifier, 1, &got, &err));
    }
}

static const struct { const char *name, *note; ErrKind want; } bad_notes[] = {
    { "nothing",                       "",                                              ERR_INVALID },
    { "no blank line",                 GO_TEXT GO_SIGNATURE,                            ERR_INVALID },
    { "no signature",                  GO_TEXT "\n",                                    ERR_INVALID },
    { "a line after the signature",    GO_TEXT "\n" GO_SIGNATURE "more\n",              ERR_INVALID },
    { "a hyphen for a dash",           GO_TEXT "\n- a AAAAAAA=\n",                      ERR_INVALID },
    { "no name",                       GO_TEXT "\n" DASH " AAAAAAA=\n" GO_SIGNATURE,    ERR_INVALID },
    { "a name with a plus",            GO_TEXT "\n" DASH "a+b AAAAAAA=\n" GO_SIGNATURE, ERR_INVALID },
    { "a name with a no-break space",  GO_TEXT "\n" DASH "a\xc2\xa0" "b AAAAAAA=\n" GO_SIGNATURE, ERR_INVALID },
    { "bad base64",                    GO_TEXT "\n" DASH "a AAAA*AA=\n" GO_SIGNATURE,   ERR_INVALID },
    { "base64 without padding",        GO_TEXT "\n" DASH "a AAAAAAA\n" GO_SIGNATURE,    ERR_INVALID },
    { "spare bits set",                GO_TEXT "\n" DASH "a AAAAAAB=\n" GO_SIGNATURE,   ERR_INVALID },
    { "only a key id",                 GO_TEXT "\n" DASH "a AAAAAA==\n" GO_SIGNATURE,   ERR_INVALID },
    { "known key, short signature",    GO_TEXT "\n" DASH "PeterNeumann x08gowA=\n",     ERR_INVALID },
    { "true and false by one key",     GO_TEXT "\n" GO_SIGNATURE DASH "PeterNeumann x08gowA=\n", ERR_INVALID },
    { "not UTF-8",                     "a\xff\n\n" GO_SIGNATURE,                        ERR_INVALID },
    { "a control character",           "a\tb\n\n" GO_SIGNATURE,                         ERR_INVALID },
    { "carriage returns",              "a\r\n\n" GO_SIGNATURE,                          ERR_INVALID },
    { "unknown key only",              GO_TEXT "\n" DASH "a AAAAAAA=\n",                ERR_DENIED  },
    { "known name, unknown id",        GO_TEXT "\n" DASH "PeterNeumann AAAAAAA=\n",     ERR_DENIED  },
};

TEST(malformed_and_unknown_notes_are_refused)
{
    Err err = {0};
    NoteVerifier v;
    Note note;
    CHECK_OK(note_verifier_read(STR(GO_KEY), &v, &err), &err);
    FOR_EACH(c, bad_notes) {
        print_message("# %s\n", c->name);
        CHECK_FAILS(note_open(str_of(c->note), &v, 1, &note, &err), &err, c->want);
    }
    CHECK_OK(note_open(STR(GO_TEXT "\n" DASH "a AAAAAAA=\n" GO_SIGNATURE GO_SIGNATURE), &v, 1, &note, &err),
             &err);
    CHECK_INT(note.signer_count, 1);
}

TEST(notes_are_bounded)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    NoteKey key = key_of("a", 1);
    char *note = signed_text(&key, "x\n", &mem);
    Note got;
    for (int i = 1; i < NOTE_SIGNATURES_MAX; i++)
        CHECK_OK(note_cosign(&key, str_of(note), &mem, &note, &err), &err);
    CHECK_OK(note_open(str_of(note), &key.verifier, 1, &got, &err), &err);
    CHECK_INT(got.signer_count, 1);
    char *more = NULL;
    CHECK_FAILS(note_cosign(&key, str_of(note), &mem, &more, &err), &err, ERR_LIMIT);
    more = str_fmt(&mem, "%s" DASH "b AAAAAAA=\n", note);
    CHECK_FAILS(note_open(str_of(more), &key.verifier, 1, &got, &err), &err, ERR_LIMIT);

    char *big = arena_new(&mem, char, NOTE_BYTES_MAX + 1);
    memset(big, 'a', NOTE_BYTES_MAX + 1);
    CHECK_FAILS(note_open((Str){ big, NOTE_BYTES_MAX + 1 }, &key.verifier, 1, &got, &err), &err, ERR_LIMIT);
    big[NOTE_BYTES_MAX - 1] = '\n';
    CHECK_FAILS(note_sign(&key, (Str){ big, NOTE_BYTES_MAX }, &mem, &more, &err), &err, ERR_LIMIT);
}

TEST(bad_keys_and_texts_are_refused)
{
    static const char *const keys[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3+",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAAAA",
    };
    static const char *const names[] = { "", "a b", "a+b", "a\nb", "a\xe2\x80\x83" "b", "\xff" };
    static const char *const texts[] = { "", "no new line", "tab\t\n", "\xc0\x80\n" };
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    NoteVerifier v;
    NoteKey key;
    uint8_t seed[32] = {0};
    char *note;
    FOR_EACH(text, keys)
        CHECK_FAILS(note_verifier_read(str_of(*text), &v, &err), &err, ERR_INVALID);
    FOR_EACH(name, names)
        CHECK_FAILS(note_key_new(*name, seed, &key, &err), &err, ERR_INVALID);
    key = key_of("a", 1);
    FOR_EACH(text, texts)
        CHECK_FAILS(note_sign(&key, str_of(*text), &mem, &note, &err), &err, ERR_INVALID);
}

static const struct { const char *name, *text; } bad_checkpoints[] = {
    { "nothing",                  "" },
    { "no root",                  "o\n1\n" },
    { "empty origin",             "\n1\n" ROOT "\n" },
    { "empty size",               "o\n\n" ROOT "\n" },
    { "leading zero",             "o\n01\n" ROOT "\n" },
    { "two zeros",                "o\n00\n" ROOT "\n" },
    { "plus sign",                "o\n+1\n" ROOT "\n" },
    { "minus sign",               "o\n-1\n" ROOT "\n" },
    { "hexadecimal",              "o\n0x1\n" ROOT "\n" },
    { "space after the size",     "o\n1 \n" ROOT "\n" },
    { "size past the largest",    "o\n9223372036854775808\n" ROOT "\n" },
    { "size past 64 bits",        "o\n18446744073709551617\n" ROOT "\n" },
    { "root of 31 bytes",         "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n" },
    { "root of 33 bytes",         "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA\n" },
    { "root not padded",          "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n" },
    { "root with spare bits",     "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n" },
    { "root with a stray byte",   "o\n1\nCsUYapG\273Po4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n" },
    { "root line not ended",      "o\n1\n" ROOT },
    { "empty extension line",     "o\n1\n" ROOT "\n\n" },
    { "empty line in extensions", "o\n1\n" ROOT "\na\n\nb\n" },
    { "extension not ended",      "o\n1\n" ROOT "\na" },
};

TEST(malformed_checkpoints_are_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Checkpoint c;
    FOR_EACH(bad, bad_checkpoints) {
        print_message("# %s\n", bad->name);
        CHECK_FAILS(checkpoint_read(str_of(bad->text), &mem, &c, &err), &err, ERR_INVALID);
    }
}

TEST(a_signed_checkpoint_is_read_back)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Rng rng = rng_seed(5);
    NoteKey key = key_of(ORIGIN, 4), other = key_of("other.example.org", 5);
    static const uint64_t sizes[] = { 0, 1, 10, 20852163, MERKLE_SIZE_MAX };
    FOR_EACH(size, sizes) {
        Checkpoint c = { .origin = ORIGIN,
                         .size = *size,
                         .extensions = *size == 10 ? STR("one\ntwo\n") : STR("") },
                   back;
        for (size_t i = 0; i < sizeof c.root.bytes; i++)
            c.root.bytes[i] = (uint8_t)rng_next(&rng);
        char *note, *text, *foreign;
        CHECK_OK(checkpoint_sign(&key, &c, &mem, &note, &err), &err);
        CHECK_OK(checkpoint_open(str_of(note), &key.verifier, 1, &mem, &back, &err), &err);
        CHECK_TEXT(back.origin, c.origin);
        CHECK_INT(back.size, c.size);
        CHECK(merkle_same(&back.root, &c.root));
        CHECK(str_eq(back.extensions, c.extensions));
        /* Another's signature says only that they saw it, not that the ledger made it. */
        CHECK_OK(checkpoint_text(&c, &mem, &text, &err), &err);
        foreign = signed_text(&other, text, &mem);
        CHECK_FAILS(checkpoint_open(str_of(foreign), &other.verifier, 1, &mem, &back, &err), &err,
                    ERR_DENIED);
        CHECK_FAILS(checkpoint_sign(&other, &c, &mem, &note, &err), &err, ERR_INVALID);
    }
}

TEST(a_checkpoint_that_could_not_be_read_back_is_not_written)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    char *text;
    const Checkpoint bad[] = {
        { .origin = "" },
        { .origin = "two\nlines" },
        { .origin = "o", .size = MERKLE_SIZE_MAX + 1 },
        { .origin = "o", .extensions = STR("not ended") },
        { .origin = "o", .extensions = STR("\n") },
        { .origin = "o", .extensions = STR("a\n\nb\n") },
    };
    FOR_EACH(c, bad)
        CHECK_FAILS(checkpoint_text(c, &mem, &text, &err), &err, ERR_INVALID);
}

TEST_MAIN(the_published_example_opens, a_note_opens_for_those_who_know_a_signer,
          a_note_with_any_byte_changed_is_refused, malformed_and_unknown_notes_are_refused, notes_are_bounded,
          bad_keys_and_texts_are_refused, malformed_checkpoints_are_refused, a_signed_checkpoint_is_read_back,
          a_checkpoint_that_could_not_be_read_back_is_not_written)
