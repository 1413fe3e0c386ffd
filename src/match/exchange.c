#include "match/exchange.h"
#include <string.h>
#include "base/csv.h"
#include "base/embedded.h"
#include "base/ref.h"
#include "match/read/known_read.h"
#include "match/match_sql.h"
#include "match/read/reading.h"

static const char *const kinds[] = { "md5", "sha1", "sha256", "pdq", "photodna" };

/* ---- grading ---- */

typedef struct Grading { const Hand *hand; const Grade *grade; int64_t *id; } Grading;

/* All digests of the one file: its rows in the referral, when the source numbered its files. */
static bool digests_json(Db *db, int64_t file_hash, Json **out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    CLEANUP(json_done) Json *j = json_new_object();
    bool more = false;
    if (!db_query(db, &match_sql[MATCH_FILE_DIGESTS], VALUES(sql_int(file_hash)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        json_set_text(j, row_text(&rows, 0), row_text(&rows, 1));
    *out = json_keep(j);
    return err->kind == ERR_NONE;
}

static bool grade_in(Tx *tx, void *ctx, Err *err)
{
    const Grading *g = ctx;
    CLEANUP(json_done) Json *digests = NULL;
    int64_t one = 0;
    bool known = false;
    if (!db_int(tx->db, &match_sql[MATCH_COUNTS], VALUES(sql_int(g->grade->file_hash)), &one, &known, err) ||
        !digests_json(tx->db, g->grade->file_hash, &digests, err))
        return false;
    if (!json_count(digests))
        return err_set(err, ERR_NOT_FOUND, "There is no such file hash.");
    if (known)
        return err_set(err, ERR_CONFLICT, "A set in use knows that file: its grade is theirs to change.");
    Json *body = json_new_object();
    json_set_int(body, "file_hash", g->grade->file_hash);
    json_set(body, "digests", json_keep(digests));
    json_set_text(body, "grade", g->grade->grade);
    json_set_text(body, "scale", g->grade->scale);
    json_set_text(body, "series", g->grade->series);
    json_set_text(body, "note", g->grade->note);
    json_set_bool(body, "victim_identified", g->grade->victim_identified);
    return ledger_append(tx, g->hand, "file.graded", 0, body, g->id, err);
}

bool file_grade(Ledger *ledger, const Hand *hand, const Grade *grade, int64_t *id, Err *err)
{
    Grading g = { hand, grade, id };
    if (!hand->actor)
        return err_set(err, ERR_DENIED, "Only a named person grades a file.");
    if (str_blank(grade->grade) || str_blank(grade->scale))
        return err_set(err, ERR_INVALID, "A grade has a scale: give both.");
    return writer_run(ledger_store(ledger), grade_in, &g, err) || err_while(err, "grading a file");
}

bool file_hash_named(Db *db, const char *word, int64_t *id, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err ignored = {0};
    bool found = false;
    if (ref_read(str_of(word), 'M', id, &ignored))
        return true;
    return db_int(db, &match_sql[MATCH_FILE_BY_VALUE], VALUES(sql_text(str_lower_ascii(&mem, word))), id,
                  &found, err) &&
           (found || err_set(err, ERR_NOT_FOUND, "No file with that digest is held."));
}

/* ---- sending ---- */

typedef struct Item {
    int64_t id;
    const Json *digests;
    Json *parsed;
    const char *grade, *scale, *series;
    bool victim_identified;
    int category;                            /* of the profile; -1: none */
} Item;

static bool items_read(Db *db, Arena *mem, Item **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t cap = 0;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_GRADED_NEW], NO_VALUES, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        Item *i = arena_push(mem, *out, *count, cap);
        *i = (Item){ .id = row_int(&rows, 0),
                     .grade = row_copy(&rows, 2, mem),
                     .scale = row_copy(&rows, 3, mem),
                     .series = row_copy(&rows, 4, mem),
                     .victim_identified = row_bool(&rows, 5),
                     .category = -1 };
        if (!json_read(str_of(row_text(&rows, 1)), &i->parsed, err))
            return false;
        i->digests = i->parsed;
    }
    return err->kind == ERR_NONE;
}

static void items_done(Item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_done(&items[i].parsed);
}

/* Numbers are looked up in a table that people own: nothing is converted unseen. */
static bool categories_set(Arena *mem, const char *profile, Item *items, size_t count, Err *err)
{
    const Embedded *table = embedded_find("data/known/vics_categories.csv");
    CsvRow row;
    bool end = false;
    if (!table)
        return err_set(err, ERR_BUG, "The table of VICS categories is not in this program.");
    Csv *csv = csv_new(mem, source_memory(mem, embedded_str(table)), ',');
    for (;;) {
        if (!csv_next(csv, &row, &end, err))
            return false;
        if (end)
            return true;
        int64_t category = 0;
        if (row.count != 4 || !str_eq(row.fields[2], str_of(profile)) ||
            !str_int(row.fields[3], 0, 99, &category))
            continue;
        for (size_t i = 0; i < count; i++)
            if (str_eq(row.fields[0], str_of(items[i].scale)) &&
                str_eq(row.fields[1], str_of(items[i].grade)))
                items[i].category = (int)category;
    }
}

static Json *vics_media(Arena *mem, const Item *i, const char *at)
{
    static const struct { const char *kind, *member; } members[] = {
        { "md5", "MD5" }, { "sha1", "SHA1" },          { "sha256", "SHA256" },
        { "pdq", "PDQ" }, { "photodna", "PhotoDNA" },
    };
    Json *m = json_new_object();
    json_set_int(m, "MediaID", i->id);
    json_set_int(m, "Category", i->category);
    FOR_EACH(k, members) {
        const char *value = json_text(i->digests, k->kind);
        json_set_text(m, k->member, value ? str_upper_ascii(mem, value) : NULL);
    }
    json_set_text(m, "Series", i->series);
    json_set_text(m, "Tags", str_fmt(mem, "%s %s", i->scale, i->grade));
    json_set_bool(m, "VictimIdentified", i->victim_identified);
    json_set_bool(m, "IsPrecategorized", false);
    json_set_text(m, "DateUpdated", at);
    return m;
}

static Str vics_write(Arena *mem, const Item *items, size_t count, const char *profile, Instant at)
{
    CLEANUP(json_done) Json *j = json_new_object();
    Json *media = json_new_list();
    const char *when = instant_iso(mem, at);
    json_set_text(j, "@odata.context",
                  str_fmt(mem,
                          "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/%s/$metadata#Media",
                          profile));
    for (size_t i = 0; i < count; i++)
        json_push(media, vics_media(mem, &items[i], when));
    json_set(j, "value", media);
    return str_of(json_pretty(mem, j));
}

static Str csv_write(Arena *mem, const Item *items, size_t count, Instant at)
{
    StrBuf out = { .mem = mem };
    buf_add(&out, "md5,sha1,sha256,pdq,photodna,grade,scale,series,victim_identified,kind,set_name,set_"
                  "version\r\n");
    for (size_t i = 0; i < count; i++) {
        FOR_EACH(kind, kinds) {
            const char *value = json_text(items[i].digests, *kind);
            csv_add(&out, value ? value : "", false);
        }
        csv_add(&out, items[i].grade, false);
        csv_add(&out, items[i].scale, false);
        csv_add(&out, items[i].series ? items[i].series : "", false);
        csv_add(&out, items[i].victim_identified ? "yes" : "no", false);
        csv_add(&out, "known", false);
        csv_add(&out, "Muster", false);
        csv_add(&out, date_iso(mem, instant_date_utc(at)), true);
    }
    return (Str){ buf_text(&out), out.len };
}

typedef struct Sending {
    const Hand *hand;
    const char *format, *sha256;
    const Item *items;
    size_t count;
    int64_t id;
} Sending;

static bool send_in(Tx *tx, void *ctx, Err *err)
{
    Sending *s = ctx;
    Json *body = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < s->count; i++)
        json_push(list, json_new_int(s->items[i].id));
    json_set_text(body, "format", s->format);
    json_set_text(body, "sha256", s->sha256);
    json_set(body, "items", list);
    return ledger_append(tx, s->hand, "exchange.sent", 0, body, &s->id, err);
}

