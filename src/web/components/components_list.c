/* Lists of facts, tables, tasks and paging. */
#include "web/components/components.h"
#include "web/components/components_parts.h"

/* ---- summary list ---- */

static void action_link(Html *h, const Action *a, const SummaryCard *card)
{
    bool titled = card && has_text(card->title, card->title_html);
    html_open(h, EL_A, ATTR_CLASS, css(h, "govuk-link", a->classes, NULL), ATTR_HREF, a->href);
    html_text(h, a->text);
    if (filled(a->hidden) || titled) { /* "Change" alone says nothing when read out of its row */
        html_open(h, EL_SPAN, ATTR_CLASS, "govuk-visually-hidden");
        if (filled(a->hidden)) {
            html_lit(h, " ");
            html_text(h, a->hidden);
        }
        if (titled) {
            html_lit(h, " (");
            html_text_or(h, card->title, card->title_html);
            html_lit(h, ")");
        }
        html_close(h, EL_SPAN);
    }
    html_close(h, EL_A);
}

static void row_actions(Html *h, const Action *actions, size_t count, const char *classes,
                        const SummaryCard *card)
{
    if (!count)
        return;
    html_open(h, EL_DD, ATTR_CLASS, css(h, "govuk-summary-list__actions", classes, NULL));
    if (count > 1)
        html_open(h, EL_UL, ATTR_CLASS, "govuk-summary-list__actions-list");
    for (size_t i = 0; i < count; i++) {
        if (count > 1)
            html_open(h, EL_LI, ATTR_CLASS, "govuk-summary-list__actions-list-item");
        action_link(h, &actions[i], card);
        if (count > 1)
            html_close(h, EL_LI);
    }
    if (count > 1)
        html_close(h, EL_UL);
    html_close(h, EL_DD);
}

static void summary_row_draw(Html *h, const SummaryRow *row, const SummaryCard *card, bool any_actions)
{
    const char *none = any_actions && !row->actions ? "govuk-summary-list__row--no-actions" : NULL;
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-summary-list__row", none, row->classes));
    html_open(h, EL_DT, ATTR_CLASS, css(h, "govuk-summary-list__key", row->key_classes, NULL));
    html_text_or(h, row->key, row->key_html);
    html_close(h, EL_DT);
    html_open(h, EL_DD, ATTR_CLASS, css(h, "govuk-summary-list__value", row->value_classes, NULL));
    html_text_or(h, row->value, row->value_html);
    html_close(h, EL_DD);
    row_actions(h, row->actions, row->action_count, row->actions_classes, card);
    html_close(h, EL_DIV);
}

static void card_actions(Html *h, const SummaryCard *card)
{
    if (!card->action_count)
        return;
    bool        many    = card->action_count > 1;
    const char *classes = css(h, "govuk-summary-card__actions", card->actions_classes, NULL);
    HtmlEl      outer   = many ? EL_UL : EL_DIV;
    html_open(h, outer, ATTR_CLASS, classes);
    for (size_t i = 0; i < card->action_count; i++) {
        if (many)
            html_open(h, EL_LI, ATTR_CLASS, "govuk-summary-card__action");
        action_link(h, &card->actions[i], card);
        if (many)
            html_close(h, EL_LI);
    }
    html_close(h, outer);
}

static void card_open(Html *h, const SummaryCard *card)
{
    HtmlEl title = heading_el(card->heading_level, 2);
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-summary-card", card->classes, NULL));
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-summary-card__title-wrapper");
    if (has_text(card->title, card->title_html)) {
        html_open(h, title, ATTR_CLASS, "govuk-summary-card__title");
        html_text_or(h, card->title, card->title_html);
        html_close(h, title);
    }
    card_actions(h, card);
    html_close(h, EL_DIV);
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-summary-card__content");
}

void summary_list(Html *h, const SummaryList *o)
{
    bool any_actions = false;
    for (size_t i = 0; i < o->count; i++)
        any_actions = any_actions || o->rows[i].action_count;
    if (o->card)
        card_open(h, o->card);
    summary_open(h, o->classes);
    for (size_t i = 0; i < o->count; i++)
        summary_row_draw(h, &o->rows[i], o->card, any_actions);
    summary_close(h);
    if (o->card) {
        html_close(h, EL_DIV);
        html_close(h, EL_DIV);
    }
}

void summary_open(Html *h, const char *classes)
{
    html_open(h, EL_DL, ATTR_CLASS, css(h, "govuk-summary-list", classes, NULL));
}

void summary_close(Html *h)
{
    html_close(h, EL_DL);
}

