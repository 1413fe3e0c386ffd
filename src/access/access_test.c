/* People and agencies, what they see, and how they get in and out. */
#include "access/access.h"
#include "access/access_sql.h"
#include "access/testing.h"
#include "access/throttle.h"

static const Kind *const tables[] = { ledger_kinds, access_kinds, NULL };
#define MINUTES(n) ((n) * 60 * US_PER_SECOND)
#define GOOD "correct horse battery"

static const EntryRow *facts(Crew *c, const char *kind, size_t *count)
{
    Err err = {0};
    EntryRow *rows = NULL;
    EntryFilter f = { .kind = kind, .limit = 100 };
    CHECK_OK(ledger_entries(c->db, &c->mem, &f, &rows, count, &err), &err);
    return rows;
}

static size_t fact_count(Crew *c, const char *kind)
{
    size_t count = 0;
    facts(c, kind, &count);
    return count;
}

TEST(every_statement_fits_the_schema)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    crew_open(&c, tables);
    CHECK_OK(store_check_statements(c.db, access_sql, ACCESS__COUNT, &err), &err);
}

TEST(agencies_are_added_once_and_listed_by_kind_then_name)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    size_t added = 9, count = 0;
    Agency *list, one;
    crew_open(&c, tables);
    CHECK_OK(access_add_agencies(c.ledger, &c.hand, str_of(crew_agencies), &added, &err), &err);
    CHECK_INT(added, 0);
    CHECK_OK(agency_list(c.db, &c.mem, &list, &count, &err), &err);
    CHECK_INT(count, 4);
    CHECK_TEXT(list[0].short_id, "coordinator");
    CHECK_TEXT(list[1].name, "Cheshire Constabulary");
    CHECK_TEXT(list[3].name, "Kent Police");
    CHECK_OK(agency_by_short(c.db, &c.mem, "W15000002", &one, &err), &err);
    CHECK_TEXT(one.short_id, "gwent");
    CHECK_INT(one.tile_row, 7);
    CHECK_FAILS(agency_by_short(c.db, &c.mem, "atlantis", &one, &err), &err, ERR_NOT_FOUND);
    crew_replay(&c);
}

TEST(a_bad_list_of_agencies_adds_nothing)
{
    static const char *const bad[] = {
        "",
        "short_id,kind\r\nx,force\r\n",
        "short_id,kind,ons_code,name,tile,nation,tile_row,tile_column\r\na,force,,A,A,england,1,1\r\nb,force,"
        ",,B,england,1,1\r\n",
        "short_id,kind,ons_code,name,tile,nation,tile_row,tile_column\r\na,force,,A,A,england,one,1\r\n",
    };
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    crew_open(&c, tables);
    FOR_EACH(text, bad) {
        size_t added;
        CHECK_FAILS(access_add_agencies(c.ledger, &c.hand, str_of(*text), &added, &err), &err, ERR_INVALID);
    }
    CHECK_INT(fact_count(&c, "agency.added"), 4);
}

TEST(a_login_is_plain_and_taken_once)
{
    static const struct { const char *login, *agency, *name; Role role; ErrKind want; } cases[] = {
        { "o.shaw",   "cheshire", "Someone", ROLE_FORCE_OFFICER, ERR_CONFLICT },
        { "O.Shaw",   "cheshire", "Someone", ROLE_FORCE_OFFICER, ERR_INVALID },
        { "",         "cheshire", "Someone", ROLE_FORCE_OFFICER, ERR_INVALID },
        { "o shaw",   "cheshire", "Someone", ROLE_FORCE_OFFICER, ERR_INVALID },
        { "new.one",  "atlantis", "Someone", ROLE_FORCE_OFFICER, ERR_NOT_FOUND },
        { "new.one",  "cheshire", " ",       ROLE_FORCE_OFFICER, ERR_INVALID },
        { "new.one",  "cheshire", "Someone", ROLE_NONE,          ERR_INVALID },
    };
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    int64_t id;
    crew_open(&c, tables);
    FOR_EACH(x, cases) {
        NewPerson p = { x->login, x->name, x->agency, x->role };
        CHECK_FAILS(person_add(c.ledger, &c.hand, &p, &id, &err), &err, x->want);
    }
    CHECK_INT(fact_count(&c, "person.added"), 5);
}

