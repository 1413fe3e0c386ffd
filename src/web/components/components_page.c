#include "web/components/components_page.h"
#include "web/components/components_parts.h"

/* ---- parts ---- */

void skip_link(Html *h, const char *text, Url href, const char *classes)
{
    html_leaf(h, EL_A, text, ATTR_HREF, href.text ? href : url_lit("#content"),
              ATTR_CLASS, css(h, "govuk-skip-link", classes, NULL), ATTR_DATA_MODULE, "govuk-skip-link");
}

void phase_banner(Html *h, const PhaseBanner *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-phase-banner govuk-width-container", o->classes, NULL));
    html_open(h, EL_P, ATTR_CLASS, "govuk-phase-banner__content");
    tag_draw(h, o->tag, (Draw){0}, css(h, "govuk-phase-banner__content__tag", o->tag_classes, NULL));
    html_open(h, EL_SPAN, ATTR_CLASS, "govuk-phase-banner__text");
    html_text_or(h, o->text, o->html);
    html_close(h, EL_SPAN);
    html_close(h, EL_P);
    html_close(h, EL_DIV);
}

static void nav_item(Html *h, const NavItem *item)
{
    bool        here = item->active || item->current;
    const char *aria = here ? (item->current ? "page" : "true") : NULL;
    HtmlEl      el   = item->href.text ? EL_A : EL_SPAN;
    html_open(h, EL_LI, ATTR_CLASS, css(h, "govuk-service-navigation__item",
                                        here ? "govuk-service-navigation__item--active" : NULL, NULL));
    if (item->href.text)
        html_open(h, EL_A, ATTR_CLASS, "govuk-service-navigation__link", ATTR_HREF, item->href,
                  ATTR_ARIA_CURRENT, aria);
    else
        html_open(h, EL_SPAN, ATTR_CLASS, "govuk-service-navigation__text", ATTR_ARIA_CURRENT, aria);
    if (here)                                         /* still told apart where colours are overridden */
        html_open(h, EL_STRONG, ATTR_CLASS, "govuk-service-navigation__active-fallback");
    html_text_or(h, item->text, item->html);
    if (here)
        html_close(h, EL_STRONG);
    html_close(h, el);
    html_close(h, EL_LI);
}

static void service_name(Html *h, const ServiceNavigation *o)
{
    if (!filled(o->service_name))
        return;
    html_open(h, EL_SPAN, ATTR_CLASS, "govuk-service-navigation__service-name");
    if (o->service_url.text)
        html_leaf(h, EL_A, o->service_name, ATTR_HREF, o->service_url, ATTR_CLASS,
                  "govuk-service-navigation__link");
    else
        html_leaf(h, EL_SPAN, o->service_name, ATTR_CLASS, "govuk-service-navigation__text");
    html_close(h, EL_SPAN);
}

static void navigation(Html *h, const ServiceNavigation *o)
{
    if (!o->count && !o->slot_navigation_start.draw && !o->slot_navigation_end.draw)
        return;
    const char *menu = filled(o->menu_text) ? o->menu_text : "Menu";
    const char *id   = filled(o->navigation_id) ? o->navigation_id : "navigation";
    html_open(h, EL_NAV, ATTR_ARIA_LABEL, filled(o->navigation_label) ? o->navigation_label : menu,
              ATTR_CLASS, css(h, "govuk-service-navigation__wrapper", o->navigation_classes, NULL));
    if ((o->count > 1 || o->collapse) && !o->no_collapse)
        html_leaf(h, EL_BUTTON, menu, ATTR_TYPE, "button", ATTR_CLASS,
                  "govuk-service-navigation__toggle govuk-js-service-navigation-toggle", ATTR_ARIA_CONTROLS,
                  id, ATTR_ARIA_LABEL,
                  filled(o->menu_label) && !str_same(o->menu_label, menu) ? o->menu_label : NULL, ATTR_HIDDEN,
                  true, ATTR_ARIA_HIDDEN, "true");
    html_open(h, EL_UL, ATTR_CLASS, "govuk-service-navigation__list", ATTR_ID, id);
    html_draw(h, o->slot_navigation_start);
    for (size_t i = 0; i < o->count; i++)
        nav_item(h, &o->items[i]);
    html_draw(h, o->slot_navigation_end);
    html_close(h, EL_UL);
    html_close(h, EL_NAV);
}

