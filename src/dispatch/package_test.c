/* A package always has an owner and a clock, goes only where it should, and tells others' secrets to nobody.
 */
#include "dispatch/testing.h"
#include "base/ref.h"
#include "dispatch/inside.h"
#include "dispatch/package_apply.h"
#include "ledger/note.h"

static const Kind *const tables[] = { DESK_KINDS, NULL };
#define LEDGER(d) (d).g.c.ledger, (d).g.c.db
#define L1 DESK_LISTED "L1,Adam,Example,1970-05-01,,adam@example.org,,\n"

static int64_t adam(Desk *d, const char *band)
{
    ground_take(&d->g, "one.csv", L1);
    ground_link(&d->g);
    int64_t nominal = ground_who(&d->g, "L1");
    desk_settle(d, nominal, d->g.c.cheshire, band, false);
    return nominal;
}

TEST(statements_fit_the_schema)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    CHECK_OK(store_check_statements(d.g.c.db, dispatch_sql, DISPATCH__COUNT, &err), &err);
    desk_done(&d);
}

TEST(a_package_goes_from_the_coordinator_to_an_officer_and_its_clocks_follow)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d, "high"), p = desk_build(&d, n);
    CHECK_TEXT(desk_text(&d, D_STATE, p), "built");
    CHECK_INT(desk_clock(&d, p, "package.send").owner, d.g.c.coordinator);
    CHECK_OK(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err);
    CHECK(!desk_runs(&d, p, "package.send"));
    CHECK_INT(desk_clock(&d, p, "package.receipt").owner, d.g.c.supervisor);
    Instant first = desk_clock(&d, p, "package.first-action").due;
    CHECK_TEXT(desk_text(&d, D_STAGE, n), "packaged");
    Package seen = desk_fetch(&d, p, d.g.c.officer);
    CHECK_TEXT(seen.row.next_says, "Acknowledge receipt");
    CHECK_INT(seen.row.owner, d.g.c.supervisor);

    CHECK_OK(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err);
    CHECK(!desk_runs(&d, p, "package.receipt"));
    CHECK(desk_runs(&d, p, "package.accept"));
    CHECK_OK(package_accept(LEDGER(d), d.rules, &d.supervisor, p, d.g.c.officer, &err), &err);
    CHECK(!desk_runs(&d, p, "package.accept"));
    CHECK_INT(desk_clock(&d, p, "package.first-action").owner, d.g.c.officer);
    CHECK_INT(desk_clock(&d, p, "package.first-action").due, first);
    CHECK_TEXT(desk_fetch(&d, p, d.g.c.officer).row.owner_name, "Name of o.shaw");

    CHECK_OK(package_close(LEDGER(d), &d.officer, p, "no-further-action", "Lodgers share the line.", &err),
             &err);
    CHECK(!desk_runs(&d, p, "package.first-action"));
    CHECK_TEXT(desk_text(&d, D_STAGE, n), "closed");
    seen = desk_fetch(&d, p, d.g.c.coordinator);
    CHECK_TEXT(seen.disposition, "no-further-action");
    CHECK(seen.row.next_says == NULL);
    desk_done(&d);
}

