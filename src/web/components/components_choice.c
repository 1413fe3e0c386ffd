/* Fields with a legend: radios, checkboxes and dates; and the select. */
#include "web/components/components_form.h"
#include "web/components/components_parts.h"
#include <string.h>

/* Group, then fieldset when there is a legend. Describing ids are worked out before they are drawn, because
 * the fieldset that carries them comes first. */
static const char *described(Html *h, const FormField *o, const char *id)
{
    return ids(h, o->described_by, o->hint ? str_fmt(h->mem, "%s-hint", id) : NULL,
               o->error ? str_fmt(h->mem, "%s-error", id) : NULL);
}

static void legend_open(Html *h, const FormField *o, const char *id, const char *role, const char *classes)
{
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-form-group", o->error ? "govuk-form-group--error" : NULL,
                                         o->group_classes));
    if (has_text(o->label, o->label_html))
        fieldset_open(h, &(Fieldset){ .legend = o->label,
                                      .legend_html = o->label_html,
                                      .legend_classes = o->label_classes,
                                      .page_heading = o->page_heading,
                                      .described_by = described(h, o, id),
                                      .role = role,
                                      .classes = classes });
    (void)field_notes(h, o, id, NULL);
}

static void legend_close(Html *h, const FormField *o)
{
    if (has_text(o->label, o->label_html))
        fieldset_close(h);
    html_close(h, EL_DIV);
}

/* ---- radios and checkboxes: the same but for names ---- */

typedef struct ChoiceKind { const char *block, *type, *module; bool many; } ChoiceKind;
static const ChoiceKind radio_kind    = { "govuk-radios",     "radio",    "govuk-radios",     false };
static const ChoiceKind checkbox_kind = { "govuk-checkboxes", "checkbox", "govuk-checkboxes", true };

static const char *part(Html *h, const ChoiceKind *kind, const char *suffix)
{
    return str_fmt(h->mem, "%s%s", kind->block, suffix);
}

static bool is_chosen(const Choices *o, const Choice *item)
{
    if (item->checked)
        return true;
    if (!item->value)
        return false;
    for (size_t i = 0; i < o->value_count; i++)
        if (str_same(o->values[i], item->value))
            return true;
    return filled(o->value) && str_same(o->value, item->value);
}

static void choice_label(Html *h, const ChoiceKind *kind, const Choice *item, const char *id,
                         const char *hint_id)
{
    label(h, &(Label){ .text = item->text, .html = item->html, .for_id = id,
                       .classes = css(h, part(h, kind, "__label"), item->label_classes, NULL) });
    if (hint_id)
        hint(h, hint_id, item->hint, part(h, kind, "__hint"));
}

static void choice_draw(Html *h, const ChoiceKind *kind, const Choices *o, const Choice *item, const char *id)
{
    bool        chosen   = is_chosen(o, item);
    bool        legend   = has_text(o->label, o->label_html);
    const char *hint_id  = filled(item->hint) ? str_fmt(h->mem, "%s-item-hint", id) : NULL;
    const char *under_id = item->conditional.draw ? str_fmt(h->mem, "conditional-%s", id) : NULL;
    const char *about =
        kind->many && !legend ? described(h, &o->field, filled(o->id) ? o->id : o->name) : NULL;
    html_open(h, EL_DIV, ATTR_CLASS, part(h, kind, "__item"));
    html_open(h, EL_INPUT, ATTR_CLASS, part(h, kind, "__input"), ATTR_ID, id,
              ATTR_NAME, kind->many && item->name ? item->name : o->name, ATTR_TYPE, kind->type,
              ATTR_VALUE, item->value ? item->value : "", ATTR_CHECKED, chosen,
              ATTR_DISABLED, item->disabled || o->disabled, ATTR_DATA_ARIA_CONTROLS, under_id,
              ATTR_DATA_BEHAVIOUR, item->exclusive ? "exclusive" : NULL,
              ATTR_ARIA_DESCRIBEDBY, ids(h, about, hint_id, NULL));
    choice_label(h, kind, item, id, hint_id);
    html_close(h, EL_DIV);
    if (!under_id)
        return;
    html_open(h, EL_DIV, ATTR_CLASS, css(h, part(h, kind, "__conditional"),
                                         chosen ? NULL : part(h, kind, "__conditional--hidden"), NULL),
              ATTR_ID, under_id);
    html_draw(h, item->conditional);
    html_close(h, EL_DIV);
}

