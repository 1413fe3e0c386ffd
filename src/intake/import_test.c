/* What a person handing in files can see of import: every row accounted for, twice is once, a kill loses
 * nothing, and no media is kept. */
#include "intake/import.h"
#include "base/rng.h"
#include "base/test.h"
#include "intake/intake_ledger.h"
#include "intake/intake_sql.h"
#include "intake/operation.h"
#include "store/store_testing.h"

/* Stands for operate: settles one returned row as the body says. */
static bool apply_placed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return intake_return_settle(tx, e, json_int(e->body, "row", 0), (Settled)json_int(e->body, "to", 0),
                                "No such person.", err);
}
static const Field placed_fields[] = { { "row", REQUIRED, FIELD_INT }, { "to", REQUIRED, FIELD_INT }, {0} };
static const Kind test_kinds[] = {
    { .name = "test.placed", .says = "Placed", .fields = placed_fields, .apply = apply_placed }, { 0 }
};
static const Kinds kinds = { (const Kind *const[]){ ledger_kinds, operation_kinds, intake_kinds, test_kinds,
                                                    NULL } };

enum {
    T_COUNT_REFERRALS,
    T_SIGHTINGS,
    T_IDENTIFIERS,
    T_FOOTPRINTS,
    T_HASHES,
    T_PENDING,
    T_CHUNKS,
    T_DROPPED,
    T_ROLE,
    T_UNRESOLVED,
    T_ANSWERS,
    T_REGISTER,
    T_SETS,
    T_ENTRIES,
    T_RETURNS,
    T_ONE_RETURN,
    T_SENSITIVE,
    T_MERGED,
    T__COUNT
};
static const Sql t_sql[T__COUNT] = {
    [T_COUNT_REFERRALS] = { "t.referrals", "SELECT count(*) FROM referral WHERE merged_into IS NULL" },
    [T_MERGED] = { "t.merged", "SELECT count(*) FROM referral WHERE merged_into IS NOT NULL" },
    [T_SIGHTINGS] = { "t.sightings", "SELECT count(*) FROM sighting" },
    [T_IDENTIFIERS] = { "t.identifiers", "SELECT count(*) FROM identifier WHERE kind = $1 AND normal = $2" },
    [T_FOOTPRINTS] = { "t.footprints", "SELECT count(*) FROM footprint" },
    [T_UNRESOLVED] = { "t.unresolved", "SELECT count(*) FROM footprint WHERE at IS NULL AND verbatim IS NOT "
                                       "NULL" },
    [T_ROLE] = { "t.role", "SELECT count(*) FROM footprint WHERE role = $1" },
    [T_HASHES] = { "t.hashes", "SELECT count(*) FROM file_hash WHERE kind <> 'none'" },
    [T_PENDING] = { "t.pending", "SELECT count(*) FROM pending_row WHERE settled IS NULL" },
    [T_CHUNKS] = { "t.chunks", "SELECT digest, idx FROM ledger_file_chunk ORDER BY digest, idx" },
    [T_DROPPED] = { "t.dropped", "SELECT count(*) FROM dropped_media" },
    [T_ANSWERS] = { "t.answers", "SELECT count(*) FROM provider_answer" },
    [T_REGISTER] = { "t.register", "SELECT count(*) FROM register_entry" },
    [T_SETS] = { "t.sets", "SELECT count(*) FROM hash_entry" },
    [T_ENTRIES] = { "t.entries", "SELECT count(*) FROM ledger_entry" },
    [T_RETURNS] = { "t.returns", "SELECT count(*) FROM return_row WHERE state = $1" },
    [T_ONE_RETURN] = { "t.one_return", "SELECT min(id) FROM return_row WHERE state = 'waiting'" },
    [T_SENSITIVE] = { "t.sensitive", "SELECT count(*) FROM referral WHERE instr(sensitive_text, $1) > 0" },
};

typedef struct Bench { TestStore temp; Store *store; Ledger *ledger; Db *db; Arena mem; Hand hand; } Bench;

#define AUTHORITY                                                                                            \
    "{\"name\":\"Lantern\",\"lawful_basis\":\"b\",\"document\":\"d\",\"necessity\":\"n\","                   \
    "\"proportionality\":\"p\",\"authorised_by\":\"a\",\"from\":\"2026-01-01\",\"until\":\"2026-12-31\","    \
    "\"exercise\":true}"