TEST(steps_out_of_order_are_conflicts)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t p = desk_build(&d, adam(&d, "low"));
    CHECK_FAILS(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(package_accept(LEDGER(d), d.rules, &d.officer, p, d.g.c.officer, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(package_release(LEDGER(d), &d.g.hand, p, "because", &err), &err, ERR_CONFLICT);
    CHECK_OK(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err);
    CHECK_FAILS(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err, ERR_CONFLICT);
    CHECK_OK(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err);
    CHECK_FAILS(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(package_accept(LEDGER(d), d.rules, &d.officer, p, d.g.c.other_officer, &err), &err,
                ERR_INVALID);
    CHECK_FAILS(package_return(LEDGER(d), d.rules, &d.officer, p, " ", &err), &err, ERR_INVALID);
    CHECK_FAILS(package_close(LEDGER(d), &d.officer, p, "lost", NULL, &err), &err, ERR_INVALID);
    desk_done(&d);
}

TEST(one_open_package_a_person_and_none_without_a_force_or_a_band)
{
    Desk d;
    Err err = {0};
    int64_t p = 0;
    desk_open(&d, tables);
    ground_take(&d.g, "one.csv", L1);
    ground_link(&d.g);
    int64_t n = ground_who(&d.g, "L1");
    CHECK_FAILS(package_build(LEDGER(d), d.rules, &d.g.hand, n, &p, &err), &err, ERR_INVALID);
    CHECK_FAILS(package_build(LEDGER(d), d.rules, &d.g.hand, n + 1000, &p, &err), &err, ERR_NOT_FOUND);
    desk_settle(&d, n, d.g.c.cheshire, "", false);
    p = desk_build(&d, n);
    CHECK_FAILS(package_build(LEDGER(d), d.rules, &d.g.hand, n, &p, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err, ERR_INVALID);
    desk_settle(&d, n, d.g.c.cheshire, "medium", false);          /* decided since it was built */
    CHECK_OK(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err);
    CHECK_TEXT(desk_fetch(&d, p, d.g.c.coordinator).row.band, "medium");
    desk_done(&d);
}

TEST(a_returned_package_waits_on_the_coordinator_and_may_be_built_again)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d, "very-high"), p = desk_send(&d, n);
    CHECK_OK(
        package_return(LEDGER(d), d.rules, &d.supervisor, p, "The house stands across the border.", &err),
        &err);
    CHECK(!desk_runs(&d, p, "package.receipt") && !desk_runs(&d, p, "package.first-action"));
    CHECK_INT(desk_clock(&d, p, "package.returned").owner, d.g.c.coordinator);
    CHECK_INT(desk_clock(&d, p, "package.returned").due, TEST_NOW + 4 * US_PER_HOUR);
    CHECK_TEXT(desk_text(&d, D_STAGE, n), "at-address");
    int64_t *ids = NULL, again = 0;
    size_t count = 0;
    CHECK_OK(package_candidates(d.g.c.db, &d.g.c.mem, d.g.hand.operation, &ids, &count, &err), &err);
    CHECK_INT(count, 1);
    CHECK_INT(ids[0], n);
    desk_settle(&d, n, d.g.c.gwent, "very-high", false);
    again = desk_build(&d, n);
    CHECK_INT(desk_fetch(&d, again, d.g.c.coordinator).version, 2);
    CHECK(!desk_runs(&d, p, "package.returned"));                 /* it was decided: a new one is built */
    desk_done(&d);
}

TEST(a_transfer_never_restarts_the_clock)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d, "high"), p = desk_send(&d, n);
    Instant first = desk_clock(&d, p, "package.first-action").due;
    Hand later = d.supervisor;
    later.at += 3 * US_PER_DAY;
    CHECK_OK(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err);
    CHECK_FAILS(package_transfer(LEDGER(d), d.rules, &later, p, d.g.c.cheshire, "x", &err), &err,
                ERR_INVALID);
    CHECK_FAILS(package_transfer(LEDGER(d), d.rules, &later, p, d.g.c.unit, "x", &err), &err, ERR_INVALID);
    CHECK_OK(package_transfer(LEDGER(d), d.rules, &later, p, d.g.c.gwent, "He moved there.", &err), &err);
    Ticking now = desk_clock(&d, p, "package.first-action");
    CHECK_INT(now.due, first);
    CHECK_INT(now.agency, d.g.c.gwent);
    CHECK_INT(now.owner, d.g.c.other_officer);
    CHECK(desk_runs(&d, p, "package.receipt") && !desk_runs(&d, p, "package.accept"));
    CHECK_INT(ground_fetch(&d.g, n).row.force, d.g.c.gwent);
    /* Who had it has it no longer. */
    CHECK_FAILS(package_receive(LEDGER(d), d.rules, &d.officer, p, &err), &err, ERR_NOT_FOUND);
    CHECK_OK(package_receive(LEDGER(d), d.rules, &d.other, p, &err), &err);
    desk_done(&d);
}

TEST(a_force_without_people_still_leaves_an_owner)
{
    Desk d;
    desk_open(&d, tables);
    ground_take(&d.g, "one.csv", L1);
    ground_link(&d.g);
    int64_t n = ground_who(&d.g, "L1");
    desk_settle(&d, n, d.g.c.empty, "high", false);
    int64_t p = desk_send(&d, n);
    CHECK_INT(desk_clock(&d, p, "package.receipt").owner, d.g.c.coordinator);
    CHECK_INT(desk_fetch(&d, p, d.g.c.coordinator).row.owner, d.g.c.coordinator);
    desk_done(&d);
}

