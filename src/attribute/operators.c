/* operators.c: which network an address belonged to, by a table of ranges with its date.
 *
 * Ranges are kept sorted by their start; the one that begins last at or before the address holds it, or none
 * does. Names are kept once. Addresses that are nobody's on the public internet are answered "none" whatever
 * a table says: a source that states one has written down an address inside its own network. */
#include <arpa/inet.h>
#include <maxminddb.h>
#include <string.h>
#include <stdlib.h>
#include "attribute/attribute.h"
#include "base/csv.h"
#include "base/source.h"

enum { RANGES_MAX = 8 * 1000 * 1000 };

typedef struct Range4 { uint32_t start, end, asn, name; } Range4;
typedef struct Range6 { uint8_t start[16], end[16]; uint32_t asn, name; } Range6;
typedef struct Names {
    const char **at;                    /* at[0] is "" */
    size_t       count, cap;
    uint32_t    *slots;                 /* open addressing by hash; 0 is free */
    size_t       slot_count;
} Names;

struct Operators {
    Arena       mem;
    Range4     *v4;
    Range6     *v6;
    size_t      v4_count, v4_cap, v6_count, v6_cap;
    Names       names;
    const char *as_of;
    MMDB_s      mmdb;
    bool        has_mmdb;
};

static uint64_t hash_of(Str s)
{
    uint64_t h = UINT64_C(14695981039346656037);       /* FNV-1a */
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (uint8_t)s.at[i]) * UINT64_C(1099511628211);
    return h ^ (h >> 29);
}

static size_t name_slot(const Names *n, Str s)
{
    size_t slot = hash_of(s) & (n->slot_count - 1);
    while (n->slots[slot] && !str_eq(str_of(n->at[n->slots[slot]]), s))
        slot = (slot + 1) & (n->slot_count - 1);
    return slot;
}

static void names_grow(Operators *o)
{
    Names *n = &o->names;
    n->slot_count = n->slot_count ? n->slot_count * 2 : 4096;
    n->slots = arena_new(&o->mem, uint32_t, n->slot_count);
    if (n->count == 0)
        *arena_push(&o->mem, n->at, n->count, n->cap) = "";
    for (size_t i = 1; i < n->count; i++)
        n->slots[name_slot(n, str_of(n->at[i]))] = (uint32_t)i;
}

static uint32_t name_of(Operators *o, Str s)
{
    Names *n = &o->names;
    if (n->count * 2 >= n->slot_count)
        names_grow(o);
    size_t slot = name_slot(n, s);
    if (!n->slots[slot]) {
        n->slots[slot] = (uint32_t)n->count;
        *arena_push(&o->mem, n->at, n->count, n->cap) = utf8_clean(&o->mem, s);
    }
    return n->slots[slot];
}

static bool address_text(Str s, int family, void *out)
{
    char text[INET6_ADDRSTRLEN];
    if (s.len == 0 || s.len >= sizeof text || memchr(s.at, 0, s.len))
        return false;
    memcpy(text, s.at, s.len);
    text[s.len] = 0;
    return inet_pton(family, text, out) == 1;
}

/* "16777216" or "1.0.0.0". */
static bool read_v4(Str s, uint32_t *out)
{
    int64_t number = 0;
    struct in_addr dotted;
    if (str_int(s, 0, UINT32_MAX, &number)) {
        *out = (uint32_t)number;
        return true;
    }
    if (!address_text(s, AF_INET, &dotted))
        return false;
    *out = ntohl(dotted.s_addr);
    return true;
}

static bool row_v4(Operators *o, const CsvRow *row, uint32_t asn)
{
    Range4 r = { .asn = asn };
    if (!read_v4(row->fields[0], &r.start) || !read_v4(row->fields[1], &r.end) || r.end < r.start)
        return false;
    r.name = name_of(o, row->fields[3]);
    *arena_push(&o->mem, o->v4, o->v4_count, o->v4_cap) = r;
    return true;
}

static bool row_v6(Operators *o, const CsvRow *row, uint32_t asn)
{
    Range6 r = { .asn = asn };
    if (!address_text(row->fields[0], AF_INET6, r.start) || !address_text(row->fields[1], AF_INET6, r.end)
        || memcmp(r.end, r.start, 16) < 0)
        return false;
    r.name = name_of(o, row->fields[3]);
    *arena_push(&o->mem, o->v6, o->v6_count, o->v6_cap) = r;
    return true;
}