/* Those that can be sent come first. */
static size_t sendable(Item *items, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i].category >= 0) {
            Item t = items[n];
            items[n++] = items[i];
            items[i] = t;
        }
    return n;
}

static bool send_items(Ledger *ledger, const Hand *hand, const char *format, const char *profile,
                       const char *path, Arena *mem, Item *items, size_t count, ExchangeSent *out, Err *err)
{
    bool vics = str_same(format, "vics");
    if (vics && !categories_set(mem, profile, items, count, err))
        return false;
    size_t n = vics ? sendable(items, count) : count;
    out->left = (int64_t)(count - n);
    if (!n)
        return true;
    out->bytes = vics ? vics_write(mem, items, n, profile, hand->at) : csv_write(mem, items, n, hand->at);
    Sha256 digest = sha256_of(out->bytes.at, out->bytes.len);
    Sending s = {
        .hand = hand, .format = format, .sha256 = sha256_hex(mem, &digest), .items = items, .count = n
    };
    if (!file_write(path, out->bytes, err) || !writer_run(ledger_store(ledger), send_in, &s, err))
        return false;
    out->row = (ExchangeRow){ .id = s.id, .sent = (int64_t)n, .pending = (int64_t)n, .format = format,
                              .sha256 = s.sha256, .at = hand->at };
    return true;
}