/* ---- deconfliction ---- */

#define EVENTS "event_ref,account,service,email,phone,ip_address,port,seen_at,sha256\n"
#define H1 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct { const char *name, *file, *kind;
} shared[] = {
    { "the same address within an hour",
      EVENTS "E1,u1,chat.example,,,192.0.2.1,,2026-03-01T10:00:00Z,\nE2,u2,chat.example,,,192.0.2.1,,2026-03-"
             "01T10:59:00Z,\n",
      "same_ip" },
    { "the same address later is someone else's turn",
      EVENTS "E1,u1,chat.example,,,192.0.2.1,,2026-03-01T10:00:00Z,\nE2,u2,chat.example,,,192.0.2.1,,2026-03-"
             "01T11:01:00Z,\n",
      NULL },
    { "two ports are two households",
      EVENTS "E1,u1,chat.example,,,192.0.2.1,1001,2026-03-01T10:00:00Z,\nE2,u2,chat.example,,,192.0.2.1,1002,"
             "2026-03-01T10:01:00Z,\n",
      NULL },
    { "a rare file",
      EVENTS "E1,u1,chat.example,,,192.0.2.1,,2026-03-01T10:00:00Z," H1 "\nE2,u2,chat.example,,,192.0.2.2,,"
                                                                        "2026-03-01T10:01:00Z," H1 "\n",
      "same_hash" },
    { "a file that four people hold",
      EVENTS "E1,u1,chat.example,,,192.0.2.1,,2026-03-01T10:00:00Z," H1 "\nE2,u2,chat.example,,,192.0.2.2,,"
                                                                        "2026-03-01T10:01:00Z," H1 "\n"
             "E3,u3,chat.example,,,192.0.2.3,,2026-03-01T10:00:00Z," H1 "\nE4,u4,chat.example,,,192.0.2.4,,"
                                                                        "2026-03-01T10:01:00Z," H1 "\n",
      NULL },
    { "the same name and birthday",
      DESK_LISTED "E1,Adam,Example,1970-05-01,,,,\nE2,Adam,Example,1970-05-01,,,,\n", "same_subject" },
    { "the same name only", DESK_LISTED "E1,Adam,Example,,,,,\nE2,Adam,Example,,,,,\n", NULL },
};

TEST(what_two_people_share_holds_the_second_package)
{
    FOR_EACH(c, shared) {
        Desk d;
        desk_open(&d, tables);
        ground_take(&d.g, "s.csv", c->file);
        ground_link(&d.g);
        int64_t a = ground_who(&d.g, "E1"), b = ground_who(&d.g, "E2");
        CHECK(a != b);
        desk_settle(&d, a, d.g.c.gwent, "high", false);
        desk_settle(&d, b, d.g.c.cheshire, "high", false);
        desk_send(&d, a);
        int64_t p = desk_build(&d, b);
        Package seen = desk_fetch(&d, p, d.g.c.coordinator);
        if (!str_same(seen.row.state, c->kind ? "held" : "built") ||
            (c->kind && !str_same(seen.hits[0].kind, c->kind)))
            print_error("%s: %s\n", c->name, seen.row.state);
        CHECK_TEXT(seen.row.state, c->kind ? "held" : "built");
        CHECK_INT(seen.hit_count, c->kind ? 1 : 0);
        if (c->kind)
            CHECK_TEXT(seen.hits[0].kind, c->kind);
        desk_done(&d);
    }
}

