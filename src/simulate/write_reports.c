/* write_reports.c: the hotline's XML, in the CyberTipline reporting structure: one file with many reports for
 * each delivery, some reports by themselves, and the details of each file named in a report. */
#include "simulate/world.h"

enum { KNOWN_FILES = 400, VIRAL_FILE = 50000, PICTURE_SIDE = 48 };

static void capture(World *w, Sink *s, const Trace *t, Arena *mem, Rng *r)
{
    static const char *const events[] = { "Login", "Upload", "Registration", "Other", "Unknown" };
    sink_text(s, "<ipCaptureEvent>");
    sink_xml(s, "ipAddress", t->address);
    sink_xml(s, "eventName", events[below(r, COUNT_OF(events))]);
    sink_xml(s, "dateTime", trace_when(w, t, mem));
    if (t->proxy)
        sink_text(s, "<possibleProxy>true</possibleProxy>");
    if (t->port)
        sink_fmt(s, "<port>%d</port>", t->port);
    sink_text(s, "</ipCaptureEvent>");
}

static void summary(Sink *s, const Report *rep, Arena *mem, Rng *r)
{
    static const char *const types[] = { "Child Pornography (possession, manufacture, and distribution)",
                                         "Child Pornography (possession, manufacture, and distribution)",
                                         "Online Enticement of Children for Sexual Acts",
                                         "Child Sexual Molestation" };
    static const char *const reasons[] = { "Account holder says they have access to a child now",
        "Recent upload suggests a child at immediate risk", "Threats to a child in the last day" };
    sink_text(s, "<incidentSummary>");
    sink_xml(s, "incidentType", types[rep->urgent ? below(r, 4) : below(r, 3)]);
    if (rep->urgent)
        sink_xml(s, "escalateToHighPriority", reasons[below(r, COUNT_OF(reasons))]);
    if (one_in(r, 0.1))
        sink_text(s, "<reportAnnotations><csamSolicitation/></reportAnnotations>");
    char *when = instant_iso(mem, rep->at);
    if (rep->no_zone)
        when[strlen(when) - 1] = 0;
    sink_xml(s, "incidentDateTime", when);
    sink_xml(s, "incidentDateTimeDescription", "Time the content was found by the service");
    sink_text(s, "</incidentSummary>");
}

static void internet(Sink *s, const Person *p, Rng *r)
{
    if (one_in(r, 0.5)) {
        sink_text(s, "<internetDetails><webPageIncident><url>");
        sink_fmt(s, "https://example.org/content/%llx", (unsigned long long)(rng_next(r) >> 24));
        sink_text(s, "</url></webPageIncident></internetDetails>");
    } else {
        sink_text(s, "<internetDetails><chatImIncident>");
        sink_xml(s, "chatClient", p->service);
        sink_xml(s, "chatRoomName", "room & \"friends\" <7>");
        sink_text(s, "</chatImIncident></internetDetails>");
    }
}

static void reporter(Sink *s)
{
    sink_text(s, "<reporter><reportingPerson><firstName>Trust</firstName><lastName>Desk</lastName>"
                 "<email>desk@example.org</email></reportingPerson></reporter>");
}

static void person_details(Sink *s, const Person *p, bool first, bool contacts, bool sure, Arena *mem, Rng *r)
{
    bool named = p->registered || one_in(r, 0.6);
    sink_text(s, "<personOrUserReportedPerson>");
    if (named) {
        sink_xml(s, "firstName", p->given);
        sink_xml(s, "lastName", p->family);
    }
    if (p->phone && contacts)
        sink_fmt(s, "<phone type=\"Mobile\" verified=\"true\" countryCallingCode=\"44\">%s</phone>",
                 p->phone);
    if (p->phone2 && contacts)
        sink_fmt(s, "<phone type=\"Home\">%s</phone>", p->phone2);
    if (contacts) {
        sink_fmt(s, "<email type=\"Home\" verified=\"%s\">%s</email>",
                 sure || one_in(r, 0.7) ? "true" : "false", p->email);
        if (p->email2)
            sink_fmt(s, "<email type=\"Recovery\">%s</email>", p->email2);
    }
    if (first && (p->registered || one_in(r, 0.35)))
        sink_xml(s, "dateOfBirth", date_iso(mem, p->born));
    sink_text(s, "</personOrUserReportedPerson>");
}

/* The first report of a person carries all their identifiers; a later one at least one, so that linking can
 * hold. */
