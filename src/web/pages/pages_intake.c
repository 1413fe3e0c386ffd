/* pages_intake.c: received files with their balance; what was rejected and why; taking a file in; known-file
 * sets. */
#include "intake/import.h"
#include "intake/intake_view.h"
#include "base/ref.h"
#include "web/pages/page_parts.h"

enum { INTAKE_ROWS = 50 };

static const struct {
    const char *state, *says, *colour;
} file_states[] = {
    { "finished", "Read to the end", "green" },
    { "reading", "Being read", "blue" },
    { "refused", "Refused", "red" },
};

static void state_tag(Html *h, const char *state)
{
    FOR_EACH (s, file_states)
        if (str_same(s->state, state)) {
            tag(h, s->says, s->colour);
            return;
        }
    tag(h, state, NULL);
}

static const char *size_text(Arena *mem, int64_t bytes)
{
    static const struct {
        int64_t bytes;
        const char *unit;
    } units[] = { { INT64_C(1) << 30, "GB" }, { INT64_C(1) << 20, "MB" }, { INT64_C(1) << 10, "kB" } };
    FOR_EACH (u, units)
        if (bytes >= u->bytes)
            return str_fmt(mem, "%.1f %s", (double)bytes / (double)u->bytes, u->unit);
    return str_fmt(mem, "%lld bytes", (long long)bytes);
}

/* Checked by the database itself. */
static void balance(Html *h, const ReceivedFile *f)
{
    balance_line(h, "received", (Balance){ f->received, f->taken, f->merged, f->rejected, f->pending });
}

static ReceivedFile sum_of(const ReceivedFile *rows, size_t count)
{
    ReceivedFile all = { 0 };
    for (size_t i = 0; i < count; i++) {
        all.received += rows[i].received;
        all.taken += rows[i].taken;
        all.merged += rows[i].merged;
        all.rejected += rows[i].rejected;
        all.pending += rows[i].pending;
    }
    return all;
}

static Json *file_json(Arena *mem, const ReceivedFile *f)
{
    Json *j = json_new_object();
    json_set_text(j, "file", ref_write(mem, 'F', f->id));
    json_set_text(j, "name", f->name);
    json_set_text(j, "format", f->format);
    json_set_text(j, "state", f->state);
    json_set_text(j, "at", instant_iso(mem, f->at));
    json_set_text(j, "sha256", f->source_digest);
    json_set_text(j, "stored_sha256", f->stored_digest);
    json_set_int(j, "bytes", f->source_bytes);
    json_set_int(j, "received", f->received);
    json_set_int(j, "taken", f->taken);
    json_set_int(j, "merged", f->merged);
    json_set_int(j, "rejected", f->rejected);
    json_set_int(j, "pending", f->pending);
    json_set_int(j, "media_dropped", f->media_dropped);
    return j;
}

/* ---- the list ---- */
static void draw_file_row(Html *h, const ReceivedFile *f)
{
    table_row(h);
    table_cell_open(h, NULL);
    subject_link(h, 'F', f->id);
    html_open(h, EL_BR);
    html_text(h, f->name);
    table_cell_close(h);
    table_cell_open(h, NULL);
    html_text(h, f->format);
    html_open(h, EL_BR);
    why(h, size_text(h->mem, f->source_bytes));
    table_cell_close(h);
    table_cell_open(h, NULL);
    balance(h, f);
    if (f->media_dropped) {
        html_open(h, EL_BR);
        why(h, str_fmt(h->mem, "%lld media items taken out before storing", (long long)f->media_dropped));
    }
    table_cell_close(h);
    table_cell_open(h, NULL);
    state_tag(h, f->state);
    html_open(h, EL_BR);
    instant_text(h, f->at);
    html_open(h, EL_BR);
    why(h, f->owner_name);
    table_cell_close(h);
    table_row_end(h);
}

