/* The design system publishes, for every component, fixtures: options and the markup they must give. Each
 * fixture whose options we support is drawn and compared, once both are normalised (attribute order, white
 * space).
 *
 * Every option key of every fixture is in one of two lists below, so an option that a new release adds fails
 * the test until somebody decides. Needs MUSTER_WEB (default "web") with node_modules; skipped without. */
#include "base/test.h"
#include "base/json.h"
#include "web/components/components.h"
#include "web/components/components_parts.h"

/* ---- normalised markup: one token a line ---- */

typedef struct Reader { const char *at; Arena *mem; StrBuf out; } Reader;

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void put_text_run(StrBuf *out, Arena *mem, const char *at, size_t len)
{
    static const struct { const char *name, *text; } entities[] = {
        { "&quot;", "\"" }, { "&#39;", "'" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&amp;", "&" },
    };
    const char *text = str_from(mem, str_trim((Str){ at, len }));
    bool spaced = false;
    while (*text) {
        if (is_space(*text)) {
            spaced = true;
            text++;
            continue;
        }
        if (spaced)
            buf_char(out, ' ');
        spaced = false;
        const char *plain = NULL;
        FOR_EACH(e, entities) {
            if (str_starts(text, e->name)) {
                plain = e->text;
                text += strlen(e->name);
                break;
            }
        }
        if (plain)
            buf_add(out, plain);
        else
            buf_char(out, *text++);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *read_attr(Reader *r)
{
    StrBuf one = { .mem = r->mem };
    size_t len = strcspn(r->at, " \n\t\r=>/");
    buf_add_n(&one, r->at, len);
    r->at += len;
    buf_add(&one, "=\"");
    if (*r->at == '=') {
        r->at++;
        char quote = *r->at++;
        const char *end = strchr(r->at, quote);
        put_text_run(&one, r->mem, r->at, (size_t)(end - r->at));
        r->at = end + 1;
    }
    buf_char(&one, '"');
    return buf_text(&one);
}

static void read_tag(Reader *r)
{
    char  *list[40];
    size_t count = 0, len = strcspn(r->at, " \n\t\r>");
    char  *name = str_copy_n(r->mem, r->at, len);
    bool   closes_itself = false;
    r->at += len;
    while (*r->at && *r->at != '>') {
        if (is_space(*r->at)) {
            r->at++;
        } else if (*r->at == '/') {
            closes_itself = true;
            r->at++;
        } else if (count < COUNT_OF(list)) {
            list[count++] = read_attr(r);
        } else {
            break;
        }
    }
    r->at++;
    qsort(list, count, sizeof *list, by_text);
    buf_fmt(&r->out, "%s", name);
    for (size_t i = 0; i < count; i++)
        buf_fmt(&r->out, " %s", list[i]);
    buf_add(&r->out, ">\n");
    if (closes_itself)
        buf_fmt(&r->out, "</%s>\n", name + 1);
}

static char *normalised(Arena *mem, const char *html)
{
    Reader r = { .at = html, .mem = mem, .out = { .mem = mem } };
    while (*r.at) {
        if (*r.at == '<') {
            read_tag(&r);
            continue;
        }
        size_t before = r.out.len, len = strcspn(r.at, "<");
        put_text_run(&r.out, mem, r.at, len);
        if (r.out.len > before)
            buf_char(&r.out, '\n');
        r.at += len;
    }
    return buf_text(&r.out);
}

/* ---- reading options ---- */

static const char *t(Html *h, const Json *o, const char *key)
{
    const Json *v = json_get(o, key);
    switch (json_type(v)) {
    case JSON_TYPE_TEXT: return json_text_of(v);
    case JSON_TYPE_INT:  return str_fmt(h->mem, "%lld", (long long)json_int_of(v));
    case JSON_TYPE_REAL:
    case JSON_TYPE_BOOL:
        return str_same(key, "value") ? json_canonical(h->mem, v) : NULL;
    case JSON_TYPE_NONE: case JSON_TYPE_NULL:
    case JSON_TYPE_LIST: case JSON_TYPE_OBJECT: return NULL;
    }
    return NULL;
}

static void draw_raw(Html *h, const void *ctx)
{
    buf_add(&h->out, ctx);                            /* markup from the fixtures themselves; tests only */
}

static Draw d(Html *h, const Json *o, const char *key)
{
    const char *html = filled(t(h, o, key));
    return (Draw){ html ? draw_raw : NULL, html };
}

static Url u(Html *h, const Json *o, const char *key)
{
    return (Url){ filled(t(h, o, key)) };
}

static bool b(const Json *o, const char *key)
{
    return json_bool(o, key, false);
}

static int n(const Json *o, const char *key)
{
    return (int)json_int(o, key, 0);
}

static int sign(const Json *o, const char *key)
{
    return json_type(json_get(o, key)) != JSON_TYPE_BOOL ? 0 : b(o, key) ? 1 : -1;
}

static Tri tri(const Json *o, const char *key)
{
    int s = sign(o, key);
    return s == 0 ? TRI_UNSET : s > 0 ? TRI_TRUE : TRI_FALSE;
}

/* The objects of a list; empty places in it are passed over, as the design system does. */
static size_t objects(Html *h, const Json *list, const Json ***out)
{
    size_t count = 0;
    *out = arena_new(h->mem, const Json *, json_count(list) + 1);
    for (size_t i = 0; json_type(list) == JSON_TYPE_LIST && i < json_count(list); i++)
        if (json_type(json_at(list, i)) == JSON_TYPE_OBJECT && json_count(json_at(list, i)))
            (*out)[count++] = json_at(list, i);
    return count;
}

#define EACH_OBJECT(list, Type, items, count, item)                                           \
    const Json **item##_list;                                                                 \
    size_t count = objects(h, (list), &item##_list);                                          \
    Type  *items = arena_new(h->mem, Type, count + 1);                                        \
    for (size_t i_ = 0; i_ < count; i_++)                                                     \
        for (const Json *item = item##_list[i_]; item; item = NULL)

static FormField field_of(Html *h, const Json *o)
{
    const Json *l = json_get(o, "label"), *legend = json_get(json_get(o, "fieldset"), "legend");
    const Json *shown = l ? l : legend;
    const char *about = t(h, json_get(o, "fieldset"), "describedBy");
    return (FormField){ .id = t(h, o, "id"),
                    .name = t(h, o, "name"),
                    .label = t(h, shown, "text"),
                    .label_html = d(h, shown, "html"),
                    .label_classes = t(h, shown, "classes"),
                    .page_heading = b(shown, "isPageHeading"),
                    .hint = t(h, json_get(o, "hint"), "text"),
                    .error = t(h, json_get(o, "errorMessage"), "text"),
                    .described_by = about ? about : t(h, o, "describedBy"),
                    .classes = t(h, o, "classes"),
                    .group_classes = t(h, json_get(o, "formGroup"), "classes"),
                    .disabled = b(o, "disabled") };
}

/* ---- one function a component ---- */

static void f_back_link(Html *h, const Json *o)
{
    back_link(h, u(h, o, "href"), t(h, o, "text"), t(h, o, "classes"));
}

static void f_breadcrumbs(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "items"), Crumb, items, count, item)
        items[i_] = (Crumb){ .text = t(h, item, "text"), .href = u(h, item, "href") };
    breadcrumbs(h, &(Breadcrumbs){ .items = items,
                                   .count = count,
                                   .classes = t(h, o, "classes"),
                                   .label = t(h, o, "labelText"),
                                   .collapse_on_mobile = b(o, "collapseOnMobile") });
}

static void f_button(Html *h, const Json *o)
{
    button(h, &(Button){ .text = t(h, o, "text"),
                         .html = d(h, o, "html"),
                         .href = u(h, o, "href"),
                         .classes = t(h, o, "classes"),
                         .id = t(h, o, "id"),
                         .name = t(h, o, "name"),
                         .value = t(h, o, "value"),
                         .type = t(h, o, "type"),
                         .disabled = b(o, "disabled"),
                         .start = b(o, "isStartButton"),
                         .prevent_double_click = sign(o, "preventDoubleClick") });
}

static void f_label(Html *h, const Json *o)
{
    label(h, &(Label){ .text = t(h, o, "text"), .html = d(h, o, "html"), .for_id = t(h, o, "for"),
                       .classes = t(h, o, "classes"), .page_heading = b(o, "isPageHeading") });
}

static void f_hint(Html *h, const Json *o)
{
    hint(h, t(h, o, "id"), t(h, o, "text"), t(h, o, "classes"));
}

static void f_error_message(Html *h, const Json *o)
{
    error_message(h, &(ErrorMessage){ .text = t(h, o, "text"), .html = d(h, o, "html"), .id = t(h, o, "id"),
        .classes = t(h, o, "classes"), .hidden = t(h, o, "visuallyHiddenText"),
        .no_hidden = sign(o, "visuallyHiddenText") < 0 || str_same(t(h, o, "visuallyHiddenText"), "") });
}

static void f_fieldset(Html *h, const Json *o)
{
    const Json *legend = json_get(o, "legend");
    fieldset_open(h, &(Fieldset){ .legend = t(h, legend, "text"), .legend_html = d(h, legend, "html"),
        .legend_classes = t(h, legend, "classes"), .page_heading = b(legend, "isPageHeading"),
        .described_by = t(h, o, "describedBy"), .classes = t(h, o, "classes"), .role = t(h, o, "role") });
    html_draw(h, d(h, o, "html"));
    fieldset_close(h);
}

static void f_input(Html *h, const Json *o)
{
    const Json *prefix = json_get(o, "prefix"), *suffix = json_get(o, "suffix");
    input(h, &(Input){ .field = field_of(h, o),
                       .type = t(h, o, "type"),
                       .value = t(h, o, "value"),
                       .inputmode = t(h, o, "inputmode"),
                       .autocomplete = t(h, o, "autocomplete"),
                       .autocapitalize = t(h, o, "autocapitalize"),
                       .pattern = t(h, o, "pattern"),
                       .spellcheck = tri(o, "spellcheck"),
                       .prefix = t(h, prefix, "text"),
                       .prefix_html = d(h, prefix, "html"),
                       .prefix_classes = t(h, prefix, "classes"),
                       .suffix = t(h, suffix, "text"),
                       .suffix_html = d(h, suffix, "html"),
                       .suffix_classes = t(h, suffix, "classes"),
                       .wrapper_classes = t(h, json_get(o, "inputWrapper"), "classes") });
}

static void f_textarea(Html *h, const Json *o)
{
    textarea(h, &(Textarea){ .field = field_of(h, o), .value = t(h, o, "value"), .rows = n(o, "rows"),
                             .autocomplete = t(h, o, "autocomplete"), .spellcheck = tri(o, "spellcheck") });
}

static int n_or_text(Html *h, const Json *o, const char *key)
{
    const char *text = t(h, o, key);
    return text ? (int)strtol(text, NULL, 10) : 0;
}

static void f_character_count(Html *h, const Json *o)
{
    character_count(h, &(CharacterCount){ .field = field_of(h, o),
                                          .value = t(h, o, "value"),
                                          .rows = n(o, "rows"),
                                          .spellcheck = tri(o, "spellcheck"),
                                          .max_chars = n_or_text(h, o, "maxlength"),
                                          .max_words = n_or_text(h, o, "maxwords"),
                                          .threshold = n_or_text(h, o, "threshold"),
                                          .count_classes = t(h, json_get(o, "countMessage"), "classes") });
}

static void f_password_input(Html *h, const Json *o)
{
    password_input(h, &(PasswordInput){ .field = field_of(h, o), .value = t(h, o, "value"),
                                        .autocomplete = t(h, o, "autocomplete") });
}

static void f_file_upload(Html *h, const Json *o)
{
    file_upload(h, &(FileUpload){ .field = field_of(h, o), .multiple = b(o, "multiple") });
}

static void f_date_input(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "items"), DatePart, items, count, item)
        items[i_] = (DatePart){ .name = t(h, item, "name"),
                                .label = t(h, item, "label"),
                                .id = t(h, item, "id"),
                                .value = t(h, item, "value"),
                                .classes = t(h, item, "classes"),
                                .autocomplete = t(h, item, "autocomplete"),
                                .wrong = b(item, "error") ||
                                         (t(h, item, "classes") && strstr(t(h, item, "classes"), "govuk-"
                                                                                                 "input--"
                                                                                                 "error")) };
    date_input(h, &(DateInput){ .field = field_of(h, o), .name_prefix = t(h, o, "namePrefix"), .items = items,
                                .count = count });
}

static void f_select(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "items"), Option, items, count, item)
        items[i_] = (Option){ .text = t(h, item, "text"),
                              .value = t(h, item, "value"),
                              .selected = b(item, "selected"),
                              .disabled = b(item, "disabled") };
    select_field(
        h, &(Select){ .field = field_of(h, o), .items = items, .count = count, .value = t(h, o, "value") });
}

