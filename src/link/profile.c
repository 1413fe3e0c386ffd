#include "link/profile.h"
#include <ctype.h>
#include <string.h>
#include "base/when.h"
#include "link/pairs_sql.h"
#include "link/person/person.h"

const AspectRow aspects[ASPECT__COUNT] = {
    [ASPECT_GIVEN]      = { { "given",      LINK_GIVEN    }, PROOF_NAME      },
    [ASPECT_FAMILY]     = { { "family",     LINK_FAMILY   }, PROOF_NAME      },
    [ASPECT_BIRTH]      = { { "birth_date", LINK_DATE     }, PROOF_BIRTH     },
    [ASPECT_CITY]       = { { "city",       LINK_PLACE    }, PROOF_SHAREABLE },
    [ASPECT_POSTCODE]   = { { "postcode",   LINK_POSTCODE }, PROOF_SHAREABLE },
    [ASPECT_ADDRESS]    = { { "address",    LINK_ADDRESS  }, PROOF_SHAREABLE },
    [ASPECT_EMAIL]      = { { "email",      LINK_EMAIL    }, PROOF_CONTACT   },
    [ASPECT_PHONE]      = { { "phone",      LINK_PHONE    }, PROOF_SHAREABLE },
    [ASPECT_USERNAME]   = { { "username",   LINK_HANDLE   }, PROOF_CONTACT   },
    [ASPECT_OCCUPATION] = { { "occupation", LINK_WORDS    }, PROOF_SHAREABLE },
};

uint32_t aspects_shareable(void)
{
    uint32_t mask = 0;
    for (int a = 0; a < ASPECT__COUNT; a++)
        mask |= aspects[a].proof == PROOF_SHAREABLE ? 1u << a : 0;
    return mask;
}

struct ProfileTools {
    PersonTools person;
};

bool profile_tools(Arena *mem, ProfileTools **out, Err *err)
{
    ProfileTools *t = arena_new(mem, ProfileTools, 1);
    PersonRules *rules = NULL;
    if (!person_rules_load(mem, &rules, err))
        return false;
    t->person = (PersonTools){ .rules = rules, .fold = fold_new(mem) };
    *out = t;
    return true;
}

void profile_tools_done(ProfileTools *tools)
{
    if (tools)
        fold_done(&tools->person.fold);
}

LinkNicknames *profile_nicknames(const ProfileTools *tools)
{
    (void)tools;
    return person_nicknames;
}

const PersonRules *profile_rules(const ProfileTools *tools)
{
    return tools->person.rules;
}

PersonKind profile_kind(Aspect a)
{
    static const PersonKind kinds[ASPECT__COUNT] = {
        [ASPECT_GIVEN] = PERSON_GIVEN,       [ASPECT_FAMILY] = PERSON_FAMILY,
        [ASPECT_BIRTH] = PERSON_BIRTH_DATE,  [ASPECT_CITY] = PERSON_CITY,
        [ASPECT_POSTCODE] = PERSON_POSTCODE, [ASPECT_ADDRESS] = PERSON_ADDRESS,
        [ASPECT_EMAIL] = PERSON_EMAIL,       [ASPECT_PHONE] = PERSON_PHONE,
        [ASPECT_USERNAME] = PERSON_USERNAME, [ASPECT_OCCUPATION] = PERSON_OCCUPATION,
    };
    return kinds[a];
}

const char *profile_normal(const ProfileTools *t, Arena *mem, Aspect a, const char *verbatim)
{
    return person_normal(&t->person, mem, profile_kind(a), verbatim);
}

static void value_add(const ProfileTools *t, Arena *mem, Profile *p, Aspect a, const char *verbatim,
                      bool counts)
{
    if (str_blank(verbatim) || p->count[a] == PROFILE_VALUES)
        return;
    const char *normal = counts && t ? profile_normal(t, mem, a, verbatim) : NULL;
    for (size_t i = 0; i < p->count[a]; i++) {
        const ProfileValue *v = &p->values[a][i];
        if (normal ? str_same(v->normal, normal) : str_same(v->verbatim, verbatim))
            return;
    }
    p->values[a][p->count[a]++] = (ProfileValue){ verbatim, normal };
}

void profile_add(const ProfileTools *tools, Arena *mem, Profile *p, Aspect a, const char *verbatim)
{
    value_add(tools, mem, p, a, verbatim, true);
}