TEST(each_person_sees_as_far_as_their_role)
{
    CLEANUP(crew_done) Crew c = {0};
    crew_open(&c, tables);
    Viewer coordinator = crew_viewer(&c, c.coordinator), officer = crew_viewer(&c, c.officer);
    CHECK_TEXT(officer.agency_name, "Cheshire Constabulary");
    CHECK(viewer_may_on(&coordinator, PERM_NOMINAL_READ, 0) &&
          viewer_may_on(&coordinator, PERM_NOMINAL_READ, c.gwent));
    CHECK(viewer_may_on(&officer, PERM_NOMINAL_READ, c.cheshire));
    CHECK(!viewer_may_on(&officer, PERM_NOMINAL_READ, c.gwent) &&
          !viewer_may_on(&officer, PERM_NOMINAL_READ, 0));
    CHECK(!viewer_may(&officer, PERM_PACKAGE_SEND));
    CHECK_INT(viewer_scope(&coordinator, PERM_NOMINAL_READ), 0);
    CHECK_INT(viewer_scope(&officer, PERM_NOMINAL_READ), c.cheshire);
    CHECK_INT(viewer_scope(&officer, PERM_LEDGER_READ), -1);
    Viewer nobody = {0};
    CHECK(!viewer_may(&nobody, PERM_SIGNED_IN) && viewer_scope(&nobody, PERM_NOMINAL_READ) == -1);
    Hand h = viewer_hand(&officer, 7, 9);
    CHECK(h.actor == c.officer && h.agency == c.cheshire && h.operation == 7 && h.at == 9);
}

TEST(someone_always_answers_for_an_agency)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    int64_t person;
    crew_open(&c, tables);
    const struct { int64_t agency, duty, supervisor; } cases[] = {
        { c.cheshire, c.supervisor,    c.supervisor },
        { c.gwent,    c.other_officer, 0 },
        { c.unit,     c.coordinator,   c.coordinator },
        { c.empty,    c.coordinator,   0 },
    };
    FOR_EACH(x, cases) {
        CHECK_OK(agency_duty(c.db, x->agency, &person, &err), &err);
        CHECK_INT(person, x->duty);
        CHECK_OK(agency_supervisor(c.db, x->agency, &person, &err), &err);
        CHECK_INT(person, x->supervisor);
    }
    CHECK_OK(person_stand_down(c.ledger, &c.hand, c.supervisor, "Left the force", &err), &err);
    CHECK_OK(agency_duty(c.db, c.cheshire, &person, &err), &err);
    CHECK_INT(person, c.officer);
    crew_replay(&c);
}

TEST(a_changed_person_keeps_their_login)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    PersonRow *list;
    size_t count;
    crew_open(&c, tables);
    NewPerson p = { NULL, "Olive Shaw", "gwent", ROLE_FORCE_SUPERVISOR };
    CHECK_OK(person_change(c.ledger, &c.hand, c.officer, &p, &err), &err);
    Viewer v = crew_viewer(&c, c.officer);
    CHECK_TEXT(v.login, "o.shaw");
    CHECK_TEXT(v.name, "Olive Shaw");
    CHECK(v.agency == c.gwent && v.role == ROLE_FORCE_SUPERVISOR);
    CHECK_OK(person_list(c.db, &c.mem, c.gwent, &list, &count, &err), &err);
    CHECK_INT(count, 2);
    CHECK_OK(person_list(c.db, &c.mem, 0, &list, &count, &err), &err);
    CHECK_INT(count, 5);
    crew_replay(&c);
}

