/* kinds.c: the registry of kinds of fact, and the check of a body against its kind's shape. */
#include <stdlib.h>
#include <string.h>
#include "ledger/inside.h"

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const Kind *const *)a)->name, (*(const Kind *const *)b)->name);
}

bool kinds_gather(Ledger *ledger, const Kinds *kinds, Err *err)
{
    size_t cap = 0;
    for (const Kind *const *table = kinds->tables; *table; table++)
        for (const Kind *k = *table; k->name; k++)
            *arena_push(&ledger->mem, ledger->kinds, ledger->kind_count, cap) = k;
    qsort(ledger->kinds, ledger->kind_count, sizeof *ledger->kinds, by_name);
    for (size_t i = 1; i < ledger->kind_count; i++)
        if (by_name(&ledger->kinds[i - 1], &ledger->kinds[i]) == 0)
            return err_set(err, ERR_BUG, "The kind %s is registered twice.", ledger->kinds[i]->name);
    return true;
}

const Kind *ledger_kind(const Ledger *ledger, const char *name)
{
    const Kind key = { .name = name }, *at = &key;
    const Kind **found = bsearch(&at, ledger->kinds, ledger->kind_count, sizeof *ledger->kinds, by_name);
    return found ? *found : NULL;
}

/* What each type of field looks like in JSON. */
static bool field_fits(FieldType type, const Json *value)
{
    Date date;
    switch (type) {
    case FIELD_TEXT:
        return json_type(value) == JSON_TYPE_TEXT;
    case FIELD_INT:
    case FIELD_INSTANT:
        return json_type(value) == JSON_TYPE_INT;
    case FIELD_ID:
        return json_type(value) == JSON_TYPE_INT && json_int_of(value) >= 0;
    case FIELD_BOOL:
        return json_type(value) == JSON_TYPE_BOOL;
    case FIELD_DATE:
        return json_type(value) == JSON_TYPE_TEXT && date_parse(str_of(json_text_of(value)), &date);
    case FIELD_LIST:
        return json_type(value) == JSON_TYPE_LIST;
    case FIELD_OBJECT:
        return json_type(value) == JSON_TYPE_OBJECT;
    }
    return false;
}

typedef struct BodyWalk {
    const Kind *kind;
    Err *err;
} BodyWalk;

static bool field_known(void *ctx, const char *key, const Json *value)
{
    const BodyWalk *walk = ctx;
    for (const Field *f = walk->kind->fields; f && f->name; f++) {
        if (!str_same(f->name, key))
            continue;
        if (!field_fits(f->type, value))
            return err_set(walk->err, ERR_INVALID, "The field %s of %s has the wrong type.", key,
                           walk->kind->name);
        return true;
    }
    return err_set(walk->err, ERR_INVALID, "%s has no field called %s.", walk->kind->name, key);
}

bool body_check(const Kind *kind, const Json *body, Err *err)
{
    if (json_type(body) != JSON_TYPE_OBJECT)
        return err_set(err, ERR_BUG, "The body of %s is not an object.", kind->name);
    BodyWalk walk = { kind, err };
    if (!json_each(body, field_known, &walk))
        return false;
    for (const Field *f = kind->fields; f && f->name; f++)
        if (f->need == REQUIRED && !json_get(body, f->name))
            return err_set(err, ERR_INVALID, "%s needs the field %s.", kind->name, f->name);
    return true;
}