TEST(a_held_package_goes_when_a_supervisor_decides)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    ground_take(&d.g, "s.csv", shared[0].file);
    ground_link(&d.g);
    int64_t a = ground_who(&d.g, "E1"), b = ground_who(&d.g, "E2");
    desk_settle(&d, a, d.g.c.gwent, "high", false);
    desk_settle(&d, b, d.g.c.cheshire, "high", false);
    desk_send(&d, a);
    int64_t p = desk_build(&d, b);
    CHECK(desk_runs(&d, p, "package.hold-decision"));
    CHECK_FAILS(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(package_release(LEDGER(d), &d.researcher, p, "No clash.", &err), &err, ERR_DENIED);
    CHECK_FAILS(package_release(LEDGER(d), &d.g.hand, p, "", &err), &err, ERR_INVALID);
    CHECK_OK(package_release(LEDGER(d), &d.g.hand, p, "Both forces agreed.", &err), &err);
    CHECK(!desk_runs(&d, p, "package.hold-decision"));
    CHECK(desk_fetch(&d, p, d.g.c.coordinator).hits[0].decided);
    CHECK_OK(package_send(LEDGER(d), d.rules, &d.g.hand, p, &err), &err);
    desk_done(&d);
}

TEST(work_begun_after_building_is_found_when_sending)
{
    Desk d;
    Err err = {0};
    desk_open(&d, tables);
    ground_take(&d.g, "s.csv", shared[0].file);
    ground_link(&d.g);
    int64_t a = ground_who(&d.g, "E1"), b = ground_who(&d.g, "E2");
    desk_settle(&d, a, d.g.c.gwent, "high", false);
    desk_settle(&d, b, d.g.c.cheshire, "high", false);
    int64_t first = desk_build(&d, a);
    CHECK_TEXT(desk_text(&d, D_STATE, first), "built");
    desk_build(&d, b);
    CHECK_FAILS(package_send(LEDGER(d), d.rules, &d.g.hand, first, &err), &err, ERR_CONFLICT);
    CHECK_TEXT(desk_text(&d, D_STATE, first), "held");
    CHECK_OK(package_release(LEDGER(d), &d.g.hand, first, "Seen.", &err), &err);
    CHECK_OK(package_send(LEDGER(d), d.rules, &d.g.hand, first, &err),
             &err); /* a hit decided once is not raised again */
    desk_done(&d);
}

TEST(a_covert_record_gives_a_person_to_contact_and_nothing_else)
{
    Desk d;
    desk_open(&d, tables);
    ground_take(&d.g, "s.csv", shared[0].file);
    ground_link(&d.g);
    int64_t a = ground_who(&d.g, "E1"), b = ground_who(&d.g, "E2");
    desk_settle(&d, a, d.g.c.gwent, "high", true);                  /* restricted, without any package */
    desk_settle(&d, b, d.g.c.cheshire, "high", false);
    int64_t p = desk_build(&d, b);
    Package seen = desk_fetch(&d, p, d.g.c.officer);
    CHECK_TEXT(seen.row.state, "held");
    CHECK_INT(seen.hit_count, 1);
    CHECK_INT(seen.hits[0].other, 0);
    CHECK_TEXT(seen.hits[0].detail, "A restricted record is concerned. Contact Name of o.rees, Gwent "
                                    "Police.");
    CHECK_INT(desk_fetch(&d, p, d.g.c.coordinator).hits[0].other, a);
    desk_done(&d);
}

/* ---- who may ---- */

