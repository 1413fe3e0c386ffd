/* exchange.h: grades that our own people give to files no set knows, sent to the national database and
 * answered.
 *
 * Invariants: (1) a grade is a named person's, on a named scale; once sent it stands, and grading again is a
 * new row; (2) of every file sent, sent = accepted + refused + pending, at every instant; (3) VICS gets only
 * grades that data/known/vics_categories.csv gives a number in the profile: the others stay here, and are
 * counted. */
#pragma once
#include "ledger/ledger.h"

typedef struct Grade {
    int64_t file_hash;
    const char *grade, *scale, *series, *note; /* series, note may be NULL */
    bool victim_identified;
} Grade;
/* ERR_DENIED for the system (actor 0), ERR_CONFLICT when a set in use knows the file, ERR_NOT_FOUND. */
MUST_USE bool file_grade(Ledger *ledger, const Hand *hand, const Grade *grade, int64_t *id, Err *err);
/* The newest file hash of this digest (hexadecimal) or M reference. ERR_NOT_FOUND. */
MUST_USE bool file_hash_named(Db *db, const char *word, int64_t *id, Err *err);

typedef struct ExchangeRow {
    int64_t id, sent, accepted, refused, pending;
    const char *format, *sha256, *person;
    Instant at;
} ExchangeRow;
typedef struct ExchangeSent {
    ExchangeRow row;                         /* id 0: nothing was there to send */
    int64_t left;                            /* grades without a number in the profile */
    Str bytes;
} ExchangeSent;
/* Writes every grade not sent yet as "vics" (2.0, of a profile) or "csv", to `path`, and records that they
 * were sent. The file is whole and flushed before the fact is. */
MUST_USE bool exchange_send(Ledger *ledger, Db *db, const Hand *hand, const char *format, const char *profile,
                            const char *path, Arena *mem, ExchangeSent *out, Err *err);

typedef struct ExchangeAnswers {
    int64_t rows, accepted, refused;
    int64_t unknown;                         /* rows of files that were not sent, or answered already */
    int64_t rejected;                        /* rows that could not be read */
    int64_t first_bad_line;
} ExchangeAnswers;
/* Reads answers: CSV with a digest column (md5, sha1, sha256, pdq), `answer` (accepted, refused) and
 * `reason`. */
MUST_USE bool exchange_answers(Ledger *ledger, const Hand *hand, Str csv, Arena *mem, ExchangeAnswers *out,
                               Err *err);
MUST_USE bool exchange_list(Db *db, Arena *mem, ExchangeRow **out, size_t *count, Err *err);
/* Grades not sent yet. */
MUST_USE bool exchange_unsent(Db *db, int64_t *count, Err *err);

/* for match_kinds[] */
Apply exchange_apply_graded, exchange_apply_sent, exchange_apply_answered;
extern const Field exchange_graded_fields[], exchange_sent_fields[], exchange_answered_fields[];
