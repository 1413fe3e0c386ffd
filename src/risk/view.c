/* view.c: what pages show of a nominal's risk: band history, decisions, checks. */
#include "risk/risk.h"
#include "risk/risk_sql.h"

static const char *check_says(const char *kind)
{
    static const struct { const char *kind, *says; } all[] = {
        { "access",     "Does this person have access to children?"   },
        { "household",  "Who lives in the household?"                 },
        { "occupation", "What is this person's work with children?"   },
        { "register",   "Is this person on the register?"             },
    };
    FOR_EACH(k, all)
        if (str_same(k->kind, kind))
            return k->says;
    return "Check";
}

static ScoreRow score_read(const Rows *r, Arena *mem)
{
    return (ScoreRow){ .id = row_int(r, 0),
                       .at = row_when(r, 1),
                       .model = row_copy(r, 2, mem),
                       .band = row_copy(r, 3, mem),
                       .why = row_copy(r, 4, mem),
                       .factors_json = row_copy(r, 5, mem),
                       .points = row_int(r, 6) };
}

static DecisionRow decision_read(const Rows *r, Arena *mem)
{
    return (DecisionRow){ .id = row_int(r, 0),
                          .person = row_int(r, 1),
                          .second = row_int(r, 2),
                          .at = row_when(r, 3),
                          .suggested = row_copy(r, 4, mem),
                          .band = row_copy(r, 5, mem),
                          .reason = row_copy(r, 6, mem),
                          .person_name = row_copy(r, 7, mem) };
}

static CheckRow check_read(const Rows *r, Arena *mem)
{
    const char *kind = row_copy(r, 1, mem);
    return (CheckRow){ .id = row_int(r, 0),
                       .kind = kind,
                       .says = check_says(kind),
                       .state = row_copy(r, 2, mem),
                       .answer = row_copy(r, 3, mem),
                       .note = row_copy(r, 4, mem),
                       .asked = row_when(r, 5),
                       .due = str_same(row_text(r, 2), "open") ? row_when(r, 6) : INSTANT_NONE };
}

#define LIST(statement, read, items, number)                                                        \
    do {                                                                                            \
        CLEANUP(rows_done) Rows rows = {0};                                                         \
        bool more = false;                                                                          \
        size_t cap = 0;                                                                             \
        if (!db_query(db, &risk_sql[statement], VALUES(sql_int(nominal)), &rows, err))              \
            return false;                                                                           \
        while (rows_next(&rows, &more, err) && more)                                                \
            *arena_push(mem, items, number, cap) = read(&rows, mem);                                \
        if (err->kind)                                                                              \
            return false;                                                                           \
    } while (0)

static bool proposed_read(Db *db, Arena *mem, int64_t nominal, RiskView *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &risk_sql[RISK_V_PROPOSED], VALUES(sql_int(nominal)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (more) {
        out->proposed_band = row_copy(&rows, 0, mem);
        out->proposed_reason = row_copy(&rows, 1, mem);
        out->proposed_by = row_int(&rows, 2);
    }
    return true;
}

bool risk_view(Db *db, Arena *mem, int64_t nominal, RiskView *out, Err *err)
{
    *out = (RiskView){0};
    LIST(RISK_V_SCORES, score_read, out->scores, out->score_count);
    LIST(RISK_V_DECISIONS, decision_read, out->decisions, out->decision_count);
    LIST(RISK_V_CHECKS, check_read, out->checks, out->check_count);
    return proposed_read(db, mem, nominal, out, err);
}
