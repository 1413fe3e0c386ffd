/* fuzz_person.c: any bytes as any kind of value. A normal form is ASCII, not empty, no placeholder, and its
 * own normal form; parts of names, dates and addresses hold together. The first byte picks the kind. */
#include <assert.h>
#include <string.h>
#include "link/person/person.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_kind(const PersonTools *tools, Arena *mem, PersonKind kind, const char *text)
{
    const char *once = person_normal(tools, mem, kind, text);
    if (!once)
        return;
    const char *twice = person_normal(tools, mem, kind, once);
    assert(*once && fold_is_ascii(once) && !person_placeholder(tools->rules, kind, once));
    assert(twice && strcmp(once, twice) == 0);
}

static void check_parts(const PersonTools *tools, Arena *mem, const char *text)
{
    PersonName    n;
    PersonBirth   b;
    PersonAddress a;
    Date          first, last;
    person_name_read(tools, mem, text, &n);
    assert(!n.all == !n.sorted && (n.all || (!n.given && !n.family && !n.middle)));
    assert(!n.all || strlen(n.all) == strlen(n.sorted));
    bool dated = person_birth_read(tools, mem, text, &b);
    assert(dated == (b.normal != NULL) && (!dated || strlen(b.normal) == 8));
    assert(!person_birth_span(&b, &first, &last) || first <= last);
    person_address_read(tools, mem, text, &a);
    assert(a.normal || (!a.flat && !a.number && !a.street));
    assert(!a.sector == !a.outcode && (!a.outcode || a.postcode));
}

/* Reading the rules and opening ICU's tables takes longer than a thousand inputs: once, and never released.
 */
static const PersonTools *tools_once(void)
{
    static Arena       keep;
    static PersonTools tools;
    if (!tools.rules) {
        PersonRules *rules;
        Err          err = {0};
        bool         loaded = person_rules_load(&keep, &rules, &err);
        assert(loaded);
        tools = (PersonTools){ rules, fold_new(&keep) };
    }
    return &tools;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    if (!size || size > 4096)
        return 0;
    const PersonTools *tools = tools_once();
    const char        *text = str_copy_n(&mem, (const char *)data + 1, size - 1);
    check_kind(tools, &mem, (PersonKind)(data[0] % PERSON_KIND__COUNT), text);
    check_parts(tools, &mem, text);
    const PersonField fields[] = { { PERSON_NAME, text, NULL, false, false },
                                   { PERSON_PHONE, text, "+1", false, false },
                                   { PERSON_ADDRESS, text, NULL, false, false } };
    Person p = {0};
    person_from_fields(tools, &mem, fields, COUNT_OF(fields), DATE_NONE, &p);
    assert(p.value_count <= 1 && p.name_count <= 1 && p.address_count <= 1);
    return 0;
}
