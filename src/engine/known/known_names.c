/* known_names.c: the texts of a set, each kept once. Few sources, grades and series cover millions of
 * entries. */
#include <stdlib.h>
#include "engine/known/known_build.h"

enum { SLOTS_FIRST = 1024 };

void names_begin(Names *names, uint64_t limit_bytes)
{
    *names =
        (Names){ .limit_bytes = limit_bytes, .text_mask = SLOTS_FIRST - 1, .label_mask = SLOTS_FIRST - 1 };
    names->text_slots = arena_new(&names->mem, uint32_t, SLOTS_FIRST);      /* number + 1; 0: free */
    names->label_slots = arena_new(&names->mem, uint32_t, SLOTS_FIRST);
    *arena_push(&names->mem, names->text, names->texts, names->text_cap) = "";
}

void names_done(Names *names) { arena_done(&names->mem); }

static uint64_t hash_step(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t hash_bytes(const void *at, size_t len)
{
    const uint8_t *p = at;
    uint64_t h = len, word = 0;
    for (; len >= sizeof word; len -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        h = hash_step(h, word);
    }
    for (word = 0; len > 0; len--)
        word = word << 8 | *p++;
    return hash_step(h, word);
}

static uint64_t hash_label(const KnownStoredLabel *l)
{
    return hash_bytes(l, offsetof(KnownStoredLabel, zero));
}

static void text_place(Names *names, uint32_t number)
{
    uint64_t h = hash_bytes(names->text[number], strlen(names->text[number]));
    while (names->text_slots[h & names->text_mask])
        h++;
    names->text_slots[h & names->text_mask] = number + 1;
}

static void label_place(Names *names, uint32_t number)
{
    uint64_t h = hash_label(&names->label[number]);
    while (names->label_slots[h & names->label_mask])
        h++;
    names->label_slots[h & names->label_mask] = number + 1;
}

bool names_text(Names *names, const char *text, uint32_t *number, Err *err)
{
    *number = 0;
    if (!text || !*text)
        return true;
    size_t len = strnlen(text, KNOWN_TEXT_MAX + 1);
    if (len > KNOWN_TEXT_MAX)
        return err_set(err, ERR_INVALID, "A text of the entry is longer than %d bytes.", KNOWN_TEXT_MAX);
    for (uint64_t h = hash_bytes(text, len), slot; (slot = names->text_slots[h & names->text_mask]); h++)
        if (strcmp(names->text[slot - 1], text) == 0) {
            *number = (uint32_t)slot - 1;
            return true;
        }
    names->text_bytes += len + 1;
    if (names->text_bytes > names->limit_bytes || names->text_bytes > UINT32_MAX)
        return err_set(err, ERR_LIMIT,
                       "The set has more different texts than this build may keep in memory.");
    *number = names->texts;
    *arena_push(&names->mem, names->text, names->texts, names->text_cap) = str_copy_n(&names->mem, text, len);
    if (names->texts > names->text_mask / 2) {
        names->text_mask = names->text_mask * 2 + 1;
        names->text_slots = arena_new(&names->mem, uint32_t, (size_t)names->text_mask + 1);
        for (uint32_t i = 1; i < names->texts; i++)
            text_place(names, i);
    } else {
        text_place(names, *number);
    }
    return true;
}

static bool is_text(const Names *names, uint32_t number, const char *text)
{
    const char *kept = names->text[number];
    text = text ? text : "";
    return *kept == *text && (!*kept || strcmp(kept + 1, text + 1) == 0);
}

/* The number before is tried first: most entries of a file share these texts. */
static bool text_near(Names *names, const char *text, uint32_t before, uint32_t *number, Err *err)
{
    *number = before;
    return is_text(names, before, text) || names_text(names, text, number, err);
}

/* A file's entries differ in grade at most, for the most part: the labels met last are kept by it, and
 * comparing four short texts beats hashing them. */
static uint32_t *recent_of(Names *names, const KnownEntry *e, uint32_t flags)
{
    uint32_t first = e->grade ? (uint8_t)e->grade[0] : 0;
    return &names->recent[(first ^ flags << 2) % NAMES_RECENT];
}

static bool is_label(const Names *names, uint32_t number, const KnownEntry *e, uint32_t flags)
{
    if (number >= names->labels)
        return false;
    const KnownStoredLabel *l = &names->label[number];
    return l->flags == flags && is_text(names, l->grade, e->grade) && is_text(names, l->source, e->source)
        && is_text(names, l->version, e->version) && is_text(names, l->scale, e->scale);
}

bool names_label(Names *names, const KnownEntry *e, uint32_t *number, Err *err)
{
    KnownStoredLabel l = { .flags = (e->trusted ? LABEL_TRUSTED : 0u) |
                                    (e->victim_identified ? LABEL_VICTIM : 0u) |
                                    (e->benign ? LABEL_BENIGN : 0u) | (e->negative ? LABEL_NEGATIVE : 0u) };
    uint32_t *recent = recent_of(names, e, l.flags);
    if (is_label(names, *recent, e, l.flags)) {
        *number = *recent;
        return true;
    }
    KnownStoredLabel before = {0};
    if (*recent < names->labels)
        before = names->label[*recent];
    if (!text_near(names, e->source, before.source, &l.source, err)
        || !text_near(names, e->version, before.version, &l.version, err)
        || !names_text(names, e->grade, &l.grade, err)
        || !text_near(names, e->scale, before.scale, &l.scale, err))
        return false;
    for (uint64_t h = hash_label(&l), slot; (slot = names->label_slots[h & names->label_mask]); h++)
        if (memcmp(&names->label[slot - 1], &l, offsetof(KnownStoredLabel, zero)) == 0) {
            *number = *recent = (uint32_t)slot - 1;
            return true;
        }
    if ((names->labels + UINT64_C(1)) * sizeof l > names->limit_bytes)
        return err_set(err, ERR_LIMIT,
                       "The set has more different labels than this build may keep in memory.");
    *number = *recent = names->labels;
    *arena_push(&names->mem, names->label, names->labels, names->label_cap) = l;
    if (names->labels > names->label_mask / 2) {
        names->label_mask = names->label_mask * 2 + 1;
        names->label_slots = arena_new(&names->mem, uint32_t, (size_t)names->label_mask + 1);
        for (uint32_t i = 0; i < names->labels; i++)
            label_place(names, i);
    } else {
        label_place(names, *number);
    }
    return true;
}

int names_compare_texts(const Names *names, uint32_t a, uint32_t b)
{
    return a == b ? 0 : strcmp(names->text[a], names->text[b]);
}

int names_compare_labels(const Names *names, uint32_t a, uint32_t b)
{
    const KnownStoredLabel *x = &names->label[a], *y = &names->label[b];
    int order = names_compare_texts(names, x->source, y->source);
    order = order ? order : names_compare_texts(names, x->version, y->version);
    order = order ? order : names_compare_texts(names, x->scale, y->scale);
    order = order ? order : names_compare_texts(names, x->grade, y->grade);
    return order ? order : (x->flags > y->flags) - (x->flags < y->flags);
}

static int by_text(const void *a, const void *b, void *names)
{
    return names_compare_texts(names, *(const uint32_t *)a, *(const uint32_t *)b);
}

static int by_label(const void *a, const void *b, void *names)
{
    return names_compare_labels(names, *(const uint32_t *)a, *(const uint32_t *)b);
}

static uint32_t *ordered(const Names *names, uint32_t n, __compar_d_fn_t compare, Arena *mem, uint32_t **rank)
{
    uint32_t *order = arena_new(mem, uint32_t, n + 1);
    *rank = arena_new(mem, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, compare, (void *)(uintptr_t)names);
    for (uint32_t i = 0; i < n; i++)
        (*rank)[order[i]] = i;
    return order;
}

NamesOrder names_order(const Names *names, Arena *mem)
{
    NamesOrder o;
    o.text_order = ordered(names, names->texts, by_text, mem, &o.text_rank);
    o.label_order = ordered(names, names->labels, by_label, mem, &o.label_rank);
    return o;
}
