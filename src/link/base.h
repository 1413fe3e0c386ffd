/* base.h: every record of the database in memory, so that a new one is weighed against all in milliseconds.
 *
 * Built from the tables when it is first asked for and kept for the life of the process; each use reads what
 * was linked since. A nominal's record is one to four rows of values (profile.h); the weight of two records
 * is that of their best two rows. One at a time: begin and end guard it, and everything between them is for
 * the thread that began. What it gives depends on the tables, the model and the thresholds alone. */
#pragma once
#include "base/when.h"
#include "link/pairs.h"
#include "link/profile.h"

/* data/link/thresholds.csv: what was in force on a day. */
typedef struct Thresholds {
    Date        from;
    double      link_bits, review_bits;
    int64_t     people;          /* how many people a record is supposed to be drawn from: the prior */
    const char *note;
} Thresholds;
MUST_USE bool thresholds_on(Arena *mem, Date day, Thresholds *out, Err *err);

typedef struct LinkBase LinkBase;
LinkBase *link_base_new(void);
void link_base_done(LinkBase *base);             /* accepts NULL */

/* Reads what is new and locks; release with link_base_end even when something fails later. */
MUST_USE bool link_base_begin(LinkBase *base, Db *db, const Thresholds *t, Err *err);
void link_base_end(LinkBase *base);
const char *link_base_model(const LinkBase *base);       /* "generic 3", as facts name it */
size_t link_base_records(const LinkBase *base);

typedef struct LinkFound { int64_t record; double weight_bits; } LinkFound;
/* Records of the same operation that blocking brings up against this one and that weigh at least keep_bits,
 * heaviest first, ties by record. */
void link_base_find(LinkBase *base, int64_t record, double keep_bits, Arena *mem, LinkFound **out,
                    size_t *count);

/* What is weighed as a record is, yet is no nominal: a person may be told of it, and it is never joined. */
typedef enum LinkOutside {
    OUTSIDE_REGISTER,          /* an entry of a register */
    OUTSIDE_ANSWER,            /* the account holder in an operator's answer: anyone of the house, or none */
    OUTSIDE__COUNT
} LinkOutside;
/* Those of the record's operation in the same way; `record` is then the id of the entry or answer. */
void link_base_outside(LinkBase *base, LinkOutside kind, int64_t record, double keep_bits, Arena *mem,
                       LinkFound **out, size_t *count);

typedef struct LinkWeighed {
    int64_t weight, prior, withheld, overlap; /* thousandths of a bit: weight = prior + overlap + aspects -
                                         withheld */
    PairAspect  aspects[ASPECT__COUNT];
    const char *reason;                          /* one sentence, without values */
    const char *outcome;                         /* link | review | none */
} LinkWeighed;
/* Two records against each other, aspect by aspect. False if the base does not hold one of them. */
bool link_base_weigh(LinkBase *base, int64_t a, int64_t b, Arena *mem, LinkWeighed *out);
/* A record against an entry of a register or an answer: the outcome is review or none. */
bool link_base_weigh_outside(LinkBase *base, LinkOutside kind, int64_t record, int64_t id, Arena *mem,
                             LinkWeighed *out);
