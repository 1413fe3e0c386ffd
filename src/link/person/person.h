/* person.h: a person as any source describes them, with every value as written and a normal form beside it.
 *
 * Reported users, list rows, operators' answers, registers, force returns and rows of any table become one
 * struct. Normalising a value is person_normal: one door for every kind. A normal form is for comparing only.
 *
 * Invariants: normalising twice equals once; every normal form is ASCII; a blank, a placeholder ("unknown",
 * n/a, 01/01/1900) or an impossible value gives no normal form, so it can never count as agreement; what is
 * too common to tell people apart (a school's phone, an operator's shared address) is found from frequency by
 * person_common and is then `shared`. The lists are data people may edit: docs/names.md.
 * No kind of value is a nationality, an ethnicity or a religion, and none may be added. */
#pragma once
#include "base/fold.h"
#include "base/when.h"
#include "engine/linkage/linkage_columns.h"

typedef enum PersonKind {
    PERSON_NONE,
    PERSON_GIVEN,       /* "mary ann": lower case words parted by one blank, in the order given */
    PERSON_FAMILY,      /* "van der berg", "smith jones" (double-barrelled), "obrien" */
    PERSON_NAME,        /* given, middle and family in that order where the order can be told */
    PERSON_BIRTH_DATE,  /* "19840512"; 00 for parts not said; impossible days and months stay as written */
    PERSON_BIRTH_YEAR,  /* "1984" */
    PERSON_BIRTH_MONTH, /* "05" */
    PERSON_BIRTH_DAY,   /* "12" */
    PERSON_BIRTH_PLACE, /* as a city */
    PERSON_AGE,         /* "42" */
    PERSON_SEX,         /* "f", "m" or "x" */
    PERSON_CITY,        /* "newcastle upon tyne" */
    PERSON_REGION,      /* a county or state: "northumberland" */
    PERSON_POSTCODE,    /* "NE697AW"; elsewhere than in the United Kingdom letters and digits */
    PERSON_ADDRESS,     /* "flat 2 12 high street": words, abbreviations written out, town and postcode off */
    PERSON_HOUSE_NUMBER, /* "12", "12a" */
    PERSON_EMAIL,        /* "j.smith@example.org", by the provider's own rules of what is the same box */
    PERSON_PHONE,        /* "447700900123": E.164 without its plus; else the digits */
    PERSON_ACCOUNT,      /* a user name at a service: lower case */
    PERSON_USERNAME,     /* a user name anywhere: lower case, without separators */
    PERSON_DEVICE,       /* letters and digits, upper case */
    PERSON_FOOTPRINT,    /* a canonical network address */
    PERSON_NATIONAL_ID,  /* letters and digits, upper case */
    PERSON_OCCUPATION,   /* words */
    PERSON_OTHER,        /* words */
    PERSON_KIND__COUNT
} PersonKind;

typedef struct PersonKindRow {
    PersonKind  kind;
    const char *key;      /* "given": in --map and in data/names/ */
    const char *words;    /* "given name": for people */
    bool shared;          /* may be a household's, a school's or an operator's: frequency is looked at */
} PersonKindRow;
extern const PersonKindRow person_kinds[PERSON_KIND__COUNT];      /* by kind; [0] is empty */
PersonKind person_kind(const char *key);                          /* PERSON_NONE: no such field */

/* ---- the rules: nicknames, placeholders, mail providers, name and address words. Read once, shared by all
 * threads, never changed. */
typedef struct PersonRules PersonRules;
/* The ones built into the program. */
MUST_USE bool person_rules_load(Arena *mem, PersonRules **out, Err *err);
/* The same from texts, e.g. an agency's own files; NULL at: the built-in one. ERR_INVALID names the line. */
typedef struct PersonRuleTexts {
    Str nicknames, placeholders, mail_providers, words, common, outcodes;
} PersonRuleTexts;
MUST_USE bool person_rules_read(Arena *mem, const PersonRuleTexts *texts, PersonRules **out, Err *err);

/* What normalising needs: one for each thread. */
typedef struct PersonTools {
    const PersonRules *rules;
    Fold              *fold;
} PersonTools;

/* The normal form of one value, in `mem`; NULL when it says nothing (blank, placeholder, impossible). */
const char *person_normal(const PersonTools *tools, Arena *mem, PersonKind kind, const char *verbatim);
/* The same by kind, where more is known or wanted. */
const char *person_phone(Arena *mem, const char *verbatim, const char *country);   /* NULL: British */
const char *person_email(const PersonTools *tools, Arena *mem, const char *verbatim);
bool        person_placeholder(const PersonRules *rules, PersonKind kind, const char *normal);

/* Groups of given names that stand for one another (robert, bob, rob): at most three numbers, from 1, in
 * rising order; how many. `rules` is a PersonRules; its type fits linkage_columns.h. */
size_t person_nicknames(const void *rules, Str given, uint32_t groups[3]);
/* Where a normalised British postcode lies: in the middle of its district, by data/places/outcodes.csv. Zero
 * where the table does not say. Its type fits linkage_columns.h too. */
LinkWhere person_where(const void *rules, Str postcode);

/* ---- parts */

