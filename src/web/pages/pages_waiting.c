/* pages_waiting.c: the board: what waits, on whom, until when; pausing with a reason. */
#include "base/zone.h"
#include "web/pages/page_parts.h"

enum { BOARD_ROWS = 50 };

typedef struct Board {
    WaitingRow *rows;
    size_t count;
    Agency agency;
    bool late;
} Board;

static bool fetch(Request *r, Board *b, Err *err)
{
    WaitingFilter f = { .operation = r->operation.id,
                        .now = r->now,
                        .limit = BOARD_ROWS + 1,
                        .agency = viewer_scope(&r->viewer, PERM_WAITING_READ),
                        .collapsed = true,
                        .late_only = request_query(r, "late") != NULL };
    const char *agency = request_query(r, "agency"), *after = request_query(r, "after");
    *b = (Board){ .late = f.late_only };
    if (!str_blank(agency)) {
        if (!agency_by_short(r->db, r->mem, agency, &b->agency, err))
            return false;
        if (f.agency && f.agency != b->agency.id)
            return err_set(err, ERR_NOT_FOUND, "There is no such page.");
        f.agency = b->agency.id;
    }
    if (after && !str_int(str_of(after), 1, INT64_MAX, &f.after_id))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    return waiting_list(r->db, r->mem, r->app->rules, &f, &b->rows, &b->count, err);
}

static void draw(const Request *r, Response *out, const Board *b)
{
    Html h = html_new(r->mem);
    Page page = request_page(
        r, b->agency.id ? str_fmt(r->mem, "Waiting on %s", b->agency.name) : "What is waiting", NAV_QUEUE);
    size_t shown = b->count > BOARD_ROWS ? BOARD_ROWS : b->count;
    const SubNavItem tabs[] = { { "Everything", url_lit("/waiting"), !b->late },
                                { "Past its time", url_query(r->mem, url_lit("/waiting"), "late", "1"),
                                  b->late },
                                { "Queue by risk", url_lit("/queue"), false } };
    page_begin(&h, &page);
    sub_navigation(&h, "Boards", tabs, COUNT_OF(tabs));
    live_open(&h, "waiting", url_lit("/live/picture"));
    waiting_table(&h, b->rows, shown, r->now,
                  b->late ? "Nothing is past its time." : "Nothing waits. Every item has been dealt with.");
    Url next = { 0 };
    if (b->count > shown && shown)
        next = url_query(r->mem, url_lit("/waiting"), "late", b->late ? "1" : NULL, "agency",
                         b->agency.id ? b->agency.short_id : NULL, "after",
                         str_fmt(r->mem, "%lld", (long long)b->rows[shown - 1].id));
    pagination_keyset(&h, (Url){ 0 }, next);
    live_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_waiting(Request *r, Response *out, Err *err)
{
    Board b;
    if (!fetch(r, &b, err))
        return false;
    if (r->wants_json)
        respond_json(r, out,
                     waiting_json(r->mem, b.rows, b.count > BOARD_ROWS ? BOARD_ROWS : b.count, r->now));
    else
        draw(r, out, &b);
    return true;
}

/* Someone else's clock is not found, like everything that is not theirs. */
static bool clock_named(Request *r, WaitingRow *out, Err *err)
{
    int64_t id = 0;
    if (!str_int(str_of(request_param(r, "id")), 1, INT64_MAX, &id) ||
        !clock_read(r->db, r->mem, r->app->rules, id, r->now, out, err) ||
        !viewer_may_on(&r->viewer, PERM_CLOCK_PAUSE, out->agency))
        return err_set(err, ERR_NOT_FOUND, "There is no such clock.");
    return true;
}

bool page_clock_pause(Request *r, Response *out, Err *err)
{
    WaitingRow clock;
    Hand hand = request_hand(r);
    const char *reason = request_form(r, "reason");
    if (!clock_named(r, &clock, err))
        return false;
    if (!reason)
        return err_set(err, ERR_INVALID, "Say why the clock is paused.");
    if (!clock_pause(r->app->ledger, &hand, clock.id, reason, err))
        return false;
    respond_redirect(r, out, url_lit("/waiting"), "The clock is paused.");
    return true;
}

bool page_clock_resume(Request *r, Response *out, Err *err)
{
    WaitingRow clock;
    Hand hand = request_hand(r);
    if (!clock_named(r, &clock, err) || !clock_resume(r->app->ledger, &hand, clock.id, err))
        return false;
    respond_redirect(r, out, url_lit("/waiting"), "The clock runs again.");
    return true;
}
