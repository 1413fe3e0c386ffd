/* person_rules.c: the tables of data/names/ and data/places/, read once and searched by halves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/csv.h"
#include "base/embedded.h"
#include "engine/linkage/linkage_where.h"
#include "link/person/person_inside.h"

typedef struct Word { WordKind kind; const char *word, *means; } Word;
typedef struct Placeholder { PersonKind kind; const char *value; } Placeholder;     /* PERSON_NONE: any */
typedef struct Nickname { const char *name; uint32_t group; bool head; } Nickname;
typedef struct Place { uint64_t outcode; LinkWhere where; } Place;      /* place_key */
typedef struct Common { size_t at_least, names; const char *why; } Common;

/* What first letters and lengths the words of each kind have, one bit a kind: most texts are told not to be
 * listed without searching. */
enum { SHAPE_SIZE = 32 };
typedef struct Shapes { uint32_t kinds[SHAPE_SIZE][SHAPE_SIZE]; } Shapes;

struct PersonRules {
    Word         *words;
    Placeholder  *placeholders;
    Nickname     *nicknames;
    MailProvider *mail;
    size_t        word_count, placeholder_count, nickname_count, mail_count, place_count;
    size_t        word_cap, placeholder_cap, nickname_cap, mail_cap, place_cap;
    Place        *places;
    Common        common[PERSON_KIND__COUNT];
    Shapes        word_shapes, placeholder_shapes, mail_shapes;
};

const PersonKindRow person_kinds[PERSON_KIND__COUNT] = {
    /* kind                                          words                 shared */
    [PERSON_GIVEN]       = { PERSON_GIVEN,       "given",       "given name",         false },
    [PERSON_FAMILY]      = { PERSON_FAMILY,      "family",      "family name",        false },
    [PERSON_NAME]        = { PERSON_NAME,        "name",        "name",               false },
    [PERSON_BIRTH_DATE]  = { PERSON_BIRTH_DATE,  "birth_date",  "date of birth",      false },
    [PERSON_BIRTH_YEAR]  = { PERSON_BIRTH_YEAR,  "birth_year",  "year of birth",      false },
    [PERSON_BIRTH_MONTH] = { PERSON_BIRTH_MONTH, "birth_month", "month of birth",     false },
    [PERSON_BIRTH_DAY]   = { PERSON_BIRTH_DAY,   "birth_day",   "day of birth",       false },
    [PERSON_BIRTH_PLACE] = { PERSON_BIRTH_PLACE, "birth_place", "place of birth",     false },
    [PERSON_AGE]         = { PERSON_AGE,         "age",         "age",                false },
    [PERSON_SEX]         = { PERSON_SEX,         "sex",         "sex",                false },
    [PERSON_CITY]        = { PERSON_CITY,        "city",        "town",               false },
    [PERSON_REGION]      = { PERSON_REGION,      "region",      "county",             false },
    [PERSON_POSTCODE]    = { PERSON_POSTCODE,    "postcode",    "postcode",           false },
    [PERSON_ADDRESS]     = { PERSON_ADDRESS,     "address",     "address",            true },
    [PERSON_HOUSE_NUMBER] = { PERSON_HOUSE_NUMBER, "house_number", "house number",    false },
    [PERSON_EMAIL]       = { PERSON_EMAIL,       "email",       "e-mail address",     true },
    [PERSON_PHONE]       = { PERSON_PHONE,       "phone",       "telephone number",   true },
    [PERSON_ACCOUNT]     = { PERSON_ACCOUNT,     "account",     "account",            true },
    [PERSON_USERNAME]    = { PERSON_USERNAME,    "username",    "user name",          true },
    [PERSON_DEVICE]      = { PERSON_DEVICE,      "device",      "device",             true },
    [PERSON_FOOTPRINT]   = { PERSON_FOOTPRINT,   "footprint",   "network address",    true },
    [PERSON_NATIONAL_ID] = { PERSON_NATIONAL_ID, "national_id", "identity number",    true },
    [PERSON_OCCUPATION]  = { PERSON_OCCUPATION,  "occupation",  "occupation",         false },
    [PERSON_OTHER]       = { PERSON_OTHER,       "other",       "other",              false },
};

PersonKind person_kind(const char *key)
{
    for (size_t i = 1; i < PERSON_KIND__COUNT; i++)
        if (str_same(person_kinds[i].key, key))
            return (PersonKind)i;
    return PERSON_NONE;
}

/* ---- reading */

