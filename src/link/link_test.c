/* Who is one person: links have reasons, undoing gives back what was, and the order of arrival changes
 * nothing. */
#include "link/testing.h"
#include "base/rng.h"
#include "link/inside.h"
#include "link/nominal_apply.h"

static const Kind *const tables[] = { FIELD_KINDS, NULL };

enum {
    T_ROWS,
    T_LINKS,
    T_KEYS,
    T_SIGHTINGS,
    T_NOMINALS,
    T_STRAY,
    T_SCORE,
    T_MERGE_OF,
    T_PARTITION,
    T__COUNT
};
#define MINUS_SEQ \
    "operation, name, given, family, born, occupation, status, merged_into, first_seen, last_seen," \
    " restricted," \
    " address, postcode, town, area, force, force_basis, answers, referrals, known_files, children, stage"
static const Sql t_sql[T__COUNT] = {
    /* Everything but the marks of when (changed, scored_upto). */
    [T_ROWS] = { "t.rows", "SELECT group_concat(x, char(10)) FROM (SELECT json_array(id, " MINUS_SEQ
                           ") AS x FROM nominal"
                           " WHERE $1 = 0 OR id = $1 ORDER BY id)" },
    [T_LINKS] = { "t.links",
                  "SELECT group_concat(x, char(10)) FROM (SELECT json_array(nominal, sighting, reason,"
                  " kind) AS x"
                  " FROM link WHERE undone_by IS NULL AND ($1 = 0 OR nominal = $1) ORDER BY id)" },
    [T_KEYS] = { "t.keys",
                 "SELECT group_concat(x, char(10)) FROM (SELECT json_array(kind, service, normal,"
                 " nominal) AS x"
                 " FROM nominal_identifier WHERE $1 = 0 OR nominal = $1 ORDER BY 1)" },
    [T_SIGHTINGS] = { "t.sightings",
                      "SELECT group_concat(x, char(10)) FROM (SELECT json_array(id, nominal) AS x FROM"
                      " sighting"
                      " WHERE $1 = 0 OR nominal = $1 ORDER BY id)" },
    [T_NOMINALS] = { "t.nominals", "SELECT count(*) FROM nominal WHERE merged_into IS NULL" },
    [T_STRAY] = { "t.stray",
                  "WITH RECURSIVE top (id, at) AS (SELECT id, id FROM nominal WHERE merged_into IS NULL UNION"
                  " SELECT n.id, t.at FROM nominal n JOIN top t ON n.merged_into = t.id)"
                  " SELECT count(*) FROM link l JOIN top t ON t.id = l.nominal JOIN sighting s ON s.id ="
                  " l.sighting"
                  " WHERE l.undone_by IS NULL AND s.nominal IS NOT t.at" },
    [T_SCORE] = { "t.score",
                  "UPDATE nominal SET band_rank = $2, risk_points = $3, force = $4, restricted = $5 WHERE"
                  " id = $1" },
    [T_MERGE_OF] = { "t.merge_of", "SELECT id FROM merge WHERE merged = $1 AND undone_by IS NULL" },
    [T_PARTITION] = { "t.partition",
                      "SELECT group_concat(g, char(10)) FROM (SELECT g FROM (SELECT group_concat(ref, '"
                      " ') AS g FROM"
                      " (SELECT s.nominal AS n, r.source_ref AS ref FROM sighting s JOIN referral r ON"
                      " r.id = s.referral ORDER BY r.source_ref)"
                      " GROUP BY n) ORDER BY g)" },
};

static const char *said(Ground *g, int sql, int64_t nominal)
{
    Err err = {0};
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    Value id = sql_int(nominal);
    CHECK_OK(db_query(g->c.db, &t_sql[sql], (Values){ &id, sql == T_PARTITION ? 0 : 1 }, &rows, &err), &err);
    CHECK_OK(rows_next(&rows, &more, &err), &err);
    return row_null(&rows, 0) ? "" : row_copy(&rows, 0, &g->c.mem);
}

