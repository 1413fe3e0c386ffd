#include "engine/linkage/linkage_columns.h"
#include <assert.h>
#include <string.h>
#include "engine/linkage/linkage_values.h"

/* A dictionary: texts to codes by open addressing. Slots hold the upper half of the hash beside the code, so
 * that a probe seldom touches a text. */
typedef struct Dictionary {
    uint64_t  *slots;
    size_t     slot_count;
    LinkValue *values;
    size_t     count, cap;
    uint32_t  *tokens;
    size_t     token_count, token_cap;
} Dictionary;

typedef struct Shares {       /* how often each code stands in one field, when counted */
    float *share;
    size_t count;
    double filled;
} Shares;

struct LinkColumns {
    Arena         *mem;
    LinkField      fields[LINK_FIELDS_MAX];
    size_t         field_count;
    LinkNicknames *nicknames;
    const void    *ctx;
    Dictionary     dictionaries[LINK_FIELDS_MAX];
    size_t         group[LINK_FIELDS_MAX];        /* a field's dictionary */
    Shares         shares[LINK_FIELDS_MAX];
    uint32_t      *codes;                         /* LINK_FIELDS_MAX a row */
    uint8_t       *sources;
    size_t         rows, cap;
};

static bool person_name(LinkKind kind)
{
    return kind == LINK_GIVEN || kind == LINK_FAMILY;
}

static size_t group_of(const LinkColumns *c, size_t field)
{
    for (size_t i = 0; i < field; i++)
        if (person_name(c->fields[i].kind) && person_name(c->fields[field].kind))
            return c->group[i];
    return field;
}

LinkColumns *link_columns_new(Arena *mem, const LinkField *fields, size_t field_count,
                              LinkNicknames *nicknames, const void *ctx)
{
    assert(field_count <= LINK_FIELDS_MAX);
    LinkColumns *c = arena_new(mem, LinkColumns, 1);
    *c = (LinkColumns){ .mem = mem, .field_count = field_count, .nicknames = nicknames, .ctx = ctx };
    for (size_t i = 0; i < field_count; i++) {
        c->fields[i] = (LinkField){ str_copy(mem, fields[i].name), fields[i].kind };
        assert(link_columns_field(c, fields[i].name) == i);
        c->group[i] = group_of(c, i);
    }
    return c;
}

size_t link_columns_fields(const LinkColumns *c, const LinkField **fields)
{
    *fields = c->fields;
    return c->field_count;
}

size_t link_columns_field(const LinkColumns *c, const char *name)
{
    for (size_t i = 0; i < c->field_count; i++)
        if (c->fields[i].name && str_same(c->fields[i].name, name))
            return i;
    return SIZE_MAX;
}

size_t link_columns_rows(const LinkColumns *c)
{
    return c->rows;
}

/* ---- dictionaries */

static size_t slot_for(const Dictionary *d, uint64_t hash, Str value, bool *found)
{
    size_t mask = d->slot_count - 1;
    for (size_t at = (size_t)hash & mask;; at = (at + 1) & mask) {
        uint64_t slot = d->slots[at];
        *found = false;
        if (!slot)
            return at;
        const LinkValue *v = &d->values[slot & UINT32_MAX];
        if (slot >> 32 == hash >> 32 && v->len == value.len && memcmp(v->text, value.at, value.len) == 0) {
            *found = true;
            return at;
        }
    }
}

static void dictionary_widen(Dictionary *d, Arena *mem)
{
    size_t    old_count = d->slot_count;
    uint64_t *old = d->slots;
    d->slot_count = old_count ? old_count * 4 : 1024;
    d->slots = arena_new(mem, uint64_t, d->slot_count);
    for (size_t i = 0; i < old_count; i++) {
        if (!old[i])
            continue;
        const LinkValue *v = &d->values[old[i] & UINT32_MAX];
        size_t mask = d->slot_count - 1, at = (size_t)link_text_hash((Str){ v->text, v->len }) & mask;
        while (d->slots[at])
            at = (at + 1) & mask;
        d->slots[at] = old[i];
    }
}

/* As arena_push, but each value in a cache line of its own. */
static LinkValue *value_push(Dictionary *d, Arena *mem)
{
    if (d->count == d->cap) {
        size_t     cap = d->cap ? d->cap * 2 : 16;
        LinkValue *wider = arena_alloc(mem, cap, sizeof *wider, _Alignof(LinkValue));
        if (d->count)
            memcpy(wider, d->values, d->count * sizeof *wider);
        d->values = wider;
        d->cap = cap;
    }
    return &d->values[d->count++];
}

static void value_derive(LinkColumns *c, size_t field, Dictionary *d, LinkValue *v)
{
    uint32_t words[LINK_WORDS_MAX];
    size_t   n = link_value_derive(c->fields[field].kind, v, words);
    if (person_name(c->fields[field].kind) && c->nicknames)
        c->nicknames(c->ctx, (Str){ v->text, v->len }, v->part);
    v->tokens_at = (uint32_t)d->token_count;
    v->token_count = (uint16_t)n;
    for (size_t i = 0; i < n; i++) {
        uint32_t *token = arena_push(c->mem, d->tokens, d->token_count, d->token_cap);
        *token = words[i];
    }
}

static void dictionary_begin(LinkColumns *c, Dictionary *d)
{
    dictionary_widen(d, c->mem);
    LinkValue *blank = value_push(d, c->mem);
    *blank = (LinkValue){ .text = "" };
}

