/* kinds.c: the registry of every kind of fact, one table a folder. */
#include "dispatch/package.h"
#include "figures/figures.h"
#include "flow/app.h"
#include "intake/intake_ledger.h"
#include "link/assess.h"
#include "link/eliminate.h"
#include "link/nominal.h"
#include "link/pairs.h"
#include "match/match.h"
#include "operate/operate.h"
#include "safeguard/safeguard.h"
#include "triage/exhibit.h"

const Kinds *app_kinds(void)
{
    static const Kind *const tables[] = {
        ledger_kinds,  access_kinds,   clock_kinds,   operation_kinds,
        intake_kinds,  match_kinds,    link_kinds,    attribute_kinds,
        risk_kinds,    dispatch_kinds, operate_kinds, safeguard_kinds,
        figures_kinds, assess_kinds,   pair_kinds,    triage_kinds,
        eliminate_kinds, NULL,
    };
    static const Kinds kinds = { tables };
    return &kinds;
}