static const char *everything(Ground *g, int64_t nominal)
{
    return str_fmt(&g->c.mem, "%s\n%s\n%s\n%s", said(g, T_ROWS, nominal), said(g, T_LINKS, nominal),
                   said(g, T_KEYS, nominal), said(g, T_SIGHTINGS, nominal));
}

static int64_t number(Ground *g, int sql, int64_t n)
{
    Err err = {0};
    int64_t out = 0;
    bool found = false;
    Value id = sql_int(n);
    CHECK_OK(db_int(g->c.db, &t_sql[sql], (Values){ &id, sql == T_MERGE_OF ? 1 : 0 }, &out, &found, &err),
             &err);
    return out;
}

#define EVENTS "event_ref,account,service,email,phone,device_id,ip_address,seen_at\n"
#define LISTED "list_ref,given_names,family_name,date_of_birth,postcode,email,account,service\n"

TEST(a_shared_email_links_and_says_so_without_repeating_it)
{
    Ground g;
    ground_open(&g, tables);
    ground_take(&g, "a.csv", EVENTS "E1,anna1,chat.example,a@example.org,,,192.0.2.1,2026-03-01T10:00:00Z\n"
                                    "E2,anna2,chat.example,A@Example.org,,,192.0.2.2,2026-03-02T10:00:00Z\n"
                                    "E3,other,chat.example,b@example.org,,,192.0.2.3,2026-03-03T10:00:00Z\n");
    ground_link(&g);
    CHECK_INT(number(&g, T_NOMINALS, 0), 2);
    CHECK_INT(ground_who(&g, "E1"), ground_who(&g, "E2"));
    CHECK(ground_who(&g, "E1") != ground_who(&g, "E3"));
    Nominal n = ground_fetch(&g, ground_who(&g, "E1"));
    CHECK_INT(n.link_count, 2);
    CHECK_TEXT(n.links[0].kind, "first");
    CHECK_TEXT(n.links[1].reason, "Same e-mail address as in footprint E1 (chat.example)");
    CHECK_INT(n.row.referrals, 2);
    CHECK_TEXT(n.row.name, "anna1");
    CHECK_INT(n.footprint_count, 2);
    CHECK(n.footprints[0].at < n.footprints[1].at);
    crew_replay(&g.c);
    ground_done(&g);
}

TEST(a_name_and_a_birthday_are_not_enough_but_with_the_postcode_they_are)
{
    Ground g;
    ground_open(&g, tables);
    ground_take(&g, "l.csv", LISTED "L1,Adam,Example,1970-05-01,,,,\n"
                                    "L2,Adam,Example,1970-05-01,,,,\n"
                                    "L3,Adam,Example,1970-05-01,NE69 7AW,,,\n"
                                    "L4,ADAM,Example,1970-05-01,ne697aw,,,\n"
                                    "L5,,Example,,,,quiet,\n"
                                    "L6,,Example,,,,quiet,\n");
    ground_link(&g);
    CHECK(ground_who(&g, "L1") != ground_who(&g, "L2"));
    CHECK(ground_who(&g, "L1") != ground_who(&g, "L3"));
    CHECK_INT(ground_who(&g, "L3"), ground_who(&g, "L4"));
    CHECK(ground_who(&g, "L5") !=
          ground_who(&g, "L6")); /* an account of no known service is only a screen name */
    Nominal n = ground_fetch(&g, ground_who(&g, "L3"));
    CHECK_TEXT(n.links[1].kind, "person");
    CHECK_TEXT(n.links[1].reason, "Same name, date of birth and postcode as in list row L3");
    ground_done(&g);
}


