/* person.c: fields of any source put together as one person. */
#include <string.h>
#include "link/person/person_inside.h"

/* What has been met but not yet put together: parts of one name, one date, one address. */
typedef struct Gather {
    const PersonTools *tools;
    Arena             *mem;
    Person            *out;
    Date               age_at;
    const char        *part[PERSON_KIND__COUNT];
    size_t             name_cap, birth_cap, address_cap, value_cap;
} Gather;

static const char *take(Gather *g, PersonKind kind)
{
    const char *text = g->part[kind];
    g->part[kind] = NULL;
    return text;
}

static void end_name(Gather *g)
{
    const char *given = take(g, PERSON_GIVEN), *family = take(g, PERSON_FAMILY);
    if (!given && !family)
        return;
    PersonName n;
    person_name_join(g->tools, g->mem, given, family, &n);
    if (n.all)
        *arena_push(g->mem, g->out->names, g->out->name_count, g->name_cap) = n;
}

static void add_birth(Gather *g, const PersonBirth *b)
{
    *arena_push(g->mem, g->out->births, g->out->birth_count, g->birth_cap) = *b;
}

static void end_birth(Gather *g)
{
    const char *year = take(g, PERSON_BIRTH_YEAR), *month = take(g, PERSON_BIRTH_MONTH),
               *day = take(g, PERSON_BIRTH_DAY);
    if (!year)
        return;
    char       *text = str_fmt(g->mem, "%s%s%s%s%s", year, month ? "-" : "", month ? month : "",
                               month && day ? "-" : "", month && day ? day : "");
    PersonBirth b;
    if (person_birth_read(g->tools, g->mem, text, &b))
        add_birth(g, &b);
}

static void end_address(Gather *g)
{
    const char *house = take(g, PERSON_HOUSE_NUMBER), *street = take(g, PERSON_ADDRESS),
               *city = take(g, PERSON_CITY), *region = take(g, PERSON_REGION),
               *postcode = take(g, PERSON_POSTCODE);
    if (!house && !street && !city && !region && !postcode)
        return;
    PersonAddress a, code = {0};
    char *text =
        str_fmt(g->mem, "%s%s%s", house ? house : "", house && street ? " " : "", street ? street : "");
    person_address_read(g->tools, g->mem, text, &a);
    const char *town = person_normal(g->tools, g->mem, PERSON_CITY, city),
               *county = person_normal(g->tools, g->mem, PERSON_REGION, region);
    a.town = town ? town : a.town;
    a.region = county ? county : a.region;
    const char *normal = person_normal(g->tools, g->mem, PERSON_POSTCODE, postcode);
    if (normal) {
        person_address_read(g->tools, g->mem, normal, &code);
        a.postcode = normal;
        a.outcode = code.outcode;
        a.sector = code.sector;
    }
    if (a.normal || a.town || a.postcode || a.region)
        *arena_push(g->mem, g->out->addresses, g->out->address_count, g->address_cap) = a;
}

static void add_name(Gather *g, const PersonField *f)
{
    PersonName n;
    person_name_read(g->tools, g->mem, f->text, &n);
    if (n.all)
        *arena_push(g->mem, g->out->names, g->out->name_count, g->name_cap) = n;
}

static void add_birth_date(Gather *g, const PersonField *f)
{
    PersonBirth b;
    if (person_birth_read(g->tools, g->mem, f->text, &b))
        add_birth(g, &b);
}

static void add_age(Gather *g, const PersonField *f)
{
    int64_t     age = 0;
    const char *normal = person_normal(g->tools, g->mem, PERSON_AGE, f->text);
    if (normal && str_int(str_of(normal), 0, 200, &age))
        add_birth(g, &(PersonBirth){ .date = DATE_NONE, .swapped = DATE_NONE, .age = (int)age,
                                     .age_at = g->age_at });
}

static void add_sex(Gather *g, const PersonField *f)
{
    const char *sex = person_normal(g->tools, g->mem, PERSON_SEX, f->text);
    g->out->sex = sex ? sex : g->out->sex;
}

static void add_value(Gather *g, const PersonField *f)
{
    PersonValue v = { .kind = f->kind, .service = f->service ? f->service : "", .verbatim = f->text,
                      .normal = f->kind == PERSON_PHONE && f->service
                                    ? person_phone(g->mem, f->text, f->service)
                                    : person_normal(g->tools, g->mem, f->kind, f->text),
                      .shared = f->shared, .verified = f->verified };
    if (f->kind == PERSON_PHONE)
        v.service = "";
    if (person_placeholder(g->tools->rules, f->kind, v.normal))
        v.normal = NULL;
    *arena_push(g->mem, g->out->values, g->out->value_count, g->value_cap) = v;
}

/* A kind either adds at once, or is a part that waits for its fellows; a second of the same part ends them.
 */