TEST(a_restricted_record_is_for_those_named)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    bool sees;
    crew_open(&c, tables);
    CHECK_OK(record_restrict(c.ledger, &c.hand, 77, c.researcher, &err), &err);
    const struct { int64_t person, force; bool want; } cases[] = {
        { c.coordinator, c.gwent, true }, { c.researcher, c.gwent, true }, { c.officer, c.cheshire, false },
        { c.supervisor, c.cheshire, true }, { c.supervisor, c.gwent, false }, { c.supervisor, 0, false },
        { c.other_officer, c.gwent, false },
    };
    FOR_EACH(x, cases) {
        Viewer v = crew_viewer(&c, x->person);
        CHECK_OK(viewer_sees_restricted(c.db, &v, 77, x->force, &sees, &err), &err);
        CHECK_INT(sees, x->want);
    }
    CHECK_OK(record_unrestrict(c.ledger, &c.hand, 77, c.researcher, &err), &err);
    Viewer v = crew_viewer(&c, c.researcher);
    CHECK_OK(viewer_sees_restricted(c.db, &v, 77, c.gwent, &sees, &err), &err);
    CHECK(!sees);
    crew_replay(&c);
}

TEST(a_look_needs_its_purpose_and_is_kept)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    crew_open(&c, tables);
    Viewer v = crew_viewer(&c, c.officer);
    Hand hand = viewer_hand(&v, 3, TEST_NOW);
    CHECK_FAILS(look_record(c.ledger, &hand, 77, "  ", &err), &err, ERR_INVALID);
    CHECK_FAILS(look_record(c.ledger, &hand, 77, NULL, &err), &err, ERR_INVALID);
    CHECK_OK(look_record(c.ledger, &hand, 77, "Preparing the visit", &err), &err);
    size_t count;
    const EntryRow *rows = facts(&c, "record.consulted", &count);
    CHECK_INT(count, 1);
    CHECK(rows[0].subject == 77 && rows[0].actor == c.officer && rows[0].operation == 3);
    crew_replay(&c);
}

/* ---- passwords ---- */

TEST(weak_passwords_are_refused)
{
    static const struct { const char *password; bool want;
    } cases[] = {
        { "short", false },         { "eleven char", false }, { "aaaaaaaaaaaaaaaa", false },
        { "o.shaw-o.shaw", false }, { GOOD, true },           { "maple-otter-violin-sock", true },
    };
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    FOR_EACH(x, cases) {
        CHECK_INT(password_acceptable(x->password, "o.shaw", &err), x->want);
        CHECK(x->want || err.kind == ERR_INVALID);
        err_clear(&err);
    }
    char *long_one = arena_new(&mem, char, PASSWORD_MAX + 2);
    for (int i = 0; i <= PASSWORD_MAX; i++)
        long_one[i] = (char)('a' + i % 26);
    CHECK_FAILS(password_acceptable(long_one, "o.shaw", &err), &err, ERR_INVALID);
}

TEST(a_hash_fits_its_password_only_and_says_its_cost)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    const char *hash, *again;
    CHECK_OK(password_hash(&mem, GOOD, TEST_CHEAP, &hash, &err), &err);
    CHECK_OK(password_hash(&mem, GOOD, TEST_CHEAP, &again, &err), &err);
    CHECK(strcmp(hash, again) != 0);
    CHECK(str_starts(hash, "$argon2id$v=19$m=64,t=1,p=1$"));
    CHECK(password_fits(hash, GOOD) && !password_fits(hash, GOOD "y") && !password_fits(hash, ""));
    CHECK(!password_fits(password_dummy(&mem, TEST_CHEAP), GOOD));
    CHECK(str_starts(password_dummy(&mem, PASSWORD_COST), "$argon2id$v=19$m=65536,t=3,p=1$"));
}

TEST(suggested_passwords_are_four_words_and_acceptable)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    const char *last = "";
    for (int i = 0; i < 50; i++) {
        const char *p = password_suggest(&mem);
        size_t dashes = 0;
        for (const char *at = p; *at; at++)
            dashes += *at == '-';
        CHECK_INT(dashes, 3);
        CHECK(strcmp(p, last) != 0);
        CHECK_OK(password_acceptable(p, "o.shaw", &err), &err);
        last = p;
    }
}

/* ---- signing in ---- */

