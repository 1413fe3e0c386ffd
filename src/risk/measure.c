#include "risk/measure.h"
#include "risk/risk_sql.h"

typedef struct Gather {
    Db              *db;
    Arena           *mem;
    const RiskModel *model;
    int64_t          nominal;
    Instant          now;
    Person          *p;
} Gather;

static void set(Person *p, Fact f, int64_t count, int64_t entry)
{
    p->m.count[f] = count;
    p->m.entry[f] = entry;
}

static bool one_row(const Gather *g, int sql, Values values, Rows *rows, Err *err)
{
    bool more = false;
    if (!db_query(g->db, &risk_sql[sql], values, rows, err) || !rows_next(rows, &more, err))
        return false;
    return more || err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
}

static bool gather_row(const Gather *g, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    if (!one_row(g, RISK_NOMINAL, VALUES(sql_int(g->nominal)), &r, err))
        return false;
    *g->p = (Person){
        .operation = row_int(&r, 0),
        .given = row_copy(&r, 1, g->mem),
        .family = row_copy(&r, 2, g->mem),
        .born = row_date(&r, 3),
        .occupation = row_copy(&r, 4, g->mem),
        .postcode = row_copy(&r, 5, g->mem),
        .known_files = row_int(&r, 6),
        .referrals = row_int(&r, 7),
        .stage = row_copy(&r, 8, g->mem),
        .status = row_copy(&r, 9, g->mem),
        .changed = row_int(&r, 10),
        .band = row_copy(&r, 11, g->mem),
        .suggested = row_copy(&r, 12, g->mem),
        .registered = row_bool(&r, 13),
        .position_of_trust = row_bool(&r, 14),
        .answers = row_int(&r, 15),
        .nation = row_copy(&r, 16, g->mem),
        .access = "unknown",
    };
    set(g->p, FACT_KNOWN_FILES, g->p->known_files, 0);
    set(g->p, FACT_REFERRALS, g->p->referrals, 0);
    return true;
}

