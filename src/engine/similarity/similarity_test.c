/* similarity_test.c: published values, and every way of computing beside the slow one of the textbooks. */
#include "engine/similarity/similarity.h"
#include <math.h>
#include "base/rng.h"
#include "base/test.h"

#define NEAR(got, want, by) CHECK(fabs((got) - (want)) <= (by))

/* ---- published values */

TEST(jaro_winkler_is_as_published)
{
    /* Winkler (1994), table of string comparators; below 0.7 nothing is added for the beginning. */
    static const struct { const char *a, *b; double jaro, winkler; } cases[] = {
        { "SHACKLEFORD", "SHACKELFORD", 0.970, 0.982 }, { "DUNNINGHAM", "CUNNIGHAM", 0.896, 0.896 },
        { "NICHLESON", "NICHULSON", 0.926, 0.956 },     { "JONES", "JOHNSON", 0.790, 0.832 },
        { "MASSEY", "MASSIE", 0.889, 0.933 },           { "ABROMS", "ABRAMS", 0.889, 0.922 },
        { "ITMAN", "SMITH", 0.467, 0.467 },             { "JERALDINE", "GERALDINE", 0.926, 0.926 },
        { "MARHTA", "MARTHA", 0.944, 0.961 },           { "MICHELLE", "MICHAEL", 0.869, 0.921 },
        { "JULIES", "JULIUS", 0.889, 0.933 },           { "TANYA", "TONYA", 0.867, 0.880 },
        { "DWAYNE", "DUANE", 0.822, 0.840 },            { "SEAN", "SUSAN", 0.783, 0.805 },
        { "JON", "JOHN", 0.917, 0.933 },                { "DIXON", "DICKSONX", 0.767, 0.813 },
        { "", "", 1, 1 },                               { "", "A", 0, 0 },
        { "A", "A", 1, 1 },                             { "A", "B", 0, 0 },
        { "AB", "BA", 0, 0 },
    };
    FOR_EACH(c, cases) {
        NEAR(sim_jaro(str_of(c->a), str_of(c->b)), c->jaro, 0.0007);
        NEAR(sim_jaro_winkler(str_of(c->a), str_of(c->b)), c->winkler, 0.0007);
    }
}

TEST(distances_are_as_published)
{
    static const struct { const char *a, *b; int levenshtein, osa, damerau; } cases[] = {
        { "kitten", "sitting", 3, 3, 3 },   { "saturday", "sunday", 3, 3, 3 }, { "", "abc", 3, 3, 3 },
        { "", "", 0, 0, 0 },                { "ca", "abc", 3, 3, 2 },          { "smith", "smiht", 2, 1, 1 },
        { "a cat", "an abct", 4, 4, 3 },    { "abcdef", "badcfe", 4, 3, 3 },   { "same", "same", 0, 0, 0 },
        { "rosettacode", "raisethysword", 8, 8, 8 },
    };
    FOR_EACH(c, cases) {
        CHECK_INT(sim_levenshtein(str_of(c->a), str_of(c->b)), c->levenshtein);
        CHECK_INT(sim_osa(str_of(c->a), str_of(c->b)), c->osa);
        CHECK_INT(sim_damerau(str_of(c->a), str_of(c->b)), c->damerau);
        CHECK(sim_one_edit(str_of(c->a), str_of(c->b)) == (c->damerau <= 1));
    }
}

TEST(soundex_is_as_published)
{
    static const char *const cases[][2] = {
        { "Washington", "W252" }, { "Lee", "L000" },      { "Gutierrez", "G362" }, { "Pfister", "P236" },
        { "Jackson", "J250" },    { "Tymczak", "T522" },  { "VanDeusen", "V532" }, { "Ashcraft", "A261" },
        { "Robert", "R163" },     { "Rupert", "R163" },   { "Rubin", "R150" },     { "Honeyman", "H555" },
        { "O'Brien", "O165" },    { "", "" },             { "123", "" },
    };
    FOR_EACH(c, cases) {
        char code[SIM_CODE];
        sim_soundex(str_of((*c)[0]), code);
        CHECK_TEXT(code, (*c)[1]);
    }
}