typedef bool RowRead(Operators *o, const CsvRow *row, uint32_t asn);

static bool row_read(Operators *o, const CsvRow *row, RowRead *read, Err *err)
{
    int64_t asn = 0;
    if (row->count != 4 || !str_int(row->fields[2], 0, UINT32_MAX, &asn) || !read(o, row, (uint32_t)asn))
        return err_set(err, ERR_INVALID, "Line %zu is not a range: start, end, AS number, name.", row->line);
    if (o->v4_count + o->v6_count > RANGES_MAX)
        return err_set(err, ERR_LIMIT, "A table of more than %d ranges is not read.", RANGES_MAX);
    return true;
}

static bool rows_read(Operators *o, Source *src, RowRead *read, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Csv *csv = csv_new(&mem, src, ',');
    for (;;) {
        CsvRow row;
        bool end = false;
        if (!csv_next(csv, &row, &end, err))
            return false;
        if (end)
            return true;
        bool heading = row.line == 1 && str_eq(row.fields[0], STR("start"));
        if (!heading && !row_read(o, &row, read, err))
            return false;
    }
}

static int by_start4(const void *a, const void *b)
{
    uint32_t x = ((const Range4 *)a)->start, y = ((const Range4 *)b)->start;
    return (x > y) - (x < y);
}

static int by_start6(const void *a, const void *b) { return memcmp(a, b, 16); }

static void ranges_sort(void *at, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    const uint8_t *bytes = at;
    for (size_t i = 1; i < count; i++)
        if (compare(bytes + (i - 1) * size, bytes + i * size) > 0) {
            qsort(at, count, size, compare); /* published tables are sorted: this is for a hand-made one */
            return;
        }
}

static bool table_read(Operators *o, Source *src, RowRead *read, Err *err)
{
    if (!rows_read(o, src, read, err))
        return err_while(err, "reading the table of network operators");
    ranges_sort(o->v4, o->v4_count, sizeof *o->v4, by_start4);
    ranges_sort(o->v6, o->v6_count, sizeof *o->v6, by_start6);
    return true;
}

static bool table_open(Operators *o, const char *path, RowRead *read, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Source *src = NULL;
    if (!source_open(&mem, path, 0, &src, err))
        return false;
    bool good = table_read(o, src, read, err);
    source_close(src);
    return good;
}

static bool mmdb_open(Operators *o, const char *path, Err *err)
{
    int status = MMDB_open(path, MMDB_MODE_MMAP, &o->mmdb);
    if (status != MMDB_SUCCESS)
        return err_set(err, ERR_INVALID, "The operator database cannot be read.");
    o->has_mmdb = true;
    if (!o->as_of[0] && o->mmdb.metadata.build_epoch < INT64_MAX / US_PER_SECOND)
        o->as_of = date_iso(&o->mem, instant_date_utc((Instant)o->mmdb.metadata.build_epoch * US_PER_SECOND));
    return true;
}

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n >= m && str_same(path + n - m, end);
}

static Operators *operators_new(const char *as_of)
{
    Arena mem = {0};
    Operators *o = arena_new(&mem, Operators, 1);
    o->mem = mem;
    o->as_of = str_copy(&o->mem, as_of ? as_of : "");
    names_grow(o);
    return o;
}

bool operators_load(const char *path_v4, const char *path_v6, const char *as_of, Operators **out, Err *err)
{
    Operators *o = operators_new(as_of);
    bool good = true;
    if (path_v4)
        good = ends_with(path_v4, ".mmdb") ? mmdb_open(o, path_v4, err) : table_open(o, path_v4, row_v4, err);
    if (good && path_v6)
        good = table_open(o, path_v6, row_v6, err);
    if (!good) {
        operators_close(o);
        return err_while(err, "loading network operators");
    }
    *out = o;
    return true;
}

bool operators_read(Str csv_v4, Str csv_v6, const char *as_of, Operators **out, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Operators *o = operators_new(as_of);
    if (!table_read(o, source_memory(&mem, csv_v4), row_v4, err)
        || !table_read(o, source_memory(&mem, csv_v6), row_v6, err)) {
        operators_close(o);
        return false;
    }
    *out = o;
    return true;
}