static void crew_with_password(Crew *c)
{
    Err err = {0};
    crew_open(c, tables);
    CHECK_OK(person_set_password_at(c->ledger, &c->hand, c->officer, GOOD, true, TEST_CHEAP, &err), &err);
}

TEST(a_session_lasts_while_used_and_no_longer_than_twelve_hours)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    Session s, found;
    Viewer v;
    Instant now = TEST_NOW;
    crew_with_password(&c);
    CHECK_OK(session_start(c.ledger, &c.mem, "O.Shaw", GOOD, "192.0.2.7", now, &s, &err), &err);
    CHECK(s.person == c.officer && s.must_change);
    for (int i = 1; i <= 35; i++) {                      /* every 20 minutes, for 11 hours 40 */
        now = TEST_NOW + i * MINUTES(20);
        CHECK_OK(session_find(c.db, &c.mem, s.token, now, &found, &v, &err), &err);
        session_seen(c.db, &found, now);
    }
    CHECK(v.person == c.officer && session_csrf_same(&found, s.csrf));
    CHECK(!session_csrf_same(&found, "no") && !session_csrf_same(&found, NULL));
    CHECK_FAILS(session_find(c.db, &c.mem, s.token, TEST_NOW + SESSION_HOURS * US_PER_HOUR, &found, &v, &err),
                &err, ERR_DENIED);
    CHECK_FAILS(session_find(c.db, &c.mem, s.token, now + MINUTES(30), &found, &v, &err), &err, ERR_DENIED);
    CHECK_OK(session_find(c.db, &c.mem, s.token, now + MINUTES(19), &found, &v, &err), &err);
    s.token[31] ^= 1;
    CHECK_FAILS(session_find(c.db, &c.mem, s.token, now, &found, &v, &err), &err, ERR_DENIED);
    crew_replay(&c);
}

TEST(a_rotated_or_ended_session_is_gone)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    Session a, b, second, found;
    Viewer v;
    crew_with_password(&c);
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "192.0.2.7", TEST_NOW, &a, &err), &err);
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "192.0.2.8", TEST_NOW, &second, &err), &err);
    CHECK_OK(session_rotate(c.ledger, &c.mem, a.token, TEST_NOW, &b, &err), &err);
    CHECK(b.person == c.officer && memcmp(a.token, b.token, 32) != 0 && strcmp(a.csrf, b.csrf) != 0);
    CHECK_FAILS(session_find(c.db, &c.mem, a.token, TEST_NOW, &found, &v, &err), &err, ERR_DENIED);
    CHECK_OK(session_find(c.db, &c.mem, b.token, TEST_NOW, &found, &v, &err), &err);
    CHECK_OK(session_end(c.ledger, b.token, TEST_NOW, &err), &err);
    CHECK_OK(session_end(c.ledger, b.token, TEST_NOW, &err), &err); /* twice is fine and recorded once */
    CHECK_INT(fact_count(&c, "session.ended"), 1);
    CHECK_FAILS(session_find(c.db, &c.mem, b.token, TEST_NOW, &found, &v, &err), &err, ERR_DENIED);
    CHECK_OK(session_end_all(c.ledger, c.officer, TEST_NOW, &err), &err);
    CHECK_FAILS(session_find(c.db, &c.mem, second.token, TEST_NOW, &found, &v, &err), &err, ERR_DENIED);
}

