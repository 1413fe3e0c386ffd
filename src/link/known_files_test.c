/* Which reported files known sets hold: benign ones first, whatever arrives when. */
#include "link/testing.h"

static const Kind *const tables[] = { FIELD_KINDS, NULL };

#define MD5_A "0cc175b9c0f1b6a831c399e269772661"
#define MD5_B "92eb5ffee6ae2fec3ad71c777531578f"
#define MD5_C "4a8a08f09d37b73795649038408b5f33"
#define EVENTS "event_ref,account,service,ip_address,seen_at,md5\n"
#define SETS "md5,grade,scale,series,votes,kind,set_name,set_version\n"
static const char events[] = EVENTS "E1,one,chat.example,192.0.2.1,2026-03-01T10:00:00Z," MD5_A "\n"
                                    "E2,one,chat.example,192.0.2.1,2026-03-02T10:00:00Z," MD5_B "\n"
                                    "E3,two,chat.example,192.0.2.2,2026-03-02T10:00:00Z," MD5_C "\n";
static const char known[] = SETS MD5_A ",A,UK,series-1,2,known,Known,1\n" MD5_B ",B,UK,,5,known,Known,1\n"
                                 MD5_C ",C,UK,,3,known,Known,1\n";
static const char benign[] = SETS MD5_C ",none,UK,,,benign,Harmless,1\n";

static size_t match_all(Ground *g)
{
    Err err = {0};
    size_t looked = 0;
    CHECK_OK(match_pending(g->c.ledger, g->c.db, &g->hand, &looked, &err), &err);
    return looked;
}

static MatchRow *matches_of(Ground *g, const char *ref, size_t *count)
{
    Err err = {0};
    MatchRow *rows = NULL;
    CHECK_OK(match_of_nominal(g->c.db, &g->c.mem, ground_who(g, ref), &rows, count, &err), &err);
    return rows;
}

static int64_t known_files(Ground *g, const char *ref)
{
    static const Sql sql = { "t.known", "SELECT known_files FROM nominal WHERE id = $1" };
    Err err = {0};
    int64_t n = 0;
    bool found = false;
    CHECK_OK(db_int(g->c.db, &sql, VALUES(sql_int(ground_who(g, ref))), &n, &found, &err), &err);
    return n;
}

static void check_outcome(Ground *g)
{
    size_t count = 0;
    MatchRow *rows = matches_of(g, "E1", &count);
    CHECK_INT(count, 2);
    CHECK_TEXT(rows[0].grade, "A");
    CHECK_TEXT(rows[0].series, "series-1");
    CHECK(rows[0].provisional);
    CHECK(!rows[1].provisional);
    CHECK_INT(known_files(g, "E1"), 2);
    rows = matches_of(g, "E3", &count);
    CHECK_INT(count, 1);
    CHECK_TEXT(rows[0].set, "Harmless");
    CHECK_INT(known_files(g, "E3"), 0);
    CHECK_INT(match_all(g), 0);
    crew_replay(&g->c);
}

/* Every order of arrival of files, sets and links must end alike. */
TEST(the_order_of_files_sets_and_links_changes_nothing)
{
    static const char orders[][7] = { "ekbml", "kbeml", "emlkb", "embmkl", "kelmb", "elmkmb" };
    FOR_EACH(order, orders) {
        Ground g;
        ground_open(&g, tables);
        for (size_t i = 0; i < sizeof *order && (*order)[i]; i++)
            switch ((*order)[i]) {
            case 'e': ground_take(&g, "e.csv", events); break;
            case 'k': ground_take(&g, "k.csv", known); break;
            case 'b': ground_take(&g, "b.csv", benign); break;
            case 'm': match_all(&g); break;
            case 'l': ground_link(&g); break;
            }
        match_all(&g);
        check_outcome(&g);
        ground_done(&g);
    }
}

TEST(sets_are_listed_with_their_size)
{
    Ground g;
    Err err = {0};
    HashSetRow *sets = NULL;
    size_t count = 0;
    ground_open(&g, tables);
    ground_take(&g, "k.csv", known);
    ground_take(&g, "b.csv", benign);
    CHECK_OK(hashset_list(g.c.db, &g.c.mem, &sets, &count, &err), &err);
    CHECK_INT(count, 2);
    CHECK_TEXT(sets[0].name, "Harmless");
    CHECK_INT(sets[1].entries, 3);
    ground_done(&g);
}

TEST_MAIN(the_order_of_files_sets_and_links_changes_nothing, sets_are_listed_with_their_size)