TEST(a_phone_that_many_accounts_show_links_nobody)
{
    Ground g;
    ground_open(&g, tables);
    StrBuf b = { .mem = &g.c.mem };
    buf_add(&b, EVENTS);
    for (int i = 0; i < 25; i++)
        buf_fmt(&b, "H%d,u%d,chat.example,,07700 900001,,192.0.2.%d,2026-03-01T10:00:%02dZ\n", i, i, i + 1,
                i);
    buf_add(&b, "S1,x1,chat.example,,07700 900002,,192.0.2.77,2026-03-01T10:00:00Z\n"
                "S2,x2,chat.example,,07700 900002,,192.0.2.78,2026-03-01T10:00:00Z\n");
    ground_take(&g, "h.csv", buf_text(&b));
    ground_link(&g);
    CHECK_INT(number(&g, T_NOMINALS, 0), 26);
    CHECK_INT(ground_who(&g, "S1"), ground_who(&g, "S2"));
    ground_done(&g);
}

TEST(a_sighting_that_names_two_joins_them_and_the_older_id_stays)
{
    Ground g;
    ground_open(&g, tables);
    ground_take(&g, "a.csv", EVENTS "E1,one,chat.example,,,,192.0.2.1,2026-03-01T10:00:00Z\n"
                                    "E2,two,chat.example,,07700 900003,,192.0.2.2,2026-03-02T10:00:00Z\n");
    ground_link(&g);
    int64_t one = ground_who(&g, "E1"), two = ground_who(&g, "E2"), now = 0;
    CHECK(one != two);
    ground_take(&g, "b.csv", EVENTS "E3,one,chat.example,,07700 900003,,192.0.2.3,2026-03-03T10:00:00Z\n");
    ground_link(&g);
    Err err = {0};
    CHECK_OK(nominal_resolve(g.c.db, two, &now, &err), &err);
    CHECK_INT(now, one);
    CHECK_INT(ground_who(&g, "E2"), one);
    CHECK_INT(ground_fetch(&g, one).row.referrals, 3);
    CHECK_INT(ground_fetch(&g, one).link_count, 3);
    CHECK_FAILS(nominal_resolve(g.c.db, 987654, &now, &err), &err, ERR_NOT_FOUND);
    crew_replay(&g.c);
    ground_done(&g);
}

TEST(an_undone_link_leaves_the_nominal_as_it_was)
{
    Ground g;
    Err err = {0};
    ground_open(&g, tables);
    ground_take(&g, "a.csv", LISTED "L1,Adam,Example,1970-05-01,NE69 7AW,a@example.org,one,chat.example\n");
    ground_link(&g);
    int64_t one = ground_who(&g, "L1");
    const char *before = everything(&g, one);
    ground_take(&g, "b.csv",
                EVENTS "E2,two,chat.example,a@example.org,07700 900004,,192.0.2.2,2026-03-02T10:00:00Z\n");
    ground_link(&g);
    Nominal n = ground_fetch(&g, one);
    CHECK_INT(n.link_count, 2);
    CHECK(!str_same(before, everything(&g, one)));
    CHECK_FAILS(nominal_unlink(g.c.ledger, &g.hand, n.links[1].id, " ", &err), &err, ERR_INVALID);
    CHECK_OK(nominal_unlink(g.c.ledger, &g.hand, n.links[1].id, "Two brothers share this mailbox.", &err),
             &err);
    CHECK_TEXT(everything(&g, one), before);
    CHECK(ground_who(&g, "E2") != one);
    CHECK_FAILS(nominal_unlink(g.c.ledger, &g.hand, n.links[1].id, "Again.", &err), &err, ERR_CONFLICT);
    CHECK_FAILS(nominal_unlink(g.c.ledger, &g.hand, n.links[0].id, "Only one.", &err), &err, ERR_CONFLICT);

    /* They stay apart, even when something new shows both. */
    int64_t two = ground_who(&g, "E2"), now = 0;
    ground_take(&g, "c.csv", EVENTS "E3,two,chat.example,a@example.org,,,192.0.2.2,2026-03-04T10:00:00Z\n");
    ground_link(&g);
    CHECK_OK(nominal_resolve(g.c.db, two, &now, &err), &err);
    CHECK_INT(now, two);
    CHECK_INT(number(&g, T_STRAY, 0), 0);
    crew_replay(&g.c);
    ground_done(&g);
}