void summary_row_open(Html *h, const char *key)
{
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-summary-list__row");
    html_leaf(h, EL_DT, key, ATTR_CLASS, "govuk-summary-list__key");
    html_open(h, EL_DD, ATTR_CLASS, "govuk-summary-list__value");
}

void summary_row_close(Html *h)
{
    html_close(h, EL_DD);
    html_close(h, EL_DIV);
}

void summary_row_actions(Html *h, const Action *actions, size_t count)
{
    html_close(h, EL_DD);
    row_actions(h, actions, count, NULL, NULL);
    html_close(h, EL_DIV);
}

void summary_row(Html *h, const char *key, const char *value)
{
    summary_row_open(h, key);
    if (filled(value))
        html_text(h, value);
    else
        html_leaf(h, EL_SPAN, "Not recorded", ATTR_CLASS, "m-why");
    summary_row_close(h);
}

/* ---- table ---- */

/* A column of buttons needs no heading, and an empty heading is announced as one. */
static void head_cell(Html *h, const TableColumn *c)
{
    HtmlEl el = filled(c->text) ? EL_TH : EL_TD;
    html_leaf(h, el, c->text, ATTR_SCOPE, el == EL_TH ? "col" : NULL, ATTR_CLASS,
              css(h, "govuk-table__header", c->numeric ? "govuk-table__header--numeric" : NULL, c->classes));
}

/* What a screen reader calls the scrolling region: two on one page must not sound the same. */
static const char *region_label(Html *h, const Table *o)
{
    StrBuf buf = { .mem = h->mem };
    if (o->caption)
        return o->caption;
    buf_add(&buf, "Table");
    for (size_t i = 0; i < o->column_count; i++)
        if (filled(o->columns[i].text))
            buf_fmt(&buf, "%s%s", buf.len > 5 ? ", " : " of ", o->columns[i].text);
    return buf_text(&buf);
}

void table_open(Html *h, const Table *o)
{
    /* Always a division, so that table_close needs no memory of the choice. */
    bool scroll = !o->no_scroll;
    html_open(h, EL_DIV, ATTR_CLASS, scroll ? "m-scroll" : NULL, ATTR_ROLE, scroll ? "region" : NULL,
              ATTR_ARIA_LABEL, scroll ? region_label(h, o) : NULL,
              ATTR_TABINDEX, scroll ? "0" : NULL);
    html_open(h, EL_TABLE, ATTR_ID, o->id, ATTR_CLASS, css(h, "govuk-table", o->classes, NULL),
              ATTR_DATA_MODULE, o->sortable ? "moj-sortable-table" : NULL);
    if (o->caption)
        html_leaf(h, EL_CAPTION, o->caption, ATTR_CLASS,
                  css(h, "govuk-table__caption", o->caption_classes, NULL));
    if (o->column_count) {
        html_open(h, EL_THEAD, ATTR_CLASS, "govuk-table__head");
        html_open(h, EL_TR, ATTR_CLASS, "govuk-table__row");
        for (size_t i = 0; i < o->column_count; i++)
            head_cell(h, &o->columns[i]);
        html_close(h, EL_TR);
        html_close(h, EL_THEAD);
    }
    html_open(h, EL_TBODY, ATTR_CLASS, "govuk-table__body");
}

void table_close(Html *h)
{
    html_close(h, EL_TBODY);
    html_close(h, EL_TABLE);
    html_close(h, EL_DIV);
}

void table_row(Html *h)
{
    html_open(h, EL_TR, ATTR_CLASS, "govuk-table__row");
}

void table_row_end(Html *h)
{
    html_close(h, EL_TR);
}

void table_cell_open(Html *h, const char *classes)
{
    html_open(h, EL_TD, ATTR_CLASS, css(h, "govuk-table__cell", classes, NULL));
}

void table_cell_close(Html *h)
{
    html_close(h, EL_TD);
}

void table_cell(Html *h, const char *text)
{
    html_leaf(h, EL_TD, text, ATTR_CLASS, "govuk-table__cell");
}

void table_cell_num(Html *h, int64_t n)
{
    html_open(h, EL_TD, ATTR_CLASS, "govuk-table__cell govuk-table__cell--numeric", ATTR_DATA_SORT_VALUE, n);
    html_num(h, n);
    html_close(h, EL_TD);
}

void table_cell_link(Html *h, Url href, const char *text)
{
    table_cell_open(h, NULL);
    html_link(h, href, text);
    table_cell_close(h);
}

void table_head_cell(Html *h, const char *text)
{
    html_leaf(h, EL_TH, text, ATTR_SCOPE, "row", ATTR_CLASS, "govuk-table__header");
}

