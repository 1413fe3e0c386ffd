/* stages.c: one row a stage, in the order of the journey. */
#include "dispatch/package.h"
#include "flow/flow.h"
#include "link/assess.h"
#include "link/nominal.h"
#include "link/weigh.h"
#include "match/match.h"
#include "operate/operate.h"
#include "safeguard/safeguard.h"

typedef struct Work {
    App *app;
    Db *db;
    const Hand *hand;
} Work;
typedef bool Stage(const Work *w, size_t *done, Err *err);

static bool run_link(const Work *w, size_t *done, Err *err)
{
    size_t opened = 0;
    return link_pending(w->app->ledger, w->db, w->hand, done, &opened, err);
}
static bool run_weigh(const Work *w, size_t *done, Err *err)
{
    return weigh_pending(w->app->ledger, w->db, w->app->base, w->hand, done, err);
}
static bool run_assess(const Work *w, size_t *done, Err *err)
{
    return assess_pending(w->app->ledger, w->db, w->app->rules, w->hand, done, err);
}
static bool run_match(const Work *w, size_t *done, Err *err)
{
    MatchRun run = { .ledger = w->app->ledger, .db = w->db, .hand = w->hand, .rules = w->app->rules };
    return match_run(&run, done, err);
}
static bool run_attribute(const Work *w, size_t *done, Err *err)
{
    size_t attributed = 0;
    if (!app_operators(w->app, err) || !attribute_pending(w->app->ledger, w->db, w->hand, w->app->operators,
                                                          w->app->places, done, &attributed, err))
        return false;
    *done += attributed;
    return true;
}
static bool run_returns(const Work *w, size_t *done, Err *err)
{
    size_t pending = 0;
    return returns_place(w->app->ledger, w->db, w->app->rules, w->hand, done, &pending, err);
}
static bool run_children(const Work *w, size_t *done, Err *err)
{
    size_t pending = 0;
    return returns_place_children(w->app->ledger, w->db, w->app->rules, w->hand, done, &pending, err);
}
static bool run_risk(const Work *w, size_t *done, Err *err)
{
    return risk_pending(w->app->ledger, w->db, w->app->risk, w->app->rules, w->hand, done, err);
}
static bool run_eliminated(const Work *w, size_t *done, Err *err)
{
    return package_eliminations(w->app->ledger, w->db, w->app->rules, w->hand, done, err);
}
static bool run_escalate(const Work *w, size_t *done, Err *err)
{
    return clock_escalate(w->app->ledger, w->db, w->app->rules, w->hand->at, done, err);
}

static const struct {
    const char *name;
    Stage *run;
} stages[] = {
    { "link",      run_link },
    { "weigh",     run_weigh },
    { "assess",    run_assess },
    { "match",     run_match },
    { "attribute", run_attribute },
    { "returns",   run_returns },
    { "children",  run_children },
    { "risk",      run_risk },
    { "eliminate", run_eliminated },
    { "escalate",  run_escalate },
};

enum { FLOW_ROUNDS = 8 }; /* a stage's work may give an earlier one more to do; it settles in two or three */

bool flow_run(App *app, Db *db, const Hand *hand, FlowProgress *progress, void *ctx, FlowReport *out,
              Err *err)
{
    const Work work = { app, db, hand };
    *out = (FlowReport){ .stage_count = COUNT_OF(stages) };
    for (size_t i = 0; i < COUNT_OF(stages); i++)
        out->stages[i].stage = stages[i].name;
    bool busy = true;
    for (int round = 0; busy && round < FLOW_ROUNDS; round++) {
        busy = false;
        for (size_t i = 0; i < COUNT_OF(stages); i++) {
            size_t done = 0;
            if (!stages[i].run(&work, &done, err))
                return err_while(err, "running the stage %s", stages[i].name);
            out->stages[i].count += done;
            busy = busy || done > 0;
            if (progress)
                progress(ctx, stages[i].name, out->stages[i].count);
        }
    }
    return true;
}
