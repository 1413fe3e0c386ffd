/* Components that are read rather than filled in. Lists and tables are in components_list.c. */
#include "web/components/components.h"
#include "web/components/components_parts.h"
#include <string.h>

HtmlEl heading_el(int level, int otherwise)
{
    static const HtmlEl els[] = { EL_H2, EL_H1, EL_H2, EL_H3, EL_H4, EL_H5, EL_H6 };
    int n = level ? level : otherwise;
    return els[n >= 1 && n <= 6 ? n : 0];
}

/* ---- headings and text ---- */

void heading(Html *h, HtmlEl el, const char *size, const char *text)
{
    html_leaf(h, el, text, ATTR_CLASS, str_fmt(h->mem, "govuk-heading-%s", size));
}

void heading_caption(Html *h, const char *size, const char *caption, const char *text)
{
    if (caption)
        html_leaf(h, EL_SPAN, caption, ATTR_CLASS, str_fmt(h->mem, "govuk-caption-%s", size));
    heading(h, EL_H1, size, text);
}

void back_link(Html *h, Url href, const char *text, const char *classes)
{
    html_leaf(h, EL_A, filled(text) ? text : "Back", ATTR_HREF, href.text ? href : url_lit("#"),
              ATTR_CLASS, css(h, "govuk-back-link", classes, NULL));
}

void inset_open(Html *h, const char *id, const char *classes)
{
    html_open(h, EL_DIV, ATTR_ID, filled(id), ATTR_CLASS, css(h, "govuk-inset-text", classes, NULL));
}

void inset_close(Html *h)
{
    html_close(h, EL_DIV);
}

void inset_text(Html *h, const char *id, const char *text)
{
    inset_open(h, id, NULL);
    html_text(h, text);
    inset_close(h);
}

void visually_hidden(Html *h, const char *text)
{
    html_leaf(h, EL_SPAN, text, ATTR_CLASS, "govuk-visually-hidden");
}

void warning_text_draw(Html *h, const WarningText *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-warning-text", o->classes, NULL));
    html_leaf(h, EL_SPAN, "!", ATTR_CLASS, "govuk-warning-text__icon", ATTR_ARIA_HIDDEN, "true");
    html_open(h, EL_STRONG, ATTR_CLASS, "govuk-warning-text__text");
    visually_hidden(h, filled(o->icon_fallback) ? o->icon_fallback : "Warning");
    html_lit(h, " ");
    html_text_or(h, o->text, o->html);
    html_close(h, EL_STRONG);
    html_close(h, EL_DIV);
}

void warning_text(Html *h, const char *text)
{
    warning_text_draw(h, &(WarningText){ .text = text });
}

void tag_draw(Html *h, const char *text, Draw html, const char *classes)
{
    html_open(h, EL_STRONG, ATTR_CLASS, css(h, "govuk-tag", classes, NULL));
    html_text_or(h, text, html);
    html_close(h, EL_STRONG);
}

void tag(Html *h, const char *text, const char *colour)
{
    tag_draw(h, text, (Draw){0}, colour ? str_fmt(h->mem, "govuk-tag--%s", colour) : NULL);
}

void breadcrumbs(Html *h, const Breadcrumbs *o)
{
    html_open(h, EL_NAV, ATTR_CLASS,
              css(h, "govuk-breadcrumbs", o->classes,
                  o->collapse_on_mobile ? "govuk-breadcrumbs--collapse-on-mobile" : NULL),
              ATTR_ARIA_LABEL, o->label ? o->label : "Breadcrumb");
    html_open(h, EL_OL, ATTR_CLASS, "govuk-breadcrumbs__list");
    for (size_t i = 0; i < o->count; i++) {
        const Crumb *item = &o->items[i];
        html_open(h, EL_LI, ATTR_CLASS, "govuk-breadcrumbs__list-item",
                  ATTR_ARIA_CURRENT, item->href.text ? NULL : "page");
        if (item->href.text)
            html_leaf(h, EL_A, item->text, ATTR_CLASS, "govuk-breadcrumbs__link", ATTR_HREF, item->href);
        else
            html_text(h, item->text);
        html_close(h, EL_LI);
    }
    html_close(h, EL_OL);
    html_close(h, EL_NAV);
}

