/* What an inspector can see of the ledger: facts are there, altered ones are named, a replay gives the same
 * tables. */
#include "ledger/ledger.h"
#include "base/test.h"
#include "ledger/note.h"
#include "store/store_testing.h"

/* One made-up kind that keeps a text per object, in a table that needs nothing else. */
enum { T_SET, T_CUT, T_BODY, T_SWAP_A, T_SWAP_B, T_SWAP_C, T_DELETE, T_HEAD, T_GET, T_BACKDOOR, T__COUNT };
static const Sql t_sql[T__COUNT] = {
    [T_SET] = { "t.set", "INSERT INTO merge (id, kept, merged, reason) VALUES ($1, $2, 0, $3)"
                         " ON CONFLICT (id) DO UPDATE SET reason = $3" },
    [T_CUT] = { "t.cut", "DELETE FROM ledger_entry WHERE seq > $1" },
    [T_BODY] = { "t.body", "UPDATE ledger_entry SET body = replace(body, 'three', 'thrice') WHERE seq = 3" },
    [T_SWAP_A] = { "t.swap_a", "UPDATE ledger_entry SET seq = -1 WHERE seq = $1" },
    [T_SWAP_B] = { "t.swap_b", "UPDATE ledger_entry SET seq = $1 WHERE seq = $2" },
    [T_SWAP_C] = { "t.swap_c", "UPDATE ledger_entry SET seq = $1 WHERE seq = -1" },
    [T_DELETE] = { "t.delete", "DELETE FROM ledger_entry WHERE seq = $1" },
    [T_GET] = { "t.get", "SELECT reason FROM merge WHERE id = $1" },
    [T_BACKDOOR] = { "t.backdoor", "UPDATE merge SET reason = 'someone wrote here' WHERE id = 2" },
};

static bool apply_noted(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    if (str_same(json_text(e->body, "text"), "refuse me"))
        return err_set(err, ERR_INVALID, "That note is refused.");
    return db_run(tx, &t_sql[T_SET],
                  VALUES(sql_int(entry_object(e)), sql_int(e->at),
                         sql_text(e->erased ? "" : json_text(e->body, "text"))),
                  err);
}
static const Field noted_fields[] = { { "text", REQUIRED, FIELD_TEXT }, { "n", OPTIONAL, FIELD_INT }, { 0 } };
static const Kind test_kinds[] = {
    { "test.noted", "Noted", noted_fields, apply_noted, true, true },
    { "test.changed", "Changed", noted_fields, apply_noted, false, false },
    { 0 },
};
static const Kinds kinds = { (const Kind *const[]){ ledger_kinds, test_kinds, NULL } };
static const Hand hand = { 7, 8, 9, 1000 };

typedef struct Bench {
    TestStore temp;
    Store *store;
    Ledger *ledger;
    Db *db;
    Arena mem;
} Bench;

static Json *text_body(const char *text)
{
    Json *body = json_new_object();
    json_set_text(body, "text", text);
    return body;
}

static void bench_open(Bench *b)
{
    Err err = { 0 };
    *b = (Bench){ 0 };
    testing_folder(&b->temp);
    CHECK_OK(store_open(b->temp.path, (StoreOptions){ .create = true }, &b->store, &err), &err);
    CHECK_OK(ledger_open(b->store, &kinds, &b->ledger, &err), &err);
    CHECK_OK(ledger_found(b->ledger, "muster/test", 1, &err), &err);
    CHECK_OK(store_reader(b->store, &b->db, &err), &err);
    static const char *const texts[] = { "one", "two", "three", "four", "five", "six", "seven" };
    FOR_EACH (t, texts)
        CHECK_OK(ledger_record(b->ledger, &hand, "test.noted", 0, text_body(*t), NULL, &err), &err);
}

static void bench_close(Bench *b)
{
    store_reader_close(b->db);
    store_close(b->store);
    ledger_close(b->ledger);
    arena_done(&b->mem);
    b->temp.store = NULL;
    testing_done(&b->temp);
}

typedef struct Raw {
    const Sql *sql;
    Values values;
} Raw;
static bool run_raw(Tx *tx, void *ctx, Err *err)
{
    Raw *r = ctx;
    return db_run(tx, r->sql, r->values, err);
}
static void tamper(Bench *b, int which, Values values)
{
    Err err = { 0 };
    Raw raw = { &t_sql[which], values };
    CHECK_OK(writer_run(b->store, run_raw, &raw, &err), &err);
}

static Verdict verdict(Bench *b, const char *checkpoint)
{
    Err err = { 0 };
    Verdict v = { 0 };
    CHECK_OK(ledger_verify(b->db, &b->mem, checkpoint, NULL, NULL, NULL, &v, &err), &err);
    return v;
}

TEST(an_untouched_ledger_is_good)
{
    Bench b;
    bench_open(&b);
    Verdict v = verdict(&b, NULL);
    CHECK(v.good);
    CHECK_INT(v.entries, 7);
    bench_close(&b);
}

