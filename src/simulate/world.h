/* world.h: the invented operation, whole, before any of it is written.
 *
 * Built in this order, each part from its own stream of chance so that a change in one leaves the others
 * alone: places (data/), plan (how many of what, by force), people, traces (reports and footprints), answers,
 * outcomes. Invariants: (1) figures come out of outcomes alone, and outcomes are counted again for
 * truth.json, never taken from the plan; (2) an outcome is returned in a file that arrives on or after its
 * date, and after the person's first report; (3) an arrested person's installation address lies in the force
 * that makes the arrest. */
#pragma once
#include <stdlib.h>
#include <string.h>
#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/when.h"
#include "simulate/simulate.h"
#include "simulate/sink.h"

enum { FORCES_MAX = 64, BATCHES_MAX = 64, PHASES_MAX = 2, SECTORS_MAX = 8 };

typedef struct Town {
    const char *name, *authority;
    const char *sectors[SECTORS_MAX];
    size_t sector_count, force;
} Town;
typedef struct Force { const char *short_id, *ons_code; size_t first_town, town_count; } Force;

/* Totals at the end of a phase's own time; a scenario's later phases add to the earlier ones. */
typedef struct Totals {
    int arrests, premises, devices, registered, trust, children, immediate, charged;
} Totals;
typedef struct Phase {
    Date from, to;
    Totals totals;
    int by_force[FORCES_MAX][8];
} Phase; /* by_force in Totals' order */
enum { T_ARRESTS, T_PREMISES, T_DEVICES, T_REGISTERED, T_TRUST, T_CHILDREN, T_IMMEDIATE, T_CHARGED };

typedef struct Batch { Date arrives; bool returns, live; } Batch;

typedef enum PersonKind {
    PERSON_ARRESTED, PERSON_PACKAGED, PERSON_OTHER, PERSON_LIVE, PERSON_VIRAL
} PersonKind;
typedef struct Person {
    PersonKind  kind;
    uint64_t    salt;                    /* whatever else is said about them is drawn from this */
    const char *given, *family, *occupation, *service, *account, *email, *email2, *phone, *phone2, *device,
        *street, *postcode;
    Date        born, arrested, charged; /* DATE_NONE if not */
    size_t      town, phase, first_batch;
    bool        straddles;               /* lives in a sector that two forces share */
    bool        hotline, listed, table, registered, trust, deceased, rearrested;
    const char *first_ref, *list_ref;    /* what a force may call them by */
    size_t      report_count, answer_count;
    int         sources;
} Person;

typedef struct Report {
    size_t   person, batch;
    Instant  at;
    uint64_t number, salt;
    bool     bundled, urgent, blob, single, no_zone, no_port, victim, repeats;
} Report;

typedef enum TraceSource { TRACE_REPORT, TRACE_TABLE, TRACE_LIST } TraceSource;
typedef enum TraceStyle { STYLE_Z, STYLE_OFFSET, STYLE_NONE } TraceStyle;
typedef struct Trace {
    TraceSource source;
    TraceStyle  style;
    size_t      person, batch, report;   /* report: index, or SIZE_MAX */
    Instant     at;
    const char *address, *ref;           /* ref: event_ref or list_ref */
    int         port;                    /* 0: none */
    bool        proxy, answered;
} Trace;

typedef struct Answer {
    size_t      trace, batch;
    const char *ref;
    bool wrong, shared, elsewhere; /* wrong: the session does not cover the instant, another household */
} Answer;

/* One row a force sent. Text is NULL where the column stays empty. */
typedef struct Outcome {
    size_t      batch, force, person, order;
    const char *event, *subject, *ref, *place, *state, *item, *conditions, *offence, *result, *occupation,
        *warrant_ref, *arrest_ref, *child_ref, *relation, *access, *mechanism, *route, *agency;
    Date        date, until;
    int         quantity, age;           /* -1: empty */
    int         registered, trust, immediate;   /* -1: empty, else no or yes */
    bool        replaced, corrected;     /* a later row corrects this one; this one corrects an earlier */
    bool        pending;                 /* names a subject nobody has sent */
    bool        again;                   /* a re-arrest, never counted twice */
} Outcome;

typedef struct Refused { const char *file; size_t line; bool pending; } Refused;

typedef struct World {
    const SimulateOptions *options;
    Arena   *mem;
    bool     modern;
    const char *name;
    Date     from, to;
    Phase    phases[PHASES_MAX];   size_t phase_count;
    Batch    batches[BATCHES_MAX]; size_t batch_count;
    Force    forces[FORCES_MAX];   size_t force_count;
    Town    *towns;                size_t town_count, town_cap;
    Person  *people;               size_t person_count, person_cap;
    Report  *reports;              size_t report_count, report_cap;
    Trace   *traces;               size_t trace_count, trace_cap;
    Answer  *answers;              size_t answer_count, answer_cap;
    Outcome *outcomes;             size_t outcome_count, outcome_cap;
    Refused *refused;              size_t refused_count, refused_cap;
    size_t   footprint_rows;
    uint64_t bytes; size_t files;
} World;

/* places.c */
MUST_USE bool world_places_load(World *w, Err *err);
/* plan.c */
void plan_make(World *w);
size_t plan_batch(const World *w, Date d, bool returns);     /* the first to arrive on or after d */
/* people.c, traces.c, outcomes.c, children.c */
void people_make(World *w);
void traces_make(World *w);
void outcomes_make(World *w);
Person *people_add(World *w, PersonKind kind, size_t town);
void report_add(World *w, size_t person, size_t batch);
/* viral.c: after all others, so that they stay as they are without it. */
void viral_make(World *w);
void children_make(World *w, size_t phase, Rng *r);
Outcome *outcome_add(World *w, const char *event, size_t person, Date date);
void outcome_sign(World *w, Outcome *o, const char *letter); /* gives it the force's own reference */
/* write_reports.c, write_tables.c, write_returns.c, truth.c */
MUST_USE bool write_reports(World *w, size_t batch, size_t *number, Err *err);
MUST_USE bool write_tables(World *w, size_t batch, size_t *number, Err *err);
MUST_USE bool write_returns(World *w, size_t batch, size_t *number, Err *err);
MUST_USE bool write_opening(World *w, size_t *number, Err *err);         /* hash sets and register */
MUST_USE bool truth_write(World *w, SimulateReport *report, Err *err);

/* Small things of chance. */
Rng  stream(const World *w, const char *part, uint64_t n);
static inline bool one_in(Rng *r, double share) { return rng_unit(r) < share; }
static inline size_t below(Rng *r, size_t n) { return n ? (size_t)rng_below(r, n) : 0; }
static inline Date date_between(Rng *r, Date a, Date b)
{
    return b <= a ? a : a + (Date)rng_below(r, (uint64_t)(b - a + 1));
}
int  scaled(const World *w, double n);
void refuse_line(World *w, const char *file, size_t line, bool pending);
char *hash_text(const World *w, uint64_t index, char out[65],
                int bytes); /* digest `index` of the invented files */
/* The instant as its source wrote it. */
char *trace_when(const World *w, const Trace *t, Arena *mem);
MUST_USE bool open_file(World *w, Sink *s, size_t *number, size_t batch, const char *what, Err *err);
MUST_USE bool close_file(World *w, Sink *s, Err *err);
