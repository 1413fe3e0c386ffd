/* triage.h: what is on a seized device, told without anyone looking at it.
 *
 * Reads a folder, one file, a disk image or an archive, from end to end and only reading: digests of every
 * file, hashes of pictures and of frames of videos, and what sets of known files say of them. Files that no
 * set knows are counted, pictures by near-duplicate cluster, for people to judge in their own lawful tools.
 * No path leads from here to a picture: contents live in memory while they are hashed and are never written.
 *
 * A journal beside the report lets a run that was stopped go on; it then ends in the same report. What
 * cannot be read is told with its reason and never stops the run. Memory is bounded whatever the device
 * holds: contents in hand by a budget, the rest by a few hundred bytes for each picture, video, match or
 * unreadable file. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "engine/digest/digests.h"
#include "engine/known/known_set.h"
#include "engine/picture/media.h"
#include "engine/picture/pdq.h"
#include "reader/protocol.h"

typedef enum TriageState {
    TRIAGE_READ,                               /* whole */
    TRIAGE_PART,                               /* its beginning; `why` */
    TRIAGE_UNREAD,                             /* nothing; `why` */
} TriageState;

/* The nearest entry of one set to a picture, or to the frames of a video or a moving picture. */
typedef struct TriageNear {
    uint32_t set, row;                         /* of KnownSet, as known_row gives it */
    uint32_t distance, turn;                   /* PdqTurn that came nearest */
    uint32_t frames;                           /* of what moves: how many of its frames met this set */
} TriageNear;

typedef struct TriageFile {
    Str         path;                          /* bytes as found; text to show, sensitive, never to open */
    uint64_t    unit;                          /* order of the file at depth 0 among all */
    uint32_t    member;                        /* 0: that file; else order in the archive that it is */
    uint32_t    volume, depth, flags;          /* READER_DELETED and so on */
    uint64_t    size;                          /* as read */
    Instant     modified, accessed, changed, created;    /* INSTANT_NONE: not known */
    TriageState state;
    const char *why;                           /* "" when whole */
    Digests     digests;
    MediaKind   media;
    const char *undecoded;                     /* NULL: not media, known already, or decoded; else why not */
    bool        hashed;                        /* has pdq, or frames */
    int         quality;
    PdqHash     pdq;                           /* of a picture; of a moving one, its first frame */
    uint32_t    frames;                        /* of what moves: frames good enough to be compared */
    uint32_t    near_count;
    TriageNear *near;
} TriageFile;

/* A place that could not be read: a volume, an archive, a folder. */
typedef struct TriageTrouble { Str path; uint32_t volume; const char *why; } TriageTrouble;

typedef struct TriageVolume { uint32_t number; uint64_t start, size; const char *kind; } TriageVolume;

/* One thing that one set says of one file. */
typedef struct TriageMatch {
    uint32_t   file;                           /* index in files */
    uint32_t   set, row;
    DigestKind by;                             /* DIGEST_PDQ: near */
    uint32_t   distance, turn, frames;
} TriageMatch;

typedef struct TriageSet {
    const char *path, *name, *version;
    Hash32      root;
    uint64_t    entries, conflicts;
    KnownSet   *set;
} TriageSet;

/* A count by grade, set or series. `files` counts a file once, `distinct` its content once. */
typedef struct TriageCount {
    const char *name, *of;                     /* grade and its scale; set and version; series and "" */
    uint64_t    files, distinct, exact, near;
    uint64_t    illegal;                       /* of the files: by data/known/grades.csv */
    Instant     first, last;                   /* earliest and latest modification */
} TriageCount;
typedef struct TriageCounts { TriageCount *at; size_t count, cap; } TriageCounts;

typedef struct TriageTotals {
    uint64_t files, bytes, deleted, orphans, in_archives, unread, part;
    uint64_t by_media[MEDIA__COUNT];
    uint64_t known, known_distinct, illegal, near_only, benign, negative, victims_identified;
    uint64_t unmatched_pictures, unmatched_videos, clusters, largest_cluster, unclustered;
    Instant  first, last;                      /* of known files */
} TriageTotals;

typedef struct TriageReport {
    const char    *source, *kind;              /* as given; "folder", "archive", "E01", "raw", ... */
    const char    *exhibit;                    /* NULL: none */
    Instant        made;
    uint64_t       medium_bytes;
    bool           stored_md5_known, verified, agrees;
    uint8_t        stored_md5[16];
    Digests        medium;                     /* when verified */
    const char    *unhashed;                   /* why no picture was decoded; NULL: they were */
    TriageSet     *sets;
    void          *sets_open;                  /* what keeps them open */
    size_t         set_count;
    TriageVolume  *volumes;
    TriageFile *files; /* in order; with all_files every one, else those that matter */
    TriageTrouble *troubles;
    TriageMatch   *matches;                    /* in order of file */
    uint32_t *cluster; /* of each file: 0 none, else its number, largest cluster first */
    uint32_t      *cluster_sizes;              /* [0] is cluster 1's */
    size_t         volume_count, file_count, trouble_count, match_count, cluster_count;
    TriageCounts   by_grade, by_set, by_series;
    TriageTotals   totals;
} TriageReport;

typedef struct TriageProgress {
    uint64_t files, bytes, bytes_total;        /* total 0: not known */
    uint64_t known;
} TriageProgress;
typedef Instant TriageClock(void *ctx);

typedef struct TriageOptions {
    const char        *path;
    const char *const *sets;
    size_t             set_count;
    const char        *journal;                /* NULL: none, and no going on */
    const char        *exhibit;
    bool resume; /* go on from the journal, if it is of the same source and sets */
    bool verify; /* also digest the whole medium, against the digest in the image */
    bool               all_files;              /* keep every file in the report */
    int                threads;                /* 0: as many as processors */
    int                distance;               /* 0: NEAR_DISTANCE */
    Instant            made;                   /* when this run is, for the report */
    TriageClock       *clock;                  /* required: only moves forward, for deadlines */
    void              *clock_ctx;
    void             (*progress)(void *ctx, const TriageProgress *p);       /* may be NULL; any thread's */
    void              *progress_ctx;
    bool (*stop)(void *ctx); /* asked often; true ends the run with ERR_CONFLICT; NULL: never */
    void              *stop_ctx;
} TriageOptions;

/* Runs it. The report and its sets live in `mem`; end with triage_done. Fails when the source or a set cannot
 * be opened, never because of what is on the device. */
MUST_USE bool triage_run(const TriageOptions *options, Arena *mem, TriageReport *out, Err *err);
void triage_done(TriageReport *report);        /* closes the sets; accepts {0} */
