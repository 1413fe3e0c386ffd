/* testing.h: a ledger with agencies and people in it, for the tests of this folder and those below it.
 *
 *   CLEANUP(crew_done) Crew c = {0};
 *   crew_open(&c, (const Kind *const[]){ ledger_kinds, access_kinds, NULL }); */
#pragma once
#include <unistd.h>
#include "base/test.h"
#include "access/access.h"
#include "access/password.h"
#include "store/store_testing.h"

#define TEST_NOW   (date_start_utc(date_of(2026, 5, 14)) + 10 * US_PER_HOUR)
#define TEST_CHEAP ((PasswordCost){ 1, 64 * 1024 })

typedef struct Crew {
    TestStore temp;
    Store    *store;
    Ledger   *ledger;
    Db       *db;
    Arena     mem;
    Kinds     kinds;
    Hand      hand;
    int64_t   coordinator, researcher, officer, supervisor, other_officer;
    int64_t   unit, cheshire, gwent, empty;      /* agencies; empty has no people */
} Crew;

static const char crew_agencies[] =
    "short_id,kind,ons_code,name,tile,nation,tile_row,tile_column\r\n"
    "coordinator,coordinator,,National Coordination Unit,NCU,uk,,\r\n"
    "cheshire,force,E23000006,Cheshire Constabulary,Cheshire,england,5,5\r\n"
    "gwent,force,W15000002,Gwent Police,Gwent,wales,7,4\r\n"
    "kent,force,E23000032,Kent Police,Kent,england,10,8\r\n";

static inline int64_t crew_agency(Crew *c, const char *short_id)
{
    Err err = {0};
    Agency a;
    CHECK_OK(agency_by_short(c->db, &c->mem, short_id, &a, &err), &err);
    return a.id;
}

static inline int64_t crew_person(Crew *c, const char *login, const char *agency, Role role)
{
    Err err = {0};
    int64_t id = 0;
    NewPerson p = { login, str_fmt(&c->mem, "Name of %s", login), agency, role };
    CHECK_OK(person_add(c->ledger, &c->hand, &p, &id, &err), &err);
    return id;
}

static inline void crew_open(Crew *c, const Kind *const *tables)
{
    Err err = {0};
    size_t added = 0;
    testing_folder(&c->temp);
    c->kinds = (Kinds){ tables };
    c->hand.at = TEST_NOW;
    CHECK_OK(store_open(c->temp.path, (StoreOptions){ .create = true, .unsafe_fast = true }, &c->store, &err),
             &err);
    CHECK_OK(ledger_open(c->store, &c->kinds, &c->ledger, &err), &err);
    CHECK_OK(ledger_found(c->ledger, "muster/test", TEST_NOW, &err), &err);
    CHECK_OK(store_reader(c->store, &c->db, &err), &err);
    CHECK_OK(access_add_agencies(c->ledger, &c->hand, str_of(crew_agencies), &added, &err), &err);
    CHECK_INT(added, 4);
    c->unit = crew_agency(c, "coordinator");
    c->cheshire = crew_agency(c, "cheshire");
    c->gwent = crew_agency(c, "gwent");
    c->empty = crew_agency(c, "kent");
    c->coordinator = crew_person(c, "c.dale", "coordinator", ROLE_COORDINATOR);
    c->researcher = crew_person(c, "r.moss", "coordinator", ROLE_RESEARCHER);
    c->officer = crew_person(c, "o.shaw", "cheshire", ROLE_FORCE_OFFICER);
    c->supervisor = crew_person(c, "s.penn", "cheshire", ROLE_FORCE_SUPERVISOR);
    c->other_officer = crew_person(c, "o.rees", "gwent", ROLE_FORCE_OFFICER);
}

static inline Viewer crew_viewer(Crew *c, int64_t person)
{
    Err err = {0};
    Viewer v;
    CHECK_OK(viewer_by_id(c->db, &c->mem, person, &v, &err), &err);
    return v;
}

/* Replaying every fact must give the same tables. */
static inline void crew_replay(Crew *c)
{
    Err err = {0};
    Difference *differences = NULL;
    size_t count = 0;
    const char *to = str_fmt(&c->mem, "%s.again", c->temp.path);
    unlink(to);                                     /* of the time before */
    CHECK_OK(ledger_rebuild(c->store, &c->kinds, to, &c->mem, NULL, NULL, &differences, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        print_error("replay differs: %s, %d and %d rows\n", differences[i].table,
                    (int)differences[i].rows_kept, (int)differences[i].rows_replayed);
    CHECK_INT(count, 0);
}

static inline void crew_done(Crew *c)
{
    if (!c->store)
        return;
    store_reader_close(c->db);
    store_close(c->store);
    ledger_close(c->ledger);
    arena_done(&c->mem);
    testing_done(&c->temp);
    *c = (Crew){0};
}
