/* known_set.h: sets of known files: built once, sorted, mapped, and asked for digests at the speed of memory.
 *
 * A set is one immutable file (layout: known_format.h). An entry is what one source says of one file: its
 * digests, and how that source grades it. Entries are kept side by side: the same digest from two sources, or
 * graded twice, is two entries, and a digest graded differently on one scale is a conflict that can be
 * listed. Grades are text in their source's own scale and are never converted here.
 *
 * Invariants:
 * (1) The same entries in any order make the same bytes, however little memory the build was given. Entries
 *     alike in everything are kept once.
 * (2) An answer is never wrong about a digest: the whole digest is compared.
 * (3) The file's header holds one SHA-256, the root, over everything but the signature area: over the header,
 *     the table of sections and the SHA-256 of each 64 KiB block. known_open checks sizes, bounds and those
 * sums themselves, in well under 10 ms whatever the size. A block's own sum is checked the first time an
 * answer, hit or miss, rests on it (and once only), so an altered block is refused with ERR_INVALID rather
 * than believed. known_verify checks all of them at once; known_check those of one kind's look-up. (4) No
 * bytes in the file, however hostile, make any function here read outside it.
 *
 * A set may be used by many threads at once. Knows no files' content, no keys and no database. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/str.h"
#include "base/when.h"
#include "engine/digest/sha256.h"

typedef enum DigestKind {
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA256,
    DIGEST_PDQ,             /* 256 bits; compared exactly here, nearly in near.h */
    DIGEST_PHOTODNA,        /* 144 bytes as received, never computed */
    DIGEST__COUNT,
} DigestKind;
size_t      digest_bytes(DigestKind kind);                  /* 16, 20, 32, 32, 144 */
const char *digest_name(DigestKind kind);                   /* "MD5", "SHA-1", "SHA-256", "PDQ", "PhotoDNA" */
bool        digest_of_empty_file(DigestKind kind, const uint8_t *digest);

enum {
    KNOWN_TEXT_MAX       = 1000,                 /* bytes of one text: source, grade, series, ... */
    KNOWN_SIGNATURE_MAX  = 4096 - 8,             /* bytes of the note in the signature area */
    KNOWN_ENTRIES_MAX    = 2000000000,
};
#define KNOWN_NONE UINT32_MAX                    /* no such place or row */

/* One entry. Give it to a build with {.votes = -1, .first_seen = DATE_NONE, .pdq_quality = -1} where these
 * are not known (KNOWN_ENTRY_BLANK). Texts may be NULL, which is kept as "". */
typedef struct KnownEntry {
    const uint8_t *digest[DIGEST__COUNT];        /* NULL: not given */
    const char    *source, *version;             /* who says so, and in which edition of their set */
    const char    *grade, *scale;                /* "A" on "UK", "1" on "VICS UK": as received */
    const char    *series;
    int            votes;                        /* -1: not given */
    bool           trusted, victim_identified;
    bool           benign;                       /* known to be harmless: suppresses */
    bool           negative;                     /* never queue on this digest, whatever else is said of it */
    Date           first_seen;                   /* DATE_NONE: not given */
    int            pdq_quality;                  /* 0..100; -1: not given */
} KnownEntry;
#define KNOWN_ENTRY_BLANK ((KnownEntry){ .votes = -1, .first_seen = DATE_NONE, .pdq_quality = -1 })

/* ---- Building ---------------------------------------------------------------------------------------- */

typedef enum KnownPhase { KNOWN_ADDING, KNOWN_SORTING, KNOWN_WRITING, KNOWN_SUMMING } KnownPhase;
typedef struct KnownProgress {
    KnownPhase phase;
    uint64_t   done, of;                         /* entries; `of` is 0 while it cannot be known */
} KnownProgress;

typedef struct KnownBuildOptions {
    const char *name, *version;                  /* of the set made; NULL is "" */
    Instant made; /* written in the header; the same bytes need the same time */
    size_t      budget_bytes;                    /* memory to keep within, about; 0: 2 GiB */
    bool      (*progress)(void *ctx, const KnownProgress *p);    /* may be NULL; false stops the build */
    void       *ctx;
} KnownBuildOptions;

