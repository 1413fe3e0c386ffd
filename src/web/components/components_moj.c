/* Ministry of Justice components. */
#include "web/components/components.h"
#include "web/components/components_parts.h"

void badge(Html *h, const char *text, const char *colour)
{
    html_leaf(h, EL_SPAN, text, ATTR_CLASS, css(h, "moj-badge",
              colour ? str_fmt(h->mem, "moj-badge--%s", colour) : NULL, NULL));
}

/* ---- alert ---- */

static const struct AlertKind { const char *name, *icon; } alert_kinds[] = {
    { "information",
      "M10.2165 3.45151C11.733 2.82332 13.3585 2.5 15 2.5C16.6415 2.5 18.267 2.82332 19.7835 "
      "3.45151C21.3001 4.07969 22.6781 5.00043 23.8388 6.16117C24.9996 7.3219 25.9203 8.69989 26.5485 "
      "10.2165C27.1767 11.733 27.5 13.3585 27.5 15C27.5 18.3152 26.183 21.4946 23.8388 23.8388C21.4946 "
      "26.183 18.3152 27.5 15 27.5C13.3585 27.5 11.733 27.1767 10.2165 26.5485C8.69989 25.9203 7.3219 "
      "24.9996 6.16117 23.8388C3.81696 21.4946 2.5 18.3152 2.5 15C2.5 11.6848 3.81696 8.50537 6.16117 "
      "6.16117C7.3219 5.00043 8.69989 4.07969 10.2165 3.45151ZM16.3574 "
      "22.4121H13.6621V12.95H16.3574V22.4121ZM13.3789 9.20898C13.3789 8.98763 13.4212 8.7793 13.5059 "
      "8.58398C13.5905 8.38216 13.7044 8.20964 13.8477 8.06641C13.9974 7.91667 14.1699 7.79948 14.3652 "
      "7.71484C14.5605 7.63021 14.7721 7.58789 15 7.58789C15.2214 7.58789 15.4297 7.63021 15.625 "
      "7.71484C15.8268 7.79948 15.9993 7.91667 16.1426 8.06641C16.2923 8.20964 16.4095 8.38216 16.4941 "
      "8.58398C16.5788 8.7793 16.6211 8.98763 16.6211 9.20898C16.6211 9.43685 16.5788 9.64844 16.4941 "
      "9.84375C16.4095 10.0391 16.2923 10.2116 16.1426 10.3613C15.9993 10.5046 15.8268 10.6185 15.625 "
      "10.7031C15.4297 10.7878 15.2214 10.8301 15 10.8301C14.7721 10.8301 14.5605 10.7878 14.3652 "
      "10.7031C14.1699 10.6185 13.9974 10.5046 13.8477 10.3613C13.7044 10.2116 13.5905 10.0391 13.5059 "
      "9.84375C13.4212 9.64844 13.3789 9.43685 13.3789 9.20898Z" },
    { "success",
      "M11.2869 24.6726L2.00415 15.3899L4.62189 12.7722L11.2869 19.4186L25.3781 5.32739L27.9958 "
      "7.96369L11.2869 24.6726Z" },
    { "warning",
      "M15 2.44922L28.75 26.1992H1.25L15 2.44922ZM13.5107 9.49579H16.4697L16.2431 17.7678H13.7461L13.5107 "
      "9.49579ZM13.1299 21.82C13.1299 21.5661 13.1787 21.3285 13.2764 21.1071C13.374 20.8793 13.5075 "
      "20.6807 13.6768 20.5114C13.8525 20.3421 14.0544 20.2087 14.2822 20.111C14.5101 20.0134 14.7542 "
      "19.9645 15.0146 19.9645C15.2686 19.9645 15.5062 20.0134 15.7275 20.111C15.9554 20.2087 16.154 "
      "20.3421 16.3232 20.5114C16.4925 20.6807 16.626 20.8793 16.7236 21.1071C16.8213 21.3285 16.8701 "
      "21.5661 16.8701 21.82C16.8701 22.0804 16.8213 22.3246 16.7236 22.5524C16.626 22.7803 16.4925 "
      "22.9789 16.3232 23.1481C16.154 23.3174 15.9554 23.4509 15.7275 23.5485C15.5062 23.6462 15.2686 "
      "23.695 15.0146 23.695C14.7542 23.695 14.5101 23.6462 14.2822 23.5485C14.0544 23.4509 13.8525 "
      "23.3174 13.6768 23.1481C13.5075 22.9789 13.374 22.7803 13.2764 22.5524C13.1787 22.3246 13.1299 "
      "22.0804 13.1299 21.82Z" },
    { "error",
      "M20.1777 2.5H9.82233L2.5 9.82233V20.1777L9.82233 27.5H20.1777L27.5 20.1777V9.82233L20.1777 "
      "2.5ZM10.9155 8.87769L15.0001 12.9623L19.0847 8.87771L21.1224 10.9154L17.0378 15L21.1224 "
      "19.0846L19.0847 21.1222L15.0001 17.0376L10.9155 21.1223L8.87782 19.0846L12.9624 15L8.87783 "
      "10.9153L10.9155 8.87769Z" },
};

