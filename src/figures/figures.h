/* figures.h: counts as at a date, by force, nation and place, recomputed from entries; never individuals.
 *
 * One row of figure_measures[] defines each measure: its JSON key, its words for the notice, its definition
 * for people, and its SQL. As at D: rows whose date <= D, in their finally corrected form; with `known_size`
 * n: as the first n ledger entries knew it. */
#pragma once
#include "access/access.h"
#include "ledger/ledger.h"

typedef enum Measure {
    MEASURE_ARRESTS,
    MEASURE_PREMISES,
    MEASURE_DEVICES,
    MEASURE_CHARGED,
    MEASURE_REGISTERED,
    MEASURE_TRUST,
    MEASURE_CHILDREN,
    MEASURE_IMMEDIATE,
    MEASURE__COUNT
} Measure;
typedef struct MeasureDef {
    const char *key, *says, *definition;
} MeasureDef;
extern const MeasureDef figure_measures[MEASURE__COUNT];
typedef struct ForceFigures {
    int64_t force;
    const char *short_id, *name, *tile, *nation;
    int tile_row, tile_column;
    int64_t of[MEASURE__COUNT];
} ForceFigures;
typedef struct PlaceFigures {
    const char *place, *force_short;
    int64_t force, arrests;
} PlaceFigures;
typedef struct Figures {
    Date as_at;
    int64_t tree_size, operation;
    int64_t national[MEASURE__COUNT];
    ForceFigures *forces;
    size_t force_count;
    PlaceFigures *places;
    size_t place_count;
    struct {
        const char *nation;
        int64_t of[MEASURE__COUNT];
    } nations[4];
    size_t nation_count;
} Figures;
typedef struct FiguresQuery {
    int64_t operation;
    Date as_at;
    int64_t known_size;
} FiguresQuery; /* known_size 0: all */
MUST_USE bool figures_compute(Db *db, Arena *mem, const FiguresQuery *q, Figures *out, Err *err);
Json *figures_json(Arena *mem, const Figures *f); /* the keys of README's contract */
/* The bridge: opening + by month or cause (new events, events dated earlier but reported later, corrections)
 * = closing, for each measure. */
typedef struct BridgeStep {
    const char *says;
    int64_t of[MEASURE__COUNT];
} BridgeStep;
typedef struct Bridge {
    Date from, to;
    int64_t opening[MEASURE__COUNT], closing[MEASURE__COUNT];
    BridgeStep *steps;
    size_t step_count;
} Bridge;
MUST_USE bool figures_bridge(Db *db, Arena *mem, int64_t operation, Date from, Date to, Bridge *out,
                             Err *err);
/* Drill: the rows behind one number, for those allowed. force 0: all; place NULL: all. */
typedef struct DrillRow {
    int64_t id, entry, nominal, force, child;
    const char *kind, *ref, *place, *force_tile;
    Date on;
    int64_t quantity;
} DrillRow;
typedef struct DrillFilter {
    Measure measure;
    int64_t operation, force;
    const char *place;
    Date as_at;
    int64_t after_id;
    size_t limit;
} DrillFilter;
MUST_USE bool figures_drill(Db *db, Arena *mem, const DrillFilter *f, DrillRow **out, size_t *count,
                            Err *err);
/* The notice to the public, in the fixed shape of the press line; small numbers by place suppressed below 5.
 */
char *figures_notice(Arena *mem, const Figures *f, const char *operation_name);
MUST_USE bool figures_publish(Ledger *ledger, Db *db, const Hand *hand, Date as_at, int64_t *notice,
                              Err *err); /* keeps figures, text and tree size */
extern const Kind figures_kinds[];
typedef struct NoticeRow {
    int64_t id, tree_size;
    Date as_at;
    Instant at;
    const char *notice, *person_name;
} NoticeRow;
MUST_USE bool figures_notices(Db *db, Arena *mem, int64_t operation, NoticeRow **out, size_t *count,
                              Err *err);