/* ---- details, panel ---- */

void details_open(Html *h, const Details *o)
{
    html_open(h, EL_DETAILS, ATTR_ID, filled(o->id), ATTR_CLASS, css(h, "govuk-details", o->classes, NULL),
              ATTR_OPEN, o->open);
    html_open(h, EL_SUMMARY, ATTR_CLASS, "govuk-details__summary");
    html_open(h, EL_SPAN, ATTR_CLASS, "govuk-details__summary-text");
    html_text_or(h, o->summary, o->summary_html);
    html_close(h, EL_SPAN);
    html_close(h, EL_SUMMARY);
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-details__text");
}

void details_close(Html *h)
{
    html_close(h, EL_DIV);
    html_close(h, EL_DETAILS);
}

void details(Html *h, const Details *o)
{
    details_open(h, o);
    html_text_or(h, o->text, o->html);
    details_close(h);
}

void panel(Html *h, const Panel *o)
{
    HtmlEl title = heading_el(o->heading_level, 1);
    bool interruption = o->classes && strstr(o->classes, "govuk-panel--interruption");
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-panel", interruption ? NULL : "govuk-panel--confirmation",
                                         o->classes));
    html_leaf(h, title, o->title, ATTR_CLASS, "govuk-panel__title");
    if (has_text(o->text, o->html)) {
        html_open(h, EL_DIV, ATTR_CLASS, "govuk-panel__body");
        html_text_or(h, o->text, o->html);
        html_close(h, EL_DIV);
    }
    html_close(h, EL_DIV);
}

/* ---- banners that report ---- */

static void banner_content(Html *h, const NotificationBanner *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-notification-banner__content");
    if (o->html.draw)
        html_draw(h, o->html);
    else if (filled(o->text))
        html_leaf(h, EL_P, o->text, ATTR_CLASS, "govuk-notification-banner__heading");
    html_close(h, EL_DIV);
}

void notification_banner(Html *h, const NotificationBanner *o)
{
    bool        success = str_same(o->type, "success");
    const char *title   = filled(o->title) ? o->title : success ? "Success" : "Important";
    const char *id      = filled(o->title_id) ? o->title_id : "govuk-notification-banner-title";
    HtmlEl      el      = heading_el(o->heading_level, 2);
    html_open(h, EL_DIV, ATTR_CLASS,
              css(h, "govuk-notification-banner", success ? "govuk-notification-banner--success" : NULL,
                  o->classes),
              ATTR_ROLE,
              filled(o->role) ? o->role
              : success       ? "alert"
                              : "region",
              ATTR_ARIA_LABELLEDBY, id, ATTR_DATA_MODULE, "govuk-notification-banner",
              ATTR_DATA_DISABLE_AUTO_FOCUS, true_false(o->no_auto_focus));
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-notification-banner__header");
    html_leaf(h, el, title, ATTR_CLASS, "govuk-notification-banner__title", ATTR_ID, id);
    html_close(h, EL_DIV);
    banner_content(h, o);
    html_close(h, EL_DIV);
}

static void error_lines(Html *h, const ErrorSummary *o)
{
    if (!o->count)
        return;
    html_open(h, EL_UL, ATTR_CLASS, "govuk-list govuk-error-summary__list");
    for (size_t i = 0; i < o->count; i++) {
        html_open(h, EL_LI);
        if (o->errors[i].href.text)
            html_leaf(h, EL_A, o->errors[i].text, ATTR_HREF, o->errors[i].href);
        else
            html_text(h, o->errors[i].text);
        html_close(h, EL_LI);
    }
    html_close(h, EL_UL);
}

void error_summary(Html *h, const ErrorSummary *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-error-summary", o->classes, NULL),
              ATTR_DATA_DISABLE_AUTO_FOCUS, true_false(o->no_auto_focus), ATTR_DATA_MODULE,
              "govuk-error-summary");
    html_open(h, EL_DIV, ATTR_ROLE, "alert"); /* apart from the focused box, so that both are announced */
    html_leaf(h, EL_H2, o->title ? o->title : "There is a problem", ATTR_CLASS, "govuk-error-summary__title");
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-error-summary__body");
    if (filled(o->description))
        html_leaf(h, EL_P, o->description);
    error_lines(h, o);
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

