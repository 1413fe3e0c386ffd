/* components_moj.h: Ministry of Justice components, and the few of Muster's own. */
#pragma once
#include "web/html.h"

/* ---- MoJ ---- */
void badge(Html *h, const char *text, const char *colour); /* colour: "red", "blue", ... or NULL */
typedef struct Alert {
    const char *kind;                       /* "information", "success", "warning", "error" */
    const char *title;                      /* named to screen readers; shown as a heading when show_title */
    const char *text; Draw html;
    bool        show_title, dismissible;
} Alert;
void alert(Html *h, const Alert *o);
void timeline_open(Html *h);
typedef struct TimelineItem {
    const char *title, *by, *text; Draw html;
    const char *when;                       /* as read by people */
    const char *datetime;                   /* ISO 8601, may be NULL */
} TimelineItem;
void timeline_item(Html *h, const TimelineItem *o);
void timeline_close(Html *h);
typedef struct SubNavItem { const char *text; Url href; bool active; } SubNavItem;
void sub_navigation(Html *h, const char *label, const SubNavItem *items, size_t count);
typedef struct IdentityBar { const char *title; Draw title_html; Draw actions; } IdentityBar;
void identity_bar(Html *h, const IdentityBar *o);
void page_header_open(Html *h, const char *title); /* heading left, then actions right */
void page_header_close(Html *h);
typedef struct Search { Url action; const char *label, *hint, *name, *value, *id, *button; } Search;
void search_form(Html *h, const Search *o);
/* A GET form of filters beside a list: filter_open, fields, filter_close. */
typedef struct FilterTag { const char *text; Url remove; } FilterTag;
typedef struct Filter {
    Url action;
    const char *heading;
    const FilterTag *chosen;
    size_t chosen_count;
    Url clear;
} Filter;
void filter_open(Html *h, const Filter *o);
void filter_close(Html *h);

/* ---- Muster's own ---- */
/* band: "very-high", "high", "medium", "low"; anything else is drawn as "Not yet banded". */
void band(Html *h, const char *band);
void late(Html *h, const char *text);                                      /* small red label: "2 h late" */
void why(Html *h, const char *text);                                       /* grey secondary text */
typedef enum CardTone { CARD_PLAIN, CARD_CHILD, CARD_LATE, CARD_OK } CardTone;
typedef struct Card { CardTone tone; int64_t count; const char *text; Url href; const char *link; } Card;
void cards(Html *h, const Card *items, size_t count);                      /* the row of big numbers */
typedef struct FlowStep { const char *name; int64_t count; const char *note; Url href; } FlowStep;
void flow_steps(Html *h, const FlowStep *items, size_t count); /* chevrons from report to outcome */
typedef struct Tile {
    int row, column;
    const char *name;
    int64_t count;
    int64_t late;
    const char *title;
    Url href;
} Tile;
void tile_map(Html *h, const char *id, const Tile *items,
              size_t count); /* shaded by count; rows 1-11, columns 1-7 */
void two_open(Html *h);      /* two columns that stack on a phone ... */
void two_next(Html *h);      /* ... from the first to the second ... */
void two_close(Html *h);
/* A section that refreshes itself while `path` sends events (a plain section without scripts). */
void live_open(Html *h, const char *id, Url path);
void live_close(Html *h);
void progress_bar(Html *h, const char *label, int64_t done, int64_t of);
void copy_reference(Html *h, const char *reference); /* the reference; scripts add a button */
void empty_note(Html *h, const char *text);          /* what to say when a list is empty */

/* ---- drawings: role img, titled, sized by view box ---- */
void drawing_open(Html *h, const char *label, int width, int height);
void drawing_close(Html *h);
typedef struct Mark {
    double at;
    int tone;
    const char *title;
} Mark; /* at 0..1; tone 0..4, see muster.css */
typedef struct Span { double from, to; int tone; const char *title; } Span;
typedef struct Lane {
    const char *name;
    const Mark *marks;
    size_t mark_count;
    const Span *spans;
    size_t span_count;
} Lane;
void lanes(Html *h, const char *label, const Lane *items,
           size_t count); /* events and spans along one time line */
typedef struct Weight { const char *name; double bits; } Weight;
void waterfall(Html *h, const char *label, const Weight *items, size_t count, const char *total);
void sparkline(Html *h, const char *label, const double *values, size_t count);
typedef struct Bar { const char *name; double value; const char *shown; Url href; } Bar;
void bars(Html *h, const char *label, const Bar *items, size_t count);