static void choices_from(Html *h, const Json *o, void (*draw)(Html *, const Choices *))
{
    EACH_OBJECT(json_get(o, "items"), Choice, items, count, item)
        items[i_] = (Choice){ .text = t(h, item, "text"),
                              .html = d(h, item, "html"),
                              .value = t(h, item, "value"),
                              .hint = t(h, json_get(item, "hint"), "text"),
                              .id = t(h, item, "id"),
                              .name = t(h, item, "name"),
                              .label_classes = t(h, json_get(item, "label"), "classes"),
                              .divider = t(h, item, "divider"),
                              .checked = b(item, "checked"),
                              .disabled = b(item, "disabled"),
                              .exclusive = str_same(t(h, item, "behaviour"), "exclusive"),
                              .conditional = d(h, json_get(item, "conditional"), "html") };
    const Json  *chosen = json_get(o, "values");
    const char **values = arena_new(h->mem, const char *, json_count(chosen) + 1);
    for (size_t i = 0; i < json_count(chosen); i++)
        values[i] = json_text_of(json_at(chosen, i));
    Choices c = { .field = field_of(h, o), .items = items, .count = count, .value = t(h, o, "value"),
                  .values = values, .value_count = json_count(chosen),
                  .fieldset_classes = t(h, json_get(o, "fieldset"), "classes") };
    c.id = t(h, o, "idPrefix");
    draw(h, &c);
}