static const char *const word_kinds[WORD__COUNT] = {
    [WORD_COUNTRY] = "country", [WORD_FLAT] = "flat",   [WORD_HONOUR] = "honour",
    [WORD_JOINED] = "joined",   [WORD_MONTH] = "month", [WORD_PARTICLE] = "particle",
    [WORD_REGION] = "region",   [WORD_SEX] = "sex",     [WORD_SKIP] = "skip",
    [WORD_STREET] = "street",   [WORD_TITLE] = "title",
};

/* One row: its fields as texts. False: something in it is not known. */
typedef bool TakeRow(PersonRules *r, Arena *mem, const char *const *f);

static bool take_word(PersonRules *r, Arena *mem, const char *const *f)
{
    for (size_t k = 0; k < WORD__COUNT; k++)
        if (str_same(word_kinds[k], f[0])) {
            *arena_push(mem, r->words, r->word_count, r->word_cap) = (Word){ (WordKind)k, f[1], f[2] };
            return f[1][0] != 0;
        }
    return false;
}

static bool take_placeholder(PersonRules *r, Arena *mem, const char *const *f)
{
    PersonKind kind = person_kind(f[0]);
    *arena_push(mem, r->placeholders, r->placeholder_count, r->placeholder_cap) = (Placeholder){ kind, f[1] };
    return (kind != PERSON_NONE || str_same(f[0], "any")) && f[1][0];
}

static bool take_mail(PersonRules *r, Arena *mem, const char *const *f)
{
    *arena_push(mem, r->mail, r->mail_count, r->mail_cap) = (MailProvider){ f[0], f[1], f[2], f[3][0] };
    return f[0][0] && f[1][0] && strlen(f[3]) <= 1;
}

static bool take_common(PersonRules *r, Arena *mem, const char *const *f)
{
    (void)mem;
    int64_t    at_least, names;
    PersonKind kind = person_kind(f[0]);
    if (!str_int(str_of(f[1]), 0, INT32_MAX, &at_least) || !str_int(str_of(f[2]), 0, INT32_MAX, &names))
        return false;
    r->common[kind] = (Common){ (size_t)at_least, (size_t)names, f[3] };
    return kind != PERSON_NONE;
}

/* A row is one group: the full name and what it is shortened or written to. */
static bool take_nickname(PersonRules *r, Arena *mem, const char *const *f)
{
    uint32_t group = r->nickname_count ? r->nicknames[r->nickname_count - 1].group + 1 : 1;
    *arena_push(mem, r->nicknames, r->nickname_count, r->nickname_cap) = (Nickname){ f[0], group, true };
    for (const char *at = f[1]; *at;) {
        size_t len = strcspn(at, ";");
        if (len)
            *arena_push(mem, r->nicknames, r->nickname_count, r->nickname_cap) =
                (Nickname){ str_copy_n(mem, at, len), group, false };
        at += len + (at[len] == ';');
    }
    return f[0][0] != 0;
}

/* The letters of an outcode as one number; 0: too long to be one. */
static uint64_t place_key(Str outcode)
{
    uint64_t key = 0;
    for (size_t i = 0; i < outcode.len && outcode.len < sizeof key; i++)
        key = key << 8 | (uint8_t)outcode.at[i];
    return key;
}

static bool take_place(PersonRules *r, Arena *mem, const char *const *f)
{
    char  *end[2];
    double latitude = strtod(f[1], &end[0]), longitude = strtod(f[2], &end[1]);
    if (!*f[1] || !*f[2] || *end[0] || *end[1] || fabs(latitude) > 90 || fabs(longitude) > 180)
        return false;
    *arena_push(mem, r->places, r->place_count, r->place_cap) =
        (Place){ place_key(str_of(f[0])), link_where(latitude, longitude) };
    return place_key(str_of(f[0])) != 0;
}

typedef struct Table {
    const char *path;
    TakeRow    *take;
    size_t      columns;
} Table;
static const Table tables[] = {
    { "data/names/nicknames.csv",      take_nickname,    2 },
    { "data/names/placeholders.csv",   take_placeholder, 2 },
    { "data/names/mail_providers.csv", take_mail,        4 },
    { "data/names/words.csv",          take_word,        3 },
    { "data/names/common.csv",         take_common,      4 },
    { "data/places/outcodes.csv",      take_place,       3 },
};

