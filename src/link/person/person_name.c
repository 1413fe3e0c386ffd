/* person_name.c: what parts a name has.
 *
 * Order is told by a comma ("Smith, John"), by the source keeping the parts apart, or by custom: a name in
 * Chinese or Korean letters begins with the family, others end with it, particles included ("Vincent van
 * Gogh", "Osama bin Laden"). Where that is wrong, `sorted` still holds the same words. */
#include <string.h>
#include "link/person/person_inside.h"

/* Family first, and often without a blank: the first letter is the family's, which is right for all but the
 * few names of two. */
static bool family_first(const char *script)
{
    return strcmp(script, "Hani") == 0 || strcmp(script, "Hang") == 0;
}

static const char *part_blank(Arena *mem, const char *text)
{
    uint32_t value;
    Str      s = str_trim(str_of(text));
    size_t   first = s.len ? utf8_point(s, 0, &value) : 0;
    if (!first || first == s.len || memchr(s.at, ' ', s.len) || s.len > 4 * 4)
        return text;
    return str_fmt(mem, STR_FMT " " STR_FMT, (int)first, s.at, (int)(s.len - first), s.at + first);
}

static Words name_words(const PersonTools *tools, Arena *mem, const char *text, bool family)
{
    Words w = words_read(tools, mem, text);
    words_glue(tools->rules, mem, &w, family);
    return w;
}

/* How many words at the end are the family's: the last and the particles before it, but never all. */
static size_t family_words(const PersonRules *rules, const Words *w)
{
    size_t n = 1;
    while (n + 1 < w->count && rules_word(rules, WORD_PARTICLE, w->at[w->count - n - 1]))
        n++;
    return n;
}

static void name_set(Arena *mem, const Words *given, const Words *family, PersonName *out)
{
    Words  all = *given;
    StrBuf initials = { .mem = mem };
    for (size_t i = 0; i < family->count && all.count < PERSON_WORDS; i++)
        all.at[all.count++] = family->at[i];
    out->given = given->count ? given->at[0] : NULL;
    out->middle = or_null(given->count > 1 ? words_join(mem, given, 1, given->count) : "");
    out->family = or_null(words_join(mem, family, 0, family->count));
    out->all = or_null(words_join(mem, &all, 0, all.count));
    for (size_t i = 0; i < all.count; i++)
        buf_char(&initials, all.at[i][0]);
    out->initials = or_null(buf_text(&initials));
    words_sort(&all);
    out->sorted = or_null(words_join(mem, &all, 0, all.count));
}

static const char *unless_placeholder(const PersonRules *rules, PersonKind kind, const char *normal)
{
    return person_placeholder(rules, kind, normal) ? NULL : normal;
}

/* A name that says nothing as a whole, or in one part, says nothing there. */
static void name_clean(const PersonTools *tools, PersonName *out)
{
    out->given = unless_placeholder(tools->rules, PERSON_GIVEN, out->given);
    out->middle = unless_placeholder(tools->rules, PERSON_GIVEN, out->middle);
    out->family = unless_placeholder(tools->rules, PERSON_FAMILY, out->family);
    if (person_placeholder(tools->rules, PERSON_NAME, out->all) ||
        (!out->given && !out->family && !out->middle && strchr(out->all, ' ')))
        *out = (PersonName){ .verbatim = out->verbatim, .script = out->script };
}

/* "Smith, John": what stands after the comma is a name and not only honours. */
static bool comma_form(const PersonTools *tools, Arena *mem, const char *text, Words *given, Words *family)
{
    const char *comma = strchr(text, ',');
    if (!comma)
        return false;
    *family = name_words(tools, mem, str_copy_n(mem, text, (size_t)(comma - text)), true);
    *given = name_words(tools, mem, comma + 1, false);
    while (given->count && rules_word(tools->rules, WORD_HONOUR, given->at[given->count - 1]))
        given->count--;
    while (given->count && rules_word(tools->rules, WORD_TITLE, given->at[0]))
        words_drop(given, 0, 1);
    bool digits =
        given->count && given->at[0][0] >= '0' && given->at[0][0] <= '9'; /* ", 1st Baron Clifford" */
    if (!given->count || !family->count || digits)
        return false;
    words_bare(tools->rules, family);
    return !rules_word(tools->rules, WORD_HONOUR, family->at[family->count - 1]);
}

void person_name_read(const PersonTools *tools, Arena *mem, const char *verbatim, PersonName *out)
{
    Words given = {0}, family = {0};
    *out = (PersonName){ .verbatim = verbatim, .script = fold_script(verbatim ? verbatim : "") };
    if (str_blank(verbatim))
        return;
    out->order_told = comma_form(tools, mem, verbatim, &given, &family);
    if (!out->order_told) {
        bool first = family_first(out->script);
        given = name_words(tools, mem, first ? part_blank(mem, verbatim) : verbatim, false);
        words_bare(tools->rules, &given);
        size_t n = given.count < 2 ? 0 : first ? 1 : family_words(tools->rules, &given);
        family = given;
        if (first && n) {
            family.count = 1;
            words_drop(&given, 0, 1);
        } else if (n) {
            words_drop(&family, 0, family.count - n);
            given.count -= n;
        } else {
            family.count = 0;
        }
    }
    name_set(mem, &given, &family, out);
    if (given.count + family.count == 1)     /* one word may be either */
        out->given = out->family = NULL;
    name_clean(tools, out);
}

void person_name_join(const PersonTools *tools, Arena *mem, const char *given, const char *family,
                      PersonName *out)
{
    const char *g = person_normal(tools, mem, PERSON_GIVEN, given);
    const char *f = person_normal(tools, mem, PERSON_FAMILY, family);
    char *both = str_fmt(mem, "%s%s%s", given ? given : "", given && family ? " " : "", family ? family : "");
    Words       gw = words_read(tools, mem, g), fw = words_read(tools, mem, f);
    *out = (PersonName){ .verbatim = both, .script = fold_script(both), .order_told = true };
    name_set(mem, &gw, &fw, out);
    name_clean(tools, out);
}

/* ---- normal forms */

/* "1st baron clifford" in a given-name column and the like stay: what is wrong there is wrong alike. */
const char *name_given(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    Words w = name_words(tools, mem, verbatim, false);
    while (w.count > 1 && rules_word(tools->rules, WORD_TITLE, w.at[0]))
        words_drop(&w, 0, 1);
    return words_join(mem, &w, 0, w.count);
}

const char *name_family(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    Words w = name_words(tools, mem, verbatim, true);
    words_bare(tools->rules, &w);
    return words_join(mem, &w, 0, w.count);
}

/* Put in order, words may meet that say something together ("drno, mac": mac drno): read until none does. */
const char *name_full(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    PersonName n;
    person_name_read(tools, mem, verbatim, &n);
    for (size_t round = 0; n.all && round < PERSON_WORDS; round++) {
        const char *before = n.all;
        person_name_read(tools, mem, before, &n);
        if (str_same(n.all, before))
            break;
    }
    return n.all;
}