static void choices_draw(Html *h, const ChoiceKind *kind, const Choices *o)
{
    const char *prefix = id_of(&o->field);
    legend_open(h, &o->field, prefix, NULL, o->fieldset_classes);
    html_open(h, EL_DIV, ATTR_CLASS, css(h, kind->block, o->classes, NULL), ATTR_DATA_MODULE, kind->module);
    for (size_t i = 0; i < o->count; i++) {
        const Choice *item = &o->items[i];
        if (item->divider) {
            html_leaf(h, EL_DIV, item->divider, ATTR_CLASS, part(h, kind, "__divider"));
            continue;
        }
        /* The first id has no number, so that an error summary can point at it by the field's name. */
        const char *id = item->id ? item->id : i ? str_fmt(h->mem, "%s-%zu", prefix, i + 1) : prefix;
        choice_draw(h, kind, o, item, id);
    }
    html_close(h, EL_DIV);
    legend_close(h, &o->field);
}

void radios(Html *h, const Choices *o)
{
    choices_draw(h, &radio_kind, o);
}

void checkboxes(Html *h, const Choices *o)
{
    choices_draw(h, &checkbox_kind, o);
}

/* ---- select ---- */

static void option_draw(Html *h, const Option *item, const char *chosen)
{
    const char *value = item->value ? item->value : item->text;
    html_leaf(h, EL_OPTION, item->text, ATTR_VALUE, item->value,
              ATTR_SELECTED, item->selected || (filled(chosen) && str_same(value, chosen)),
              ATTR_DISABLED, item->disabled);
}

void select_field(Html *h, const Select *o)
{
    const char *id = id_of(&o->field);
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-form-group", o->error ? "govuk-form-group--error" : NULL,
                                         o->group_classes));
    label(h, &(Label){ .text = o->label, .html = o->label_html, .classes = o->label_classes,
                       .page_heading = o->page_heading, .for_id = id });
    const char *described_by = field_notes(h, &o->field, id, o->described_by);
    html_open(h, EL_SELECT, ATTR_CLASS,
              css(h, "govuk-select", o->classes, o->error ? "govuk-select--error" : NULL), ATTR_ID, id,
              ATTR_NAME, o->name, ATTR_DISABLED, o->disabled, ATTR_ARIA_DESCRIBEDBY, described_by);
    for (size_t i = 0; i < o->count; i++)
        option_draw(h, &o->items[i], o->value);
    html_close(h, EL_SELECT);
    html_close(h, EL_DIV);
}

/* ---- date ---- */

static const char *capitalised(Html *h, const char *name)
{
    char *text = str_lower_ascii(h->mem, name);
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}

static bool is_wrong(const DatePart *item)
{
    return item->wrong || (item->classes && strstr(item->classes, "govuk-input--error"));
}

static void date_part(Html *h, const DateInput *o, const DatePart *item, bool wrong)
{
    bool        year  = str_same(item->name, "year");
    const char *width = item->classes && strstr(item->classes, "govuk-input--width-") ? NULL
                      : year ? "govuk-input--width-4" : "govuk-input--width-2";
    bool        marked  = !wrong || (item->classes && strstr(item->classes, "govuk-input--error"));
    const char *classes = css(h, marked ? NULL : "govuk-input--error", width, item->classes);
    html_open(h, EL_DIV, ATTR_CLASS, "govuk-date-input__item");
    input(h, &(Input){ .label = item->label ? item->label : capitalised(h, item->name),
                       .label_classes = "govuk-date-input__label",
                       .id = item->id ? item->id : str_fmt(h->mem, "%s-%s", o->id, item->name),
                       .classes = css(h, "govuk-date-input__input", classes, NULL),
                       .name = filled(o->name_prefix) ? str_fmt(h->mem, "%s-%s", o->name_prefix, item->name)
                                                      : item->name,
                       .value = item->value,
                       .inputmode = "numeric",
                       .autocomplete = item->autocomplete,
                       .disabled = o->disabled });
    html_close(h, EL_DIV);
}

void date_input(Html *h, const DateInput *o)
{
    const DatePart usual[] = {
        { .name = "day",   .value = o->day,   .wrong = o->day_wrong },
        { .name = "month", .value = o->month, .wrong = o->month_wrong },
        { .name = "year",  .value = o->year,  .wrong = o->year_wrong },
    };
    const DatePart *items = o->count ? o->items : usual;
    size_t count = o->count ? o->count : COUNT_OF(usual);
    bool any_wrong = false;
    for (size_t i = 0; i < count; i++)
        any_wrong = any_wrong || is_wrong(&items[i]);
    legend_open(h, &o->field, o->id, "group", NULL);
    html_open(h, EL_DIV, ATTR_CLASS, css(h, "govuk-date-input", o->classes, NULL), ATTR_ID, filled(o->id));
    /* An error about no part in particular is about all of them. */
    for (size_t i = 0; i < count; i++)
        date_part(h, o, &items[i], is_wrong(&items[i]) || (o->error && !any_wrong));
    html_close(h, EL_DIV);
    legend_close(h, &o->field);
}