static const struct AlertKind *alert_kind(const char *name)
{
    FOR_EACH(kind, alert_kinds)
        if (str_same(kind->name, name))
            return kind;
    return &alert_kinds[0];
}

static void alert_content(Html *h, const Alert *o)
{
    bool content = has_text(o->text, o->html);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-alert__content");
    if (o->show_title && content)
        html_leaf(h, EL_H2, o->title, ATTR_CLASS, "moj-alert__heading");
    if (!content)
        html_text(h, o->title);
    html_text_or(h, o->text, o->html);
    html_close(h, EL_DIV);
}

void alert(Html *h, const Alert *o)
{
    const struct AlertKind *kind = alert_kind(o->kind);
    bool headed = o->show_title && has_text(o->text, o->html);
    html_open(h, EL_DIV, ATTR_ROLE, "region",
              ATTR_CLASS, css(h, "moj-alert", str_fmt(h->mem, "moj-alert--%s", kind->name),
                              headed ? "moj-alert--with-heading" : NULL),
              ATTR_ARIA_LABEL, str_fmt(h->mem, "%s: %s", kind->name, o->title ? o->title : ""),
              ATTR_DATA_MODULE, "moj-alert", ATTR_DATA_DISMISSIBLE, o->dismissible ? "true" : NULL);
    html_open(h, EL_DIV);
    html_open(h, EL_SVG, ATTR_CLASS, "moj-alert__icon", ATTR_ROLE, "presentation", ATTR_FOCUSABLE, "false",
              ATTR_XMLNS, "http://www.w3.org/2000/svg", ATTR_VIEWBOX, "0 0 30 30",
              ATTR_HEIGHT, 30, ATTR_WIDTH, 30);
    html_leaf(h, EL_PATH, NULL, ATTR_D, kind->icon, ATTR_FILL, "currentColor", ATTR_FILL_RULE, "evenodd",
              ATTR_CLIP_RULE, "evenodd");
    html_close(h, EL_SVG);
    html_close(h, EL_DIV);
    alert_content(h, o);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-alert__action");
    html_leaf(h, EL_BUTTON, "Dismiss", ATTR_CLASS, "moj-alert__dismiss", ATTR_HIDDEN, true);
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

/* ---- timeline ---- */

void timeline_open(Html *h)
{
    html_open(h, EL_DIV, ATTR_CLASS, "moj-timeline");
}

void timeline_item(Html *h, const TimelineItem *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, "moj-timeline__item");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-timeline__header");
    html_leaf(h, EL_H2, o->title, ATTR_CLASS, "moj-timeline__title");
    if (o->by) {
        html_open(h, EL_P, ATTR_CLASS, "moj-timeline__byline");
        html_lit(h, "by ");
        html_text(h, o->by);
        html_close(h, EL_P);
    }
    html_close(h, EL_DIV);
    html_open(h, EL_P, ATTR_CLASS, "moj-timeline__date");
    html_leaf(h, EL_TIME, o->when, ATTR_DATETIME, o->datetime);
    html_close(h, EL_P);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-timeline__description");
    html_text_or(h, o->text, o->html);
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

void timeline_close(Html *h)
{
    html_close(h, EL_DIV);
}

/* ---- navigation and headings ---- */

void sub_navigation(Html *h, const char *label_text, const SubNavItem *items, size_t count)
{
    html_open(h, EL_NAV, ATTR_CLASS, "moj-sub-navigation",
              ATTR_ARIA_LABEL, label_text ? label_text : "Secondary navigation region");
    html_open(h, EL_UL, ATTR_CLASS, "moj-sub-navigation__list");
    for (size_t i = 0; i < count; i++) {
        html_open(h, EL_LI, ATTR_CLASS, "moj-sub-navigation__item");
        html_leaf(h, EL_A, items[i].text, ATTR_CLASS, "moj-sub-navigation__link",
                  ATTR_ARIA_CURRENT, items[i].active ? "page" : NULL, ATTR_HREF, items[i].href);
        html_close(h, EL_LI);
    }
    html_close(h, EL_UL);
    html_close(h, EL_NAV);
}

void identity_bar(Html *h, const IdentityBar *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, "moj-identity-bar");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-identity-bar__container");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-identity-bar__details");
    if (has_text(o->title, o->title_html)) {
        html_open(h, EL_SPAN, ATTR_CLASS, "moj-identity-bar__title");
        html_text_or(h, o->title, o->title_html);
        html_close(h, EL_SPAN);
    }
    html_close(h, EL_DIV);
    if (o->actions.draw) {
        html_open(h, EL_DIV, ATTR_CLASS, "moj-identity-bar__actions");
        html_draw(h, o->actions);
        html_close(h, EL_DIV);
    }
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

