/* clock.h: what waits, on whom, until when. The one mechanism for deadlines.
 *
 * Clocks are started and stopped inside apply functions, so they are a projection like any other. Every clock
 * has an owner (a person) and an agency. Lengths are data: data/clocks.csv (kind, says, letter, amount, unit,
 * calendar, band, from, escalate_after). Escalation is a fact (clock.escalated) appended by flow when the due
 * time passes: owner, supervisor, agency lead. */
#pragma once
#include "ledger/ledger.h"

typedef struct ClockStart {
    const char *kind; /* a row of data/clocks.csv */
    int64_t subject;  /* the object that waits */
    char letter;      /* of its reference */
    int64_t nominal;  /* 0 if none */
    int64_t agency;   /* whose move */
    int64_t owner;    /* 0: the agency's duty person (agency_duty) */
    Instant due;      /* computed by clock_due outside apply and carried in the entry's body */
} ClockStart;
/* For apply functions. A running clock of the same subject and kind is moved (owner, due) but never
 * restarted. */
MUST_USE bool clock_start(Tx *tx, const Entry *entry, const ClockStart *start, Err *err);
MUST_USE bool clock_stop(Tx *tx, const Entry *entry, int64_t subject, const char *kind, const char *reason,
                         Err *err); /* none running: fine */
/* Every running clock of this subject whose kind begins with `family` ("nominal."; "" for all). Subjects of
 * different kinds share numbers, so name the family unless the subject has no other. */
MUST_USE bool clock_stop_all(Tx *tx, const Entry *entry, int64_t subject, const char *family,
                             const char *reason, Err *err);
/* Every running clock of this subject whose kind begins with `family` stands still, with the reason, until
 * clock_go_on of the same family and reason; the due time then moves by as long. What somebody else had
 * paused stays so. */
MUST_USE bool clock_hold(Tx *tx, const Entry *entry, int64_t subject, const char *family, const char *reason,
                         Err *err);
MUST_USE bool clock_go_on(Tx *tx, const Entry *entry, int64_t subject, const char *family, const char *reason,
                          Err *err);
MUST_USE bool clock_hand_over(Tx *tx, const Entry *entry, int64_t subject, const char *kind, int64_t agency,
                              int64_t owner, Err *err);

typedef struct ClockRules ClockRules; /* data/clocks.csv, read once by main */
MUST_USE bool clock_rules_load(Arena *mem, Str csv, Str bank_holidays_csv, ClockRules **out, Err *err);
/* When a clock of this kind started at `from` is due. `band` ("" if none) and `nation` ("" = england-wales)
 * choose the row. Working-day rows end at 17:00 London on the due day. ERR_INVALID: no such kind on that
 * date. */
MUST_USE bool clock_due(const ClockRules *rules, const char *kind, const char *band, const char *nation,
                        Instant from, Instant *due, Err *err);
const char *clock_says(const ClockRules *rules, const char *kind); /* "Receipt of the package" */

/* The board. Ordered: past due first by risk to children (band rank), then by due time; what is paused comes
 * last. Zero in a field of the filter means any (limit: LIMIT_PAGE_ROWS). after_id: the last row of the page
 * before. */
typedef struct WaitingRow {
    int64_t id, subject, nominal, agency, owner;
    int64_t told;                  /* whom it was last escalated to, 0 nobody */
    int64_t offered;               /* who was asked to take it over, 0 nobody */
    int64_t bundled; /* people of a viral bundle that the nominal stands for (link/nominal.h), or 0 */
    char letter;
    const char *kind, *says, *agency_name, *agency_tile, *owner_name, *band;
    const char *told_name, *why, *nominal_name;       /* of a restricted nominal: no why, no name */
    Instant started, due;
    int level;
    bool paused, late;
    const char *pause_reason;
} WaitingRow;
typedef struct WaitingFilter {
    int64_t operation, agency, owner;
    bool late_only;
    bool collapsed; /* what waits about many of one viral bundle is one row; nothing late is behind what is
                     * not */
    Instant now, due_before;
    int64_t after_id;
    size_t limit;
    const char *kind;
} WaitingFilter;
MUST_USE bool waiting_list(Db *db, Arena *mem, const ClockRules *rules, const WaitingFilter *f,
                           WaitingRow **out, size_t *count, Err *err);
typedef struct WaitingCount {
    int64_t agency;
    int64_t running, late;
    Instant oldest_due;
} WaitingCount;
MUST_USE bool waiting_counts(Db *db, Arena *mem, int64_t operation, Instant now, WaitingCount **out,
                             size_t *count, Err *err);
/* Appends clock.escalated for every clock past due that can go up a level; returns how many. */
MUST_USE bool clock_escalate(Ledger *ledger, Db *db, const ClockRules *rules, Instant now, size_t *escalated,
                             Err *err);
/* A supervisor stops the time with a reason; resuming moves the due time by as long as it stood still. */
MUST_USE bool clock_pause(Ledger *ledger, const Hand *hand, int64_t clock, const char *reason, Err *err);
MUST_USE bool clock_resume(Ledger *ledger, const Hand *hand, int64_t clock, Err *err);
/* Handing over within an agency: asked by one (hand), accepted by the other (the hand's actor). ERR_CONFLICT
 * otherwise. */
MUST_USE bool clock_offer(Ledger *ledger, const Hand *hand, int64_t clock, int64_t to, Err *err);
MUST_USE bool clock_accept(Ledger *ledger, const Hand *hand, int64_t clock, Err *err);
/* One clock, running or stopped: ERR_NOT_FOUND. For the pages that pause it or hand it over. */
MUST_USE bool clock_read(Db *db, Arena *mem, const ClockRules *rules, int64_t id, Instant now,
                         WaitingRow *out, Err *err);
extern const Kind clock_kinds[];
