/* components.h: the GOV.UK and MoJ design systems as functions over plain structs.
 *
 * Each writes the markup that its design system publishes (components_test.c compares them with the official
 * fixtures). Fields left at zero mean "not there". Texts are escaped; where a field is a `Draw`, it is drawn
 * instead of the text beside it. Lists: `.items = ITEMS(Crumb, { .text = "Queue", .href = url_lit("/queue")
 * }, ...)` sets the list and the count after it. Containers come as _open and _close. Nothing here reads a
 * database.
 *
 *   components_page.h   page frame, navigation          components_form.h   fields, buttons, forms
 *   components.h        reading components              components_moj.h    MoJ and Muster's own */
#pragma once
#include "web/html.h"

#define ITEMS(Type, ...) (const Type[]){ __VA_ARGS__ }, COUNT_OF(((const Type[]){ __VA_ARGS__ }))

/* ---- headings and text ---- */
void heading(Html *h, HtmlEl el, const char *size, const char *text); /* heading(h, EL_H2, "m", "The door") */
void heading_caption(Html *h, const char *size, const char *caption,
                     const char *text);                                     /* h1 with its caption */
void back_link(Html *h, Url href, const char *text, const char *classes);   /* NULL text: "Back" */
void inset_text(Html *h, const char *id, const char *text);
void inset_open(Html *h, const char *id, const char *classes);
void inset_close(Html *h);
void warning_text(Html *h, const char *text); /* with the hidden word "Warning" */
typedef struct WarningText { const char *text; Draw html; const char *icon_fallback, *classes; } WarningText;
void warning_text_draw(Html *h, const WarningText *o);
/* colour: NULL, "grey", "green", "teal", "blue", "light-blue", "purple", "pink", "red", "orange", "yellow" */
void tag(Html *h, const char *text, const char *colour);
void visually_hidden(Html *h, const char *text);

typedef struct Crumb { const char *text; Url href; } Crumb;
typedef struct Breadcrumbs {
    const Crumb *items; size_t count;
    const char  *classes, *label;
    bool         collapse_on_mobile;
} Breadcrumbs;
void breadcrumbs(Html *h, const Breadcrumbs *o);

typedef struct Details {
    const char *id, *summary, *text, *classes;
    Draw summary_html, html;
    bool open;
} Details;
void details(Html *h, const Details *o);
void details_open(Html *h, const Details *o);                               /* text and html unused */
void details_close(Html *h);

typedef struct Panel { const char *title, *text, *classes; Draw html; int heading_level; } Panel;
void panel(Html *h, const Panel *o);

typedef struct NotificationBanner {
    const char *text; Draw html;                     /* text is drawn as a heading */
    const char *type;                                /* "success" or NULL */
    const char *title, *title_id, *role, *classes;
    int         heading_level;
    int         no_auto_focus;                       /* 0 says nothing, 1 "true", -1 "false" */
} NotificationBanner;
void notification_banner(Html *h, const NotificationBanner *o);

typedef struct ErrorLine { const char *text; Url href; } ErrorLine;
typedef struct ErrorSummary {
    const ErrorLine *errors; size_t count;
    const char      *title, *description, *classes;  /* NULL title: "There is a problem" */
    int              no_auto_focus;
} ErrorSummary;
void error_summary(Html *h, const ErrorSummary *o);

