/* person_test.c: what each kind of value normalises to, and what holds for any text. */
#include "link/person/person.h"
#include "engine/linkage/linkage_where.h"
#include "base/csv.h"
#include "base/rng.h"
#include "base/source.h"
#include "base/test.h"
#include "engine/similarity/similarity.h"

typedef struct Ready {
    Arena       mem;
    PersonTools tools;
    Fold       *fold;
} Ready;

static void ready_done(Ready *r)
{
    fold_done(&r->fold);
    arena_done(&r->mem);
}

static void ready(Ready *r)
{
    Err          err = {0};
    PersonRules *rules;
    CHECK_OK(person_rules_load(&r->mem, &rules, &err), &err);
    r->fold = fold_new(&r->mem);
    r->tools = (PersonTools){ rules, r->fold };
}
#define READY(r) CLEANUP(ready_done) Ready r = {0}; ready(&(r))

static void check_same(const char *what, const char *got, const char *want)
{
    if ((got && !want) || (!got && want) || (got && strcmp(got, want) != 0))
        fail_msg("%s: got %s, want %s", what, got ? got : "nothing", want ? want : "nothing");
}

/* The text a property failed for, before the failure. */
static void check_twice(const PersonTools *tools, Arena *mem, PersonKind kind, const char *text,
                        const char *once)
{
    const char *twice = person_normal(tools, mem, kind, once);
    if (!twice || strcmp(once, twice) != 0)
        print_error("from: %s\n", text);
    check_same(person_kinds[kind].key, twice, once);
}

/* ---- values */

