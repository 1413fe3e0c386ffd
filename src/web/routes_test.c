/* routes_test.c: every address, asked for by every role, from the agency that holds the records and from
 * another.
 *
 * The outcome is docs/routes.md, which people review; this test makes it anew (MUSTER_WRITE_TABLES=1 writes
 * it) and compares. Whatever the table says, two things never pass: a role without the permission that
 * reaches a page, and one that reaches another agency's record. What is not reached must look, byte for byte,
 * like an address that does not exist. */
#include <dirent.h>
#include <unistd.h>
#include "base/ref.h"
#include "base/source.h"
#include "dispatch/package.h"
#include "intake/import.h"
#include "link/nominal.h"
#include "link/pairs.h"
#include "simulate/simulate.h"
#include "web/web_testing.h"

enum { HOLDS, OTHER, SIDES };
static const char table_path[] = "docs/routes.md";

typedef struct Asker { const char *login; Session session; Viewer viewer; const char *missing[2]; } Asker;
typedef struct World {
    TestStore  t;
    App        app;
    Arena      mem;                                        /* for the whole test */
    Arena      page;                                       /* for one request */
    Hand       hand;
    Asker      askers[ROLE__COUNT][SIDES];
    int64_t    force[SIDES];
    const char *held, *job, *match;
    const char *nominal, *package, *child, *exhibit, *referral, *file, *check, *person, *force_name;
    int64_t    clock, link, attribution, merge, decision;
    const char *pair, *kept;
} World;

static void world_done(World *w)
{
    app_close(&w->app);
    arena_done(&w->mem);
    arena_done(&w->page);
    w->t.store = NULL;
    testing_done(&w->t);
}

/* ---- an operation in miniature ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void import_all(World *w, const char *folder)
{
    Err    err = { 0 };
    const char **names = NULL;
    size_t n = 0, cap = 0;
    struct dirent *entry;
    DIR *dir = opendir(folder);
    CHECK(dir != NULL);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            *arena_push(&w->mem, names, n, cap) = str_fmt(&w->mem, "%s/%s", folder, entry->d_name);
    closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        ImportReport report;
        CHECK_OK(intake_import(w->app.ledger, w->app.store, &w->hand, &(ImportOptions){ 0 }, names[i],
                               &w->page, &report, NULL, NULL, &err),
                 &err);
        unlink(names[i]);
        arena_reset(&w->page);
    }
    rmdir(folder);
}

static void simulate(World *w)
{
    Err  err = { 0 };
    Str  authority;
    FlowReport flow;
    SimulateReport made;
    const char *out = str_fmt(&w->mem, "%s/ops", w->t.folder),
               *basis = str_fmt(&w->mem, "%s/authority.json", out);
    SimulateOptions sim = { .scenario = "lantern", .seed = 7, .scale = 0.05, .out_dir = out,
                            .today = instant_date_utc(TESTING_NOW) };
    CHECK_OK(simulate_run(&sim, &w->mem, &made, &err), &err);
    CHECK_OK(file_read(&w->mem, basis, 1 << 20, &authority, &err), &err);
    CHECK_OK(operation_open(w->app.ledger, w->app.db, &w->hand, authority, &w->hand.operation, &err), &err);
    import_all(w, str_fmt(&w->mem, "%s/in", out));
    CHECK_OK(flow_run(&w->app, w->app.db, &w->hand, NULL, NULL, &flow, &err), &err);
    unlink(basis);
    unlink(str_fmt(&w->mem, "%s/truth.json", out));
    rmdir(out);
}

static int64_t number(World *w, const char *text, int64_t key)
{
    Err     err = { 0 };
    Sql    *sql = arena_new(&w->mem, Sql, 1);
    int64_t n = 0;
    bool    found = false;
    *sql = (Sql){ "test", text };
    CHECK_OK(db_int(w->app.db, sql, VALUES(sql_int(key)), &n, &found, &err), &err);
    if (!found)
        fail_msg("nothing there: %s", text);
    return n;
}

static Json *body_of(const char *text)
{
    Err   err = { 0 };
    Json *body = NULL;
    CHECK_OK(json_read(str_of(text), &body, &err), &err);
    return body;
}

/* A held hash and a job, as matching would leave them. */
static void match_something(World *w)
{
    Err     err = { 0 };
    int64_t id = 0;
    CHECK_OK(ledger_record(w->app.ledger, &w->hand, "match.held", 0,
                           body_of("{\"kind\":\"md5\",\"value\":\"0cc175b9c0f1b6a831c399e269772661\","
                                   "\"referrals\":60,"
                                   "\"nominals\":60,\"hash_set\":1,\"due\":1800000000000000}"),
                           &id, &err),
             &err);
    w->held = ref_write(&w->mem, 'H', id);
    CHECK_OK(ledger_record(w->app.ledger, &w->hand, "job.started", 0,
                           body_of("{\"kind\":\"match-again\",\"set_file\":1,\"says\":\"Files are "
                                   "compared\",\"total\":1}"),
                           &id, &err),
             &err);
    w->job = ref_write(&w->mem, 'J', id);
}