static void f_radios(Html *h, const Json *o)
{
    choices_from(h, o, radios);
}

static void f_checkboxes(Html *h, const Json *o)
{
    choices_from(h, o, checkboxes);
}

static void f_details(Html *h, const Json *o)
{
    details(h, &(Details){ .id = t(h, o, "id"),
                           .summary = t(h, o, "summaryText"),
                           .summary_html = d(h, o, "summaryHtml"),
                           .text = t(h, o, "text"),
                           .html = d(h, o, "html"),
                           .classes = t(h, o, "classes"),
                           .open = b(o, "open") });
}

static void f_error_summary(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "errorList"), ErrorLine, items, count, item)
        items[i_] = (ErrorLine){ .text = t(h, item, "text"), .href = u(h, item, "href") };
    error_summary(h, &(ErrorSummary){ .errors = items, .count = count, .title = t(h, o, "titleText"),
        .description = t(h, o, "descriptionText"), .classes = t(h, o, "classes"),
        .no_auto_focus = sign(o, "disableAutoFocus") });
}

static void f_inset_text(Html *h, const Json *o)
{
    inset_open(h, t(h, o, "id"), t(h, o, "classes"));
    html_text_or(h, t(h, o, "text"), d(h, o, "html"));
    inset_close(h);
}

static void f_notification_banner(Html *h, const Json *o)
{
    notification_banner(h, &(NotificationBanner){ .text = t(h, o, "text"),
                                                  .html = d(h, o, "html"),
                                                  .type = t(h, o, "type"),
                                                  .title = t(h, o, "titleText"),
                                                  .title_id = t(h, o, "titleId"),
                                                  .role = t(h, o, "role"),
                                                  .classes = t(h, o, "classes"),
                                                  .heading_level = n(o, "titleHeadingLevel"),
                                                  .no_auto_focus = sign(o, "disableAutoFocus") });
}