static const char *span_of(Html *h, int n)
{
    return n ? str_fmt(h->mem, "%d", n) : NULL;
}

static void data_cell(Html *h, const Cell *cell, HtmlEl el, const char *scope)
{
    bool        column = str_same(scope, "col");
    const char *base   = el == EL_TH ? "govuk-table__header" : "govuk-table__cell";
    const char *number = !cell->numeric || str_same(scope, "row") ? NULL
                       : column ? "govuk-table__header--numeric" : "govuk-table__cell--numeric";
    html_open(h, el, ATTR_SCOPE, scope, ATTR_CLASS, css(h, base, number, cell->classes),
              ATTR_COLSPAN, span_of(h, cell->colspan), ATTR_ROWSPAN, span_of(h, cell->rowspan));
    html_text_or(h, cell->text, cell->html);
    html_close(h, el);
}

static void data_row(Html *h, const Cell *cells, size_t count, bool first_is_header, bool head)
{
    html_open(h, EL_TR, ATTR_CLASS, "govuk-table__row");
    for (size_t i = 0; i < count; i++) {
        bool header = head || (first_is_header && i == 0);
        data_cell(h, &cells[i], header ? EL_TH : EL_TD, head ? "col" : header ? "row" : NULL);
    }
    html_close(h, EL_TR);
}

void table_data(Html *h, const TableData *o)
{
    html_open(h, EL_TABLE, ATTR_CLASS, css(h, "govuk-table", o->classes, NULL));
    if (filled(o->caption))
        html_leaf(h, EL_CAPTION, o->caption, ATTR_CLASS,
                  css(h, "govuk-table__caption", o->caption_classes, NULL));
    if (o->head) {
        html_open(h, EL_THEAD, ATTR_CLASS, "govuk-table__head");
        data_row(h, o->head, o->head_count, false, true);
        html_close(h, EL_THEAD);
    }
    html_open(h, EL_TBODY, ATTR_CLASS, "govuk-table__body");
    for (size_t i = 0; i < o->row_count; i++)
        data_row(h, o->rows[i].cells, o->rows[i].count, o->first_cell_is_header, false);
    html_close(h, EL_TBODY);
    html_close(h, EL_TABLE);
}

/* ---- task list ---- */

static void task_name(Html *h, const Task *t, const char *hint_id, const char *status_id)
{
    HtmlEl el = t->href.text ? EL_A : EL_DIV;
    if (t->href.text)
        html_open(h, EL_A, ATTR_CLASS, css(h, "govuk-link govuk-task-list__link", t->title_classes, NULL),
                  ATTR_HREF, t->href, ATTR_ARIA_DESCRIBEDBY, ids(h, hint_id, status_id, NULL));
    else
        html_open(h, EL_DIV, ATTR_CLASS, filled(t->title_classes));
    html_text_or(h, t->title, t->title_html);
    html_close(h, el);
    if (!hint_id)
        return;
    html_open(h, EL_DIV, ATTR_ID, hint_id, ATTR_CLASS, "govuk-task-list__hint");
    html_text_or(h, t->hint, t->hint_html);
    html_close(h, EL_DIV);
}

static void task_status(Html *h, const Task *t, const char *status_id)
{
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-task-list__status", t->status_classes, NULL), ATTR_ID,
              status_id);
    if (has_text(t->tag, t->tag_html))
        tag_draw(h, t->tag, t->tag_html, t->tag_classes);
    else
        html_text_or(h, t->status, t->status_html);
    html_close(h, EL_DIV);
}

void task_list(Html *h, const TaskList *o)
{
    const char *prefix = filled(o->id_prefix) ? o->id_prefix : "task-list";
    html_open(h, EL_UL, ATTR_CLASS, css(h, "govuk-task-list", o->classes, NULL));
    for (size_t i = 0; i < o->count; i++) {
        const Task *t = &o->items[i];
        const char *status_id = str_fmt(h->mem, "%s-%zu-status", prefix, i + 1);
        const char *hint_id =
            has_text(t->hint, t->hint_html) ? str_fmt(h->mem, "%s-%zu-hint", prefix, i + 1) : NULL;
        html_open(h, EL_LI, ATTR_CLASS,
                  css(h, "govuk-task-list__item", t->href.text ? "govuk-task-list__item--with-link" : NULL,
                      t->classes));
        html_open(h, EL_DIV, ATTR_CLASS, "govuk-task-list__name-and-hint");
        task_name(h, t, hint_id, status_id);
        html_close(h, EL_DIV);
        task_status(h, t, status_id);
        html_close(h, EL_LI);
    }
    html_close(h, EL_UL);
}