static void reported(World *w, Sink *s, const Report *rep, size_t index, size_t *trace, Arena *mem, Rng *r)
{
    const Person *p = &w->people[rep->person];
    char          own[24];
    (void)snprintf(own, sizeof own, "%llu", (unsigned long long)rep->number);
    bool first = str_same(p->first_ref, own), other = !first && one_in(r, 0.25);
    sink_text(s, "<personOrUserReported>");
    person_details(s, p, first, first || other || one_in(r, 0.5), first || other, mem, r);
    sink_xml(s, "espIdentifier", other ? str_fmt(mem, "alt_%s_%zu", p->account, index) : p->account);
    sink_xml(s, "espService", other ? "AltExample" : p->service);
    sink_xml(s, "screenName", str_fmt(mem, "%s_%u", p->account, (unsigned)below(r, 4)));
    if (one_in(r, 0.3))
        sink_xml(s, "displayName", str_fmt(mem, "%s \xE2\x98\x85", p->given));
    while (*trace < w->trace_count &&
           (w->traces[*trace].report == SIZE_MAX || w->traces[*trace].report < index))
        ++*trace;
    for (; *trace < w->trace_count && w->traces[*trace].report == index; ++*trace)
        capture(w, s, &w->traces[*trace], mem, r);
    if (p->device && (first || one_in(r, 0.5)))
        sink_fmt(s,
                 "<deviceId><idType>IMEI</idType><idValue>%s</idValue><eventName>Login</eventName></"
                 "deviceId>",
                 p->device);
    if (!first && p->hotline && one_in(r, 0.4))
        sink_xml(s, "priorCTReports", p->first_ref);
    if (one_in(r, 0.2))
        sink_fmt(s,
                 "<estimatedLocation "
                 "verified=\"false\"><city>%s</city><countryCode>GB</countryCode></estimatedLocation>",
                 w->towns[p->town].name);
    sink_text(s, "</personOrUserReported>");
}

static void victim(Sink *s, const Report *rep, Arena *mem, Rng *r)
{
    sink_text(s, "<victim><victimPerson>");
    sink_fmt(s, "<age>%u</age></victimPerson>", (unsigned)(6 + below(r, 11)));
    sink_fmt(s, "<espIdentifier>young_%llu</espIdentifier>", (unsigned long long)rep->number);
    sink_text(s, "<ipCaptureEvent>");
    sink_fmt(s, "<ipAddress>203.0.113.%u</ipAddress><eventName>Login</eventName>",
             (unsigned)(1 + below(r, 254)));
    sink_xml(s, "dateTime", instant_iso(mem, rep->at));
    sink_text(s, "</ipCaptureEvent></victim>");
}

/* A flat grey-to-white square as an uncompressed bitmap: media inside a report, which must never be kept. */
static const char *picture(Arena *mem)
{
    enum { HEAD = 54, BODY = PICTURE_SIDE * PICTURE_SIDE * 3 };
    uint8_t *at = arena_new(mem, uint8_t, HEAD + BODY);
    static const uint8_t head[HEAD] = { 'B',         'M',       (HEAD + BODY) & 0xff, (HEAD + BODY) >> 8,
                                        [10] = HEAD, [14] = 40, [18] = PICTURE_SIDE,  [22] = PICTURE_SIDE,
                                        [26] = 1,    [28] = 24 };
    memcpy(at, head, HEAD);
    for (size_t i = 0; i < BODY; i++)
        at[HEAD + i] = (uint8_t)(128 + i * 127 / BODY);
    return base64_write(mem, at, HEAD + BODY);
}

static void report_body(World *w, Sink *s, size_t index, size_t *trace, Arena *mem)
{
    const Report *rep = &w->reports[index];
    Rng           r = rng_seed(rep->salt);
    if (rep->single)
        sink_fmt(s, "<report reportId=\"%llu\">", (unsigned long long)rep->number);
    else
        sink_fmt(s, "<report><reportId>%llu</reportId>", (unsigned long long)rep->number);
    if (rep->bundled)
        sink_text(s, "<batchedReport reason=\"VIRAL_POTENTIAL_MEME\">true</batchedReport>");
    summary(s, rep, mem, &r);
    internet(s, &w->people[rep->person], &r);
    reporter(s);
    reported(w, s, rep, index, trace, mem, &r);
    if (rep->victim)
        victim(s, rep, mem, &r);
    if (rep->blob) {
        sink_text(s, "<additionalInfo>");
        sink_text(s, picture(mem));
        sink_text(s, "</additionalInfo>");
    } else if (one_in(&r, 0.3)) {
        sink_xml(s, "additionalInfo", "User says \"I'm at my sister's & her kids are here\" <sic>");
    }
    sink_text(s, "</report>\n");
}