TEST(nysiis_is_as_published)
{
    static const char *const cases[][2] = {
        { "Bishop", "BASAP" },    { "Carr", "CAR" },       { "Chapman", "CAPNAN" },  { "Greene", "GRAN" },
        { "Harper", "HARPAR" },   { "Jacobs", "JACAB" },   { "Larson", "LARSAN" },   { "Lawrence", "LARANC" },
        { "Lawson", "LASAN" },    { "Lynch", "LYNC" },     { "Mackenzie", "MCANSY" }, { "O'Brien", "OBRAN" },
        { "Richards", "RACARD" }, { "Silva", "SALV" },     { "Watkins", "WATCAN" },  { "Wheeler", "WALAR" },
        { "Willis", "WAL" },      { "knight", "NAGT" },    { "mitchell", "MATCAL" }, { "", "" },
    };
    FOR_EACH(c, cases) {
        char code[SIM_CODE];
        sim_nysiis(str_of((*c)[0]), code);
        CHECK_TEXT(code, (*c)[1]);
    }
}

/* Names that are one name however it was romanised, and names that are not. */
TEST(our_code_hears_one_name_in_many_spellings)
{
    static const struct { const char *a, *b; bool same; } cases[] = {
        { "Tchaikovsky", "Chaykovskij", true },  { "Yeltsin", "Eltzin", true },  { "Khan", "Han", true },
        { "Mikhail", "Mihail", true },           { "Yusuf", "Jussuf", true },    { "Philip", "Filip", true },
        { "Catherine", "Katherine", true },      { "Stephen", "Stefan", true },  { "Schmidt", "Shmit", true },
        { "Wagner", "Vagner", true },            { "Geoffrey", "Jeffery", true }, { "Knight", "Nite", true },
        { "Thompson", "Tomson", false },         { "Mohammed", "Muhamad", true }, { "Smith", "Jones", false },
        { "Anna", "Emma", false },               { "Sokolov", "Sokoloff", true }, { "Wright", "Rite", true },
    };
    FOR_EACH(c, cases) {
        char a[SIM_CODE], b[SIM_CODE];
        sim_phonetic(str_of(c->a), a);
        sim_phonetic(str_of(c->b), b);
        if ((strcmp(a, b) == 0) != c->same)
            fail_msg("%s is %s, %s is %s", c->a, a, c->b, b);
    }
}

TEST(words_and_grams_are_counted)
{
    NEAR(sim_dice_grams(STR("night"), STR("nacht"), 2), 0.25, 1e-9);
    NEAR(sim_jaccard_grams(STR("night"), STR("nacht"), 2), 1 / 7.0, 1e-9);
    NEAR(sim_jaccard_grams(STR("a"), STR("a"), 2), 1, 0);
    NEAR(sim_jaccard_grams(STR(""), STR(""), 2), 1, 0);
    NEAR(sim_jaccard_grams(STR(""), STR("ab"), 2), 0, 0);
    NEAR(sim_jaccard_words(STR("high street north"), STR("north  high street")), 1, 0);
    NEAR(sim_jaccard_words(STR("high street"), STR("high road")), 1 / 3.0, 1e-9);
    NEAR(sim_words(STR("john smith"), STR("smith john"), 1), 1, 0);
    NEAR(sim_words(STR("john smith"), STR("john"), 0), 1, 0);
    CHECK(sim_words(STR("john smith"), STR("john"), 1) < 0.8);
    CHECK(sim_words(STR("jon smyth"), STR("smith john"), 1) > 0.8);
    CHECK_INT(sim_prefix(STR("smith"), STR("smyth")), 2);
    NEAR(sim_edit_ratio(1, 4, 3), 0.75, 0);
}

/* ---- the textbooks' way */