/* ---- paging ---- */

typedef struct StepKind { const char *rel, *word, *classes, *icon, *path; } StepKind;
static const StepKind previous_step = { "prev", "Previous", "govuk-pagination__prev",
                                        "govuk-pagination__icon govuk-pagination__icon--prev",
                                        "m6.5938-0.0078125-6.7266 6.7266 6.7441 6.4062 "
                                        "1.377-1.449-4.1856-3.9768h12.896v-2h-12.984l4.2931-4.293-1.414"
                                        "-1.414z" };
static const StepKind next_step = { "next", "Next", "govuk-pagination__next",
                                    "govuk-pagination__icon govuk-pagination__icon--next",
                                    "m8.107-0.0078125-1.4136 1.414 4.2926 4.293h-12.986v2h12.896l-4.1855 "
                                    "3.9766 1.377 1.4492 6.7441-6.4062-6.7246"
                                    "-6.7266z" };

static void step_icon(Html *h, const StepKind *kind)
{
    html_open(h, EL_SVG, ATTR_CLASS, kind->icon, ATTR_XMLNS, "http://www.w3.org/2000/svg", ATTR_HEIGHT, "13",
              ATTR_WIDTH, "15", ATTR_ARIA_HIDDEN, "true", ATTR_FOCUSABLE, "false", ATTR_VIEWBOX, "0 0 15 13");
    html_leaf(h, EL_PATH, NULL, ATTR_D, kind->path);
    html_close(h, EL_SVG);
}

static void step_title(Html *h, const StepKind *kind, const PageStep *step, bool block)
{
    html_open(h, EL_SPAN, ATTR_CLASS, css(h, "govuk-pagination__link-title",
              block && !filled(step->label) ? "govuk-pagination__link-title--decorated" : NULL, NULL));
    if (filled(step->text)) {
        html_text(h, step->text);
    } else {
        html_text(h, kind->word);
        visually_hidden(h, " page");
    }
    html_close(h, EL_SPAN);
    if (filled(step->label) && block) {
        visually_hidden(h, ":");
        html_leaf(h, EL_SPAN, step->label, ATTR_CLASS, "govuk-pagination__link-label");
    }
}

static void step_draw(Html *h, const StepKind *kind, const PageStep *step, bool block)
{
    if (!step->href.text)
        return;
    bool icon_first = block || kind == &previous_step;
    html_open(h, EL_DIV, ATTR_CLASS, kind->classes);
    html_open(h, EL_A, ATTR_CLASS, "govuk-link govuk-pagination__link", ATTR_HREF, step->href, ATTR_REL,
              kind->rel);
    if (icon_first)
        step_icon(h, kind);
    step_title(h, kind, step, block);
    if (!icon_first)
        step_icon(h, kind);
    html_close(h, EL_A);
    html_close(h, EL_DIV);
}

static void page_number(Html *h, const PageLink *item)
{
    html_open(h, EL_LI, ATTR_CLASS, css(h, "govuk-pagination__item",
                                        item->current ? "govuk-pagination__item--current" : NULL,
                                        item->ellipsis ? "govuk-pagination__item--ellipsis" : NULL));
    if (item->ellipsis)
        html_lit(h, "&ctdot;");
    else
        html_leaf(h, EL_A, item->number, ATTR_CLASS, "govuk-link govuk-pagination__link", ATTR_HREF,
                  item->href, ATTR_ARIA_LABEL,
                  item->hidden ? item->hidden : str_fmt(h->mem, "Page %s", item->number), ATTR_ARIA_CURRENT,
                  item->current ? "page" : NULL);
    html_close(h, EL_LI);
}

void pagination(Html *h, const Pagination *o)
{
    bool block = !o->count && (o->previous.href.text || o->next.href.text);
    html_open(h, EL_NAV, ATTR_CLASS,
              css(h, "govuk-pagination", block ? "govuk-pagination--block" : NULL, o->classes),
              ATTR_ARIA_LABEL, filled(o->landmark) ? o->landmark : "Pagination");
    step_draw(h, &previous_step, &o->previous, block);
    if (o->count) {
        html_open(h, EL_UL, ATTR_CLASS, "govuk-pagination__list");
        for (size_t i = 0; i < o->count; i++)
            page_number(h, &o->items[i]);
        html_close(h, EL_UL);
    }
    step_draw(h, &next_step, &o->next, block);
    html_close(h, EL_NAV);
}

void pagination_keyset(Html *h, Url previous, Url next)
{
    if (previous.text || next.text)
        pagination(h, &(Pagination){ .previous = { .href = previous }, .next = { .href = next } });
}
