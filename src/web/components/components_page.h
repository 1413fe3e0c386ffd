/* components_page.h: the frame around every page: skip link, navigation, exercise banner, heading, footer. */
#pragma once
#include "web/html.h"

typedef enum NavPlace { /* which part of the service a page is in */
                        NAV_NONE,
                        NAV_PICTURE,
                        NAV_QUEUE,
                        NAV_PACKAGES,
                        NAV_CHILDREN,
                        NAV_LINKS,
                        NAV_FIGURES,
                        NAV_INTAKE,
                        NAV_LEDGER,
                        NAV__COUNT,
} NavPlace;

typedef struct Crumb Crumb;
typedef struct Page {
    const char *title;                      /* the h1, and the window's title before " - Muster" */
    const char *caption;                    /* grey line above the h1 */
    const char *band;                       /* drawn after the h1, see band() */
    NavPlace    nav;
    Url         back;                       /* back link above the heading */
    const char *exercise;                   /* "Operation Lantern"; NULL: no yellow banner */
    const char *user_name;                  /* NULL: signed out, no navigation */
    const char *agency;                     /* shown beside the name; may be NULL */
    const char *csrf;
    const char *lang;                       /* NULL: "en" */
    const char *asset_tag;                  /* changes whenever css or js does */
    const char *flash;                      /* what was just done, in a green banner; NULL: none */
    int64_t     late_count;                 /* beside Queue; 0: nothing */
    unsigned    nav_hidden;                 /* bit n set: NavPlace n is not for this viewer */
    Url         home;                       /* where "Muster" leads; {0}: "/" */
    bool        is_error;                   /* "Error: " before the window's title, for a form sent back */
    bool        own_heading;                /* the page draws its own h1 */
    bool        narrow;                     /* two-thirds column: forms and reading */
    const char *head_extra_script;          /* literal path under /assets/, such as "chart.js"; NULL: none */
} Page;
void page_begin(Html *h, const Page *o);    /* up to and including the h1; sets h->csrf */
void page_end(Html *h, const Page *o);

/* The Content-Security-Policy that these pages are written for. */
#define PAGE_CSP                                                                                             \
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "             \
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/* ---- parts of the frame ---- */
typedef struct NavItem { const char *text; Url href; bool active, current; Draw html; } NavItem;
typedef struct ServiceNavigation {
    const NavItem *items; size_t count;
    const char    *service_name; Url service_url;
    const char *aria_label, *menu_text, *menu_label, *navigation_label, *navigation_id, *navigation_classes,
        *classes;
    bool           collapse, no_collapse;   /* a menu button on small screens even for one item; never one */
    Draw           slot_start, slot_end, slot_navigation_start, slot_navigation_end;
    const char    *slot_end_align;
} ServiceNavigation;
void service_navigation(Html *h, const ServiceNavigation *o);
void skip_link(Html *h, const char *text, Url href, const char *classes);  /* {0} href: #content */
typedef struct PhaseBanner {
    const char *tag, *tag_classes, *text;
    Draw html;
    const char *classes;
} PhaseBanner;
void phase_banner(Html *h, const PhaseBanner *o);