static void f_pagination(Html *h, const Json *o)
{
    const Json *previous = json_get(o, "previous"), *next = json_get(o, "next");
    EACH_OBJECT(json_get(o, "items"), PageLink, items, count, item)
        items[i_] = (PageLink){ .number = t(h, item, "number"),
                                .href = u(h, item, "href"),
                                .current = b(item, "current"),
                                .ellipsis = b(item, "ellipsis"),
                                .hidden = t(h, item, "visuallyHiddenText") };
    pagination(h, &(Pagination){ .items = items, .count = count, .landmark = t(h, o, "landmarkLabel"),
        .classes = t(h, o, "classes"),
        .previous = { u(h, previous, "href"), t(h, previous, "text"), t(h, previous, "labelText") },
        .next = { u(h, next, "href"), t(h, next, "text"), t(h, next, "labelText") } });
}

static void f_panel(Html *h, const Json *o)
{
    panel(h, &(Panel){ .title = t(h, o, "titleText"), .text = t(h, o, "text"), .html = d(h, o, "html"),
                       .classes = t(h, o, "classes"), .heading_level = n(o, "headingLevel") });
}

static void f_phase_banner(Html *h, const Json *o)
{
    phase_banner(h, &(PhaseBanner){ .tag = t(h, json_get(o, "tag"), "text"),
        .tag_classes = t(h, json_get(o, "tag"), "classes"), .text = t(h, o, "text"), .html = d(h, o, "html"),
        .classes = t(h, o, "classes") });
}

static void f_service_navigation(Html *h, const Json *o)
{
    const Json *slots = json_get(o, "slots"), *end = json_get(slots, "end");
    EACH_OBJECT(json_get(o, "navigation"), NavItem, items, count, item)
        items[i_] = (NavItem){ .text = t(h, item, "text"),
                               .html = d(h, item, "html"),
                               .href = u(h, item, "href"),
                               .active = b(item, "active"),
                               .current = b(item, "current") };
    service_navigation(
        h, &(ServiceNavigation){
               .items = items,
               .count = count,
               .service_name = t(h, o, "serviceName"),
               .service_url = u(h, o, "serviceUrl"),
               .aria_label = t(h, o, "ariaLabel"),
               .menu_text = t(h, o, "menuButtonText"),
               .menu_label = t(h, o, "menuButtonLabel"),
               .navigation_label = t(h, o, "navigationLabel"),
               .navigation_id = t(h, o, "navigationId"),
               .navigation_classes = t(h, o, "navigationClasses"),
               .classes = t(h, o, "classes"),
               .collapse = sign(o, "collapseNavigationOnMobile") > 0,
               .no_collapse = sign(o, "collapseNavigationOnMobile") < 0,
               .slot_start = d(h, slots, "start"),
               .slot_end = json_type(end) == JSON_TYPE_OBJECT ? d(h, end, "html") : d(h, slots, "end"),
               .slot_end_align = json_type(end) == JSON_TYPE_OBJECT ? t(h, end, "align") : NULL,
               .slot_navigation_start = d(h, slots, "navigationStart"),
               .slot_navigation_end = d(h, slots, "navigationEnd") });
}

static void f_skip_link(Html *h, const Json *o)
{
    skip_link(h, t(h, o, "text"), u(h, o, "href"), t(h, o, "classes"));
}

static const Action *actions_from(Html *h, const Json *list, size_t *out_count)
{
    EACH_OBJECT(list, Action, items, count, item)
        items[i_] = (Action){ .text = t(h, item, "text"),
                              .href = u(h, item, "href"),
                              .classes = t(h, item, "classes"),
                              .hidden = t(h, item, "visuallyHiddenText") };
    *out_count = count;
    return json_type(list) == JSON_TYPE_LIST ? items : NULL;
}

static void f_summary_list(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "rows"), SummaryRow, rows, count, row) {
        const Json *key = json_get(row, "key"), *value = json_get(row, "value"),
                   *actions = json_get(row, "actions");
        rows[i_] = (SummaryRow){ .key = t(h, key, "text"),
                                 .key_html = d(h, key, "html"),
                                 .key_classes = t(h, key, "classes"),
                                 .value = t(h, value, "text"),
                                 .value_html = d(h, value, "html"),
                                 .value_classes = t(h, value, "classes"),
                                 .classes = t(h, row, "classes"),
                                 .actions_classes = t(h, actions, "classes") };
        rows[i_].actions = actions_from(h, json_get(actions, "items"), &rows[i_].action_count);
    }
    const Json *from = json_get(o, "card"), *title = json_get(from, "title"),
               *actions = json_get(from, "actions");
    SummaryCard card = { .title = t(h, title, "text"), .title_html = d(h, title, "html"),
        .heading_level = n(title, "headingLevel"), .classes = t(h, from, "classes"),
        .actions_classes = t(h, actions, "classes") };
    card.actions = actions_from(h, json_get(actions, "items"), &card.action_count);
    summary_list(h, &(SummaryList){ .rows = rows, .count = count, .card = from ? &card : NULL,
                                    .classes = t(h, o, "classes") });
}

