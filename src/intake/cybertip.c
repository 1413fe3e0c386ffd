/* cybertip.c: a hotline report, or the details of one of its files, from a tree.
 *
 * What has a column is taken out of the tree; whatever text is left then goes, with its path as its label, to
 * the record's sensitive text. So an element nobody thought of is kept (invariant: no text of a record is
 * lost). Names are compared without regard to case, because receiving tools meet several spellings. */
#include "intake/formats.h"
#include <string.h>
#include <strings.h>
#include "intake/normal.h"

const char *const cybertip_records[] = { "report", "filedetails", "cybertiplinereport", NULL };

typedef struct Reading {
    Arena      *mem;
    Record     *out;
    ReferralIn *referral;
    const char *provider;                /* lower case: the service of accounts that name none */
} Reading;

/* ---- taking things out of the tree ---- */

static bool is(const XmlNode *n, const char *name) { return strcasecmp(n->name, name) == 0; }

static XmlNode *child(XmlNode *n, const char *name)
{
    for (XmlNode *c = n ? n->child : NULL; c; c = c->next)
        if (is(c, name))
            return c;
    return NULL;
}

static const char *take(XmlNode *n)
{
    const char *text = n && n->text[0] ? n->text : NULL;
    if (n)
        n->text = "";
    return text;
}

static const char *take_child(XmlNode *n, const char *name) { return take(child(n, name)); }

static const char *take_any(XmlNode *n, const char *const *names)
{
    for (; *names; names++) {
        const char *text = take_child(n, *names);
        if (text)
            return text;
    }
    return NULL;
}

static const char *take_attr(XmlNode *n, const char *name)
{
    for (XmlAttr *a = n ? n->attrs : NULL; a; a = a->next)
        if (strcasecmp(a->name, name) == 0 && a->value[0]) {
            const char *value = a->value;
            a->value = "";
            return value;
        }
    return NULL;
}

static bool truth(const char *text) { return text && (strcasecmp(text, "true") == 0 || str_same(text, "1")); }
static int  truth_or_unsaid(const char *text) { return text ? truth(text) : -1; }

/* "personOrUserReported / additionalInfo" */
static const char *path_of(Arena *mem, const XmlNode *n, const char *below)
{
    const char *own = below ? str_fmt(mem, "%s / %s", n->name, below) : n->name;
    return n->parent && n->parent->parent ? path_of(mem, n->parent, own) : own;
}

static bool plumbing(const XmlAttr *a)
{
    return str_starts(a->name, "xmlns") || strcasestr(a->name, "schemaLocation") ||
           str_starts(a->name, "muster-dropped");
}

static void keep_rest(const Reading *r, XmlNode *n)
{
    if (n->text[0])
        record_note(r->out, path_of(r->mem, n, NULL), n->text);
    for (const XmlAttr *a = n->attrs; a; a = a->next)
        if (!plumbing(a))
            record_note(r->out, path_of(r->mem, n, a->name), a->value);
    for (XmlNode *c = n->child; c; c = c->next)
        keep_rest(r, c);
}

/* ---- the pieces every part of a report is made of ---- */

static WhenText when_of(const Reading *r, const char *text)
{
    bool readable;
    return text ? when_text(r->mem, text, &readable) : (WhenText){ .at = INSTANT_NONE };
}

static void read_footprint(const Reading *r, XmlNode *n, FootprintIn **list)
{
    XmlNode *at = child(n, "ipAddress");
    const char *address = at ? normal_address(r->mem, at->text) : NULL;
    if (!address) {
        record_flag(r->out, "noted: an internet address could not be read");
        return;                          /* keep_rest keeps what it said */
    }
    FootprintIn *f = footprint_add(r->mem, list, address, take(at));
    const char *event = take_child(n, "eventName");
    f->event = event ? event : "";
    f->when = when_of(r, take_child(n, "dateTime"));
    f->proxy = truth(take_child(n, "possibleProxy"));
    XmlNode *port = child(n, "port");
    if (port && str_int(str_of(port->text), 0, 65535, &f->port))
        take(port);
}