static double slow_jaro(Str a, Str b, bool winkler)
{
    bool   in_a[SIM_LONGEST] = {0}, in_b[SIM_LONGEST] = {0};
    long   n = (long)a.len, m = (long)b.len, bound = (n > m ? n : m) / 2 - 1;
    double common = 0, moved = 0;
    bound = bound < 0 ? 0 : bound;
    if (!n && !m)
        return 1;
    for (long j = 0; j < m; j++)
        for (long i = j - bound < 0 ? 0 : j - bound; i < n && i <= j + bound; i++)
            if (!in_a[i] && a.at[i] == b.at[j]) {
                in_a[i] = in_b[j] = true;
                common++;
                break;
            }
    for (long i = 0, j = 0; i < n; i++) {
        if (!in_a[i])
            continue;
        while (!in_b[j])
            j++;
        moved += a.at[i] != b.at[j++];
    }
    if (common == 0)
        return 0;
    double jaro = (common / (double)n + common / (double)m + (common - floor(moved / 2)) / common) / 3;
    double prefix = 0;
    while (prefix < 4 && prefix < (double)n && prefix < (double)m && a.at[(int)prefix] == b.at[(int)prefix])
        prefix++;
    return winkler && jaro > 0.7 ? jaro + prefix * 0.1 * (1 - jaro) : jaro;
}

enum { SLOW = 300, FIRST_ROW = 1 };

/* The whole table. swaps 0: Levenshtein; 1: neighbours once; 2: Lowrance and Wagner with what lies between.
 */