bool exchange_send(Ledger *ledger, Db *db, const Hand *hand, const char *format, const char *profile,
                   const char *path, Arena *mem, ExchangeSent *out, Err *err)
{
    Item *items = NULL;
    size_t count = 0;
    *out = (ExchangeSent){0};
    if (!str_same(format, "vics") && !str_same(format, "csv"))
        return err_set(err, ERR_INVALID, "The format is vics or csv.");
    bool ok = items_read(db, mem, &items, &count, err) &&
              send_items(ledger, hand, format, profile, path, mem, items, count, out, err);
    items_done(items, count);
    return ok || err_while(err, "sending grades");
}

/* ---- answers ---- */

typedef struct Answer { int64_t graded, exchange; bool accepted; const char *reason; } Answer;
typedef struct Answering {
    const Hand *hand;
    Csv *csv;
    Arena *mem;
    int digest, answer, reason;              /* columns; -1: none */
    DigestKind kind;
    Answer *at;
    size_t count, cap;
    ExchangeAnswers *out;
} Answering;

static int column_of(const CsvRow *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++)
        if (text_is(str_trim(header->fields[i]), name))
            return (int)i;
    return -1;
}

static bool header_read(Answering *a, Err *err)
{
    CsvRow row;
    bool end = false;
    if (!csv_next(a->csv, &row, &end, err))
        return false;
    a->digest = -1;
    for (size_t i = 0; !end && i < row.count && a->digest < 0; i++) {
        int kind = digest_named(row.fields[i]);
        if (kind >= 0) {
            a->digest = (int)i;
            a->kind = (DigestKind)kind;
        }
    }
    a->answer = end ? -1 : column_of(&row, "answer");
    a->reason = end ? -1 : column_of(&row, "reason");
    return (a->digest >= 0 && a->answer >= 0) || err_set(err, ERR_INVALID,
                                                         "Answers are CSV with a digest column (md5, sha1, "
                                                         "sha256, pdq) and answer.");
}

static bool row_bad(Answering *a, const CsvRow *row)
{
    a->out->rejected++;
    if (!a->out->first_bad_line)
        a->out->first_bad_line = (int64_t)row->line;
    return true;
}

