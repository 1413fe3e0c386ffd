/* web_testing.h: a database with people, and requests through the chain, for tests of src/web only. */
#pragma once
#include "access/password.h"
#include "base/embedded.h"
#include "base/test.h"
#include "store/store_testing.h"
#include "web/inside.h"

enum { TESTING_NOW_S = 1800000000 };                       /* January 2027 */
#define TESTING_NOW ((Instant)TESTING_NOW_S * US_PER_SECOND)
#define TESTING_PASSWORD "correct horse battery staple"

typedef struct TestWeb {
    TestStore t;
    App       app;
    Db       *db;
    Arena     mem;
    Front     front;
} TestWeb;

static inline void test_web_done(TestWeb *w)
{
    if (w->db)
        store_reader_close(w->db);
    ledger_close(w->app.ledger);
    arena_done(&w->mem);
    testing_done(&w->t);
    *w = (TestWeb){ 0 };
}

/* Only what signing in needs: no stage, no reference tables. */
static inline void test_web_open(TestWeb *w, const Route *routes, size_t count)
{
    static const Kind *const tables[] = { ledger_kinds, access_kinds, operation_kinds, NULL };
    static const Kinds kinds = { tables };
    Err    err = { 0 };
    Hand   hand = { .at = TESTING_NOW };
    size_t added = 0;
    testing_open(&w->t);
    w->app = (App){ .store = w->t.store,
                    .opt = { .fixed_now = TESTING_NOW },
                    .log = { .fd = -1, .least = LOG_ERROR } };
    w->front = (Front){ .app = &w->app, .routes = routes, .route_count = count, .insecure_cookies = true };
    CHECK_OK(ledger_open(w->t.store, &kinds, &w->app.ledger, &err), &err);
    CHECK_OK(ledger_found(w->app.ledger, "muster/test", TESTING_NOW, &err), &err);
    CHECK_OK(access_add_agencies(w->app.ledger, &hand, embedded_str(embedded_find("data/agencies.csv")),
                                 &added, &err),
             &err);
    CHECK_OK(store_reader(w->t.store, &w->db, &err), &err);
}

static inline int64_t test_web_person(TestWeb *w, const char *login, Role role, const char *agency,
                                      bool must_change)
{
    Err     err = { 0 };
    Hand    hand = { .at = TESTING_NOW };
    int64_t id = 0;
    NewPerson who = { .login = login, .name = "A Person", .agency_short = agency, .role = role };
    CHECK_OK(person_add(w->app.ledger, &hand, &who, &id, &err), &err);
    CHECK_OK(person_set_password_at(w->app.ledger, &hand, id, TESTING_PASSWORD, must_change,
                                    (PasswordCost){ 1, 8 * 1024 * 1024 }, &err), &err);
    return id;
}

static inline Session test_web_session(TestWeb *w, const char *login)
{
    Err     err = { 0 };
    Session s = { 0 };
    CHECK_OK(
        session_start(w->app.ledger, &w->mem, login, TESTING_PASSWORD, "192.0.2.7", TESTING_NOW, &s, &err),
        &err);
    return s;
}

static inline const char *test_web_cookie(TestWeb *w, const Session *s)
{
    return str_fmt(&w->mem, "muster=%s", hex_write(&w->mem, s->token, 32));
}

static inline Response test_web_ask(TestWeb *w, Incoming in)
{
    Response out = { 0 };
    web_answer(&w->front, w->db, &w->mem, &in, &out);
    return out;
}