typedef struct PersonName {
    const char *verbatim;      /* what the source wrote, parts joined by a blank */
    const char *script;        /* of the original: "Latn", "Cyrl", "Arab"; "" unknown */
    const char *given, *middle, *family;      /* normal forms; NULL: not said or not to be told */
    const char *all;           /* every name word in the order given, then middle, then family */
    const char *sorted;        /* the same words in alphabetical order, so that order does not matter */
    const char *initials;      /* "jrs" */
    bool order_told;           /* the source kept the parts apart, or wrote a comma */
} PersonName;

typedef struct PersonBirth {
    const char *verbatim;      /* NULL: only an age */
    const char *normal;        /* as PERSON_BIRTH_DATE; NULL: none */
    Date date;                 /* DATE_NONE: impossible or incomplete */
    Date swapped;              /* with day and month exchanged; DATE_NONE when there is no such day, or the
                                  same */
    int  year, month, day;     /* as written, 0: not said */
    int  age;                  /* -1: not said */
    Date age_at;               /* when that was the age; DATE_NONE: not known */
} PersonBirth;
/* First and last day they can have been born, from a date or an age; false: anything is possible. */
bool person_birth_span(const PersonBirth *b, Date *first, Date *last);

typedef struct PersonAddress {
    const char *verbatim, *normal;            /* normal as PERSON_ADDRESS */
    const char *flat, *number, *street;       /* "2", "12a", "high street"; NULL: not told */
    const char *town, *region;
    const char *postcode, *outcode, *sector;  /* "NE697AW", "NE69", "NE697"; NULL: none or not British */
    bool shared;               /* a hostel, a school: by person_common_mark; never agreement */
} PersonAddress;

typedef struct PersonValue {   /* e-mail, phone, account, user name, device, footprint, number, occupation */
    PersonKind  kind;
    const char *service;       /* of an account; "" otherwise */
    const char *verbatim;
    const char *normal;        /* NULL: says nothing */
    bool shared;               /* flagged so by its source, or by person_common_mark: never agreement */
    bool verified;             /* its provider checked it */
} PersonValue;

typedef struct Person {
    int64_t        id;         /* the caller's */
    int64_t        nominal;    /* whom it is linked to, 0: nobody or not known */
    const char    *source;     /* the caller's word for where it is from: "reported", "register" ... */
    PersonName    *names;
    PersonBirth   *births;
    PersonAddress *addresses;
    PersonValue   *values;
    size_t name_count, birth_count, address_count, value_count;
    const char    *sex;        /* "f", "m", "x"; NULL: not stated */
} Person;

/* One value as a source gives it. `service` of an account; of a phone its country ("44"); may be NULL. */
typedef struct PersonField {
    PersonKind  kind;
    const char *text;
    const char *service;
    bool shared, verified;
} PersonField;
/* A person of these fields. Given and family that follow one another are one name; a name alone is taken
 * apart; birth year, month and day make one date; city, region and postcode join the address before them.
 * `age_at` is when an age was true (DATE_NONE: not known). */
void person_from_fields(const PersonTools *tools, Arena *mem, const PersonField *fields, size_t count,
                        Date age_at, Person *out);
/* The first normal value of a kind that counts as evidence, or NULL: for a table of one value a field. */
const char *person_value(const Person *p, PersonKind kind);

/* Takes one name apart: titles and honours off, "Smith, John", particles with the family name, initials. */
void person_name_read(const PersonTools *tools, Arena *mem, const char *verbatim, PersonName *out);
void person_name_join(const PersonTools *tools, Arena *mem, const char *given, const char *family,
                      PersonName *out);
/* Day first unless it cannot be, or year first: "12/05/1984", "1984-05-12", "12 May 1984", "19840512". */
bool person_birth_read(const PersonTools *tools, Arena *mem, const char *verbatim, PersonBirth *out);
void person_address_read(const PersonTools *tools, Arena *mem, const char *verbatim, PersonAddress *out);

/* ---- values too common to tell people apart */

/* How often one value of one kind occurs, and with how many different names it does. */
typedef struct PersonCommon {
    PersonKind  kind;
    const char *service, *normal;      /* of an address the "service" is its postcode */
    size_t      records, names;
    const char *why;           /* a sentence with the counts and the bound */
} PersonCommon;
typedef struct PersonCommons PersonCommons;
/* From all persons of a base: most frequent first. A value is common when more records than the kind's bound
 * (data/names/common.csv) hold it under more different names than a household has. */
void person_common(const PersonRules *rules, Arena *mem, const Person *people, size_t count,
                   PersonCommons **out);
/* The same from one column of normal values: names[i] (may be NULL: every record counts as another name). */
void person_common_column(const PersonRules *rules, Arena *mem, PersonKind kind, const char *const *values,
                          const char *const *names, size_t count, PersonCommons **out);
const PersonCommon *person_commons(const PersonCommons *commons, size_t *count);
const PersonCommon *person_common_find(const PersonCommons *commons, PersonKind kind, const char *service,
                                       const char *normal);      /* NULL: it is not common */
void person_common_mark(const PersonCommons *commons, Person *people, size_t count);   /* sets `shared` */