static bool table_read(PersonRules *r, Arena *mem, const Table *t, Str text, Err *err)
{
    Csv   *csv = csv_new(mem, source_memory(mem, text), ',');
    CsvRow row;
    bool   end = false, header = true;
    for (;;) {
        if (!csv_next(csv, &row, &end, err))
            return err_while(err, "reading %s", t->path);
        if (end)
            return true;
        const char *fields[8] = { "", "", "", "", "", "", "", "" };
        for (size_t i = 0; i < row.count && i < COUNT_OF(fields); i++)
            fields[i] = str_from(mem, str_trim(row.fields[i]));
        if (!header && (row.count < t->columns || !t->take(r, mem, fields)))
            return err_set(err, ERR_INVALID, "Line %zu of %s does not say what such a line should.", row.line,
                           t->path);
        header = false;
    }
}

/* ---- order, for searching by halves */

static int word_order(const void *a, const void *b)
{
    const Word *x = a, *y = b;
    int         c = (x->kind > y->kind) - (x->kind < y->kind);
    return c ? c : strcmp(x->word, y->word);
}

static int placeholder_order(const void *a, const void *b)
{
    const Placeholder *x = a, *y = b;
    int                c = (x->kind > y->kind) - (x->kind < y->kind);
    return c ? c : strcmp(x->value, y->value);
}

/* A name's own group stands before those it is a nickname in. */
static int nickname_order(const void *a, const void *b)
{
    const Nickname *x = a, *y = b;
    int             c = strcmp(x->name, y->name);
    if (!c)
        c = y->head - x->head;
    return c ? c : (x->group > y->group) - (x->group < y->group);
}

static int mail_order(const void *a, const void *b)
{
    return strcmp(((const MailProvider *)a)->domain, ((const MailProvider *)b)->domain);
}

static int place_order(const void *a, const void *b)
{
    uint64_t x = ((const Place *)a)->outcode, y = ((const Place *)b)->outcode;
    return (x > y) - (x < y);
}

static uint32_t *shape_of(const Shapes *s, const char *text, size_t len)
{
    size_t last = len < SHAPE_SIZE ? len : SHAPE_SIZE - 1;
    return (uint32_t *)(uintptr_t)&s->kinds[(unsigned char)text[0] % SHAPE_SIZE][last];
}

static void shape_add(Shapes *s, const char *text, int kind)
{
    *shape_of(s, text, strlen(text)) |= UINT32_C(1) << kind;
}

static bool shape_may(const Shapes *s, const char *text, size_t len, int kind)
{
    return *shape_of(s, text, len) >> kind & 1;
}

static void shapes_make(PersonRules *r)
{
    _Static_assert(WORD__COUNT <= 32 && PERSON_KIND__COUNT <= 32, "one bit a kind");
    for (size_t i = 0; i < r->word_count; i++)
        shape_add(&r->word_shapes, r->words[i].word, r->words[i].kind);
    for (size_t i = 0; i < r->placeholder_count; i++)
        shape_add(&r->placeholder_shapes, r->placeholders[i].value, r->placeholders[i].kind);
    for (size_t i = 0; i < r->mail_count; i++)
        shape_add(&r->mail_shapes, r->mail[i].domain, 0);
}

bool person_rules_read(Arena *mem, const PersonRuleTexts *texts, PersonRules **out, Err *err)
{
    const Str    given[COUNT_OF(tables)] = { texts->nicknames, texts->placeholders, texts->mail_providers,
                                             texts->words, texts->common, texts->outcodes };
    PersonRules *r = arena_new(mem, PersonRules, 1);
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        const Embedded *file = embedded_find(tables[i].path);
        if (!given[i].at && !file)
            return err_set(err, ERR_BUG, "%s is not built in.", tables[i].path);
        if (!table_read(r, mem, &tables[i], given[i].at ? given[i] : embedded_str(file), err))
            return false;
    }
    if (r->word_count)
        qsort(r->words, r->word_count, sizeof *r->words, word_order);
    if (r->placeholder_count)
        qsort(r->placeholders, r->placeholder_count, sizeof *r->placeholders, placeholder_order);
    if (r->nickname_count)
        qsort(r->nicknames, r->nickname_count, sizeof *r->nicknames, nickname_order);
    if (r->mail_count)
        qsort(r->mail, r->mail_count, sizeof *r->mail, mail_order);
    if (r->place_count)
        qsort(r->places, r->place_count, sizeof *r->places, place_order);
    shapes_make(r);
    *out = r;
    return true;
}

bool person_rules_load(Arena *mem, PersonRules **out, Err *err)
{
    return person_rules_read(mem, &(PersonRuleTexts){0}, out, err);
}

/* ---- asking */

bool rules_may(const PersonRules *r, WordKind kind, const char *word, size_t len)
{
    return shape_may(&r->word_shapes, word, len, (int)kind);
}

