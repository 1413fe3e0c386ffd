/* made_list.c: made-up people as a file that an operation receives, to measure live linking by. */
#include "base/csv.h"
#include "base/rng.h"
#include "link/train/made.h"

static void row_write(StrBuf *buf, const MadeRecord *r, size_t nth)
{
    static const Aspect after_ref[] = { ASPECT_FAMILY, ASPECT_GIVEN,    ASPECT_BIRTH,     ASPECT_ADDRESS,
                                        ASPECT_CITY,   ASPECT_POSTCODE, ASPECT_OCCUPATION };
    csv_add(buf, str_fmt(buf->mem, "P%06u-%zu", r->person, nth), false);
    FOR_EACH(a, after_ref)
        csv_add(buf, r->value[*a] ? r->value[*a] : "", false);
    csv_add(buf, "2026-05-01", true);
}

char *made_list(Arena *mem, const MadeRecord *records, size_t count, uint64_t seed)
{
    StrBuf  buf = { .mem = mem };
    size_t *order = arena_new(mem, size_t, count + 1);
    Rng     rng = rng_seed(seed);
    for (size_t i = 0; i < count; i++) {
        size_t k = (size_t)rng_below(&rng, i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    buf_add(&buf, "list_ref,family_name,given_names,date_of_birth,address,town,postcode,occupation,"
                  "purchased_at\r\n");
    for (size_t i = 0; i < count; i++)
        if (records[order[i]].value[ASPECT_FAMILY]) /* which a list must say */
            row_write(&buf, &records[order[i]], order[i]);
    return buf_text(&buf);
}
