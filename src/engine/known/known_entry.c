/* known_entry.c: what a set says of itself and of each entry. Every number read from the file is compared
 * with the table it points into before it is used (invariant 4). */
#include "engine/known/known_format.h"

/* Number i of a packed part. A part of width 0 holds only zeros and no bytes. */
static bool number_at(const KnownSet *set, const KnownSection *s, uint64_t i, uint64_t *out, Err *err)
{
    if (i >= s->count)
        return known_altered(err);
    if (s->width == 0) {
        *out = 0;
        return true;
    }
    const uint8_t *packed = set->at + s->at;
    if (!known_sound(set, packed + i * s->width / 8, sizeof(uint64_t), err))
        return false;
    *out = known_bits_at(packed, s->width, i);
    return true;
}

static bool text_at(const KnownSet *set, uint64_t i, const char **out, Err *err)
{
    const KnownSection *offsets = set->part[PART_OFFSETS][0], *texts = set->part[PART_TEXTS][0];
    if (i >= offsets->count)
        return known_altered(err);
    const uint8_t *at = set->at + offsets->at + i * sizeof(uint32_t);
    uint32_t begin;
    if (!known_sound(set, at, sizeof begin, err))
        return false;
    memcpy(&begin, at, sizeof begin);
    if (begin >= texts->bytes)
        return known_altered(err);
    const char *text = (const char *)set->at + texts->at + begin;
    size_t room = texts->bytes - begin < KNOWN_TEXT_MAX + 1 ? texts->bytes - begin : KNOWN_TEXT_MAX + 1;
    if (!known_sound(set, text, room, err))
        return false;
    if (!memchr(text, 0, room))
        return known_altered(err);
    *out = text;
    return true;
}

bool known_label(const KnownSet *set, size_t i, KnownLabel *label, Err *err)
{
    const KnownSection *labels = set->part[PART_LABELS][0];
    KnownStoredLabel stored;
    if (i >= labels->count)
        return known_altered(err);
    const uint8_t *at = set->at + labels->at + i * sizeof stored;
    if (!known_sound(set, at, sizeof stored, err))
        return false;
    memcpy(&stored, at, sizeof stored);
    *label = (KnownLabel){
        .trusted = stored.flags & LABEL_TRUSTED, .victim_identified = stored.flags & LABEL_VICTIM,
        .benign = stored.flags & LABEL_BENIGN, .negative = stored.flags & LABEL_NEGATIVE,
        .entries = stored.entries,
    };
    return text_at(set, stored.source, &label->source, err) &&
           text_at(set, stored.version, &label->version, err) &&
           text_at(set, stored.grade, &label->grade, err) && text_at(set, stored.scale, &label->scale, err);
}

KnownInfo known_info(const KnownSet *set)
{
    const KnownHeader *h = set->header;
    uint64_t said;
    memcpy(&said, set->at + KNOWN_HEADER_BYTES, sizeof said);
    const char *note = (const char *)set->at + KNOWN_HEADER_BYTES + sizeof said;
    bool ended = said < KNOWN_SIGNATURE_MAX && note[said] == 0;
    KnownInfo info = {
        .format = (int)h->format, .name = h->name, .version = h->version, .made = h->made,
        .counts = { .entries = h->entries, .conflicts = h->conflicts, .repeated = h->repeated,
                    .empty_ignored = h->empty_ignored, .without_digest = h->without_digest,
                    .file_bytes = h->file_bytes, .lookup_bytes = h->lookup_bytes, .root = h->root },
        .labels = set->part[PART_LABELS][0]->count, .series = h->series,
        .signature = ended ? note : "",
    };
    memcpy(info.counts.digests, h->digests, sizeof h->digests);
    return info;
}

uint32_t known_rows(const KnownSet *set) { return (uint32_t)set->header->entries; }

const uint8_t *known_digests(const KnownSet *set, DigestKind kind, size_t *n)
{
    *n = set->table[kind].n;
    return *n ? set->table[kind].digests : NULL;
}

