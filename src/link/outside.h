/* outside.h: entries of registers and account holders in operators' answers that may be a nominal.
 *
 * Elsewhere an entry of a register counts when name and date of birth are the same to the letter (risk/), and
 * an answer for the household it names (attribute/). Here both are weighed as records are, so that an alias,
 * a slip or a former name brings them up too. They are told to a person, and nothing follows by itself: no
 * join, no points, no fact. An account holder may be anyone of the house, or someone who only pays for it, so
 * an answer speaks of an account and never of who used it. */
#pragma once
#include "link/base.h"

typedef struct OutsideHit {
    LinkOutside kind;
    int64_t     id, record;          /* the nominal's record that it is most like */
    const char *ref;                 /* register_ref; the operator's own reference */
    const char *given, *family;      /* as the source has them; an account holder is all in `family` */
    const char *postcode;            /* of an answer: where the line ends */
    const char *force;               /* of an entry */
    const char *operator_name, *address;  /* of an answer: the network address that was asked about */
    int64_t     file, line;          /* where it was received */
    int64_t     whose;               /* of an answer: the nominal whose footprint it is about; 0: nobody's */
    Date        born;
    LinkWeighed weighed;             /* outcome: review */
    const char *model;
} OutsideHit;
/* Those above even odds, heaviest first; of answers, only what held when it was compared with its footprint,
 * was not withdrawn since and is about someone whom the viewer may see. ERR_NOT_FOUND unless they may see the
 * nominal. */
MUST_USE bool outside_hits(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, LinkOutside kind,
                           int64_t nominal, Date day, OutsideHit **out, size_t *count, Err *err);
char *outside_name(Arena *mem, const OutsideHit *hit);
/* What whoever reads such a list has to be told. */
const char *outside_caution(LinkOutside kind);