TEST(each_tampering_is_named_by_its_first_bad_entry)
{
    static const struct {
        const char *name;
        int first_bad;
    } cases[] = {
        { "altered body", 3 },
        { "deleted entry", 4 },
        { "swapped entries", 2 },
        { "cut tail", 6 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Bench b;
        bench_open(&b);
        switch (i) {
        case 0:
            tamper(&b, T_BODY, NO_VALUES);
            break;
        case 1:
            tamper(&b, T_DELETE, VALUES(sql_int(4)));
            break;
        case 2:
            tamper(&b, T_SWAP_A, VALUES(sql_int(2)));
            tamper(&b, T_SWAP_B, VALUES(sql_int(2), sql_int(5)));
            tamper(&b, T_SWAP_C, VALUES(sql_int(5)));
            break;
        case 3:
            tamper(&b, T_CUT, VALUES(sql_int(5)));
            break;
        }
        Verdict v = verdict(&b, NULL);
        CHECK(!v.good);
        CHECK_INT(v.first_bad, cases[i].first_bad);
        CHECK(v.why[0] != 0);
        bench_close(&b);
    }
}

TEST(an_older_backup_is_caught_by_a_checkpoint_kept_outside)
{
    Bench b;
    Err err = { 0 };
    const char *note = NULL;
    bench_open(&b);
    char *older = str_fmt(&b.mem, "%s.older", b.temp.path);
    CHECK_OK(store_backup(b.store, older, &(StoreBackup){ 0 }, &err), &err);
    CHECK_OK(ledger_record(b.ledger, &hand, "test.noted", 0, text_body("eight"), NULL, &err), &err);
    CHECK_OK(ledger_checkpoint(b.ledger, &b.mem, 5, &note, &err), &err);
    CHECK(verdict(&b, note).good);

    Store *old = NULL;
    Db *db = NULL;
    Verdict v;
    CHECK_OK(store_open(older, (StoreOptions){ .read_only = true }, &old, &err), &err);
    CHECK_OK(store_reader(old, &db, &err), &err);
    CHECK_OK(ledger_verify(db, &b.mem, note, NULL, NULL, NULL, &v, &err), &err);
    CHECK(!v.good);
    CHECK_INT(v.first_bad, 8);
    store_reader_close(db);
    store_close(old);
    remove(older);
    bench_close(&b);
}

TEST(a_refused_fact_leaves_nothing_and_the_next_one_fits)
{
    Bench b;
    Err err = { 0 };
    int64_t seq = 0;
    bench_open(&b);
    CHECK_FAILS(ledger_record(b.ledger, &hand, "test.noted", 0, text_body("refuse me"), NULL, &err), &err,
                ERR_INVALID);
    CHECK_FAILS(ledger_record(b.ledger, &hand, "test.noted", 0, json_new_object(), NULL, &err), &err,
                ERR_INVALID);
    CHECK_FAILS(ledger_record(b.ledger, &hand, "test.unheard", 0, json_new_object(), NULL, &err), &err,
                ERR_BUG);
    CHECK_FAILS(ledger_record(b.ledger, &hand, "test.changed", 0, text_body("x"), NULL, &err), &err, ERR_BUG);
    Json *extra = text_body("x");
    json_set_int(extra, "surplus", 1);
    CHECK_FAILS(ledger_record(b.ledger, &hand, "test.noted", 0, extra, NULL, &err), &err, ERR_INVALID);
    CHECK_OK(ledger_record(b.ledger, &hand, "test.noted", 0, text_body("eight"), &seq, &err), &err);
    CHECK_INT(seq, 8);
    CHECK(verdict(&b, NULL).good);
    bench_close(&b);
}

TEST(a_fact_of_another_process_does_not_stop_the_next_one_here)
{
    Bench b;
    Err err = { 0 };
    Store *other = NULL;
    Ledger *their = NULL;
    int64_t seq = 0;
    bench_open(&b);
    CHECK_OK(store_open(b.temp.path, (StoreOptions){ 0 }, &other, &err), &err);
    CHECK_OK(ledger_open(other, &kinds, &their, &err), &err);
    CHECK_OK(ledger_record(their, &hand, "test.noted", 0, text_body("theirs"), NULL, &err), &err);
    CHECK_OK(ledger_record(b.ledger, &hand, "test.noted", 0, text_body("ours"), &seq, &err), &err);
    CHECK_INT(seq, 9);
    CHECK(verdict(&b, NULL).good);
    store_close(other);
    ledger_close(their);
    bench_close(&b);
}

static size_t differences(Bench *b)
{
    Err err = { 0 };
    Difference *diff = NULL;
    size_t n = 0;
    char *to = str_fmt(&b->mem, "%s.again", b->temp.path);
    CHECK_OK(ledger_rebuild(b->store, &kinds, to, &b->mem, NULL, NULL, &diff, &n, &err), &err);
    remove(to);
    remove(str_fmt(&b->mem, "%s-wal", to));
    remove(str_fmt(&b->mem, "%s-shm", to));
    return n;
}

TEST(a_replay_gives_the_same_tables_and_shows_a_back_door)
{
    Bench b;
    Err err = { 0 };
    bench_open(&b);
    CHECK_OK(ledger_record(b.ledger, &hand, "test.changed", 2, text_body("changed"), NULL, &err), &err);
    CHECK_INT(differences(&b), 0);
    tamper(&b, T_BACKDOOR, NO_VALUES);
    CHECK_INT(differences(&b), 1);
    bench_close(&b);
}

TEST(erasure_destroys_the_body_and_keeps_every_proof)
{
    Bench b;
    Err err = { 0 };
    Json *proof = NULL, *again = NULL;
    EntryRow *rows = NULL;
    size_t n = 0;
    bench_open(&b);
    CHECK_OK(ledger_prove_inclusion(b.db, &b.mem, 3, 7, &proof, &err), &err);
    CHECK_FAILS(ledger_erase(b.ledger, &hand, 3, "", &err), &err, ERR_INVALID);
    CHECK_OK(ledger_erase(b.ledger, &hand, 3, "court order 12", &err), &err);
    CHECK_OK(ledger_prove_inclusion(b.db, &b.mem, 3, 7, &again, &err), &err);
    CHECK(json_same(proof, again));
    CHECK_OK(ledger_entries(b.db, &b.mem, &(EntryFilter){ .subject = 3 }, &rows, &n, &err), &err);
    CHECK_INT(n, 2);
    CHECK(rows[1].erased && rows[1].body == NULL);
    CHECK(verdict(&b, NULL).good);
    CHECK_INT(differences(&b), 0);
    json_done(&proof);
    json_done(&again);
    bench_close(&b);
}

TEST(proofs_verify_and_only_for_their_entry)
{
    Bench b;
    Err err = { 0 };
    CLEANUP(json_done) Json *j = NULL;
    Hash32 leaf, root, proof[MERKLE_INCLUSION_MAX];
    bench_open(&b);
    CHECK_OK(ledger_prove_inclusion(b.db, &b.mem, 5, 7, &j, &err), &err);
    const Json *list = json_get(j, "proof");
    for (size_t i = 0; i < json_count(list); i++)
        CHECK(hex_read(str_of(json_text_of(json_at(list, i))), proof[i].bytes, 32));
    CHECK(hex_read(str_of(json_text(j, "leaf")), leaf.bytes, 32));
    CHECK(hex_read(str_of(json_text(j, "root")), root.bytes, 32));
    CHECK(merkle_verify_inclusion(&leaf, 4, 7, proof, json_count(list), &root));
    CHECK(!merkle_verify_inclusion(&leaf, 3, 7, proof, json_count(list), &root));
    bench_close(&b);
}

typedef struct FilePut {
    Str bytes;
    Sha256 digest;
    Arena *mem;
} FilePut;
static bool put_file(Tx *tx, void *ctx, Err *err)
{
    FilePut *p = ctx;
    return ledger_file_put(tx, p->mem, p->bytes, &p->digest, err);
}

TEST(a_received_file_reads_back_from_any_offset)
{
    Bench b;
    Err err = { 0 };
    bench_open(&b);
    size_t len = 2 * LEDGER_FILE_CHUNK + 777, got = 0;
    char *bytes = arena_new(&b.mem, char, len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 31 >> 3);
    FilePut put = { .bytes = { bytes, len }, .mem = &b.mem };
    CHECK_OK(writer_run(b.store, put_file, &put, &err), &err);
    static const uint64_t offsets[] = { 0, 1, LEDGER_FILE_CHUNK - 1, LEDGER_FILE_CHUNK,
                                        2 * LEDGER_FILE_CHUNK + 776 };
    FOR_EACH (offset, offsets) {
        Source *src = NULL;
        char buf[50000];
        uint64_t at = *offset;
        CHECK_OK(ledger_file_source(b.db, &b.mem, &put.digest, at, &src, &err), &err);
        do {
            CHECK_OK(source_read(src, buf, sizeof buf, &got, &err), &err);
            CHECK(memcmp(buf, bytes + at, got) == 0);
            at += got;
        } while (got);
        CHECK_INT(at, len);
    }
    CHECK(verdict(&b, NULL).good);
    bench_close(&b);
}

TEST_MAIN(an_untouched_ledger_is_good, a_fact_of_another_process_does_not_stop_the_next_one_here,
          each_tampering_is_named_by_its_first_bad_entry,
          an_older_backup_is_caught_by_a_checkpoint_kept_outside,
          a_refused_fact_leaves_nothing_and_the_next_one_fits,
          a_replay_gives_the_same_tables_and_shows_a_back_door,
          erasure_destroys_the_body_and_keeps_every_proof, proofs_verify_and_only_for_their_entry,
          a_received_file_reads_back_from_any_offset)
