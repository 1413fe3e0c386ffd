/* person_inside.h: what the files of person share. No other module includes it. */
#pragma once
#include "link/person/person.h"

enum { PERSON_WORDS = 24, PERSON_TEXT = 1024 };      /* words of one value; bytes of it that are looked at */

/* Kinds of words in data/names/words.csv. */
typedef enum WordKind {
    WORD_COUNTRY,      /* of an address: left off */
    WORD_FLAT,         /* apt, unit: flat */
    WORD_HONOUR,       /* after a name: obe, junior */
    WORD_JOINED,       /* part of the word after it: mc, o */
    WORD_MONTH,        /* means: 1..12 */
    WORD_PARTICLE,     /* belongs to the family name after it: van, bin */
    WORD_REGION,       /* a county */
    WORD_SEX,
    WORD_SKIP,         /* before a house number: no, number */
    WORD_STREET,       /* rd: road */
    WORD_TITLE,        /* before a name: mr, dr */
    WORD__COUNT
} WordKind;
/* What the word means ("" if nothing more), NULL if it is not of the kind. */
const char *rules_word(const PersonRules *rules, WordKind kind, const char *word);
/* False: no word of the kind begins as this one and is as long. */
bool rules_may(const PersonRules *rules, WordKind kind, const char *word, size_t len);

typedef struct MailProvider {
    const char *domain, *same_as, *ignores;
    char tag;                        /* what follows it in a box's name is a label; 0: none */
} MailProvider;
const MailProvider *rules_mail(const PersonRules *rules, const char *domain);
/* The bound above which a value of a kind is common, and how many names a household may have; 0: never. */
void rules_common(const PersonRules *rules, PersonKind kind, size_t *at_least, size_t *names,
                  const char **why);

/* ---- words of a text */
typedef struct Words {
    char  *at[PERSON_WORDS];
    size_t count;
} Words;
/* Folds to Latin; letters and digits make words, an apostrophe or full stop inside one is dropped, anything
 * else parts them. */
Words words_read(const PersonTools *tools, Arena *mem, const char *text);
char *words_join(Arena *mem, const Words *w, size_t from, size_t to);        /* by blanks; "" for none */
void  words_drop(Words *w, size_t at, size_t count);
/* "mc donald" becomes one word; in a family name "o brien" too, which elsewhere may be an initial. */
void  words_glue(const PersonRules *rules, Arena *mem, Words *w, bool family);
/* Titles before and honours after a name, as long as a word is left. */
void  words_bare(const PersonRules *rules, Words *w);
/* The words in alphabetical order. */
void  words_sort(Words *w);
const char *or_null(const char *text);               /* NULL for "" */

/* ---- by kind: normal forms before placeholders are looked at; NULL: none */
typedef const char *NormalOf(const PersonTools *tools, Arena *mem, const char *verbatim);
NormalOf name_given, name_family, name_full;                         /* person_name.c */
NormalOf birth_date, birth_year, birth_month, birth_day, birth_age;  /* person_birth.c */
NormalOf place_city, place_region, place_postcode, place_address, place_house;      /* person_place.c */