const char *rules_word(const PersonRules *r, WordKind kind, const char *word)
{
    if (!rules_may(r, kind, word, strlen(word)))
        return NULL;
    const Word key = { kind, word, NULL };
    const Word *w = r->word_count ? bsearch(&key, r->words, r->word_count, sizeof key, word_order) : NULL;
    return w ? w->means : NULL;
}

const MailProvider *rules_mail(const PersonRules *r, const char *domain)
{
    const MailProvider key = { .domain = domain };
    if (!shape_may(&r->mail_shapes, domain, strlen(domain), 0))
        return NULL;
    return r->mail_count ? bsearch(&key, r->mail, r->mail_count, sizeof key, mail_order) : NULL;
}

void rules_common(const PersonRules *r, PersonKind kind, size_t *at_least, size_t *names, const char **why)
{
    *at_least = r->common[kind].at_least;
    *names = r->common[kind].names;
    *why = r->common[kind].why ? r->common[kind].why : "";
}

static bool listed(const PersonRules *r, PersonKind kind, const char *value)
{
    if (!shape_may(&r->placeholder_shapes, value, strlen(value), (int)kind))
        return false;
    const Placeholder key = { kind, value };
    return r->placeholder_count &&
           bsearch(&key, r->placeholders, r->placeholder_count, sizeof key, placeholder_order);
}

/* 0000000, 111111: no number is of one digit alone. */
static bool one_digit(const char *s)
{
    size_t n = strlen(s);
    return n >= 5 && s[0] >= '0' && s[0] <= '9' && strspn(s, (char[]){ s[0], 0 }) == n;
}

bool person_placeholder(const PersonRules *r, PersonKind kind, const char *normal)
{
    bool number = kind == PERSON_PHONE || kind == PERSON_NATIONAL_ID || kind == PERSON_DEVICE;
    if (!normal || !*normal)
        return true;
    size_t len = strlen(normal);
    bool   any = shape_may(&r->placeholder_shapes, normal, len, PERSON_NONE);      /* in either case */
    if ((any && listed(r, PERSON_NONE, normal)) || listed(r, kind, normal))
        return true;
    if ((kind == PERSON_PHONE && one_digit(normal + strspn(normal, "4"))) || (number && one_digit(normal)))
        return true;
    char folded[16] = {0};
    if (!any || len >= sizeof folded)
        return false;                        /* NA, N/A and NONE in kinds that are written in capitals */
    for (size_t i = 0; i < sizeof folded - 1 && normal[i]; i++)
        folded[i] = normal[i] >= 'A' && normal[i] <= 'Z' ? (char)(normal[i] + 32) : normal[i];
    return listed(r, PERSON_NONE, folded);
}

size_t person_nicknames(const void *rules, Str given, uint32_t groups[3])
{
    const PersonRules *r = rules;
    size_t             low = 0, high = r->nickname_count, n = 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        Str    name = str_of(r->nicknames[mid].name);
        int    c = memcmp(name.at, given.at, name.len < given.len ? name.len : given.len);
        if (c < 0 || (c == 0 && name.len < given.len))
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < r->nickname_count && n < 3 && str_eq(str_of(r->nicknames[low].name), given); low++)
        if (!n || groups[n - 1] != r->nicknames[low].group)
            groups[n++] = r->nicknames[low].group;
    for (size_t i = 1; i < n; i++)           /* the caller is promised rising order */
        for (size_t j = i; j && groups[j - 1] > groups[j]; j--) {
            uint32_t g = groups[j];
            groups[j] = groups[j - 1];
            groups[j - 1] = g;
        }
    return n;
}

static LinkWhere place_find(const PersonRules *r, Str outcode)
{
    uint64_t key = place_key(outcode);
    size_t   low = 0, high = r->place_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->places[middle].outcode < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->place_count && r->places[low].outcode == key ? r->places[low].where : (LinkWhere){ 0 };
}

/* EC1A and EC1V are quarters of what the table calls EC1. */
LinkWhere person_where(const void *rules, Str postcode)
{
    if (postcode.len < 5)
        return (LinkWhere){ 0 };
    Str       outcode = { postcode.at, postcode.len - 3 };
    LinkWhere where = place_find(rules, outcode);
    bool      quarter = outcode.len > 2 && outcode.at[outcode.len - 1] >= 'A';
    if (!link_where_known(where) && quarter)
        where = place_find(rules, (Str){ outcode.at, outcode.len - 1 });
    return where;
}