TEST(a_merge_taken_back_gives_exactly_what_was)
{
    Ground g;
    Err err = {0};
    ground_open(&g, tables);
    ground_take(&g, "a.csv", LISTED "L1,Adam,Example,1970-05-01,NE69 7AW,a@example.org,one,chat.example\n"
                                    "L2,Adam,Exampel,1970-01-05,,b@example.org,two,chat.example\n"
                                    "L3,,Exampel,,,b@example.org,three,chat.example\n");
    ground_link(&g);
    int64_t one = ground_who(&g, "L1"), two = ground_who(&g, "L2");
    const char *before = everything(&g, 0);
    CHECK_FAILS(nominal_merge(g.c.ledger, &g.hand, one, one, "Same.", &err), &err, ERR_INVALID);
    CHECK_OK(nominal_merge(g.c.ledger, &g.hand, one, two, "A day and a month were swapped.", &err), &err);
    CHECK_INT(ground_who(&g, "L3"), one);
    CHECK_INT(ground_fetch(&g, one).row.referrals, 3);
    CHECK_FAILS(nominal_merge(g.c.ledger, &g.hand, one, two, "Again.", &err), &err, ERR_CONFLICT);

    int64_t merge = number(&g, T_MERGE_OF, two);
    CHECK_OK(nominal_unmerge(g.c.ledger, &g.hand, merge, "Two people after all.", &err), &err);
    CHECK_TEXT(everything(&g, 0), before);
    CHECK_FAILS(nominal_unmerge(g.c.ledger, &g.hand, merge, "Again.", &err), &err, ERR_CONFLICT);
    crew_replay(&g.c);
    ground_done(&g);
}

/* Random identifiers from small pools, so that chains and bridges arise. */
static const char *some_event(Arena *mem, Rng *r, int n)
{
    char email[32] = "", phone[32] = "", device[32] = "";
    if (rng_below(r, 3) == 0)
        snprintf(email, sizeof email, "m%d@example.org", (int)rng_below(r, 30));
    if (rng_below(r, 3) == 0)
        snprintf(phone, sizeof phone, "07700 9001%02d", (int)rng_below(r, 30));
    if (rng_below(r, 5) == 0)
        snprintf(device, sizeof device, "DEV%04d", (int)rng_below(r, 20));
    return str_fmt(mem, "E%03d,u%d,chat.example,%s,%s,%s,192.0.2.%d,2026-03-01T10:%02d:00Z\n", n,
                   (int)rng_below(r, 40), email, phone, device, n % 250 + 1, n % 60);
}

enum { EVENTS_MADE = 90 };

static const char *partition_in_order(Arena *mem, const char *const *events, Rng *r, int files)
{
    Ground g;
    int order[EVENTS_MADE];
    ground_open(&g, tables);
    for (int i = 0; i < EVENTS_MADE; i++)
        order[i] = i;
    for (int i = EVENTS_MADE - 1; i > 0; i--) {
        int k = (int)rng_below(r, (uint64_t)i + 1), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
    for (int f = 0; f < files; f++) {
        StrBuf b = { .mem = &g.c.mem };
        buf_add(&b, EVENTS);
        for (int i = f * EVENTS_MADE / files; i < (f + 1) * EVENTS_MADE / files; i++)
            buf_add(&b, events[order[i]]);
        ground_take(&g, str_fmt(&g.c.mem, "f%d.csv", f), buf_text(&b));
        ground_link(&g);
    }
    CHECK_INT(number(&g, T_STRAY, 0), 0);
    const char *out = str_copy(mem, said(&g, T_PARTITION, 0));
    ground_done(&g);
    return out;
}

TEST(the_order_of_arrival_never_changes_who_is_one_person)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        CLEANUP(arena_done) Arena mem = {0};
        Rng r = rng_seed(seed);
        const char *events[EVENTS_MADE];
        for (int i = 0; i < EVENTS_MADE; i++)
            events[i] = some_event(&mem, &r, i);
        const char *first = partition_in_order(&mem, events, &r, 1);
        for (int files = 1; files <= 7; files += 3) {
            const char *again = partition_in_order(&mem, events, &r, files);
            if (!str_same(first, again))
                print_error("seed %d, %d files\n", (int)seed, files);
            CHECK_TEXT(again, first);
        }
    }
}

