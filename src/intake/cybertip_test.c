/* Hotline reports as trees: what becomes a column, and that nothing a report says is lost. */
#include "intake/formats.h"
#include "base/test.h"
#include "intake/reader.h"

static bool open_text(void *ctx, Arena *mem, uint64_t offset, Source **out, Err *err)
{
    const char *text = ctx;
    (void)err;
    *out = source_memory(mem, str_of(text + (offset < strlen(text) ? offset : strlen(text))));
    return true;
}

static ReadRow read_one(Arena *mem, const char *text)
{
    Err err = {0};
    Reader *reader = NULL;
    ReadRow row;
    bool end = true;
    CHECK_OK(reader_open(mem, format_named("cybertip"), (ReaderFrom){ open_text, (void *)text }, 0, 1,
                         &reader, &err),
             &err);
    CHECK_OK(reader_next(reader, mem, &row, &end, &err), &err);
    CHECK(!end);
    reader_close(reader);
    return row;
}

static void row_done(ReadRow *row)
{
    record_done(&row->record);
    json_done(&row->dropped);
}

static const char *flat(Arena *mem, const Json *j) { return json_canonical(mem, j); }

#define HEAD "<report><reportId>7</reportId>"
TEST(a_person_becomes_columns_and_identifiers)
{
    CLEANUP(arena_done) Arena mem = {0};
    ReadRow row = read_one(&mem, HEAD "<personOrUserReported><personOrUserReportedPerson><firstName>Adam</"
                                      "firstName><lastName>Example</lastName>"
                                      "<dateOfBirth>1970-05-01</dateOfBirth><age>56</age><phone "
                                      "countryCallingCode='+1' verified='true'>202-555-0143</phone>"
                                      "<email>Adam@Example.org</email><address type='Home'><address>1 "
                                      "Example Road</address><city>Alnwick</city>"
                                      "<zipCode>ne697aw</zipCode></address></"
                                      "personOrUserReportedPerson><espIdentifier>U1</espIdentifier>"
                                      "<espService>Chatter</espService><screenName>Heron</screenName></"
                                      "personOrUserReported></report>");
    const SightingIn *s = row.record.referral->sightings;
    CHECK_TEXT(row.record.referral->source_ref, "7");
    CHECK_TEXT(s->given, "Adam");
    CHECK_TEXT(s->family, "Example");
    CHECK_TEXT(s->postcode, "NE69 7AW");
    CHECK_INT(s->born, date_of(1970, 5, 1));
    CHECK_INT(s->age, 56);
    const IdentifierIn *i = s->identifiers;
    CHECK_TEXT(i->kind, "account");
    CHECK_TEXT(i->service, "chatter");
    CHECK(i->strong);
    i = i->next;
    CHECK_TEXT(i->normal, "+12025550143");
    CHECK(i->verified);
    CHECK_TEXT(i->next->normal, "adam@example.org");
    CHECK_TEXT(i->next->next->kind, "screen_name");
    CHECK(!i->next->next->strong);
    row_done(&row);
}

TEST(a_time_without_offset_stays_unresolved)
{
    CLEANUP(arena_done) Arena mem = {0};
    ReadRow row = read_one(&mem, HEAD "<personOrUserReported><ipCaptureEvent><ipAddress>192.0.2.1</ipAddress>"
                                      "<dateTime>2026-05-14T09:32:07</dateTime></"
                                      "ipCaptureEvent><ipCaptureEvent><ipAddress>nonsense</ipAddress>"
                                      "</ipCaptureEvent></personOrUserReported></report>");
    const FootprintIn *f = row.record.referral->sightings->footprints;
    CHECK_TEXT(f->when.verbatim, "2026-05-14T09:32:07");
    CHECK(f->when.at == INSTANT_NONE && !f->when.offset_known);
    CHECK_INT(f->port, -1);
    CHECK(!f->next);
    CHECK(strstr(flat(&mem, row.record.sensitive), "nonsense"));
    row_done(&row);
}

TEST(a_victims_address_keeps_the_victims_role)
{
    CLEANUP(arena_done) Arena mem = {0};
    ReadRow row = read_one(&mem, HEAD "<victim><ipCaptureEvent><ipAddress>192.0.2.1</ipAddress></"
                                      "ipCaptureEvent></victim>"
                                      "<intendedRecipient><ipCaptureEvent><ipAddress>192.0.2.2</ipAddress></"
                                      "ipCaptureEvent></intendedRecipient></report>");
    const SightingIn *s = row.record.referral->sightings;
    CHECK_TEXT(s->role, "victim");
    CHECK_TEXT(s->next->role, "recipient");
    CHECK(!s->next->next);
    row_done(&row);
}

static const char *const odd_words[] = { "word-one",  "word-two",  "word-three",
                                         "word-four", "word-five", "word-six" };

