/* What keys see. A lens depends on nothing but the value's text, so that a block is the same whatever else
 * is in the columns. */
#include "engine/linkage/linkage_blocks.h"
#include <string.h>
#include "engine/linkage/linkage_values.h"

static uint64_t number_or_blank(uint64_t n)
{
    return n ? link_mix(n, 0x51) : 0;
}

static Str text_of(const LinkValue *v)
{
    return (Str){ v->text, v->len };
}

static uint64_t see_exact(const LinkValue *v)
{
    return number_or_blank(link_text_hash(text_of(v)));
}

static uint64_t see_sound(const LinkValue *v)
{
    return number_or_blank(v->sound);
}

static uint64_t see_start(const LinkValue *v)
{
    return number_or_blank(link_text_hash((Str){ v->text, v->len < 3 ? v->len : 3 }));
}

static uint64_t see_part0(const LinkValue *v)
{
    return number_or_blank(v->part[0]);
}

static uint64_t see_part2(const LinkValue *v)
{
    return number_or_blank(v->part[2]);
}

static uint64_t see_month_day(const LinkValue *v)
{
    return v->part[1] && v->part[2] ? number_or_blank(v->part[1] * 100 + v->part[2]) : 0;
}

static uint64_t see_nick(const LinkValue *v)
{
    return v->part[0] ? number_or_blank(v->part[0]) : see_exact(v);
}

static uint64_t see_word(const LinkValue *v)
{
    Str best[2];
    link_telling_words(text_of(v), best);
    return best[0].len ? number_or_blank(link_text_hash(best[0])) : 0;
}

static uint64_t see_word2(const LinkValue *v)
{
    Str best[2];
    link_telling_words(text_of(v), best);
    return best[1].len ? number_or_blank(link_text_hash(best[1])) : 0;
}

typedef uint64_t See(const LinkValue *v);
static See *const sees[LENS__COUNT] = {
    [LENS_EXACT] = see_exact,         [LENS_SOUND] = see_sound, [LENS_START] = see_start,
    [LENS_PART0] = see_part0,         [LENS_PART2] = see_part2, [LENS_MONTH_DAY] = see_month_day,
    [LENS_WORD] = see_word,           [LENS_WORD2] = see_word2, [LENS_NICK] = see_nick,
    [LENS_NAMES] = see_exact,
};

static size_t field_of_kind(const LinkColumns *c, LinkKind kind)
{
    const LinkField *fields;
    size_t           n = link_columns_fields(c, &fields);
    for (size_t f = 0; f < n; f++)
        if (fields[f].kind == kind)
            return f;
    return SIZE_MAX;
}

/* Who has but one name has it in either field: without a family name, the given name is looked up as one. */
static uint64_t only_name_sound(const LinkColumns *c, LinkKey key, const uint32_t *codes)
{
    const LinkField *fields;
    link_columns_fields(c, &fields);
    size_t given = fields[key.field].kind == LINK_FAMILY ? field_of_kind(c, LINK_GIVEN) : SIZE_MAX;
    return given == SIZE_MAX || codes[given] == LINK_BLANK
               ? 0
               : see_sound(link_columns_value(c, given, codes[given]));
}

uint64_t link_key_see(const LinkColumns *c, LinkKey key, const uint32_t *codes)
{
    if (codes[key.field] == LINK_BLANK)
        return key.lens == LENS_SOUND ? only_name_sound(c, key, codes) : 0;
    uint64_t seen = sees[key.lens](link_columns_value(c, key.field, codes[key.field]));
    if (key.lens != LENS_NAMES)
        return seen;
    size_t family = field_of_kind(c, LINK_FAMILY);
    if (family == SIZE_MAX || codes[family] == LINK_BLANK)
        return 0;
    uint64_t other = see_exact(link_columns_value(c, family, codes[family]));
    return link_mix(seen < other ? seen : other, seen < other ? other : seen);
}

static const char *const lens_words[LENS__COUNT] = {
    [LENS_EXACT] = "",          [LENS_SOUND] = " sound",
    [LENS_START] = " start",    [LENS_PART0] = " part",
    [LENS_PART2] = " area",     [LENS_MONTH_DAY] = " day and month",
    [LENS_WORD] = " word",      [LENS_WORD2] = " second word",
    [LENS_NICK] = " long form", [LENS_NAMES] = " and family name in either order",
};

char *link_rule_words(Arena *mem, const LinkRule *rule, const LinkColumns *c)
{
    const LinkField *fields;
    StrBuf           buf = { .mem = mem };
    link_columns_fields(c, &fields);
    if (!rule->key_count)
        return str_copy(mem, "every pair");
    for (size_t k = 0; k < rule->key_count; k++) {
        const LinkKey *key = &rule->keys[k];
        const char    *words = lens_words[key->lens];
        LinkKind       kind = fields[key->field].kind;
        if (key->lens == LENS_PART0)
            words = kind == LINK_DATE ? " year" : kind == LINK_POSTCODE ? " outward part" :
                    kind == LINK_EMAIL ? " before the @" : " last digits";
        if (key->lens == LENS_SOUND && kind == LINK_ADDRESS)
            words = " number";
        buf_fmt(&buf, "%s%s%s", k ? " + " : "", fields[key->field].name, words);
    }
    return buf_text(&buf);
}

/* Coarse enough to be shared by most pairs of one person, fine enough to cut a block. */
static const LinkKey further_kinds[] = {
    { LINK_DATE, LENS_PART0 },     { LINK_GIVEN, LENS_START },  { LINK_POSTCODE, LENS_PART0 },
    { LINK_FAMILY, LENS_START },   { LINK_PLACE, LENS_START },  { LINK_YEAR, LENS_EXACT },
    { LINK_EMAIL, LENS_START },    { LINK_ADDRESS, LENS_WORD }, { LINK_NAME, LENS_START },
    { LINK_DATE, LENS_MONTH_DAY },
};

static bool rule_uses(const LinkRule *rule, size_t field)
{
    for (size_t k = 0; k < rule->key_count; k++)
        if (rule->keys[k].field == field || rule->keys[k].lens == LENS_NAMES)
            return true;
    return false;
}

size_t link_rule_further(const LinkRule *rule, const LinkColumns *c, LinkKey further[LINK_FURTHER_KEYS])
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(further_kinds) && n < LINK_FURTHER_KEYS; i++) {
        size_t f = field_of_kind(c, (LinkKind)further_kinds[i].field);
        if (f != SIZE_MAX && !rule_uses(rule, f))
            further[n++] = (LinkKey){ (uint8_t)f, further_kinds[i].lens };
    }
    return n;
}
