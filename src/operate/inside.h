/* inside.h: what the files of src/operate share. No other folder includes it. */
#pragma once
#include "operate/operate.h"
#include "operate/operate_sql.h"

#define SQL(name) (&operate_sql[OPERATE_##name])

/* One row of the table of kinds: what an action is called and does (kinds.c). */
typedef struct ActionKind {
    const char *name, *says;
    const char *needs[2];                  /* columns it cannot do without */
    const char *states[8];                 /* the words its state may be; none: it has no state */
    const char *status;                    /* what the nominal's status becomes at least, or NULL */
    bool        first;                     /* counts as the first action on a package, if its state allows */
} ActionKind;
const ActionKind *action_kind(const char *name);                     /* NULL if unknown */
bool action_acts(const ActionKind *kind, const char *state); /* a first action: a refused warrant is none */
const char *action_says(Arena *mem, const char *kind, const char *state);

/* One thing a force did, however it came: a row of a file or a form. Texts are borrowed. */
typedef struct Act {
    int64_t id, nominal, package, force, operation, file, line, quantity;
    const char *kind, *ref, *place, *state, *detail, *occupation, *note;
    Date on;
    bool registered, position_of_trust;
    Instant due, update_due, return_due;
} Act;
/* Reads the columns of docs/formats.md, `returns`; dues and places are left to the caller. */
void act_read(Arena *mem, const Json *row, Act *out);
/* The instants a fact must carry, since apply knows no calendar: due, due_update, due_return in `item`. */
typedef struct ActDues { const ClockRules *rules; const char *nation, *band; Instant recorded; } ActDues;
MUST_USE bool act_dues(const ActDues *with, const Json *row, Json *item, Err *err);
void act_dues_read(const Json *item, Act *out);

/* effects.c. Puts the row, correcting an earlier one of the same force, kind and reference; *same: it was
 * there already, word for word. */
MUST_USE bool act_put(Tx *tx, const Entry *entry, Arena *mem, Act *act, int64_t *was_nominal, bool *same,
                      Err *err);
/* What the acts of one fact bring about, in order of date. `others`: nominals whose rows were corrected away.
 */
MUST_USE bool acts_settle(Tx *tx, const Entry *entry, Arena *mem, Act *acts, size_t count,
                          const int64_t *others, size_t other_count, Err *err);