void operators_close(Operators *o)
{
    if (!o)
        return;
    if (o->has_mmdb)
        MMDB_close(&o->mmdb);
    Arena mem = o->mem;                     /* the table itself lives in it */
    arena_done(&mem);
}

bool operators_empty(const Operators *o) { return !o->has_mmdb && o->v4_count + o->v6_count == 0; }

/* Inside networks only, or to many at once. Documentation ranges are left to the table, for exercises. */
static const struct { uint32_t net; int bits;
} inside_v4[] = {
    { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 }, { 0xa9fe0000, 16 },
    { 0xac100000, 12 }, { 0xc0a80000, 16 }, { 0xc6120000, 15 }, { 0xe0000000, 3 },
};
static const struct { uint8_t first, second, mask_first, mask_second;
} inside_v6[] = {
    { 0x00, 0x00, 0xff, 0xff },
    { 0xfc, 0x00, 0xfe, 0x00 },
    { 0xfe, 0x80, 0xff, 0xc0 },
    { 0xff, 0x00, 0xff, 0x00 },
};

static bool is_inside_v4(uint32_t address)
{
    FOR_EACH(i, inside_v4)
        if (((address ^ i->net) >> (32 - i->bits)) == 0)
            return true;
    return false;
}

static bool is_inside_v6(const uint8_t address[16])
{
    FOR_EACH(i, inside_v6)
        if ((address[0] & i->mask_first) == i->first && (address[1] & i->mask_second) == i->second)
            return true;
    return false;
}

static bool find_v4(const Operators *o, uint32_t address, OperatorHit *out)
{
    size_t low = 0, high = o->v4_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (o->v4[mid].start <= address)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0 || o->v4[low - 1].end < address)
        return false;
    *out = (OperatorHit){ true, o->v4[low - 1].asn, o->names.at[o->v4[low - 1].name], o->as_of };
    return true;
}

static bool find_v6(const Operators *o, const uint8_t address[16], OperatorHit *out)
{
    size_t low = 0, high = o->v6_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(o->v6[mid].start, address, 16) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0 || memcmp(o->v6[low - 1].end, address, 16) < 0)
        return false;
    *out = (OperatorHit){ true, o->v6[low - 1].asn, o->names.at[o->v6[low - 1].name], o->as_of };
    return true;
}

static bool find_mmdb(const Operators *o, Arena *mem, const char *address, OperatorHit *out, Err *err)
{
    int gai = 0, status = MMDB_SUCCESS;
    MMDB_lookup_result_s hit = MMDB_lookup_string(&o->mmdb, address, &gai, &status);
    MMDB_entry_data_s number, name;
    if (gai == 0 && status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
        return true;
    if (gai != 0 || status != MMDB_SUCCESS)
        return err_set(err, ERR_INVALID, "The operator database is damaged, or the address is.");
    if (!hit.found_entry)
        return true;
    if (MMDB_get_value(&hit.entry, &number, "autonomous_system_number", NULL) != MMDB_SUCCESS ||
        !number.has_data || number.type != MMDB_DATA_TYPE_UINT32)
        return true;
    bool named = MMDB_get_value(&hit.entry, &name, "autonomous_system_organization", NULL) == MMDB_SUCCESS
              && name.has_data && name.type == MMDB_DATA_TYPE_UTF8_STRING;
    Str said = named ? (Str){ name.utf8_string, name.data_size } : STR("");
    *out = (OperatorHit){ true, number.uint32, utf8_clean(mem, said), o->as_of };
    return true;
}

bool operators_find(const Operators *o, Arena *mem, const char *address, OperatorHit *out, Err *err)
{
    struct in_addr v4;
    uint8_t v6[16];
    *out = (OperatorHit){0};
    bool is_v4 = inet_pton(AF_INET, address, &v4) == 1;
    if (!is_v4 && inet_pton(AF_INET6, address, v6) != 1)
        return err_set(err, ERR_INVALID, "That is not an internet address.");
    if (is_v4 ? is_inside_v4(ntohl(v4.s_addr)) : is_inside_v6(v6))
        return true;
    OperatorHit hit = {0};
    if (is_v4 ? find_v4(o, ntohl(v4.s_addr), &hit) : find_v6(o, v6, &hit)) {
        *out = hit;
        return true;
    }
    return !o->has_mmdb || find_mmdb(o, mem, address, out, err);
}