static bool answered_before(const Answering *a, int64_t graded)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->at[i].graded == graded)
            return true;
    return false;
}

static bool answer_read(Tx *tx, Answering *a, const CsvRow *row, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t least = (size_t)(a->digest > a->answer ? a->digest : a->answer) + 1;
    a->out->rows++;
    if (row->count < least)
        return row_bad(a, row);
    Str word = str_trim(row->fields[a->answer]);
    bool accepted = str_eq(word, STR("accepted"));
    const char *digest = str_lower_ascii(a->mem, str_from(a->mem, str_trim(row->fields[a->digest])));
    if (!accepted && !str_eq(word, STR("refused")))
        return row_bad(a, row);
    if (!db_query(tx->db, &match_sql[MATCH_GRADED_SENT], VALUES(sql_text(kinds[a->kind]), sql_text(digest)),
                  &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more || answered_before(a, row_int(&rows, 0))) {
        a->out->unknown++;
        return true;
    }
    bool why = a->reason >= 0 && (size_t)a->reason < row->count;
    *arena_push(a->mem, a->at, a->count, a->cap) =
        (Answer){ row_int(&rows, 0), row_int(&rows, 1), accepted,
                  why ? str_clip(a->mem, utf8_clean(a->mem, row->fields[a->reason]), 500) : "" };
    *(accepted ? &a->out->accepted : &a->out->refused) += 1;
    return true;
}

/* One fact for each file of grades that was answered. */
static bool answers_append(Tx *tx, Answering *a, Err *err)
{
    for (size_t i = 0; i < a->count; i++) {
        int64_t exchange = a->at[i].exchange;
        if (!exchange)
            continue;
        Json *body = json_new_object(), *list = json_new_list();
        for (size_t k = i; k < a->count; k++) {
            if (a->at[k].exchange != exchange)
                continue;
            Json *one = json_new_object();
            json_set_int(one, "graded", a->at[k].graded);
            json_set_bool(one, "accepted", a->at[k].accepted);
            json_set_text(one, "reason", a->at[k].reason);
            json_push(list, one);
            a->at[k].exchange = 0;
        }
        json_set(body, "answers", list);
        if (!ledger_append(tx, a->hand, "exchange.answered", exchange, body, NULL, err))
            return false;
    }
    return true;
}

static bool answers_in(Tx *tx, void *ctx, Err *err)
{
    Answering *a = ctx;
    CsvRow row;
    bool end = false;
    if (!header_read(a, err))
        return false;
    for (;;) {
        if (!csv_next(a->csv, &row, &end, err)) {
            if (err->kind != ERR_INVALID && err->kind != ERR_LIMIT)
                return false;
            err_clear(err);
            a->out->rows++;
            a->out->rejected++;
            continue;
        }
        if (end)
            return answers_append(tx, a, err);
        if (!answer_read(tx, a, &row, err))
            return false;
    }
}

bool exchange_answers(Ledger *ledger, const Hand *hand, Str csv, Arena *mem, ExchangeAnswers *out, Err *err)
{
    Answering a = { .hand = hand, .csv = csv_new(mem, source_memory(mem, csv), ','), .mem = mem, .out = out };
    *out = (ExchangeAnswers){0};
    return writer_run(ledger_store(ledger), answers_in, &a, err) || err_while(err, "reading answers");
}

/* ---- lists ---- */

bool exchange_list(Db *db, Arena *mem, ExchangeRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_EXCHANGE_LIST], NO_VALUES, &r, err))
        return err_while(err, "listing exchanges");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (ExchangeRow){ .id = row_int(&r, 0),
                                                             .format = row_copy(&r, 1, mem),
                                                             .sha256 = row_copy(&r, 2, mem),
                                                             .person = row_copy(&r, 3, mem),
                                                             .at = row_when(&r, 4),
                                                             .sent = row_int(&r, 5),
                                                             .accepted = row_int(&r, 6),
                                                             .refused = row_int(&r, 7),
                                                             .pending = row_int(&r, 8) };
    return err->kind == ERR_NONE || err_while(err, "listing exchanges");
}