void profile_add_name(const ProfileTools *tools, Arena *mem, Profile *p, const char *verbatim)
{
    PersonName name;
    if (str_blank(verbatim))
        return;
    person_name_read(&tools->person, mem, verbatim, &name);
    if (!name.given || !name.family)
        return;
    profile_add(tools, mem, p, ASPECT_GIVEN, name.given);
    profile_add(tools, mem, p, ASPECT_FAMILY, name.family);
}

static void names_add(const ProfileTools *t, Arena *mem, Profile *p, const Rows *r)
{
    if (!str_blank(row_text(r, 2))) { /* a family name stands apart, so the given one is one too */
        value_add(t, mem, p, ASPECT_GIVEN, row_copy(r, 1, mem), true);
        value_add(t, mem, p, ASPECT_FAMILY, row_copy(r, 2, mem), true);
    }
}

static void sighting_add(const ProfileTools *t, Arena *mem, Profile *p, const Rows *r)
{
    static const struct { int col; Aspect aspect; } texts[] = {
        { 5, ASPECT_CITY }, { 6, ASPECT_POSTCODE }, { 7, ASPECT_ADDRESS }, { 8, ASPECT_OCCUPATION },
        { 10, ASPECT_USERNAME },
    };
    names_add(t, mem, p, r);
    if (row_date(r, 4) != DATE_NONE)
        value_add(t, mem, p, ASPECT_BIRTH, date_iso(mem, row_date(r, 4)), true);
    FOR_EACH(text, texts)
        value_add(t, mem, p, text->aspect, row_copy(r, text->col, mem), true);
    p->operation = row_int(r, 11);
}

static bool keys_add(Db *db, Arena *mem, const ProfileTools *t, int64_t sighting, Profile *p, Err *err)
{
    static const struct { const char *kind; Aspect aspect; } kinds[] = {
        { "account", ASPECT_USERNAME }, { "email", ASPECT_EMAIL }, { "phone", ASPECT_PHONE },
        { "screen_name", ASPECT_USERNAME },
    };
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(db, &pairs_sql[PAIRS_SIGHTING_KEYS], VALUES(sql_int(sighting)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        FOR_EACH(k, kinds)
            if (str_same(k->kind, row_text(&r, 0)))
                value_add(t, mem, p, k->aspect, row_copy(&r, 2, mem),
                          row_bool(&r, 4) || k->aspect == ASPECT_USERNAME);
    return err->kind == ERR_NONE;
}

static bool profile_read(Db *db, Arena *mem, const ProfileTools *t, int statement, int64_t id, Profile *out,
                         Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    int64_t *sightings = NULL;
    size_t count = 0, cap = 0;
    *out = (Profile){ .id = id };
    if (!db_query(db, &pairs_sql[statement], VALUES(sql_int(id)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more) {
        sighting_add(t, mem, out, &r);
        *arena_push(mem, sightings, count, cap) = row_int(&r, 0);
    }
    rows_done(&r);
    for (size_t i = 0; i < count && err->kind == ERR_NONE; i++)
        if (!keys_add(db, mem, t, sightings[i], out, err))
            return false;
    return err->kind == ERR_NONE;
}

bool profile_record(Db *db, Arena *mem, const ProfileTools *t, int64_t record, Profile *out, Err *err)
{
    return profile_read(db, mem, t, PAIRS_SIGHTINGS, record, out, err) ||
           err_while(err, "reading record %lld", (long long)record);
}

bool profile_nominal(Db *db, Arena *mem, const ProfileTools *t, int64_t nominal, Profile *out, Err *err)
{
    return profile_read(db, mem, t, PAIRS_WHOLE, nominal, out, err) ||
           err_while(err, "reading the sightings of nominal %lld", (long long)nominal);
}

/* The i-th value that says something; the first where there are fewer. */
static const char *value_at(const Profile *p, Aspect a, size_t i, bool *own)
{
    const char *first = NULL;
    size_t seen = 0;
    for (size_t k = 0; k < p->count[a]; k++) {
        const char *normal = p->values[a][k].normal;
        if (!normal)
            continue;
        first = first ? first : normal;
        if (seen++ == i) {
            *own = true;
            return normal;
        }
    }
    return first;
}

bool profile_row(const Profile *p, size_t i, const char *row[ASPECT__COUNT])
{
    bool own = false;
    for (int a = 0; a < ASPECT__COUNT; a++)
        row[a] = value_at(p, (Aspect)a, i, &own);
    return own && i < PROFILE_ROWS;
}