TEST(a_new_password_ends_the_other_sessions)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    Session a, b, fresh, found;
    Viewer v;
    crew_with_password(&c);
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "", TEST_NOW, &a, &err), &err);
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "", TEST_NOW, &b, &err), &err);
    CHECK_FAILS(session_change_password(c.ledger, &c.mem, a.token, "not the old one", "a fresh pass phrase",
                                        TEST_NOW, &fresh, &err),
                &err, ERR_INVALID);
    CHECK_FAILS(session_change_password(c.ledger, &c.mem, a.token, GOOD, "short", TEST_NOW, &fresh, &err),
                &err, ERR_INVALID);
    CHECK_FAILS(session_change_password(c.ledger, &c.mem, a.token, GOOD, GOOD, TEST_NOW, &fresh, &err), &err,
                ERR_INVALID);
    CHECK_OK(session_change_password(c.ledger, &c.mem, a.token, GOOD, "a fresh pass phrase", TEST_NOW, &fresh,
                                     &err),
             &err);
    CHECK_FAILS(session_find(c.db, &c.mem, a.token, TEST_NOW, &found, &v, &err), &err, ERR_DENIED);
    CHECK_FAILS(session_find(c.db, &c.mem, b.token, TEST_NOW, &found, &v, &err), &err, ERR_DENIED);
    CHECK_OK(session_find(c.db, &c.mem, fresh.token, TEST_NOW, &found, &v, &err), &err);
    CHECK(!found.must_change);
    CHECK_FAILS(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "", TEST_NOW, &a, &err), &err, ERR_DENIED);
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", "a fresh pass phrase", "", TEST_NOW, &a, &err), &err);
}

TEST(who_stands_down_is_out_at_once)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    Session s, found;
    Viewer v;
    crew_with_password(&c);
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "", TEST_NOW, &s, &err), &err);
    CHECK_FAILS(person_stand_down(c.ledger, &c.hand, c.officer, " ", &err), &err, ERR_INVALID);
    CHECK_OK(person_stand_down(c.ledger, &c.hand, c.officer, "Moved on", &err), &err);
    CHECK_FAILS(session_find(c.db, &c.mem, s.token, TEST_NOW, &found, &v, &err), &err, ERR_DENIED);
    CHECK_FAILS(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "", TEST_NOW, &s, &err), &err, ERR_DENIED);
    CHECK_FAILS(viewer_load(c.db, &c.mem, "o.shaw", &v, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(person_stand_down(c.ledger, &c.hand, c.officer, "Again", &err), &err, ERR_NOT_FOUND);
    crew_replay(&c);
}

TEST(the_wait_doubles_up_to_an_hour)
{
    static const struct { ThrottleOf of; int64_t failures, minutes;
    } cases[] = {
        { THROTTLE_LOGIN, 1, 0 },        { THROTTLE_LOGIN, 4, 0 },    { THROTTLE_LOGIN, 5, 1 },
        { THROTTLE_LOGIN, 6, 2 },        { THROTTLE_LOGIN, 10, 32 },  { THROTTLE_LOGIN, 11, 60 },
        { THROTTLE_LOGIN, 1000000, 60 }, { THROTTLE_ADDRESS, 19, 0 }, { THROTTLE_ADDRESS, 20, 1 },
        { THROTTLE_ADDRESS, 24, 16 },
    };
    FOR_EACH(x, cases)
        CHECK_INT(throttle_until(x->of, x->failures, TEST_NOW), TEST_NOW + MINUTES(x->minutes));
}

static void fail_sign_in(Crew *c, const char *login, const char *from, Instant now, ErrKind want,
                         const char *told)
{
    Err err = {0};
    Session s;
    assert_false(session_start(c->ledger, &c->mem, login, "wrong password", from, now, &s, &err));
    CHECK_INT(err.kind, want);
    if (told)
        CHECK_TEXT(err.told, told);
}

TEST(wrong_passwords_are_slowed_down_and_a_right_one_forgiven)
{
    CLEANUP(crew_done) Crew c = {0};
    Err err = {0};
    Session s;
    crew_with_password(&c);
    for (int i = 0; i < 5; i++)
        fail_sign_in(&c, "o.shaw", "192.0.2.7", TEST_NOW, ERR_DENIED,
                     "The login or the password is not right.");
    fail_sign_in(&c, "o.shaw", "192.0.2.9", TEST_NOW, ERR_LIMIT, "Too many tries. Wait 1 minute.");
    CHECK_FAILS(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "192.0.2.9", TEST_NOW + 1, &s, &err), &err,
                ERR_LIMIT);
    fail_sign_in(&c, "o.shaw", "192.0.2.7", TEST_NOW + MINUTES(1), ERR_DENIED, NULL);
    fail_sign_in(&c, "o.shaw", "192.0.2.7", TEST_NOW + MINUTES(1), ERR_LIMIT,
                 "Too many tries. Wait 2 minutes.");
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "192.0.2.7", TEST_NOW + MINUTES(3), &s, &err),
             &err);
    fail_sign_in(&c, "o.shaw", "192.0.2.7", TEST_NOW + MINUTES(4), ERR_DENIED,
                 NULL); /* counted from one again */
    CHECK_OK(session_start(c.ledger, &c.mem, "o.shaw", GOOD, "192.0.2.7", TEST_NOW + MINUTES(4), &s, &err),
             &err);
    CHECK_INT(fact_count(&c, "session.refused"), 7);
    crew_replay(&c);
}