/* Whatever people do and undo, each sighting stands with the nominal its evidence points to, and a replay
 * agrees. */
TEST(any_sequence_of_decisions_replays_to_the_same_tables)
{
    Ground g;
    Rng r = rng_seed(7);
    ground_open(&g, tables);
    StrBuf b = { .mem = &g.c.mem };
    buf_add(&b, EVENTS);
    for (int i = 0; i < 60; i++)
        buf_add(&b, some_event(&g.c.mem, &r, i));
    ground_take(&g, "a.csv", buf_text(&b));
    ground_link(&g);
    for (int step = 0; step < 80; step++) {
        Err err = {0};
        int64_t a = 0, c = 0;
        char ref[8];
        snprintf(ref, sizeof ref, "E%03d", (int)rng_below(&r, 60));
        a = ground_who(&g, ref);
        snprintf(ref, sizeof ref, "E%03d", (int)rng_below(&r, 60));
        c = ground_who(&g, ref);
        Nominal n = ground_fetch(&g, a);
        bool done = false;
        switch (rng_below(&r, 3)) {
        case 0: done = nominal_merge(g.c.ledger, &g.hand, a, c, "Looks like one.", &err); break;
        case 1:
            done = nominal_unlink(g.c.ledger, &g.hand, n.links[rng_below(&r, n.link_count)].id,
                                  "Looks like two.", &err);
            break;
        case 2: {
            int64_t merge = number(&g, T_MERGE_OF, (int64_t)rng_below(&r, 400));
            done = nominal_unmerge(g.c.ledger, &g.hand, merge, "Taken back.", &err);
            break;
        }
        }
        if (!done)
            CHECK(err.kind == ERR_CONFLICT || err.kind == ERR_INVALID || err.kind == ERR_NOT_FOUND);
        CHECK_INT(number(&g, T_STRAY, 0), 0);
    }
    crew_replay(&g.c);
    ground_done(&g);
}

TEST(a_name_a_person_decides_stays)
{
    Ground g;
    Err err = {0};
    ground_open(&g, tables);
    ground_take(&g, "a.csv", EVENTS "E1,one,chat.example,a@example.org,,,192.0.2.1,2026-03-01T10:00:00Z\n");
    ground_link(&g);
    int64_t one = ground_who(&g, "E1");
    NominalNaming naming = { "Adam Example", "Adam", "Example", "Passport seen", date_of(1970, 5, 1) };
    CHECK_OK(nominal_name(g.c.ledger, &g.hand, one, &naming, &err), &err);
    ground_take(&g, "b.csv", LISTED "L1,Ad,Exempel,1971-05-01,,a@example.org,,\n");
    ground_link(&g);
    CHECK_INT(ground_who(&g, "L1"), one);
    CHECK_TEXT(ground_fetch(&g, one).row.name, "Adam Example");
    CHECK_INT(ground_fetch(&g, one).born, date_of(1970, 5, 1));
    ground_done(&g);
}

TEST_MAIN(a_shared_email_links_and_says_so_without_repeating_it,
          a_name_and_a_birthday_are_not_enough_but_with_the_postcode_they_are,
          a_phone_that_many_accounts_show_links_nobody,
          a_sighting_that_names_two_joins_them_and_the_older_id_stays,
          an_undone_link_leaves_the_nominal_as_it_was,
          a_merge_taken_back_gives_exactly_what_was,
          the_order_of_arrival_never_changes_who_is_one_person,
          any_sequence_of_decisions_replays_to_the_same_tables,
          a_name_a_person_decides_stays)