void service_navigation(Html *h, const ServiceNavigation *o)
{
    bool   region = filled(o->service_name) || o->slot_start.draw || o->slot_end.draw;
    HtmlEl el     = region ? EL_SECTION : EL_DIV;
    html_open(h, el, ATTR_ARIA_LABEL, region ? (o->aria_label ? o->aria_label : "Service information") : NULL,
              ATTR_CLASS, css(h, "govuk-service-navigation", o->classes, NULL),
              ATTR_DATA_MODULE, "govuk-service-navigation");
    html_open(
        h, EL_DIV, ATTR_CLASS,
        css(h, "govuk-width-container",
            str_same(o->slot_end_align, "inline") ? "govuk-service-navigation__inlining-container" : NULL,
            NULL));
    html_draw(h, o->slot_start);
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-service-navigation__container");
    service_name(h, o);
    navigation(h, o);
    html_close(h, EL_DIV);
    html_draw(h, o->slot_end);
    html_close(h, EL_DIV);
    html_close(h, el);
}

/* ---- the frame ---- */

static const struct { const char *text; Url href; } nav_places[NAV__COUNT] = {
    [NAV_PICTURE]  = { "Picture",  { "/" }         },
    [NAV_QUEUE]    = { "Queue",    { "/queue" }    },
    [NAV_PACKAGES] = { "Packages", { "/packages" } },
    [NAV_CHILDREN] = { "Children", { "/children" } },
    [NAV_LINKS]    = { "Links",    { "/links" }    },
    [NAV_FIGURES]  = { "Figures",  { "/figures" }  },
    [NAV_INTAKE]   = { "Intake",   { "/intake" }   },
    [NAV_LEDGER]   = { "Ledger",   { "/ledger" }   },
};

static Url asset(Html *h, const char *name, const char *etag)
{
    return url_query(h->mem, url_of(h->mem, "/assets/", name), "v", etag);
}

static void head(Html *h, const Page *o)
{
    html_open(h, EL_HEAD);
    html_open(h, EL_META, ATTR_CHARSET, "utf-8");
    html_open(h, EL_TITLE);
    html_fmt(h, "%s%s - Muster", o->is_error ? "Error: " : "", o->title ? o->title : "Page");
    html_close(h, EL_TITLE);
    html_open(h, EL_META, ATTR_NAME, "viewport", ATTR_CONTENT,
              "width=device-width, initial-scale=1, viewport-fit=cover");
    html_open(h, EL_META, ATTR_NAME, "theme-color", ATTR_CONTENT, "#1d70b8");
    html_open(h, EL_LINK, ATTR_REL, "icon", ATTR_HREF, url_lit("/assets/images/icon.svg"),
              ATTR_TYPE, "image/svg+xml");
    html_open(h, EL_LINK, ATTR_REL, "stylesheet", ATTR_HREF, asset(h, "muster.css", o->asset_tag));
    /* Modules wait for the page and are not run by browsers too old for them. */
    html_leaf(h, EL_SCRIPT, NULL, ATTR_TYPE, "module", ATTR_SRC, asset(h, "muster.js", o->asset_tag));
    if (o->head_extra_script)
        html_leaf(h, EL_SCRIPT, NULL, ATTR_TYPE, "module", ATTR_SRC,
                  asset(h, o->head_extra_script, o->asset_tag));
    html_close(h, EL_HEAD);
}