static const Cell *cells_from(Html *h, const Json *list, size_t *out_count)
{
    EACH_OBJECT(list, Cell, cells, count, cell)
        cells[i_] = (Cell){ .text = t(h, cell, "text"),
                            .html = d(h, cell, "html"),
                            .classes = t(h, cell, "classes"),
                            .numeric = str_same(t(h, cell, "format"), "numeric"),
                            .colspan = n(cell, "colspan"),
                            .rowspan = n(cell, "rowspan") };
    *out_count = count;
    return json_type(list) == JSON_TYPE_LIST ? cells : NULL;
}

static void f_table(Html *h, const Json *o)
{
    const Json *list = json_get(o, "rows");
    CellRow *rows = arena_new(h->mem, CellRow, json_count(list) + 1);
    size_t count = 0;
    for (size_t i = 0; i < json_count(list); i++)
        if (json_type(json_at(list, i)) == JSON_TYPE_LIST) {
            rows[count].cells = cells_from(h, json_at(list, i), &rows[count].count);
            count++;
        }
    TableData data = { .caption = t(h, o, "caption"), .caption_classes = t(h, o, "captionClasses"),
        .classes = t(h, o, "classes"), .rows = rows, .row_count = count,
        .first_cell_is_header = b(o, "firstCellIsHeader") };
    data.head = cells_from(h, json_get(o, "head"), &data.head_count);
    table_data(h, &data);
}

static void f_tabs(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "items"), TabItem, items, count, item)
        items[i_] = (TabItem){ .label = t(h, item, "label"), .id = t(h, item, "id"),
            .text = t(h, json_get(item, "panel"), "text"), .html = d(h, json_get(item, "panel"), "html") };
    tabs(h, &(Tabs){ .items = items, .count = count, .id = t(h, o, "id"), .id_prefix = t(h, o, "idPrefix"),
                     .title = t(h, o, "title"), .classes = t(h, o, "classes") });
}

static void f_tag(Html *h, const Json *o)
{
    tag_draw(h, t(h, o, "text"), d(h, o, "html"), t(h, o, "classes"));
}

static void f_task_list(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "items"), Task, items, count, item) {
        const Json *title = json_get(item, "title"), *hint_of = json_get(item, "hint");
        const Json *status = json_get(item, "status"), *tag_of = json_get(status, "tag");
        items[i_] = (Task){ .title = t(h, title, "text"),
                            .title_html = d(h, title, "html"),
                            .title_classes = t(h, title, "classes"),
                            .hint = t(h, hint_of, "text"),
                            .hint_html = d(h, hint_of, "html"),
                            .href = u(h, item, "href"),
                            .status = t(h, status, "text"),
                            .status_html = d(h, status, "html"),
                            .status_classes = t(h, status, "classes"),
                            .tag = t(h, tag_of, "text"),
                            .tag_html = d(h, tag_of, "html"),
                            .tag_classes = t(h, tag_of, "classes"),
                            .classes = t(h, item, "classes") };
    }
    task_list(h, &(TaskList){ .items = items, .count = count, .id_prefix = t(h, o, "idPrefix"),
                              .classes = t(h, o, "classes") });
}

static void f_warning_text(Html *h, const Json *o)
{
    warning_text_draw(h, &(WarningText){ .text = t(h, o, "text"), .html = d(h, o, "html"),
        .icon_fallback = t(h, o, "iconFallbackText"), .classes = t(h, o, "classes") });
}

static void f_accordion(Html *h, const Json *o)
{
    EACH_OBJECT(json_get(o, "items"), AccordionSection, items, count, item) {
        const Json *heading_of = json_get(item, "heading"), *summary = json_get(item, "summary");
        const Json *content = json_get(item, "content");
        items[i_] = (AccordionSection){ .heading = t(h, heading_of, "text"),
                                        .heading_html = d(h, heading_of, "html"),
                                        .summary = t(h, summary, "text"),
                                        .summary_html = d(h, summary, "html"),
                                        .text = t(h, content, "text"),
                                        .html = d(h, content, "html"),
                                        .expanded = b(item, "expanded") };
    }
    accordion(h, &(Accordion){ .items = items,
                               .count = count,
                               .id = t(h, o, "id"),
                               .classes = t(h, o, "classes"),
                               .heading_level = n(o, "headingLevel") });
}

/* ---- what is supported ---- */

#define LABEL_KEYS "label label.text label.html label.classes label.isPageHeading "
#define FIELD_KEYS                                                                                           \
    "id name describedBy classes hint hint.text errorMessage errorMessage.text formGroup formGroup.classes "
#define LEGEND_KEYS                                                                                          \
    "fieldset fieldset.legend fieldset.legend.text fieldset.legend.html fieldset.legend.classes "            \
    "fieldset.legend.isPageHeading fieldset.describedBy "