/* Two records of the force, weighed (as opened). */
static int64_t weighed(World *w, int64_t one, int64_t two)
{
    static const char *const numbers[] = { "weight", "prior", "withheld", "overlap" };
    Err   err = { 0 };
    Json *body = json_new_object();
    json_set_int(body, "other", one < two ? two : one);
    FOR_EACH(n, numbers)
        json_set_int(body, *n, 0);
    json_set_text(body, "model", "test");
    json_set_text(body, "outcome", "review");
    json_set_text(body, "reason", "The same town");
    json_set(body, "aspects", json_new_list());
    CHECK_OK(
        ledger_record(w->app.ledger, &w->hand, "link.suggested", one < two ? one : two, body, NULL, &err),
        &err);
    return number(w, "SELECT max(id) FROM link_pair WHERE id > $1", 0);
}

/* Of one pair nobody could say; the other waits. */
static void weigh_pairs(World *w, int64_t nominal, int64_t kept)
{
    Err     err = { 0 };
    int64_t merged = number(w, "SELECT min(merged) FROM merge WHERE kept = $1", kept);
    CHECK_OK(pair_decide(w->app.ledger, &w->hand, weighed(w, nominal, merged), "cannot-say", "Not enough",
                         &w->decision, &err), &err);
    w->pair = ref_write(&w->mem, 'T', weighed(w, nominal, kept));
    w->kept = ref_write(&w->mem, 'N', kept);
}