/* ---- summary list: one row per fact ---- */
typedef struct Action {
    const char *text;
    Url href;
    const char *hidden, *classes;
} Action; /* hidden: "Change<hidden>" */
typedef struct SummaryRow {
    const char   *key, *value;
    Draw          key_html, value_html;
    const Action *actions; size_t action_count;
    const char   *classes, *key_classes, *value_classes, *actions_classes;
} SummaryRow;
typedef struct SummaryCard {
    const char   *title; Draw title_html; int heading_level;
    const Action *actions; size_t action_count;
    const char   *classes, *actions_classes;
} SummaryCard;
typedef struct SummaryList {
    const SummaryRow  *rows; size_t count;
    const SummaryCard *card;                         /* NULL: a bare list */
    const char        *classes;
} SummaryList;
void summary_list(Html *h, const SummaryList *o);
/* The same, drawn piece by piece: */
void summary_open(Html *h, const char *classes);
void summary_row(Html *h, const char *key, const char *value); /* a missing value says "Not recorded" */
void summary_row_open(Html *h, const char *key);                            /* ... draw the value ... */
void summary_row_close(Html *h);
void summary_row_actions(Html *h, const Action *actions, size_t count);     /* instead of summary_row_close */
void summary_close(Html *h);

/* ---- table: piece by piece, inside a region that scrolls sideways on its own ---- */
typedef struct TableColumn { const char *text; bool numeric; const char *classes; } TableColumn;
typedef struct Table {
    const char        *caption, *caption_classes, *classes, *id;
    const TableColumn *columns; size_t column_count;
    bool               first_cell_is_header;
    bool               no_scroll;                    /* leave out the scrolling region */
    bool               sortable;                     /* heads become sort buttons where scripts run */
} Table;
void table_open(Html *h, const Table *o);            /* head drawn, body open */
void table_row(Html *h);                             /* opens a row */
void table_row_end(Html *h);
void table_cell(Html *h, const char *text);
void table_cell_num(Html *h, int64_t n);
void table_cell_link(Html *h, Url href, const char *text);
void table_head_cell(Html *h, const char *text);     /* a row's own header */
void table_cell_open(Html *h, const char *classes);
void table_cell_close(Html *h);
void table_close(Html *h);
/* A whole table from data, as the design system has it. */
typedef struct Cell {
    const char *text;
    Draw html;
    bool numeric;
    int colspan, rowspan;
    const char *classes;
} Cell;
typedef struct CellRow { const Cell *cells; size_t count; } CellRow;
typedef struct TableData {
    const char    *caption, *caption_classes, *classes;
    const Cell    *head; size_t head_count;
    const CellRow *rows; size_t row_count;
    bool           first_cell_is_header;
} TableData;
void table_data(Html *h, const TableData *o);

/* ---- tabs, accordion: sections that also read in order without scripts ---- */
typedef struct TabItem { const char *label, *id; const char *text; Draw html; } TabItem;
typedef struct Tabs {
    const TabItem *items;
    size_t count;
    const char *id, *id_prefix, *title, *classes;
} Tabs;
void tabs(Html *h, const Tabs *o);
typedef struct AccordionSection {
    const char *heading, *summary, *text; Draw heading_html, summary_html, html;
    bool        expanded;
} AccordionSection;
typedef struct Accordion {
    const AccordionSection *items; size_t count;
    const char *id, *classes;
    int         heading_level;
} Accordion;
void accordion(Html *h, const Accordion *o);

typedef struct Task {
    const char *title, *hint; Draw title_html, hint_html; Url href;
    const char *status, *tag, *tag_classes; Draw status_html, tag_html;    /* tag: the status as a tag */
    const char *classes, *title_classes, *status_classes;
} Task;
typedef struct TaskList { const Task *items; size_t count; const char *id_prefix, *classes; } TaskList;
void task_list(Html *h, const TaskList *o);

/* ---- paging ---- */
typedef struct PageLink {
    const char *number;
    Url href;
    bool current, ellipsis;
    const char *hidden;
} PageLink;
typedef struct PageStep { Url href; const char *text, *label; } PageStep;
typedef struct Pagination {
    const PageLink *items; size_t count;
    PageStep        previous, next;
    const char     *landmark, *classes;
} Pagination;
void pagination(Html *h, const Pagination *o);
void pagination_keyset(Html *h, Url previous, Url next); /* either may be {0}; none draws nothing */

#include "web/components/components_form.h"
#include "web/components/components_moj.h"
#include "web/components/components_page.h"