#define CHOICE_KEYS                                                                                          \
    FIELD_KEYS LEGEND_KEYS "fieldset.classes idPrefix items items[].text items[].html items[].value "        \
                           "items[].hint items[].hint.text items[].id items[].label items[].label.classes "  \
                           "items[].divider "                                                                \
                           "items[].checked items[].disabled items[].conditional items[].conditional.html "

static const struct Component {
    const char *name;
    void      (*draw)(Html *h, const Json *o);
    int         floor;                                /* fixtures that must have been compared */
    const char *supported, *unsupported;
} components[] = {
    { "accordion", f_accordion, 9,
      "id classes headingLevel items items[].heading items[].heading.text items[].heading.html "
      "items[].summary "
      "items[].summary.text items[].summary.html items[].content items[].content.text items[].content.html "
      "items[].expanded",
      "attributes hideAllSectionsText hideSectionAriaLabelText hideSectionText rememberExpanded "
      "showAllSectionsText "
      "showSectionAriaLabelText showSectionText" },
    { "back-link", f_back_link, 5, "href text classes", "attributes html" },
    { "breadcrumbs", f_breadcrumbs, 9, "items items[].text items[].href classes collapseOnMobile labelText",
      "attributes items[].attributes items[].html" },
    { "button", f_button, 36,
      "classes disabled href html id isStartButton name preventDoubleClick text type value", "attributes" },
    { "character-count", f_character_count, 20,
      LABEL_KEYS FIELD_KEYS "maxlength maxwords threshold value rows spellcheck countMessage "
                            "countMessage.classes",
      "attributes countType charactersAtLimitText charactersOverLimitText charactersUnderLimitText "
      "wordsAtLimitText "
      "wordsOverLimitText wordsUnderLimitText textareaDescriptionText" },
    { "checkboxes", f_checkboxes, 36, CHOICE_KEYS "items[].name items[].behaviour values",
      "attributes fieldset.attributes items[].attributes items[].label.attributes" },
    { "date-input", f_date_input, 26,
      FIELD_KEYS LEGEND_KEYS "namePrefix items items[].name items[].label items[].value items[].id "
                             "items[].classes "
                             "items[].autocomplete items[].error",
      "attributes day month year values items[].attributes items[].inputmode items[].pattern" },
    { "details", f_details, 9, "id classes open summaryText summaryHtml text html", "attributes" },
    { "error-message", f_error_message, 8, "id classes text html visuallyHiddenText", "attributes" },
    { "error-summary", f_error_summary, 13,
      "titleText descriptionText classes disableAutoFocus errorList errorList[].text errorList[].href",
      "attributes descriptionHtml titleHtml errorList[].attributes errorList[].html" },
    { "fieldset", f_fieldset, 17,
      "legend legend.text legend.html legend.classes legend.isPageHeading describedBy classes role html",
      "attributes" },
    { "file-upload", f_file_upload, 15, LABEL_KEYS FIELD_KEYS "disabled multiple value",
      "attributes javascript chooseFilesButtonText dropInstructionText enteredDropZoneText leftDropZoneText "
      "multipleFilesChosenText noFileChosenText wrapperAttributes wrapperClasses" },
    { "hint", f_hint, 4, "id text classes", "attributes html" },
    { "input", f_input, 41,
      LABEL_KEYS FIELD_KEYS "disabled type value inputmode autocomplete autocapitalize pattern spellcheck "
                            "prefix "
                            "prefix.text prefix.html prefix.classes suffix suffix.text suffix.html "
                            "suffix.classes inputWrapper "
                            "inputWrapper.classes",
      "attributes prefix.attributes suffix.attributes inputWrapper.attributes" },
    { "inset-text", f_inset_text, 5, "id text html classes", "attributes" },
    { "label", f_label, 16, "text html for classes isPageHeading", "attributes" },
    { "notification-banner", f_notification_banner, 18,
      "text html type titleText titleId titleHeadingLevel role classes disableAutoFocus",
      "attributes titleHtml" },
    { "pagination", f_pagination, 13,
      "classes landmarkLabel items items[].number items[].href items[].current items[].ellipsis "
      "items[].visuallyHiddenText previous previous.href previous.text previous.labelText next next.href "
      "next.text "
      "next.labelText",
      "attributes" },
    { "panel", f_panel, 8, "titleText text html classes headingLevel", "attributes titleHtml actions" },
    { "password-input", f_password_input, 10, LABEL_KEYS FIELD_KEYS "value autocomplete disabled",
      "attributes hidePasswordAriaLabelText hidePasswordText passwordHiddenAnnouncementText "
      "passwordShownAnnouncementText showPasswordAriaLabelText showPasswordText" },
    { "phase-banner", f_phase_banner, 5, "tag tag.text tag.classes text html classes",
      "attributes tag.html" },
    { "radios", f_radios, 37, CHOICE_KEYS "value",
      "attributes fieldset.attributes items[].attributes items[].label.attributes" },
    { "select", f_select, 15,
      LABEL_KEYS FIELD_KEYS "disabled value items items[].text items[].value items[].selected "
                            "items[].disabled",
      "attributes items[].attributes" },
    { "service-navigation", f_service_navigation, 30,
      "ariaLabel classes collapseNavigationOnMobile menuButtonLabel menuButtonText navigation "
      "navigation[].text "
      "navigation[].html navigation[].href navigation[].active navigation[].current navigationClasses "
      "navigationId "
      "navigationLabel serviceName serviceUrl slots slots.start slots.end slots.end.html slots.end.align "
      "slots.navigationStart slots.navigationEnd",
      "attributes" },
    { "skip-link", f_skip_link, 7, "text href classes", "attributes html" },
    { "summary-list", f_summary_list, 24,
      "classes rows rows[].classes rows[].key rows[].key.text rows[].key.html rows[].key.classes "
      "rows[].value "
      "rows[].value.text rows[].value.html rows[].value.classes rows[].actions rows[].actions.classes "
      "rows[].actions.items rows[].actions.items[].text rows[].actions.items[].href "
      "rows[].actions.items[].classes "
      "rows[].actions.items[].visuallyHiddenText card card.classes card.title card.title.text "
      "card.title.html "
      "card.title.headingLevel card.actions card.actions.items card.actions.items[].text "
      "card.actions.items[].href",
      "attributes card.attributes rows[].actions.items[].attributes rows[].actions.items[].html" },
    { "table", f_table, 16,
      "caption captionClasses classes firstCellIsHeader head head[].text head[].html head[].classes "
      "head[].format "
      "head[].colspan head[].rowspan rows rows[][].text rows[][].html rows[][].classes rows[][].format "
      "rows[][].colspan rows[][].rowspan",
      "attributes head[].attributes rows[][].attributes" },
    { "tabs", f_tabs, 10,
      "id idPrefix title classes items items[].id items[].label items[].panel items[].panel.text "
      "items[].panel.html",
      "attributes items[].attributes items[].panel.attributes" },
    { "tag", f_tag, 11, "text html classes", "attributes" },
    { "task-list", f_task_list, 9,
      "classes idPrefix items items[].classes items[].href items[].title items[].title.text "
      "items[].title.html "
      "items[].title.classes items[].hint items[].hint.text items[].hint.html items[].status "
      "items[].status.text "
      "items[].status.html items[].status.classes items[].status.tag items[].status.tag.text "
      "items[].status.tag.html "
      "items[].status.tag.classes",
      "attributes items[].status.tag.attributes" },
    { "textarea", f_textarea, 17, LABEL_KEYS FIELD_KEYS "value autocomplete rows spellcheck", "attributes" },
    { "warning-text", f_warning_text, 7, "text html classes iconFallbackText", "attributes" },
};

