/* eliminated.c: the holders of packages are told when their person is eliminated, and when that is taken
 * back. It is found by looking, since an elimination ends in several ways: a decision, a merge, a new
 * sighting. */
#include "dispatch/inside.h"

typedef struct Due { int64_t package, elimination; } Due;
typedef struct Dues { Arena *mem; Due *at; size_t count, cap; } Dues;

static bool due_add(void *ctx, const Rows *rows, Err *err)
{
    Dues *dues = ctx;
    (void)err;
    *arena_push(dues->mem, dues->at, dues->count, dues->cap) = (Due){ row_int(rows, 0), row_int(rows, 1) };
    return true;
}

static bool found(Db *db, Arena *mem, const Sql *sql, Dues *dues, Err *err)
{
    *dues = (Dues){ .mem = mem };
    return each_row(db, sql, NO_VALUES, due_add, dues, err);
}

typedef struct Tell { const ClockRules *rules; const Hand *hand; size_t told; } Tell;

static bool tell(Tx *tx, const Tell *t, const Due *due, Arena *mem, Err *err)
{
    CLEANUP(json_done) Json *body = json_new_object();
    PackageState p;
    Instant until = 0;
    Hand hand = *t->hand;
    if (!package_state(tx->db, mem, due->package, &p, err) ||
        !clock_due(t->rules, "package.eliminated", p.band, "", hand.at, &until, err))
        return false;
    hand.operation = p.operation;
    if (due->elimination) {
        json_set_int(body, "elimination", due->elimination);
        json_set_int(body, "due", until);
    }
    return ledger_append(tx, &hand, due->elimination ? "package.eliminated" : "package.reinstated", p.id,
                         json_keep(body), NULL, err);
}

static bool tell_run(Tx *tx, void *ctx, Err *err)
{
    static const int asks[] = { DISPATCH_TO_TELL, DISPATCH_TO_GO_ON };
    Tell *t = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH (ask, asks) {
        Dues dues;
        if (!found(tx->db, &mem, &dispatch_sql[*ask], &dues, err))
            return false;
        for (size_t i = 0; i < dues.count; i++, t->told++)
            if (!tell(tx, t, &dues.at[i], &mem, err))
                return false;
    }
    return true;
}

bool package_eliminations(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, size_t *told,
                          Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Tell t = { .rules = rules, .hand = hand };
    Dues tell_them, go_on;
    *told = 0;
    /* Most calls have nothing to do, and cost no turn of the writer. */
    if (!found(db, &mem, SQL(TO_TELL), &tell_them, err) || !found(db, &mem, SQL(TO_GO_ON), &go_on, err))
        return err_while(err, "looking for packages of who is eliminated");
    if (!tell_them.count && !go_on.count)
        return true;
    if (!writer_run(ledger_store(ledger), tell_run, &t, err))
        return err_while(err, "telling the holders of packages");
    *told = t.told;
    return true;
}