bool exchange_unsent(Db *db, int64_t *count, Err *err)
{
    bool found = false;
    return db_int(db, &match_sql[MATCH_GRADED_UNSENT], NO_VALUES, count, &found, err);
}

/* ---- the facts ---- */

const Field exchange_graded_fields[] = {
    { "file_hash", REQUIRED, FIELD_ID }, { "digests", REQUIRED, FIELD_OBJECT },
    { "grade", REQUIRED, FIELD_TEXT },
    { "scale", REQUIRED, FIELD_TEXT }, { "series", OPTIONAL, FIELD_TEXT }, { "note", OPTIONAL, FIELD_TEXT },
    { "victim_identified", REQUIRED, FIELD_BOOL }, {0} };
const Field exchange_sent_fields[] = { { "format", REQUIRED, FIELD_TEXT }, { "sha256", REQUIRED, FIELD_TEXT },
                                       { "items", REQUIRED, FIELD_LIST }, {0} };
const Field exchange_answered_fields[] = { { "answers", REQUIRED, FIELD_LIST }, {0} };

bool exchange_apply_graded(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body, *digests = json_get(b, "digests");
    if (!db_run(tx, &match_sql[MATCH_GRADED_SUPERSEDE], VALUES(sql_int(json_int(b, "file_hash", 0))), err) ||
        !db_run(tx, &match_sql[MATCH_GRADED_NEW_ROW],
                VALUES(sql_int(e->seq), sql_int(json_int(b, "file_hash", 0)),
                       sql_text(json_canonical(mem, digests)), sql_text(json_text(b, "grade")),
                       sql_text(json_text(b, "scale")), sql_text(json_text(b, "series")),
                       sql_bool(json_bool(b, "victim_identified", false)), sql_text(json_text(b, "note")),
                       sql_int(e->actor), sql_int(e->at)),
                err))
        return false;
    FOR_EACH(kind, kinds) {
        const char *value = json_text(digests, *kind);
        if (value && !db_run(tx, &match_sql[MATCH_GRADED_DIGEST],
                             VALUES(sql_text(*kind), sql_text(value), sql_int(e->seq)), err))
            return false;
    }
    return true;
}

bool exchange_apply_sent(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *items = json_get(e->body, "items");
    (void)mem;
    for (size_t i = 0; i < json_count(items); i++)
        if (!db_run(tx, &match_sql[MATCH_GRADED_SEND],
                    VALUES(sql_int(json_int_of(json_at(items, i))), sql_int(e->seq)), err))
            return false;
    return db_run(tx, &match_sql[MATCH_EXCHANGE_NEW],
                  VALUES(sql_int(e->seq), sql_text(json_text(e->body, "format")),
                         sql_text(json_text(e->body, "sha256")), sql_int(e->actor), sql_int(e->at),
                         sql_int((int64_t)json_count(items))),
                  err);
}

bool exchange_apply_answered(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *answers = json_get(e->body, "answers");
    int64_t accepted = 0, refused = 0;
    (void)mem;
    for (size_t i = 0; i < json_count(answers); i++) {
        const Json *one = json_at(answers, i);
        bool yes = json_bool(one, "accepted", false);
        int64_t changed = 0;
        if (!db_run_count(tx, &match_sql[MATCH_GRADED_ANSWER],
                          VALUES(sql_int(json_int(one, "graded", 0)), sql_int(e->subject),
                                 sql_text(yes ? "accepted" : "refused"), sql_text(json_text(one, "reason")),
                                 sql_int(e->seq)),
                          &changed, err))
            return false;
        *(yes ? &accepted : &refused) += changed;
    }
    return db_run(tx, &match_sql[MATCH_EXCHANGE_COUNT],
                  VALUES(sql_int(e->subject), sql_int(accepted), sql_int(refused)), err);
}