typedef struct KnownCounts {
    uint64_t entries;                            /* in the set */
    uint64_t digests[DIGEST__COUNT];
    uint64_t conflicts;
    uint64_t repeated;                           /* entries alike in everything, left out */
    uint64_t empty_ignored;                      /* digests of the empty file, left out */
    uint64_t without_digest;                     /* entries left with no digest, left out */
    uint64_t file_bytes;
    uint64_t lookup_bytes;                       /* of that, digests and what finds them */
    Hash32   root;
} KnownCounts;

typedef struct KnownBuild KnownBuild;
/* Begins the set that will be at `path`. Nothing is there until known_build_end, which renames a whole,
 * flushed file into place; until then files beginning `path` + ".part" are made and removed beside it. `mem`
 * must live as long. */
MUST_USE bool known_build_begin(const char *path, const KnownBuildOptions *options, Arena *mem,
                                KnownBuild **build, Err *err);
/* Adds one entry; what it points to may go afterwards. ERR_INVALID for a text that is too long or a quality
 * out of range (the build stays usable); ERR_STORE when the disk is full (then only abandon it). */
MUST_USE bool known_build_add(KnownBuild *build, const KnownEntry *entry, Err *err);
/* Adds `n` entries which have one digest each, packed in `digests`, and all else as in `like`. */
MUST_USE bool known_build_add_many(KnownBuild *build, DigestKind kind, const uint8_t *digests, size_t n,
                                   const KnownEntry *like, Err *err);
/* Adds every line of `text` that begins with a digest of the kind in hexadecimal, followed by the line's end
 * or by a character other than a letter or digit (lists of md5sum and its kin; a backslash before the digest
 * is theirs too). `bad_lines` counts the others, blank lines and lines that begin with '%' or '#' aside; it
 * may be NULL. */
MUST_USE bool known_build_add_text(KnownBuild *build, DigestKind kind, Str text, const KnownEntry *like,
                                   uint64_t *bad_lines, Err *err);
MUST_USE bool known_build_end(KnownBuild *build, KnownCounts *counts, Err *err);
void known_build_close(KnownBuild **build);      /* abandons what has not ended; for CLEANUP; accepts NULL */

/* ---- Opening ----------------------------------------------------------------------------------------- */

typedef struct KnownSet KnownSet;
/* ERR_INVALID for a file that is no set, is of another format, is truncated or whose header was altered. */
MUST_USE bool known_open(const char *path, Arena *mem, KnownSet **set, Err *err);
/* The same over bytes that the caller keeps, aligned to 64. */
MUST_USE bool known_open_bytes(const uint8_t *at, size_t len, Arena *mem, KnownSet **set, Err *err);
void known_close(KnownSet **set);                /* for CLEANUP; accepts NULL */

/* One source as one edition grades it: entries alike in these are counted together. */
typedef struct KnownLabel {
    const char *source, *version, *grade, *scale;
    bool        trusted, victim_identified, benign, negative;
    uint64_t    entries;
} KnownLabel;

typedef struct KnownInfo {
    int         format;
    const char *name, *version;
    Instant     made;
    KnownCounts counts;
    size_t      labels;                          /* distinct: see known_label */
    size_t      series;                          /* distinct names */
    const char *signature;                       /* the note in the signature area; "" when there is none */
} KnownInfo;
KnownInfo known_info(const KnownSet *set);
/* Labels are sorted by source, version, scale, grade, flags. ERR_INVALID if the file was altered. */
MUST_USE bool known_label(const KnownSet *set, size_t i, KnownLabel *label, Err *err);

/* Checks the sum of every block. `threads` 0 or 1: this thread only. */
MUST_USE bool known_verify(const KnownSet *set, int threads, Err *err);
/* The same for the digests of one kind and what finds them; at once if that was done before. */
MUST_USE bool known_check(const KnownSet *set, DigestKind kind, Err *err);
/* Checks one kind's look-up and brings it into huge pages of memory (as many bytes as it has in the file, and
 * 24 MiB once to put questions in order), for programs that ask millions of times. */