static bool gather_reports(const Gather *g, Err *err)
{
    CLEANUP(rows_done) Rows r = {0}, prior = {0}, flags = {0};
    static const Fact flagged[] = { FACT_LIVE_STREAMING, FACT_PRODUCTION, FACT_SEXTORTION, FACT_SADISTIC,
                                    FACT_SOLICITATION };
    static const Fact counted[] = { FACT_DAYS, FACT_URGENT, FACT_ENTICEMENT, FACT_CONTACT_ABUSE,
                                    FACT_PURCHASES };
    Values me = VALUES(sql_int(g->nominal));
    if (!one_row(g, RISK_REPORTS, me, &r, err) || !one_row(g, RISK_PRIOR, me, &prior, err)
        || !one_row(g, RISK_FLAGS, me, &flags, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(counted); i++)
        set(g->p, counted[i], row_int(&r, (int)i), 0);
    for (size_t i = 0; i < COUNT_OF(flagged); i++)
        set(g->p, flagged[i], row_int(&flags, (int)i), 0);
    set(g->p, FACT_PRIOR_REPORTS, row_int(&prior, 0), 0);
    bool young = !row_null(&r, 5) && row_int(&r, 5) < 18;
    if (g->p->born != DATE_NONE)
        young = date_add_months(g->p->born, 18 * 12) > instant_date_utc(g->now);
    set(g->p, FACT_UNDER_18, young, 0);
    return true;
}

static bool gather_children(const Gather *g, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    static const Fact counted[] = { FACT_CHILDREN_HOME, FACT_CHILDREN_REGULAR, FACT_CHILDREN_IMMEDIATE };
    if (!one_row(g, RISK_CHILDREN, VALUES(sql_int(g->nominal)), &r, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(counted); i++)
        set(g->p, counted[i], row_int(&r, (int)i), row_int(&r, 3));
    return true;
}

static bool gather_actions(const Gather *g, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    if (!one_row(g, RISK_ACTIONS, VALUES(sql_int(g->nominal)), &r, err))
        return false;
    bool status = str_same(g->p->status, "charged") || str_same(g->p->status, "convicted");
    set(g->p, FACT_CHARGES, row_int(&r, 0) + (status && !row_int(&r, 0)), row_int(&r, 3));
    if (row_bool(&r, 1))
        set(g->p, FACT_REGISTERED, 1, row_int(&r, 3));
    if (row_bool(&r, 2))
        set(g->p, FACT_POSITION_OF_TRUST, 1, row_int(&r, 3));
    return true;
}

/* What triage found on devices seized from them. */
static bool gather_devices(const Gather *g, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    if (!one_row(g, RISK_DEVICES, VALUES(sql_int(g->nominal)), &r, err))
        return false;
    set(g->p, FACT_DEVICE_FILES, row_int(&r, 0), row_int(&r, 2));
    set(g->p, FACT_DEVICE_UNKNOWN, row_int(&r, 1), row_int(&r, 2));
    return true;
}

static bool gather_register(const Gather *g, bool answered_no, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    Person *p = g->p;
    if (answered_no || str_blank(p->family) || str_blank(p->given) || p->born == DATE_NONE)
        return true;
    if (!one_row(g, RISK_REGISTER,
                 VALUES(sql_text(p->given), sql_text(p->family), sql_date(p->born), sql_text(p->postcode),
                        sql_int(g->nominal)),
                 &r, err))
        return false;
    if (row_int(&r, 1))
        set(p, FACT_REGISTERED, 1, p->m.entry[FACT_REGISTERED]);
    set(p, FACT_POSSIBLE_REGISTER, row_int(&r, 0) > 0 && !p->m.count[FACT_REGISTERED], 0);
    return true;
}

/* The latest answer of each kind; a question asked and not answered yet is "open". */
typedef struct Answers {
    char access, occupation, household, registered;
    int64_t entry[4];
} Answers; /* y n u o, or 0 */

static char answer_letter(const char *state, const char *answer)
{
    return str_same(state, "open") ? 'o' : str_same(answer, "yes") ? 'y' : str_same(answer, "no") ? 'n' : 'u';
}

static bool gather_checks(const Gather *g, Answers *a, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    struct { const char *kind; char *letter; } kinds[] = {
        { "access", &a->access }, { "occupation", &a->occupation }, { "household", &a->household },
        { "register", &a->registered },
    };
    if (!db_query(g->db, &risk_sql[RISK_CHECKS], VALUES(sql_int(g->nominal)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            if (str_same(kinds[i].kind, row_text(&r, 1))) {
                *kinds[i].letter = answer_letter(row_text(&r, 2), row_text(&r, 3));
                a->entry[i] = row_int(&r, 4) ? row_int(&r, 4) : row_int(&r, 0);
            }
    return err->kind == ERR_NONE;
}

static void weigh_work(const Gather *g, const Answers *a)
{
    Person *p = g->p;
    bool said = !str_blank(p->occupation);
    if (a->occupation == 'y' || (a->occupation != 'n' && model_trusts(g->model, g->mem, p->occupation)))
        set(p, FACT_POSITION_OF_TRUST, 1,
            a->occupation == 'y' ? a->entry[1] : p->m.entry[FACT_POSITION_OF_TRUST]);
    set(p, FACT_OCCUPATION_UNKNOWN,
        !said && (a->occupation == 0 || a->occupation == 'o' || a->occupation == 'u'), a->entry[1]);
    set(p, FACT_OCCUPATION_UNASKED, !said && a->occupation == 0, 0);
}

/* Unknown is never zero: until someone answers, access counts as unknown. What is recorded of children
 * answers "yes". */
static void weigh_access(const Gather *g, const Answers *a)
{
    Person *p = g->p;
    if (a->household == 'y' && !p->m.count[FACT_CHILDREN_HOME])
        set(p, FACT_CHILDREN_HOME, 1, a->entry[2]);
    bool known = p->m.count[FACT_CHILDREN_HOME] || p->m.count[FACT_CHILDREN_REGULAR] ||
                 p->m.count[FACT_POSITION_OF_TRUST];
    bool yes = a->access == 'y';
    set(p, FACT_ACCESS_YES, yes && !known, a->entry[0]);
    set(p, FACT_ACCESS_UNKNOWN, !yes && !known && a->access != 'n', a->entry[0]);
    set(p, FACT_ACCESS_UNASKED, !yes && !known && a->access == 0, 0);
    set(p, FACT_HOUSEHOLD_UNASKED, p->answers > 0 && !p->m.count[FACT_CHILDREN_HOME] && a->household == 0, 0);
    p->access = yes || known ? "yes" : a->access == 'n' ? "no" : "unknown";
}

bool person_measure(Db *db, Arena *mem, const RiskModel *model, int64_t nominal, Instant now, Person *out,
                    Err *err)
{
    Gather g = { db, mem, model, nominal, now, out };
    Answers a = {0};
    if (!gather_row(&g, err) || !gather_reports(&g, err) || !gather_children(&g, err) ||
        !gather_actions(&g, err) || !gather_devices(&g, err) || !gather_checks(&g, &a, err))
        return err_while(err, "weighing nominal %lld", (long long)nominal);
    if (a.registered == 'y')
        set(out, FACT_REGISTERED, 1, a.entry[3]);
    if (!gather_register(&g, a.registered == 'n', err))
        return err_while(err, "comparing nominal %lld with the register", (long long)nominal);
    if (out->m.count[FACT_POSSIBLE_REGISTER] && a.registered)       /* asked already: no second question */
        out->m.entry[FACT_POSSIBLE_REGISTER] = a.entry[3];
    weigh_work(&g, &a);
    weigh_access(&g, &a);
    out->registered = out->m.count[FACT_REGISTERED] > 0;
    out->position_of_trust = out->m.count[FACT_POSITION_OF_TRUST] > 0;
    return true;
}
