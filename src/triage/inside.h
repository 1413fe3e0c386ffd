/* inside.h: what the files of src/triage share. No other folder includes it. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include "base/digest.h"
#include "base/map.h"
#include "match/set_file.h"
#include "triage/decode.h"
#include "triage/source/reading.h"
#include "triage/triage.h"

enum {
    SMALL_BYTES = 1 << 20,                     /* a file of a folder that is read whole */
    KEPT_BYTES = 8 << 20,                      /* the same out of an image or archive, where files come one
                                                  after another: most photographs are below it */
    JOBS_BATCH = DIGESTS_BATCH,                /* jobs that a worker takes at once */
    SPOOL_BYTES = 128 << 20,                   /* of one picture or video out of an image or archive */
    BUDGET_BYTES = 128 << 20,                  /* contents that wait or are in hand */
};

/* ---- known.c: the known files. Safe for many threads. */
typedef struct Sets {
    TriageSet *at;
    SetFile   *files;
    size_t     count, pdq_total;
    int        distance;
} Sets;
MUST_USE bool triage_sets_open(const TriageOptions *o, Arena *mem, Sets *out, Err *err);
void triage_sets_close(Sets *sets);
/* Is any digest of it in any set? */
MUST_USE bool triage_sets_know(const Sets *sets, const Digests *d, bool *known, Err *err);
/* The nearest entry of each set to any turn of a picture, or to the frames of a video. */
MUST_USE bool triage_sets_near_picture(const Sets *sets, const uint8_t (*turns)[32], Arena *mem,
                                       TriageFile *f, Err *err);
MUST_USE bool triage_sets_near_frames(const Sets *sets, const DecodeFrame *frames, size_t count, Arena *mem,
                               TriageFile *f, Err *err);
/* Both for a moving picture: its first frame in any turn, and its frames. */
MUST_USE bool triage_sets_near_moving(const Sets *sets, const uint8_t turns[DECODE_DIHEDRALS][32],
                                      bool first_usable, const DecodeFrame *frames, size_t count, Arena *mem,
                                      TriageFile *f, Err *err);

/* ---- One file at depth 0 and what is packed in it: what the journal keeps together. */
typedef struct Unit {
    Arena          mem;                        /* of everything here, itself included */
    uint64_t       number;
    Str            key;                        /* tells it apart when a run goes on */
    uint64_t       stamp[2];                   /* size and time: changed since, it is read again */
    uint64_t       at;                         /* where the journal holds it, when it came from there */
    TriageFile   **files;
    TriageTrouble *troubles;
    size_t         count, cap, trouble_count, trouble_cap;
    _Atomic size_t left;                       /* files not finished, and one while more may come */
    pthread_mutex_t lock;                      /* over mem, once several threads finish its files */
} Unit;

/* ---- journal.c */
typedef struct Journal Journal;
typedef bool JournalUnit(void *ctx, const Unit *unit, Err *err);
/* Opens or makes it. With `resume`, gives each whole unit of an earlier run of the same identity to `seen`
 * first; otherwise, or when it is of another identity, begins anew. */
MUST_USE bool journal_open(const char *path, const uint8_t identity[32], bool resume, Arena *mem,
                           JournalUnit *seen, void *ctx, Journal **out, Err *err);
MUST_USE bool journal_add(Journal *j, const Unit *unit, Err *err);
Unit *journal_again(const Journal *j, uint64_t at); /* a unit that was given to `seen`; unit_free it */
void journal_close(Journal *j, bool remove);   /* accepts NULL */
/* Reading alone, for its fuzz target: units up to the first byte that is not sound; *good: bytes that were.
 */
MUST_USE bool journal_read(Str bytes, const uint8_t identity[32], JournalUnit *seen, void *ctx, size_t *good,
                           Err *err);

/* ---- work.c: contents in, finished files out, on several threads. */
typedef struct Work Work;
typedef struct Job Job;
struct Job {
    Job        *next;
    Unit       *unit;
    TriageFile *file;
    Arena       mem;                           /* of contents that came from a reader */
    uint8_t    *at;                            /* contents, when small */
    size_t      len, cap;                      /* cap: what they take, when they came from a reader */
    int         spool;                         /* memory file of contents that are media, or -1 */
    bool        digested;                      /* file->digests are there already */
    bool        on_disk;                       /* a file of the folder: opened by whoever works on it */
};
Job *job_new(Unit *unit, TriageFile *file);    /* in the unit's memory; its contents end with job_free */
void job_free(Job *job);
typedef struct Sink {                          /* where finished units go; called under a lock */
    bool (*unit)(void *ctx, Unit *u, Err *err);
    void *ctx;
} Sink;
MUST_USE bool work_open(const TriageOptions *o, const Sets *sets, int root, Sink sink, Arena *mem, Work **out,
                        Err *err);