static const struct { PersonKind kind; const char *in, *want; } values[] = {
    { PERSON_GIVEN,       "  Mary-Ann ",               "mary ann"             },
    { PERSON_GIVEN,       "Dr. José",                  "jose"                 },
    { PERSON_GIVEN,       "UNKNOWN",                   NULL                   },
    { PERSON_GIVEN,       "n/a",                       NULL                   },
    { PERSON_GIVEN,       "Сергей",                    "sergey"               },
    { PERSON_FAMILY,      "O'Brien",                   "obrien"               },
    { PERSON_FAMILY,      "O Brien",                   "obrien"               },
    { PERSON_FAMILY,      "Mc Donald",                 "mcdonald"             },
    { PERSON_FAMILY,      "van der Berg",              "van der berg"         },
    { PERSON_FAMILY,      "Smith-Jones OBE",           "smith jones"          },
    { PERSON_FAMILY,      "Müller",                    "muller"               },
    { PERSON_NAME,        "Smith, John",               "john smith"           },
    { PERSON_NAME,        "Mr John Smith, Jr.",        "john smith"           },
    { PERSON_NAME,        "Joe Bloggs",                NULL                   },
    { PERSON_NAME,        "王伟",                       "wei wang"             },
    { PERSON_BIRTH_DATE,  "12/05/1984",                "19840512"             },
    { PERSON_BIRTH_DATE,  "05/23/1984",                "19840523"             },
    { PERSON_BIRTH_DATE,  "1984-05-12T00:00:00Z",      "19840512"             },
    { PERSON_BIRTH_DATE,  "12 May 1984",               "19840512"             },
    { PERSON_BIRTH_DATE,  "May 12th, 1984",            "19840512"             },
    { PERSON_BIRTH_DATE,  "12-MAY-84",                 "19840512"             },
    { PERSON_BIRTH_DATE,  "12.5.03",                   "20030512"             },
    { PERSON_BIRTH_DATE,  "19840512",                  "19840512"             },
    { PERSON_BIRTH_DATE,  "12051984",                  "19840512"             },
    { PERSON_BIRTH_DATE,  "1984",                      "19840000"             },
    { PERSON_BIRTH_DATE,  "05/1984",                   "19840500"             },
    { PERSON_BIRTH_DATE,  "1852-01-81",                "18520181"             },
    { PERSON_BIRTH_DATE,  "1984-13-45",                "19841345"             },
    { PERSON_BIRTH_DATE,  "1630-08-01",                "16300801"             },
    { PERSON_BIRTH_DATE,  "01/01/1900",                NULL                   },
    { PERSON_BIRTH_DATE,  "soon",                      NULL                   },
    { PERSON_BIRTH_YEAR,  "1984",                      "1984"                 },
    { PERSON_BIRTH_MONTH, "May",                       "05"                   },
    { PERSON_BIRTH_DAY,   "7",                         "07"                   },
    { PERSON_AGE,         "42",                        "42"                   },
    { PERSON_AGE,         "0",                         NULL                   },
    { PERSON_SEX,         "Female",                    "f"                    },
    { PERSON_SEX,         "M",                         "m"                    },
    { PERSON_SEX,         "U",                         NULL                   },
    { PERSON_CITY,        "St. Helens",                "saint helens"         },
    { PERSON_CITY,        "Newcastle-upon-Tyne",       "newcastle upon tyne"  },
    { PERSON_POSTCODE,    "ne69 7aw",                  "NE697AW"              },
    { PERSON_POSTCODE,    "4011",                      "4011"                 },
    { PERSON_POSTCODE,    "ZZ99 3WZ",                  NULL                   },
    { PERSON_ADDRESS,     "Flat 2, 12 High St., Alnwick, NE69 7AW", "flat 2 12 high street" },
    { PERSON_ADDRESS,     "No. 12 High St",            "12 high street"       },
    { PERSON_ADDRESS,     "Apt 2 12 High Street",      "flat 2 12 high street" },
    { PERSON_ADDRESS,     "12 St James Rd",            "12 saint james road"  },
    { PERSON_ADDRESS,     "6 tullaroop street",        "6 tullaroop street"   },
    { PERSON_ADDRESS,     "N.F.A.",                    NULL                   },
    { PERSON_HOUSE_NUMBER, "no 12A",                   "12a"                  },
    { PERSON_EMAIL,       "J.Smith+x@GoogleMail.com",  "jsmith@gmail.com"     },
    { PERSON_EMAIL,       "J.Smith+x@example.org",     "j.smith+x@example.org" },
    { PERSON_EMAIL,       "robert255smith.net",        "robert255smith.net"   },
    { PERSON_EMAIL,       "none@none.com",             NULL                   },
    { PERSON_PHONE,       "07700 900123",              "447700900123"         },
    { PERSON_PHONE,       "+44 (0)7700 900 123 ext 4", "447700900123"         },
    { PERSON_PHONE,       "310/246-1501",              "3102461501"           },
    { PERSON_PHONE,       "0000000000",                NULL                   },
    { PERSON_PHONE,       "0111 111 1111",             NULL                   },
    { PERSON_PHONE,       "123",                       NULL                   },
    { PERSON_ACCOUNT,     " SkyLark99 ",               "skylark99"            },
    { PERSON_USERNAME,    "Sky_Lark.99",               "skylark99"            },
    { PERSON_DEVICE,      "35-209900-176148-1",        "352099001761481"      },
    { PERSON_FOOTPRINT,   "::ffff:192.0.2.7",          "192.0.2.7"            },
    { PERSON_FOOTPRINT,   "127.0.0.1",                 NULL                   },
    { PERSON_NATIONAL_ID, "ab 12 34 57 c",             "AB123457C"            },
    { PERSON_NATIONAL_ID, "N/A",                       NULL                   },
    { PERSON_OCCUPATION,  "Teacher (primary)",         "teacher primary"      },
    { PERSON_OTHER,       "",                          NULL                   },
};

TEST(every_kind_has_its_normal_form)
{
    READY(r);
    FOR_EACH(v, values)
        check_same(v->in, person_normal(&r.tools, &r.mem, v->kind, v->in), v->want);
}

static void check_any(const PersonTools *tools, const char *text)
{
    CLEANUP(arena_done) Arena mem = {0};
    for (int k = 0; k < PERSON_KIND__COUNT; k++) {
        const char *once = person_normal(tools, &mem, (PersonKind)k, text);
        if (!once)
            continue;
        CHECK(fold_is_ascii(once) && *once);
        check_twice(tools, &mem, (PersonKind)k, text, once);
    }
    PersonName    n;
    PersonBirth   b;
    PersonAddress a;
    person_name_read(tools, &mem, text, &n);
    CHECK(!n.all == !n.sorted && (n.all || (!n.given && !n.family)));
    CHECK(person_birth_read(tools, &mem, text, &b) == (b.normal != NULL));
    person_address_read(tools, &mem, text, &a);
    CHECK(a.normal || (!a.flat && !a.number && !a.street));
}