/* One of each kind of record, all held by the same force. */
static void pick_records(World *w)
{
    Err     err = { 0 };
    int64_t child = number(w,
                           "SELECT min(c.id) FROM child c JOIN nominal n ON n.id = c.nominal AND n.force = "
                           "c.force"
                           " WHERE (SELECT count(*) FROM nominal o WHERE o.force = c.force) > 2"
                           " AND n.suggested <> '' AND EXISTS (SELECT 1 FROM check_open k WHERE k.nominal = "
                           "n.id)"
                           " AND c.id > $1",
                           0);
    int64_t nominal = number(w, "SELECT nominal FROM child WHERE id = $1", child), package = 0;
    w->force[HOLDS] = number(w, "SELECT force FROM nominal WHERE id = $1", nominal);
    w->force[OTHER] =
        number(w, "SELECT max(id) FROM agency WHERE kind = 'force' AND id <> $1", w->force[HOLDS]);
    int64_t kept = number(w,
                          "SELECT min(id) FROM nominal WHERE force = (SELECT force FROM child WHERE id = $1)"
                          " AND id <> (SELECT nominal FROM child c WHERE c.id = $1)",
                          child);
    int64_t merged = number(w,
                            "SELECT n.id FROM nominal n JOIN nominal k ON k.id = $1 AND k.force = n.force "
                            "AND n.id > k.id"
                            " WHERE NOT EXISTS (SELECT 1 FROM child c WHERE c.nominal = n.id) ORDER BY n.id "
                            "LIMIT 1",
                            kept);
    CHECK_OK(nominal_merge(w->app.ledger, &w->hand, kept, merged, "The same phone", &err), &err);
    CHECK_OK(band_decide(w->app.ledger, w->app.db, w->app.rules, &w->hand, nominal, "very-high",
                         "Lives with a child", &err),
             &err);
    CHECK_OK(package_build(w->app.ledger, w->app.db, w->app.rules, &w->hand, nominal, &package, &err), &err);
    CHECK_OK(package_send(w->app.ledger, w->app.db, w->app.rules, &w->hand, package, &err), &err);
    w->nominal = ref_write(&w->mem, 'N', nominal);
    w->child = ref_write(&w->mem, 'C', child);
    w->exhibit = ref_write(&w->mem, 'X',
                           number(w,
                                  "SELECT min(a.id) FROM action a JOIN nominal n ON n.id = a.nominal AND "
                                  "n.restricted = 0"
                                  " WHERE a.kind = 'exhibit' AND a.corrected_by IS NULL AND a.force = $1 "
                                  "HAVING min(a.id) > 0",
                                  w->force[HOLDS]));
    w->package = ref_write(&w->mem, 'P', package);
    w->check =
        ref_write(&w->mem, 'K', number(w, "SELECT min(id) FROM check_open WHERE nominal = $1", nominal));
    w->referral =
        ref_write(&w->mem, 'R', number(w, "SELECT min(referral) FROM sighting WHERE nominal = $1", nominal));
    w->match = ref_write(&w->mem, 'M', number(w,
                         "SELECT min(h.id) FROM file_hash h JOIN sighting s ON s.referral = h.referral"
                         " JOIN nominal n ON n.id = s.nominal AND n.restricted = 0 WHERE n.force = $1"
                         " AND NOT EXISTS (SELECT 1 FROM sighting o JOIN nominal m ON m.id = o.nominal"
                         "  WHERE o.referral = h.referral AND m.force IS NOT n.force) HAVING min(h.id) > 0",
                         w->force[HOLDS]));
    match_something(w);
    w->file = ref_write(&w->mem, 'F', number(w, "SELECT min(id) FROM received_file WHERE id > $1", 0));
    w->link = number(w, "SELECT min(id) FROM link WHERE nominal = $1", nominal);
    w->attribution = number(w, "SELECT min(id) FROM attribution WHERE nominal = $1", nominal);
    w->merge = number(w, "SELECT min(id) FROM merge WHERE kept = $1", kept);
    weigh_pairs(w, nominal, kept);
    w->clock = number(w, "SELECT min(id) FROM clock WHERE stopped IS NULL AND agency = $1", w->force[HOLDS]);
}

static void ask_people_in(World *w)
{
    static const char *const side[SIDES] = { "holds", "other" };
    Err     err = { 0 };
    int64_t id = 0;
    for (Role role = ROLE_NONE + 1; role < ROLE__COUNT; role++)
        for (int at = 0; at < SIDES; at++) {
            Agency agency;
            CHECK_OK(agency_by_id(w->app.db, &w->mem, w->force[at], &agency, &err), &err);
            if (at == HOLDS)
                w->force_name = agency.short_id;
            const char *login = str_fmt(&w->mem, "%s-%s", role_key(role), side[at]);
            NewPerson who = { login, "A Person", agency.short_id, role };
            CHECK_OK(person_add(w->app.ledger, &w->hand, &who, &id, &err), &err);
            CHECK_OK(person_set_password_at(w->app.ledger, &w->hand, id, TESTING_PASSWORD, false,
                                            (PasswordCost){ 1, 8192 }, &err), &err);
            w->askers[role][at].login = login;
        }
    w->person = ref_write(&w->mem, 'U', id);
}