static void read_device(const Reading *r, XmlNode *n, SightingIn *s)
{
    const char *type = take_child(n, "idType"), *value = take_child(n, "idValue");
    const char *kind = type ? str_lower_ascii(r->mem, type) : "";
    /* A network's name (SSID) is many people's; the others are numbers of one thing. */
    sighting_identify(r->mem, s, "device", kind, value, normal_device(r->mem, value),
                      !str_same(kind, "ssid"));
}

static void read_phone(const Reading *r, XmlNode *n, SightingIn *s)
{
    const char *country = take_attr(n, "countryCallingCode"), *said = take(n);
    if (!said)
        return;
    const char *normal = normal_phone(r->mem, said, country);
    if (!normal) {
        record_note(r->out, path_of(r->mem, n, NULL), said);
        return;
    }
    IdentifierIn *i = sighting_identify(r->mem, s, "phone", NULL, said, normal, true);
    i->verified = truth(take_attr(n, "verified"));
}

static void read_email(const Reading *r, XmlNode *n, SightingIn *s)
{
    const char *said = take(n), *normal = said ? normal_email(r->mem, said) : NULL;
    if (said && !normal)
        record_note(r->out, path_of(r->mem, n, NULL), said);
    IdentifierIn *i = sighting_identify(r->mem, s, "email", NULL, said, normal, true);
    if (i)
        i->verified = truth(take_attr(n, "verified"));
}

static void read_postal(const Reading *r, XmlNode *n, SightingIn *s)
{
    if (s->address || s->town || s->postcode)
        return;                          /* a second address stays in the sensitive text */
    s->address = take_child(n, "address");
    s->town = take_child(n, "city");
    s->country = take_child(n, "country");
    const char *code = take_child(n, "zipCode"), *normal = code ? normal_postcode(r->mem, code) : NULL;
    s->postcode = normal ? normal : code;
}

typedef void PartRead(const Reading *r, XmlNode *n, SightingIn *s);
typedef struct Part { const char *name; PartRead *read; } Part;

static void read_parts(const Reading *r, XmlNode *n, SightingIn *s, const Part *parts)
{
    for (XmlNode *c = n->child; c; c = c->next)
        for (const Part *p = parts; p->name; p++)
            if (is(c, p->name))
                p->read(r, c, s);
}

static void read_first(const Reading *r, XmlNode *n, SightingIn *s)
{
    (void)r;
    if (!s->given)
        s->given = take(n);
}
static void read_last(const Reading *r, XmlNode *n, SightingIn *s)
{
    (void)r;
    if (!s->family)
        s->family = take(n);
}

static void read_age(const Reading *r, XmlNode *n, SightingIn *s)
{
    (void)r;
    if (str_int(str_of(n->text), 0, 130, &s->age))
        take(n);
}

static void read_born(const Reading *r, XmlNode *n, SightingIn *s)
{
    (void)r;
    if (date_parse(str_of(n->text), &s->born))
        take(n);
}

static const Part person_parts[] = {
    { "address",     read_postal },
    { "age",         read_age    },
    { "dateOfBirth", read_born   },
    { "email",       read_email  },
    { "firstName",   read_first  },
    { "lastName",    read_last   },
    { "phone",       read_phone  },
    {0}
};

static void read_person(const Reading *r, XmlNode *n, SightingIn *s)
{
    read_parts(r, n, s, person_parts);
}

static void read_ip(const Reading *r, XmlNode *n, SightingIn *s)
{
    read_footprint(r, n, &s->footprints);
}

/* Many people share a screen or display name: it may suggest a link, never make one. */
static void read_screen(const Reading *r, XmlNode *n, SightingIn *s)
{
    const char *said = take(n);
    if (said && !s->account)
        s->account = said;
    sighting_identify(r->mem, s, "screen_name", s->service, said, normal_account(r->mem, said), false);
}