/* Pieces that mean something somewhere, in any order, and letters of many scripts. */
TEST(normalising_twice_is_normalising_once)
{
    static const char *const pieces[] = {
        "o",     "mc", "mac",      "van",   "der",     "bin", "smith", "john",     "O'", "-",
        ",",     ", ", " ",        ".",     "mr ",     "dr",  "jr",    "st",       "rd", "no",
        "flat ", "12", "12a",      "1984",  "05",      "/",   "31",    "19840512", "@",  "gmail.com",
        "+44",   "0",  "NE69 7AW", "77009", "unknown", "n/a", "é",     "ß",        "Я",  "ш",
        "王",    "ا",  "ğ",        "\n",    "\xFF",    "of",  "4th",   "x",
    };
    READY(r);
    Rng rng = rng_seed(5);
    for (int round = 0; round < 30000; round++) {
        char   text[128] = {0};
        size_t n = 1 + rng_below(&rng, 7);
        for (size_t i = 0; i < n; i++) {
            const char *piece = pieces[rng_below(&rng, COUNT_OF(pieces))];
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", piece,
                     rng_below(&rng, 2) ? " " : "");
        }
        check_any(&r.tools, text);
    }
}

/* ---- parts */

TEST(names_have_parts_and_an_order)
{
    static const struct { const char *in, *given, *middle, *family, *script; bool told; } cases[] = {
        { "John Smith",                 "john",      NULL,     "smith",        "Latn", false },
        { "SMITH, John Peter",          "john",      "peter",  "smith",        "Latn", true  },
        { "Dr John P. Smith OBE",       "john",      "p",      "smith",        "Latn", false },
        { "Vincent van Gogh",           "vincent",   NULL,     "van gogh",     "Latn", false },
        { "de la Cruz, Maria",          "maria",     NULL,     "de la cruz",   "Latn", true  },
        { "Osama bin Laden",            "osama",     NULL,     "bin laden",    "Latn", false },
        { "Helena Bonham-Carter",       "helena",    "bonham", "carter",       "Latn", false },
        { "thomas clifford, 1st baron clifford of chudleigh", "thomas", "clifford 1st baron clifford",
          "of chudleigh", "Latn", false },
        { "Борис Ельцин",               "boris",     NULL,     "yeltsin",      "Cyrl", false },
        { "王伟",                        "wei",       NULL,     "wang",         "Hani", false },
        { "Madonna",                    NULL,        NULL,     NULL,           "Latn", false },
    };
    READY(r);
    FOR_EACH(c, cases) {
        PersonName n;
        person_name_read(&r.tools, &r.mem, c->in, &n);
        check_same(c->in, n.given, c->given);
        check_same(c->in, n.middle, c->middle);
        check_same(c->in, n.family, c->family);
        check_same(c->in, n.script, c->script);
        CHECK(n.order_told == c->told);
    }
    PersonName n, m;
    person_name_read(&r.tools, &r.mem, "Smith, John Robert", &n);
    CHECK_TEXT(n.all, "john robert smith");
    CHECK_TEXT(n.initials, "jrs");
    person_name_read(&r.tools, &r.mem, "robert john smith", &m);
    CHECK_TEXT(n.sorted, m.sorted);
    person_name_join(&r.tools, &r.mem, "Mary Ann", "O'Brien", &n);
    CHECK_TEXT(n.middle, "ann");
    CHECK_TEXT(n.family, "obrien");
    CHECK(n.order_told);
}

TEST(dates_are_read_with_what_may_be_swapped)
{
    READY(r);
    PersonBirth b;
    Date first, last;
    CHECK(person_birth_read(&r.tools, &r.mem, "03/04/1984", &b));
    CHECK_INT(b.date, date_of(1984, 4, 3));
    CHECK_INT(b.swapped, date_of(1984, 3, 4));
    CHECK(person_birth_read(&r.tools, &r.mem, "23/04/1984", &b) && b.swapped == DATE_NONE);
    CHECK(person_birth_read(&r.tools, &r.mem, "31/02/1984", &b));
    CHECK(b.date == DATE_NONE && b.day == 31 && b.month == 2);
    CHECK(person_birth_read(&r.tools, &r.mem, "Feb 1984", &b) && person_birth_span(&b, &first, &last));
    CHECK_INT(first, date_of(1984, 2, 1));
    CHECK_INT(last, date_of(1984, 2, 29));
    b = (PersonBirth){ .date = DATE_NONE, .age = 30, .age_at = date_of(2014, 7, 16) };
    CHECK(person_birth_span(&b, &first, &last));
    CHECK_INT(first, date_of(1983, 7, 17));
    CHECK_INT(last, date_of(1984, 7, 16));
    b.age_at = DATE_NONE;
    CHECK(!person_birth_span(&b, &first, &last));
}