static int slow_edits(Str a, Str b, int swaps)
{
    static int d[SLOW + 2][SLOW + 2];
    int        seen[256] = {0}, n = (int)a.len, m = (int)b.len;
    for (int i = 0; i <= n; i++)
        d[i][0] = i;
    for (int j = 0; j <= m; j++)
        d[0][j] = j;
    for (int i = FIRST_ROW; i <= n; i++) {
        int col = 0;
        for (int j = 1; j <= m; j++) {
            bool same = a.at[i - 1] == b.at[j - 1];
            int  row = seen[(uint8_t)b.at[j - 1]], best = d[i - 1][j - 1] + !same;
            best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
            best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
            if (swaps == 1 && i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                best = d[i - 2][j - 2] + 1 < best ? d[i - 2][j - 2] + 1 : best;
            if (swaps == 2 && row && col) {
                int far = d[row - 1][col - 1] + (i - row - 1) + 1 + (j - col - 1);
                best = far < best ? far : best;
            }
            d[i][j] = best;
            if (same)
                col = j;
        }
        seen[(uint8_t)a.at[i - 1]] = i;
    }
    return d[n][m];
}

/* ---- random texts: all lengths, few letters so that they meet; half are edits of the other */

enum { ROUNDS = 3000, SEED = 20140716 };

static Str random_text(Rng *rng, char *room, size_t longest, unsigned letters)
{
    size_t n = rng_below(rng, longest + 1);
    for (size_t i = 0; i < n; i++)
        room[i] = (char)(rng_below(rng, 12) ? 'a' + (int)rng_below(rng, letters) : (int)rng_below(rng, 256));
    return (Str){ room, n };
}

static Str random_edit(Rng *rng, char *room, Str s, size_t longest)
{
    memcpy(room, s.at, s.len);
    for (unsigned k = (unsigned)rng_below(rng, 4); k && s.len > 1 && s.len < longest; k--) {
        size_t at = rng_below(rng, s.len - 1);
        char   c = room[at];
        switch (rng_below(rng, 4)) {
        case 0: room[at] = (char)rng_below(rng, 256); break;
        case 1: room[at] = room[at + 1], room[at + 1] = c; break;
        case 2: memmove(room + at, room + at + 1, --s.len - at); break;
        default: memmove(room + at + 1, room + at, s.len++ - at); break;
        }
    }
    return (Str){ room, s.len };
}

static void random_pair(Rng *rng, char room[2][SLOW + 1], Str *a, Str *b)
{
    static const size_t lengths[] = { 3, 8, 16, 17, 32, 33, 64, 65, 130, SLOW };
    size_t   longest = lengths[rng_below(rng, COUNT_OF(lengths))];
    unsigned letters = (unsigned)rng_below(rng, 6) + 1;
    *a = random_text(rng, room[0], longest, letters);
    *b = rng_below(rng, 2) ? random_text(rng, room[1], longest, letters)
                           : random_edit(rng, room[1], *a, longest);
}

TEST(fast_ways_give_what_the_slow_way_gives)
{
    Rng rng = rng_seed(SEED);
    for (int round = 0; round < ROUNDS; round++) {
        char room[2][SLOW + 1];
        Str  a, b;
        random_pair(&rng, room, &a, &b);
        CHECK(sim_jaro(a, b) == slow_jaro(a, b, false));
        CHECK(sim_jaro_winkler(a, b) == slow_jaro(a, b, true));
        int lev = slow_edits(a, b, 0), osa = slow_edits(a, b, 1), far = slow_edits(a, b, 2);
        CHECK_INT(sim_levenshtein(a, b), lev);
        CHECK_INT(sim_osa(a, b), osa);
        CHECK_INT(sim_damerau(a, b), far);
        int max = (int)rng_below(&rng, 12);
        CHECK_INT(sim_levenshtein_within(a, b, max), lev > max ? max + 1 : lev);
        CHECK_INT(sim_osa_within(a, b, max), osa > max ? max + 1 : osa);
        CHECK_INT(sim_damerau_within(a, b, max), far > max ? max + 1 : far);
        CHECK(sim_one_edit(a, b) == (osa <= 1));
    }
}

TEST(measures_are_symmetric_and_bounded)
{
    Rng rng = rng_seed(SEED + 1);
    for (int round = 0; round < ROUNDS; round++) {
        char room[2][SLOW + 1];
        Str  a, b;
        random_pair(&rng, room, &a, &b);
        for (size_t i = 0; i < a.len; i += 5)
            room[0][i] = ' ';
        for (size_t i = 0; i < b.len; i += 7)
            room[1][i] = ' ';
        CHECK(sim_jaro_winkler(a, b) == sim_jaro_winkler(b, a));
        CHECK_INT(sim_levenshtein(a, b), sim_levenshtein(b, a));
        CHECK_INT(sim_osa(a, b), sim_osa(b, a));
        CHECK_INT(sim_damerau(a, b), sim_damerau(b, a));
        CHECK(sim_one_edit(a, b) == sim_one_edit(b, a));
        CHECK(sim_words(a, b, 0.5) == sim_words(b, a, 0.5));
        CHECK(sim_jaccard_words(a, b) == sim_jaccard_words(b, a));
        for (int q = 1; q <= 4; q++) {
            CHECK(sim_jaccard_grams(a, b, q) == sim_jaccard_grams(b, a, q));
            CHECK(sim_jaccard_grams(a, b, q) <= sim_dice_grams(a, b, q));
            CHECK(sim_jaccard_grams(a, a, q) == 1);
        }
        CHECK(sim_words(a, a, 1) == 1 && sim_jaccard_words(a, a) == 1 && sim_jaro_winkler(a, a) == 1);
        double jw = sim_jaro_winkler(a, b), words = sim_words(a, b, 0);
        CHECK(jw >= 0 && jw <= 1 && words >= 0 && words <= 1);
        CHECK(sim_damerau(a, b) <= sim_osa(a, b) && sim_osa(a, b) <= sim_levenshtein(a, b));
    }
}

/* ---- many at once */

enum { MANY = 2000 };

typedef struct Many {
    char     room[MANY][2][SLOW + 1];
    Str      a[MANY], b[MANY];
    double   jaro[MANY];
    uint16_t lev[MANY], osa[MANY];
} Many;

static void check_many(const Many *m, int step, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Str a = m->a[step ? i : 0];
        CHECK(m->jaro[i] == sim_jaro_winkler(a, m->b[i]));
        CHECK_INT(m->lev[i], sim_levenshtein(a, m->b[i]));
        CHECK_INT(m->osa[i], sim_osa(a, m->b[i]));
    }
}

TEST(many_pairs_give_what_one_pair_gives_at_every_level)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng   rng = rng_seed(SEED + 2);
    Many *m = arena_new(&mem, Many, 1);
    for (size_t i = 0; i < MANY; i++)
        random_pair(&rng, m->room[i], &m->a[i], &m->b[i]);
    for (int level = 0; level < CPU__COUNT; level++) {
        if (!cpu_here((Cpu)level))
            continue;
        for (int step = 0; step < 2; step++) {
            size_t n = step ? MANY : 77;
            memset(m->jaro, 0, sizeof m->jaro);
            sim_jaro_winkler_pairs((Cpu)level, m->a, step, m->b, n, m->jaro);
            sim_levenshtein_pairs((Cpu)level, m->a, step, m->b, n, m->lev);
            sim_osa_pairs((Cpu)level, m->a, step, m->b, n, m->osa);
            check_many(m, step, n);
        }
    }
}

