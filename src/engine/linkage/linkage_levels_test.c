#include "engine/linkage/linkage_levels.h"
#include "base/test.h"
#include "engine/linkage/linkage_where.h"

typedef struct Case { const char *name; LinkKind kind; const char *a, *b, *level; } Case;
static const Case cases[] = {
    { "a name is itself",                   LINK_GIVEN,    "robert",        "robert",        "exact" },
    { "one letter out is close",            LINK_GIVEN,    "robert",        "robret",        "close" },
    { "an initial is an initial",           LINK_GIVEN,    "r",             "robert",        "initial" },
    { "another initial is no agreement",    LINK_GIVEN,    "j",             "robert",        "differs" },
    { "a short form is known",              LINK_GIVEN,    "bob",           "robert",        "nickname" },
    { "strangers differ",                   LINK_FAMILY,   "smith",         "okonkwo",       "differs" },
    { "a double name shares a word",        LINK_FAMILY,   "smith jones",   "jones",         "sound" },
    { "day and month change places",        LINK_DATE,     "19840305",      "19840503",      "swapped" },
    { "one digit out",                      LINK_DATE,     "19840305",      "19840306",      "digit" },
    { "two digits change places",           LINK_DATE,     "19840312",      "19840321",      "digit" },
    { "only the year is known of both",     LINK_DATE,     "19840101",      "19850101",      "near" },
    { "the same day of another year",       LINK_DATE,     "19840305",      "19610305",      "two_parts" },
    { "the same year",                      LINK_DATE,     "19840305",      "19841127",      "year" },
    { "another date",                       LINK_DATE,     "19840305",      "19511127",      "differs" },
    { "the same district",                  LINK_POSTCODE, "NE697AW",       "NE692TF",       "outward" },
    { "the same sector",                    LINK_POSTCODE, "NE697AW",       "NE697TF",       "sector" },
    { "the same area, farther than 25 km",  LINK_POSTCODE, "NE697AW",       "NE12TF",        "area" },
    { "near in the same area",              LINK_POSTCODE, "NE12TF",        "NE31AA",        "km_5" },
    { "near across areas",                  LINK_POSTCODE, "NE12TF",        "SR11AA",        "km_25" },
    { "far across areas",                   LINK_POSTCODE, "NE697AW",       "SR11AA",        "differs" },
    { "of no known place",                  LINK_POSTCODE, "NE12TF",        "ZZ11AA",        "differs" },
    { "one character out",                  LINK_POSTCODE, "NE697AW",       "NE697AV",       "character" },
    { "before the @ the same",              LINK_EMAIL,    "toms@example.org", "toms@longer.example.com", "local" },
    { "the same but for digits",            LINK_EMAIL,    "tom.s77@example.org", "toms@mail.example.com", "name" },
    { "last seven digits",                  LINK_PHONE,    "447700900123",  "7700900123",    "seven" },
    { "one digit of a phone",               LINK_PHONE,    "447700900123",  "447700900133",  "digit" },
    { "words in another order",             LINK_ADDRESS,  "12 high street", "high street 12", "exact" },
    { "the number tells houses apart",      LINK_ADDRESS,  "12 high street", "14 high street", "most" },
    { "a street misspelt, number the same", LINK_ADDRESS,  "12 cromwell street", "12 cromwel street", "close" },
    { "a town misspelt",                    LINK_PLACE,    "birmingham",    "birmngham",     "close" },
    { "names in another order",             LINK_NAME,     "mary ann smith", "smith mary ann", "exact" },
    { "one character of a number",          LINK_NUMBER,   "6988048",       "6988049",       "one" },
    { "codes are equal or not",             LINK_CODE,     "m",             "f",             "differs" },
};

static size_t one_group(const void *ctx, Str name, uint32_t groups[3])
{
    (void)ctx;
    bool robert = str_eq(name, STR("bob")) || str_eq(name, STR("robert"));
    groups[0] = robert ? 7 : 0;
    return robert;
}

static LinkWhere some_places(const void *ctx, Str postcode)
{
    (void)ctx;
    static const struct { const char *outcode; double latitude, longitude; } places[] = {
        { "NE69", 55.6, -1.7 }, { "NE1", 54.97, -1.61 }, { "NE3", 55.01, -1.62 }, { "SR1", 54.91, -1.38 },
    };
    FOR_EACH(p, places)
        if (str_eq((Str){ postcode.at, postcode.len - 3 }, str_of(p->outcode)))
            return link_where(p->latitude, p->longitude);
    return (LinkWhere){ 0 };
}

static const char *level_of(const Case *c, const char *a, const char *b)
{
    static const char *const nothing = "";
    Arena        mem = { 0 };
    LinkField    field = { "field", c->kind };
    LinkColumns *columns = link_columns_new(&mem, &field, 1, one_group, NULL);
    link_columns_locate(columns, some_places);
    uint32_t     x = link_columns_code(columns, 0, str_of(a)), y = link_columns_code(columns, 0, str_of(b));
    const char *key =
        x && y ? link_kind_specs[c->kind].levels[link_level(c->kind, columns, 0, x, y)].key : nothing;
    arena_done(&mem);
    return key;
}

TEST(each_level_is_what_its_name_says)
{
    FOR_EACH(c, cases) {
        if (strcmp(level_of(c, c->a, c->b), c->level) != 0)
            print_error("%s\n", c->name);
        CHECK_TEXT(level_of(c, c->a, c->b), c->level);
    }
}

TEST(levels_do_not_depend_on_who_is_first)
{
    FOR_EACH(c, cases)
        CHECK_TEXT(level_of(c, c->b, c->a), c->level);
}

TEST(every_kind_has_a_blank_a_differs_and_an_exact)
{
    for (size_t k = 0; k < LINK_KIND__COUNT; k++) {
        const LinkKindSpec *spec = &link_kind_specs[k];
        double              m = 0, u = 0;
        CHECK(spec->level_count >= 3 && spec->level_count <= LINK_LEVELS_MAX);
        CHECK_TEXT(spec->levels[LINK_LEVEL_BLANK].key, "blank");
        CHECK_TEXT(spec->levels[LINK_LEVEL_DIFFERS].key, "differs");
        CHECK_TEXT(spec->levels[spec->level_count - 1].key, "exact");
        for (size_t l = 1; l < spec->level_count; l++) {
            CHECK(spec->levels[l].m > 0 && spec->levels[l].u > 0);
            m += spec->levels[l].m;
            u += spec->levels[l].u;
        }
        CHECK(m > 0.8 && m < 1.25 && u > 0.8 && u < 1.25);
    }
}

TEST_MAIN(each_level_is_what_its_name_says, levels_do_not_depend_on_who_is_first,
          every_kind_has_a_blank_a_differs_and_an_exact)