TEST(an_unknown_login_is_treated_alike_and_not_written_down)
{
    CLEANUP(crew_done) Crew c = {0};
    size_t count;
    crew_with_password(&c);
    for (int i = 0; i < 5; i++)
        fail_sign_in(&c, "hunter2-typed-here", "", TEST_NOW, ERR_DENIED,
                     "The login or the password is not right.");
    fail_sign_in(&c, "hunter2-typed-here", "", TEST_NOW, ERR_LIMIT, "Too many tries. Wait 1 minute.");
    const EntryRow *rows = facts(&c, "session.refused", &count);
    CHECK_INT(count, 5);
    for (size_t i = 0; i < count; i++) {
        CHECK(strstr(rows[i].body, "hunter2") == NULL);
        CHECK(strstr(rows[i].body, "\"known\":false") != NULL);
    }
}

TEST(an_address_that_guesses_many_logins_is_slowed_down_too)
{
    CLEANUP(crew_done) Crew c = {0};
    crew_with_password(&c);
    for (int i = 0; i < 20; i++)
        fail_sign_in(&c, str_fmt(&c.mem, "guess%d", i), "198.51.100.4", TEST_NOW, ERR_DENIED, NULL);
    fail_sign_in(&c, "another", "198.51.100.4", TEST_NOW, ERR_LIMIT, "Too many tries. Wait 1 minute.");
    fail_sign_in(&c, "another", "198.51.100.5", TEST_NOW, ERR_DENIED, NULL);
}

TEST(a_failing_disk_leaves_nothing_half_done)
{
    CLEANUP(crew_done) Crew c = {0};
    crew_open(&c, tables);
    bool done = false;
    for (int64_t n = 1; !done && n < 100; n++) {
        Err err = {0};
        int64_t id;
        NewPerson p = { "n.ewly", "New Person", "gwent", ROLE_FORCE_OFFICER };
        store_fail_after(c.store, n);
        done = person_add(c.ledger, &c.hand, &p, &id, &err);
        store_fail_after(c.store, 0);
        CHECK(done || err.kind == ERR_STORE);
        CHECK_INT(fact_count(&c, "person.added"), done ? 6 : 5);
    }
    CHECK(done);
    crew_replay(&c);
}

TEST_MAIN(every_statement_fits_the_schema, agencies_are_added_once_and_listed_by_kind_then_name,
          a_bad_list_of_agencies_adds_nothing, a_login_is_plain_and_taken_once,
          each_person_sees_as_far_as_their_role, someone_always_answers_for_an_agency,
          a_changed_person_keeps_their_login, a_restricted_record_is_for_those_named,
          a_look_needs_its_purpose_and_is_kept, weak_passwords_are_refused,
          a_hash_fits_its_password_only_and_says_its_cost, suggested_passwords_are_four_words_and_acceptable,
          a_session_lasts_while_used_and_no_longer_than_twelve_hours, a_rotated_or_ended_session_is_gone,
          a_new_password_ends_the_other_sessions, who_stands_down_is_out_at_once,
          the_wait_doubles_up_to_an_hour, wrong_passwords_are_slowed_down_and_a_right_one_forgiven,
          an_unknown_login_is_treated_alike_and_not_written_down,
          an_address_that_guesses_many_logins_is_slowed_down_too, a_failing_disk_leaves_nothing_half_done)