static bool listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += len)
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == 0))
            return true;
    return false;
}

typedef struct Keys {
    Arena *mem;
    const struct Component *c;
    const char *path;
    bool unsupported;
    int unknown;
} Keys;

static bool visit_key(void *ctx, const char *key, const Json *value);

/* Two things a C list of plain structs cannot say, whatever the component: "nothing stands at this place, but
 * count it", and "not chosen, although the list of chosen values has it". */
static bool has_no_counterpart(Arena *mem, const char *path, const Json *value)
{
    static const char *const plain_no[] = { "items[].checked", "items[].selected", "items[].error" };
    bool in_list = strlen(path) > 2 && str_same(path + strlen(path) - 2, "[]");
    bool empty   = json_type(value) == JSON_TYPE_NULL || json_type(value) == JSON_TYPE_BOOL
                || str_same(json_text_of(value), "");
    if (in_list && empty)
        return true;
    FOR_EACH(no, plain_no)
        if (str_same(path, *no) && json_type(value) == JSON_TYPE_BOOL &&
            str_same(json_canonical(mem, value), "false"))
            return true;
    return false;
}

static void visit_value(Keys *k, const char *path, const Json *value)
{
    Keys inner = { .mem = k->mem, .c = k->c, .path = path };
    k->unsupported = k->unsupported || has_no_counterpart(k->mem, path, value);
    if (json_type(value) == JSON_TYPE_OBJECT)
        (void)json_each(value, visit_key, &inner);
    for (size_t i = 0; json_type(value) == JSON_TYPE_LIST && i < json_count(value); i++)
        visit_value(&inner, str_fmt(k->mem, "%s[]", path), json_at(value, i));
    k->unsupported = k->unsupported || inner.unsupported;
    k->unknown += inner.unknown;
}

static bool visit_key(void *ctx, const char *key, const Json *value)
{
    Keys *k = ctx;
    const char *path = *k->path ? str_fmt(k->mem, "%s.%s", k->path, key) : key;
    if (listed(k->c->unsupported, path)) {
        k->unsupported = true;
    } else if (listed(k->c->supported, path)) {
        visit_value(k, path, value);
    } else {
        print_error("%s: option \"%s\" is in neither list\n", k->c->name, path);
        k->unknown++;
    }
    return true;
}

/* ---- the comparison ---- */

static char *file_text(Arena *mem, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    StrBuf buf = { .mem = mem };
    char   piece[8192];
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0; )
        buf_add_n(&buf, piece, got);
    fclose(file);
    return buf_text(&buf);
}

static const char *components_folder(Arena *mem)
{
    const char *web = getenv("MUSTER_WEB");
    return str_fmt(mem, "%s/node_modules/govuk-frontend/dist/govuk/components", web ? web : "web");
}

