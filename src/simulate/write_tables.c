/* write_tables.c: hash sets, the register, the list of purchases, footprints and the operators' answers, as
 * CSV. A few rows are wrong on purpose, and noted for truth.json. */
#include "simulate/world.h"

enum { KNOWN_FILES = 400, BENIGN_FILES = 80, REGISTER_OTHERS = 250 };

static void header(Sink *s, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sink_field(s, names[i]);
    sink_row_end(s);
}

/* A row of which only the first fields are given; the rest stay empty. */
static void bad_row(World *w, Sink *s, const char *const *fields, size_t given, size_t columns)
{
    refuse_line(w, s->name, s->line, false);
    for (size_t i = 0; i < columns; i++)
        sink_field(s, i < given ? fields[i] : NULL);
    sink_row_end(s);
}

static void hash_row(World *w, Sink *s, uint64_t index, bool benign, Rng *r)
{
    static const char *const grades[] = { "A", "B", "C" };
    char text[65];
    sink_field(s, hash_text(w, index, text, 16));
    sink_field(s, hash_text(w, index, text, 20));
    sink_field(s, hash_text(w, index, text, 32));
    sink_field(s, benign ? "none" : grades[below(r, 3)]);
    sink_field(s, "UK");
    sink_field(s, !benign && one_in(r, 0.2) ? "series-7" : NULL);
    sink_int(s, benign ? 0 : 1 + (int64_t)below(r, 6));
    sink_field(s, one_in(r, 0.1) ? "yes" : "no");
    sink_field(s, benign ? "benign" : "known");
    sink_field(s, benign ? "Exercise benign files" : "Exercise known files");
    sink_field(s, "1");
    sink_row_end(s);
}

static bool hash_file(World *w, size_t *number, bool benign, Err *err)
{
    static const char *const columns[] = { "md5",   "sha1",     "sha256",     "grade",
                                           "scale", "series",   "votes",      "victim_identified",
                                           "kind",  "set_name", "set_version" };
    CLEANUP(sink_done) Sink s = { 0 };
    Rng r = stream(w, "hashset", benign);
    if (!open_file(w, &s, number, 0, benign ? "hashset-benign.csv" : "hashset-known.csv", err))
        return false;
    header(&s, columns, COUNT_OF(columns));
    for (uint64_t i = 0; i < (benign ? BENIGN_FILES : KNOWN_FILES); i++)
        hash_row(w, &s, benign ? 900000000 + i : i, benign, &r);
    return close_file(w, &s, err);
}

static void register_row(World *w, Sink *s, size_t n, const Person *p, Date born, Arena *mem)
{
    sink_field(s, str_fmt(mem, "REG-%05zu", n));
    sink_field(s, p->given);
    sink_field(s, p->family);
    sink_field(s, date_iso(mem, born));
    sink_field(s, p->street);
    sink_field(s, p->postcode);
    sink_field(s, w->forces[w->towns[p->town].force].short_id);
    sink_field(s, "Sexual Offences Act 2003 schedule 3");
    sink_field(s, date_iso(mem, date_add_months(w->to, 12 + (int)(n % 60))));
    sink_row_end(s);
}

/* The registered people of the sample, and others: some of whom share a name, never a date of birth, with a
 * suspect. */
