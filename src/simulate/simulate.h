/* simulate.h: writes a synthetic operation with known truth: an authority, the files an operation receives in
 * the order they arrive, and truth.json with the figures they must add up to (docs/formats.md).
 *
 * Scenarios: "lantern", six months ending `today` under today's rules; "notarise", the same shape dated
 * February 2014 to March 2015. Every name, number and address is invented: telephone numbers, network
 * addresses and domains come from the ranges reserved for drama and documentation. The same scenario, seed,
 * scale and today give the same bytes. */
#pragma once
#include <stdint.h>
#include "base/err.h"
#include "base/when.h"

typedef struct SimulateOptions {
    const char *scenario;      /* "lantern" or "notarise" */
    uint64_t    seed;
    double      scale;         /* 1 gives the exact published totals; others are rounded; 0.01 to 1000 */
    const char *out_dir;       /* made if absent */
    Date        today;         /* lantern ends here; the authority of either still runs six months after it */
} SimulateOptions;

typedef struct SimulateReport {
    size_t   files, people, reports, footprints, answers, returns;
    size_t   arrests, premises, devices, children;    /* as at the scenario's last date */
    uint64_t bytes;
} SimulateReport;

/* ERR_INVALID: unknown scenario or a scale out of range. ERR_STORE: a file could not be written. */
MUST_USE bool simulate_run(const SimulateOptions *options, Arena *mem, SimulateReport *out, Err *err);
