/* person_common.c: values that too many different people hold to say who someone is.
 *
 * Every use of a value is one row (kind, service, value, name of the holder). Sorted, the uses of one value
 * stand together, and the different names among them are counted. */
#include <stdlib.h>
#include <string.h>
#include "link/person/person_inside.h"

typedef struct Use {
    PersonKind  kind;
    const char *service, *normal, *name;
    size_t      record;
} Use;

struct PersonCommons {
    PersonCommon  *items;            /* most frequent first */
    PersonCommon **sorted;           /* by kind, service and value */
    size_t         count, cap;
};

static int value_order(PersonKind k, const char *s, const char *n, PersonKind k2, const char *s2,
                       const char *n2)
{
    int c = (k > k2) - (k < k2);
    c = c ? c : strcmp(n, n2);
    return c ? c : strcmp(s, s2);
}

static int use_order(const void *a, const void *b)
{
    const Use *x = a, *y = b;
    int        c = value_order(x->kind, x->service, x->normal, y->kind, y->service, y->normal);
    c = c ? c : strcmp(x->name, y->name);
    return c ? c : (x->record > y->record) - (x->record < y->record);
}

static int common_order(const void *a, const void *b)
{
    const PersonCommon *x = *(PersonCommon *const *)a, *y = *(PersonCommon *const *)b;
    return value_order(x->kind, x->service, x->normal, y->kind, y->service, y->normal);
}

static int frequency_order(const void *a, const void *b)
{
    const PersonCommon *x = a, *y = b;
    int                 c = (x->records < y->records) - (x->records > y->records);
    return c ? c : value_order(x->kind, x->service, x->normal, y->kind, y->service, y->normal);
}

/* Uses from..to are of one value. Records without a name are each counted as another's: not knowing who holds
 * a value must not make it look like a household's. */
static void weigh(const PersonRules *rules, Arena *mem, const Use *uses, size_t from, size_t to,
                  PersonCommons *out)
{
    size_t      at_least, names_most, records = 0, names = 0;
    const char *why;
    rules_common(rules, uses[from].kind, &at_least, &names_most, &why);
    for (size_t i = from; i < to; i++) {
        records += i == from || uses[i].record != uses[i - 1].record;
        names += i == from || !*uses[i].name || strcmp(uses[i].name, uses[i - 1].name) != 0;
    }
    if (!at_least || records < at_least || names <= names_most)
        return;
    *arena_push(mem, out->items, out->count, out->cap) = (PersonCommon){
        .kind = uses[from].kind,
        .service = uses[from].service,
        .normal = uses[from].normal,
        .records = records,
        .names = names,
        .why = str_fmt(mem,
                       "held by %zu records under %zu names; common from %zu records and more than %zu names "
                       "(%s)",
                       records, names, at_least, names_most, why),
    };
}

static void find_common(const PersonRules *rules, Arena *mem, Use *uses, size_t count, PersonCommons **out)
{
    PersonCommons *found = arena_new(mem, PersonCommons, 1);
    if (count)
        qsort(uses, count, sizeof *uses, use_order);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count; to++)
            if (value_order(uses[from].kind, uses[from].service, uses[from].normal, uses[to].kind,
                            uses[to].service, uses[to].normal) != 0)
                break;
        weigh(rules, mem, uses, from, to, found);
    }
    if (found->count)
        qsort(found->items, found->count, sizeof *found->items, frequency_order);
    found->sorted = arena_new(mem, PersonCommon *, found->count + 1);
    for (size_t i = 0; i < found->count; i++)
        found->sorted[i] = &found->items[i];
    if (found->count)
        qsort(found->sorted, found->count, sizeof *found->sorted, common_order);
    *out = found;
}

void person_common(const PersonRules *rules, Arena *mem, const Person *people, size_t count,
                   PersonCommons **out)
{
    Use   *uses = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < count; i++) {
        const Person *p = &people[i];
        const char   *name = p->name_count && p->names[0].sorted ? p->names[0].sorted : "";
        for (size_t k = 0; k < p->value_count; k++)
            if (p->values[k].normal && person_kinds[p->values[k].kind].shared)
                *arena_push(mem, uses, n, cap) =
                    (Use){ p->values[k].kind, p->values[k].service, p->values[k].normal, name, i };
        /* A street is common everywhere; with its postcode it is one place. */
        for (size_t k = 0; k < p->address_count; k++)
            if (p->addresses[k].normal && p->addresses[k].postcode)
                *arena_push(mem, uses, n, cap) =
                    (Use){ PERSON_ADDRESS, p->addresses[k].postcode, p->addresses[k].normal, name, i };
    }
    find_common(rules, mem, uses, n, out);
}

void person_common_column(const PersonRules *rules, Arena *mem, PersonKind kind, const char *const *values,
                          const char *const *names, size_t count, PersonCommons **out)
{
    Use   *uses = arena_new(mem, Use, count + 1);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (values[i] && *values[i])
            uses[n++] = (Use){ kind, "", values[i], names && names[i] ? names[i] : "", i };
    find_common(rules, mem, uses, n, out);
}

const PersonCommon *person_commons(const PersonCommons *commons, size_t *count)
{
    *count = commons->count;
    return commons->items;
}

const PersonCommon *person_common_find(const PersonCommons *commons, PersonKind kind, const char *service,
                                       const char *normal)
{
    PersonCommon key = { .kind = kind, .service = service ? service : "", .normal = normal };
    PersonCommon *at = &key, **found;
    if (!normal || !commons->count)
        return NULL;
    found = bsearch(&at, commons->sorted, commons->count, sizeof *commons->sorted, common_order);
    return found ? *found : NULL;
}

void person_common_mark(const PersonCommons *commons, Person *people, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Person *p = &people[i];
        for (size_t k = 0; k < p->value_count; k++)
            if (person_common_find(commons, p->values[k].kind, p->values[k].service, p->values[k].normal))
                p->values[k].shared = true;
        for (size_t k = 0; k < p->address_count; k++)
            if (person_common_find(commons, PERSON_ADDRESS, p->addresses[k].postcode, p->addresses[k].normal))
                p->addresses[k].shared = true;
    }
}