static bool register_file(World *w, size_t *number, Err *err)
{
    static const char *const columns[] = { "register_ref",  "given_names", "family_name",
                                           "date_of_birth", "address",     "postcode",
                                           "force",         "offence",     "until" };
    static const char *const bad[][4] = { { "REG-90001", "Alan", "Nobody", "1971-02-30" },
                                          { "REG-90002", "Brian", NULL, "1970-01-01" } };
    CLEANUP(sink_done) Sink s = { 0 };
    CLEANUP(arena_done) Arena mem = { 0 };
    Rng    r = stream(w, "register", 0);
    size_t n = 0;
    if (!open_file(w, &s, number, 0, "register.csv", err))
        return false;
    header(&s, columns, COUNT_OF(columns));
    int others = scaled(w, REGISTER_OTHERS);
    for (size_t i = 0; i < w->person_count; i++)
        if (w->people[i].registered)
            register_row(w, &s, ++n, &w->people[i], w->people[i].born, &mem);
    for (int i = 0; i < others; i++) {
        const Person *p = &w->people[below(&r, w->person_count)];
        register_row(w, &s, ++n, p, p->born + 400 + (Date)below(&r, 3000), &mem);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        bad_row(w, &s, bad[i], 4, COUNT_OF(columns));
    return close_file(w, &s, err);
}

bool write_opening(World *w, size_t *number, Err *err)
{
    return hash_file(w, number, false, err) && hash_file(w, number, true, err) &&
           register_file(w, number, err);
}

static void port_field(Sink *s, int port)
{
    if (port)
        sink_int(s, port);
    else
        sink_field(s, NULL);
}

static void list_row(World *w, Sink *s, const Trace *t, Arena *mem)
{
    const Person *p = &w->people[t->person];
    Rng           r = rng_seed(p->salt ^ 0x6c697374);
    sink_field(s, t->ref);
    sink_field(s, p->given);
    sink_field(s, p->family);
    sink_field(s, p->registered || one_in(&r, 0.7) ? date_iso(mem, p->born) : NULL);
    sink_field(s, p->street);
    sink_field(s, w->towns[p->town].name);
    sink_field(s, p->postcode);
    sink_field(s, "United Kingdom");
    sink_field(s, p->email);
    sink_field(s, p->phone);
    sink_field(s, str_fmt(mem, "buyer%05zu", t->person + 1));
    sink_field(s, "ExampleFilms");
    sink_field(s, trace_when(w, t, mem));
    sink_field(s, "Film order; \"series 3\", digital");
    sink_field(s, "29.95");
    sink_field(s, str_fmt(mem, "%04u", (unsigned)below(&r, 10000)));
    sink_field(s, t->address);
    port_field(s, t->port);
    sink_field(s, p->trust ? p->occupation : NULL);
    sink_field(s, one_in(&r, 0.05) ? "Line one\nline two" : NULL);
    sink_row_end(s);
}

/* The overseas list: semicolons and a byte-order mark, as a spreadsheet abroad would save it. */
static bool list_file(World *w, size_t batch, size_t *number, Err *err)
{
    static const char *const columns[] = { "List Ref",     "Given Names", "Family Name", "Date of Birth",
                                           "Address",      "Town",        "Postcode",    "Country",
                                           "Email",        "Phone",       "Account",     "Service",
                                           "Purchased At", "Item",        "Price",       "Card Last4",
                                           "IP Address",   "Port",        "Occupation",  "Remarks" };
    static const char *const bad[][4] = { { "LST-99001", "Given", NULL, "1980-01-01" },
                                          { NULL, "Given", "Only", "1980-01-01" },
                                          { "LST-99003", "Given", "Wrongdate", "31/12/1969" } };
    if (batch != 0)
        return true;
    CLEANUP(sink_done) Sink s = { 0 };
    if (!open_file(w, &s, number, batch, "list.csv", err))
        return false;
    s.delimiter = ';';
    sink_text(&s, "\xEF\xBB\xBF");
    header(&s, columns, COUNT_OF(columns));
    for (size_t i = 0; i < w->trace_count; i++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        if (w->traces[i].source == TRACE_LIST && w->traces[i].batch == batch)
            list_row(w, &s, &w->traces[i], &mem);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        bad_row(w, &s, bad[i], 4, COUNT_OF(columns));
    return close_file(w, &s, err);
}

static void footprint_row(World *w, Sink *s, const Trace *t, Arena *mem)
{
    const Person *p = &w->people[t->person];
    Rng           r = rng_seed(p->salt ^ (uint64_t)t->at);
    char          text[65];
    sink_field(s, t->ref);
    sink_field(s, p->account);
    sink_field(s, p->service);
    sink_field(s, one_in(&r, 0.5) ? p->email : NULL);
    sink_field(s, one_in(&r, 0.5) ? p->phone : NULL);
    sink_field(s, one_in(&r, 0.5) ? p->device : NULL);
    sink_field(s, t->address);
    port_field(s, t->port);
    sink_field(s, trace_when(w, t, mem));
    sink_field(s, one_in(&r, 0.5) ? "Login" : "Download");
    sink_field(s, t->proxy ? "yes" : "no");
    sink_field(s, NULL);
    sink_field(s, one_in(&r, 0.4) ? hash_text(w, rng_below(&r, KNOWN_FILES), text, 20) : NULL);
    sink_field(s, NULL);
    sink_field(s, NULL);
    sink_field(s, NULL);
    sink_row_end(s);
}

static bool footprint_file(World *w, size_t batch, size_t *number, Err *err)
{
    static const char *const columns[] = { "event_ref", "account",   "service",        "email",
                                           "phone",     "device_id", "ip_address",     "port",
                                           "seen_at",   "event",     "possible_proxy", "md5",
                                           "sha1",      "sha256",    "file_name",      "report_ref" };
    static const char *const bad[] = { "EV-990001", "user_x", "PicBoard",
                                       NULL,        NULL,     NULL,
                                       NULL,        "443",    "2026-01-01T00:00:00Z" };
    CLEANUP(sink_done) Sink s = { 0 };
    if (!open_file(w, &s, number, batch, "footprints.csv", err))
        return false;
    header(&s, columns, COUNT_OF(columns));
    for (size_t i = 0; i < w->trace_count; i++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        if (w->traces[i].source == TRACE_TABLE && w->traces[i].batch == batch)
            footprint_row(w, &s, &w->traces[i], &mem);
    }
    if (batch == 1)
        bad_row(w, &s, bad, COUNT_OF(bad), COUNT_OF(columns));
    return close_file(w, &s, err);
}

static void session_fields(Sink *s, const Trace *t, bool wrong, Instant answered, Arena *mem, Rng *r)
{
    Instant start = t->at - (Instant)(600 + rng_below(r, 40000)) * US_PER_SECOND;
    Instant end = t->at + (Instant)(300 + rng_below(r, 40000)) * US_PER_SECOND;
    if (end > answered)
        end = answered;
    if (wrong) { /* the address had moved to another customer an hour before */
        start -= 30 * US_PER_HOUR;
        end = t->at - US_PER_HOUR;
    }
    sink_field(s, instant_iso(mem, start));
    sink_field(s, instant_iso(mem, end));
}

static void answer_row(World *w, Sink *s, const Answer *a, Arena *mem)
{
    static const char *const operators[] = { "Example Broadband", "Sample Telecom", "Specimen Cable",
                                             "Pattern Mobile" };
    const Trace  *t = &w->traces[a->trace];
    const Person *p = &w->people[t->person];
    Rng           r = rng_seed(p->salt ^ a->trace ^ 0x616e73);
    const Person *other = &w->people[below(&r, w->person_count)];
    bool          self = p->registered || one_in(&r, 0.8);
    sink_field(s, a->ref);
    sink_field(s, operators[p->salt % COUNT_OF(operators)]);
    sink_field(s, t->address);
    port_field(s, t->port);
    sink_field(s, trace_when(w, t, mem));
    /* A wrong answer names a stranger's household, made up for it, so that nobody in the sample lives there.
     */
    sink_field(s, str_fmt(mem, "%s %s", a->wrong || !self ? other->given : p->given,
                          a->wrong ? other->family : p->family));
    sink_field(s, a->wrong || !self ? NULL : date_iso(mem, p->born));
    sink_field(s, !a->wrong && self && one_in(&r, 0.5) ? p->email : NULL);
    sink_field(s, !a->wrong && self && one_in(&r, 0.3) ? p->phone : NULL);
    sink_field(s, a->elsewhere ? str_fmt(mem, "%u Billing House", 1 + (unsigned)below(&r, 90)) : p->street);
    sink_field(s, a->elsewhere ? other->postcode : p->postcode);
    sink_field(s, a->wrong ? str_fmt(mem, "%u Wrongdoor Row", 1 + (unsigned)below(&r, 90)) : p->street);
    sink_field(s, a->wrong ? other->postcode : p->postcode);
    session_fields(s, t, a->wrong, date_start_utc(w->batches[a->batch].arrives), mem, &r);
    sink_field(s, a->shared ? "yes" : "no");
    sink_row_end(s);
}

static bool answer_file(World *w, size_t batch, size_t *number, Err *err)
{
    static const char *const columns[] = { "operator_ref",
                                           "operator",
                                           "ip_address",
                                           "port",
                                           "asked_at",
                                           "account_holder",
                                           "date_of_birth",
                                           "email",
                                           "phone",
                                           "billing_address",
                                           "billing_postcode",
                                           "installation_address",
                                           "installation_postcode",
                                           "session_start",
                                           "session_end",
                                           "shared_address" };
    static const char *const bad[][5] = {
        { "OP-990001", "Example Broadband", "192.0.2.7", "4000", "2026-01-01T10:00:00Z" },
        { "OP-990002", NULL, "192.0.2.8", "4001", "2026-01-01T10:00:00Z" }
    };
    CLEANUP(sink_done) Sink s = { 0 };
    if (!open_file(w, &s, number, batch, "answers.csv", err))
        return false;
    header(&s, columns, COUNT_OF(columns));
    for (size_t i = 0; i < w->answer_count; i++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        if (w->answers[i].batch == batch)
            answer_row(w, &s, &w->answers[i], &mem);
    }
    for (size_t i = 0; batch == 2 && i < COUNT_OF(bad); i++)
        bad_row(w, &s, bad[i], 5, COUNT_OF(columns));
    return close_file(w, &s, err);
}

bool write_tables(World *w, size_t batch, size_t *number, Err *err)
{
    return list_file(w, batch, number, err) && footprint_file(w, batch, number, err) &&
           answer_file(w, batch, number, err);
}