static void world_make(World *w)
{
    Err     err = { 0 };
    size_t  added = 0;
    int64_t coordinator = 0;
    testing_folder(&w->t);
    AppOptions opt = { .db_path = w->t.path, .create = true, .unsafe_fast = true, .fixed_now = TESTING_NOW };
    NewPerson first = { "first", "A Coordinator", "coordinator", ROLE_COORDINATOR };
    CHECK_OK(app_open(&opt, &w->app, &err), &err);
    w->app.log.fd = -1;
    w->hand.at = TESTING_NOW;
    CHECK_OK(ledger_found(w->app.ledger, "muster/test", TESTING_NOW, &err), &err);
    CHECK_OK(access_add_agencies(w->app.ledger, &w->hand, embedded_str(embedded_find("data/agencies.csv")),
                                 &added, &err),
             &err);
    CHECK_OK(person_add(w->app.ledger, &w->hand, &first, &coordinator, &err), &err);
    Viewer viewer;
    CHECK_OK(viewer_by_id(w->app.db, &w->mem, coordinator, &viewer, &err), &err);
    w->hand = viewer_hand(&viewer, 0, TESTING_NOW);
    simulate(w);
    pick_records(w);
    ask_people_in(w);
}

/* ---- asking ---- */

static const char *param_value(World *w, const char *path, const char *name)
{
    const struct { const char *under, *name, *value; } values[] = {
        { "/assets/", "name", "muster.css" },
        { "/attributions/", "id", str_fmt(&w->page, "%lld", (long long)w->attribution) },
        { "/checks/", "ref", w->check },
        { "/children/", "ref", w->child },
        { "/clocks/", "id", str_fmt(&w->page, "%lld", (long long)w->clock) },
        { "/exhibits/", "ref", w->exhibit },
        { "/figures/", "measure", "arrests" },
        { "/forces/", "id", w->force_name },
        { "/held/", "ref", w->held },
        { "/intake/", "ref", w->file },
        { "/jobs/", "ref", w->job },
        { "/ledger/", "seq", "5" },
        { "/links/decisions/", "id", str_fmt(&w->page, "%lld", (long long)w->decision) },
        { "/links/explain/", "one", w->nominal },
        { "/links/explain/", "two", w->kept },
        { "/links/review/", "ref", w->pair },
        { "/links/", "id", str_fmt(&w->page, "%lld", (long long)w->link) },
        { "/matches/", "ref", w->match },
        { "/merges/", "id", str_fmt(&w->page, "%lld", (long long)w->merge) },
        { "/nominals/", "ref", w->nominal },
        { "/packages/", "ref", w->package },
        { "/people/", "ref", w->person },
        { "/referrals/", "ref", w->referral },
    };
    FOR_EACH(v, values)
    if (str_starts(path, v->under) && str_same(v->name, name))
        return v->value;
    fail_msg("%s: this test must learn what :%s is", path, name);
    return NULL;
}

static const char *address(World *w, const char *path)
{
    StrBuf buf = { .mem = &w->page };
    for (const char *at = path; *at;) {
        if (*at != ':' && *at != '*') {
            buf_char(&buf, *at++);
            continue;
        }
        size_t len = strcspn(at + 1, "/");
        buf_add(&buf, param_value(w, path, str_copy_n(&w->page, at + 1, len)));
        at += 1 + len;
    }
    return buf_text(&buf);
}

static Response ask(World *w, Method method, const char *path, const Asker *asker, bool json)
{
    Err      err = { 0 };
    Response out;
    WebTry   t = { .method = method, .path = path, .session_token = asker->session.token, .json = json };
    CHECK_OK(web_try(&w->app, w->app.db, &w->page, &t, &out, &err), &err);
    return out;
}

/* A new session each time one was ended by what was asked. */
static void signed_in(World *w, Asker *asker)
{
    Err     err = { 0 };
    Session s;
    if (asker->session.person &&
        session_find(w->app.db, &w->page, asker->session.token, TESTING_NOW, &s, &asker->viewer, &err))
        return;
    err_clear(&err);
    CHECK_OK(session_start(w->app.ledger, &w->mem, asker->login, TESTING_PASSWORD, "", TESTING_NOW,
                           &asker->session, &err),
             &err);
    for (int json = 0; json < 2; json++) {
        Response out = ask(w, GET, "/no/such/address", asker, json);
        CHECK_INT(out.status, 404);
        asker->missing[json] = str_from(&w->mem, out.body);
    }
}

