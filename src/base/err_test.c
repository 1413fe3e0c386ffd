#include "base/err.h"
#include "base/str.h"
#include "base/test.h"

TEST(the_trail_reads_innermost_first)
{
    Err err = {0};
    CHECK(!err_set(&err, ERR_INVALID, "Line %d has no file hash.", 7));
    CHECK(!err_hint(&err, "Add one."));
    CHECK(!err_while(&err, "reading line %d", 7));
    CHECK(!err_while(&err, "reading referral %s", "R-1"));
    CHECK_INT(err.kind, ERR_INVALID);
    CHECK_TEXT(err.told, "Line 7 has no file hash.");
    CHECK_TEXT(err.hint, "Add one.");
    CHECK_TEXT(err.trail, "reading line 7; reading referral R-1");
    err_clear(&err);
    CHECK_INT(err.kind, ERR_NONE);
    CHECK_TEXT(err.trail, "");
}

TEST(a_new_cause_forgets_the_old_trail)
{
    Err err = {0};
    err_set(&err, ERR_STORE, "First.");
    err_hint(&err, "Hint.");
    err_while(&err, "one");
    err_set(&err, ERR_LIMIT, "Second, after: %s", err.told);
    CHECK_TEXT(err.told, "Second, after: First.");
    CHECK_TEXT(err.hint, "");
    CHECK_TEXT(err.trail, "");
}

TEST(long_texts_are_cut_between_characters)
{
    for (int pad = 0; pad < 8; pad++) {
        Err  err = {0};
        char text[1000] = {0};
        memset(text, 'x', (size_t)pad);
        for (int i = 0; i < 200; i++)
            strncat(text, "\xE2\x82\xAC", sizeof text - strlen(text) - 1);
        err_set(&err, ERR_INVALID, "%s", text);
        err_hint(&err, "%s", text);
        for (int i = 0; i < 3; i++)
            err_while(&err, "%s", text);
        CHECK(utf8_valid(str_of(err.told)) && strlen(err.told) >= sizeof err.told - 4);
        CHECK(utf8_valid(str_of(err.hint)) && strlen(err.hint) >= sizeof err.hint - 4);
        CHECK(utf8_valid(str_of(err.trail)) && strlen(err.trail) >= sizeof err.trail - 4);
    }
}

TEST(every_kind_has_a_name)
{
    CHECK_TEXT(err_kind_name(ERR_NOT_FOUND), "not_found");
    CHECK_TEXT(err_kind_name(ERR_BUG), "bug");
    for (ErrKind a = ERR_NONE; a < ERR_BUG; a++)
        CHECK(strcmp(err_kind_name(a), err_kind_name(a + 1)) != 0);
}

TEST_MAIN(the_trail_reads_innermost_first, a_new_cause_forgets_the_old_trail,
          long_texts_are_cut_between_characters, every_kind_has_a_name)