static bool same_as_fixture(const struct Component *c, const Json *fixture)
{
    CLEANUP(arena_done) Arena mem = {0};
    Html h = html_new(&mem);
    c->draw(&h, json_get(fixture, "options"));
    const char *got = normalised(&mem, html_done(&h, NULL)),
               *want = normalised(&mem, json_text(fixture, "html"));
    if (str_same(got, want))
        return true;
    /* print_error would cut long markup short. */
    fprintf(stderr, "%s, \"%s\" differs\n--- ours\n%s--- theirs\n%s", c->name, json_text(fixture, "name"),
            got, want);
    return false;
}

static int compare_component(const struct Component *c, const char *folder)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done)  Json *doc = NULL;
    Err  err = {0};
    char *text = file_text(&mem, str_fmt(&mem, "%s/%s/fixtures.json", folder, c->name));
    CHECK(text != NULL);
    CHECK_OK(json_read(str_of(text), &doc, &err), &err);
    const Json *fixtures = json_get(doc, "fixtures");
    int compared = 0, skipped = 0, wrong = 0;
    for (size_t i = 0; i < json_count(fixtures); i++) {
        const Json *fixture = json_at(fixtures, i);
        Keys keys = { .mem = &mem, .c = c, .path = "" };
        (void)json_each(json_get(fixture, "options"), visit_key, &keys);
        wrong += keys.unknown;
        if (keys.unsupported) {
            skipped++;
            continue;
        }
        compared++;
        wrong += !same_as_fixture(c, fixture);
    }
    print_message("%-20s compared %2d, skipped %2d\n", c->name, compared, skipped);
    if (compared < c->floor)
        print_error("%s: compared %d fixtures, at least %d expected\n", c->name, compared, c->floor);
    return wrong + (compared < c->floor);
}

TEST(markup_equals_the_official_fixtures)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *folder = components_folder(&mem);
    FILE *there = fopen(str_fmt(&mem, "%s/tag/fixtures.json", folder), "r");
    if (!there) {
        print_message("no govuk-frontend under MUSTER_WEB: npm install in web/ first\n");
        skip();
    }
    fclose(there);
    int wrong = 0;
    FOR_EACH(c, components)
        wrong += compare_component(c, folder);
    CHECK_INT(wrong, 0);
}

/* ---- our own ---- */

TEST(unknown_bands_are_not_low)
{
    CLEANUP(arena_done) Arena mem = {0};
    Html h = html_new(&mem);
    band(&h, NULL);
    band(&h, "LOW");
    const char *html = html_done(&h, NULL);
    CHECK(strstr(html, "Not yet banded") != NULL);
    CHECK(strstr(html, "m-band--low") == NULL);
}

TEST(pages_carry_no_inline_style_or_script)
{
    CLEANUP(arena_done) Arena mem = {0};
    Html h = html_new(&mem);
    Page page = { .title = "<Queue>",
                  .nav = NAV_QUEUE,
                  .exercise = "Operation Lantern",
                  .user_name = "Sam \"Q\"",
                  .csrf = "token",
                  .asset_tag = "abc",
                  .late_count = 1400,
                  .band = "high",
                  .flash = "Sent" };
    page_begin(&h, &page);
    cards(&h, (const Card[]){ { CARD_CHILD, 4, "children", url_lit("/children"), NULL } }, 1);
    tile_map(&h, "map", (const Tile[]){ { 1, 4, "Scotland", 13, 1, "Scotland: 13 arrests", url_lit("/x") },
                                        { 2, 5, "Northumb.", 0, 0, NULL, {0} } }, 2);
    waterfall(&h, "Why", (const Weight[]){ { "Start", -14 }, { "Device", 8.1 } }, 2, "-5.9 bits");
    lanes(&h, "Events", (const Lane[]){ { .name = "Events", .marks = (const Mark[]){ { 2, 9, "late" } },
                                         .mark_count = 1 } }, 1);
    form_open(&h, url_lit("/queue"));
    button_submit(&h, "Take");
    form_close(&h);
    page_end(&h, &page);
    const char *html = html_done(&h, NULL);
    CHECK(!strstr(html, "style=") && !strstr(html, "<style") && !strstr(html, "onclick"));
    CHECK(!strstr(html, "<Queue>") && strstr(html, "<title>&lt;Queue&gt; - Muster</title>"));
    CHECK(strstr(html, "name=\"csrf\" value=\"token\""));
    CHECK(strstr(html, "/assets/muster.css?v=abc"));
    CHECK(strstr(html, "href=\"/queue\" aria-current=\"true\""));
    CHECK(strstr(html, "1,400"));
    CHECK(strstr(html, "tile-r1 tile-c4") && strstr(html, "heat-9") && strstr(html, "heat-0"));
}

TEST(get_forms_carry_no_token)
{
    CLEANUP(arena_done) Arena mem = {0};
    Html h = html_new(&mem);
    h.csrf = "token";
    search_form(&h, &(Search){ .action = url_lit("/search"), .label = "Search" });
    CHECK(!strstr(html_done(&h, NULL), "token"));     /* it would end up in the address and in logs */
}

TEST_MAIN(markup_equals_the_official_fixtures, unknown_bands_are_not_low,
          pages_carry_no_inline_style_or_script, get_forms_carry_no_token)