static void file_details(World *w, Sink *s, size_t index)
{
    static const char *const classes[] = { "A1", "A2", "B1", "B2" };
    const Report *rep = &w->reports[index];
    Rng           r = rng_seed(rep->salt ^ 0x66696c65);
    size_t        n = rep->bundled ? 1 : below(&r, 4);
    for (size_t k = 0; k < n; k++) {
        uint64_t file = one_in(&r, 0.55) ? rng_below(&r, KNOWN_FILES) : 100000 + index * 4 + k;
        char     md5[65], sha1[65];
        if (w->people[rep->person].kind == PERSON_VIRAL)
            file = VIRAL_FILE;
        sink_fmt(s, "<fileDetails><reportId>%llu</reportId><fileId>%s</fileId>",
                 (unsigned long long)rep->number, hash_text(w, 1000000000 + index * 4 + k, md5, 16));
        sink_fmt(s, "<fileName>IMG_%04u.jpg</fileName>", (unsigned)below(&r, 10000));
        sink_fmt(s, "<fileViewedByEsp>%s</fileViewedByEsp>", one_in(&r, 0.6) ? "true" : "false");
        sink_fmt(s, "<publiclyAvailable>%s</publiclyAvailable>", one_in(&r, 0.2) ? "true" : "false");
        if (k == 2)
            sink_text(s, "<fileRelevance>Supplemental Reported</fileRelevance>");
        if (rep->bundled)
            sink_text(s, "<fileAnnotations><potentialMeme/><viral/></fileAnnotations>");
        sink_fmt(s, "<industryClassification>%s</industryClassification>",
                 classes[below(&r, COUNT_OF(classes))]);
        sink_fmt(s, "<originalFileHash hashType=\"MD5\">%s</originalFileHash>", hash_text(w, file, md5, 16));
        sink_fmt(s, "<originalFileHash hashType=\"SHA1\">%s</originalFileHash>",
                 hash_text(w, file, sha1, 20));
        sink_text(s, "</fileDetails>\n");
    }
}

static void whole_report(World *w, Sink *s, size_t index, size_t *trace)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    report_body(w, s, index, trace, &mem);
    file_details(w, s, index);
}

static const char xml_head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

static bool single_file(World *w, size_t index, size_t *trace, size_t *number, Err *err)
{
    CLEANUP(sink_done) Sink s = { 0 };
    const Report *rep = &w->reports[index];
    const char   *what = str_fmt(w->mem, "hotline-%llu.xml", (unsigned long long)rep->number);
    CLEANUP(arena_done) Arena mem = { 0 };
    if (!open_file(w, &s, number, rep->batch, what, err))
        return false;
    sink_text(&s, xml_head);
    report_body(w, &s, index, trace, &mem);
    return close_file(w, &s, err);
}

/* The traces of reports lie in the order of the reports, after one another for each person; an index finds
 * the first. */
static size_t *first_traces(World *w, Arena *mem)
{
    size_t *first = arena_new(mem, size_t, w->report_count ? w->report_count : 1);
    for (size_t i = w->trace_count; i-- > 0;)
        if (w->traces[i].report != SIZE_MAX)
            first[w->traces[i].report] = i;
    return first;
}

static bool in_batch(const Report *rep, size_t batch)
{
    bool again = rep->repeats && rep->batch + 1 == batch;      /* sent twice by mistake */
    return !rep->single && (rep->batch == batch || again);
}

/* What a batch holds together. One without a report is not sent at all: an empty wrapper is no known format.
 */
static bool joint_file(World *w, size_t batch, const size_t *first, size_t *number, Err *err)
{
    CLEANUP(sink_done) Sink s = { 0 };
    bool any = false;
    for (size_t i = 0; i < w->report_count; i++)
        any = any || in_batch(&w->reports[i], batch);
    if (!any)
        return true;
    if (!open_file(w, &s, number, batch, "hotline.xml", err))
        return false;
    sink_text(&s, xml_head);
    sink_text(&s, "<reports>\n");
    for (size_t i = 0; i < w->report_count; i++) {
        size_t trace = first[i];
        if (in_batch(&w->reports[i], batch))
            whole_report(w, &s, i, &trace);
    }
    sink_text(&s, "</reports>\n");
    return close_file(w, &s, err);
}

bool write_reports(World *w, size_t batch, size_t *number, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    size_t *first = first_traces(w, &mem);
    if (!joint_file(w, batch, first, number, err))
        return false;
    for (size_t i = 0; i < w->report_count; i++) {
        size_t trace = first[i];
        if (w->reports[i].single && w->reports[i].batch == batch && !single_file(w, i, &trace, number, err))
            return false;
    }
    return true;
}