static void read_prior(const Reading *r, XmlNode *n, SightingIn *s)
{
    const char *said = take(n);
    sighting_identify(r->mem, s, "prior_report", NULL, said, normal_account(r->mem, said), false);
}

static void read_location(const Reading *r, XmlNode *n, SightingIn *s)
{
    (void)r;
    if (s->town || s->country)
        return;
    s->town = take_child(n, "city");
    s->country = take_child(n, "countryCode");
}

static const Part user_parts[] = {
    { "deviceId",                   read_device   },
    { "displayName",                read_screen   },
    { "estimatedLocation",          read_location },
    { "intendedRecipientPerson",    read_person   },
    { "ipCaptureEvent",             read_ip       },
    { "personOrUserReportedPerson", read_person   },
    { "priorCTReports",             read_prior    },
    { "reportedPerson",             read_person   },
    { "screenName",                 read_screen   },
    { "victimPerson",               read_person   },
    {0}
};

static void read_user(const Reading *r, XmlNode *n, const char *role)
{
    SightingIn *s = referral_sighting(r->mem, r->referral, role);
    const char *service = take_child(n, "espService"), *account = take_child(n, "espIdentifier");
    const char *normal_service = service ? normal_account(r->mem, service) : r->provider;
    s->service = normal_service;
    if (service && !str_same(service, normal_service))
        record_note(r->out, path_of(r->mem, n, "espService"), service);
    s->account = account;
    sighting_identify(r->mem, s, "account", normal_service, account, normal_account(r->mem, account),
                      normal_service);
    read_parts(r, n, s, user_parts);
    s->seen_at = r->referral->incident.at;
}

/* ---- the report ---- */

static const struct { const char *verbatim, *code; } incident_types[] = {
    { "Child Pornography (possession, manufacture, and distribution)", "images"              },
    { "Child Sex Tourism",                                             "travel"              },
    { "Child Sex Trafficking",                                         "trafficking"         },
    { "Child Sexual Molestation",                                      "contact-abuse"       },
    { "Misleading Domain Name",                                        "misleading-domain"   },
    { "Misleading Words or Digital Images on the Internet",            "misleading-words"    },
    { "Online Enticement of Children for Sexual Acts",                 "enticement"          },
    { "Unsolicited Obscene Material Sent to a Child",                  "unsolicited-material" },
};

static const char *incident_code(const char *verbatim)
{
    FOR_EACH(t, incident_types)
        if (verbatim && strcasecmp(t->verbatim, verbatim) == 0)
            return t->code;
    return NULL;
}

static void read_incident(const Reading *r, XmlNode *n)
{
    ReferralIn *ref = r->referral;
    ref->incident_verbatim = take_child(n, "incidentType");
    ref->incident_type = incident_code(ref->incident_verbatim);
    ref->priority_reason = take_child(n, "escalateToHighPriority");
    const char *when = take_child(n, "incidentDateTime");
    ref->incident = when_of(r, when);
    if (when && !ref->incident.offset_known)
        record_note(r->out, "incident time, no offset stated", when);
    for (XmlNode *c = child(n, "reportAnnotations") ? child(n, "reportAnnotations")->child : NULL; c;
         c = c->next)
        if (!str_same(take(c), "false"))
            record_flag(r->out, c->name);
}

/* The reporter is a company and whoever there answers for the report: kept as a person apart, never a
 * suspect. */
static void read_reporter(const Reading *r, XmlNode *n)
{
    XmlNode *person = child(n, "reportingPerson");
    if (person)
        read_person(r, person, referral_sighting(r->mem, r->referral, "reporter"));
}