static void bench_open(Bench *b)
{
    Err err = {0};
    *b = (Bench){ .hand = { 7, 8, 0, date_start_utc(date_of(2026, 5, 14)) } };
    testing_folder(&b->temp);
    CHECK_OK(store_open(b->temp.path, (StoreOptions){ .create = true }, &b->store, &err), &err);
    CHECK_OK(ledger_open(b->store, &kinds, &b->ledger, &err), &err);
    CHECK_OK(ledger_found(b->ledger, "muster/test", 1, &err), &err);
    CHECK_OK(store_reader(b->store, &b->db, &err), &err);
    CHECK_OK(operation_open(b->ledger, b->db, &b->hand, STR(AUTHORITY), &b->hand.operation, &err), &err);
}

static void bench_close(Bench *b)
{
    store_reader_close(b->db);
    store_close(b->store);
    ledger_close(b->ledger);
    testing_done(&b->temp);
    arena_done(&b->mem);
}

static int64_t number(Bench *b, int sql, const char *a, const char *c)
{
    Err err = {0};
    int64_t n = 0;
    bool found = false;
    Value values[] = { sql_text(a), sql_text(c) };
    CHECK_OK(db_int(b->db, &t_sql[sql], (Values){ values, c ? 2 : a ? 1 : 0 }, &n, &found, &err), &err);
    return n;
}
#define COUNT(b, what) number((b), T_##what, NULL, NULL)

static const char *file_of(Bench *b, const char *name, const char *text)
{
    Err err = {0};
    const char *path = str_fmt(&b->mem, "%s/%s", b->temp.folder, name);
    CHECK_OK(file_write(path, str_of(text), &err), &err);
    return path;
}

static void balanced(const ImportReport *r)
{
    CHECK_INT(r->received, r->taken + r->merged + r->rejected + r->pending);
}

static ImportReport import_with(Bench *b, const char *path, int64_t batch_rows)
{
    Err err = {0};
    ImportReport r;
    ImportOptions options = { .batch_rows = batch_rows };
    CHECK_OK(intake_import(b->ledger, b->store, &b->hand, &options, path, &b->mem, &r, NULL, NULL, &err),
             &err);
    balanced(&r);
    return r;
}

static ImportReport import_text(Bench *b, const char *name, const char *text)
{
    return import_with(b, file_of(b, name, text), 0);
}

