/* named.c: which nominal a link belongs to now. */
#include "link/link_sql.h"
#include "link/nominal.h"
#include "link/nominal_apply.h"

bool link_nominal(Db *db, int64_t link, int64_t *nominal, Err *err)
{
    bool found = false;
    return db_int(db, &link_sql[LINK_ONE], VALUES(sql_int(link)), nominal, &found, err) &&
           (found || err_set(err, ERR_NOT_FOUND, "There is no such link.")) &&
           nominal_kept(db, *nominal, nominal, err);
}
