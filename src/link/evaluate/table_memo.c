/* table_memo.c: a table of texts by open addressing, as linkage_columns.c has one of values.
 *
 * Texts are compared byte for byte: who wrote the file may have made two texts of one hash. */
#include <string.h>
#include "engine/linkage/linkage_values.h"
#include "link/evaluate/table_inside.h"

enum { SLOTS_FIRST_BITS = 10, GROWTH_BITS = 2, TEXTS_FIRST = 16 * 1024, TEXTS_MOST = 16 * 1024 * 1024 };
enum { JUDGED_AT = 64 * 1024 };

uint64_t memo_hash(Str text)
{
    return link_text_hash(text);
}

static size_t place_of(const Memo *memo, uint64_t hash)
{
    return (size_t)(hash >> 32 >> memo->shift);
}

void memo_ask_slot(const Memo *memo, uint64_t hash)
{
    if (memo->slot_count)
        __builtin_prefetch(&memo->slots[place_of(memo, hash)]);
}

static const MemoEntry *entry_guess(const Memo *memo, uint64_t hash)
{
    uint64_t slot = memo->slot_count ? memo->slots[place_of(memo, hash)] : 0;
    return slot && slot >> 32 == hash >> 32 ? &memo->entries[(slot & UINT32_MAX) - 1] : NULL;
}

void memo_ask_entry(const Memo *memo, uint64_t hash)
{
    const MemoEntry *e = entry_guess(memo, hash);
    if (e)
        __builtin_prefetch(e);
}

void memo_ask_text(const Memo *memo, uint64_t hash)
{
    const MemoEntry *e = entry_guess(memo, hash);
    if (e)
        __builtin_prefetch(e->at);
}

static void slots_widen(Memo *memo)
{
    size_t    old_count = memo->slot_count;
    uint64_t *old = memo->slots;
    memo->slot_count = old_count ? old_count * 2 : (size_t)1 << SLOTS_FIRST_BITS;
    memo->shift = old_count ? memo->shift - 1 : 32 - SLOTS_FIRST_BITS;
    memo->slots = arena_new(&memo->mem, uint64_t, memo->slot_count);
    for (size_t i = 0; i < old_count; i++) {
        if (!old[i])
            continue;
        size_t at = place_of(memo, old[i]);
        while (memo->slots[at])
            at = (at + 1) & (memo->slot_count - 1);
        memo->slots[at] = old[i];
    }
}

static void entries_widen(Memo *memo)
{
    size_t     cap = memo->cap ? memo->cap << GROWTH_BITS : 256;
    MemoEntry *wider = arena_new(&memo->mem, MemoEntry, cap);
    if (memo->count)
        memcpy(wider, memo->entries, memo->count * sizeof *wider);
    memo->entries = wider;
    memo->cap = cap;
}

static const char *text_keep(Memo *memo, Str text)
{
    if (memo->text_room < text.len) {
        memo->text_block = memo->text_block >= TEXTS_MOST ? TEXTS_MOST
                           : memo->text_block             ? memo->text_block << GROWTH_BITS
                                                          : TEXTS_FIRST;
        memo->text_room = memo->text_block > text.len ? memo->text_block : text.len;
        memo->texts = arena_new(&memo->mem, char, memo->text_room);
    }
    char *at = memo->texts;
    memcpy(at, text.at, text.len);
    memo->texts += text.len;
    memo->text_room -= text.len;
    return at;
}

uint32_t memo_find(Memo *memo, Str text, uint64_t hash, bool *is_new)
{
    if (memo->count * 2 >= memo->slot_count)
        slots_widen(memo);
    size_t at = place_of(memo, hash);
    for (uint64_t slot; (slot = memo->slots[at]); at = (at + 1) & (memo->slot_count - 1)) {
        const MemoEntry *e = &memo->entries[(slot & UINT32_MAX) - 1];
        if (slot >> 32 == hash >> 32 && e->len == text.len && memcmp(e->at, text.at, text.len) == 0) {
            *is_new = false;
            return (uint32_t)(slot & UINT32_MAX) - 1;
        }
    }
    if (memo->count == memo->cap)
        entries_widen(memo);
    uint32_t number = (uint32_t)memo->count++;
    memo->entries[number] = (MemoEntry){ text_keep(memo, text), (uint32_t)text.len, 0 };
    memo->slots[at] = (hash >> 32 << 32) | (number + 1);
    *is_new = true;
    return number;
}

void memo_done(Memo *memo)
{
    arena_done(&memo->mem);
    *memo = (Memo){ .idle = memo->idle };
}

bool memo_pays(Memo *memo, size_t looked_up)
{
    memo->looked_up += looked_up;
    if (!memo->idle && memo->looked_up >= JUDGED_AT && memo->looked_up < 2 * JUDGED_AT &&
        memo->count * 2 > memo->looked_up) {
        memo->idle = true;
        memo_done(memo);
    }
    return !memo->idle;
}