static void exercise_banner(Html *h, const char *exercise)
{
    if (!filled(exercise))
        return;
    html_open(h, EL_DIV, ATTR_CLASS, "m-exercise", ATTR_ROLE, "region", ATTR_ARIA_LABEL, "Exercise");
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-width-container");
    html_lit(h, "<strong>Exercise</strong> ");
    html_fmt(h, "%s. Every person, address and account here is invented.", exercise);
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

static void user_draw(Html *h, const void *ctx)
{
    const Page *o = ctx;
    html_open(h, EL_DIV, ATTR_CLASS, "m-user");
    html_leaf(h, EL_SPAN, o->agency ? str_fmt(h->mem, "%s, %s", o->user_name, o->agency) : o->user_name);
    form_open_with(h, &(Form){ .action = url_lit("/sign-out"), .classes = "m-user__out" });
    html_leaf(h, EL_BUTTON, "Sign out", ATTR_TYPE, "submit", ATTR_CLASS, "m-link-button");
    form_close(h);
    html_close(h, EL_DIV);
}

static void queue_draw(Html *h, const void *ctx)
{
    const Page *o = ctx;
    html_text(h, nav_places[NAV_QUEUE].text);
    html_open(h, EL_SPAN, ATTR_CLASS, "moj-notification-badge m-nav-late");
    html_num(h, o->late_count);
    visually_hidden(h, " late");
    html_close(h, EL_SPAN);
}

static void page_navigation(Html *h, const Page *o)
{
    NavItem items[NAV__COUNT - 1];
    size_t count = 0;
    for (int place = NAV_PICTURE; place < NAV__COUNT; place++) {
        if (o->nav_hidden & 1u << place)
            continue;
        items[count++] = (NavItem){ .text = nav_places[place].text, .href = nav_places[place].href,
                                    .active = o->nav == (NavPlace)place };
        if (place == NAV_QUEUE && o->late_count)
            items[count - 1].html = (Draw){ queue_draw, o };
    }
    service_navigation(h, &(ServiceNavigation){
        .service_name = "Muster", .service_url = o->home.text ? o->home : url_lit("/"), .items = items,
        .count = o->user_name ? count : 0, .slot_end_align = "inline",
        .slot_end = { o->user_name ? user_draw : NULL, o } });
}

static void page_heading(Html *h, const Page *o)
{
    if (o->own_heading)
        return;
    if (o->caption)
        html_leaf(h, EL_SPAN, o->caption, ATTR_CLASS, "govuk-caption-l");
    html_open(h, EL_H1, ATTR_CLASS, "govuk-heading-l");
    html_text(h, o->title);
    if (o->band) {
        html_lit(h, " ");
        band(h, o->band);
    }
    html_close(h, EL_H1);
}

void page_begin(Html *h, const Page *o)
{
    h->csrf = o->csrf;
    html_lit(h, "<!DOCTYPE html>\n");
    html_open(h, EL_HTML, ATTR_LANG, o->lang ? o->lang : "en", ATTR_CLASS, "govuk-template");
    head(h, o);
    html_open(h, EL_BODY, ATTR_CLASS, "govuk-template__body");
    skip_link(h, "Skip to main content", url_lit("#main-content"), NULL);
    html_open(h, EL_HEADER, ATTR_CLASS, "govuk-template__header m-header");
    exercise_banner(h, o->exercise);
    page_navigation(h, o);
    html_close(h, EL_HEADER);
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-width-container");
    if (o->back.text) {
        html_open(h, EL_NAV, ATTR_ARIA_LABEL, "Back"); /* before the main part, so that skipping skips it */
        back_link(h, o->back, NULL, NULL);
        html_close(h, EL_NAV);
    }
    html_open(h, EL_MAIN, ATTR_CLASS, "govuk-main-wrapper m-main", ATTR_ID, "main-content");
    if (o->narrow) {
        html_open(h, EL_DIV, ATTR_CLASS, "govuk-grid-row");
        html_open(h, EL_DIV, ATTR_CLASS, "govuk-grid-column-two-thirds");
    }
    if (o->flash)
        notification_banner(h, &(NotificationBanner){ .type = "success", .text = o->flash });
    page_heading(h, o);
}

void page_end(Html *h, const Page *o)
{
    if (o->narrow) {
        html_close(h, EL_DIV);
        html_close(h, EL_DIV);
    }
    html_close(h, EL_MAIN);
    html_close(h, EL_DIV);
    html_lit(h, "<footer class=\"govuk-template__footer m-footer\"><div class=\"govuk-width-container\">"
                "<p class=\"m-why\">Every look at a record is entered in the ledger. A suspect is a suspect, "
                "not an offender, until a court says so.</p></div></footer>");
    html_close(h, EL_BODY);
    html_close(h, EL_HTML);
}