static bool reaches(World *w, const Route *route, Asker *asker)
{
    arena_reset(&w->page);
    signed_in(w, asker);
    const char *path = address(w, route->path);
    Response out = ask(w, route->method, path, asker, false);
    if (out.status != 404)
        return out.status != 403 && !(out.status == 303 && str_starts(url_text(out.redirect), "/sign-in?"));
    signed_in(w, asker);
    if (!str_eq(out.body, str_of(asker->missing[0])))
        fail_msg("%s, refused to %s, does not look like an address that is not there", path, asker->login);
    out = ask(w, route->method, path, asker, true);
    if (out.status != 404 || !str_eq(out.body, str_of(asker->missing[1])))
        fail_msg("%s as JSON, refused to %s, does not look like an address that is not there", path,
                 asker->login);
    return false;
}

/* ---- the table ---- */

/* Addresses of one record that a force holds. The others are lists and boards, which show each agency its
 * own; a force's page is one of them: whoever sees the picture sees its counts, and its lists are filtered.
 */
static bool is_record(const Route *route)
{
    static const char *const under[] = { "/attributions/", "/checks/",   "/children/", "/clocks/",
                                         "/exhibits/",     "/links/",    "/merges/",   "/nominals/",
                                         "/packages/",     "/referrals/" };
    FOR_EACH(u, under)
    if (str_starts(route->path, *u) && strchr(route->path, ':'))
        return true;
    return false;
}

static const char *cell(World *w, const Route *route, Role role)
{
    bool  got[SIDES];
    Reach reach = permission_reach(role, route->needs);
    for (int at = 0; at < SIDES; at++)
        got[at] = reaches(w, route, &w->askers[role][at]);
    if (reach == REACH_NONE && (got[HOLDS] || got[OTHER]))
        fail_msg("%s: a %s reaches it without %s", route->path, role_name(role),
                 permission_name(route->needs));
    if (reach == REACH_OWN && is_record(route) && got[OTHER])
        fail_msg("%s: a %s of another force reaches this force's record", route->path, role_name(role));
    if (reach == REACH_ALL && got[HOLDS] != got[OTHER])
        fail_msg("%s: a %s who sees all meets a difference", route->path, role_name(role));
    if (!got[HOLDS])
        return "-";
    return reach == REACH_OWN ? "own" : "all";
}

static const char *table_make(World *w)
{
    StrBuf buf = { .mem = &w->mem };
    buf_add(&buf, "# Who may ask for what\n\n"
                  "Written by `src/web/routes_test.c` (`MUSTER_WRITE_TABLES=1`), which asks for every "
                  "address as every "
                  "role and refuses\nany change here that nobody wrote down. `all`: every record; `own`: "
                  "those of the "
                  "person's own agency; `-`: looks like an\naddress that does not exist.\n\n| | Address | "
                  "Permission |");
    for (Role role = ROLE_NONE + 1; role < ROLE__COUNT; role++)
        buf_fmt(&buf, " %s |", role_name(role));
    buf_add(&buf, "\n|---|---|---|");
    for (Role role = ROLE_NONE + 1; role < ROLE__COUNT; role++)
        buf_add(&buf, "---|");
    for (int method = GET; method <= POST; method++) /* looking first: it changes nothing that others meet */
        for (size_t i = 0; i < web_route_count; i++) {
            const Route *route = &web_routes[i];
            if (route->method != (Method)method)
                continue;
            buf_fmt(&buf, "\n| %s | `%s` | %s |", method == POST ? "POST" : "GET", route->path,
                    permission_name(route->needs));
            for (Role role = ROLE_NONE + 1; role < ROLE__COUNT; role++)
                buf_fmt(&buf, " %s |", cell(w, route, role));
        }
    buf_char(&buf, '\n');
    return buf_text(&buf);
}

TEST(each_role_reaches_what_the_table_says)
{
    CLEANUP(world_done) World w = { 0 };
    Err err = { 0 };
    Str kept = { "", 0 };
    world_make(&w);
    const char *table = table_make(&w);
    if (getenv("MUSTER_WRITE_TABLES"))
        CHECK_OK(file_write(table_path, str_of(table), &err), &err);
    CHECK_OK(file_read(&w.mem, table_path, 1 << 20, &kept, &err), &err);
    CHECK_TEXT(table, str_from(&w.mem, kept));
}

TEST_MAIN(each_role_reaches_what_the_table_says)
