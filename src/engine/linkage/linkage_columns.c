#include "engine/linkage/linkage_columns.h"
#include <assert.h>
#include <pthread.h>
#include <string.h>
#include "engine/linkage/linkage_values.h"

/* A dictionary: texts to codes by open addressing. A slot is 0 or the upper half of the hash beside the code,
 * so that a probe seldom touches a text; the topmost bits of the hash are the place, so that a wider table is
 * filled from one end to the other. Texts lie one after the other in blocks. */
typedef struct Dictionary {
    uint64_t  *slots;
    size_t     slot_count;
    unsigned   shift;           /* 32 less the bits of a place */
    LinkValue *values;
    size_t     count, cap;
    uint32_t  *tokens;
    size_t     token_count, token_cap;
    char      *texts;           /* what is left of the block being filled */
    size_t     text_room, text_block;
} Dictionary;

typedef struct Shares {       /* how often each code stands in one field, when counted */
    float *share;
    size_t count;
    double filled;
} Shares;

struct LinkColumns {
    Arena         *mem;
    pthread_mutex_t lock;                         /* of mem, while dictionaries grow side by side */
    LinkField      fields[LINK_FIELDS_MAX];
    size_t         field_count;
    LinkNicknames *nicknames;
    LinkLocate    *locate;
    const void    *ctx;
    Dictionary     dictionaries[LINK_FIELDS_MAX];
    size_t         group[LINK_FIELDS_MAX];        /* a field's dictionary */
    Shares         shares[LINK_FIELDS_MAX];
    uint32_t      *codes;                         /* LINK_FIELDS_MAX a row */
    uint8_t       *sources;
    size_t         rows, cap;
    size_t         expected;                      /* rows there may be in all; 0: nobody said */
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

static LinkWhere where_of(const LinkColumns *c, LinkKind kind, const LinkValue *v)
{
    Str text = { v->text, v->len };
    return c->locate && kind == LINK_POSTCODE ? c->locate(c->ctx, text) : (LinkWhere){ 0 };
}

LinkColumns *link_columns_new(Arena *mem, const LinkField *fields, size_t field_count,
                              LinkNicknames *nicknames, const void *ctx)
{
    assert(field_count <= LINK_FIELDS_MAX);
    LinkColumns *c = arena_new(mem, LinkColumns, 1);
    *c = (LinkColumns){ .mem = mem,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .field_count = field_count,
                        .nicknames = nicknames,
                        .ctx = ctx };
    for (size_t i = 0; i < field_count; i++) {
        c->fields[i] = (LinkField){ str_copy(mem, fields[i].name), fields[i].kind };
        assert(link_columns_field(c, fields[i].name) == i);
        c->group[i] = group_of(c, i);
    }
    return c;
}

void link_columns_locate(LinkColumns *c, LinkLocate *locate)
{
    c->locate = locate;
    for (size_t f = 0; f < c->field_count; f++)
        for (uint32_t code = 1; code < c->dictionaries[f].count; code++) {
            LinkValue *v = &c->dictionaries[f].values[code];
            v->where = where_of(c, c->fields[f].kind, v);
        }
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

enum { SLOTS_FIRST_BITS = 10, GROWTH_BITS = 2, AHEAD = 32, FORESEEN_FROM = 16 * 1024, ROWS_AT_ONCE = 8192 };
enum { TEXTS_FIRST = 4096, TEXTS_GROWTH_BITS = 4, TEXTS_MOST = 16 * 1024 * 1024 };

static void *columns_alloc(LinkColumns *c, size_t count, size_t size, size_t align)
{
    pthread_mutex_lock(&c->lock);
    void *at = arena_alloc(c->mem, count, size, align);
    pthread_mutex_unlock(&c->lock);
    return at;
}

/* Fourfold, or to what is foreseen: little is copied twice, and what is not filled in the end was never
 * touched. */
static void *columns_widen(LinkColumns *c, const void *items, size_t count, size_t *cap, size_t foreseen,
                           size_t size, size_t align)
{
    *cap = foreseen > *cap ? foreseen : *cap ? *cap << GROWTH_BITS : 16;
    void *wider = columns_alloc(c, *cap, size, align);
    if (count)
        memcpy(wider, items, count * size);
    return wider;
}

static size_t place_of(const Dictionary *d, uint64_t hash)
{
    return (size_t)(hash >> 32 >> d->shift);
}

/* Short texts are whole in the value's own cache line. */
static bool value_is(const LinkValue *v, Str value, uint64_t head)
{
    uint64_t its;
    memcpy(&its, v->head, sizeof its);
    return v->len == value.len && its == head &&
           (value.len <= sizeof head || memcmp(v->text, value.at, value.len) == 0);
}

static uint64_t head_of(Str value)
{
    uint64_t head = 0;
    if (value.len >= sizeof head)
        memcpy(&head, value.at, sizeof head);
    else
        for (size_t i = 0; i < value.len; i++)
            memcpy((char *)&head + i, value.at + i, 1);
    return head;
}

static size_t slot_for(const Dictionary *d, uint64_t hash, Str value, bool *found)
{
    uint64_t head = head_of(value);
    for (size_t at = place_of(d, hash);; at = (at + 1) & (d->slot_count - 1)) {
        uint64_t slot = d->slots[at];
        *found = slot && slot >> 32 == hash >> 32 && value_is(&d->values[slot & UINT32_MAX], value, head);
        if (!slot || *found)
            return at;
    }
}

static void slots_widen(LinkColumns *c, Dictionary *d)
{
    size_t    old_count = d->slot_count;
    uint64_t *old = d->slots;
    d->slot_count = old_count ? old_count << GROWTH_BITS : (size_t)1 << SLOTS_FIRST_BITS;
    d->shift = old_count ? d->shift - GROWTH_BITS : 32 - SLOTS_FIRST_BITS;
    d->slots = columns_alloc(c, d->slot_count, sizeof *d->slots, 64);
    for (size_t i = 0; i < old_count; i++) {
        if (!old[i])
            continue;
        size_t at = place_of(d, old[i]);
        while (d->slots[at])
            at = (at + 1) & (d->slot_count - 1);
        d->slots[at] = old[i];
    }
}

/* Of a big dictionary: if new values come as often as up to now until the last row. 0: not known. */
static size_t values_foreseen(const LinkColumns *c, const Dictionary *d)
{
    double rows = (double)(c->rows + ROWS_AT_ONCE);
    double most = (double)d->count * 1.1 * (double)c->expected / rows;
    return d->count < FORESEEN_FROM || most > UINT32_MAX ? 0 : (size_t)most;
}

/* Each value in a cache line of its own. */
static LinkValue *value_push(LinkColumns *c, Dictionary *d)
{
    if (d->count == d->cap)
        d->values = columns_widen(c, d->values, d->count, &d->cap, values_foreseen(c, d), sizeof *d->values,
                                  _Alignof(LinkValue));
    return &d->values[d->count++];
}

static const char *text_keep(LinkColumns *c, Dictionary *d, Str value)
{
    if (d->text_room <= value.len) {
        d->text_block = d->text_block >= TEXTS_MOST ? TEXTS_MOST
                        : d->text_block             ? d->text_block << TEXTS_GROWTH_BITS
                                                    : TEXTS_FIRST;
        d->text_room = d->text_block > value.len ? d->text_block : value.len + 1;
        d->texts = columns_alloc(c, d->text_room, 1, 1);
    }
    char *text = d->texts;
    memcpy(text, value.at, value.len);
    d->texts += value.len + 1;
    d->text_room -= value.len + 1;
    return text;
}

static void value_derive(LinkColumns *c, size_t field, Dictionary *d, LinkValue *v)
{
    uint32_t words[LINK_WORDS_MAX];
    size_t   n = link_value_derive(c->fields[field].kind, v, words);
    if (person_name(c->fields[field].kind) && c->nicknames)
        c->nicknames(c->ctx, (Str){ v->text, v->len }, v->part);
    v->where = where_of(c, c->fields[field].kind, v);
    v->tokens_at = (uint32_t)d->token_count;
    v->token_count = (uint16_t)n;
    while (d->token_cap - d->token_count < n)
        d->tokens = columns_widen(c, d->tokens, d->token_count, &d->token_cap, 0, sizeof *words,
                                  sizeof *words);
    memcpy(d->tokens + d->token_count, words, n * sizeof *words);
    d->token_count += n;
}

static void dictionary_begin(LinkColumns *c, Dictionary *d)
{
    slots_widen(c, d);
    LinkValue *blank = value_push(c, d);
    *blank = (LinkValue){ .text = "" };
}

static uint32_t code_of(LinkColumns *c, size_t field, Str value, uint64_t hash)
{
    Dictionary *d = &c->dictionaries[c->group[field]];
    if (d->count * 4 > d->slot_count * 3)
        slots_widen(c, d);
    bool   found;
    size_t at = slot_for(d, hash, value, &found);
    if (found)
        return (uint32_t)d->slots[at];
    uint32_t   code = (uint32_t)d->count;
    LinkValue *v = value_push(c, d);
    *v = (LinkValue){ .text = text_keep(c, d, value), .len = (uint32_t)value.len };
    value_derive(c, field, d, v);
    d->slots[at] = (hash >> 32 << 32) | code;
    return code;
}

uint32_t link_columns_code(LinkColumns *c, size_t field, Str value)
{
    Dictionary *d = &c->dictionaries[c->group[field]];
    if (!value.len)
        return LINK_BLANK;
    if (!d->count)
        dictionary_begin(c, d);
    return code_of(c, field, value, link_text_hash(value));
}

/* What each look-up will touch is asked for some look-ups ahead: first the slot, then the value it names. */
static void codes_of_some(LinkColumns *c, Dictionary *d, LinkAsk *asks, size_t count)
{
    uint64_t hashes[AHEAD];
    for (size_t i = 0; i < count; i++) {
        hashes[i] = link_text_hash(asks[i].value);
        __builtin_prefetch(&d->slots[place_of(d, hashes[i])]);
    }
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&d->values[d->slots[place_of(d, hashes[i])] & UINT32_MAX]);
    for (size_t i = 0; i < count; i++)
        asks[i].code = asks[i].value.len ? code_of(c, asks[i].field, asks[i].value, hashes[i]) : LINK_BLANK;
}

void link_columns_codes(LinkColumns *c, LinkAsk *asks, size_t count)
{
    Dictionary *d = count ? &c->dictionaries[c->group[asks[0].field]] : NULL;
    if (d && !d->count)
        dictionary_begin(c, d);
    for (size_t i = 0; i < count; i += AHEAD)
        codes_of_some(c, d, asks + i, count - i < AHEAD ? count - i : AHEAD);
}

size_t link_columns_group(const LinkColumns *c, size_t field)
{
    return c->group[field];
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

static void rows_widen(LinkColumns *c, size_t cap)
{
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

void link_columns_expect(LinkColumns *c, size_t rows)
{
    c->expected = rows;
    if (rows > c->cap)
        rows_widen(c, rows);
}

uint32_t link_columns_add(LinkColumns *c, const uint32_t *codes, uint8_t source)
{
    assert(c->rows < UINT32_MAX);
    if (c->rows == c->cap)
        rows_widen(c, c->cap ? c->cap * 2 : 64);
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

const LinkValue *link_columns_values_at(const LinkColumns *c, size_t field)
{
    return c->dictionaries[c->group[field]].values;
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

/* Some rows at a time, a field after the other, so that the rows come from memory once. */
static void count_rows(const LinkColumns *c, uint32_t *const *seen)
{
    enum { ROWS = 512 };
    for (size_t from = 0; from < c->rows; from += ROWS) {
        size_t to = c->rows - from < ROWS ? c->rows : from + ROWS;
        for (size_t f = 0; f < c->field_count; f++)
            for (size_t row = from; row < to; row++)
                seen[f][c->codes[row * LINK_FIELDS_MAX + f]]++;
    }
}

static void count_take(LinkColumns *c, size_t field, const uint32_t *seen)
{
    Shares *s = &c->shares[field];
    size_t  filled = c->rows - seen[LINK_BLANK];
    s->filled = c->rows ? (double)filled / (double)c->rows : 0;
    for (size_t i = 1; i < s->count; i++)
        s->share[i] = filled ? (float)seen[i] / (float)filled : 0;
}

void link_columns_count(LinkColumns *c)
{
    Arena     scratch = { 0 };
    uint32_t *seen[LINK_FIELDS_MAX];
    for (size_t f = 0; f < c->field_count; f++) {
        shares_room(c, f);
        seen[f] = arena_new(&scratch, uint32_t, c->shares[f].count + 1);
    }
    count_rows(c, seen);
    for (size_t f = 0; f < c->field_count; f++)
        if (c->shares[f].count)
            count_take(c, f, seen[f]);
    arena_done(&scratch);
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