static void draw_files(Html *h, const ReceivedFile *rows, size_t shown)
{
    static const TableColumn columns[] = {
        { .text = "File" }, { .text = "Format" }, { .text = "Every row accounted for" }, { .text = "State" }
    };
    for (size_t i = 0; i < shown; i++)
        if (str_same(rows[i].state, "reading"))
            progress_bar(h, str_fmt(h->mem, "%s, bytes read", rows[i].name), rows[i].read_bytes,
                         rows[i].stored_bytes);
    if (!shown) {
        empty_note(h, "No files have been taken in yet. Reports, lists, answers and returns all come in "
                      "here.");
        return;
    }
    table_open(h, &(Table){ .classes = "m-wait", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < shown; i++)
        draw_file_row(h, &rows[i]);
    table_close(h);
}

static void draw_upload(Html *h)
{
    details_open(h, &(Details){ .summary = "Take a file in" });
    form_open_with(h, &(Form){ .action = url_lit("/intake"), .multipart = true });
    file_upload(h, &(FileUpload){ .id = "file",
                                  .name = "file",
                                  .label = "File",
                                  .hint = "Reports (XML), or a list, answers, register, returns or "
                                          "known-file "
                                          "set (CSV). Media inside is removed before anything is stored. The "
                                          "same file twice changes nothing.",
                                  .accept = ".xml,.csv" });
    button_submit(h, "Take it in");
    form_close(h);
    details_close(h);
}

static void draw_list(const Request *r, Response *out, const ReceivedFile *rows, size_t count, bool first)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, "Intake", NAV_INTAKE);
    size_t shown = count > INTAKE_ROWS ? INTAKE_ROWS : count;
    ReceivedFile all = sum_of(rows, shown);
    const SubNavItem tabs[] = { { "Received files", url_lit("/intake"), true },
                                { "Known-file sets", url_lit("/hashsets"), false },
                                { "Held hashes", url_lit("/held"), false },
                                { "Jobs", url_lit("/jobs"), false } };
    page_begin(&h, &page);
    sub_navigation(&h, "Intake", tabs, COUNT_OF(tabs));
    if (viewer_may(&r->viewer, PERM_INTAKE_IMPORT) && r->operation.id)
        draw_upload(&h);
    if (!r->operation.id)
        empty_note(&h, "No operation is open, so nothing can be taken in.");
    live_open(&h, "intake", url_lit("/live/intake"));
    if (shown) {
        html_open(&h, EL_P, ATTR_CLASS, "govuk-body");
        html_leaf(&h, EL_B, first && count == shown ? "All files: " : "These files: ");
        balance(&h, &all);
        html_close(&h, EL_P);
    }
    draw_files(&h, rows, shown);
    live_close(&h);
    Url next = { 0 };
    if (count > shown)
        next = url_query(r->mem, url_lit("/intake"), "after", ref_write(r->mem, 'F', rows[shown - 1].id));
    pagination_keyset(&h, (Url){ 0 }, next);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

bool page_intake(Request *r, Response *out, Err *err)
{
    ReceivedFile *rows = NULL;
    size_t count = 0;
    int64_t before = 0;
    const char *after = request_query(r, "after");
    if (after && !ref_read(str_of(after), 'F', &before, err))
        return err_set(err, ERR_NOT_FOUND, "There is no such page.");
    if (!received_list(r->db, r->mem, r->operation.id, before, INTAKE_ROWS + 1, &rows, &count, err))
        return false;
    if (!r->wants_json) {
        draw_list(r, out, rows, count, !after);
        return true;
    }
    Json *j = json_new_object(), *list = json_new_list();
    for (size_t i = 0; i < count && i < INTAKE_ROWS; i++)
        json_push(list, file_json(r->mem, &rows[i]));
    json_set(j, "files", list);
    if (count > INTAKE_ROWS)
        json_set_text(j, "after", ref_write(r->mem, 'F', rows[INTAKE_ROWS - 1].id));
    respond_json(r, out, j);
    return true;
}

/* ---- one file ---- */
static void shown_of(Html *h, size_t shown, int64_t all)
{
    if ((int64_t)shown < all)
        html_p(h, str_fmt(h->mem, "The first %zu of %lld are shown.", shown, (long long)all));
}