/* Every projection must come out of the entries and stored files alone. */
static void replays(Bench *b)
{
    Err err = {0};
    Difference *differences = NULL;
    size_t count = 0;
    const char *to = str_fmt(&b->mem, "%s/rebuilt.db", b->temp.folder);
    CHECK_OK(ledger_rebuild(b->store, &kinds, to, &b->mem, NULL, NULL, &differences, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        print_error("%s differs\n", differences[i].table);
    CHECK_INT(count, 0);
}

#define LIST "list_ref,given_names,family_name,date_of_birth,email,phone,postcode\n"
static const char list_csv[] = LIST
    "L1,Adam,Example,1970-05-01,Adam@Example.org,07700 900123,ne697aw\n"
    "L2,Bea,Example,1/5/1970,,,\n"
    "L3,,Example,,,,\n"
    "L1,Adam,Example,1970-05-01,second@example.org,07700 900123,\n"
    "L4,,,,,,\n";

TEST(every_row_of_a_list_is_accounted_for)
{
    Bench b;
    bench_open(&b);
    ImportReport r = import_text(&b, "list.csv", list_csv);
    CHECK_TEXT(r.format, "list");
    CHECK_INT(r.received, 5);
    CHECK_INT(r.taken, 2);
    CHECK_INT(r.merged, 1);
    CHECK_INT(r.rejected, 2);
    CHECK_INT(r.rejections[0].line, 3);
    CHECK_TEXT(r.rejections[0].reason, "Line 3: date_of_birth is not a date (use YYYY-MM-DD).");
    CHECK_TEXT(r.rejections[1].reason, "Line 6: family_name is empty.");
    CHECK_INT(COUNT(&b, COUNT_REFERRALS), 2);
    CHECK_INT(COUNT(&b, SIGHTINGS), 2);
    CHECK_INT(number(&b, T_IDENTIFIERS, "phone", "+447700900123"), 1);
    CHECK_INT(number(&b, T_IDENTIFIERS, "email", "adam@example.org"), 1);
    CHECK_INT(number(&b, T_IDENTIFIERS, "email", "second@example.org"), 1);
    replays(&b);
    bench_close(&b);
}

TEST(the_same_bytes_again_change_nothing)
{
    Bench b;
    bench_open(&b);
    ImportReport first = import_text(&b, "list.csv", list_csv);
    int64_t entries = COUNT(&b, ENTRIES);
    ImportReport again = import_text(&b, "other name.csv", list_csv);
    CHECK(!first.already && again.already);
    CHECK_INT(again.received, first.received);
    CHECK_INT(again.file, first.file);
    CHECK_INT(COUNT(&b, ENTRIES), entries);
    bench_close(&b);
}

TEST(nothing_is_taken_in_without_a_live_operation)
{
    Bench b;
    Err err = {0};
    ImportReport r;
    bench_open(&b);
    const char *path = file_of(&b, "list.csv", list_csv);
    Hand none = b.hand, unknown = b.hand, late = b.hand;
    none.operation = 0;
    unknown.operation = 77;
    late.at += 400 * US_PER_DAY;
    CHECK_FAILS(intake_import(b.ledger, b.store, &none, NULL, path, &b.mem, &r, NULL, NULL, &err), &err,
                ERR_DENIED);
    CHECK_FAILS(intake_import(b.ledger, b.store, &unknown, NULL, path, &b.mem, &r, NULL, NULL, &err), &err,
                ERR_DENIED);
    CHECK_FAILS(intake_import(b.ledger, b.store, &late, NULL, path, &b.mem, &r, NULL, NULL, &err), &err,
                ERR_DENIED);
    CHECK_INT(COUNT(&b, ENTRIES), 1);
    bench_close(&b);
}

TEST(an_unknown_column_is_refused_by_name_and_nothing_kept)
{
    Bench b;
    Err err = {0};
    ImportReport r;
    bench_open(&b);
    const char *path = file_of(&b, "list.csv", "list_ref,family_name,shoe_size\nL1,Example,9\n");
    assert_false(intake_import(b.ledger, b.store, &b.hand, NULL, path, &b.mem, &r, NULL, NULL, &err));
    CHECK_INT(err.kind, ERR_INVALID);
    CHECK(strstr(err.told, "shoe_size"));
    CHECK_INT(COUNT(&b, ENTRIES), 1);
    bench_close(&b);
}

#define FOOT "event_ref,account,service,ip_address,port,seen_at,report_ref\r\n"
TEST(footprints_keep_what_was_said_and_wait_for_their_report)
{
    Bench b;
    bench_open(&b);
    ImportReport r = import_text(&b, "f.csv", FOOT
        "E1,Heron,Chatter,192.0.2.7,443,2026-05-14T09:32:07+01:00,\r\n"
        "E2,heron,chatter,192.0.2.8,,2026-05-14 09:32:07,\r\n"
        "E3,heron,chatter,2001:DB8::0:1,,2026-05-14T09:32:07Z,R77\r\n"
        "E4,heron,chatter,192.0.2.300,,2026-05-14T09:32:07Z,\r\n");
    CHECK_INT(r.taken, 2);
    CHECK_INT(r.pending, 1);
    CHECK_INT(r.rejected, 1);
    CHECK_INT(COUNT(&b, UNRESOLVED), 1);
    CHECK_INT(COUNT(&b, PENDING), 1);
    CHECK_INT(number(&b, T_IDENTIFIERS, "account", "heron"), 2);
    import_text(&b, "r.xml",
                "<report><reportId>R77</reportId><incidentSummary><incidentType>x</incidentType></"
                "incidentSummary></report>");
    CHECK_INT(COUNT(&b, PENDING), 0);
    Err err = {0};
    CHECK_OK(intake_report(b.db, &b.mem, r.file, &r, &err), &err);
    balanced(&r);
    CHECK_INT(r.pending, 0);
    CHECK_INT(r.taken, 3);
    replays(&b);
    bench_close(&b);
}

static const char tips_xml[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bulk>\n"
    "<fileDetails><reportId>100</reportId><fileId>f1</fileId>"
    "<originalFileHash hashType=\"MD5\">D41D8CD98F00B204E9800998ECF84270</originalFileHash>"
    "<originalFileHash hashType=\"SHA1\">abcd</originalFileHash>"
    "<ipCaptureEvent><ipAddress>198.51.100.4</ipAddress><eventName>Upload</eventName>"
    "<dateTime>2026-01-02T03:04:05Z</dateTime></ipCaptureEvent></fileDetails>\n"
    "<report><reportId>100</reportId><incidentSummary><incidentType>Online Enticement of Children for Sexual "
    "Acts"
    "</incidentType><incidentDateTime>2026-01-02T03:04:05</incidentDateTime></incidentSummary>"
    "<personOrUserReported><espIdentifier>U1</espIdentifier><espService>Chatter</"
    "espService><screenName>Heron</screenName>"
    "<unheardOf>kept words</unheardOf><priorCTReports>55</priorCTReports></personOrUserReported>"
    "<victim><ipCaptureEvent><ipAddress>203.0.113.9</ipAddress></ipCaptureEvent></victim></report>\n"
    "<report><reportId>101</reportId><broken></report>\n"
    "<report><reporter/></report>\n"
    "</bulk>\n";

TEST(hotline_reports_and_their_files_find_each_other)
{
    Bench b;
    bench_open(&b);
    ImportReport r = import_text(&b, "tips.xml", tips_xml);
    CHECK_TEXT(r.format, "cybertip");
    CHECK_INT(r.received, 4);
    CHECK_INT(r.taken, 2);
    CHECK_INT(r.rejected, 2);
    CHECK_INT(r.rejections[0].line, 5);
    CHECK_INT(COUNT(&b, HASHES), 1);
    CHECK_INT(number(&b, T_ROLE, "victim", NULL), 1);
    CHECK_INT(number(&b, T_ROLE, "reported", NULL), 1);
    CHECK_INT(number(&b, T_IDENTIFIERS, "account", "u1"), 1);
    CHECK_INT(number(&b, T_IDENTIFIERS, "prior_report", "55"), 1);
    CHECK_INT(number(&b, T_SENSITIVE, "kept words", NULL), 1);
    replays(&b);
    bench_close(&b);
}

TEST(answers_register_and_hash_sets_are_kept_once)
{
    Bench b;
    bench_open(&b);
    static const char answers[] = "operator_ref,operator,ip_address,asked_at,account_holder,installation_"
                                  "address,installation_postcode,shared_address\n"
                                  "O1,Example Net,192.0.2.7,2026-05-14T08:32:07Z,A Example,1 Example "
                                  "Road,NE69 7AW,no\n"
                                  "O1,Example Net,192.0.2.7,2026-05-14T08:32:07Z,A Example,1 Example "
                                  "Road,NE69 7AW,no\n";
    static const char registered[] = "register_ref,given_names,family_name,date_of_birth\nS1,Adam,Example,"
                                     "1970-05-01\nS1,Adam,Example,1970-05-01\n";
    static const char set[] = "md5,sha1,grade,scale,set_name,set_version\n"
        "0123456789abcdef0123456789ABCDEF,,A,UK,Known,1\n"
        "0123456789abcdef0123456789abcdef,,B,UK,Known,1\n"
        "d41d8cd98f00b204e9800998ecf8427e,,A,UK,Known,1\n"
        ",,A,UK,Known,1\n";
    ImportReport r = import_text(&b, "a.csv", answers);
    CHECK_INT(r.taken, 1);
    CHECK_INT(r.merged, 1);
    CHECK_INT(COUNT(&b, ANSWERS), 1);
    r = import_text(&b, "r.csv", registered);
    CHECK_INT(r.merged, 1);
    CHECK_INT(COUNT(&b, REGISTER), 1);
    r = import_text(&b, "h.csv", set);
    CHECK_INT(r.taken, 1);
    CHECK_INT(r.rejected, 3);
    CHECK_INT(COUNT(&b, SETS), 1);
    replays(&b);
    bench_close(&b);
}

/* ---- killed in the middle ---- */

static const char *many_footprints(Bench *b, size_t rows)
{
    StrBuf text = { .mem = &b->mem };
    buf_add(&text, FOOT);
    for (size_t i = 0; i < rows; i++)
        buf_fmt(&text, "E%zu,acct%zu,chatter,192.0.2.%zu,%s,2026-05-14T09:32:07Z,%s\r\n", i, i % 40, i % 256,
                i % 7 == 3 ? "port" : "443", i % 11 == 5 ? "R-later" : "");
    return buf_text(&text);
}

TEST(each_store_call_may_fail_and_running_again_completes)
{
    Bench b;
    ImportReport r = {0};
    ImportOptions few = { .batch_rows = 7 };
    bench_open(&b);
    const char *path = file_of(&b, "many.csv", many_footprints(&b, 60));
    int64_t fails = 0;
    for (int64_t after = 1;; after += 3) {
        Err err = {0};
        store_fail_after(b.store, after);
        bool ok = intake_import(b.ledger, b.store, &b.hand, &few, path, &b.mem, &r, NULL, NULL, &err);
        store_fail_after(b.store, 0);
        if (ok)
            break;
        CHECK_INT(err.kind, ERR_STORE);
        fails++;
        CHECK(fails < 2000);
    }
    CHECK(fails > 5);
    balanced(&r);
    CHECK_INT(r.received, 60);
    CHECK_INT(r.rejected, 9);
    CHECK_INT(COUNT(&b, COUNT_REFERRALS), r.taken);
    replays(&b);
    bench_close(&b);
}

TEST(batches_of_any_size_give_the_same_tables)
{
    static const int64_t sizes[] = { 1, 3, 50, 0 };
    int64_t want[3] = {0};
    FOR_EACH(size, sizes) {
        Bench b;
        bench_open(&b);
        ImportReport r = import_with(&b, file_of(&b, "many.csv", many_footprints(&b, 120)), *size);
        int64_t got[3] = { r.taken, COUNT(&b, FOOTPRINTS), COUNT(&b, PENDING) };
        CHECK_INT(r.received, 120);
        if (size == sizes)
            memcpy(want, got, sizeof want);
        assert_memory_equal(want, got, sizeof want);
        bench_close(&b);
    }
}

TEST(a_waiting_row_may_be_given_up_with_a_reason)
{
    Bench b;
    Err err = {0};
    bench_open(&b);
    ImportReport r =
        import_text(&b, "f.csv", FOOT "E3,heron,chatter,192.0.2.1,,2026-05-14T09:32:07Z,R77\r\n");
    Json *body = json_new_object();
    json_set_int(body, "row", 1);
    CHECK_FAILS(ledger_record(b.ledger, &b.hand, "row.settled", r.file, json_keep(body), NULL, &err), &err,
                ERR_CONFLICT);
    json_set_text(body, "reason", "The sender withdrew it.");
    CHECK_OK(ledger_record(b.ledger, &b.hand, "row.settled", r.file, body, NULL, &err), &err);
    CHECK_OK(intake_report(b.db, &b.mem, r.file, &r, &err), &err);
    balanced(&r);
    CHECK_INT(r.rejected, 1);
    CHECK_TEXT(r.rejections[0].reason, "The sender withdrew it.");
    replays(&b);
    bench_close(&b);
}

TEST(a_report_that_comes_again_adds_what_is_new)
{
    static const char first[] = "<report><reportId>9</reportId><personOrUserReported><espIdentifier>u</"
                                "espIdentifier>"
                                "<espService>s</espService></personOrUserReported></report>";
    static const char update[] =
        "<report><reportId>9</reportId><personOrUserReported><espIdentifier>u</espIdentifier>"
        "<espService>s</espService><ipCaptureEvent><ipAddress>192.0.2.1</ipAddress></ipCaptureEvent>"
        "<deviceId><idType>IMEI</idType><idValue>352099001761481</idValue></deviceId></personOrUserReported>"
        "<additionalInfo>later words</additionalInfo></report>";
    Bench b;
    bench_open(&b);
    CHECK_INT(import_text(&b, "1.xml", first).taken, 1);
    CHECK_INT(import_text(&b, "2.xml", update).merged, 1);
    CHECK_INT(COUNT(&b, SIGHTINGS), 1);
    CHECK_INT(COUNT(&b, FOOTPRINTS), 1);
    CHECK_INT(COUNT(&b, MERGED), 1);
    CHECK_INT(number(&b, T_IDENTIFIERS, "device", "352099001761481"), 1);
    CHECK_INT(number(&b, T_SENSITIVE, "later words", NULL), 2);
    replays(&b);
    bench_close(&b);
}

TEST(a_document_cut_short_keeps_what_came_before)
{
    Bench b;
    bench_open(&b);
    ImportReport r = import_text(&b, "cut.xml",
        "<all>\n<report><reportId>1</reportId></report>\n<report><reportId>2</reportId>\n<incidentSummary>");
    CHECK_INT(r.received, 2);
    CHECK_INT(r.taken, 1);
    CHECK_INT(r.rejections[0].line, 3);
    bench_close(&b);
}

/* ---- media ---- */

static char *picture(Bench *b, size_t bytes)
{
    Rng rng = rng_seed(11);
    uint8_t *raw = arena_new(&b->mem, uint8_t, bytes);
    for (size_t i = 0; i < bytes; i++)
        raw[i] = (uint8_t)rng_next(&rng);
    return base64_write(&b->mem, raw, bytes);
}

static void no_stored_piece_holds(Bench *b, const char *needle)
{
    Err err = {0};
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t pieces = 0;
    CHECK_OK(db_query(b->db, &t_sql[T_CHUNKS], NO_VALUES, &rows, &err), &err);
    for (;; pieces++) {
        Sha256 digest;
        Str plain;
        CHECK_OK(rows_next(&rows, &more, &err), &err);
        if (!more)
            break;
        memcpy(digest.bytes, row_blob(&rows, 0).at, 32);
        CHECK_OK(ledger_file_chunk(b->db, &b->mem, &digest, row_int(&rows, 1), &plain, &err), &err);
        CHECK(!memmem(plain.at, plain.len, needle, strlen(needle)));
    }
    CHECK(pieces > 0);
}

TEST(media_is_never_stored)
{
    Bench b;
    bench_open(&b);
    char *image = picture(&b, 9000);
    const char *inside = str_copy_n(&b.mem, image + 5000, 60);
    ImportReport r = import_text(&b, "m.xml",
                                 str_fmt(&b.mem,
                                         "<report><reportId>5</reportId><thing>%s</thing>"
                                         "<other a='%s'><![CDATA[%s]]></other></report>",
                                         image, image, image));
    CHECK_INT(r.taken, 1);
    CHECK_INT(r.media_dropped, 3);
    CHECK_INT(COUNT(&b, DROPPED), 1);          /* the same picture three times */
    r = import_text(
        &b, "m.csv",
        str_fmt(&b.mem, "list_ref,family_name,remarks\nL1,Example,\"data:image/png;base64,%s\"\n", image));
    CHECK_INT(r.taken, 1);
    CHECK_INT(r.media_dropped, 1);
    no_stored_piece_holds(&b, inside);
    replays(&b);
    bench_close(&b);
}

TEST(binary_files_are_refused)
{
    Bench b;
    Err err = {0};
    ImportReport r;
    bench_open(&b);
    const char *path = str_fmt(&b.mem, "%s/x.csv", b.temp.folder);
    static const char bytes[] = "list_ref,family_name\nL1,Exa\0mple\n";
    CHECK_OK(file_write(path, (Str){ bytes, sizeof bytes - 1 }, &err), &err);
    CHECK_FAILS(intake_import(b.ledger, b.store, &b.hand, NULL, path, &b.mem, &r, NULL, NULL, &err), &err,
                ERR_INVALID);
    CHECK_INT(COUNT(&b, ENTRIES), 1);
    bench_close(&b);
}

/* ---- what forces return ---- */

static bool place(Bench *b, int64_t row, Settled to, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "row", row);
    json_set_int(body, "to", to);
    return ledger_record(b->ledger, &b->hand, "test.placed", row, body, NULL, err);
}

TEST(returned_rows_wait_until_they_are_placed)
{
    Bench b;
    bench_open(&b);
    ImportReport r = import_text(&b, "ret.csv", "event,force,subject_ref,ref,date,place,state\n"
        "Arrest,cheshire,R1,A1,2026-05-01,Chester,\n"
        "arrest,cheshire,R1,A2,2026-05-01,,\n"
        "warrant,cheshire,R1,W1,2026-05-01,,GRANTED\n"
        "warrant,cheshire,R1,W2,2026-05-01,,maybe\n"
        "party,cheshire,R1,P2,2026-05-01,,\n");
    CHECK_INT(r.pending, 2);
    CHECK_INT(r.rejected, 3);
    CHECK_TEXT(r.rejections[0].reason, "Line 3: place is empty, and arrest needs it.");
    CHECK_INT(number(&b, T_RETURNS, "waiting", NULL), 2);
    Err err = {0};
    int64_t first = COUNT(&b, ONE_RETURN);
    CHECK_OK(place(&b, first, SETTLED_PENDING, &err), &err);
    CHECK_INT(number(&b, T_RETURNS, "pending", NULL), 1);
    CHECK_OK(place(&b, first, SETTLED_TAKEN, &err), &err);
    CHECK_FAILS(place(&b, first, SETTLED_TAKEN, &err), &err, ERR_CONFLICT);
    CHECK_OK(place(&b, COUNT(&b, ONE_RETURN), SETTLED_REJECTED, &err), &err);
    CHECK_OK(intake_report(b.db, &b.mem, r.file, &r, &err), &err);
    balanced(&r);
    CHECK_INT(r.taken, 1);
    CHECK_INT(r.rejected, 4);
    CHECK_INT(r.pending, 0);
    replays(&b);
    bench_close(&b);
}

/* ---- the public samples, when they are here ---- */

static ImportReport import_sample(Bench *b, const char *shared, const char *name)
{
    return import_with(b, str_fmt(&b->mem, "%s/formats/cybertipline/%s", shared, name), 0);
}

TEST(published_samples_are_read)
{
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    Bench b;
    bench_open(&b);
    ImportReport r = import_sample(&b, shared, "a_report_with_all_fields_and_multiple_incident_types.xml");
    CHECK_INT(r.taken, 1);
    CHECK_INT(number(&b, T_SENSITIVE, "private-room-123", NULL), 1);
    CHECK_INT(number(&b, T_SENSITIVE, "Springfield High School", NULL), 1);
    CHECK_INT(import_sample(&b, shared, "documentation_example_6_1.xml").taken, 1);
    CHECK_INT(import_sample(&b, shared, "a_report_with_only_required_fields.xml").taken, 1);
    CHECK_INT(import_sample(&b, shared, "lumeweb_validReportXML.xml").taken, 1);
    CHECK_INT(import_sample(&b, shared, "lumeweb_invalidReportXML.xml").rejected, 1);
    CHECK_INT(import_sample(&b, shared, "lumeweb_malformedXML.xml").rejected, 1);
    CHECK_INT(import_sample(&b, shared, "lumeweb_validFileDetailsXML.xml").pending, 1);
    CHECK_INT(import_sample(&b, shared, "lumeweb_invalidFileDetailsXML.xml").rejected, 1);
    CHECK_INT(import_sample(&b, shared, "file_details_with_technical_metadata.xml").pending, 1);
    replays(&b);
    bench_close(&b);
}

TEST(every_statement_fits_the_schema)
{
    Bench b;
    Err err = {0};
    bench_open(&b);
    CHECK_OK(store_check_statements(b.db, intake_sql, INTAKE__COUNT, &err), &err);
    bench_close(&b);
}

TEST_MAIN(every_row_of_a_list_is_accounted_for, the_same_bytes_again_change_nothing,
          nothing_is_taken_in_without_a_live_operation, an_unknown_column_is_refused_by_name_and_nothing_kept,
          footprints_keep_what_was_said_and_wait_for_their_report,
          hotline_reports_and_their_files_find_each_other, answers_register_and_hash_sets_are_kept_once,
          each_store_call_may_fail_and_running_again_completes, batches_of_any_size_give_the_same_tables,
          a_waiting_row_may_be_given_up_with_a_reason, a_report_that_comes_again_adds_what_is_new,
          a_document_cut_short_keeps_what_came_before, media_is_never_stored, binary_files_are_refused,
          returned_rows_wait_until_they_are_placed, published_samples_are_read,
          every_statement_fits_the_schema)