TEST(nothing_a_report_says_is_lost)
{
    CLEANUP(arena_done) Arena mem = {0};
    ReadRow row = read_one(&mem, HEAD "<internetDetails><webPageIncident "
                                      "thirdPartyHostedContent='word-one'><url>word-two</url>"
                                      "</webPageIncident></internetDetails><additionalInfo>word-three</"
                                      "additionalInfo><futureElement x='word-four'>"
                                      "<deep>word-five</deep></"
                                      "futureElement><personOrUserReported><vehicleDescription>word-six</"
                                      "vehicleDescription>"
                                      "</personOrUserReported></report>");
    const char *kept = flat(&mem, row.record.sensitive);
    FOR_EACH(w, odd_words)
        if (!strstr(kept, *w))
            fail_msg("%s is not in %s", *w, kept);
    row_done(&row);
}

TEST(a_hash_of_the_wrong_length_is_dropped_and_noted)
{
    CLEANUP(arena_done) Arena mem = {0};
    ReadRow row = read_one(&mem, "<fileDetails><reportId>7</reportId><fileId>f</"
                                 "fileId><fileViewedByEsp>true</fileViewedByEsp>"
                                 "<publiclyAvailable>false</publiclyAvailable><industryClassification>A1</"
                                 "industryClassification>"
                                 "<fileAnnotations><infant/><generativeAi/></fileAnnotations>"
                                 "<originalFileHash "
                                 "hashType='SHA1'>"
                                 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</"
                                 "originalFileHash>"
                                 "<originalFileHash "
                                 "hashType='md5'>0123456789ABCDEF0123456789abcdef</originalFileHash></"
                                 "fileDetails>");
    const FileIn *f = row.record.file;
    CHECK_INT(row.record.kind, RECORD_FILE);
    CHECK_TEXT(row.record.report_ref, "7");
    CHECK_TEXT(f->hashes->value, "0123456789abcdef0123456789abcdef");
    CHECK(!f->hashes->next);
    CHECK_INT(f->viewed_by_provider, 1);
    CHECK_INT(f->publicly_available, 0);
    CHECK_TEXT(f->classification, "A1");
    const char *notes = flat(&mem, f->annotations);
    CHECK(strstr(notes, "infant") && strstr(notes, "generativeAi") &&
          strstr(notes, "SHA1 has the wrong length"));
    row_done(&row);
}

TEST(variants_of_receiving_tools_are_read)
{
    CLEANUP(arena_done) Arena mem = {0};
    ReadRow row = read_one(&mem, "<Report><TiplineNumber> <!-- c -->123 "
                                 "</TiplineNumber><File><FileName>a.jpg</FileName></File>"
                                 "<Attachment><FileName>b.pdf</FileName></"
                                 "Attachment><IncidentDescription><![CDATA[some <tag> "
                                 "words]]></IncidentDescription></Report>");
    CHECK_TEXT(row.record.referral->source_ref, "123");
    CHECK_TEXT(row.record.referral->files->name, "a.jpg");
    CHECK_TEXT(row.record.referral->files->next->name, "b.pdf");
    CHECK(strstr(flat(&mem, row.record.sensitive), "some <tag> words"));
    row_done(&row);
}

static const struct { const char *xml, *reason; } refusals[] = {
    { "<report><reporter/></report>",             "Line 1: the report has neither an incidentSummary nor a number." },
    { "<fileDetails><fileId>1</fileId></fileDetails>", "Line 1: the file details name no report (reportId)." },
    { "<fileDetails><reportId>1</reportId></fileDetails>", "Line 1: the file details have no fileId." },
    { "<a>\n<report><b></report>",                "Line 2: the report that begins here is not valid XML." },
    { "\n\n<report>",                             "Line 3: the document ends inside the report that begins here." },
    { "<!DOCTYPE x><report/>",                    "Line 1: a document type is not accepted." },
};

TEST(what_cannot_be_read_says_why_and_where)
{
    FOR_EACH(r, refusals) {
        CLEANUP(arena_done) Arena mem = {0};
        ReadRow row = read_one(&mem, r->xml);
        CHECK_TEXT(row.refused ? row.refused : "taken", r->reason);
        row_done(&row);
    }
}

TEST(completeness_counts_what_is_there)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *missing = NULL;
    ReadRow row = read_one(&mem, HEAD "<personOrUserReported><espIdentifier>u</espIdentifier><espService>s</"
                                      "espService>"
                                      "<ipCaptureEvent><ipAddress>192.0.2.1</"
                                      "ipAddress><dateTime>2026-05-14T09:32:07Z</dateTime><port>1</port>"
                                      "</ipCaptureEvent></personOrUserReported></report>");
    CHECK_INT(record_completeness(row.record.referral, &missing), 57);
    CHECK_TEXT(flat(&mem, missing), "[\"name\",\"date of birth\",\"postal address\"]");
    row_done(&row);
}

TEST_MAIN(a_person_becomes_columns_and_identifiers, a_time_without_offset_stays_unresolved,
          a_victims_address_keeps_the_victims_role, nothing_a_report_says_is_lost,
          a_hash_of_the_wrong_length_is_dropped_and_noted, variants_of_receiving_tools_are_read,
          what_cannot_be_read_says_why_and_where, completeness_counts_what_is_there)