/* The company is told only by whose address the reporter writes from, or by where it keeps its rules. */
static const char *provider_of(Arena *mem, XmlNode *report)
{
    static const char *const said[] = { "espName", "companyName", "reportingEsp", NULL };
    XmlNode *reporter = child(report, "reporter"), *person = child(reporter, "reportingPerson");
    const char *name = take_any(reporter, said);
    XmlNode *email = child(person, "email");
    const char *at = email ? strrchr(email->text, '@') : NULL;
    return name ? normal_account(mem, name) : at && at[1] ? normal_account(mem, at + 1) : NULL;
}

static const struct { const char *name, *role; } users[] = {
    { "intendedRecipient",    "recipient" },
    { "personOrUserReported", "reported"  },
    { "reportedPerson",       "reported"  },
    { "victim",               "victim"    },
};

static void read_users(const Reading *r, XmlNode *report)
{
    for (XmlNode *c = report->child; c; c = c->next)
        FOR_EACH(u, users)
            if (is(c, u->name))
                read_user(r, c, u->role);
}

/* An e-mail or telephone of the incident names the reported person, unless the report names none. */
static void read_internet(const Reading *r, XmlNode *report)
{
    SightingIn *s = r->referral->sightings;
    while (s && !str_same(s->role, "reported"))
        s = s->next;
    for (XmlNode *d = report->child; d; d = d->next) {
        if (!is(d, "internetDetails"))
            continue;
        XmlNode *phone = child(child(d, "cellPhoneIncident"), "phoneNumber");
        XmlNode *email = child(child(d, "emailIncident"), "emailAddress");
        for (XmlNode *c = child(d, "peer2peerIncident") ? child(d, "peer2peerIncident")->child : NULL; c;
             c = c->next) {
            if (!is(c, "ipCaptureEvent"))
                continue;
            s = s ? s : referral_sighting(r->mem, r->referral, "reported");
            read_footprint(r, c, &s->footprints);
        }
        if (!s && (phone || email))
            s = referral_sighting(r->mem, r->referral, "reported");
        if (phone)
            read_phone(r, phone, s);
        if (email)
            read_email(r, email, s);
    }
}

static void read_files(const Reading *r, XmlNode *report);

static bool read_report(XmlNode *n, size_t line, const char *digest, Reading *r, Err *err)
{
    static const char *const numbers[] = { "reportId", "tiplineNumber", "reportNumber", NULL };
    const char *number = take_any(n, numbers);
    XmlNode *incident = child(n, "incidentSummary"), *batched = child(n, "batchedReport");
    if (!number)
        number = take_attr(n, "reportId");
    if (!incident && !number)
        return err_set(err, ERR_INVALID, "Line %zu: the report has neither an incidentSummary nor a number.",
                       line);
    r->provider = provider_of(r->mem, n);
    r->referral = arena_new(r->mem, ReferralIn, 1);
    *r->referral = (ReferralIn){ .source = "hotline",
                                 .provider = r->provider,
                                 .incident = { .at = INSTANT_NONE },
                                 .source_ref = number ? number : digest,
                                 .bundled = batched };
    r->out->kind = RECORD_REFERRAL;
    r->out->referral = r->referral;
    if (batched && take_attr(batched, "reason"))
        record_flag(r->out, "VIRAL_POTENTIAL_MEME");
    if (incident)
        read_incident(r, incident);
    read_users(r, n);
    read_internet(r, n);
    if (child(n, "reporter"))
        read_reporter(r, child(n, "reporter"));
    read_files(r, n);
    r->referral->summary = r->referral->incident_verbatim ? r->referral->incident_verbatim : "Hotline report";
    keep_rest(r, n);
    return true;
}

/* ---- the details of one file ---- */

static void file_flag(FileIn *f, const char *text)
{
    json_push(f->annotations, json_new_text(text));
}