void page_header_open(Html *h, const char *title)
{
    html_open(h, EL_DIV, ATTR_CLASS, "moj-page-header-actions");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-page-header-actions__title");
    heading(h, EL_H1, "l", title);
    html_close(h, EL_DIV);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-page-header-actions__actions");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-button-group moj-button-group--inline");
}

void page_header_close(Html *h)
{
    for (int i = 0; i < 3; i++)
        html_close(h, EL_DIV);
}

/* ---- search and filter: plain GET forms, so a result has an address that can be sent to a colleague ---- */

void search_form(Html *h, const Search *o)
{
    const char *name = o->name ? o->name : "search", *id = o->id ? o->id : name;
    html_open(h, EL_SEARCH, ATTR_CLASS, "moj-search");
    form_open_with(h, &(Form){ .action = o->action, .get = true });
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-form-group");
    label(h, &(Label){ .text = o->label, .for_id = id, .classes = "moj-search__label" });
    if (o->hint)
        hint(h, str_fmt(h->mem, "%s-hint", id), o->hint, "moj-search__hint");
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-input__wrapper moj-search__input-wrapper");
    html_open(h, EL_INPUT, ATTR_CLASS, "govuk-input moj-search__input", ATTR_ID, id, ATTR_NAME, name,
              ATTR_TYPE, "search", ATTR_VALUE, filled(o->value), ATTR_AUTOCOMPLETE, "off",
              ATTR_ARIA_DESCRIBEDBY, o->hint ? str_fmt(h->mem, "%s-hint", id) : NULL);
    button(h, &(Button){ .text = o->button ? o->button : "Search", .classes = "moj-search__button" });
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
    form_close(h);
    html_close(h, EL_SEARCH);
}

static void filter_chosen(Html *h, const Filter *o)
{
    if (!o->chosen_count)
        return;
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__selected");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__selected-heading");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__heading-title");
    heading(h, EL_H2, "m", "Chosen filters");
    html_close(h, EL_DIV);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__heading-action");
    html_open(h, EL_P);
    html_leaf(h, EL_A, "Clear filters", ATTR_CLASS, "govuk-link govuk-link--no-visited-state",
              ATTR_HREF, o->clear);
    html_close(h, EL_P);
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
    html_open(h, EL_UL, ATTR_CLASS, "moj-filter-tags");
    for (size_t i = 0; i < o->chosen_count; i++) {
        html_open(h, EL_LI);
        html_open(h, EL_A, ATTR_CLASS, "moj-filter__tag", ATTR_HREF, o->chosen[i].remove);
        visually_hidden(h, "Remove this filter");
        html_lit(h, " ");
        html_text(h, o->chosen[i].text);
        html_close(h, EL_A);
        html_close(h, EL_LI);
    }
    html_close(h, EL_UL);
    html_close(h, EL_DIV);
}

void filter_open(Html *h, const Filter *o)
{
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter", ATTR_DATA_MODULE, "moj-filter");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__header");
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__header-title");
    heading(h, EL_H2, "m", o->heading ? o->heading : "Filter");
    html_close(h, EL_DIV);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__header-action");
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__content");
    filter_chosen(h, o);
    html_open(h, EL_DIV, ATTR_CLASS, "moj-filter__options");
    form_open_with(h, &(Form){ .action = o->action, .get = true });
    button(h, &(Button){ .text = "Apply filters" });
}

void filter_close(Html *h)
{
    form_close(h);
    for (int i = 0; i < 3; i++)
        html_close(h, EL_DIV);
}