TEST(what_is_not_yours_is_not_found)
{
    Desk d;
    Err err = {0};
    Package p;
    PackageRow *rows = NULL;
    size_t count = 0;
    Str file = {0};
    desk_open(&d, tables);
    int64_t n = adam(&d, "high"), id = desk_send(&d, n);
    Viewer other = crew_viewer(&d.g.c, d.g.c.other_officer), own = crew_viewer(&d.g.c, d.g.c.officer);
    CHECK_FAILS(package_fetch(d.g.c.db, &d.g.c.mem, &other, id, &p, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(package_export(d.g.c.db, &d.g.c.mem, &other, id, &file, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(package_fetch(d.g.c.db, &d.g.c.mem, &own, id + 1, &p, &err), &err, ERR_NOT_FOUND);
    CHECK_OK(package_list(d.g.c.db, &d.g.c.mem, &other, &(PackageFilter){ .limit = 10 }, &rows, &count, &err),
             &err);
    CHECK_INT(count, 0);
    CHECK_OK(package_list(d.g.c.db, &d.g.c.mem, &own, &(PackageFilter){ .limit = 10 }, &rows, &count, &err),
             &err);
    CHECK_INT(count, 1);
    CHECK_FAILS(package_receive(LEDGER(d), d.rules, &d.other, id, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(package_receive(LEDGER(d), d.rules, &d.researcher, id, &err), &err, ERR_DENIED);
    CHECK_FAILS(package_build(LEDGER(d), d.rules, &d.officer, n, &id, &err), &err, ERR_DENIED);
    desk_settle(&d, n, d.g.c.cheshire, "high", true); /* now covert: the officer was not named */
    CHECK_FAILS(package_fetch(d.g.c.db, &d.g.c.mem, &own, id, &p, &err), &err, ERR_NOT_FOUND);
    CHECK_INT(desk_fetch(&d, id, d.g.c.supervisor).row.id, id);
    desk_done(&d);
}

TEST(pages_follow_one_another_with_the_most_dangerous_first)
{
    Desk d;
    Err err = {0};
    static const char *const bands[] = { "low", "very-high", "medium", "very-high", "high" };
    static const char *const order[] = { "L2", "L4", "L5", "L3", "L1" };
    StrBuf b = { .mem = NULL };
    int64_t after = 0;
    desk_open(&d, tables);
    b.mem = &d.g.c.mem;
    buf_add(&b, DESK_LISTED);
    for (int i = 1; i <= 5; i++)
        buf_fmt(&b, "L%d,Given%d,Example%d,1970-05-0%d,,,,\n", i, i, i, i);
    ground_take(&d.g, "l.csv", buf_text(&b));
    ground_link(&d.g);
    for (int i = 0; i < 5; i++)
        desk_settle(&d, ground_who(&d.g, str_fmt(&d.g.c.mem, "L%d", i + 1)), d.g.c.cheshire, bands[i], false);
    int64_t *ids = NULL;
    size_t count = 0;
    CHECK_OK(package_candidates(d.g.c.db, &d.g.c.mem, d.g.hand.operation, &ids, &count, &err), &err);
    CHECK_INT(count, 5);
    for (size_t i = 0; i < count; i++)
        CHECK_INT(ids[i], ground_who(&d.g, order[i]));
    for (size_t i = 0; i < count; i++)
        desk_send(&d, ids[i]);
    Viewer v = crew_viewer(&d.g.c, d.g.c.officer);
    for (size_t i = 0; i < 5; i++) {
        PackageRow *rows = NULL;
        PackageFilter f = { .after_id = after, .limit = 1 };
        CHECK_OK(package_list(d.g.c.db, &d.g.c.mem, &v, &f, &rows, &count, &err), &err);
        CHECK_INT(count, 1);
        CHECK_INT(rows[0].nominal, ground_who(&d.g, order[i]));
        after = rows[0].id;
    }
    CHECK_OK(package_receive(LEDGER(d), d.rules, &d.officer, after - 4, &err), &err);
    PackageRow *rows = NULL;
    CHECK_OK(
        package_list(d.g.c.db, &d.g.c.mem, &v, &(PackageFilter){  }, &rows, &count, &err),
        &err);
    CHECK_INT(count, 5);
    CHECK_TEXT(rows[4].state, "received");
    desk_done(&d);
}

/* ---- the file ---- */

static const Sql merge_of = { "d.merge_of", "SELECT id FROM merge WHERE merged = $1 AND undone_by IS NULL" };

TEST(a_package_stands_under_whoever_is_kept_however_many_merges_there_were)
{
    Desk d;
    Err err = {0};
    int64_t merge = 0;
    bool found = false;
    desk_open(&d, tables);
    ground_take(&d.g, "three.csv", DESK_LISTED "L1,Adam,Example,1970-05-01,,adam@example.org,,\n"
                                               "L2,Adam,Sample,1971-05-01,,adam2@example.org,,\n"
                                               "L3,Adam,Other,1972-05-01,,adam3@example.org,,\n");
    ground_link(&d.g);
    int64_t a = ground_who(&d.g, "L1"), b = ground_who(&d.g, "L2"), c = ground_who(&d.g, "L3");
    desk_settle(&d, a, d.g.c.cheshire, "low", false);
    int64_t p = desk_build(&d, a);
    CHECK_OK(nominal_merge(d.g.c.ledger, &d.g.hand, b, a, "One man.", &err), &err);
    CHECK_OK(nominal_merge(d.g.c.ledger, &d.g.hand, c, b, "The same again.", &err), &err);
    CHECK_INT(desk_fetch(&d, p, d.g.c.coordinator).row.nominal, c);
    CHECK_OK(db_int(d.g.c.db, &merge_of, VALUES(sql_int(b)), &merge, &found, &err), &err);
    CHECK_OK(nominal_unmerge(d.g.c.ledger, &d.g.hand, merge, "Not he.", &err), &err);
    CHECK_INT(desk_fetch(&d, p, d.g.c.coordinator).row.nominal, b);
    desk_done(&d);
}

TEST(an_exported_package_can_be_checked_by_anyone)
{
    Desk d;
    Err err = {0};
    Str file = {0};
    CLEANUP(json_done) Json *doc = NULL;
    desk_open(&d, tables);
    int64_t p = desk_send(&d, adam(&d, "high"));
    Viewer v = crew_viewer(&d.g.c, d.g.c.officer);
    CHECK_OK(package_export(d.g.c.db, &d.g.c.mem, &v, p, &file, &err), &err);
    CHECK_OK(json_read(file, &doc, &err), &err);
    const char *content = json_canonical(&d.g.c.mem, json_get(doc, "content"));
    Sha256 digest = sha256_of(content, strlen(content));
    CHECK_TEXT(json_text(doc, "sha256"), sha256_hex(&d.g.c.mem, &digest));
    NoteVerifier known;
    Note note;
    CHECK_OK(note_verifier_read(str_of(json_text(doc, "verifier")), &known, &err), &err);
    CHECK_OK(note_open(str_of(json_text(doc, "signed_note")), &known, 1, &note, &err), &err);
    CHECK_TEXT(str_from(&d.g.c.mem, note.text),
               str_fmt(&d.g.c.mem, "muster/package\n%s\n%s\n", ref_write(&d.g.c.mem, 'P', p),
                       json_text(doc, "sha256")));
    const Json *items = json_get(json_get(json_get(doc, "content"), "manifest"), "items");
    CHECK_INT(json_count(items), 1);
    CHECK_INT(strlen(json_text(json_at(items, 0), "sha256")), 64);
    CHECK_TEXT(json_text(json_get(json_get(doc, "content"), "person"), "postcode"), "CH1 1AA");
    desk_done(&d);
}

TEST(a_fault_at_any_call_leaves_nothing_half_sent)
{
    Desk d;
    Err err = {0};
    bool sent = false;
    desk_open(&d, tables);
    int64_t p = desk_build(&d, adam(&d, "high"));
    for (int64_t calls = 1; !sent && calls < 1000; calls++) {
        store_fail_after(d.g.c.store, calls);
        sent = package_send(LEDGER(d), d.rules, &d.g.hand, p, &err);
        store_fail_after(d.g.c.store, 0);
        if (!sent) {
            CHECK_INT(err.kind, ERR_STORE);
            err_clear(&err);
            CHECK_TEXT(desk_text(&d, D_STATE, p), "built");
            CHECK(!desk_runs(&d, p, "package.receipt") && desk_runs(&d, p, "package.send"));
            CHECK_INT(desk_entries(&d, "package.sent"), 0);
        }
    }
    CHECK(sent);
    CHECK_INT(desk_entries(&d, "package.sent"), 1);
    CHECK(desk_runs(&d, p, "package.receipt"));
    desk_done(&d);
}

TEST_MAIN(statements_fit_the_schema, a_package_goes_from_the_coordinator_to_an_officer_and_its_clocks_follow,
          steps_out_of_order_are_conflicts, one_open_package_a_person_and_none_without_a_force_or_a_band,
          a_returned_package_waits_on_the_coordinator_and_may_be_built_again,
          a_transfer_never_restarts_the_clock, a_force_without_people_still_leaves_an_owner,
          what_two_people_share_holds_the_second_package, a_held_package_goes_when_a_supervisor_decides,
          work_begun_after_building_is_found_when_sending,
          a_covert_record_gives_a_person_to_contact_and_nothing_else, what_is_not_yours_is_not_found,
          pages_follow_one_another_with_the_most_dangerous_first,
          a_package_stands_under_whoever_is_kept_however_many_merges_there_were,
          an_exported_package_can_be_checked_by_anyone, a_fault_at_any_call_leaves_nothing_half_sent)
