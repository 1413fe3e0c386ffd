#include "link/person/person_load.h"
#include "base/json.h"
#include "link/person/person_sql.h"

/* Fields of one person as they are read; emptied for the next. */
typedef struct Fields {
    PersonField *at;
    size_t       count, cap;
} Fields;

/* What hangs on sightings: read first, in order of sighting, and taken up as the sightings come by. */
typedef struct Hanging {
    int64_t     sighting;
    PersonField field;
} Hanging;
typedef struct HangingList {
    Hanging *at;
    size_t   count, cap, next;
} HangingList;

typedef struct Load {
    Db                *db;
    const PersonTools *tools;
    Arena             *mem;
    int64_t            operation;
    HangingList        identifiers, footprints;
    Fields             fields;
    Person            *people;
    size_t             count, cap;
} Load;

typedef bool TakeRow(Load *l, const Rows *r);

static bool each_row(Load *l, int statement, TakeRow *take, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(l->db, &person_sql[statement], VALUES(sql_int(l->operation)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        if (!take(l, &r))
            return err_set(err, ERR_BUG, "A row of %s cannot be read.", person_sql[statement].name);
    return err->kind == ERR_NONE;
}

static void add(Load *l, PersonKind kind, const char *text)
{
    if (!str_blank(text))
        *arena_push(l->mem, l->fields.at, l->fields.count, l->fields.cap) =
            (PersonField){ .kind = kind, .text = text };
}

static void add_date(Load *l, Date born)
{
    if (born != DATE_NONE)
        add(l, PERSON_BIRTH_DATE, date_iso(l->mem, born));
}

static void take_up(Load *l, HangingList *list, int64_t sighting)
{
    for (; list->next < list->count && list->at[list->next].sighting <= sighting; list->next++)
        if (list->at[list->next].sighting == sighting)
            *arena_push(l->mem, l->fields.at, l->fields.count, l->fields.cap) = list->at[list->next].field;
}

static void end_person(Load *l, int64_t id, int64_t nominal, const char *source, Date age_at)
{
    Person *p = arena_push(l->mem, l->people, l->count, l->cap);
    *p = (Person){ .id = id, .source = source };
    person_from_fields(l->tools, l->mem, l->fields.at, l->fields.count, age_at, p);
    p->nominal = nominal;
    l->fields.count = 0;
}

/* ---- sightings and what hangs on them */

static bool take_identifier(Load *l, const Rows *r)
{
    static const struct { const char *said; PersonKind kind; } kinds[] = {
        { "account", PERSON_ACCOUNT }, { "device", PERSON_DEVICE },          { "email", PERSON_EMAIL },
        { "phone", PERSON_PHONE },     { "screen_name", PERSON_USERNAME },
    };
    FOR_EACH(k, kinds)
        if (str_same(k->said, row_text(r, 1)))
            *arena_push(l->mem, l->identifiers.at, l->identifiers.count, l->identifiers.cap) = (Hanging){
                row_int(r, 0),
                { .kind = k->kind, .text = row_copy(r, 3, l->mem),
                  .service = k->kind == PERSON_ACCOUNT ? row_copy(r, 2, l->mem) : NULL,
                  .shared = !row_bool(r, 4) && k->kind != PERSON_USERNAME, .verified = row_bool(r, 5) },
            };
    return true;
}

static bool take_footprint(Load *l, const Rows *r)
{
    *arena_push(l->mem, l->footprints.at, l->footprints.count, l->footprints.cap) = (Hanging){
        row_int(r, 0),
        { .kind = PERSON_FOOTPRINT, .text = row_copy(r, 1, l->mem), .shared = row_bool(r, 2) },
    };
    return true;
}

static bool take_sighting(Load *l, const Rows *r)
{
    int64_t     id = row_int(r, 0), age = row_null(r, 7) ? -1 : row_int(r, 7);
    Instant     seen = row_when(r, 14);
    const char *given = row_copy(r, 3, l->mem), *family = row_copy(r, 4, l->mem);
    add(l, PERSON_GIVEN, str_blank(family) ? NULL : given);
    add(l, PERSON_FAMILY, family);
    add(l, PERSON_NAME, str_blank(family) ? row_copy(r, 5, l->mem) : NULL);
    add_date(l, row_date(r, 6));
    add(l, PERSON_AGE, age > 0 ? str_fmt(l->mem, "%d", (int)age) : NULL);
    add(l, PERSON_ADDRESS, row_copy(r, 8, l->mem));
    add(l, PERSON_POSTCODE, row_copy(r, 9, l->mem));
    add(l, PERSON_CITY, row_copy(r, 10, l->mem));
    add(l, PERSON_OCCUPATION, row_copy(r, 11, l->mem));
    add(l, PERSON_USERNAME, row_copy(r, 13, l->mem));
    take_up(l, &l->identifiers, id);
    take_up(l, &l->footprints, id);
    end_person(l, id, row_null(r, 1) ? 0 : row_int(r, 1), row_copy(r, 2, l->mem),
               seen == INSTANT_NONE ? DATE_NONE : instant_date_utc(seen));
    return true;
}

/* ---- the other sources */

static bool take_answer(Load *l, const Rows *r)
{
    add(l, PERSON_NAME, row_copy(r, 1, l->mem));
    add_date(l, row_date(r, 2));
    add(l, PERSON_EMAIL, row_copy(r, 3, l->mem));
    add(l, PERSON_PHONE, row_copy(r, 4, l->mem));
    add(l, PERSON_ADDRESS, row_copy(r, 7, l->mem)); /* where the line ends comes before who pays for it */
    add(l, PERSON_POSTCODE, row_copy(r, 8, l->mem));
    add(l, PERSON_ADDRESS, row_copy(r, 5, l->mem));
    add(l, PERSON_POSTCODE, row_copy(r, 6, l->mem));
    add(l, PERSON_FOOTPRINT, row_copy(r, 9, l->mem));
    if (l->fields.count && l->fields.at[l->fields.count - 1].kind == PERSON_FOOTPRINT)
        l->fields.at[l->fields.count - 1].shared = row_bool(r, 10);
    end_person(l, row_int(r, 0), 0, "answer", DATE_NONE);
    return true;
}

static bool take_register(Load *l, const Rows *r)
{
    add(l, PERSON_GIVEN, row_copy(r, 1, l->mem));
    add(l, PERSON_FAMILY, row_copy(r, 2, l->mem));
    add_date(l, row_date(r, 3));
    add(l, PERSON_ADDRESS, row_copy(r, 4, l->mem));
    add(l, PERSON_POSTCODE, row_copy(r, 5, l->mem));
    end_person(l, row_int(r, 0), 0, "register", DATE_NONE);
    return true;
}

/* Most events say nothing of the person; only those that do are records. */
static bool take_return(Load *l, const Rows *r)
{
    CLEANUP(json_done) Json *row = NULL;
    Err err = {0};
    if (!json_read(str_of(row_text(r, 1)), &row, &err))
        return false;
    const char *occupation = json_text(row, "occupation");
    if (str_blank(occupation))
        return true;
    add(l, PERSON_OCCUPATION, str_copy(l->mem, occupation));
    end_person(l, row_int(r, 0), 0, "return", DATE_NONE);
    return true;
}

bool person_load(Db *db, const PersonTools *tools, Arena *mem, int64_t operation, Person **out, size_t *count,
                 Err *err)
{
    static const struct { int statement; TakeRow *take; } steps[] = {
        { PERSON_SQL_IDENTIFIERS, take_identifier }, { PERSON_SQL_FOOTPRINTS, take_footprint },
        { PERSON_SQL_SIGHTINGS, take_sighting },     { PERSON_SQL_ANSWERS, take_answer },
        { PERSON_SQL_REGISTER, take_register },      { PERSON_SQL_RETURNS, take_return },
    };
    Load l = { .db = db, .tools = tools, .mem = mem, .operation = operation };
    FOR_EACH(s, steps)
        if (!each_row(&l, s->statement, s->take, err))
            return err_while(err, "reading the people of an operation");
    *out = l.people;
    *count = l.count;
    return true;
}
