/* record.h: what the readers make of one row: plain data in an arena, no storage.
 *
 * A reader fills only what its source says; NULL, 0 counts, DATE_NONE, INSTANT_NONE and -1 mean "not said".
 * Texts are valid UTF-8. A verbatim text is what the source wrote; `normal` is for comparing only. */
#pragma once
#include "base/json.h"
#include "base/when.h"

typedef struct WhenText { /* an instant as written: at is INSTANT_NONE without a stated offset */
    const char *verbatim;
    Instant     at;
    bool        offset_known;
    int         offset_minutes;
} WhenText;

typedef struct IdentifierIn {
    const char *kind;                    /* account | email | phone | device | screen_name | prior_report */
    const char *service;                 /* lower case, "" if none */
    const char *verbatim, *normal;
    bool        strong;                  /* names one person's own thing: links by itself */
    bool        verified;                /* the provider checked it */
    struct IdentifierIn *next;
} IdentifierIn;

typedef struct FootprintIn {
    const char *address;                 /* canonical */
    const char *verbatim_address;
    int64_t     port;                    /* -1: not said */
    WhenText    when;
    const char *event;                   /* "" if not said */
    bool        proxy;
    struct FootprintIn *next;
} FootprintIn;

typedef struct HashIn {
    const char *kind, *value;
    struct HashIn *next;
} HashIn;

typedef struct SightingIn {
    const char  *role;                   /* reported | victim | recipient | reporter */
    const char  *given, *family, *address, *postcode, *town, *country, *occupation, *service, *account;
    Date         born;
    int64_t      age;                    /* -1: not said */
    Instant      seen_at;
    IdentifierIn *identifiers;
    FootprintIn  *footprints;
    struct SightingIn *next;
} SightingIn;

typedef struct FileIn {                  /* one file named in a report */
    const char *report_ref;              /* NULL: of the referral it stands in */
    const char *file_ref, *name, *classification, *relevance;
    int         viewed_by_provider, publicly_available;      /* -1: not said */
    Json       *annotations;             /* list of texts, owned by the arena's user: see record_done */
    HashIn     *hashes;
    FootprintIn *footprints;             /* of the upload; they belong to the reported person */
    IdentifierIn *devices;
    struct FileIn *next;
} FileIn;

typedef struct ReferralIn {
    const char *source;                  /* hotline | list | footprint */
    const char *provider, *source_ref;
    const char *incident_type, *incident_verbatim, *priority_reason;
    WhenText    incident;
    const char *summary;
    bool        bundled;
    SightingIn *sightings;
    FileIn     *files;
} ReferralIn;

typedef struct AnswerIn {
    const char *operator_ref, *operator_name, *address, *account_holder, *email, *phone;
    const char *billing_address, *billing_postcode, *installation_address, *installation_postcode;
    int64_t     port;
    WhenText    asked, session_start, session_end;
    Date        born;
    int         shared_address;
} AnswerIn;

typedef struct RegisterIn {
    const char *register_ref, *given, *family, *address, *postcode, *force, *offence;
    Date        born, until;
} RegisterIn;

typedef struct ReturnIn {
    const char *event, *force, *subject_ref, *ref;
    Json       *row;                     /* all columns as canonical texts, by column name */
} ReturnIn;

typedef struct HashSetIn {
    const char *set_name, *set_version, *kind;               /* kind: known | benign */
    const char *grade, *scale, *series;
    int64_t     votes;                   /* -1: not said */
    int         victim_identified;       /* -1: not said */
    HashIn     *hashes;
} HashSetIn;

typedef enum RecordKind {
    RECORD_NONE,
    RECORD_REFERRAL,
    RECORD_FILE,
    RECORD_FOOTPRINT,
    RECORD_ANSWER,
    RECORD_REGISTER,
    RECORD_RETURN,
    RECORD_HASH,
} RecordKind;

typedef struct Record {
    RecordKind  kind;
    ReferralIn *referral;   /* RECORD_REFERRAL; RECORD_FOOTPRINT: what to add, or a referral of its own */
    const char *report_ref; /* RECORD_FOOTPRINT, RECORD_FILE: the referral it belongs to, or NULL */
    FileIn     *file;
    AnswerIn   *answer;
    RegisterIn *entry;
    ReturnIn   *event;
    HashSetIn  *hash;
    Json *annotations; /* list of texts: flags of the report, and notes on what was dropped */
    Json *sensitive;   /* list of {label,text}: outside free text, and whatever has no column */
} Record;

/* An empty record whose JSON lists are ready. */
Record record_new(void);
void   record_done(Record *r);           /* for CLEANUP */
void record_note(Record *r, const char *label,
                 const char *text); /* adds to `sensitive`; NULL or "" is ignored */
void   record_flag(Record *r, const char *text);                        /* adds to `annotations` */

IdentifierIn *sighting_identify(Arena *mem, SightingIn *s, const char *kind, const char *service,
                                const char *verbatim, const char *normal,
                                bool strong); /* NULL when normal is */
FootprintIn  *footprint_add(Arena *mem, FootprintIn **list, const char *address, const char *verbatim);
SightingIn   *referral_sighting(Arena *mem, ReferralIn *r, const char *role);
HashIn       *hash_add(Arena *mem, HashIn **list, const char *kind, const char *value);
WhenText      when_text(Arena *mem, const char *verbatim, bool *readable);

/* 0..100: how many of the fields an officer needs are there; *missing lists the others by name. Apart from
 * risk. */
int record_completeness(const ReferralIn *r, Json **missing);