uint32_t link_columns_code(LinkColumns *c, size_t field, Str value)
{
    Dictionary *d = &c->dictionaries[c->group[field]];
    if (!value.len)
        return LINK_BLANK;
    if (!d->count)
        dictionary_begin(c, d);
    if (d->count * 2 > d->slot_count)
        dictionary_widen(d, c->mem);
    bool     found;
    uint64_t hash = link_text_hash(value);
    size_t   at = slot_for(d, hash, value, &found);
    if (found)
        return (uint32_t)d->slots[at];
    uint32_t   code = (uint32_t)d->count;
    LinkValue *v = value_push(d, c->mem);
    *v = (LinkValue){ .text = str_from(c->mem, value), .len = (uint32_t)value.len };
    value_derive(c, field, d, v);
    d->slots[at] = (hash >> 32 << 32) | code;
    return code;
}

uint32_t link_columns_known(const LinkColumns *c, size_t field, Str value)
{
    const Dictionary *d = &c->dictionaries[c->group[field]];
    if (!value.len || !d->count)
        return LINK_BLANK;
    bool   found;
    size_t at = slot_for(d, link_text_hash(value), value, &found);
    return found ? (uint32_t)d->slots[at] : LINK_BLANK;
}

/* ---- rows */

static void rows_widen(LinkColumns *c)
{
    size_t    cap = c->cap ? c->cap * 2 : 64;
    uint32_t *codes = arena_alloc(c->mem, cap * LINK_FIELDS_MAX, sizeof *codes, 64);
    uint8_t  *sources = arena_new(c->mem, uint8_t, cap);
    if (c->rows) {
        memcpy(codes, c->codes, c->rows * LINK_FIELDS_MAX * sizeof *codes);
        memcpy(sources, c->sources, c->rows);
    }
    c->codes = codes;
    c->sources = sources;
    c->cap = cap;
}

uint32_t link_columns_add(LinkColumns *c, const uint32_t *codes, uint8_t source)
{
    assert(c->rows < UINT32_MAX);
    if (c->rows == c->cap)
        rows_widen(c);
    uint32_t row = (uint32_t)c->rows++;
    c->sources[row] = source;
    link_columns_replace(c, row, codes);
    return row;
}

void link_columns_replace(LinkColumns *c, uint32_t row, const uint32_t *codes)
{
    assert(row < c->rows);
    memcpy(c->codes + (size_t)row * LINK_FIELDS_MAX, codes, c->field_count * sizeof *codes);
}

const uint32_t *link_columns_row(const LinkColumns *c, uint32_t row)
{
    return c->codes + (size_t)row * LINK_FIELDS_MAX;
}

const uint8_t *link_columns_sources(const LinkColumns *c)
{
    return c->sources;
}

Str link_columns_text(const LinkColumns *c, size_t field, uint32_t row)
{
    uint32_t code = link_columns_row(c, row)[field];
    if (code == LINK_BLANK)
        return (Str){ "", 0 };
    const LinkValue *v = link_columns_value(c, field, code);
    return (Str){ v->text, v->len };
}

const LinkValue *link_columns_value(const LinkColumns *c, size_t field, uint32_t code)
{
    return &c->dictionaries[c->group[field]].values[code];
}

size_t link_columns_values(const LinkColumns *c, size_t field)
{
    return c->dictionaries[c->group[field]].count;
}

const uint32_t *link_columns_tokens(const LinkColumns *c, size_t field, const LinkValue *v)
{
    return c->dictionaries[c->group[field]].tokens + v->tokens_at;
}

/* ---- shares */

static void shares_room(LinkColumns *c, size_t field)
{
    Shares *s = &c->shares[field];
    size_t  need = link_columns_values(c, field);
    if (s->count >= need)
        return;
    float *share = arena_new(c->mem, float, need + need / 4 + 1);
    if (s->count)
        memcpy(share, s->share, s->count * sizeof *share);
    s->share = share;
    s->count = need;
}

static void count_field(LinkColumns *c, size_t field)
{
    Shares *s = &c->shares[field];
    shares_room(c, field);
    if (!s->count)
        return;
    Arena     scratch = { 0 };
    uint32_t *seen = arena_new(&scratch, uint32_t, s->count);
    for (size_t row = 0; row < c->rows; row++)
        seen[c->codes[row * LINK_FIELDS_MAX + field]]++;
    size_t filled = c->rows - seen[LINK_BLANK];
    s->filled = c->rows ? (double)filled / (double)c->rows : 0;
    for (size_t i = 1; i < s->count; i++)
        s->share[i] = filled ? (float)seen[i] / (float)filled : 0;
    arena_done(&scratch);
}

void link_columns_count(LinkColumns *c)
{
    for (size_t f = 0; f < c->field_count; f++)
        count_field(c, f);
}

double link_columns_share(const LinkColumns *c, size_t field, uint32_t code)
{
    const Shares *s = &c->shares[field];
    return code < s->count ? (double)s->share[code] : 0;
}

double link_columns_filled(const LinkColumns *c, size_t field)
{
    return c->shares[field].filled;
}

void link_columns_set_share(LinkColumns *c, size_t field, Str value, double share)
{
    uint32_t code = link_columns_code(c, field, value);
    shares_room(c, field);
    if (code != LINK_BLANK)
        c->shares[field].share[code] = (float)share;
}
