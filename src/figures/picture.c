#include "figures/picture.h"
#include <stddef.h>
#include "figures/figures_sql.h"

/* One row of numbers a statement; the columns go to these fields in order. */
static const struct { int sql; size_t at[9]; size_t count;
} parts[] = {
#define AT(field) offsetof(Picture, field)
    { FIGURES_PICTURE_INTAKE, { AT(received), AT(taken), AT(merged), AT(rejected), AT(pending) }, 5 },
    { FIGURES_PICTURE_TALLY,
      { AT(referrals), AT(unresolved_time), AT(nominals), AT(to_review), AT(at_address), AT(closed),
        AT(packages), AT(unread), AT(held) },
      9 },
    { FIGURES_PICTURE_ACTIONS, { AT(visits), AT(arrests), AT(charged) }, 3 },
    { FIGURES_PICTURE_CHILDREN, { AT(immediate_no_plan) }, 1 },
#undef AT
};

bool picture_read(Db *db, int64_t operation, Picture *out, Err *err)
{
    *out = (Picture){ 0 };
    FOR_EACH(p, parts) {
        CLEANUP(rows_done) Rows rows = { 0 };
        bool more = false;
        if (!db_query(db, &figures_sql[p->sql], VALUES(sql_int(operation)), &rows, err) ||
            !rows_next(&rows, &more, err))
            return err_while(err, "reading the picture");
        for (size_t i = 0; more && i < p->count; i++)
            *(int64_t *)((char *)out + p->at[i]) = row_int(&rows, (int)i);
    }
    return true;
}
