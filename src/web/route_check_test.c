#include "web/web.h"
#include "base/test.h"

static bool nothing(Request *r, Response *out, Err *err)
{
    (void)r, (void)out, (void)err;
    return true;
}

#define GOOD { GET, "/a", PERM_PICTURE_READ, EVENT_BOARD, nothing, "A page", "" }

static const struct { const char *name, *told; Route row; } bad[] = {
    { "no permission",        "names no permission",   { GET, "/b", PERM_UNSET, EVENT_BOARD, nothing, "B", "" } },
    { "no event",             "names no ledger event", { GET, "/b", PERM_PICTURE_READ, EVENT_UNSET, nothing, "B", "" } },
    { "no handler",           "no handler",            { GET, "/b", PERM_PICTURE_READ, EVENT_BOARD, NULL, "B", "" } },
    { "no path",              "slash",                 { GET, "b", PERM_PICTURE_READ, EVENT_BOARD, nothing, "B", "" } },
    { "the same twice",       "twice",                 GOOD },
    { "a change on a GET",    "on a GET",              { GET, "/b", PERM_PICTURE_READ, EVENT_CHANGE, nothing, "B", "" } },
    { "a POST without event", "does not say so",       { POST, "/b", PERM_PICTURE_READ, EVENT_BOARD, nothing, "B", "" } },
    { "unlogged, not public", "not public",            { GET, "/b", PERM_PICTURE_READ, EVENT_NONE_PUBLIC, nothing, "B", "" } },
    { "unexplained",          "what it is for",        { GET, "/b", PERM_PICTURE_READ, EVENT_BOARD, nothing, "", "" } },
    { "beyond the table",     "names no permission",   { GET, "/b", PERM__COUNT, EVENT_BOARD, nothing, "B", "" } },
};

TEST(a_forgotten_cell_stops_the_server)
{
    FOR_EACH(b, bad)
    {
        Err err = { 0 };
        const Route routes[] = { GOOD, b->row };
        if (web_check_routes(routes, COUNT_OF(routes), &err) || !strstr(err.told, b->told) ||
            !strstr(err.told, "Route 2"))
            fail_msg("%s: %s", b->name, err.told);
        CHECK_INT(err.kind, ERR_BUG);
    }
}

TEST(the_same_path_may_be_read_and_changed)
{
    Err err = { 0 };
    const Route routes[] = { GOOD, { POST, "/a", PERM_PICTURE_READ, EVENT_CHANGE, nothing, "Change", "" } };
    CHECK_OK(web_check_routes(routes, COUNT_OF(routes), &err), &err);
}

TEST(the_service_itself_may_start)
{
    Err err = { 0 };
    CHECK_OK(web_check_routes(web_routes, web_route_count, &err), &err);
}

TEST_MAIN(a_forgotten_cell_stops_the_server, the_same_path_may_be_read_and_changed,
          the_service_itself_may_start)
