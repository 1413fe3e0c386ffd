/* fuzz_note.c: any bytes as a signed note, a checkpoint, a verifier key and a frontier. */
#include <assert.h>
#include <string.h>
#include "engine/digest/merkle.h"
#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_note(Str all, const NoteVerifier *known, Arena *mem)
{
    Err err = {0};
    Note note;
    Checkpoint c;
    char *more;
    if (note_open(all, known, 1, &note, &err))
        assert(note.signer_count == 1 && note.text.len > 0 && note.text.at[note.text.len - 1] == '\n');
    (void)!checkpoint_open(all, known, 1, mem, &c, &err);
    NoteKey key;
    static const uint8_t seed[32] = { 1 };
    assert(note_key_new("fuzz.example.org", seed, &key, &err));
    /* Whatever is well formed enough to be signed again must then open for the new signer, unless it holds a
     * forged signature in that very name. */
    if (note_cosign(&key, all, mem, &more, &err) && !memmem(all.at, all.len, "fuzz.example.org", 16))
        assert(note_open(str_of(more), &key.verifier, 1, &note, &err));
}

static void read_checkpoint(Str all, Arena *mem)
{
    Err err = {0};
    Checkpoint c;
    char *text;
    if (!checkpoint_read(all, mem, &c, &err))
        return;
    assert(checkpoint_text(&c, mem, &text, &err));
    assert(str_eq(str_of(text), all));             /* one checkpoint, one spelling */
}

static void read_frontier(const uint8_t *data, size_t size)
{
    MerkleFrontier f;
    uint8_t bytes[MERKLE_FRONTIER_BYTES];
    if (!merkle_frontier_read(&f, data, size))
        return;
    assert(merkle_frontier_write(&f, bytes) == size && memcmp(bytes, data, size) == 0);
    (void)merkle_frontier_root(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    NoteVerifier known, read;
    Str all = { (const char *)data, size };
    assert(note_verifier_read(STR("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                              &known, &err));
    if (note_verifier_read(all, &read, &err))
        assert(note_verifier_read(str_of(note_verifier_text(&read, &mem)), &read, &err));
    open_note(all, &known, &mem);
    read_checkpoint(all, &mem);
    read_frontier(data, size);
    return 0;
}
