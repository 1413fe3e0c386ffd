/* person_normal.c: the one door to a value's normal form, whatever its kind. */
#include <string.h>
#include "intake/normal.h"
#include "link/person/person_inside.h"

/* ---- e-mail, phone */

/* One box has many spellings where its provider ignores some of what is written. */
const char *person_email(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    const char *folded = fold_latin(tools->fold, mem, verbatim), *email = normal_email(mem, folded);
    if (!email)
        return NULL;
    const char         *at = strrchr(email, '@');
    const MailProvider *p = rules_mail(tools->rules, at + 1);
    if (!p)
        return email;
    StrBuf box = { .mem = mem };
    for (const char *c = email; c < at && !(p->tag && *c == p->tag && c > email); c++)
        if (!strchr(p->ignores, *c))
            buf_char(&box, *c);
    return box.len ? str_fmt(mem, "%s@%s", buf_text(&box), p->same_as) : email;
}

static const char *email_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    const char *email = person_email(tools, mem, verbatim);
    if (email)
        return email;
    /* Without its @ it is no address, but as long as it has a domain's dot two records may share the slip. */
    const char *folded = fold_latin(tools->fold, mem, verbatim), *s = str_from(mem, str_trim(str_of(folded)));
    return strlen(s) >= 6 && strlen(s) <= 254 && strchr(s, '.') && !strpbrk(s, " <>,;@") ? s : NULL;
}

static const char *without_extension(Arena *mem, const char *text)
{
    const char *x = strpbrk(text, "xX#");
    if (x && x > text && (x[-1] == 'e' || x[-1] == 'E'))
        x--;
    return x ? str_copy_n(mem, text, (size_t)(x - text)) : text;
}

const char *person_phone(Arena *mem, const char *verbatim, const char *country)
{
    if (str_blank(verbatim))
        return NULL;
    const char *text = without_extension(mem, verbatim), *e164 = normal_phone(mem, text, country);
    if (e164)
        return e164 + 1;
    StrBuf digits = { .mem = mem };
    for (const char *p = text; *p; p++)
        if (*p >= '0' && *p <= '9')
            buf_char(&digits, *p);
    if (digits.len < 6 || digits.len > 15)
        return NULL;
    e164 = normal_phone(mem, buf_text(&digits), country);       /* "077 (mob) 00900123" */
    return e164 ? e164 + 1 : buf_text(&digits);
}

static const char *phone_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    (void)tools;
    return person_phone(mem, verbatim, NULL);
}

/* ---- accounts, numbers, words */

static const char *account_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    return or_null(str_from(mem, str_trim(str_of(fold_latin(tools->fold, mem, verbatim)))));
}

/* john.smith, John_Smith and johnsmith are one handle. */
static const char *username_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    StrBuf out = { .mem = mem };
    for (const char *p = fold_latin(tools->fold, mem, verbatim); *p && out.len < PERSON_TEXT; p++)
        if (!strchr(" ._-@", *p))
            buf_char(&out, *p);
    return out.len ? buf_text(&out) : NULL;
}

static const char *device_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    return normal_device(mem, fold_latin(tools->fold, mem, verbatim));
}

static const char *footprint_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    (void)tools;
    return normal_address(mem, verbatim);
}

static const char *words_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    Words w = words_read(tools, mem, verbatim);
    return words_join(mem, &w, 0, w.count);
}

static const char *sex_of(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    return rules_word(tools->rules, WORD_SEX, words_of(tools, mem, verbatim));
}

static NormalOf *const normal_of[PERSON_KIND__COUNT] = {
    [PERSON_GIVEN] = name_given,
    [PERSON_FAMILY] = name_family,
    [PERSON_NAME] = name_full,
    [PERSON_BIRTH_DATE] = birth_date,
    [PERSON_BIRTH_YEAR] = birth_year,
    [PERSON_BIRTH_MONTH] = birth_month,
    [PERSON_BIRTH_DAY] = birth_day,
    [PERSON_BIRTH_PLACE] = place_city,
    [PERSON_AGE] = birth_age,
    [PERSON_SEX] = sex_of,
    [PERSON_CITY] = place_city,
    [PERSON_REGION] = place_region,
    [PERSON_POSTCODE] = place_postcode,
    [PERSON_ADDRESS] = place_address,
    [PERSON_HOUSE_NUMBER] = place_house,
    [PERSON_EMAIL] = email_of,
    [PERSON_PHONE] = phone_of,
    [PERSON_ACCOUNT] = account_of,
    [PERSON_USERNAME] = username_of,
    [PERSON_DEVICE] = device_of,
    [PERSON_FOOTPRINT] = footprint_of,
    [PERSON_NATIONAL_ID] = device_of,
    [PERSON_OCCUPATION] = words_of,
    [PERSON_OTHER] = words_of,
};

const char *person_normal(const PersonTools *tools, Arena *mem, PersonKind kind, const char *verbatim)
{
    if (kind <= PERSON_NONE || kind >= PERSON_KIND__COUNT || str_blank(verbatim))
        return NULL;
    const char *normal = normal_of[kind](tools, mem, verbatim);
    return person_placeholder(tools->rules, kind, normal) ? NULL : normal;
}