bool known_row(const KnownSet *set, DigestKind kind, uint32_t place, uint32_t *row, Err *err)
{
    uint64_t number = place;
    if (place >= set->table[kind].n)
        return err_set(err, ERR_INVALID, "The known-file set has no such place.");
    if (kind != set->lead && !number_at(set, set->part[PART_ROWS][kind], place, &number, err))
        return false;
    if (number >= set->header->entries)
        return known_altered(err);
    *row = (uint32_t)number;
    return true;
}

/* NULL in `digest` when the entry has none of the kind. */
static bool digest_of_row(const KnownSet *set, DigestKind kind, uint32_t row, const uint8_t **digest,
                          Err *err)
{
    const KnownTable *t = &set->table[kind];
    uint64_t after = (uint64_t)row + 1;              /* place + 1; the lead's rows are its places */
    *digest = NULL;
    if (t->n == 0 || (kind == set->lead && row >= t->n))
        return true;
    if (kind != set->lead && !number_at(set, set->part[PART_BACK][kind], row, &after, err))
        return false;
    if (after == 0)
        return true;
    if (after > t->n)
        return known_altered(err);
    *digest = t->digests + (after - 1) * t->bytes;
    return known_sound(set, *digest, t->bytes, err);
}

/* Column `part` at a row, as it was given; false in `given` when it was not. */
static bool column_at(const KnownSet *set, KnownPart part, uint32_t row, int *out, Err *err)
{
    const KnownSection *s = set->part[part][0];
    uint64_t number = 0;
    if (!number_at(set, s, row, &number, err))
        return false;
    if (number)
        *out = (int)((uint64_t)s->bias + number - 1);
    return true;
}

bool known_entry(const KnownSet *set, uint32_t row, KnownEntry *entry, Err *err)
{
    uint64_t label_number = 0, series = 0;
    KnownLabel label;
    *entry = KNOWN_ENTRY_BLANK;
    if (row >= set->header->entries)
        return err_set(err, ERR_INVALID, "The known-file set has no such entry.");
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        if (!digest_of_row(set, k, row, &entry->digest[k], err))
            return false;
    if (!number_at(set, set->part[PART_LABEL][0], row, &label_number, err)
        || !known_label(set, label_number, &label, err)
        || !number_at(set, set->part[PART_SERIES][0], row, &series, err)
        || !text_at(set, series, &entry->series, err)
        || !column_at(set, PART_VOTES, row, &entry->votes, err)
        || !column_at(set, PART_SEEN, row, &entry->first_seen, err)
        || !column_at(set, PART_QUALITY, row, &entry->pdq_quality, err))
        return false;
    entry->source = label.source;
    entry->version = label.version;
    entry->grade = label.grade;
    entry->scale = label.scale;
    entry->trusted = label.trusted;
    entry->victim_identified = label.victim_identified;
    entry->benign = label.benign;
    entry->negative = label.negative;
    return true;
}

bool known_label_of_row(const KnownSet *set, uint32_t row, uint32_t *label, uint32_t *series, Err *err)
{
    uint64_t l = 0, s = 0;
    if (!number_at(set, set->part[PART_LABEL][0], row, &l, err)
        || !number_at(set, set->part[PART_SERIES][0], row, &s, err))
        return false;
    *label = (uint32_t)l;
    *series = (uint32_t)s;
    return true;
}

bool known_text(const KnownSet *set, uint32_t i, const char **text, Err *err)
{
    return text_at(set, i, text, err);
}

bool known_conflict(const KnownSet *set, uint64_t i, KnownConflict *conflict, Err *err)
{
    KnownStoredConflict stored;
    if (i >= set->header->conflicts)
        return err_set(err, ERR_NOT_FOUND, "The known-file set has no such conflict.");
    const uint8_t *at = set->at + set->part[PART_CONFLICTS][0]->at + i * sizeof stored;
    if (!known_sound(set, at, sizeof stored, err))
        return false;
    memcpy(&stored, at, sizeof stored);
    if (stored.kind >= DIGEST__COUNT || stored.place >= set->table[stored.kind].n)
        return known_altered(err);
    conflict->kind = (DigestKind)stored.kind;
    return known_hit_at(set, conflict->kind, stored.place, &conflict->hit, err);
}
