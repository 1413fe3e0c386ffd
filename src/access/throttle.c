#include "access/throttle.h"
#include <string.h>
#include "access/access_sql.h"
#include "base/digest.h"

static const struct { const char *prefix; int64_t free_tries; } throttles[] = {
    [THROTTLE_LOGIN]   = { "l:", THROTTLE_FREE_LOGIN },
    [THROTTLE_ADDRESS] = { "a:", THROTTLE_FREE_ADDRESS },
};

Throttle throttle_of(ThrottleOf of, const char *text)
{
    CLEANUP(arena_done) Arena mem = {0};
    Throttle t = { .of = of };
    if (str_blank(text))
        return t;
    const char *salted = str_fmt(&mem, "muster throttle %s%s", throttles[of].prefix, text);
    Sha256 digest = sha256_of(salted, strlen(salted));
    snprintf(t.key, sizeof t.key, "%s%s", throttles[of].prefix, hex_write(&mem, digest.bytes, 16));
    return t;
}

Instant throttle_until(ThrottleOf of, int64_t failures, Instant now)
{
    int64_t over = failures - throttles[of].free_tries;
    if (over < 0)
        return now;
    int64_t minutes = over < 6 ? INT64_C(1) << over : THROTTLE_LONGEST_MINUTES;
    return now + minutes * 60 * US_PER_SECOND;
}

static bool throttle_read(Db *db, const Throttle *t, Instant now, int64_t *failures, Instant *until, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *failures = 0;
    *until = now;
    if (!t->key[0])
        return true;
    if (!db_query(db, &access_sql[ACCESS_THROTTLE], VALUES(sql_text(t->key)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (more && row_int(&rows, 1) + THROTTLE_FORGET_HOURS * US_PER_HOUR > now) {
        *failures = row_int(&rows, 0);
        *until = row_int(&rows, 1);
    }
    return true;
}

bool throttle_check(Db *db, const Throttle *t, Instant now, Err *err)
{
    int64_t failures;
    Instant until;
    if (!throttle_read(db, t, now, &failures, &until, err))
        return false;
    if (until <= now)
        return true;
    int64_t minutes = (until - now + 60 * US_PER_SECOND - 1) / (60 * US_PER_SECOND);
    return err_set(err, ERR_LIMIT, "Too many tries. Wait %lld minute%s.", (long long)minutes,
                   minutes == 1 ? "" : "s");
}

bool throttle_failed(Tx *tx, const Throttle *t, Instant now, int64_t *failures, Err *err)
{
    Instant until;
    if (!throttle_read(tx->db, t, now, failures, &until, err))
        return false;
    ++*failures;
    return !t->key[0] || db_run(tx, &access_sql[ACCESS_THROTTLE_SET],
                                VALUES(sql_text(t->key), sql_int(*failures),
                                       sql_int(throttle_until(t->of, *failures, now))),
                                err);
}

bool throttle_forget(Tx *tx, const Throttle *t, Err *err)
{
    return !t->key[0] || db_run(tx, &access_sql[ACCESS_THROTTLE_DROP], VALUES(sql_text(t->key)), err);
}