TEST(addresses_have_parts)
{
    READY(r);
    PersonAddress a;
    person_address_read(&r.tools, &r.mem, "Flat 2\n12a High St.\nAlnwick, Northumberland\nNE69 7AW, UK", &a);
    CHECK_TEXT(a.normal, "flat 2 12a high street");
    CHECK_TEXT(a.flat, "2");
    CHECK_TEXT(a.number, "12a");
    CHECK_TEXT(a.street, "high street");
    CHECK_TEXT(a.town, "alnwick");
    CHECK_TEXT(a.region, "northumberland");
    CHECK_TEXT(a.postcode, "NE697AW");
    CHECK_TEXT(a.outcode, "NE69");
    CHECK_TEXT(a.sector, "NE697");
    person_address_read(&r.tools, &r.mem, "Rose Cottage, Mill Lane, Alnwick", &a);
    CHECK_TEXT(a.normal, "rose cottage mill lane");
    CHECK_TEXT(a.town, "alnwick");
    CHECK(!a.number && !a.postcode);
}

TEST(fields_make_one_person)
{
    static const PersonField fields[] = {
        { PERSON_GIVEN, "Robert", NULL, false, false },       { PERSON_BIRTH_YEAR, "1984", NULL, false, false },
        { PERSON_FAMILY, "Smith", NULL, false, false },       { PERSON_BIRTH_MONTH, "5", NULL, false, false },
        { PERSON_BIRTH_DAY, "12", NULL, false, false },       { PERSON_NAME, "Bob Smith", NULL, false, false },
        { PERSON_HOUSE_NUMBER, "12", NULL, false, false },    { PERSON_ADDRESS, "High St", NULL, false, false },
        { PERSON_CITY, "Alnwick", NULL, false, false },       { PERSON_POSTCODE, "NE697AW", NULL, false, false },
        { PERSON_EMAIL, "bob@example.org", NULL, true, false }, { PERSON_AGE, "30", NULL, false, false },
        { PERSON_EMAIL, "r.smith@example.org", NULL, false, true }, { PERSON_SEX, "male", NULL, false, false },
        { PERSON_ACCOUNT, "Bob84", "chat", false, false },    { PERSON_PHONE, "(201) 555 0123", "+1", false, false },
        { PERSON_NAME, "unknown", NULL, false, false },       { PERSON_OCCUPATION, " ", NULL, false, false },
    };
    READY(r);
    Person p = { .id = 7 };
    person_from_fields(&r.tools, &r.mem, fields, COUNT_OF(fields), date_of(2014, 7, 16), &p);
    CHECK_INT(p.id, 7);
    CHECK_INT(p.name_count, 2);
    CHECK_INT(p.birth_count, 2);
    CHECK_INT(p.address_count, 1);
    CHECK_INT(p.value_count, 4);
    CHECK_TEXT(p.names[1].given, "robert");
    CHECK_TEXT(p.names[0].all, "bob smith");
    CHECK_TEXT(person_value(&p, PERSON_BIRTH_DATE), "19840512");
    CHECK_TEXT(person_value(&p, PERSON_ADDRESS), "12 high street");
    CHECK_TEXT(person_value(&p, PERSON_POSTCODE), "NE697AW");
    CHECK_TEXT(p.addresses[0].outcode, "NE69");
    CHECK_TEXT(person_value(&p, PERSON_EMAIL), "r.smith@example.org");
    CHECK_TEXT(person_value(&p, PERSON_PHONE), "12015550123");
    CHECK_TEXT(person_value(&p, PERSON_SEX), "m");
    CHECK_TEXT(p.values[2].service, "chat");
    CHECK(!person_value(&p, PERSON_OCCUPATION));
}

TEST(nicknames_share_a_group)
{
    static const struct { const char *a, *b; bool same; } cases[] = {
        { "robert", "bob", true },    { "bob", "rob", true },        { "elizabeth", "libby", true },
        { "margaret", "peggy", true }, { "william", "bill", true },  { "william", "robert", false },
        { "zzz", "zzz", false },      { "mohammed", "muhammad", true },
    };
    READY(r);
    FOR_EACH(c, cases) {
        uint32_t a[3], b[3];
        size_t   n = person_nicknames(r.tools.rules, str_of(c->a), a), same = 0;
        size_t   m = person_nicknames(r.tools.rules, str_of(c->b), b);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < m; j++)
                same += a[i] == b[j];
        CHECK((same > 0) == c->same);
        CHECK(n < 2 || a[0] < a[1]);
    }
}

