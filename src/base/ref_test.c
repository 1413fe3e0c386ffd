#include "base/ref.h"
#include "base/rng.h"
#include "base/test.h"

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int64_t some_id(Rng *rng)
{
    int bits = 1 + (int)rng_below(rng, 63);
    int64_t id = (int64_t)(rng_next(rng) >> (64 - bits));
    return id > 0 ? id : 1;
}

TEST(what_is_written_reads_back)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Rng rng = rng_seed(7);
    for (int i = 0; i < 50000; i++) {
        int64_t id = i < 1000 ? i + 1 : i == 1000 ? INT64_MAX : some_id(&rng), back = 0;
        char   *text = ref_write(&mem, 'N', id);
        CHECK(strlen(text) < REF_MAX);
        CHECK_OK(ref_read(str_of(text), 'N', &back, &err), &err);
        CHECK(back == id);
        arena_reset(&mem);
    }
}

TEST(the_example_in_the_header_holds)
{
    CLEANUP(arena_done) Arena mem = {0};
    int64_t id;
    Err err = {0};
    char *text = ref_write(&mem, 'N', 3 * 1024 + 31 * 32 + 1);
    CHECK_INT(strlen(text), 6);
    CHECK(strncmp(text, "N-3Z1", 5) == 0);
    CHECK_OK(ref_read(str_of(text), 'N', &id, &err), &err);
}

TEST(people_may_type_it_their_way)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    for (int64_t id = 1; id < 40000; id += 7) {
        char   *text = ref_write(&mem, 'O', id);
        char   *lower = str_lower_ascii(&mem, text), *loose = str_fmt(&mem, " %c %s\n", text[0], text + 2);
        int64_t back = 0;
        for (char *p = lower + 2; *p; p++)
            *p = *p == '0' ? 'o' : *p == '1' ? (id % 2 ? 'l' : 'I') : *p;
        loose[2] = '-';
        CHECK_OK(ref_read(str_of(lower), 'O', &back, &err), &err);
        CHECK(back == id);
        CHECK_OK(ref_read(str_of(loose), 'O', &back, &err), &err);
        CHECK(back == id);
        arena_reset(&mem);
    }
}

static void check_refused(const char *text, char letter)
{
    Err err = {0};
    int64_t id = -1;
    CHECK_FAILS(ref_read(str_of(text), letter, &id, &err), &err, ERR_INVALID);
    CHECK(id == -1);
}

TEST(every_single_wrong_character_and_every_exchange_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(11);
    for (int i = 0; i < 3000; i++) {
        char  *text = ref_write(&mem, 'P', i < 1100 ? i + 1 : i == 1100 ? INT64_MAX : some_id(&rng));
        size_t len = strlen(text);
        for (size_t k = 2; k < len; k++) {
            char *wrong = str_copy(&mem, text);
            for (const char *s = symbols; *s; s++) {
                wrong[k] = *s;
                if (*s != text[k])
                    check_refused(wrong, 'P');
            }
            for (size_t other = 2; other < k; other++) {
                if (text[k] == text[other])
                    continue;
                char *swapped = str_copy(&mem, text);
                swapped[k] = text[other];
                swapped[other] = text[k];
                check_refused(swapped, 'P');
            }
        }
        arena_reset(&mem);
    }
}

/* The kind's letter is part of the sum: a package's reference with N in front is nobody's. */
TEST(another_kind_of_reference_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    for (int64_t id = 1; id < 5000; id++) {
        char *text = ref_write(&mem, 'P', id);
        check_refused(text, 'N');
        text[0] = 'N';
        check_refused(text, 'N');
        arena_reset(&mem);
    }
}

TEST(what_is_no_reference_is_refused)
{
    static const char *const texts[] = {
        "", "N", "N-", "N-1", "-", "N-0", "N-00", "N-01", "N-UUUU", "N-1*", "N-é1", "N 11",
        "N-ZZZZZZZZZZZZZZ", "N-ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ", "N----------------", "3Z1R",
    };
    FOR_EACH(t, texts)
        check_refused(*t, 'N');
}

TEST_MAIN(what_is_written_reads_back, the_example_in_the_header_holds, people_may_type_it_their_way,
          every_single_wrong_character_and_every_exchange_is_refused, another_kind_of_reference_is_refused,
          what_is_no_reference_is_refused)
