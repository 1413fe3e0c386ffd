#include "link/person/person_load.h"
#include "base/test.h"
#include "link/testing.h"

static const Kind *const tables[] = { FIELD_KINDS, NULL };

#define LIST "list_ref,family_name,given_names,date_of_birth,address,town,postcode,email,phone,purchased_at\n"
#define ANSWERS                                                                                              \
    "operator_ref,operator,ip_address,port,asked_at,account_holder,date_of_birth,email,phone,"               \
    "billing_address,billing_postcode,installation_address,installation_postcode,session_start,"             \
    "session_end,shared_address\n"
#define REGISTER "register_ref,family_name,given_names,date_of_birth,address,postcode,force\n"

typedef struct Loaded {
    Ground      g;
    PersonTools tools;
    Fold       *fold;
    Person     *people;
    size_t      count;
} Loaded;

static void load(Loaded *l)
{
    Err          err = {0};
    PersonRules *rules;
    CHECK_OK(person_rules_load(&l->g.c.mem, &rules, &err), &err);
    l->fold = fold_new(&l->g.c.mem);
    l->tools = (PersonTools){ rules, l->fold };
    CHECK_OK(person_load(l->g.c.db, &l->tools, &l->g.c.mem, l->g.hand.operation, &l->people, &l->count, &err),
             &err);
}

static void loaded_done(Loaded *l)
{
    fold_done(&l->fold);
    ground_done(&l->g);
}

TEST(people_of_every_source_are_records)
{
    CLEANUP(loaded_done) Loaded l = {0};
    ground_open(&l.g, tables);
    ground_take(&l.g, "list.csv",
                LIST "L1,O'Brien,Seán,1984-05-12,12 High St,Alnwick,NE66 1AA,J.Smith@googlemail.com,07700 "
                     "900123,"
                     "2013-04-01T10:00:00Z\n"
                     "L2,UNKNOWN,n/a,1900-01-01,,,,none@none.com,,2013-04-01T10:00:00Z\n");
    ground_take(&l.g, "answers.csv",
                ANSWERS "OP-1,Example Broadband,192.0.2.42,51234,2026-03-02T21:14:09Z,\"Example, "
                        "Rowan\",1979-04-11,"
                        "rowan@example.org,07700 900142,1 Billing Road,CH1 1AA,Flat 1 14 Mill Ln,CM1 1AA,"
                        "2026-03-01T00:00:00Z,2026-03-04T00:00:00Z,yes\n");
    ground_take(&l.g, "register.csv", REGISTER "R1,van der Berg,Jan,1970-02-03,3 Mill Lane,CM1 1AA,essex\n");
    ground_link(&l.g);
    load(&l);
    CHECK_INT(l.count, 4);
    const Person *one = &l.people[0], *two = &l.people[1], *answer = &l.people[2], *entry = &l.people[3];
    CHECK_TEXT(one->source, "reported");
    CHECK(one->nominal > 0);
    CHECK_TEXT(one->names[0].given, "sean");
    CHECK_TEXT(one->names[0].family, "obrien");
    CHECK_TEXT(person_value(one, PERSON_BIRTH_DATE), "19840512");
    CHECK_TEXT(person_value(one, PERSON_ADDRESS), "12 high street");
    CHECK_TEXT(one->addresses[0].outcode, "NE66");
    CHECK_TEXT(person_value(one, PERSON_EMAIL), "jsmith@gmail.com");
    CHECK_TEXT(person_value(one, PERSON_PHONE), "447700900123");
    CHECK(!person_value(two, PERSON_NAME) && !person_value(two, PERSON_EMAIL) &&
          !person_value(two, PERSON_BIRTH_DATE));
    CHECK_TEXT(answer->source, "answer");
    CHECK_TEXT(person_value(answer, PERSON_NAME), "rowan example");
    CHECK_INT(answer->address_count, 2);
    CHECK_TEXT(answer->addresses[0].normal, "flat 1 14 mill lane");
    CHECK_TEXT(answer->addresses[1].postcode, "CH11AA");
    CHECK(!person_value(answer, PERSON_FOOTPRINT));      /* its operator shares the address */
    CHECK_TEXT(entry->source, "register");
    CHECK_TEXT(person_value(entry, PERSON_FAMILY), "van der berg");
}

/* A school's number in many reports is found among all sources and then says nothing. */
TEST(a_number_common_to_many_is_found_in_the_base)
{
    CLEANUP(loaded_done) Loaded l = {0};
    ground_open(&l.g, tables);
    StrBuf csv = { .mem = &l.g.c.mem };
    buf_add(&csv, LIST);
    for (int i = 0; i < 12; i++)
        buf_fmt(&csv, "L%d,Family%c,Given%c,19%d-05-12,%d High St,Alnwick,NE66 1AA,,07700 900000,"
                "2013-04-01T10:00:00Z\n", i, (char)('a' + i), (char)('a' + i), 60 + i, i + 1);
    ground_take(&l.g, "list.csv", buf_text(&csv));
    load(&l);
    PersonCommons *commons;
    size_t         count;
    person_common(l.tools.rules, &l.g.c.mem, l.people, l.count, &commons);
    const PersonCommon *c = person_commons(commons, &count);
    CHECK_INT(count, 1);
    CHECK_INT(c->kind, PERSON_PHONE);
    CHECK_INT(c->records, 12);
    person_common_mark(commons, l.people, l.count);
    CHECK(!person_value(&l.people[3], PERSON_PHONE));
}

TEST_MAIN(people_of_every_source_are_records, a_number_common_to_many_is_found_in_the_base)