/* Hands a job over; waits while too much is in hand. The Work owns it then. Fails with what a worker failed
 * of. */
MUST_USE bool work_give(Work *w, Job *job, Err *err);
MUST_USE bool work_end(Work *w, Err *err);     /* waits for everything */
void work_close(Work *w);                      /* drops what is left; accepts NULL */
const char *work_undecoded(const Work *w);     /* why pictures are not decoded; NULL: they are */
void work_seen(Work *w, uint64_t files, uint64_t bytes);         /* for progress */
void work_total(Work *w, uint64_t bytes);
/* Whoever touches what the sink touches while workers run holds its lock. */
void work_hold(Work *w);
void work_let(Work *w);
bool work_stopped(Work *w, Err *err);          /* the caller's stop; sets err */

/* What a unit holds may be added to by several threads. */
Unit *unit_new(uint64_t number, Str key);
TriageFile *unit_file(Unit *u);                /* one more; counted in `left` */
const char *unit_text(Unit *u, const char *at, size_t len);
void unit_trouble(Unit *u, Str path, uint32_t volume, const char *why);
MUST_USE bool unit_release(Work *w, Unit *u, Err *err); /* one fewer in `left`; the last one ends it */
void unit_drop(Unit *u);                       /* the same when a run has failed: nothing is told */
void unit_free(Unit *u);

/* ---- source/take.c: events of a Reading become jobs of one unit. */
typedef struct Take {
    Unit      *unit;
    Job       *job;                            /* the file being received */
    DigestStream *stream;                      /* of one that is large, or of the whole medium */
    bool       is_whole;
    Arena      mem;
    const char *prefix;                        /* path of the archive on disk; "" in an image */
    uint32_t   volume, depth_more;
    Digests   *whole;                          /* where the whole medium's digests go */
    bool     (*give)(void *ctx, Job *job, Err *err);
    void      *ctx;
} Take;
MUST_USE bool take_event(Take *t, const ReadingEvent *e, Err *err);
/* The run ended; a file half received is told with `why`. */
MUST_USE bool take_end(Take *t, const char *why, Err *err);
void take_done(Take *t);

/* ---- source/walk.c: a folder. */
typedef bool WalkSeen(void *ctx, const char *path, uint64_t size, Instant modified, const char *trouble,
                      Err *err);
/* Every plain file below `root` in a fixed order, without following links or leaving its file system's
 * folders. */
MUST_USE bool walk_folder(int root, WalkSeen *seen, void *ctx, Err *err);
int walk_open(int root, const char *path, struct stat *s); /* a plain file below root, or -1 */

/* ---- source/disk.c: files of a folder, read by one worker. */
typedef struct Disk {
    int               root;
    Pages             room;
    size_t            used;                    /* of the room, by small files of this batch */
    _Atomic uint64_t *bytes_seen;              /* for progress */
} Disk;
Disk disk_new(int root, _Atomic uint64_t *bytes_seen);
void disk_done(Disk *d);                       /* accepts {0} */
/* Reads those of the jobs that are on disk, JOBS_BATCH of them at most: small ones whole, good until the next
 * call; large ones through their digests. Each stays open in `spool`. */
void disk_read(Disk *d, Job *const *jobs, size_t n);

/* ---- source/segments.c: the further files that an image is spread over. */
/* `fds[0]` is open at `path` below folder `root`; adds the others after it. Names come from the file's own
 * name, or, for a description of a VMDK, from its text; then they must lie in the same folder. */
MUST_USE bool segments_open(int root, const char *path, Arena *mem, int **fds, size_t *count, Err *err);
void segments_close(int *fds, size_t count, size_t from);

/* ---- result.c */
MUST_USE bool result_match(const TriageOptions *o, const Sets *sets, Arena *mem, TriageReport *out, Err *err);
/* ---- clusters.c */
/* Which unmatched pictures are near-duplicates of each other: `of` files (indexes), each with a hash. Fills
 * out->cluster of them and the sizes: a cluster is what single steps of `distance` or less hold together. */
MUST_USE bool clusters_find(Arena *mem, TriageReport *out, const uint32_t *of, size_t count, int distance,
                            Err *err);