/* ---- common values */

enum { CROWD = 40 };

TEST(a_value_too_many_hold_is_common)
{
    READY(r);
    Person people[CROWD] = {0};
    for (size_t i = 0; i < CROWD; i++) {
        /* One school's number for all; a family of four, by the same name, shares a box. */
        char        name[32];
        snprintf(name, sizeof name, "%c%c%s Walker", (int)('a' + i % 26), (int)('a' + i / 4),
                 i < 4 ? "" : "x");
        PersonField f[] = {
            { PERSON_NAME, i < 4 ? "Ann Smith" : str_copy(&r.mem, name), NULL, false, false },
            { PERSON_PHONE, "07700 900000", NULL, false, false },
            { PERSON_EMAIL, i < 4 ? "home@example.org" : NULL, NULL, false, false },
            { PERSON_DEVICE, str_fmt(&r.mem, "device %zu", i), NULL, false, false },
        };
        person_from_fields(&r.tools, &r.mem, f, COUNT_OF(f), DATE_NONE, &people[i]);
    }
    PersonCommons *commons;
    size_t         count;
    person_common(r.tools.rules, &r.mem, people, CROWD, &commons);
    const PersonCommon *c = person_commons(commons, &count);
    CHECK_INT(count, 1);
    CHECK_INT(c->kind, PERSON_PHONE);
    CHECK_INT(c->records, CROWD);
    CHECK_TEXT(c->normal, "447700900000");
    CHECK(person_common_find(commons, PERSON_PHONE, NULL, "447700900000") == c);
    CHECK(!person_common_find(commons, PERSON_PHONE, "x", "447700900000"));
    CHECK(!person_common_find(commons, PERSON_EMAIL, NULL, "home@example.org"));
    CHECK_TEXT(person_value(&people[9], PERSON_PHONE), "447700900000");
    person_common_mark(commons, people, CROWD);
    CHECK(!person_value(&people[9], PERSON_PHONE));
    CHECK(person_value(&people[0], PERSON_EMAIL) && person_value(&people[9], PERSON_DEVICE));
}

TEST(common_values_of_a_column)
{
    READY(r);
    const char *values_of[30], *names[30];
    for (size_t i = 0; i < 30; i++) {
        values_of[i] = i < 12 ? "192.0.2.1" : i < 20 ? "192.0.2.2" : i < 25 ? NULL : "192.0.2.3";
        names[i] = i < 12 ? str_fmt(&r.mem, "n%zu", i) : "one family";
    }
    PersonCommons *commons;
    size_t         count;
    person_common_column(r.tools.rules, &r.mem, PERSON_FOOTPRINT, values_of, names, 30, &commons);
    const PersonCommon *c = person_commons(commons, &count);
    CHECK_INT(count, 1);
    CHECK_INT(c->names, 12);
    person_common_column(r.tools.rules, &r.mem, PERSON_FOOTPRINT, values_of, NULL, 30, &commons);
    c = person_commons(commons, &count);
    CHECK_INT(count, 2);
    CHECK_TEXT(c[0].normal, "192.0.2.1");
}

/* ---- rules */

TEST(rules_can_be_given_and_are_checked)
{
    READY(r);
    Err             err = {0};
    PersonRules    *rules;
    PersonRuleTexts texts = { .placeholders = STR("kind,value,why\nphone,447700900000,the school\n") };
    CHECK_OK(person_rules_read(&r.mem, &texts, &rules, &err), &err);
    CHECK(person_placeholder(rules, PERSON_PHONE, "447700900000"));
    CHECK(!person_placeholder(rules, PERSON_GIVEN, "unknown"));
    texts.placeholders = STR("kind,value,why\nphony,1,no such kind\n");
    CHECK_FAILS(person_rules_read(&r.mem, &texts, &rules, &err), &err, ERR_INVALID);
    texts = (PersonRuleTexts){ .words = STR("kind,word,means\ntitle\n") };
    CHECK_FAILS(person_rules_read(&r.mem, &texts, &rules, &err), &err, ERR_INVALID);
}

