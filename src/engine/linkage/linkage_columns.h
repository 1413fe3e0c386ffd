/* linkage_columns.h: records as columns of small numbers, so that comparing them is comparing numbers.
 *
 * Every value is text that the caller has normalised (src/link/person/person.h does it); here it becomes a
 * code: its place in a dictionary. Code 0 is blank, and so is every value that may not count as agreement (a
 * placeholder, an over-common value): the caller leaves those out. Fields of one dictionary group share
 * codes, so a given name can be compared with a family name. A row has one value a field; who has several
 * names is several rows, and the caller knows which rows are one record.
 *
 * Invariants: codes never change once given; rows are only added; the same text in the same group always has
 * the same code; what is derived from a value (phonetic key, day, outcode, tokens) is made once a value. */
#pragma once
#include "base/str.h"

enum { LINK_FIELDS_MAX = 16, LINK_LEVELS_MAX = 10, LINK_BLANK = 0 };

typedef enum LinkKind {             /* how the values of a field are compared, see linkage_levels.h */
                        LINK_GIVEN, /* a given name; nicknames and the order of names are known */
                        LINK_FAMILY,
                        LINK_NAME,  /* all names in one field, or the name of a place of business: tokens in
                                       any order */
                        LINK_DATE,  /* YYYYMMDD; 00 for parts unknown */
                        LINK_PLACE, /* town, region */
                        LINK_POSTCODE, /* capitals and digits without blanks */
                        LINK_ADDRESS,  /* tokens parted by one blank */
                        LINK_EMAIL,
                        LINK_PHONE,  /* digits, the country's in front where known */
                        LINK_NUMBER, /* an identity number: digits and letters */
                        LINK_WORDS,  /* an occupation, a type: tokens */
                        LINK_CODE,   /* sex, state, anything of few values: equal or not */
                        LINK_TOKEN,  /* an account, address or device: equal or not, and too often shared to
                                        prove much */
                        LINK_HANDLE, /* a user name: equal, close, or not */
                        LINK_YEAR,   /* a number of which the neighbour is close */
                        LINK_KIND__COUNT
} LinkKind;

typedef struct LinkField {
    const char *name;     /* "given": the key in models and reports */
    LinkKind    kind;
} LinkField;

/* Where something lies: its direction from the middle of the earth, in 32,767ths (200 m). All zero: not
 * known. */
typedef struct LinkWhere { int16_t at[3]; } LinkWhere;

/* What is derived from one value. Hashes are 0 where there is nothing. */
typedef struct LinkValue {
    const char *text;
    uint32_t    len;
    uint32_t    sound;        /* phonetic key of a name; of an address: its house number */
    uint64_t letters; /* two bits a letter class: bounds how alike two texts can be; a date's digits */
    uint32_t part[3]; /* date: year, month, day; postcode: outcode, sector, area; e-mail: local, domain;
                         name: group numbers of nicknames; phone: last seven digits */
    uint32_t    tokens_at;    /* in the group's tokens: hashes of the words, sorted */
    uint16_t    token_count;
    uint16_t    local;        /* of an e-mail address: bytes before the @ */
    char        head[8];      /* the first bytes of the text */
    LinkWhere   where;        /* of a postcode */
} __attribute__((aligned(64))) LinkValue;      /* one cache line: comparing reads values all over */

/* Numbers of the groups of given names that a name belongs to (robert, bob: one group). At most three;
 * returns how many. */
typedef size_t LinkNicknames(const void *ctx, Str name, uint32_t groups[3]);
/* Where a postcode lies; zero where it is not known. */
typedef LinkWhere LinkLocate(const void *ctx, Str postcode);

typedef struct LinkColumns LinkColumns;

/* Fields are at most LINK_FIELDS_MAX, each name once. `nicknames` may be NULL. */
LinkColumns *link_columns_new(Arena *mem, const LinkField *fields, size_t field_count,
                              LinkNicknames *nicknames, const void *ctx);
/* How places of postcodes are found, with the same context, for the values that are there and those to come.
 * NULL, as at first: no value has a place, and none is near another. */
void             link_columns_locate(LinkColumns *c, LinkLocate *locate);
size_t           link_columns_fields(const LinkColumns *c, const LinkField **fields);
/* The field of this name, or SIZE_MAX. */
size_t           link_columns_field(const LinkColumns *c, const char *name);
size_t           link_columns_rows(const LinkColumns *c);

/* The code of a normalised value, new or known; LINK_BLANK for an empty one. */
uint32_t         link_columns_code(LinkColumns *c, size_t field, Str value);
/* The same of many values, in their order, without waiting for memory at every one. All of one group. */
typedef struct LinkAsk { Str value; uint32_t field, code; } LinkAsk;          /* code: the answer */
void             link_columns_codes(LinkColumns *c, LinkAsk *asks, size_t count);
/* The number of a field's group: the first of the fields that share codes with it. Threads may ask for codes
 * at the same time, each in groups of its own, while nothing else uses the columns or their arena. */
size_t           link_columns_group(const LinkColumns *c, size_t field);
/* The same without adding: LINK_BLANK if the value was never seen. */
uint32_t         link_columns_known(const LinkColumns *c, size_t field, Str value);
/* Adds a row: one code a field, and the number of the file or source it is from (0 if there is but one).
 * Returns its number. */
uint32_t         link_columns_add(LinkColumns *c, const uint32_t *codes, uint8_t source);
/* A hint that there will be so many rows in all, so that they are not moved as they become more. */
void             link_columns_expect(LinkColumns *c, size_t rows);
/* Replaces the codes of a row that is already there. Indexes made before do not know of it. */
void             link_columns_replace(LinkColumns *c, uint32_t row, const uint32_t *codes);
/* The codes of a row, one a field, blanks up to LINK_FIELDS_MAX: one cache line, so that one vector compare
 * tells every exact agreement of two rows. Moves when rows are added. */
const uint32_t  *link_columns_row(const LinkColumns *c, uint32_t row);
const uint8_t   *link_columns_sources(const LinkColumns *c);
Str              link_columns_text(const LinkColumns *c, size_t field, uint32_t row);
const LinkValue *link_columns_value(const LinkColumns *c, size_t field, uint32_t code);
/* All of a field's values, one a code; moves when values are added. */
const LinkValue *link_columns_values_at(const LinkColumns *c, size_t field);
size_t link_columns_values(const LinkColumns *c,
                           size_t field); /* codes in the field's group, blank included */
const uint32_t  *link_columns_tokens(const LinkColumns *c, size_t field, const LinkValue *v);

/* Fixes how frequent each value is, as of the rows there are now: the share of the field's rows that hold it.
 * Rows added later change nothing until it is called again, so scores stay what they were. */
void             link_columns_count(LinkColumns *c);
/* Share of a value among the field's values when counted; 0 if it was not there. */
double           link_columns_share(const LinkColumns *c, size_t field, uint32_t code);
/* Share of rows that have the field at all. */
double           link_columns_filled(const LinkColumns *c, size_t field);
/* Sets a share from elsewhere (a model's own terms) in place of what was counted. */
void             link_columns_set_share(LinkColumns *c, size_t field, Str value, double share);