typedef struct How {
    void (*add)(Gather *g, const PersonField *f);
    void (*end)(Gather *g);
} How;
static const How hows[PERSON_KIND__COUNT] = {
    [PERSON_GIVEN]        = { NULL, end_name },      [PERSON_FAMILY]      = { NULL, end_name },
    [PERSON_NAME]         = { add_name, NULL },      [PERSON_BIRTH_DATE]  = { add_birth_date, NULL },
    [PERSON_BIRTH_YEAR]   = { NULL, end_birth },     [PERSON_BIRTH_MONTH] = { NULL, end_birth },
    [PERSON_BIRTH_DAY]    = { NULL, end_birth },     [PERSON_BIRTH_PLACE] = { add_value, NULL },
    [PERSON_AGE]          = { add_age, NULL },       [PERSON_SEX]         = { add_sex, NULL },
    [PERSON_CITY]         = { NULL, end_address },   [PERSON_REGION]      = { NULL, end_address },
    [PERSON_POSTCODE]     = { NULL, end_address },   [PERSON_ADDRESS]     = { NULL, end_address },
    [PERSON_HOUSE_NUMBER] = { NULL, end_address },   [PERSON_EMAIL]       = { add_value, NULL },
    [PERSON_PHONE]        = { add_value, NULL },     [PERSON_ACCOUNT]     = { add_value, NULL },
    [PERSON_USERNAME]     = { add_value, NULL },     [PERSON_DEVICE]      = { add_value, NULL },
    [PERSON_FOOTPRINT]    = { add_value, NULL },     [PERSON_NATIONAL_ID] = { add_value, NULL },
    [PERSON_OCCUPATION]   = { add_value, NULL },     [PERSON_OTHER]       = { add_value, NULL },
};

void person_from_fields(const PersonTools *tools, Arena *mem, const PersonField *fields, size_t count,
                        Date age_at, Person *out)
{
    Gather g = { .tools = tools, .mem = mem, .out = out, .age_at = age_at };
    *out = (Person){ .id = out->id, .nominal = out->nominal, .source = out->source };
    for (size_t i = 0; i < count; i++) {
        const PersonField *f = &fields[i];
        if (f->kind <= PERSON_NONE || f->kind >= PERSON_KIND__COUNT || str_blank(f->text))
            continue;
        if (hows[f->kind].add) {
            hows[f->kind].add(&g, f);
            continue;
        }
        if (g.part[f->kind])
            hows[f->kind].end(&g);
        g.part[f->kind] = f->text;
    }
    end_name(&g);
    end_birth(&g);
    end_address(&g);
}

/* ---- one value a kind */

static const char *from_name(const Person *p, PersonKind kind)
{
    for (size_t i = 0; i < p->name_count; i++) {
        const PersonName *n = &p->names[i];
        const char *text = kind == PERSON_GIVEN ? n->given : kind == PERSON_FAMILY ? n->family : n->all;
        if (text)
            return text;
    }
    return NULL;
}

static const char *from_address(const Person *p, PersonKind kind)
{
    for (size_t i = 0; i < p->address_count; i++) {
        const PersonAddress *a = &p->addresses[i];
        const char *const parts[PERSON_KIND__COUNT] = {
            [PERSON_ADDRESS] = a->normal, [PERSON_CITY] = a->town, [PERSON_REGION] = a->region,
            [PERSON_POSTCODE] = a->postcode, [PERSON_HOUSE_NUMBER] = a->number,
        };
        if (parts[kind] && !(a->shared && kind == PERSON_ADDRESS))
            return parts[kind];
    }
    return NULL;
}

static const char *from_birth(const Person *p, PersonKind kind)
{
    (void)kind;
    for (size_t i = 0; i < p->birth_count; i++)
        if (p->births[i].normal)
            return p->births[i].normal;
    return NULL;
}

static const char *from_values(const Person *p, PersonKind kind)
{
    for (size_t i = 0; i < p->value_count; i++)
        if (p->values[i].kind == kind && p->values[i].normal && !p->values[i].shared)
            return p->values[i].normal;
    return NULL;
}

const char *person_value(const Person *p, PersonKind kind)
{
    static const struct { PersonKind kind; const char *(*from)(const Person *p, PersonKind kind); } ways[] = {
        { PERSON_GIVEN, from_name },      { PERSON_FAMILY, from_name },    { PERSON_NAME, from_name },
        { PERSON_BIRTH_DATE, from_birth }, { PERSON_ADDRESS, from_address }, { PERSON_CITY, from_address },
        { PERSON_REGION, from_address },  { PERSON_POSTCODE, from_address }, { PERSON_HOUSE_NUMBER, from_address },
    };
    if (kind == PERSON_SEX)
        return p->sex;
    FOR_EACH(w, ways)
        if (w->kind == kind)
            return w->from(p, kind);
    return from_values(p, kind);
}