TEST(a_text_beyond_the_longest_is_cut)
{
    CLEANUP(arena_done) Arena mem = {0};
    char *long_text = arena_new(&mem, char, 3 * SIM_LONGEST);
    memset(long_text, 'a', 3 * SIM_LONGEST);
    Str a = { long_text, 3 * SIM_LONGEST }, b = { long_text, SIM_LONGEST };
    CHECK_INT(sim_levenshtein(a, b), 0);
    CHECK_INT(sim_damerau(a, STR("b")), SIM_LONGEST);
    CHECK_INT(sim_osa(a, STR("ab")), SIM_LONGEST - 1);
    CHECK(sim_jaro_winkler(a, b) == 1 && sim_jaccard_grams(a, b, 3) == 1);
    CHECK(sim_edit_ratio(SIM_LONGEST, a.len, 1) == 0);
}

/* ---- by code point */

TEST(code_points_count_one_each)
{
    CHECK_INT(sim_levenshtein_utf8(STR("Борис"), STR("Бориз")), 1);
    CHECK_INT(sim_levenshtein_utf8(STR("naïve"), STR("naive")), 1);
    CHECK_INT(sim_osa_utf8(STR("Яна"), STR("Яан")), 1);
    CHECK_INT(sim_damerau_utf8(STR("ça"), STR("aбç")), 2);
    NEAR(sim_jaro_winkler_utf8(STR("МАРТХА"), STR("МАРХТА")), 0.961, 0.001);
    CHECK(sim_jaro_winkler_utf8(STR("MARTHA"), STR("MARHTA")) == sim_jaro_winkler(STR("MARTHA"), STR("MARHT"
                                                                                                     "A")));
    CHECK_INT(sim_levenshtein_utf8(STR("a\xFF"), STR("a\xFE")), 1);
    CHECK_INT(sim_levenshtein_utf8(STR("é\xFF"), STR("é\xFF")), 0);
}

/* Putting one letter for each code point, or the reverse, changes no measure. */
TEST(code_points_measure_as_bytes_do)
{
    Rng rng = rng_seed(SEED + 3);
    for (int round = 0; round < 300; round++) {
        CLEANUP(arena_done) Arena mem = {0};
        char   room[2][SLOW + 1];
        Str    s[2];
        StrBuf wide[2] = { { .mem = &mem }, { .mem = &mem } };
        random_pair(&rng, room, &s[0], &s[1]);
        for (int k = 0; k < 2; k++)
            for (size_t i = 0; i < s[k].len; i++)
                buf_fmt(&wide[k], "%c%c", (char)(0xD0 + ((uint8_t)s[k].at[i] >> 6)),
                        (char)(0x80 | (s[k].at[i] & 63)));
        Str a = { buf_text(&wide[0]), wide[0].len }, b = { buf_text(&wide[1]), wide[1].len };
        CHECK(sim_jaro_winkler_utf8(a, b) == sim_jaro_winkler(s[0], s[1]));
        CHECK_INT(sim_levenshtein_utf8(a, b), sim_levenshtein(s[0], s[1]));
        CHECK_INT(sim_osa_utf8(a, b), sim_osa(s[0], s[1]));
        CHECK_INT(sim_damerau_utf8(a, b), sim_damerau(s[0], s[1]));
    }
}

TEST_MAIN(jaro_winkler_is_as_published, distances_are_as_published, soundex_is_as_published,
          nysiis_is_as_published, our_code_hears_one_name_in_many_spellings, words_and_grams_are_counted,
          fast_ways_give_what_the_slow_way_gives, measures_are_symmetric_and_bounded,
          many_pairs_give_what_one_pair_gives_at_every_level, a_text_beyond_the_longest_is_cut,
          code_points_count_one_each, code_points_measure_as_bytes_do)
