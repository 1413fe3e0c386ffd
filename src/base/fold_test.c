#include "base/fold.h"
#include "base/rng.h"
#include "base/test.h"

TEST(scripts_are_read_the_customary_way)
{
    static const char *const cases[][3] = {
        { "René François Lacôte",       "rene francois lacote",       "Latn" },
        { "Blöße",                      "blosse",                     "Latn" },
        { "Søren Þórður Łukasz",        "soren thordur lukasz",       "Latn" },
        { "İbrahim Işık",               "ibrahim isik",               "Latn" },
        { "Ｊｏｈｎ ﬁnn",               "john finn",                  "Latn" },
        { "Trần Hưng Đạo",              "tran hung dao",              "Latn" },
        { "Борис Николаевич Ельцин",    "boris nikolayevich yel'tsin", "Cyrl" },
        { "Володимир Горбулін",         "volodymyr horbulin",         "Cyrl" },
        { "Ђорђе Јовановић",            "dorde jovanovic"  ,          "Cyrl" },
        { "Δημήτρης Φωτόπουλος",        "dimitris fotopoulos",        "Grek" },
        { "화성시",                     "hwaseongsi",                 "Hang" },
        { "박 지민",                    "park jimin",                 "Hang" },
        { "이",                         "lee",                        "Hang" },
        { "さいたま",                   "saitama",                    "Hira" },
        { "深圳",                       "shen zhen",                  "Hani" },
        { "जालंधर",                     "jalandhar",                  "Deva" },
        { "राहुल शर्मा",                   "rahul sharma",               "Deva" },
        { "ਬਲਵਿੰਦਰ ਸਿੰਘ",                "balvindar singh",            "Guru" },
        { "রহমান",                       "rahman",                     "Beng" },
        { "O'Brien-Smith 2nd",          "o'brien-smith 2nd",          "Latn" },
        { "",                           "",                           ""     },
        { "12 + 3",                     "12 + 3",                     ""     },
    };
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(fold_done) Fold *fold = fold_new(&mem);
    FOR_EACH(c, cases) {
        if (strcmp(fold_latin(fold, &mem, (*c)[0]), (*c)[1]) != 0)
            print_error("%s gives %s\n", (*c)[0], fold_latin(fold, &mem, (*c)[0]));
        CHECK_TEXT(fold_latin(fold, &mem, (*c)[0]), (*c)[1]);
        CHECK_TEXT(fold_script((*c)[0]), (*c)[2]);
    }
}

TEST(case_folds_without_romanising)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(fold_done) Fold *fold = fold_new(&mem);
    CHECK_TEXT(fold_case(fold, &mem, "ЁЛКА Straße"), "ёлка strasse");
    CHECK_TEXT(fold_case(fold, &mem, NULL), "");
}

TEST(folding_twice_is_folding_once)
{
    Rng rng = rng_seed(11);
    CLEANUP(arena_done) Arena keep = {0};
    CLEANUP(fold_done) Fold *fold = fold_new(&keep);
    for (int round = 0; round < 3000; round++) {
        CLEANUP(arena_done) Arena mem = {0};
        char raw[24] = {0};
        size_t n = rng_below(&rng, sizeof raw), i = 0;
        while (i + 4 < n) {                  /* letters from many scripts, and now and then a broken byte */
            unsigned c = (unsigned)rng_below(&rng, 0x3000);
            if (c >= 0x800) {
                raw[i++] = (char)(0xE0 | c >> 12);
                raw[i++] = (char)(0x80 | (c >> 6 & 63));
                raw[i++] = (char)(0x80 | (c & 63));
            } else {
                raw[i++] = (char)(1 + c % 255);
            }
        }
        const char *cased = fold_case(fold, &mem, raw), *latin = fold_latin(fold, &mem, raw);
        CHECK_TEXT(fold_case(fold, &mem, cased), cased);
        CHECK_TEXT(fold_latin(fold, &mem, latin), latin);
        CHECK(fold_is_ascii(latin));
    }
}

TEST_MAIN(scripts_are_read_the_customary_way, case_folds_without_romanising, folding_twice_is_folding_once)