/* Nothing about origin or belief is compared: promise of person.h. */
TEST(no_kind_is_nationality_ethnicity_or_religion)
{
    static const char *const never[] = { "nation", "ethnic", "race",    "relig",  "faith", "caste",
                                         "tribe",  "origin", "citizen", "colour", "belief" };
    for (int k = 1; k < PERSON_KIND__COUNT; k++) {
        CHECK_INT(person_kinds[k].kind, k);
        CHECK_INT(person_kind(person_kinds[k].key), k);
        FOR_EACH(word, never) {
            bool number = k == PERSON_NATIONAL_ID && strcmp(*word, "nation") == 0; /* the number on a card */
            CHECK(number || !strstr(person_kinds[k].key, *word));
            CHECK(!strstr(person_kinds[k].words, *word));
        }
    }
    CHECK_INT(person_kind("nationality"), PERSON_NONE);
    CHECK_INT(person_kind("religion"), PERSON_NONE);
}

/* ---- with the shared data, where it is */

static bool shared_file(Arena *mem, const char *path, Str *out)
{
    const char *shared = getenv("MUSTER_SHARED");
    Err         err = {0};
    return shared && file_read(mem, str_fmt(mem, "%s/%s", shared, path), 64 << 20, out, &err);
}

TEST(romanised_names_are_near_the_customary)
{
    if (!getenv("MUSTER_SHARED"))
        skip();                          /* before anything is held */
    READY(r);
    Str    text;
    CsvRow row;
    bool   end = false;
    Err    err = {0};
    double total = 0;
    size_t count = 0;
    if (!shared_file(&r.mem, "names/transliteration/examples.csv", &text))
        skip();
    Csv *csv = csv_new(&r.mem, source_memory(&r.mem, text), ',');
    while (csv_next(csv, &row, &end, &err) && !end) {
        if (row.line == 1 || row.count < 4)
            continue;
        const char *ours = person_normal(&r.tools, &r.mem, PERSON_OTHER, str_from(&r.mem, row.fields[1]));
        const char *custom = person_normal(&r.tools, &r.mem, PERSON_OTHER, str_from(&r.mem, row.fields[3]));
        double      like = sim_jaro_winkler(str_of(ours), str_of(custom));
        print_message("%-28s %-26s %-26s %.3f\n", str_from(&r.mem, row.fields[0]), ours ? ours : "-", custom,
                      like);
        total += like;
        count++;
    }
    print_message("mean likeness of %zu names: %.3f\n", count, total / (double)count);
    CHECK(count > 10 && total / (double)count > 0.8);
}

TEST(a_postcode_lies_in_the_middle_of_its_district)
{
    READY(r);
    LinkWhere otley = person_where(r.tools.rules, STR("LS211AA")),
              leeds = person_where(r.tools.rules, STR("LS11AA"));
    CHECK(link_where_km(otley, leeds) > 12 && link_where_km(otley, leeds) < 18);
    CHECK(memcmp(&(LinkWhere){ 0 }, &otley, sizeof otley) != 0);
    LinkWhere quarter = person_where(r.tools.rules, STR("EC1A1BB")),
              whole = person_where(r.tools.rules, STR("EC11BB"));
    CHECK(link_where_known(quarter) && memcmp(&quarter, &whole, sizeof whole) == 0);
    CHECK(!link_where_known(person_where(r.tools.rules, STR("ZZ11AA"))) &&
          !link_where_known(person_where(r.tools.rules, STR("4011"))) &&
          !link_where_known(person_where(r.tools.rules, STR(""))));
}

TEST(naughty_texts_are_normalised_or_refused)
{
    if (!getenv("MUSTER_SHARED"))
        skip();
    READY(r);
    Str text;
    if (!shared_file(&r.mem, "hostile/blns/blns.txt", &text))
        skip();
    for (size_t at = 0; at < text.len;) {
        const char *line = text.at + at, *end = memchr(line, '\n', text.len - at);
        size_t      n = end ? (size_t)(end - line) : text.len - at;
        check_any(&r.tools, str_copy_n(&r.mem, line, n));
        at += n + 1;
    }
}

TEST_MAIN(every_kind_has_its_normal_form, normalising_twice_is_normalising_once,
          names_have_parts_and_an_order, dates_are_read_with_what_may_be_swapped, addresses_have_parts,
          a_postcode_lies_in_the_middle_of_its_district, fields_make_one_person, nicknames_share_a_group,
          a_value_too_many_hold_is_common, common_values_of_a_column, rules_can_be_given_and_are_checked,
          no_kind_is_nationality_ethnicity_or_religion, romanised_names_are_near_the_customary,
          naughty_texts_are_normalised_or_refused)
