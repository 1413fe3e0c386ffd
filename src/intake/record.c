/* record.c */
#include "intake/record.h"

Record record_new(void)
{
    return (Record){ .annotations = json_new_list(), .sensitive = json_new_list() };
}

static void file_done(FileIn *file)
{
    if (file)
        json_done(&file->annotations);
}

void record_done(Record *r)
{
    for (FileIn *f = r->referral ? r->referral->files : NULL; f; f = f->next)
        file_done(f);
    file_done(r->file);
    if (r->event)
        json_done(&r->event->row);
    json_done(&r->annotations);
    json_done(&r->sensitive);
    *r = (Record){0};
}

void record_note(Record *r, const char *label, const char *text)
{
    if (str_blank(text))
        return;
    Json *pair = json_new_object();
    json_set_text(pair, "label", label);
    json_set_text(pair, "text", text);
    json_push(r->sensitive, pair);
}

void record_flag(Record *r, const char *text)
{
    json_push(r->annotations, json_new_text(text));
}

/* Lists keep their source's order, so that reading twice writes the same rows. */
#define APPEND(list, item) do { while (*(list)) (list) = &(*(list))->next; *(list) = (item); } while (0)

IdentifierIn *sighting_identify(Arena *mem, SightingIn *s, const char *kind, const char *service,
                                const char *verbatim, const char *normal, bool strong)
{
    if (!normal)
        return NULL;
    IdentifierIn **list = &s->identifiers, *i = arena_new(mem, IdentifierIn, 1);
    *i = (IdentifierIn){ .kind = kind,
                         .service = service ? service : "",
                         .verbatim = verbatim,
                         .normal = normal,
                         .strong = strong };
    APPEND(list, i);
    return i;
}

FootprintIn *footprint_add(Arena *mem, FootprintIn **list, const char *address, const char *verbatim)
{
    FootprintIn *f = arena_new(mem, FootprintIn, 1);
    *f = (FootprintIn){ .address = address, .verbatim_address = verbatim, .port = -1, .event = "",
                        .when = { .at = INSTANT_NONE } };
    APPEND(list, f);
    return f;
}

SightingIn *referral_sighting(Arena *mem, ReferralIn *r, const char *role)
{
    SightingIn **list = &r->sightings, *s = arena_new(mem, SightingIn, 1);
    *s = (SightingIn){ .role = role, .born = DATE_NONE, .age = -1, .seen_at = INSTANT_NONE };
    APPEND(list, s);
    return s;
}

HashIn *hash_add(Arena *mem, HashIn **list, const char *kind, const char *value)
{
    HashIn *h = arena_new(mem, HashIn, 1);
    *h = (HashIn){ .kind = kind, .value = value };
    APPEND(list, h);
    return h;
}

WhenText when_text(Arena *mem, const char *verbatim, bool *readable)
{
    Stamp stamp;
    WhenText w = { .verbatim = str_copy(mem, verbatim), .at = INSTANT_NONE };
    *readable = stamp_parse(str_trim(str_of(verbatim)), &stamp);
    if (*readable && stamp.offset_known) {
        w.at = stamp.instant;
        w.offset_known = true;
        w.offset_minutes = stamp.offset_minutes;
    }
    return w;
}

/* ---- completeness ---- */

static const SightingIn *reported(const ReferralIn *r)
{
    for (const SightingIn *s = r->sightings; s; s = s->next)
        if (str_same(s->role, "reported"))
            return s;
    return NULL;
}

static bool has_name(const SightingIn *s)    { return s->family || s->given; }
static bool has_born(const SightingIn *s)    { return s->born != DATE_NONE; }
static bool has_place(const SightingIn *s)   { return s->address || s->postcode; }
static bool has_address(const SightingIn *s) { return s->footprints; }

static bool has_contact(const SightingIn *s)
{
    for (const IdentifierIn *i = s->identifiers; i; i = i->next)
        if (i->strong)
            return true;
    return false;
}

static bool has_instant(const SightingIn *s)
{
    for (const FootprintIn *f = s->footprints; f; f = f->next)
        if (f->when.offset_known)
            return true;
    return false;
}

static bool has_port(const SightingIn *s)
{
    for (const FootprintIn *f = s->footprints; f; f = f->next)
        if (f->port >= 0)
            return true;
    return false;
}

static const struct { const char *name; bool (*there)(const SightingIn *s); } wanted[] = {
    { "name",                     has_name    },
    { "date of birth",            has_born    },
    { "postal address",           has_place   },
    { "account or contact",       has_contact },
    { "internet address",         has_address },
    { "time with its offset",     has_instant },
    { "port",                     has_port    },
};

int record_completeness(const ReferralIn *r, Json **missing)
{
    const SightingIn *s = reported(r);
    size_t there = 0;
    *missing = json_new_list();
    FOR_EACH(w, wanted) {
        if (s && w->there(s))
            there++;
        else
            json_push(*missing, json_new_text(w->name));
    }
    return (int)(there * 100 / COUNT_OF(wanted));
}