/* A digest of the wrong length would match nothing and look like an answer: dropped, and noted. */
static void read_hash(const Reading *r, XmlNode *n, FileIn *f)
{
    const char *kind = take_attr(n, "hashType"), *said = take(n);
    const char *said_kind = kind, *value = kind ? normal_hash(r->mem, &kind, said) : NULL;
    if (value)
        hash_add(r->mem, &f->hashes, kind, value);
    else
        file_flag(f,
                  str_fmt(r->mem, "noted: a hash said to be %s has the wrong length or kind and was dropped",
                          said_kind ? str_clip(r->mem, said_kind, 20) : "of no kind"));
}

static void read_marks(XmlNode *n, FileIn *f)
{
    for (XmlNode *c = n->child; c; c = c->next)
        if (!str_same(take(c), "false"))
            file_flag(f, c->name);
}

static void read_pairs(const Reading *r, XmlNode *n)
{
    const char *type = take_attr(n, "type");
    for (XmlNode *c = n->child; c; c = c->next) {
        const char *name = is(c, "nameValuePair") ? take_child(c, "name") : NULL;
        if (name)
            record_note(r->out,
                        str_fmt(r->mem, "file %s %s", type ? type : "detail", str_clip(r->mem, name, 80)),
                        take_child(c, "value"));
    }
}

static void read_file_parts(const Reading *r, XmlNode *n, FileIn *f)
{
    SightingIn devices = {0};
    for (XmlNode *c = n->child; c; c = c->next) {
        if (is(c, "originalFileHash"))
            read_hash(r, c, f);
        else if (is(c, "fileAnnotations"))
            read_marks(c, f);
        else if (is(c, "potentialMeme")) {
            take(c);
            file_flag(f, c->name);
        } else if (is(c, "ipCaptureEvent"))
            read_footprint(r, c, &f->footprints);
        else if (is(c, "deviceId"))
            read_device(r, c, &devices);
        else if (is(c, "details"))
            read_pairs(r, c);
    }
    f->devices = devices.identifiers;
}

static FileIn *read_file(const Reading *r, XmlNode *n)
{
    static const char *const names[] = { "originalFileName", "fileName", NULL };
    FileIn *f = arena_new(r->mem, FileIn, 1);
    *f = (FileIn){ .annotations = json_new_list() };
    f->file_ref = take_child(n, "fileId");
    f->name = take_any(n, names);
    f->classification = take_child(n, "industryClassification");
    f->relevance = take_child(n, "fileRelevance");
    f->viewed_by_provider = truth_or_unsaid(take_child(n, "fileViewedByEsp"));
    f->publicly_available = truth_or_unsaid(take_child(n, "publiclyAvailable"));
    read_file_parts(r, n, f);
    return f;
}

static bool is_file(const XmlNode *n)
{
    return is(n, "fileDetails") || is(n, "file") || is(n, "attachment");
}

static void read_files(const Reading *r, XmlNode *report)
{
    FileIn **last = &r->referral->files;
    size_t n = 0;
    for (XmlNode *c = report->child; c; c = c->next) {
        if (!is_file(c))
            continue;
        n++;
        *last = read_file(r, c);
        if (!(*last)->file_ref)
            (*last)->file_ref = str_fmt(r->mem, "file %zu", n);
        last = &(*last)->next;
    }
}

static bool read_file_record(XmlNode *n, size_t line, Reading *r, Err *err)
{
    const char *report = take_child(n, "reportId");
    r->out->kind = RECORD_FILE;
    r->out->file = read_file(r, n);
    r->out->report_ref = r->out->file->report_ref = report;
    keep_rest(r, n);
    if (!report)
        return err_set(err, ERR_INVALID, "Line %zu: the file details name no report (reportId).", line);
    return r->out->file->file_ref
        || err_set(err, ERR_INVALID, "Line %zu: the file details have no fileId.", line);
}

bool cybertip_read(XmlNode *record, size_t line, const char *digest, Arena *mem, Record *out, Err *err)
{
    Reading r = { .mem = mem, .out = out };
    return is(record, "fileDetails") ? read_file_record(record, line, &r, err)
                                     : read_report(record, line, digest, &r, err);
}