MUST_USE bool known_load(KnownSet *set, DigestKind kind, Err *err);

/* What a signature signs is the root. Writing a note changes nothing else in the file. Up to
 * KNOWN_SIGNATURE_MAX bytes of text. */
MUST_USE bool known_signature_write(const char *path, const char *note, Err *err);

/* ---- Finding ----------------------------------------------------------------------------------------- */
/* The digests of one kind are a table sorted by bytes; a place is an index in it. Entries that share a digest
 * are neighbours there. A row is an index among all entries, which are sorted by their digests. */

typedef struct KnownHit { uint32_t place, count; } KnownHit;       /* count 0: not known */

/* True when the question could be answered. */
MUST_USE bool known_find(const KnownSet *set, DigestKind kind, const uint8_t *digest, KnownHit *hit,
                         Err *err);
/* Many at once, packed in `digests`: places[i] is the first place of digest i, or KNOWN_NONE. Several times
 * quicker than one at a time, and again twice to four times as quick when there are so many that a fair part
 * of the table is read anyway (one for every 16 KiB of digests): ask a million at once rather than a thousand
 * a thousand times. */
MUST_USE bool known_find_many(const KnownSet *set, DigestKind kind, const uint8_t *digests, size_t n,
                              uint32_t *places, Err *err);
/* Entries that share the digest at a first place. */
MUST_USE bool known_hit_at(const KnownSet *set, DigestKind kind, uint32_t place, KnownHit *hit, Err *err);
/* The row of a place. */
MUST_USE bool known_row(const KnownSet *set, DigestKind kind, uint32_t place, uint32_t *row, Err *err);
/* The entry of a row; it points into the set. */
MUST_USE bool known_entry(const KnownSet *set, uint32_t row, KnownEntry *entry, Err *err);
uint32_t known_rows(const KnownSet *set);
/* The whole sorted table of a kind, packed. Call known_check or known_load first: this does not check. */
const uint8_t *known_digests(const KnownSet *set, DigestKind kind, size_t *n);

/* Looks up text: one digest a line, in hexadecimal, as in known_build_add_text. For each line that is known,
 * adds lines of "digest TAB source TAB version TAB scale TAB grade TAB series" (one for each entry) to `out`,
 * digests in lower case, control characters in texts as spaces. */
typedef struct KnownTextCounts { uint64_t asked, known, hits, bad_lines; } KnownTextCounts;
MUST_USE bool known_find_text(const KnownSet *set, DigestKind kind, Str text,
                              bool (*out)(void *ctx, Str lines), void *ctx, KnownTextCounts *counts,
                              Err *err);

/* ---- Comparing and joining --------------------------------------------------------------------------- */

/* A digest of an exact kind which entries grade differently on one scale, or which is benign to one and not
 * to another. */
typedef struct KnownConflict { DigestKind kind; KnownHit hit; } KnownConflict;
MUST_USE bool known_conflict(const KnownSet *set, uint64_t i, KnownConflict *conflict, Err *err);

typedef enum KnownChange {
    KNOWN_ADDED,             /* `before` is NULL */
    KNOWN_REMOVED,           /* `after` is NULL */
    KNOWN_REGRADED,          /* the same source says another grade, scale, benign or negative */
    KNOWN_CHANGED,           /* something else than the source's edition differs */
} KnownChange;
typedef struct KnownDiffCounts { uint64_t added, removed, regraded, changed, same; } KnownDiffCounts;
typedef bool KnownDiffSeen(void *ctx, KnownChange change, const KnownEntry *before, const KnownEntry *after);
/* Walks two sets side by side; files are the same when their first digest (in the order of DigestKind) is.
 * `seen` may be NULL; false stops without an error. */
MUST_USE bool known_diff(const KnownSet *before, const KnownSet *after, KnownDiffSeen *seen, void *ctx,
                         KnownDiffCounts *counts, Err *err);
/* Adds every entry of a set to a build. */
MUST_USE bool known_merge(KnownBuild *into, const KnownSet *from, Err *err);