/* ---- tabs, accordion ---- */

static const char *tab_id(Html *h, const Tabs *o, size_t i)
{
    return filled(o->items[i].id) ? o->items[i].id
                                  : str_fmt(h->mem, "%s-%zu", o->id_prefix ? o->id_prefix : "", i + 1);
}

static void tab_panel(Html *h, const Tabs *o, size_t i)
{
    html_open(h, EL_DIV, ATTR_CLASS,
              css(h, "govuk-tabs__panel", i ? "govuk-tabs__panel--hidden" : NULL, NULL), ATTR_ID,
              tab_id(h, o, i));
    if (o->items[i].html.draw)
        html_draw(h, o->items[i].html);
    else if (filled(o->items[i].text))
        html_p(h, o->items[i].text);
    html_close(h, EL_DIV);
}

void tabs(Html *h, const Tabs *o)
{
    html_open(h, EL_DIV, ATTR_ID, filled(o->id), ATTR_CLASS, css(h, "govuk-tabs", o->classes, NULL),
              ATTR_DATA_MODULE, "govuk-tabs");
    html_leaf(h, EL_H2, o->title ? o->title : "Contents", ATTR_CLASS, "govuk-tabs__title");
    if (o->count) {
        html_open(h, EL_UL, ATTR_CLASS, "govuk-tabs__list");
        for (size_t i = 0; i < o->count; i++) {
            html_open(h, EL_LI, ATTR_CLASS, css(h, "govuk-tabs__list-item",
                                                i ? NULL : "govuk-tabs__list-item--selected", NULL));
            html_leaf(h, EL_A, o->items[i].label, ATTR_CLASS, "govuk-tabs__tab",
                      ATTR_HREF, url_anchor(h->mem, tab_id(h, o, i)));
            html_close(h, EL_LI);
        }
        html_close(h, EL_UL);
    }
    for (size_t i = 0; i < o->count; i++)
        tab_panel(h, o, i);
    html_close(h, EL_DIV);
}

static void accordion_header(Html *h, const Accordion *o, size_t i)
{
    const AccordionSection *item = &o->items[i];
    HtmlEl el = heading_el(o->heading_level, 2);
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-accordion__section-header");
    html_open(h, el, ATTR_CLASS, "govuk-accordion__section-heading");
    html_open(h, EL_SPAN, ATTR_CLASS, "govuk-accordion__section-button",
              ATTR_ID, str_fmt(h->mem, "%s-heading-%zu", o->id, i + 1));
    html_text_or(h, item->heading, item->heading_html);
    html_close(h, EL_SPAN);
    html_close(h, el);
    if (has_text(item->summary, item->summary_html)) {
        html_open(h, EL_DIV, ATTR_CLASS, "govuk-accordion__section-summary govuk-body",
                  ATTR_ID, str_fmt(h->mem, "%s-summary-%zu", o->id, i + 1));
        html_text_or(h, item->summary, item->summary_html);
        html_close(h, EL_DIV);
    }
    html_close(h, EL_DIV);
}

void accordion(Html *h, const Accordion *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-accordion", o->classes, NULL),
              ATTR_DATA_MODULE, "govuk-accordion", ATTR_ID, o->id);
    for (size_t i = 0; i < o->count; i++) {
        const AccordionSection *item = &o->items[i];
        html_open(h, EL_DIV, ATTR_CLASS,
                  css(h, "govuk-accordion__section",
                      item->expanded ? "govuk-accordion__section--expanded" : NULL, NULL));
        accordion_header(h, o, i);
        html_open(h, EL_DIV, ATTR_ID, str_fmt(h->mem, "%s-content-%zu", o->id, i + 1),
                  ATTR_CLASS, "govuk-accordion__section-content");
        if (item->html.draw)
            html_draw(h, item->html);
        else if (filled(item->text))
            html_p(h, item->text);
        html_close(h, EL_DIV);
        html_close(h, EL_DIV);
    }
    html_close(h, EL_DIV);
}
