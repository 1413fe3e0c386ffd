/* known.c: what sets of known files say of digests and of hashes of pictures. */
#include <string.h>
#include "triage/inside.h"

enum { HITS_KEPT = 4 };

bool triage_sets_open(const TriageOptions *o, Arena *mem, Sets *out, Err *err)
{
    out->count = o->set_count;
    out->at = arena_new(mem, TriageSet, o->set_count + 1);
    out->files = arena_new(mem, SetFile, o->set_count + 1);
    out->distance = o->distance ? o->distance : NEAR_DISTANCE;
    for (size_t i = 0; i < o->set_count; i++) {
        SetFile *f = &out->files[i];
        if (!set_file_open(o->sets[i], mem, f, err) || !set_file_near(f, mem, err))
            return err_while(err, "opening set %zu", i + 1);
        KnownInfo info = known_info(f->set);
        out->at[i] = (TriageSet){ o->sets[i], info.name, info.version, info.counts.root,
                                  info.counts.entries, info.counts.conflicts, f->set };
        out->pdq_total += f->pdq.n;
    }
    return true;
}

void triage_sets_close(Sets *sets)
{
    for (size_t i = 0; i < sets->count && sets->files; i++)
        set_file_done(&sets->files[i]);
    sets->count = 0;
}

bool triage_sets_know(const Sets *sets, const Digests *d, bool *known, Err *err)
{
    const struct { DigestKind kind; const uint8_t *at; } asked[] = {
        { DIGEST_SHA256, d->sha256 }, { DIGEST_SHA1, d->sha1 }, { DIGEST_MD5, d->md5 },
    };
    *known = false;
    for (size_t i = 0; i < sets->count && !*known; i++)
        FOR_EACH (a, asked) {
            KnownHit hit;
            if (!known_find(sets->at[i].set, a->kind, a->at, &hit, err))
                return err_while(err, "asking set %zu", i + 1);
            *known = *known || hit.count > 0;
        }
    return true;
}

static TriageNear *near_add(Arena *mem, TriageFile *f, size_t sets)
{
    if (!f->near)
        f->near = arena_new(mem, TriageNear, sets);
    return &f->near[f->near_count++];
}

bool triage_sets_near_picture(const Sets *sets, const uint8_t (*turns)[32], Arena *mem, TriageFile *f,
                              Err *err)
{
    for (size_t i = 0; i < sets->count; i++) {
        CLEANUP(arena_done) Arena scratch = { 0 };
        NearFound found[DECODE_DIHEDRALS] = { 0 };
        TriageNear best = { .set = (uint32_t)i, .distance = UINT32_MAX };
        if (sets->files[i].pdq.n == 0)
            continue;
        set_file_find_near(&sets->files[i], turns[0], DECODE_DIHEDRALS, sets->distance, HITS_KEPT, &scratch,
                           found);
        for (uint32_t t = 0; t < DECODE_DIHEDRALS; t++)
            if (found[t].n && found[t].hits[0].distance < best.distance)
                best = (TriageNear){ (uint32_t)i, found[t].hits[0].row, found[t].hits[0].distance, t, 0 };
        if (best.distance == UINT32_MAX)
            continue;
        if (!known_row(sets->at[i].set, DIGEST_PDQ, best.row, &best.row, err))
            return err_while(err, "asking set %zu", i + 1);
        *near_add(mem, f, sets->count) = best;
    }
    return true;
}

bool triage_sets_near_frames(const Sets *sets, const DecodeFrame *frames, size_t count, Arena *mem,
                             TriageFile *f, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    uint8_t *hashes = arena_new(&scratch, uint8_t, count * 32 + 1);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)                /* one that shows too little says nothing */
        if (frames[i].quality >= PDQ_QUALITY_MIN)
            memcpy(hashes + 32 * n++, frames[i].pdq, 32);
    f->frames = (uint32_t)n;
    for (size_t i = 0; i < sets->count && n; i++) {
        NearFound *found = arena_new(&scratch, NearFound, n);
        TriageNear best = { .set = (uint32_t)i, .distance = UINT32_MAX };
        if (sets->files[i].pdq.n == 0)
            continue;
        set_file_find_near(&sets->files[i], hashes, n, sets->distance, HITS_KEPT, &scratch, found);
        for (size_t k = 0; k < n; k++) {
            best.frames += found[k].n > 0;
            if (found[k].n && found[k].hits[0].distance < best.distance) {
                best.row = found[k].hits[0].row;
                best.distance = found[k].hits[0].distance;
            }
        }
        if (!best.frames)
            continue;
        if (!known_row(sets->at[i].set, DIGEST_PDQ, best.row, &best.row, err))
            return err_while(err, "asking set %zu", i + 1);
        *near_add(mem, f, sets->count) = best;
    }
    return true;
}

/* Turned copies are found by the first frame alone: a video's frames are not turned either. */
bool triage_sets_near_moving(const Sets *sets, const uint8_t turns[DECODE_DIHEDRALS][32], bool first_usable,
                             const DecodeFrame *frames, size_t count, Arena *mem, TriageFile *f, Err *err)
{
    TriageFile first = { 0 };
    if (!triage_sets_near_frames(sets, frames, count, mem, f, err) ||
        (first_usable && !triage_sets_near_picture(sets, turns, mem, &first, err)))
        return false;
    for (uint32_t i = 0; i < first.near_count; i++) {
        const TriageNear *n = &first.near[i];
        uint32_t at = 0;
        while (at < f->near_count && f->near[at].set != n->set)
            at++;
        if (at == f->near_count) {
            TriageNear *added = near_add(mem, f, sets->count);
            *added = *n;
            added->frames = 1;
        } else if (n->distance < f->near[at].distance) {
            f->near[at] = (TriageNear){ n->set, n->row, n->distance, n->turn, f->near[at].frames };
        }
    }
    return true;
}
