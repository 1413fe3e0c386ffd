/* named.c: which nominal a check is about. */
#include "link/nominal_apply.h"
#include "risk/risk.h"
#include "risk/risk_sql.h"

bool check_nominal(Db *db, int64_t check, int64_t *nominal, Err *err)
{
    bool found = false;
    return db_int(db, &risk_sql[RISK_CHECK_ONE], VALUES(sql_int(check)), nominal, &found, err) &&
           (found || err_set(err, ERR_NOT_FOUND, "There is no such check.")) &&
           nominal_kept(db, *nominal, nominal, err);
}