static void draw_rejected(Html *h, const ReceivedFile *f, const ReceivedRows *rows)
{
    static const TableColumn columns[] = { { .text = "Line", .numeric = true }, { .text = "Why" } };
    heading(h, EL_H2, "m", "Rejected rows");
    if (!rows->rejected_count) {
        empty_note(h, "Every row could be read.");
        return;
    }
    shown_of(h, rows->rejected_count, f->rejected);
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < rows->rejected_count; i++) {
        table_row(h);
        table_cell_num(h, rows->rejected[i].line);
        table_cell(h, rows->rejected[i].reason);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_pending(Html *h, const ReceivedFile *f, const ReceivedRows *rows)
{
    static const TableColumn columns[] = { { .text = "Line", .numeric = true },
                                           { .text = "Why" },
                                           { .text = "Waits for" } };
    if (!f->pending)
        return;
    heading(h, EL_H2, "m", "Rows that wait");
    shown_of(h, rows->pending_count, f->pending);
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < rows->pending_count; i++) {
        table_row(h);
        table_cell_num(h, rows->pending[i].line);
        table_cell(h, rows->pending[i].reason);
        table_cell(h, rows->pending[i].waits_for);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_dropped(Html *h, const ReceivedFile *f, const ReceivedRows *rows)
{
    static const TableColumn columns[] = { { .text = "Line", .numeric = true },
                                           { .text = "SHA-256 of what was removed" },
                                           { .text = "Bytes", .numeric = true } };
    if (!f->media_dropped)
        return;
    heading(h, EL_H2, "m", "Media removed before storing");
    html_p(h, "Only the digest and the size were kept.");
    shown_of(h, rows->dropped_count, f->media_dropped);
    table_open(h, &(Table){ .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < rows->dropped_count; i++) {
        table_row(h);
        table_cell_num(h, rows->dropped[i].line);
        table_cell_open(h, NULL);
        html_leaf(h, EL_CODE, rows->dropped[i].sha256);
        table_cell_close(h);
        table_cell_num(h, rows->dropped[i].bytes);
        table_row_end(h);
    }
    table_close(h);
}

static void draw_file(const Request *r, Response *out, const ReceivedFile *f, const ReceivedRows *rows)
{
    Html h = html_new(r->mem);
    Page page = request_page(r, f->name, NAV_INTAKE);
    page.caption = ref_write(r->mem, 'F', f->id);
    page.back = url_lit("/intake");
    page_begin(&h, &page);
    live_open(&h, "file", url_lit("/live/intake"));
    if (str_same(f->state, "reading"))
        progress_bar(&h, "Bytes read", f->read_bytes, f->stored_bytes);
    summary_open(&h, "m-compact");
    summary_row_open(&h, "State");
    state_tag(&h, f->state);
    summary_row_close(&h);
    summary_row_open(&h, "Balance");
    balance(&h, f);
    summary_row_close(&h);
    summary_row(&h, "Format", f->format);
    summary_row(&h, "Answers for it", f->owner_name);
    summary_row_open(&h, "Received");
    instant_text(&h, f->at);
    summary_row_close(&h);
    summary_row_open(&h, "SHA-256 as received");
    html_leaf(&h, EL_CODE, f->source_digest);
    html_text(&h, str_fmt(r->mem, ", %s", size_text(r->mem, f->source_bytes)));
    summary_row_close(&h);
    summary_row_open(&h, "SHA-256 as stored");
    html_leaf(&h, EL_CODE, f->stored_digest);
    html_text(&h, str_fmt(r->mem, ", %s", size_text(r->mem, f->stored_bytes)));
    summary_row_close(&h);
    if (viewer_may(&r->viewer, PERM_LEDGER_READ)) {
        summary_row_open(&h, "Ledger entry");
        subject_link(&h, 'E', f->id);
        summary_row_close(&h);
    }
    summary_close(&h);
    draw_rejected(&h, f, rows);
    draw_pending(&h, f, rows);
    draw_dropped(&h, f, rows);
    live_close(&h);
    page_end(&h, &page);
    respond_html(r, out, &h);
}

static Json *rows_json(const ReceivedFile *f, const ReceivedRows *rows, Arena *mem)
{
    Json *j = file_json(mem, f), *rejected = json_new_list(), *pending = json_new_list(),
         *dropped = json_new_list();
    for (size_t i = 0; i < rows->rejected_count; i++) {
        Json *one = json_new_object();
        json_set_int(one, "line", rows->rejected[i].line);
        json_set_text(one, "reason", rows->rejected[i].reason);
        json_push(rejected, one);
    }
    for (size_t i = 0; i < rows->pending_count; i++) {
        Json *one = json_new_object();
        json_set_int(one, "line", rows->pending[i].line);
        json_set_text(one, "reason", rows->pending[i].reason);
        json_set_text(one, "waits_for", rows->pending[i].waits_for);
        json_push(pending, one);
    }
    for (size_t i = 0; i < rows->dropped_count; i++) {
        Json *one = json_new_object();
        json_set_int(one, "line", rows->dropped[i].line);
        json_set_text(one, "sha256", rows->dropped[i].sha256);
        json_set_int(one, "bytes", rows->dropped[i].bytes);
        json_push(dropped, one);
    }
    json_set(j, "rejections", rejected);
    json_set(j, "waiting", pending);
    json_set(j, "media", dropped);
    return j;
}

bool page_intake_file(Request *r, Response *out, Err *err)
{
    int64_t id = 0;
    ReceivedFile f;
    ReceivedRows rows;
    if (!request_ref(r, "ref", 'F', &id, err) || !received_fetch(r->db, r->mem, id, &f, err) ||
        !received_rows(r->db, r->mem, id, &rows, err))
        return false;
    if (r->wants_json)
        respond_json(r, out, rows_json(&f, &rows, r->mem));
    else
        draw_file(r, out, &f, &rows);
    return true;
}

/* ---- taking in ---- */
bool page_intake_upload(Request *r, Response *out, Err *err)
{
    ImportReport report;
    FlowReport flow;
    Hand hand = request_hand(r);
    ImportOptions options = { .name = r->upload_name, .owner = r->viewer.person };
    if (!r->upload_path)
        return err_set(err, ERR_INVALID, "Choose a file to take in.");
    if (!intake_import(r->app->ledger, r->app->store, &hand, &options, r->upload_path, r->mem, &report, NULL,
                       NULL, err) ||
        !flow_run(r->app, r->db, &hand, NULL, NULL, &flow, err))
        return false;
    respond_redirect(r, out, url_subject(r->mem, 'F', report.file),
                     report.already
                         ? "These bytes were taken in before: nothing changed."
                         : str_fmt(r->mem, "%lld rows received: %lld taken, %lld merged, %lld rejected, %lld "
                                           "pending.",
                                   (long long)report.received, (long long)report.taken,
                                   (long long)report.merged, (long long)report.rejected,
                                   (long long)report.pending));
    return true;
}
